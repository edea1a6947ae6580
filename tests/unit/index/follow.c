/* The index follows a log that grows: after each step the snapshot is what the log says. */
#include "tests/unit/index/model.h"

#include <math.h>
#include <pthread.h>

#include "base/checked.h"

static void a_growing_log_with_joined_people_stays_whole(void **state)
{
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct model m;
		model_make(&m, seed, 6000);
		struct rng r;
		rng_init(&r, seed, 4);
		atomic_store(&m.end, 1 + rng_below(&r, 3000));
		const struct index_feed feed = feed_of(&m);
		const struct str colour = STR("colour");
		const struct index_options opt = { .dimensions = &colour, .n_dimensions = seed % 2, .threads = 2 };
		struct index *ix;
		struct err err;
		assert_int_equal(index_open(&feed, &opt, NULL, NULL, &ix, &err), OK);
		bool declared = seed % 2;
		while (m_end(&m) <= m.n_events_all) {
			uint64_t end = m_end(&m) + 1 + rng_below(&r, seed % 3 ? 40 : 600);
			atomic_store(&m.end, end > m.n_events_all ? m.n_events_all + 1 : end);
			if (!declared && m_end(&m) > 4000) {
				assert_int_equal(index_declare(ix, colour, &err), OK);
				declared = true;
			}
			assert_int_equal(index_update(ix, &err), OK);
			const struct index_reader rd = index_enter(ix);
			assert_int_equal(rd.snapshot->schema.arrival_end, m_end(&m));
			check_snapshot(ix, &m, rd.snapshot, declared ? 4 : SIZE_MAX);
			index_leave(ix, rd);
		}
		assert_true(fabs(index_dimension_ready(ix, colour) - 1) < 1e-9);
		assert_true(index_dimension_ready(ix, STR("size")) < 0);
		index_close(ix);
		model_done(&m);
	}
}

static void same_words(const struct journey_words *a, const struct journey_words *b)
{
	assert_int_equal(a->n, b->n);
	for (uint32_t i = 0; i < a->n; i++) assert_true(str_eq(journey_word(a, i), journey_word(b, i)));
}

static void same_run(const struct journey_columns *a, const struct journey_columns *b)
{
	assert_int_equal(a->n_rows, b->n_rows);
	assert_int_equal(a->n_evidence, b->n_evidence);
	assert_memory_equal(a->customer, b->customer, a->n_customers * sizeof *a->customer);
	assert_memory_equal(a->arrival, b->arrival, a->n_rows * sizeof *a->arrival);
	for (size_t d = 0; d < a->n_dimensions; d++)
		for (uint32_t i = 0; i < a->n_rows; i++)
			assert_int_equal(journey_code(a->dimensions[d], i), journey_code(b->dimensions[d], i));
	for (uint32_t e = 0; e < a->n_evidence; e++) {
		assert_int_equal(a->evidence[e].row, b->evidence[e].row);
		assert_int_equal(a->evidence[e].what, b->evidence[e].what);
		assert_int_equal(a->evidence[e].about, b->evidence[e].about);
		assert_int_equal(a->evidence[e].scale, b->evidence[e].scale);
	}
}

static void the_first_reading_is_the_same_on_any_number_of_threads(void **state)
{
	struct model m;
	model_make(&m, 41, 9000);
	atomic_store(&m.end, 9001);
	const struct index_feed feed = feed_of(&m);
	const struct str colour = STR("colour");
	struct index *ix[2];
	struct index_reader r[2];
	struct err err;
	for (int i = 0; i < 2; i++) {
		const struct index_options opt = { .dimensions = &colour, .n_dimensions = 1, .threads = i ? 5 : 1 };
		assert_int_equal(index_open(&feed, &opt, NULL, NULL, &ix[i], &err), OK);
		r[i] = index_enter(ix[i]);
	}
	const struct index_snapshot *a = r[0].snapshot, *b = r[1].snapshot;
	same_words(&a->schema.events, &b->schema.events);
	same_words(&a->schema.currencies, &b->schema.currencies);
	for (size_t d = 0; d < a->schema.n_dimensions; d++)
		same_words(&a->schema.dimensions[d].words, &b->schema.dimensions[d].words);
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		assert_int_equal(a->parts[q] != NULL, b->parts[q] != NULL);
		if (a->parts[q]) same_run(&a->parts[q]->runs[0].columns, &b->parts[q]->runs[0].columns);
	}
	for (int i = 0; i < 2; i++) {
		index_leave(ix[i], r[i]);
		index_close(ix[i]);
	}
	model_done(&m);
}

static void the_median_wait_of_an_event_is_that_of_its_waits(void **state)
{
	struct model m;
	model_make(&m, 5, 1500);
	atomic_store(&m.end, 1501);
	const struct index_feed feed = feed_of(&m);
	struct index *ix;
	struct err err;
	assert_int_equal(index_open(&feed, &(struct index_options){ .threads = 1 }, NULL, NULL, &ix, &err), OK);
	const struct index_reader rd = index_enter(ix);
	for (uint32_t k = 1; k <= 3; k++) {
		int below = 0, above = 0, n = 0;
		const double w50 = rd.snapshot->schema.wait_w50[rd.snapshot->schema.kinds[k].event];
		for (size_t i = 0; i < m.n_events_all; i++) {
			if (m.events[i].decided || m.events[i].head.kind != k || !m.events[i].wait) continue;
			n++;
			below += m.events[i].wait < w50;
			above += m.events[i].wait > w50;
		}
		assert_true(n > 20 && below <= n / 2 && above <= n / 2);
	}
	index_leave(ix, rd);
	index_close(ix);
	model_done(&m);
}

static void identities_of_a_customer_are_listed(void **state)
{
	struct model m;
	model_make(&m, 9, 3000);
	atomic_store(&m.end, 3001);
	const struct index_feed feed = feed_of(&m);
	struct index *ix;
	struct err err;
	assert_int_equal(index_open(&feed, &(struct index_options){ .threads = 1 }, NULL, NULL, &ix, &err), OK);
	uint32_t component[IDENTITIES + 1], ids[IDENTITIES];
	paint(&m, 3001, component);
	for (uint32_t i = 1; i <= IDENTITIES; i++) {
		const uint32_t customer = index_customer(ix, i);
		size_t want = 0, at = 0;
		for (uint32_t k = 1; k <= IDENTITIES; k++) want += component[k] == component[i];
		assert_int_equal(index_identities(ix, customer, ids, IDENTITIES), want);
		for (uint32_t k = 1; k <= IDENTITIES; k++)
			if (component[k] == component[i]) assert_int_equal(ids[at++], k);
	}
	index_close(ix);
	model_done(&m);
}

/* --- readers beside the writer ------------------------------------------------------------------- */

struct reading {
	struct index *ix;
	const struct model *m;
	atomic_bool stop;
	_Atomic int64_t looks;
};

static void *read_on(void *arg)
{
	struct reading *rd = arg;
	uint64_t before = 0;
	while (!atomic_load(&rd->stop)) {
		const struct index_reader r = index_enter(rd->ix);
		const struct index_snapshot *s = r.snapshot;
		int64_t rows = 0;
		for (uint32_t q = 0; q < INDEX_PARTS; q++)
			for (size_t i = 0; s->parts[q] && i < s->parts[q]->n; i++) {
				const struct journey_columns *c = &s->parts[q]->runs[i].columns;
				for (uint32_t p = 0; p < c->n_customers; p++)
					if (!journey_dead(c, p)) rows += c->offset[p + 1] - c->offset[p];
			}
		/* cmocka's assertions are for the main thread; here a wrong count ends the program. */
		if (rows != (int64_t)rd->m->n_below[s->schema.arrival_end] || s->schema.arrival_end < before) abort();
		before = s->schema.arrival_end;
		index_leave(rd->ix, r);
		atomic_fetch_add(&rd->looks, 1);
	}
	return NULL;
}

static void readers_see_whole_snapshots_while_the_log_grows(void **state)
{
	struct model m;
	model_make(&m, 77, EVENTS_MAX);
	atomic_store(&m.end, 2);
	const struct index_feed feed = feed_of(&m);
	struct err err;
	struct reading rd = { .m = &m };
	assert_int_equal(index_open(&feed, &(struct index_options){ .threads = 2 }, NULL, NULL, &rd.ix, &err), OK);
	assert_int_equal(index_follow(rd.ix, &err), OK);
	pthread_t readers[3];
	for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&readers[i], NULL, read_on, &rd), 0);
	for (uint64_t end = 2; end < EVENTS_MAX; end += 500) {
		atomic_store(&m.end, end + 1);
		if (end > EVENTS_MAX / 2) assert_int_equal(index_declare(rd.ix, STR("colour"), &err), OK);
		assert_int_equal(index_reach(rd.ix, end, &err), OK);
	}
	const struct index_reader r = index_enter(rd.ix);
	check_snapshot(rd.ix, &m, r.snapshot, SIZE_MAX);
	index_leave(rd.ix, r);
	atomic_store(&rd.stop, true);
	for (int i = 0; i < 3; i++) pthread_join(readers[i], NULL);
	assert_true(atomic_load(&rd.looks) > 0);
	index_close(rd.ix);
	model_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_growing_log_with_joined_people_stays_whole),
		cmocka_unit_test(the_first_reading_is_the_same_on_any_number_of_threads),
		cmocka_unit_test(the_median_wait_of_an_event_is_that_of_its_waits),
		cmocka_unit_test(identities_of_a_customer_are_listed),
		cmocka_unit_test(readers_see_whole_snapshots_while_the_log_grows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
