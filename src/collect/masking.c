/*
 * For sources that ask for it: what identifies a person is taken out of
 * comments before anything is stored, and out of what is set aside or refused
 * as well. A sink in front of the one that stores.
 */
#include "collect/priv.h"
#include "text/text.h"

/* What is refused may be longer than an event may be; what is longer than this is not kept at all. */
#define ROOM_BYTES (8 * MIB)

static struct wire_sink masking_sink(struct masking *m);

enum err_code masking_open(struct collect *c, uint32_t source, const struct wire_sink *to, struct masking *m,
                           struct wire_sink *sink, struct err *err)
{
	bool hides = false;
	*m = (struct masking){ .to = *to, .hiding = { .st = c->st } };
	buf_init(&m->out, ROOM_BYTES);
	buf_init(&m->text, ROOM_BYTES);
	buf_init(&m->hidden, ROOM_BYTES);
	arena_init(&m->scratch, 4 * ROOM_BYTES);
	arena_init(&m->kept, MIB);
	enum err_code rc = collect_source_masks(c, source, &m->comments, err);
	if (rc == OK) rc = collect_source_hides(c, source, &hides, err);
	if (rc == OK && hides) rc = source_rules(c, source, &m->kept, &m->hiding.rules, &m->hiding.n_rules, err);
	if (rc == OK) *sink = m->comments || hides ? masking_sink(m) : *to;
	else masking_done(m);
	return rc;
}

void masking_done(struct masking *m)
{
	buf_done(&m->out);
	buf_done(&m->text);
	buf_done(&m->hidden);
	arena_done(&m->scratch);
	arena_done(&m->kept);
}

/* The newest string of the reader, masked, as a JSON string at the end of m->out. */
static bool put_masked(struct masking *m, const struct json_reader *r)
{
	struct str said;
	struct json_out o;
	if (!json_text(r, &m->scratch, &said)) return false;
	buf_clear(&m->text);
	text_mask(said, TEXT_PII_ALL, &m->text, NULL, 0);
	json_out_init(&o, &m->out);
	json_put_str(&o, buf_view(&m->text));
	return !m->text.full;
}

/* JSON with the strings under "comment" masked, at any depth; false when it is none, or memory is short. */
static bool mask_json(struct masking *m, struct str json)
{
	struct json_reader r;
	const char *done = json.ptr;
	bool comment = false;
	json_read(&r, json);
	for (enum json_token t; (t = json_next(&r)) != JT_END;) {
		if (t == JT_ERROR) return false;
		if (t == JT_STRING && comment) {
			buf_put(&m->out, done, (size_t)(r.raw.ptr - 1 - done));
			if (!put_masked(m, &r)) return false;
			done = r.raw.ptr + r.raw.len + 1;
		}
		comment = t == JT_KEY && str_eq(r.raw, STR("comment"));
	}
	buf_put(&m->out, done, (size_t)(json.ptr + json.len - done));
	return true;
}

static enum err_code masked_event(void *ctx, const struct wire_event *said, struct err *err)
{
	struct masking *m = ctx;
	struct wire_event e = *said;
	buf_clear(&m->out);
	buf_clear(&m->hidden);
	arena_reset(&m->scratch);
	if (m->hiding.n_rules) {
		if (!hide_json(&m->hiding, e.body, &m->scratch, &m->hidden)) return err_no_memory(err);
		e.body = buf_view(&m->hidden);
	}
	if (m->comments) {
		if (!mask_json(m, e.body) || m->out.full) return err_no_memory(err);
		e.body = buf_view(&m->out);
	}
	return m->to.event(m->to.ctx, &e, err);
}

/* The text of a refusal quotes the value that was wrong; of a table nobody knows which property its column is. */
static void hide_words(const struct masking *m, struct err *why, bool of_table)
{
	const struct str field = str_of(why->field);
	size_t from = field.len;
	while (from > 0 && !strchr("/.]", field.ptr[from - 1])) from--;
	const struct str name = str_cut(field, from, field.len);
	if (!of_table && !hiding_rule(m->hiding.rules, m->hiding.n_rules, name)) return;
	snprintf(why->text, sizeof why->text, "the value is not as it should be; a rule of the source hides it");
	if (!of_table) why->hint[0] = '\0';
}

/*
 * What was refused may be JSON or a row of a table. Of a row everything is masked, whatever column it is in; where
 * there are rules, which name properties and no columns, nothing of it is kept.
 */
static enum err_code masked_refusal(void *ctx, const struct wire_refusal *said, struct err *err)
{
	struct masking *m = ctx;
	struct wire_refusal r = *said;
	buf_clear(&m->out);
	buf_clear(&m->hidden);
	arena_reset(&m->scratch);
	if (m->hiding.n_rules) {
		const bool is_json = hide_json(&m->hiding, r.raw, &m->scratch, &m->hidden);
		hide_words(m, &r.err, !is_json);
		r.raw = is_json ? buf_view(&m->hidden) : STR("");
	}
	if (!m->comments) return m->to.refuse(m->to.ctx, &r, err);
	if (!mask_json(m, r.raw)) {
		buf_clear(&m->out);
		text_mask(r.raw, TEXT_PII_ALL, &m->out, NULL, 0);
	}
	r.raw = m->out.full ? STR("") : buf_view(&m->out);
	return m->to.refuse(m->to.ctx, &r, err);
}

static enum err_code pass_declaration(void *ctx, const struct wire_declare *d, struct err *err)
{
	struct masking *m = ctx;
	return m->to.declare ? m->to.declare(m->to.ctx, d, err) : OK;
}

static int pass_progress(void *ctx, int64_t bytes, int64_t rows)
{
	struct masking *m = ctx;
	return m->to.progress ? m->to.progress(m->to.ctx, bytes, rows) : 0;
}

static struct wire_sink masking_sink(struct masking *m)
{
	return (struct wire_sink){ .ctx = m,
		                   .event = masked_event,
		                   .refuse = masked_refusal,
		                   .declare = pass_declaration,
		                   .progress = pass_progress };
}
