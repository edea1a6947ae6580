#include "tests/unit/store/help.h"

#include <dirent.h>

#include "base/checked.h"
#include "base/rng.h"
#include "store/ids.h"

static bool any_anchor(void *ctx, uint64_t arrival, struct hash128 key)
{
	(void)ctx, (void)arrival, (void)key;
	return true;
}

/* Key number i, as a keyed hash would look. */
static struct hash128 key_of(uint64_t i)
{
	return (struct hash128){ hash64_mix(i, 1), hash64_mix(i, 2) };
}

static struct ids *open_ids(const char *dir, uint64_t end, uint64_t check, uint64_t *covered)
{
	struct ids *x = NULL;
	struct ids_options opt = {
		.dir = dir, .check = check, .arrival_end = end, .table_max = 500, .anchor = any_anchor
	};
	OK_OR_SHOW(ids_open(&opt, &x, covered, why));
	return x;
}

/*
 * 60,000 random acts against the plain truth: an array that says for each
 * key whether it was accepted. Tables of 500 make runs and merges of three tiers.
 */
static void ids_say_what_a_plain_set_says(void **state)
{
	(void)state;
	enum { KEYS = 40000, ACTS = 60000 };
	const uint64_t seed = 20260101;
	char dir[64], path[96];
	make_folder(dir);
	snprintf(path, sizeof path, "%s/index", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/index/ids", dir);
	uint64_t *truth = calloc(KEYS, sizeof *truth), arrival = 0, committed = 0, covered; /* arrival + 1 */
	uint32_t *uncommitted = calloc(ACTS, sizeof *uncommitted);
	size_t n_uncommitted = 0, reopened = 0, most_runs = 0;
	struct rng rng;
	rng_init(&rng, seed, 0);
	struct ids *x = open_ids(path, 0, 7, &covered);
	assert_int_equal(covered, 0);
	for (int act = 0; act < ACTS; act++) {
		uint64_t roll = rng_below(&rng, 1000);
		if (roll < 960) {
			uint32_t k = (uint32_t)rng_below(&rng, KEYS);
			struct id_entry e;
			bool found = ids_find(x, key_of(k), &e);
			if (found != (truth[k] != 0))
				fail_msg("seed %llu, act %d: key %u is %s", (unsigned long long)seed, act, k,
				         found ? "there" : "lost");
			if (found) {
				assert_int_equal(e.arrival + 1, truth[k]);
				assert_int_equal(e.content, k * 3u);
			} else {
				OK_OR_SHOW(ids_add(x, &(struct id_entry){ key_of(k), k * 3u, arrival }, why));
				truth[k] = ++arrival;
				uncommitted[n_uncommitted++] = k;
			}
		} else if (roll < 980) { /* a commit fails */
			while (n_uncommitted) {
				uint32_t k = uncommitted[--n_uncommitted];
				ids_remove(x, key_of(k));
				truth[k] = 0;
			}
			arrival = committed;
		} else if (roll < 998) {
			ids_committed(x, arrival);
			committed = arrival;
			n_uncommitted = 0;
			if (roll == 990) ids_settle(x);
		} else { /* a restart: what the runs lack comes from the "log" */
			while (n_uncommitted) truth[uncommitted[--n_uncommitted]] = 0;
			arrival = committed;
			ids_close(x);
			x = open_ids(path, committed, 7, &covered);
			assert_true(covered <= committed);
			for (uint32_t k = 0; k < KEYS; k++)
				if (truth[k] && truth[k] - 1 >= covered)
					OK_OR_SHOW(
					        ids_add(x, &(struct id_entry){ key_of(k), k * 3u, truth[k] - 1 }, why));
			reopened++;
		}
		struct ids_stats stats;
		ids_stats(x, &stats);
		if (stats.n_runs > most_runs) most_runs = stats.n_runs;
	}
	ids_settle(x);
	struct ids_stats stats;
	ids_stats(x, &stats);
	assert_true(reopened > 20 && most_runs >= 4 && stats.n_in_runs > 10000);
	ids_close(x);
	free(truth);
	free(uncommitted);
	remove_all(dir);
}

static void fill(struct ids *x, uint64_t from, uint64_t to)
{
	for (uint64_t k = from; k < to; k++) {
		OK_OR_SHOW(ids_add(x, &(struct id_entry){ key_of(k), k, k }, why));
		if ((k + 1) % 500 == 0) {
			ids_committed(x, k + 1);
			ids_settle(x);
		}
	}
}

static size_t count_files(const char *dir, char last[300])
{
	size_t n = 0;
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.') {
			n++;
			snprintf(last, 300, "%s/%.150s", dir, e->d_name);
		}
	closedir(d);
	return n;
}

static void a_run_that_was_touched_is_thrown_away(void **state)
{
	(void)state;
	char dir[64], path[96], file[300];
	make_folder(dir);
	snprintf(path, sizeof path, "%s/ids", dir);
	uint64_t covered;
	struct ids *x = open_ids(path, 0, 7, &covered);
	fill(x, 0, 1000);
	ids_close(x);
	assert_int_equal(count_files(path, file), 2);
	x = open_ids(path, 1000, 7, &covered);
	assert_int_equal(covered, 1000);
	ids_close(x);
	/* One bit, anywhere. */
	FILE *f = fopen(file, "r+");
	assert_non_null(f);
	fseek(f, 9000, SEEK_SET);
	int c = fgetc(f);
	fseek(f, 9000, SEEK_SET);
	fputc(c ^ 4, f);
	fclose(f);
	x = open_ids(path, 1000, 7, &covered);
	assert_true(covered < 1000);
	ids_close(x);
	assert_true(count_files(path, file) < 2);
	remove_all(dir);
}

static void runs_of_another_directory_or_another_life_are_not_ours(void **state)
{
	(void)state;
	char dir[64], path[96], file[300];
	make_folder(dir);
	snprintf(path, sizeof path, "%s/ids", dir);
	uint64_t covered;
	struct ids *x = open_ids(path, 0, 7, &covered);
	fill(x, 0, 1000);
	ids_close(x);
	x = open_ids(path, 600, 7, &covered); /* an older backup came back: its log ends earlier */
	assert_int_equal(covered, 500);
	ids_close(x);
	x = open_ids(path, 1000, 8, &covered); /* another secret */
	assert_int_equal(covered, 0);
	ids_close(x);
	assert_int_equal(count_files(path, file), 0);
	remove_all(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_say_what_a_plain_set_says),
		cmocka_unit_test(a_run_that_was_touched_is_thrown_away),
		cmocka_unit_test(runs_of_another_directory_or_another_life_are_not_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
