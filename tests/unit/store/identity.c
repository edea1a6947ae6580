/* Who is one person: what events told, what people decided, and what holds of it. */
#include "tests/unit/store/help.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/checked.h"
#include "base/rng.h"

static const struct store_said said = { .author = { "Mina", 4 }, .reason = { "seen", 4 }, .at_ms = 77 };

/* An event of a customer on a device; "" none. */
static void visit(struct store *st, const char *customer, const char *device)
{
	static int n;
	char id[32];
	snprintf(id, sizeof id, "v%d-%d", (int)getpid(), n++);
	struct wire_event e = event_of(customer, "visit", id, 5, "{}");
	e.anonymous = str_of(device);
	assert_int_equal(put(st, 1, &e, NULL), STORE_STORED);
}

static uint32_t known(struct store *st, const char *customer)
{
	return store_identity_find(st, false, str_of(customer));
}

static uint32_t device(struct store *st, const char *id)
{
	return store_identity_find(st, true, str_of(id));
}

enum { IDS_MAX = 64, EDGES_MAX = 4096 };

struct said_edges {
	struct store_edge list[EDGES_MAX];
	size_t n;
};

static enum err_code note(void *ctx, const struct store_edge *e, struct err *err)
{
	struct said_edges *all = ctx;
	assert_true(all->n < EDGES_MAX);
	all->list[all->n++] = *e;
	return OK;
}

/* Components by repainting, of what the store says that holds. */
static void paint(struct store *st, uint32_t component[IDS_MAX])
{
	static struct said_edges all;
	all.n = 0;
	OK_OR_SHOW(store_edges(st, 0, UINT64_MAX, note, &all, why));
	for (size_t i = 1; i < all.n; i++) assert_true(all.list[i - 1].arrival <= all.list[i].arrival);
	all.n = store_edges_that_hold(all.list, all.n);
	for (uint32_t i = 0; i < IDS_MAX; i++) component[i] = i;
	for (size_t e = 0; e < all.n; e++) {
		const uint32_t from = component[all.list[e].b], to = component[all.list[e].a];
		for (uint32_t i = 0; i < IDS_MAX; i++)
			if (component[i] == from) component[i] = to;
	}
}

static bool one(struct store *st, uint32_t a, uint32_t b)
{
	uint32_t component[IDS_MAX];
	assert_true(a && b && a < IDS_MAX && b < IDS_MAX);
	paint(st, component);
	return component[a] == component[b];
}

static struct store *again(struct store *st, const char *dir)
{
	store_close(st);
	return open_store(dir);
}

static void a_shared_device_is_taken_from_one_of_its_two_customers(void **state)
{
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	visit(st, "ali", "tablet");
	visit(st, "ali", "phone");
	visit(st, "sara", "tablet"); /* so they are one, wrongly */
	visit(st, "sara", "laptop");
	assert_true(one(st, known(st, "ali"), known(st, "sara")));
	uint64_t arrival;
	OK_OR_SHOW(store_unmerge(st, known(st, "ali"), known(st, "sara"), &said, &arrival, why));
	assert_int_equal(arrival, 4);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_arrival_end(st), 5);
		assert_false(one(st, known(st, "ali"), known(st, "sara")));
		assert_true(one(st, known(st, "ali"), device(st, "tablet")));
		assert_true(one(st, known(st, "ali"), device(st, "phone")));
		assert_true(one(st, known(st, "sara"), device(st, "laptop")));
		st = again(st, dir);
	}
	/* She comes to the tablet again, and somebody says in so many words that they are one: it stays as decided. */
	visit(st, "sara", "tablet");
	struct wire_event alias = event_of("ali", "alias", "al", 6, "{}");
	alias.type = WIRE_ALIAS;
	alias.previous = STR("sara");
	put(st, 1, &alias, NULL);
	assert_false(one(st, known(st, "ali"), known(st, "sara")));
	st = again(st, dir);
	visit(st, "sara", "tablet");
	assert_false(one(st, known(st, "ali"), known(st, "sara")));
	/* By hand they become one again, and all is as it was. */
	OK_OR_SHOW(store_merge(st, known(st, "sara"), known(st, "ali"), &said, NULL, why));
	assert_true(one(st, device(st, "laptop"), device(st, "phone")));
	store_close(st);
	remove_all(dir);
}

static void a_merge_by_hand_is_undone_by_its_two_ids(void **state)
{
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	visit(st, "u1", "d1");
	visit(st, "u1", "d2");
	visit(st, "u2", "d3");
	visit(st, "u2", "d4");
	uint32_t before[IDS_MAX], after[IDS_MAX];
	paint(st, before);
	for (int round = 0; round < 3; round++) {
		OK_OR_SHOW(store_merge(st, known(st, "u1"), known(st, "u2"), &said, NULL, why));
		assert_true(one(st, device(st, "d1"), device(st, "d4")));
		st = again(st, dir);
		/* By devices of the two as well: it is the joining that is undone, nothing else. */
		OK_OR_SHOW(store_unmerge(st, device(st, round == 1 ? "d2" : "d1"), device(st, "d3"), &said, NULL, why));
		paint(st, after);
		assert_memory_equal(before, after, sizeof before);
		st = again(st, dir);
	}
	store_close(st);
	remove_all(dir);
}

static void both_ids_of_one_text_go_together(void **state)
{
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	visit(st, "", "old");
	visit(st, "new", "");
	struct wire_event alias = event_of("new", "alias", "al", 6, "{}");
	alias.type = WIRE_ALIAS;
	alias.previous = STR("old"); /* a device's or a customer's: nobody says */
	put(st, 1, &alias, NULL);
	assert_true(one(st, known(st, "new"), device(st, "old")));
	OK_OR_SHOW(store_unmerge(st, known(st, "new"), known(st, "old"), &said, NULL, why));
	assert_false(one(st, known(st, "new"), device(st, "old")));
	assert_false(one(st, known(st, "new"), known(st, "old")));
	store_close(st);
	remove_all(dir);
}

static void what_is_impossible_takes_no_number(void **state)
{
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	visit(st, "u1", "d1");
	visit(st, "u2", "");
	const uint32_t u1 = known(st, "u1"), u2 = known(st, "u2"), d1 = device(st, "d1");
	struct err err;
	assert_int_equal(store_merge(st, u1, d1, &said, NULL, &err), ERR_CONFLICT);
	assert_string_equal(err.id, "customer.one");
	assert_int_equal(store_unmerge(st, u1, u2, &said, NULL, &err), ERR_CONFLICT);
	assert_string_equal(err.id, "customer.apart");
	assert_int_equal(store_merge(st, u1, u1, &said, NULL, &err), ERR_INPUT);
	assert_int_equal(store_merge(st, u1, 99, &said, NULL, &err), ERR_NOT_FOUND);
	assert_int_equal(store_unmerge(st, 0, u1, &said, NULL, &err), ERR_NOT_FOUND);
	static const char space[STORE_SAID_BYTES_MAX + 1];
	const struct store_said long_reason = { STR("x"), { space, sizeof space }, 0 };
	assert_int_equal(store_merge(st, u1, u2, &long_reason, NULL, &err), ERR_LIMIT);
	assert_int_equal(store_arrival_end(st), 2);
	visit(st, "u2", "d2");
	assert_int_equal(store_arrival_end(st), 3);
	st = again(st, dir);
	assert_int_equal(store_arrival_end(st), 3);
	store_close(st);
	remove_all(dir);
}

static void who_said_what_and_why_is_kept(void **state)
{
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	visit(st, "u1", "d1");
	visit(st, "u2", "");
	OK_OR_SHOW(store_merge(st, known(st, "u1"), known(st, "u2"), &said, NULL, why));
	const struct store_said other = { STR("Reza"), STR("another person"), 99 };
	OK_OR_SHOW(store_unmerge(st, known(st, "u2"), known(st, "u1"), &other, NULL, why));
	/* Before and after a backup is put back: it reaches as far as the last decision. */
	for (int i = 0; i < 2; i++) {
		struct said_edges *all = calloc(1, sizeof *all);
		OK_OR_SHOW(store_edges_of(st, known(st, "u1"), UINT64_MAX, note, all, why));
		assert_int_equal(all->n, 3);
		assert_false(all->list[0].by_hand || all->list[0].apart);
		assert_true(all->list[1].by_hand && !all->list[1].apart);
		assert_true(all->list[2].by_hand && all->list[2].apart);
		assert_int_equal(all->list[1].at_ms, 77);
		assert_int_equal(all->list[2].at_ms, 99);
		all->n = 0;
		OK_OR_SHOW(store_edges_of(st, known(st, "u1"), all->list[2].arrival, note, all, why));
		assert_int_equal(all->n, 2);
		free(all);
		if (i) break;
		char copy[128], to[128];
		uint64_t end;
		snprintf(copy, sizeof copy, "%s/copy", dir);
		snprintf(to, sizeof to, "%s/back", dir);
		OK_OR_SHOW(store_backup(st, copy, &end, why));
		assert_int_equal(end, 4);
		store_close(st);
		OK_OR_SHOW(store_restore(copy, to, why));
		st = open_store(to);
		assert_int_equal(store_arrival_end(st), 4);
	}
	store_close(st);
	remove_all(dir);
}

/* --- against a slow twin --------------------------------------------------------------------------- */

struct twin { /* what was said, in order; one line a pair */
	struct {
		uint32_t a, b;
		bool apart;
		int since;
	} pairs[EDGES_MAX];
	size_t n;
	int now;
};

static size_t pair_at(struct twin *t, uint32_t a, uint32_t b)
{
	size_t i = 0;
	while (i < t->n && !(t->pairs[i].a == a && t->pairs[i].b == b) && !(t->pairs[i].a == b && t->pairs[i].b == a))
		i++;
	return i;
}

static void twin_say(struct twin *t, uint32_t a, uint32_t b, bool apart, bool by_hand)
{
	const size_t i = pair_at(t, a, b);
	if (a == b || (i < t->n && !by_hand)) return;
	if (i == t->n || t->pairs[i].apart != apart) t->pairs[i].since = t->now;
	t->pairs[i].a = a;
	t->pairs[i].b = b;
	t->pairs[i].apart = apart;
	if (i == t->n) t->n++;
	t->now++;
}

/* Components of the pairs said until `now`. */
static void twin_paint(const struct twin *t, int now, uint32_t component[IDS_MAX])
{
	for (uint32_t i = 0; i < IDS_MAX; i++) component[i] = i;
	for (size_t e = 0; e < t->n; e++) {
		if (t->pairs[e].apart || t->pairs[e].since >= now) continue;
		const uint32_t from = component[t->pairs[e].b], to = component[t->pairs[e].a];
		for (uint32_t i = 0; i < IDS_MAX; i++)
			if (component[i] == from) component[i] = to;
	}
}

/* As long as they are one: the first moment at which they were, and the pair of that moment goes. */
static void twin_unmerge(struct twin *t, uint32_t a, uint32_t b)
{
	uint32_t component[IDS_MAX];
	for (;;) {
		int moment = 0;
		do {
			twin_paint(t, ++moment, component);
		} while (component[a] != component[b] && moment <= t->now);
		if (moment > t->now) break;
		for (size_t e = 0; e < t->n; e++)
			if (!t->pairs[e].apart && t->pairs[e].since == moment - 1) t->pairs[e].apart = true;
	}
	const size_t named = pair_at(t, a, b);
	if (named == t->n) twin_say(t, a, b, true, true);
	t->now++;
}

static void random_decisions_agree_with_a_slow_twin(void **state)
{
	for (uint64_t seed = 1; seed <= 24; seed++) {
		char dir[64];
		make_folder(dir);
		struct store *st = open_store(dir);
		struct twin *t = calloc(1, sizeof *t);
		struct rng r;
		rng_init(&r, seed, 11);
		int merged = 0, taken_apart = 0;
		for (int step = 0; step < 120; step++) {
			/* Customers and devices have other names, so no id has a twin. */
			char u[8], d[8];
			snprintf(u, sizeof u, "u%d", (int)rng_below(&r, 12));
			snprintf(d, sizeof d, "d%d", (int)rng_below(&r, 16));
			const uint32_t n = store_identity_count(st);
			uint32_t component[IDS_MAX];
			const uint64_t what = rng_below(&r, 10);
			if (n < 2 || what < 4) {
				visit(st, u, d);
				twin_say(t, device(st, d), known(st, u), false, false);
				continue;
			}
			const uint32_t a = 1 + (uint32_t)rng_below(&r, n), b = 1 + (uint32_t)rng_below(&r, n);
			if (a == b) continue;
			twin_paint(t, t->now, component);
			struct err err;
			if (what < 6) {
				const bool are_one = component[a] == component[b];
				assert_int_equal(store_merge(st, a, b, &said, NULL, &err), are_one ? ERR_CONFLICT : OK);
				if (!are_one) twin_say(t, a, b, false, true), merged++;
			} else {
				const bool are_one = component[a] == component[b];
				assert_int_equal(store_unmerge(st, a, b, &said, NULL, &err),
				                 are_one ? OK : ERR_CONFLICT);
				if (are_one) twin_unmerge(t, a, b), taken_apart++;
			}
			if (rng_below(&r, 20) == 0) st = again(st, dir);
			uint32_t got[IDS_MAX];
			paint(st, got);
			twin_paint(t, t->now, component);
			for (uint32_t i = 1; i <= n; i++)
				for (uint32_t k = 1; k < i; k++)
					if ((got[i] == got[k]) != (component[i] == component[k]))
						fail_msg("seed %d, step %d: %u and %u", (int)seed, step, i, k);
		}
		assert_true(merged > 2 && taken_apart > 2);
		free(t);
		store_close(st);
		remove_all(dir);
	}
}

/* --- crashes and company ------------------------------------------------------------------------------ */

/* Says a byte for each decision that was acknowledged, until it is killed. */
static void decide_on(const char *dir, int out)
{
	struct store *st = open_store(dir);
	for (int i = 0;; i++) {
		visit(st, "ali", "phone");
		const bool are_one = one(st, known(st, "ali"), known(st, "sara"));
		struct err err;
		const enum err_code rc =
		        are_one ? store_unmerge(st, known(st, "ali"), known(st, "sara"), &said, NULL, &err)
		                : store_merge(st, known(st, "ali"), known(st, "sara"), &said, NULL, &err);
		if (rc != OK || write(out, are_one ? "-" : "+", 1) != 1) _exit(1);
	}
}

static void a_kill_at_any_moment_keeps_what_was_acknowledged(void **state)
{
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	visit(st, "ali", "tablet");
	visit(st, "sara", "tablet");
	store_close(st);
	struct rng r;
	rng_init(&r, 8, 12);
	for (int trial = 0; trial < 12; trial++) {
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		const pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			decide_on(dir, ends[1]);
			_exit(1);
		}
		close(ends[1]);
		nanosleep(&(struct timespec){ .tv_nsec = (long)(20 + rng_below(&r, 150)) * 1000000 }, NULL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		char told[65536], last = 0;
		ssize_t n;
		while ((n = read(ends[0], told, sizeof told)) > 0) last = told[n - 1];
		close(ends[0]);
		st = open_store(dir);
		/* One more may have been kept than was acknowledged; then it is the other of the two. */
		static struct said_edges all;
		all.n = 0;
		OK_OR_SHOW(store_edges(st, 0, UINT64_MAX, note, &all, why));
		const bool are_one = one(st, known(st, "ali"), known(st, "sara"));
		uint64_t newest = 0;
		for (size_t i = 0; i < all.n; i++) newest = all.list[i].arrival > newest ? all.list[i].arrival : newest;
		assert_true(store_arrival_end(st) > newest);
		if (last && (last == '+') != are_one) assert_true(store_arrival_end(st) == newest + 1);
		struct arena a;
		struct store_verify_report report;
		arena_init(&a, MIB);
		OK_OR_SHOW(store_verify(st, &a, &report, why));
		assert_int_equal(report.first_problem.len, 0);
		arena_done(&a);
		store_close(st);
	}
	remove_all(dir);
}

static void *send_on(void *arg)
{
	struct store *st = arg;
	for (int i = 0; i < 400; i++) {
		char id[32], d[8];
		snprintf(id, sizeof id, "s%d-%lu", i, (unsigned long)pthread_self());
		snprintf(d, sizeof d, "d%d", i % 9);
		struct wire_event e = event_of(i % 2 ? "u1" : "u2", "visit", id, 5, "{}");
		e.anonymous = str_of(d);
		struct store_item item = { .event = &e };
		struct err err;
		if (store_append(st, 1, 1000, &item, 1, NULL, &err) != OK) abort();
	}
	return NULL;
}

static void decisions_beside_senders_have_numbers_of_their_own(void **state)
{
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	visit(st, "u1", "");
	visit(st, "u2", "");
	pthread_t senders[2];
	for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&senders[i], NULL, send_on, st), 0);
	size_t decided = 0;
	for (int i = 0; i < 200; i++) {
		struct err err;
		const uint32_t a = known(st, "u1"), b = known(st, "u2");
		enum err_code rc = store_unmerge(st, a, b, &said, NULL, &err);
		if (rc == ERR_CONFLICT) rc = store_merge(st, a, b, &said, NULL, &err);
		assert_true(rc == OK || rc == ERR_CONFLICT);
		decided += rc == OK;
	}
	for (int i = 0; i < 2; i++) pthread_join(senders[i], NULL);
	assert_true(decided > 20);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_arrival_end(st), 2 + 800 + decided);
		st = again(st, dir);
	}
	store_close(st);
	remove_all(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_device_is_taken_from_one_of_its_two_customers),
		cmocka_unit_test(a_merge_by_hand_is_undone_by_its_two_ids),
		cmocka_unit_test(both_ids_of_one_text_go_together),
		cmocka_unit_test(what_is_impossible_takes_no_number),
		cmocka_unit_test(who_said_what_and_why_is_kept),
		cmocka_unit_test(random_decisions_agree_with_a_slow_twin),
		cmocka_unit_test(a_kill_at_any_moment_keeps_what_was_acknowledged),
		cmocka_unit_test(decisions_beside_senders_have_numbers_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
