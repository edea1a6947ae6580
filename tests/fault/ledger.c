#include "tests/fault/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

struct entry {
	uint64_t key; /* 0 free */
	uint32_t found;
	bool acked;
};

struct ledger {
	struct entry *slots;
	size_t n_slots, n;
	struct ledger_report *report; /* while checking */
};

enum err_code ledger_new(struct ledger **out, struct err *err)
{
	struct ledger *l = calloc(1, sizeof *l);
	if (l) l->slots = calloc(l->n_slots = 1 << 16, sizeof *l->slots);
	if (!l || !l->slots) {
		free(l);
		return err_no_memory(err);
	}
	*out = l;
	return OK;
}

void ledger_free(struct ledger *l)
{
	if (!l) return;
	free(l->slots);
	free(l);
}

static struct entry *slot_of(struct entry *slots, size_t n_slots, uint64_t key)
{
	size_t i = key & (n_slots - 1);
	while (slots[i].key && slots[i].key != key) i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

static struct entry *enter(struct ledger *l, struct str name)
{
	if (l->n * 2 >= l->n_slots) {
		struct entry *slots = calloc(l->n_slots * 2, sizeof *slots);
		if (!slots) return NULL;
		for (size_t i = 0; i < l->n_slots; i++)
			if (l->slots[i].key) *slot_of(slots, l->n_slots * 2, l->slots[i].key) = l->slots[i];
		free(l->slots);
		l->slots = slots;
		l->n_slots *= 2;
	}
	uint64_t key = hash64(name) | 1;
	struct entry *e = slot_of(l->slots, l->n_slots, key);
	if (!e->key) l->n++;
	e->key = key;
	return e;
}

bool ledger_sent(struct ledger *l, struct str name)
{
	return enter(l, name) != NULL;
}

bool ledger_acked(struct ledger *l, struct str name)
{
	struct entry *e = enter(l, name);
	if (e) e->acked = true;
	return e != NULL;
}

static void wrong(struct ledger_report *r, const char *what, struct str name)
{
	if (!r->first[0])
		snprintf(r->first, sizeof r->first, "%.*s %s", (int)(name.len > 80 ? 80 : name.len), name.ptr, what);
}

static enum err_code look(void *ctx, const struct store_block *b, struct err *err)
{
	struct ledger *l = ctx;
	(void)err;
	static const char mark[] = "\"ledger\":\"";
	for (size_t i = 0; i < b->n; i++) {
		const char *at = memmem(b->bodies[i].ptr, b->bodies[i].len, mark, sizeof mark - 1);
		if (!at) continue; /* not one of ours */
		at += sizeof mark - 1;
		struct str name = { at, (size_t)(b->bodies[i].ptr + b->bodies[i].len - at) };
		name.len = str_find(name, '"');
		struct entry *e = slot_of(l->slots, l->n_slots, hash64(name) | 1);
		if (!e->key) {
			l->report->strangers++;
			wrong(l->report, "was never sent", name);
		} else if (++e->found == 2) {
			l->report->doubled++;
			wrong(l->report, "is there twice", name);
		}
	}
	return OK;
}

enum err_code ledger_check(struct ledger *l, struct store *st, struct ledger_report *out, struct err *err)
{
	*out = (struct ledger_report){ .sent = (int64_t)l->n };
	l->report = out;
	for (size_t i = 0; i < l->n_slots; i++) l->slots[i].found = 0;
	TRY(store_scan(st, 0, UINT64_MAX, true, look, l, err));
	for (size_t i = 0; i < l->n_slots; i++) {
		out->acked += l->slots[i].acked;
		out->found += l->slots[i].found > 0;
		out->lost += l->slots[i].acked && l->slots[i].found == 0;
	}
	return OK;
}
