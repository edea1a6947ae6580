#include <stdio.h>

#include "cli/priv.h"

/* Each question: its own parameters, which are options too, and what a person sees of the answer: the array to print
 * and its columns. */
static const struct {
	const char *verb, *own, *rows;
	struct cli_column columns[10];
} tables[] = {
	{ "dfg",
	  "times edges variants",
	  "edges",
	  { { "from", "from", COL_TEXT },
	    { "to", "to", COL_TEXT },
	    { "count", "count", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "half within", "p50_ms", COL_SPAN },
	    { "9 of 10 within", "p90_ms", COL_SPAN } } },
	{ "flow",
	  "activities edges",
	  "edges",
	  { { "from", "from", COL_TEXT },
	    { "to", "to", COL_TEXT },
	    { "count", "count", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "half within", "p50_ms", COL_SPAN },
	    { "9 of 10 within", "p90_ms", COL_SPAN } } },
	{ "funnel",
	  "steps exclude window order",
	  "steps",
	  { { "step", "name", COL_TEXT },
	    { "cases", "cases", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "share", "share.est", COL_PERCENT },
	    { "low", "share.lo", COL_PERCENT },
	    { "high", "share.hi", COL_PERCENT },
	    { "of the step before", "step_share.est", COL_PERCENT },
	    { "lost", "lost", COL_INT },
	    { "half within", "from_start.p50_ms", COL_SPAN },
	    { "since the step before", "from_previous.p50_ms", COL_SPAN } } },
	{ "rework",
	  "",
	  "activities",
	  { { "activity", "name", COL_TEXT },
	    { "n", "count", COL_INT },
	    { "cases", "cases", COL_INT },
	    { "with repeats", "repeated_cases", COL_INT },
	    { "repeats", "repeats", COL_INT },
	    { "of them at once", "self_loops", COL_INT } } },
	{ "handovers",
	  "",
	  "handovers",
	  { { "from", "from", COL_TEXT },
	    { "to", "to", COL_TEXT },
	    { "count", "count", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "half within", "p50_ms", COL_SPAN },
	    { "before", "before.est", COL_NUM1 },
	    { "after", "after.est", COL_NUM1 },
	    { "change", "diff.est", COL_NUM1 },
	    { "answers", "diff.n", COL_INT },
	    { "ended", "ended", COL_INT } } },
	{ "conformance",
	  "model",
	  "deviations",
	  { { "deviation", "kind", COL_TEXT },
	    { "activity", "activity", COL_TEXT },
	    { "cases", "cases", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "share", "share.est", COL_PERCENT },
	    { "low", "share.lo", COL_PERCENT },
	    { "high", "share.hi", COL_PERCENT } } },
	{ "bottlenecks",
	  "target",
	  "edges",
	  { { "from", "from", COL_TEXT },
	    { "to", "to", COL_TEXT },
	    { "n", "n", COL_INT },
	    { "half within", "p50_ms", COL_SPAN },
	    { "9 of 10 within", "p90_ms", COL_SPAN },
	    { "all together", "total_ms", COL_SPAN } } },
	{ "lift",
	  "outcome before",
	  "touchpoints",
	  { { "activity", "name", COL_TEXT },
	    { "cases", "cases", COL_INT },
	    { "reached", "reached", COL_INT },
	    { "rate", "rate.est", COL_PERCENT },
	    { "difference", "diff.est", COL_PERCENT },
	    { "low", "diff.lo", COL_PERCENT },
	    { "high", "diff.hi", COL_PERCENT },
	    { "p adjusted", "p_adjusted", COL_NUM3 } } },
	{ "silent",
	  "about asked",
	  "scores",
	  { { "who", "who", COL_TEXT },
	    { "customers", "customers", COL_INT },
	    { "score", "score.est", COL_NUM1 },
	    { "low", "score.lo", COL_NUM1 },
	    { "high", "score.hi", COL_NUM1 } } },
	{ "lead",
	  "about staff",
	  "touchpoints",
	  { { "touchpoint", "name", COL_TEXT },
	    { "reports", "reports", COL_INT },
	    { "staff from", "staff.at_ms", COL_TIME },
	    { "answers", "answers", COL_INT },
	    { "customers from", "scores.at_ms", COL_TIME },
	    { "before", "scores.before", COL_NUM1 },
	    { "after", "scores.after", COL_NUM1 },
	    { "days ahead", "lead.est", COL_NUM1 },
	    { "low", "lead.lo", COL_NUM1 },
	    { "high", "lead.hi", COL_NUM1 } } },
	{ "recovery",
	  "after hurt contact stay within later window",
	  "groups",
	  { { "value", "value", COL_TEXT },
	    { "contact", "contact", COL_TEXT },
	    { "customers", "customers", COL_INT },
	    { "stayed", "rate.est", COL_PERCENT },
	    { "low", "rate.lo", COL_PERCENT },
	    { "high", "rate.hi", COL_PERCENT },
	    { "difference", "diff.est", COL_PERCENT },
	    { "low", "diff.lo", COL_PERCENT },
	    { "high", "diff.hi", COL_PERCENT },
	    { "p adjusted", "p_adjusted", COL_NUM3 } } },
	{ "retention",
	  "period kind start back weight currency origin week_start",
	  "cohorts",
	  { { "begins", "start", COL_TEXT },
	    { "customers", "size", COL_INT },
	    { "active at 0, 1, 2 …", "active", COL_LIST },
	    { "value", "value", COL_LIST } } },
	{ "value",
	  "purchase currency months discount margin",
	  "cells",
	  { { "recency", "recency", COL_INT },
	    { "frequency", "frequency", COL_INT },
	    { "money", "money", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "spent, minor units", "spent_minor", COL_INT } } },
	{ "beginnings",
	  "outcome currency",
	  "rows",
	  { { "began with", "value", COL_TEXT },
	    { "customers", "customers", COL_INT },
	    { "indirect", "indirect", COL_INT },
	    { "reached it", "converted.est", COL_PERCENT },
	    { "low", "converted.lo", COL_PERCENT },
	    { "high", "converted.hi", COL_PERCENT },
	    { "first feeling", "feeling.est", COL_NUM1 },
	    { "later", "later.est", COL_NUM1 },
	    { "days, half", "days.est", COL_NUM1 } } },
	{ "credit",
	  "outcome currency",
	  "channels",
	  { { "channel", "channel", COL_TEXT },
	    { "journeys", "touched", COL_INT },
	    { "first", "first.est", COL_NUM1 },
	    { "last", "last.est", COL_NUM1 },
	    { "linear", "linear.est", COL_NUM1 },
	    { "markov", "markov.est", COL_NUM1 },
	    { "low", "markov.lo", COL_NUM1 },
	    { "high", "markov.hi", COL_NUM1 },
	    { "shapley", "shapley.est", COL_NUM1 } } },
	{ "churn",
	  "horizon activity currency customer limit",
	  "rows",
	  { { "customer", "customer", COL_TEXT },
	    { "chance to leave", "chance", COL_PERCENT },
	    { "of those alike", "alike.est", COL_PERCENT },
	    { "low", "alike.lo", COL_PERCENT },
	    { "high", "alike.hi", COL_PERCENT },
	    { "there last", "last_ms", COL_TIME },
	    { "spent lately, minor units", "recent_minor", COL_INT },
	    { "at stake", "stake_minor", COL_INT } } },
	{ "felt",
	  "currency",
	  "fifths",
	  { { "fifth of experience", "fifth", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "experience", "experience", COL_NUM1 },
	    { "spent after, minor units", "raw_minor.est", COL_INT },
	    { "low", "raw_minor.lo", COL_INT },
	    { "high", "raw_minor.hi", COL_INT },
	    { "mixed alike", "adjusted_minor.est", COL_INT },
	    { "low", "adjusted_minor.lo", COL_INT },
	    { "high", "adjusted_minor.hi", COL_INT } } },
	{ "survival",
	  "activity any pause",
	  "groups",
	  { { "began with", "value", COL_TEXT },
	    { "customers", "customers", COL_INT },
	    { "gone", "gone", COL_INT },
	    { "came back", "came_back", COL_INT },
	    { "half within, days", "median_days.est", COL_NUM1 },
	    { "low", "median_days.lo", COL_NUM1 },
	    { "high", "median_days.hi", COL_NUM1 },
	    { "mean days within", "within_days.est", COL_NUM1 },
	    { "low", "within_days.lo", COL_NUM1 },
	    { "high", "within_days.hi", COL_NUM1 } } },
	{ "scores",
	  "low",
	  "rows",
	  { { "touchpoint", "name", COL_TEXT },
	    { "value", "value", COL_TEXT },
	    { "n", "n", COL_INT },
	    { "answers", "answers", COL_INT },
	    { "mean", "mean", COL_NUM2 },
	    { "score", "score.est", COL_NUM1 },
	    { "low", "score.lo", COL_NUM1 },
	    { "high", "score.hi", COL_NUM1 },
	    { "share of low ones", "low_share.est", COL_PERCENT } } },
	{ "series",
	  "kind period touchpoint origin week_start",
	  "rows",
	  { { "of", "name", COL_TEXT },
	    { "begins", "start", COL_TEXT },
	    { "answers", "n", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "score", "score.est", COL_SCORE },
	    { "low", "score.lo", COL_SCORE },
	    { "high", "score.hi", COL_SCORE },
	    { "change", "diff.est", COL_SCORE },
	    { "distinguishable", "distinguishable", COL_TEXT } } },
	{ "variants", "cut", "top", { { "count", "count", COL_INT }, { "steps", "steps", COL_JOIN } } },
	{ "touchpoints",
	  "",
	  "touchpoints",
	  { { "touchpoint", "name", COL_TEXT },
	    { "value", "value", COL_TEXT },
	    { "n", "n", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "score", "score.est", COL_NUM1 },
	    { "low", "score.lo", COL_NUM1 },
	    { "high", "score.hi", COL_NUM1 },
	    { "answers", "score.n", COL_INT },
	    { "to next", "to_next.p50_ms", COL_SPAN } } },
	{ "consistency",
	  "",
	  "touchpoints",
	  { { "touchpoint", "name", COL_TEXT },
	    { "spread", "tau.est", COL_NUM1 },
	    { "low", "tau.lo", COL_NUM1 },
	    { "high", "tau.hi", COL_NUM1 },
	    { "groups", "tau.n_eff", COL_INT },
	    { "answers", "tau.n", COL_INT },
	    { "differs", "differs", COL_TEXT } } },
	{ "money",
	  "horizon",
	  "ranking",
	  { { "currency", "currency", COL_TEXT },
	    { "rank", "rank", COL_INT },
	    { "touchpoint", "name", COL_TEXT },
	    { "customers", "lost_customers", COL_INT },
	    { "lost, minor units", "lost.est", COL_INT },
	    { "low", "lost.lo", COL_INT },
	    { "high", "lost.hi", COL_INT } } },
	{ "phases",
	  "",
	  "phases",
	  { { "phase", "key", COL_TEXT },
	    { "customers", "customers", COL_INT },
	    { "events", "events", COL_INT },
	    { "touchpoints", "touchpoints", COL_INT },
	    { "evidence", "evidence", COL_TEXT } } },
	{ "friction",
	  "",
	  "touchpoints",
	  { { "touchpoint", "name", COL_TEXT },
	    { "visits", "visits", COL_INT },
	    { "per 100", "total", COL_NUM1 },
	    { "again", "per_100.repeat", COL_NUM1 },
	    { "failed", "per_100.error", COL_NUM1 },
	    { "dead end", "per_100.dead_end", COL_NUM1 },
	    { "back", "per_100.back_track", COL_NUM1 },
	    { "left", "per_100.abandoned", COL_NUM1 },
	    { "late", "per_100.late", COL_NUM1 },
	    { "contacts", "per_100.contacts", COL_NUM1 } } },
	{ "waits",
	  "",
	  "waits",
	  { { "touchpoint", "name", COL_TEXT },
	    { "n", "n", COL_INT },
	    { "half within", "p50_ms", COL_SPAN },
	    { "9 of 10 within", "p90_ms", COL_SPAN },
	    { "left", "left", COL_INT },
	    { "share", "left_share.est", COL_PERCENT },
	    { "low", "left_share.lo", COL_PERCENT },
	    { "high", "left_share.hi", COL_PERCENT } } },
	{ "tasks",
	  "start done window",
	  "",
	  { { "from", "start", COL_TEXT },
	    { "to", "done", COL_TEXT },
	    { "started", "started", COL_INT },
	    { "completed", "completed", COL_INT },
	    { "share", "success.est", COL_PERCENT },
	    { "low", "success.lo", COL_PERCENT },
	    { "high", "success.hi", COL_PERCENT },
	    { "half within", "time.p50_ms", COL_SPAN },
	    { "9 of 10 within", "time.p90_ms", COL_SPAN } } },
	{ "moments",
	  "outcome within good bad",
	  "touchpoints",
	  { { "touchpoint", "name", COL_TEXT },
	    { "moment", "moment", COL_TEXT },
	    { "difference", "diff.est", COL_PERCENT },
	    { "low", "diff.lo", COL_PERCENT },
	    { "high", "diff.hi", COL_PERCENT },
	    { "unadjusted", "raw_diff", COL_PERCENT },
	    { "adjusted p", "p_adjusted", COL_NUM3 },
	    { "good", "good.n", COL_INT },
	    { "bad", "bad.n", COL_INT },
	    { "reach", "reach", COL_PERCENT } } },
	{ "compare",
	  "against",
	  "touchpoints",
	  { { "touchpoint", "name", COL_TEXT },
	    { "customers", "a.customers", COL_INT },
	    { "beside", "b.customers", COL_INT },
	    { "share", "share.diff.est", COL_PERCENT },
	    { "low", "share.diff.lo", COL_PERCENT },
	    { "high", "share.diff.hi", COL_PERCENT },
	    { "score", "score.diff.est", COL_NUM1 },
	    { "low", "score.diff.lo", COL_NUM1 },
	    { "high", "score.diff.hi", COL_NUM1 } } },
	{ "units",
	  "dimension",
	  "units",
	  { { "unit", "path", COL_TEXT },
	    { "name", "name", COL_TEXT },
	    { "n", "n", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "answers", "answers", COL_INT },
	    { "score", "score.est", COL_NUM1 },
	    { "low", "score.lo", COL_NUM1 },
	    { "high", "score.hi", COL_NUM1 } } },
	{ "inventory",
	  "",
	  "touchpoints",
	  { { "event", "event", COL_TEXT },
	    { "channel", "channel", COL_TEXT },
	    { "touchpoint", "touchpoint", COL_TEXT },
	    { "status", "status", COL_TEXT },
	    { "n", "count", COL_INT },
	    { "customers", "customers", COL_INT },
	    { "first", "first_ms", COL_TIME },
	    { "last", "last_ms", COL_TIME } } },
};

static size_t columns_of(const struct cli_column *columns)
{
	size_t n = 0;
	while (n < 10 && columns[n].title) n++;
	return n;
}

const char *cli_query_own(const char *sub)
{
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		if (strcmp(tables[i].verb, sub) == 0) return tables[i].own;
	return "";
}

int cli_query(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	if (cli_wants_drawing(c)) return cli_drawings(c, str_format(&c->arena, "/api/query/%s", c->verb->sub));
	struct str target = str_format(&c->arena, "/api/query/%s" STR_FMT, c->verb->sub, STR_ARG(cli_scope(c, false)));
	if (c->opt[OPT_FORMAT])
		target = str_format(&c->arena, STR_FMT "%cformat=" STR_FMT, STR_ARG(target),
		                    str_find(target, '?') < target.len ? '&' : '?',
		                    STR_ARG(cli_escape(c, str_of(c->opt[OPT_FORMAT]))));
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_FORMAT] && strcmp(c->opt[OPT_FORMAT], "json") != 0) {
		fwrite(reply.body.ptr, 1, reply.body.len, stdout);
		return 0;
	}
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		if (strcmp(tables[i].verb, c->verb->sub) != 0) continue;
		const json_t *events = json_object_get(o, "events"), *customers = json_object_get(o, "customers"),
		             *variants = json_object_get(o, "variants");
		if (events)
			printf("%lld events, %lld customers", (long long)json_integer_value(events),
			       (long long)json_integer_value(customers));
		/* Not counted, it is null. */
		if (events && json_is_integer(variants))
			printf(", %lld variants", (long long)json_integer_value(variants));
		if (events) printf("\n\n");
		/* Without a list of its own, the answer is the one row. */
		json_t *rows = *tables[i].rows ? json_incref(json_object_get(o, tables[i].rows)) : json_pack("[O]", o);
		struct cli_column columns[COUNT_OF(tables[i].columns)];
		memcpy(columns, tables[i].columns, sizeof columns);
		cli_units(columns, COUNT_OF(columns), o);
		cli_table(c, rows, columns, columns_of(columns));
		json_decref(rows);
	}
	json_decref(o);
	return 0;
}

/* By hand: two customers become one, or one becomes two. */
int cli_customer_decide(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	struct buf b;
	struct json_out o;
	if (!c->opt[OPT_REASON]) return cli_usage(c, "others will want to know why: --reason");
	const bool merge = strcmp(c->verb->sub, "merge") == 0;
	const struct str target = str_format(&c->arena, "/api/customers/" STR_FMT "/%s",
	                                     STR_ARG(cli_escape(c, str_of(c->arg[0]))), c->verb->sub);
	buf_init(&b, 64 * 1024);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_kv_z(&o, merge ? "with" : "id", c->arg[1]);
	json_kv_z(&o, "reason", c->opt[OPT_REASON]);
	json_close(&o, '}');
	const enum err_code rc = cli_request(c, "POST", target, buf_view(&b), &reply, &err);
	buf_done(&b);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) printf(STR_FMT "\n", STR_ARG(reply.body));
	else printf(merge ? "%s and %s are one customer\n" : "%s and %s are two customers\n", c->arg[0], c->arg[1]);
	return 0;
}

/* All that is held of one customer, into a file or to stdout. */
int cli_customer_export(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	const struct str target =
	        str_format(&c->arena, "/api/customers/" STR_FMT "/export", STR_ARG(cli_escape(c, str_of(c->arg[0]))));
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (fwrite(reply.body.ptr, 1, reply.body.len, stdout) != reply.body.len || putchar('\n') == EOF) return 1;
	return 0;
}

/* The id is typed twice, as on the page. */
int cli_customer_erase(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	if (strcmp(c->arg[0], c->arg[1]) != 0)
		return cli_usage(c, "the id has to be typed twice: erasing cannot be undone");
	const struct str target =
	        str_format(&c->arena, "/api/customers/" STR_FMT "/erase", STR_ARG(cli_escape(c, str_of(c->arg[0]))));
	json_t *body =
	        json_pack("{s:s,s:s}", "confirm", c->arg[1], "reason", c->opt[OPT_REASON] ? c->opt[OPT_REASON] : "");
	char *text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	const enum err_code rc = cli_request(c, "POST", target, str_of(text ? text : ""), &reply, &err);
	free(text);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	static const struct cli_column columns[] = { { "what", "kind", COL_TEXT }, { "erased", "n", COL_INT } };
	json_t *o = cli_json(c, reply.body);
	printf("receipt %lld: nothing of them is in this directory any more\n\n",
	       (long long)json_integer_value(json_object_get(o, "id")));
	cli_table(c, json_object_get(o, "erased"), columns, COUNT_OF(columns));
	json_decref(o);
	return 0;
}

int cli_customer(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "when (UTC)", "at_ms", COL_TIME },
		{ "type", "type", COL_TEXT },
		{ "what", "name", COL_TEXT },
		{ "channel", "channel", COL_TEXT },
		{ "touchpoint", "touchpoint", COL_TEXT },
		{ "score", "body.properties.score", COL_NUM1 },
		{ "words", "body.properties.comment", COL_TEXT },
	};
	struct err err;
	struct cli_reply reply;
	struct str target = str_format(&c->arena, "/api/customers/" STR_FMT STR_FMT,
	                               STR_ARG(cli_escape(c, str_of(c->arg[0]))), STR_ARG(cli_scope(c, false)));
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	const char *id = json_string_value(json_object_get(o, "customer"));
	printf("%s, %lld events\n\n", id ? id : "", (long long)json_integer_value(json_object_get(o, "events_total")));
	cli_table(c, json_object_get(o, "events"), columns, COUNT_OF(columns));
	json_decref(o);
	return 0;
}
