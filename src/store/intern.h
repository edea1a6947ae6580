/*
 * Words with dense numbers from 1, in memory for ever; the rows in the
 * database are the same list. One writer adds; anyone reads.
 *
 * A word is a tag and two texts (name and channel; or one external id and
 * ""). New words are invisible to readers until intern_commit; intern_rollback
 * forgets them.
 */
#ifndef STORE_INTERN_H
#define STORE_INTERN_H

#include "base/err.h"
#include "base/str.h"

struct intern;
struct intern_word {
	uint8_t tag;
	struct str a, b;
};

NODISCARD enum err_code intern_new(struct intern **out, struct err *err);
void intern_free(struct intern *t);

/* Writer only. 0 when unknown; sees words that are not committed yet. */
uint32_t intern_seek(const struct intern *t, const struct intern_word *w);
/* Writer only, for a word that is sought soon: first its slot is fetched into the cache, a few words later what it
 * points to. */
uint32_t intern_hash(const struct intern_word *w);
void intern_prefetch_slot(const struct intern *t, uint32_t hash);
void intern_prefetch_word(const struct intern *t, uint32_t hash);
NODISCARD enum err_code intern_add(struct intern *t, const struct intern_word *w, uint32_t *id, struct err *err);
/* Writer only, for many at once: they are not found by their text before intern_settle, which is false when memory is
 * short. */
NODISCARD enum err_code intern_append(struct intern *t, const struct intern_word *w, uint32_t *id, struct err *err);
NODISCARD bool intern_settle(struct intern *t);
uint32_t intern_pending(const struct intern *t); /* one past the newest, committed or not */
/* Writer only: the word, committed or not. */
struct intern_word intern_at(const struct intern *t, uint32_t id);
void intern_commit(struct intern *t);
void intern_rollback(struct intern *t);

/* Any thread. Committed words only. */
uint32_t intern_count(const struct intern *t);
NODISCARD bool intern_get(const struct intern *t, uint32_t id, struct intern_word *out);
uint32_t intern_find(struct intern *t, const struct intern_word *w);

/* Writer only. A word that is hidden keeps its number, is found by no text and says "" from now on; the memory of its
 * text stays until the end, as readers may hold views of it. */
void intern_hide(struct intern *t, uint32_t id, bool hidden);

/* Pairs of identities that were spoken of, in either order; writer only. (0, x) is a pair too. */
struct edge_set;
NODISCARD enum err_code edge_set_new(struct edge_set **out, struct err *err);
void edge_set_free(struct edge_set *s);
/* added is false when the pair was there. */
NODISCARD enum err_code edge_set_add(struct edge_set *s, uint32_t a, uint32_t b, bool *added, struct err *err);
bool edge_set_has(const struct edge_set *s, uint32_t a, uint32_t b);
void edge_set_remove(struct edge_set *s, uint32_t a, uint32_t b);

#endif
