/*
 * Who promised what. A sender keeps a ledger outside the process under
 * test: which events it sent, which of them were answered with success.
 * After a crash the log must hold every answered one exactly once, every
 * other one at most once, and nothing that was never sent.
 *
 * An event says its name in a property: "ledger":"NAME" (letters, digits,
 * '-'), because the log keeps only a hash of message ids.
 */
#ifndef TESTS_FAULT_LEDGER_H
#define TESTS_FAULT_LEDGER_H

#include "store/store.h"

struct ledger;
NODISCARD enum err_code ledger_new(struct ledger **out, struct err *err);
void ledger_free(struct ledger *l);
NODISCARD bool ledger_sent(struct ledger *l, struct str name);
NODISCARD bool ledger_acked(struct ledger *l, struct str name); /* implies sent */

struct ledger_report {
	int64_t sent, acked, found; /* names */
	int64_t lost;               /* acked, not in the log */
	int64_t doubled;            /* more than once in the log */
	int64_t strangers;          /* in the log, never sent */
	char first[128];            /* what is wrong, of the first */
};
/* Reads the whole log of an open store. */
NODISCARD enum err_code ledger_check(struct ledger *l, struct store *st, struct ledger_report *out, struct err *err);

#endif
