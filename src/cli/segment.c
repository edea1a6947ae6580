/* Segments: who is meant. */
#include <stdio.h>

#include "cli/priv.h"

static struct str address(struct cli *c, const char *key)
{
	return str_format(&c->arena, "/api/segments/" STR_FMT, STR_ARG(cli_escape(c, str_of(key))));
}

int cli_segment_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "key", "key", COL_TEXT },
		{ "name", "name", COL_NAME },
		{ "customers", "customers", COL_INT },
		{ "version", "version", COL_INT },
		{ "changed (UTC)", "changed_ms", COL_TIME },
		{ "rule", "rule", COL_TEXT },
	};
	struct err err;
	struct cli_reply reply;
	if (cli_request(c, "GET", STR("/api/segments"), STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	cli_table(c, json_object_get(o, "segments"), columns, COUNT_OF(columns));
	json_decref(o);
	return 0;
}

static int show(struct cli *c, struct str body)
{
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(body));
		return 0;
	}
	json_t *o = cli_json(c, body);
	const char *key = json_string_value(json_object_get(o, "key"));
	const char *rule = json_string_value(json_object_get(o, "rule"));
	const json_t *customers = json_object_get(o, "customers");
	printf("%s: %s, version %lld\n  %s\n", key ? key : "", cli_text_of(c, json_object_get(o, "name"), ""),
	       (long long)json_integer_value(json_object_get(o, "version")), rule ? rule : "");
	if (json_is_integer(customers)) printf("  %lld customers\n", (long long)json_integer_value(customers));
	json_decref(o);
	return 0;
}

int cli_segment_new(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	struct buf b;
	struct json_out o;
	if (!c->opt[OPT_RULE]) return cli_usage(c, "a segment needs --rule");
	buf_init(&b, 64 * 1024);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_key(&o, "name");
	json_open(&o, '{');
	json_kv_z(&o, c->opt[OPT_LANG] ? c->opt[OPT_LANG] : "en", c->arg[0]);
	json_close(&o, '}');
	json_kv_z(&o, "rule", c->opt[OPT_RULE]);
	json_close(&o, '}');
	const enum err_code rc = cli_request(c, "POST", STR("/api/segments"), buf_view(&b), &reply, &err);
	buf_done(&b);
	return rc == OK ? show(c, reply.body) : cli_fail(&err);
}

int cli_segment_show(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	if (cli_request(c, "GET", address(c, c->arg[0]), STR(""), &reply, &err) != OK) return cli_fail(&err);
	return show(c, reply.body);
}

/* The rule again, with a mark under the place of the mistake. */
static int fail_at(const struct cli *c, const struct err *err)
{
	if (strcmp(err->field, "rule") == 0 && err->limit > err->value && err->value < 200)
		fprintf(stderr, "  %s\n  %*s^\n", c->arg[0], (int)err->value, "");
	return cli_fail(err);
}

int cli_segment_try(struct cli *c)
{
	struct err err = { 0 };
	struct cli_reply reply;
	struct buf b;
	struct json_out out;
	buf_init(&b, 64 * 1024);
	json_out_init(&out, &b);
	json_open(&out, '{');
	json_kv_z(&out, "rule", c->arg[0]);
	json_close(&out, '}');
	const enum err_code rc = cli_request(c, "POST", STR("/api/segments/try"), buf_view(&b), &reply, &err);
	buf_done(&b);
	if (rc != OK) return fail_at(c, &err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	const char *text = json_string_value(json_object_get(o, "text"));
	printf("%s\n%lld of %lld customers", text ? text : "",
	       (long long)json_integer_value(json_object_get(o, "customers")),
	       (long long)json_integer_value(json_object_get(o, "of")));
	const json_t *sample = json_object_get(o, "sample");
	for (size_t i = 0; i < json_array_size(sample); i++)
		printf("%s %s", i ? "," : ":", json_string_value(json_array_get(sample, i)));
	printf("\n");
	json_decref(o);
	return 0;
}

int cli_segment_delete(struct cli *c)
{
	struct err err;
	struct cli_reply reply;
	if (cli_request(c, "DELETE", address(c, c->arg[0]), STR(""), &reply, &err) != OK) return cli_fail(&err);
	return 0;
}
