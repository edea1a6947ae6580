#include "tests/unit/wire/caught.h"

static struct buf stream;

static int to_stream(void *ctx, const void *bytes, size_t len)
{
	(void)ctx;
	buf_put(&stream, bytes, len);
	return stream.full;
}

static int broken_pipe(void *ctx, const void *bytes, size_t len)
{
	(void)ctx, (void)bytes, (void)len;
	return -1;
}

static const struct wire_event sample = {
	.type = WIRE_ALIAS,
	.customer = STR("u"),
	.anonymous = STR("a"),
	.previous = STR("p"),
	.name = STR("تحویل"),
	.channel = STR("web"),
	.id = STR("id"),
	.at_ms = -1000,
	.body = STR("{\"traits\":{}}"),
	.content = 0xF0E1D2C3B4A59687u,
	.line = 9,
};
static const struct wire_refusal refusal = {
	.line = 3,
	.err = { .code = ERR_LIMIT,
	         .id = "event.size",
	         .field = "/batch/3",
	         .value = 5,
	         .limit = 4,
	         .text = "too long",
	         .hint = "Send less." },
	.raw = STR("raw"),
	.set_aside = true,
	.reason = "time.range",
};
static const struct wire_declare declare = { .what = WIRE_DECLARE_STEP,
	                                     .event = STR("E"),
	                                     .lang = STR("fa"),
	                                     .text = STR("x"),
	                                     .order = 4,
	                                     .stage = STR("buy") };

static void write_all(int n)
{
	struct wire_pipe p = { .write = to_stream };
	struct wire_sink sink;
	struct err err;
	buf_clear(&stream);
	wire_pipe_sink(&p, &sink);
	for (int i = 0; i < n; i++) {
		assert_int_equal(sink.event(sink.ctx, &sample, &err), OK);
		assert_int_equal(sink.refuse(sink.ctx, &refusal, &err), OK);
		assert_int_equal(sink.declare(sink.ctx, &declare, &err), OK);
		assert_int_equal(sink.progress(sink.ctx, 100, 10), 0);
	}
	struct err verdict;
	err_set(&verdict, ERR_INPUT, "xes.syntax", "field", "words");
	err_hint(&verdict, "A hint.");
	assert_int_equal(wire_pipe_end(&p, ERR_INPUT, &verdict, &err), OK);
}

static enum err_code replay(struct str bytes, size_t step, struct err *err)
{
	struct memory m = { .bytes = bytes, .step = step };
	struct wire_input in = memory_input(&m, "pipe");
	caught_start();
	*err = (struct err){ 0 };
	return wire_pipe_replay(&in, &caught.sink, err);
}

static void what_is_written_is_what_is_replayed(void **s)
{
	(void)s;
	struct err err;
	write_all(150);
	for (size_t step = 0; step < 4; step++) {
		assert_int_equal(replay(buf_view(&stream), step, &err), ERR_INPUT);
		assert_string_equal(err.id, "xes.syntax");
		assert_string_equal(err.text, "words");
		assert_string_equal(err.hint, "A hint.");
		assert_int_equal(caught.n_events, 150);
		assert_int_equal(caught.n_aside, 150);
		assert_int_equal(caught.n_declared, 150);
		const struct wire_event *e = &caught.event[149];
		assert_int_equal(e->type, WIRE_ALIAS);
		assert_int_equal(e->at_ms, -1000);
		assert_true(e->content == sample.content);
		assert_int_equal(e->line, 9);
		assert_str(e->name, "تحویل");
		assert_str(e->previous, "p");
		assert_str(e->body, "{\"traits\":{}}");
		const struct wire_refusal *r = &caught.refused[0];
		assert_int_equal(r->err.code, ERR_LIMIT);
		assert_string_equal(r->err.id, "event.size");
		assert_string_equal(r->err.field, "/batch/3");
		assert_int_equal(r->err.limit, 4);
		assert_string_equal(r->reason, "time.range");
		assert_int_equal(caught.declared[0].what, WIRE_DECLARE_STEP);
		assert_int_equal(caught.declared[0].order, 4);
		assert_str(caught.declared[0].stage, "buy");
	}
}

static void a_stream_that_ends_early_is_a_dead_parser(void **s)
{
	(void)s;
	struct err err;
	write_all(1);
	for (size_t len = 0; len < stream.len; len++)
		if (replay(str_cut(buf_view(&stream), 0, len), 0, &err) != ERR_CORRUPT)
			fail_msg("%zu of %zu bytes were enough", len, stream.len);
}

static void changed_bytes_never_pass_what_the_gate_would_not(void **s)
{
	(void)s;
	struct err err;
	write_all(1);
	for (size_t i = 0; i < stream.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			stream.ptr[i] = (char)(stream.ptr[i] ^ (1 << bit));
			enum err_code rc = replay(buf_view(&stream), 0, &err);
			assert_true(rc != OK || err.text[0] == '\0');
			for (int64_t e = 0; e < caught.n_events; e++) {
				assert_true(caught.event[e].at_ms >= WHEN_MIN_MS &&
				            caught.event[e].at_ms < WHEN_MAX_MS);
				assert_true(caught.event[e].type < WIRE_TYPES);
				assert_int_equal(utf8_valid(caught.event[e].name.ptr, caught.event[e].name.len),
				                 caught.event[e].name.len);
			}
			stream.ptr[i] = (char)(stream.ptr[i] ^ (1 << bit));
		}
}

static void a_reader_that_is_gone_stops_the_parser(void **s)
{
	(void)s;
	struct wire_pipe p = { .write = broken_pipe };
	struct wire_sink sink;
	struct err err;
	wire_pipe_sink(&p, &sink);
	assert_true(sink.progress(sink.ctx, 1, 1) != 0);
	enum err_code rc = OK;
	for (int i = 0; i < 2000 && rc == OK; i++) rc = sink.event(sink.ctx, &sample, &err);
	assert_int_equal(rc, ERR_IO);
	assert_int_equal(wire_pipe_end(&p, OK, NULL, &err), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_what_is_replayed),
		cmocka_unit_test(a_stream_that_ends_early_is_a_dead_parser),
		cmocka_unit_test(changed_bytes_never_pass_what_the_gate_would_not),
		cmocka_unit_test(a_reader_that_is_gone_stops_the_parser),
	};
	buf_init(&stream, 8 * MIB);
	int failed = cmocka_run_group_tests_name("wire pipe", tests, NULL, NULL);
	buf_done(&stream);
	arena_done(&caught.arena);
	return failed;
}
