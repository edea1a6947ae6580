/*
 * The years of the four countries: how busy each day is, which days are
 * closed, and Ramadan. A Hijri date can differ by a day between countries:
 * the Gulf counts by Umm al-Qura, Iran and Egypt are taken one day later
 * here. Iran's own year is by the Persian calendar.
 */
#include "demo/priv.h"

#include <unicode/ucal.h>

static const UChar gmt[] = { 'G', 'M', 'T', 0 };

static UCalendar *calendar(const char *name, struct err *err)
{
	UErrorCode status = U_ZERO_ERROR;
	UCalendar *c = ucal_open(gmt, 3, name, UCAL_DEFAULT, &status);
	if (U_SUCCESS(status)) return c;
	err_set(err, ERR_IO, "demo.calendar", "", "the calendar %s is not there: %s", name, u_errorName(status));
	return NULL;
}

/* 1-based month and day of month of a day. */
static void date_in(UCalendar *c, int64_t day, int *month, int *dom)
{
	UErrorCode status = U_ZERO_ERROR;
	ucal_setMillis(c, (double)(day * WHEN_DAY_MS), &status);
	*month = ucal_get(c, UCAL_MONTH, &status) + 1;
	*dom = ucal_get(c, UCAL_DATE, &status);
}

/* Orthodox Easter (Meeus' Julian algorithm), for Sham el-Nessim on the Monday after. */
static int64_t orthodox_easter(int year)
{
	const int a = year % 4, b = year % 7, c = year % 19;
	const int d = (19 * c + 15) % 30, e = (2 * a + 4 * b - d + 34) % 7;
	const int month = (d + e + 114) / 31, dom = (d + e + 114) % 31 + 1;
	return when_days(year, month, dom) + 13; /* Julian to Gregorian, 1900..2099 */
}

static int64_t last_friday(int year, int month)
{
	const int64_t next = month == 12 ? when_days(year + 1, 1, 1) : when_days(year, month + 1, 1);
	return next - 1 - (when_weekday(next - 1) + 3) % 7; /* Friday is 4 */
}

bool season_egypt_summer(int64_t day)
{
	struct civil c;
	when_to_civil(day * WHEN_DAY_MS, &c);
	return day >= last_friday(c.year, 4) &&
	       day < last_friday(c.year, 10) - 1; /* until the last Thursday of October */
}

static bool white_week(int64_t day, const struct civil *c)
{
	if (c->month != 11 && c->month != 12) return false;
	const int64_t first = last_friday(c->year, 11);
	return day >= first && day < first + 7;
}

/* What a day is like: factors multiply. */
static void day_of(enum country_id country, int64_t day, UCalendar *hijri, UCalendar *persian, struct season_day *out)
{
	struct civil c;
	int month, dom;
	when_to_civil(day * WHEN_DAY_MS, &c);
	date_in(hijri, day - (country == IRAN || country == EGYPT), &month, &dom);
	*out = (struct season_day){ .weight = 1,
		                    .peak = white_week(day, &c) || (month == 9 && dom >= 21),
		                    .ramadan = month == 9 };
	out->queue = (month == 9 && dom >= 23) || (month == 12 && dom >= 3 && dom <= 9);
	const int weekday = when_weekday(day);
	if (country == IRAN ? weekday == 4 : country == EMIRATES ? weekday >= 5 : weekday == 4 || weekday == 5)
		out->weight *= 1.15F;
	const bool gulf = country == EMIRATES || country == SAUDI;

	if (month == 9 && country != IRAN) out->weight *= dom >= 21 ? 1.5F : 0.8F;
	const int eid_days = gulf ? 4 : country == EGYPT ? 3 : 2;
	if ((month == 10 && dom <= eid_days) || (month == 12 && dom >= 10 && dom < 10 + eid_days)) {
		out->weight *= 0.2F;
		out->closed = true;
	}
	if (month == 12 && dom < 9 && country != IRAN) out->weight *= 1.25F;
	if (white_week(day, &c)) out->weight *= country == IRAN ? 1.6F : 2.4F;
	if ((c.month == 8 && c.day >= 20) || (c.month == 9 && c.day <= 20)) out->weight *= 1.25F; /* back to school */
	if (country == SAUDI && c.month == 9 && c.day >= 20 && c.day <= 24)
		out->weight *= 1.6F; /* National Day, the 23rd */
	if (country == SAUDI && c.month == 2 && c.day >= 20 && c.day <= 23)
		out->weight *= 1.3F;                                                 /* Founding Day, the 22nd */
	if (country == EMIRATES && c.month == 12 && c.day <= 3) out->weight *= 1.5F; /* National Day, 2nd and 3rd */
	if (country == EGYPT) {
		if (day == orthodox_easter(c.year) + 1) {
			out->weight *= 0.3F;
			out->closed = true;
		}
		if (c.month == 3 && c.day >= 14 && c.day <= 21) out->weight *= 1.7F; /* Mother's Day, the 21st */
	}
	if (country != IRAN) return;
	int p_month, p_dom;
	date_in(persian, day, &p_month, &p_dom);
	if (p_month == 12 && p_dom >= 23) out->queue = true;
	if (p_month == 12) out->weight *= 1.3F + 0.03F * (float)p_dom; /* Esfand, the house-cleaning rush */
	if (p_month == 1 && p_dom <= 13) {
		out->weight *= 0.25F;
		out->closed = p_dom <= 4;
	}
	if (p_month == 9 && p_dom >= 23) out->weight *= 1.45F; /* up to Yalda, 30 Azar */
	if (month == 1 && (dom == 9 || dom == 10)) {           /* Tasu'a and Ashura */
		out->weight *= 0.2F;
		out->closed = true;
	}
}

enum err_code season_fill(struct seasons *s, int64_t from_day, struct err *err)
{
	enum err_code rc = OK;
	UCalendar *hijri = calendar("@calendar=islamic-umalqura", err), *persian = NULL;
	if (hijri) persian = calendar("@calendar=persian", err);
	if (!persian) rc = ERR_IO;
	s->from_day = from_day;
	for (int c = 0; rc == OK && c < COUNTRIES; c++)
		for (int d = 0; d < SEASON_DAYS; d++) {
			day_of((enum country_id)c, from_day + d, hijri, persian, &s->day[c][d]);
			s->day[c][d].sum = s->day[c][d].weight + (d ? s->day[c][d - 1].sum : 0);
		}
	ucal_close(hijri);
	ucal_close(persian);
	return rc;
}

const struct season_day *season_at(const struct seasons *s, enum country_id c, int64_t day)
{
	int64_t d = day - s->from_day;
	if (d < 0) d = 0;
	if (d >= SEASON_DAYS) d = SEASON_DAYS - 1;
	return &s->day[c][d];
}

/* A day in [lo, hi], busy ones more often. */
int64_t season_pick(const struct seasons *s, enum country_id c, int64_t lo, int64_t hi, struct rng *r)
{
	int64_t a = lo - s->from_day, b = hi - s->from_day;
	if (a < 0) a = 0;
	if (b >= SEASON_DAYS) b = SEASON_DAYS - 1;
	if (b <= a) return lo;
	const struct season_day *day = s->day[c];
	const double floor = a ? (double)day[a - 1].sum : 0;
	const double want = floor + rng_unit(r) * ((double)day[b].sum - floor);
	while (a < b) {
		const int64_t mid = (a + b) / 2;
		if ((double)day[mid].sum > want) b = mid;
		else a = mid + 1;
	}
	return s->from_day + a;
}

enum err_code demo_peak_day(int64_t day, bool *out, struct err *err)
{
	UCalendar *hijri = calendar("@calendar=islamic-umalqura", err);
	if (!hijri) return ERR_IO;
	struct season_day d;
	day_of(EMIRATES, day, hijri, hijri, &d);
	ucal_close(hijri);
	*out = d.peak;
	return OK;
}
