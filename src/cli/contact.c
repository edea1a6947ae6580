/* Asking people: channels, invitations, the funnel, rules and what they decided. */
#include <stdio.h>

#include "cli/priv.h"

static int put_body(struct cli *c, const char *method, struct str path, json_t *body, struct cli_reply *reply)
{
	struct err err;
	char *text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (!text) return cli_fail(&(struct err){ .code = ERR_NO_MEMORY, .text = "no memory" });
	const enum err_code rc = cli_request(c, method, path, str_of(text), reply, &err);
	free(text);
	return rc == OK ? 0 : cli_fail(&err);
}

static json_t *read_file(const char *path)
{
	json_error_t at;
	json_t *o = strcmp(path, "-") == 0 ? json_loadf(stdin, 0, &at) : json_load_file(path, 0, &at);
	if (!o) fprintf(stderr, "safar: %s line %d: %s\n", path, at.line, at.text);
	return o;
}

static int get(struct cli *c, struct str path, struct cli_reply *reply)
{
	struct err err;
	if (cli_request(c, "GET", path, STR(""), reply, &err) != OK) return cli_fail(&err);
	return 0;
}

static int print_body(struct str body)
{
	printf(STR_FMT "\n", STR_ARG(body));
	return 0;
}

/* Members that are numbers, one a line; those of an object in it below its name. */
static void print_numbers(const json_t *o, const char *indent)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		if (json_is_integer(v)) printf("%s%-14s %lld\n", indent, key, (long long)json_integer_value(v));
		if (json_is_object(v) && json_object_size(v)) {
			printf("%s%s\n", indent, key);
			print_numbers(v, "  ");
		}
	}
}

static int show_numbers(struct cli *c, struct str body)
{
	if (c->opt[OPT_JSON]) return print_body(body);
	json_t *o = cli_json(c, body);
	print_numbers(o, "");
	json_decref(o);
	return 0;
}

int cli_channel_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "key", "key", COL_TEXT },
		{ "kind", "kind", COL_TEXT },
		{ "medium", "medium", COL_TEXT },
		{ "waiting", "messages.queued", COL_INT },
		{ "sent", "messages.sent", COL_INT },
		{ "delivered", "messages.delivered", COL_INT },
		{ "failed", "messages.failed", COL_INT },
		{ "trouble", "trouble", COL_TEXT },
	};
	return cli_rows(c, STR("/api/outbox/channels"), "channels", columns, COUNT_OF(columns));
}

static struct str channel_path(struct cli *c, const char *behind)
{
	return str_format(&c->arena, "/api/outbox/channels/" STR_FMT "%s", STR_ARG(cli_escape(c, str_of(c->arg[0]))),
	                  behind);
}

int cli_channel_set(struct cli *c)
{
	struct cli_reply reply;
	json_t *body = read_file(c->arg[1]);
	if (!body) return 1;
	return put_body(c, "PUT", channel_path(c, ""), body, &reply);
}

int cli_channel_test(struct cli *c)
{
	struct cli_reply reply;
	const int rc = put_body(c, "POST", channel_path(c, "/test"), json_pack("{s:s}", "address", c->arg[1]), &reply);
	return rc ? rc : print_body(reply.body);
}

static struct str survey_path(struct cli *c, const char *behind)
{
	return str_format(&c->arena, "/api/surveys/" STR_FMT "%s", STR_ARG(cli_escape(c, str_of(c->arg[0]))), behind);
}

int cli_survey_invite(struct cli *c)
{
	struct cli_reply reply;
	if (!c->opt[OPT_SEGMENT]) return cli_usage(c, "whom to invite is missing: --segment KEY|RULE");
	json_t *body =
	        json_pack("{s:s, s:s, s:b}", "segment", c->opt[OPT_SEGMENT], "channels",
	                  c->opt[OPT_CHANNEL] ? c->opt[OPT_CHANNEL] : "email", "dry_run", c->opt[OPT_DRY_RUN] != NULL);
	const int rc = put_body(c, "POST", survey_path(c, "/invite"), body, &reply);
	return rc ? rc : show_numbers(c, reply.body);
}

int cli_survey_funnel(struct cli *c)
{
	struct cli_reply reply;
	const int rc = get(c, survey_path(c, "/funnel"), &reply);
	return rc ? rc : show_numbers(c, reply.body);
}

int cli_contact_sums(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "survey", "survey", COL_TEXT }, { "channel", "channel", COL_TEXT }, { "rule", "rule", COL_INT },
		{ "reason", "reason", COL_TEXT }, { "times", "n", COL_INT },
	};
	return cli_rows(c, STR("/api/contact/sums"), "reasons", columns, COUNT_OF(columns));
}

int cli_contact_log(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "at (UTC)", "at_ms", COL_TIME },  { "customer", "customer", COL_TEXT },
		{ "survey", "survey", COL_TEXT },   { "channel", "channel", COL_TEXT },
		{ "trigger", "trigger", COL_TEXT }, { "reason", "reason", COL_TEXT },
	};
	struct str path = STR("/api/contact/decisions");
	if (c->n_args)
		path = str_format(&c->arena, "/api/contact/decisions?customer=" STR_FMT,
		                  STR_ARG(cli_escape(c, str_of(c->arg[0]))));
	return cli_rows(c, path, "decisions", columns, COUNT_OF(columns));
}

/* Without a file: the rules; with one: saves them over the newest version. */
int cli_contact_rules(struct cli *c)
{
	struct cli_reply reply;
	int rc = get(c, STR("/api/contact/rules"), &reply);
	if (rc || !c->n_args) return rc ? rc : print_body(reply.body);
	json_t *rules = read_file(c->arg[0]), *now = cli_json(c, reply.body);
	const json_int_t version = json_integer_value(json_object_get(now, "version"));
	json_decref(now);
	if (!rules) return 1;
	rc = put_body(c, "PUT", STR("/api/contact/rules"), json_pack("{s:I, s:o}", "version", version, "rules", rules),
	              &reply);
	return rc ? rc : print_body(reply.body);
}

int cli_contact_what_if(struct cli *c)
{
	struct cli_reply reply;
	json_t *rules = read_file(c->arg[0]);
	if (!rules) return 1;
	const int rc = put_body(c, "POST", STR("/api/contact/what-if"), json_pack("{s:o}", "rules", rules), &reply);
	return rc ? rc : show_numbers(c, reply.body);
}
