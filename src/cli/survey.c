/* Surveys: the list, and documents in. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/priv.h"

int cli_survey_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "key", "key", COL_TEXT },
		{ "name", "name", COL_NAME },
		{ "state", "state", COL_TEXT },
		{ "version", "version", COL_INT },
		{ "questions", "questions", COL_INT },
		{ "invited", "invited", COL_INT },
		{ "started", "started", COL_INT },
		{ "completed", "completed", COL_INT },
		{ "changed (UTC)", "changed_ms", COL_TIME },
	};
	struct err err;
	struct cli_reply reply;
	if (cli_request(c, "GET", STR("/api/surveys"), STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	cli_table(c, json_object_get(o, "surveys"), columns, COUNT_OF(columns));
	json_decref(o);
	return 0;
}

/* What is said about a document, on standard error. */
static void print_problems(const json_t *list)
{
	size_t i;
	json_t *p;
	json_array_foreach((json_t *)list, i, p)
	{
		const char *text = json_string_value(json_object_get(p, "text"));
		const char *field = json_string_value(json_object_get(p, "field"));
		fprintf(stderr, "  %s%s%s\n", field ? field : "", field && *field ? ": " : "", text ? text : "");
	}
}

static struct str in_language(struct cli *c, const char *path)
{
	const struct str lang = str_of(c->opt[OPT_LANG] ? c->opt[OPT_LANG] : "en");
	return str_format(&c->arena, "%s?lang=" STR_FMT, path, STR_ARG(cli_escape(c, lang)));
}

static int save(struct cli *c, json_t *document)
{
	struct err err;
	struct cli_reply reply;
	json_t *body = json_object();
	json_object_set(body, "document", document);
	char *text = json_dumps(body, JSON_COMPACT);
	const struct str target = in_language(c, "/api/surveys");
	const enum err_code rc = cli_request(c, "POST", target, str_of(text ? text : ""), &reply, &err);
	free(text);
	json_decref(body);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	const char *key = json_string_value(json_object_get(o, "key"));
	printf("saved %s, a draft with %lld questions\n", key ? key : "",
	       (long long)json_integer_value(json_object_get(o, "questions")));
	json_decref(o);
	return 0;
}

int cli_survey_save(struct cli *c)
{
	json_error_t at;
	json_t *document = strcmp(c->arg[0], "-") == 0 ? json_loadf(stdin, 0, &at) : json_load_file(c->arg[0], 0, &at);
	if (!document) {
		fprintf(stderr, "safar: %s line %d: %s\n", c->arg[0], at.line, at.text);
		return 1;
	}
	const int rc = save(c, document);
	json_decref(document);
	return rc;
}

int cli_survey_import(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	const struct str target = in_language(c, "/api/surveys/import");
	if (cli_send_file(c, target, c->arg[0], &reply, &err) != OK) return cli_fail(&err);
	json_t *o = cli_json(c, reply.body);
	int rc = 0;
	print_problems(json_object_get(o, "problems"));
	if (c->opt[OPT_SAVE]) rc = save(c, json_object_get(o, "document"));
	else if (json_dumpf(json_object_get(o, "document"), stdout, c->opt[OPT_JSON] ? JSON_COMPACT : JSON_INDENT(1)) ==
	         0) {
		putchar('\n');
		if (!c->opt[OPT_JSON])
			fputs("(not stored; add --save, or edit this and use: safar survey save FILE)\n", stderr);
	}
	json_decref(o);
	return rc;
}
