/*
 * kill -9 at 60 random moments of an ingest. A child sends batches into the
 * store and tells us each answer through a pipe, which outlives it; the next
 * child sends again what had no answer, as real senders do.
 */
#include "tests/unit/store/help.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/checked.h"
#include "base/rng.h"
#include "tests/fault/ledger.h"

enum { KILLS = 60, SENDERS = 4, BATCH_MAX = 60 };

/* --- the child ------------------------------------------------------------------------------ */

struct sender {
	struct store *st;
	int round, number;
};

/* Numbers of round r and sender s run from 0; each round begins with the last of the one before, sent again. */
static void event_name(char out[48], int round, int sender, int n)
{
	snprintf(out, 48, "r%d-s%d-n%d", round, sender, n);
}

static void *send_for_ever(void *ctx)
{
	struct sender *me = ctx;
	struct rng rng;
	rng_init(&rng, 7 + (uint64_t)me->round, (uint64_t)me->number);
	static __thread char names[BATCH_MAX][48], bodies[BATCH_MAX][128], lines[BATCH_MAX * 64];
	struct wire_event e[BATCH_MAX];
	struct store_item items[BATCH_MAX];
	struct err err;
	for (int n = me->round ? -200 : 0;;) {
		size_t count = 1 + rng_below(&rng, BATCH_MAX), len = 0;
		for (size_t i = 0; i < count; i++, n++) {
			/* Negative numbers: the first 200 of the round before, whose answers may have been lost with
			 * it. */
			if (n < 0) event_name(names[i], me->round - 1, me->number, n + 200);
			else event_name(names[i], me->round, me->number, n);
			snprintf(bodies[i], sizeof bodies[i], "{\"properties\":{\"ledger\":\"%s\"}}", names[i]);
			e[i] = event_of(names[i], "visit", names[i], 1000, bodies[i]);
			items[i] = (struct store_item){ .event = &e[i] };
			len += (size_t)snprintf(lines + len, sizeof lines - len, "s%s\n", names[i]);
		}
		if (write(STDOUT_FILENO, lines, len) != (ssize_t)len) return NULL;
		if (store_append(me->st, 1, 5000, items, count, NULL, &err) != OK) return NULL;
		len = 0;
		for (size_t i = 0; i < count; i++)
			if (items[i].verdict == STORE_STORED || items[i].verdict == STORE_DUPLICATE)
				len += (size_t)snprintf(lines + len, sizeof lines - len, "a%s\n", names[i]);
		if (write(STDOUT_FILENO, lines, len) != (ssize_t)len) return NULL;
	}
}

static int child(const char *dir, int round)
{
	struct store *st;
	struct err err;
	struct sender senders[SENDERS];
	pthread_t threads[SENDERS];
	if (store_open(dir, STORE_CREATE, &st, &err) != OK) {
		fprintf(stderr, "child: %s\n", err.text);
		return 1;
	}
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){ st, round, i };
		if (pthread_create(&threads[i], NULL, send_for_ever, &senders[i]) != 0) return 1;
	}
	for (int i = 0; i < SENDERS; i++) pthread_join(threads[i], NULL);
	return 1; /* only an error ends a sender */
}

/* --- the keeper of the ledger ------------------------------------------------------------------ */

static void read_ledger(FILE *f, struct ledger *l)
{
	char line[128];
	while (fgets(line, sizeof line, f)) {
		size_t len = strlen(line);
		if (len < 2 || line[len - 1] != '\n')
			continue; /* cut by the kill: neither sent nor answered for sure */
		struct str name = { line + 1, len - 2 };
		assert_true(line[0] == 'a' ? ledger_acked(l, name) : ledger_sent(l, name));
	}
}

static void run_and_kill(const char *self, const char *dir, int round, int64_t after_ms, struct ledger *l)
{
	int fds[2];
	char number[16];
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	snprintf(number, sizeof number, "%d", round);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execl(self, self, "child", dir, number, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	pid_t killer = fork(); /* kills on time while we drain the pipe */
	assert_true(killer >= 0);
	if (killer == 0) {
		usleep((useconds_t)(after_ms * 1000));
		kill(pid, SIGKILL);
		_exit(0);
	}
	FILE *f = fdopen(fds[0], "r");
	read_ledger(f, l);
	fclose(f);
	int status;
	waitpid(killer, NULL, 0);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* it did not fail by itself before */
}

static char self[512];

static void sixty_kills_lose_nothing_and_double_nothing(void **state)
{
	(void)state;
	const char *given = getenv("SAFAR_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20260313;
	char dir[64], data[96];
	struct ledger *l;
	struct rng rng;
	struct arena a;
	print_message("seed %llu (SAFAR_SEED)\n", (unsigned long long)seed);
	rng_init(&rng, seed, 0);
	arena_init(&a, MIB);
	make_folder(dir);
	snprintf(data, sizeof data, "%s/data", dir);
	OK_OR_SHOW(ledger_new(&l, why));
	struct ledger_report r;
	struct store_verify_report v;
	for (int round = 0; round < KILLS; round++) {
		run_and_kill(self, data, round, 10 + (int64_t)rng_below(&rng, 150), l);
		if (round % 20 != 19) continue;
		struct store *st = open_store(data);
		OK_OR_SHOW(ledger_check(l, st, &r, why));
		OK_OR_SHOW(store_verify(st, &a, &v, why));
		if (r.first[0]) fail_msg("seed %llu, round %d: %s", (unsigned long long)seed, round, r.first);
		assert_int_equal(r.lost, 0);
		assert_int_equal(r.doubled, 0);
		assert_int_equal(r.strangers, 0);
		assert_true(v.sums_agree);
		assert_int_equal(v.first_problem.len, 0);
		store_close(st);
	}
	print_message("%d kills: %lld sent, %lld answered, %lld in the log, 0 lost, 0 doubled\n", KILLS,
	              (long long)r.sent, (long long)r.acked, (long long)r.found);
	assert_true(r.acked > KILLS); /* the kills met work, however slow the machine */
	ledger_free(l);
	arena_done(&a);
	remove_all(dir);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "child") == 0) return child(argv[2], (int)strtol(argv[3], NULL, 10));
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	if (len <= 0) return 2;
	self[len] = 0;
	const struct CMUnitTest tests[] = { cmocka_unit_test(sixty_kills_lose_nothing_and_double_nothing) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
