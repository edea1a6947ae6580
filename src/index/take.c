/* From the feed into stages: texts become codes, evidence is picked out, identities become customers. */
#include "index/writer.h"

#include <math.h>

#include "base/checked.h"
#include "base/hash.h"

uint32_t index_part_of(uint32_t customer)
{
	return (uint32_t)(hash64_mix(customer, 0x5afa) >> 56);
}

/* --- edges ------------------------------------------------------------------------------------ */

static enum err_code join(struct index *ix, const struct store_edge *e, struct err *err)
{
	if (!people_reserve(&ix->people, e->a > e->b ? e->a : e->b, &ix->feed)) return err_no_memory(err);
	const uint32_t a = people_root(&ix->people, e->a), b = people_root(&ix->people, e->b);
	if (a == b) return OK;
	if (ix->n_losers == ix->cap_losers) {
		const uint32_t cap = ix->cap_losers ? ix->cap_losers * 2 : 64;
		uint32_t *grown = realloc(ix->losers, cap * sizeof *grown);
		if (!grown) return err_no_memory(err);
		ix->losers = grown;
		ix->cap_losers = cap;
	}
	ix->losers[ix->n_losers++] = people_join(&ix->people, a, b) == a ? b : a;
	return OK;
}

static enum err_code take_edge(void *ctx, const struct store_edge *e, struct err *err)
{
	struct index *ix = ctx;
	pthread_mutex_lock(&ix->people_lock);
	const enum err_code rc = join(ix, e, err);
	pthread_mutex_unlock(&ix->people_lock);
	return rc;
}

enum err_code take_edges(struct index *ix, struct err *err)
{
	return ix->feed.edges(ix->feed.ctx, ix->edges_from, take_edge, ix, err);
}

/* --- events ------------------------------------------------------------------------------------- */

static enum err_code know_kind(struct index *ix, uint32_t kind, struct err *err)
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

/* A number for each scale met; those beyond the table share the last, which stands for "of different scales". */
static uint8_t scale_code(struct index *ix, double min, double max)
{
	for (uint8_t i = 0; i < ix->n_scales; i++)
		if (!(ix->scales[i].min < min || ix->scales[i].min > min || ix->scales[i].max < max ||
		      ix->scales[i].max > max))
			return (uint8_t)(i + 1);
	if (ix->n_scales + 1 >= SCALES_MAX) return SCALES_MAX;
	ix->scales[ix->n_scales].min = min;
	ix->scales[ix->n_scales].max = max;
	return ++ix->n_scales;
}

static bool about_code(struct index *ix, struct str about, uint32_t *code)
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

static bool put(struct stage *s, uint32_t row, uint8_t what, uint8_t scale, uint32_t about, double utility, double raw)
{
	return stage_evidence(s, &(struct journey_evidence){ .row = row,
	                                                     .what = what,
	                                                     .scale = scale,
	                                                     .about = about,
	                                                     .utility = (float)utility,
	                                                     .raw = raw });
}

static bool take_evidence(struct index *ix, struct stage *s, uint32_t row, const struct event_fields *f)
{
	bool ok = true;
	uint32_t about;
	if ((f->has_score || f->comment) && !about_code(ix, f->about, &about)) return false;
	if (f->has_score)
		ok = ok && put(s, row, JOURNEY_RATING, scale_code(ix, f->min, f->max), about,
		               journey_utility_rating(f->score, f->min, f->max), f->score);
	if (f->has_effort) ok = ok && put(s, row, JOURNEY_EFFORT, 0, 0, journey_utility_effort(f->effort), f->effort);
	if (f->has_wait) {
		ok = ok && put(s, row, JOURNEY_WAIT, 0, 0, NAN, f->wait_ms);
		journey_durations_add(&ix->waits[ix->kinds[s->kind[row]].event], llrint(f->wait_ms));
	}
	if (f->failed) ok = ok && put(s, row, JOURNEY_FAILURE, 0, 0, journey_utility_failure(f->failed), f->failed);
	if (f->has_expected) {
		const double overrun = (double)(s->at_ms[row] - f->expected_ms);
		ok = ok && put(s, row, JOURNEY_BREACH, 0, 0, overrun > 0 ? JOURNEY_UTILITY_BREACH : NAN, overrun);
	}
	if (f->comment) ok = ok && put(s, row, JOURNEY_COMMENT, 0, about, NAN, 0);
	return ok;
}

static enum err_code take_event(struct index *ix, const struct store_head *h, struct str body, size_t n_dims,
                                struct err *err)
{
	TRY(know_kind(ix, h->kind, err));
	if (!people_reserve(&ix->people, h->identity, &ix->feed)) return err_no_memory(err);
	const uint32_t customer = people_root(&ix->people, h->identity);
	struct stage *s = &ix->stages[index_part_of(customer)];
	uint32_t row;
	if (!stage_row(s, n_dims, &row)) return err_no_memory(err);
	s->customer[row] = customer;
	s->kind[row] = (uint16_t)h->kind;
	s->at_ms[row] = h->at_ms;
	s->arrival[row] = h->arrival;

	struct event_fields f;
	char source[16];
	arena_reset(&ix->scratch);
	event_read(body, ix->names, n_dims, &ix->scratch, &f);
	f.values[DIM_SOURCE] = (struct str){ source, (size_t)snprintf(source, sizeof source, "%u", h->source) };
	for (size_t d = 0; d < n_dims; d++)
		if (!words_code(&ix->dims[d], f.values[d], &s->dims[d][row])) return err_no_memory(err);
	if (!take_evidence(ix, s, row, &f)) return err_no_memory(err);

	if (ix->events_n == 0 || h->at_ms > ix->newest_ms) ix->newest_ms = h->at_ms;
	if (ix->events_n == 0 || h->at_ms < ix->oldest_ms) ix->oldest_ms = h->at_ms;
	ix->events_n++;
	return OK;
}

static enum err_code take_block(void *ctx, const struct store_block *b, struct err *err)
{
	struct index *ix = ctx;
	if (atomic_load(&ix->stop)) return err_set(err, ERR_UNAVAILABLE, "index.stop", "", "the index is closing");
	const size_t n_dims = atomic_load(&ix->n_dims);
	enum err_code rc = OK;
	pthread_mutex_lock(&ix->people_lock);
	for (size_t i = 0; i < b->n && rc == OK; i++) rc = take_event(ix, &b->heads[i], b->bodies[i], n_dims, err);
	pthread_mutex_unlock(&ix->people_lock);
	if (rc == OK && ix->progress)
		ix->progress(ix->progress_ctx, ix->events_n, (int64_t)(ix->feed.end(ix->feed.ctx) - ix->first_arrival));
	return rc;
}

enum err_code take_events(struct index *ix, uint64_t from, uint64_t to, struct err *err)
{
	return ix->feed.scan(ix->feed.ctx, from, to, take_block, ix, err);
}
