/* Questions about touchpoints: the measure of a map, statistics by touchpoint, the inventory, values. */
#include "ask/priv.h"

struct meter_ctx {
	const struct journey_plan *plan;
	unsigned parts;
};

static void *make_meter(void *ctx)
{
	const struct meter_ctx *m = ctx;
	return journey_meter_new(m->plan, m->parts);
}

static void add_meter(void *ctx, void *acc, const struct journey_columns *c)
{
	journey_meter_add(acc, c);
}

static enum err_code scan_meter(struct asking *k, unsigned parts, struct arena *m, struct journey_measure *out,
                                struct err *err)
{
	struct meter_ctx ctx = { k->plan, parts };
	const struct scan scan = { .make = make_meter, .each = add_meter, .ctx = &ctx, .codes = true };
	void *accs[ASK_THREADS_MAX];
	int n = 0;
	enum err_code rc = asking_scan(k, &scan, accs, &n, err);
	for (int i = 1; i < n; i++) {
		if (rc == OK) journey_meter_merge(accs[0], accs[i]);
		journey_meter_free(accs[i]);
	}
	if (rc == OK) rc = journey_meter_measure(accs[0], m, out, err);
	if (n) journey_meter_free(accs[0]);
	return rc;
}

enum err_code ask_measure(struct ask *a, const struct journey_query *q, struct arena *m, struct journey_measure *out,
                          struct err *err)
{
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "a measure needs a map");
	struct asking k;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = scan_meter(&k, JOURNEY_METER_MAP | JOURNEY_METER_KINDS, m, out, err);
	asking_done(&k);
	return rc;
}

static int by_visits_then_names(const void *x, const void *y)
{
	const struct ask_touchpoint *a = x, *b = y;
	if (a->stat.visits != b->stat.visits) return a->stat.visits > b->stat.visits ? -1 : 1;
	const int c = str_cmp(a->name, b->name);
	return c ? c : str_cmp(a->value, b->value);
}

static struct str split_value(const struct journey_schema *s, struct str by, uint32_t code)
{
	if (by.len == 0) return STR("");
	if (str_eq(by, STR("channel"))) return journey_word(&s->channels, code);
	for (size_t d = 0; d < s->n_dimensions; d++)
		if (str_eq(s->dimensions[d].name, by)) return journey_word(&s->dimensions[d].words, code);
	return STR("");
}

enum err_code ask_touchpoints(struct ask *a, const struct journey_query *q, struct str by, struct arena *m,
                              struct ask_touchpoint **out, size_t *n, struct ask_scope_sums *sums, struct err *err)
{
	struct asking k;
	struct journey_measure r;
	uint32_t values = 1;
	TRY(asking_needs(a, by, "by", err));
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_split(&k, by, &values, err);
	if (rc == OK) rc = scan_meter(&k, 0, m, &r, err);
	struct ask_touchpoint *list = NULL;
	if (rc == OK && !(list = ARENA_ARRAY(m, struct ask_touchpoint, r.n_touchpoints))) rc = err_no_memory(err);
	size_t count = 0;
	for (size_t i = 0; rc == OK && i < r.n_touchpoints; i++) {
		/* Silent ones are shown where somebody put them on a map. */
		if (r.touchpoints[i].visits == 0 && !(q->rules && by.len == 0)) continue;
		const uint32_t base = (uint32_t)(i / values) + 1;
		list[count++] = (struct ask_touchpoint){ .name = q->rules ? q->rules->touchpoints[base - 1].key
			                                                  : journey_word(&k.s->schema.events, base),
			                                 .value = split_value(&k.s->schema, by, (uint32_t)(i % values)),
			                                 .stat = r.touchpoints[i] };
	}
	if (rc == OK) {
		qsort(list, count, sizeof *list, by_visits_then_names);
		*out = list;
		*n = count;
		if (sums) *sums = (struct ask_scope_sums){ r.customers, r.events };
	}
	asking_done(&k);
	return rc;
}

/* --- inventory ------------------------------------------------------------------------------------- */

static int by_count_then_names(const void *x, const void *y)
{
	const struct ask_inventory_row *a = x, *b = y;
	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	int c = str_cmp(a->event, b->event);
	if (c == 0) c = str_cmp(a->channel, b->channel);
	return c ? c : str_cmp(a->touchpoint, b->touchpoint);
}

enum err_code ask_inventory_of(const struct journey_measure *r, const struct journey_rules *rules, struct arena *m,
                               struct ask_inventory_row **out, size_t *n, struct err *err)
{
	const size_t n_listed = rules ? r->n_touchpoints : 0;
	struct ask_inventory_row *rows = ARENA_ARRAY(m, struct ask_inventory_row, r->n_kinds + n_listed);
	if (!rows) return err_no_memory(err);
	size_t count = 0;
	for (size_t i = 0; i < r->n_kinds; i++) {
		const struct journey_kind_stat *k = &r->kinds[i];
		const uint16_t code = rules ? k->touchpoint : 0;
		rows[count++] =
		        (struct ask_inventory_row){ .event = k->event,
			                            .channel = k->channel,
			                            .touchpoint = code ? rules->touchpoints[code - 1].key : STR(""),
			                            .status = code          ? ASK_DOCUMENTED
			                                      : k->feedback ? ASK_FEEDBACK
			                                                    : ASK_UNDOCUMENTED,
			                            .count = k->count,
			                            .customers = k->customers,
			                            .first_ms = k->first_ms,
			                            .last_ms = k->last_ms,
			                            .position = k->position };
	}
	for (size_t i = 0; i < n_listed; i++)
		if (r->touchpoints[i].visits == 0)
			rows[count++] = (struct ask_inventory_row){ .event = STR(""),
				                                    .channel = STR(""),
				                                    .touchpoint = rules->touchpoints[i].key,
				                                    .status = ASK_SILENT };
	qsort(rows, count, sizeof *rows, by_count_then_names);
	*out = rows;
	*n = count;
	return OK;
}

enum err_code ask_inventory(struct ask *a, const struct journey_query *q, struct arena *m,
                            struct ask_inventory_row **out, size_t *n, struct err *err)
{
	struct asking k;
	struct journey_measure r;
	uint32_t values;
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK && !q->rules) rc = asking_split(&k, STR(""), &values, err);
	if (rc == OK) rc = scan_meter(&k, JOURNEY_METER_KINDS, m, &r, err);
	if (rc == OK) rc = ask_inventory_of(&r, q->rules, m, out, n, err);
	asking_done(&k);
	return rc;
}

/* --- values -------------------------------------------------------------------------------------------- */

struct tally_ctx {
	const struct journey_plan *plan;
	struct str dimension;
};

static void *make_tally(void *ctx)
{
	const struct tally_ctx *t = ctx;
	return journey_tally_new(t->plan, t->dimension);
}

static void add_tally(void *ctx, void *acc, const struct journey_columns *c)
{
	journey_tally_add(acc, c);
}

static int by_count_then_value(const void *x, const void *y)
{
	const struct ask_value *a = x, *b = y;
	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	return str_cmp(a->value, b->value);
}

static enum err_code tally_result(const struct journey_tally *t, size_t limit, struct arena *m, struct ask_value **out,
                                  size_t *n, struct err *err)
{
	if (journey_tally_failed(t)) return err_no_memory(err);
	struct ask_value *list = malloc((size_t)journey_tally_n(t) * sizeof *list);
	if (!list) return err_no_memory(err);
	size_t count = 0;
	for (uint32_t v = 0; v < journey_tally_n(t); v++) {
		struct ask_value x;
		x.value = journey_tally_get(t, v, &x.count, &x.customers);
		if (x.count) list[count++] = x;
	}
	qsort(list, count, sizeof *list, by_count_then_value);
	if (count > limit) count = limit;
	struct ask_value *kept = ARENA_ARRAY(m, struct ask_value, count);
	if (kept) memcpy(kept, list, count * sizeof *kept);
	free(list);
	if (!kept) return err_no_memory(err);
	*out = kept;
	*n = count;
	return OK;
}

enum err_code ask_values(struct ask *a, const struct journey_query *q, struct str dimension, size_t limit,
                         struct arena *m, struct ask_value **out, size_t *n, struct err *err)
{
	if (index_dimension_ready(a->ix, dimension) < 0)
		return err_set(err, ERR_NOT_FOUND, "query.dimension", "dimension",
		               "\"" STR_FMT "\" is not a declared property", STR_ARG(dimension));
	TRY(asking_needs(a, dimension, "dimension", err));
	struct asking k;
	void *accs[ASK_THREADS_MAX];
	int made = 0;
	enum err_code rc = asking_start(&k, a, q, err);
	struct tally_ctx ctx = { k.plan, dimension };
	const struct scan scan = { .make = make_tally, .each = add_tally, .ctx = &ctx, .codes = q->rules != NULL };
	if (rc == OK) rc = asking_scan(&k, &scan, accs, &made, err);
	for (int i = 1; i < made; i++) {
		if (rc == OK) journey_tally_merge(accs[0], accs[i]);
		journey_tally_free(accs[i]);
	}
	if (rc == OK) rc = tally_result(accs[0], limit, m, out, n, err);
	if (made) journey_tally_free(accs[0]);
	asking_done(&k);
	return rc;
}
