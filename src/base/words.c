/*
 * Catalogues are plain text, words/LANG/AREA.txt, one `key = message` a line,
 * `#` starts a comment line. They are carried in the program and read once.
 *
 * A message is ICU MessageFormat of the part that people translate:
 *
 *   {name}                                   an argument
 *   {n, plural, =0{...} one{# x} other{...}} CLDR plural rules; # is the number
 *   {what, select, a{...} other{...}}        by a text argument
 *   '{' and '}' in quotes are literal, '' is an apostrophe
 *
 * ICU's own formatter takes numbered arguments only from C, and would format
 * numbers by the language's digits instead of the reader's. So the walk over
 * a message is here, and rules, digits, separators and calendars are ICU's.
 *
 * Threads: the catalogue, plural rules and number formatters are immutable
 * once made. Date formatters are not, so each thread has its own few.
 */
#include "base/words.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unicode/ubidi.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/checked.h"
#include "base/embed.h"

#define MESSAGE_DEPTH_MAX 6
#define MESSAGE_BYTES_MAX (64 * KIB)
#define FSI "\xE2\x81\xA8"
#define PDI "\xE2\x81\xA9"

extern const struct embed_file words_files[];
extern const size_t words_files_count;

const char *const lang_codes[LANGS] = { "en", "ar", "fa" };
const char *const digits_names[DIGITS_KINDS] = { "latn", "arab", "arabext" };
const char *const calendar_names[CALENDARS] = { "gregorian", "persian", "islamic-umalqura" };

bool lang_of(struct str code, enum lang *out)
{
	for (enum lang l = 0; l < LANGS; l++)
		if (str_eq(code, str_of(lang_codes[l]))) {
			*out = l;
			return true;
		}
	return false;
}

struct locale locale_of(enum lang l)
{
	static const struct locale defaults[LANGS] = {
		[LANG_EN] = { .lang = LANG_EN, .digits = DIGITS_LATIN, .calendar = CALENDAR_GREGORIAN },
		[LANG_AR] = { .lang = LANG_AR, .digits = DIGITS_LATIN, .calendar = CALENDAR_GREGORIAN },
		[LANG_FA] = { .lang = LANG_FA, .digits = DIGITS_PERSIAN, .calendar = CALENDAR_PERSIAN },
	};
	return defaults[l < LANGS ? l : LANG_EN];
}

/* The catalogue. */

struct entry {
	struct str key, message;
};

static struct {
	struct entry *entries;
	size_t n;
} catalogue[LANGS];
static UPluralRules *plural_rules[LANGS];
static pthread_once_t catalogue_once = PTHREAD_ONCE_INIT;

static int entry_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static bool next_line(struct str *rest, struct str *line)
{
	if (rest->len == 0) return false;
	const size_t end = str_find(*rest, '\n');
	*line = str_trim(str_cut(*rest, 0, end));
	*rest = str_cut(*rest, end < rest->len ? end + 1 : end, rest->len);
	return true;
}

static size_t read_file(struct str text, struct entry *out)
{
	size_t n = 0;
	struct str line;
	while (next_line(&text, &line)) {
		if (line.len == 0 || line.ptr[0] == '#') continue;
		const size_t eq = str_find(line, '=');
		if (eq == line.len) continue;
		if (out)
			out[n] = (struct entry){ str_trim(str_cut(line, 0, eq)),
				                 str_trim(str_cut(line, eq + 1, line.len)) };
		n++;
	}
	return n;
}

static bool file_of(enum lang l, size_t i)
{
	const char *name = words_files[i].name;
	return strncmp(name, lang_codes[l], 2) == 0 && name[2] == '/';
}

static struct str file_text(size_t i)
{
	return (struct str){ (const char *)words_files[i].ptr, (size_t)(words_files[i].end - words_files[i].ptr) };
}

static void read_catalogue(void)
{
	for (enum lang l = 0; l < LANGS; l++) {
		size_t n = 0;
		for (size_t i = 0; i < words_files_count; i++)
			if (file_of(l, i)) n += read_file(file_text(i), NULL);
		struct entry *e = calloc(n ? n : 1, sizeof *e);
		if (!e) continue; /* without memory words are keys; the program ends soon anyway */
		size_t at = 0;
		for (size_t i = 0; i < words_files_count; i++)
			if (file_of(l, i)) at += read_file(file_text(i), e + at);
		qsort(e, n, sizeof *e, entry_cmp);
		catalogue[l].entries = e;
		catalogue[l].n = n;

		UErrorCode status = U_ZERO_ERROR;
		plural_rules[l] = uplrules_open(lang_codes[l], &status);
		if (U_FAILURE(status)) plural_rules[l] = NULL;
	}
}

bool words_message(enum lang l, struct str key, struct str *out)
{
	pthread_once(&catalogue_once, read_catalogue);
	const struct entry want = { .key = key };
	if (!catalogue[l].n) return false;
	const struct entry *e = bsearch(&want, catalogue[l].entries, catalogue[l].n, sizeof want, entry_cmp);
	if (!e) return false;
	*out = e->message;
	return true;
}

size_t words_count(enum lang l)
{
	pthread_once(&catalogue_once, read_catalogue);
	return catalogue[l].n;
}

struct str words_key_at(enum lang l, size_t i)
{
	pthread_once(&catalogue_once, read_catalogue);
	return i < catalogue[l].n ? catalogue[l].entries[i].key : (struct str){ 0 };
}

/* Numbers. */

#define DECIMALS_MAX 4
enum number_kind { NUMBER_PLAIN, NUMBER_PERCENT, NUMBER_KINDS };
static _Atomic(UNumberFormatter *) number_formatters[LANGS][DIGITS_KINDS][NUMBER_KINDS][DECIMALS_MAX + 1];

static struct str put_utf16(struct arena *a, const UChar *text, int32_t n)
{
	if (n < 0) return (struct str){ 0 };
	char *out = arena_alloc(a, (size_t)n * 3 + 1);
	if (!out) return (struct str){ 0 };
	int32_t len = 0;
	UErrorCode status = U_ZERO_ERROR;
	u_strToUTF8(out, n * 3 + 1, &len, text, n, &status);
	if (U_FAILURE(status)) return (struct str){ 0 };
	return (struct str){ out, (size_t)len };
}

static const UNumberFormatter *number_formatter(const struct locale *l, enum number_kind kind, int decimals)
{
	_Atomic(UNumberFormatter *) *slot = &number_formatters[l->lang][l->digits][kind][decimals];
	UNumberFormatter *f = atomic_load_explicit(slot, memory_order_acquire);
	if (f) return f;

	char skeleton[96], locale[48];
	snprintf(skeleton, sizeof skeleton, "%s %s%.*s rounding-mode-half-up",
	         kind == NUMBER_PERCENT ? "percent scale/100" : "", decimals ? "." : "precision-integer", decimals,
	         "0000");
	snprintf(locale, sizeof locale, "%s@numbers=%s", lang_codes[l->lang], digits_names[l->digits]);
	UChar skeleton16[96];
	u_charsToUChars(skeleton, skeleton16, (int32_t)strlen(skeleton) + 1);
	UErrorCode status = U_ZERO_ERROR;
	f = unumf_openForSkeletonAndLocale(skeleton16, -1, locale, &status);
	if (U_FAILURE(status)) return NULL;

	/* Two threads may both make one: the second keeps the first's. */
	UNumberFormatter *none = NULL;
	if (!atomic_compare_exchange_strong_explicit(slot, &none, f, memory_order_acq_rel, memory_order_acquire)) {
		unumf_close(f);
		f = none;
	}
	return f;
}

static struct str format_number(const struct locale *l, struct arena *a, enum number_kind kind, double v, int decimals)
{
	if (!isfinite(v)) return STR("–");
	if (decimals < 0) decimals = 0;
	if (decimals > DECIMALS_MAX) decimals = DECIMALS_MAX;
	const UNumberFormatter *f = number_formatter(l, kind, decimals);
	if (!f) return (struct str){ 0 };

	UErrorCode status = U_ZERO_ERROR;
	UFormattedNumber *result = unumf_openResult(&status);
	UChar text[64];
	int32_t n = 0;
	/* Rounded first: -0.2 without decimals is 0, not -0. */
	const double scale = pow(10, decimals + (kind == NUMBER_PERCENT ? 2 : 0));
	if (fabs(v) * scale < 0.5) v = 0;
	unumf_formatDouble(f, v, result, &status);
	n = unumf_resultToString(result, text, (int32_t)COUNT_OF(text), &status);
	unumf_closeResult(result);
	return U_FAILURE(status) ? (struct str){ 0 } : put_utf16(a, text, n);
}

struct str words_number(const struct locale *l, struct arena *a, double v, int decimals)
{
	return format_number(l, a, NUMBER_PLAIN, v, decimals);
}

struct str words_percent(const struct locale *l, struct arena *a, double share, int decimals)
{
	return format_number(l, a, NUMBER_PERCENT, share, decimals);
}

/* Messages. */

struct walk {
	const struct locale *locale;
	struct arena *arena;
	const struct word_arg *args;
	size_t n_args;
	struct buf *out;
};

static const struct word_arg *arg_named(const struct walk *w, struct str name)
{
	for (size_t i = 0; i < w->n_args; i++)
		if (str_eq(name, str_of(w->args[i].name))) return &w->args[i];
	return NULL;
}

static bool is_override(uint32_t cp)
{
	return cp == 0x202D || cp == 0x202E || cp == 0x202A || cp == 0x202B || cp == 0x202C;
}
static bool is_isolate(uint32_t cp)
{
	return cp >= 0x2066 && cp <= 0x2068;
}

/* True when isolates are nested and closed, as in the result of another message. */
static bool isolates_balanced(struct str s)
{
	int depth = 0;
	for (size_t i = 0; i < s.len;) {
		const uint32_t cp = utf8_next(s, &i);
		if (is_isolate(cp)) depth++;
		if (cp == 0x2069 && --depth < 0) return false;
	}
	return depth == 0;
}

static bool runs_against(enum lang l, struct str s)
{
	for (size_t i = 0; i < s.len;) {
		switch (u_charDirection((UChar32)utf8_next(s, &i))) {
		case U_RIGHT_TO_LEFT:
		case U_RIGHT_TO_LEFT_ARABIC:
			if (!lang_rtl(l)) return true;
			break;
		case U_LEFT_TO_RIGHT:
			if (lang_rtl(l)) return true;
			break;
		default: break;
		}
	}
	return false;
}

/* Text from outside can neither turn the words around it nor close an isolate that it did not open. */
static void put_text(struct walk *w, struct str s)
{
	if (utf8_valid(s.ptr, s.len) != s.len) s = str_cut(s, 0, utf8_valid(s.ptr, s.len));
	const bool balanced = isolates_balanced(s), isolate = runs_against(w->locale->lang, s);
	if (isolate) buf_str(w->out, STR(FSI));
	for (size_t i = 0; i < s.len;) {
		const size_t from = i;
		const uint32_t cp = utf8_next(s, &i);
		if (is_override(cp) || (!balanced && (is_isolate(cp) || cp == 0x2069))) continue;
		buf_put(w->out, s.ptr + from, i - from);
	}
	if (isolate) buf_str(w->out, STR(PDI));
}

static void put_arg(struct walk *w, const struct word_arg *arg)
{
	if (arg->kind == WORD_TEXT) put_text(w, arg->text);
	else
		buf_str(w->out,
		        words_number(w->locale, w->arena, arg->number, arg->kind == WORD_NUMBER ? arg->decimals : 0));
}

/* The name of the plural form of a number as it is written: "1.0" is not "1" everywhere. */
static struct str plural_form(const struct walk *w, const struct word_arg *arg)
{
	UChar form[16] = { 0 };
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0;
	const int decimals = arg->kind == WORD_NUMBER ? arg->decimals : 0;
	const UPluralRules *rules = plural_rules[w->locale->lang];
	const UNumberFormatter *f = number_formatter(w->locale, NUMBER_PLAIN,
	                                             decimals < 0              ? 0
	                                             : decimals > DECIMALS_MAX ? DECIMALS_MAX
	                                                                       : decimals);
	if (rules && f) {
		UFormattedNumber *result = unumf_openResult(&status);
		unumf_formatDouble(f, arg->number, result, &status);
		n = uplrules_selectFormatted(rules, result, form, (int32_t)COUNT_OF(form), &status);
		unumf_closeResult(result);
	}
	return U_FAILURE(status) || n == 0 ? STR("other") : put_utf16(w->arena, form, n);
}

/* Index of the '}' that closes the '{' before s.ptr[from], or s.len. */
static size_t closing(struct str s, size_t from)
{
	int depth = 1;
	bool quoted = false;
	for (size_t i = from; i < s.len; i++) {
		const char c = s.ptr[i];
		if (c == '\'') {
			if (quoted) quoted = false;
			else if (i + 1 < s.len && (s.ptr[i + 1] == '{' || s.ptr[i + 1] == '}' || s.ptr[i + 1] == '#'))
				quoted = true;
			continue;
		}
		if (quoted) continue;
		if (c == '{') depth++;
		if (c == '}' && --depth == 0) return i;
	}
	return s.len;
}

static void walk_message(struct walk *w, struct str m, const struct word_arg *number, int depth);

/* `cases` is "=0{none} one{# x} other{# y}"; a number that is named exactly goes first. */
static void walk_cases(struct walk *w, struct str cases, const struct word_arg *arg, bool plural, int depth)
{
	const struct str form = plural ? plural_form(w, arg) : arg->text;
	struct str chosen = { 0 }, other = { 0 };
	bool exact = false;
	for (size_t i = 0; i < cases.len;) {
		const size_t open = i + str_find(str_cut(cases, i, cases.len), '{');
		if (open >= cases.len) break;
		const struct str name = str_trim(str_cut(cases, i, open));
		const size_t end = closing(cases, open + 1);
		const struct str text = str_cut(cases, open + 1, end);
		double value;
		if (plural && name.len > 1 && name.ptr[0] == '=' && str_to_double(str_cut(name, 1, name.len), &value) &&
		    value == arg->number) {
			chosen = text;
			exact = true;
		} else if (!exact && str_eq(name, form)) {
			chosen = text;
		}
		if (str_eq(name, STR("other"))) other = text;
		i = end + 1;
	}
	walk_message(w, chosen.ptr ? chosen : other, plural ? arg : NULL, depth + 1);
}

static void walk_argument(struct walk *w, struct str inside, const struct word_arg *number, int depth)
{
	const size_t comma = str_find(inside, ',');
	const struct str name = str_trim(str_cut(inside, 0, comma));
	const struct word_arg *arg = arg_named(w, name);
	if (!arg) {
		/* Visible, so that a reader reports it. */
		buf_byte(w->out, '{');
		buf_str(w->out, name);
		buf_byte(w->out, '}');
		return;
	}
	if (comma >= inside.len) {
		put_arg(w, arg);
		return;
	}
	const struct str rest = str_cut(inside, comma + 1, inside.len);
	const size_t comma2 = str_find(rest, ',');
	const struct str cases = comma2 < rest.len ? str_cut(rest, comma2 + 1, rest.len) : (struct str){ 0 };
	walk_cases(w, cases, arg, str_eq(str_trim(str_cut(rest, 0, comma2)), STR("plural")), depth);
	(void)number;
}

static void walk_message(struct walk *w, struct str m, const struct word_arg *number, int depth)
{
	if (depth > MESSAGE_DEPTH_MAX) return;
	bool quoted = false;
	for (size_t i = 0; i < m.len; i++) {
		const char c = m.ptr[i], next = i + 1 < m.len ? m.ptr[i + 1] : 0;
		if (c == '\'') {
			if (next == '\'') {
				buf_byte(w->out, '\'');
				i++;
			} else if (quoted) {
				quoted = false;
			} else if (next == '{' || next == '}' || (next == '#' && number)) {
				quoted = true;
			} else {
				buf_byte(w->out, c);
			}
			continue;
		}
		if (!quoted && c == '{') {
			const size_t end = closing(m, i + 1);
			walk_argument(w, str_cut(m, i + 1, end), number, depth);
			i = end;
			continue;
		}
		if (!quoted && c == '#' && number) {
			put_arg(w, number);
			continue;
		}
		buf_byte(w->out, c);
	}
}

struct str words(const struct locale *l, struct arena *a, const char *key, const struct word_arg *args, size_t n_args)
{
	struct str message;
	if (!words_message(l->lang, str_of(key), &message) && !words_message(LANG_EN, str_of(key), &message))
		return str_of(key);
	if (!memchr(message.ptr, '{', message.len) && !memchr(message.ptr, '\'', message.len)) return message;

	struct buf out;
	buf_init(&out, MESSAGE_BYTES_MAX);
	struct walk w = { l, a, args, n_args, &out };
	walk_message(&w, message, NULL, 0);
	const struct str result = str_copy(a, buf_view(&out));
	buf_done(&out);
	return result;
}

/* Dates. */

enum date_kind { DATE_FULL, DATE_DAY, DATE_TIME, DATE_KINDS };

struct date_formatter {
	UDateFormat *f;
	struct locale locale;
	enum date_kind kind;
};

/* Four settings of a reader times three kinds; the oldest makes room. */
#define DATE_FORMATTERS 12
struct date_cache {
	struct date_formatter at[DATE_FORMATTERS];
	size_t next;
};

static pthread_key_t date_key;
static pthread_once_t date_once = PTHREAD_ONCE_INIT;

static void date_cache_free(void *p)
{
	struct date_cache *c = p;
	for (size_t i = 0; i < DATE_FORMATTERS; i++)
		if (c->at[i].f) udat_close(c->at[i].f);
	free(c);
}

static void date_key_make(void)
{
	pthread_key_create(&date_key, date_cache_free);
}

static bool same_locale(const struct locale *a, const struct locale *b)
{
	return a->lang == b->lang && a->digits == b->digits && a->calendar == b->calendar &&
	       strcmp(a->zone, b->zone) == 0;
}

static UDateFormat *date_open(const struct locale *l, enum date_kind kind)
{
	/* Day first in all three languages; ICU's own "en" puts the month first. */
	static const char *const patterns[DATE_KINDS][LANGS] = {
		[DATE_FULL] = { "d MMM y", "d MMM y", "d MMM y" },
		[DATE_DAY] = { "d MMM", "d MMM", "d MMM" },
		[DATE_TIME] = { "d MMM y, HH:mm", "d MMM y، HH:mm", "d MMM y، HH:mm" },
	};
	char name[96];
	snprintf(name, sizeof name, "%s@calendar=%s;numbers=%s", lang_codes[l->lang], calendar_names[l->calendar],
	         digits_names[l->digits]);
	UErrorCode status = U_ZERO_ERROR;
	UChar pattern[32], zone[sizeof l->zone];
	u_strFromUTF8(pattern, (int32_t)COUNT_OF(pattern), NULL, patterns[kind][l->lang], -1, &status);
	u_strFromUTF8(zone, (int32_t)COUNT_OF(zone), NULL, l->zone[0] ? l->zone : "Etc/UTC", -1, &status);
	UDateFormat *f = udat_open(UDAT_PATTERN, UDAT_PATTERN, name, zone, -1, pattern, -1, &status);
	return U_FAILURE(status) ? NULL : f;
}

static UDateFormat *date_formatter(const struct locale *l, enum date_kind kind)
{
	pthread_once(&date_once, date_key_make);
	struct date_cache *c = pthread_getspecific(date_key);
	if (!c) {
		c = calloc(1, sizeof *c);
		if (!c || pthread_setspecific(date_key, c) != 0) {
			free(c);
			return NULL;
		}
	}
	for (size_t i = 0; i < DATE_FORMATTERS; i++)
		if (c->at[i].f && c->at[i].kind == kind && same_locale(&c->at[i].locale, l)) return c->at[i].f;

	UDateFormat *f = date_open(l, kind);
	if (!f) return NULL;
	struct date_formatter *slot = &c->at[c->next++ % DATE_FORMATTERS];
	if (slot->f) udat_close(slot->f);
	*slot = (struct date_formatter){ f, *l, kind };
	return f;
}

static struct str format_date(const struct locale *l, struct arena *a, int64_t at_ms, enum date_kind kind)
{
	UDateFormat *f = date_formatter(l, kind);
	if (!f) return (struct str){ 0 };
	UChar text[96];
	UErrorCode status = U_ZERO_ERROR;
	const int32_t n = udat_format(f, (UDate)at_ms, text, (int32_t)COUNT_OF(text), NULL, &status);
	return U_FAILURE(status) ? (struct str){ 0 } : put_utf16(a, text, n);
}

struct str words_date(const struct locale *l, struct arena *a, int64_t at_ms)
{
	return format_date(l, a, at_ms, DATE_FULL);
}
struct str words_day(const struct locale *l, struct arena *a, int64_t at_ms)
{
	return format_date(l, a, at_ms, DATE_DAY);
}
struct str words_date_time(const struct locale *l, struct arena *a, int64_t at_ms)
{
	return format_date(l, a, at_ms, DATE_TIME);
}

struct str words_calendar(const struct locale *l, struct arena *a)
{
	static const char *const keys[CALENDARS] = { WORDS_KEY("calendar.gregorian"), WORDS_KEY("calendar.persian"),
		                                     WORDS_KEY("calendar.umalqura") };
	return words(l, a, keys[l->calendar], NULL, 0);
}

/* Durations. */

struct unit {
	double ms;
	const char *key;
};

static const struct unit units[] = {
	{ 86400e3, WORDS_KEY("duration.days") },   { 3600e3, WORDS_KEY("duration.hours") },
	{ 60e3, WORDS_KEY("duration.minutes") },   { 1e3, WORDS_KEY("duration.seconds") },
	{ 1, WORDS_KEY("duration.milliseconds") },
};

static struct str unit_words(const struct locale *l, struct arena *a, const struct unit *u, double n)
{
	const struct word_arg arg = { "n", WORD_INTEGER, .number = n };
	return words(l, a, u->key, &arg, 1);
}

/*
 * The largest unit that is reached, and the next one where the first alone
 * would be off by a twentieth or more. So what is shown is within 5 % of what
 * was measured.
 */
struct str words_duration(const struct locale *l, struct arena *a, double ms)
{
	if (!isfinite(ms)) return STR("–");
	ms = fabs(ms);
	size_t i = 0;
	while (i + 1 < COUNT_OF(units) && ms < units[i].ms) i++;
	/* 59.7 s is a minute, not "60 s". */
	if (i > 0 && round(ms / units[i].ms) * units[i].ms >= units[i - 1].ms) {
		i--;
		ms = units[i].ms;
	}
	const struct unit *u = &units[i], *small = i + 2 < COUNT_OF(units) ? u + 1 : NULL;
	double whole = floor(ms / u->ms), part = small ? round((ms - whole * u->ms) / small->ms) : 0;
	if (small && part * small->ms >= u->ms) {
		whole++;
		part = 0;
	}
	if (!small || part == 0 || fabs(ms - round(ms / u->ms) * u->ms) * 20 < ms)
		return unit_words(l, a, u, round(ms / u->ms));

	const struct word_arg args[] = {
		{ "first", WORD_TEXT, .text = unit_words(l, a, u, whole) },
		{ "second", WORD_TEXT, .text = unit_words(l, a, small, part) },
	};
	return words(l, a, "duration.two", args, COUNT_OF(args));
}
