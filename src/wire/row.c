#include "wire/row.h"

#include <math.h>

#include "base/checked.h"
#include "wire/live.h"

static struct str column_of(const struct field *f)
{
	if (f->n_refs) return f->refs[0].column;
	for (size_t i = 0; i < f->n_pieces; i++)
		if (f->pieces[i].has_ref) return f->pieces[i].ref.column;
	return f->name;
}

static enum err_code bad(const struct field *f, struct err *why, const char *id, struct str got, const char *what,
                         const char *hint)
{
	char field[64];
	struct str c = wire_show(column_of(f), 63), g = wire_show(got, 60);
	snprintf(field, sizeof field, STR_FMT, STR_ARG(c));
	err_set(why, ERR_INPUT, id, field, "'" STR_FMT "' %s", STR_ARG(g), what);
	err_hint(why, "%s", hint);
	return ERR_INPUT;
}

/* --- the text of a field ------------------------------------------------------------------ */

static struct str cell(const struct ref *r, const struct row_cells *row)
{
	struct str *cells = row->cells[r->join + 1];
	if (r->index == WIRE_ROW_INDEX) return row->number;
	return cells ? cells[r->index] : STR("");
}

static enum err_code fill_template(const struct field *f, const struct row_cells *row, struct arena *a, struct str *out,
                                   struct err *why)
{
	size_t len = 0, columns = 0;
	for (size_t i = 0; i < f->n_pieces; i++) {
		len += f->pieces[i].text.len;
		if (!f->pieces[i].has_ref) continue;
		size_t n = cell(&f->pieces[i].ref, row).len;
		columns += n;
		len += n;
	}
	*out = STR("");
	if (columns == 0) return OK; /* text around nothing says nothing */
	char *p = arena_alloc(a, len + 1);
	if (!p) return err_no_memory(why);
	*out = (struct str){ p, len };
	for (size_t i = 0; i < f->n_pieces; i++) {
		struct str parts[2] = { f->pieces[i].text,
			                f->pieces[i].has_ref ? cell(&f->pieces[i].ref, row) : STR("") };
		for (int k = 0; k < 2; k++)
			if (parts[k].len) memcpy(p, parts[k].ptr, parts[k].len), p += parts[k].len;
	}
	return OK;
}

static bool among(struct str s, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, list[i])) return true;
	return false;
}

enum err_code row_field(const struct field *f, const struct row_cells *row, struct arena *a, struct str *out,
                        struct err *why)
{
	*out = STR("");
	if (f->is_constant) *out = f->constant;
	else if (f->n_pieces) TRY(fill_template(f, row, a, out, why));
	else
		for (size_t i = 0; i < f->n_refs && out->len == 0; i++) {
			struct str s = cell(&f->refs[i], row);
			if (str_trim(s).len) *out = s;
		}
	struct str trimmed = str_trim(*out);
	if (f->n_map && trimmed.len) {
		size_t i = 0;
		while (i < f->n_map && !str_eq(trimmed, f->map_from[i])) i++;
		if (i < f->n_map) *out = f->map_to[i];
		else if (f->map_only)
			return bad(f, why, "map.value", trimmed, "is not in the mapping's list",
			           "Add it to map, or take map_only away.");
	}
	if (out->len == 0 && f->has_fallback) *out = f->fallback;
	if (f->has_equals || f->has_not) {
		trimmed = str_trim(*out);
		bool yes = (!f->has_equals || among(trimmed, f->equals, f->n_equals)) &&
		           !(f->has_not && among(trimmed, f->not_equals, f->n_not));
		*out = yes ? STR("true") : STR("false");
	}
	return OK;
}

static bool holds(const struct field *f, struct str text)
{
	return f->has_equals || f->has_not ? str_eq(text, STR("true")) : str_trim(text).len > 0;
}

/* --- typed values ------------------------------------------------------------------------------ */

static enum err_code to_number(const struct field *f, struct str text, struct arena *a, struct str *out,
                               struct err *why)
{
	if (value_number_text(a, text, f->decimal, out)) return OK;
	return bad(f, why, "number.syntax", text, "is not a number",
	           f->decimal == ',' ? "The decimal mark here is ','."
	                             : "With a decimal comma, set decimal = \",\" in the mapping.");
}

static enum err_code to_time(const struct field *f, struct str text, struct arena *a, int64_t *out, struct err *why)
{
	struct str folded = value_fold(a, text);
	if (!folded.ptr) return err_no_memory(why);
	if (f->deadline ? value_deadline(f->times, folded, out) : value_time(f->times, folded, out)) return OK;
	char what[100];
	struct str format = f->times->n_formats ? wire_show(f->times->formats[0], 40) : STR("iso");
	snprintf(what, sizeof what, "is not a time in the format " STR_FMT, STR_ARG(format));
	return bad(f, why, "time.syntax", text, what,
	           "Say how times are written: time_format = \"%d/%m/%Y %H:%M\", or a list of formats.");
}

static int truth(struct str s)
{
	static const char *const yes[] = { "true", "yes", "y",   "t",  "on",  "x",   "1",   "sim",
		                           "si",   "sí",  "oui", "ja", "نعم", "بله", "آری", "بلی" };
	static const char *const no[] = { "false", "no",  "n",    "f",  "off", "0",  "não",
		                          "nao",   "non", "nein", "لا", "نه",  "خیر" };
	s = str_trim(s);
	for (size_t i = 0; i < COUNT_OF(yes); i++)
		if (str_eq_ascii_nocase(s, str_of(yes[i]))) return 1;
	for (size_t i = 0; i < COUNT_OF(no); i++)
		if (str_eq_ascii_nocase(s, str_of(no[i]))) return 0;
	return -1;
}

/* As a member of a JSON object; empty texts are left out. */
static enum err_code put_value(struct json_out *o, struct str name, const struct field *f, struct str text,
                               struct arena *a, struct err *why)
{
	char iso[WHEN_TEXT_BYTES];
	struct str number;
	int64_t ms;
	if (str_trim(text).len == 0) return OK;
	switch (f->type) {
	case VALUE_TEXT:
		json_key_str(o, name);
		json_put_str(o, text);
		return OK;
	case VALUE_NUMBER:
		TRY(to_number(f, text, a, &number, why));
		json_key_str(o, name);
		json_put_raw(o, number);
		return OK;
	case VALUE_TIME:
		TRY(to_time(f, text, a, &ms, why));
		if (ms < WHEN_MIN_MS || ms >= WHEN_MAX_MS)
			return bad(f, why, "time.syntax", text, "lies outside 1900 to 2100",
			           "Check the format, the calendar and the unit.");
		json_key_str(o, name);
		json_put_str(o, when_format_iso(ms, iso));
		return OK;
	case VALUE_BOOL: break;
	}
	int t = truth(text);
	struct str folded = value_fold(a, str_trim(text));
	bool grade =
	        folded.ptr && str_eq(name, STR("failed")) && (str_eq(folded, STR("2")) || str_eq(folded, STR("3")));
	if (!grade && t < 0)
		return bad(f, why, "number.syntax", text, "is not yes or no",
		           "Use map = { \"...\" = true }, or equals = [\"...\"].");
	json_key_str(o, name);
	if (grade) json_put_raw(o, folded);
	else json_put_bool(o, t == 1);
	return OK;
}

static enum err_code put_wait(struct json_out *o, const struct event_map *e, const struct row_cells *row,
                              struct arena *a, struct err *why)
{
	struct str from, to;
	int64_t from_ms, to_ms;
	if (!e->wait_from.present) return OK;
	TRY(row_field(&e->wait_from, row, a, &from, why));
	TRY(row_field(&e->wait_to, row, a, &to, why));
	if (str_trim(from).len == 0 || str_trim(to).len == 0) return OK;
	TRY(to_time(&e->wait_from, from, a, &from_ms, why));
	TRY(to_time(&e->wait_to, to, a, &to_ms, why));
	if (to_ms < from_ms)
		return bad(&e->wait_to, why, "event.property", to, "lies before the start of the wait",
		           "Check both columns of wait.");
	json_kv_i64(o, "wait_ms", to_ms - from_ms);
	return OK;
}

static enum err_code put_known(struct json_out *o, const struct event_map *e, const struct row_cells *row,
                               struct arena *a, struct err *why)
{
	for (int i = F_CHANNEL; i < KNOWN_FIELDS; i++) {
		const struct field *f = &e->known[i];
		struct str text, number;
		double seconds;
		if (!f->present) continue;
		TRY(row_field(f, row, a, &text, why));
		if (i != F_WAIT_S) {
			TRY(put_value(o, str_of(known_field_property[i]), f, text, a, why));
			continue;
		}
		if (str_trim(text).len == 0) continue;
		TRY(to_number(f, text, a, &number, why));
		if (!str_to_double(number, &seconds)) return bad(f, why, "number.syntax", text, "is not a number", "");
		json_kv_double(o, "wait_ms", round(seconds * 1000));
	}
	return put_wait(o, e, row, a, why);
}

static enum err_code put_list(struct json_out *o, const struct field *list, size_t n, const struct row_cells *row,
                              struct arena *a, struct err *why)
{
	for (size_t i = 0; i < n; i++) {
		struct str text;
		TRY(row_field(&list[i], row, a, &text, why));
		TRY(put_value(o, list[i].name, &list[i], text, a, why));
	}
	return OK;
}

/* --- events ------------------------------------------------------------------------------------- */

static enum err_code text_of(const struct event_map *e, enum known_field k, const struct row_cells *row,
                             struct arena *a, struct str *out, struct err *why)
{
	*out = STR("");
	if (!e->known[k].present) return OK;
	TRY(row_field(&e->known[k], row, a, out, why));
	if (str_trim(*out).len == 0) *out = STR(""); /* blanks are nobody; otherwise ids are taken literally */
	return OK;
}

static enum err_code fill_draft(const struct event_map *e, const struct row_cells *row, struct arena *a,
                                struct str time, struct buf *properties, struct buf *traits, struct draft *d,
                                struct err *why)
{
	struct json_out o;
	TRY(text_of(e, F_CUSTOMER, row, a, &d->customer, why));
	TRY(text_of(e, F_ANONYMOUS, row, a, &d->anonymous, why));
	TRY(text_of(e, F_PREVIOUS, row, a, &d->previous, why));
	TRY(text_of(e, F_ID, row, a, &d->id, why));
	TRY(text_of(e, F_NAME, row, a, &d->name, why));
	TRY(text_of(e, F_CHANNEL, row, a, &d->channel, why));
	TRY(to_time(&e->known[F_TIME], time, a, &d->at_ms, why));
	d->said_ms = d->at_ms;
	buf_clear(properties);
	json_out_init(&o, properties);
	json_open(&o, '{');
	TRY(put_known(&o, e, row, a, why));
	TRY(put_list(&o, e->properties, e->n_properties, row, a, why));
	json_close(&o, '}');
	TRY(buf_check(properties, why));
	d->properties = buf_view(properties);
	if (row->kept.len) d->properties = live_join(a, row->kept, live_inside(buf_view(properties)));
	if (!d->properties.ptr) return err_no_memory(why);
	d->more = row->more;
	if (e->n_traits == 0) return OK;
	buf_clear(traits);
	json_out_init(&o, traits);
	json_open(&o, '{');
	TRY(put_list(&o, e->traits, e->n_traits, row, a, why));
	json_close(&o, '}');
	TRY(buf_check(traits, why));
	d->traits = buf_view(traits);
	return OK;
}

enum happens { NO_TIME, NOT_WANTED, HAPPENS };

static enum err_code one_event(const struct event_map *e, bool alone, const struct row_cells *row, struct gate *g,
                               struct buf *properties, struct buf *traits, enum happens *happens, struct err *err)
{
	struct err why = { 0 };
	struct str text, time = { 0 };
	struct arena *a = g->scratch;
	enum err_code rc = OK;
	*happens = HAPPENS;
	for (size_t i = 0; rc == OK && i < e->n_when; i++) {
		rc = row_field(&e->when[i], row, a, &text, &why);
		if (rc == OK && !holds(&e->when[i], text)) {
			*happens = NOT_WANTED;
			return OK;
		}
	}
	if (rc == OK) rc = row_field(&e->known[F_TIME], row, a, &time, &why);
	if (rc == OK && str_trim(time).len == 0) {
		if (!alone && e->n_when == 0) {
			*happens = NO_TIME;
			return OK;
		}
		rc = bad(&e->known[F_TIME], &why, "time.empty", STR(""), "is no time: the cell is empty",
		         "Each event needs its time.");
	}
	struct draft d = { .type = e->type,
		           .line = row->line,
		           .raw = row->raw,
		           .pointer = "",
		           .columns = e->columns,
		           .n_columns = e->n_columns };
	if (rc == OK) rc = fill_draft(e, row, a, time, properties, traits, &d, &why);
	if (rc == OK) return gate_event(g, &d, err);
	if (rc != ERR_NO_MEMORY) return gate_refuse(g, row->line, row->raw, &why, err);
	if (err) *err = why;
	return rc;
}

enum err_code row_events(const struct table_map *t, const struct row_cells *row, struct gate *g, struct buf *properties,
                         struct buf *traits, struct err *err)
{
	size_t without_time = 0;
	for (size_t i = 0; i < t->n_events; i++) {
		enum happens happens;
		TRY(one_event(&t->events[i], t->n_events == 1, row, g, properties, traits, &happens, err));
		without_time += happens == NO_TIME;
	}
	if (without_time < t->n_events) return OK;
	struct err why;
	err_set(&why, ERR_INPUT, "row.empty", "", "none of the %zu time columns has a value", t->n_events);
	err_hint(&why, "The row says nothing that happened; correct it, or leave it out.");
	return gate_refuse(g, row->line, row->raw, &why, err);
}
