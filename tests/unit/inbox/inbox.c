/* The inbox: what is feedback, following, finding, what people do with it. */
#include "inbox/inbox.h"
#include "tests/unit/unit.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/hash.h"

#define T0 INT64_C(1767261600000) /* 2026-01-01T10:00:00Z */

struct world {
	char dir[64];
	struct store *st;
	struct inbox *x;
	struct arena a;
	int n; /* events so far: their ids */
};

static int drop(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s, (void)type, (void)f;
	return remove(path);
}

static void opened(struct world *w)
{
	struct err err;
	assert_int_equal(store_open(w->dir, STORE_CREATE, &w->st, &err), OK);
	assert_int_equal(inbox_open(w->st, &w->x, &err), OK);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	snprintf(w->dir, sizeof w->dir, "/tmp/inbox-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	arena_init(&w->a, 64 * MIB);
	opened(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	inbox_close(w->x);
	store_close(w->st);
	arena_done(&w->a);
	nftw(w->dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

/* Stores an event; returns its arrival number. */
static uint64_t put(struct world *w, const char *customer, const char *name, int64_t at_ms, const char *properties)
{
	struct err err = { 0 };
	char id[16];
	snprintf(id, sizeof id, "e%d", w->n++);
	const struct str body = str_format(&w->a, "{\"properties\":{%s}}", properties);
	struct wire_event e = { .type = WIRE_TRACK,
		                .customer = str_of(customer),
		                .anonymous = STR(""),
		                .previous = STR(""),
		                .name = str_of(name),
		                .channel = STR("web"),
		                .id = str_of(id),
		                .at_ms = at_ms,
		                .body = body,
		                .content = hash64(body) };
	struct store_item item = { .event = &e };
	if (store_append(w->st, 1, at_ms, &item, 1, NULL, &err) != OK) fail_msg("%s", err.text);
	return item.arrival;
}

static void read_log(struct world *w)
{
	struct err err = { 0 };
	if (inbox_catch_up(w->x, &err) != OK) fail_msg("%s", err.text);
}

static struct inbox_page list(struct world *w, const struct inbox_filter *f)
{
	struct err err = { 0 };
	struct inbox_page p;
	if (inbox_list(w->x, f, INBOX_NEWEST, 50, &w->a, &p, &err) != OK) fail_msg("%s (%s)", err.text, err.id);
	return p;
}

static int64_t found(struct world *w, const char *text)
{
	struct inbox_filter f = inbox_filter_any;
	struct search_query q;
	struct err err;
	assert_int_equal(search_query_read(str_of(text), &w->a, &q, &err), OK);
	f.search = &q;
	return list(w, &f).total;
}

static void what_has_a_score_or_words_is_feedback(void **state)
{
	struct world *w = *state;
	put(w, "u1", "Order Placed", T0, "\"value\":3,\"currency\":\"EUR\"");
	put(w, "u1", "Survey", T0 + 1,
	    "\"score\":4,\"score_kind\":\"nps\",\"about\":\"Order Placed\",\"unit\":\"sa/riyadh\"");
	put(w, "u2", "Complaint", T0 + 2, "\"comment\":\"very late\",\"comment_lang\":\"en\"");
	put(w, "u2", "Survey", T0 + 3, "\"score\":11,\"score_kind\":\"nps\""); /* not on its scale, and no words */
	put(w, "u2", "Note", T0 + 4, "\"comment\":\"  \"");
	put(w, "u2", "Note", T0 + 5, "\"text\":\"a \\\"score\\\" of words\"");
	read_log(w);
	const struct inbox_page p = list(w, &inbox_filter_any);
	assert_int_equal(p.total, 2);
	assert_string_equal(p.rows[0].comment.ptr, "very late");
	assert_false(p.rows[0].has_score);
	assert_string_equal(p.rows[0].lang.ptr, "en");
	assert_string_equal(p.rows[1].about.ptr, "Order Placed");
	assert_string_equal(p.rows[1].unit.ptr, "sa/riyadh");
	assert_true(fabs(p.rows[1].utility - 40) < 1e-9);
	assert_true(str_eq(p.rows[1].customer, STR("u1")));
	assert_int_equal(p.rows[1].state, INBOX_NEW);
}

static void a_restart_goes_on_where_it_stopped(void **state)
{
	struct world *w = *state;
	struct err err;
	struct inbox_state s;
	put(w, "u1", "Review", T0, "\"score\":1");
	read_log(w);
	read_log(w);
	inbox_close(w->x);
	store_close(w->st);
	opened(w);
	put(w, "u1", "Review", T0 + 1, "\"score\":2");
	read_log(w);
	assert_int_equal(inbox_state(w->x, STR(""), &s, &err), OK);
	assert_int_equal(s.feedback, 2);
	assert_int_equal(s.arrival_end, s.store_end);
}

static void reading_again_keeps_what_people_did(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct inbox_row row;
	const struct str tags[] = { STR("refund"), STR("late") };
	const uint64_t at = put(w, "u1", "Review", T0, "\"score\":1,\"comment\":\"broken box\"");
	put(w, "u2", "Review", T0, "\"score\":5,\"comment\":\"good\"");
	read_log(w);
	const struct inbox_change c = { .set_state = true,
		                        .state = INBOX_OPEN,
		                        .set_assigned = true,
		                        .assigned = STR("ann"),
		                        .add_tags = tags,
		                        .n_add = 2 };
	assert_int_equal(inbox_change(w->x, at, &c, STR("bo"), T0, &err), OK);
	assert_int_equal(inbox_rebuild(w->x, &err), OK);
	assert_int_equal(inbox_get(w->x, at, &w->a, &row, &err), OK);
	assert_int_equal(row.state, INBOX_OPEN);
	assert_string_equal(row.assigned.ptr, "ann");
	assert_string_equal(row.tags.ptr, "[\"late\",\"refund\"]");
	assert_int_equal(found(w, "broken"), 1);
	assert_int_equal(list(w, &inbox_filter_any).total, 2);
}

static void words_are_found_in_three_languages(void **state)
{
	struct world *w = *state;
	put(w, "u1", "Review", T0, "\"comment\":\"The delivery was late\"");
	put(w, "u2", "Review", T0 + 40 * WHEN_DAY_MS, "\"comment\":\"التَّوصيل سيئ جدًا\"");
	put(w, "u3", "Review", T0 + 80 * WHEN_DAY_MS, "\"comment\":\"کتاب‌های من دیر رسید ۱۲۳\"");
	read_log(w);
	assert_int_equal(found(w, "LATE deliv"), 1);
	assert_int_equal(found(w, "توصيل "), 1);
	assert_int_equal(found(w, "كتابها"), 1);
	assert_int_equal(found(w, "123"), 1);
	assert_int_equal(found(w, "late -delivery"), 0);
	assert_int_equal(found(w, "\"was late\""), 1);
	assert_int_equal(found(w, "nothing"), 0);
}

/* Each filter against three rows of which it takes one. */
static void filters_take_what_they_say(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	const uint64_t a = put(w, "u1", "Review", T0,
	                       "\"score\":1,\"unit\":\"sa/riyadh\",\"comment\":\"bad\",\"comment_lang\":\"en\"");
	put(w, "u2", "Rating", T0 + 1000, "\"score\":5,\"unit\":\"sar\"");
	put(w, "u3", "Survey", T0 + 2000, "\"score\":4,\"about\":\"Delivered\",\"unit\":\"ae/dubai\"");
	read_log(w);
	const struct str tag = STR("vip");
	assert_int_equal(inbox_change(w->x, a,
	                              &(struct inbox_change){ .set_state = true,
	                                                      .state = INBOX_DONE,
	                                                      .set_assigned = true,
	                                                      .assigned = STR("ann"),
	                                                      .add_tags = &tag,
	                                                      .n_add = 1 },
	                              STR("ann"), T0, &err),
	                 OK);
	struct inbox_filter f[12];
	for (size_t i = 0; i < COUNT_OF(f); i++) f[i] = inbox_filter_any;
	f[0].at_most = 25;
	f[1].at_least = 90;
	f[2].events = STR("[\"Delivered\",\"Nobody\"]");
	f[3].events = STR("[\"Review\"]");
	f[4].unit = STR("sa");
	f[5].lang = STR("en");
	f[6].states = 1 << INBOX_DONE;
	f[7].assigned = STR("ann");
	f[8].tag = STR("vip");
	f[9].commented = 1;
	f[10].from_ms = T0 + 2000;
	f[11].to_ms = T0 + 1000;
	for (size_t i = 0; i < COUNT_OF(f); i++)
		if (list(w, &f[i]).total != 1) fail_msg("filter %zu takes %lld", i, (long long)list(w, &f[i]).total);
	struct inbox_filter nobody = inbox_filter_any;
	nobody.assigned = STR("");
	assert_int_equal(list(w, &nobody).total, 2);
}

static void pages_follow_each_other_without_holes(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	for (int i = 0; i < 23; i++) put(w, "u1", "Review", T0 + i / 3, "\"score\":3,\"comment\":\"word\"");
	read_log(w);
	for (int words = 0; words < 2; words++) {
		struct search_query q;
		struct inbox_filter f = inbox_filter_any;
		struct inbox_cursor at = INBOX_NEWEST;
		uint64_t last = UINT64_MAX;
		int seen = 0;
		assert_int_equal(search_query_read(words ? STR("word") : STR(""), &w->a, &q, &err), OK);
		f.search = &q;
		for (bool more = true; more; seen++) {
			struct inbox_page p;
			assert_int_equal(inbox_list(w->x, &f, at, 1, &w->a, &p, &err), OK);
			assert_int_equal(p.total, seen ? -1 : 23);
			assert_int_equal(p.n, 1);
			assert_true(p.rows[0].arrival < last);
			last = p.rows[0].arrival;
			more = p.more;
			at = p.next;
		}
		assert_int_equal(seen, 23);
	}
}

static void impossible_changes_are_refused(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct str tags[INBOX_TAGS_MAX + 1];
	const struct str empty = STR(" ");
	const uint64_t at = put(w, "u1", "Review", T0, "\"score\":1");
	put(w, "u1", "Order Placed", T0, "\"value\":1");
	read_log(w);
	for (size_t i = 0; i < COUNT_OF(tags); i++) tags[i] = str_format(&w->a, "t%zu", i);
	const struct inbox_change state_of = { .set_state = true, .state = INBOX_DONE };
	assert_int_equal(inbox_change(w->x, at + 1, &state_of, STR("ann"), T0, &err), ERR_NOT_FOUND);
	assert_int_equal(
	        inbox_change(w->x, at, &(struct inbox_change){ .add_tags = &empty, .n_add = 1 }, STR("ann"), T0, &err),
	        ERR_INPUT);
	assert_int_equal(inbox_change(w->x, at, &(struct inbox_change){ .add_tags = tags, .n_add = COUNT_OF(tags) },
	                              STR("ann"), T0, &err),
	                 ERR_LIMIT);
	struct inbox_row row;
	assert_int_equal(inbox_get(w->x, at, &w->a, &row, &err), OK);
	assert_string_equal(row.tags.ptr, "[]");
	struct inbox_note note = { .at_ms = T0, .author = STR("ann"), .text = STR(" ") };
	assert_int_equal(inbox_note_add(w->x, at, &note, &err), ERR_INPUT);
}

static void a_reply_opens_what_was_new(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct inbox_row row;
	struct inbox_note *notes;
	size_t n;
	const uint64_t at = put(w, "u1", "Review", T0, "\"score\":1");
	read_log(w);
	struct inbox_note note = { .at_ms = T0, .author = STR("ann"), .text = STR("seen") };
	assert_int_equal(inbox_note_add(w->x, at, &note, &err), OK);
	assert_int_equal(inbox_get(w->x, at, &w->a, &row, &err), OK);
	assert_int_equal(row.state, INBOX_NEW);
	note.reply = true;
	note.channel = STR("email");
	note.message = STR("17");
	assert_int_equal(inbox_note_add(w->x, at, &note, &err), OK);
	assert_int_equal(inbox_get(w->x, at, &w->a, &row, &err), OK);
	assert_int_equal(row.state, INBOX_OPEN);
	assert_int_equal(inbox_notes(w->x, at, &w->a, &notes, &n, &err), OK);
	assert_int_equal(n, 2);
	assert_true(notes[1].reply && !notes[0].reply);
	assert_string_equal(notes[1].message.ptr, "17");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(what_has_a_score_or_words_is_feedback),
		CASE(a_restart_goes_on_where_it_stopped),
		CASE(reading_again_keeps_what_people_did),
		CASE(words_are_found_in_three_languages),
		CASE(filters_take_what_they_say),
		CASE(pages_follow_each_other_without_holes),
		CASE(impossible_changes_are_refused),
		CASE(a_reply_opens_what_was_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
