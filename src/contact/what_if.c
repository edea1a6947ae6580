/*
 * What other rules would have done: the triggers of the last 90 days, decided again in their order. Who was asked
 * under the rules in force is history only until the first of them; from then on the other rules make their own.
 * What the world was like (consent, complaints, languages, the draw) is as it was noted with each decision.
 */
#include "contact/priv.h"

#define SHOWN_MAX 100
#define ARENA_MAX (2 * GIB)
#define ADDRESSES_MAX 8 /* of one person */

/* A customer with all their ids and addresses, as of today. */
struct person {
	uint64_t key; /* the same for all ids of one customer */
	uint64_t addresses[ADDRESSES_MAX];
	size_t n;
};

struct trigger {
	const struct person *person; /* NULL: erased */
	int64_t at_ms;
	struct str customer, address, survey, lang, country, unit;
	enum contact_channel channel;
	enum contact_reason reason;
	enum legal legal;
	bool held, reminder;
};

/* Askings by something: a key with up to four newest times would not do for a year's count, so all of them. */
struct times {
	uint64_t key;
	int64_t *at_ms; /* ascending */
	size_t n, cap;
};
struct table {
	struct times *slots;
	size_t n_slots, n; /* a power of two */
};

struct replay {
	struct contact *c;
	struct arena *a;
	const struct rules *rules;
	struct trigger *triggers;
	size_t n, cap;
	struct table table;
	struct table persons;   /* by customer: at_ms is the place in `all`, and 1 */
	struct table addresses; /* by customer: hashes of a mail address and a telephone number, 0 none */
	struct person **all;
	size_t n_all, cap_all;
	int64_t from_ms;
};

/* --- times by key ---------------------------------------------------------------------------------------- */

static struct times *find_times(struct table *t, uint64_t key)
{
	size_t i = (size_t)key & (t->n_slots - 1);
	while (t->slots[i].key && t->slots[i].key != key) i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static bool grow_table(struct table *t, struct arena *a)
{
	struct table wider = { .n_slots = t->n_slots ? t->n_slots * 2 : 1024, .n = t->n };
	if (t->n_slots && t->n * 2 < t->n_slots) return true;
	wider.slots = ARENA_ARRAY(a, struct times, wider.n_slots);
	if (!wider.slots) return false;
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].key) *find_times(&wider, t->slots[i].key) = t->slots[i];
	*t = wider;
	return true;
}

static bool add_time(struct table *t, uint64_t key, int64_t at_ms, struct arena *a)
{
	if (!grow_table(t, a)) return false;
	struct times *s = find_times(t, key);
	if (!s->key) {
		s->key = key;
		t->n++;
	}
	if (s->n == s->cap) {
		const size_t cap = s->cap ? s->cap * 2 : 4;
		int64_t *wider = ARENA_ARRAY(a, int64_t, cap);
		if (!wider) return false;
		if (s->n) memcpy(wider, s->at_ms, s->n * sizeof *wider);
		s->at_ms = wider;
		s->cap = cap;
	}
	s->at_ms[s->n++] = at_ms;
	return true;
}

static const struct times *look(const struct table *t, uint64_t key)
{
	static const struct times none = { 0 };
	if (!t->n_slots) return &none;
	return find_times((struct table *)(uintptr_t)t, key);
}

/* How many are later than `after`. */
static int64_t count_after(const struct times *t, int64_t after)
{
	size_t i = t->n;
	while (i > 0 && t->at_ms[i - 1] > after) i--;
	return (int64_t)(t->n - i);
}

static int64_t newest(const struct times *t)
{
	return t->n ? t->at_ms[t->n - 1] : INT64_MIN;
}

enum by { BY_CUSTOMER = 1, BY_ADDRESS, BY_CUSTOMER_SURVEY, BY_ADDRESS_SURVEY, BY_CHANNEL, BY_STRATUM };

static uint64_t key_of(enum by by, struct str a, struct str b)
{
	return hash64_mix(hash64_mix(hash64(a), hash64(b)), (uint64_t)by) | 1;
}

static uint64_t person_key(enum by by, uint64_t who, uint64_t survey)
{
	return hash64_mix(hash64_mix(who, survey), (uint64_t)by) | 1;
}

static struct str stratum_of(const struct trigger *t, enum stratum by)
{
	const struct str values[STRATA] = { STR(""), t->lang, t->country, t->unit };
	return values[by];
}

static uint64_t stratum_key(const struct trigger *t, const struct limits *l)
{
	return hash64_mix(key_of(BY_STRATUM, t->survey, stratum_of(t, l->quota_by)), 7) | 1;
}

/* --- deciding again ---------------------------------------------------------------------------------------- */

static bool note_asked(struct replay *p, const struct trigger *t, const struct limits *l)
{
	bool ok = add_time(&p->table, key_of(BY_CHANNEL, str_of(contact_channel_names[t->channel]), STR("")), t->at_ms,
	                   p->a);
	const struct person *who = t->person;
	if (t->reminder) return ok;
	ok = ok && add_time(&p->table, stratum_key(t, l), t->at_ms, p->a);
	if (!who) return ok;
	const uint64_t survey = hash64(t->survey);
	ok = ok && add_time(&p->table, person_key(BY_CUSTOMER, who->key, 0), t->at_ms, p->a);
	ok = ok && add_time(&p->table, person_key(BY_CUSTOMER_SURVEY, who->key, survey), t->at_ms, p->a);
	for (size_t i = 0; ok && i < who->n; i++)
		ok = add_time(&p->table, person_key(BY_ADDRESS, who->addresses[i], 0), t->at_ms, p->a) &&
		     add_time(&p->table, person_key(BY_ADDRESS_SURVEY, who->addresses[i], survey), t->at_ms, p->a);
	return ok;
}

static int64_t max_i64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What was asked of whoever has one key, the person's own or that of an address. */
static void look_at(const struct replay *p, const struct trigger *t, enum by whole, enum by one, uint64_t key,
                    struct facts *f)
{
	const struct times *all = look(&p->table, person_key(whole, key, 0));
	f->last_ms = max_i64(f->last_ms, newest(all));
	f->in_year = max_i64(f->in_year, count_after(all, t->at_ms - YEAR_MS));
	f->last_survey_ms =
	        max_i64(f->last_survey_ms, newest(look(&p->table, person_key(one, key, hash64(t->survey)))));
}

static enum contact_reason again(const struct replay *p, const struct trigger *t, const struct limits *l)
{
	const struct table *k = &p->table;
	const struct times *day = look(k, key_of(BY_CHANNEL, str_of(contact_channel_names[t->channel]), STR("")));
	struct facts f = { .legal = t->legal,
		           .held = t->held,
		           .last_ms = INT64_MIN,
		           .last_survey_ms = INT64_MIN,
		           .in_day = count_after(day, t->at_ms - WHEN_DAY_MS),
		           .in_stratum =
		                   count_after(look(k, stratum_key(t, l)), t->at_ms - l->quota_days * WHEN_DAY_MS),
		           .draw = draw_of(t->customer, t->survey, l->wave),
		           .reminder_due = t->reason == CONTACT_OK };
	if (t->person) look_at(p, t, BY_CUSTOMER, BY_CUSTOMER_SURVEY, t->person->key, &f);
	for (size_t i = 0; t->person && i < t->person->n; i++)
		look_at(p, t, BY_ADDRESS, BY_ADDRESS_SURVEY, t->person->addresses[i], &f);
	const struct judged q = { .at_ms = t->at_ms, .channel = t->channel, .reminder = t->reminder };
	return judge(p->rules, l, &q, &f);
}

/* --- persons ------------------------------------------------------------------------------------------------ */

static enum err_code read_addresses(struct replay *p, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, p->c->st, "contact_addresses", err));
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		const uint64_t key = hash64(stmt_str(s, 0)) | 1;
		for (int i = 1; i <= 2 && rc == OK; i++) {
			const struct str x = stmt_str(s, i);
			if (x.len && !add_time(&p->addresses, key, (int64_t)hash64(x), p->a)) rc = err_no_memory(err);
		}
	}
	stmt_free(s);
	return rc;
}

static void add_address(struct person *who, uint64_t address)
{
	for (size_t i = 0; i < who->n; i++)
		if (who->addresses[i] == address) return;
	if (who->n < ADDRESSES_MAX) who->addresses[who->n++] = address;
}

static void add_id(const struct replay *p, struct person *who, struct str id)
{
	const uint64_t key = hash64(id) | 1;
	const struct times *of = look(&p->addresses, key);
	if (key < who->key) who->key = key;
	for (size_t i = 0; i < of->n; i++) add_address(who, (uint64_t)of->at_ms[i]);
}

static enum err_code make_person(struct replay *p, struct str customer, struct person *who, struct err *err)
{
	struct arena a;
	struct str *ids = NULL;
	size_t n = 0;
	enum err_code rc = OK;
	who->key = UINT64_MAX;
	add_id(p, who, customer);
	arena_init(&a, 16 * MIB);
	if (p->c->opt.ids) rc = p->c->opt.ids(p->c->opt.ids_ctx, customer, &a, &ids, &n, err);
	for (size_t i = 0; rc == OK && i < n && i < CONTACT_SAME_MAX; i++) add_id(p, who, ids[i]);
	arena_done(&a);
	return rc;
}

/* The address of that time counts too, until there is no room. */
static enum err_code find_person(struct replay *p, struct trigger *t, struct err *err)
{
	const uint64_t key = hash64(t->customer) | 1;
	if (!t->customer.len) return OK;
	const struct times *known = look(&p->persons, key);
	if (!known->n) {
		struct person *who = ARENA_NEW(p->a, struct person);
		if (!who) return err_no_memory(err);
		TRY(make_person(p, t->customer, who, err));
		if (p->n_all == p->cap_all) {
			const size_t cap = p->cap_all ? p->cap_all * 2 : 1024;
			struct person **wider = ARENA_ARRAY(p->a, struct person *, cap);
			if (!wider) return err_no_memory(err);
			if (p->n_all) memcpy(wider, p->all, p->n_all * sizeof *wider);
			p->all = wider;
			p->cap_all = cap;
		}
		p->all[p->n_all++] = who;
		if (!add_time(&p->persons, key, (int64_t)p->n_all, p->a)) return err_no_memory(err);
		known = look(&p->persons, key);
	}
	struct person *who = p->all[known->at_ms[0] - 1];
	if (t->address.len) add_address(who, hash64(t->address));
	t->person = who;
	return OK;
}

/* --- reading -------------------------------------------------------------------------------------------------- */

static enum err_code grow_triggers(struct replay *p, struct err *err)
{
	if (p->n < p->cap) return OK;
	const size_t cap = p->cap ? p->cap * 2 : 4096;
	struct trigger *wider = ARENA_ARRAY(p->a, struct trigger, cap);
	if (!wider) return err_no_memory(err);
	if (p->n) memcpy(wider, p->triggers, p->n * sizeof *wider);
	p->triggers = wider;
	p->cap = cap;
	return OK;
}

static enum err_code take_row(struct replay *p, struct stmt *s, struct err *err)
{
	static const int columns[] = { 1, 2, 3, 8, 9, 10 };
	TRY(grow_triggers(p, err));
	if (p->n == CONTACT_WHAT_IF_MAX)
		return err_limit(err, "contact.what_if", "", (int64_t)p->n + 1, CONTACT_WHAT_IF_MAX,
		                 "more than %d triggers in the last year", CONTACT_WHAT_IF_MAX);
	struct trigger *t = &p->triggers[p->n++];
	*t = (struct trigger){ .at_ms = stmt_i64(s, 0),
		               .channel = (enum contact_channel)stmt_i64(s, 4),
		               .reason = (enum contact_reason)stmt_i64(s, 5),
		               .legal = (enum legal)stmt_i64(s, 6),
		               .held = stmt_i64(s, 7) != 0,
		               .reminder = stmt_i64(s, 11) != 0 };
	struct str *const into[] = { &t->customer, &t->address, &t->survey, &t->lang, &t->country, &t->unit };
	for (size_t i = 0; i < COUNT_OF(into); i++)
		if (!(*into[i] = str_copy(p->a, stmt_str(s, columns[i]))).ptr) return err_no_memory(err);
	return find_person(p, t, err);
}

/* A year of decisions: what was asked before the 90 days counts in the first of them. */
static enum err_code read_triggers(struct replay *p, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, p->c->st, "contact_replay", err));
	stmt_bind_i64(s, 1, p->from_ms - YEAR_MS);
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) rc = take_row(p, s, err);
	stmt_free(s);
	return rc;
}

/* --- the answer ------------------------------------------------------------------------------------------------ */

struct result {
	int64_t before[CONTACT_REASONS], after[CONTACT_REASONS];
	int64_t n, more, fewer;
	const struct trigger *added[SHOWN_MAX], *removed[SHOWN_MAX];
	enum contact_reason why[SHOWN_MAX];
};

static void put_reasons(struct json_out *j, const char *key, const int64_t *n)
{
	json_key(j, key);
	json_open(j, '{');
	for (int i = 0; i < CONTACT_REASONS; i++)
		if (n[i]) json_kv_i64(j, contact_reason_names[i], n[i]);
	json_close(j, '}');
}

static void put_customers(struct json_out *j, const char *key, const struct trigger *const *rows, int64_t n,
                          const enum contact_reason *why)
{
	json_key(j, key);
	json_open(j, '[');
	for (int64_t i = 0; i < n && i < SHOWN_MAX; i++) {
		json_open(j, '{');
		json_kv_str(j, "customer", rows[i]->customer);
		json_kv_str(j, "survey", rows[i]->survey);
		json_kv_i64(j, "at_ms", rows[i]->at_ms);
		json_kv_z(j, "reason", contact_reason_names[why ? why[i] : rows[i]->reason]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void print(const struct result *r, struct buf *out)
{
	struct json_out j;
	json_out_init(&j, out);
	json_open(&j, '{');
	json_kv_i64(&j, "days", CONTACT_WHAT_IF_DAYS);
	json_kv_i64(&j, "triggers", r->n);
	json_kv_i64(&j, "asked_before", r->before[CONTACT_OK]);
	json_kv_i64(&j, "asked_after", r->after[CONTACT_OK]);
	json_kv_i64(&j, "more", r->more);
	json_kv_i64(&j, "fewer", r->fewer);
	put_reasons(&j, "before", r->before);
	put_reasons(&j, "after", r->after);
	put_customers(&j, "added", r->added, r->more, NULL);
	put_customers(&j, "removed", r->removed, r->fewer, r->why);
	json_close(&j, '}');
}

static enum err_code replay(struct replay *p, struct result *r, struct err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct trigger *t = &p->triggers[i];
		struct limits l;
		rules_for(p->rules, t->survey, &l);
		const bool counted = t->at_ms > p->from_ms;
		const enum contact_reason now = counted ? again(p, t, &l) : t->reason;
		if (now == CONTACT_OK && !note_asked(p, t, &l)) return err_no_memory(err);
		if (!counted) continue;
		r->n++;
		r->before[t->reason]++;
		r->after[now]++;
		if (now == CONTACT_OK && t->reason != CONTACT_OK) {
			if (r->more < SHOWN_MAX) r->added[r->more] = t;
			r->more++;
		} else if (now != CONTACT_OK && t->reason == CONTACT_OK) {
			if (r->fewer < SHOWN_MAX) r->removed[r->fewer] = t, r->why[r->fewer] = now;
			r->fewer++;
		}
	}
	return OK;
}

enum err_code contact_what_if(struct contact *c, struct str rules, struct buf *out, struct err *err)
{
	struct arena a;
	struct rules *other;
	struct result *r;
	TRY(rules_read(rules, &other, err));
	arena_init(&a, ARENA_MAX);
	struct replay p = {
		.c = c, .a = &a, .rules = other, .from_ms = contact_now(c) - CONTACT_WHAT_IF_DAYS * WHEN_DAY_MS
	};
	r = ARENA_NEW(&a, struct result);
	enum err_code rc = r ? read_addresses(&p, err) : err_no_memory(err);
	if (rc == OK) rc = read_triggers(&p, err);
	if (rc == OK) rc = replay(&p, r, err);
	if (rc == OK) print(r, out);
	if (rc == OK) rc = buf_check(out, err);
	arena_done(&a);
	rules_free(other);
	return rc;
}
