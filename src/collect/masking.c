/*
 * For sources that ask for it: what identifies a person is taken out of
 * comments before anything is stored, and out of what is set aside or refused
 * as well. A sink in front of the one that stores.
 */
#include "collect/priv.h"
#include "text/text.h"

/* What is refused may be longer than an event may be; what is longer than this is not kept at all. */
#define ROOM_BYTES (8 * MIB)

void masking_init(struct masking *m, const struct wire_sink *to)
{
	*m = (struct masking){ .to = *to };
	buf_init(&m->out, ROOM_BYTES);
	buf_init(&m->text, ROOM_BYTES);
	arena_init(&m->scratch, ROOM_BYTES);
}

void masking_done(struct masking *m)
{
	buf_done(&m->out);
	buf_done(&m->text);
	arena_done(&m->scratch);
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
	arena_reset(&m->scratch);
	if (!mask_json(m, e.body) || m->out.full) return err_no_memory(err);
	e.body = buf_view(&m->out);
	return m->to.event(m->to.ctx, &e, err);
}

/* What was refused may be JSON or a row of a table; of a row everything is masked, whatever column it is in. */
static enum err_code masked_refusal(void *ctx, const struct wire_refusal *said, struct err *err)
{
	struct masking *m = ctx;
	struct wire_refusal r = *said;
	buf_clear(&m->out);
	arena_reset(&m->scratch);
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

struct wire_sink masking_sink(struct masking *m)
{
	return (struct wire_sink){ .ctx = m,
		                   .event = masked_event,
		                   .refuse = masked_refusal,
		                   .declare = pass_declaration,
		                   .progress = pass_progress };
}
