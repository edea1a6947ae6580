/* The rows of country_table.c, as country.c reads them. */
#ifndef BASE_COUNTRY_TABLE_H
#define BASE_COUNTRY_TABLE_H

#include "base/country.h"

enum holiday_rule {
	HOLIDAY_GREGORIAN,
	HOLIDAY_PERSIAN,
	HOLIDAY_HIJRI,    /* Umm al-Qura */
	HOLIDAY_EASTER,   /* `day` days after Easter Sunday of the West */
	HOLIDAY_ORTHODOX, /* `day` days after Easter Sunday of the East */
	HOLIDAY_NTH,      /* the `nth` `weekday` of `month`; nth -1 is the last */
};

/* What happens when a day of HOLIDAY_GREGORIAN falls on a weekend. */
enum holiday_moves { HOLIDAY_STAYS, HOLIDAY_NEXT_WORKDAY, HOLIDAY_NEAREST_WORKDAY };

#define HOLIDAY_LAST_DAY 30 /* of a month of the moon, be it the 29th or the 30th */

struct country_holiday {
	const char *name_key;
	enum holiday_rule rule;
	int month, day;
	int days; /* 0 means 1; within one month */
	int nth, weekday;
	enum holiday_moves moves;
	bool half; /* its second half only: work until half_until */
};

extern const struct country country_table[];
extern const size_t country_count;

#endif
