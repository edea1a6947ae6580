/* Follow-ups and the rules that open them. */
#include <math.h>

#include "http/priv.h"

#define TRY_BACK_MS (90 * WHEN_DAY_MS)

/* --- the question --------------------------------------------------------------------------------- */

/* A name out of a list, as its place. */
static bool place_of(struct str name, const char *const *names, int n, int *out)
{
	for (*out = 0; *out < n; ++*out)
		if (str_eq(name, str_of(names[*out]))) return true;
	return false;
}

static enum err_code states_read(struct http_call *c, unsigned *out, struct err *err)
{
	struct names list;
	int k;
	*out = 0;
	TRY(names_read(c, "state", ACT_STATES, &list, err));
	for (size_t i = 0; i < list.n; i++) {
		if (!place_of(list.list[i], act_state_names, ACT_STATES, &k))
			return err_set(err, ERR_INPUT, "follow_up.state", "state",
			               "a state is open, doing, waiting or closed");
		*out |= 1U << k;
	}
	return OK;
}

/* "CLOSED.DUE.ID", as an earlier page gave it. */
static enum err_code cursor_read(struct http_call *c, struct act_cursor *out, struct err *err)
{
	struct str text = query_get(c, "cursor");
	int64_t parts[3];
	*out = ACT_FIRST;
	if (!text.len) return OK;
	for (int i = 0; i < 3; i++) {
		const size_t dot = i < 2 ? str_find(text, '.') : text.len;
		if (!str_to_i64(str_cut(text, 0, dot), &parts[i]))
			return err_set(err, ERR_INPUT, "http.cursor", "cursor", "this is not a place in the list");
		text = str_cut(text, dot + 1, text.len);
	}
	*out = (struct act_cursor){ parts[0], parts[1], parts[2] };
	return OK;
}

static enum err_code filter_read(struct http_call *c, struct act_filter *f, struct err *err)
{
	static const char *const answers[] = { "no", "yes" };
	size_t overdue = 0;
	*f = (struct act_filter){ .responsible = query_get(c, "responsible"), .unit = query_get(c, "unit") };
	TRY(states_read(c, &f->states, err));
	TRY(query_i64(c, "rule", 1, INT64_MAX, 0, &f->rule, err));
	TRY(query_i64(c, "arrival", 0, INT64_MAX, -1, &f->arrival, err));
	TRY(choice_read(c, "overdue", answers, 2, 0, &overdue, err));
	if (overdue) f->overdue_ms = call_now(c);
	if (str_eq(f->responsible, STR("me"))) f->responsible = call_author(c);
	if (!f->unit.len) f->unit = (struct str){ NULL, 0 };
	return OK;
}

/* --- answers ----------------------------------------------------------------------------------------- */

static void put_moment(struct json_out *o, const char *key, int64_t at_ms)
{
	json_key(o, key);
	if (at_ms && at_ms != INT64_MAX) json_put_i64(o, at_ms);
	else json_put_null(o);
}

static void put_follow_up(struct json_out *o, const struct act_follow_up *f, int64_t now_ms)
{
	json_kv_i64(o, "id", f->id);
	json_kv_i64(o, "rule", f->rule);
	json_key(o, "rule_name");
	json_put_raw(o, f->rule_name);
	json_kv_i64(o, "arrival", (int64_t)f->arrival);
	json_kv_str(o, "customer", f->customer);
	json_kv_str(o, "unit", f->unit);
	json_kv_str(o, "event", f->event);
	json_kv_str(o, "about", f->about);
	json_kv_str(o, "comment", f->comment);
	json_kv_double(o, "of_100", f->utility);
	json_kv_i64(o, "opened_ms", f->opened_ms);
	put_moment(o, "due_ms", f->due_ms);
	json_kv_bool(o, "overdue", f->state != ACT_CLOSED && f->due_ms < now_ms);
	json_kv_z(o, "state", act_state_names[f->state]);
	json_kv_str(o, "responsible", f->responsible);
	json_kv_str(o, "cause", f->cause);
	json_kv_str(o, "outcome", f->outcome);
	put_moment(o, "first_reply_ms", f->first_reply_ms);
	put_moment(o, "closed_ms", f->closed_ms);
	put_moment(o, "escalated_ms", f->escalated_ms);
}

HANDLER(get_follow_ups)
{
	struct act_filter f;
	struct act_cursor behind;
	struct act_page page;
	int64_t limit;
	struct json_out o;
	TRY(query_i64(c, "limit", 1, ACT_PAGE_MAX, 50, &limit, err));
	TRY(cursor_read(c, &behind, err));
	TRY(filter_read(c, &f, err));
	TRY(feedback_fresh(c, err));
	TRY(act_list(c->h->opt.act, &f, behind, (size_t)limit, c->arena, &page, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "follow_ups");
	for (size_t i = 0; i < page.n; i++) {
		json_open(&o, '{');
		put_follow_up(&o, &page.rows[i], call_now(c));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_key(&o, "next");
	if (page.more)
		json_put_str(&o, str_format(c->arena, "%lld.%lld.%lld", (long long)page.next.closed,
		                            (long long)page.next.due_ms, (long long)page.next.id));
	else json_put_null(&o);
	json_kv_i64(&o, "now_ms", call_now(c));
	json_close(&o, '}');
	return OK;
}

HANDLER(get_follow_up_summary)
{
	struct act_summary s;
	int64_t from = INT64_MIN, to = INT64_MAX;
	struct json_out o;
	TRY(time_read(c, "from", &from, err));
	TRY(time_read(c, "to", &to, err));
	TRY(feedback_fresh(c, err));
	TRY(act_summary(c->h->opt.act, query_get(c, "unit"), from, to, c->arena, &s, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "opened", s.opened);
	for (int i = 0; i < ACT_STATES; i++) json_kv_i64(&o, act_state_names[i], s.by_state[i]);
	json_kv_i64(&o, "overdue", s.overdue);
	put_estimate(&o, "on_time", &s.on_time);
	put_estimate(&o, "first_reply_hours", &s.first_reply);
	put_estimate(&o, "recovery", &s.recovery);
	put_estimate(&o, "without", &s.without);
	json_key(&o, "outcomes");
	json_open(&o, '{');
	for (int i = 0; i < ACT_OUTCOMES; i++) json_kv_i64(&o, act_outcome_names[i], s.outcomes[i]);
	json_close(&o, '}');
	json_close(&o, '}');
	return OK;
}

/* --- one ------------------------------------------------------------------------------------------------ */

static enum err_code nothing_here(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "http.path", "", "there is nothing at this address");
}

static enum err_code id_read(struct http_call *c, int64_t *out, struct err *err)
{
	return str_to_i64(c->params[0], out) && *out >= 1 ? OK : nothing_here(err);
}

/* The follow-up of the address; what somebody may not see is not there for them. */
static enum err_code follow_up_read(struct http_call *c, int64_t *id, struct err *err)
{
	struct act_follow_up f;
	TRY(id_read(c, id, err));
	TRY(feedback_fresh(c, err));
	if (!call_unit(c).len) return OK;
	TRY(act_get(c->h->opt.act, *id, c->arena, &f, err));
	return call_sees(c, f.unit) ? OK : nothing_here(err);
}

static enum err_code answer_one(struct http_call *c, int64_t id, struct err *err)
{
	struct act_follow_up f;
	struct act_step *steps;
	size_t n;
	struct json_out o;
	TRY(act_get(c->h->opt.act, id, c->arena, &f, err));
	TRY(act_steps(c->h->opt.act, id, c->arena, &steps, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_follow_up(&o, &f, call_now(c));
	open_list(&o, "steps");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "id", steps[i].id);
		json_kv_i64(&o, "at_ms", steps[i].at_ms);
		json_kv_str(&o, "author", steps[i].author);
		json_kv_str(&o, "what", steps[i].what);
		json_kv_str(&o, "text", steps[i].text);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(get_follow_up)
{
	int64_t id;
	TRY(follow_up_read(c, &id, err));
	return answer_one(c, id, err);
}

HANDLER(patch_follow_up)
{
	int64_t id, due;
	struct str state = { 0 }, responsible = { 0 }, cause = { 0 }, outcome = { 0 };
	struct act_change change = { 0 };
	enum act_state to;
	bool moved;
	int place;
	TRY(follow_up_read(c, &id, err));
	TRY(body_text(c, "state", false, &state, err));
	TRY(body_text(c, "responsible", false, &responsible, err));
	TRY(body_text(c, "cause", false, &cause, err));
	TRY(body_text(c, "outcome", false, &outcome, err));
	if (state.ptr) {
		if (!place_of(state, act_state_names, ACT_STATES, &place))
			return err_set(err, ERR_INPUT, "follow_up.state", "state",
			               "a state is open, doing, waiting or closed");
		to = (enum act_state)place;
		change.state = &to;
	}
	TRY(person_need(c, responsible.ptr ? responsible : STR(""), "responsible", err));
	if (responsible.ptr) change.responsible = &responsible;
	if (cause.ptr) change.cause = &cause;
	if (outcome.ptr) change.outcome = &outcome;
	TRY(body_time(c, "due_ms", &due, &moved, err));
	if (moved) change.due_ms = &due;
	TRY(act_change(c->h->opt.act, id, &change, call_author(c), err));
	return answer_one(c, id, err);
}

HANDLER(post_follow_up_note)
{
	int64_t id;
	struct str text;
	TRY(follow_up_read(c, &id, err));
	TRY(body_text(c, "text", true, &text, err));
	TRY(act_step_add(c->h->opt.act, id, "note", text, call_author(c), err));
	c->status = 201;
	return answer_one(c, id, err);
}

/* To the customer; the feedback behind it has it too. */
HANDLER(post_follow_up_reply)
{
	int64_t id;
	struct act_follow_up f;
	struct inbox_row row;
	struct reply reply;
	struct str text, wish = STR("");
	TRY(follow_up_read(c, &id, err));
	TRY(body_text(c, "text", true, &text, err));
	TRY(body_text(c, "channel", false, &wish, err));
	TRY(act_get(c->h->opt.act, id, c->arena, &f, err));
	TRY(inbox_get(c->h->opt.inbox, f.arrival, c->arena, &row, err));
	TRY(reply_send(c, &row, text, wish, &reply, err));
	const struct inbox_note note = { .at_ms = call_now(c),
		                         .author = call_author(c),
		                         .reply = true,
		                         .channel = reply.channel,
		                         .message = reply.message,
		                         .text = text };
	TRY(inbox_note_add(c->h->opt.inbox, f.arrival, &note, err));
	TRY(act_step_add(c->h->opt.act, id, "reply", text, call_author(c), err));
	c->status = 201;
	return answer_one(c, id, err);
}

/* --- rules -------------------------------------------------------------------------------------------------- */

/* How often a rule opened one is known to those who see all that it looks at. */
static void put_rule(struct json_out *o, const struct http_call *c, const struct act_rule *r)
{
	json_open(o, '{');
	json_kv_i64(o, "id", r->id);
	json_key(o, "rule");
	json_put_raw(o, r->document);
	json_kv_bool(o, "enabled", r->enabled);
	json_kv_i64(o, "created_ms", r->created_ms);
	json_kv_i64(o, "changed_ms", r->changed_ms);
	json_kv_str(o, "author", r->author);
	json_key(o, "opened");
	if (call_sees(c, r->unit)) json_put_i64(o, r->opened);
	else json_put_null(o);
	json_close(o, '}');
}

HANDLER(get_follow_up_rules)
{
	struct act_rule *list;
	size_t n;
	struct json_out o;
	TRY(act_rules(c->h->opt.act, c->arena, &list, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "rules");
	for (size_t i = 0; i < n; i++) put_rule(&o, c, &list[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

/* The rule of the address; who sees one unit changes rules of that unit. */
static enum err_code rule_read(struct http_call *c, int64_t *id, struct err *err)
{
	struct act_rule *list;
	size_t n;
	TRY(id_read(c, id, err));
	if (!call_unit(c).len) return OK;
	TRY(act_rules(c->h->opt.act, c->arena, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (list[i].id == *id) return unit_need(c, list[i].unit, err);
	return nothing_here(err);
}

static enum err_code save(struct http_call *c, int64_t id, struct err *err)
{
	struct str document;
	struct act_rule rule;
	bool enabled = true, given;
	struct json_out o;
	if (!json_get(c->body, STR("rule"), &document) || document.len < 2 || document.ptr[0] != '{')
		return err_set(err, ERR_INPUT, "http.missing", "rule", "\"rule\" is missing");
	TRY(body_bool(c, "enabled", &enabled, &given, err));
	TRY(act_rule_read(document, c->arena, &rule, err));
	TRY(unit_need(c, rule.unit, err));
	TRY(person_need(c, rule.responsible, "responsible", err));
	TRY(act_rule_save(c->h->opt.act, id, document, enabled, call_author(c), c->arena, &id, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "id", id);
	json_close(&o, '}');
	return OK;
}

HANDLER(post_follow_up_rules)
{
	TRY(save(c, 0, err));
	c->status = 201;
	return OK;
}

HANDLER(put_follow_up_rule)
{
	int64_t id;
	TRY(rule_read(c, &id, err));
	return save(c, id, err);
}

HANDLER(delete_follow_up_rule)
{
	int64_t id;
	TRY(rule_read(c, &id, err));
	TRY(act_rule_delete(c->h->opt.act, id, err));
	answer_empty(c, 204);
	return OK;
}

HANDLER(post_follow_up_rule_try)
{
	struct str document;
	struct act_rule rule;
	struct act_trial t;
	int64_t to = call_now(c), from = to - TRY_BACK_MS;
	const struct search_query none = { .n = 0 };
	struct json_out o;
	if (!json_get(c->body, STR("rule"), &document))
		return err_set(err, ERR_INPUT, "http.missing", "rule", "\"rule\" is missing");
	if (json_get_i64(c->body, STR("to_ms"), &to)) from = to - TRY_BACK_MS;
	if (json_get_i64(c->body, STR("from_ms"), &from) && from >= to)
		return err_set(err, ERR_INPUT, "http.span", "from_ms", "the end is not behind the beginning");
	TRY(feedback_fresh(c, err));
	TRY(act_rule_read(document, c->arena, &rule, err));
	TRY(act_rule_try(c->h->opt.act, &rule, from, to, c->arena, &t, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "from_ms", from);
	json_kv_i64(&o, "to_ms", to);
	json_kv_i64(&o, "feedback", t.feedback);
	json_kv_i64(&o, "would_open", t.would_open);
	open_list(&o, "samples");
	for (size_t i = 0; i < t.n_samples; i++) {
		json_open(&o, '{');
		TRY(feedback_put(&o, c, &t.samples[i], NULL, &none, err));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}
