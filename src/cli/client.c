#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/checked.h"
#include "cli/priv.h"

enum { REPLY_BYTES_MAX = 512 * 1024 * 1024, SENT_BYTES_MAX = 16 * 1024 * 1024 };

static bool socket_path(const struct cli *c, struct sockaddr_un *at)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	int n = snprintf(at->sun_path, sizeof at->sun_path, "%s/safar.sock", c->dir);
	return n > 0 && (size_t)n < sizeof at->sun_path;
}

bool cli_server_has(struct cli *c)
{
	struct sockaddr_un at;
	if (!socket_path(c, &at)) return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) return false;
	bool answers = connect(fd, (const struct sockaddr *)&at, sizeof at) == 0;
	close(fd);
	return answers;
}

enum err_code cli_connect(struct cli *c, struct err *err)
{
	if (c->curl || c->handle) return OK;
	struct sockaddr_un at;
	if (!socket_path(c, &at))
		return err_set(err, ERR_INPUT, "cli.data", "data", "the path of --data is too long for a socket in it");
	if (!cli_server_has(c)) return c->host->open(c->dir, true, &c->handle, err);
	c->curl = curl_easy_init();
	return c->curl ? OK : err_no_memory(err);
}

void cli_disconnect(struct cli *c)
{
	if (c->curl) curl_easy_cleanup(c->curl);
	c->curl = NULL;
}

struct str cli_escape(struct cli *c, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = arena_alloc(&c->arena, s.len * 3 + 1);
	size_t n = 0;
	for (size_t i = 0; out && i < s.len; i++) {
		unsigned char b = (unsigned char)s.ptr[i];
		bool plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
		             (b && strchr("-._~", b));
		if (plain) out[n++] = (char)b;
		else out[n++] = '%', out[n++] = hex[b >> 4], out[n++] = hex[b & 15];
	}
	return (struct str){ out ? out : "", n };
}

static size_t take(char *bytes, size_t size, size_t n, void *ctx)
{
	struct buf *b = ctx;
	buf_put(b, bytes, size * n);
	return b->full ? 0 : size * n;
}

/* The error that a problem document (RFC 9457) says, as a struct err. */
static enum err_code problem(struct cli *c, long status, struct str body, struct err *err)
{
	static const struct {
		long status;
		enum err_code code;
	} codes[] = { { 401, ERR_DENIED }, { 403, ERR_DENIED },      { 404, ERR_NOT_FOUND }, { 409, ERR_CONFLICT },
		      { 413, ERR_LIMIT },  { 429, ERR_UNAVAILABLE }, { 500, ERR_IO },        { 503, ERR_UNAVAILABLE } };
	enum err_code code = ERR_INPUT;
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (codes[i].status == status) code = codes[i].code;
	struct str text, hint, field;
	if (!json_get_text(body, STR("detail"), &c->arena, &text)) text = STR("the server refused the request");
	if (!json_get_text(body, STR("hint"), &c->arena, &hint)) hint = STR("");
	if (!json_get_text(body, STR("field"), &c->arena, &field)) field = STR("");
	err_set(err, code, "cli.answer", str_z(&c->arena, field), STR_FMT, STR_ARG(text));
	if (hint.len) err_hint(err, STR_FMT, STR_ARG(hint));
	if (!json_get_i64(body, STR("value"), &err->value) || !json_get_i64(body, STR("limit"), &err->limit))
		err->value = err->limit = 0;
	return code;
}

static enum err_code perform(struct cli *c, struct str target, struct cli_reply *out, struct err *err)
{
	struct str url = str_format(&c->arena, "http://localhost" STR_FMT, STR_ARG(target));
	if (!url.ptr) return err_no_memory(err);
	struct buf body;
	buf_init(&body, REPLY_BYTES_MAX);
	curl_easy_setopt(c->curl, CURLOPT_URL, url.ptr);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &body);
	CURLcode done = curl_easy_perform(c->curl);
	enum err_code rc = OK;
	if (done != CURLE_OK) {
		rc = err_set(err, ERR_UNAVAILABLE, "cli.server", "", "the server on %s/safar.sock did not answer: %s",
		             c->dir, curl_easy_strerror(done));
		goto out;
	}
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &out->status);
	out->body = str_copy(&c->arena, buf_view(&body));
	if (!out->body.ptr) rc = err_no_memory(err);
	else if (out->status >= 400) rc = problem(c, out->status, out->body, err);
out:
	buf_done(&body);
	return rc;
}

/* No server: this process answers. */
static enum err_code answer_here(struct cli *c, const char *method, struct str target, struct str body,
                                 struct cli_reply *out, struct err *err)
{
	struct buf b;
	buf_init(&b, REPLY_BYTES_MAX);
	out->status = c->host->request(c->handle, method, str_z(&c->arena, target), body, &b);
	out->body = str_copy(&c->arena, buf_view(&b));
	enum err_code rc = buf_check(&b, err);
	buf_done(&b);
	if (rc != OK) return rc;
	if (!out->body.ptr) return err_no_memory(err);
	return out->status >= 400 ? problem(c, out->status, out->body, err) : OK;
}

static void start(struct cli *c, const char *method)
{
	struct sockaddr_un at;
	curl_easy_reset(c->curl);
	if (socket_path(c, &at)) curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, at.sun_path);
	curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
}

enum err_code cli_request(struct cli *c, const char *method, struct str target, struct str body, struct cli_reply *out,
                          struct err *err)
{
	TRY(cli_connect(c, err));
	if (c->handle) return answer_here(c, method, target, body, out, err);
	start(c, method);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	headers = curl_slist_append(headers, "Expect:");
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	if (strcmp(method, "GET") != 0) {
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.ptr ? body.ptr : "");
	}
	enum err_code rc = perform(c, target, out, err);
	curl_slist_free_all(headers);
	return rc;
}

enum err_code cli_send_file(struct cli *c, struct str target, const char *path, struct cli_reply *out, struct err *err)
{
	TRY(cli_connect(c, err));
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	if (!f) {
		err_set(err, ERR_NOT_FOUND, "cli.file", "FILE", "%s cannot be opened", path);
		err_hint(err, "Check the path and that you may read it.");
		return ERR_NOT_FOUND;
	}
	enum err_code rc;
	if (c->handle) {
		struct buf b;
		buf_init(&b, SENT_BYTES_MAX);
		char part[65536];
		for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) buf_put(&b, part, n);
		rc = buf_check(&b, err);
		if (rc == OK) rc = answer_here(c, "POST", target, buf_view(&b), out, err);
		buf_done(&b);
		if (f != stdin) fclose(f);
		return rc;
	}
	start(c, "POST");
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
	headers = curl_slist_append(headers, "Expect:");
	headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, "POST");
	curl_easy_setopt(c->curl, CURLOPT_READDATA, f);
	rc = perform(c, target, out, err);
	curl_slist_free_all(headers);
	if (f != stdin) fclose(f);
	return rc;
}

struct str cli_scope(struct cli *c, bool more)
{
	static const struct {
		enum cli_option option;
		const char *name;
	} plain[] = { { OPT_FROM, "from" },       { OPT_TO, "to" },           { OPT_MAP, "map" },
		      { OPT_VERSION, "version" }, { OPT_COMPARE, "compare" }, { OPT_CASE, "case" },
		      { OPT_TOP, "top" },         { OPT_BY, "by" },           { OPT_LANG, "lang" },
		      { OPT_SEGMENT, "segment" }, { OPT_UNIT, "unit" } };
	struct str s = STR("");
	char glue = more ? '&' : '?';
	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		const char *value = c->opt[plain[i].option];
		if (!value) continue;
		s = str_format(&c->arena, STR_FMT "%c%s=" STR_FMT, STR_ARG(s), glue, plain[i].name,
		               STR_ARG(cli_escape(c, str_of(value))));
		glue = '&';
	}
	for (int i = 0; i < c->n_own; i++) {
		s = str_format(&c->arena, STR_FMT "%c" STR_FMT "=" STR_FMT, STR_ARG(s), glue, STR_ARG(c->own[i].name),
		               STR_ARG(cli_escape(c, str_of(c->own[i].value))));
		glue = '&';
	}
	for (int i = 0; i < c->n_filters; i++) {
		s = str_format(&c->arena, STR_FMT "%cfilter=" STR_FMT, STR_ARG(s), glue,
		               STR_ARG(cli_escape(c, str_of(c->filter[i]))));
		glue = '&';
	}
	return s;
}

int cli_rows(struct cli *c, struct str target, const char *rows, const struct cli_column *columns, size_t n)
{
	struct err err;
	struct cli_reply reply;
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	cli_table(c, json_object_get(o, rows), columns, n);
	json_decref(o);
	return 0;
}
