/* A page of the customers behind a figure. */
#include "ask/priv.h"

#include "base/checked.h"

/* What of one customer is in the question's scope; zeros when the snapshot has nothing of it. */
static enum err_code extent_of(struct asking *k, uint32_t customer, struct journey_extent *out, struct err *err)
{
	const struct index_run *run;
	uint32_t place;
	*out = (struct journey_extent){ 0 };
	if (!index_find(k->s, customer, &run, &place)) return OK;
	const struct journey_rules *rules = journey_plan_query(k->base)->rules;
	struct journey_columns c = run->columns;
	if (!rules) return journey_extent(k->base, &c, place, out, err);
	const struct code_entry *e = codes_get(&k->a->codes, k->base, rules->version_hash, run);
	if (!e) return err_no_memory(err);
	c.touchpoints = codes_of(e);
	const enum err_code rc = journey_extent(k->base, &c, place, out, err);
	codes_release(&k->a->codes, e);
	return rc;
}

enum err_code asking_members(struct asking *k, const struct journey_set *set, uint64_t cursor, size_t limit,
                             struct arena *m, struct ask_members *out, struct err *err)
{
	if (limit < 1 || limit > ASK_PAGE_MAX)
		return err_limit(err, "query.limit", "limit", (int64_t)limit, ASK_PAGE_MAX, "a page has 1 to %d rows",
		                 ASK_PAGE_MAX);
	if (cursor > UINT32_MAX)
		return err_set(err, ERR_INPUT, "query.cursor", "cursor", "no page begins at %llu",
		               (unsigned long long)cursor);
	uint32_t *numbers = ARENA_ARRAY(m, uint32_t, limit + 1);
	struct ask_member *rows = ARENA_ARRAY(m, struct ask_member, limit);
	if (!numbers || !rows) return err_no_memory(err);
	const size_t found = journey_set_list(set, (uint32_t)cursor, numbers, limit + 1);
	const size_t n = found < limit ? found : limit;
	for (size_t i = 0; i < n; i++) {
		rows[i] = (struct ask_member){ .customer = numbers[i], .external = external_of(k->a, numbers[i]) };
		TRY(extent_of(k, numbers[i], &rows[i].extent, err));
	}
	*out = (struct ask_members){
		.total = journey_set_n(set), .rows = rows, .n_rows = n, .next = found > limit ? numbers[n - 1] : 0
	};
	return OK;
}

enum err_code asking_behind(struct asking *k, const struct journey_behind *what, uint64_t cursor, size_t limit,
                            struct arena *m, struct ask_members *out, struct err *err)
{
	void *pass = NULL;
	const struct journey_set *set = NULL;
	enum err_code rc = asking_pass(k, &journey_behind_pass, what, &pass, err);
	if (rc == OK) rc = journey_behind_set(pass, &set, err);
	if (rc == OK) rc = asking_members(k, set, cursor, limit, m, out, err);
	journey_behind_pass.free(pass);
	return rc;
}
