/* The inbox: feedback as it comes, and what people do with it. */
#include <math.h>

#include "http/priv.h"

#define MARKS_MAX 100

/* Without a thread that follows the log it is read now. */
enum err_code feedback_fresh(struct http_call *c, struct err *err)
{
	struct inbox *x = c->h->opt.inbox;
	if (!inbox_follows(x)) TRY(inbox_catch_up(x, err));
	return act_follows(c->h->opt.act) ? OK : act_catch_up(c->h->opt.act, err);
}

/* --- touchpoints ------------------------------------------------------------------------------------ */

/* What a rating or comment counts for: the event that it speaks of, else itself. */
static struct str spoken_of(const struct inbox_row *r)
{
	return r->about.len && !str_eq(r->about, STR("journey")) ? r->about : r->event;
}

/* The touchpoint of the map that the event's name leads to; rules with further conditions cannot be told from here. */
static struct str touchpoint_of(const struct journey_rules *rules, const struct inbox_row *r)
{
	const struct str event = spoken_of(r);
	const bool own = str_eq(event, r->event);
	for (size_t i = 0; rules && i < rules->n_rules; i++) {
		const struct journey_rule *rule = &rules->rules[i];
		if (!str_eq(rule->event, event) || rule->n_conditions) continue;
		if (rule->channel.len && own && !str_eq(rule->channel, r->channel)) continue;
		return rules->touchpoints[rule->touchpoint - 1].key;
	}
	return (struct str){ NULL, 0 };
}

/* The rules of ?map=; NULL without. */
static enum err_code map_rules(struct http_call *c, const struct journey_rules **rules, struct err *err)
{
	const struct str map = query_get(c, "map");
	struct maps *maps;
	int64_t version;
	*rules = NULL;
	if (!map.len) return OK;
	TRY(need_maps(c, &maps, err));
	TRY(query_i64(c, "version", 0, INT32_MAX, 0, &version, err));
	return maps_rules(maps, map, (int)version, c->arena, rules, err);
}

/* --- the question ----------------------------------------------------------------------------------------- */

/* state=new,open: bits. */
static enum err_code states_read(struct http_call *c, unsigned *out, struct err *err)
{
	struct names list;
	TRY(names_read(c, "state", INBOX_CARES, &list, err));
	for (size_t i = 0; i < list.n; i++) {
		int k = 0;
		while (k < INBOX_CARES && !str_eq(list.list[i], str_of(inbox_care_names[k]))) k++;
		if (k == INBOX_CARES)
			return err_set(err, ERR_INPUT, "inbox.state", "state",
			               "\"" STR_FMT "\" is not new, open or done",
			               (int)(list.list[i].len < 40 ? list.list[i].len : 40), list.list[i].ptr);
		*out |= 1U << k;
	}
	return OK;
}

/* Names of a parameter as a JSON array; {NULL} without any. */
static enum err_code array_read(struct http_call *c, const char *key, struct str *out, struct err *err)
{
	struct names list;
	struct buf b;
	struct json_out o;
	TRY(names_read(c, key, 64, &list, err));
	if (!list.n) return OK;
	buf_init(&b, 64 * KIB);
	json_out_init(&o, &b);
	json_open(&o, '[');
	for (size_t i = 0; i < list.n; i++) json_put_str(&o, list.list[i]);
	json_close(&o, ']');
	*out = str_copy(c->arena, buf_view(&b));
	buf_done(&b);
	return out->ptr ? OK : err_no_memory(err);
}

/* sentiment=negative,none: bits. */
static enum err_code feelings_read(struct http_call *c, unsigned *out, struct err *err)
{
	struct names list;
	TRY(names_read(c, "sentiment", INBOX_FEELINGS, &list, err));
	for (size_t i = 0; i < list.n; i++) {
		int k = 0;
		while (k < INBOX_FEELINGS && !str_eq(list.list[i], str_of(inbox_feeling_names[k]))) k++;
		if (k == INBOX_FEELINGS)
			return err_set(err, ERR_INPUT, "inbox.sentiment", "sentiment",
			               "\"" STR_FMT "\" is not negative, neutral, positive or none",
			               (int)(list.list[i].len < 40 ? list.list[i].len : 40), list.list[i].ptr);
		*out |= 1U << k;
	}
	return OK;
}

/* "AT.ARRIVAL", as an earlier page gave it. */
static enum err_code cursor_read(struct http_call *c, struct inbox_cursor *out, struct err *err)
{
	const struct str text = query_get(c, "cursor");
	const size_t dot = str_find(text, '.');
	int64_t at, arrival;
	*out = INBOX_NEWEST;
	if (!text.len) return OK;
	if (!str_to_i64(str_cut(text, 0, dot), &at) || !str_to_i64(str_cut(text, dot + 1, text.len), &arrival) ||
	    arrival < 0)
		return err_set(err, ERR_INPUT, "http.cursor", "cursor", "this is not a place in the list");
	*out = (struct inbox_cursor){ at, (uint64_t)arrival };
	return OK;
}

static enum err_code filter_read(struct http_call *c, const struct journey_rules *rules, struct search_query *q,
                                 struct inbox_filter *f, struct err *err)
{
	static const char *const answers[] = { "no", "yes" };
	const struct str touchpoint = query_get(c, "touchpoint");
	size_t commented = 2;
	*f = inbox_filter_any;
	TRY(time_read(c, "from", &f->from_ms, err));
	TRY(time_read(c, "to", &f->to_ms, err));
	TRY(number_read(c, "score_min", NAN, &f->at_least, err));
	TRY(number_read(c, "score_max", NAN, &f->at_most, err));
	TRY(states_read(c, &f->states, err));
	TRY(array_read(c, "event", &f->events, err));
	TRY(array_read(c, "topic", &f->topics, err));
	TRY(array_read(c, "policy", &f->policies, err));
	TRY(feelings_read(c, &f->feelings, err));
	TRY(choice_read(c, "commented", answers, 2, 2, &commented, err));
	TRY(search_query_read(query_get(c, "text"), c->arena, q, err));
	if (commented < 2) f->commented = (int)commented;
	if ((touchpoint.len || query_get(c, "stage").len) && !rules)
		return err_set(err, ERR_INPUT, "http.missing", "map",
		               "a touchpoint or a stage is one of a map: \"map\" is missing");
	TRY(cell_comments(c, false, &f->arrivals, err));
	/* The map's period is that of journeys, by how they begin. */
	if (f->arrivals.ptr) f->from_ms = INT64_MIN, f->to_ms = INT64_MAX;
	f->source = query_get(c, "source");
	f->channel = query_get(c, "channel");
	f->unit = query_get(c, "unit");
	f->lang = query_get(c, "lang");
	f->tag = query_get(c, "tag");
	f->assigned = query_get(c, "assigned");
	if (str_eq(f->assigned, STR("me"))) f->assigned = call_author(c);
	f->search = q;
	return OK;
}

enum err_code feedback_filter(struct http_call *c, struct search_query *words, struct inbox_filter *out,
                              struct err *err)
{
	const struct journey_rules *rules;
	struct search_query q = { .n = 0 };
	TRY(map_rules(c, &rules, err));
	TRY(filter_read(c, rules, &q, out, err));
	if (words) *words = q;
	out->search = words;
	return OK;
}

/* --- answers ------------------------------------------------------------------------------------------------ */

int64_t utf16_between(struct str s, size_t a, size_t b)
{
	int64_t n = 0;
	while (a < b) n += utf8_next(s, &a) >= 0x10000 ? 2 : 1;
	return n;
}

static enum err_code put_marks(struct json_out *o, struct http_call *c, const struct search_query *q, struct str text,
                               struct err *err)
{
	struct search_text t;
	struct search_mark marks[MARKS_MAX];
	size_t n = 0, at = 0;
	int64_t units = 0;
	if (q->n && text.len) {
		TRY(search_fold(text, c->arena, &t, err));
		n = search_marks(q, &t, marks, MARKS_MAX);
	}
	open_list(o, "marks");
	for (size_t i = 0; i < n; i++) {
		json_open(o, '[');
		units += utf16_between(text, at, marks[i].from);
		json_put_i64(o, units);
		units += utf16_between(text, marks[i].from, marks[i].to);
		json_put_i64(o, units);
		json_close(o, ']');
		at = marks[i].to;
	}
	json_close(o, ']');
	return OK;
}

static void put_score(struct json_out *o, const struct inbox_row *r)
{
	json_key(o, "score");
	if (!r->has_score) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_z(o, "kind", r->score_kind.len ? r->score_kind.ptr : "rating");
	json_kv_double(o, "value", r->score);
	json_kv_double(o, "min", r->score_min);
	json_kv_double(o, "max", r->score_max);
	json_kv_double(o, "of_100", r->utility);
	json_close(o, '}');
}

enum err_code feedback_put(struct json_out *o, struct http_call *c, const struct inbox_row *r,
                           const struct journey_rules *rules, const struct search_query *q, struct err *err)
{
	const struct str touchpoint = touchpoint_of(rules, r);
	json_kv_i64(o, "arrival", (int64_t)r->arrival);
	json_kv_i64(o, "at_ms", r->at_ms);
	json_kv_i64(o, "received_ms", r->received_ms);
	json_kv_str(o, "event", r->event);
	json_kv_str(o, "about", r->about);
	json_key(o, "touchpoint");
	if (touchpoint.ptr) json_put_str(o, touchpoint);
	else json_put_null(o);
	json_kv_str(o, "source", r->source_name);
	json_kv_str(o, "channel", r->channel);
	json_kv_str(o, "unit", r->unit);
	json_kv_str(o, "lang", r->lang);
	json_kv_str(o, "customer", r->customer);
	json_kv_bool(o, "anonymous", r->anonymous);
	put_score(o, r);
	json_kv_str(o, "comment", r->comment);
	TRY(put_marks(o, c, q, r->comment, err));
	json_key(o, "heard");
	if (r->comment.len) {
		json_open(o, '{');
		TRY(heard_put(o, c, &r->arrival, r->comment, r->lang, err));
		json_close(o, '}');
	} else json_put_null(o);
	json_kv_z(o, "state", inbox_care_names[r->state]);
	json_key(o, "assigned");
	if (r->assigned.len) json_put_str(o, r->assigned);
	else json_put_null(o);
	json_key(o, "tags");
	json_put_raw(o, r->tags.len ? r->tags : STR("[]"));
	return praised_put(o, c, r, err);
}

static enum err_code put_state(struct json_out *o, struct http_call *c, struct err *err)
{
	struct inbox_state s;
	TRY(inbox_state(c->h->opt.inbox, call_unit(c), &s, err));
	json_key(o, "counts");
	json_open(o, '{');
	json_kv_i64(o, "feedback", s.feedback);
	json_kv_i64(o, "new", s.fresh);
	json_kv_i64(o, "open", s.open);
	json_kv_i64(o, "commented", s.commented);
	json_close(o, '}');
	json_kv_i64(o, "arrival_end", (int64_t)s.arrival_end);
	json_kv_i64(o, "lag_events", (int64_t)(s.store_end - s.arrival_end));
	return OK;
}

static enum err_code put_page(struct http_call *c, const struct inbox_page *p, const struct journey_rules *rules,
                              const struct search_query *q, struct err *err)
{
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "feedback");
	for (size_t i = 0; i < p->n; i++) {
		json_open(&o, '{');
		TRY(feedback_put(&o, c, &p->rows[i], rules, q, err));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_key(&o, "total");
	if (p->total >= 0) json_put_i64(&o, p->total);
	else json_put_null(&o);
	json_key(&o, "next");
	if (p->more)
		json_put_str(&o, str_format(c->arena, "%lld.%llu", (long long)p->next.at_ms,
		                            (unsigned long long)p->next.arrival));
	else json_put_null(&o);
	if (p->total >= 0) TRY(put_state(&o, c, err));
	json_close(&o, '}');
	return OK;
}

HANDLER(get_feedback)
{
	const struct journey_rules *rules;
	struct search_query q = { .n = 0 };
	struct inbox_filter f;
	struct inbox_cursor behind;
	struct inbox_page page;
	int64_t limit;
	TRY(query_i64(c, "limit", 1, INBOX_PAGE_MAX, 50, &limit, err));
	TRY(cursor_read(c, &behind, err));
	TRY(heard_fresh(c, err));
	TRY(map_rules(c, &rules, err));
	TRY(filter_read(c, rules, &q, &f, err));
	TRY(inbox_list(c->h->opt.inbox, &f, behind, (size_t)limit, c->arena, &page, err));
	return put_page(c, &page, rules, &q, err);
}

/* Who can be given something to do. */
static enum err_code put_people(struct json_out *o, struct http_call *c, struct err *err)
{
	struct govern_user *users;
	size_t n;
	TRY(govern_users(c->h->opt.govern, c->arena, &users, &n, err));
	open_list(o, "people");
	for (size_t i = 0; i < n; i++) {
		if (users[i].disabled || users[i].role < GOVERN_AGENT) continue;
		json_open(o, '{');
		json_kv_str(o, "login", users[i].login);
		json_kv_str(o, "name", users[i].name);
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

HANDLER(get_feedback_facets)
{
	struct inbox_facet *list;
	size_t n;
	struct json_out o;
	TRY(feedback_fresh(c, err));
	TRY(inbox_facets(c->h->opt.inbox, call_unit(c), c->arena, &list, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "facets");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "what", list[i].what);
		json_kv_str(&o, "value", list[i].value);
		json_kv_i64(&o, "n", list[i].n);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	TRY(put_people(&o, c, err));
	json_close(&o, '}');
	return OK;
}

HANDLER(get_feedback_events)
{
	c->watch = feed_watch(c->h->feed);
	c->content_type = "text/event-stream";
	return OK;
}

HANDLER(post_feedback_rebuild)
{
	TRY(inbox_rebuild(c->h->opt.inbox, err));
	answer_empty(c, 204);
	return OK;
}

/* --- one ------------------------------------------------------------------------------------------------------- */

static enum err_code unknown(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "inbox.unknown", "", "there is no such feedback");
}

/* The feedback of the address, as the inbox has it by now; what somebody may not see is not there for them. */
enum err_code feedback_arrival(struct http_call *c, uint64_t *out, struct err *err)
{
	struct inbox_row row;
	int64_t v;
	if (!str_to_i64(c->params[0], &v) || v < 0) return unknown(err);
	TRY(feedback_fresh(c, err));
	if (call_unit(c).len) {
		TRY(inbox_get(c->h->opt.inbox, (uint64_t)v, c->arena, &row, err));
		if (!call_sees(c, row.unit)) return unknown(err);
	}
	*out = (uint64_t)v;
	return OK;
}

static void put_notes(struct json_out *o, const struct inbox_note *notes, size_t n)
{
	open_list(o, "notes");
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_i64(o, "id", notes[i].id);
		json_kv_i64(o, "at_ms", notes[i].at_ms);
		json_kv_str(o, "author", notes[i].author);
		json_kv_bool(o, "reply", notes[i].reply);
		json_kv_str(o, "channel", notes[i].channel);
		json_kv_str(o, "text", notes[i].text);
		json_close(o, '}');
	}
	json_close(o, ']');
}

enum err_code feedback_answer(struct http_call *c, uint64_t arrival, struct err *err)
{
	struct inbox_row row;
	struct inbox_note *notes;
	size_t n;
	const struct journey_rules *rules;
	struct search_query q = { .n = 0 };
	struct json_out o;
	TRY(inbox_get(c->h->opt.inbox, arrival, c->arena, &row, err));
	TRY(inbox_notes(c->h->opt.inbox, arrival, c->arena, &notes, &n, err));
	TRY(search_query_read(query_get(c, "text"), c->arena, &q, err));
	TRY(map_rules(c, &rules, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	TRY(feedback_put(&o, c, &row, rules, &q, err));
	put_notes(&o, notes, n);
	json_close(&o, '}');
	return OK;
}

HANDLER(get_feedback_one)
{
	uint64_t arrival = 0;
	TRY(feedback_arrival(c, &arrival, err));
	return feedback_answer(c, arrival, err);
}

struct str call_author(const struct http_call *c)
{
	return c->local ? STR("local") : c->session.user.login;
}

enum err_code texts_read(struct http_call *c, const char *key, struct str **out, size_t *n, struct err *err)
{
	struct str array;
	struct json_reader r;
	*n = 0;
	if (!json_get(c->body, str_of(key), &array)) return OK;
	*out = ARENA_ARRAY(c->arena, struct str, INBOX_TAGS_MAX);
	if (!*out) return err_no_memory(err);
	json_read(&r, array);
	bool fine = json_next(&r) == JT_ARRAY;
	enum json_token t = JT_ERROR;
	while (fine && (t = json_next(&r)) == JT_STRING && *n < INBOX_TAGS_MAX)
		fine = json_text(&r, c->arena, &(*out)[(*n)++]);
	if (fine && t == JT_ARRAY_END) return OK;
	return err_set(err, ERR_INPUT, "inbox.texts", key, "\"%s\" has to be a list of at most %d texts", key,
	               INBOX_TAGS_MAX);
}

HANDLER(patch_feedback)
{
	uint64_t arrival = 0;
	struct inbox_change change = { 0 };
	struct str state = { 0 }, raw, *add = NULL, *drop = NULL;
	TRY(feedback_arrival(c, &arrival, err));
	TRY(body_text(c, "state", false, &state, err));
	if (state.ptr) {
		int k = 0;
		while (k < INBOX_CARES && !str_eq(state, str_of(inbox_care_names[k]))) k++;
		if (k == INBOX_CARES)
			return err_set(err, ERR_INPUT, "inbox.state", "state", "a state is new, open or done");
		change.set_state = true;
		change.state = (enum inbox_care)k;
	}
	change.set_assigned = json_get(c->body, STR("assigned"), &raw);
	if (change.set_assigned && !str_eq(raw, STR("null")))
		TRY(body_text(c, "assigned", true, &change.assigned, err));
	TRY(person_need(c, change.assigned.ptr ? change.assigned : STR(""), "assigned", err));
	TRY(texts_read(c, "add_tags", &add, &change.n_add, err));
	TRY(texts_read(c, "drop_tags", &drop, &change.n_drop, err));
	change.add_tags = add;
	change.drop_tags = drop;
	TRY(inbox_change(c->h->opt.inbox, arrival, &change, call_author(c), call_now(c), err));
	return feedback_answer(c, arrival, err);
}

HANDLER(post_feedback_note)
{
	uint64_t arrival = 0;
	struct inbox_note note = { .at_ms = call_now(c), .author = call_author(c) };
	TRY(feedback_arrival(c, &arrival, err));
	TRY(body_text(c, "text", true, &note.text, err));
	TRY(inbox_note_add(c->h->opt.inbox, arrival, &note, err));
	c->status = 201;
	return feedback_answer(c, arrival, err);
}

HANDLER(post_feedback_reply)
{
	uint64_t arrival = 0;
	struct inbox_row row;
	struct reply reply;
	struct str text, wish = STR("");
	TRY(feedback_arrival(c, &arrival, err));
	TRY(body_text(c, "text", true, &text, err));
	TRY(body_text(c, "channel", false, &wish, err));
	TRY(inbox_get(c->h->opt.inbox, arrival, c->arena, &row, err));
	TRY(reply_send(c, &row, text, wish, &reply, err));
	const struct inbox_note note = { .at_ms = call_now(c),
		                         .author = call_author(c),
		                         .reply = true,
		                         .channel = reply.channel,
		                         .message = reply.message,
		                         .text = text };
	TRY(inbox_note_add(c->h->opt.inbox, arrival, &note, err));
	c->status = 201;
	return feedback_answer(c, arrival, err);
}
