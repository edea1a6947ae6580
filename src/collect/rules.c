/* Rules that hold between what was said and what is kept. */
#include "collect/priv.h"

/*
 * What programs send when they have no customer. Live sources only: the ids
 * of a file are taken literally. "NA" is not here: it is somebody's initials.
 * Compared without regard to ASCII case.
 */
static const struct str placeholders[] = {
	STR("null"),      STR("undefined"), STR("guest"),
	STR("0"),         STR("none"),      STR("anonymous"),
	STR("-"),         STR("nil"),       STR("nan"),
	STR("unknown"),   STR("n/a"),       STR("[object object]"),
	STR("false"),     STR("true"),      STR("''"),
	STR("\"\""),      STR("(null)"),    STR("<null>"),
	STR("employees"), STR("observers"), /* under which voice/ keeps what they say */
	STR("not_set"),   STR("notset"),    STR("00000000-0000-0000-0000-000000000000"),
};

static bool is_placeholder(struct str id)
{
	id = str_trim(id);
	if (!id.len) return true;
	for (size_t i = 0; i < COUNT_OF(placeholders); i++)
		if (id.len == placeholders[i].len && str_eq_ascii_nocase(id, placeholders[i])) return true;
	return false;
}

/* --- names that are addresses ------------------------------------------------------------ */

static bool looks_like_url(struct str name)
{
	if (name.len && name.ptr[0] == '/') return true;
	return str_starts(name, STR("http://")) || str_starts(name, STR("https://"));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static bool is_hex(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* ":n" for a number, ":id" for what only a machine would write, NULL for a word. */
static const char *template_of(struct str part)
{
	size_t digits = 0, hex = 0, dashes = 0, letters = 0;
	for (size_t i = 0; i < part.len; i++) {
		char c = part.ptr[i];
		digits += is_digit(c);
		hex += is_hex(c);
		dashes += c == '-' || c == '_';
		letters += (c | 32) >= 'a' && (c | 32) <= 'z';
	}
	if (part.len && digits == part.len) return ":n";
	if (digits && part.len >= 8 && hex + dashes == part.len && digits >= 2) return ":id";
	if (digits >= 4 && part.len >= 16 && digits + letters + dashes == part.len) return ":id";
	return NULL;
}

/*
 * "/order/123?x=1" and "https://shop.test/order/123" are "/order/:n". Host,
 * query and fragment go, so do slashes at the end. `out` has room for name.len * 4 + 2.
 */
static struct str template_url(struct str name, char *out)
{
	size_t len = 0;
	if (name.ptr[0] != '/') {
		size_t host = str_find(name, ':') + 3;
		struct str rest = str_cut(name, host < name.len ? host : name.len, name.len);
		name = str_cut(rest, str_find(rest, '/'), rest.len);
	}
	name = str_cut(name, 0, str_find(name, '?'));
	name = str_cut(name, 0, str_find(name, '#'));
	while (name.len) {
		size_t from = 0;
		while (from < name.len && name.ptr[from] == '/') from++;
		struct str rest = str_cut(name, from, name.len), part = str_cut(rest, 0, str_find(rest, '/'));
		if (part.len == 0) break;
		const char *word = template_of(part);
		out[len++] = '/';
		if (word) {
			memcpy(out + len, word, strlen(word));
			len += strlen(word);
		} else {
			memcpy(out + len, part.ptr, part.len);
			len += part.len;
		}
		name = str_cut(rest, part.len, rest.len);
	}
	if (len == 0) out[len++] = '/';
	return (struct str){ out, len };
}

/* {"_name":"as said", ...body}: what a template took away stays in the log. */
static struct str body_with_name(struct arena *a, struct str name, struct str body)
{
	struct buf b;
	struct json_out o;
	buf_init(&b, 256 * KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_kv_str(&o, "_name", name);
	if (body.len > 2) {
		buf_byte(&b, ',');
		buf_put(&b, body.ptr + 1, body.len - 1);
	} else {
		json_close(&o, '}');
	}
	struct str out = b.full ? (struct str){ 0 } : str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

/* --- time ------------------------------------------------------------------------------------ */

const char *time_rule(const struct wire_event *e, int64_t now_ms, bool live, struct err *why)
{
	char iso[WHEN_TEXT_BYTES];
	if (e->at_ms < WHEN_MIN_MS || e->at_ms >= WHEN_MAX_MS) {
		(void)err_set(why, ERR_INPUT, "time.range", "at", "the time %lld ms is not between 1900 and 2100",
		              (long long)e->at_ms);
		return "time.range";
	}
	if (live && e->at_ms > now_ms + WIRE_LIVE_AHEAD_MS) {
		when_format_iso(e->at_ms, iso);
		(void)err_set(why, ERR_INPUT, "time.ahead", "at", "%.30s is more than a day ahead of now", iso);
		return "time.ahead";
	}
	return NULL;
}

/* --- batches ----------------------------------------------------------------------------------- */

static struct store_item *batch_slot(struct batch *b)
{
	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 64;
		struct store_item *more = ARENA_ARRAY(b->arena, struct store_item, cap);
		if (!more) return NULL;
		if (b->n) memcpy(more, b->items, b->n * sizeof *more);
		b->items = more;
		b->cap = cap;
	}
	b->items[b->n] = (struct store_item){ 0 };
	return &b->items[b->n];
}

/* All texts of an event in one piece of the arena. */
static bool copy_event(struct arena *a, struct wire_event *e)
{
	struct str *texts[] = { &e->customer, &e->anonymous, &e->previous, &e->name, &e->channel, &e->id, &e->body };
	size_t total = 0;
	for (size_t i = 0; i < COUNT_OF(texts); i++) total += texts[i]->len;
	char *p = arena_alloc(a, total + 1);
	if (!p) return false;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (texts[i]->len) memcpy(p, texts[i]->ptr, texts[i]->len);
		texts[i]->ptr = p;
		p += texts[i]->len;
	}
	return true;
}

/* Nobody is left when all ids were placeholders: kept apart, with what was said. */
static enum err_code set_aside_nobody(struct batch *b, const struct wire_event *said, struct err *err)
{
	struct wire_refusal r = { .line = said->line, .set_aside = true, .reason = "customer.placeholder" };
	struct buf raw;
	struct str id = said->customer.len ? said->customer : said->anonymous;
	buf_init(&raw, 256 * KIB);
	store_event_text(said, &raw);
	r.raw = buf_view(&raw);
	(void)err_set(&r.err, ERR_INPUT, "customer.placeholder", said->customer.len ? "userId" : "anonymousId",
	              "\"%.40s\" is a placeholder and names nobody", id.len ? str_z(b->arena, str_cut(id, 0, 40)) : "");
	err_hint(&r.err, "Leave userId out until the customer is known, and send an anonymousId.");
	enum err_code rc = raw.full ? err_no_memory(err) : batch_refusal(b, &r, err);
	buf_done(&raw);
	return rc;
}

enum err_code batch_event(struct batch *b, const struct wire_event *said, bool live, struct err *err)
{
	struct wire_event *e = ARENA_NEW(b->arena, struct wire_event);
	if (!e) return err_no_memory(err);
	*e = *said;
	if (live) {
		if (e->customer.len && is_placeholder(e->customer)) e->customer = STR("");
		if (e->anonymous.len && is_placeholder(e->anonymous)) e->anonymous = STR("");
		if (e->previous.len && is_placeholder(e->previous)) e->previous = STR("");
		if (!e->customer.len && !e->anonymous.len) return set_aside_nobody(b, said, err);
	}
	if (looks_like_url(e->name)) {
		char *room = arena_alloc(b->arena, e->name.len * 4 + 2);
		if (!room) return err_no_memory(err);
		struct str name = template_url(e->name, room);
		if (!str_eq(name, e->name)) {
			e->body = body_with_name(b->arena, e->name, e->body);
			if (!e->body.ptr) return err_no_memory(err);
			e->name = name;
		}
	}
	struct store_item *item = batch_slot(b);
	if (!item || !copy_event(b->arena, e)) return err_no_memory(err);
	item->event = e;
	b->n++;
	return OK;
}

enum err_code batch_refusal(struct batch *b, const struct wire_refusal *said, struct err *err)
{
	struct wire_refusal *r = ARENA_NEW(b->arena, struct wire_refusal);
	struct store_item *item = batch_slot(b);
	if (!r || !item) return err_no_memory(err);
	*r = *said;
	r->raw = str_copy(b->arena, said->raw);
	if (said->reason) r->reason = str_z(b->arena, str_of(said->reason));
	if (!r->raw.ptr || (said->reason && !r->reason)) return err_no_memory(err);
	item->refusal = r;
	b->n++;
	return OK;
}

void tally_add(struct collect_tally *t, const struct store_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		t->received++;
		switch (items[i].verdict) {
		case STORE_STORED: t->stored++; break;
		case STORE_DUPLICATE: t->duplicate++; break;
		case STORE_REFUSED: t->refused++; break;
		default: t->set_aside++; break;
		}
	}
}
