/* Models of feeling learned from what people here gave and said: learning them, and which is in use. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/priv.h"

#define POLL_MS 200

static enum err_code ask(struct cli *c, const char *method, struct str target, struct str body, json_t **out,
                         struct err *err)
{
	struct cli_reply reply;
	TRY(cli_request(c, method, target, body, &reply, err));
	*out = cli_json(c, reply.body);
	return OK;
}

/* Until the server has learned; *out is the job. */
static enum err_code learned(struct cli *c, const char *id, json_t **out, struct err *err)
{
	const struct str target = str_format(&c->arena, "/api/jobs/%s", id);
	for (;;) {
		json_t *job;
		TRY(ask(c, "GET", target, STR(""), &job, err));
		const char *state = json_string_value(json_object_get(job, "state"));
		const double share = json_number_value(json_object_get(job, "share"));
		if (state && strcmp(state, "done") == 0) return *out = job, OK;
		if (!state || strcmp(state, "running") != 0) {
			const char *why = json_string_value(cli_member(job, "error.detail"));
			err_set(err, ERR_INPUT, "cli.job", "", "%s", why ? why : state ? state : "the job is gone");
			json_decref(job);
			return ERR_INPUT;
		}
		json_decref(job);
		cli_progress("learning", (int64_t)(share * 1000), 1000, 0, false);
		poll(NULL, 0, POLL_MS);
	}
}

static void say_learned(struct cli *c, const json_t *result)
{
	const char *lang;
	const json_t *id;
	json_object_foreach((json_t *)result, lang, id)
	{
		if (json_is_integer(id)) printf("%s: model %lld\n", lang, (long long)json_integer_value(id));
		else printf("%s: too few comments whose feeling is known, or too much of the same\n", lang);
	}
}

int cli_models_train(struct cli *c)
{
	struct err err = { 0 };
	json_t *started = NULL, *job = NULL;
	enum err_code rc = ask(c, "POST", STR("/api/models/train"), STR(""), &started, &err);
	const char *id = rc == OK ? json_string_value(json_object_get(started, "job")) : NULL;
	if (rc == OK && !id) rc = err_set(&err, ERR_IO, "cli.job", "", "the server named no job");
	if (rc == OK) rc = learned(c, id, &job, &err);
	cli_progress("", 0, 0, 0, true);
	json_decref(started);
	if (rc != OK) return cli_fail(&err);
	if (!c->opt[OPT_JSON]) say_learned(c, json_object_get(job, "result"));
	json_decref(job);
	return cli_models_list(c);
}

int cli_models_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "model", "id", COL_INT },
		{ "language", "lang", COL_TEXT },
		{ "learned", "made_ms", COL_TIME },
		{ "comments", "report.rows", COL_INT },
		{ "judged on", "report.judged", COL_INT },
		{ "right", "report.own.accuracy.est", COL_PERCENT },
		{ "shipped right", "report.shipped.accuracy.est", COL_PERCENT },
		{ "difference from", "report.difference.accuracy.lo", COL_PERCENT },
		{ "to", "report.difference.accuracy.hi", COL_PERCENT },
		{ "verdict", "report.why", COL_TEXT },
	};
	return cli_rows(c, STR("/api/models"), "models", columns, COUNT_OF(columns));
}

int cli_models_use(struct cli *c)
{
	struct err err = { 0 };
	struct cli_reply reply;
	int64_t model = 0;
	const bool shipped = strcmp(c->arg[1], "shipped") == 0;
	if (!shipped && (!str_to_i64(str_of(c->arg[1]), &model) || model < 1))
		return cli_usage(c, "which model? Its number, or \"shipped\"");
	const struct str body =
	        shipped ? STR("{\"model\":null}") : str_format(&c->arena, "{\"model\":%lld}", (long long)model);
	const struct str target = str_format(&c->arena, "/api/models/use/%s", c->arg[0]);
	if (cli_request(c, "PUT", target, body, &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) printf(STR_FMT "\n", STR_ARG(reply.body));
	else
		printf("comments in %s are read by %s%s from now on, and those of before are read again\n", c->arg[0],
		       shipped ? "the shipped model" : "model ", shipped ? "" : c->arg[1]);
	return 0;
}
