/*
 * What a country decides for us: its zone, its week, its holidays, and how its phone numbers are written.
 *
 * Days are local calendar days of a zone. Holidays are given by Gregorian, Persian and Umm al-Qura dates, by Easter
 * and by "the third Monday of"; ICU converts. Where a country goes by its own sighting of the moon (Iran, Turkey,
 * Pakistan, Egypt ...), a holiday of the moon may fall a day beside what is said here. What each country has and from
 * whom: docs/countries.md.
 *
 * Nothing here reads a clock. Safe in any thread; each thread keeps a zone and two calendars of its own.
 */
#ifndef BASE_COUNTRY_H
#define BASE_COUNTRY_H

#include "base/str.h"
#include "base/when.h"

enum country_day { COUNTRY_WORK, COUNTRY_HALF, COUNTRY_OFF };

struct country_holiday;
struct country {
	char code[3];             /* ISO 3166-1 alpha-2 */
	const char *zone;         /* IANA; where it has several, that of its capital or largest city */
	const char *prefix;       /* of phone numbers, without "+" */
	const char *trunk;        /* what is dialled in front inside the country: "0", "1", "" */
	uint8_t phone_min;        /* digits of a number without prefix and trunk */
	uint8_t phone_max;        /*                                             */
	enum country_day week[7]; /* from Monday */
	int half_until;           /* minute of the day at which half days end */
	const struct country_holiday *holidays;
	size_t n_holidays;
};

/* NULL for a country that the table does not have. Letters of either case. All functions below accept NULL: a country
 * without weekend and holidays. */
const struct country *country_of(struct str iso2);
/* The country of the table that a zone is of, by CLDR; NULL for UTC and zones of others. Asks each country for its
 * zones: a millisecond or two, so not for each row of something. */
const struct country *country_of_zone(struct str zone);
/* The day with which a week begins there, by CLDR: 0 Monday .. 6 Sunday. */
int country_week_start(const struct country *c);
/* The i-th by code; NULL past the end. */
const struct country *country_at(size_t i);
/* Whose prefix an E.164 number ("+9665...") has; NULL for none. "+1" is US. */
const struct country *country_of_phone(struct str e164);

/*
 * Whether the local day that holds at_ms is a weekend day (half days are not) or a holiday. An empty or unknown `zone`
 * is the country's own, UTC without a country. `name_key` (may be NULL) gets the holiday's key in the catalogue of
 * words, "holiday.eid_al_fitr".
 */
bool country_weekend(const struct country *c, int64_t at_ms, struct str zone);
bool country_holiday(const struct country *c, int64_t at_ms, struct str zone, const char **name_key);

/* Opening hours, or hours in which somebody may be disturbed. */
struct hours {
	struct {
		int from, to; /* minutes of the local day, [from, to), 0 to 1440; from >= to: closed */
	} day[7];             /* from Monday; they alone say what a weekend is */
	bool holidays;        /* open on holidays as well */
};

/* from to to on each working day of the country, until half_until on half days, closed on the others. */
struct hours country_hours(const struct country *c, int from, int to);

bool country_open(const struct country *c, struct str zone, const struct hours *h, int64_t at_ms);
/* at_ms itself when open then, else the next opening; INT64_MAX when there is none within COUNTRY_SEARCH_DAYS. */
#define COUNTRY_SEARCH_DAYS 62
int64_t country_next_open(const struct country *c, struct str zone, const struct hours *h, int64_t at_ms);
/* When open_ms of open time have passed since at_ms; at least 0. INT64_MAX when that is more than 1,000 days away. */
int64_t country_after(const struct country *c, struct str zone, const struct hours *h, int64_t at_ms, int64_t open_ms);

/*
 * A phone number as people write it, as E.164 ("+966501234567"): spaces and ()-./ are skipped, Arabic and Persian
 * digits read, "00" and "+" begin an international number, anything else is a number of `c` with or without its trunk
 * prefix. "+44 (0)20 ..." loses its "(0)". False when it cannot be one: letters, too short, too long, or no country
 * for a national number.
 */
#define COUNTRY_PHONE_BYTES 18
NODISCARD bool country_phone(const struct country *c, struct str text, char out[COUNTRY_PHONE_BYTES]);

#endif
