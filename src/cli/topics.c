/* What comments speak of, and the set of topics by which it is told. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/priv.h"

int cli_topics_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "topic", "names", COL_NAME },
		{ "key", "key", COL_TEXT },
		{ "comments", "n", COL_INT },
		{ "customers", "customers", COL_INT },
		{ "share", "share.est", COL_PERCENT },
		{ "feeling -1..1", "sentiment.est", COL_NUM3 },
		{ "negative", "negative.est", COL_PERCENT },
		{ "score of 100", "score.est", COL_NUM1 },
		{ "rising since", "rising.since", COL_TEXT },
	};
	return cli_rows(c, str_format(&c->arena, "/api/topics" STR_FMT, STR_ARG(cli_scope(c, false))), "topics",
	                columns, COUNT_OF(columns));
}

int cli_topics_moods(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "mood", "names", COL_NAME },       { "key", "key", COL_TEXT },
		{ "comments", "n", COL_INT },        { "share", "share.est", COL_PERCENT },
		{ "from", "share.lo", COL_PERCENT }, { "to", "share.hi", COL_PERCENT },
	};
	return cli_rows(c, str_format(&c->arena, "/api/topics/moods" STR_FMT, STR_ARG(cli_scope(c, false))), "moods",
	                columns, COUNT_OF(columns));
}

static int ask(struct cli *c, const char *method, struct str body, struct cli_reply *reply)
{
	struct err err;
	return cli_request(c, method, STR("/api/topics/set"), body, reply, &err) == OK ? 0 : cli_fail(&err);
}

static json_t *read_document(const char *path)
{
	json_error_t at;
	json_t *o = strcmp(path, "-") == 0 ? json_loadf(stdin, 0, &at) : json_load_file(path, 0, &at);
	if (!o) fprintf(stderr, "safar: %s line %d: %s\n", path, at.line, at.text);
	return o;
}

/* Without a file: the set; with one: saves it over the newest version. */
int cli_topics_set(struct cli *c)
{
	struct cli_reply reply;
	int rc = ask(c, "GET", STR(""), &reply);
	if (rc == 0 && c->n_args) {
		json_t *document = read_document(c->arg[0]), *now = cli_json(c, reply.body);
		if (!document) return 1;
		json_t *body =
		        json_pack("{s:O, s:o}", "version", json_object_get(now, "version"), "document", document);
		char *text = json_dumps(body, JSON_COMPACT);
		rc = text ? ask(c, "PUT", str_of(text), &reply)
		          : cli_fail(&(struct err){ .code = ERR_NO_MEMORY, .text = "no memory" });
		free(text);
		json_decref(body);
		json_decref(now);
	}
	if (rc == 0) printf(STR_FMT "\n", STR_ARG(reply.body));
	return rc;
}
