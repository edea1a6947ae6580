/* Which language a text is in. */
#include "text/priv.h"

struct counts {
	size_t latin, arabic, other;
	int persian; /* letters that only Persian has, less those that only Arabic has */
};

static int persian_letter(uint32_t cp)
{
	switch (cp) {
	case 0x067E:
	case 0x0686:
	case 0x0698:
	case 0x06AF: return 3;
	case 0x06CC:
	case 0x06A9: return 1;
	case 0x0629:
	case 0x0623:
	case 0x0625: return -2;
	case 0x0649:
	case 0x064A:
	case 0x0643: return -1;
	default: return 0;
	}
}

static void count_piece(const struct normal *n, const struct piece *p, struct counts *c)
{
	for (size_t i = p->from; i < p->to;) {
		const uint8_t class = n->class[i];
		const uint32_t cp = utf8_next((struct str){ n->bytes, n->n }, &i);
		c->latin += class == C_LATIN;
		c->other += class == C_ALIKE || class == C_LETTER;
		c->persian += class == C_ZWNJ ? 2 : class == C_ARABIC ? persian_letter(cp) : 0;
		c->arabic += class == C_ARABIC;
	}
}

void tell_language(const struct normal *n, const struct piece *pieces, size_t n_pieces, enum text_language hint,
                   struct text *out)
{
	struct counts c = { 0 };
	for (size_t i = 0; i < n_pieces; i++)
		if (pieces[i].kind == TEXT_WORD || pieces[i].kind == TEXT_TAG) count_piece(n, &pieces[i], &c);
	out->letters = c.latin + c.arabic + c.other;
	const enum text_language arabic = c.persian > 0 || (c.persian == 0 && hint == TEXT_FA) ? TEXT_FA : TEXT_AR;
	out->fold = c.arabic ? arabic : hint;
	if (out->letters < TEXT_LETTERS_SURE) return;
	if (c.other * 2 > out->letters) out->lang = TEXT_OTHER;
	else if (c.latin * 4 >= out->letters && c.arabic * 4 >= out->letters) out->lang = TEXT_MIXED;
	else out->lang = c.latin > c.arabic ? TEXT_EN : arabic;
}
