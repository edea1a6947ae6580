/* Touchpoint codes by (run, rules), bounded: the least recently used go first. Runs never change, so an entry never
 * goes stale. */
#include "ask/priv.h"

#include "base/hash.h"

struct code_entry {
	struct code_entry *next;
	uint64_t run, hash, used;
	int pins;
	int64_t bytes;
	uint16_t codes[];
};

bool codes_init(struct codes *k, int64_t max_bytes)
{
	*k = (struct codes){ .n_slots = 4096, .max_bytes = max_bytes };
	pthread_mutex_init(&k->lock, NULL);
	k->slots = calloc(k->n_slots, sizeof *k->slots);
	return k->slots != NULL;
}

void codes_done(struct codes *k)
{
	for (size_t i = 0; k->slots && i < k->n_slots; i++) {
		for (struct code_entry *e = k->slots[i], *next; e; e = next) {
			next = e->next;
			free(e);
		}
	}
	free(k->slots);
	pthread_mutex_destroy(&k->lock);
}

void codes_room(struct codes *k, int64_t max_bytes)
{
	pthread_mutex_lock(&k->lock);
	k->max_bytes = max_bytes;
	pthread_mutex_unlock(&k->lock);
}

static struct code_entry **slot_of(struct codes *k, uint64_t run, uint64_t hash)
{
	return &k->slots[hash64_mix(run, hash) & (k->n_slots - 1)];
}

static struct code_entry *find(struct codes *k, uint64_t run, uint64_t hash)
{
	struct code_entry *e = *slot_of(k, run, hash);
	while (e && (e->run != run || e->hash != hash)) e = e->next;
	if (!e) return NULL;
	e->pins++;
	e->used = ++k->clock;
	return e;
}

/* Drops what was used longest ago, down to three quarters, so that it is not done for every entry; never codes of the
 * question at hand, which would be missed at once. */
static void evict(struct codes *k, uint64_t hash)
{
	while (k->bytes > k->max_bytes / 4 * 3) {
		struct code_entry **oldest = NULL;
		for (size_t i = 0; i < k->n_slots; i++)
			for (struct code_entry **at = &k->slots[i]; *at; at = &(*at)->next)
				if ((*at)->pins == 0 && (*at)->hash != hash &&
				    (!oldest || (*at)->used < (*oldest)->used))
					oldest = at;
		if (!oldest) return;
		struct code_entry *gone = *oldest;
		*oldest = gone->next;
		k->bytes -= gone->bytes;
		k->n_entries--;
		free(gone);
	}
}

const struct code_entry *codes_get(struct codes *k, const struct journey_plan *p, uint64_t hash,
                                   const struct index_run *run)
{
	pthread_mutex_lock(&k->lock);
	struct code_entry *e = find(k, run->id, hash);
	pthread_mutex_unlock(&k->lock);
	if (e) return e;

	const size_t bytes = sizeof *e + run->columns.n_rows * sizeof *e->codes;
	struct code_entry *made = malloc(bytes);
	if (!made) return NULL;
	*made = (struct code_entry){ .run = run->id, .hash = hash, .pins = 1, .bytes = (int64_t)bytes };
	journey_fill(p, &run->columns, made->codes);

	pthread_mutex_lock(&k->lock);
	e = find(k, run->id, hash); /* somebody else may have been quicker */
	if (!e) {
		struct code_entry **slot = slot_of(k, run->id, hash);
		made->used = ++k->clock;
		made->next = *slot;
		*slot = e = made;
		made = NULL;
		k->bytes += e->bytes;
		k->n_entries++;
		if (k->bytes > k->max_bytes) evict(k, hash);
	}
	pthread_mutex_unlock(&k->lock);
	free(made);
	return e;
}

const uint16_t *codes_of(const struct code_entry *e)
{
	return e->codes;
}

void codes_release(struct codes *k, const struct code_entry *e)
{
	pthread_mutex_lock(&k->lock);
	((struct code_entry *)(uintptr_t)e)->pins--;
	pthread_mutex_unlock(&k->lock);
}
