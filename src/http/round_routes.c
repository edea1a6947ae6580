/* Rounds of invitations: people asked together, what would be, how it goes, stopping. */
#include <stdlib.h>

#include "http/priv.h"

#define UNKNOWN_SHOWN 20
#define LIST_MAX 100

struct whom {
	struct str *customers;
	size_t n;
	struct str kind, segment;
	int64_t unknown;
	struct str unknown_first[UNKNOWN_SHOWN];
};

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void unique(struct whom *w)
{
	size_t n = 0;
	qsort(w->customers, w->n, sizeof *w->customers, by_text);
	for (size_t i = 0; i < w->n; i++)
		if (!n || !str_eq(w->customers[n - 1], w->customers[i])) w->customers[n++] = w->customers[i];
	w->n = n;
}

static void unknown(struct whom *w, struct str said)
{
	if (w->unknown < UNKNOWN_SHOWN) w->unknown_first[w->unknown] = said;
	w->unknown++;
}

/* Ids stay, addresses become the ids of those who have them; what is neither is left out and counted. */
static enum err_code known_of(struct http_call *c, struct whom *w, struct err *err)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct str said = str_trim(w->customers[i]);
		struct str id = said;
		char number[COUNTRY_PHONE_BYTES];
		if (!said.len) continue;
		if (!store_identity_find(c->h->opt.store, false, said)) {
			const bool phone = country_phone(NULL, said, number);
			TRY(contact_customer_of(c->h->opt.contact, phone ? str_of(number) : said, c->arena, &id, err));
		}
		if (id.len) w->customers[n++] = id;
		else unknown(w, said);
	}
	w->n = n;
	return OK;
}

/* Visitors of whom no id is known cannot be written to. */
static void customers_alone(struct http_call *c, struct whom *w)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++)
		if (store_identity_find(c->h->opt.store, false, w->customers[i])) w->customers[n++] = w->customers[i];
	w->n = n;
}

/* Who was ever there, and who is known by an address alone. */
static enum err_code all_customers(struct http_call *c, struct whom *w, struct err *err)
{
	struct str *known, *all;
	size_t n = 0;
	w->kind = STR("everybody");
	w->segment = STR("");
	TRY(invite_segment(c, STR("did anything at least 0 times"), CONTACT_ROUND_MAX, &w->customers, &w->n, err));
	known = ARENA_ARRAY(c->arena, struct str, CONTACT_ROUND_MAX);
	if (!known) return err_no_memory(err);
	TRY(contact_known(c->h->opt.contact, CONTACT_ROUND_MAX, c->arena, known, &n, err));
	all = ARENA_ARRAY(c->arena, struct str, w->n + n + 1);
	if (!all) return err_no_memory(err);
	if (w->n) memcpy(all, w->customers, w->n * sizeof *all);
	if (n) memcpy(all + w->n, known, n * sizeof *all);
	w->customers = all;
	w->n += n;
	return OK;
}

static enum err_code whom_read(struct http_call *c, struct str body, struct whom *w, struct err *err)
{
	struct str raw;
	bool everybody = false, given;
	*w = (struct whom){ .kind = STR("segment"), .segment = STR("") };
	TRY(body_bool(c, "everybody", &everybody, &given, err));
	TRY(body_text(c, "segment", false, &w->segment, err));
	if (json_get(body, STR("customers"), &raw)) {
		w->kind = STR("list");
		TRY(invite_listed(c, raw, CONTACT_ROUND_MAX, &w->customers, &w->n, err));
		TRY(known_of(c, w, err));
	} else if (everybody || w->segment.len) {
		TRY(everybody ? all_customers(c, w, err)
		              : invite_segment(c, w->segment, CONTACT_ROUND_MAX, &w->customers, &w->n, err));
		customers_alone(c, w);
	} else return err_set(err, ERR_INPUT, "contact.nobody", "customers", "there is nobody to ask");
	unique(w);
	return OK;
}

static void put_reasons(struct json_out *o, const int64_t reasons[CONTACT_REASONS])
{
	json_kv_i64(o, "asked", reasons[CONTACT_OK]);
	json_key(o, "not_asked");
	json_open(o, '{');
	for (int i = CONTACT_OK + 1; i < CONTACT_REASONS; i++)
		if (reasons[i]) json_kv_i64(o, contact_reason_names[i], reasons[i]);
	json_close(o, '}');
}

static void put_tried(struct json_out *o, const struct contact_tally *t)
{
	open_list(o, "tried");
	for (int r = 0; r < CONTACT_REASONS; r++)
		for (int64_t i = 0; i < t->reasons[r] && i < CONTACT_TRIED_MAX; i++) {
			const struct contact_tried *k = &t->tried[r][i];
			json_open(o, '{');
			json_kv_z(o, "reason", contact_reason_names[r]);
			json_kv_str(o, "customer", k->customer);
			json_kv_str(o, "lang", k->lang);
			json_kv_z(o, "channel", contact_channel_names[k->channel]);
			if (r == CONTACT_OK) json_kv_i64(o, "waits_until_ms", k->not_before_ms);
			json_close(o, '}');
		}
	json_close(o, ']');
}

static enum err_code answer_dry(struct http_call *c, const struct contact_invite *v, const struct whom *w,
                                struct err *err)
{
	struct json_out o;
	struct contact_tally *t = arena_alloc(c->arena, sizeof *t);
	if (!t) return err_no_memory(err);
	TRY(contact_invite(c->h->opt.contact, v, t, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_bool(&o, "dry_run", true);
	json_kv_i64(&o, "people", (int64_t)w->n);
	json_kv_i64(&o, "unknown", w->unknown);
	open_list(&o, "unknown_first");
	for (int64_t i = 0; i < w->unknown && i < UNKNOWN_SHOWN; i++) json_put_str(&o, w->unknown_first[i]);
	json_close(&o, ']');
	json_kv_i64(&o, "waits", t->waits);
	put_reasons(&o, t->reasons);
	json_key(&o, "channels");
	json_open(&o, '{');
	for (int i = 0; i < CONTACT_CHANNELS; i++)
		if (t->channels[i]) json_kv_i64(&o, contact_channel_names[i], t->channels[i]);
	json_close(&o, '}');
	json_key(&o, "languages");
	json_open(&o, '{');
	for (int i = 0; i < LANGS; i++)
		if (t->langs[i]) json_kv_i64(&o, lang_codes[i], t->langs[i]);
	json_close(&o, '}');
	put_tried(&o, t);
	json_close(&o, '}');
	return OK;
}

/* Open: the caller closes the object. */
static void put_round(struct json_out *o, const struct contact_round *r)
{
	json_open(o, '{');
	json_kv_i64(o, "round", r->id);
	json_kv_str(o, "survey", r->survey);
	json_kv_str(o, "channels", r->channels);
	json_kv_str(o, "lang", r->lang);
	json_kv_bool(o, "lang_all", r->lang_all);
	json_kv_str(o, "whom", r->whom);
	json_kv_str(o, "segment", r->segment);
	json_kv_i64(o, "people", r->people);
	json_kv_str(o, "author", r->author);
	json_kv_i64(o, "made_ms", r->made_ms);
	json_kv_i64(o, "due_ms", r->due_ms);
	json_key(o, "stopped_ms");
	if (r->stopped_ms) json_put_i64(o, r->stopped_ms);
	else json_put_null(o);
	json_kv_i64(o, "waiting", r->waiting);
}

static enum err_code answer_round(struct http_call *c, int64_t round, struct err *err)
{
	static const char *const steps[] = { "queued",  "sent",      "delivered", "opened",
		                             "started", "completed", "failed",    "declined" };
	struct contact_round r;
	struct buf failures;
	struct json_out o;
	buf_init(&failures, 64 * KIB);
	const enum err_code rc = contact_round_get(c->h->opt.contact, round, c->arena, &r, &failures, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		put_round(&o, &r);
		json_kv_i64(&o, "eligible",
		            r.reasons[CONTACT_OK] + r.reasons[CONTACT_SAMPLE] + r.reasons[CONTACT_QUOTA]);
		put_reasons(&o, r.reasons);
		for (size_t i = 0; i < COUNT_OF(steps); i++) json_kv_i64(&o, steps[i], r.steps[i]);
		json_key(&o, "failures");
		json_put_raw(&o, buf_view(&failures));
		json_close(&o, '}');
	}
	buf_done(&failures);
	return rc;
}

/* "de" is a language, but none in which we have words. */
static enum err_code invite_lang(struct http_call *c, struct contact_invite *v, struct err *err)
{
	enum lang l;
	bool given;
	v->lang = STR("");
	TRY(body_text(c, "lang", false, &v->lang, err));
	TRY(body_bool(c, "lang_all", &v->lang_all, &given, err));
	if ((v->lang.len || v->lang_all) && !lang_of(v->lang, &l))
		return err_set(err, ERR_INPUT, "contact.lang", "lang", "messages are in en, ar or fa");
	return OK;
}

static enum err_code invite_channels(struct http_call *c, struct contact_invite *v, struct err *err)
{
	v->channels = STR("email");
	TRY(body_text(c, "channels", false, &v->channels, err));
	for (struct str rest = v->channels;;) {
		const size_t end = str_find(rest, ',');
		enum contact_channel ch;
		if (!contact_channel_of(str_trim(str_cut(rest, 0, end)), &ch) || ch == CONTACT_WEB)
			return err_set(err, ERR_INPUT, "contact.channels", "channels",
			               "channels are email, sms, whatsapp, in the order in which they are tried");
		if (end >= rest.len) return OK;
		rest = str_cut(rest, end + 1, rest.len);
	}
}

HANDLER(post_round)
{
	struct contact_invite v = {
		.survey = c->params[0], .trigger = STR("invite"), .about = STR(""), .unit = STR("")
	};
	struct contact_round r = { .author = call_author(c) };
	struct str body;
	struct whom w;
	bool given;
	TRY(body_object(c, &body, err));
	TRY(body_bool(c, "dry_run", &v.dry_run, &given, err));
	TRY(body_text(c, "about", false, &v.about, err));
	TRY(body_text(c, "unit", false, &v.unit, err));
	TRY(invite_channels(c, &v, err));
	TRY(invite_lang(c, &v, err));
	if (json_get_i64(body, STR("at_ms"), &v.at_ms) && v.at_ms > call_now(c) + 365 * WHEN_DAY_MS)
		return err_set(err, ERR_INPUT, "contact.late", "at_ms", "a round goes out within a year");
	TRY(whom_read(c, body, &w, err));
	v.customers = w.customers;
	v.n_customers = w.n;
	if (v.dry_run) return answer_dry(c, &v, &w, err);
	r.whom = w.kind;
	r.segment = w.segment;
	r.due_ms = v.at_ms;
	TRY(contact_round_start(c->h->opt.contact, &v, &r, err));
	c->status = 201;
	return answer_round(c, r.id, err);
}

HANDLER(get_rounds)
{
	struct voice_survey s;
	struct contact_round *rounds;
	size_t n;
	int64_t limit;
	struct json_out o;
	TRY(query_i64(c, "limit", 1, LIST_MAX, 20, &limit, err));
	TRY(voice_get(c->h->opt.voice, c->params[0], 0, c->arena, &s, err));
	TRY(contact_rounds(c->h->opt.contact, s.key, (size_t)limit, c->arena, &rounds, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "rounds");
	for (size_t i = 0; i < n; i++) {
		put_round(&o, &rounds[i]);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static int64_t round_of(const struct http_call *c)
{
	int64_t id;
	return str_to_i64(c->params[0], &id) ? id : 0;
}

HANDLER(get_round)
{
	return answer_round(c, round_of(c), err);
}

HANDLER(post_round_stop)
{
	TRY(contact_round_stop(c->h->opt.contact, round_of(c), err));
	return answer_round(c, round_of(c), err);
}
