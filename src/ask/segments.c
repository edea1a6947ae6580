/* Segments in a question's own snapshot: found by a scan, kept until events arrive. */
#include "ask/priv.h"

#include "base/checked.h"

enum { SEGMENTS_KEPT = 32 };

struct segment_entry {
	char *text;
	uint64_t arrival_end;
	struct journey_set *set;
	int64_t of;
	int users;
	uint64_t used;
};

bool segments_init(struct segments *k)
{
	pthread_mutex_init(&k->lock, NULL);
	k->slots = calloc(SEGMENTS_KEPT, sizeof(struct segment_entry *));
	return k->slots != NULL;
}

static void entry_free(struct segment_entry *e)
{
	if (!e) return;
	journey_set_free(e->set);
	free(e->text);
	free(e);
}

void segments_done(struct segments *k)
{
	for (size_t i = 0; k->slots && i < SEGMENTS_KEPT; i++) entry_free(k->slots[i]);
	free(k->slots);
	pthread_mutex_destroy(&k->lock);
}

/* Under lock. */
static struct segment_entry *find(struct segments *k, struct str text, uint64_t arrival_end)
{
	for (size_t i = 0; i < SEGMENTS_KEPT; i++) {
		struct segment_entry *e = k->slots[i];
		if (!e || e->arrival_end != arrival_end || !str_eq(str_of(e->text), text)) continue;
		e->users++;
		e->used = ++k->clock;
		return e;
	}
	return NULL;
}

/* Keeps e in place of the one that was not used for longest; when all are in use it goes with its last user. */
static void keep(struct segments *k, struct segment_entry *e)
{
	size_t at = SEGMENTS_KEPT;
	e->used = ++k->clock;
	for (size_t i = 0; i < SEGMENTS_KEPT; i++) {
		if (k->slots[i] && k->slots[i]->users) continue;
		if (at == SEGMENTS_KEPT || !k->slots[i] || (k->slots[at] && k->slots[i]->used < k->slots[at]->used))
			at = i;
		if (!k->slots[i]) break;
	}
	if (at == SEGMENTS_KEPT) return;
	entry_free(k->slots[at]);
	k->slots[at] = e;
}

void segments_release(struct segments *k, struct segment_entry *e)
{
	if (!e) return;
	pthread_mutex_lock(&k->lock);
	bool kept = --e->users > 0;
	for (size_t i = 0; i < SEGMENTS_KEPT && !kept; i++) kept = k->slots[i] == e;
	pthread_mutex_unlock(&k->lock);
	if (!kept) entry_free(e);
}

const struct journey_set *segments_set(const struct segment_entry *e)
{
	return e->set;
}

static void *make_pass(void *ctx)
{
	return journey_segment_new(ctx);
}

static void add_pass(void *ctx, void *acc, const struct journey_columns *c)
{
	journey_segment_add(acc, c);
}

static enum err_code scan(struct asking *k, const struct journey_segment *s, struct segment_entry *e, struct err *err)
{
	struct journey_segment_plan *plan;
	void *accs[ASK_THREADS_MAX];
	int n = 0;
	TRY(journey_segment_compile(s, &k->s->schema, &k->scratch, &plan, err));
	const struct scan one = { .make = make_pass, .each = add_pass, .ctx = plan };
	enum err_code rc = asking_scan(k, &one, accs, &n, err);
	for (int i = 1; rc == OK && i < n; i++) journey_segment_merge(accs[0], accs[i]);
	if (rc == OK) rc = journey_segment_take(accs[0], &e->set, &e->of, err);
	for (int i = 0; i < n; i++) journey_segment_free(accs[i]);
	return rc;
}

enum err_code segments_get(struct asking *k, const struct journey_segment *s, struct segment_entry **out,
                           struct err *err)
{
	struct segments *all = &k->a->segments;
	const uint64_t arrival_end = k->s->schema.arrival_end;
	pthread_mutex_lock(&all->lock);
	*out = find(all, s->text, arrival_end);
	pthread_mutex_unlock(&all->lock);
	if (*out) return OK;

	struct segment_entry *e = calloc(1, sizeof *e);
	if (e) e->text = strndup(s->text.ptr, s->text.len);
	enum err_code rc = e && e->text ? scan(k, s, e, err) : err_no_memory(err);
	if (rc != OK) {
		entry_free(e);
		return rc;
	}
	e->arrival_end = arrival_end;
	e->users = 1;
	/* Somebody else may have been as quick: then there are two for a while. */
	pthread_mutex_lock(&all->lock);
	keep(all, e);
	pthread_mutex_unlock(&all->lock);
	*out = e;
	return OK;
}

/* --- how many, and who for instance --------------------------------------------------------------- */

enum err_code ask_segment(struct ask *a, const struct journey_segment *s, size_t sample, struct arena *m,
                          struct ask_segment *out, struct err *err)
{
	const struct journey_query q = { .from_ms = INT64_MIN, .to_ms = INT64_MAX, .who = s };
	struct asking k;
	uint32_t *numbers = ARENA_ARRAY(m, uint32_t, sample);
	struct str *ids = ARENA_ARRAY(m, struct str, sample);
	if (!numbers || !ids) return err_no_memory(err);
	const enum err_code rc = asking_start(&k, a, &q, err);
	if (rc == OK) {
		const struct journey_set *set = k.segment->set;
		const size_t n = journey_set_list(set, 0, numbers, sample);
		for (size_t i = 0; i < n; i++) ids[i] = external_of(a, numbers[i]);
		*out = (struct ask_segment){ .customers = journey_set_n(set),
			                     .of = k.segment->of,
			                     .sample = ids,
			                     .n_sample = n,
			                     .arrival_end = k.s->schema.arrival_end };
	}
	asking_done(&k);
	return rc;
}
