/* What an import held, told to people: first and last time, how many customers, which events, what was wrong and how
 * often. */
#include "collect/priv.h"

enum { SLOTS_FIRST = 1024, NAMES_MAX = 1000 };

void facts_init(struct facts *f)
{
	*f = (struct facts){ .first_ms = INT64_MAX, .last_ms = INT64_MIN };
	arena_init(&f->arena, 4 * MIB);
}

void facts_done(struct facts *f)
{
	free(f->customers.slots);
	free(f->names.slots);
	arena_done(&f->arena);
}

/* --- sets of hashes, open addressing, 0 is an empty slot ------------------------------------------- */

static void place(uint64_t *slots, size_t n_slots, uint64_t h)
{
	size_t i = h & (n_slots - 1);
	while (slots[i]) i = (i + 1) & (n_slots - 1);
	slots[i] = h;
}

static bool grow(struct hash_set *s)
{
	const size_t n_slots = s->n_slots ? 2 * s->n_slots : SLOTS_FIRST;
	uint64_t *slots = calloc(n_slots, sizeof *slots);
	if (!slots) return false;
	for (size_t i = 0; i < s->n_slots; i++)
		if (s->slots[i]) place(slots, n_slots, s->slots[i]);
	free(s->slots);
	s->slots = slots;
	s->n_slots = n_slots;
	return true;
}

/* False when memory is short. `is_new` says whether it was not there. */
static bool hash_add(struct hash_set *s, uint64_t h, bool *is_new)
{
	h |= 1;
	*is_new = false;
	if (s->n * 2 >= s->n_slots && !grow(s)) return false;
	for (size_t i = h & (s->n_slots - 1);; i = (i + 1) & (s->n_slots - 1)) {
		if (s->slots[i] == h) return true;
		if (s->slots[i]) continue;
		s->slots[i] = h;
		s->n++;
		return *is_new = true;
	}
}

/* --- what came ------------------------------------------------------------------------------------------ */

static enum err_code count_name(struct facts *f, struct str name, struct err *err)
{
	bool is_new;
	const uint64_t hash = hash64(name);
	for (size_t i = 0; i < f->n_touchpoints; i++)
		if (f->touchpoint_hash[i] == hash && str_eq(f->touchpoints[i].name, name))
			return f->touchpoints[i].n++, OK;
	if (f->n_touchpoints < COLLECT_TOUCHPOINTS_MAX) {
		struct str copy = str_copy(&f->arena, name);
		if (!copy.ptr) return err_no_memory(err);
		f->touchpoint_hash[f->n_touchpoints] = hash;
		f->touchpoints[f->n_touchpoints++] = (struct collect_count){ copy, 1 };
		return OK;
	}
	if (f->names.n >= NAMES_MAX) return OK;
	return hash_add(&f->names, hash, &is_new) ? OK : err_no_memory(err);
}

enum err_code facts_event(struct facts *f, const struct wire_event *e, struct err *err)
{
	bool is_new;
	if (e->at_ms < f->first_ms) f->first_ms = e->at_ms;
	if (e->at_ms > f->last_ms) f->last_ms = e->at_ms;
	const struct str who = e->customer.len ? e->customer : e->anonymous;
	if (f->customers.n < COLLECT_CUSTOMERS_MAX && !hash_add(&f->customers, hash64(who), &is_new))
		return err_no_memory(err);
	/* Who somebody is, is not something that happened. */
	return e->type == WIRE_IDENTIFY ? OK : count_name(f, e->name, err);
}

enum err_code facts_refusal(struct facts *f, const struct wire_refusal *r, struct err *err)
{
	const char *id = r->err.id ? r->err.id : "";
	for (size_t i = 0; i < f->n_reasons; i++) {
		struct collect_reason *k = &f->reasons[i];
		if (strcmp(k->first.id, id) != 0 || strcmp(k->first.field, r->err.field) != 0) continue;
		k->n++;
		return OK;
	}
	if (f->n_reasons == COLLECT_REASONS_MAX) return OK;
	struct collect_reason k = { .n = 1, .line = r->line, .first = r->err };
	k.first.id = id;
	k.raw = str_copy(&f->arena, str_cut(r->raw, 0, utf8_valid(r->raw.ptr, r->raw.len < 200 ? r->raw.len : 200)));
	if (!k.raw.ptr) return err_no_memory(err);
	f->reasons[f->n_reasons++] = k;
	return OK;
}

static int more_first(const void *a, const void *b)
{
	const struct collect_count *x = a, *y = b;
	return (x->n < y->n) - (x->n > y->n);
}

static int reasons_first(const void *a, const void *b)
{
	const struct collect_reason *x = a, *y = b;
	return (x->n < y->n) - (x->n > y->n);
}

enum err_code facts_tell(struct facts *f, struct arena *a, struct collect_import_result *out, struct err *err)
{
	if (f->customers.n) out->first_ms = f->first_ms, out->last_ms = f->last_ms;
	out->customers = (int64_t)f->customers.n;
	out->n_touchpoints = (int64_t)f->n_touchpoints + (int64_t)f->names.n;
	out->n_touchpoints_told = f->n_touchpoints;
	out->n_reasons = f->n_reasons;
	if (f->n_touchpoints) qsort(f->touchpoints, f->n_touchpoints, sizeof *f->touchpoints, more_first);
	if (f->n_reasons) qsort(f->reasons, f->n_reasons, sizeof *f->reasons, reasons_first);
	for (size_t i = 0; i < f->n_touchpoints; i++) {
		out->touchpoints[i] =
		        (struct collect_count){ str_copy(a, f->touchpoints[i].name), f->touchpoints[i].n };
		if (!out->touchpoints[i].name.ptr) return err_no_memory(err);
	}
	for (size_t i = 0; i < f->n_reasons; i++) {
		out->reasons[i] = f->reasons[i];
		out->reasons[i].raw = str_copy(a, f->reasons[i].raw);
		if (!out->reasons[i].raw.ptr) return err_no_memory(err);
	}
	return OK;
}
