/* Surveys at work: from a template, states, links, what they found. */
#include <stdio.h>

#include "base/checked.h"
#include "cli/priv.h"

static struct str address(struct cli *c, const char *rest)
{
	return str_format(&c->arena, "/api/surveys/" STR_FMT "%s", STR_ARG(cli_escape(c, str_of(c->arg[0]))), rest);
}

int cli_survey_links(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "code", "code", COL_TEXT },
		{ "name", "name", COL_TEXT },
		{ "channel", "channel", COL_TEXT },
		{ "unit", "unit", COL_TEXT },
		{ "started", "started", COL_INT },
		{ "completed", "completed", COL_INT },
		{ "ends (UTC)", "expires_ms", COL_TIME },
	};
	return cli_rows(c, address(c, "/links"), "links", columns, COUNT_OF(columns));
}

static int show_survey(struct cli *c, struct str body)
{
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(body));
		return 0;
	}
	json_t *o = cli_json(c, body);
	const char *key = json_string_value(json_object_get(o, "key")),
	           *state = json_string_value(json_object_get(o, "state"));
	printf("%s: %s, version %lld, %s; %lld started, %lld completed\n", key ? key : "",
	       cli_text_of(c, json_object_get(o, "name"), ""),
	       (long long)json_integer_value(json_object_get(o, "version")), state ? state : "",
	       (long long)json_integer_value(json_object_get(o, "started")),
	       (long long)json_integer_value(json_object_get(o, "completed")));
	json_decref(o);
	return 0;
}

int cli_survey_show(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	if (cli_request(c, "GET", address(c, ""), STR(""), &reply, &err) != OK) return cli_fail(&err);
	return show_survey(c, reply.body);
}

int cli_survey_templates(struct cli *c)
{
	static const struct cli_column columns[] = { { "template", "key", COL_TEXT }, { "group", "group", COL_TEXT } };
	return cli_rows(c, STR("/api/surveys/templates"), "templates", columns, COUNT_OF(columns));
}

static struct str template_of(struct cli *c, struct err *err)
{
	struct cli_reply reply;
	struct str document = { NULL, 0 };
	if (cli_request(c, "GET", STR("/api/surveys/templates"), STR(""), &reply, err) != OK) return document;
	json_t *o = cli_json(c, reply.body);
	size_t i;
	json_t *t;
	json_array_foreach(json_object_get(o, "templates"), i, t)
	{
		const char *key = json_string_value(json_object_get(t, "key"));
		if (!key || strcmp(key, c->opt[OPT_TEMPLATE]) != 0) continue;
		char *text = json_dumps(json_object_get(t, "document"), JSON_COMPACT);
		if (text) document = str_copy(&c->arena, str_of(text));
		free(text);
	}
	json_decref(o);
	if (!document.ptr)
		err_set(err, ERR_NOT_FOUND, "survey.template", "template",
		        "there is no template '%s'; safar survey templates lists them", c->opt[OPT_TEMPLATE]);
	return document;
}

int cli_survey_new(struct cli *c)
{
	struct err err = { 0 };
	struct cli_reply reply;
	if (!c->opt[OPT_TEMPLATE]) return cli_usage(c, "--template is missing");
	const struct str document = template_of(c, &err);
	if (!document.ptr) return cli_fail(&err);
	const struct str body = str_format(&c->arena, "{\"document\":" STR_FMT "}", STR_ARG(document));
	if (cli_request(c, "POST", STR("/api/surveys"), body, &reply, &err) != OK) return cli_fail(&err);
	return show_survey(c, reply.body);
}

int cli_survey_state(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	struct buf b;
	struct json_out o;
	buf_init(&b, 4096);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_kv_z(&o, "state", c->arg[1]);
	json_close(&o, '}');
	const enum err_code rc = cli_request(c, "POST", address(c, "/state"), buf_view(&b), &reply, &err);
	buf_done(&b);
	return rc == OK ? show_survey(c, reply.body) : cli_fail(&err);
}

int cli_survey_link(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	struct buf b;
	struct json_out o;
	buf_init(&b, 4096);
	json_out_init(&o, &b);
	json_open(&o, '{');
	if (c->opt[OPT_NAME]) json_kv_z(&o, "name", c->opt[OPT_NAME]);
	if (c->opt[OPT_UNIT]) json_kv_z(&o, "unit", c->opt[OPT_UNIT]);
	json_close(&o, '}');
	const enum err_code rc = cli_request(c, "POST", address(c, "/links"), buf_view(&b), &reply, &err);
	buf_done(&b);
	if (rc != OK) return cli_fail(&err);
	json_t *l = cli_json(c, reply.body);
	const char *code = json_string_value(json_object_get(l, "code"));
	if (c->opt[OPT_JSON]) printf(STR_FMT "\n", STR_ARG(reply.body));
	else printf("/s/%s\n", code ? code : "");
	json_decref(l);
	return 0;
}

/* What the answers were weighted by, or why they were not. */
static void show_weighting(const json_t *w)
{
	if (!json_is_object(w)) return;
	const json_t *at = json_object_get(w, "at"), *group = json_object_get(at, "group");
	const char *state = json_string_value(json_object_get(w, "state")),
	           *value = json_string_value(json_object_get(group, "value"));
	printf("weights by %s: %s", json_string_value(json_object_get(w, "by")), state ? state : "");
	if (value) printf(" (%s %s)", json_string_value(json_object_get(at, "by")), value);
	if (state && strcmp(state, "made") == 0)
		printf(", worth %.1f answers of %lld, design effect %.2f",
		       json_number_value(json_object_get(w, "n_eff")),
		       (long long)json_integer_value(json_object_get(w, "answers")),
		       json_number_value(json_object_get(w, "deff")));
	printf("\n");
}

static void show_question(struct cli *c, const json_t *q)
{
	static const struct cli_column shares[] = {
		{ "answer", "text", COL_TEXT },        { "n", "n", COL_INT },
		{ "share", "share.est", COL_PERCENT }, { "low", "share.lo", COL_PERCENT },
		{ "high", "share.hi", COL_PERCENT },
	};
	static const struct cli_column texts[] = { { "when (UTC)", "at_ms", COL_TIME }, { "words", "text", COL_TEXT } };
	const char *title = json_string_value(json_object_get(q, "title"));
	const json_t *score = json_object_get(q, "score"), *mean = json_object_get(q, "mean");
	printf("\n%s (%lld answers)\n", title ? title : "",
	       (long long)json_integer_value(json_object_get(q, "answered")));
	const bool scored = json_is_real(json_object_get(score, "est"));
	if (scored || json_is_real(json_object_get(mean, "est"))) {
		printf("  ");
		if (scored) cli_estimate(c, json_string_value(json_object_get(score, "kind")), score, cli_unit(score));
		else cli_estimate(c, "mean", mean, COL_NUM2);
		printf("\n");
	}
	const json_t *weighted = json_object_get(q, "weighted");
	if (json_is_real(json_object_get(weighted, "est"))) {
		printf("  ");
		cli_estimate(c, "weighted", weighted, cli_unit(score));
		printf(", worth %.1f answers\n", json_number_value(json_object_get(weighted, "n_eff")));
	}
	if (json_array_size(json_object_get(q, "shares")))
		cli_table(c, json_object_get(q, "shares"), shares, COUNT_OF(shares));
	if (json_array_size(json_object_get(q, "texts")))
		cli_table(c, json_object_get(q, "texts"), texts, COUNT_OF(texts));
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(q, "rows"), i, row)
	{
		const char *text = json_string_value(json_object_get(row, "text"));
		printf("  %s (%lld)\n", text ? text : "", (long long)json_integer_value(json_object_get(row, "n")));
		cli_table(c, json_object_get(row, "shares"), shares, COUNT_OF(shares));
	}
}

int cli_survey_results(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	const struct str target =
	        str_format(&c->arena, STR_FMT STR_FMT, STR_ARG(address(c, "/results")), STR_ARG(cli_scope(c, false)));
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	size_t i;
	json_t *q;
	printf("%s: %lld started, %lld completed\n", cli_text_of(c, json_object_get(o, "name"), c->arg[0]),
	       (long long)json_integer_value(json_object_get(o, "started")),
	       (long long)json_integer_value(json_object_get(o, "completed")));
	show_weighting(json_object_get(o, "weighting"));
	json_array_foreach(json_object_get(o, "questions"), i, q) show_question(c, q);
	json_decref(o);
	return 0;
}

int cli_survey_silent(struct cli *c)
{
	struct cli_column scores[] = { { "who", "who", COL_TEXT },
		                       { "customers", "customers", COL_INT },
		                       { "score", "score.est", COL_SCORE },
		                       { "low", "score.lo", COL_SCORE },
		                       { "high", "score.hi", COL_SCORE } };
	struct err err;
	struct cli_reply reply;
	const struct str target =
	        str_format(&c->arena, STR_FMT STR_FMT, STR_ARG(address(c, "/silent")), STR_ARG(cli_scope(c, false)));
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	const char *refused = json_string_value(json_object_get(o, "refused"));
	cli_units(scores, COUNT_OF(scores), o);
	printf("%s of %s\n", json_string_value(json_object_get(o, "kind")),
	       json_string_value(json_object_get(o, "question")));
	if (refused) printf("not predicted: %s\n", refused);
	if (json_is_real(json_object_get(o, "rmse")))
		printf("on answers held out: error %.2f, R2 %.3f\n", json_number_value(json_object_get(o, "rmse")),
		       json_number_value(json_object_get(o, "r2")));
	cli_table(c, json_object_get(o, "scores"), scores, COUNT_OF(scores));
	json_decref(o);
	return 0;
}
