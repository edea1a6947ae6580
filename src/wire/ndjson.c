/* One JSON object a line: the canonical form of docs/events.md, or a message of Segment's API. */
#include "base/checked.h"
#include "wire/priv.h"

/* The arena of one line; its ceiling covers the worst nesting of a line of 2 MB. */
enum { ARENA_BYTES = 512 * 1024 * 1024 };
enum { PROGRESS_EVERY = 512 };

enum dialect { CANONICAL, SEGMENT_ONE, SEGMENT_BATCH };

/* By the names of members that say something. */
static enum dialect dialect_of(const struct json_node *line)
{
	static const struct str ours[] = { STR("customer"), STR("anonymous"), STR("at") };
	static const struct str theirs[] = { STR("userId"), STR("anonymousId"), STR("messageId"), STR("timestamp"),
		                             STR("originalTimestamp") };
	bool their = false, batch = false;
	if (line->type != JT_OBJECT) return CANONICAL; /* refused there: no object */
	for (const struct json_node *m = line->first; m; m = m->next) {
		if (m->type == JT_NULL) continue;
		for (size_t i = 0; i < COUNT_OF(ours); i++)
			if (str_eq(m->key, ours[i])) return CANONICAL;
		for (size_t i = 0; i < COUNT_OF(theirs); i++) their = their || str_eq(m->key, theirs[i]);
		batch = batch || str_eq(m->key, STR("batch"));
	}
	return batch ? SEGMENT_BATCH : their ? SEGMENT_ONE : CANONICAL;
}

/* --- the canonical form ------------------------------------------------------------ */

static enum err_code bad(struct err *why, const char *key, const char *what, const char *hint)
{
	char f[64];
	snprintf(f, sizeof f, "/%s", key);
	err_set(why, ERR_INPUT, "event.member", f, "%s %s", key, what);
	err_hint(why, "%s", hint);
	return ERR_INPUT;
}

static enum err_code text(const char *key, const struct json_node *value, struct arena *a, struct str *out,
                          struct err *why)
{
	if (value->type == JT_NULL) return OK;
	if (value->type != JT_STRING) return bad(why, key, "must be text", "Send it in quotes.");
	return json_node_text(value, a, out) ? OK : err_no_memory(why);
}

static enum err_code object(const char *key, const struct json_node *value, struct str *out,
                            const struct json_node **read, struct err *why)
{
	if (value->type == JT_NULL) return OK;
	if (value->type != JT_OBJECT) return bad(why, key, "must be a JSON object", "Send {\"name\": value, ...}.");
	*out = value->raw;
	*read = value;
	return OK;
}

static enum err_code type(const struct json_node *value, struct arena *a, enum wire_type *out, struct err *why)
{
	struct str s = { 0 };
	TRY(text("type", value, a, &s, why));
	if (s.len == 0) return OK;
	for (int i = 0; i < WIRE_TYPES; i++)
		if (str_eq(s, str_of(wire_type_names[i]))) {
			*out = (enum wire_type)i;
			return OK;
		}
	return bad(why, "type", "is not one of the six", "Use track, page, screen, identify, group or alias.");
}

struct canonical {
	struct draft d;
	bool has_time;
	struct buf more;
};

static enum err_code at(struct canonical *c, const struct json_node *value, struct arena *a, struct err *why)
{
	struct draft *d = &c->d;
	struct str s = value->raw;
	const bool said = value->type == JT_STRING || value->type == JT_NUMBER;
	if (value->type == JT_STRING && !json_node_text(value, a, &s)) return err_no_memory(why);
	c->has_time = said && wire_time(s, value->type == JT_NUMBER, &d->at_ms);
	d->said_ms = d->at_ms;
	if (c->has_time) return OK;
	bad(why, "at", "is not a time", "Use ISO 8601 such as 2026-01-01T10:00:00Z, or milliseconds since 1970.");
	if (said) snprintf(why->text, sizeof why->text, "at is not a time: '" STR_FMT "'", STR_ARG(wire_show(s, 60)));
	return ERR_INPUT;
}

static enum err_code member(struct canonical *c, const struct json_node *m, struct arena *a, struct err *why)
{
	struct draft *d = &c->d;
	const struct str key = m->key;
	if (str_eq(key, STR("customer"))) return text("customer", m, a, &d->customer, why);
	if (str_eq(key, STR("anonymous"))) return text("anonymous", m, a, &d->anonymous, why);
	if (str_eq(key, STR("previous"))) return text("previous", m, a, &d->previous, why);
	if (str_eq(key, STR("event"))) return text("event", m, a, &d->name, why);
	if (str_eq(key, STR("channel"))) return text("channel", m, a, &d->channel, why);
	if (str_eq(key, STR("id"))) return text("id", m, a, &d->id, why);
	if (str_eq(key, STR("type"))) return type(m, a, &d->type, why);
	if (str_eq(key, STR("properties"))) return object("properties", m, &d->properties, &d->properties_read, why);
	if (str_eq(key, STR("traits"))) return object("traits", m, &d->traits, &d->traits_read, why);
	if (str_eq(key, STR("context"))) return object("context", m, &d->context, &d->context_read, why);
	if (str_eq(key, STR("at"))) return at(c, m, a, why);
	struct json_out o;
	json_out_init(&o, &c->more);
	buf_byte(&c->more, c->more.len ? ',' : '{');
	json_key_str(&o, key);
	json_put_raw(&o, m->raw);
	return OK;
}

static enum err_code read_canonical(struct canonical *c, const struct json_node *line, struct arena *a, struct err *why)
{
	if (line->type != JT_OBJECT) {
		err_set(why, ERR_INPUT, "event.object", "", "a line must be a JSON object");
		err_hint(why,
		         "One event a line: {\"customer\":\"u1\",\"at\":\"2026-01-01T10:00:00Z\",\"event\":\"...\"}.");
		return ERR_INPUT;
	}
	for (const struct json_node *m = line->first; m; m = m->next) TRY(member(c, m, a, why));
	struct draft *d = &c->d;
	if (!c->has_time) return bad(why, "at", "is missing", "Each event says when it happened.");
	if (d->name.len == 0 && d->type != WIRE_TRACK && d->type != WIRE_PAGE && d->type != WIRE_SCREEN)
		d->name = str_of(wire_type_names[d->type]);
	if (d->type == WIRE_ALIAS && (d->previous.len == 0 || d->customer.len == 0))
		return bad(why, "previous", "and customer are both needed",
		           "An alias says which old id belongs to which customer.");
	if (c->more.len) {
		buf_byte(&c->more, '}');
		TRY(buf_check(&c->more, why));
		d->more = buf_view(&c->more);
	}
	const struct json_node *channel = json_member(d->properties_read, STR("channel"));
	if (d->channel.len == 0 && !json_node_text(channel, a, &d->channel)) d->channel = STR("");
	return OK;
}

static enum err_code canonical_line(struct gate *g, const struct json_node *line, int64_t n, struct err *err)
{
	struct err why; /* written as a whole by who fails */
	struct canonical c = { .d = { .line = n, .raw = line->raw, .pointer = "" } };
	buf_init(&c.more, line->raw.len * 6 + 16); /* a key may be written longer than it was */
	enum err_code rc = read_canonical(&c, line, g->scratch, &why);
	if (rc == OK) rc = gate_event(g, &c.d, err);
	else if (rc != ERR_NO_MEMORY) rc = gate_refuse(g, n, line->raw, &why, err);
	else if (err) *err = why;
	buf_done(&c.more);
	return rc;
}

/* --- lines ---------------------------------------------------------------------------- */

/* Every line is a text of its own: the line that matters is the file's. */
static enum err_code refuse_broken(struct gate *g, struct str line, int64_t n, struct err *err)
{
	struct json_reader r;
	struct err why;
	json_read(&r, line);
	for (enum json_token t = json_next(&r); t != JT_ERROR && t != JT_END;) t = json_next(&r);
	err_set(&why, ERR_INPUT, "json.syntax", "", "not JSON at column %zu: %s", json_offset(&r) + 1,
	        r.error ? r.error : "unreadable");
	err_hint(&why, "Check the line with a JSON tool; Safar reads RFC 8259 without extensions.");
	return gate_refuse(g, n, line, &why, err);
}

static enum err_code one_line(struct gate *g, struct str line, int64_t n, int64_t now_ms, struct err *err)
{
	line = str_trim(line);
	if (line.len == 0) return OK;
	struct json_node *root;
	struct err broken;
	const enum err_code read = json_tree(line, g->scratch, &root, &broken);
	if (read == ERR_INPUT) return refuse_broken(g, line, n, err);
	if (read != OK) return err_no_memory(err);
	const enum dialect dialect = dialect_of(root);
	if (dialect == CANONICAL) return canonical_line(g, root, n, err);
	struct segment_item in = { .object = line,
		                   .read = root,
		                   .endpoint = WIRE_EP_BATCH,
		                   .history = true,
		                   .received_ms = now_ms,
		                   .line = n,
		                   .pointer = "" };
	if (dialect == SEGMENT_ONE) return segment_item(g, &in, &(struct segment_defaults){ 0 }, err);
	struct err why;
	enum err_code rc = segment_body(g, &in, &why);
	if (rc == ERR_INPUT && str_starts(str_of(why.id), STR("segment."))) return gate_refuse(g, n, line, &why, err);
	if (rc != OK && err) *err = why;
	return rc;
}

struct lines {
	struct feed *feed;
	char *bytes; /* WIRE_LINE_BYTES_MAX + 1 */
	size_t from, to;
	bool ended;
	int64_t n;
};

/* 1 a line, 0 end, -1 read error, 2 a line longer than the maximum, of which the start is given. */
static int next_line(struct lines *l, struct str *out)
{
	size_t seen = 0;
	for (;;) {
		size_t len = str_find((struct str){ l->bytes + l->from + seen, l->to - l->from - seen }, '\n') + seen;
		if (len < l->to - l->from) {
			*out = (struct str){ l->bytes + l->from, len };
			l->from += len + 1;
			l->n++;
			return 1;
		}
		seen = len;
		if (l->ended) {
			if (len == 0) return 0;
			*out = (struct str){ l->bytes + l->from, len };
			l->from = l->to;
			l->n++;
			return 1;
		}
		if (len > WIRE_LINE_BYTES_MAX) break;
		memmove(l->bytes, l->bytes + l->from, len);
		l->from = 0;
		l->to = len;
		int64_t n = feed_read(l->feed, l->bytes + len, WIRE_LINE_BYTES_MAX + 64 - len);
		if (n < 0) return -1;
		if (n == 0) l->ended = true;
		l->to += (size_t)n;
	}
	/* Too long: keep the start for the refusal, run to the end of the line. */
	char *head = l->bytes;
	memmove(head, l->bytes + l->from, WIRE_RAW_BYTES_MAX);
	*out = (struct str){ head, WIRE_RAW_BYTES_MAX };
	l->n++;
	for (;;) {
		int64_t n = feed_read(l->feed, l->bytes + WIRE_RAW_BYTES_MAX, WIRE_LINE_BYTES_MAX - WIRE_RAW_BYTES_MAX);
		if (n < 0) return -1;
		if (n == 0) l->ended = true;
		size_t at = str_find((struct str){ l->bytes + WIRE_RAW_BYTES_MAX, (size_t)n }, '\n');
		if (at < (size_t)n || n == 0) {
			l->from = WIRE_RAW_BYTES_MAX + at + (n != 0);
			l->to = WIRE_RAW_BYTES_MAX + (size_t)n;
			return 2;
		}
	}
}

static enum err_code read_lines(struct lines *l, struct gate *g, int64_t now_ms, struct err *err)
{
	struct str line;
	int got;
	while ((got = next_line(l, &line)) > 0) {
		if (got == 1) TRY(one_line(g, line, l->n, now_ms, err));
		else {
			struct err why;
			err_limit(&why, "line.size", "", 0, (int64_t)WIRE_LINE_BYTES_MAX,
			          "the line is longer than %zu bytes", WIRE_LINE_BYTES_MAX);
			err_hint(&why, "Put one event on each line.");
			TRY(gate_refuse(g, l->n, line, &why, err));
		}
		arena_reset(g->scratch);
		if (l->n % PROGRESS_EVERY == 0) TRY(gate_progress(g, feed_bytes_in(l->feed), l->n, err));
	}
	if (got < 0) return feed_error(l->feed, err);
	return gate_progress(g, feed_bytes_in(l->feed), l->n, err);
}

enum err_code wire_ndjson(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink, struct err *err)
{
	struct arena scratch;
	struct gate g;
	struct lines l = { 0 };
	arena_init(&scratch, ARENA_BYTES);
	gate_init(&g, sink, &scratch, now_ms, WIRE_FILE_AHEAD_MS);
	enum err_code rc = feed_open(in, true, &l.feed, err);
	if (rc != OK) goto done;
	l.bytes = malloc(WIRE_LINE_BYTES_MAX + 64);
	rc = l.bytes ? read_lines(&l, &g, now_ms, err) : err_no_memory(err);
done:
	free(l.bytes);
	feed_close(l.feed);
	gate_done(&g);
	arena_done(&scratch);
	return rc;
}
