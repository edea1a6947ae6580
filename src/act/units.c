/* How units work: what is stored, what is in force, when something is due. */
#include "act/priv.h"

#define OPENS (9 * 60)
#define CLOSES (17 * 60)

/* --- hours ---------------------------------------------------------------------------------------- */

static enum err_code bad_hours(struct err *err)
{
	const enum err_code rc = err_set(err, ERR_INPUT, "unit.hours", "hours",
	                                 "hours are seven days from Monday, each null or [from, to] in minutes");
	err_hint(err, "Write {\"days\":[[540,1020],null,...],\"holidays\":false}.");
	return rc;
}

static bool minute(struct json_reader *r, int *out)
{
	int64_t v;
	if (json_next(r) != JT_NUMBER || !str_to_i64(r->raw, &v) || v < 0 || v > 1440) return false;
	*out = (int)v;
	return true;
}

static bool day_read(struct json_reader *r, int *from, int *to)
{
	const enum json_token t = json_next(r);
	*from = *to = 0;
	if (t == JT_NULL) return true;
	return t == JT_ARRAY && minute(r, from) && minute(r, to) && *from < *to && json_next(r) == JT_ARRAY_END;
}

enum err_code act_hours_read(struct str json, struct hours *out, struct err *err)
{
	struct json_reader r;
	struct str days, holidays;
	struct hours h = { 0 };
	bool any = false;
	if (!json_get(json, STR("days"), &days)) return bad_hours(err);
	json_read(&r, days);
	if (json_next(&r) != JT_ARRAY) return bad_hours(err);
	for (int i = 0; i < 7; i++) {
		if (!day_read(&r, &h.day[i].from, &h.day[i].to)) return bad_hours(err);
		any = any || h.day[i].to > 0;
	}
	if (json_next(&r) != JT_ARRAY_END || !any) return bad_hours(err);
	if (json_get(json, STR("holidays"), &holidays)) h.holidays = str_eq(holidays, STR("true"));
	*out = h;
	return OK;
}

void act_hours_print(const struct hours *h, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_key(&o, "days");
	json_open(&o, '[');
	for (int i = 0; i < 7; i++) {
		if (h->day[i].from >= h->day[i].to) {
			json_put_null(&o);
			continue;
		}
		json_open(&o, '[');
		json_put_i64(&o, h->day[i].from);
		json_put_i64(&o, h->day[i].to);
		json_close(&o, ']');
	}
	json_close(&o, ']');
	json_kv_bool(&o, "holidays", h->holidays);
	json_close(&o, '}');
}

int64_t act_due(const struct act_unit *u, int64_t from_ms, int64_t open_ms)
{
	return country_after(country_of(u->country), u->zone, &u->hours, from_ms, open_ms);
}

/* --- what is stored --------------------------------------------------------------------------------- */

static enum err_code unit_read(struct stmt *s, struct arena *m, struct act_unit *out, struct err *err)
{
	*out = (struct act_unit){ .unit = text_at(s, 0, m),
		                  .country = text_at(s, 1, m),
		                  .zone = text_at(s, 2, m),
		                  .has_hours = !stmt_null(s, 3),
		                  .responsible = text_at(s, 4, m),
		                  .mail = text_at(s, 5, m),
		                  .lang = text_at(s, 6, m),
		                  .changed_ms = stmt_i64(s, 7),
		                  .author = text_at(s, 8, m) };
	return out->has_hours ? act_hours_read(stmt_str(s, 3), &out->hours, err) : OK;
}

enum err_code act_units(struct act *a, struct arena *m, struct act_unit **out, size_t *n, struct err *err)
{
	enum { MAX = 5000 };
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct act_unit *list = ARENA_ARRAY(m, struct act_unit, 64);
	size_t cap = 64;
	*n = 0;
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, a->st, "unit_setting_list", err));
	while (*n < MAX && rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		if (*n == cap) {
			struct act_unit *more = ARENA_ARRAY(m, struct act_unit, cap * 2);
			if (!more) {
				rc = err_no_memory(err);
				break;
			}
			memcpy(more, list, cap * sizeof *list);
			list = more;
			cap *= 2;
		}
		rc = unit_read(s, m, &list[(*n)++], err);
	}
	stmt_free(s);
	*out = list;
	return rc;
}

/* What a unit says stands before what those above it said. */
static void lay_over(struct act_unit *to, const struct act_unit *u)
{
	if (u->country.len) {
		to->country = u->country;
		to->zone = STR(""); /* the country's own */
		to->has_hours = false;
	}
	if (u->zone.len) to->zone = u->zone;
	if (u->has_hours) {
		to->hours = u->hours;
		to->has_hours = true;
	}
	if (u->responsible.len) {
		to->responsible = u->responsible;
		to->mail = STR(""); /* an address is that of a person */
	}
	if (u->mail.len) to->mail = u->mail;
	if (u->lang.len) to->lang = u->lang;
}

enum err_code act_unit(struct act *a, struct str unit, struct arena *m, struct act_unit *out, struct err *err)
{
	struct act_unit *all = NULL, to = { .unit = unit };
	size_t n = 0;
	to.country = to.zone = to.responsible = to.mail = to.lang = to.author = STR("");
	TRY(act_units(a, m, &all, &n, err));
	/* By path: a unit stands behind all that are above it. */
	for (size_t i = 0; i < n; i++)
		if (unit_under(unit, all[i].unit)) lay_over(&to, &all[i]);
	const struct country *c = country_of(to.country);
	if (!to.zone.len && c) to.zone = str_of(c->zone);
	if (!to.zone.len) TRY(govern_zone(a->opt.govern, m, &to.zone, err));
	/* Nobody says the country: week and holidays are those of the country that the zone is of. */
	if (!c && (c = country_of_zone(to.zone))) to.country = str_of(c->code);
	if (!to.has_hours) {
		to.hours = country_hours(c, OPENS, CLOSES);
		if (!c) to.hours.day[5].to = to.hours.day[6].to = 0; /* closed */
		to.has_hours = true;
	}
	if (!to.mail.len && outbox_mail_address(to.responsible)) to.mail = to.responsible;
	*out = to;
	return OK;
}

/* --- storing --------------------------------------------------------------------------------------------- */

static struct str or_null(struct str s)
{
	return s.len ? s : (struct str){ NULL, 0 };
}

static bool says_nothing(const struct act_unit *u)
{
	return !u->country.len && !u->zone.len && !u->has_hours && !u->responsible.len && !u->mail.len && !u->lang.len;
}

static enum err_code put(void *ctx, struct store_write *w, struct err *err)
{
	const struct act_unit *u = ctx;
	struct stmt *s = NULL;
	struct buf hours;
	TRY(write_prepare(&s, w, says_nothing(u) ? "unit_setting_drop" : "unit_setting_put", err));
	stmt_bind_str(s, 1, u->unit);
	if (says_nothing(u)) return run(s, err);
	buf_init(&hours, 4 * KIB);
	if (u->has_hours) act_hours_print(&u->hours, &hours);
	stmt_bind_str(s, 2, or_null(u->country));
	stmt_bind_str(s, 3, or_null(u->zone));
	stmt_bind_str(s, 4, or_null(buf_view(&hours)));
	stmt_bind_str(s, 5, or_null(u->responsible));
	stmt_bind_str(s, 6, or_null(u->mail));
	stmt_bind_str(s, 7, or_null(u->lang));
	stmt_bind_i64(s, 8, u->changed_ms);
	stmt_bind_str(s, 9, u->author);
	const enum err_code rc = run(s, err);
	buf_done(&hours);
	return rc;
}

enum err_code act_unit_put(struct act *a, const struct act_unit *u, struct err *err)
{
	enum lang lang;
	struct zone *z;
	if (u->unit.len > WIRE_NAME_BYTES_MAX)
		return err_limit(err, "unit.path", "unit", (int64_t)u->unit.len, WIRE_NAME_BYTES_MAX,
		                 "a unit has at most %d bytes", WIRE_NAME_BYTES_MAX);
	if (u->country.len && !country_of(u->country))
		return err_set(err, ERR_INPUT, "unit.country", "country",
		               "\"" STR_FMT "\" is not a country that is known", STR_ARG(str_cut(u->country, 0, 20)));
	if (u->zone.len) {
		TRY(zone_open(u->zone, &z, err));
		zone_close(z);
	}
	if (u->mail.len && !outbox_mail_address(u->mail))
		return err_set(err, ERR_INPUT, "unit.mail", "mail", "\"" STR_FMT "\" is not an address of mail",
		               STR_ARG(str_cut(u->mail, 0, 80)));
	if (u->lang.len && !lang_of(u->lang, &lang))
		return err_set(err, ERR_INPUT, "unit.lang", "lang", "a language is en, ar or fa");
	struct act_unit copy = *u;
	return store_write(a->st, put, &copy, err);
}
