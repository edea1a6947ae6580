/*
 * The built page, carried inside the program. Files under assets/ have a
 * fingerprint in their name and never change; a path that is no file is a
 * page of the application and gets index.html. Packed twins (NAME.br,
 * NAME.gz) made at build time are sent to those who take them.
 */
#include "http/priv.h"

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".json", "application/json" },
	{ ".woff2", "font/woff2" },
	{ ".woff", "font/woff" },
	{ ".ttf", "font/ttf" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".webp", "image/webp" },
};

static bool takes(struct str accept, struct str coding)
{
	while (accept.len) {
		struct str one = str_cut(accept, 0, str_find(accept, ','));
		accept = one.len < accept.len ? str_cut(accept, one.len + 1, accept.len) : (struct str){ 0 };
		struct str name = str_trim(str_cut(one, 0, str_find(one, ';')));
		struct str rest = str_cut(one, str_find(one, ';'), one.len);
		bool no = false;
		for (size_t i = 0; i + 3 <= rest.len; i++)
			if (memcmp(rest.ptr + i, "q=0", 3) == 0 && (i + 3 == rest.len || rest.ptr[i + 3] != '.'))
				no = true;
		if (str_eq_ascii_nocase(name, coding)) return !no;
	}
	return false;
}

static struct str find(struct http_call *c, const char *name)
{
	return embed_find(c->h->opt.assets, c->h->opt.n_assets, name);
}

HANDLER(get_asset)
{
	static const struct {
		struct str coding;
		const char *ending;
	} packed[] = { { { "br", 2 }, ".br" }, { { "gzip", 4 }, ".gz" } };
	struct str path;
	if (!c->h->opt.n_assets) {
		c->status = 404;
		c->content_type = "text/plain; charset=utf-8";
		buf_str(&c->out, STR("This program was built without its pages. The API is at /api, its description at "
		                     "/openapi.json.\n"));
		return OK;
	}
	if (!percent_decode(c->arena, c->path, false, &path)) path = STR("/");
	const char *name = str_z(c->arena, str_cut(path, 1, path.len));
	if (!name) return err_no_memory(err);
	/* Files of the survey page keep their names; whoever asks for one by its fingerprint may keep it. */
	bool survey = strncmp(name, "survey/", 7) == 0, widget = strcmp(name, "w.js") == 0;
	bool fixed = strncmp(name, "assets/", 7) == 0 || survey;
	bool kept = survey ? query_get(c, "v").len > 0 : fixed;
	struct str bytes = *name ? find(c, name) : (struct str){ 0 };
	if (!bytes.ptr && fixed)
		return err_set(err, ERR_NOT_FOUND, "http.path", "", "there is nothing at this address");
	if (!bytes.ptr) {
		name = "index.html";
		bytes = find(c, name);
	}
	if (!bytes.ptr) return err_set(err, ERR_NOT_FOUND, "http.path", "", "there is nothing at this address");
	c->content_type = "application/octet-stream";
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (str_ends(str_of(name), str_of(types[i].ending))) c->content_type = types[i].type;
	for (size_t i = 0; i < COUNT_OF(packed); i++) {
		struct str twin_name = str_format(c->arena, "%s%s", name, packed[i].ending);
		struct str twin = twin_name.ptr ? find(c, twin_name.ptr) : (struct str){ 0 };
		if (!twin.ptr || !takes(c->headers[H_ACCEPT_ENCODING], packed[i].coding)) continue;
		bytes = twin;
		answer_header(c, "Content-Encoding", packed[i].coding);
		break;
	}
	answer_header(c, "Vary", STR("Accept-Encoding"));
	answer_header(c, "Cache-Control",
	              kept     ? STR("public, max-age=31536000, immutable")
	              : widget ? STR("public, max-age=3600")
	                       : STR("no-cache"));
	if (widget) answer_header(c, "Cross-Origin-Resource-Policy", STR("cross-origin"));
	c->fixed = bytes.ptr;
	c->n_fixed = bytes.len;
	return OK;
}
