#include <zlib.h>
#include <zstd.h>

#include "tests/unit/wire/caught.h"

static enum err_code read_bytes(struct str bytes, size_t step, struct err *err)
{
	struct memory m = { .bytes = bytes, .step = step };
	struct wire_input in = memory_input(&m, "events.ndjson");
	caught_start();
	return wire_ndjson(&in, ms("2026-06-01T00:00:00Z"), &caught.sink, err);
}

static void both_dialects_are_told_apart(void **s)
{
	(void)s;
	struct wire_input in = file_input(GOLDEN "/canonical.ndjson");
	struct err err;
	assert_non_null(in.ctx);
	caught_start();
	assert_int_equal(wire_ndjson(&in, ms("2026-06-01T00:00:00Z"), &caught.sink, &err), OK);
	fclose(in.ctx);
	assert_int_equal(caught.n_events, 4);
	const struct wire_event *e = caught.event;
	assert_str(e[0].body, "{\"properties\":{\"comment\":\"two days "
	                      "late\",\"currency\":\"EUR\",\"expected_at\":\"2025-12-31T18:00:00+03:00\","
	                      "\"journey\":\"order-12\",\"score\":2,\"value\":49.9}}");
	assert_str(e[0].id, "evt-77");
	assert_str(e[0].channel, "courier");
	assert_str(e[1].customer, "مشتری ۱");
	assert_str(e[1].channel, "store");
	assert_int_equal(e[1].at_ms, ms("2026-01-01T10:00:00Z"));
	assert_int_equal(e[2].at_ms, ms("2026-01-01T07:00:00Z"));
	assert_str(e[2].id, "m1");
	assert_int_equal(e[2].line, 3);
	assert_int_equal(e[3].type, WIRE_PAGE);
	assert_str(e[3].name, "/x");
	assert_int_equal(e[3].line, 4);
}

static void broken_lines_are_refused_with_their_number_and_the_rest_is_kept(void **s)
{
	(void)s;
	static const char text[] =
	        "\xEF\xBB\xBF{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\"}\r\n"
	        "\n"
	        "{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\"\n"
	        "{\"customer\":\"a\",\"event\":\"E\"}\n"
	        "{\"customer\":\"a\",\"at\":\"2026-01-01\"}\n"
	        "{\"at\":\"2026-01-01\",\"event\":\"E\"}\n"
	        "{\"customer\":\"\xC3\x28\",\"at\":\"2026-01-01\",\"event\":\"E\"}\n"
	        "{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\",\"properties\":{\"v\":NaN}}\n"
	        "{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\",\"properties\":{\"v\":1e400}}\n"
	        "{\"customer\":\"a\",\"at\":\"1850-01-01\",\"event\":\"E\"}\n"
	        "{\"customer\":\"a\",\"at\":\"2190-01-01\",\"event\":\"E\"}\n"
	        "{\"customer\":\"a\",\"at\":\"2031-01-01\",\"event\":\"E\"}\n"
	        "{\"customer\":7,\"at\":\"2026-01-01\",\"event\":\"E\"}\n"
	        "[]\n"
	        "{\"userId\":\"u\",\"event\":\"E\"}\n"
	        "{\"batch\":[7]}\n"
	        "{\"batch\":7}\n"
	        "{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\",\"other\":1}";
	static const struct {
		int64_t line;
		const char *field;
		bool aside;
	} want[] = { { 3, "", false },          { 4, "/at", false },        { 5, "/event", false },
		     { 6, "/customer", false }, { 7, "", false },           { 8, "", false },
		     { 9, "", false },          { 10, "/at", true },        { 11, "/at", true },
		     { 12, "/at", true },       { 13, "/customer", false }, { 14, "", false },
		     { 15, "/type", false },    { 16, "/batch/0", false },  { 17, "/batch", false } };
	for (size_t step = 0; step < 8; step++) {
		struct err err;
		assert_int_equal(read_bytes(str_of(text), step, &err), OK);
		assert_int_equal(caught.n_events, 2);
		assert_int_equal(caught.n_refused + caught.n_aside, (int64_t)COUNT_OF(want));
		for (size_t i = 0; i < COUNT_OF(want); i++) {
			assert_int_equal(caught.refused[i].line, want[i].line);
			assert_int_equal(caught.refused[i].set_aside, want[i].aside);
			if (want[i].field[0]) assert_string_equal(caught.refused[i].err.field, want[i].field);
		}
		assert_str(caught.event[1].body, "{\"more\":{\"other\":1}}");
		/* what is shown of a broken line is UTF-8 */
		assert_int_equal(utf8_valid(caught.refused[4].raw.ptr, caught.refused[4].raw.len),
		                 caught.refused[4].raw.len);
	}
}

static void ids_with_control_characters_are_refused_at_the_door(void **s)
{
	(void)s;
	static const char text[] =
	        "{\"customer\":\"a\\u0000b\",\"at\":\"2026-01-01\",\"event\":\"E\"}\n"
	        "{\"customer\":\"\\u001f\",\"at\":\"2026-01-01\",\"event\":\"E\"}\n"
	        "{\"anonymous\":\"a\\tb\",\"at\":\"2026-01-01\",\"event\":\"E\"}\n"
	        "{\"type\":\"track\",\"userId\":\"a\\nb\",\"event\":\"E\",\"timestamp\":\"2026-01-01\"}\n"
	        "{\"type\":\"alias\",\"userId\":\"a\",\"previousId\":\"b\\u007f\",\"timestamp\":\"2026-01-01\"}\n"
	        "{\"customer\":\" a b\\u0085\\u200c\",\"at\":\"2026-01-01\",\"event\":\"E\\tF\"}\n";
	static const char *const fields[] = { "/customer", "/customer", "/anonymous", "/customer", "/previous" };
	struct err err;
	assert_int_equal(read_bytes((struct str){ text, sizeof text - 1 }, 0, &err), OK);
	assert_int_equal(caught.n_events, 1);
	assert_int_equal(caught.n_refused, COUNT_OF(fields));
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		assert_string_equal(caught.refused[i].err.id, "event.control");
		assert_string_equal(caught.refused[i].err.field, fields[i]);
	}
	assert_non_null(strstr(caught.refused[0].err.text, "U+0000, behind 1 bytes"));
}

static void deep_lines_and_two_megabyte_strings_cost_only_themselves(void **s)
{
	(void)s;
	struct buf b;
	struct err err;
	buf_init(&b, 32 * MIB);
	static const char good[] = "{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\"}\n";
	buf_str(&b, str_of(good));
	for (size_t i = 0; i < 10000; i++) buf_byte(&b, '[');
	for (size_t i = 0; i < 10000; i++) buf_byte(&b, ']');
	buf_byte(&b, '\n');
	static const size_t sizes[] = { 2 * 1024 * 1024 - 200, 2 * 1024 * 1024 + 5, 9 * 1024 * 1024 };
	for (size_t k = 0; k < COUNT_OF(sizes); k++) {
		buf_str(&b, STR("{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\",\"properties\":{\"x\":\""));
		for (size_t i = 0; i < sizes[k]; i++) buf_byte(&b, 'x');
		buf_str(&b, STR("\"}}\n"));
	}
	buf_str(&b, str_of(good));
	static const size_t steps[] = { 0, 100003 };
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		assert_int_equal(read_bytes(buf_view(&b), steps[i], &err), OK);
		assert_int_equal(caught.n_events, 2);
		assert_int_equal(caught.n_refused, 4);
		assert_int_equal(caught.event[1].line, 6);
		assert_string_equal(caught.refused[1].err.id, "event.size");
		assert_string_equal(caught.refused[2].err.id, "line.size");
		assert_string_equal(caught.refused[3].err.id, "line.size");
		assert_int_equal(caught.refused[3].line, 5);
	}
	buf_done(&b);
}

static void gzip_zstd_and_utf16_are_read_as_they_are(void **s)
{
	(void)s;
	static const char text[] = "{\"customer\":\"س😀\",\"at\":\"2026-01-01\",\"event\":\"E\"}\n";
	char packed[512], wide[512];
	struct err err;
	uLongf n;
	z_stream z = { 0 };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text, z.avail_in = sizeof text - 1;
	z.next_out = (Bytef *)packed, z.avail_out = 200;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	n = z.total_out;
	deflateEnd(&z);
	memcpy(packed + n, packed, n); /* two members end to end */
	for (size_t step = 0; step < 3; step++) {
		assert_int_equal(read_bytes((struct str){ packed, 2 * n }, step, &err), OK);
		assert_int_equal(caught.n_events, 2);
		assert_int_equal(read_bytes((struct str){ packed, n - 9 }, step, &err), ERR_INPUT);
		assert_string_equal(err.id, "file.gzip");
	}
	n = ZSTD_compress(packed, sizeof packed, text, sizeof text - 1, 3);
	assert_int_equal(read_bytes((struct str){ packed, n }, 1, &err), OK);
	assert_int_equal(caught.n_events, 1);
	assert_int_equal(read_bytes((struct str){ packed, n - 3 }, 1, &err), ERR_INPUT);
	assert_string_equal(err.id, "file.zstd");

	struct str t = str_of(text);
	for (int big = 0; big < 2; big++) {
		size_t len = 0;
		for (size_t i = 0, first = 1; i < t.len || first; first = 0) {
			uint32_t cp = first ? 0xFEFF : utf8_next(t, &i), units[2] = { cp, 0 };
			int k = 1;
			if (cp >= 0x10000)
				units[0] = 0xD800 + ((cp - 0x10000) >> 10), units[1] = 0xDC00 + (cp & 0x3FF), k = 2;
			for (int u = 0; u < k; u++) {
				wide[len++] = (char)(big ? units[u] >> 8 : units[u] & 0xFF);
				wide[len++] = (char)(big ? units[u] & 0xFF : units[u] >> 8);
			}
		}
		assert_int_equal(read_bytes((struct str){ wide, len }, 3, &err), OK);
		assert_int_equal(caught.n_events, 1);
		assert_str(caught.event[0].customer, "س😀");
		/* half a pair: the line is refused */
		wide[2 + 2 * 14 + 4] = 'x';
		assert_int_equal(read_bytes((struct str){ wide, len }, 3, &err), OK);
	}
}

static int stop_at_once(void *ctx, int64_t bytes, int64_t rows)
{
	(void)ctx;
	(void)bytes;
	return rows > 0;
}

static void progress_can_stop_a_long_file(void **s)
{
	(void)s;
	struct memory m = { .bytes = STR("{\"customer\":\"a\",\"at\":\"2026-01-01\",\"event\":\"E\"}\n") };
	struct wire_input in = memory_input(&m, "x");
	struct err err;
	caught_start();
	caught.sink.progress = stop_at_once;
	assert_int_equal(wire_ndjson(&in, 0, &caught.sink, &err), ERR_UNAVAILABLE);
	assert_string_equal(err.id, "cancelled");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_dialects_are_told_apart),
		cmocka_unit_test(broken_lines_are_refused_with_their_number_and_the_rest_is_kept),
		cmocka_unit_test(ids_with_control_characters_are_refused_at_the_door),
		cmocka_unit_test(deep_lines_and_two_megabyte_strings_cost_only_themselves),
		cmocka_unit_test(gzip_zstd_and_utf16_are_read_as_they_are),
		cmocka_unit_test(progress_can_stop_a_long_file),
	};
	int failed = cmocka_run_group_tests_name("wire ndjson", tests, NULL, NULL);
	arena_done(&caught.arena);
	return failed;
}
