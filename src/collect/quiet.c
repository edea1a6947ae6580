/* Sources that are quieter than their own past. docs/methods/alert.md. */
#include "base/when.h"
#include "collect/priv.h"

#define WEEKS 8
#define WEEKS_MIN 3
#define EXPECTED_MIN 5.0
#define QUIET_P 0.01
#define SOURCES_MAX 5000

/* One window and those before it at the same hour of the same weekday, by the wall clock. */
struct window {
	int64_t from_ms, to_ms;
	struct ask_value *counts[WEEKS + 1]; /* by source; [0]: the window itself */
	size_t n_counts[WEEKS + 1];
};

static int64_t wall(struct zone *z, int64_t at_ms)
{
	return at_ms + zone_offset_ms(z, at_ms);
}

static enum err_code window_read(struct ask *ask, struct zone *z, int64_t to_wall_ms, int64_t span_ms, struct arena *a,
                                 struct window *w, struct err *err)
{
	for (int k = 0; k <= WEEKS; k++) {
		const int64_t end = to_wall_ms - k * 7 * WHEN_DAY_MS;
		const struct journey_query q = { .from_ms = zone_to_utc(z, end - span_ms),
			                         .to_ms = zone_to_utc(z, end) };
		if (!k) w->from_ms = q.from_ms, w->to_ms = q.to_ms;
		TRY(ask_values(ask, &q, STR("source"), SOURCES_MAX, a, &w->counts[k], &w->n_counts[k], err));
	}
	return OK;
}

static int64_t count_of(const struct window *w, int k, struct str source)
{
	for (size_t i = 0; i < w->n_counts[k]; i++)
		if (str_eq(w->counts[k][i].value, source)) return w->counts[k][i].count;
	return 0;
}

/* False where the past says too little: it began fewer than WEEKS_MIN weeks ago, or hardly anything came. */
static bool judge(const struct window *w, struct str source, struct collect_quiet *out)
{
	int64_t past[WEEKS];
	size_t n = WEEKS;
	for (int k = 0; k < WEEKS; k++) past[k] = count_of(w, k + 1, source);
	while (n && !past[n - 1]) n--; /* before it began */
	if (n < WEEKS_MIN || stats_lull(past, n, count_of(w, 0, source), &out->volume, NULL) != OK) return false;
	out->from_ms = w->from_ms;
	out->to_ms = w->to_ms;
	return out->volume.is.expected >= EXPECTED_MIN;
}

static enum err_code windows_read(struct collect *c, struct ask *ask, struct arena *a, struct window w[COLLECT_SPANS],
                                  struct err *err)
{
	struct str name = STR("UTC");
	struct zone *z;
	if (c->opt.zone) TRY(c->opt.zone(c->opt.zone_ctx, a, &name, err));
	TRY(zone_open(name.len ? name : STR("UTC"), &z, err));
	const int64_t now = wall(z, now_of(c));
	enum err_code rc = window_read(ask, z, now - now % WHEN_HOUR_MS, WHEN_HOUR_MS, a, &w[COLLECT_HOUR], err);
	if (rc == OK) rc = window_read(ask, z, now - now % WHEN_DAY_MS, WHEN_DAY_MS, a, &w[COLLECT_DAY], err);
	zone_close(z);
	return rc;
}

enum err_code collect_quiet(struct collect *c, struct ask *ask, struct arena *a, struct collect_quiet **out, size_t *n,
                            struct err *err)
{
	struct window w[COLLECT_SPANS] = { 0 };
	struct collect_source *sources;
	size_t n_sources, count = 0;
	TRY(collect_source_list(c, a, &sources, &n_sources, err));
	TRY(windows_read(c, ask, a, w, err));
	struct collect_quiet *rows = ARENA_ARRAY(a, struct collect_quiet, n_sources * COLLECT_SPANS + 1);
	if (!rows) return err_no_memory(err);
	for (size_t i = 0; i < n_sources; i++) {
		const bool live = sources[i].kind == COLLECT_SDK || sources[i].kind == COLLECT_SURVEY;
		const struct str id = str_format(a, "%u", sources[i].id);
		if (!id.ptr) return err_no_memory(err);
		for (int span = 0; live && sources[i].enabled && span < COLLECT_SPANS; span++) {
			rows[count] = (struct collect_quiet){ .source = sources[i].id,
				                              .name = sources[i].name,
				                              .span = (enum collect_span)span };
			count += judge(&w[span], id, &rows[count]);
		}
	}
	/* Many looks: as many as there were rows (Bonferroni). */
	for (size_t i = 0; i < count; i++) {
		const double p = rows[i].volume.is.p * (double)count;
		rows[i].p_adjusted = p < 1 ? p : 1;
		rows[i].quiet = rows[i].p_adjusted <= QUIET_P;
	}
	*out = rows;
	*n = count;
	return OK;
}
