/* Events and the records that belong to them: both or neither. */
#include "tests/unit/store/help.h"

#include <pthread.h>
#include <sqlite3.h>

struct record {
	const char *key;
	bool fails;
};

static enum err_code put_record(void *ctx, struct store_write *w, struct err *err)
{
	const struct record *r = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "store_meta_put", err));
	stmt_bind_str(s, 1, str_of(r->key));
	stmt_bind_blob(s, 2, STR("kept"));
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc == OK && r->fails) return err_set(err, ERR_CONFLICT, "test.no", "", "not this one");
	return rc;
}

static bool there(struct store *st, const char *key)
{
	struct stmt *s = NULL;
	bool row = false;
	OK_OR_SHOW(stmt_prepare(&s, st, "store_meta_get", why));
	stmt_bind_str(s, 1, str_of(key));
	OK_OR_SHOW(stmt_step(s, &row, why));
	stmt_free(s);
	return row;
}

static enum err_code append_one(struct store *st, struct record *r, const char *id, enum store_verdict *verdict,
                                struct err *err)
{
	const struct wire_event e = event_of("c1", "Answered", id, 5, "{\"properties\":{\"score\":9}}");
	struct store_item item = { .event = &e };
	const enum err_code rc = store_append_with(st, 3, 1000, &item, 1, put_record, r, err);
	*verdict = item.verdict;
	return rc;
}

static void an_event_and_its_record_come_together(void **state)
{
	(void)state;
	char dir[64];
	enum store_verdict verdict;
	make_folder(dir);
	struct store *st = open_store(dir);
	OK_OR_SHOW(append_one(st, &(struct record){ "a", false }, "m1", &verdict, why));
	assert_int_equal(verdict, STORE_STORED);
	assert_int_equal(store_arrival_end(st), 1);
	assert_true(there(st, "a"));
	OK_OR_SHOW(append_one(st, &(struct record){ "b", false }, "m1", &verdict, why));
	assert_int_equal(verdict, STORE_DUPLICATE);
	OK_OR_SHOW(store_append_with(st, 3, 1000, NULL, 0, put_record, &(struct record){ "c", false }, why));
	store_close(st);
	st = open_store(dir);
	assert_int_equal(store_arrival_end(st), 1);
	assert_true(there(st, "a") && there(st, "b") && there(st, "c"));
	store_close(st);
	remove_all(dir);
}

static void a_record_that_fails_keeps_its_events_out(void **state)
{
	(void)state;
	char dir[64];
	struct err err = { 0 };
	struct store_sums sums;
	enum store_verdict verdict;
	make_folder(dir);
	struct store *st = open_store(dir);
	assert_int_equal(append_one(st, &(struct record){ "a", true }, "m1", &verdict, &err), ERR_CONFLICT);
	assert_string_equal(err.id, "test.no");
	assert_int_equal(store_arrival_end(st), 0);
	assert_false(there(st, "a"));
	OK_OR_SHOW(store_source_sums(st, 3, &sums, why));
	assert_int_equal(sums.received, 0);
	/* Its id was given back: the same event is new when its record is fine. */
	OK_OR_SHOW(append_one(st, &(struct record){ "a", false }, "m1", &verdict, why));
	assert_int_equal(verdict, STORE_STORED);
	store_close(st);
	remove_all(dir);
}

/* The log refuses blocks, so what is written before them has to go too. */
static void events_that_fail_take_their_record_with_them(void **state)
{
	(void)state;
	char dir[64], path[128];
	struct err err = { 0 };
	enum store_verdict verdict;
	sqlite3 *db;
	make_folder(dir);
	store_close(open_store(dir));
	snprintf(path, sizeof path, "%s/safar.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
	                              "CREATE TRIGGER no BEFORE INSERT ON event_block BEGIN SELECT RAISE(ABORT, 'no'); "
	                              "END",
	                              NULL, NULL, NULL),
	                 SQLITE_OK);
	sqlite3_close(db);
	struct store *st = open_store(dir);
	assert_int_not_equal(append_one(st, &(struct record){ "a", false }, "m1", &verdict, &err), OK);
	assert_false(there(st, "a"));
	assert_int_equal(store_arrival_end(st), 0);
	/* Records alone still go. */
	OK_OR_SHOW(store_append_with(st, 3, 1000, NULL, 0, put_record, &(struct record){ "b", false }, why));
	store_close(st);
	remove_all(dir);
}

enum { JOBS = 40 };

/* One thread fills a group: every third record fails, and takes only its own event with it. */
static void jobs_of_one_thread_end_each_on_its_own(void **state)
{
	(void)state;
	char dir[64], keys[JOBS][16];
	struct record records[JOBS];
	struct wire_event events[JOBS];
	struct store_item items[JOBS];
	struct store_job all[JOBS], *jobs[JOBS];
	struct store_sums sums;
	make_folder(dir);
	struct store *st = open_store(dir);
	for (int round = 0; round < 2; round++) { /* the first without a failure */
		for (int i = 0; i < JOBS; i++) {
			snprintf(keys[i], sizeof keys[i], "%d-%d", round, i);
			records[i] = (struct record){ keys[i], round && i % 3 == 0 };
			events[i] = event_of("c1", "Answered", keys[i], 5, "{}");
			items[i] = (struct store_item){ .event = &events[i] };
			all[i] = (struct store_job){ .source = 3 + (uint32_t)i % 2,
				                     .received_ms = 1000 + i,
				                     .items = i == 7 ? NULL : &items[i],
				                     .n = i != 7,
				                     .fn = put_record,
				                     .ctx = &records[i] };
			jobs[i] = &all[i];
		}
		store_append_jobs(st, jobs, JOBS);
		for (int i = 0; i < JOBS; i++) {
			assert_int_equal(all[i].rc, records[i].fails ? ERR_CONFLICT : OK);
			assert_int_equal(there(st, keys[i]), !records[i].fails);
			if (records[i].fails) assert_string_equal(all[i].err.id, "test.no");
			else if (i != 7) assert_int_equal(items[i].verdict, STORE_STORED);
		}
	}
	/* Of 80 jobs two had no event and 14 failed, seven of each source. */
	OK_OR_SHOW(store_source_sums(st, 3, &sums, why));
	assert_int_equal(sums.stored, 2 * JOBS / 2 - 7);
	assert_int_equal(sums.received, sums.stored);
	assert_int_equal(sums.last_received_ms, 1000 + JOBS - 2);
	OK_OR_SHOW(store_source_sums(st, 4, &sums, why));
	assert_int_equal(sums.stored, 2 * JOBS / 2 - 7 - 2);
	assert_int_equal(store_arrival_end(st), 2 * JOBS - 14 - 2);
	store_append_jobs(st, jobs, 0);
	store_close(st);
	remove_all(dir);
}

enum { CALLERS = 8, CALLS = 60 };

struct caller {
	struct store *st;
	int i;
	int failed;
};

static void *call(void *arg)
{
	struct caller *c = arg;
	for (int k = 0; k < CALLS; k++) {
		char key[32];
		struct err err = { 0 };
		enum store_verdict verdict;
		snprintf(key, sizeof key, "%d-%d", c->i, k);
		const enum err_code rc = append_one(c->st, &(struct record){ key, k % 3 == 0 }, key, &verdict, &err);
		if ((rc == OK) == (k % 3 == 0)) c->failed++;
	}
	return NULL;
}

static void many_at_once_do_not_disturb_each_other(void **state)
{
	(void)state;
	char dir[64];
	pthread_t threads[CALLERS];
	struct caller callers[CALLERS];
	struct store_sums sums;
	make_folder(dir);
	struct store *st = open_store(dir);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ .st = st, .i = i };
		assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
	}
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(callers[i].failed, 0);
	}
	const int64_t stored = (int64_t)CALLERS * (CALLS - CALLS / 3);
	OK_OR_SHOW(store_source_sums(st, 3, &sums, why));
	assert_int_equal(sums.stored, stored);
	assert_int_equal(sums.received, stored);
	assert_int_equal(store_arrival_end(st), stored);
	for (int i = 0; i < CALLERS; i++)
		for (int k = 0; k < CALLS; k++) {
			char key[32];
			snprintf(key, sizeof key, "%d-%d", i, k);
			assert_int_equal(there(st, key), k % 3 != 0);
		}
	store_close(st);
	remove_all(dir);
}

/* --- names ------------------------------------------------------------------------------------------ */

struct naming {
	int from, to;
	bool fails;
};

static enum err_code give_names(void *ctx, struct store_write *w, struct err *err)
{
	const struct naming *n = ctx;
	for (int i = n->from; i < n->to; i++) {
		char name[32];
		snprintf(name, sizeof name, "name %d", i);
		TRY(write_name(w, str_of(name), i, err));
	}
	return n->fails ? err_set(err, ERR_CONFLICT, "test.no", "", "not this one") : OK;
}

static enum err_code name_all(struct store *st, int from, int to, bool fails, struct err *err)
{
	struct naming n = { from, to, fails };
	return store_write(st, give_names, &n, err);
}

static void assert_named(struct store *st, int i, bool expected)
{
	char name[32];
	int64_t record = -1;
	snprintf(name, sizeof name, "name %d", i);
	assert_int_equal(store_named(st, str_of(name), &record), expected);
	if (expected) assert_int_equal(record, i);
}

static void a_name_is_given_once_and_goes_with_a_write_that_fails(void **state)
{
	(void)state;
	char dir[64], runs[128];
	struct err err = { 0 };
	make_folder(dir);
	struct store *st = open_store(dir);
	assert_int_equal(name_all(st, 0, 10, true, &err), ERR_CONFLICT);
	for (int i = 0; i < 10; i++) assert_named(st, i, false);
	OK_OR_SHOW(name_all(st, 0, 10, false, why));
	assert_int_equal(name_all(st, 20, 30, true, &err), ERR_CONFLICT);
	assert_int_equal(name_all(st, 5, 6, false, &err), ERR_CONFLICT);
	assert_string_equal(err.id, "store.named");
	OK_OR_SHOW(name_all(st, 10, 20, false, why));
	for (int again = 0; again < 3; again++) {
		for (int i = 0; i < 20; i++) assert_named(st, i, true);
		for (int i = 20; i < 31; i++) assert_named(st, i, false);
		assert_int_equal(name_all(st, 19, 20, false, &err), ERR_CONFLICT);
		store_close(st);
		/* What is derived of them may be lost. */
		snprintf(runs, sizeof runs, "%s/index", dir);
		if (again == 1) remove_all(runs);
		st = open_store(dir);
	}
	store_close(st);
	remove_all(dir);
}

static void names_past_the_table_are_found_in_runs(void **state)
{
	(void)state;
	enum { MANY = 250000, STEP = 10000 };
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	for (int i = 0; i < MANY; i += STEP) OK_OR_SHOW(name_all(st, i, i + STEP, false, why));
	for (int again = 0; again < 2; again++) {
		for (int i = 0; i < MANY; i += 101) assert_named(st, i, true);
		assert_named(st, MANY, false);
		store_close(st);
		st = open_store(dir);
	}
	OK_OR_SHOW(name_all(st, MANY, MANY + 1, false, why));
	assert_named(st, MANY, true);
	store_close(st);
	remove_all(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_and_its_record_come_together),
		cmocka_unit_test(a_record_that_fails_keeps_its_events_out),
		cmocka_unit_test(events_that_fail_take_their_record_with_them),
		cmocka_unit_test(jobs_of_one_thread_end_each_on_its_own),
		cmocka_unit_test(many_at_once_do_not_disturb_each_other),
		cmocka_unit_test(a_name_is_given_once_and_goes_with_a_write_that_fails),
		cmocka_unit_test(names_past_the_table_are_found_in_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
