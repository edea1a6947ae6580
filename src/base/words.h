/*
 * Words for people, in the reader's language. English, Arabic and Persian
 * are equals: every message is in all three catalogues (a test compares
 * their keys and their parameters), plurals follow CLDR, numbers and dates
 * follow the reader's settings, which are separate from the language.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/arena.h"
#include "base/str.h"

enum lang { LANG_EN, LANG_AR, LANG_FA, LANGS };
extern const char *const lang_codes[LANGS]; /* "en", "ar", "fa" */
NODISCARD bool lang_of(struct str code, enum lang *out);
static inline bool lang_rtl(enum lang l)
{
	return l != LANG_EN;
}

enum digits { DIGITS_LATIN, DIGITS_ARABIC, DIGITS_PERSIAN, DIGITS_KINDS }; /* 123 ١٢٣ ۱۲۳ */
enum calendar { CALENDAR_GREGORIAN, CALENDAR_PERSIAN, CALENDAR_UMALQURA, CALENDARS };
extern const char *const digits_names[DIGITS_KINDS]; /* "latn", "arab", "arabext" */
extern const char *const calendar_names[CALENDARS];  /* "gregorian", "persian", "islamic-umalqura" */

struct locale {
	enum lang lang;
	enum digits digits;
	enum calendar calendar;
	char zone[48]; /* IANA; "" is UTC */
};
/* What a language uses unless the reader says otherwise: en latn gregorian; ar latn gregorian; fa arabext persian. */
struct locale locale_of(enum lang l);

/* A named value in a message: {"n", .number = 412} for "{n} journeys". */
struct word_arg {
	const char *name;
	enum { WORD_TEXT, WORD_NUMBER, WORD_INTEGER } kind;
	struct str text;
	double number;
	int decimals; /* WORD_NUMBER */
};

/*
 * The message `key` with its arguments, isolated where a text argument runs
 * the other way. A key that no catalogue has gives the key itself: a test
 * makes sure this does not happen.
 */
NODISCARD struct str words(const struct locale *l, struct arena *a, const char *key, const struct word_arg *args,
                           size_t n_args);

/* Marks a key that stands in a table instead of in a call, so that the test of missing keys finds it. */
#define WORDS_KEY(key) key

/* The catalogue itself, for the tests and for handing words to the page: message as written, number of keys, i-th key
 * by bytes. */
NODISCARD bool words_message(enum lang l, struct str key, struct str *out);
NODISCARD size_t words_count(enum lang l);
NODISCARD struct str words_key_at(enum lang l, size_t i);

NODISCARD struct str words_number(const struct locale *l, struct arena *a, double v,
                                  int decimals); /* grouped: 48,200 ۴۸٬۲۰۰ */
NODISCARD struct str words_percent(const struct locale *l, struct arena *a, double share,
                                   int decimals);                                             /* 0.34 -> 34% ۳۴٪ */
NODISCARD struct str words_date(const struct locale *l, struct arena *a, int64_t at_ms);      /* "31 Oct 2026" */
NODISCARD struct str words_day(const struct locale *l, struct arena *a, int64_t at_ms);       /* "31 Oct" */
NODISCARD struct str words_date_time(const struct locale *l, struct arena *a, int64_t at_ms); /* "31 Oct 2026, 23:59" */
NODISCARD struct str words_calendar(const struct locale *l, struct arena *a);                 /* "Gregorian" */
/* Two parts at most: "4 min", "2 d", "1 d 3 h". Negative gives the absolute value. */
NODISCARD struct str words_duration(const struct locale *l, struct arena *a, double ms);

#endif
