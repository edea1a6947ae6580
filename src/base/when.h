/*
 * Instants and calendar days. An instant is int64_t milliseconds since
 * 1970-01-01T00:00:00Z; a day is the number of days since then. Proleptic
 * Gregorian, no leap seconds. Nothing here reads a clock.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/str.h"

#define WHEN_SECOND_MS ((int64_t)1000)
#define WHEN_MINUTE_MS ((int64_t)60 * WHEN_SECOND_MS)
#define WHEN_HOUR_MS ((int64_t)60 * WHEN_MINUTE_MS)
#define WHEN_DAY_MS ((int64_t)24 * WHEN_HOUR_MS)

/* What counts as a plausible time of an event: [1900-01-01, 2101-01-01). */
#define WHEN_MIN_MS ((int64_t)-2208988800000)
#define WHEN_MAX_MS ((int64_t)4133980800000)

#define WHEN_TEXT_BYTES 32

struct civil {
	int year, month, day; /* 1..12, 1..31 */
	int hour, minute, second, milli;
};

int64_t when_days(int year, int month, int day); /* month and day must be valid */
bool civil_valid(const struct civil *c);
int64_t when_from_civil(const struct civil *c); /* taken as UTC */
void when_to_civil(int64_t at_ms, struct civil *out);
int when_weekday(int64_t day); /* 0 = Monday */

/*
 * RFC 3339 and the ISO 8601 forms that senders really use: date alone, 'T'
 * or a space, seconds and fraction optional (digits past milliseconds are
 * cut), offset Z, +hh:mm, +hhmm, +hh or none.
 *
 *   offset_given  (may be NULL) false when the text has no offset; *at_ms is
 *                 then the wall clock read as UTC, for zone_to_utc
 */
NODISCARD bool when_parse_iso(struct str s, int64_t *at_ms, bool *offset_given);

/* "2026-01-01T10:00:00.000Z" into out[WHEN_TEXT_BYTES]; years 0000..9999. */
struct str when_format_iso(int64_t at_ms, char out[WHEN_TEXT_BYTES]);

/* "7d", "12h", "30m", "45s", "2w", "1500ms": a positive duration. */
NODISCARD bool when_parse_duration(struct str s, int64_t *out_ms);

/* A named time zone (IANA), by ICU. Not for use by two threads at once. */
struct zone;
NODISCARD enum err_code zone_open(struct str name, struct zone **out, struct err *err);
void zone_close(struct zone *z);
/* Offset from UTC in force at an instant. */
int64_t zone_offset_ms(struct zone *z, int64_t at_ms);
/* Wall clock to instant. A time skipped by summer time moves forward, one that occurs twice is the earlier. */
int64_t zone_to_utc(struct zone *z, int64_t wall_ms);
/* The first day of the week in the country that a zone is of, by CLDR: 0 Monday .. 6 Sunday; Monday for UTC and the
 * like. */
int zone_week_start(struct str name);

#endif
