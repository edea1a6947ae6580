/* The job for the parser process, and the guess that it gives back, as JSON. */
#include "collect/priv.h"

void parse_job_write(const struct parse_job *job, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_i64(&o, "format", job->format);
	json_kv_i64(&o, "now_ms", job->now_ms);
	json_kv_bool(&o, "guess", job->guess);
	json_kv_str(&o, "mapping", job->mapping_toml);
	json_kv_str(&o, "zone", job->zone);
	json_key(&o, "names");
	json_open(&o, '[');
	for (size_t i = 0; i < job->n_files; i++) json_put_str(&o, job->names[i]);
	json_close(&o, ']');
	json_close(&o, '}');
}

static enum err_code bad_text(struct err *err)
{
	return err_set(err, ERR_INPUT, "parse.text", "", "the parser was given no job");
}

enum err_code parse_job_read(struct str text, struct arena *a, struct parse_job *out, struct err *err)
{
	struct parse_job job = { 0 };
	struct str names, guess;
	int64_t format;
	if (!json_get_i64(text, STR("format"), &format) || format < 0 || format >= WIRE_FORMATS ||
	    !json_get_i64(text, STR("now_ms"), &job.now_ms) || !json_get(text, STR("guess"), &guess) ||
	    !json_get_text(text, STR("mapping"), a, &job.mapping_toml) ||
	    !json_get_text(text, STR("zone"), a, &job.zone) || !json_get(text, STR("names"), &names))
		return bad_text(err);
	job.format = (enum wire_format)format;
	job.guess = str_eq(guess, STR("true"));
	struct json_reader r;
	json_read(&r, names);
	if (json_next(&r) != JT_ARRAY) return bad_text(err);
	while (json_next(&r) == JT_STRING) {
		if (job.n_files == COLLECT_FILES_MAX || !json_text(&r, a, &job.names[job.n_files]))
			return bad_text(err);
		job.n_files++;
	}
	if (job.n_files == 0) return bad_text(err);
	*out = job;
	return OK;
}

/* --- the guess ------------------------------------------------------------------------------- */

/* Roles and types are static words in wire_guess: they are looked up again, so that nothing from the child is trusted.
 */
static const char *known(struct str s, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (str_eq(s, str_of(words[i]))) return words[i];
	return words[0];
}

static void put_texts(struct json_out *o, const char *key, const struct str *texts, size_t n)
{
	json_key(o, key);
	json_open(o, '[');
	for (size_t i = 0; i < n; i++) json_put_str(o, texts[i]);
	json_close(o, ']');
}

/* Exactly n texts. */
static bool get_texts(struct str object, const char *key, struct str *out, size_t n, struct arena *a)
{
	struct json_reader r;
	struct str list;
	if (!json_get(object, str_of(key), &list)) return false;
	json_read(&r, list);
	if (json_next(&r) != JT_ARRAY) return false;
	for (size_t i = 0; i < n; i++)
		if (json_next(&r) != JT_STRING || !json_text(&r, a, &out[i])) return false;
	return json_next(&r) == JT_ARRAY_END;
}

void parse_guess_write(const struct wire_guess *g, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_i64(&o, "rows", (int64_t)g->n_rows);
	json_kv_str(&o, "mapping", g->mapping_toml);
	json_key(&o, "columns");
	json_open(&o, '[');
	for (size_t i = 0; i < g->n_columns; i++) {
		const struct wire_guess_column *c = &g->columns[i];
		json_open(&o, '{');
		json_kv_str(&o, "name", c->name);
		json_kv_z(&o, "role", c->role ? c->role : "");
		json_kv_z(&o, "type", c->type ? c->type : "text");
		json_kv_str(&o, "reason", c->reason);
		json_kv_i64(&o, "distinct", c->n_distinct);
		json_kv_i64(&o, "empty", c->n_empty);
		json_kv_z(&o, "why", c->why.id ? c->why.id : "");
		json_kv_str(&o, "word", c->why.word);
		json_kv_double(&o, "low", c->why.low);
		json_kv_double(&o, "high", c->why.high);
		json_kv_i64(&o, "from", c->why.from);
		json_kv_i64(&o, "to", c->why.to);
		json_kv_i64(&o, "n", c->why.n);
		put_texts(&o, "samples", c->samples, COUNT_OF(c->samples));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_kv_i64(&o, "preview_rows", (int64_t)g->n_preview);
	put_texts(&o, "preview", g->preview, g->n_preview * g->n_columns);
	json_close(&o, '}');
}

static bool read_column(struct str text, struct arena *a, struct wire_guess_column *c)
{
	struct str role, type, why;
	if (!json_get_text(text, STR("name"), a, &c->name) || !json_get_text(text, STR("role"), a, &role) ||
	    !json_get_text(text, STR("type"), a, &type) || !json_get_text(text, STR("reason"), a, &c->reason) ||
	    !json_get_i64(text, STR("distinct"), &c->n_distinct) || !json_get_i64(text, STR("empty"), &c->n_empty) ||
	    !json_get_text(text, STR("why"), a, &why) || !json_get_text(text, STR("word"), a, &c->why.word) ||
	    !json_get_number(text, STR("low"), &c->why.low) || !json_get_number(text, STR("high"), &c->why.high) ||
	    !json_get_i64(text, STR("from"), &c->why.from) || !json_get_i64(text, STR("to"), &c->why.to) ||
	    !json_get_i64(text, STR("n"), &c->why.n))
		return false;
	c->role = known(role, wire_guess_roles);
	c->type = known(type, wire_guess_types);
	c->why.id = known(why, wire_why_names);
	return get_texts(text, "samples", c->samples, COUNT_OF(c->samples), a);
}

static enum err_code read_preview(struct str text, struct arena *a, struct wire_guess *g, struct err *err)
{
	int64_t rows;
	if (!json_get_i64(text, STR("preview_rows"), &rows) || rows < 0 || (size_t)rows > WIRE_PREVIEW_ROWS)
		return err_set(err, ERR_CORRUPT, "parse.guess", "", "the reader of the file gave no preview");
	g->n_preview = (size_t)rows;
	g->preview = ARENA_ARRAY(a, struct str, g->n_preview * g->n_columns);
	if (!g->preview) return err_no_memory(err);
	if (get_texts(text, "preview", g->preview, g->n_preview * g->n_columns, a)) return OK;
	return err_set(err, ERR_CORRUPT, "parse.guess", "", "the preview of the answer cannot be read");
}

enum err_code parse_guess_read(struct str text, struct arena *a, struct wire_guess *out, struct err *err)
{
	struct wire_guess g = { 0 };
	struct str columns;
	int64_t rows;
	size_t n = 0;
	struct json_reader r;
	if (!json_get_i64(text, STR("rows"), &rows) || rows < 0 ||
	    !json_get_text(text, STR("mapping"), a, &g.mapping_toml) || !json_get(text, STR("columns"), &columns))
		return err_set(err, ERR_CORRUPT, "parse.guess", "", "the reader of the file gave no answer");
	g.n_rows = (size_t)rows;
	for (int pass = 0; pass < 2; pass++) { /* count, then read */
		struct str column;
		json_read(&r, columns);
		if (json_next(&r) != JT_ARRAY)
			return err_set(err, ERR_CORRUPT, "parse.guess", "", "the reader of the file gave no columns");
		n = 0;
		for (enum json_token t; (t = json_next(&r)) == JT_OBJECT; n++) {
			if (!json_slice(&r, t, &column)) return json_error(&r, err);
			if (pass && !read_column(column, a, &g.columns[n]))
				return err_set(err, ERR_CORRUPT, "parse.guess", "",
				               "column %zu of the answer cannot be read", n + 1);
		}
		if (pass) break;
		g.columns = ARENA_ARRAY(a, struct wire_guess_column, n);
		if (!g.columns) return err_no_memory(err);
	}
	g.n_columns = n;
	TRY(read_preview(text, a, &g, err));
	*out = g;
	return OK;
}
