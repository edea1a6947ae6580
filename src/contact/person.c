/* Addresses and languages of customers, out of the traits that they were identified with. */
#include "contact/priv.h"

#define ADULT_YEARS 18
#define WORD_BYTES_MAX 100

enum err_code person_read(struct contact *c, struct store_write *w, struct str customer, struct arena *a,
                          struct contact_person *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = (struct contact_person){ customer, STR(""), STR(""), STR(""), STR(""), STR(""), STR(""), false };
	TRY(contact_stmt(c, w, "contact_person", &s, err));
	stmt_bind_str(s, 1, customer);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		struct str *const into[] = {
			&out->email, &out->phone, &out->lang, &out->country, &out->zone, &out->name
		};
		for (size_t i = 0; i < COUNT_OF(into) && rc == OK; i++)
			if (!(*into[i] = str_copy(a, stmt_str(s, (int)i))).ptr) rc = err_no_memory(err);
		out->minor = stmt_i64(s, 6) != 0;
	}
	stmt_free(s);
	return rc;
}

enum err_code contact_person_get(struct contact *c, struct str customer, struct arena *a, struct contact_person *out,
                                 struct err *err)
{
	return person_read(c, NULL, customer, a, out, err);
}

/* --- traits ---------------------------------------------------------------------------------------------- */

enum found { FOUND_NOT, FOUND_NULL, FOUND };

/* The first of some names, as text: numbers as they are written. */
static enum found trait(struct str traits, struct arena *a, struct str *out, const char *const *names)
{
	for (; *names; names++) {
		struct str raw;
		struct json_reader r;
		if (!json_get(traits, str_of(*names), &raw)) continue;
		if (str_eq(raw, STR("null"))) return FOUND_NULL;
		json_read(&r, raw);
		const enum json_token t = json_next(&r);
		if (t == JT_NUMBER || t == JT_TRUE || t == JT_FALSE) {
			*out = raw;
			return FOUND;
		}
		if (t == JT_STRING && json_text(&r, a, out)) {
			*out = str_trim(*out);
			return out->len ? FOUND : FOUND_NULL;
		}
	}
	return FOUND_NOT;
}

static struct str lower_ascii(struct str s, struct arena *a)
{
	struct str copy = str_copy(a, s);
	char *p = (char *)(uintptr_t)copy.ptr;
	for (size_t i = 0; p && i < copy.len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z') p[i] = (char)(p[i] + 32);
	return copy.ptr ? copy : STR("");
}

/* "fa-IR" and "fa_IR" are Persian. */
static struct str language_of(struct str s, struct arena *a)
{
	size_t n = 0;
	while (n < s.len && s.ptr[n] != '-' && s.ptr[n] != '_') n++;
	return n >= 2 && n <= 3 ? lower_ascii(str_cut(s, 0, n), a) : STR("");
}

static bool is_minor(struct str traits, int64_t now_ms, struct arena *a, bool before)
{
	static const char *const births[] = { "birthday", "birthdate", "date_of_birth", NULL };
	static const char *const ages[] = { "age", NULL };
	static const char *const flags[] = { "minor", NULL };
	struct str v;
	int64_t born;
	double years;
	if (trait(traits, a, &v, flags) == FOUND) return str_eq(v, STR("true"));
	if (trait(traits, a, &v, births) == FOUND && when_parse_iso(v, &born, NULL)) {
		struct civil b, n;
		when_to_civil(born, &b);
		when_to_civil(now_ms, &n);
		const int full = n.year - b.year - (n.month < b.month || (n.month == b.month && n.day < b.day));
		return full < ADULT_YEARS;
	}
	if (trait(traits, a, &v, ages) == FOUND && str_to_double(v, &years)) return years < ADULT_YEARS;
	return before;
}

static void take_phone(struct str text, struct arena *a, struct contact_person *p)
{
	char e164[COUNTRY_PHONE_BYTES];
	if (!country_phone(country_of(p->country), text, e164)) return;
	const struct str phone = str_copy(a, str_of(e164));
	const struct country *c = country_of_phone(phone);
	if (!phone.ptr) return;
	p->phone = phone;
	if (!p->country.len && c) p->country = str_of(c->code);
}

enum err_code contact_person_merge(struct str traits, int64_t now_ms, struct arena *a, struct contact_person *p,
                                   struct err *err)
{
	static const char *const countries[] = { "country", "country_code", "countryCode", NULL };
	static const char *const emails[] = { "email", NULL };
	static const char *const phones[] = { "phone", "mobile", "phone_number", "phoneNumber", NULL };
	static const char *const langs[] = { "lang", "language", "locale", NULL };
	static const char *const zones[] = { "zone", "timezone", "time_zone", NULL };
	static const char *const names[] = { "name", "first_name", "firstName", NULL };
	struct str v, raw;
	(void)err;
	/* An address is {"country": ...} in Segment's own traits. */
	enum found f = trait(traits, a, &v, countries);
	if (f == FOUND_NOT && json_get(traits, STR("address"), &raw)) f = trait(raw, a, &v, countries);
	if (f == FOUND_NULL) p->country = STR("");
	if (f == FOUND && country_of(v)) p->country = str_of(country_of(v)->code);
	f = trait(traits, a, &v, emails);
	if (f == FOUND_NULL) p->email = STR("");
	if (f == FOUND && outbox_mail_address(v)) p->email = lower_ascii(v, a);
	f = trait(traits, a, &v, phones);
	if (f == FOUND_NULL) p->phone = STR("");
	if (f == FOUND) take_phone(v, a, p);
	f = trait(traits, a, &v, langs);
	if (f == FOUND_NULL) p->lang = STR("");
	if (f == FOUND && v.len <= WORD_BYTES_MAX) p->lang = language_of(v, a);
	f = trait(traits, a, &v, zones);
	if (f == FOUND_NULL) p->zone = STR("");
	if (f == FOUND && v.len <= 60) p->zone = v;
	f = trait(traits, a, &v, names);
	if (f == FOUND_NULL) p->name = STR("");
	if (f == FOUND && v.len <= WORD_BYTES_MAX) p->name = v;
	p->minor = is_minor(traits, now_ms, a, p->minor);
	return OK;
}

enum err_code contact_person_put_in(struct store_write *w, const struct contact_person *p, int64_t at_ms,
                                    struct err *err)
{
	struct stmt *s = NULL;
	const struct str texts[] = { p->customer, p->email, p->phone, p->lang, p->country, p->zone, p->name };
	TRY(write_prepare(&s, w, "contact_person_put", err));
	for (size_t i = 0; i < COUNT_OF(texts); i++) stmt_bind_str(s, (int)i + 1, texts[i].ptr ? texts[i] : STR(""));
	stmt_bind_i64(s, 8, p->minor);
	stmt_bind_i64(s, 9, at_ms);
	return contact_run(s, err);
}

/* --- leaving --------------------------------------------------------------------------------------------------- */

static enum err_code run_on(struct store_write *w, const char *query, struct str customer, struct str ref,
                            int64_t at_ms, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_str(s, 1, customer);
	if (ref.ptr) stmt_bind_str(s, 2, ref);
	if (at_ms) stmt_bind_i64(s, 3, at_ms);
	return contact_run(s, err);
}

enum err_code contact_hold_in(struct store_write *w, struct str customer, struct str ref, int64_t at_ms,
                              struct err *err)
{
	return run_on(w, "contact_hold", customer, ref, at_ms ? at_ms : 1, err);
}

enum err_code contact_release_in(struct store_write *w, struct str customer, struct str ref, struct err *err)
{
	return run_on(w, "contact_release", customer, ref, 0, err);
}
