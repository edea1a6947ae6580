/* Answering: what somebody who followed a way is shown, and keeping what was answered. */
#include "voice/priv.h"

const char *const voice_open_names[VOICE_OPENS] = { "open", "answered", "expired", "waiting", "ended" };

enum { CODE_LETTERS = 24, TIME_LETTERS = 8, KEY_TEXT_BYTES_MAX = 200 };

/* A response as the store has it. */
struct found {
	bool there, complete;
	int64_t survey_id, link, token;
	enum voice_state state;
	struct str survey; /* key */
	struct voice_response r;
};

static bool response_read(struct stmt *s, struct arena *a, struct found *out)
{
	struct voice_response *r = &out->r;
	*out = (struct found){ .there = true,
		               .complete = !stmt_null(s, 16),
		               .survey_id = stmt_i64(s, 2),
		               .survey = str_copy(a, stmt_str(s, 3)),
		               .state = (enum voice_state)stmt_i64(s, 4),
		               .link = stmt_i64(s, 6),
		               .token = stmt_i64(s, 7),
		               .r = { .id = stmt_i64(s, 0),
		                      .code = str_copy(a, stmt_str(s, 1)),
		                      .version = (int)stmt_i64(s, 5),
		                      .completed_ms = stmt_i64(s, 16),
		                      .answers = str_copy(a, stmt_str(s, 17)),
		                      .started_ms = stmt_i64(s, 18) } };
	struct str *const texts[] = { &r->customer, &r->anonymous,   &r->lang,  &r->channel,
		                      &r->unit,     &r->environment, &r->about, &r->journey };
	for (int i = 0; i < (int)COUNT_OF(texts); i++)
		if (!(*texts[i] = str_copy(a, stmt_str(s, 8 + i))).ptr) return false;
	return out->survey.ptr && r->code.ptr && r->answers.ptr;
}

/* By its code, else by its token: not there when none fits. */
static enum err_code find(struct voice *v, struct str code, int64_t token, struct arena *a, struct found *out,
                          struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	int64_t id;
	*out = (struct found){ 0 };
	if (!code.len && !token) return OK;
	TRY(stmt_prepare(&s, v->st, "response_find", err));
	stmt_bind_str(s, 1, code.len ? code : (struct str){ 0 });
	if (token) stmt_bind_i64(s, 2, token);
	if (code.len && store_named(v->st, code, &id)) stmt_bind_i64(s, 3, id);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row && !response_read(s, a, out)) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

/* --- opening ------------------------------------------------------------------------------------------ */

/* A way and the response that there is on it. */
struct entry {
	struct way way;
	struct found found;
	struct str code; /* of the sender's key: the response has it, or will have it; "" without a key */
};

static enum err_code no_response(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "survey.response", "response", "there is no such response");
}

/* Somebody who knows a response's code goes on with it, whichever way they came. */
static void way_of_response(const struct found *f, struct way *out)
{
	*out = (struct way){ .survey_id = f->survey_id,
		             .survey = f->survey,
		             .state = f->state,
		             .newest = f->r.version,
		             .link = f->link,
		             .token = f->token,
		             .customer = f->r.customer,
		             .about = f->r.about,
		             .journey = f->r.journey,
		             .channel = f->r.channel,
		             .unit = f->r.unit,
		             .environment = f->r.environment,
		             .lang = f->r.lang };
}

/*
 * The same key of the same respondent on the same way gives the same code, and
 * nobody without our secret can tell it. Two who happen to choose one key do
 * not meet: who they are is part of it, each with its length, so that no two
 * can be written alike.
 */
static enum err_code code_of_key(const struct voice *v, const struct way *way, const struct voice_start *start,
                                 struct str key, struct arena *a, struct str *out, struct err *err)
{
	const struct str who = start->trusted ? start->customer : STR(""), device = start->anonymous;
	unsigned char seal[32];
	*out = STR("");
	if (!key.len) return OK;
	if (key.len > KEY_TEXT_BYTES_MAX)
		return err_limit(err, "survey.key", "Idempotency-Key", (int64_t)key.len, KEY_TEXT_BYTES_MAX,
		                 "the key is longer than it may be");
	const struct str text = str_format(a, "%lld %lld %lld %zu:" STR_FMT " %zu:" STR_FMT " " STR_FMT,
	                                   (long long)way->survey_id, (long long)way->link, (long long)way->token,
	                                   who.len, STR_ARG(who), device.len, STR_ARG(device), STR_ARG(key));
	char *code = arena_alloc(a, CODE_LETTERS + 1);
	if (!text.ptr || !code) return err_no_memory(err);
	if (!voice_hmac((struct str){ (const char *)v->secret, SECRET_BYTES }, text, seal)) return err_no_memory(err);
	for (int i = 0; i < CODE_LETTERS; i++) code[i] = voice_letter(seal[i]);
	*out = (struct str){ code, CODE_LETTERS };
	return OK;
}

/*
 * *guess: a key that nobody used yet is taken for one, so that its response is
 * not looked for; a wrong guess shows when it is kept, because a code is there
 * once. False afterwards where there was nothing to guess.
 */
static enum err_code enter(struct voice *v, const struct voice_start *start, struct str key, bool *guess,
                           struct arena *a, struct entry *out, struct err *err)
{
	const bool unknown = *guess;
	*guess = false;
	*out = (struct entry){ .code = STR("") };
	if (!start->way.len) {
		TRY(find(v, start->response, 0, a, &out->found, err));
		if (!out->found.there) return no_response(err);
		way_of_response(&out->found, &out->way);
		return OK;
	}
	TRY(way_find(v, start, a, &out->way, err));
	TRY(code_of_key(v, &out->way, start, key, a, &out->code, err));
	*guess = unknown && out->code.len && !start->response.len && !out->way.token;
	if (*guess) return OK;
	TRY(find(v, start->response.len ? start->response : out->code, out->way.token, a, &out->found, err));
	if (out->found.there && out->found.survey_id != out->way.survey_id) return no_response(err);
	if (start->response.len && !out->found.there) return no_response(err);
	return OK;
}

static enum voice_open openness(const struct entry *e, int64_t now_ms)
{
	const struct way *w = &e->way;
	if (e->found.complete) return VOICE_ANSWERED;
	if (w->closed || w->state == VOICE_CLOSED) return VOICE_ENDED;
	if (w->expires_ms && now_ms >= w->expires_ms) return VOICE_EXPIRED;
	if (w->state == VOICE_LIVE || (w->state == VOICE_PAUSED && e->found.there)) return VOICE_OPEN;
	return VOICE_WAITING;
}

static struct str first_of(struct str a, struct str b)
{
	return a.len ? a : b.ptr ? b : STR("");
}

enum err_code voice_open_session(struct voice *v, const struct voice_start *start, struct arena *a,
                                 struct voice_session *out, struct err *err)
{
	struct entry e;
	bool guess = false;
	TRY(enter(v, start, STR(""), &guess, a, &e, err));
	const bool there = e.found.there;
	const struct way *w = &e.way;
	*out = (struct voice_session){ .open = openness(&e, now_of(v)),
		                       .survey = w->survey,
		                       .survey_id = w->survey_id,
		                       .version = there ? e.found.r.version : w->newest,
		                       .response = there ? e.found.r.code : STR(""),
		                       .answers = there ? e.found.r.answers : STR("{}"),
		                       .customer = first_of(w->customer, start->trusted ? start->customer : STR("")),
		                       .anonymous = first_of(there ? e.found.r.anonymous : STR(""), start->anonymous),
		                       .lang = first_of(start->lang, there ? e.found.r.lang : w->lang),
		                       .channel = first_of(start->channel, w->channel),
		                       .unit = w->unit,
		                       .environment = w->environment,
		                       .about = w->about,
		                       .journey = w->journey,
		                       .expires_ms = w->expires_ms,
		                       .invited = w->token != 0 };
	return voice_form(v, w->survey_id, out->version, a, &out->form, err);
}

/* --- keeping -------------------------------------------------------------------------------------------- */

struct keep {
	struct voice_response r;
	int64_t survey_id, link, token;
	bool fresh, complete;
	bool named; /* its code is the sender's key's */
	int64_t now_ms;
	int64_t begun_ms; /* since when it is about this person: the invitation, the first answer, or now */
};

static enum err_code taken(struct err *err)
{
	return err_set(err, ERR_CONFLICT, "survey.taken", "", "it was answered meanwhile");
}

static enum err_code count(struct store_write *w, const char *query, int64_t id, const struct keep *k, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, k->fresh);
	stmt_bind_i64(s, 3, k->complete);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code insert(const struct keep *k, struct store_write *w, struct err *err)
{
	const struct voice_response *r = &k->r;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "response_insert", err));
	stmt_bind_str(s, 1, r->code);
	stmt_bind_i64(s, 2, k->survey_id);
	stmt_bind_i64(s, 3, r->version);
	stmt_bind_i64(s, 4, k->link);
	stmt_bind_i64(s, 5, k->token);
	const struct str texts[] = { r->customer, r->anonymous,   r->lang,  r->channel,
		                     r->unit,     r->environment, r->about, r->journey };
	for (int i = 0; i < (int)COUNT_OF(texts); i++) stmt_bind_str(s, 6 + i, texts[i]);
	stmt_bind_i64(s, 14, k->now_ms);
	if (k->complete) stmt_bind_i64(s, 15, r->completed_ms);
	stmt_bind_str(s, 16, r->answers);
	stmt_bind_i64(s, 17, k->named);
	enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc != OK) return rc;
	if (write_changes(w) == 0) return taken(err);
	if (k->named) rc = write_name(w, r->code, write_last_id(w), err);
	return rc == ERR_CONFLICT ? taken(err) : rc;
}

static enum err_code update(const struct keep *k, struct store_write *w, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "response_update", err));
	stmt_bind_i64(s, 1, k->r.id);
	stmt_bind_str(s, 2, k->r.answers);
	stmt_bind_i64(s, 3, k->now_ms);
	if (k->complete) stmt_bind_i64(s, 4, k->r.completed_ms);
	stmt_bind_str(s, 5, k->r.lang);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc == OK && write_changes(w) == 0) return taken(err);
	return rc;
}

static enum err_code keep_response(void *ctx, struct store_write *w, struct err *err)
{
	const struct keep *k = ctx;
	/* Whoever was erased since then is not brought back by what was begun before. */
	if (write_erased_since(w, k->r.customer, k->begun_ms) || write_erased_since(w, k->r.anonymous, k->begun_ms))
		return voice_gone(err);
	TRY(k->fresh ? insert(k, w, err) : update(k, w, err));
	if (!k->fresh && !k->complete) return OK;
	TRY(count(w, "response_count_survey", k->survey_id, k, err));
	if (!k->link) return OK;
	TRY(count(w, "response_count_link", k->link, k, err));
	return write_changes(w) ? OK : taken(err);
}

/* --- what is kept ------------------------------------------------------------------------------------------ */

/* Answers given now replace those of the same questions. */
static enum err_code merge(struct str before, const struct form_answers *given, struct arena *a,
                           struct form_answers *out, struct err *err)
{
	TRY(form_answers_json(before, a, out, err));
	for (size_t i = 0; i < given->all.n; i++)
		TRY(form_answers_with(out, given->all.names[i], given->all.items[i], a, out, err));
	return OK;
}

/* What counts and what is kept raw, as one canonical object. */
static enum err_code answers_text(const struct form_checked *c, struct arena *a, struct str *out, struct err *err)
{
	struct form_answers all = c->answers;
	struct buf b, canonical;
	for (size_t i = 0; i < c->raw.all.n; i++)
		TRY(form_answers_with(&all, c->raw.all.names[i], c->raw.all.items[i], a, &all, err));
	buf_init(&b, 2 * FORM_ANSWERS_BYTES_MAX);
	buf_init(&canonical, 2 * FORM_ANSWERS_BYTES_MAX);
	form_answers_print(&all, &b);
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) rc = json_canonical(buf_view(&b), a, &canonical, err);
	if (rc == OK) rc = buf_check(&canonical, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&canonical))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	buf_done(&canonical);
	return rc;
}

/* Codes that begin with the time stand beside each other in the index, which then has one page to write, not many. */
static enum err_code new_code(int64_t now_ms, struct arena *a, struct str *out, struct err *err)
{
	char *code = arena_alloc(a, CODE_LETTERS + 1);
	if (!code) return err_no_memory(err);
	TRY(voice_letters(code, CODE_LETTERS, err));
	for (int i = TIME_LETTERS - 1; i >= 0; i--, now_ms /= VOICE_LETTERS)
		code[i] = voice_letter((unsigned char)(now_ms % VOICE_LETTERS));
	*out = (struct str){ code, CODE_LETTERS };
	return OK;
}

static enum err_code begin(const struct voice_start *start, const struct entry *e, int64_t now_ms, struct arena *a,
                           struct voice_response *out, struct err *err)
{
	const struct way *w = &e->way;
	struct str code = e->code;
	if (!code.len) TRY(new_code(now_ms, a, &code, err));
	const struct voice_start none = { 0 }, *t = start->trusted ? start : &none;
	*out = (struct voice_response){ .code = code,
		                        .version = w->newest,
		                        .customer = first_of(w->customer, t->customer),
		                        .lang = first_of(start->lang, w->lang),
		                        .channel = first_of(w->channel, start->channel),
		                        .unit = first_of(w->unit, t->unit),
		                        .environment = first_of(w->environment, t->environment),
		                        .about = first_of(w->about, t->about),
		                        .journey = first_of(w->journey, t->journey),
		                        .anonymous = STR(""),
		                        .answers = STR("{}") };
	if (!out->customer.len) {
		out->anonymous = start->anonymous.len ? start->anonymous
		                                      : str_format(a, "response:" STR_FMT, STR_ARG(out->code));
		if (!out->anonymous.ptr) return err_no_memory(err);
	}
	return OK;
}

static enum err_code start_check(const struct voice_start *s, struct err *err)
{
	TRY(voice_lang(s->lang, err));
	TRY(voice_word(s->channel, "channel", err));
	TRY(voice_unit(s->unit, err));
	TRY(voice_word(s->environment, "environment", err));
	TRY(voice_word(s->about, "about", err));
	TRY(voice_word(s->journey, "journey", err));
	TRY(voice_word(s->anonymous, "anonymous", err));
	return voice_word(s->customer, "customer", err);
}

/* From the answers that came to the answer that is given; in the caller's arena. */
struct voice_saving {
	struct voice_start start;
	struct form_answers given;
	bool complete;
	struct str key;
	struct arena *arena;
	struct keep keep;
	struct store_job job;
	bool writes; /* job is to be run */
	struct voice_saved saved;
};

static enum err_code job_make(struct voice *v, struct voice_saving *s, const struct voice_answered *answered,
                              struct err *err)
{
	struct wire_event *events;
	s->job = (struct store_job){ .received_ms = s->keep.now_ms, .fn = keep_response, .ctx = &s->keep };
	s->writes = true;
	if (!s->keep.complete) return OK;
	TRY(voice_events(answered, s->arena, &events, &s->job.n, err));
	s->job.items = ARENA_ARRAY(s->arena, struct store_item, s->job.n);
	if (!s->job.items) return err_no_memory(err);
	for (size_t i = 0; i < s->job.n; i++) s->job.items[i].event = &events[i];
	return voice_source(v, &s->job.source, err);
}

static enum err_code prepare(struct voice *v, struct voice_saving *s, bool guess, struct err *err)
{
	const struct voice_start *start = &s->start;
	struct arena *a = s->arena;
	struct voice_saved *out = &s->saved;
	struct keep *k = &s->keep;
	const struct form *form;
	struct form_answers all;
	struct form_checked checked;
	struct entry e;
	s->writes = false;
	TRY(enter(v, start, s->key, &guess, a, &e, err));
	*k = (struct keep){ .survey_id = e.way.survey_id,
		            .link = e.found.there ? e.found.link : e.way.link,
		            .token = e.found.there ? e.found.token : e.way.token,
		            .fresh = !e.found.there,
		            .named = e.code.len > 0,
		            .now_ms = now_of(v) };
	k->begun_ms = e.found.there ? e.found.r.started_ms : e.way.token ? e.way.created_ms : k->now_ms;
	*out = (struct voice_saved){ .open = openness(&e, k->now_ms),
		                     .response = e.found.there ? e.found.r.code : STR(""),
		                     .complete = e.found.complete,
		                     .again = e.found.complete };
	if (out->open != VOICE_OPEN) return guess ? prepare(v, s, false, err) : OK;
	k->r = e.found.r;
	if (k->fresh) TRY(begin(start, &e, k->now_ms, a, &k->r, err));
	TRY(voice_form(v, k->survey_id, k->r.version, a, &form, err));
	TRY(merge(k->r.answers, &s->given, a, &all, err));
	TRY(form_check(form, &all, s->complete, k->now_ms, a, &checked, err));
	out->problems = checked.problems;
	if (checked.problems.errors && k->fresh) return guess ? prepare(v, s, false, err) : OK;
	bool masks = form->mask;
	if (!masks) TRY(voice_source_masks(v, &masks, err));
	if (masks) TRY(voice_mask(form, &checked, a, err));
	TRY(answers_text(&checked, a, &k->r.answers, err));
	if (!k->fresh && start->lang.len) k->r.lang = start->lang;
	k->complete = s->complete && checked.problems.errors == 0;
	if (k->complete) k->r.completed_ms = k->now_ms;
	const struct voice_answered answered = { .survey = e.way.survey,
		                                 .version = k->r.version,
		                                 .form = form,
		                                 .response = &k->r,
		                                 .answers = &checked.answers };
	return job_make(v, s, &answered, err);
}

enum err_code voice_save_begin(struct voice *v, const struct voice_start *start, const struct form_answers *answers,
                               bool complete, struct str idempotency_key, struct arena *a, struct voice_saving **out,
                               struct err *err)
{
	struct voice_saving *s = ARENA_ARRAY(a, struct voice_saving, 1);
	if (!s) return err_no_memory(err);
	TRY(start_check(start, err));
	*s = (struct voice_saving){
		.start = *start, .given = *answers, .complete = complete, .key = idempotency_key, .arena = a
	};
	TRY(prepare(v, s, true, err));
	*out = s;
	return OK;
}

struct store_job *voice_save_job(struct voice_saving *s)
{
	return s->writes ? &s->job : NULL;
}

enum err_code voice_save_end(struct voice *v, struct voice_saving *s, struct voice_saved *out, struct err *err)
{
	/* Two at once with one key or token: the second finds what the first has made. */
	for (int tries = 0; s->writes && s->job.rc == ERR_CONFLICT && tries < 3; tries++) {
		struct store_job *const again = &s->job;
		TRY(prepare(v, s, false, err));
		if (s->writes) store_append_jobs(v->st, &again, 1);
	}
	if (s->writes && s->job.rc != OK) {
		if (err) *err = s->job.err;
		return s->job.rc;
	}
	if (s->writes) {
		s->saved.response = s->keep.r.code;
		s->saved.complete = s->keep.complete;
	}
	*out = s->saved;
	return OK;
}

enum err_code voice_save(struct voice *v, const struct voice_start *start, const struct form_answers *answers,
                         bool complete, struct str idempotency_key, struct arena *a, struct voice_saved *out,
                         struct err *err)
{
	struct voice_saving *s;
	TRY(voice_save_begin(v, start, answers, complete, idempotency_key, a, &s, err));
	struct store_job *const job = voice_save_job(s);
	if (job) store_append_jobs(v->st, &job, 1);
	return voice_save_end(v, s, out, err);
}
