/* The measured map as the model of the drawing, and the quotes on it. */
#include <math.h>

#include "maps/priv.h"

/* Two pains and one delight are written out; the rest are marks. */
#define PAINS_ANNOTATED 2
#define DELIGHTS_ANNOTATED 1
#define MARKS_MAX 12
#define TRUTHS_MAX 3
#define QUOTES_A_STEP 2
#define QUOTE_CHARACTERS_MIN 20
#define QUOTE_CHARACTERS_MAX 200
/* Words read from the log for a touchpoint. They lie scattered over its blocks, so the drawing, with all touchpoints,
 * takes few. */
#define QUOTE_CANDIDATES 200
#define QUOTE_CANDIDATES_OF_ALL 6

/* --- quotes --------------------------------------------------------------------------------------------- */

struct fetched {
	struct maps_quote *out;
	size_t n;
	struct store *st;
	struct arena *a;
};

static struct maps_quote *slot_of(struct fetched *f, uint64_t arrival)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->out[i].arrival == arrival && f->out[i].text.ptr == NULL) return &f->out[i];
	return NULL;
}

static enum err_code fill_quotes(void *ctx, const struct store_block *b, struct err *err)
{
	struct fetched *f = ctx;
	for (size_t i = 0; i < b->n; i++) {
		struct maps_quote *q = slot_of(f, b->heads[i].arrival);
		struct str properties, text, lang;
		if (!q || !json_get(b->bodies[i], STR("properties"), &properties) ||
		    !json_get_text(properties, STR("comment"), f->a, &text))
			continue;
		text = str_trim(text);
		if (text.len == 0) continue;
		q->text = str_copy(f->a, text);
		q->lang = json_get_text(properties, STR("comment_lang"), f->a, &lang) ? str_copy(f->a, lang) : STR("");
		struct store_kind kind;
		if (store_kind_get(f->st, b->heads[i].kind, &kind)) q->event = kind.name;
		bool anonymous;
		if (!store_identity_get(f->st, b->heads[i].identity, &anonymous, &q->customer)) q->customer = STR("");
		if (!q->text.ptr || !q->lang.ptr) return err_no_memory(err);
	}
	return OK;
}

static int by_arrival(const void *a, const void *b)
{
	const struct maps_quote *x = a, *y = b;
	return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

static size_t characters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) n += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return n;
}

static int by_number(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The middle utility of a touchpoint's quotes, NaN when none has one. */
static double middle(const struct journey_measure *ms, uint16_t touchpoint, struct arena *a)
{
	double *u = ARENA_ARRAY(a, double, ms->n_quotes);
	size_t n = 0;
	for (size_t i = 0; u && i < ms->n_quotes; i++)
		if (ms->quotes[i].touchpoint == touchpoint && !isnan(ms->quotes[i].utility))
			u[n++] = (double)ms->quotes[i].utility;
	if (n == 0) return NAN;
	qsort(u, n, sizeof *u, by_number);
	return u[n / 2];
}

struct ranked {
	struct maps_quote quote;
	double cost;
};

static int by_cost(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->cost != y->cost) return x->cost < y->cost ? -1 : 1;
	if (x->quote.at_ms != y->quote.at_ms) return x->quote.at_ms > y->quote.at_ms ? -1 : 1;
	return (x->quote.arrival < y->quote.arrival) - (x->quote.arrival > y->quote.arrival);
}

/*
 * Typical and readable comes first: distance from the middle score, a point
 * for each week of age, and a penalty outside 20 to 200 characters. A
 * customer speaks once before anybody speaks twice.
 */
static void rank(struct ranked *r, size_t n)
{
	qsort(r, n, sizeof *r, by_cost);
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (r[i].quote.customer.len && str_eq(r[i].quote.customer, r[k].quote.customer)) {
				r[i].cost += 1000;
				break;
			}
	qsort(r, n, sizeof *r, by_cost);
}

static double cost_of(const struct maps_quote *q, double mid, int64_t newest_ms)
{
	const size_t len = characters(q->text);
	double cost = isnan(q->utility) || isnan(mid) ? 20 : fabs(q->utility - mid);
	cost += fmin(100, (double)(newest_ms - q->at_ms) / (7 * 86400000.0));
	if (len < QUOTE_CHARACTERS_MIN) cost += 200;
	if (len > QUOTE_CHARACTERS_MAX) cost += 100;
	return cost;
}

enum err_code maps_quotes(struct maps *m, const struct maps_measured *mm, uint16_t touchpoint, size_t limit,
                          struct arena *a, struct maps_quote **out, size_t *n, struct err *err)
{
	const struct journey_measure *ms = &mm->measure;
	struct maps_quote *all = ARENA_ARRAY(a, struct maps_quote, ms->n_quotes);
	uint64_t *arrivals = ARENA_ARRAY(a, uint64_t, ms->n_quotes);
	double *mids = ARENA_ARRAY(a, double, ms->n_touchpoints + 1);
	if (!all || !arrivals || !mids) return err_no_memory(err);
	size_t k = 0, a_touchpoint = 0;
	for (size_t i = 0; i < ms->n_quotes; i++) {
		const struct journey_quote *q = &ms->quotes[i];
		if (touchpoint && q->touchpoint != touchpoint) continue;
		a_touchpoint = i && ms->quotes[i - 1].touchpoint == q->touchpoint ? a_touchpoint + 1 : 1;
		if (a_touchpoint > (touchpoint ? QUOTE_CANDIDATES : QUOTE_CANDIDATES_OF_ALL)) continue;
		all[k++] = (struct maps_quote){ .arrival = q->arrival,
			                        .touchpoint = q->touchpoint,
			                        .customer = STR(""),
			                        .lang = STR(""),
			                        .event = STR(""),
			                        .at_ms = q->at_ms,
			                        .utility = (double)q->utility };
	}
	qsort(all, k, sizeof *all, by_arrival);
	size_t distinct = 0;
	for (size_t i = 0; i < k; i++)
		if (i == 0 || all[i].arrival != all[i - 1].arrival) arrivals[distinct++] = all[i].arrival;
	struct fetched f = { .out = all, .n = k, .st = m->st, .a = a };
	if (distinct) TRY(store_fetch(m->st, arrivals, distinct, true, fill_quotes, &f, err));

	for (size_t t = 0; t <= ms->n_touchpoints; t++) mids[t] = middle(ms, (uint16_t)t, a);
	struct ranked *ranked = ARENA_ARRAY(a, struct ranked, k);
	if (!ranked) return err_no_memory(err);
	size_t got = 0;
	for (size_t i = 0; i < k; i++)
		if (all[i].text.ptr) {
			ranked[got] =
			        (struct ranked){ all[i], cost_of(&all[i], mids[all[i].touchpoint], ms->newest_ms) };
			got++;
		}
	rank(ranked, got);
	*n = got < limit ? got : limit;
	for (size_t i = 0; i < *n; i++) all[i] = ranked[i].quote;
	*out = all;
	return OK;
}

/* --- the model ---------------------------------------------------------------------------------------------- */

struct builder {
	struct maps *m;
	const struct maps_measured *mm;
	const struct locale *l;
	struct arena *a;
	struct render_map *out;
};

static struct str text_of(const struct builder *b, const struct map_texts *t)
{
	return map_text_for(t, b->l->lang, &b->mm->doc->name);
}

/* For one line of small print: what is not in the reader's language says in which it is. */
static struct str marked(const struct builder *b, const struct map_texts *t)
{
	struct str other;
	const struct str s = map_text_said(t, b->l->lang, &b->mm->doc->name, &other);
	if (other.len == 0) return s;
	const struct str out =
	        str_format(b->a, "\xE2\x81\xA8" STR_FMT "\xE2\x81\xA9 \xE2\x81\xA8(" STR_FMT ")\xE2\x81\xA9",
	                   STR_ARG(s), STR_ARG(other));
	return out.ptr ? out : s;
}

static struct str channels_of(const struct builder *b, const struct map_touchpoint *t)
{
	struct str s = STR("");
	for (size_t i = 0; i < t->n_channels; i++) {
		const struct str name = map_channel_words(t->channels[i], b->l, b->a);
		s = s.len ? str_format(b->a, STR_FMT " · " STR_FMT, STR_ARG(s), STR_ARG(name)) : name;
		if (!s.ptr) return STR("");
	}
	return s;
}

static struct render_score score_of(const struct builder *b, size_t t)
{
	const struct maps_measured *mm = b->mm;
	const struct stats_estimate *e = &mm->scores[t];
	const struct map_assumed *assumed = &mm->doc->touchpoints[t].assumed;
	const bool shown = mm->evidence[t] == RENDER_MEASURED || mm->evidence[t] == RENDER_INFERRED;
	struct render_score s = { .evidence = mm->evidence[t],
		                  .assumed = assumed->given ? 50 + 25 * assumed->feeling : NAN,
		                  .assumed_by = marked(b, &assumed->by),
		                  .assumed_ms = assumed->at_ms };
	if (shown) {
		s.est = e->est, s.lo80 = e->lo80, s.hi80 = e->hi80, s.lo95 = e->lo, s.hi95 = e->hi;
		s.n = e->n;
		s.few = e->flags & STATS_SMALL_N;
	} else if (assumed->given) s.est = s.lo80 = s.hi80 = s.lo95 = s.hi95 = s.assumed;
	return s;
}

static int64_t newest_evidence(const struct journey_touchpoint_stat *st)
{
	int64_t newest = 0;
	for (int j = 0; j < JOURNEY_SIGNALS; j++)
		if (st->signals[j].n && st->signals[j].newest_ms > newest) newest = st->signals[j].newest_ms;
	return newest;
}

static enum err_code build_nodes(struct builder *b, struct err *err)
{
	const struct maps_measured *mm = b->mm;
	const size_t n = mm->doc->n_touchpoints;
	struct render_node *nodes = ARENA_ARRAY(b->a, struct render_node, n);
	if (!nodes) return err_no_memory(err);
	for (size_t t = 0; t < n; t++) {
		const struct map_touchpoint *p = &mm->doc->touchpoints[t];
		const struct journey_touchpoint_stat *st = &mm->measure.touchpoints[t];
		struct str name_lang;
		const struct str name = map_text_said(&p->name, b->l->lang, &mm->doc->name, &name_lang);
		nodes[t] = (struct render_node){
			.key = p->key,
			.name = name,
			.name_lang = name_lang,
			.step = p->step,
			.channels = channels_of(b, p),
			.found_in_data = mm->status[t] == ASK_UNDOCUMENTED,
			.silent = mm->status[t] == ASK_SILENT && !b->out->assumed_only,
			.entered = st->instances,
			.score = score_of(b, t),
			.share_stated = mm->shares[t][0],
			.share_text = mm->shares[t][1],
			.share_behaviour = mm->shares[t][2],
			.newest_ms = newest_evidence(st),
			.owner = marked(b, &p->owner),
			.behind = marked(b, &p->behind),
			.promises_kept = st->kept,
			.promises_broken = st->broken,
			.overrun_mean_ms = st->broken ? st->overrun_mean_ms : 0,
			.meaning = map_meaning_drawn(mm, t, b->l, b->a),
			.voices = map_voices_drawn(mm, t),
		};
	}
	b->out->nodes = nodes;
	b->out->n_nodes = n;
	return OK;
}

static enum err_code build_steps(struct builder *b, struct err *err)
{
	const struct maps_measured *mm = b->mm;
	const struct map_doc *d = mm->doc;
	b->out->steps = ARENA_ARRAY(b->a, struct render_step, d->n_steps);
	b->out->stages = ARENA_ARRAY(b->a, struct render_stage, d->n_stages);
	if (!b->out->steps || !b->out->stages) return err_no_memory(err);
	/* A stage without any step has no column to stand over. */
	size_t *place = ARENA_ARRAY(b->a, size_t, d->n_stages);
	if (!place) return err_no_memory(err);
	for (size_t s = 0; s < d->n_stages; s++) {
		int64_t entered = 0;
		bool used = false;
		for (size_t k = 0; k < d->n_steps; k++) {
			if (d->steps[k].stage != s) continue;
			used = true;
			if (mm->measure.steps[k].entered > entered) entered = mm->measure.steps[k].entered;
		}
		if (!used) continue;
		place[s] = b->out->n_stages;
		struct render_stage *stage = &b->out->stages[b->out->n_stages++];
		*stage = (struct render_stage){ .key = d->stages[s].key, .entered = entered };
		stage->name = map_text_said(&d->stages[s].name, b->l->lang, &d->name, &stage->name_lang);
	}
	for (size_t k = 0; k < d->n_steps; k++) {
		const struct journey_step_stat *st = &mm->measure.steps[k];
		const size_t main = map_main_of(mm, k);
		const struct journey_times *next = &mm->measure.touchpoints[main].to_next;
		bool optional = true;
		for (size_t t = 0; t < d->n_touchpoints; t++)
			if (d->touchpoints[t].step == k) optional &= d->touchpoints[t].optional;
		struct str name_lang;
		const struct str name = map_text_said(&d->touchpoints[main].name, b->l->lang, &d->name, &name_lang);
		b->out->steps[k] = (struct render_step){
			.stage = place[d->steps[k].stage],
			.name = name,
			.name_lang = name_lang,
			.entered = st->entered,
			.advanced = st->advanced,
			.goal = st->goal,
			.lost = st->lost,
			.still_in = st->still_in,
			.starts = st->starts,
			.next_p50_ms = next->n ? next->p50 : NAN,
			.next_p90_ms = next->n ? next->p90 : NAN,
			.passing = map_passing(mm, k),
			.optional = optional,
		};
	}
	b->out->n_steps = d->n_steps;
	return OK;
}

static enum err_code build_flow(struct builder *b, struct err *err)
{
	const struct journey_measure *ms = &b->mm->measure;
	b->out->ribbons = ARENA_ARRAY(b->a, struct render_ribbon, ms->n_ribbons);
	b->out->loops = ARENA_ARRAY(b->a, struct render_loop, ms->n_loops);
	if (!b->out->ribbons || !b->out->loops) return err_no_memory(err);
	for (size_t i = 0; i < ms->n_ribbons; i++)
		b->out->ribbons[i] = (struct render_ribbon){ ms->ribbons[i].from - 1u, ms->ribbons[i].to - 1u,
			                                     ms->ribbons[i].instances };
	for (size_t i = 0; i < ms->n_loops; i++)
		b->out->loops[i] =
		        (struct render_loop){ ms->loops[i].from - 1u, ms->loops[i].to - 1u, ms->loops[i].instances };
	b->out->n_ribbons = ms->n_ribbons;
	b->out->n_loops = ms->n_loops;
	return OK;
}

/* At most one note a column, so that notes of one kind do not stand on each other. */
static bool column_noted(const struct render_map *m, size_t node)
{
	for (size_t i = 0; i < m->n_marks; i++)
		if (m->marks[i].annotated && m->nodes[m->marks[i].node].step == m->nodes[node].step) return true;
	return false;
}

/* The moments of truth with the largest differences; the first is written out where its column has no note yet. */
static void truth_marks(struct builder *b)
{
	const struct ask_moments *r = &b->mm->moments.found;
	for (int rank = 1; rank <= TRUTHS_MAX; rank++) {
		const struct ask_moment *best = NULL;
		for (size_t t = 0; t < r->n_touchpoints; t++) {
			const struct ask_moment *x = &r->touchpoints[t];
			bool marked = false;
			for (size_t i = 0; i < b->out->n_marks; i++)
				marked |= b->out->marks[i].kind == RENDER_TRUTH && b->out->marks[i].node == t;
			if (x->moment && !marked && (!best || x->diff.est > best->diff.est)) best = x;
		}
		if (!best) return;
		const size_t node = (size_t)(best - r->touchpoints);
		b->out->marks[b->out->n_marks] = (struct render_mark){
			.kind = RENDER_TRUTH,
			.rank = rank,
			.node = node,
			.title = text_of(b, &b->mm->doc->touchpoints[node].name),
			.detail = map_moment_words(b->mm, &b->mm->moments, node, b->l, b->a),
			.annotated = rank == 1 && !column_noted(b->out, node),
		};
		b->out->n_marks++;
	}
}

static enum err_code build_marks(struct builder *b, struct err *err)
{
	const struct maps_measured *mm = b->mm;
	b->out->marks = ARENA_ARRAY(b->a, struct render_mark, mm->n_findings + TRUTHS_MAX);
	if (!b->out->marks) return err_no_memory(err);
	int left[2] = { DELIGHTS_ANNOTATED, PAINS_ANNOTATED };
	for (size_t i = 0; i < mm->n_findings && b->out->n_marks < MARKS_MAX; i++) {
		const struct maps_finding *f = &mm->findings[i];
		const size_t node = f->effect.touchpoint - 1u;
		const struct map_finding_words said = map_finding_words(mm, f, b->l, b->a);
		struct render_mark mark = { .kind = f->pain ? RENDER_PAIN : RENDER_DELIGHT,
			                    .rank = f->rank,
			                    .node = node,
			                    .title = said.title,
			                    .detail = said.detail };
		if (left[f->pain] > 0 && !column_noted(b->out, node)) {
			mark.annotated = true;
			left[f->pain]--;
		}
		b->out->marks[b->out->n_marks++] = mark;
	}
	truth_marks(b);
	return OK;
}

/*
 * Where words come from: as a mapping names the event in the reader's
 * language, else the touchpoint that is this event alone, else the kind that
 * its name tells, else the name.
 */
static struct str event_words(const struct builder *b, struct str event, const struct collect_name *names,
                              size_t n_names)
{
	const struct str lang = str_of(lang_codes[b->l->lang]);
	for (size_t i = 0; i < n_names; i++)
		if (str_eq(names[i].event, event) && str_eq(names[i].lang, lang)) return names[i].text;
	const struct map_doc *d = b->mm->doc;
	for (size_t i = 0; i < d->n_rules; i++) {
		const struct journey_rule *r = &d->rules[i];
		if (r->n_conditions || r->channel.len || !str_eq(r->event, event)) continue;
		size_t rules = 0;
		for (size_t k = 0; k < d->n_rules; k++) rules += d->rules[k].touchpoint == r->touchpoint;
		struct str other;
		const struct str name =
		        map_text_said(&d->touchpoints[r->touchpoint - 1].name, b->l->lang, &d->name, &other);
		if (rules == 1 && other.len == 0) return name;
	}
	const char *kind = map_origin_of(event, b->a);
	return kind ? words(b->l, b->a, kind, NULL, 0) : map_pretty(event, b->a);
}

static enum err_code build_quotes(struct builder *b, struct err *err)
{
	struct maps_quote *quotes;
	size_t n, n_names = 0;
	struct collect_name *names = NULL;
	TRY(maps_quotes(b->m, b->mm, 0, SIZE_MAX, b->a, &quotes, &n, err));
	if (b->m->collect) TRY(collect_names(b->m->collect, b->a, &names, &n_names, err));
	int *left = ARENA_ARRAY(b->a, int, b->mm->doc->n_steps + 1);
	b->out->quotes = ARENA_ARRAY(b->a, struct render_quote, n);
	if (!left || !b->out->quotes) return err_no_memory(err);
	for (size_t i = 0; i <= b->mm->doc->n_steps; i++) left[i] = QUOTES_A_STEP;
	for (size_t i = 0; i < n; i++) {
		const bool whole = quotes[i].touchpoint == 0;
		int *room = &left[whole ? b->mm->doc->n_steps : b->mm->doc->touchpoints[quotes[i].touchpoint - 1].step];
		if (*room == 0) continue;
		(*room)--;
		b->out->quotes[b->out->n_quotes++] = (struct render_quote){
			.node = whole ? 0 : quotes[i].touchpoint - 1u,
			.whole = whole,
			.text = quotes[i].text,
			.lang = quotes[i].lang,
			.origin = event_words(b, quotes[i].event, names, n_names),
			.at_ms = quotes[i].at_ms,
			.utility = quotes[i].utility,
		};
	}
	return OK;
}

static enum err_code build_compare(struct builder *b, struct err *err)
{
	const struct maps_measured *then = b->mm->compare;
	if (!then) return OK;
	const size_t n = b->mm->doc->n_touchpoints;
	struct render_compare *c = ARENA_NEW(b->a, struct render_compare);
	double *numbers = ARENA_ARRAY(b->a, double, 4 * n);
	if (!c || !numbers) return err_no_memory(err);
	for (size_t t = 0; t < n; t++) {
		const bool shown = then->evidence[t] == RENDER_MEASURED || then->evidence[t] == RENDER_INFERRED;
		numbers[t] = shown ? then->scores[t].est : NAN;
		numbers[n + t] = then->change[t].est;
		numbers[2 * n + t] = then->change[t].lo;
		numbers[3 * n + t] = then->change[t].hi;
	}
	*c = (struct render_compare){ .label = map_compare_label(b->mm, b->l, b->a),
		                      .est = numbers,
		                      .different = then->distinguishable,
		                      .diff = numbers + n,
		                      .diff_lo = numbers + 2 * n,
		                      .diff_hi = numbers + 3 * n };
	b->out->compare = c;
	return OK;
}

/* Names of the sources that have sent anything. */
static enum err_code sources(struct builder *b, struct str *out, struct err *err)
{
	struct collect_source *all;
	size_t n;
	*out = STR("");
	if (!b->m->collect) return OK;
	TRY(collect_source_list(b->m->collect, b->a, &all, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (all[i].sums.stored == 0) continue;
		*out = out->len ? str_format(b->a, STR_FMT ", " STR_FMT, STR_ARG(*out), STR_ARG(all[i].name))
		                : all[i].name;
		if (!out->ptr) return err_no_memory(err);
	}
	return OK;
}

enum err_code maps_drawing(struct maps *m, const struct maps_measured *mm, const struct locale *l, struct arena *a,
                           struct render_map *out, struct err *err)
{
	struct render_map map = { 0 };
	struct builder b = { m, mm, l, a, &map };
	const struct journey_measure *ms = &mm->measure;
	map.title = map_text_said(&mm->doc->name, l->lang, &mm->doc->name, &map.title_lang);
	map.version = str_format(a, "%d", mm->version);
	map.scope = map_scope_words(mm, l, a);
	map_headline(mm, l, a, &map.headline_pain, &map.headline);
	map.assumed_only = ms->total.entered == 0;
	map.from_ms = mm->query.from_ms == INT64_MIN ? ms->oldest_ms : mm->query.from_ms;
	map.to_ms = mm->query.to_ms == INT64_MAX ? (ms->newest_ms ? ms->newest_ms + 1 : 0) : mm->query.to_ms;
	map.current_to_ms = ms->newest_ms;
	map.entered = ms->total.entered, map.goal = ms->total.goal, map.still_in = ms->total.still_in,
	map.lost = ms->total.lost;
	map.mean = mm->mean;
	if (!(mm->whole.flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED)))
		map.whole_est = mm->whole.est, map.whole_lo = mm->whole.lo, map.whole_hi = mm->whole.hi,
		map.whole_n = mm->whole.n;
	map_nps_drawn(mm, &map);
	map.purchase_after_step = mm->doc->purchase_step;
	map.truth_share = mm->truth_share;
	if (mm->doc->n_steps)
		map.goal_name = text_of(&b, &mm->doc->touchpoints[map_main_of(mm, mm->doc->n_steps - 1)].name);
	TRY(build_nodes(&b, err));
	TRY(build_steps(&b, err));
	TRY(build_flow(&b, err));
	TRY(build_marks(&b, err));
	TRY(build_quotes(&b, err));
	TRY(build_compare(&b, err));
	TRY(sources(&b, &map.sources, err));
	if (!map.version.ptr) return err_no_memory(err);
	*out = map;
	return OK;
}
