/* Deciding: what the store knows of a customer, judged, and the row that is kept. */
#include "contact/priv.h"

enum err_code contact_open(const struct contact_options *opt, struct contact **out, struct err *err)
{
	struct contact *c = calloc(1, sizeof *c);
	if (!c) return err_no_memory(err);
	c->opt = *opt;
	c->st = opt->store;
	pthread_mutex_init(&c->rules_lock, NULL);
	const enum err_code rc = rules_load(c, err);
	if (rc != OK) {
		contact_close(c);
		return rc;
	}
	if (opt->outbox) {
		outbox_listen(opt->outbox, contact_on_news, c);
		outbox_gate(opt->outbox, contact_may_leave, c);
	}
	*out = c;
	return OK;
}

void contact_close(struct contact *c)
{
	if (!c) return;
	if (c->rules) rules_put(c, c->rules);
	pthread_mutex_destroy(&c->rules_lock);
	free(c);
}

enum err_code contact_stmt(struct contact *c, struct store_write *w, const char *name, struct stmt **out,
                           struct err *err)
{
	return w ? write_prepare(out, w, name, err) : stmt_prepare(out, c->st, name, err);
}

enum err_code contact_run(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

/* --- facts ------------------------------------------------------------------------------------------- */

struct asking {
	struct contact *c;
	struct store_write *w; /* NULL: reading only */
	const struct contact_request *r;
	const struct rules *rules;
	struct limits limits;
	struct contact_person person;
	struct str who; /* customer, or "anonymous:ID" */
	struct str address;
	struct str ids, addresses; /* of the person: JSON lists */
	struct facts facts;
	int64_t at_ms;
	int64_t send_ms;
};

static struct str address_in(const struct contact_person *p, enum contact_channel c)
{
	if (c == CONTACT_EMAIL) return p->email;
	return c == CONTACT_WEB ? STR("") : p->phone;
}

static enum err_code legal_facts(struct asking *q, struct err *err)
{
	static const enum legal legal_of[CONTACT_CONSENTS] = {
		[CONTACT_UNKNOWN] = LEGAL_UNKNOWN,       [CONTACT_GIVEN] = LEGAL_GIVEN,
		[CONTACT_WITHDRAWN] = LEGAL_WITHDRAWN,   [CONTACT_BOUNCES] = LEGAL_BOUNCES,
		[CONTACT_COMPLAINED] = LEGAL_COMPLAINED,
	};
	enum contact_consent state = CONTACT_UNKNOWN;
	const bool web = q->r->channel == CONTACT_WEB;
	if (q->r->no_channel || (!web && !q->address.len)) {
		q->facts.legal = q->r->no_channel ? LEGAL_NO_CHANNEL : LEGAL_NO_ADDRESS;
		return OK;
	}
	if (q->person.minor) {
		q->facts.legal = LEGAL_MINOR;
		return OK;
	}
	TRY(consent_read(q->c, q->w, q->r->channel, web ? q->who : q->address, &state, err));
	q->facts.legal = legal_of[state];
	return OK;
}

static struct str list_of(const struct str *all, size_t n, struct arena *a)
{
	struct json_out o;
	struct buf b;
	buf_init(&b, MIB);
	json_out_init(&o, &b);
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) json_put_str(&o, all[i]);
	json_close(&o, ']');
	const struct str out = b.full ? (struct str){ 0 } : str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

/* By all ids and addresses of the person: with two of them one is asked once. */
static enum err_code person_facts(struct asking *q, struct arena *a, struct err *err)
{
	struct contact_same *same = ARENA_NEW(a, struct contact_same);
	if (!same) return err_no_memory(err);
	TRY(contact_same(q->c, q->w, q->who, a, same, err));
	q->ids = list_of(same->ids, same->n_ids, a);
	q->addresses = list_of(same->addresses, same->n_addresses, a);
	return q->ids.ptr && q->addresses.ptr ? OK : err_no_memory(err);
}

static enum err_code history_facts(struct asking *q, struct err *err)
{
	struct facts *f = &q->facts;
	struct stmt *s = NULL;
	bool row = false;
	f->last_ms = f->last_survey_ms = INT64_MIN;
	TRY(contact_stmt(q->c, q->w, "contact_asked_person", &s, err));
	stmt_bind_str(s, 1, q->ids);
	stmt_bind_str(s, 2, q->addresses);
	stmt_bind_str(s, 3, q->r->survey);
	stmt_bind_i64(s, 4, q->at_ms - YEAR_MS);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		if (!stmt_null(s, 0)) f->last_ms = stmt_i64(s, 0);
		if (!stmt_null(s, 1)) f->last_survey_ms = stmt_i64(s, 1);
		f->in_year = stmt_i64(s, 2);
	}
	stmt_free(s);
	return rc;
}

static enum err_code one_count(struct asking *q, struct stmt *s, int64_t *out, struct err *err)
{
	bool row = false;
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *out = stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

static enum err_code channel_facts(struct asking *q, struct err *err)
{
	struct stmt *s = NULL;
	const int64_t cap = q->rules->daily[q->r->channel];
	if (cap <= 0) return OK;
	TRY(contact_stmt(q->c, q->w, "contact_asked_channel", &s, err));
	stmt_bind_i64(s, 1, q->r->channel);
	stmt_bind_i64(s, 2, q->at_ms - WHEN_DAY_MS);
	stmt_bind_i64(s, 3, cap);
	return one_count(q, s, &q->facts.in_day, err);
}

static struct str stratum_value(const struct asking *q)
{
	switch (q->limits.quota_by) {
	case STRATUM_LANG: return q->person.lang;
	case STRATUM_COUNTRY: return q->person.country;
	case STRATUM_UNIT: return q->r->unit.ptr ? q->r->unit : STR("");
	case STRATUM_NONE:
	case STRATA: break;
	}
	return STR("");
}

static enum err_code stratum_facts(struct asking *q, struct err *err)
{
	static const char *const queries[STRATA] = { "contact_asked_survey", "contact_asked_lang",
		                                     "contact_asked_country", "contact_asked_unit" };
	struct stmt *s = NULL;
	if (q->limits.quota < 0) return OK;
	TRY(contact_stmt(q->c, q->w, queries[q->limits.quota_by], &s, err));
	stmt_bind_str(s, 1, q->r->survey);
	stmt_bind_i64(s, 2, q->at_ms - q->limits.quota_days * WHEN_DAY_MS);
	stmt_bind_i64(s, 3, q->limits.quota);
	if (q->limits.quota_by != STRATUM_NONE) stmt_bind_str(s, 4, stratum_value(q));
	return one_count(q, s, &q->facts.in_stratum, err);
}

static enum err_code held_facts(struct asking *q, struct err *err)
{
	struct stmt *s = NULL;
	int64_t n = 0;
	TRY(contact_stmt(q->c, q->w, "contact_held", &s, err));
	stmt_bind_str(s, 1, q->ids);
	TRY(one_count(q, s, &n, err));
	q->facts.held = n > 0;
	return OK;
}

enum err_code contact_person_held(struct contact *c, struct store_write *w, struct str customer, struct arena *a,
                                  bool *out, struct err *err)
{
	struct asking q = { .c = c, .w = w, .who = customer };
	TRY(person_facts(&q, a, err));
	TRY(held_facts(&q, err));
	*out = q.facts.held;
	return OK;
}

/* One reminder of an invitation that was sent long enough ago and is not answered. */
static enum err_code reminder_facts(struct asking *q, struct err *err)
{
	struct stmt *s = NULL;
	int64_t n = 0;
	if (!q->r->reminder) return OK;
	TRY(contact_stmt(q->c, q->w, "contact_reminder_due", &s, err));
	stmt_bind_i64(s, 1, q->r->invitation);
	stmt_bind_i64(s, 2, q->at_ms - q->limits.reminder_days * WHEN_DAY_MS);
	TRY(one_count(q, s, &n, err));
	q->facts.reminder_due = n > 0;
	return OK;
}

static enum err_code gather(struct asking *q, struct arena *a, struct err *err)
{
	const struct contact_request *r = q->r;
	q->at_ms = r->at_ms ? r->at_ms : contact_now(q->c);
	q->who = r->customer.len ? r->customer : str_format(a, "anonymous:" STR_FMT, STR_ARG(r->anonymous));
	if (!q->who.ptr) return err_no_memory(err);
	if (r->survey.len == 0 || r->survey.len > 200 || q->who.len > 600 || (!r->customer.len && !r->anonymous.len))
		return err_set(err, ERR_INPUT, "contact.request", "customer", "nobody, or no survey, is named");
	rules_for(q->rules, r->survey, &q->limits);
	TRY(person_read(q->c, q->w, q->who, a, &q->person, err));
	q->address = address_in(&q->person, r->channel);
	q->facts.draw = draw_of(q->who, r->survey, q->limits.wave);
	TRY(legal_facts(q, err));
	TRY(person_facts(q, a, err));
	TRY(history_facts(q, err));
	TRY(held_facts(q, err));
	TRY(channel_facts(q, err));
	TRY(stratum_facts(q, err));
	return reminder_facts(q, err);
}

/* --- deciding ------------------------------------------------------------------------------------------- */

enum err_code contact_org_zone(struct contact *c, struct arena *a, struct str *zone, struct err *err)
{
	*zone = STR("UTC");
	return c->opt.zone ? c->opt.zone(c->opt.zone_ctx, a, zone, err) : OK;
}

static enum err_code decide(struct asking *q, struct arena *a, struct contact_decision *out, struct err *err)
{
	TRY(gather(q, a, err));
	const struct judged j = { .at_ms = q->at_ms, .channel = q->r->channel, .reminder = q->r->reminder };
	*out = (struct contact_decision){ .reason = judge(q->rules, &q->limits, &j, &q->facts),
		                          .not_before_ms = q->at_ms,
		                          .address = q->address,
		                          .lang = q->person.lang };
	out->ask = out->reason == CONTACT_OK;
	if (q->r->channel != CONTACT_WEB) {
		struct str zone = q->person.zone;
		if (!zone.len && !q->person.country.len) TRY(contact_org_zone(q->c, a, &zone, err));
		out->not_before_ms = quiet_until(q->rules, q->person.country, zone, q->at_ms);
	}
	return OK;
}

static enum err_code keep(struct asking *q, struct contact_decision *d, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, q->w, "contact_decision_add", err));
	stmt_bind_i64(s, 1, q->at_ms);
	stmt_bind_str(s, 2, q->who);
	stmt_bind_str(s, 3, q->address);
	stmt_bind_str(s, 4, q->r->survey);
	stmt_bind_i64(s, 5, q->r->channel);
	stmt_bind_str(s, 6, q->r->trigger.ptr ? q->r->trigger : STR(""));
	stmt_bind_i64(s, 7, d->reason);
	stmt_bind_i64(s, 8, d->not_before_ms);
	stmt_bind_i64(s, 9, q->r->reminder);
	stmt_bind_i64(s, 10, q->facts.legal);
	stmt_bind_i64(s, 11, q->facts.held);
	stmt_bind_str(s, 12, q->person.lang);
	stmt_bind_str(s, 13, q->person.country);
	stmt_bind_str(s, 14, q->r->unit.ptr ? q->r->unit : STR(""));
	stmt_bind_double(s, 15, q->facts.draw);
	stmt_bind_i64(s, 16, q->r->round);
	TRY(contact_run(s, err));
	d->id = write_last_id(q->w);
	return OK;
}

enum err_code contact_decide_in(struct contact *c, struct store_write *w, const struct contact_request *r,
                                struct arena *a, struct contact_decision *out, struct err *err)
{
	struct rules *rules = rules_get(c);
	struct asking q = { .c = c, .w = w, .r = r, .rules = rules };
	enum err_code rc = decide(&q, a, out, err);
	/* Whoever was erased meanwhile is not asked; that somebody was to be asked counts, without a name. */
	if (rc == OK && write_erased(w, r->customer.len ? r->customer : r->anonymous)) {
		out->ask = false;
		out->reason = CONTACT_NO_ADDRESS;
		q.who = q.address = out->address = STR("");
	}
	if (rc == OK) rc = keep(&q, out, err);
	rules_put(c, rules);
	return rc;
}

struct deciding {
	struct contact *c;
	const struct contact_request *r;
	struct arena *a;
	struct contact_decision *out;
};

static enum err_code decide_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct deciding *d = ctx;
	return contact_decide_in(d->c, w, d->r, d->a, d->out, err);
}

enum err_code contact_decide(struct contact *c, const struct contact_request *r, struct arena *a,
                             struct contact_decision *out, struct err *err)
{
	struct deciding d = { c, r, a, out };
	return store_write(c->st, decide_write, &d, err);
}

enum err_code contact_would(struct contact *c, const struct contact_request *r, struct arena *a,
                            struct contact_decision *out, struct err *err)
{
	struct rules *rules = rules_get(c);
	struct asking q = { .c = c, .r = r, .rules = rules };
	const enum err_code rc = decide(&q, a, out, err);
	rules_put(c, rules);
	return rc;
}

/* --- the log ----------------------------------------------------------------------------------------------- */

enum err_code contact_log(struct contact *c, struct str survey, struct str customer, enum contact_reason reason,
                          int64_t before, size_t limit, struct arena *a, struct contact_row **out, size_t *n,
                          struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	*n = 0;
	*out = ARENA_ARRAY(a, struct contact_row, limit);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, c->st, customer.len ? "contact_log_customer" : "contact_log", err));
	stmt_bind_str(s, 1, survey.len ? survey : STR(""));
	stmt_bind_i64(s, 2, reason == CONTACT_REASONS ? -1 : (int64_t)reason);
	stmt_bind_i64(s, 3, before ? before : INT64_MAX);
	stmt_bind_i64(s, 4, (int64_t)limit);
	if (customer.len) stmt_bind_str(s, 5, customer);
	enum err_code rc = OK;
	while (*n < limit && (rc = stmt_step(s, &row, err)) == OK && row)
		(*out)[(*n)++] = (struct contact_row){ .id = stmt_i64(s, 0),
			                               .at_ms = stmt_i64(s, 1),
			                               .customer = str_copy(a, stmt_str(s, 2)),
			                               .survey = str_copy(a, stmt_str(s, 3)),
			                               .channel = (enum contact_channel)stmt_i64(s, 4),
			                               .trigger = str_copy(a, stmt_str(s, 5)),
			                               .reason = (enum contact_reason)stmt_i64(s, 6),
			                               .not_before_ms = stmt_i64(s, 7),
			                               .reminder = stmt_i64(s, 8) != 0,
			                               .declined_ms = stmt_i64(s, 9) };
	stmt_free(s);
	return rc;
}

enum err_code contact_sums(struct contact *c, int64_t since_ms, struct arena *a, struct contact_sum **out, size_t *n,
                           struct err *err)
{
	const size_t max = (size_t)CONTACT_SURVEYS_MAX * 8;
	struct stmt *s = NULL;
	bool row = true;
	*n = 0;
	*out = ARENA_ARRAY(a, struct contact_sum, max);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, c->st, "contact_sums", err));
	stmt_bind_i64(s, 1, since_ms);
	enum err_code rc = OK;
	while (*n < max && (rc = stmt_step(s, &row, err)) == OK && row)
		(*out)[(*n)++] =
		        (struct contact_sum){ str_copy(a, stmt_str(s, 0)), (enum contact_channel)stmt_i64(s, 1),
			                      (enum contact_reason)stmt_i64(s, 2), stmt_i64(s, 3) };
	stmt_free(s);
	return rc;
}
