/*
 * Fails each write and each sync of the database files in turn, once and for
 * ever, through a layer under SQLite. After each: what was answered with
 * success is there, nothing is there twice, the sums agree; after a failed
 * sync nothing is accepted any more.
 */
#include "tests/unit/store/help.h"

#include <stdatomic.h>

#include <sqlite3.h>

#include "base/checked.h"
#include "tests/fault/ledger.h"

enum what { WRITE_FULL, WRITE_EIO, SYNC_EIO, WHATS };
static const char *const what_names[WHATS] = { "disk full", "write error", "sync error" };

static struct {
	enum what what;
	bool for_ever;
	_Atomic int countdown; /* 0 off; 1 fails the next */
	_Atomic int fired;
} fault;

static bool strikes(bool sync)
{
	if (sync != (fault.what == SYNC_EIO)) return false;
	int n = atomic_load(&fault.countdown);
	if (n == 0) return false;
	if (n > 1) {
		atomic_fetch_sub(&fault.countdown, 1);
		return false;
	}
	if (!fault.for_ever) atomic_store(&fault.countdown, 0);
	atomic_fetch_add(&fault.fired, 1);
	return true;
}

/* --- the layer ------------------------------------------------------------------------------- */

static sqlite3_vfs *real, layer;
/* The real ones but for write and sync; database and log have methods of their own, written and synced alike. */
enum { DATABASE, LOG, FILES };
static sqlite3_io_methods methods[FILES];
static const sqlite3_io_methods *real_methods[FILES];

static int layer_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	if (strikes(false)) return fault.what == WRITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	return real_methods[f->pMethods == &methods[LOG]]->xWrite(f, bytes, n, at);
}

static int layer_sync(sqlite3_file *f, int flags)
{
	return strikes(true) ? SQLITE_IOERR_FSYNC : real_methods[f->pMethods == &methods[LOG]]->xSync(f, flags);
}

static int layer_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	(void)vfs;
	int rc = real->xOpen(real, name, f, flags, out);
	if (rc != SQLITE_OK || !f->pMethods || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) return rc;
	int kind = flags & SQLITE_OPEN_WAL ? LOG : DATABASE;
	if (!real_methods[kind]) { /* the first open is long before any thread */
		methods[kind] = *f->pMethods;
		methods[kind].xWrite = layer_write;
		methods[kind].xSync = layer_sync;
		real_methods[kind] = f->pMethods;
	}
	assert_ptr_equal(f->pMethods, real_methods[kind]);
	f->pMethods = &methods[kind];
	return rc;
}

static void install(void)
{
	real = sqlite3_vfs_find(NULL);
	layer = *real;
	layer.zName = "faulty";
	layer.xOpen = layer_open;
	assert_int_equal(sqlite3_vfs_register(&layer, 1), SQLITE_OK);
}

/* --- a little life ------------------------------------------------------------------------------- */

enum { GROUPS = 6, PER_GROUP = 40 };

/* Sends groups until one is refused for good; each answered event goes into the ledger. True when a sync failure was
 * reported. */
static bool live(struct store *st, struct ledger *l, int *refused)
{
	bool sync_failed = false;
	for (int g = 0; g < GROUPS; g++) {
		char names[PER_GROUP][32], bodies[PER_GROUP][400];
		struct wire_event e[PER_GROUP];
		struct store_item items[PER_GROUP];
		for (int i = 0; i < PER_GROUP; i++) {
			snprintf(names[i], sizeof names[i], "g%d-%d", g, i);
			snprintf(bodies[i], sizeof bodies[i], "{\"properties\":{\"ledger\":\"%s\",\"x\":\"%0300d\"}}",
			         names[i], i * 7919);
			e[i] = event_of(names[i], names[i], names[i], 5,
			                bodies[i]); /* new words and kinds in every group */
			items[i] = (struct store_item){ .event = &e[i] };
			assert_true(ledger_sent(l, str_of(names[i])));
		}
		struct err err = { 0 };
		if (store_append(st, 1, 5, items, PER_GROUP, NULL, &err) == OK) {
			assert_false(sync_failed); /* never again after one */
			for (int i = 0; i < PER_GROUP; i++) assert_true(ledger_acked(l, str_of(names[i])));
		} else {
			++*refused;
			sync_failed |= strcmp(err.id, "store.sync") == 0;
			assert_true(err.code == ERR_UNAVAILABLE || err.code == ERR_IO);
			assert_true(err.text[0] != 0);
		}
	}
	return sync_failed;
}

static bool one_life(enum what what, bool for_ever, int nth, bool *sync_failed)
{
	char dir[64];
	struct ledger *l;
	struct ledger_report r;
	struct store_verify_report v;
	struct arena a;
	int refused = 0;
	arena_init(&a, MIB);
	make_folder(dir);
	struct store *st = open_store(dir);
	OK_OR_SHOW(ledger_new(&l, why));
	fault.what = what;
	fault.for_ever = for_ever;
	atomic_store(&fault.fired, 0);
	atomic_store(&fault.countdown, nth);
	*sync_failed = live(st, l, &refused);
	atomic_store(&fault.countdown, 0);
	bool fired = atomic_load(&fault.fired) > 0;
	if (what != SYNC_EIO && refused && !*sync_failed) { /* room again: the same store goes on */
		live(st, l, &refused);
	}
	store_close(st);
	st = open_store(dir);
	live(st, l, &refused); /* the sender tries everything again */
	OK_OR_SHOW(ledger_check(l, st, &r, why));
	OK_OR_SHOW(store_verify(st, &a, &v, why));
	if (r.first[0] || v.first_problem.len)
		fail_msg("%s no. %d%s: %s %s", what_names[what], nth, for_ever ? " for ever" : "", r.first,
		         v.first_problem.ptr);
	assert_int_equal(r.lost, 0);
	assert_int_equal(r.doubled, 0);
	assert_int_equal(r.acked, GROUPS * PER_GROUP);
	assert_true(v.sums_agree);
	store_close(st);
	ledger_free(l);
	arena_done(&a);
	remove_all(dir);
	return fired;
}

static void fail_each(enum what what)
{
	for (int for_ever = 0; for_ever < 2; for_ever++) {
		int lives = 0, deaths = 0;
		bool sync_failed;
		for (int nth = 1; one_life(what, for_ever, nth, &sync_failed) && nth < 60; nth++) {
			lives++;
			deaths += sync_failed;
		}
		assert_true(lives >= (what == SYNC_EIO ? 3 : 10));
		if (what == SYNC_EIO) assert_true(deaths >= 3);
		else assert_int_equal(deaths, 0);
		print_message("%s%s: %d places\n", what_names[what], for_ever ? ", for ever" : ", once", lives);
	}
}

static void a_full_disk_is_said_and_survived(void **state)
{
	(void)state, fail_each(WRITE_FULL);
}
static void a_write_error_is_said_and_survived(void **state)
{
	(void)state, fail_each(WRITE_EIO);
}
static void a_failed_sync_ends_writing_and_loses_nothing_answered(void **state)
{
	(void)state, fail_each(SYNC_EIO);
}

int main(void)
{
	install();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_is_said_and_survived),
		cmocka_unit_test(a_write_error_is_said_and_survived),
		cmocka_unit_test(a_failed_sync_ends_writing_and_loses_nothing_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
