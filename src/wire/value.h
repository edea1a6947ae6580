/* What people write in cells: digits of three scripts, grouped numbers, dates of two calendars. */
#ifndef WIRE_VALUE_H
#define WIRE_VALUE_H

#include "wire/priv.h"

/*
 * ASCII digits for Arabic (٠-٩) and Persian (۰-۹) ones, '.' for ٫, an
 * apostrophe for ٬, nothing for direction marks, '-' for U+2212, a space for unbroken ones.
 * The text itself when it has none of them; ptr NULL when memory is short.
 */
NODISCARD struct str value_fold(struct arena *a, struct str s);

/*
 * A number with optional groups ("1,234.5", with decimal ',' "1.234,5") as a
 * JSON number, in any of the three digits. False when it is none: "1,5"
 * under decimal '.' is not 15.
 */
NODISCARD bool value_number_text(struct arena *a, struct str s, char decimal, struct str *out);

#define VALUE_FORMATS_MAX 16

/* How times are written. Zone and calendar objects are made on first use and released with the whole. */
struct value_times {
	struct str formats[VALUE_FORMATS_MAX]; /* "iso", "epoch_s", "epoch_ms", "excel" or a pattern; none = iso */
	size_t n_formats;
	struct str zone; /* IANA; "" UTC. For times without an offset */
	bool persian;
	struct zone *opened;
	void *calendar;
	/* Offsets of wall-clock days without a change, for ICU is slow: days of a file come again. */
	struct value_day {
		int64_t day_1; /* + 1; 0 empty */
		int64_t offset_ms;
	} days[1024];
};
NODISCARD enum err_code value_times_open(struct value_times *t, struct err *err);
void value_times_close(struct value_times *t);
/* The first format that fits stands. Patterns: %Y %y %m %d %e %b %B %H %I %M %S %f %p %z %s %a %F %T %R %%. */
NODISCARD bool value_time(struct value_times *t, struct str folded, int64_t *out_ms);
/*
 * As value_time, of a promise: a day without a time of day means that day's
 * last millisecond in the zone, for what is promised for a day is kept until
 * the day ends. "2026-01-31 00:00" has a time of day and stays midnight.
 */
NODISCARD bool value_deadline(struct value_times *t, struct str folded, int64_t *out_ms);
/* Position of a directive that is not known, or len. */
size_t value_pattern_check(struct str pattern);

/* Excel's serial days to wall clock milliseconds. 1900: with its day 60 that never was. */
NODISCARD bool value_serial(double serial, bool from_1904, int64_t *out_ms);

#endif
