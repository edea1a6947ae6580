#include "base/country.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>

#include "base/country_table.h"

#define MINUTES_MAX 1440
#define AFTER_DAYS_MAX 1000

/* --- finding a country ------------------------------------------------------------------- */

const struct country *country_of(struct str iso2)
{
	for (size_t i = 0; i < country_count; i++)
		if (str_eq_ascii_nocase(iso2, str_of(country_table[i].code))) return &country_table[i];
	return NULL;
}

static bool has_zone(const struct country *c, struct str zone)
{
	UErrorCode ec = U_ZERO_ERROR;
	UEnumeration *all = ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_ANY, c->code, NULL, &ec);
	bool has = false;
	int32_t len;
	for (const char *id; U_SUCCESS(ec) && !has && (id = uenum_next(all, &len, &ec));)
		has = str_eq((struct str){ id, (size_t)len }, zone);
	uenum_close(all);
	return has;
}

const struct country *country_of_zone(struct str zone)
{
	for (size_t i = 0; i < country_count; i++)
		if (str_eq(zone, str_of(country_table[i].zone))) return &country_table[i];
	for (size_t i = 0; i < country_count; i++)
		if (has_zone(&country_table[i], zone)) return &country_table[i];
	return NULL;
}

int country_week_start(const struct country *c)
{
	char locale[ULOC_FULLNAME_CAPACITY];
	UErrorCode ec = U_ZERO_ERROR;
	if (!c) return 0;
	snprintf(locale, sizeof locale, "und_%s", c->code);
	UCalendar *cal = ucal_open(NULL, 0, locale, UCAL_GREGORIAN, &ec);
	const int32_t first = U_SUCCESS(ec) ? ucal_getAttribute(cal, UCAL_FIRST_DAY_OF_WEEK) : UCAL_MONDAY;
	ucal_close(cal);
	return (first - UCAL_MONDAY + 7) % 7;
}

const struct country *country_at(size_t i)
{
	return i < country_count ? &country_table[i] : NULL;
}

const struct country *country_of_phone(struct str e164)
{
	if (e164.len < 2 || e164.ptr[0] != '+') return NULL;
	const struct str digits = str_cut(e164, 1, e164.len);
	for (size_t i = 0; i < country_count; i++)
		if (str_starts(digits, str_of(country_table[i].prefix))) return &country_table[i];
	return NULL; /* no prefix begins another one, so the first that fits is the only one */
}

/* --- what each thread keeps ---------------------------------------------------------------- */

struct date {
	int month, day;
	bool last; /* of its month */
};

struct kept {
	char zone_name[64];
	struct zone *zone;
	UCalendar *persian, *hijri;
	int64_t day; /* the newest one converted */
	bool converted;
	struct date persian_date, hijri_date;
};

static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void kept_free(void *p)
{
	struct kept *k = p;
	zone_close(k->zone);
	if (k->persian) ucal_close(k->persian);
	if (k->hijri) ucal_close(k->hijri);
	free(k);
}

static void kept_key_make(void)
{
	pthread_key_create(&kept_key, kept_free);
}

/* NULL when memory is short: then UTC, and no holidays but Gregorian ones. */
static struct kept *kept_get(void)
{
	pthread_once(&kept_once, kept_key_make);
	struct kept *k = pthread_getspecific(kept_key);
	if (k) return k;
	k = calloc(1, sizeof *k);
	if (k && pthread_setspecific(kept_key, k) != 0) {
		free(k);
		return NULL;
	}
	return k;
}

/* The zone by name, else the country's own, else NULL, which is UTC. */
static struct zone *zone_get(const struct country *c, struct str name)
{
	struct kept *k = kept_get();
	if (!k) return NULL;
	const struct str own = c ? str_of(c->zone) : STR("UTC");
	if (name.len == 0 || name.len >= sizeof k->zone_name) name = own;
	if (k->zone && str_eq(name, str_of(k->zone_name))) return k->zone;
	struct zone *fresh = NULL;
	if (zone_open(name, &fresh, NULL) != OK) {
		if (k->zone && str_eq(own, str_of(k->zone_name))) return k->zone;
		name = own;
		if (zone_open(name, &fresh, NULL) != OK) return NULL;
	}
	zone_close(k->zone);
	k->zone = fresh;
	snprintf(k->zone_name, sizeof k->zone_name, STR_FMT, STR_ARG(name));
	return fresh;
}

static int64_t local_day(struct zone *z, int64_t at_ms)
{
	const int64_t wall = at_ms + (z ? zone_offset_ms(z, at_ms) : 0);
	return wall / WHEN_DAY_MS - (wall % WHEN_DAY_MS < 0);
}

static int64_t instant(struct zone *z, int64_t day, int minute)
{
	const int64_t wall = day * WHEN_DAY_MS + minute * WHEN_MINUTE_MS;
	return z ? zone_to_utc(z, wall) : wall;
}

/* --- holidays -------------------------------------------------------------------------------- */

static struct date date_of(UCalendar *cal, int64_t day)
{
	UErrorCode ec = U_ZERO_ERROR;
	ucal_setMillis(cal, (UDate)(day * WHEN_DAY_MS + 12 * WHEN_HOUR_MS), &ec);
	struct date d = { .month = ucal_get(cal, UCAL_MONTH, &ec) + 1, .day = ucal_get(cal, UCAL_DATE, &ec) };
	d.last = d.day == ucal_getLimit(cal, UCAL_DATE, UCAL_ACTUAL_MAXIMUM, &ec);
	return U_SUCCESS(ec) ? d : (struct date){ 0 };
}

/* A day's Persian and Umm al-Qura dates; the newest are kept, as all holidays of a country are tried on one day. */
static const struct kept *convert(int64_t day)
{
	static const UChar gmt[] = u"GMT";
	struct kept *k = kept_get();
	if (!k || (k->converted && k->day == day)) return k;
	UErrorCode ec = U_ZERO_ERROR;
	if (!k->persian) k->persian = ucal_open(gmt, 3, "en@calendar=persian", UCAL_DEFAULT, &ec);
	if (!k->hijri) k->hijri = ucal_open(gmt, 3, "en@calendar=islamic-umalqura", UCAL_DEFAULT, &ec);
	if (U_FAILURE(ec)) return NULL;
	k->persian_date = date_of(k->persian, day);
	k->hijri_date = date_of(k->hijri, day);
	k->day = day;
	k->converted = true;
	return k;
}

static bool covers(const struct country_holiday *h, const struct date *d)
{
	if (d->month != h->month) return false;
	if (h->rule == HOLIDAY_HIJRI && h->day == HOLIDAY_LAST_DAY) return d->last;
	return d->day >= h->day && d->day < h->day + (h->days ? h->days : 1);
}

/* Easter Sunday of the West as a day number: the algorithm printed without an author in Nature 13 (1876), 487. */
static int64_t easter(int year)
{
	const int a = year % 19, b = year / 100, c = year % 100;
	const int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
	const int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
	const int l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
	const int n = h + l - 7 * m + 114;
	return when_days(year, n / 31, n % 31 + 1);
}

/* Of the East: Julian computus (Meeus, Astronomical Algorithms, chapter 8), 13 days later in 1900 to 2099. */
static int64_t orthodox_easter(int year)
{
	const int a = year % 4, b = year % 7, c = year % 19;
	const int d = (19 * c + 15) % 30, e = (2 * a + 4 * b - d + 34) % 7, n = d + e + 114;
	return when_days(year, n / 31, n % 31 + 1) + 13;
}

/* The nth weekday of a month; nth -1 is the last. */
static int64_t nth_weekday(int year, const struct country_holiday *h)
{
	const int64_t first = when_days(year, h->month, 1);
	if (h->nth > 0) return first + (h->weekday - when_weekday(first) + 7) % 7 + (h->nth - 1) * 7;
	const int64_t last = (h->month == 12 ? when_days(year + 1, 1, 1) : when_days(year, h->month + 1, 1)) - 1;
	return last - (when_weekday(last) - h->weekday + 7) % 7;
}

static bool off_week(const struct country *c, int64_t day)
{
	return c->week[when_weekday(day)] == COUNTRY_OFF;
}

/* Whether another holiday stands on a day by its own date. */
static bool taken(const struct country *c, int64_t day)
{
	struct civil at;
	when_to_civil(day * WHEN_DAY_MS, &at);
	for (size_t i = 0; i < c->n_holidays; i++)
		if (c->holidays[i].rule == HOLIDAY_GREGORIAN && c->holidays[i].month == at.month &&
		    c->holidays[i].day == at.day)
			return true;
	return false;
}

/*
 * The day to which a holiday moves that falls on a weekend, or the day itself. Two holidays of one weekend (Christmas
 * on a Saturday, Boxing Day on the Sunday) take two working days: the second one goes a day further.
 */
static int64_t moved(const struct country *c, const struct country_holiday *h, int year)
{
	int64_t day = when_days(year, h->month, h->day);
	if (!off_week(c, day)) return day;
	if (h->moves == HOLIDAY_NEAREST_WORKDAY) return when_weekday(day) == 5 ? day - 1 : day + 1;
	const bool second = off_week(c, day - 1) && taken(c, day - 1);
	while (off_week(c, day) || taken(c, day)) day++;
	return second ? day + 1 : day;
}

static bool gregorian_falls(const struct country *c, const struct country_holiday *h, int64_t day,
                            const struct civil *at)
{
	if (covers(h, &(struct date){ at->month, at->day, false })) return true;
	if (h->moves == HOLIDAY_STAYS) return false;
	/* New Year on a Saturday is kept on the last day of the year before. */
	return moved(c, h, at->year) == day || moved(c, h, at->year + 1) == day;
}

static bool falls(const struct country *c, const struct country_holiday *h, int64_t day, const struct civil *at)
{
	const struct kept *k;
	switch (h->rule) {
	case HOLIDAY_GREGORIAN: return gregorian_falls(c, h, day, at);
	case HOLIDAY_PERSIAN: return (k = convert(day)) && covers(h, &k->persian_date);
	case HOLIDAY_HIJRI: return (k = convert(day)) && covers(h, &k->hijri_date);
	case HOLIDAY_EASTER: return easter(at->year) + h->day == day;
	case HOLIDAY_ORTHODOX: return orthodox_easter(at->year) + h->day == day;
	case HOLIDAY_NTH: return nth_weekday(at->year, h) == day;
	}
	return false;
}

/* The holiday of a local day, a whole one before a half one; NULL for none. */
static const struct country_holiday *holiday_of(const struct country *c, int64_t day)
{
	const struct country_holiday *found = NULL;
	struct civil at;
	when_to_civil(day * WHEN_DAY_MS, &at);
	for (size_t i = 0; i < c->n_holidays; i++) {
		const struct country_holiday *h = &c->holidays[i];
		if ((!found || (found->half && !h->half)) && falls(c, h, day, &at)) found = h;
	}
	return found;
}

bool country_weekend(const struct country *c, int64_t at_ms, struct str zone)
{
	return c && off_week(c, local_day(zone_get(c, zone), at_ms));
}

bool country_holiday(const struct country *c, int64_t at_ms, struct str zone, const char **name_key)
{
	if (!c) return false;
	const struct country_holiday *h = holiday_of(c, local_day(zone_get(c, zone), at_ms));
	if (!h || h->half) return false;
	if (name_key) *name_key = h->name_key;
	return true;
}

/* --- hours ------------------------------------------------------------------------------------ */

struct hours country_hours(const struct country *c, int from, int to)
{
	struct hours h = { 0 };
	for (int i = 0; i < 7; i++) {
		const enum country_day kind = c ? c->week[i] : COUNTRY_WORK;
		if (kind == COUNTRY_OFF) continue;
		h.day[i].from = from;
		h.day[i].to = kind == COUNTRY_HALF && c->half_until < to ? c->half_until : to;
	}
	return h;
}

struct span {
	int64_t from, to;
};

/* The open part of a local day as instants; empty (from >= to) when closed. */
static struct span open_span(const struct country *c, struct zone *z, const struct hours *h, int64_t day)
{
	const int w = when_weekday(day);
	int from = h->day[w].from, to = h->day[w].to < MINUTES_MAX ? h->day[w].to : MINUTES_MAX;
	if (from < 0) from = 0;
	if (from >= to) return (struct span){ 0, 0 };
	const struct country_holiday *holiday = c && !h->holidays ? holiday_of(c, day) : NULL;
	if (holiday && !holiday->half) return (struct span){ 0, 0 };
	if (holiday && c->half_until < to) to = c->half_until;
	if (from >= to) return (struct span){ 0, 0 };
	return (struct span){ instant(z, day, from), instant(z, day, to) };
}

bool country_open(const struct country *c, struct str zone, const struct hours *h, int64_t at_ms)
{
	struct zone *z = zone_get(c, zone);
	const struct span s = open_span(c, z, h, local_day(z, at_ms));
	return at_ms >= s.from && at_ms < s.to;
}

int64_t country_next_open(const struct country *c, struct str zone, const struct hours *h, int64_t at_ms)
{
	struct zone *z = zone_get(c, zone);
	const int64_t today = local_day(z, at_ms);
	for (int64_t day = today; day <= today + COUNTRY_SEARCH_DAYS; day++) {
		const struct span s = open_span(c, z, h, day);
		if (s.from < s.to && at_ms < s.to) return at_ms > s.from ? at_ms : s.from;
	}
	return INT64_MAX;
}

int64_t country_after(const struct country *c, struct str zone, const struct hours *h, int64_t at_ms, int64_t open_ms)
{
	struct zone *z = zone_get(c, zone);
	const int64_t today = local_day(z, at_ms);
	for (int64_t day = today; day <= today + AFTER_DAYS_MAX; day++) {
		const struct span s = open_span(c, z, h, day);
		const int64_t from = s.from > at_ms ? s.from : at_ms;
		if (s.from >= s.to || from >= s.to) continue;
		if (open_ms <= s.to - from) return from + (open_ms > 0 ? open_ms : 0);
		open_ms -= s.to - from;
	}
	return INT64_MAX;
}

/* --- phones ----------------------------------------------------------------------------------- */

/* The digits of a number in any of the three scripts; false on anything that phones do not have. `plus` when the
 * number begins with one; `zero` where in out[] a "(0)" stands, or -1. */
static bool phone_digits(struct str s, char *out, size_t max, size_t *n, bool *plus, int *zero)
{
	*n = 0;
	*plus = false;
	*zero = -1;
	for (size_t i = 0; i < s.len;) {
		const size_t at = i;
		const uint32_t cp = utf8_next(s, &i);
		int digit = -1;
		if (cp >= '0' && cp <= '9') digit = (int)(cp - '0');
		if (cp >= 0x660 && cp <= 0x669) digit = (int)(cp - 0x660);
		if (cp >= 0x6F0 && cp <= 0x6F9) digit = (int)(cp - 0x6F0);
		if (digit >= 0) {
			if (*n == max) return false;
			if (digit == 0 && at > 0 && s.ptr[at - 1] == '(' && i < s.len && s.ptr[i] == ')')
				*zero = (int)*n;
			out[(*n)++] = (char)('0' + digit);
			continue;
		}
		if (cp == '+' && *n == 0 && !*plus) {
			*plus = true;
			continue;
		}
		/* Spaces, also no-break ones, hyphens, and the marks that set a number's direction. */
		const bool skipped = cp == ' ' || cp == '(' || cp == ')' || cp == '-' || cp == '.' || cp == '/' ||
		                     cp == 0xA0 || (cp >= 0x2010 && cp <= 0x2013) || (cp >= 0x200E && cp <= 0x200F) ||
		                     (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
		if (!skipped) return false;
	}
	return *n > 0;
}

bool country_phone(const struct country *c, struct str text, char out[COUNTRY_PHONE_BYTES])
{
	char d[24];
	size_t n;
	bool plus;
	int zero;
	if (utf8_valid(text.ptr, text.len) != text.len || !phone_digits(text, d, sizeof d, &n, &plus, &zero))
		return false;
	struct str digits = { d, n };
	if (!plus && str_starts(digits, STR("00"))) {
		plus = true;
		digits = str_cut(digits, 2, n);
		zero -= 2;
	}
	if (plus) {
		char with[2 + sizeof d];
		snprintf(with, sizeof with, "+" STR_FMT, STR_ARG(digits));
		c = country_of_phone(str_of(with));
		const size_t prefix = c ? strlen(c->prefix) : 0;
		if (c && c->trunk[0] == '0' && zero == (int)prefix) {
			memmove(d + (digits.ptr - d) + prefix, digits.ptr + prefix + 1, digits.len - prefix - 1);
			digits.len--;
		}
		if (c && (digits.len - prefix < c->phone_min || digits.len - prefix > c->phone_max)) return false;
	} else {
		if (!c) return false;
		const struct str trunk = str_of(c->trunk);
		if (trunk.len && str_starts(digits, trunk) && digits.len > c->phone_min)
			digits = str_cut(digits, trunk.len, digits.len);
		/* Some write the prefix without the plus. */
		const struct str prefix = str_of(c->prefix);
		if (digits.len > c->phone_max && str_starts(digits, prefix))
			digits = str_cut(digits, prefix.len, digits.len);
		if (digits.len < c->phone_min || digits.len > c->phone_max) return false;
	}
	/* E.164: 15 digits with the prefix; the shortest in use have 7. */
	const size_t total = digits.len + (plus ? 0 : strlen(c->prefix));
	if (total < 7 || total > 15) return false;
	snprintf(out, COUNTRY_PHONE_BYTES, "+%s" STR_FMT, plus ? "" : c->prefix, STR_ARG(digits));
	return true;
}
