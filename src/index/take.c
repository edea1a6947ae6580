/* From the feed into stages: texts become codes, evidence is picked out, identities become customers. */
#include "index/writer.h"

#include <math.h>

#include "base/checked.h"
#include "base/hash.h"

uint32_t index_part_of(uint32_t customer)
{
	return (uint32_t)(hash64_mix(customer, 0x5afa) >> 56);
}

/* --- events ------------------------------------------------------------------------------------- */

enum err_code know_kind(struct index *ix, uint32_t kind, struct err *err)
{
	if (kind > UINT16_MAX)
		return err_limit(err, "index.kinds", "kind", kind, UINT16_MAX,
		                 "kind %u is beyond what a column can hold", kind);
	if (kind >= ix->cap_kinds) {
		uint32_t cap = ix->cap_kinds ? ix->cap_kinds : 64;
		while (cap <= kind) cap *= 2;
		struct journey_kind *grown = realloc(ix->kinds, cap * sizeof *grown);
		if (!grown) return err_no_memory(err);
		ix->kinds = grown;
		ix->cap_kinds = cap;
	}
	for (; ix->n_kinds <= kind; ix->n_kinds++) {
		struct store_kind k;
		struct journey_kind *out = &ix->kinds[ix->n_kinds];
		*out = (struct journey_kind){ 0 };
		if (ix->n_kinds == 0 || !ix->feed.kind(ix->feed.ctx, ix->n_kinds, &k)) continue;
		uint32_t event, channel;
		if (!words_code(&ix->events, k.name, &event) || !words_code(&ix->channels, k.channel, &channel))
			return err_no_memory(err);
		out->event = (uint16_t)event;
		out->channel = (uint16_t)channel;
		/* They say who somebody is; nothing happened. */
		out->hidden = k.type == WIRE_IDENTIFY || k.type == WIRE_GROUP || k.type == WIRE_ALIAS;
	}
	if (ix->events.n > ix->n_waits) {
		struct journey_durations *grown = realloc(ix->waits, ix->events.n * sizeof *grown);
		if (!grown) return err_no_memory(err);
		memset(grown + ix->n_waits, 0, (ix->events.n - ix->n_waits) * sizeof *grown);
		ix->waits = grown;
		ix->n_waits = ix->events.n;
	}
	return OK;
}

uint8_t scale_code(struct scale *scales, uint8_t *n, double min, double max)
{
	for (uint8_t i = 0; i < *n; i++)
		if (!(scales[i].min < min || scales[i].min > min || scales[i].max < max || scales[i].max > max))
			return (uint8_t)(i + 1);
	if (*n + 1 >= SCALES_MAX) return SCALES_MAX;
	scales[*n] = (struct scale){ min, max };
	return ++*n;
}

bool about_code(struct index *ix, struct str about, uint32_t *code)
{
	*code = about.len == 0 ? JOURNEY_ABOUT_OWN : JOURNEY_ABOUT_WHOLE;
	if (about.len == 0 || str_eq(about, STR("journey"))) return true;
	/* A type of event that nobody sent yet has a code as well: its rows may come later. But codes are those of a
	 * u16. */
	if (ix->events.n > UINT16_MAX) return true;
	if (!words_code(&ix->events, about, code)) return false;
	*code += JOURNEY_ABOUT_EVENT;
	return true;
}

static bool take_evidence(struct index *ix, struct stage *s, uint32_t row, const struct event_said *f)
{
	struct evidence_codes codes = { 0 };
	if ((f->has_score || f->comment || f->note) && !about_code(ix, f->about, &codes.about)) return false;
	if (f->has_score) codes.scale = scale_code(ix->scales, &ix->n_scales, f->min, f->max);
	if (f->has_money &&
	    !words_code(&ix->currencies, (struct str){ f->currency, sizeof f->currency }, &codes.currency))
		return false;
	if (f->has_wait) journey_durations_add(&ix->waits[ix->kinds[s->kind[row]].event], llrint(f->wait_ms));
	struct journey_evidence e[EVIDENCE_MAX];
	const uint32_t n = evidence_of(f, row, s->at_ms[row], codes, e);
	bool ok = true;
	for (uint32_t i = 0; i < n && ok; i++) ok = stage_evidence(s, &e[i]);
	return ok;
}

/*
 * A block is taken in two steps. Bodies are read and their words looked up
 * by several threads, each on its share of the events; nothing is changed by
 * that. Then one goes through all events in order and gives new words their
 * codes, so that codes do not depend on the number of threads.
 */
enum { SHARES_MAX = 16, EVENTS_A_SHARE = 512, SHARE_TEXT_BYTES = 128 << 20 /* more than the texts of any block */ };

struct unknown { /* a word without a code, when it was looked for */
	uint32_t event, dimension;
	uint64_t hash;
	struct str word;
};

struct share {
	const struct taking *t;
	size_t from, to; /* events of the block */
	struct arena text;
	struct unknown *unknown; /* by event, dimension */
	size_t n_unknown, cap_unknown;
	bool failed;
	pthread_t thread;
};

struct taking {
	struct index *ix;
	size_t n_dims;
	struct event_names names;
	struct share shares[SHARES_MAX];
	int n_shares; /* as many as are used for the block at hand */
	const struct store_block *block;
	struct event_said *said; /* [event] */
	uint32_t *codes;         /* [event * n_dims + dimension] */
	size_t cap;
	uint32_t source, source_code; /* the one met last */
};

static bool not_known(struct share *h, const struct unknown *u)
{
	if (h->n_unknown == h->cap_unknown) {
		const size_t cap = h->cap_unknown ? h->cap_unknown * 2 : 256;
		struct unknown *grown = realloc(h->unknown, cap * sizeof *grown);
		if (!grown) return false;
		h->unknown = grown;
		h->cap_unknown = cap;
	}
	h->unknown[h->n_unknown++] = *u;
	return true;
}

static void *share_read(void *arg)
{
	struct share *h = arg;
	const struct taking *t = h->t;
	arena_reset(&h->text);
	h->n_unknown = 0;
	for (size_t i = h->from; i < h->to; i++) {
		struct event_fields f;
		event_read(t->block->bodies[i], &t->names, &h->text, &f);
		t->said[i] = f.said;
		for (size_t d = 0; d < t->n_dims; d++) {
			uint32_t *code = &t->codes[i * t->n_dims + d];
			*code = 0;
			if (f.values[d].len == 0) continue;
			const uint64_t hash = hash64(f.values[d]);
			if (words_find(&t->ix->dims[d], f.values[d], hash, code)) continue;
			if (!not_known(h, &(struct unknown){ (uint32_t)i, (uint32_t)d, hash, f.values[d] }))
				h->failed = true;
		}
	}
	return NULL;
}

static enum err_code read_block(struct taking *t, const struct store_block *b, struct err *err)
{
	if (b->n > t->cap) {
		free(t->said);
		free(t->codes);
		t->said = malloc(b->n * sizeof *t->said);
		t->codes = malloc(b->n * t->n_dims * sizeof *t->codes);
		t->cap = t->said && t->codes ? b->n : 0;
		if (!t->cap) return err_no_memory(err);
	}
	t->block = b;
	size_t n = b->n / EVENTS_A_SHARE + 1;
	if (n > SHARES_MAX) n = SHARES_MAX;
	if (n > (size_t)t->ix->threads) n = (size_t)t->ix->threads;
	t->n_shares = (int)n;
	bool started[SHARES_MAX] = { false };
	for (size_t i = n; i-- > 0;) {
		struct share *h = &t->shares[i];
		h->from = b->n * i / n;
		h->to = b->n * (i + 1) / n;
		if (i) started[i] = pthread_create(&h->thread, NULL, share_read, h) == 0;
		if (!started[i]) share_read(h);
	}
	bool failed = false;
	for (size_t i = 0; i < n; i++) {
		if (started[i]) pthread_join(t->shares[i].thread, NULL);
		failed |= t->shares[i].failed;
	}
	return failed ? err_no_memory(err) : OK;
}

static bool source_code(struct taking *t, uint32_t source, uint32_t *code)
{
	if (source != t->source) {
		char text[16];
		const int n = snprintf(text, sizeof text, "%u", source);
		if (!words_code(&t->ix->dims[DIM_SOURCE], (struct str){ text, (size_t)n }, &t->source_code))
			return false;
		t->source = source;
	}
	*code = t->source_code;
	return true;
}

static enum err_code take_event(struct taking *t, size_t i, struct err *err)
{
	struct index *ix = t->ix;
	const struct store_head *h = &t->block->heads[i];
	TRY(know_kind(ix, h->kind, err));
	if (!people_reserve(&ix->people, h->identity, &ix->feed)) return err_no_memory(err);
	const uint32_t customer = people_root(&ix->people, h->identity);
	struct stage *s = &ix->stages[index_part_of(customer)];
	uint32_t row;
	if (!stage_row(s, t->n_dims, &row)) return err_no_memory(err);
	s->customer[row] = customer;
	s->kind[row] = (uint16_t)h->kind;
	s->at_ms[row] = h->at_ms;
	s->arrival[row] = h->arrival;
	uint32_t *codes = &t->codes[i * t->n_dims];
	if (!source_code(t, h->source, &codes[DIM_SOURCE])) return err_no_memory(err);
	for (size_t d = 0; d < t->n_dims; d++) s->dims[d][row] = codes[d];
	if (!take_evidence(ix, s, row, &t->said[i])) return err_no_memory(err);

	if (ix->events_n == 0 || h->at_ms > ix->newest_ms) ix->newest_ms = h->at_ms;
	if (ix->events_n == 0 || h->at_ms < ix->oldest_ms) ix->oldest_ms = h->at_ms;
	ix->events_n++;
	return OK;
}

static enum err_code take_share(struct taking *t, const struct share *h, struct err *err)
{
	for (size_t k = 0; k < h->n_unknown; k++) {
		const struct unknown *u = &h->unknown[k];
		if (!words_add(&t->ix->dims[u->dimension], u->word, u->hash,
		               &t->codes[u->event * t->n_dims + u->dimension]))
			return err_no_memory(err);
	}
	for (size_t i = h->from; i < h->to; i++) TRY(take_event(t, i, err));
	return OK;
}

static enum err_code take_block(void *ctx, const struct store_block *b, struct err *err)
{
	struct taking *t = ctx;
	struct index *ix = t->ix;
	if (atomic_load(&ix->stop)) return err_set(err, ERR_UNAVAILABLE, "index.stop", "", "the index is closing");
	TRY(read_block(t, b, err));
	enum err_code rc = OK;
	pthread_mutex_lock(&ix->people_lock);
	for (int i = 0; i < t->n_shares && rc == OK; i++) rc = take_share(t, &t->shares[i], err);
	pthread_mutex_unlock(&ix->people_lock);
	if (rc == OK && b->n) {
		const struct store_head *last = &b->heads[b->n - 1];
		ix->anchor = (struct anchor){ last->arrival, head_hash(last) };
	}
	if (rc == OK && ix->progress)
		ix->progress(ix->progress_ctx, ix->events_n, (int64_t)(ix->feed.end(ix->feed.ctx) - ix->first_arrival));
	return rc;
}

enum err_code take_events(struct index *ix, uint64_t from, uint64_t to, struct err *err)
{
	struct taking *t = calloc(1, sizeof *t);
	if (!t) return err_no_memory(err);
	t->ix = ix;
	t->n_dims = atomic_load(&ix->n_dims);
	t->source = UINT32_MAX;
	event_names_init(&t->names, ix->names, t->n_dims);
	for (int i = 0; i < SHARES_MAX; i++) {
		t->shares[i].t = t;
		arena_init(&t->shares[i].text, SHARE_TEXT_BYTES);
	}
	const enum err_code rc = ix->feed.scan(ix->feed.ctx, from, to, take_block, t, err);
	for (int i = 0; i < SHARES_MAX; i++) {
		arena_done(&t->shares[i].text);
		free(t->shares[i].unknown);
	}
	free(t->said);
	free(t->codes);
	free(t);
	return rc;
}
