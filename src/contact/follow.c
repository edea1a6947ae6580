/*
 * Keeping up with the log: addresses out of what customers were identified with, complaints that open and close, and
 * events behind which somebody is asked. Each step is written with the mark behind it in one transaction, so nothing
 * is taken twice and nothing is left out. An import of old events asks nobody: only what was received within a day.
 */
#include "base/thread.h"
#include "contact/priv.h"

#define SCAN_MAX 65536 /* events a step */
#define BATCH 100      /* changes a transaction */
#define WAIT_MS 500
#define FRESH_MS WHEN_DAY_MS
#define REMIND_EVERY_MS WHEN_MINUTE_MS
#define DUE_MAX 20 /* invitations a transaction */

enum { KIND_IDENTIFY = 1, KIND_OPENS = 2, KIND_CLOSES = 4, KIND_ASKS = 8 };

struct follower {
	struct contact *c;
	struct arena arena; /* of a step */
	struct rules *rules;
	uint8_t *kinds;
	uint32_t n_kinds;
	uint64_t from, upto;
	uint64_t *wanted; /* arrivals whose bodies matter */
	size_t n_wanted;
	struct change {
		uint64_t arrival;
		int64_t at_ms, received_ms;
		uint8_t kind;
		struct str customer, event, body;
	} * changes;
	size_t n_changes;
	size_t first, last; /* of the transaction at hand */
	struct contact_asks asks;
	uint64_t asks_of; /* voice_changes when they were read */
	int64_t remind_ms;
};

/* --- which events matter ------------------------------------------------------------------------------- */

static bool named(const struct str *names, struct str event)
{
	for (size_t i = 0; i < EVENTS_MAX && names[i].len; i++)
		if (str_eq(names[i], event)) return true;
	return false;
}

static enum err_code look_at_kinds(struct follower *f, struct err *err)
{
	f->n_kinds = store_kind_count(f->c->st);
	f->kinds = arena_array(&f->arena, f->n_kinds + 1, 1);
	if (!f->kinds) return err_no_memory(err);
	for (uint32_t id = 1; id <= f->n_kinds; id++) {
		struct store_kind k;
		if (!store_kind_get(f->c->st, id, &k)) continue;
		if (k.type == WIRE_IDENTIFY) f->kinds[id] |= KIND_IDENTIFY;
		if (named(f->rules->opens, k.name)) f->kinds[id] |= KIND_OPENS;
		if (named(f->rules->closes, k.name)) f->kinds[id] |= KIND_CLOSES;
		for (size_t i = 0; i < f->asks.n; i++)
			if (str_eq(f->asks.all[i].after, k.name)) f->kinds[id] |= KIND_ASKS;
	}
	return OK;
}

static enum err_code on_heads(void *ctx, const struct store_block *b, struct err *err)
{
	struct follower *f = ctx;
	const int64_t now = contact_now(f->c);
	(void)err;
	for (size_t i = 0; i < b->n; i++) {
		const struct store_head *h = &b->heads[i];
		uint8_t kind = h->kind <= f->n_kinds ? f->kinds[h->kind] : 0;
		if (kind & KIND_ASKS && h->received_ms < now - FRESH_MS) kind &= (uint8_t)~KIND_ASKS;
		if (kind && f->n_wanted < SCAN_MAX) f->wanted[f->n_wanted++] = h->arrival;
	}
	return OK;
}

static enum err_code on_bodies(void *ctx, const struct store_block *b, struct err *err)
{
	struct follower *f = ctx;
	for (size_t i = 0; i < b->n; i++) {
		const struct store_head *h = &b->heads[i];
		struct store_kind k;
		bool anonymous;
		struct str who;
		if (!store_identity_get(f->c->st, h->identity, &anonymous, &who) || anonymous || !who.len) continue;
		if (!store_kind_get(f->c->st, h->kind, &k) || f->n_changes == f->n_wanted) continue;
		struct change *ch = &f->changes[f->n_changes++];
		*ch = (struct change){ .arrival = h->arrival,
			               .at_ms = h->at_ms,
			               .received_ms = h->received_ms,
			               .kind = f->kinds[h->kind],
			               .customer = who,
			               .event = k.name,
			               .body = str_copy(&f->arena, b->bodies[i]) };
		if (!ch->body.ptr) return err_no_memory(err);
		if (h->received_ms < contact_now(f->c) - FRESH_MS) ch->kind &= (uint8_t)~KIND_ASKS;
	}
	return OK;
}

/* --- writing --------------------------------------------------------------------------------------------- */

/* {"consent": {"email": true}} of the traits, where it says something new. */
static enum err_code take_consent(struct follower *f, struct store_write *w, struct str traits,
                                  const struct contact_person *p, int64_t at_ms, struct err *err)
{
	struct str said, raw;
	if (!json_get(traits, STR("consent"), &said)) return OK;
	for (int i = 0; i < CONTACT_WEB; i++) {
		const enum contact_channel ch = (enum contact_channel)i;
		const struct str address = ch == CONTACT_EMAIL ? p->email : p->phone;
		if (!address.len || !json_get(said, str_of(contact_channel_names[i]), &raw)) continue;
		const bool yes = str_eq(raw, STR("true"));
		if (!yes && !str_eq(raw, STR("false"))) continue;
		TRY(consent_by_traits(f->c, w, ch, address, yes, at_ms, err));
	}
	return OK;
}

static enum err_code take_identify(struct follower *f, struct store_write *w, const struct change *ch, struct err *err)
{
	struct contact_person p;
	struct str traits;
	if (!json_get(ch->body, STR("traits"), &traits)) return OK;
	TRY(person_read(f->c, w, ch->customer, &f->arena, &p, err));
	TRY(contact_person_merge(traits, contact_now(f->c), &f->arena, &p, err));
	if (!p.email.len && !p.phone.len && !p.lang.len && !p.country.len) return OK;
	TRY(contact_person_put_in(w, &p, ch->at_ms, err));
	return take_consent(f, w, traits, &p, ch->at_ms, err);
}

static struct str property(struct follower *f, struct str body, const char *name)
{
	struct str properties, v;
	if (!json_get(body, STR("properties"), &properties)) return STR("");
	return json_get_text(properties, str_of(name), &f->arena, &v) && v.len <= 200 ? v : STR("");
}

static enum err_code take_asks(struct follower *f, struct store_write *w, const struct change *ch, struct err *err)
{
	const int64_t now = contact_now(f->c);
	for (size_t i = 0; i < f->asks.n; i++) {
		const struct contact_ask *k = &f->asks.all[i];
		struct stmt *s = NULL;
		if (!str_eq(k->after, ch->event)) continue;
		TRY(write_prepare(&s, w, "contact_pending_add", err));
		stmt_bind_i64(s, 1, ch->at_ms + k->wait_ms > now ? ch->at_ms + k->wait_ms : now);
		stmt_bind_str(s, 2, k->survey);
		stmt_bind_str(s, 3, ch->customer);
		stmt_bind_str(s, 4, k->channels);
		stmt_bind_str(s, 5, ch->event);
		stmt_bind_str(s, 6, property(f, ch->body, "journey"));
		stmt_bind_str(s, 7, property(f, ch->body, "unit"));
		stmt_bind_i64(s, 8, (int64_t)ch->arrival);
		TRY(contact_run(s, err));
	}
	return OK;
}

static enum err_code write_mark(struct store_write *w, uint64_t upto, struct err *err)
{
	char text[24];
	struct stmt *s = NULL;
	snprintf(text, sizeof text, "%llu", (unsigned long long)upto);
	TRY(write_prepare(&s, w, "store_meta_put", err));
	stmt_bind_str(s, 1, STR("contact.arrival"));
	stmt_bind_blob(s, 2, str_of(text));
	return contact_run(s, err);
}

static enum err_code step_write(void *ctx, struct store_write *w, struct err *err)
{
	struct follower *f = ctx;
	for (size_t i = f->first; i < f->last; i++) {
		const struct change *ch = &f->changes[i];
		if (write_erased_since(w, ch->customer, ch->received_ms)) continue; /* between reading and here */
		if (ch->kind & KIND_IDENTIFY) TRY(take_identify(f, w, ch, err));
		if (ch->kind & KIND_OPENS) TRY(contact_hold_in(w, ch->customer, STR("event"), ch->at_ms, err));
		if (ch->kind & KIND_CLOSES) TRY(contact_release_in(w, ch->customer, STR("event"), err));
		if (ch->kind & KIND_ASKS) TRY(take_asks(f, w, ch, err));
	}
	return write_mark(w, f->last < f->n_changes ? f->changes[f->last].arrival : f->upto, err);
}

/* --- a step ------------------------------------------------------------------------------------------------- */

static enum err_code read_step(struct follower *f, struct err *err)
{
	f->n_wanted = f->n_changes = 0;
	f->wanted = ARENA_ARRAY(&f->arena, uint64_t, SCAN_MAX);
	if (!f->wanted) return err_no_memory(err);
	TRY(look_at_kinds(f, err));
	TRY(store_scan(f->c->st, f->from, f->upto, false, on_heads, f, err));
	f->changes = ARENA_ARRAY(&f->arena, struct change, f->n_wanted);
	if (!f->changes) return err_no_memory(err);
	return f->n_wanted ? store_fetch(f->c->st, f->wanted, f->n_wanted, true, on_bodies, f, err) : OK;
}

static enum err_code follow_step(struct follower *f, uint64_t end, struct err *err)
{
	f->upto = end - f->from > SCAN_MAX ? f->from + SCAN_MAX : end;
	f->rules = rules_get(f->c);
	enum err_code rc = read_step(f, err);
	for (f->first = 0; rc == OK; f->first = f->last) {
		f->last = f->n_changes - f->first > BATCH ? f->first + BATCH : f->n_changes;
		rc = store_write(f->c->st, step_write, f, err);
		if (f->last == f->n_changes) break;
	}
	rules_put(f->c, f->rules);
	if (rc == OK) f->from = f->upto;
	return rc;
}

uint64_t contact_mark(struct contact *c)
{
	struct stmt *s = NULL;
	bool row = false;
	int64_t mark = 0;
	if (stmt_prepare(&s, c->st, "store_meta_get", NULL) != OK) return 0;
	stmt_bind_str(s, 1, STR("contact.arrival"));
	if (stmt_step(s, &row, NULL) == OK && row && !str_to_i64(stmt_str(s, 0), &mark)) mark = 0;
	stmt_free(s);
	return (uint64_t)mark;
}

/* --- what is due ---------------------------------------------------------------------------------------------- */

/* After the end of the log was looked at: whoever saved a survey first and sent an event then is understood. */
static void look_at_surveys(struct follower *f)
{
	const uint64_t now = f->c->opt.voice ? voice_changes(f->c->opt.voice) + 1 : 1;
	if (f->asks_of == now) return;
	contact_asks_read(f->c, &f->asks);
	f->asks_of = now;
}

static bool stopping(struct contact *c)
{
	return atomic_load(&c->stop);
}

static void *follow_main(void *arg)
{
	struct contact *c = arg;
	struct follower f = { .c = c, .from = contact_mark(c) };
	int64_t worked_ms = 0;
	thread_behind();
	arena_init(&f.arena, 256 * MIB);
	arena_init(&f.asks.arena, 8 * MIB);
	while (!stopping(c)) {
		const uint64_t end = store_wait_paced(c->st, f.from, WAIT_MS, &worked_ms);
		if (stopping(c)) break;
		look_at_surveys(&f);
		arena_reset(&f.arena);
		struct err err = { 0 };
		if (end > f.from && follow_step(&f, end, &err) != OK) {
			/* The store says no only when it is closing or broken; its own messages tell. */
			store_wait(c->st, end, WAIT_MS);
			continue;
		}
		contact_send_due(c, DUE_MAX);
		const int64_t now = contact_now(c);
		if (now - f.remind_ms >= REMIND_EVERY_MS || now < f.remind_ms) {
			contact_remind_due(c, DUE_MAX);
			f.remind_ms = now;
		}
	}
	arena_done(&f.arena);
	arena_done(&f.asks.arena);
	return NULL;
}

enum err_code contact_follow(struct contact *c, struct err *err)
{
	if (!thread_start(&c->thread, "contact", follow_main, c))
		return err_set(err, ERR_UNAVAILABLE, "contact.thread", "",
		               "no thread can be made for following the log");
	c->following = true;
	return OK;
}

static bool due_waits(struct contact *c)
{
	struct stmt *s = NULL;
	bool row = false;
	if (stmt_prepare(&s, c->st, "contact_pending_due", NULL) != OK) return false;
	stmt_bind_i64(s, 1, contact_now(c));
	stmt_bind_i64(s, 2, 1);
	if (stmt_step(s, &row, NULL) != OK) row = false;
	stmt_free(s);
	return row;
}

#define CATCH_UP_MS 10
#define CATCH_UP_TRIES (60 * 1000 / CATCH_UP_MS)

/* Nobody follows: what the thread would have done by now is done here. */
static enum err_code follow_here(struct contact *c, uint64_t end, struct err *err)
{
	struct follower *f = calloc(1, sizeof *f);
	if (!f) return err_no_memory(err);
	f->c = c;
	f->from = contact_mark(c);
	arena_init(&f->arena, 256 * MIB);
	arena_init(&f->asks.arena, 8 * MIB);
	enum err_code rc = OK;
	while (rc == OK && end > f->from) {
		arena_reset(&f->arena);
		rc = follow_step(f, end, err);
	}
	arena_done(&f->arena);
	arena_done(&f->asks.arena);
	free(f);
	if (rc == OK) contact_send_due(c, DUE_MAX);
	return rc;
}

enum err_code contact_catch_up(struct contact *c, struct err *err)
{
	const uint64_t end = store_arrival_end(c->st);
	const struct timespec nap = { .tv_nsec = CATCH_UP_MS * 1000000L };
	if (!c->following) return follow_here(c, end, err);
	for (int i = 0; i < CATCH_UP_TRIES; i++) {
		if (contact_mark(c) >= end && !due_waits(c)) return OK;
		nanosleep(&nap, NULL);
	}
	return err_set(err, ERR_UNAVAILABLE, "contact.thread", "", "the log is not followed to its end");
}

void contact_stop(struct contact *c)
{
	if (!c || !c->following) return;
	atomic_store(&c->stop, true);
	pthread_join(c->thread, NULL);
	c->following = false;
}
