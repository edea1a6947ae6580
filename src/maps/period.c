/* The period to compare with: docs/methods/compare.md. */
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "maps/priv.h"

static enum err_code year_before(int64_t at_ms, const struct maps_scope *scope, int64_t *out, struct err *err)
{
	static const char *const locales[CALENDARS] = {
		[CALENDAR_GREGORIAN] = "en@calendar=gregorian",
		[CALENDAR_PERSIAN] = "en@calendar=persian",
		[CALENDAR_UMALQURA] = "en@calendar=islamic-umalqura",
	};
	UErrorCode status = U_ZERO_ERROR;
	UChar zone[64];
	u_charsToUChars(scope->zone[0] ? scope->zone : "Etc/UTC", zone,
	                (int32_t)strnlen(scope->zone[0] ? scope->zone : "Etc/UTC", 47));
	UCalendar *c = ucal_open(zone, (int32_t)strnlen(scope->zone[0] ? scope->zone : "Etc/UTC", 47),
	                         locales[scope->calendar], UCAL_TRADITIONAL, &status);
	if (U_SUCCESS(status)) ucal_setMillis(c, (UDate)at_ms, &status);
	if (U_SUCCESS(status)) ucal_add(c, UCAL_YEAR, -1, &status);
	if (U_SUCCESS(status)) *out = (int64_t)ucal_getMillis(c, &status);
	if (c) ucal_close(c);
	if (U_SUCCESS(status)) return OK;
	return err_set(err, ERR_INPUT, "compare.calendar", "compare", "the year before cannot be found: %s",
	               u_errorName(status));
}

enum err_code map_period(enum maps_compare kind, const struct maps_scope *scope, int64_t from_ms, int64_t to_ms,
                         int64_t *from_out, int64_t *to_out, struct err *err)
{
	if (from_ms == INT64_MIN || to_ms == INT64_MAX) {
		enum err_code rc = err_set(err, ERR_INPUT, "compare.period", from_ms == INT64_MIN ? "from" : "to",
		                           "there is no period to compare");
		err_hint(err, "Choose a first and a last day.");
		return rc;
	}
	if (kind == MAPS_COMPARE_PREVIOUS) {
		*to_out = from_ms;
		*from_out = from_ms - (to_ms - from_ms);
		return OK;
	}
	TRY(year_before(from_ms, scope, from_out, err));
	return year_before(to_ms, scope, to_out, err);
}
