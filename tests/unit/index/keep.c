/*
 * Columns in files: an index that was closed and opened again is the one
 * that was closed; a byte that changed, a file that was cut, lost, swapped
 * or left half written is noticed and named, and the answers stay right.
 */
#include "tests/unit/index/model.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/hash.h"

enum { COLOUR = 4, MARK = 77 };

/* --- folders ----------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	return remove(path);
}

static void folder_new(char *path)
{
	/* In memory where there is such a folder: hundreds of folders are written, and none has to last. */
	snprintf(path, 64, "/dev/shm/safar-columns-XXXXXX");
	if (mkdtemp(path)) return;
	snprintf(path, 64, "/tmp/safar-columns-XXXXXX");
	assert_non_null(mkdtemp(path));
}

static void folder_done(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void join(char out[512], const char *dir, const char *name)
{
	snprintf(out, 512, "%s/%s", dir, name);
}

static bool is_name(const char *name)
{
	return name[0] != '.';
}

/* The names in a folder, sorted, so that a seed means the same files. */
static int names_of(const char *dir, struct dirent ***list)
{
	const int n = scandir(dir, list, NULL, alphasort);
	assert_true(n >= 2);
	int kept = 0;
	for (int i = 0; i < n; i++) {
		if (is_name((*list)[i]->d_name)) (*list)[kept++] = (*list)[i];
		else free((*list)[i]);
	}
	return kept;
}

static void names_done(struct dirent **list, int n)
{
	for (int i = 0; i < n; i++) free(list[i]);
	free(list);
}

/* The same files under another folder. Files of the index are replaced, never written to, so links are copies. */
static void link_all(const char *from, const char *to)
{
	struct dirent **list;
	const int n = names_of(from, &list);
	for (int i = 0; i < n; i++) {
		char a[512], b[512];
		join(a, from, list[i]->d_name);
		join(b, to, list[i]->d_name);
		(void)!link(a, b); /* it may be there */
	}
	names_done(list, n);
}

static char *read_file(const char *dir, const char *name, size_t *len)
{
	char path[512];
	join(path, dir, name);
	struct stat sb;
	const int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &sb) == 0);
	char *bytes = malloc((size_t)sb.st_size + 1);
	assert_int_equal(read(fd, bytes, (size_t)sb.st_size), sb.st_size);
	close(fd);
	*len = (size_t)sb.st_size;
	return bytes;
}

static void write_file(const char *dir, const char *name, const char *bytes, size_t len)
{
	char path[512];
	join(path, dir, name);
	unlink(path); /* other folders link to it */
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

/* --- opening ---------------------------------------------------------------------------------------- */

static struct index *open_in(struct model *m, const char *dir, uint64_t mark, struct index_files *files)
{
	struct index_feed feed = feed_of(m);
	feed.mark = mark;
	const struct str colour = STR("colour");
	const struct index_options opt = {
		.dimensions = &colour, .n_dimensions = 1, .threads = 2, .dir = dir, .keep_events = 1
	};
	struct index *ix = NULL;
	struct err err = { 0 };
	assert_int_equal(index_open(&feed, &opt, NULL, NULL, &ix, &err), OK);
	assert_int_equal(index_update(ix, &err), OK);
	index_files(ix, files);
	return ix;
}

static void check(struct index *ix, const struct model *m)
{
	const struct index_reader r = index_enter(ix);
	assert_int_equal(r.snapshot->schema.arrival_end, atomic_load(&m->end));
	check_snapshot(ix, m, r.snapshot, COLOUR);
	index_leave(ix, r);
}

/* Opens, checks every row, closes; what the opening said of the files. */
static struct index_files visit(struct model *m, const char *dir, uint64_t mark)
{
	struct index_files files;
	struct index *ix = open_in(m, dir, mark, &files);
	check(ix, m);
	index_close(ix);
	return files;
}

/* A word of a dictionary, whatever its code; customers are numbers of identities. So both sides are texts. */
static void same_medians(struct index *a, struct index *b)
{
	const struct index_reader x = index_enter(a), y = index_enter(b);
	const struct journey_schema *s = &x.snapshot->schema, *t = &y.snapshot->schema;
	assert_int_equal(s->events.n, t->events.n);
	for (uint32_t i = 0; i < s->events.n; i++) {
		const uint32_t k = journey_word_find(&t->events, journey_word(&s->events, i));
		assert_true(k != UINT32_MAX && s->wait_w50[i] <= t->wait_w50[k] && s->wait_w50[i] >= t->wait_w50[k]);
	}
	assert_int_equal(s->newest_ms, t->newest_ms);
	assert_int_equal(x.snapshot->oldest_ms, y.snapshot->oldest_ms);
	assert_int_equal(x.snapshot->customers, y.snapshot->customers);
	for (uint32_t i = 1; i <= IDENTITIES; i++) assert_int_equal(index_customer(a, i), index_customer(b, i));
	index_leave(a, x);
	index_leave(b, y);
}

static void a_kept_index_is_the_one_that_was_closed(void **state)
{
	for (uint64_t seed = 1; seed <= 8; seed++) {
		char dir[64];
		folder_new(dir);
		struct model m;
		model_make(&m, seed, 5000);
		struct rng r;
		rng_init(&r, seed, 6);
		bool first = true;
		for (uint64_t end = 1 + rng_below(&r, 2500);; first = false) {
			atomic_store(&m.end, end);
			struct index_files files;
			struct index *ix = open_in(&m, dir, MARK, &files);
			assert_int_equal(files.kept, !first);
			assert_string_equal(files.rebuilt, "");
			check(ix, &m);
			/* Some more while it is open, so that deltas with dead slices are kept as well. */
			struct err err;
			end += rng_below(&r, 200);
			if (end > m.n_events_all) end = m.n_events_all + 1;
			atomic_store(&m.end, end);
			assert_int_equal(index_update(ix, &err), OK);
			struct index *fresh;
			const struct index_feed feed = feed_of(&m);
			assert_int_equal(
			        index_open(&feed, &(struct index_options){ .threads = 1 }, NULL, NULL, &fresh, &err),
			        OK);
			same_medians(ix, fresh);
			index_close(fresh);
			index_close(ix);
			if (end > m.n_events_all) break;
			end += rng_below(&r, 1000);
			if (end > m.n_events_all) end = m.n_events_all + 1;
		}
		struct index_files on_disk;
		struct err err;
		assert_int_equal(index_files_check(dir, &on_disk, &err), OK);
		assert_int_equal(on_disk.arrival_end, m.n_events_all + 1);
		/* Nothing of earlier times stays. */
		struct dirent **list;
		const int n = names_of(dir, &list);
		assert_int_equal(n, on_disk.files);
		names_done(list, n);
		model_done(&m);
		folder_done(dir);
	}
}

static void a_column_that_was_being_filled_is_filled_after_the_start(void **state)
{
	char dir[64];
	folder_new(dir);
	struct model m;
	model_make(&m, 31, 3000);
	struct index_feed feed = feed_of(&m);
	feed.mark = MARK;
	const struct index_options opt = { .threads = 1, .dir = dir, .keep_events = 1 };
	struct index *ix;
	struct err err;
	atomic_store(&m.end, 2000);
	assert_int_equal(index_open(&feed, &opt, NULL, NULL, &ix, &err), OK);
	index_close(ix);
	atomic_store(&m.end, 2500);
	assert_int_equal(index_open(&feed, &opt, NULL, NULL, &ix, &err), OK);
	/* Declared, a batch comes, and the life ends before anything is filled. */
	assert_int_equal(index_declare(ix, STR("colour"), &err), OK);
	assert_true(index_dimension_ready(ix, STR("colour")) < 1);
	index_close(ix);
	struct index_files files;
	atomic_store(&m.end, 3001);
	ix = open_in(&m, dir, MARK, &files);
	assert_true(files.kept && index_dimension_ready(ix, STR("colour")) >= 1);
	check(ix, &m);
	index_close(ix);
	assert_true(visit(&m, dir, MARK).kept);
	model_done(&m);
	folder_done(dir);
}

/* --- damage ------------------------------------------------------------------------------------------------ */

/* A folder with bases, deltas, dead slices and joined people. */
static void filled(struct model *m, char *dir)
{
	folder_new(dir);
	model_make(m, 21, 3000);
	atomic_store(&m->end, 2800);
	struct index_files files;
	struct index *ix = open_in(m, dir, MARK, &files);
	struct err err;
	atomic_store(&m->end, 2900);
	assert_int_equal(index_update(ix, &err), OK);
	index_close(ix);
	atomic_store(&m->end, 3001);
}

static void expect_noticed(struct model *m, const char *dir, const char *name)
{
	struct index_files on_disk, files;
	struct err err = { 0 };
	assert_int_not_equal(index_files_check(dir, &on_disk, &err), OK);
	assert_non_null(strstr(err.text, name));
	files = visit(m, dir, MARK);
	assert_false(files.kept);
	if (!strstr(files.rebuilt, name)) fail_msg("'%s' does not name %s", files.rebuilt, name);
}

static void any_changed_byte_is_noticed_and_named(void **state)
{
	struct model m;
	char whole[64], dir[64];
	filled(&m, whole);
	struct dirent **list;
	const int n = names_of(whole, &list);
	assert_true(n > 200); /* of 256 parts some are empty */
	struct rng r;
	rng_init(&r, 2, 8);
	for (int trial = 0; trial < 120; trial++) {
		/* Every fourth trial one of the three large-minded files, which sort around the runs. */
		const char *name = trial % 4 == 0   ? "manifest"
		                   : trial % 4 == 1 ? (trial % 8 == 1 ? list[n - 1]->d_name : list[1]->d_name)
		                                    : list[rng_below(&r, (uint64_t)n)]->d_name;
		folder_new(dir);
		link_all(whole, dir);
		size_t len;
		char *bytes = read_file(dir, name, &len);
		/* Half of the time in the header or near the end. */
		const uint64_t place = trial % 3 == 0   ? rng_below(&r, 56)
		                       : trial % 3 == 1 ? len - 1 - rng_below(&r, 64)
		                                        : rng_below(&r, len);
		bytes[place] = (char)(bytes[place] ^ (1 << rng_below(&r, 8)));
		write_file(dir, name, bytes, len);
		expect_noticed(&m, dir, name);
		if (trial % 10 == 0) assert_true(visit(&m, dir, MARK).kept); /* it was written anew */
		free(bytes);
		folder_done(dir);
	}
	names_done(list, n);
	folder_done(whole);
	model_done(&m);
}

static void a_cut_a_longer_or_a_lost_file_is_noticed_and_named(void **state)
{
	struct model m;
	char whole[64], dir[64];
	filled(&m, whole);
	struct dirent **list;
	const int n = names_of(whole, &list);
	struct rng r;
	rng_init(&r, 3, 8);
	for (int trial = 0; trial < 60; trial++) {
		const char *name = trial % 5 == 0 ? "manifest" : list[rng_below(&r, (uint64_t)n)]->d_name;
		folder_new(dir);
		link_all(whole, dir);
		size_t len;
		char path[512], *bytes = read_file(dir, name, &len);
		bytes = realloc(bytes, len + 8);
		memset(bytes + len, 0, 8);
		join(path, dir, name);
		if (trial % 3 == 0) write_file(dir, name, bytes, (size_t)rng_below(&r, len));
		else if (trial % 3 == 1) write_file(dir, name, bytes, len + 1 + rng_below(&r, 8));
		else unlink(path);
		expect_noticed(&m, dir, name);
		free(bytes);
		folder_done(dir);
	}
	names_done(list, n);
	folder_done(whole);
	model_done(&m);
}

static void files_of_another_time_are_not_taken_for_these(void **state)
{
	struct model m;
	char dir[64];
	filled(&m, dir);
	/* The bytes of one run under the name of another: whole, but not what was written there. */
	struct dirent **list;
	const int n = names_of(dir, &list);
	const char *a = NULL, *b = NULL;
	for (int i = 0; i < n; i++) {
		if (strncmp(list[i]->d_name, "run-", 4) != 0) continue;
		if (!a) a = list[i]->d_name;
		else if (!b) b = list[i]->d_name;
	}
	size_t len;
	char *bytes = read_file(dir, a, &len);
	write_file(dir, b, bytes, len);
	free(bytes);
	expect_noticed(&m, dir, b);
	names_done(list, n);
	assert_true(visit(&m, dir, MARK).kept);

	/* Another organisation's log. */
	struct index_files files = visit(&m, dir, MARK + 1);
	assert_false(files.kept);
	assert_non_null(strstr(files.rebuilt, "another safar.db"));
	assert_true(visit(&m, dir, MARK + 1).kept);

	/* A log that is shorter, as after an older safar.db was put back; and one with another history. */
	atomic_store(&m.end, 2000);
	files = visit(&m, dir, MARK + 1);
	assert_false(files.kept);
	assert_non_null(strstr(files.rebuilt, "shorter"));
	struct model other;
	model_make(&other, 22, 3000);
	atomic_store(&other.end, 3001);
	files = visit(&other, dir, MARK + 1);
	assert_false(files.kept);
	assert_non_null(strstr(files.rebuilt, "not the one"));
	model_done(&other);
	folder_done(dir);
	model_done(&m);
}

static void a_format_of_another_version_is_read_from_the_log(void **state)
{
	struct model m;
	char whole[64], dir[64];
	filled(&m, whole);
	struct dirent **list;
	const int n = names_of(whole, &list);
	for (int i = 0; i < n; i += i < n - 4 ? 60 : 1) {
		folder_new(dir);
		link_all(whole, dir);
		size_t len;
		char *bytes = read_file(dir, list[i]->d_name, &len);
		bytes[8] = 99; /* the version; then the header's hash is right again */
		const uint64_t hash = hash64((struct str){ bytes, 48 });
		memcpy(bytes + 48, &hash, sizeof hash);
		write_file(dir, list[i]->d_name, bytes, len);
		const struct index_files files = visit(&m, dir, MARK);
		assert_false(files.kept);
		assert_non_null(strstr(files.rebuilt, "unknown to this version"));
		free(bytes);
		folder_done(dir);
	}
	names_done(list, n);
	folder_done(whole);
	model_done(&m);
}

/* --- crashes --------------------------------------------------------------------------------------------------- */

static void a_crash_between_the_files_and_the_manifest_leaves_the_old_index(void **state)
{
	struct model m;
	char old[64], new[64], dir[64];
	filled(&m, old);
	folder_new(new);
	link_all(old, new);
	(void)visit(&m, new, MARK); /* takes in 100 events more and writes them */
	struct dirent **list;
	const int n = names_of(new, &list);
	struct rng r;
	rng_init(&r, 4, 8);
	for (int trial = 0; trial < 40; trial++) {
		folder_new(dir);
		link_all(old, dir);
		/* Some of the new files are there, one is half written under its first name; the manifest is the old
		 * one. */
		for (int i = 0; i < n; i++) {
			char a[512], b[512];
			join(a, new, list[i]->d_name);
			join(b, dir, list[i]->d_name);
			if (rng_below(&r, 2)) (void)!link(a, b);
		}
		size_t len;
		char *bytes = read_file(new, list[rng_below(&r, (uint64_t)n)]->d_name, &len);
		write_file(dir, trial % 2 ? "run.tmp" : "manifest.tmp", bytes, (size_t)rng_below(&r, len));
		free(bytes);
		struct index_files files = visit(&m, dir, MARK);
		assert_true(files.kept);
		assert_int_equal(files.arrival_end, 2900);
		files = visit(&m, dir, MARK);
		assert_true(files.kept);
		assert_int_equal(files.arrival_end, 3001);
		folder_done(dir);
	}
	names_done(list, n);
	folder_done(old);
	folder_done(new);
	model_done(&m);
}

/* Opens, takes in the log in steps and writes it, until it is killed. */
static void live(struct model *m, const char *dir)
{
	for (;;) {
		struct index_files files;
		struct err err;
		struct index *ix = open_in(m, dir, MARK, &files);
		uint64_t end = atomic_load(&m->end) + 50;
		atomic_store(&m->end, end > m->n_events_all ? m->n_events_all + 1 : end);
		if (index_update(ix, &err) != OK) abort();
		index_close(ix);
	}
}

static void a_kill_at_any_moment_leaves_right_answers(void **state)
{
	struct model m;
	char dir[64];
	filled(&m, dir);
	struct rng r;
	rng_init(&r, 5, 8);
	int kept = 0;
	for (int trial = 0; trial < 60; trial++) {
		atomic_store(&m.end, 1500 + (uint64_t)trial * 10);
		if (trial % 10 == 0) {
			folder_done(dir);
			mkdir(dir, 0700);
			(void)visit(&m, dir, MARK);
		}
		const pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			live(&m, dir);
			_exit(0);
		}
		nanosleep(&(struct timespec){ .tv_nsec = (long)rng_below(&r, 40) * 1000000 }, NULL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		atomic_store(&m.end, 3001);
		const struct index_files files = visit(&m, dir, MARK);
		assert_string_equal(files.rebuilt, ""); /* nothing was torn */
		kept += files.kept;
	}
	assert_true(kept > 50);
	folder_done(dir);
	model_done(&m);
}

static void a_folder_that_cannot_be_written_costs_no_answer(void **state)
{
	struct model m;
	model_make(&m, 12, 2000);
	atomic_store(&m.end, 2001);
	struct index_files files;
	struct index *ix = open_in(&m, "/proc/nowhere/columns", MARK, &files);
	struct err err;
	assert_int_equal(index_follow(ix, &err), OK);
	for (int ms = 0; ms < 5000 && !files.failed[0]; ms += 10) {
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		index_files(ix, &files);
	}
	assert_non_null(strstr(files.failed, "/proc/nowhere/columns"));
	check(ix, &m);
	index_close(ix);
	model_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kept_index_is_the_one_that_was_closed),
		cmocka_unit_test(a_column_that_was_being_filled_is_filled_after_the_start),
		cmocka_unit_test(any_changed_byte_is_noticed_and_named),
		cmocka_unit_test(a_cut_a_longer_or_a_lost_file_is_noticed_and_named),
		cmocka_unit_test(files_of_another_time_are_not_taken_for_these),
		cmocka_unit_test(a_format_of_another_version_is_read_from_the_log),
		cmocka_unit_test(a_crash_between_the_files_and_the_manifest_leaves_the_old_index),
		cmocka_unit_test(a_kill_at_any_moment_leaves_right_answers),
		cmocka_unit_test(a_folder_that_cannot_be_written_costs_no_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
