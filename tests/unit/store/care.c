#include "tests/unit/store/help.h"

#include <fcntl.h>

#include "base/rng.h"
#include "store/priv.h"

static void put_some(struct store *st, int from, int to)
{
	for (int i = from; i < to; i++) {
		char id[32], who[32], body[64];
		snprintf(id, sizeof id, "m%d", i);
		snprintf(who, sizeof who, "c%d", i % 17);
		snprintf(body, sizeof body, "{\"properties\":{\"n\":%d}}", i);
		struct wire_event e = event_of(who, "visit", id, i, body);
		assert_int_equal(put(st, 1, &e, NULL), STORE_STORED);
	}
}

static struct store_verify_report verify(struct store *st, struct arena *a)
{
	struct store_verify_report r = { 0 };
	OK_OR_SHOW(store_verify(st, a, &r, why));
	return r;
}

static void a_backup_is_the_state_at_its_number_and_comes_back(void **state)
{
	(void)state;
	char dir[64], copy[96], back[96];
	struct arena a;
	struct err err;
	arena_init(&a, MIB);
	make_folder(dir);
	snprintf(copy, sizeof copy, "%s/a copy?.db", dir); /* a name that a URI would misread */
	snprintf(back, sizeof back, "%s/back", dir);
	char data[96];
	snprintf(data, sizeof data, "%s/data", dir);
	struct store *st = open_store(data);
	put_some(st, 0, 50);
	uint64_t end = 0;
	OK_OR_SHOW(store_backup(st, copy, &end, why));
	assert_int_equal(end, 50);
	assert_int_equal(store_backup(st, copy, &end, &err), ERR_CONFLICT);
	put_some(st, 50, 60);
	store_close(st);
	struct stat sb;
	assert_int_equal(stat(copy, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);

	OK_OR_SHOW(store_restore(copy, back, why));
	assert_int_equal(store_restore(copy, back, &err), ERR_CONFLICT); /* not empty any more */
	st = open_store(back);
	assert_int_equal(store_arrival_end(st), 50);
	struct wire_event known = event_of("c1", "visit", "m1", 1, "{\"properties\":{\"n\":1}}");
	assert_int_equal(put(st, 1, &known, NULL), STORE_DUPLICATE);
	put_some(st, 50, 55);
	struct store_verify_report r = verify(st, &a);
	assert_int_equal(r.events, 55);
	assert_int_equal(r.first_problem.len, 0);
	assert_true(r.sums_agree);
	store_close(st);
	remove_all(dir);
	arena_done(&a);
}

/* Flips one bit in the blob at a byte offset that is asked for. */
static void flip(const char *dir, const char *column, int offset)
{
	char path[128], sql[200];
	sqlite3 *db;
	sqlite3_blob *blob;
	unsigned char byte;
	snprintf(path, sizeof path, "%s/safar.db", dir);
	(void)sql;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_blob_open(db, "main", "event_block", column, 0, 1, &blob), SQLITE_OK);
	offset %= sqlite3_blob_bytes(blob);
	assert_int_equal(sqlite3_blob_read(blob, &byte, 1, offset), SQLITE_OK);
	byte ^= 0x10;
	assert_int_equal(sqlite3_blob_write(blob, &byte, 1, offset), SQLITE_OK);
	sqlite3_blob_close(blob);
	sqlite3_close(db);
}

static enum err_code ignore(void *ctx, const struct store_block *b, struct err *err)
{
	(void)ctx, (void)b, (void)err;
	return OK;
}

static void every_flipped_bit_of_the_log_is_found_and_named(void **state)
{
	(void)state;
	static const char *const columns[] = { "head", "body" };
	struct arena a;
	struct rng rng;
	arena_init(&a, MIB);
	rng_init(&rng, 42, 0);
	char dir[64];
	make_folder(dir);
	struct store *st = open_store(dir);
	struct wire_event e = event_of(
	        "c", "n", "i", 1, "{\"properties\":{\"text\":\"the bytes of this sentence are changed one by one\"}}");
	put(st, 1, &e, NULL);
	store_close(st);
	for (int i = 0; i < 40; i++) {
		const char *column = columns[i % 2];
		int offset = (int)rng_below(&rng, 100000);
		flip(dir, column, offset);
		OK_OR_SHOW(store_open(dir, STORE_READ_ONLY, &st,
		                      why)); /* ids are whole, or read without the broken head */
		struct store_verify_report r = { 0 };
		struct err err = { 0 };
		assert_int_equal(store_scan(st, 0, 10, true, ignore, NULL, &err), ERR_CORRUPT);
		assert_non_null(strstr(err.text, "event block 0"));
		r = verify(st, &a);
		assert_int_equal(r.bad_blocks, 1);
		assert_true(r.first_problem.len > 0);
		store_close(st);
		flip(dir, column, offset);
	}
	OK_OR_SHOW(store_open(dir, STORE_READ_ONLY, &st, why));
	assert_int_equal(verify(st, &a).first_problem.len, 0);
	store_close(st);
	remove_all(dir);
	arena_done(&a);
}

static enum err_code lie(void *ctx, struct store_write *w, struct err *err)
{
	(void)ctx;
	struct stmt *s;
	TRY(write_prepare(&s, w, "store_count_add", err));
	for (int i = 1; i <= 7; i++) stmt_bind_i64(s, i, 1);
	enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	return rc;
}

static void sums_that_do_not_add_up_are_named(void **state)
{
	(void)state;
	char dir[64];
	struct arena a;
	arena_init(&a, MIB);
	make_folder(dir);
	struct store *st = open_store(dir);
	put_some(st, 0, 5);
	assert_true(verify(st, &a).sums_agree);
	OK_OR_SHOW(store_write(st, lie, NULL, why));
	struct store_verify_report r = verify(st, &a);
	assert_false(r.sums_agree);
	assert_true(str_starts(r.first_problem, STR("table source_count, source 1")));
	store_close(st);
	remove_all(dir);
	arena_done(&a);
}

static void the_index_of_ids_can_be_deleted_at_any_time(void **state)
{
	(void)state;
	char dir[64], path[96];
	struct arena a;
	arena_init(&a, MIB);
	make_folder(dir);
	struct store *st = open_store(dir);
	put_some(st, 0, 300);
	store_close(st);
	snprintf(path, sizeof path, "%s/index", dir);
	remove_all(path);
	st = open_store(dir);
	struct wire_event known = event_of("c3", "visit", "m20", 20, "{\"properties\":{\"n\":20}}");
	assert_int_equal(put(st, 1, &known, NULL), STORE_DUPLICATE);
	assert_int_equal(verify(st, &a).first_problem.len, 0);
	store_close(st);
	remove_all(dir);
	arena_done(&a);
}

static void a_backup_that_was_damaged_is_refused_and_leaves_nothing(void **state)
{
	(void)state;
	char dir[64], copy[96], back[96], data[96];
	struct err err = { 0 };
	make_folder(dir);
	snprintf(data, sizeof data, "%s/data", dir);
	snprintf(copy, sizeof copy, "%s/copy.db", dir);
	snprintf(back, sizeof back, "%s/back", dir);
	struct store *st = open_store(data);
	put_some(st, 0, 20);
	uint64_t end;
	OK_OR_SHOW(store_backup(st, copy, &end, why));
	store_close(st);
	/* A page in the middle is zeroed. */
	int fd = open(copy, O_RDWR);
	char zero[4096] = { 0 };
	struct stat sb;
	assert_int_equal(fstat(fd, &sb), 0);
	for (off_t at = 16384 * 2; at + 4096 < sb.st_size; at += 16384)
		assert_int_equal(pwrite(fd, zero, sizeof zero, at), sizeof zero);
	close(fd);
	assert_int_not_equal(store_restore(copy, back, &err), OK);
	char db[128];
	snprintf(db, sizeof db, "%s/safar.db", back);
	assert_int_not_equal(access(db, F_OK), 0);
	assert_int_equal(store_restore("/nowhere/at/all", back, &err), ERR_NOT_FOUND);
	remove_all(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_backup_is_the_state_at_its_number_and_comes_back),
		cmocka_unit_test(every_flipped_bit_of_the_log_is_found_and_named),
		cmocka_unit_test(sums_that_do_not_add_up_are_named),
		cmocka_unit_test(the_index_of_ids_can_be_deleted_at_any_time),
		cmocka_unit_test(a_backup_that_was_damaged_is_refused_and_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
