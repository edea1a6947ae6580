/* Snapshots: made and published by the writer, entered and left by readers. */
#include "index/writer.h"

#include <sched.h>

/* --- readers --------------------------------------------------------------------------------- */

/*
 * A reader writes the snapshot it is going to use into a slot of hazards and
 * looks whether it is still the current one. The writer swaps first and looks
 * at the slots afterwards. All of it is seq_cst, so either the reader sees
 * the new snapshot and tries again, or the writer sees the slot and keeps
 * the old one until the slot is empty.
 */
struct index_reader index_enter(struct index *ix)
{
	for (;;) {
		for (int i = 0; i < READERS_MAX; i++) {
			struct snapshot *empty = NULL, *s = atomic_load(&ix->current);
			if (!atomic_compare_exchange_strong(&ix->hazards[i], &empty, s)) continue;
			for (struct snapshot *now; (now = atomic_load(&ix->current)) != s; s = now)
				atomic_store(&ix->hazards[i], now);
			return (struct index_reader){ &s->pub, i };
		}
		sched_yield();
	}
}

void index_leave(struct index *ix, struct index_reader r)
{
	atomic_store(&ix->hazards[r.slot], NULL);
}

bool index_find(const struct index_snapshot *s, uint32_t customer, const struct index_run **run, uint32_t *place)
{
	const struct index_part *p = s->parts[index_part_of(customer)];
	for (size_t i = 0; p && i < p->n; i++) {
		*place = columns_find(&p->runs[i].columns, customer);
		*run = &p->runs[i];
		if (*place != UINT32_MAX) return true;
	}
	return false;
}

uint32_t index_customer(struct index *ix, uint32_t identity)
{
	pthread_mutex_lock(&ix->people_lock);
	const uint32_t customer = identity < ix->people.n ? ix->people.customer[identity] : identity;
	pthread_mutex_unlock(&ix->people_lock);
	return customer;
}

void index_customers(struct index *ix, uint32_t *identities, size_t n, size_t stride)
{
	enum { AT_ONCE = 65536 }; /* joins do not wait longer */
	for (size_t i = 0; i < n;) {
		const size_t end = n - i < AT_ONCE ? n : i + AT_ONCE;
		pthread_mutex_lock(&ix->people_lock);
		for (; i < end; i++) {
			uint32_t *const id = (uint32_t *)(void *)((char *)identities + i * stride);
			if (*id < ix->people.n) *id = ix->people.customer[*id];
		}
		pthread_mutex_unlock(&ix->people_lock);
	}
}

size_t index_identities(struct index *ix, uint32_t customer, uint32_t *out, size_t max)
{
	size_t n = 0;
	pthread_mutex_lock(&ix->people_lock);
	if (customer < ix->people.n) {
		uint32_t x = customer;
		do {
			/* Insertion into what is kept: the smallest, in order. */
			size_t at = n < max ? n : max;
			for (; at > 0 && out[at - 1] > x; at--)
				if (at < max) out[at] = out[at - 1];
			if (at < max) out[at] = x;
			n++;
			x = ix->people.next[x];
		} while (x != customer);
	}
	pthread_mutex_unlock(&ix->people_lock);
	return n;
}

/* --- publishing -------------------------------------------------------------------------------- */

void snapshot_free(struct snapshot *s)
{
	if (!s) return;
	for (int q = 0; q < INDEX_PARTS; q++) part_free((struct part *)(uintptr_t)s->pub.parts[q]);
	free(s->tables);
	free(s);
}

static void reclaim(struct index *ix)
{
	for (struct snapshot **at = &ix->retired; *at;) {
		bool used = false;
		for (int i = 0; i < READERS_MAX && !used; i++) used = atomic_load(&ix->hazards[i]) == *at;
		if (used) {
			at = &(*at)->retired_next;
			continue;
		}
		struct snapshot *gone = *at;
		*at = gone->retired_next;
		snapshot_free(gone);
	}
}

static enum err_code snapshot_make(struct index *ix, struct snapshot **out, struct err *err)
{
	const size_t n_dims = atomic_load(&ix->n_dims);
	const size_t w50_bytes = ix->events.n * sizeof(double), dims_bytes = n_dims * sizeof(struct journey_dimension);
	struct snapshot *s = calloc(1, sizeof *s);
	char *tables = malloc(w50_bytes + dims_bytes + (ix->n_kinds + 1) * sizeof(struct journey_kind));
	if (!s || !tables) {
		free(s);
		free(tables);
		return err_no_memory(err);
	}
	s->tables = tables;
	double *w50 = (double *)(void *)tables;
	struct journey_dimension *dims = (struct journey_dimension *)(void *)(tables + w50_bytes);
	struct journey_kind *kinds = (struct journey_kind *)(void *)(tables + w50_bytes + dims_bytes);
	for (uint32_t i = 0; i < ix->events.n; i++)
		w50[i] = i < ix->n_waits && ix->waits[i].n ? journey_durations_quantile(&ix->waits[i], 0.5) : 0;
	for (size_t d = 0; d < n_dims; d++)
		dims[d] = (struct journey_dimension){ ix->names[d], words_view(&ix->dims[d]) };
	kinds[0] = (struct journey_kind){ 0 };
	if (ix->n_kinds) memcpy(kinds, ix->kinds, ix->n_kinds * sizeof *kinds);

	s->pub = (struct index_snapshot){
		.schema = { .kinds = kinds,
		            .n_kinds = ix->n_kinds ? ix->n_kinds : 1,
		            .events = words_view(&ix->events),
		            .channels = words_view(&ix->channels),
		            .currencies = words_view(&ix->currencies),
		            .dimensions = dims,
		            .n_dimensions = n_dims,
		            .wait_w50 = w50,
		            .newest_ms = ix->events_n ? ix->newest_ms : INT64_MIN,
		            .arrival_end = ix->next_arrival },
		.events = ix->events_n,
		.oldest_ms = ix->events_n ? ix->oldest_ms : 0,
	};
	for (int q = 0; q < INDEX_PARTS; q++) {
		struct part *p = ix->parts[q];
		s->pub.parts[q] = p ? &p->pub : NULL;
		if (!p) continue;
		p->refs++;
		for (size_t i = 0; i < p->pub.n; i++) {
			const struct journey_columns *c = &p->pub.runs[i].columns;
			s->pub.customers += c->n_customers;
			for (uint32_t w = 0; c->dead && w < c->n_customers / 64 + 1; w++)
				s->pub.customers -= __builtin_popcountll(c->dead[w]);
		}
		for (const struct run *r = p->base; r; r = r->parent) s->pub.memory_bytes += r->bytes;
		for (const struct run *r = p->delta; r; r = r->parent) s->pub.memory_bytes += r->bytes;
	}
	*out = s;
	return OK;
}

enum err_code publish(struct index *ix, struct err *err)
{
	struct snapshot *s;
	TRY(snapshot_make(ix, &s, err));
	/* Together, so that a customer's number is that of the snapshot which is entered next. */
	pthread_mutex_lock(&ix->people_lock);
	struct snapshot *old = atomic_exchange(&ix->current, s);
	for (uint32_t i = 0; i < ix->renamed.n; i++) {
		const uint32_t identity = ix->renamed.list[i];
		ix->people.customer[identity] = people_root(&ix->people, identity);
	}
	pthread_mutex_unlock(&ix->people_lock);
	ix->renamed.n = 0;
	if (old) {
		old->retired_next = ix->retired;
		ix->retired = old;
	}
	atomic_fetch_add(&ix->version, 1);
	reclaim(ix);
	pthread_mutex_lock(&ix->lock);
	pthread_cond_broadcast(&ix->moved);
	pthread_mutex_unlock(&ix->lock);
	return OK;
}
