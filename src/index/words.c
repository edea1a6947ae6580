/* Dictionaries. Chunks of words never move, so a reader's view stays good while the writer adds. */
#include "index/priv.h"

#include "base/checked.h"
#include "base/hash.h"

bool words_init(struct words_made *w)
{
	*w = (struct words_made){ 0 };
	arena_init(&w->text, 16 * GIB);
	w->chunks = calloc(WORD_CHUNKS, sizeof *w->chunks);
	uint32_t code;
	return w->chunks && words_code(w, STR(""), &code);
}

void words_done(struct words_made *w)
{
	for (int i = 0; w->chunks && i < WORD_CHUNKS && w->chunks[i]; i++) free((void *)w->chunks[i]);
	free((void *)w->chunks);
	free(w->slots);
	free(w->hashes);
	arena_done(&w->text);
	*w = (struct words_made){ 0 };
}

static bool rehash(struct words_made *w)
{
	const uint32_t n = w->n_slots ? w->n_slots * 2 : 64;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots) return false;
	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t at = (uint32_t)w->hashes[i] & (n - 1);
		while (slots[at]) at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	free(w->slots);
	w->slots = slots;
	w->n_slots = n;
	return true;
}

bool words_fill(struct words_made *w, uint32_t n, const uint32_t *lengths, const uint64_t *hashes, const char *text)
{
	const size_t chunks = ((size_t)n + JOURNEY_CHUNK - 1) / JOURNEY_CHUNK;
	if (chunks > WORD_CHUNKS) return false;
	uint64_t *own = realloc(w->hashes, ((size_t)n + 1) * sizeof *own);
	if (!own) return false;
	w->hashes = own;
	w->cap_hashes = n;
	memcpy(own, hashes, n * sizeof *own);
	for (size_t c = 0; c < chunks; c++)
		if (!w->chunks[c] && !(w->chunks[c] = calloc(JOURNEY_CHUNK, sizeof **w->chunks))) return false;
	for (uint32_t i = 0; i < n; i++) {
		((struct str *)w->chunks[i / JOURNEY_CHUNK])[i % JOURNEY_CHUNK] = (struct str){ text, lengths[i] };
		text += lengths[i];
	}
	w->n = n;
	uint32_t slots = 64;
	while (slots / 2 <= n) slots *= 2;
	w->n_slots = slots / 2; /* rehash doubles it */
	return rehash(w);
}

bool words_code(struct words_made *w, struct str word, uint32_t *code)
{
	return words_add(w, word, hash64(word), code);
}

bool words_find(const struct words_made *w, struct str word, uint64_t hash, uint32_t *code)
{
	if (word.len == 0 && w->n) {
		*code = 0;
		return true;
	}
	if (w->n_slots == 0) return false;
	uint32_t at = (uint32_t)hash & (w->n_slots - 1);
	for (; w->slots[at]; at = (at + 1) & (w->n_slots - 1)) {
		const uint32_t i = w->slots[at] - 1;
		if (w->hashes[i] != hash || !str_eq(w->chunks[i / JOURNEY_CHUNK][i % JOURNEY_CHUNK], word)) continue;
		*code = i;
		return true;
	}
	return false;
}

bool words_add(struct words_made *w, struct str word, uint64_t hash, uint32_t *code)
{
	if (words_find(w, word, hash, code)) return true;
	if (w->n * 2 >= w->n_slots && !rehash(w)) return false;
	const uint32_t i = w->n, chunk = i / JOURNEY_CHUNK;
	if (chunk >= WORD_CHUNKS) return false;
	if (i >= w->cap_hashes) {
		const uint32_t cap = w->cap_hashes ? w->cap_hashes * 2 : 64;
		uint64_t *grown = realloc(w->hashes, cap * sizeof *grown);
		if (!grown) return false;
		w->hashes = grown;
		w->cap_hashes = cap;
	}
	if (!w->chunks[chunk] && !(w->chunks[chunk] = calloc(JOURNEY_CHUNK, sizeof **w->chunks))) return false;
	const struct str copy = str_copy(&w->text, word);
	if (!copy.ptr) return false;
	((struct str *)w->chunks[chunk])[i % JOURNEY_CHUNK] = copy;
	w->hashes[i] = hash;
	uint32_t at = (uint32_t)hash & (w->n_slots - 1);
	while (w->slots[at]) at = (at + 1) & (w->n_slots - 1);
	w->slots[at] = i + 1;
	w->n++;
	*code = i;
	return true;
}

struct journey_words words_view(const struct words_made *w)
{
	return (struct journey_words){ w->chunks, w->n };
}
