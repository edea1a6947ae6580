#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/priv.h"

int cli_map_list(struct cli *c)
{
	static const struct cli_column columns[] = { { "map", "key", COL_TEXT },
		                                     { "name", "name", COL_NAME },
		                                     { "version", "version", COL_INT },
		                                     { "touchpoints", "touchpoints", COL_INT },
		                                     { "changed", "changed_ms", COL_TIME } };
	return cli_rows(c, STR("/api/maps"), "maps", columns, COUNT_OF(columns));
}

int cli_map_templates(struct cli *c)
{
	static const struct cli_column columns[] = { { "template", "key", COL_TEXT }, { "name", "name", COL_NAME } };
	return cli_rows(c, STR("/api/templates"), "templates", columns, COUNT_OF(columns));
}

int cli_map_versions(struct cli *c)
{
	static const struct cli_column columns[] = { { "version", "version", COL_INT },
		                                     { "changed", "changed_ms", COL_TIME },
		                                     { "by", "author", COL_TEXT },
		                                     { "touchpoints", "touchpoints", COL_INT } };
	struct str target =
	        str_format(&c->arena, "/api/maps/" STR_FMT "/versions", STR_ARG(cli_escape(c, str_of(c->arg[0]))));
	return cli_rows(c, target, "versions", columns, COUNT_OF(columns));
}

int cli_map_delete(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	struct str target = str_format(&c->arena, "/api/maps/" STR_FMT, STR_ARG(cli_escape(c, str_of(c->arg[0]))));
	if (cli_request(c, "DELETE", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (!c->opt[OPT_JSON]) printf("%s is deleted, with all its versions\n", c->arg[0]);
	return 0;
}

/* Saves a document: as a new map, or as the next version where its key exists. */
static int save_document(struct cli *c, json_t *document)
{
	struct err err;
	struct cli_reply reply;
	const char *key = json_string_value(json_object_get(document, "key"));
	json_t *body = json_object();
	json_object_set(body, "document", document);
	const char *method = "POST";
	struct str target = STR("/api/maps");
	if (key) {
		struct str at = str_format(&c->arena, "/api/maps/" STR_FMT, STR_ARG(cli_escape(c, str_of(key))));
		if (cli_request(c, "GET", at, STR(""), &reply, &err) == OK) {
			json_t *now = cli_json(c, reply.body);
			json_object_set(body, "base_version", json_object_get(now, "newest"));
			json_decref(now);
			method = "PUT";
			target = at;
		}
	}
	char *text = json_dumps(body, JSON_COMPACT);
	enum err_code rc = cli_request(c, method, target, str_of(text ? text : ""), &reply, &err);
	free(text);
	json_decref(body);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *saved = cli_json(c, reply.body);
	const char *saved_key = json_string_value(json_object_get(saved, "key"));
	printf("saved %s, version %lld; see it with: safar map show %s\n", saved_key ? saved_key : "",
	       (long long)json_integer_value(json_object_get(saved, "version")), saved_key ? saved_key : "");
	json_decref(saved);
	return 0;
}

int cli_map_save(struct cli *c)
{
	json_error_t at;
	json_t *document = strcmp(c->arg[0], "-") == 0 ? json_loadf(stdin, 0, &at) : json_load_file(c->arg[0], 0, &at);
	if (!document) {
		fprintf(stderr, "safar: %s line %d: %s\n", c->arg[0], at.line, at.text);
		return 1;
	}
	int rc = save_document(c, document);
	json_decref(document);
	return rc;
}

/* A document came back unsaved: store it with --save, else print it. */
static int offer_document(struct cli *c, struct str body)
{
	json_t *o = cli_json(c, body);
	json_t *document = json_object_get(o, "document");
	size_t i;
	json_t *p;
	json_array_foreach(json_object_get(o, "problems"), i, p)
	{
		const char *text = json_string_value(json_object_get(p, "text"));
		fprintf(stderr, "  line %lld: %s\n", (long long)json_integer_value(json_object_get(p, "line")),
		        text ? text : "");
	}
	if (c->opt[OPT_NAME]) {
		json_t *name = json_object();
		json_object_set_new(name, c->opt[OPT_LANG] ? c->opt[OPT_LANG] : "en", json_string(c->opt[OPT_NAME]));
		json_object_set_new(document, "name", name);
	}
	int rc = 0;
	if (c->opt[OPT_SAVE]) rc = save_document(c, document);
	else {
		json_dumpf(document, stdout, JSON_INDENT(c->opt[OPT_JSON] ? 0 : 1));
		putchar('\n');
		if (!c->opt[OPT_JSON])
			fputs("(not stored; add --save, or edit this and use: safar map save FILE)\n", stderr);
	}
	json_decref(o);
	return rc;
}

int cli_map_propose(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	struct str target = str_format(&c->arena, "/api/maps/propose" STR_FMT, STR_ARG(cli_scope(c, false)));
	if (cli_request(c, "POST", target, STR("{}"), &reply, &err) != OK) return cli_fail(&err);
	return offer_document(c, reply.body);
}

int cli_map_import(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	const char *file = c->arg[0], *slash = strrchr(file, '/'), *dot = strrchr(file, '.');
	const char *format = c->opt[OPT_FORMAT]                 ? c->opt[OPT_FORMAT]
	                     : dot && strcmp(dot, ".xlsx") == 0 ? "xlsx"
	                                                        : "csv";
	struct str name = str_of(c->opt[OPT_NAME] ? c->opt[OPT_NAME] : slash ? slash + 1 : file);
	struct str target = str_format(&c->arena, "/api/maps/table?name=" STR_FMT "&format=%s",
	                               STR_ARG(cli_escape(c, name)), format);
	if (cli_send_file(c, target, file, &reply, &err) != OK) return cli_fail(&err);
	return offer_document(c, reply.body);
}

static struct str map_target(struct cli *c, const char *what)
{
	return str_format(&c->arena, "/api/maps/" STR_FMT "/%s" STR_FMT, STR_ARG(cli_escape(c, str_of(c->arg[0]))),
	                  what, STR_ARG(cli_scope(c, false)));
}

/* Steps as rows: their sums, and the score of the step's first touchpoint. */
static json_t *step_rows(const json_t *m)
{
	json_t *rows = json_array();
	size_t i, k;
	json_t *t, *s;
	json_array_foreach(json_object_get(m, "touchpoints"), i, t)
	{
		json_t *row = json_copy(t);
		json_array_foreach(json_object_get(m, "steps"), k, s)
		{
			const char *a = json_string_value(json_object_get(t, "step")),
			           *b = json_string_value(json_object_get(s, "key"));
			if (a && b && strcmp(a, b) == 0) json_object_set(row, "sums", s);
		}
		json_array_append_new(rows, row);
	}
	return rows;
}

int cli_map_show(struct cli *c)
{
	static const struct cli_column columns[] = { { "touchpoint", "name", COL_NAME },
		                                     { "entered", "entered", COL_INT },
		                                     { "step: went on", "sums.advanced", COL_INT },
		                                     { "goal", "sums.goal", COL_INT },
		                                     { "lost", "sums.lost", COL_INT },
		                                     { "still in", "sums.still_in", COL_INT },
		                                     { "half within", "to_next.p50_ms", COL_SPAN },
		                                     { "9 of 10", "to_next.p90_ms", COL_SPAN },
		                                     { "score", "score.est", COL_NUM1 },
		                                     { "low", "score.lo", COL_NUM1 },
		                                     { "high", "score.hi", COL_NUM1 },
		                                     { "n", "score.n", COL_INT },
		                                     { "broken", "promise.broken", COL_INT },
		                                     { "evidence", "evidence", COL_TEXT } };
	static const struct cli_column findings[] = { { "rank", "rank", COL_INT },
		                                      { "kind", "kind", COL_TEXT },
		                                      { "where", "touchpoint", COL_TEXT },
		                                      { "finding", "title", COL_TEXT },
		                                      { "journeys", "instances", COL_INT },
		                                      { "with", "with.mean", COL_NUM1 },
		                                      { "without", "without.mean", COL_NUM1 },
		                                      { "difference", "diff.est", COL_NUM1 },
		                                      { "low", "diff.lo", COL_NUM1 },
		                                      { "high", "diff.hi", COL_NUM1 } };
	struct err err;
	struct cli_reply reply;
	if (cli_request(c, "GET", map_target(c, "measured"), STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *m = cli_json(c, reply.body);
	const char *pain = json_string_value(cli_member(m, "headline.pain")),
	           *rest = json_string_value(cli_member(m, "headline.rest"));
	printf("%s, version %lld\n", cli_text_of(c, cli_member(m, "document.name"), c->arg[0]),
	       (long long)json_integer_value(json_object_get(m, "version")));
	if (pain && *pain) printf("%s %s\n", pain, rest ? rest : "");
	printf("%lld journeys = %lld reached the goal + %lld still in + %lld lost; %.0f %% of the map is evidence\n\n",
	       (long long)json_integer_value(cli_member(m, "total.entered")),
	       (long long)json_integer_value(cli_member(m, "total.goal")),
	       (long long)json_integer_value(cli_member(m, "total.still_in")),
	       (long long)json_integer_value(cli_member(m, "total.lost")),
	       100 * json_number_value(json_object_get(m, "truth_share")));
	json_t *rows = step_rows(m);
	cli_table(c, rows, columns, COUNT_OF(columns));
	if (json_array_size(json_object_get(m, "findings"))) {
		putchar('\n');
		cli_table(c, json_object_get(m, "findings"), findings, COUNT_OF(findings));
	}
	json_decref(rows);
	json_decref(m);
	return 0;
}

int cli_map_export(struct cli *c)
{
	if (!cli_wants_drawing(c))
		return c->opt[OPT_JSON] ? cli_map_show(c) : cli_usage(c, "say --svg F, --png F or --pdf F");
	return cli_drawings(
	        c, str_format(&c->arena, "/api/maps/" STR_FMT "/drawing", STR_ARG(cli_escape(c, str_of(c->arg[0])))));
}
