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
static const char *const roles[] = { "customer",    "time",  "event",   "score", "comment",
	                             "expected_at", "value", "channel", "key",   "dimension" };
static const char *const types[] = { "text", "number", "time", "date" };

static const char *known(struct str s, const char *const *words, size_t n, const char *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(words[i]))) return words[i];
	return otherwise;
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
		json_key(&o, "samples");
		json_open(&o, '[');
		for (size_t k = 0; k < COUNT_OF(c->samples); k++) json_put_str(&o, c->samples[k]);
		json_close(&o, ']');
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
}

static bool read_column(struct str text, struct arena *a, struct wire_guess_column *c)
{
	struct str role, type, samples;
	if (!json_get_text(text, STR("name"), a, &c->name) || !json_get_text(text, STR("role"), a, &role) ||
	    !json_get_text(text, STR("type"), a, &type) || !json_get_text(text, STR("reason"), a, &c->reason) ||
	    !json_get_i64(text, STR("distinct"), &c->n_distinct) || !json_get_i64(text, STR("empty"), &c->n_empty) ||
	    !json_get(text, STR("samples"), &samples))
		return false;
	c->role = known(role, roles, COUNT_OF(roles), "");
	c->type = known(type, types, COUNT_OF(types), "text");
	struct json_reader r;
	json_read(&r, samples);
	if (json_next(&r) != JT_ARRAY) return false;
	for (size_t k = 0; k < COUNT_OF(c->samples); k++)
		if (json_next(&r) != JT_STRING || !json_text(&r, a, &c->samples[k])) return false;
	return true;
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
	*out = g;
	return OK;
}
