/* Reports that go out: who gets them, and how one looks. */
#include "http/priv.h"

static bool role_of(struct str name, enum act_report_role *out)
{
	for (int i = 0; i < ACT_REPORT_ROLES; i++)
		if (str_eq(name, str_of(act_report_role_names[i]))) {
			*out = (enum act_report_role)i;
			return true;
		}
	return false;
}

static enum err_code bad_role(struct err *err)
{
	return err_set(err, ERR_INPUT, "report.role", "role", "a role is lead, owner or executive");
}

static enum err_code put_report(struct json_out *o, struct http_call *c, const struct act_report *r, struct err *err)
{
	struct act_unit unit;
	struct act_week week;
	TRY(act_unit(c->h->opt.act, r->unit, c->arena, &unit, err));
	TRY(act_week_of(&unit, call_now(c), &week, err));
	const bool sent = r->sent_week_ms >= week.from_ms;
	if (sent) TRY(act_week_of(&unit, week.to_ms + 8 * WHEN_DAY_MS, &week, err));
	json_open(o, '{');
	json_kv_i64(o, "id", r->id);
	json_kv_str(o, "unit", r->unit);
	json_kv_str(o, "map", r->map);
	json_kv_z(o, "role", act_report_role_names[r->role]);
	json_kv_str(o, "address", r->address);
	json_kv_str(o, "lang", r->lang);
	json_kv_i64(o, "next_ms", week.goes_ms);
	json_kv_i64(o, "created_ms", r->created_ms);
	json_kv_str(o, "author", r->author);
	json_close(o, '}');
	return OK;
}

HANDLER(get_reports)
{
	struct act_report *list;
	size_t n;
	struct json_out o;
	TRY(act_reports(c->h->opt.act, c->arena, &list, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "reports");
	for (size_t i = 0; i < n; i++)
		if (call_sees(c, list[i].unit)) TRY(put_report(&o, c, &list[i], err));
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(post_reports)
{
	struct act_report r = { .unit = STR(""), .author = call_author(c) };
	struct str role = STR("lead");
	struct json_out o;
	TRY(body_text(c, "unit", false, &r.unit, err));
	TRY(unit_need(c, r.unit, err));
	TRY(body_text(c, "map", true, &r.map, err));
	TRY(body_text(c, "role", false, &role, err));
	TRY(body_text(c, "address", true, &r.address, err));
	TRY(body_text(c, "lang", true, &r.lang, err));
	if (!role_of(role, &r.role)) return bad_role(err);
	TRY(act_report_add(c->h->opt.act, &r, &r.id, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "id", r.id);
	json_close(&o, '}');
	c->status = 201;
	return OK;
}

static enum err_code unknown(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "report.unknown", "", "there is no such report");
}

/* The report of the address; what somebody may not see is not there for them. */
static enum err_code id_read(struct http_call *c, int64_t *out, struct err *err)
{
	struct act_report *list;
	size_t n;
	if (!str_to_i64(c->params[0], out) || *out < 1) return unknown(err);
	if (!call_unit(c).len) return OK;
	TRY(act_reports(c->h->opt.act, c->arena, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (list[i].id == *out && call_sees(c, list[i].unit)) return OK;
	return unknown(err);
}

HANDLER(delete_report)
{
	int64_t id;
	TRY(id_read(c, &id, err));
	TRY(act_report_delete(c->h->opt.act, id, err));
	answer_empty(c, 204);
	return OK;
}

HANDLER(post_report_send)
{
	int64_t id;
	TRY(id_read(c, &id, err));
	TRY(feedback_fresh(c, err));
	TRY(act_report_send(c->h->opt.act, id, err));
	answer_empty(c, 204);
	return OK;
}

/* As it would go out now, or of the week that holds ?at=. */
HANDLER(get_report_preview)
{
	struct act_report r = { .unit = STR(""), .map = query_get(c, "map"), .lang = query_get(c, "lang") };
	struct act_unit unit;
	struct act_week week;
	struct str role = query_get(c, "role"), subject;
	struct buf inner, footer;
	enum lang lang;
	int64_t at = call_now(c);
	if (query_get(c, "unit").len) r.unit = query_get(c, "unit");
	if (!r.lang.len) r.lang = STR("en");
	if (!lang_of(r.lang, &lang))
		return err_set(err, ERR_INPUT, "report.lang", "lang", "a language is en, ar or fa");
	if (role.len && !role_of(role, &r.role)) return bad_role(err);
	TRY(time_read(c, "at", &at, err));
	TRY(feedback_fresh(c, err));
	TRY(act_unit(c->h->opt.act, r.unit, c->arena, &unit, err));
	TRY(act_week_of(&unit, at, &week, err));
	const struct locale l = locale_of(lang);
	buf_init(&inner, MIB);
	buf_init(&footer, 4 * KIB);
	const enum err_code rc = act_report_write(c->h->opt.act, &r, &week, c->arena, &subject, &inner, NULL, err);
	outbox_escape(&footer, words(&l, c->arena, "act.report.footer", NULL, 0));
	if (rc == OK) outbox_page(&c->out, lang, subject, buf_view(&inner), buf_view(&footer));
	c->content_type = "text/html; charset=utf-8";
	buf_done(&footer);
	buf_done(&inner);
	return rc;
}
