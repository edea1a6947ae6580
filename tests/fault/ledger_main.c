/*
 * usage: ledger DIR < LEDGER
 *
 * LEDGER has a line for each event: "sent NAME" before it goes out, "acked NAME" after its answer.
 * Opens the data directory (its server must be gone), checks it, prints one line of JSON, exit 0 when nothing is wrong.
 */
#include <stdio.h>

#include "base/checked.h"
#include "tests/fault/ledger.h"

static int fail(const struct err *err)
{
	fprintf(stderr, "ledger: %s\n", err->text);
	return 2;
}

int main(int argc, char **argv)
{
	struct ledger *l;
	struct store *st;
	struct err err = { 0 };
	struct ledger_report r;
	struct store_verify_report v;
	struct arena a;
	char line[512];
	if (argc != 2) {
		fprintf(stderr, "usage: ledger DIR < LEDGER\n");
		return 2;
	}
	if (ledger_new(&l, &err) != OK) return fail(&err);
	while (fgets(line, sizeof line, stdin)) {
		struct str s = str_trim(str_of(line));
		bool ok = str_starts(s, STR("sent "))    ? ledger_sent(l, str_cut(s, 5, s.len))
		          : str_starts(s, STR("acked ")) ? ledger_acked(l, str_cut(s, 6, s.len))
		                                         : s.len == 0;
		if (!ok) {
			fprintf(stderr, "ledger: cannot read \"%.*s\"\n", (int)s.len, s.ptr);
			return 2;
		}
	}
	arena_init(&a, MIB);
	if (store_open(argv[1], 0, &st, &err) != OK || ledger_check(l, st, &r, &err) != OK ||
	    store_verify(st, &a, &v, &err) != OK)
		return fail(&err);
	printf("{\"sent\":%lld,\"acked\":%lld,\"found\":%lld,\"lost\":%lld,\"doubled\":%lld,\"strangers\":%lld,\"sums_"
	       "agree\":%s}\n",
	       (long long)r.sent, (long long)r.acked, (long long)r.found, (long long)r.lost, (long long)r.doubled,
	       (long long)r.strangers, v.sums_agree ? "true" : "false");
	if (r.first[0]) fprintf(stderr, "ledger: %s\n", r.first);
	if (v.first_problem.len) fprintf(stderr, "ledger: %s\n", v.first_problem.ptr);
	bool ok = !r.lost && !r.doubled && !r.strangers && v.sums_agree && !v.first_problem.len;
	store_close(st);
	arena_done(&a);
	ledger_free(l);
	return ok ? 0 : 1;
}
