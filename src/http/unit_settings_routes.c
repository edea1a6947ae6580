/* How units work: country, zone, hours, who is responsible. */
#include "http/priv.h"

static void put_text(struct json_out *o, const char *key, struct str s)
{
	json_key(o, key);
	if (s.len) json_put_str(o, s);
	else json_put_null(o);
}

static enum err_code put_unit(struct json_out *o, const struct act_unit *u, struct err *err)
{
	struct buf hours;
	buf_init(&hours, 4 * KIB);
	if (u->has_hours) act_hours_print(&u->hours, &hours);
	json_open(o, '{');
	json_kv_str(o, "unit", u->unit);
	put_text(o, "country", u->country);
	put_text(o, "zone", u->zone);
	json_key(o, "hours");
	if (hours.len) json_put_raw(o, buf_view(&hours));
	else json_put_null(o);
	put_text(o, "responsible", u->responsible);
	put_text(o, "mail", u->mail);
	put_text(o, "lang", u->lang);
	json_close(o, '}');
	const enum err_code rc = buf_check(&hours, err);
	buf_done(&hours);
	return rc;
}

/* Countries that can be chosen, with their zone and week. */
static void put_countries(struct json_out *o)
{
	const struct country *country;
	open_list(o, "countries");
	for (size_t i = 0; (country = country_at(i)); i++) {
		json_open(o, '{');
		json_kv_z(o, "code", country->code);
		json_kv_z(o, "zone", country->zone);
		json_close(o, '}');
	}
	json_close(o, ']');
}

HANDLER(get_unit_settings)
{
	struct act_unit *list, now;
	size_t n;
	struct json_out o;
	TRY(act_units(c->h->opt.act, c->arena, &list, &n, err));
	const struct str asked = query_get(c, "unit");
	TRY(act_unit(c->h->opt.act, asked.ptr ? asked : STR(""), c->arena, &now, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "units");
	for (size_t i = 0; i < n; i++)
		if (call_sees(c, list[i].unit)) TRY(put_unit(&o, &list[i], err));
	json_close(&o, ']');
	json_key(&o, "in_force");
	TRY(put_unit(&o, &now, err));
	put_countries(&o);
	json_close(&o, '}');
	return OK;
}

/* Absent or null: nothing is said. */
static enum err_code text_of(struct http_call *c, const char *key, struct str *out, struct err *err)
{
	struct str raw;
	*out = STR("");
	if (!json_get(c->body, str_of(key), &raw) || str_eq(raw, STR("null"))) return OK;
	return body_text(c, key, true, out, err);
}

HANDLER(put_unit_settings)
{
	struct act_unit u = { .changed_ms = call_now(c), .author = call_author(c) };
	struct str hours;
	TRY(text_of(c, "unit", &u.unit, err));
	TRY(unit_need(c, u.unit, err));
	TRY(text_of(c, "country", &u.country, err));
	TRY(text_of(c, "zone", &u.zone, err));
	TRY(text_of(c, "responsible", &u.responsible, err));
	TRY(person_need(c, u.responsible, "responsible", err));
	TRY(text_of(c, "mail", &u.mail, err));
	TRY(text_of(c, "lang", &u.lang, err));
	u.has_hours = json_get(c->body, STR("hours"), &hours) && !str_eq(hours, STR("null"));
	if (u.has_hours) TRY(act_hours_read(hours, &u.hours, err));
	TRY(act_unit_put(c->h->opt.act, &u, err));
	return get_unit_settings(c, err);
}
