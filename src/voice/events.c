/* What a complete response becomes in the event log. Pure. */
#include <math.h>

#include "base/hash.h"
#include "base/when.h"
#include "voice/priv.h"

static const struct str employees = STR("employees"), observers = STR("observers");

bool voice_shared_id(struct str id)
{
	return str_eq(id, employees) || str_eq(id, observers);
}

struct making {
	const struct voice_answered *r;
	struct arena *a;
	struct str about; /* what a question is about that says nothing */
	struct str name;  /* of the events */
	struct str who;   /* employees and observers: the one anonymous id that all of them share */
	int64_t at_ms;
	struct wire_event *events;
	size_t n;
};

static const struct form_value *answer_of(const struct making *m, const struct form_question *q)
{
	const struct form_value *v = form_answer(m->r->answers, q->name);
	return v && !form_value_empty(v) ? v : NULL;
}

static bool number_of(const struct form_value *v, double *out)
{
	if (v->kind == FORM_NUMBER) *out = v->number;
	else if (v->kind == FORM_BOOL) *out = v->yes ? 1 : 0;
	else return v->kind == FORM_STRING && str_to_double(v->text, out);
	return true;
}

/* A number on a scale, when the question asks for one and it was answered. */
struct scored {
	const struct form_metric *metric;
	double value, least, most;
};
static bool scored_of(const struct making *m, const struct form_question *q, struct scored *out)
{
	out->metric = q->metric.len ? form_metric(q->metric) : NULL;
	if (!out->metric || !out->metric->scored || !form_scale(q, &out->least, &out->most)) return false;
	const struct form_value *v = answer_of(m, q);
	return v && number_of(v, &out->value) && out->value >= out->least && out->value <= out->most &&
	       out->least < out->most;
}

/* What customers felt with us moves scores. What they expect beforehand, or think of others, does not. */
static bool felt(struct str metric)
{
	return !str_eq(metric, STR("expectation")) && !str_eq(metric, STR("competitor")) &&
	       !str_ends(metric, STR(".e"));
}

static struct str about_of(const struct making *m, const struct form_question *q)
{
	return q->about.len ? q->about : m->about;
}

/* Experience less expectation of the same thing, on the same scale. */
static bool gap_of(const struct making *m, const struct form_question *q, const struct scored *s, double *gap)
{
	struct scored expected;
	if (!str_eq(q->metric, STR("experience"))) return false;
	for (size_t i = 0; i < m->r->form->n_questions; i++) {
		const struct form_question *e = m->r->form->questions[i];
		if (!str_eq(e->metric, STR("expectation")) || !str_eq(e->item, q->item) ||
		    !str_eq(about_of(m, e), about_of(m, q)) || !scored_of(m, e, &expected))
			continue;
		if (expected.least != s->least || expected.most != s->most) continue;
		*gap = s->value - expected.value;
		return true;
	}
	return false;
}

/* Whole characters only. */
static struct str cut(struct str text, size_t bytes_max)
{
	if (text.len <= bytes_max) return text;
	while (bytes_max && ((unsigned char)text.ptr[bytes_max] & 0xc0) == 0x80) bytes_max--;
	return str_cut(text, 0, bytes_max);
}

static bool is_words(const struct form_question *q)
{
	return (q->type == FORM_COMMENT || q->type == FORM_TEXT) && (q->text || q->type == FORM_COMMENT) &&
	       !q->metric.len && !q->property.len;
}

/* The words that belong to a scored question: beside it, or asked behind it before the next score. */
static struct str comment_after(const struct making *m, size_t at)
{
	const struct form *f = m->r->form;
	const struct form_question *q = f->questions[at];
	const struct str beside = str_format(m->a, STR_FMT "-Comment", STR_ARG(q->name));
	const struct form_value *v = beside.ptr ? form_answer(m->r->answers, beside) : NULL;
	if (v && v->kind == FORM_STRING && !form_value_empty(v)) return v->text;
	for (size_t i = at + 1; i < f->n_questions; i++) {
		const struct form_question *next = f->questions[i];
		if (next->metric.len && form_metric(next->metric) && form_metric(next->metric)->scored) break;
		if (!next->text || !(v = answer_of(m, next)) || v->kind != FORM_STRING) continue;
		return v->text;
	}
	return STR("");
}

/* --- one event ------------------------------------------------------------------------------------- */

/* These say what the response is; an answer cannot say it otherwise. */
static bool reserved(struct str property)
{
	static const char *const names[] = { "survey",    "survey_version", "question", "response", "score",
		                             "score_min", "score_max",      "metric",   "gap",      "score_kind",
		                             "comment",   "comment_lang",   "language", "about",    "voice",
		                             "at",        "touchpoint",     "journey",  "note",     "answer" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_eq(property, str_of(names[i]))) return true;
	return false;
}

static void put_if(struct json_out *o, const char *key, struct str v)
{
	if (v.len) json_kv_str(o, key, v);
}

/* Answers that the author made properties: who was praised, at which till. */
static void put_properties(struct json_out *o, const struct making *m)
{
	const struct form *f = m->r->form;
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct form_question *q = f->questions[i];
		const struct form_value *v = q->property.len && !reserved(q->property) ? answer_of(m, q) : NULL;
		if (!v || v->kind == FORM_LIST || v->kind == FORM_OBJECT) continue;
		json_key_str(o, q->property);
		if (v->kind == FORM_NUMBER) json_put_double(o, v->number);
		else if (v->kind == FORM_BOOL) json_put_bool(o, v->yes);
		else json_put_str(o, cut(v->text, VOICE_WORD_BYTES_MAX));
	}
}

static void put_score(struct json_out *o, const struct making *m, const struct form_question *q, const struct scored *s)
{
	double gap;
	json_kv_str(o, "metric", q->metric);
	if (q->item.len) json_kv_str(o, "item", q->item);
	if (m->who.len || !felt(q->metric)) {
		json_kv_double(o, "answer", s->value);
		json_kv_double(o, "answer_min", s->least);
		json_kv_double(o, "answer_max", s->most);
		return;
	}
	json_kv_double(o, "score", s->value);
	json_kv_double(o, "score_min", s->least);
	json_kv_double(o, "score_max", s->most);
	json_kv_z(o, "score_kind", s->metric->kind ? s->metric->kind : "rating");
	if (gap_of(m, q, s, &gap)) json_kv_double(o, "gap", gap);
}

static enum err_code body_of(const struct making *m, const struct form_question *q, const struct scored *s,
                             struct str comment, struct str *out, struct err *err)
{
	const struct voice_response *r = m->r->response;
	struct buf b, canonical;
	struct json_out o;
	buf_init(&b, 512 * KIB);
	buf_init(&canonical, 512 * KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_key(&o, "properties");
	json_open(&o, '{');
	/* Of members with one name the last stands: what the way in says goes in front of what was answered. */
	put_if(&o, "unit", r->unit);
	put_if(&o, "environment", r->environment);
	put_properties(&o, m);
	json_kv_str(&o, "survey", m->r->survey);
	json_kv_i64(&o, "survey_version", m->r->version);
	json_kv_str(&o, "response", r->code);
	json_kv_str(&o, "about", q ? about_of(m, q) : m->about);
	put_if(&o, "journey", r->journey);
	put_if(&o, "language", r->lang);
	if (m->who.len)
		json_kv_str(&o, "voice", str_of(m->r->form->audience == FORM_EMPLOYEES ? "employee" : "observer"));
	if (q) json_kv_str(&o, "question", q->name);
	if (s) put_score(&o, m, q, s);
	if (comment.len) {
		json_kv_str(&o, m->who.len ? "note" : "comment", cut(comment, VOICE_COMMENT_BYTES_MAX));
		put_if(&o, m->who.len ? "note_lang" : "comment_lang", r->lang);
	}
	json_close(&o, '}');
	json_close(&o, '}');
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) rc = json_canonical(buf_view(&b), m->a, &canonical, err);
	if (rc == OK) rc = buf_check(&canonical, err);
	if (rc == OK && !(*out = str_copy(m->a, buf_view(&canonical))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	buf_done(&canonical);
	return rc;
}

static enum err_code add(struct making *m, const struct form_question *q, const struct scored *s, struct str comment,
                         struct err *err)
{
	const struct voice_response *r = m->r->response;
	struct wire_event *e = &m->events[m->n];
	*e = (struct wire_event){ .type = WIRE_TRACK,
		                  .customer = m->who.len ? STR("") : r->customer,
		                  .anonymous = m->who.len        ? m->who
		                               : r->customer.len ? STR("")
		                                                 : r->anonymous,
		                  .previous = STR(""),
		                  .name = m->name,
		                  .channel = r->channel,
		                  .at_ms = m->at_ms };
	e->id = str_format(m->a, STR_FMT "/" STR_FMT, STR_ARG(r->code), STR_ARG(q ? q->name : STR("")));
	if (!e->id.ptr) return err_no_memory(err);
	TRY(body_of(m, q, s, comment, &e->body, err));
	e->content =
	        hash64_seed(e->body, hash64_mix((uint64_t)e->at_ms, hash64_mix(hash64(e->name), hash64(e->channel))));
	m->n++;
	return OK;
}

/* --- all of them --------------------------------------------------------------------------------------- */

/* The answer that the author made this property; "" none. */
static struct str property_of(const struct making *m, struct str property)
{
	const struct form *f = m->r->form;
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct form_value *v =
		        str_eq(f->questions[i]->property, property) ? answer_of(m, f->questions[i]) : NULL;
		if (v && v->kind == FORM_STRING) return cut(v->text, WIRE_NAME_BYTES_MAX);
	}
	return STR("");
}

static void set_scene(struct making *m)
{
	const struct voice_response *r = m->r->response;
	const struct str chosen = property_of(m, STR("touchpoint")), seen = property_of(m, STR("at"));
	const enum form_audience audience = m->r->form->audience;
	int64_t at_ms;
	m->about = r->about.len            ? r->about
	           : chosen.len            ? chosen
	           : m->r->form->about.len ? m->r->form->about
	                                   : STR("journey");
	m->at_ms = r->completed_ms;
	if (audience == FORM_EMPLOYEES) m->who = employees;
	else if (audience == FORM_OBSERVERS) m->who = observers;
	/* An observer says when it was seen; what is not in the past is a slip of the pen. */
	if (audience != FORM_CUSTOMERS && when_parse_iso(seen, &at_ms, NULL) && at_ms >= WHEN_MIN_MS &&
	    at_ms < m->at_ms)
		m->at_ms = at_ms;
}

enum err_code voice_events(const struct voice_answered *r, struct arena *a, struct wire_event **out, size_t *n,
                           struct err *err)
{
	struct making m = { .r = r, .a = a, .who = STR("") };
	const struct form *f = r->form;
	bool told = false; /* the words so far went with a score */
	struct scored s;
	m.events = ARENA_ARRAY(a, struct wire_event, f->n_questions + 1);
	m.name = str_format(a, "Survey: " STR_FMT, STR_ARG(r->survey));
	if (!m.events || !m.name.ptr) return err_no_memory(err);
	set_scene(&m);
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct form_question *q = f->questions[i];
		const struct form_value *v;
		if (scored_of(&m, q, &s)) {
			const struct str comment = comment_after(&m, i);
			TRY(add(&m, q, &s, comment, err));
			told = comment.len > 0;
		} else if (is_words(q) && (v = answer_of(&m, q)) && v->kind == FORM_STRING) {
			if (q->text && told) told = false;
			else TRY(add(&m, q, NULL, v->text, err));
		}
	}
	if (m.n == 0) TRY(add(&m, NULL, NULL, STR(""), err));
	*out = m.events;
	*n = m.n;
	return OK;
}
