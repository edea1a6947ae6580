/* Feedback and follow-ups at work: looking, and what people do with them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/when.h"
#include "cli/priv.h"

static struct str address(struct cli *c, const char *rest)
{
	const char *what = strcmp(c->verb->name, "inbox") == 0 ? "feedback" : "follow-ups";
	return str_format(&c->arena, "/api/%s/" STR_FMT "%s", what, STR_ARG(cli_escape(c, str_of(c->arg[0]))), rest);
}

const char *cli_own(const struct cli *c, const char *name)
{
	for (int i = 0; i < c->n_own; i++)
		if (str_eq(c->own[i].name, str_of(name))) return c->own[i].value;
	return NULL;
}

/* --- one, in lines ------------------------------------------------------------------------------------ */

static void line(const char *title, const char *value)
{
	if (value && *value) printf("%-12s %s\n", title, value);
}

static void text_line(struct cli *c, const json_t *o, const char *title, const char *key)
{
	line(title, cli_shown(c, json_object_get(o, key)));
}

static void time_line(const json_t *o, const char *title, const char *key)
{
	char iso[WHEN_TEXT_BYTES];
	const json_t *v = json_object_get(o, key);
	if (json_is_integer(v)) printf("%-12s %.19s\n", title, when_format_iso(json_integer_value(v), iso).ptr);
}

static void score_line(const json_t *o)
{
	const json_t *s = json_object_get(o, "score");
	if (!json_is_object(s)) return;
	printf("%-12s %s %g on %g to %g\n", "score", json_string_value(json_object_get(s, "kind")),
	       json_number_value(json_object_get(s, "value")), json_number_value(json_object_get(s, "min")),
	       json_number_value(json_object_get(s, "max")));
}

static void show_feedback(struct cli *c, const json_t *o)
{
	static const struct cli_column notes[] = { { "when (UTC)", "at_ms", COL_TIME },
		                                   { "who", "author", COL_TEXT },
		                                   { "reply", "channel", COL_TEXT },
		                                   { "words", "text", COL_TEXT } };
	text_line(c, o, "event", "event");
	text_line(c, o, "about", "about");
	time_line(o, "when (UTC)", "at_ms");
	text_line(c, o, "customer", "customer");
	text_line(c, o, "unit", "unit");
	text_line(c, o, "channel", "channel");
	text_line(c, o, "language", "lang");
	score_line(o);
	text_line(c, o, "state", "state");
	text_line(c, o, "assigned", "assigned");
	text_line(c, o, "words", "comment");
	if (json_array_size(json_object_get(o, "notes")))
		cli_table(c, json_object_get(o, "notes"), notes, COUNT_OF(notes));
}

static void show_follow_up(struct cli *c, const json_t *o)
{
	static const struct cli_column steps[] = { { "when (UTC)", "at_ms", COL_TIME },
		                                   { "who", "author", COL_TEXT },
		                                   { "what", "what", COL_TEXT },
		                                   { "words", "text", COL_TEXT } };
	line("rule", cli_shown(c, json_object_get(o, "rule_name")));
	text_line(c, o, "customer", "customer");
	text_line(c, o, "unit", "unit");
	text_line(c, o, "state", "state");
	text_line(c, o, "responsible", "responsible");
	time_line(o, "due (UTC)", "due_ms");
	text_line(c, o, "cause", "cause");
	text_line(c, o, "outcome", "outcome");
	text_line(c, o, "words", "comment");
	cli_table(c, json_object_get(o, "steps"), steps, COUNT_OF(steps));
}

/* Sends a body (taken; NULL none) and shows the feedback or follow-up that comes back. */
static int one(struct cli *c, const char *method, struct str target, json_t *body)
{
	struct err err;
	struct cli_reply reply;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	const enum err_code rc = cli_request(c, method, target, str_of(text ? text : ""), &reply, &err);
	free(text);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	if (strcmp(c->verb->name, "inbox") == 0) show_feedback(c, o);
	else show_follow_up(c, o);
	json_decref(o);
	return 0;
}

/* --- the verbs ------------------------------------------------------------------------------------------ */

int cli_inbox_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "number", "arrival", COL_TEXT },      { "when (UTC)", "at_ms", COL_TIME },
		{ "event", "event", COL_TEXT },         { "unit", "unit", COL_TEXT },
		{ "of 100", "score.of_100", COL_NUM1 }, { "state", "state", COL_TEXT },
		{ "who", "assigned", COL_TEXT },        { "words", "comment", COL_TEXT },
	};
	return cli_rows(c, str_format(&c->arena, "/api/feedback" STR_FMT, STR_ARG(cli_scope(c, false))), "feedback",
	                columns, COUNT_OF(columns));
}

int cli_follow_up_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "id", "id", COL_TEXT },
		{ "due (UTC)", "due_ms", COL_TIME },
		{ "overdue", "overdue", COL_TEXT },
		{ "state", "state", COL_TEXT },
		{ "who", "responsible", COL_TEXT },
		{ "rule", "rule_name", COL_NAME },
		{ "customer", "customer", COL_TEXT },
		{ "unit", "unit", COL_TEXT },
		{ "words", "comment", COL_TEXT },
	};
	return cli_rows(c, str_format(&c->arena, "/api/follow-ups" STR_FMT, STR_ARG(cli_scope(c, false))), "follow_ups",
	                columns, COUNT_OF(columns));
}

int cli_care_show(struct cli *c)
{
	return one(c, "GET", address(c, ""), NULL);
}

int cli_care_note(struct cli *c)
{
	return one(c, "POST", address(c, "/notes"), json_pack("{s:s}", "text", c->arg[1]));
}

int cli_care_reply(struct cli *c)
{
	json_t *body = json_pack("{s:s}", "text", c->arg[1]);
	if (cli_own(c, "by")) json_object_set_new(body, "channel", json_string(cli_own(c, "by")));
	return one(c, "POST", address(c, "/reply"), body);
}

static void put_list(json_t *body, const char *key, const char *value)
{
	if (value) json_object_set_new(body, key, json_pack("[s]", value));
}

int cli_inbox_set(struct cli *c)
{
	json_t *body = json_object();
	if (cli_own(c, "state")) json_object_set_new(body, "state", json_string(cli_own(c, "state")));
	if (cli_own(c, "assign"))
		json_object_set_new(body, "assigned",
		                    strcmp(cli_own(c, "assign"), "nobody") == 0 ? json_null()
		                                                                : json_string(cli_own(c, "assign")));
	put_list(body, "add_tags", cli_own(c, "tag"));
	put_list(body, "drop_tags", cli_own(c, "untag"));
	if (json_object_size(body)) return one(c, "PATCH", address(c, ""), body);
	json_decref(body);
	return cli_usage(c, "nothing is said that should change");
}

void cli_put_words(json_t *body, const char *key, const char *value)
{
	json_t *list = json_array();
	for (struct str rest = str_of(value ? value : ""); rest.len;) {
		const struct str one = str_trim(str_cut(rest, 0, str_find(rest, ',')));
		if (one.len) json_array_append_new(list, json_stringn(one.ptr, one.len));
		rest = str_cut(rest, str_find(rest, ',') + 1, rest.len);
	}
	if (json_array_size(list)) json_object_set(body, key, list);
	json_decref(list);
}

int cli_inbox_correct(struct cli *c)
{
	json_t *body = json_object();
	if (cli_own(c, "feeling"))
		json_object_set_new(body, "feeling",
		                    strcmp(cli_own(c, "feeling"), "none") == 0 ? json_null()
		                                                               : json_string(cli_own(c, "feeling")));
	cli_put_words(body, "add_topics", cli_own(c, "topic"));
	cli_put_words(body, "drop_topics", cli_own(c, "untopic"));
	if (json_object_size(body)) return one(c, "POST", address(c, "/corrections"), body);
	json_decref(body);
	return cli_usage(c, "nothing is said that should be read otherwise");
}

int cli_inbox_corrections(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "step", "id", COL_TEXT },
		{ "when (UTC)", "at_ms", COL_TIME },
		{ "who", "author", COL_TEXT },
		{ "chosen by", "chosen", COL_TEXT },
		{ "read as", "judged", COL_NUM1 },
		{ "was", "was.feeling", COL_TEXT },
		{ "feeling", "is.feeling", COL_TEXT },
		{ "added", "is.added", COL_TEXT },
		{ "dropped", "is.dropped", COL_TEXT },
	};
	return cli_rows(c, address(c, "/corrections"), "steps", columns, COUNT_OF(columns));
}

int cli_inbox_undo(struct cli *c)
{
	int64_t step;
	if (!str_to_i64(str_of(c->arg[1]), &step)) return cli_usage(c, "a step is a number: safar inbox corrections");
	return one(c, "POST", address(c, "/corrections/undo"), json_pack("{s:I}", "step", (json_int_t)step));
}

int cli_follow_up_assign(struct cli *c)
{
	return one(c, "PATCH", address(c, ""), json_pack("{s:s}", "responsible", c->arg[1]));
}

int cli_follow_up_close(struct cli *c)
{
	if (!cli_own(c, "outcome")) return cli_usage(c, "--outcome is missing: what came of it");
	json_t *body = json_pack("{s:s,s:s}", "state", "closed", "outcome", cli_own(c, "outcome"));
	if (cli_own(c, "cause")) json_object_set_new(body, "cause", json_string(cli_own(c, "cause")));
	return one(c, "PATCH", address(c, ""), body);
}

int cli_follow_up_state(struct cli *c)
{
	return one(c, "PATCH", address(c, ""), json_pack("{s:s}", "state", c->arg[1]));
}

static void show_estimate(struct cli *c, const json_t *o, const char *title, const char *key, enum cli_kind kind)
{
	const json_t *e = json_object_get(o, key);
	cli_estimate(c, str_format(&c->arena, "%-22s", title).ptr, e, kind);
	printf(" (n = %lld)\n", (long long)json_integer_value(json_object_get(e, "n")));
}

int cli_follow_up_summary(struct cli *c)
{
	static const char *const counts[] = { "opened", "open", "doing", "waiting", "closed", "overdue" };
	struct err err;
	struct cli_reply reply;
	const struct str target =
	        str_format(&c->arena, "/api/follow-ups/summary" STR_FMT, STR_ARG(cli_scope(c, false)));
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		printf("%-22s %lld\n", counts[i], (long long)json_integer_value(json_object_get(o, counts[i])));
	show_estimate(c, o, "on time", "on_time", COL_PERCENT);
	show_estimate(c, o, "first reply, hours", "first_reply_hours", COL_NUM1);
	show_estimate(c, o, "score after recovery", "recovery", COL_NUM1);
	show_estimate(c, o, "without", "without", COL_NUM1);
	json_decref(o);
	return 0;
}
