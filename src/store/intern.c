#include "store/intern.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/pages.h"

enum { CHUNK = 16384, CHUNKS_MAX = 16384, AHEAD = 16 };

struct entry {
	const char *ptr;   /* both texts, one after the other */
	uint32_t len, cut; /* cut: where the second begins */
	uint32_t hash;
	uint8_t tag;
	atomic_bool hidden;
};

struct slot {
	uint32_t hash, id; /* id 0: free */
};

struct intern {
	struct entry *_Atomic chunks[CHUNKS_MAX]; /* never move, so readers need no lock */
	_Atomic uint32_t n_committed;
	uint32_t n;            /* writer */
	pthread_rwlock_t lock; /* slots: written by the writer only */
	struct slot *slots;
	size_t n_slots;
	struct arena text;
};

enum err_code intern_new(struct intern **out, struct err *err)
{
	struct intern *t = calloc(1, sizeof *t);
	if (!t) return err_no_memory(err);
	t->n_slots = 1024;
	t->slots = calloc(t->n_slots, sizeof *t->slots);
	if (!t->slots || pthread_rwlock_init(&t->lock, NULL) != 0) {
		free(t->slots);
		free(t);
		return err_no_memory(err);
	}
	arena_init(&t->text, 64 * GIB);
	*out = t;
	return OK;
}

void intern_free(struct intern *t)
{
	if (!t) return;
	for (size_t i = 0; i < CHUNKS_MAX && t->chunks[i]; i++) free(t->chunks[i]);
	pthread_rwlock_destroy(&t->lock);
	free(t->slots);
	arena_done(&t->text);
	free(t);
}

static const struct entry *entry_at(const struct intern *t, uint32_t id)
{
	return &t->chunks[(id - 1) / CHUNK][(id - 1) % CHUNK];
}

uint32_t intern_hash(const struct intern_word *w)
{
	uint64_t h = hash64_seed(w->a, w->tag);
	if (w->b.len) h = hash64_mix(h, hash64(w->b));
	return (uint32_t)(h ^ (h >> 32));
}

static bool same(const struct entry *e, const struct intern_word *w)
{
	return !atomic_load_explicit(&e->hidden, memory_order_relaxed) && e->tag == w->tag && e->cut == w->a.len &&
	       e->len - e->cut == w->b.len && (w->a.len == 0 || memcmp(e->ptr, w->a.ptr, w->a.len) == 0) &&
	       (w->b.len == 0 || memcmp(e->ptr + e->cut, w->b.ptr, w->b.len) == 0);
}

uint32_t intern_seek(const struct intern *t, const struct intern_word *w)
{
	uint32_t hash = intern_hash(w);
	for (size_t i = hash & (t->n_slots - 1);; i = (i + 1) & (t->n_slots - 1)) {
		if (t->slots[i].id == 0) return 0;
		if (t->slots[i].hash == hash && same(entry_at(t, t->slots[i].id), w)) return t->slots[i].id;
	}
}

void intern_prefetch_slot(const struct intern *t, uint32_t hash)
{
	__builtin_prefetch(&t->slots[hash & (t->n_slots - 1)]);
}

void intern_prefetch_word(const struct intern *t, uint32_t hash)
{
	const struct slot *s = &t->slots[hash & (t->n_slots - 1)];
	if (s->id) __builtin_prefetch(entry_at(t, s->id));
}

static void place(struct slot *slots, size_t n_slots, struct slot s)
{
	size_t i = s.hash & (n_slots - 1);
	while (slots[i].id != 0) i = (i + 1) & (n_slots - 1);
	slots[i] = s;
}

static bool rebuild(struct intern *t, size_t n_slots)
{
	struct slot *slots = pages_new(n_slots * sizeof *slots);
	if (!slots) return false;
	for (uint32_t id = 1; id <= t->n; id++) {
		if (id + AHEAD <= t->n) __builtin_prefetch(&slots[entry_at(t, id + AHEAD)->hash & (n_slots - 1)], 1);
		place(slots, n_slots, (struct slot){ entry_at(t, id)->hash, id });
	}
	pthread_rwlock_wrlock(&t->lock);
	free(t->slots);
	t->slots = slots;
	t->n_slots = n_slots;
	pthread_rwlock_unlock(&t->lock);
	return true;
}

enum err_code intern_append(struct intern *t, const struct intern_word *w, uint32_t *id, struct err *err)
{
	if (t->n >= (uint32_t)CHUNK * CHUNKS_MAX)
		return err_limit(err, "store.words", "", t->n, (int64_t)CHUNK * CHUNKS_MAX,
		                 "no more names can be kept");
	struct entry *chunk = t->chunks[t->n / CHUNK];
	if (!chunk) {
		chunk = calloc(CHUNK, sizeof *chunk);
		if (!chunk) return err_no_memory(err);
		t->chunks[t->n / CHUNK] = chunk;
	}
	char *text = arena_alloc(&t->text, w->a.len + w->b.len + 1);
	if (!text) return err_no_memory(err);
	if (w->a.len) memcpy(text, w->a.ptr, w->a.len);
	if (w->b.len) memcpy(text + w->a.len, w->b.ptr, w->b.len);
	struct entry *e = &chunk[t->n % CHUNK];
	e->ptr = text;
	e->len = (uint32_t)(w->a.len + w->b.len);
	e->cut = (uint32_t)w->a.len;
	e->hash = intern_hash(w);
	e->tag = w->tag;
	atomic_store_explicit(&e->hidden, false, memory_order_relaxed);
	*id = ++t->n;
	return OK;
}

bool intern_settle(struct intern *t)
{
	size_t n_slots = t->n_slots;
	while ((size_t)t->n * 4 >= n_slots * 3) n_slots *= 2;
	return rebuild(t, n_slots);
}

enum err_code intern_add(struct intern *t, const struct intern_word *w, uint32_t *id, struct err *err)
{
	if ((size_t)t->n * 4 >= t->n_slots * 3 && !rebuild(t, t->n_slots * 2)) return err_no_memory(err);
	TRY(intern_append(t, w, id, err));
	pthread_rwlock_wrlock(&t->lock);
	place(t->slots, t->n_slots, (struct slot){ entry_at(t, *id)->hash, *id });
	pthread_rwlock_unlock(&t->lock);
	return OK;
}

uint32_t intern_pending(const struct intern *t)
{
	return t->n + 1;
}

struct intern_word intern_at(const struct intern *t, uint32_t id)
{
	const struct entry *e = entry_at(t, id);
	if (atomic_load_explicit(&e->hidden, memory_order_relaxed))
		return (struct intern_word){ e->tag, STR(""), STR("") };
	return (struct intern_word){ e->tag, { e->ptr, e->cut }, { e->ptr + e->cut, e->len - e->cut } };
}

void intern_commit(struct intern *t)
{
	atomic_store_explicit(&t->n_committed, t->n, memory_order_release);
}

void intern_rollback(struct intern *t)
{
	uint32_t keep = atomic_load_explicit(&t->n_committed, memory_order_relaxed);
	if (t->n == keep) return;
	/* Rare, so simple: the newest leave by clearing the table in place and placing the others again. */
	pthread_rwlock_wrlock(&t->lock);
	t->n = keep;
	memset(t->slots, 0, t->n_slots * sizeof *t->slots);
	for (uint32_t id = 1; id <= t->n; id++) place(t->slots, t->n_slots, (struct slot){ entry_at(t, id)->hash, id });
	pthread_rwlock_unlock(&t->lock);
}

uint32_t intern_count(const struct intern *t)
{
	return atomic_load_explicit(&t->n_committed, memory_order_acquire);
}

bool intern_get(const struct intern *t, uint32_t id, struct intern_word *out)
{
	if (id == 0 || id > intern_count(t)) return false;
	*out = intern_at(t, id);
	return true;
}

uint32_t intern_find(struct intern *t, const struct intern_word *w)
{
	pthread_rwlock_rdlock(&t->lock);
	uint32_t id = intern_seek(t, w);
	pthread_rwlock_unlock(&t->lock);
	return id <= intern_count(t) ? id : 0;
}

void intern_hide(struct intern *t, uint32_t id, bool hidden)
{
	struct entry *e = &t->chunks[(id - 1) / CHUNK][(id - 1) % CHUNK];
	pthread_rwlock_wrlock(&t->lock);
	atomic_store_explicit(&e->hidden, hidden, memory_order_relaxed);
	pthread_rwlock_unlock(&t->lock);
}

/* --- edges --------------------------------------------------------------------------------- */

struct edge_set {
	uint64_t *slots; /* the smaller << 32 | the larger; 0 free: identities start at 1 */
	size_t n_slots, n;
};

enum err_code edge_set_new(struct edge_set **out, struct err *err)
{
	struct edge_set *s = calloc(1, sizeof *s);
	if (s) s->slots = calloc(s->n_slots = 1024, sizeof *s->slots);
	if (!s || !s->slots) {
		free(s);
		return err_no_memory(err);
	}
	*out = s;
	return OK;
}

void edge_set_free(struct edge_set *s)
{
	if (!s) return;
	free(s->slots);
	free(s);
}

static uint64_t edge_key(uint32_t a, uint32_t b)
{
	return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

static size_t edge_home(uint64_t key, size_t n_slots)
{
	return (size_t)((key * 0x9e3779b97f4a7c15ULL) >> 20) & (n_slots - 1);
}

enum err_code edge_set_add(struct edge_set *s, uint32_t a, uint32_t b, bool *added, struct err *err)
{
	if (s->n * 4 >= s->n_slots * 3) {
		size_t n_slots = s->n_slots * 2;
		uint64_t *slots = calloc(n_slots, sizeof *slots);
		if (!slots) return err_no_memory(err);
		for (size_t i = 0; i < s->n_slots; i++) {
			if (!s->slots[i]) continue;
			size_t j = edge_home(s->slots[i], n_slots);
			while (slots[j]) j = (j + 1) & (n_slots - 1);
			slots[j] = s->slots[i];
		}
		free(s->slots);
		s->slots = slots;
		s->n_slots = n_slots;
	}
	uint64_t key = edge_key(a, b);
	size_t i = edge_home(key, s->n_slots);
	for (; s->slots[i]; i = (i + 1) & (s->n_slots - 1))
		if (s->slots[i] == key) {
			*added = false;
			return OK;
		}
	s->slots[i] = key;
	s->n++;
	*added = true;
	return OK;
}

bool edge_set_has(const struct edge_set *s, uint32_t a, uint32_t b)
{
	const uint64_t key = edge_key(a, b);
	size_t i = edge_home(key, s->n_slots);
	while (s->slots[i] && s->slots[i] != key) i = (i + 1) & (s->n_slots - 1);
	return s->slots[i] != 0;
}

void edge_set_remove(struct edge_set *s, uint32_t a, uint32_t b)
{
	uint64_t key = edge_key(a, b);
	size_t mask = s->n_slots - 1, i = edge_home(key, s->n_slots);
	while (s->slots[i] && s->slots[i] != key) i = (i + 1) & mask;
	if (!s->slots[i]) return;
	/* Linear probing without tombstones: those behind move up where their home allows. */
	for (size_t j = (i + 1) & mask; s->slots[j]; j = (j + 1) & mask) {
		size_t home = edge_home(s->slots[j], s->n_slots);
		if (((j - home) & mask) >= ((j - i) & mask)) {
			s->slots[i] = s->slots[j];
			i = j;
		}
	}
	s->slots[i] = 0;
	s->n--;
}
