#include <math.h>

#include "base/json.h"
#include "tests/unit/wire/caught.h"

/* One file, one mapping; what came of it is in `caught`. */
static enum err_code import_as(struct str file, const char *name, const char *toml, size_t step, struct err *err)
{
	struct memory m = { .bytes = file, .step = step };
	struct wire_input in = memory_input(&m, name);
	struct wire_mapping *map;
	*err = (struct err){ 0 };
	caught_start();
	enum err_code rc = wire_mapping_read(str_of(toml), &caught.arena, &map, err);
	if (rc == OK) rc = wire_table(map, &in, 1, WIRE_CSV, ms("2026-06-01T00:00:00Z"), &caught.sink, err);
	if (rc != OK) assert_true(err->text[0] != '\0' && err->id != NULL);
	return rc;
}

static void expect_ok(const char *file, const char *toml)
{
	struct err err;
	if (import_as(str_of(file), "t.csv", toml, 0, &err) != OK) fail_msg("%s", err.text);
}

#define LOG "customer = \"case\"\nname_column = \"activity\"\ntime = \"at\"\n"

static void rfc_4180_is_read_whatever_the_reads_give(void **s)
{
	(void)s;
	static const char file[] = "\xEF\xBB\xBF"
	                           "case,activity,at,note\r\n"
	                           "a,\"Say \"\"hi\"\", there\",2026-01-01 10:00,\"two\r\nlines\"\r\n"
	                           "\r\n"
	                           "NA,B,2026-01-01T10:00:00+03:30,\r\n"
	                           "c , C,2026-01-02,x";
	for (size_t step = 0; step < 12; step++) {
		struct err err;
		assert_int_equal(import_as(str_of(file), "t.csv", LOG "properties = [\"note\"]", step, &err), OK);
		assert_int_equal(caught.n_events, 3);
		assert_int_equal(caught.n_refused, 0);
		assert_str(caught.event[0].name, "Say \"hi\", there");
		assert_str(caught.event[0].body, "{\"properties\":{\"note\":\"two\\r\\nlines\"}}");
		assert_int_equal(caught.event[0].line, 2);
		assert_str(caught.event[1].customer, "NA");
		assert_int_equal(caught.event[1].line, 5);
		assert_int_equal(caught.event[1].at_ms, ms("2026-01-01T06:30:00Z"));
		assert_str(caught.event[2].customer, "c ");
	}
}

static void delimiters_are_found_and_a_wrong_one_is_named(void **s)
{
	(void)s;
	static const char *const files[] = { "case;activity;at\na;X, y;2026-01-01\nb;Z, y;2026-01-01\n",
		                             "case\tactivity\tat\na\tX, y\t2026-01-01\nb\tX\t2026-01-01\n",
		                             "case|activity|at\na|X, y|2026-01-01\nb|X|2026-01-01\n",
		                             "case,activity,at\na,\"X, y\",2026-01-01\nb,X,2026-01-01\n" };
	struct err err;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		expect_ok(files[i], LOG);
		assert_int_equal(caught.n_events, 2);
		assert_str(caught.event[0].name, "X, y");
	}
	assert_int_equal(
	        import_as(str_of("case;activity;at\na;X;2026-01-01\n"), "t.csv", LOG "delimiter = \",\"", 0, &err),
	        ERR_INPUT);
	assert_string_equal(err.text, "only one column was found; is the separator ';'?");
	/* one that is not looked for is asked about, and taken when the mapping says it */
	static const struct {
		const char *shown, *toml;
		char c;
	} others[] = { { "^", "^", '^' }, { "~", "~", '~' }, { "\\", "\\\\", '\\' }, { "0x1F", "\\u001F", '\x1f' } };
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		char file[100], map[200], want[100];
		const char d = others[i].c;
		snprintf(file, sizeof file, "case%cactivity%cat\na%cX%c2026-01-01\nb%cY:z%c2026-01-01 10:00\n", d, d, d,
		         d, d, d);
		assert_int_equal(import_as(str_of(file), "t.csv", LOG, 0, &err), ERR_INPUT);
		assert_string_equal(err.id, "csv.delimiter");
		snprintf(want, sizeof want, "only one column was found; is the separator '%s'?", others[i].shown);
		assert_string_equal(err.text, want);
		snprintf(map, sizeof map, LOG "delimiter = \"%s\"\n", others[i].toml);
		assert_non_null(strstr(err.hint, others[i].toml));
		expect_ok(file, map);
		assert_int_equal(caught.n_events, 2);
		assert_str(caught.event[1].name, "Y:z");
	}
	expect_ok("case\nskip\ncase,activity,at\na,X,2026-01-01\n", "skip = 2\n" LOG);
	assert_int_equal(caught.n_events, 1);
	assert_int_equal(caught.event[0].line, 4);
	expect_ok("a,X,2026-01-01\n", "header = false\ncustomer = \"1\"\nname_column = \"2\"\ntime = \"3\"");
	assert_int_equal(caught.n_events, 1);
	assert_int_equal(import_as(str_of(""), "t.csv", LOG, 0, &err), ERR_INPUT);
	assert_string_equal(err.id, "csv.empty");
}

static void bad_rows_are_refused_and_the_rest_is_kept(void **s)
{
	(void)s;
	static const char file[] = "case,activity,at\n"
	                           "a,X,2026-01-01\n"
	                           "a,X\n"                         /* 3 */
	                           "a,X,2026-01-01,more\n"         /* 4 */
	                           "a,\xC3\x28,2026-01-01\n"       /* 5 */
	                           "a,\"X\"y,2026-01-01\n"         /* 6 */
	                           "a,X,31/01/2026\n"              /* 7 */
	                           "a,X,\n"                        /* 8 */
	                           ",X,2026-01-01\n"               /* 9 */
	                           "a,,2026-01-01\n"               /* 10 */
	                           "a,X,1850-01-01\n"              /* 11 */
	                           "a,X,2190-01-01\n"              /* 12 */
	                           "a,\"never closed,2026-01-01\n" /* 13 */
	                           "a,Y,2026-01-01\n";
	static const struct {
		int64_t line;
		const char *id, *field;
	} want[] = { { 3, "csv.fields", "" },         { 4, "csv.fields", "" },          { 5, "csv.utf8", "" },
		     { 6, "csv.quote", "" },          { 7, "time.syntax", "at" },       { 8, "time.empty", "at" },
		     { 9, "event.customer", "case" }, { 10, "event.name", "activity" }, { 11, "time.range", "at" },
		     { 12, "time.range", "at" },      { 13, "csv.quote", "" } };
	for (size_t step = 0; step < 8; step++) {
		struct err err;
		assert_int_equal(import_as(str_of(file), "t.csv", LOG, step, &err), OK);
		assert_int_equal(caught.n_events, 2);
		assert_int_equal(caught.n_aside, 2);
		assert_int_equal(caught.n_refused, 9);
		for (size_t i = 0; i < COUNT_OF(want); i++) {
			assert_int_equal(caught.refused[i].line, want[i].line);
			assert_string_equal(caught.refused[i].err.id, want[i].id);
			assert_string_equal(caught.refused[i].err.field, want[i].field);
		}
		assert_non_null(strstr(caught.refused[2].err.text, "byte 58 of the file"));
		assert_non_null(strstr(caught.refused[10].raw.ptr, "never closed"));
		assert_str(caught.event[1].name, "Y");
	}
}

static void long_fields_and_wide_tables_meet_their_limits(void **s)
{
	(void)s;
	struct buf b;
	struct err err;
	buf_init(&b, 64 * MIB);
	buf_str(&b, STR("case,activity,at,note\n"));
	static const size_t sizes[] = { 2 * 1024 * 1024, 2 * 1024 * 1024 + 1, 9 * 1024 * 1024 };
	for (size_t k = 0; k < COUNT_OF(sizes); k++) {
		buf_str(&b, STR("a,X,2026-01-01,"));
		for (size_t i = 0; i < sizes[k]; i++) buf_byte(&b, 'x');
		buf_byte(&b, '\n');
	}
	buf_str(&b, STR("a,X,2026-01-01,\"open"));
	for (size_t i = 0; i < 9 * MIB; i++) buf_str(&b, i % 80 ? STR("y") : STR("\n"));
	assert_int_equal(import_as(buf_view(&b), "t.csv", LOG, 0, &err), OK);
	assert_int_equal(caught.n_events, 1); /* the note of 2 MiB is not mapped, so it does no harm */
	assert_string_equal(caught.refused[0].err.id, "csv.limit");
	assert_string_equal(caught.refused[1].err.id, "csv.limit");
	assert_int_equal(caught.refused[1].line, 4);
	assert_string_equal(caught.refused[2].err.id, "csv.quote");
	assert_string_equal(caught.refused[3].err.id, "csv.fields");
	buf_clear(&b);
	buf_str(&b, STR("case,activity,at"));
	for (int i = 0; i < 998; i++) buf_printf(&b, ",c%d", i);
	assert_int_equal(import_as(buf_view(&b), "t.csv", LOG, 0, &err), ERR_LIMIT);
	assert_string_equal(err.id, "csv.limit");
	buf_done(&b);
}

static void utf16_and_numbers_and_dates_of_three_scripts_are_read(void **s)
{
	(void)s;
	struct err err;
	static const char text[] = "مشتری;کار;زمان;مبلغ\nس;خرید;۱۴۰۴/۰۵/۱۲ ۱۰:۳۰;۱٬۲۳۴٫۵\nع;شراء;١٤٠٤/٠٥/١٢;٧\n";
	static const char toml[] = "customer = \"مشتری\"\nname_column = \"کار\"\ntime = \"زمان\"\ncalendar = "
	                           "\"persian\"\nzone = \"Asia/Tehran\"\n"
	                           "value = \"مبلغ\"\ncurrency = { value = \"IRR\" }\n";
	char wide[1024];
	size_t len = 0;
	struct str t = str_of(text);
	wide[len++] = (char)0xFF, wide[len++] = (char)0xFE;
	for (size_t i = 0; i < t.len;) {
		uint32_t cp = utf8_next(t, &i);
		wide[len++] = (char)(cp & 0xFF), wide[len++] = (char)(cp >> 8);
	}
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(import_as(pass ? (struct str){ wide, len } : t, "t.csv", toml, 3, &err), OK);
		assert_int_equal(caught.n_events, 2);
		assert_int_equal(caught.event[0].at_ms, ms("2025-08-03T10:30:00+03:30"));
		assert_int_equal(caught.event[1].at_ms, ms("2025-08-03T00:00:00+03:30"));
		assert_str(caught.event[0].body, "{\"properties\":{\"currency\":\"IRR\",\"value\":1234.5}}");
	}
	static const struct {
		const char *toml, *cell, *time;
	} times[] = {
		{ "time_format = [\"%d/%m/%Y %H:%M\", \"%d/%m/%Y\"]", "31/01/2026 18:05", "2026-01-31T18:05:00Z" },
		{ "time_format = [\"%d/%m/%Y %H:%M\", \"%d/%m/%Y\"]", "31/01/2026", "2026-01-31T00:00:00Z" },
		{ "time_format = \"epoch_s\"", "1767261600", "2026-01-01T10:00:00Z" },
		{ "time_format = \"epoch_ms\"", "1767261600000", "2026-01-01T10:00:00Z" },
		{ "time_format = \"excel\"", "45658.75", "2025-01-01T18:00:00Z" },
		{ "time_format = \"%b %d, %Y %I:%M %p\"", "Jan 31, 2026 12:05 AM", "2026-01-31T00:05:00Z" },
		{ "time_format = \"%d %B %Y\"", "12 مارس 2026", "2026-03-12T00:00:00Z" },
		{ "time_format = \"%Y%m%d%H%M%S%z\"", "20260131180000+0300", "2026-01-31T15:00:00Z" },
		{ "zone = \"America/New_York\"", "2026-07-01 12:00", "2026-07-01T16:00:00Z" },
		{ "time_format = \"%d %B %Y\"\ncalendar = \"persian\"", "۱۲ مرداد ۱۴۰۴", "2025-08-03T00:00:00Z" },
		{ "calendar = \"persian\"", "1404-06-31", "2025-09-22T00:00:00Z" },
		{ "calendar = \"persian\"", "1404-12-30", NULL }, /* not a leap year */
		{ "calendar = \"persian\"", "2025-09-22", "2025-09-22T00:00:00Z" },
		{ "", "2026-02-29", NULL },
		{ "", "2026-13-01", NULL },
		{ "", "1767261600", NULL },
		{ "", "2026-01-01T25:00", NULL },
	};
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		char file[200], map[300];
		snprintf(file, sizeof file, "case|activity|at\na|X|%s\n", times[i].cell);
		snprintf(map, sizeof map, LOG "%s\n", times[i].toml);
		expect_ok(file, map);
		if (caught.n_events != (times[i].time != NULL))
			fail_msg("%s: %s", times[i].cell, caught.refused[0].err.text);
		if (times[i].time && caught.event[0].at_ms != ms(times[i].time))
			fail_msg("%s: %lld", times[i].cell, (long long)caught.event[0].at_ms);
	}
	static const struct {
		const char *decimal, *cell, *number;
	} numbers[] = { { ".", "1,234.50", "1234.50" },
		        { ".", "1,5", NULL },
		        { ",", "1.234,5", "1234.5" },
		        { ",", "12,5", "12.5" },
		        { ".", "007", "7" },
		        { ".", ".5", "0.5" },
		        { ".", "-٣٫٢", "-3.2" },
		        { ",", "٣٫٢", "3.2" },
		        { ".", "12,34,567", "1234567" },
		        { ".", "1e3", "1e3" },
		        { ".", "1e400", NULL },
		        { ".", "NaN", NULL },
		        { ".", "5€", NULL },
		        { ".", "1٬5", NULL },
		        { ".", "+4", "4" },
		        { ".", "1 234", "1234" },
		        { ".", "-", NULL },
		        { ".", "00.0", "0.0" } };
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		char file[200], map[300], want[100];
		snprintf(file, sizeof file, "case|activity|at|n\na|X|2026-01-01|%s\n", numbers[i].cell);
		snprintf(map, sizeof map, LOG "decimal = \"%s\"\nvalue = \"n\"\n", numbers[i].decimal);
		expect_ok(file, map);
		if (caught.n_events != (numbers[i].number != NULL))
			fail_msg("%s under %s", numbers[i].cell, numbers[i].decimal);
		if (!numbers[i].number) {
			assert_string_equal(caught.refused[0].err.field, "n");
			continue;
		}
		snprintf(want, sizeof want, "{\"properties\":{\"value\":%s}}", numbers[i].number);
		assert_str(caught.event[0].body, want);
	}
}

/* A promise for a day is kept until the day ends, where the mapping is; one with a time of day is taken at its word. */
static void a_promised_day_lasts_until_its_end(void **s)
{
	(void)s;
	static const struct {
		const char *format, *zone, *cell, *deadline;
	} rows[] = {
		{ "iso", "UTC", "2026-01-20", "2026-01-20T23:59:59.999Z" },
		{ "iso", "UTC", "2026-01-20 00:00:00", "2026-01-20T00:00:00.000Z" },
		{ "iso", "UTC", "2026-01-20T00:00", "2026-01-20T00:00:00.000Z" },
		{ "iso", "Asia/Tehran", "2026-01-20", "2026-01-20T20:29:59.999Z" },
		{ "iso", "Asia/Tehran", "2026/1/20", "2026-01-20T20:29:59.999Z" },
		{ "iso", "Asia/Tehran", "2026/1/20 0:00", "2026-01-19T20:30:00.000Z" },
		{ "iso", "Asia/Tehran", "2026-01-20T00:00:00Z", "2026-01-20T00:00:00.000Z" },
		{ "%d/%m/%Y", "UTC", "20/01/2026", "2026-01-20T23:59:59.999Z" },
		{ "%d/%m/%Y %H:%M", "UTC", "20/01/2026 00:00", "2026-01-20T00:00:00.000Z" },
		{ "%d/%m/%Y %T", "UTC", "20/01/2026 00:00:00", "2026-01-20T00:00:00.000Z" },
		{ "%d/%m/%Y %I %p", "UTC", "20/01/2026 12 am", "2026-01-20T00:00:00.000Z" },
		{ "excel", "UTC", "46042", "2026-01-20T23:59:59.999Z" },
		{ "excel", "UTC", "46042.5", "2026-01-20T12:00:00.000Z" },
		{ "epoch_s", "UTC", "1768867200", "2026-01-20T00:00:00.000Z" },
		/* a day of 23 hours: the clocks go forward on it */
		{ "iso", "Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59.999Z" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char file[200], map[300], want[100];
		snprintf(file, sizeof file, "case;at;promised\na;2026-01-21;%s\n", rows[i].cell);
		snprintf(
		        map, sizeof map,
		        "customer = \"case\"\nname = \"Delivered\"\ntime = \"at\"\nzone = \"%s\"\nexpected_at = { column = "
		        "\"promised\", format = \"%s\" }\n",
		        rows[i].zone, rows[i].format);
		expect_ok(file, map);
		assert_int_equal(caught.n_events, 1);
		snprintf(want, sizeof want, "{\"properties\":{\"expected_at\":\"%s\"}}", rows[i].deadline);
		assert_str(caught.event[0].body, want);
	}
	/* the event's own time and other times are not moved */
	expect_ok(
	        "case,at\na,2026-01-20\n",
	        "customer = \"case\"\nname = \"X\"\ntime = \"at\"\nproperties = { t = { column = \"at\", type = \"time\" } }");
	assert_int_equal(caught.event[0].at_ms, ms("2026-01-20T00:00:00Z"));
	assert_str(caught.event[0].body, "{\"properties\":{\"t\":\"2026-01-20T00:00:00.000Z\"}}");
}

static void one_row_gives_several_events_with_all_their_fields(void **s)
{
	(void)s;
	static const char toml[] =
	        "source = \"Shop\"\ndimensions = [\"city\"]\nzone = \"Asia/Riyadh\"\njourney = \"order\"\n"
	        "customer = [\"person\", \"phone\"]\nproperties = { city = \"town\", n = { column = \"items\", type = "
	        "\"number\" } }\n"
	        "[[event]]\nname = \"Bought\"\nstage = \"buy\"\ntime = \"bought\"\nchannel = { column = \"via\", map = "
	        "{ w = \"web\" }, default = \"store\" }\n"
	        "id = { template = \"{order}-b\" }\nvalue = \"paid\"\ncurrency = { value = \"SAR\" }\n"
	        "[[event]]\nname = \"Delivered\"\nstage = \"get\"\ntime = \"delivered\"\nexpected_at = "
	        "\"promised\"\nwait = { from = \"bought\", to = \"delivered\" }\n"
	        "failed = { column = \"state\", equals = [\"broken\"] }\n"
	        "[[event]]\nname = \"Rated\"\nwhen = { column = \"stars\", not = [\"\", \"0\"] }\ntime = [\"rated\", "
	        "\"delivered\"]\nscore = \"stars\"\nscore_max = 10\n"
	        "comment = \"words\"\nabout = { value = \"journey\" }\ntraits = [\"person\"]\n"
	        "[names.Bought]\nen = \"Bought\"\nfa = \"خرید\"\n";
	static const char file[] =
	        "order,person,phone,via,bought,promised,delivered,state,stars,rated,words,paid,town,items\n"
	        "1,p,,w,2026-01-01 10:00,2026-01-02,2026-01-03,broken,8,2026-01-04,دیر,10.5,Jeddah,2\n"
	        "2,,0500,,2026-01-01,,,ok,,,,,,\n"
	        "3,p,,,,,,,,,,,,\n"
	        "4,p,,x,2026-01-01,,,ok,11,2026-01-05,,,,\n";
	expect_ok(file, toml);
	assert_int_equal(caught.n_events, 5);
	const struct wire_event *e = caught.event;
	assert_str(e[0].id, "1-b");
	assert_str(e[0].channel, "web");
	assert_int_equal(e[0].at_ms, ms("2026-01-01T07:00:00Z"));
	assert_str(e[0].body, "{\"properties\":{\"channel\":\"web\",\"city\":\"Jeddah\",\"currency\":\"SAR\","
	                      "\"journey\":\"1\",\"n\":2,\"value\":10.5}}");
	assert_str(e[1].body, "{\"properties\":{\"city\":\"Jeddah\",\"expected_at\":\"2026-01-02T20:59:59.999Z\","
	                      "\"failed\":true,\"journey\":\"1\",\"n\":2,\"wait_ms\":136800000}}");
	assert_str(e[2].body, "{\"properties\":{\"about\":\"journey\",\"city\":\"Jeddah\",\"comment\":\"دیر\","
	                      "\"journey\":\"1\",\"n\":2,\"score\":8,\"score_max\":10},\"traits\":{\"person\":\"p\"}}");
	assert_str(e[3].customer, "0500");
	assert_str(e[3].channel, "store");
	assert_int_equal(e[4].line, 5);
	assert_int_equal(
	        caught.n_refused,
	        1); /* score 11; row 3 names no `when`-less event but "Rated" says when, so nothing was to happen */
	assert_string_equal(caught.refused[0].err.field, "stars");
	assert_int_equal(caught.n_declared, 6);
	assert_int_equal(caught.declared[0].what, WIRE_DECLARE_NAME);
	assert_str(caught.declared[1].text, "خرید");
	assert_int_equal(caught.declared[2].what, WIRE_DECLARE_DIMENSION);
	assert_str(caught.declared[2].text, "city");
	assert_int_equal(caught.declared[4].order, 1);
	assert_str(caught.declared[4].stage, "get");
	expect_ok("c,a,b\nu,2026-01-01,2026-01-02\nu,,\n",
	          "customer = \"c\"\n[[event]]\nname=\"A\"\ntime=\"a\"\n[[event]]\nname=\"B\"\ntime=\"b\"\n");
	assert_int_equal(caught.n_events, 2);
	assert_string_equal(caught.refused[0].err.id, "row.empty");
}

static void files_are_joined_by_keys(void **s)
{
	(void)s;
	struct memory m[3] = {
		{ .bytes = STR("order,who\n1,c1\n2,c9\n3,c1\n") },
		{ .bytes = STR("review,order,at,stars\nr1,1,2026-01-01,5\nr2,2,2026-01-01,4\nr3,77,2026-01-01,1\n") },
		{ .bytes = STR("order,part\n1,\"1.5\"\n1,2.25\n2,bad\n2,x\n") },
	};
	struct wire_input in[3] = { memory_input(&m[0], "dir/Orders.csv"), memory_input(&m[1], "reviews.csv.gz"),
		                    memory_input(&m[2], "parts.csv") };
	struct wire_mapping *map;
	struct err err;
	caught_start();
	assert_int_equal(
	        wire_mapping_read(
	                STR("[[table]]\nfile = \"rev*\"\ncustomer = \"o.who\"\nname = \"Rated\"\ntime = \"at\"\nscore "
	                    "= \"stars\"\njourney = \"order\"\n"
	                    "properties = { paid = { column = \"p.part\", type = \"text\" } }\n"
	                    "[table.join.o]\nfile = \"orders\"\nkey = \"order\"\n[table.join.p]\nfile = \"parts\"\nkey "
	                    "= \"order\"\non = \"o.order\"\nmissing = \"keep\"\nsum = [\"part\"]\n"),
	                &caught.arena, &map, &err),
	        OK);
	assert_int_equal(wire_table(map, in, 3, WIRE_AUTO, 0, &caught.sink, &err), OK);
	assert_int_equal(caught.n_events, 2);
	assert_str(caught.event[0].customer, "c1");
	assert_non_null(strstr(caught.event[0].body.ptr, "\"paid\":\"3.75\""));
	assert_int_equal(caught.n_refused, 2);
	assert_string_equal(caught.refused[0].err.id, "number.syntax");
	assert_string_equal(caught.refused[1].err.text, "reviews.csv.gz: '77' is not in o");
	assert_int_equal(caught.refused[1].line, 4);
	/* a file too many, a file too few */
	m[0].at = m[1].at = m[2].at = 0;
	in[2].name = STR("other.csv");
	assert_int_equal(wire_table(map, in, 3, WIRE_AUTO, 0, &caught.sink, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "no file is called 'parts'"));
	/* a key twice in the joined file is said, unless the mapping says which stands */
	static const char *const many[] = { "", "many = \"first\"", "many = \"last\"" };
	static const char *const want[] = { "x", "x", "y" };
	for (size_t i = 0; i < COUNT_OF(many); i++) {
		char toml[300];
		struct memory two[2] = { { .bytes = STR("k,at\n1,2026-01-01\n") },
			                 { .bytes = STR("k,who\n1,x\n1,y\n") } };
		struct wire_input pair[2] = { memory_input(&two[0], "a.csv"), memory_input(&two[1], "b.csv") };
		snprintf(toml, sizeof toml,
		         "customer = \"b.who\"\nname = \"E\"\ntime = \"at\"\n[join.b]\nfile = \"b\"\nkey = \"k\"\n%s\n",
		         many[i]);
		caught_start();
		assert_int_equal(wire_mapping_read(str_of(toml), &caught.arena, &map, &err), OK);
		assert_int_equal(wire_table(map, pair, 2, WIRE_AUTO, 0, &caught.sink, &err), OK);
		assert_int_equal(caught.n_events, 1);
		assert_str(caught.event[0].customer, want[i]);
		assert_int_equal(caught.n_refused, i == 0);
	}
}

static void mistakes_in_a_mapping_are_named_with_their_line(void **s)
{
	(void)s;
	static const struct {
		const char *toml, *words;
	} rows[] = {
		{ "custmer = \"a\"\n", "line 1: 'custmer' is not a key here; did you mean 'customer'?" },
		{ LOG "[[event]]\nnam = \"X\"\n", "line 5: 'nam' is not a key here; did you mean 'name'?" },
		{ LOG "score = { colum = \"x\" }\n", "did you mean 'column'?" },
		{ "name = \"X\"\ntime = \"at\"\n", "the event has no customer" },
		{ "customer = \"case\"\ntime = \"at\"\n", "the event has no name" },
		{ "customer = \"case\"\nname = \"X\"\n", "the event has no time" },
		{ LOG "zone = \"Mars/Base\"\n", "not a known time zone" },
		{ LOG "calendar = \"maya\"\n", "calendar" },
		{ LOG "time_format = \"%Q\"\n", "'%Q' in the time format is not known" },
		{ LOG "time_format = \"ISO\"\n", "'ISO' is not a time format" },
		{ LOG "properties = [\"score\"]\n", "'score' has a meaning of its own" },
		{ LOG "[join.x]\nkey = \"k\"\n", "the join says no file" },
		{ LOG "score = { value = 1, column = \"x\" }\n", "exactly one of" },
		{ LOG "id = { template = \"{case\" }\n", "a { is not closed" },
		{ LOG "name = \"X\"\n", "exclude each other" },
		{ "customer = case\n", "line 1, column 12: 'case' is no value; a text needs quotes" },
		{ "a = \"x\n", "line 1, column 5: a text is not closed on its line" },
		{ "[a\n", "] is expected" },
		{ "a = 1\na = 2\n", "'a' stands here twice" },
		{ "a = 2026-01-01\n", "dates are written as texts" },
		{ "a = {b = 1, b = 2}\n", "'b' stands here twice" },
		{ "a = [1 2]\n", "a comma or ] is expected" },
		{ "a = \"\\q\"\n", "unknown escape" },
		{ "a\n", "= is expected" },
		{ "مشتری = 1\n", "needs quotes" },
		{ "\xff", "not UTF-8" },
		{ LOG "score = \"activty\"\n", "t.csv has no column 'activty'; did you mean 'activity'?" },
		{ "file = \"other\"\n" LOG, "no file is called 'other'" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err;
		enum err_code rc = import_as(STR("case,activity,at\na,X,2026-01-01\n"), "t.csv", rows[i].toml, 0, &err);
		if (rc != ERR_INPUT || !strstr(err.text, rows[i].words)) fail_msg("row %zu: %s", i, err.text);
	}
	/* all that TOML has and mappings use, in one that works */
	expect_ok("case,activity,at\na,X,2026-01-01\n",
	          "# comment\n\"customer\" = 'case' # more\nname_column = \"\"\"\\\n   activity\"\"\"\ntime.column = "
	          "\"at\"\nscore_min = -1_0\nscore_max = 1e1\n"
	          "score = { value = 3.5, default = 0 }\nfailed = true\nproperties = { 'é' = { value = "
	          "\"\\u0633\\U0001F600\" }, z = { value = '''a'b''' } }\ndimensions = [\n 'q', # x\n]\n"
	          "[names]\n[names.\"X\"]\nen = \"x\"\n");
	assert_int_equal(caught.n_events, 1);
	assert_str(caught.event[0].body, "{\"properties\":{\"failed\":true,\"score\":3.5,\"score_max\":10,\"score_"
	                                 "min\":-10,\"z\":\"a'b\",\"é\":\"س😀\"}}");
}

static void public_csv_log_is_read_under_a_small_mapping(void **s)
{
	(void)s;
	struct wire_input in = file_input(DATA "/event-logs/running-example.csv");
	struct wire_mapping *m;
	struct err err;
	if (!in.ctx) {
		print_message("skipped: %s is absent\n", in.path);
		skip();
	}
	caught_start();
	assert_int_equal(wire_mapping_read(STR("customer = \"case:concept:name\"\nname_column = \"concept:name\"\ntime "
	                                       "= \"time:timestamp\"\nproperties = [\"org:resource\"]\n"),
	                                   &caught.arena, &m, &err),
	                 OK);
	enum err_code rc = wire_table(m, &in, 1, WIRE_AUTO, 0, &caught.sink, &err);
	fclose(in.ctx);
	if (rc != OK) fail_msg("%s (%s)", err.text, err.hint);
	assert_int_equal(caught.n_events, 42);
	assert_int_equal(caught.n_refused, 0);
}

static void rows_without_an_id_are_customers_by_their_number(void **s)
{
	(void)s;
	expect_ok(
	        "age;y\n30;no\n41;yes\n",
	        "customer = { template = \"row {#}\" }\nname_column = \"y\"\ntime = { value = \"2026-01-31\" }\nproperties = [\"age\"]");
	assert_int_equal(caught.n_events, 2);
	assert_str(caught.event[0].customer, "row 2");
	assert_str(caught.event[1].customer, "row 3");
	assert_str(caught.event[1].name, "yes");
	assert_int_equal(caught.event[1].at_ms, ms("2026-01-31T00:00:00Z"));
	/* A column of that name is what it says. */
	expect_ok("#,y,at\n7,no,2026-01-01\n", "customer = \"#\"\nname_column = \"y\"\ntime = \"at\"");
	assert_str(caught.event[0].customer, "7");
}

static void a_mapping_fits_the_tables_that_have_its_columns(void **s)
{
	(void)s;
	struct wire_mapping *m;
	struct err err;
	const struct str columns[] = { STR("who"), STR("At"), STR("more") };
	static const struct {
		const char *toml;
		bool fits;
	} cases[] = {
		{ "customer = \"who\"\nname = \"x\"\ntime = \"at\"", true },
		{ "customer = { template = \"{who}-{#}\" }\nname = \"x\"\ntime = \"at\"", true },
		{ "customer = \"who\"\nname = \"x\"\ntime = \"at\"\nproperties = [\"colour\"]", false },
		{ "customer = \"who\"\nname = \"x\"\ntime = \"at\"\n[event]\n", false },
		{ "customer = { value = \"a\" }\nname = \"x\"\ntime = { value = \"2026-01-01\" }", false },
	};
	caught_start();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const bool read = wire_mapping_read(str_of(cases[i].toml), &caught.arena, &m, &err) == OK;
		assert_int_equal(read && wire_mapping_fits(m, columns, COUNT_OF(columns)), cases[i].fits);
	}
}

static void rows_are_counted_once(void **s)
{
	(void)s;
	expect_ok("case,activity,at\na,X,2026-01-01\na,X,2026-01-01\n", LOG);
	assert_int_equal(caught.n_events, 2);
	assert_true(caught.event[0].content ==
	            caught.event[1].content); /* equal ones are told apart by whoever stores them */
	assert_int_equal(caught.event[1].line, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_4180_is_read_whatever_the_reads_give),
		cmocka_unit_test(delimiters_are_found_and_a_wrong_one_is_named),
		cmocka_unit_test(bad_rows_are_refused_and_the_rest_is_kept),
		cmocka_unit_test(long_fields_and_wide_tables_meet_their_limits),
		cmocka_unit_test(utf16_and_numbers_and_dates_of_three_scripts_are_read),
		cmocka_unit_test(a_promised_day_lasts_until_its_end),
		cmocka_unit_test(one_row_gives_several_events_with_all_their_fields),
		cmocka_unit_test(files_are_joined_by_keys),
		cmocka_unit_test(mistakes_in_a_mapping_are_named_with_their_line),
		cmocka_unit_test(public_csv_log_is_read_under_a_small_mapping),
		cmocka_unit_test(rows_without_an_id_are_customers_by_their_number),
		cmocka_unit_test(a_mapping_fits_the_tables_that_have_its_columns),
		cmocka_unit_test(rows_are_counted_once),
	};
	int failed = cmocka_run_group_tests_name("wire table", tests, NULL, NULL);
	arena_done(&caught.arena);
	return failed;
}
