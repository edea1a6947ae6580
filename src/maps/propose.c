/* A first map from data: docs/methods/proposal.md. */
#include <math.h>

#include "maps/priv.h"

#define STEPS_MAX 12
#define LABELLED_MIN 0.6 /* of the steps: above, words decide about stages; below, the engine's groups */

struct step {
	struct str event;
	double position;
	int64_t customers;
	int order;        /* as a mapping listed it; -1 not listed */
	struct str stage; /* key a mapping gave; "" none */
	size_t group;     /* the engine's */
	int label;        /* place among the stages; -1 unknown */
	struct str channels[4];
	size_t n_channels;
	int64_t channel_counts[4];
};

struct proposal {
	struct maps *m;
	struct arena *a;
	struct step *steps;
	size_t n;
	struct collect_name *names;
	size_t n_names;
	struct collect_step *hints;
	size_t n_hints;
	struct ask_inventory_row *inventory;
	size_t n_inventory;
	bool by_key;
	int64_t gap_ms;
	struct str stage_keys[MAPS_STAGES_MAX];
	struct map_texts stage_names[MAPS_STAGES_MAX];
	size_t n_stages;
};

static bool is_technical(struct str event)
{
	return str_eq(event, STR("identify")) || str_eq(event, STR("group")) || str_eq(event, STR("alias"));
}

static struct step *step_of(struct proposal *p, struct str event)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->steps[i].event, event)) return &p->steps[i];
	return NULL;
}

/* Counts, weighted position and the four commonest channels of a step, over its kinds. */
static void seen_in(struct proposal *p, struct step *s)
{
	double weight = 0, sum = 0;
	for (size_t i = 0; i < p->n_inventory; i++) {
		const struct ask_inventory_row *r = &p->inventory[i];
		if (!str_eq(r->event, s->event)) continue;
		weight += (double)r->count;
		sum += (double)r->count * r->position;
		if (r->customers > s->customers) s->customers = r->customers;
		if (r->channel.len == 0) continue;
		size_t at = s->n_channels < COUNT_OF(s->channels) ? s->n_channels++ : COUNT_OF(s->channels);
		if (at == COUNT_OF(s->channels)) {
			if (r->count <= s->channel_counts[at - 1]) continue;
			at--;
		}
		for (; at > 0 && s->channel_counts[at - 1] < r->count; at--) {
			s->channels[at] = s->channels[at - 1];
			s->channel_counts[at] = s->channel_counts[at - 1];
		}
		s->channels[at] = r->channel;
		s->channel_counts[at] = r->count;
	}
	if (weight > 0) s->position = sum / weight;
}

static int by_customers(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	if ((x->order < 0) != (y->order < 0)) return x->order < 0 ? 1 : -1; /* what a mapping listed comes first */
	if (x->customers != y->customers) return x->customers > y->customers ? -1 : 1;
	return str_cmp(x->event, y->event);
}

static int by_position(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	if (x->position != y->position) return x->position < y->position ? -1 : 1;
	return str_cmp(x->event, y->event);
}

static int by_order(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : by_position(a, b);
}

/*
 * Listed steps keep their mapping's order; each other one stands before the
 * first listed step that comes later in the data.
 */
static enum err_code order_steps(struct proposal *p, struct err *err)
{
	qsort(p->steps, p->n, sizeof *p->steps, by_customers);
	if (p->n > STEPS_MAX) p->n = STEPS_MAX;
	size_t listed = 0;
	while (listed < p->n && p->steps[listed].order >= 0) listed++;
	qsort(p->steps, listed, sizeof *p->steps, by_order);
	qsort(p->steps + listed, p->n - listed, sizeof *p->steps, by_position);
	struct step *merged = ARENA_ARRAY(p->a, struct step, p->n);
	if (!merged) return err_no_memory(err);
	size_t i = 0, k = listed, out = 0;
	while (i < listed || k < p->n)
		if (k < p->n && (i == listed || p->steps[k].position < p->steps[i].position))
			merged[out++] = p->steps[k++];
		else merged[out++] = p->steps[i++];
	p->steps = merged;
	return OK;
}

static enum err_code collect_steps_of(struct proposal *p, const struct journey_query *q, struct err *err)
{
	struct journey_proposal found;
	TRY(ask_propose(p->m->ask, q, STEPS_MAX, p->a, &found, err));
	p->steps = ARENA_ARRAY(p->a, struct step, found.n_steps + p->n_hints);
	if (!p->steps) return err_no_memory(err);
	for (size_t i = 0; i < p->n_hints; i++) {
		struct step s = {
			.event = p->hints[i].event, .order = p->hints[i].order, .stage = p->hints[i].stage, .label = -1
		};
		seen_in(p, &s);
		if (s.customers > 0 && !step_of(p, s.event)) p->steps[p->n++] = s;
	}
	for (size_t i = 0; i < found.n_steps; i++) {
		const struct journey_proposal_step *f = &found.steps[i];
		struct step *known = step_of(p, f->event);
		if (known) known->group = f->group;
		if (known || f->event.len == 0 || is_technical(f->event)) continue;
		struct step s = { .event = f->event, .order = -1, .stage = STR(""), .group = f->group, .label = -1 };
		seen_in(p, &s);
		s.position = f->position, s.customers = f->customers;
		p->steps[p->n++] = s;
	}
	if (p->n == 0) {
		enum err_code rc = err_set(err, ERR_INPUT, "propose.empty", "filters",
		                           "there are no events to propose a map from");
		err_hint(err, "Import a file or connect a source first, or widen the filter.");
		return rc;
	}
	return order_steps(p, err);
}

/* --- stages ---------------------------------------------------------------------------------------------- */

/*
 * Labels made to run forwards: of all non-decreasing sequences of stages the
 * one that contradicts fewest known labels. Steps without a label cost
 * nothing anywhere and stay with the step before them.
 */
static enum err_code straighten(struct proposal *p, int n_labels, struct err *err)
{
	const size_t n = p->n, k = (size_t)n_labels;
	int *cost = ARENA_ARRAY(p->a, int, n *k), *from = ARENA_ARRAY(p->a, int, n *k);
	if (!cost || !from) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		int best = 0;
		for (size_t s = 0; s < k; s++) {
			if (i && cost[(i - 1) * k + s] < cost[(i - 1) * k + (size_t)best]) best = (int)s;
			/* On a tie the step stays with the one before it. */
			const bool stay = i && cost[(i - 1) * k + s] <= cost[(i - 1) * k + (size_t)best];
			from[i * k + s] = stay ? (int)s : best;
			cost[i * k + s] = (i ? cost[(i - 1) * k + (size_t)from[i * k + s]] : 0) +
			                  (p->steps[i].label >= 0 && p->steps[i].label != (int)s);
		}
	}
	size_t s = 0;
	for (size_t x = 1; x < k; x++)
		if (cost[(n - 1) * k + x] < cost[(n - 1) * k + s]) s = x;
	for (size_t i = n; i-- > 0;) {
		p->steps[i].label = (int)s;
		s = (size_t)from[i * k + s];
	}
	return OK;
}

static enum err_code add_text(struct proposal *p, struct map_texts *t, struct str lang, struct str text,
                              struct err *err)
{
	struct map_text *wider = ARENA_ARRAY(p->a, struct map_text, t->n + 1);
	if (!wider) return err_no_memory(err);
	if (t->n) memcpy(wider, t->all, t->n * sizeof *wider);
	wider[t->n] = (struct map_text){ lang, text };
	*t = (struct map_texts){ wider, t->n + 1 };
	return OK;
}

static enum err_code known_stage(struct proposal *p, int kind, struct map_texts *out, struct err *err)
{
	const struct map_stage_words *w = &map_stage_words[kind];
	TRY(add_text(p, out, STR("en"), str_of(w->en), err));
	TRY(add_text(p, out, STR("ar"), str_of(w->ar), err));
	return add_text(p, out, STR("fa"), str_of(w->fa), err);
}

/* Names in every language a mapping gave; and the event itself, readable, in the language its letters show. */
static enum err_code names_of(struct proposal *p, struct str event, struct map_texts *out, struct err *err)
{
	const struct str own = str_of(lang_codes[map_lang_of(event)]);
	bool has_own = false;
	for (size_t i = 0; i < p->n_names; i++) {
		if (!str_eq(p->names[i].event, event)) continue;
		has_own |= str_eq(p->names[i].lang, own);
		TRY(add_text(p, out, p->names[i].lang, p->names[i].text, err));
	}
	if (has_own) return OK;
	const struct str pretty = map_pretty(event, p->a);
	return pretty.ptr ? add_text(p, out, own, pretty, err) : err_no_memory(err);
}

static enum err_code stages_from_mapping(struct proposal *p, struct err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		struct step *s = &p->steps[i];
		s->label = -1;
		if (s->stage.len == 0) continue;
		size_t k = 0;
		while (k < p->n_stages && !str_eq(p->stage_keys[k], s->stage)) k++;
		if (k == p->n_stages) {
			if (k == MAPS_STAGES_MAX) continue;
			p->stage_keys[p->n_stages++] = s->stage;
			int kind = -1;
			for (int w = 0; w < MAP_STAGE_KINDS; w++)
				if (str_eq(s->stage, str_of(map_stage_words[w].key))) kind = w;
			if (kind >= 0) TRY(known_stage(p, kind, &p->stage_names[k], err));
			else TRY(names_of(p, s->stage, &p->stage_names[k], err));
		}
		s->label = (int)k;
	}
	return straighten(p, (int)p->n_stages, err);
}

static enum err_code stages_from_words(struct proposal *p, struct err *err)
{
	TRY(straighten(p, MAP_STAGE_KINDS, err));
	int place[MAP_STAGE_KINDS];
	for (int k = 0; k < MAP_STAGE_KINDS; k++) place[k] = -1;
	for (size_t i = 0; i < p->n; i++) {
		const int kind = p->steps[i].label;
		if (place[kind] < 0) {
			place[kind] = (int)p->n_stages;
			p->stage_keys[p->n_stages] = str_of(map_stage_words[kind].key);
			TRY(known_stage(p, kind, &p->stage_names[p->n_stages++], err));
		}
		p->steps[i].label = place[kind];
	}
	return OK;
}

/* Groups of the engine; a stage is called after its first step, for people to rename. */
static enum err_code stages_from_flow(struct proposal *p, struct err *err)
{
	int groups = 1;
	for (size_t i = 0; i < p->n; i++) {
		p->steps[i].label = (int)p->steps[i].group;
		if (p->steps[i].label >= groups) groups = p->steps[i].label + 1;
	}
	TRY(straighten(p, groups, err));
	int last = -1;
	for (size_t i = 0; i < p->n && p->n_stages < MAPS_STAGES_MAX; i++) {
		if (p->steps[i].label != last) {
			last = p->steps[i].label;
			p->stage_keys[p->n_stages] = str_format(p->a, "stage-%zu", p->n_stages + 1);
			if (!p->stage_keys[p->n_stages].ptr) return err_no_memory(err);
			TRY(names_of(p, p->steps[i].event, &p->stage_names[p->n_stages++], err));
		}
		p->steps[i].label = (int)p->n_stages - 1;
	}
	return OK;
}

static enum err_code find_stages(struct proposal *p, struct err *err)
{
	size_t staged = 0, worded = 0;
	for (size_t i = 0; i < p->n; i++) staged += p->steps[i].stage.len > 0;
	if (staged) return stages_from_mapping(p, err);
	for (size_t i = 0; i < p->n; i++) {
		p->steps[i].label = map_stage_of(p->steps[i].event, p->a);
		worded += p->steps[i].label >= 0;
	}
	return (double)worded >= LABELLED_MIN * (double)p->n ? stages_from_words(p, err) : stages_from_flow(p, err);
}

/* --- the rest ----------------------------------------------------------------------------------------------- */

/* Instances by key when more than half of the events carry one. */
static enum err_code find_instance(struct proposal *p, const struct journey_query *q, struct err *err)
{
	TRY(ask_gap(p->m->ask, &p->gap_ms, err));
	struct journey_query with = *q;
	if (with.n_filters == JOURNEY_FILTERS_MAX) return OK;
	with.filters[with.n_filters++] =
	        (struct journey_filter){ .dimension = STR("journey"), .value = STR(""), .op = JOURNEY_IS_NOT };
	struct ask_inventory_row *rows;
	size_t n;
	struct err none = { 0 };
	const enum err_code rc = ask_inventory(p->m->ask, &with, p->a, &rows, &n, &none);
	if (rc == ERR_INPUT) return OK; /* nobody ever sent one */
	if (rc != OK) {
		if (err) *err = none;
		return rc;
	}
	int64_t all = 0, keyed = 0;
	for (size_t i = 0; i < p->n_inventory; i++)
		all += is_technical(p->inventory[i].event) ? 0 : p->inventory[i].count;
	for (size_t i = 0; i < n; i++) keyed += is_technical(rows[i].event) ? 0 : rows[i].count;
	p->by_key = 2 * keyed > all;
	/* With a key the gap only says when an instance counts as over; the pause between its steps is no measure of
	 * that. */
	if (p->by_key && p->gap_ms < JOURNEY_GAP_DEFAULT_MS) p->gap_ms = JOURNEY_GAP_DEFAULT_MS;
	return OK;
}

static struct str duration_text(struct arena *a, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = { { WHEN_DAY_MS, "d" }, { WHEN_HOUR_MS, "h" }, { WHEN_MINUTE_MS, "m" }, { WHEN_SECOND_MS, "s" } };
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (ms >= units[i].ms && (ms % units[i].ms == 0 || ms / units[i].ms >= 10))
			return str_format(a, "%lld%s", (long long)((ms + units[i].ms / 2) / units[i].ms),
			                  units[i].unit);
	return str_format(a, "%lldms", (long long)ms);
}

/* The first step whose words say that something was bought; SIZE_MAX none. */
static size_t find_purchase(const struct proposal *p)
{
	static const char *const words[] = { "purchas",  "bought", "paid", "payment", "order", "buy",    "subscri",
		                             "contract", "شراء",   "دفع",  "طلب",     "خرید",  "پرداخت", "سفارش" };
	for (size_t i = 0; i < p->n; i++) {
		if (map_stage_of(p->steps[i].event, p->a) != MAP_PURCHASE) continue;
		const struct str folded = map_fold(p->steps[i].event, p->a);
		for (size_t w = 0; w < COUNT_OF(words); w++) {
			const struct str word = map_fold(str_of(words[w]), p->a);
			if (folded.ptr && word.ptr && memmem(folded.ptr, folded.len, word.ptr, word.len)) return i;
		}
	}
	return SIZE_MAX;
}

static enum err_code unique_key(struct proposal *p, struct str *keys, size_t i, struct err *err)
{
	keys[i] = map_slug(p->steps[i].event, p->a);
	if (!keys[i].ptr) return err_no_memory(err);
	const struct str base = keys[i];
	for (int n = 2;; n++) {
		size_t k = 0;
		while (k < i && !str_eq(keys[k], keys[i])) k++;
		if (k == i) return OK;
		keys[i] = str_format(p->a, STR_FMT "-%d", STR_ARG(base), n);
		if (!keys[i].ptr) return err_no_memory(err);
	}
}

static void put_scope(struct json_out *o, const struct journey_query *q)
{
	json_key(o, "scope");
	json_open(o, '{');
	json_key(o, "from");
	if (q->from_ms == INT64_MIN) json_put_null(o);
	else json_put_i64(o, q->from_ms);
	json_key(o, "to");
	if (q->to_ms == INT64_MAX) json_put_null(o);
	else json_put_i64(o, q->to_ms);
	json_key(o, "filters");
	json_open(o, '[');
	for (size_t i = 0; i < q->n_filters; i++) {
		json_open(o, '{');
		json_kv_str(o, "dimension", q->filters[i].dimension);
		json_kv_str(o, q->filters[i].op == JOURNEY_IS ? "is" : "is_not", q->filters[i].value);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static enum err_code put_touchpoint(struct json_out *o, struct proposal *p, const struct str *keys, size_t i,
                                    struct err *err)
{
	const struct step *s = &p->steps[i];
	struct map_texts name = { 0 };
	TRY(names_of(p, s->event, &name, err));
	json_open(o, '{');
	json_kv_str(o, "key", keys[i]);
	json_kv_str(o, "stage", p->stage_keys[s->label]);
	json_key(o, "name");
	map_texts_put(o, &name);
	json_key(o, "channels");
	json_open(o, '[');
	for (size_t c = 0; c < s->n_channels; c++) json_put_str(o, s->channels[c]);
	json_close(o, ']');
	json_key(o, "rules");
	json_open(o, '[');
	json_open(o, '{');
	json_kv_str(o, "event", s->event);
	json_close(o, '}');
	json_close(o, ']');
	json_close(o, '}');
	return OK;
}

static enum err_code put_document(struct json_out *o, struct proposal *p, const struct journey_query *q,
                                  struct err *err)
{
	struct str *keys = ARENA_ARRAY(p->a, struct str, p->n);
	const struct str gap = duration_text(p->a, p->gap_ms);
	if (!keys || !gap.ptr) return err_no_memory(err);
	for (size_t i = 0; i < p->n; i++) TRY(unique_key(p, keys, i, err));
	json_open(o, '{');
	json_key(o, "name");
	json_put_raw(o, STR("{\"en\":\"Customer journey\",\"ar\":\"رحلة العميل\",\"fa\":\"سفر مشتری\"}"));
	put_scope(o, q);
	json_key(o, "instance");
	json_open(o, '{');
	json_kv_z(o, "cut", p->by_key ? "key" : "gap");
	if (p->by_key) json_kv_z(o, "key", "journey");
	json_kv_str(o, "gap", gap);
	json_kv_bool(o, "ends_at_goal", false);
	json_close(o, '}');
	const size_t purchase = find_purchase(p);
	if (purchase != SIZE_MAX) json_kv_str(o, "purchase_after", keys[purchase]);
	json_key(o, "stages");
	json_open(o, '[');
	for (size_t k = 0; k < p->n_stages; k++) {
		json_open(o, '{');
		json_kv_str(o, "key", p->stage_keys[k]);
		json_key(o, "name");
		map_texts_put(o, &p->stage_names[k]);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "touchpoints");
	json_open(o, '[');
	for (size_t i = 0; i < p->n; i++) TRY(put_touchpoint(o, p, keys, i, err));
	json_close(o, ']');
	json_close(o, '}');
	return OK;
}

enum err_code maps_propose(struct maps *m, const struct journey_query *scope, struct arena *a, struct str *json,
                           struct err *err)
{
	struct proposal p = { .m = m, .a = a };
	struct journey_query q = *scope;
	q.by = JOURNEY_BY_CUSTOMER;
	q.rules = NULL;
	if (m->collect) {
		TRY(collect_names(m->collect, a, &p.names, &p.n_names, err));
		TRY(collect_steps(m->collect, a, &p.hints, &p.n_hints, err));
	}
	TRY(ask_inventory(m->ask, &q, a, &p.inventory, &p.n_inventory, err));
	TRY(find_instance(&p, &q, err));
	TRY(collect_steps_of(&p, &q, err));
	for (size_t i = 0; i < p.n; i++) { /* keys of stages that a mapping gave in words */
		if (p.steps[i].stage.len) p.steps[i].stage = map_slug(p.steps[i].stage, a);
		if (!p.steps[i].stage.ptr) return err_no_memory(err);
	}
	TRY(find_stages(&p, err));

	struct buf b;
	struct json_out o;
	buf_init(&b, MAPS_DOCUMENT_BYTES_MAX);
	json_out_init(&o, &b);
	enum err_code rc = put_document(&o, &p, &q, err);
	if (rc == OK) rc = buf_check(&b, err);
	struct map_doc check;
	if (rc == OK) rc = map_doc_read(buf_view(&b), false, a, &check, err); /* what is proposed can be saved */
	if (rc == OK && !(*json = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}
