#include "demo/demo.h"

#include "base/checked.h"
#include "base/embed.h"
#include "demo/priv.h"

#define BODY_BYTES_MAX (8 * MIB) /* all bodies of one customer */

extern const struct embed_file demo_map_files[];
extern const size_t demo_map_files_count;

const char *const demo_map_keys[] = { "orders", "service" };
const size_t demo_n_maps = COUNT_OF(demo_map_keys);
const struct str demo_organisation_json = STR("{\"ar\":\"رونق\",\"en\":\"Rawnaq\",\"fa\":\"رونق\"}");

struct str demo_map_json(size_t i)
{
	char name[32];
	snprintf(name, sizeof name, "%s.json", demo_map_keys[i]);
	return embed_find(demo_map_files, demo_map_files_count, name);
}

static enum err_code check(const struct demo_options *o, struct err *err)
{
	if (o->end_day < when_days(1990, 1, 1) || o->end_day >= when_days(2090, 1, 1))
		return err_set(err, ERR_INPUT, "demo.end_day", "end_day", "the end day must be between 1990 and 2089");
	if (o->n_customers > DEMO_CUSTOMERS_MAX)
		return err_limit(err, "demo.customers", "customers", o->n_customers, DEMO_CUSTOMERS_MAX,
		                 "%u customers are more than the demo makes", o->n_customers);
	return OK;
}

static enum err_code tell_all(struct gen *g, uint32_t n, struct err *err)
{
	for (uint32_t i = 0; i < n; i++) {
		customer_make(&g->c, g->o->seed, i);
		story_tell(g);
		TRY(put_flush(g, err));
		if (g->sink->progress && i % 256 == 0 && g->sink->progress(g->sink->ctx, g->n_events, i))
			return err_set(err, ERR_CONFLICT, "demo.stopped", "", "stopped after %lld events",
			               (long long)g->n_events);
	}
	if (g->sink->progress) (void)g->sink->progress(g->sink->ctx, g->n_events, n);
	return OK;
}

enum err_code demo_generate(const struct demo_options *o, const struct wire_sink *sink, struct err *err)
{
	TRY(check(o, err));
	struct gen *g = calloc(1, sizeof *g);
	if (!g) return err_no_memory(err);
	g->o = o;
	g->sink = sink;
	g->from_day = o->end_day - DEMO_DAYS + 1;
	g->end_ms = (o->end_day + 1) * WHEN_DAY_MS;
	buf_init(&g->text, BODY_BYTES_MAX);
	buf_init(&g->words, 64 * KIB);
	say_index(&g->sayings);
	enum err_code rc = season_fill(&g->season, g->from_day, err);
	if (rc == OK) rc = tell_all(g, o->n_customers ? o->n_customers : DEMO_CUSTOMERS, err);
	buf_done(&g->text);
	buf_done(&g->words);
	free(g);
	return rc;
}
