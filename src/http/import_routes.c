/* Files: uploads (kept a day), a look at them, imports as jobs, rejects. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "http/priv.h"

#define NAME_BYTES_MAX 255

/* --- the folder ---------------------------------------------------------------------------- */

/* DIR/uploads holds ID (the bytes) and ID.name (what the person called it). */
enum err_code uploads_folder(struct http *h, struct arena *a, const char **path, struct err *err)
{
	struct str folder = str_format(a, "%s/uploads", store_dir(h->opt.store));
	if (!folder.ptr) return err_no_memory(err);
	if (mkdir(folder.ptr, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_IO, "upload.folder", "", "%s cannot be made: %s", folder.ptr, strerror(errno));
	*path = folder.ptr;
	return OK;
}

static bool is_id(struct str s)
{
	if (s.len != 32) return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'f'))) return false;
	return true;
}

enum err_code upload_path(struct http *h, struct str id, struct arena *a, const char **path, struct str *name,
                          struct err *err)
{
	const char *folder;
	TRY(uploads_folder(h, a, &folder, err));
	struct str file = is_id(id) ? str_format(a, "%s/" STR_FMT, folder, STR_ARG(id)) : (struct str){ 0 };
	if (!file.ptr || access(file.ptr, R_OK) != 0) {
		enum err_code rc =
		        err_set(err, ERR_NOT_FOUND, "upload.unknown", "uploads", "there is no upload \"" STR_FMT "\"",
		                (int)(id.len < 40 ? id.len : 40), id.ptr);
		err_hint(err, "Uploads are kept for a day: send the file again.");
		return rc;
	}
	char text[NAME_BYTES_MAX + 1] = "";
	struct str label = str_format(a, "%s.name", file.ptr);
	FILE *f = label.ptr ? fopen(label.ptr, "re") : NULL;
	size_t n = f ? fread(text, 1, NAME_BYTES_MAX, f) : 0;
	if (f) fclose(f);
	*path = file.ptr;
	*name = str_copy(a, (struct str){ text, n });
	return name->ptr ? OK : err_no_memory(err);
}

void uploads_sweep(struct http *h)
{
	struct arena a;
	const char *folder;
	arena_init(&a, 64 * KIB);
	DIR *dir = NULL;
	struct err err;
	if (uploads_folder(h, &a, &folder, &err) == OK) dir = opendir(folder);
	int64_t now = h->opt.now_ms(h->opt.now_ctx);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		struct stat st;
		if (e->d_name[0] == '.' || fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
		if (now - (int64_t)st.st_mtime * 1000 > HTTP_UPLOAD_KEPT_MS) unlinkat(dirfd(dir), e->d_name, 0);
	}
	if (dir) closedir(dir);
	arena_done(&a);
}

HANDLER(post_uploads)
{
	struct str name = query_get(c, "name"), path = str_of(c->body_path);
	for (size_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
			name = str_cut(name, i, name.len);
			break;
		}
	if (!name.len || name.len > NAME_BYTES_MAX) {
		enum err_code rc = err_set(err, ERR_INPUT, "upload.name", "name",
		                           "the file needs a name of 1 to %d bytes", NAME_BYTES_MAX);
		err_hint(err, "Put ?name=orders.csv behind the address.");
		return rc;
	}
	struct str kept = str_copy(c->arena, str_cut(path, 0, path.len - 5)); /* without ".part" */
	struct str label = kept.ptr ? str_format(c->arena, "%s.name", kept.ptr) : kept;
	if (!label.ptr) return err_no_memory(err);
	int fd = open(label.ptr, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	bool wrote = fd >= 0 && write(fd, name.ptr, name.len) == (ssize_t)name.len;
	if (fd >= 0 && close(fd) != 0) wrote = false;
	if (!wrote || rename(path.ptr, kept.ptr) != 0) {
		unlink(label.ptr);
		return err_set(err, ERR_IO, "upload.keep", "", "the upload cannot be kept: %s", strerror(errno));
	}
	c->body_path = NULL;
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "upload", str_cut(kept, kept.len - 32, kept.len));
	json_kv_i64(&o, "bytes", c->body_bytes);
	json_close(&o, '}');
	return OK;
}

/* --- guess and import ------------------------------------------------------------------------ */

static enum err_code read_format(struct http_call *c, enum wire_format *out, struct err *err)
{
	struct str text = STR("");
	TRY(body_text(c, "format", false, &text, err));
	*out = WIRE_AUTO;
	if (!text.len) return OK;
	for (int i = 0; i < WIRE_FORMATS; i++)
		if (str_eq(text, str_of(wire_format_names[i]))) {
			*out = (enum wire_format)i;
			return OK;
		}
	enum err_code rc = err_set(err, ERR_INPUT, "import.format", "format", "\"" STR_FMT "\" is no format",
	                           (int)(text.len < 40 ? text.len : 40), text.ptr);
	err_hint(err, "One of csv, xlsx, ndjson, xes, ocel, access, segment; without it the file itself is looked at.");
	return rc;
}

/* The body as a job; its strings are in `a`. */
static enum err_code read_import(struct http_call *c, struct arena *a, struct collect_import *job, struct err *err)
{
	struct str list, id;
	struct json_reader r;
	TRY(read_format(c, &job->format, err));
	struct str text = STR("");
	TRY(body_text(c, "mapping", false, &text, err));
	if (text.len > COLLECT_MAPPING_BYTES_MAX)
		return err_limit(err, "import.mapping", "mapping", (int64_t)text.len,
		                 (int64_t)COLLECT_MAPPING_BYTES_MAX, "the mapping is too long");
	job->mapping_toml = str_copy(a, text);
	text = STR("");
	TRY(body_text(c, "source", false, &text, err));
	job->source_name = str_copy(a, text);
	if (!job->mapping_toml.ptr || !job->source_name.ptr) return err_no_memory(err);
	bool given;
	TRY(body_bool(c, "dry_run", &job->dry_run, &given, err));

	bool fine = json_get(c->body, STR("uploads"), &list);
	if (fine) {
		json_read(&r, list);
		fine = json_next(&r) == JT_ARRAY;
	}
	enum json_token t = JT_ERROR;
	while (fine && (t = json_next(&r)) == JT_STRING) {
		if (job->n_files == COLLECT_FILES_MAX)
			return err_limit(err, "import.files", "uploads", COLLECT_FILES_MAX + 1, COLLECT_FILES_MAX,
			                 "at most %d files go together", COLLECT_FILES_MAX);
		if (!json_text(&r, a, &id)) return err_no_memory(err);
		struct str name;
		TRY(upload_path(c->h, id, a, &job->paths[job->n_files], &name, err));
		job->names[job->n_files++] = name.ptr;
	}
	if (!fine || t != JT_ARRAY_END || job->n_files == 0) {
		enum err_code rc =
		        err_set(err, ERR_INPUT, "import.uploads", "uploads", "\"uploads\" has to be a list of uploads");
		err_hint(err, "Send the file to /api/uploads first; its answer has the id.");
		return rc;
	}
	return OK;
}

static void put_why(struct json_out *o, const struct wire_guess_column *k)
{
	json_key(o, "why");
	json_open(o, '{');
	json_kv_z(o, "id", k->why.id);
	json_kv_str(o, "word", k->why.word);
	json_kv_double(o, "low", k->why.low);
	json_kv_double(o, "high", k->why.high);
	json_kv_i64(o, "from", k->why.from);
	json_kv_i64(o, "to", k->why.to);
	json_kv_i64(o, "n", k->why.n);
	json_close(o, '}');
}

static void put_preview(struct json_out *o, const struct wire_guess *g)
{
	json_key(o, "preview");
	json_open(o, '[');
	for (size_t i = 0; i < g->n_preview; i++) {
		json_open(o, '[');
		for (size_t k = 0; k < g->n_columns; k++) json_put_str(o, g->preview[i * g->n_columns + k]);
		json_close(o, ']');
	}
	json_close(o, ']');
}

/* --- mappings that are kept --------------------------------------------------------------------- */

static void put_mapping_row(struct json_out *o, const struct collect_mapping *m)
{
	json_open(o, '{');
	json_kv_str(o, "name", m->name);
	json_kv_bool(o, "shipped", m->shipped);
	json_kv_str(o, "author", m->author);
	json_kv_i64(o, "changed_ms", m->changed_ms);
	json_kv_str(o, "mapping", m->toml);
	json_close(o, '}');
}

HANDLER(get_mappings)
{
	struct collect_mapping *rows;
	size_t n;
	struct json_out o;
	TRY(collect_mapping_list(c->h->opt.collect, c->arena, &rows, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "mappings");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) put_mapping_row(&o, &rows[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(put_mapping)
{
	struct str text;
	TRY(body_text(c, "mapping", true, &text, err));
	TRY(collect_mapping_save(c->h->opt.collect, c->params[0], text, call_author(c), err));
	answer_empty(c, 204);
	return OK;
}

HANDLER(delete_mapping)
{
	TRY(collect_mapping_drop(c->h->opt.collect, c->params[0], err));
	answer_empty(c, 204);
	return OK;
}

/* The names of those that were made for a table with these columns. */
static enum err_code put_fits(struct http_call *c, struct json_out *o, const struct wire_guess *g, struct err *err)
{
	struct collect_mapping *rows;
	size_t n;
	struct str *names = ARENA_ARRAY(c->arena, struct str, g->n_columns);
	if (!names) return err_no_memory(err);
	for (size_t i = 0; i < g->n_columns; i++) names[i] = g->columns[i].name;
	TRY(collect_mapping_list(c->h->opt.collect, c->arena, &rows, &n, err));
	json_key(o, "fits");
	json_open(o, '[');
	for (size_t i = 0; i < n; i++) {
		struct wire_mapping *m;
		struct err ignored;
		if (wire_mapping_read(rows[i].toml, c->arena, &m, &ignored) == OK &&
		    wire_mapping_fits(m, names, g->n_columns))
			json_put_str(o, rows[i].name);
	}
	json_close(o, ']');
	return OK;
}

/* --- looking --------------------------------------------------------------------------------- */

HANDLER(post_guess)
{
	struct collect_import job = { 0 };
	struct wire_guess g = { 0 };
	TRY(read_import(c, c->arena, &job, err));
	TRY(collect_guess(c->h->opt.collect, &job, c->arena, &g, err));
	enum wire_format format = job.format;
	if (format == WIRE_AUTO) {
		char head[4096];
		FILE *f = fopen(job.paths[0], "re");
		size_t n = f ? fread(head, 1, sizeof head, f) : 0;
		if (f) fclose(f);
		format = wire_detect((struct str){ head, n }, str_of(job.names[0]));
	}
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_z(&o, "format", wire_format_names[format]);
	json_kv_i64(&o, "rows", (int64_t)g.n_rows);
	json_key(&o, "columns");
	json_open(&o, '[');
	for (size_t i = 0; i < g.n_columns; i++) {
		const struct wire_guess_column *k = &g.columns[i];
		json_open(&o, '{');
		json_kv_str(&o, "name", k->name);
		json_kv_z(&o, "role", k->role);
		json_kv_z(&o, "type", k->type);
		json_kv_str(&o, "reason", k->reason);
		put_why(&o, k);
		json_kv_i64(&o, "distinct", k->n_distinct);
		json_kv_i64(&o, "empty", k->n_empty);
		json_key(&o, "samples");
		json_open(&o, '[');
		for (int s = 0; s < 3; s++)
			if (k->samples[s].len) json_put_str(&o, k->samples[s]);
		json_close(&o, ']');
		json_close(&o, '}');
	}
	json_close(&o, ']');
	put_preview(&o, &g);
	json_kv_str(&o, "mapping", g.mapping_toml);
	TRY(put_fits(c, &o, &g, err));
	json_close(&o, '}');
	return OK;
}

HANDLER(post_imports)
{
	struct collect_import *job = calloc(1, sizeof *job);
	struct arena *names = calloc(1, sizeof *names);
	struct str id;
	enum err_code rc = job && names ? OK : err_no_memory(err);
	if (rc == OK) {
		arena_init(names, 4 * MIB);
		rc = read_import(c, names, job, err);
	}
	if (rc == OK) rc = jobs_import(c->h->jobs, job, names, &id, err);
	if (rc != OK) {
		if (names) arena_done(names);
		free(names);
		free(job);
		return rc;
	}
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "job", id);
	json_close(&o, '}');
	c->status = 202;
	return OK;
}

HANDLER(get_job)
{
	return job_json(c->h->jobs, c->params[0], &c->out, err);
}

HANDLER(get_job_events)
{
	TRY(job_watch(c->h->jobs, c->params[0], &c->watch, err));
	c->content_type = "text/event-stream";
	return OK;
}

HANDLER(delete_job)
{
	TRY(job_cancel(c->h->jobs, c->params[0], err));
	answer_empty(c, 204);
	return OK;
}

HANDLER(get_rejects)
{
	struct str file = c->params[0];
	bool plain = file.len > 0 && file.len < 200 && file.ptr[0] != '.';
	for (size_t i = 0; i < file.len; i++)
		if (file.ptr[i] == '/' || file.ptr[i] == '"' || file.ptr[i] == '\\') plain = false;
	struct str path = plain ? str_format(c->arena, "%s/rejects/" STR_FMT, store_dir(c->h->opt.store), STR_ARG(file))
	                        : (struct str){ 0 };
	c->fd = path.ptr ? open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (c->fd < 0) {
		enum err_code rc = err_set(err, ERR_NOT_FOUND, "rejects.unknown", "", "there is no such rejects file");
		err_hint(err, "They are kept for 30 days.");
		return rc;
	}
	c->content_type = "application/x-ndjson";
	answer_header(c, "Content-Disposition",
	              str_format(c->arena, "attachment; filename=\"" STR_FMT "\"", STR_ARG(file)));
	return OK;
}
