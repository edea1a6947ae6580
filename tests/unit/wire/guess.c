#include "tests/unit/wire/caught.h"

static struct wire_guess guess;

/* Guesses, then imports under the guessed mapping. */
static void guess_and_import(struct str file, const char *name)
{
	struct memory m = { .bytes = file };
	struct wire_input in = memory_input(&m, name);
	struct wire_mapping *map;
	struct err err;
	caught_start();
	if (wire_guess_table(&in, 1, WIRE_AUTO, &caught.arena, &guess, &err) != OK) fail_msg("%s", err.text);
	if (guess.mapping_toml.len == 0) return;
	if (wire_mapping_read(guess.mapping_toml, &caught.arena, &map, &err) != OK)
		fail_msg("%s\n" STR_FMT, err.text, STR_ARG(guess.mapping_toml));
	m.at = 0;
	if (wire_table(map, &in, 1, WIRE_AUTO, 0, &caught.sink, &err) != OK)
		fail_msg("%s\n" STR_FMT, err.text, STR_ARG(guess.mapping_toml));
}

static const char *role(const char *column)
{
	for (size_t i = 0; i < guess.n_columns; i++)
		if (str_eq(guess.columns[i].name, str_of(column))) return guess.columns[i].role;
	fail_msg("no column %s", column);
	return "";
}

static void an_event_log_is_understood(void **s)
{
	(void)s;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b, STR("case,activity,timestamp,resource\n"));
	for (int i = 0; i < 300; i++)
		buf_printf(&b, "c%d,%s,2026-01-%02d %02d:00:00,%s\n", i / 3, i % 3 ? "Pay, late" : "Ask", i % 28 + 1,
		           i % 24, i % 2 ? "Ann" : "Bob");
	guess_and_import(buf_view(&b), "log.csv");
	buf_done(&b);
	assert_int_equal(
	        guess.n_rows,
	        300 - 200); /* unquoted commas make rows of five fields: they are left out here and refused there */
	assert_string_equal(role("case"), "customer");
	assert_string_equal(role("activity"), "event");
	assert_string_equal(role("timestamp"), "time");
	assert_string_equal(role("resource"), "dimension");
	assert_int_equal(caught.n_events, 100);
	assert_int_equal(caught.n_refused, 200);
	assert_str(caught.event[0].name, "Ask");
	assert_non_null(strstr(caught.event[0].body.ptr, "\"resource\":\"Bob\""));
}

static void the_first_rows_are_shown_and_each_reason_has_its_words(void **s)
{
	(void)s;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b, STR("client;visited_at;rating;plan\n"));
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "c%d;2026-01-%02d 10:00:00;%d;%s\n", i, i % 28 + 1, i % 5 + 1, i % 2 ? "gold" : "basic");
	guess_and_import(buf_view(&b), "visits.csv");
	buf_done(&b);
	assert_int_equal(guess.n_preview, WIRE_PREVIEW_ROWS);
	assert_str(guess.preview[0], "c0");
	assert_str(guess.preview[4 + 2], "2");
	assert_string_equal(guess.columns[0].why.id, "word");
	assert_str(guess.columns[0].why.word, "client");
	assert_string_equal(guess.columns[1].why.id, "times");
	assert_string_equal(guess.columns[2].why.id, "word_score");
	assert_int_equal(guess.columns[2].why.from, 1);
	assert_int_equal(guess.columns[2].why.to, 5);
	assert_string_equal(guess.columns[3].why.id, "few");
	assert_int_equal(guess.columns[3].why.n, 2);
}

static void an_orders_table_gives_an_event_for_each_date(void **s)
{
	(void)s;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b, STR("order_id;customer_id;order_purchase_timestamp;order_delivered_customer_date;order_estimated_"
	                "delivery_date;total_amount;city\n"));
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "o%d;k%d;%02d/03/2026 10:00;%s;%02d/04/2026 00:00;1.2%02d,50;%s\n", i, i / 2, i % 28 + 1,
		           i % 4 ? "30/04/2026 12:30" : "", i % 28 + 1, i % 100, i % 3 ? "Cairo" : "Doha");
	guess_and_import(buf_view(&b), "orders.csv");
	buf_done(&b);
	assert_string_equal(role("order_id"), "key");
	assert_string_equal(role("customer_id"), "customer");
	assert_string_equal(role("order_purchase_timestamp"), "time");
	assert_string_equal(role("order_estimated_delivery_date"), "expected_at");
	assert_string_equal(role("total_amount"), "value");
	assert_string_equal(role("city"), "dimension");
	assert_int_equal(caught.n_events, 350);
	assert_int_equal(caught.n_refused, 0);
	assert_str(caught.event[0].name, "Order purchase");
	assert_int_equal(caught.event[0].at_ms, ms("2026-03-01T10:00:00Z"));
	assert_str(caught.event[0].body, "{\"properties\":{\"city\":\"Doha\",\"journey\":\"o0\",\"value\":1200.50}}");
	assert_str(caught.event[2].name, "Order delivered customer");
	assert_non_null(strstr(caught.event[2].body.ptr, "\"expected_at\":\"2026-04-02T00:00:00.000Z\""));
	assert_int_equal(caught.n_declared, 3);
}

static void ratings_in_persian_are_understood(void **s)
{
	(void)s;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b, STR("شناسه مشتری,تاریخ,امتیاز,توضیحات\n"));
	for (int i = 0; i < 60; i++)
		buf_printf(&b, "م%d,۱۴۰۴/۰%d/۱۲,%d,\"خیلی دیر رسید، شماره %d و بسته هم باز شده بود\"\n", i, i % 6 + 1,
		           i % 5 + 1, i);
	guess_and_import(buf_view(&b), "ratings.csv");
	buf_done(&b);
	assert_string_equal(role("شناسه مشتری"), "customer");
	assert_string_equal(role("تاریخ"), "time");
	assert_string_equal(role("امتیاز"), "score");
	assert_string_equal(role("توضیحات"), "comment");
	assert_int_equal(caught.n_events, 60);
	assert_int_equal(caught.event[0].at_ms, ms("2025-04-01T00:00:00Z"));
	assert_non_null(strstr(caught.event[0].body.ptr, "\"score\":1"));
}

static bool mapping_has(const char *line)
{
	return memmem(guess.mapping_toml.ptr, guess.mapping_toml.len, line, strlen(line)) != NULL;
}

/* Header, lowest and highest value seen; then what the mapping and the reason must say. */
static void scales_are_those_that_were_seen(void **s)
{
	(void)s;
	static const struct {
		const char *header;
		int low, high;
		const char *lines, *reason;
	} rows[] = {
		{ "rating", 1, 5, "score_min = 1\nscore_max = 5 ", "ratings on 1 to 5." },
		{ "stars", 2, 4, "score_min = 1\nscore_max = 5 ", "ratings on 1 to 5." },
		{ "rating", 0, 5, "score_min = 0\nscore_max = 5 ", "ratings on 0 to 5." },
		{ "score", 0, 10, "score_min = 0\nscore_max = 10 ", "ratings on 0 to 10." },
		{ "score", 1, 10, "score_min = 1\nscore_max = 10 ", "ratings on 1 to 10." },
		{ "satisfaction", 1, 7, "score_min = 1\nscore_max = 7 ", "ratings on 1 to 7." },
		{ "CES", 1, 5, "score_kind = { value = \"ces\" }", "ratings on 1 to 7." },
		{ "services score", 1, 5, "score_min = 1\nscore_max = 5 ", "ratings on 1 to 5." },
		{ "nps", 3, 10, "score_kind = { value = \"nps\" }", "ratings on 0 to 10." },
		{ "csat", 20, 95, "score_min = 0\nscore_max = 100 ", "ratings on 0 to 100." },
		{ "q7", 1, 5, "score_min = 1\nscore_max = 5 ", "ratings on 1 to 5." },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b;
		buf_init(&b, MIB);
		buf_printf(&b, "customer_id,when,%s\n", rows[i].header);
		for (int k = 0; k < 40; k++)
			buf_printf(&b, "c%d,2026-01-01 10:%02d,%d\n", k, k,
			           rows[i].low + k % (rows[i].high - rows[i].low + 1));
		guess_and_import(buf_view(&b), "t.csv");
		buf_done(&b);
		assert_string_equal(role(rows[i].header), "score");
		if (!mapping_has(rows[i].lines) || !mapping_has(rows[i].reason))
			fail_msg("%s\n" STR_FMT, rows[i].header, STR_ARG(guess.mapping_toml));
		assert_int_equal(caught.n_events, 40);
		assert_int_equal(caught.n_refused, 0);
	}
}

static void a_table_without_times_gives_no_mapping(void **s)
{
	(void)s;
	guess_and_import(STR("a,b\n1,x\n2,y\n"), "t.csv");
	assert_int_equal(guess.mapping_toml.len, 0);
	assert_int_equal(guess.n_columns, 2);
	assert_string_equal(guess.columns[0].type, "number");
	assert_str(guess.columns[1].samples[1], "y");
	/* headers that try to break out of the mapping */
	guess_and_import(STR("\"cust\"\"omer\n[x]\",\"date\\\",\"when # \x01\"\nu,2026-01-01,2026-01-02\n"), "t.csv");
	assert_int_equal(caught.n_events, 2);
}

static void real_tables_are_guessed_into_mappings_that_work(void **s)
{
	(void)s;
	static const struct {
		const char *file;
		int64_t at_least;
	} files[] = { { "event-logs/running-example.csv", 42 },
		      { "olist/orders.csv.zst", 37467 },
		      { "olist/order_reviews.csv.zst", 36996 } };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char path[600];
		snprintf(path, sizeof path, DATA "/%s", files[i].file);
		struct wire_input in = file_input(path);
		struct wire_mapping *map;
		struct err err;
		if (!in.ctx) {
			print_message("skipped: %s is absent\n", path);
			skip();
		}
		caught_start();
		if (wire_guess_table(&in, 1, WIRE_AUTO, &caught.arena, &guess, &err) != OK) fail_msg("%s", err.text);
		rewind(in.ctx);
		if (wire_mapping_read(guess.mapping_toml, &caught.arena, &map, &err) != OK)
			fail_msg("%s\n" STR_FMT, err.text, STR_ARG(guess.mapping_toml));
		if (wire_table(map, &in, 1, WIRE_AUTO, 0, &caught.sink, &err) != OK) fail_msg("%s", err.text);
		fclose(in.ctx);
		if (caught.n_events < files[i].at_least || caught.n_refused)
			fail_msg("%s: %lld events, %lld refused\n" STR_FMT, path, (long long)caught.n_events,
			         (long long)caught.n_refused, STR_ARG(guess.mapping_toml));
	}
}

static void formats_are_told_by_bytes_then_by_name(void **s)
{
	(void)s;
	static const struct {
		const char *head, *name;
		enum wire_format format;
	} rows[] = {
		{ "PK\x03\x04rest", "x.bin", WIRE_XLSX },
		{ "  {\"customer\"", "x", WIRE_NDJSON },
		{ "\xEF\xBB\xBF<?xml", "x", WIRE_XES },
		{ "\x1F\x8B", "log.xes.gz", WIRE_XES },
		{ "\x28\xB5\x2F\xFD", "orders.CSV.zst", WIRE_CSV },
		{ "a,b\n1,2", "x", WIRE_CSV },
		{ "\xFF\xFE{", "reviews.csv", WIRE_CSV },
		{ "hello", "x", WIRE_AUTO },
		{ "", "", WIRE_AUTO },
		{ "a", "b.tsv", WIRE_CSV },
		{ "", ".csv", WIRE_AUTO },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (wire_detect(str_of(rows[i].head), str_of(rows[i].name)) != rows[i].format) fail_msg("row %zu", i);
}

static void events_of_arabic_and_persian_dates_have_names_in_each_language(void **s)
{
	(void)s;
	guess_and_import(STR("رقم العميل,تاريخ الطلب,وقت الدفع,تاریخ تحویل,تاريخ شيء\n"
	                     "c1,2026-01-01 10:00,2026-01-02 10:00,2026-01-03 11:00,2026-01-04 12:00\n"),
	                 "t.csv");
	assert_int_equal(caught.n_events, 4);
	assert_str(caught.event[0].name, "الطلب");
	assert_str(caught.event[1].name, "الدفع");
	assert_str(caught.event[2].name, "تحویل");
	assert_str(caught.event[3].name, "شيء");
	assert_true(mapping_has("[names.\"الطلب\"]\nen = \"Order\"\nar = \"الطلب\"\nfa = \"سفارش\"\n"));
	assert_true(mapping_has("[names.\"تحویل\"]\nen = \"Delivery\"\n"));
	assert_false(mapping_has("[names.\"شيء\"]"));
	int names = 0;
	for (int64_t i = 0; i < caught.n_declared; i++) names += caught.declared[i].what == WIRE_DECLARE_NAME;
	assert_true(names >= 6);
}

static void what_is_no_table_is_named(void **s)
{
	(void)s;
	static const struct {
		struct str head;
		const char *kind;
	} rows[] = {
		{ STR("\xFF\xD8\xFF\xE0\0\x10JFIF"), "a picture (JPEG)" },
		{ STR("%PDF-1.7\n"), "a document (PDF)" },
		{ STR("PK\x03\x04\x14\0\0\0\x08\0................\x08\0\0\0note.txt"), "an archive (ZIP)" },
		{ STR("PK\x03\x04\x14\0\0\0\x08\0................\x13\0\0\0[Content_Types].xml"), NULL },
		{ STR("PK\x03\x04\x14\0\0\0\x08\0................\x0B\0\0\0_rels/.rels"), NULL },
		{ STR("id,at\n1,2"), NULL },
		{ STR(""), NULL },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *got = wire_other_kind(rows[i].head);
		if (!got != !rows[i].kind || (got && strcmp(got, rows[i].kind) != 0))
			fail_msg("row %zu: %s", i, got ? got : "-");
	}
}

/* As a small shop's till writes it: short headers, semicolons, a comma before the halalas. */
static void a_tills_export_says_whom_to_ask(void **s)
{
	(void)s;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b,
	        STR("Inv. No.;Cust Code;E-Mail Addr.;Mob.;Shop;Dt Ordered;Rcvd by cust;Promise Dt;Tot. amt;Curr\n"));
	for (int i = 0; i < 60; i++)
		buf_printf(
		        &b,
		        "INV/%d;C%03d;c%d@example.com;+9665500000%02d;Riyadh %d;%02d.10.2026 09:30;%02d.10.2026 18:00;"
		        "27.10.2026;%d,50;SAR\n",
		        i, i / 2, i / 2, i / 2, i % 4, i % 20 + 1, i % 20 + 3, i + 20);
	guess_and_import(buf_view(&b), "orders.csv");
	buf_done(&b);
	static const char *const roles[][2] = {
		{ "Inv. No.", "key" },
		{ "Cust Code", "customer" },
		{ "E-Mail Addr.", "email" },
		{ "Mob.", "phone" },
		{ "Shop", "unit" },
		{ "Dt Ordered", "time" },
		{ "Promise Dt", "expected_at" },
		{ "Tot. amt", "value" },
	};
	for (size_t i = 0; i < COUNT_OF(roles); i++) assert_string_equal(role(roles[i][0]), roles[i][1]);
	assert_int_equal(caught.n_refused, 0);
	assert_int_equal(caught.n_events, 180);
	assert_str(caught.event[0].name, "Ordered");
	assert_non_null(strstr(caught.event[0].body.ptr, "20.5"));
	assert_non_null(strstr(caught.event[2].body.ptr, "c0@example.com"));
	assert_null(strstr(caught.event[1].body.ptr, "c0@example.com"));
}

static void answers_to_the_recommendation_are_its_score(void **s)
{
	(void)s;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b, STR("Cust Code,Survey date,Shop,How likely to recommend (0-10),Why?\n"));
	for (int i = 0; i < 44; i++)
		buf_printf(&b, "C%03d,%02d/09/2026,Vanak,%d,%s\n", i, i % 28 + 1, i % 11, i % 3 ? "kind" : "");
	guess_and_import(buf_view(&b), "nps.csv");
	buf_done(&b);
	assert_string_equal(role("Why?"), "comment");
	assert_string_equal(role("Shop"), "unit");
	assert_non_null(strstr(guess.mapping_toml.ptr, "score_kind = { value = \"nps\" }"));
	assert_int_equal(caught.n_events, 44);
}

static void without_a_customer_the_mail_address_is_one(void **s)
{
	(void)s;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b, STR("order_no,mail,bought_at\n"));
	for (int i = 0; i < 30; i++) buf_printf(&b, "%d,p%d@example.com,2026-05-%02d\n", 1000 + i, i % 9, i % 28 + 1);
	guess_and_import(buf_view(&b), "orders.csv");
	buf_done(&b);
	assert_string_equal(role("mail"), "customer");
	assert_string_equal(role("order_no"), "key");
	assert_non_null(strstr(guess.mapping_toml.ptr, "traits = { email = \"mail\" }"));
	assert_int_equal(caught.n_events, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_log_is_understood),
		cmocka_unit_test(the_first_rows_are_shown_and_each_reason_has_its_words),
		cmocka_unit_test(an_orders_table_gives_an_event_for_each_date),
		cmocka_unit_test(a_tills_export_says_whom_to_ask),
		cmocka_unit_test(answers_to_the_recommendation_are_its_score),
		cmocka_unit_test(without_a_customer_the_mail_address_is_one),
		cmocka_unit_test(ratings_in_persian_are_understood),
		cmocka_unit_test(scales_are_those_that_were_seen),
		cmocka_unit_test(a_table_without_times_gives_no_mapping),
		cmocka_unit_test(real_tables_are_guessed_into_mappings_that_work),
		cmocka_unit_test(events_of_arabic_and_persian_dates_have_names_in_each_language),
		cmocka_unit_test(what_is_no_table_is_named),
		cmocka_unit_test(formats_are_told_by_bytes_then_by_name),
	};
	int failed = cmocka_run_group_tests_name("wire guess", tests, NULL, NULL);
	arena_done(&caught.arena);
	return failed;
}
