/* Who may be asked: rules, what other rules would have done, decisions, consent. */
#include "http/priv.h"

#define PAGE_MAX 500

static struct contact *contact_of(struct http_call *c)
{
	return c->h->opt.contact;
}

HANDLER(get_contact_rules)
{
	return contact_rules_get(contact_of(c), &c->out, err);
}

HANDLER(put_contact_rules)
{
	struct str body, rules;
	int64_t version = 0;
	TRY(body_object(c, &body, err));
	if (!json_get(body, STR("rules"), &rules))
		return err_set(err, ERR_INPUT, "http.missing", "rules", "\"rules\" is missing");
	if (!json_get_i64(body, STR("version"), &version) || version < 0 || version > INT32_MAX)
		return err_set(err, ERR_INPUT, "http.missing", "version", "\"version\" is missing");
	TRY(contact_rules_put(contact_of(c), (int)version, rules, c->local ? STR("local") : c->session.user.login,
	                      err));
	return contact_rules_get(contact_of(c), &c->out, err);
}

HANDLER(post_what_if)
{
	struct str body, rules;
	TRY(body_object(c, &body, err));
	if (!json_get(body, STR("rules"), &rules))
		return err_set(err, ERR_INPUT, "http.missing", "rules", "\"rules\" is missing");
	return contact_what_if(contact_of(c), rules, &c->out, err);
}

/* --- decisions --------------------------------------------------------------------------------------- */

static enum err_code reason_read(struct http_call *c, enum contact_reason *out, struct err *err)
{
	const struct str name = query_get(c, "reason");
	enum contact_reason r = CONTACT_OK;
	while (r < CONTACT_REASONS && !str_eq(name, str_of(contact_reason_names[r]))) r++;
	if (name.len && r == CONTACT_REASONS)
		return err_set(err, ERR_INPUT, "contact.reason", "reason", "there is no reason of this name");
	*out = r;
	return OK;
}

static void put_decision(struct json_out *o, const struct contact_row *d)
{
	json_open(o, '{');
	json_kv_i64(o, "id", d->id);
	json_kv_i64(o, "at_ms", d->at_ms);
	json_kv_str(o, "customer", d->customer);
	json_kv_str(o, "survey", d->survey);
	json_kv_z(o, "channel", contact_channel_names[d->channel]);
	json_kv_str(o, "trigger", d->trigger);
	json_kv_bool(o, "asked", d->reason == CONTACT_OK);
	json_kv_z(o, "reason", contact_reason_names[d->reason]);
	json_kv_i64(o, "rule", contact_reason_rules[d->reason]);
	if (d->reason == CONTACT_OK && d->not_before_ms > d->at_ms) json_kv_i64(o, "waits_until_ms", d->not_before_ms);
	json_kv_bool(o, "reminder", d->reminder);
	if (d->declined_ms) json_kv_i64(o, "declined_at_ms", d->declined_ms);
	json_close(o, '}');
}

HANDLER(get_decisions)
{
	struct contact_row *rows;
	size_t n;
	int64_t before, limit;
	enum contact_reason reason = CONTACT_REASONS;
	struct json_out o;
	TRY(reason_read(c, &reason, err));
	TRY(query_i64(c, "before", 0, INT64_MAX, 0, &before, err));
	TRY(query_i64(c, "limit", 1, PAGE_MAX, 100, &limit, err));
	TRY(contact_log(contact_of(c), query_get(c, "survey"), query_get(c, "customer"), reason, before, (size_t)limit,
	                c->arena, &rows, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "decisions");
	for (size_t i = 0; i < n; i++) put_decision(&o, &rows[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(get_contact_sums)
{
	struct contact_sum *sums;
	size_t n;
	int64_t days, triggers = 0, asked = 0;
	struct json_out o;
	TRY(query_i64(c, "days", 1, 3650, 90, &days, err));
	TRY(contact_sums(contact_of(c), call_now(c) - days * WHEN_DAY_MS, c->arena, &sums, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "days", days);
	open_list(&o, "reasons");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "survey", sums[i].survey);
		json_kv_z(&o, "channel", contact_channel_names[sums[i].channel]);
		json_kv_z(&o, "reason", contact_reason_names[sums[i].reason]);
		json_kv_i64(&o, "rule", contact_reason_rules[sums[i].reason]);
		json_kv_i64(&o, "n", sums[i].n);
		json_close(&o, '}');
		triggers += sums[i].n;
		if (sums[i].reason == CONTACT_OK) asked += sums[i].n;
	}
	json_close(&o, ']');
	json_kv_i64(&o, "triggers", triggers);
	json_kv_i64(&o, "asked", asked);
	json_close(&o, '}');
	return OK;
}

/* --- invitations -------------------------------------------------------------------------------------- */

/* {"customers": [...]} */
enum err_code invite_listed(struct http_call *c, struct str raw, int64_t most, struct str **out, size_t *n,
                            struct err *err)
{
	struct json_reader r;
	enum json_token t;
	struct str *list = ARENA_ARRAY(c->arena, struct str, (size_t)most);
	if (!list) return err_no_memory(err);
	*n = 0;
	json_read(&r, raw);
	if (json_next(&r) != JT_ARRAY) t = JT_ERROR;
	else
		while ((t = json_next(&r)) == JT_STRING) {
			if ((int64_t)*n == most)
				return err_limit(err, "contact.many", "customers", (int64_t)*n + 1, most,
				                 "at most %lld customers are invited at a time", (long long)most);
			if (!json_text(&r, c->arena, &list[(*n)++])) return err_no_memory(err);
		}
	if (t != JT_ARRAY_END)
		return err_set(err, ERR_INPUT, "contact.customers", "customers", "customers is a list of texts");
	*out = list;
	return OK;
}

enum err_code invite_segment(struct http_call *c, struct str segment, int64_t most, struct str **out, size_t *n,
                             struct err *err)
{
	struct ask *ask;
	const struct journey_segment *who;
	struct ask_segment found;
	TRY(need_ask(c, &ask, err));
	TRY(scope_segment(c, segment, c->arena, &who, err));
	TRY(ask_segment(ask, who, (size_t)most, c->arena, &found, err));
	if (found.customers > most)
		return err_limit(err, "contact.many", "segment", found.customers, most,
		                 "the segment has %lld customers, at most %lld are invited at a time",
		                 (long long)found.customers, (long long)most);
	*out = found.sample;
	*n = found.n_sample;
	return OK;
}

static void put_tally_of(struct http_call *c, const struct contact_invite *v, const struct contact_tally *t)
{
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_bool(&o, "dry_run", v->dry_run);
	json_kv_i64(&o, "customers", (int64_t)v->n_customers);
	json_kv_i64(&o, "asked", t->reasons[CONTACT_OK]);
	json_kv_i64(&o, "waits", t->waits);
	json_key(&o, "not_asked");
	json_open(&o, '{');
	for (int i = CONTACT_OK + 1; i < CONTACT_REASONS; i++)
		if (t->reasons[i]) json_kv_i64(&o, contact_reason_names[i], t->reasons[i]);
	json_close(&o, '}');
	json_close(&o, '}');
}

HANDLER(post_invite)
{
	struct contact_invite v = { .survey = c->params[0], .channels = STR("email"), .trigger = STR("invite") };
	struct contact_tally tally;
	struct str body, raw, segment = STR(""), *customers = NULL;
	bool given;
	TRY(body_object(c, &body, err));
	TRY(body_bool(c, "dry_run", &v.dry_run, &given, err));
	TRY(body_text(c, "channels", false, &v.channels, err));
	TRY(body_text(c, "about", false, &v.about, err));
	TRY(body_text(c, "unit", false, &v.unit, err));
	TRY(body_text(c, "segment", false, &segment, err));
	if (json_get(body, STR("customers"), &raw))
		TRY(invite_listed(c, raw, CONTACT_INVITE_MAX, &customers, &v.n_customers, err));
	else if (segment.len) TRY(invite_segment(c, segment, CONTACT_INVITE_MAX, &customers, &v.n_customers, err));
	else return err_set(err, ERR_INPUT, "http.missing", "segment", "\"segment\" or \"customers\" is missing");
	v.customers = customers;
	TRY(contact_invite(contact_of(c), &v, &tally, err));
	put_tally_of(c, &v, &tally);
	return OK;
}

HANDLER(get_survey_funnel)
{
	struct voice_survey s;
	int64_t days;
	TRY(query_i64(c, "days", 1, 3650, 90, &days, err));
	TRY(voice_get(c->h->opt.voice, c->params[0], 0, c->arena, &s, err));
	return contact_funnel(contact_of(c), s.key, call_now(c) - days * WHEN_DAY_MS, &c->out, err);
}

/* --- consent ------------------------------------------------------------------------------------------- */

static void put_lines(struct http_call *c, const struct contact_line *lines, size_t n)
{
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "lines");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "id", lines[i].id);
		json_kv_z(&o, "channel", contact_channel_names[lines[i].channel]);
		json_kv_str(&o, "address", lines[i].address);
		json_kv_z(&o, "state", contact_consent_names[lines[i].state]);
		json_kv_str(&o, "source", lines[i].source);
		json_kv_i64(&o, "at_ms", lines[i].at_ms);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
}

static enum err_code ledger_page(struct http_call *c, bool blocked, struct err *err)
{
	struct contact_line *lines;
	size_t n;
	int64_t before, limit;
	TRY(query_i64(c, "before", 0, INT64_MAX, 0, &before, err));
	TRY(query_i64(c, "limit", 1, PAGE_MAX, 100, &limit, err));
	TRY(contact_ledger(contact_of(c), query_get(c, "address"), blocked, before, (size_t)limit, c->arena, &lines, &n,
	                   err));
	put_lines(c, lines, n);
	return OK;
}

HANDLER(get_ledger)
{
	return ledger_page(c, false, err);
}

HANDLER(get_blocked)
{
	return ledger_page(c, true, err);
}

HANDLER(post_consent)
{
	struct str channel, address, state;
	enum contact_channel ch;
	enum contact_consent s = CONTACT_GIVEN;
	TRY(body_text(c, "channel", true, &channel, err));
	TRY(body_text(c, "address", true, &address, err));
	TRY(body_text(c, "state", true, &state, err));
	while (s < CONTACT_CONSENTS && !str_eq(state, str_of(contact_consent_names[s]))) s++;
	if (!contact_channel_of(channel, &ch) || s == CONTACT_CONSENTS)
		return err_set(err, ERR_INPUT, "contact.consent", "state",
		               "there is no such channel or state of consent");
	TRY(contact_consent(contact_of(c), ch, address, s, c->local ? STR("local") : c->session.user.login, err));
	buf_str(&c->out, STR("{}"));
	return OK;
}

/* --- the page that unsubscribes ---------------------------------------------------------------------------- */

/* No script, no style of others, nothing that a mail program or its scanner could set off by looking. */
static void leave_page(struct http_call *c, const struct locale *l, const char *title_key, struct str what, bool button)
{
	struct buf inner;
	buf_init(&inner, 64 * KIB);
	buf_str(&inner, STR("<h1 style=\"font-size:22px;margin:0 0 12px\">"));
	const struct str title = words(l, c->arena, title_key, NULL, 0);
	outbox_escape(&inner, title);
	buf_str(&inner, STR("</h1>\n<p><bdi>"));
	outbox_escape(&inner, what);
	buf_str(&inner, STR("</bdi></p>\n"));
	if (button) {
		buf_str(&inner,
		        STR("<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" "
		            "value=\"One-Click\"><button style=\"font:inherit;padding:10px 18px;min-height:44px\">"));
		outbox_escape(&inner, words(l, c->arena, "contact.leave.button", NULL, 0));
		buf_str(&inner, STR("</button></form>\n"));
	}
	outbox_page(&c->out, l->lang, title, buf_view(&inner), STR(""));
	buf_done(&inner);
	c->content_type = "text/html; charset=utf-8";
	answer_header(c, "Cache-Control", STR("no-store"));
	answer_header(c, "Referrer-Policy", STR("no-referrer"));
}

/* An address as its owner knows it, without showing all of it to whoever has the link: "a••@example.com", "•••4567". */
static struct str masked(struct arena *a, struct str address)
{
	const size_t at = str_find(address, '@');
	if (at < address.len)
		return str_format(a, "%.1s\u2022\u2022" STR_FMT, address.ptr,
		                  STR_ARG(str_cut(address, at, address.len)));
	const size_t from = address.len > 4 ? address.len - 4 : 0;
	return str_format(a, "\u2022\u2022\u2022" STR_FMT, STR_ARG(str_cut(address, from, address.len)));
}

static enum err_code leave_look(struct http_call *c, struct locale *l, struct str *shown, bool *left, struct err *err)
{
	enum contact_channel channel;
	struct str address;
	TRY(locale_read(c, l, err));
	TRY(contact_leave_look(contact_of(c), c->params[0], c->arena, &channel, &address, left, err));
	*shown = masked(c->arena, address);
	return shown->ptr ? OK : err_no_memory(err);
}

HANDLER(get_leave)
{
	struct locale l;
	struct str shown;
	bool left;
	TRY(leave_look(c, &l, &shown, &left, err));
	leave_page(c, &l, left ? "contact.leave.done" : "contact.leave.ask", shown, !left);
	return OK;
}

HANDLER(post_leave)
{
	struct locale l;
	struct str shown;
	bool left;
	TRY(contact_leave(contact_of(c), c->params[0], err));
	TRY(leave_look(c, &l, &shown, &left, err));
	leave_page(c, &l, "contact.leave.done", shown, false);
	return OK;
}
