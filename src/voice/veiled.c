/*
 * Which employees' responses may be shown. They come out in groups of VOICE_SMALL_GROUP, in the order in which they
 * were completed: whoever looks twice, or compares a period, a unit and the whole, finds that many people more or
 * none, never one.
 */
#include "voice/priv.h"

enum { PAGE = 5000 };

struct said {
	int64_t at_ms, id;
	bool in; /* of the unit */
};

static int by_time(const void *x, const void *y)
{
	const struct said *a = x, *b = y;
	if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int by_id(const void *x, const void *y)
{
	const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return a < b ? -1 : a > b;
}

static bool below(struct str unit, struct str of)
{
	return !of.len || str_eq(unit, of) || (str_starts(unit, of) && unit.len > of.len && unit.ptr[of.len] == '/');
}

static enum err_code read_all(struct voice *v, int64_t survey, struct str unit, struct buf *out, struct err *err)
{
	struct arena scratch;
	struct voice_response *rows;
	enum err_code rc = OK;
	size_t n = PAGE;
	arena_init(&scratch, 256 * MIB);
	for (int64_t after = 0; rc == OK && n == PAGE;) {
		arena_reset(&scratch);
		rc = voice_responses(v, survey, after, true, STR(""), PAGE, &scratch, &rows, &n, err);
		for (size_t i = 0; rc == OK && i < n; i++) {
			const struct said s = { rows[i].completed_ms, rows[i].id, below(rows[i].unit, unit) };
			buf_put(out, &s, sizeof s);
		}
		if (rc == OK && n) after = rows[n - 1].id;
	}
	arena_done(&scratch);
	return rc == OK ? buf_check(out, err) : rc;
}

/* Of n in order, the groups that lie in the period as a whole; into `ids`. */
static size_t groups(const struct said *all, size_t n, bool of_unit, int64_t from_ms, int64_t to_ms, int64_t *ids)
{
	const struct said *group[VOICE_SMALL_GROUP];
	size_t in_group = 0, n_ids = 0;
	for (size_t i = 0; i < n; i++) {
		if (of_unit && !all[i].in) continue;
		group[in_group++] = &all[i];
		if (in_group < VOICE_SMALL_GROUP) continue;
		in_group = 0;
		if (group[0]->at_ms < from_ms || all[i].at_ms >= to_ms) continue;
		for (int k = 0; k < VOICE_SMALL_GROUP; k++) ids[n_ids++] = group[k]->id;
	}
	return n_ids;
}

enum err_code voice_veiled(struct voice *v, int64_t survey, struct str unit, int64_t from_ms, int64_t to_ms,
                           struct arena *a, int64_t **ids, size_t *n_ids, struct err *err)
{
	struct buf b;
	buf_init(&b, 256 * MIB);
	*n_ids = 0;
	enum err_code rc = read_all(v, survey, unit, &b, err);
	struct said *all = (struct said *)(void *)b.ptr;
	const size_t n = b.len / sizeof *all, whole = n - n % VOICE_SMALL_GROUP;
	if (rc == OK && !(*ids = ARENA_ARRAY(a, int64_t, n + 1))) rc = err_no_memory(err);
	if (rc == OK && n) {
		qsort(all, n, sizeof *all, by_time);
		const size_t n_period = groups(all, whole, false, from_ms, to_ms, *ids);
		*n_ids = unit.len ? groups(all, whole, true, from_ms, to_ms, *ids) : n_period;
		/* Nor may a few others be told from the whole. */
		if (*n_ids > n_period || (*n_ids < n_period && n_period - *n_ids < VOICE_SMALL_GROUP)) *n_ids = 0;
		if (*n_ids) qsort(*ids, *n_ids, sizeof **ids, by_id);
	}
	buf_done(&b);
	return rc;
}

bool voice_veiled_has(const int64_t *ids, size_t n, int64_t id)
{
	return n && bsearch(&id, ids, n, sizeof *ids, by_id);
}
