#include "tests/unit/wire/caught.h"

#include "base/hash.h"

static enum err_code read_bytes(const char *text, struct err *err)
{
	struct memory m = { .bytes = str_of(text) };
	struct wire_input in = memory_input(&m, "log.xes");
	caught_start();
	*err = (struct err){ 0 };
	return wire_xes(&in, ms("2026-06-01T00:00:00Z"), &caught.sink, err);
}

static void attributes_keep_their_types_and_the_trace_is_the_customer(void **s)
{
	(void)s;
	struct err err;
	assert_int_equal(
	        read_bytes(
	                "<?xml version='1.0'?><log xes.version='1849-2023' xmlns='http://www.xes-standard.org/'>"
	                "<string key='creator' value='x'><int key='n' value='1'/></string>"
	                "<global scope='event'><string key='concept:name' value='UNKNOWN'/></global><classifier "
	                "name='A' keys='concept:name'/>"
	                "<trace><string key='concept:name' value='NA'/><int key='AMOUNT' value='20000'/>"
	                "<event><string key='concept:name' value='A &amp; B'/><date key='time:timestamp' "
	                "value='2026-01-01T10:00:00.000+03:00'/>"
	                "<string key='lifecycle:transition' value='start'/><float key='price' value='9.5'/><float "
	                "key='odd' value='NaN'/>"
	                "<boolean key='ok' value='true'/><id key='i' value='0-1'/><string key='org:resource' "
	                "value='r'><int key='level' value='3'/></string>"
	                "<list key='l'><values><int key='v' value='1'/><int key='v' value='2'/></values></list></event>"
	                "<event><date key='time:timestamp' value='2026-01-01T10:00:00'/><string key='concept:name' "
	                "value='C'/></event></trace></log>",
	                &err),
	        OK);
	assert_int_equal(caught.n_events, 2);
	assert_int_equal(caught.n_refused, 0);
	assert_str(caught.event[0].customer, "NA");
	assert_str(caught.event[0].name, "A & B");
	assert_int_equal(caught.event[0].at_ms, ms("2026-01-01T07:00:00Z"));
	assert_str(caught.event[0].body,
	           "{\"properties\":{\"case:AMOUNT\":20000,\"i\":\"0-1\",\"l.v\":1,\"l.v#2\":2,\"lifecycle:"
	           "transition\":\"start\","
	           "\"odd\":\"NaN\",\"ok\":true,\"org:resource\":\"r\",\"org:resource.level\":3,\"price\":9.5}}");
	assert_int_equal(caught.event[1].line, 2);
	assert_int_equal(caught.event[1].at_ms, ms("2026-01-01T10:00:00Z"));
}

static void what_has_no_name_or_time_is_refused_with_the_reason(void **s)
{
	(void)s;
	struct err err;
	assert_int_equal(read_bytes("<log><trace><event><string key='concept:name' value='A'/><date "
	                            "key='time:timestamp' value='2026-01-01'/></event></trace>\n"
	                            "<trace><string key='concept:name' value='t'/><event><string key='concept:name' "
	                            "value='A'/></event>"
	                            "<event><date key='time:timestamp' value='2026-01-01'/></event>"
	                            "<event><string key='concept:name' value='A'/><date key='time:timestamp' "
	                            "value='monday'/></event>"
	                            "<event><string key='concept:name' value='A'/><date key='time:timestamp' "
	                            "value='1850-01-01'/></event><event/></trace>"
	                            "<event><string key='concept:name' value='A'/><date key='time:timestamp' "
	                            "value='2026-01-01'/></event>"
	                            "<trace></trace></log>",
	                            &err),
	                 OK);
	assert_int_equal(caught.n_events, 0);
	assert_int_equal(caught.n_refused, 7);
	assert_int_equal(caught.n_aside, 1);
	static const char *const words[] = { "trace 1 (line 1) has no concept:name",
		                             "has no time:timestamp",
		                             "event 3 (line 2) has no concept:name",
		                             "'monday' is not a time",
		                             "1850",
		                             "has no concept:name",
		                             "has no concept:name",
		                             "trace 3" };
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!strstr(caught.refused[i].err.text, words[i])) fail_msg("%zu: %s", i, caught.refused[i].err.text);
}

static void doctype_and_broken_xml_are_clear_errors(void **s)
{
	(void)s;
	struct err err;
	static const char good[] =
	        "<trace><string key='concept:name' value='t'/><event><string key='concept:name' value='A'/>"
	        "<date key='time:timestamp' value='2026-01-01'/></event></trace>";
	char text[2000];
	static const struct {
		const char *before, *after, *id;
		int events;
	} rows[] = {
		{ "<?xml version='1.0'?>\n<!DOCTYPE log [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
		  "\"&a;&a;&a;&a;&a;&a;&a;\">]><log><string key='k' value='&b;'/>",
		  "</log>", "xes.doctype", 0 },
		{ "<!DOCTYPE log SYSTEM 'http://127.0.0.1:9/x.dtd'><log>", "</log>", "xes.doctype", 0 },
		{ "<log>", "<trace>", "xes.syntax", 1 },
		{ "<log>", "</lgo>", "xes.syntax", 1 },
		{ "<log>", "&nosuch;</log>", "xes.syntax", 1 },
		{ "<log>", "\xff</log>", "xes.syntax", 1 },
		{ "<html>", "</html>", "xes.syntax", 0 },
		{ "nonsense", "", "xes.syntax", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		snprintf(text, sizeof text, "%s%s%s", rows[i].before, good, rows[i].after);
		if (read_bytes(text, &err) != ERR_INPUT || strcmp(err.id, rows[i].id) != 0)
			fail_msg("row %zu: %s", i, err.text);
		if (caught.n_events > rows[i].events) fail_msg("row %zu: %lld events", i, (long long)caught.n_events);
		assert_true(err.hint[0] != '\0');
	}
	assert_int_equal(read_bytes("", &err), ERR_INPUT);
}

static void a_hostile_event_costs_only_itself(void **s)
{
	(void)s;
	struct buf b;
	struct err err;
	buf_init(&b, 16 * MIB);
	buf_str(&b, STR("<log><trace><string key='concept:name' value='t'/>"));
	for (int k = 0; k < 3; k++) {
		buf_str(&b, STR("<event><string key='concept:name' value='A'/><date key='time:timestamp' "
		                "value='2026-01-01'/>"));
		if (k == 0)
			for (int i = 0; i < 5000; i++) buf_str(&b, STR("<int key='n' value='1'/>"));
		if (k == 1) {
			buf_str(&b, STR("<string key='long' value='"));
			for (int i = 0; i < 2 * 1024 * 1024; i++) buf_byte(&b, 'x');
			buf_str(&b, STR("'/>"));
		}
		buf_str(&b, STR("</event>"));
	}
	buf_str(&b, STR("</trace></log>"));
	buf_byte(&b, '\0');
	assert_int_equal(read_bytes(b.ptr, &err), OK);
	assert_int_equal(caught.n_events, 1);
	assert_int_equal(caught.n_refused, 2);
	assert_string_equal(caught.refused[0].err.id, "event.size");
	assert_string_equal(caught.refused[1].err.id, "event.size");
	buf_done(&b);
}

/* Counts customers by order of appearance: traces are contiguous. */
struct tally {
	int64_t events, cases, refused;
	uint64_t last;
};

static enum err_code tally_event(void *ctx, const struct wire_event *e, struct err *err)
{
	(void)err;
	struct tally *t = ctx;
	uint64_t h = hash64_seed(e->customer, 1);
	t->cases += t->events == 0 || h != t->last;
	t->last = h;
	t->events++;
	return e->line == t->events ? OK : err_set(err, ERR_CORRUPT, "test", "", "out of order");
}

static enum err_code tally_refusal(void *ctx, const struct wire_refusal *r, struct err *err)
{
	(void)r, (void)err;
	((struct tally *)ctx)->refused++;
	return OK;
}

static void public_logs_have_the_counts_of_their_readme(void **s)
{
	(void)s;
	static const struct {
		const char *file;
		int64_t events, cases;
	} logs[] = {
		{ "running-example.xes", 42, 6 },
		{ "receipt.xes.gz", 8577, 1434 },
		{ "sepsis_cases.xes.gz", 15214, 1050 },
		{ "helpdesk.xes.gz", 21348, 4580 },
		{ "bpic2020_prepaid_travel_cost.xes.gz", 17507, 2007 },
		{ "bpic2020_domestic_declarations.xes.gz", 55628, 10357 },
		{ "bpic2012_loan_applications.xes.gz", 262200, 13087 },
	};
	for (size_t i = 0; i < COUNT_OF(logs); i++) {
		char path[600];
		struct tally t = { 0 };
		struct err err;
		snprintf(path, sizeof path, DATA "/event-logs/%s", logs[i].file);
		struct wire_input in = file_input(path);
		if (!in.ctx) {
			print_message("skipped: %s is absent\n", path);
			skip();
		}
		struct wire_sink sink = { .ctx = &t, .event = tally_event, .refuse = tally_refusal };
		if (wire_xes(&in, ms("2026-11-22T00:00:00Z"), &sink, &err) != OK)
			fail_msg("%s: %s", logs[i].file, err.text);
		fclose(in.ctx);
		assert_int_equal(t.events, logs[i].events);
		assert_int_equal(t.cases, logs[i].cases);
		assert_int_equal(t.refused, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_keep_their_types_and_the_trace_is_the_customer),
		cmocka_unit_test(what_has_no_name_or_time_is_refused_with_the_reason),
		cmocka_unit_test(doctype_and_broken_xml_are_clear_errors),
		cmocka_unit_test(a_hostile_event_costs_only_itself),
		cmocka_unit_test(public_logs_have_the_counts_of_their_readme),
	};
	int failed = cmocka_run_group_tests_name("wire xes", tests, NULL, NULL);
	arena_done(&caught.arena);
	return failed;
}
