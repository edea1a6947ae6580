#include "tests/unit/unit.h"

#include "base/checked.h"
#include "base/json_tree.h"
#include "base/rng.h"

static struct arena arena;

static int setup(void **s)
{
	(void)s;
	arena_init(&arena, 64 * MIB);
	return 0;
}

static int teardown(void **s)
{
	(void)s;
	arena_done(&arena);
	return 0;
}

static const struct json_node *tree(const char *text)
{
	struct json_node *root;
	struct err err = { 0 };
	if (json_tree(str_of(text), &arena, &root, &err) != OK) fail_msg("%s: %s", text, err.text);
	return root;
}

static void nodes_hold_what_was_written_in_its_order(void **s)
{
	(void)s;
	const struct json_node *root =
	        tree(" { \"b\" : [1, -2.50, {\"x\":null}], \"a\\u0062\":\"x\\ny\", \"t\":true,\"f\":false } ");
	assert_int_equal(root->type, JT_OBJECT);
	assert_int_equal(root->n, 4);
	const struct json_node *b = root->first;
	assert_str(b->key, "b");
	assert_str(b->raw, "[1, -2.50, {\"x\":null}]");
	assert_int_equal(b->n, 3);
	assert_str(b->first->next->raw, "-2.50");
	assert_str(b->first->next->next->first->raw, "null");
	assert_null(b->first->next->next->next);
	const struct json_node *ab = b->next;
	struct str text;
	assert_str(ab->key, "ab");
	assert_true(json_node_text(ab, &arena, &text));
	assert_str(text, "x\ny");
	assert_false(json_node_text(b, &arena, &text));
	assert_str(ab->next->raw, "true");
	assert_str(ab->next->next->raw, "false");
	assert_int_equal(ab->next->next->type, JT_FALSE);
}

static void of_one_name_the_last_member_is_found(void **s)
{
	(void)s;
	const struct json_node *root = tree("{\"a\":1,\"b\":2,\"a\":3,\"\\u0061\":4}");
	assert_str(json_member(root, STR("a"))->raw, "4");
	assert_str(json_member(root, STR("b"))->raw, "2");
	assert_null(json_member(root, STR("c")));
	assert_null(json_member(tree("[1]"), STR("a")));
	assert_null(json_member(NULL, STR("a")));
}

static void a_text_that_is_not_json_is_told_by_line_and_column(void **s)
{
	(void)s;
	static const char *const bad[] = { "", "{", "[1,", "{\"a\":}", "[1]]", "{\"a\":1,}", "[\"\xff\"]" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct json_node *root;
		struct err err = { 0 };
		assert_int_equal(json_tree(str_of(bad[i]), &arena, &root, &err), ERR_INPUT);
		assert_non_null(strstr(err.text, "line 1, column"));
	}
}

/* --- the canonical form against texts that were written so ---------------------------------------- */

static const char *const names[] = { "",   "a",   "aa", "ab",  "b",        "c",
	                             "k1", "k10", "k2", "x y", "\xd8\xb3", "\xd9\x81\xd8\xa7" };

static void space(struct rng *r, struct buf *b)
{
	static const char *const some[] = { "", "", "", " ", "\n", "\t ", "\r\n" };
	buf_str(b, str_of(some[rng_below(r, COUNT_OF(some))]));
}

/* A text with its quotes, each character as it is or as an escape that means the same. */
static void loose_text(struct rng *r, struct buf *b, struct str text)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];
		if (c == '\n' || c == '"' || (c < 0x80 && rng_below(r, 8) == 0)) buf_printf(b, "\\u%04x", c);
		else buf_byte(b, text.ptr[i]);
	}
	buf_byte(b, '"');
}

static void strict_text(struct buf *b, struct str text)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\n') buf_str(b, STR("\\n"));
		else if (text.ptr[i] == '"') buf_str(b, STR("\\\""));
		else buf_byte(b, text.ptr[i]);
	}
	buf_byte(b, '"');
}

/* The same value twice: as it must come out, and as a careless writer has it. */
static void value(struct rng *r, int depth, struct buf *strict, struct buf *loose)
{
	static const char *const leaves[] = { "0", "-1.50", "1e3", "true", "false", "null" };
	static const char *const texts[] = { "", "plain", "a \"quote\"", "two\nlines", "\xd8\xb3\xd9\x81\xd8\xb1" };
	const uint64_t kind = rng_below(r, depth ? 5 : 2);
	space(r, loose);
	if (kind == 0) {
		const struct str leaf = str_of(leaves[rng_below(r, COUNT_OF(leaves))]);
		buf_str(strict, leaf);
		buf_str(loose, leaf);
	} else if (kind == 1) {
		const struct str text = str_of(texts[rng_below(r, COUNT_OF(texts))]);
		strict_text(strict, text);
		loose_text(r, loose, text);
	} else if (kind == 2) {
		const uint64_t n = rng_below(r, 4);
		buf_byte(strict, '['), buf_byte(loose, '[');
		for (uint64_t i = 0; i < n; i++) {
			if (i) buf_byte(strict, ','), buf_byte(loose, ',');
			value(r, depth - 1, strict, loose);
		}
		buf_byte(strict, ']'), buf_byte(loose, ']');
	} else {
		/* Members in the order of names; the loose text has them in another order, some said before in vain. */
		struct buf parts[COUNT_OF(names)];
		size_t order[COUNT_OF(names)], n = 0;
		buf_byte(strict, '{'), buf_byte(loose, '{');
		for (size_t i = 0; i < COUNT_OF(names); i++) {
			if (rng_below(r, 3)) continue;
			if (n) buf_byte(strict, ',');
			strict_text(strict, str_of(names[i]));
			buf_byte(strict, ':');
			buf_init(&parts[i], MIB);
			value(r, depth - 1, strict, &parts[i]);
			order[n++] = i;
		}
		for (size_t i = 0; i < n; i++) {
			const size_t k = i + (size_t)rng_below(r, n - i), which = order[k];
			order[k] = order[i];
			if (i) buf_byte(loose, ',');
			if (rng_below(r, 6) == 0) {
				loose_text(r, loose, str_of(names[which]));
				buf_str(loose, STR(":[\"in vain\"],"));
			}
			space(r, loose);
			loose_text(r, loose, str_of(names[which]));
			space(r, loose);
			buf_byte(loose, ':');
			buf_str(loose, buf_view(&parts[which]));
			buf_done(&parts[which]);
		}
		buf_byte(strict, '}'), buf_byte(loose, '}');
	}
	space(r, loose);
}

static void the_canonical_form_of_ten_thousand_careless_texts_is_what_was_meant(void **s)
{
	(void)s;
	struct rng r;
	struct buf strict, loose, got;
	struct err err = { 0 };
	rng_init(&r, 7, 0);
	buf_init(&strict, MIB), buf_init(&loose, MIB), buf_init(&got, MIB);
	for (int i = 0; i < 10000; i++) {
		buf_clear(&strict), buf_clear(&loose), buf_clear(&got);
		arena_reset(&arena);
		value(&r, 4, &strict, &loose);
		assert_false(strict.full || loose.full);
		assert_int_equal(json_canonical(buf_view(&loose), &arena, &got, &err), OK);
		if (!str_eq(buf_view(&got), buf_view(&strict)))
			fail_msg("of " STR_FMT "\n   " STR_FMT "\nnot " STR_FMT, STR_ARG(buf_view(&loose)),
			         STR_ARG(buf_view(&got)), STR_ARG(buf_view(&strict)));
		const struct json_node *again = NULL;
		struct json_node *root;
		assert_int_equal(json_tree(buf_view(&strict), &arena, &root, &err), OK);
		again = root;
		if (again->type == JT_OBJECT || again->type == JT_ARRAY) {
			/* What is canonical is known to be, unless a text in it is escaped. */
			const bool escapes = memchr(strict.ptr, '\\', strict.len) != NULL;
			assert_int_equal(again->canonical, !escapes);
		}
	}
	buf_done(&strict), buf_done(&loose), buf_done(&got);
}

static void more_members_than_are_sorted_by_hand(void **s)
{
	(void)s;
	struct buf text, got;
	struct err err = { 0 };
	buf_init(&text, MIB), buf_init(&got, MIB);
	buf_byte(&text, '{');
	for (int i = 999; i >= 0; i--) buf_printf(&text, "\"k%03d\":%d,\"k%03d\":%d%s", i, -1, i, i, i ? "," : "}");
	assert_int_equal(json_canonical(buf_view(&text), &arena, &got, &err), OK);
	buf_clear(&text);
	buf_byte(&text, '{');
	for (int i = 0; i < 1000; i++) buf_printf(&text, "%s\"k%03d\":%d", i ? "," : "", i, i);
	buf_byte(&text, '}');
	assert_true(str_eq(buf_view(&text), buf_view(&got)));
	buf_done(&text), buf_done(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_hold_what_was_written_in_its_order),
		cmocka_unit_test(of_one_name_the_last_member_is_found),
		cmocka_unit_test(a_text_that_is_not_json_is_told_by_line_and_column),
		cmocka_unit_test(the_canonical_form_of_ten_thousand_careless_texts_is_what_was_meant),
		cmocka_unit_test(more_members_than_are_sorted_by_hand),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
