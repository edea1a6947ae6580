/* Colleagues who can be praised, and what customers said about them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "cli/priv.h"

static int send(struct cli *c, const char *method, struct str target, json_t *body, const char *said)
{
	struct err err;
	struct cli_reply reply;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	const enum err_code rc = cli_request(c, method, target, str_of(text ? text : ""), &reply, &err);
	free(text);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) printf(STR_FMT "\n", STR_ARG(reply.body.len ? reply.body : STR("{}")));
	else puts(said);
	return 0;
}

static void put_text(json_t *body, const char *key, const char *value)
{
	if (value) json_object_set_new(body, key, json_string(value));
}

static json_t *colleague(struct cli *c, const char *name)
{
	json_t *body = json_object();
	put_text(body, "name", name);
	cli_put_words(body, "spellings", cli_own(c, "spellings"));
	put_text(body, "unit", c->opt[OPT_UNIT]);
	put_text(body, "login", cli_own(c, "login"));
	put_text(body, "mail", cli_own(c, "mail"));
	put_text(body, "lang", c->opt[OPT_LANG]);
	return body;
}

static struct str address(struct cli *c)
{
	return str_format(&c->arena, "/api/colleagues/" STR_FMT, STR_ARG(cli_escape(c, str_of(c->arg[0]))));
}

int cli_colleague_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "id", "id", COL_TEXT },     { "name", "name", COL_TEXT },   { "also written", "spellings", COL_LIST },
		{ "unit", "unit", COL_TEXT }, { "login", "login", COL_TEXT }, { "mail", "mail", COL_TEXT },
	};
	return cli_rows(c, STR("/api/colleagues"), "colleagues", columns, COUNT_OF(columns));
}

int cli_colleague_new(struct cli *c)
{
	return send(c, "POST", STR("/api/colleagues"), colleague(c, c->arg[0]), "kept");
}

int cli_colleague_set(struct cli *c)
{
	return send(c, "PUT", address(c), colleague(c, c->arg[1]), "kept");
}

int cli_colleague_delete(struct cli *c)
{
	return send(c, "DELETE", address(c), NULL, "deleted, with what was said about the person");
}

int cli_praise_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "number", "arrival", COL_TEXT }, { "when (UTC)", "at_ms", COL_TIME }, { "id", "colleague", COL_TEXT },
		{ "name", "name", COL_TEXT },      { "which one?", "held", COL_TEXT },  { "unit", "unit", COL_TEXT },
		{ "words", "comment", COL_TEXT },
	};
	return cli_rows(c, str_format(&c->arena, "/api/praise" STR_FMT, STR_ARG(cli_scope(c, false))), "praise",
	                columns, COUNT_OF(columns));
}

int cli_praise_counts(struct cli *c)
{
	static const struct cli_column columns[] = { { "id", "colleague", COL_TEXT },
		                                     { "name", "name", COL_TEXT },
		                                     { "unit", "unit", COL_TEXT },
		                                     { "thanked", "n", COL_TEXT } };
	return cli_rows(c, str_format(&c->arena, "/api/praise/counts" STR_FMT, STR_ARG(cli_scope(c, false))),
	                "colleagues", columns, COUNT_OF(columns));
}

int cli_praise_settle(struct cli *c)
{
	int64_t id = 0;
	const bool nobody = strcmp(c->arg[1], "nobody") == 0;
	if (!nobody && !str_to_i64(str_of(c->arg[1]), &id))
		return cli_usage(c, "a colleague is a number (safar colleague list), or nobody");
	json_t *body = json_object();
	json_object_set_new(body, "colleague", nobody ? json_null() : json_integer(id));
	return send(
	        c, "POST",
	        str_format(&c->arena, "/api/feedback/" STR_FMT "/praise", STR_ARG(cli_escape(c, str_of(c->arg[0])))),
	        body, nobody ? "nobody is meant" : "that one is meant");
}
