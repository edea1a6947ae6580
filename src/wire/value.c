#include "wire/value.h"

#include <math.h>
#include <unicode/ucal.h>

/* --- digits -------------------------------------------------------------------------- */

static bool plain_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80) return false;
	return true;
}

struct str value_fold(struct arena *a, struct str s)
{
	if (plain_ascii(s)) return s;
	char *out = arena_alloc(a, s.len + 1);
	if (!out) return (struct str){ 0 };
	size_t len = 0;
	for (size_t i = 0; i < s.len;) {
		size_t from = i;
		uint32_t cp = utf8_next(s, &i);
		if (cp >= 0x0660 && cp <= 0x0669) out[len++] = (char)('0' + (cp - 0x0660));
		else if (cp >= 0x06F0 && cp <= 0x06F9) out[len++] = (char)('0' + (cp - 0x06F0));
		else if (cp == 0x066B) out[len++] = '.';
		else if (cp == 0x2212) out[len++] = '-';
		else if (cp == 0x00A0 || cp == 0x202F || cp == 0x2009) out[len++] = ' ';
		else if (cp == 0x066C) out[len++] = '\''; /* a group mark under both customs */
		else if (cp == 0x200E || cp == 0x200F || cp == 0x061C || (cp >= 0x202A && cp <= 0x202E) ||
		         (cp >= 0x2066 && cp <= 0x2069))
			continue;
		else {
			memcpy(out + len, s.ptr + from, i - from);
			len += i - from;
		}
	}
	return (struct str){ out, len };
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool value_number_text(struct arena *a, struct str s, char decimal, struct str *out)
{
	/* The Arabic decimal mark is one under any custom. */
	if (s.len > 1 && memmem(s.ptr, s.len, "\xD9\xAB", 2)) decimal = '.';
	s = str_trim(value_fold(a, s));
	char *w = arena_alloc(a, s.len + 3);
	if (!w || s.len == 0) return false;
	size_t len = 0, i = 0, run = 0, groups = 0, whole;
	if (s.ptr[0] == '-' || s.ptr[0] == '+') {
		if (s.ptr[0] == '-') w[len++] = '-';
		i++;
	}
	size_t first = len;
	for (; i < s.len && s.ptr[i] != decimal; i++) {
		char c = s.ptr[i];
		if (digit(c)) {
			run++;
			if (len == first + 1 && w[first] == '0') len--; /* JSON has no leading zeros */
			w[len++] = c;
		} else if (c == 'e' || c == 'E') break;
		else if (c == ',' || c == '.' || c == ' ' || c == '\'') {
			if (run == 0 || run > 3 || (groups && run < 2)) return false;
			groups++;
			run = 0;
		} else return false;
	}
	if (groups && run != 3) return false;
	whole = len - first;
	if (i < s.len && s.ptr[i] == decimal) {
		if (whole == 0) w[len++] = '0';
		size_t point = len;
		w[len++] = '.';
		for (i++; i < s.len && digit(s.ptr[i]); i++) w[len++] = s.ptr[i];
		if (len == point + 1) {
			if (whole == 0) return false;
			len--;
		}
	} else if (whole == 0) return false;
	if (i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
		w[len++] = 'e';
		i++;
		if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+')) w[len++] = s.ptr[i++];
		if (i == s.len) return false;
		while (i < s.len && digit(s.ptr[i])) w[len++] = s.ptr[i++];
	}
	double v;
	*out = (struct str){ w, len };
	return i == s.len && len < 60 && str_to_double(*out, &v);
}

bool wire_number(struct arena *a, struct str text, double *out)
{
	struct str number;
	return value_number_text(a, text, '.', &number) && str_to_double(number, out);
}

/* --- calendars ------------------------------------------------------------------------- */

enum err_code value_times_open(struct value_times *t, struct err *err)
{
	if (t->zone.len) TRY(zone_open(t->zone, &t->opened, err));
	if (!t->persian) return OK;
	UErrorCode ec = U_ZERO_ERROR;
	static const UChar utc[] = { 'U', 'T', 'C', 0 };
	t->calendar = ucal_open(utc, -1, "fa_IR@calendar=persian", UCAL_DEFAULT, &ec);
	if (U_FAILURE(ec)) return err_no_memory(err);
	ucal_setAttribute(t->calendar, UCAL_LENIENT, 0);
	return OK;
}

void value_times_close(struct value_times *t)
{
	zone_close(t->opened);
	if (t->calendar) ucal_close(t->calendar);
	t->opened = NULL;
	t->calendar = NULL;
}

bool value_serial(double serial, bool from_1904, int64_t *out_ms)
{
	if (!(serial >= 0) || serial > 2958466) return false;
	/* 1900: day 1 is 1900-01-01, and 29 February 1900 is counted though it never was. */
	double days = from_1904 ? serial - 24107 : serial < 60 ? serial - 25568 : serial - 25569;
	*out_ms = (int64_t)llround(days * (double)WHEN_DAY_MS);
	return true;
}

struct clock {
	struct civil c;
	bool has_offset, pm, has_pm, has_ms;
	bool has_hour, to_day_end; /* to_day_end: a day without a time of day means its last millisecond */
	int64_t offset_ms, ms;
};

static int64_t to_utc(struct value_times *t, int64_t wall)
{
	if (!t->opened) return wall;
	int64_t day = (wall - (wall < 0 ? WHEN_DAY_MS - 1 : 0)) / WHEN_DAY_MS;
	struct value_day *d = &t->days[(uint64_t)day % COUNT_OF(t->days)];
	if (d->day_1 != day + 1) {
		int64_t from = zone_to_utc(t->opened, day * WHEN_DAY_MS),
		        to = zone_to_utc(t->opened, (day + 1) * WHEN_DAY_MS - 1);
		if (to - from != WHEN_DAY_MS - 1)
			return zone_to_utc(t->opened, wall); /* the clocks change on that day */
		*d = (struct value_day){ .day_1 = day + 1, .offset_ms = day * WHEN_DAY_MS - from };
	}
	return wall - d->offset_ms;
}

/* Wall clock or instant to instant. Years from 1700 on are Gregorian also under the Persian calendar (spreadsheets' own
 * dates). */
static bool resolve(struct value_times *t, struct clock *k, int64_t *out)
{
	if (k->has_ms) return *out = k->ms, true;
	struct civil *c = &k->c;
	if (k->has_pm) {
		if (c->hour < 1 || c->hour > 12) return false;
		c->hour = c->hour % 12 + (k->pm ? 12 : 0);
	}
	int64_t wall;
	if (t->persian && c->year < 1700) {
		struct civil rest = *c;
		rest.year = 2000, rest.month = rest.day = 1;
		if (!civil_valid(&rest) || c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31 || c->year < 1)
			return false;
		UErrorCode ec = U_ZERO_ERROR;
		ucal_clear(t->calendar);
		ucal_setDate(t->calendar, c->year, c->month - 1, c->day, &ec);
		double day = ucal_getMillis(t->calendar, &ec);
		if (U_FAILURE(ec)) return false;
		wall = (int64_t)day + when_from_civil(&rest) - when_days(2000, 1, 1) * WHEN_DAY_MS;
	} else {
		if (!civil_valid(c)) return false;
		wall = when_from_civil(c);
	}
	if (k->to_day_end && !k->has_hour) wall += WHEN_DAY_MS - 1;
	if (k->has_offset) *out = wall - k->offset_ms;
	else *out = to_utc(t, wall);
	return true;
}

/* --- patterns ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int month;
} months[] = {
	/* Longer names first where one begins with another. */
	{ "january", 1 },   { "february", 2 }, { "march", 3 },     { "april", 4 },    { "june", 6 },
	{ "july", 7 },      { "august", 8 },   { "september", 9 }, { "october", 10 }, { "november", 11 },
	{ "december", 12 }, { "sept", 9 },     { "jan", 1 },       { "feb", 2 },      { "mar", 3 },
	{ "apr", 4 },       { "may", 5 },      { "jun", 6 },       { "jul", 7 },      { "aug", 8 },
	{ "sep", 9 },       { "oct", 10 },     { "nov", 11 },      { "dec", 12 },     { "يناير", 1 },
	{ "فبراير", 2 },    { "مارس", 3 },     { "أبريل", 4 },     { "إبريل", 4 },    { "ابريل", 4 },
	{ "مايو", 5 },      { "يونيو", 6 },    { "يوليو", 7 },     { "أغسطس", 8 },    { "اغسطس", 8 },
	{ "سبتمبر", 9 },    { "أكتوبر", 10 },  { "اكتوبر", 10 },   { "نوفمبر", 11 },  { "ديسمبر", 12 },
	{ "فروردین", 1 },   { "اردیبهشت", 2 }, { "خرداد", 3 },     { "تیر", 4 },      { "مرداد", 5 },
	{ "شهریور", 6 },    { "مهر", 7 },      { "آبان", 8 },      { "آذر", 9 },      { "دی", 10 },
	{ "بهمن", 11 },     { "اسفند", 12 },
};

static const struct {
	const char *text;
	bool pm;
} halves[] = { { "am", false }, { "a.m.", false }, { "pm", true },  { "p.m.", true }, { "ص", false },
	       { "م", true },   { "ق.ظ", false },  { "ب.ظ", true }, { "ق ظ", false }, { "ب ظ", true } };

struct text {
	struct str s;
	size_t i;
};

static bool begins(const struct text *t, const char *z, size_t *len)
{
	*len = strlen(z);
	return t->s.len - t->i >= *len &&
	       str_eq_ascii_nocase(str_cut(t->s, t->i, t->i + *len), (struct str){ z, *len });
}

static bool number(struct text *t, size_t width, int low, int high, int *out)
{
	int v = 0;
	size_t from = t->i;
	while (t->i < t->s.len && t->i - from < width && digit(t->s.ptr[t->i])) v = v * 10 + (t->s.ptr[t->i++] - '0');
	*out = v;
	return t->i > from && v >= low && v <= high;
}

static bool milli(struct text *t, int *out)
{
	int scale = 100, v = 0;
	size_t from = t->i;
	for (; t->i < t->s.len && digit(t->s.ptr[t->i]); t->i++, scale /= 10) v += (t->s.ptr[t->i] - '0') * scale;
	*out = v;
	return t->i > from;
}

static bool offset(struct text *t, struct clock *k)
{
	static const char *const zero[] = { "utc", "gmt", "z" };
	size_t len;
	int h, m = 0;
	k->has_offset = true;
	for (size_t i = 0; i < COUNT_OF(zero); i++)
		if (begins(t, zero[i], &len)) return t->i += len, k->offset_ms = 0, true;
	if (t->i >= t->s.len || (t->s.ptr[t->i] != '+' && t->s.ptr[t->i] != '-')) return false;
	bool west = t->s.ptr[t->i++] == '-';
	if (!number(t, 2, 0, 18, &h)) return false;
	if (t->i < t->s.len && t->s.ptr[t->i] == ':') t->i++;
	if (t->i < t->s.len && digit(t->s.ptr[t->i]) && !number(t, 2, 0, 59, &m)) return false;
	k->offset_ms = (h * WHEN_HOUR_MS + m * WHEN_MINUTE_MS) * (west ? -1 : 1);
	return true;
}

static bool epoch(struct text *t, struct clock *k, double unit_ms)
{
	double v;
	struct str rest = str_cut(t->s, t->i, t->s.len);
	t->i = t->s.len;
	if (!str_to_double(rest, &v) || fabs(v * unit_ms) > (double)WIRE_MS_MAX) return false;
	k->has_ms = true;
	k->ms = (int64_t)floor(v * unit_ms);
	return true;
}

static bool month_name(struct text *t, int *out)
{
	size_t len;
	for (size_t i = 0; i < COUNT_OF(months); i++)
		if (begins(t, months[i].name, &len)) return t->i += len, *out = months[i].month, true;
	return false;
}

static bool half(struct text *t, struct clock *k)
{
	size_t len;
	for (size_t i = 0; i < COUNT_OF(halves); i++)
		if (begins(t, halves[i].text, &len)) return t->i += len, k->has_pm = true, k->pm = halves[i].pm, true;
	return false;
}

static bool weekday(struct text *t)
{
	size_t from = t->i;
	while (t->i < t->s.len && !strchr(" ,.\t0123456789", t->s.ptr[t->i])) t->i++;
	return t->i > from;
}

static bool directive(char d, struct text *t, struct clock *k)
{
	struct civil *c = &k->c;
	if (d == 'H' || d == 'I') k->has_hour = true;
	switch (d) {
	case 'Y': return number(t, 4, 1, 9999, &c->year);
	case 'y':
		if (!number(t, 2, 0, 99, &c->year)) return false;
		c->year += c->year < 69 ? 2000 : 1900; /* as POSIX has it */
		return true;
	case 'm': return number(t, 2, 1, 12, &c->month);
	case 'd':
	case 'e': return number(t, 2, 1, 31, &c->day);
	case 'H': return number(t, 2, 0, 23, &c->hour);
	case 'I': return number(t, 2, 1, 12, &c->hour);
	case 'M': return number(t, 2, 0, 59, &c->minute);
	case 'S': return number(t, 2, 0, 60, &c->second);
	case 'f': return milli(t, &c->milli);
	case 'b':
	case 'B': return month_name(t, &c->month);
	case 'p': return half(t, k);
	case 'z': return offset(t, k);
	case 's': return epoch(t, k, 1000);
	case 'a':
	case 'A': return weekday(t);
	default: return false;
	}
}

static const char *shorthand(char d)
{
	return d == 'F' ? "%Y-%m-%d" : d == 'T' ? "%H:%M:%S" : d == 'R' ? "%H:%M" : NULL;
}

size_t value_pattern_check(struct str p)
{
	for (size_t i = 0; i < p.len; i++) {
		if (p.ptr[i] != '%') continue;
		if (i + 1 == p.len || !memchr("YymdeHIMSfbBpzsaAFTR%", p.ptr[i + 1], 21)) return i;
		i++;
	}
	return p.len;
}

static bool match(struct str p, struct text *t, struct clock *k)
{
	for (size_t i = 0; i < p.len; i++) {
		char c = p.ptr[i];
		if (c == ' ') {
			while (t->i < t->s.len && t->s.ptr[t->i] == ' ') t->i++;
			continue;
		}
		if (c == '%' && i + 1 < p.len && p.ptr[i + 1] != '%') {
			const char *more = shorthand(p.ptr[++i]);
			if (more ? !match(str_of(more), t, k) : !directive(p.ptr[i], t, k)) return false;
			continue;
		}
		if (c == '%') i++;
		if (t->i >= t->s.len || t->s.ptr[t->i] != c) return false;
		t->i++;
	}
	return true;
}

/* ISO with '-' or '/', one or two digits, whatever the calendar. */
static bool loose_iso(struct text *t, struct clock *k)
{
	struct civil *c = &k->c;
	if (!number(t, 4, 1, 9999, &c->year) || t->i != 4 || t->i >= t->s.len) return false;
	char mark = t->s.ptr[t->i++];
	if ((mark != '-' && mark != '/') || !number(t, 2, 1, 12, &c->month)) return false;
	if (t->i >= t->s.len || t->s.ptr[t->i++] != mark || !number(t, 2, 1, 31, &c->day)) return false;
	if (t->i == t->s.len) return true;
	if (!strchr(" Tt", t->s.ptr[t->i++])) return false;
	k->has_hour = true;
	while (t->i < t->s.len && t->s.ptr[t->i] == ' ') t->i++;
	if (!number(t, 2, 0, 23, &c->hour) || t->i >= t->s.len || t->s.ptr[t->i++] != ':' ||
	    !number(t, 2, 0, 59, &c->minute))
		return false;
	if (t->i < t->s.len && t->s.ptr[t->i] == ':') {
		t->i++;
		if (!number(t, 2, 0, 60, &c->second)) return false;
		if (t->i < t->s.len && (t->s.ptr[t->i] == '.' || t->s.ptr[t->i] == ',')) {
			t->i++;
			if (!milli(t, &c->milli)) return false;
		}
	}
	while (t->i < t->s.len && t->s.ptr[t->i] == ' ') t->i++;
	return t->i == t->s.len || offset(t, k);
}

static bool one_format(struct value_times *t, struct str format, struct str s, bool to_day_end, int64_t *out)
{
	struct text text = { s, 0 };
	struct clock k = { .c = { .year = 1970, .month = 1, .day = 1 }, .to_day_end = to_day_end };
	bool given;
	double v;
	if (str_eq(format, STR("iso"))) {
		if (!t->persian && when_parse_iso(s, out, &given)) {
			if (to_day_end && s.len == strlen("2026-01-31")) *out += WHEN_DAY_MS - 1;
			if (!given) *out = to_utc(t, *out);
			return true;
		}
		return loose_iso(&text, &k) && text.i == s.len && resolve(t, &k, out);
	}
	if (str_eq(format, STR("epoch_s"))) return epoch(&text, &k, 1000) && resolve(t, &k, out);
	if (str_eq(format, STR("epoch_ms"))) return epoch(&text, &k, 1) && resolve(t, &k, out);
	if (str_eq(format, STR("excel"))) {
		if (!str_to_double(s, &v) || !value_serial(v, false, out)) return false;
		if (to_day_end && v == floor(v)) *out += WHEN_DAY_MS - 1;
		*out = to_utc(t, *out);
		return true;
	}
	if (t->persian) k.c.year = 1;
	return match(format, &text, &k) && text.i == s.len && resolve(t, &k, out);
}

static bool first_that_fits(struct value_times *t, struct str s, bool to_day_end, int64_t *out_ms)
{
	s = str_trim(s);
	if (t->n_formats == 0) return one_format(t, STR("iso"), s, to_day_end, out_ms);
	for (size_t i = 0; i < t->n_formats; i++)
		if (one_format(t, t->formats[i], s, to_day_end, out_ms)) return true;
	return false;
}

bool value_time(struct value_times *t, struct str s, int64_t *out_ms)
{
	return first_that_fits(t, s, false, out_ms);
}

bool value_deadline(struct value_times *t, struct str s, int64_t *out_ms)
{
	return first_that_fits(t, s, true, out_ms);
}
