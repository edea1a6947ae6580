#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/priv.h"

static volatile sig_atomic_t stop;

static void on_interrupt(int sig)
{
	(void)sig;
	stop = 1;
}

static enum err_code read_whole(struct cli *c, const char *path, size_t max, struct str *out, struct err *err)
{
	FILE *f = fopen(path, "rb");
	if (!f) return err_set(err, ERR_NOT_FOUND, "cli.file", "mapping", "%s cannot be opened", path);
	struct buf b;
	buf_init(&b, max);
	char part[65536];
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) buf_put(&b, part, n);
	fclose(f);
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) {
		*out = str_copy(&c->arena, buf_view(&b));
		if (!out->ptr) rc = err_no_memory(err);
	} else err_context(err, "%s", path);
	buf_done(&b);
	return rc;
}

static int show_progress(void *ctx, const struct collect_progress *p)
{
	(void)ctx;
	cli_progress("importing", p->bytes_done, p->bytes_total, p->rows, false);
	return stop;
}

struct outcome {
	int64_t rows, read, stored, duplicate, rejected;
	struct str rejects_file;
	struct collect_refused first[5];
	size_t n_first;
};

static void print_outcome(const struct cli *c, const struct outcome *r)
{
	if (c->opt[OPT_JSON]) {
		struct buf b;
		struct json_out o;
		buf_init(&b, 1 << 20);
		json_out_init(&o, &b);
		json_open(&o, '{');
		json_kv_i64(&o, "rows", r->rows);
		json_kv_i64(&o, "read", r->read);
		json_kv_i64(&o, "stored", r->stored);
		json_kv_i64(&o, "duplicate", r->duplicate);
		json_kv_i64(&o, "rejected", r->rejected);
		json_key(&o, "rejects_file");
		if (r->rejects_file.len) json_put_str(&o, r->rejects_file);
		else json_put_null(&o);
		json_close(&o, '}');
		printf(STR_FMT "\n", STR_ARG(buf_view(&b)));
		buf_done(&b);
		return;
	}
	printf("%lld rows, %lld events read = %lld %s + %lld duplicate + %lld rejected\n", (long long)r->rows,
	       (long long)r->read, (long long)r->stored, c->opt[OPT_DRY_RUN] ? "would be stored" : "stored",
	       (long long)r->duplicate, (long long)r->rejected);
	for (size_t i = 0; i < r->n_first; i++) {
		const struct err *e = &r->first[i].err;
		printf("  line %lld%s%s: %s\n", (long long)r->first[i].index, e->field[0] ? ", " : "", e->field,
		       e->text);
		if (e->hint[0]) printf("    %s\n", e->hint);
	}
	if (r->rejects_file.len) printf("every rejected line with its reason: " STR_FMT "\n", STR_ARG(r->rejects_file));
}

static int import_here(struct cli *c, struct str mapping, enum wire_format format)
{
	struct err err;
	struct collect_import job = {
		.format = format,
		.mapping_toml = mapping,
		.source_name = c->opt[OPT_SOURCE] ? str_of(c->opt[OPT_SOURCE]) : STR(""),
		.n_files = (size_t)c->n_args,
		.dry_run = c->opt[OPT_DRY_RUN] != NULL,
	};
	for (int i = 0; i < c->n_args; i++) {
		const char *slash = strrchr(c->arg[i], '/');
		job.paths[i] = c->arg[i];
		job.names[i] = slash ? slash + 1 : c->arg[i];
	}
	struct collect_import_result r;
	enum err_code rc = collect_import(c->host->collect(c->handle), &job, show_progress, c, &c->arena, &r, &err);
	cli_progress("", 0, 0, 0, true);
	if (rc != OK) return cli_fail(&err);
	struct outcome out = {
		r.rows, r.read, r.stored, r.duplicate, r.rejected, r.rejects_file, { { 0 } }, r.n_first
	};
	memcpy(out.first, r.first, sizeof out.first);
	print_outcome(c, &out);
	return 0;
}

static int64_t number_at(const json_t *o, const char *path)
{
	const json_t *v = cli_member(o, path);
	return json_is_number(v) ? (int64_t)json_number_value(v) : 0;
}

static void words_at(struct cli *c, const json_t *o, const char *key, char *into, size_t cap)
{
	(void)c;
	const char *z = json_string_value(json_object_get(o, key));
	snprintf(into, cap, "%s", z ? z : "");
}

/* Follows the job of the server until it ends; the interrupt key asks it to stop. */
static enum err_code follow_job(struct cli *c, const char *id, json_t **out, struct err *err)
{
	struct str target = str_format(&c->arena, "/api/jobs/%s", id);
	for (bool asked = false;;) {
		struct cli_reply reply;
		if (stop && !asked) {
			asked = true;
			TRY(cli_request(c, "DELETE", target, STR(""), &reply, err));
		}
		TRY(cli_request(c, "GET", target, STR(""), &reply, err));
		json_t *job = cli_json(c, reply.body);
		const char *state = json_string_value(json_object_get(job, "state"));
		cli_progress("importing", number_at(job, "bytes_done"), number_at(job, "bytes_total"),
		             number_at(job, "rows"), false);
		if (!state || strcmp(state, "running") != 0) {
			cli_progress("", 0, 0, 0, true);
			if (state && strcmp(state, "done") == 0) return *out = job, OK;
			const char *detail =
			        json_string_value(json_object_get(json_object_get(job, "error"), "detail"));
			const char *hint = json_string_value(json_object_get(json_object_get(job, "error"), "hint"));
			err_set(err, ERR_INPUT, "cli.job", "", "%s",
			        detail  ? detail
			        : state ? state
			                : "the job is gone");
			if (hint) err_hint(err, "%s", hint);
			json_decref(job);
			return ERR_INPUT;
		}
		json_decref(job);
		poll(NULL, 0, 200);
	}
}

/* A server holds the directory: it gets the bytes and does the parsing. */
static int import_there(struct cli *c, struct str mapping)
{
	struct err err;
	json_t *uploads = json_array(), *body = json_object(), *job = NULL;
	int rc = 1;
	for (int i = 0; i < c->n_args; i++) {
		const char *slash = strrchr(c->arg[i], '/');
		struct str name = cli_escape(c, str_of(slash                    ? slash + 1
		                                       : strcmp(c->arg[i], "-") ? c->arg[i]
		                                                                : "stdin"));
		struct cli_reply reply;
		if (cli_send_file(c, str_format(&c->arena, "/api/uploads?name=" STR_FMT, STR_ARG(name)), c->arg[i],
		                  &reply, &err) != OK) {
			rc = cli_fail(&err);
			goto done;
		}
		json_t *up = cli_json(c, reply.body);
		json_array_append(uploads, json_object_get(up, "upload"));
		json_decref(up);
	}
	json_object_set(body, "uploads", uploads);
	json_object_set_new(body, "dry_run", json_boolean(c->opt[OPT_DRY_RUN] != NULL));
	if (c->opt[OPT_FORMAT]) json_object_set_new(body, "format", json_string(c->opt[OPT_FORMAT]));
	if (c->opt[OPT_SOURCE]) json_object_set_new(body, "source", json_string(c->opt[OPT_SOURCE]));
	if (mapping.len) json_object_set_new(body, "mapping", json_stringn(mapping.ptr, mapping.len));
	char *text = json_dumps(body, JSON_COMPACT);
	struct cli_reply reply;
	enum err_code sent = cli_request(c, "POST", STR("/api/imports"), str_of(text ? text : ""), &reply, &err);
	free(text);
	if (sent == OK) {
		json_t *started = cli_json(c, reply.body);
		const char *id = json_string_value(json_object_get(started, "job"));
		sent = follow_job(c, id ? id : "", &job, &err);
		json_decref(started);
	}
	if (sent != OK) {
		rc = cli_fail(&err);
		goto done;
	}
	const json_t *result = json_object_get(job, "result");
	const char *rejects = json_string_value(json_object_get(result, "rejects_file"));
	struct outcome out = {
		.rows = number_at(result, "rows"),
		.read = number_at(result, "read"),
		.stored = number_at(result, "stored"),
		.duplicate = number_at(result, "duplicate"),
		.rejected = number_at(result, "rejected"),
		.rejects_file = str_of(rejects ? rejects : ""),
	};
	size_t i;
	json_t *first;
	json_array_foreach(json_object_get(result, "first"), i, first)
	{
		if (i == 5) break;
		out.first[i].index = number_at(first, "line");
		words_at(c, first, "field", out.first[i].err.field, sizeof out.first[i].err.field);
		words_at(c, first, "text", out.first[i].err.text, sizeof out.first[i].err.text);
		words_at(c, first, "hint", out.first[i].err.hint, sizeof out.first[i].err.hint);
		out.n_first = i + 1;
	}
	print_outcome(c, &out);
	rc = 0;
done:
	json_decref(uploads);
	json_decref(body);
	json_decref(job);
	return rc;
}

int cli_import(struct cli *c)
{
	struct err err;
	struct str mapping = STR("");
	int format = WIRE_AUTO;
	if (c->opt[OPT_FORMAT]) {
		for (format = 0; format < WIRE_FORMATS && strcmp(wire_format_names[format], c->opt[OPT_FORMAT]) != 0;)
			format++;
		if (format == WIRE_FORMATS) return cli_usage(c, "--format is one of csv, xlsx, ndjson, xes, segment");
	}
	if (c->opt[OPT_MAPPING] && read_whole(c, c->opt[OPT_MAPPING], 1 << 20, &mapping, &err) != OK)
		return cli_fail(&err);

	struct sigaction act = { .sa_handler = on_interrupt };
	sigaction(SIGINT, &act, NULL);
	if (cli_server_has(c)) return import_there(c, mapping);
	enum err_code rc = c->host->open(c->dir, false, &c->handle, &err);
	if (rc == ERR_UNAVAILABLE && cli_server_has(c))
		return import_there(c, mapping); /* a server started meanwhile */
	return rc == OK ? import_here(c, mapping, (enum wire_format)format) : cli_fail(&err);
}
