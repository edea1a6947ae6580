/*
 * Arabic and Persian in Latin letters: everybody spells as they hear, with
 * 3 for ع and 7 for ح, or without. What a classifier sees of such a word are
 * its bones: consonants that nobody keeps apart are one, vowels and what is
 * written like them are left out. "momtaz", "mumtaaz" and ممتاز have the same
 * bones. tools/text/latin.py makes the bones of words in Arabic letters, from
 * which the model of feeling learns.
 *
 * Bones are written in Georgian letters, so that they are never taken for a
 * word that somebody wrote.
 */
#include "text/priv.h"

/* By ASCII character: the bone it is, 0 for none. */
static const char bone_of[128] = {
	['b'] = 'b', ['c'] = 'k', ['d'] = 'd', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['j'] = 'j', ['k'] = 'k',
	['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['p'] = 'p', ['q'] = 'k', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
	['x'] = 'x', ['z'] = 'z', ['5'] = 'x', ['6'] = 't', ['7'] = 'h', ['8'] = 'g', ['9'] = 's',
};

/* The bone of a letter with an h behind it; 0 where the h is its own. */
static char with_h(char c)
{
	switch (c) {
	case 'k': return 'x';
	case 's':
	case 'c': return 'c';
	case 'g': return 'g';
	case 't': return 't';
	case 'd': return 'd';
	case 'z': return 'j';
	case 'p': return 'f';
	default: return 0;
	}
}

struct str latin_bones(struct str word, char out[LATIN_BONES_BYTES])
{
	size_t n = 0;
	char last = 0;
	for (size_t i = 0; i < word.len && n + 3 <= LATIN_BONES_BYTES; i++) {
		const char c = word.ptr[i];
		const bool doubled = i > 0 && word.ptr[i - 1] == c;
		if (doubled || (unsigned char)c >= 0x80) continue;
		size_t next = i + 1;
		while (next < word.len && word.ptr[next] == c) next++;
		const char both = next < word.len && word.ptr[next] == 'h' ? with_h(c) : 0;
		const bool silent = c == 'h' && next == word.len;
		const char bone = both ? both : silent ? 0 : bone_of[(unsigned char)c];
		if (both) i = next;
		if (!bone || bone == last) continue;
		n += put_letter(out + n, BONES_FIRST + (uint32_t)(bone - 'a'));
		last = bone;
	}
	if (n == 0) n = put_letter(out, BONES_FIRST);
	return (struct str){ out, n };
}
