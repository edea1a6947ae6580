#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

/* Days from civil, Howard Hinnant's algorithm (chrono-compatible low-level date algorithms). */
int64_t when_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

bool civil_valid(const struct civil *c)
{
	return c->year >= 0 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= month_days(c->year, c->month) && c->hour >= 0 && c->hour < 24 && c->minute >= 0 &&
	       c->minute < 60 && c->second >= 0 && c->second <= 60 && c->milli >= 0 && c->milli < 1000;
}

int64_t when_from_civil(const struct civil *c)
{
	return when_days(c->year, c->month, c->day) * WHEN_DAY_MS + c->hour * WHEN_HOUR_MS +
	       c->minute * WHEN_MINUTE_MS + c->second * WHEN_SECOND_MS + c->milli;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void when_to_civil(int64_t at_ms, struct civil *out)
{
	int64_t day = floor_div(at_ms, WHEN_DAY_MS), ms = at_ms - day * WHEN_DAY_MS;
	int64_t z = day + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*out = (struct civil){
		.year = (int)(yoe + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.hour = (int)(ms / WHEN_HOUR_MS),
		.minute = (int)(ms / WHEN_MINUTE_MS % 60),
		.second = (int)(ms / WHEN_SECOND_MS % 60),
		.milli = (int)(ms % 1000),
	};
}

int when_weekday(int64_t day)
{
	int64_t w = (day + 3) % 7; /* 1970-01-01 was a Thursday */
	return (int)(w < 0 ? w + 7 : w);
}

static bool digits(struct str s, size_t *i, size_t n, int *out)
{
	if (s.len - *i < n) return false;
	int v = 0;
	for (size_t k = 0; k < n; k++) {
		char c = s.ptr[*i + k];
		if (c < '0' || c > '9') return false;
		v = v * 10 + (c - '0');
	}
	*i += n;
	*out = v;
	return true;
}

static bool take(struct str s, size_t *i, char c)
{
	if (*i >= s.len || s.ptr[*i] != c) return false;
	++*i;
	return true;
}

static void fraction(struct str s, size_t *i, int *milli)
{
	int scale = 100;
	*milli = 0;
	while (*i < s.len && s.ptr[*i] >= '0' && s.ptr[*i] <= '9') {
		*milli += (s.ptr[*i] - '0') * scale;
		scale /= 10;
		++*i;
	}
}

static bool offset(struct str s, size_t *i, int64_t *ms)
{
	bool neg = take(s, i, '-');
	if (!neg && !take(s, i, '+')) return false;
	int h, m = 0;
	if (!digits(s, i, 2, &h)) return false;
	if (*i < s.len) {
		take(s, i, ':');
		if (!digits(s, i, 2, &m)) return false;
	}
	if (h > 18 || m > 59) return false;
	*ms = (h * WHEN_HOUR_MS + m * WHEN_MINUTE_MS) * (neg ? -1 : 1);
	return true;
}

bool when_parse_iso(struct str s, int64_t *at_ms, bool *offset_given)
{
	struct civil c = { 0 };
	size_t i = 0;
	int64_t off = 0;
	bool given = false;
	if (!digits(s, &i, 4, &c.year) || !take(s, &i, '-') || !digits(s, &i, 2, &c.month) || !take(s, &i, '-') ||
	    !digits(s, &i, 2, &c.day))
		return false;
	if (i < s.len) {
		if (!take(s, &i, 'T') && !take(s, &i, 't') && !take(s, &i, ' ')) return false;
		if (!digits(s, &i, 2, &c.hour) || !take(s, &i, ':') || !digits(s, &i, 2, &c.minute)) return false;
		if (take(s, &i, ':')) {
			if (!digits(s, &i, 2, &c.second)) return false;
			if (take(s, &i, '.') || take(s, &i, ',')) {
				if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9') return false;
				fraction(s, &i, &c.milli);
			}
		}
		if (i < s.len) {
			given = true;
			if (!take(s, &i, 'Z') && !take(s, &i, 'z') && !offset(s, &i, &off)) return false;
		}
	}
	if (i != s.len || !civil_valid(&c)) return false;
	*at_ms = when_from_civil(&c) - off;
	if (offset_given) *offset_given = given;
	return true;
}

struct str when_format_iso(int64_t at_ms, char out[WHEN_TEXT_BYTES])
{
	struct civil c;
	when_to_civil(at_ms, &c);
	/* The masks only tell the compiler how wide the fields can get. */
	int n = snprintf(out, WHEN_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned)c.year % 10000u,
	                 (unsigned)c.month % 100u, (unsigned)c.day % 100u, (unsigned)c.hour % 100u,
	                 (unsigned)c.minute % 100u, (unsigned)c.second % 100u, (unsigned)c.milli % 1000u);
	return (struct str){ out, (size_t)n };
}

bool when_parse_duration(struct str s, int64_t *out_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { "w", 604800000 },
	};
	size_t i = 0;
	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9') i++;
	int64_t n;
	if (!str_to_i64(str_cut(s, 0, i), &n) || n <= 0) return false;
	for (size_t u = 0; u < COUNT_OF(units); u++)
		if (str_eq(str_cut(s, i, s.len), str_of(units[u].unit)))
			return !__builtin_mul_overflow(n, units[u].ms, out_ms);
	return false;
}

/* Offsets rarely change: the last answer is kept with the UTC hours it is known to hold for. */
struct zone {
	UCalendar *cal;
	int64_t from_ms, to_ms, offset_ms;
};

enum err_code zone_open(struct str name, struct zone **out, struct err *err)
{
	UChar id[64];
	UErrorCode ec = U_ZERO_ERROR;
	int32_t n = 0;
	UBool known = false;
	if (name.len > 0 && name.len < COUNT_OF(id)) {
		u_strFromUTF8(id, (int32_t)COUNT_OF(id), &n, name.ptr, (int32_t)name.len, &ec);
		UChar canonical[64];
		if (U_SUCCESS(ec))
			ucal_getCanonicalTimeZoneID(id, n, canonical, (int32_t)COUNT_OF(canonical), &known, &ec);
	}
	if (name.len == 0 || U_FAILURE(ec) || !known) {
		err_set(err, ERR_INPUT, "time.zone", "zone", "'" STR_FMT "' is not a known time zone",
		        STR_ARG(str_cut(name, 0, 40)));
		err_hint(err, "Use a name of the IANA list, such as Asia/Riyadh, Asia/Tehran or UTC.");
		return ERR_INPUT;
	}
	struct zone *z = calloc(1, sizeof *z);
	if (!z) return err_no_memory(err);
	z->cal = ucal_open(id, n, "en", UCAL_GREGORIAN, &ec);
	if (U_FAILURE(ec)) {
		free(z);
		return err_no_memory(err);
	}
	*out = z;
	return OK;
}

void zone_close(struct zone *z)
{
	if (!z) return;
	ucal_close(z->cal);
	free(z);
}

static int64_t offset_at(struct zone *z, int64_t at_ms)
{
	UErrorCode ec = U_ZERO_ERROR;
	ucal_setMillis(z->cal, (UDate)at_ms, &ec);
	int32_t raw = ucal_get(z->cal, UCAL_ZONE_OFFSET, &ec), dst = ucal_get(z->cal, UCAL_DST_OFFSET, &ec);
	return U_SUCCESS(ec) ? (int64_t)raw + dst : 0;
}

int64_t zone_offset_ms(struct zone *z, int64_t at_ms)
{
	if (at_ms >= z->from_ms && at_ms < z->to_ms) return z->offset_ms;
	int64_t off = offset_at(z, at_ms);
	/* A day with the same offset at both ends has it throughout: no zone changes twice a day. */
	int64_t from = floor_div(at_ms, WHEN_DAY_MS) * WHEN_DAY_MS, to = from + WHEN_DAY_MS;
	if (offset_at(z, from) == off && offset_at(z, to) == off) z->from_ms = from, z->to_ms = to, z->offset_ms = off;
	return off;
}

int64_t zone_to_utc(struct zone *z, int64_t wall_ms)
{
	/* Try the offsets in force a day before and after; the earlier instant that maps back wins. */
	int64_t before = zone_offset_ms(z, wall_ms - WHEN_DAY_MS), after = zone_offset_ms(z, wall_ms + WHEN_DAY_MS);
	int64_t a = wall_ms - before, b = wall_ms - after;
	bool a_fits = zone_offset_ms(z, a) == before, b_fits = zone_offset_ms(z, b) == after;
	if (a_fits && b_fits) return a < b ? a : b;
	if (b_fits && !a_fits) return b;
	return a; /* skipped hour: the old offset puts it after the jump */
}

/* Whether a country has a zone of this name. */
static bool country_has(const char *country, struct str zone)
{
	UErrorCode ec = U_ZERO_ERROR;
	UEnumeration *all = ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_ANY, country, NULL, &ec);
	bool has = false;
	int32_t len;
	for (const char *id; U_SUCCESS(ec) && !has && (id = uenum_next(all, &len, &ec));)
		has = str_eq((struct str){ id, (size_t)len }, zone);
	uenum_close(all);
	return has;
}

static int week_start_of(struct str name)
{
	const char *const *countries = uloc_getISOCountries();
	while (*countries && !country_has(*countries, name)) countries++;
	if (!*countries) return 0;
	char locale[ULOC_FULLNAME_CAPACITY];
	snprintf(locale, sizeof locale, "und_%s", *countries);
	UErrorCode ec = U_ZERO_ERROR;
	UCalendar *cal = ucal_open(NULL, 0, locale, UCAL_GREGORIAN, &ec);
	const int32_t first = U_SUCCESS(ec) ? ucal_getAttribute(cal, UCAL_FIRST_DAY_OF_WEEK) : UCAL_MONDAY;
	ucal_close(cal);
	return (first - UCAL_MONDAY + 7) % 7;
}

int zone_week_start(struct str name)
{
	/* Looking through all countries takes a tenth of a second; an organisation has one zone, so one answer is kept.
	 */
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char kept[64];
	static int answer;
	pthread_mutex_lock(&lock);
	if (!str_eq(str_of(kept), name)) {
		answer = week_start_of(name);
		snprintf(kept, sizeof kept, STR_FMT, STR_ARG(name));
	}
	const int first = answer;
	pthread_mutex_unlock(&lock);
	return first;
}
