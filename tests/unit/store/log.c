#include "tests/unit/store/help.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/checked.h"
#include "store/priv.h"

struct seen {
	size_t n;
	uint64_t last;
	struct store_head first;
	char body[256];
	uint64_t hash;
};

static enum err_code look(void *ctx, const struct store_block *b, struct err *err)
{
	struct seen *s = ctx;
	(void)err;
	for (size_t i = 0; i < b->n; i++) {
		if (s->n == 0) s->first = b->heads[i];
		else assert_true(b->heads[i].arrival > s->last);
		s->last = b->heads[i].arrival;
		s->n++;
		s->hash = hash64_mix(s->hash, b->heads[i].arrival ^ (uint64_t)b->heads[i].at_ms);
		if (b->bodies) {
			snprintf(s->body, sizeof s->body, STR_FMT, STR_ARG(b->bodies[i]));
			s->hash = hash64_mix(s->hash, hash64(b->bodies[i]));
		}
	}
	return OK;
}

static void an_event_comes_back_as_it_was_stored(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	assert_int_equal(store_arrival_end(st), 0);
	struct wire_event e = event_of("c1", "Order Placed", "m1", -5, "{\"properties\":{\"a\":1}}");
	uint64_t at = 99;
	assert_int_equal(put(st, 7, &e, &at), STORE_STORED);
	assert_int_equal(at, 0);
	assert_int_equal(store_arrival_end(st), 1);
	for (int again = 0; again < 2; again++) {
		struct seen s = { 0 };
		OK_OR_SHOW(store_scan(st, 0, UINT64_MAX, true, look, &s, why));
		assert_int_equal(s.n, 1);
		assert_int_equal(s.first.source, 7);
		assert_int_equal(s.first.at_ms, -5);
		assert_int_equal(s.first.received_ms, 1000);
		assert_string_equal(s.body, "{\"properties\":{\"a\":1}}");
		struct store_kind k;
		assert_true(store_kind_get(st, s.first.kind, &k));
		assert_str(k.name, "Order Placed");
		assert_str(k.channel, "web");
		bool anonymous;
		struct str who;
		assert_true(store_identity_get(st, s.first.identity, &anonymous, &who));
		assert_str(who, "c1");
		assert_false(anonymous);
		assert_int_equal(store_identity_find(st, false, STR("c1")), s.first.identity);
		assert_int_equal(store_identity_find(st, true, STR("c1")), 0);
		store_close(st);
		st = open_store(dir);
	}
	struct stat sb;
	char path[128];
	snprintf(path, sizeof path, "%s/safar.db", dir);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	store_close(st);
	remove_all(dir);
}

static void an_id_counts_once_for_ever_and_says_so_when_it_lies(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	struct wire_event e = event_of("c1", "Order Placed", "m1", 5, "{}"),
	                  other = event_of("c1", "Order Placed", "m1", 6, "{}");
	uint64_t at;
	assert_int_equal(put(st, 1, &e, &at), STORE_STORED);
	assert_int_equal(put(st, 1, &e, &at), STORE_DUPLICATE);
	assert_int_equal(at, 0);
	assert_int_equal(put(st, 2, &e, &at), STORE_STORED); /* another sender's id is another id */
	assert_int_equal(put(st, 1, &other, &at), STORE_CONFLICT);
	assert_int_equal(put(st, 1, &other, &at), STORE_DUPLICATE); /* set aside already */
	store_close(st);
	st = open_store(dir);
	assert_int_equal(put(st, 1, &e, &at), STORE_DUPLICATE);
	assert_int_equal(at, 0);
	assert_int_equal(put(st, 1, &other, &at), STORE_DUPLICATE);
	struct store_sums s;
	OK_OR_SHOW(store_source_sums(st, 1, &s, why));
	assert_int_equal(s.received, 6);
	assert_int_equal(s.stored, 1);
	assert_int_equal(s.duplicate, 4);
	assert_int_equal(s.set_aside, 1);
	OK_OR_SHOW(store_source_sums(st, 0, &s, why));
	assert_int_equal(s.received, 7);
	assert_int_equal(s.last_received_ms, 1000);
	store_close(st);
	remove_all(dir);
}

static void events_without_an_id_count_as_often_as_one_import_says_them(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	struct wire_event e = event_of("c1", "visit", NULL, 5, "{}"), late = event_of("c1", "visit", NULL, 6, "{}");
	for (int round = 0; round < 3; round++) { /* the file; again; again and longer, with a restart between */
		struct store_scope *scope;
		OK_OR_SHOW(store_scope_new(&scope, why));
		struct store_item one[2] = { { .event = &e }, { .event = &e } },
		                  two[2] = { { .event = &e }, { .event = &late } };
		OK_OR_SHOW(store_append(st, 1, 1, one, 2, scope, why));
		OK_OR_SHOW(store_append(st, 1, 1, two, round == 2 ? 2 : 1, scope, why));
		enum store_verdict want = round == 0 ? STORE_STORED : STORE_DUPLICATE;
		assert_int_equal(one[0].verdict, want);
		assert_int_equal(one[1].verdict, want);
		assert_int_equal(two[0].verdict, want);
		if (round == 2) assert_int_equal(two[1].verdict, STORE_STORED);
		store_scope_free(scope);
		store_close(st);
		st = open_store(dir);
	}
	assert_int_equal(store_arrival_end(st), 4);
	/* The ids of such events are not kept: they must come out of the log the same. */
	struct arena a;
	struct store_verify_report report;
	arena_init(&a, MIB);
	OK_OR_SHOW(store_verify(st, &a, &report, why));
	assert_int_equal(report.first_problem.len, 0);
	assert_int_equal(report.events, 4);
	arena_done(&a);
	store_close(st);
	remove_all(dir);
}

struct edges {
	size_t n;
	struct store_edge list[8];
};

static enum err_code note_edge(void *ctx, const struct store_edge *e, struct err *err)
{
	struct edges *all = ctx;
	assert_true(all->n < COUNT_OF(all->list));
	all->list[all->n++] = *e;
	return OK;
}

static void two_names_of_one_person_make_one_edge(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	struct wire_event e = event_of("u1", "login", "m1", 5, "{}");
	e.anonymous = STR("a1");
	put(st, 1, &e, NULL);
	e.id = STR("m2");
	put(st, 1, &e, NULL); /* tells nothing new */
	struct wire_event alias = event_of("u2", "alias", "m3", 6, "{}");
	alias.type = WIRE_ALIAS;
	alias.previous = STR("u1");
	put(st, 1, &alias, NULL);
	for (int again = 0; again < 2; again++) {
		struct edges all = { 0 };
		OK_OR_SHOW(store_edges(st, 0, UINT64_MAX, note_edge, &all, why));
		assert_int_equal(all.n, 3); /* "u1" of the alias may have been a device's or a customer's */
		assert_int_equal(all.list[0].a, store_identity_find(st, true, STR("a1")));
		assert_int_equal(all.list[0].b, store_identity_find(st, false, STR("u1")));
		assert_int_equal(all.list[0].arrival, 0);
		for (int k = 1; k < 3; k++) {
			assert_int_equal(all.list[k].b, store_identity_find(st, false, STR("u2")));
			assert_int_equal(all.list[k].arrival, 2);
		}
		e.id = again ? STR("m5") : STR("m4");
		store_close(st);
		st = open_store(dir);
		put(st, 1, &e, NULL);
	}
	store_close(st);
	remove_all(dir);
}

enum { MANY = 60000 };

static void put_many(struct store *st, size_t from, size_t to, size_t step)
{
	struct wire_event *e = calloc(step, sizeof *e);
	struct store_item *items = calloc(step, sizeof *items);
	char(*ids)[32] = calloc(step, sizeof *ids), (*who)[32] = calloc(step, sizeof *who),
	(*bodies)[128] = calloc(step, sizeof *bodies);
	for (size_t at = from; at < to;) {
		size_t n = 0;
		for (; n < step && at < to; n++, at++) {
			snprintf(ids[n], sizeof ids[n], "id-%zu", at);
			snprintf(who[n], sizeof who[n], "c%zu", at * 7919 % 5000);
			snprintf(bodies[n], sizeof bodies[n], "{\"properties\":{\"n\":%zu,\"page\":\"/product/%zu\"}}",
			         at, at % 97);
			e[n] = event_of(who[n], at % 3 ? "view" : "buy", ids[n], (int64_t)at * 1000, bodies[n]);
			items[n] = (struct store_item){ .event = &e[n] };
		}
		OK_OR_SHOW(store_append(st, 1, (int64_t)at, items, n, NULL, why));
	}
	free(e), free(items), free(ids), free(who), free(bodies);
}

static void small_blocks_become_large_ones_and_say_the_same(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	put_many(st, 0, MANY, 100);
	struct seen bodies = { 0 }, heads = { 0 };
	int64_t blocks = INT64_MAX;
	for (int i = 0; i < 200 && blocks > 60000 / 16384 + 170; i++) { /* what is left over waits for company */
		struct stmt *s;
		bool row;
		usleep(50000);
		OK_OR_SHOW(stmt_prepare(&s, st, "store_verify_totals", why));
		OK_OR_SHOW(stmt_step(s, &row, why));
		blocks = stmt_i64(s, 3);
		stmt_free(s);
	}
	assert_true(blocks <= 60000 / 16384 + 170);
	OK_OR_SHOW(store_scan(st, 0, UINT64_MAX, true, look, &bodies, why));
	OK_OR_SHOW(store_scan(st, 123, 45678, false, look, &heads, why));
	assert_int_equal(bodies.n, MANY);
	assert_int_equal(heads.n, 45678 - 123);
	assert_int_equal(heads.first.arrival, 123);
	assert_int_equal(heads.first.at_ms, 123000);
	/* The same events in large blocks from the start. */
	char dir2[64];
	make_folder(dir2);
	struct store *other = open_store(dir2);
	put_many(other, 0, MANY, 16384);
	struct seen want = { 0 };
	OK_OR_SHOW(store_scan(other, 0, UINT64_MAX, true, look, &want, why));
	assert_int_equal(want.n, MANY);
	assert_true(want.hash == bodies.hash);

	uint64_t some[] = { 5, 17000, 17001, 59999, 70000 };
	struct seen fetched = { 0 };
	OK_OR_SHOW(store_fetch(st, some, COUNT_OF(some), true, look, &fetched, why));
	assert_int_equal(fetched.n, 4);
	assert_string_equal(fetched.body, "{\"properties\":{\"n\":59999,\"page\":\"/product/53\"}}");
	store_close(st);
	store_close(other);
	remove_all(dir);
	remove_all(dir2);
}

static void a_full_dictionary_of_names_still_takes_events(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	enum { N = 4100 };
	struct wire_event *e = calloc(N, sizeof *e);
	struct store_item *items = calloc(N, sizeof *items);
	char(*names)[32] = calloc(N, sizeof *names);
	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof names[i], "name %zu", i);
		e[i] = event_of("c", names[i], names[i], 1, "{\"properties\":{}}");
		items[i].event = &e[i];
	}
	OK_OR_SHOW(store_append(st, 3, 1, items, N, NULL, why));
	assert_int_equal(store_kind_count(st), 4097);
	struct store_kind k;
	assert_true(store_kind_get(st, 4097, &k));
	assert_str(k.name, "(other names of source 3)");
	struct seen s = { 0 };
	OK_OR_SHOW(store_scan(st, N - 1, N, true, look, &s, why));
	assert_string_equal(s.body, "{\"_channel\":\"web\",\"_name\":\"name 4099\",\"_type\":0,\"properties\":{}}");
	free(e), free(items), free(names);
	store_close(st);
	remove_all(dir);
}

/* --- many senders ------------------------------------------------------------------------------ */

struct sender {
	struct store *st;
	int number;
	pthread_t thread;
	int stored;
};

static void *send(void *ctx)
{
	struct sender *me = ctx;
	for (int i = 0; i < 200; i++) {
		char id[32];
		snprintf(id, sizeof id, "x%d", i); /* all senders send the same 200 */
		struct wire_event e = event_of("c", "n", id, i, "{}");
		struct store_item item = { .event = &e };
		struct err err;
		if (store_append(me->st, 1, 1, &item, 1, NULL, &err) == OK && item.verdict == STORE_STORED)
			me->stored++;
	}
	return NULL;
}

static void senders_at_the_same_time_share_transactions_and_store_once(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	struct sender senders[8];
	int stored = 0;
	for (int i = 0; i < 8; i++) {
		senders[i] = (struct sender){ .st = st, .number = i };
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send, &senders[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(senders[i].thread, NULL);
		stored += senders[i].stored;
	}
	assert_int_equal(stored, 200);
	assert_int_equal(store_arrival_end(st), 200);
	struct store_sums s;
	OK_OR_SHOW(store_source_sums(st, 1, &s, why));
	assert_int_equal(s.received, 1600);
	assert_int_equal(s.duplicate, 1400);
	store_close(st);
	remove_all(dir);
}

static void a_directory_has_one_owner(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir), *other = NULL;
	struct err err;
	assert_int_equal(store_open(dir, STORE_CREATE, &other, &err), ERR_UNAVAILABLE);
	assert_string_equal(err.id, "store.locked");
	OK_OR_SHOW(store_open(dir, STORE_READ_ONLY, &other, why));
	struct wire_event e = event_of("c", "n", "i", 1, "{}");
	struct store_item item = { .event = &e };
	assert_int_equal(store_append(other, 1, 1, &item, 1, NULL, &err), ERR_UNAVAILABLE);
	store_close(other);
	store_close(st);
	remove_all(dir);
	assert_int_equal(store_open(dir, 0, &other, &err), ERR_NOT_FOUND);
}

static enum err_code failing(void *ctx, struct store_write *w, struct err *err)
{
	struct stmt *s;
	TRY(write_prepare(&s, w, "store_meta_put", err));
	stmt_bind_str(s, 1, STR("half"));
	stmt_bind_blob(s, 2, STR("x"));
	enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	TRY(rc);
	return *(bool *)ctx ? err_set(err, ERR_INPUT, "test.no", "", "no") : OK;
}

static bool meta_has(struct store *st, const char *key)
{
	struct stmt *s;
	bool row;
	OK_OR_SHOW(stmt_prepare(&s, st, "store_meta_get", why));
	stmt_bind_str(s, 1, str_of(key));
	OK_OR_SHOW(stmt_step(s, &row, why));
	stmt_free(s);
	return row;
}

static void what_a_failing_write_did_is_undone(void **state)
{
	(void)state;
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	bool fails = true;
	struct err err;
	assert_int_equal(store_write(st, failing, &fails, &err), ERR_INPUT);
	assert_string_equal(err.id, "test.no");
	assert_false(meta_has(st, "half"));
	fails = false;
	assert_int_equal(store_write(st, failing, &fails, &err), OK);
	assert_true(meta_has(st, "half"));
	store_close(st);
	remove_all(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_comes_back_as_it_was_stored),
		cmocka_unit_test(an_id_counts_once_for_ever_and_says_so_when_it_lies),
		cmocka_unit_test(events_without_an_id_count_as_often_as_one_import_says_them),
		cmocka_unit_test(two_names_of_one_person_make_one_edge),
		cmocka_unit_test(small_blocks_become_large_ones_and_say_the_same),
		cmocka_unit_test(a_full_dictionary_of_names_still_takes_events),
		cmocka_unit_test(senders_at_the_same_time_share_transactions_and_store_once),
		cmocka_unit_test(a_directory_has_one_owner),
		cmocka_unit_test(what_a_failing_write_did_is_undone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
