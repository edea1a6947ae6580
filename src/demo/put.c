/*
 * Events of one customer: collected while the story is told, sorted by time,
 * cut at the end day, sent. Bodies are written in canonical form: members in
 * order of their names, no white space.
 */
#include "demo/priv.h"

#include <math.h>

#include "base/hash.h"
#include "base/json.h"

const struct str demo_dimensions[] = {
	STR("unit"),           STR("environment"),      STR("country"),     STR("device"),
	STR("carrier"),        STR("product_category"), STR("first_time"),  STR("city_size"),
	STR("payment_method"), STR("warehouse"),        STR("tape_colour"), STR("birth_month"),
	STR("club"),
};
const size_t demo_n_dimensions = COUNT_OF(demo_dimensions);

static void text(struct buf *b, const char *key, const char *value)
{
	if (!value) return;
	if (b->ptr[b->len - 1] != '{') buf_byte(b, ',');
	buf_byte(b, '"');
	buf_put(b, key, strlen(key));
	buf_put(b, "\":\"", 3);
	buf_put(b, value, strlen(value));
	buf_byte(b, '"');
}

static void number(struct buf *b, const char *key, double v)
{
	struct json_out o;
	if (b->ptr[b->len - 1] != '{') buf_byte(b, ',');
	json_out_init(&o, b);
	if (v == floor(v)) json_kv_i64(&o, key, (int64_t)v);
	else json_kv_double(&o, key, v);
}

static void comment(struct buf *b, struct str said)
{
	struct json_out o;
	if (said.len == 0) return;
	if (b->ptr[b->len - 1] != '{') buf_byte(b, ',');
	json_out_init(&o, b);
	json_kv_str(&o, "comment", said);
}

static void body_of(struct gen *g, const struct order *o, const char *environment, const struct facts *f)
{
	struct buf *b = &g->text;
	const struct customer *c = &g->c;
	char iso[WHEN_TEXT_BYTES], month[12];
	const bool parcel = f->parcel && o->warehouse;
	snprintf(month, sizeof month, "%d", c->birth_month);
	buf_str(b, STR("{\"properties\":{"));
	if (f->abandoned) buf_str(b, STR("\"abandoned\":true"));
	text(b, "about", f->about);
	if (f->employee) {
		number(b, "answer", f->score);
		number(b, "answer_max", f->score_max);
		number(b, "answer_min", f->score_max == 10 ? 0 : 1);
	}
	text(b, "birth_month", f->birth ? month : NULL);
	text(b, "bought_elsewhere", f->elsewhere);
	text(b, "carrier", f->carrier ? o->carrier : NULL);
	text(b, "city_size", c->town ? "town" : "big city");
	text(b, "club", f->club);
	comment(b, f->comment);
	text(b, "comment_lang", f->comment.len ? f->comment_lang : NULL);
	text(b, "country", c->city->code);
	text(b, "currency", f->money ? c->city->currency : NULL);
	text(b, "device", device_names[o->device]);
	if (f->effort > 0) number(b, "effort", f->effort);
	text(b, "environment", environment);
	if (f->expected_ms) {
		when_format_iso(f->expected_ms, iso);
		text(b, "expected_at", iso);
	}
	if (f->failed) number(b, "failed", f->failed);
	text(b, "first_time", o->first ? "yes" : "no");
	if (f->has_gap) number(b, "gap", f->gap);
	text(b, "journey", o->key);
	text(b, "metric", f->has_gap ? "experience" : f->employee);
	text(b, "payment_method", o->method);
	text(b, "product", o->product);
	text(b, "product_category", o->category);
	text(b, "reason", f->reason);
	if (f->has_score) {
		number(b, "score", f->score);
		text(b, "score_kind", f->kind);
		number(b, "score_max", f->score_max);
		number(b, "score_min", f->score_max == 10 ? 0 : 1);
	}
	text(b, "staff", f->staff);
	text(b, "tape_colour", parcel ? o->tape : NULL);
	text(b, "unit", c->city->unit);
	if (f->money) number(b, "value", o->value);
	text(b, "voice", f->employee || f->of_staff ? "employee" : NULL);
	if (f->wait_ms) number(b, "wait_ms", (double)f->wait_ms);
	text(b, "warehouse", parcel ? o->warehouse : NULL);
	buf_str(b, STR("}}"));
}

static struct row *row_new(struct gen *g, int64_t at_ms)
{
	/* Past the end day nothing has happened yet; before the first day it was another system. */
	if (at_ms >= g->end_ms || at_ms < g->from_day * WHEN_DAY_MS || g->n_rows == ROWS_MAX) return NULL;
	struct row *row = &g->rows[g->n_rows];
	*row = (struct row){ .at_ms = at_ms, .place = g->n_rows++, .body = g->text.len };
	return row;
}

void put_event(struct gen *g, const struct order *o, const char *name, const char *channel, const char *environment,
               int64_t at_ms, const struct facts *f)
{
	static const struct facts none;
	struct row *row = row_new(g, at_ms);
	if (!row) return;
	row->type = WIRE_TRACK;
	row->name = name;
	row->channel = channel;
	row->anonymous = f && f->anonymous;
	const bool broken = f && f->expected_ms && at_ms > f->expected_ms;
	if (f && (f->failed || broken) && at_ms < yearly_day(g) * WHEN_DAY_MS) g->let_down++;
	body_of(g, o, environment, f ? f : &none);
	row->body_len = g->text.len - row->body;
}

void put_identify(struct gen *g, int64_t at_ms, bool both)
{
	struct row *row = row_new(g, at_ms);
	if (!row) return;
	row->type = WIRE_IDENTIFY;
	row->name = "identify";
	row->channel = "";
	row->both = both;
	customer_traits(&g->c, &g->text);
	row->body_len = g->text.len - row->body;
}

static int by_time(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static enum err_code send(struct gen *g, const struct row *row, uint32_t i, struct err *err)
{
	char id[64];
	const int len = snprintf(id, sizeof id, "rawnaq-%lld-%llx-%x-%x", (long long)g->o->end_day,
	                         (unsigned long long)g->o->seed, g->c.number, i);
	struct wire_event e = {
		.type = row->type,
		.name = str_of(row->name),
		.channel = str_of(row->channel),
		.id = { id, (size_t)len },
		.at_ms = row->at_ms,
		.body = { g->text.ptr + row->body, row->body_len },
		.customer = row->anonymous ? STR("") : str_of(g->c.id),
		.anonymous = row->anonymous || row->both ? str_of(g->c.anonymous) : STR(""),
		.previous = STR(""),
	};
	e.content = hash64_seed(e.body, hash64_mix((uint64_t)e.at_ms, hash64_mix(hash64(e.name), hash64(e.channel))));
	g->n_events++;
	return g->sink->event(g->sink->ctx, &e, err);
}

enum err_code put_flush(struct gen *g, struct err *err)
{
	TRY(buf_check(&g->text, err));
	TRY(buf_check(&g->words, err));
	qsort(g->rows, g->n_rows, sizeof *g->rows, by_time);
	for (uint32_t i = 0; i < g->n_rows; i++) TRY(send(g, &g->rows[i], i, err));
	g->n_rows = 0;
	buf_clear(&g->text);
	return OK;
}
