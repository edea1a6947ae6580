/*
 * Invitations: the decision, the token, the row and the message are one transaction. What is sent is made of the
 * survey's own title and first scale, in the customer's language, with a way to unsubscribe.
 */
#include "contact/priv.h"

#include "base/words.h"

#define TOKEN_DAYS 30
#define BATCH 16 /* customers a transaction */

/* What is the same for all invitations of a survey. */
struct post {
	struct voice_survey survey;
	const struct form *form;
	struct str url; /* of this server */
};

static enum err_code post_open(struct contact *c, struct str survey, struct arena *a, struct post *out, struct err *err)
{
	if (!c->opt.voice) return err_set(err, ERR_UNAVAILABLE, "contact.survey", "", "surveys are not open");
	TRY(voice_get(c->opt.voice, survey, 0, a, &out->survey, err));
	if (out->survey.state != VOICE_LIVE)
		return err_set(err, ERR_CONFLICT, "contact.survey", "survey",
		               "only a live survey invites; this one is %s", voice_state_names[out->survey.state]);
	TRY(voice_form(c->opt.voice, out->survey.id, out->survey.version, a, &out->form, err));
	TRY(outbox_public_url(c->opt.outbox, a, &out->url, err));
	if (out->url.len) return OK;
	(void)err_set(err, ERR_CONFLICT, "contact.url", "public_url", "nobody outside could follow a link of ours yet");
	err_hint(err, "Say under Listen, Contact, at which address customers reach this server.");
	return ERR_CONFLICT;
}

enum err_code contact_can_invite(struct contact *c, struct str survey, struct err *err)
{
	struct arena a;
	struct post p;
	arena_init(&a, 16 * MIB);
	const enum err_code rc = post_open(c, survey, &a, &p, err);
	arena_done(&a);
	return rc;
}

/* --- words --------------------------------------------------------------------------------------------- */

static struct str title_of(const struct post *p, struct str lang)
{
	const struct str title = form_text_in(&p->form->title, lang, NULL);
	return title.len ? title : p->survey.key;
}

static void put_url(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		const char ch = text.ptr[i];
		if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '-' ||
		    ch == '_' || ch == '.')
			buf_byte(b, ch);
		else buf_printf(b, "%%%02X", (unsigned char)ch);
	}
}

/* The first question of the survey when it is a scale of at most eleven whole steps: it can be answered by one click.
 */
static const struct form_question *first_scale(const struct form *f)
{
	if (!f->n_pages || !f->pages[0].n) return NULL;
	const struct form_question *q = &f->pages[0].questions[0];
	const double steps = q->max - q->min;
	return q->type == FORM_RATING && steps >= 1 && steps <= 10 && q->step == 1 && q->min >= 0 ? q : NULL;
}

/* A row of numbers; a table so that old mail programs keep it in one line, in the direction of the language. */
static void put_scores(struct buf *b, const struct post *p, const struct form_question *q, struct str token,
                       const struct locale *l, struct arena *a)
{
	const struct str lang = str_of(lang_codes[l->lang]);
	const struct str low = form_text_in(&q->min_label, lang, NULL), high = form_text_in(&q->max_label, lang, NULL);
	buf_str(b, STR("<p style=\"font-weight:bold;margin:20px 0 8px\">"));
	outbox_escape(b, form_text_in(&q->title, lang, NULL));
	buf_printf(b, "</p>\n<table role=\"presentation\" dir=\"%s\" cellpadding=\"0\" cellspacing=\"0\"><tr>\n",
	           lang_rtl(l->lang) ? "rtl" : "ltr");
	for (int v = (int)q->min; v <= (int)q->max; v++) {
		buf_str(b, STR("<td style=\"padding:0 2px\"><a href=\""));
		outbox_escape(b, p->url);
		buf_printf(b, "/e/" STR_FMT "?q=", STR_ARG(token));
		put_url(b, q->name);
		buf_printf(
		        b,
		        "&amp;v=%d&amp;lang=%s\" style=\"display:block;min-width:32px;padding:9px 0;text-align:center;"
		        "border:1px solid #b8c1cc;border-radius:8px;color:#1c2733;text-decoration:none\">",
		        v, lang_codes[l->lang]);
		outbox_escape(b, words_number(l, a, v, 0));
		buf_str(b, STR("</a></td>\n"));
	}
	buf_str(b, STR("</tr></table>\n<p style=\"margin:6px 0 0;color:#5b6673;font-size:13px\">"));
	if (low.len || high.len) {
		outbox_escape(b, low);
		buf_str(b, STR(" – "));
		outbox_escape(b, high);
	}
	buf_str(b, STR("</p>\n"));
}

static struct str mail_html(const struct post *p, struct str token, struct str link, struct str leave,
                            const struct locale *l, struct arena *a)
{
	const struct form_question *scale = first_scale(p->form);
	struct buf b;
	buf_init(&b, 256 * KIB);
	buf_str(&b, STR("<h1 style=\"font-size:20px;margin:0 0 12px\">"));
	outbox_escape(&b, title_of(p, str_of(lang_codes[l->lang])));
	buf_str(&b, STR("</h1>\n<p style=\"margin:0\">"));
	outbox_escape(&b, words(l, a, "contact.invite.mail", NULL, 0));
	buf_str(&b, STR("</p>\n"));
	if (scale) put_scores(&b, p, scale, token, l, a);
	buf_str(&b, STR("<p style=\"margin:20px 0\"><a href=\""));
	outbox_escape(&b, link);
	buf_str(&b, STR("\" style=\"background:#0b5cad;color:#ffffff;padding:11px 20px;border-radius:8px;"
	                "text-decoration:none\">"));
	outbox_escape(&b, words(l, a, "contact.invite.button", NULL, 0));
	buf_str(&b, STR("</a></p>\n<p style=\"margin:24px 0 0;font-size:13px\"><a href=\""));
	outbox_escape(&b, leave);
	buf_str(&b, STR("\" style=\"color:#5b6673\">"));
	outbox_escape(&b, words(l, a, "contact.invite.leave", NULL, 0));
	buf_str(&b, STR("</a></p>\n"));
	const struct str out = b.full ? (struct str){ 0 } : str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

/* The reader's language where we have words in it, else the survey's own, else English. */
static struct locale language_for(const struct post *p, struct str lang)
{
	enum lang l = LANG_EN;
	if (!lang_of(lang, &l) && !lang_of(p->form->locale, &l)) l = LANG_EN;
	return locale_of(l);
}

/* The language in which one customer is asked: their own, unless all are asked in one. */
static struct str asked_in(const struct post *p, const struct contact_invite *v, struct str own)
{
	enum lang l;
	const bool known = !v->lang_all && lang_of(own, &l);
	return str_of(lang_codes[language_for(p, known || !v->lang.len ? own : v->lang).lang]);
}

struct sending {
	const struct post *p;
	enum contact_channel channel;
	struct str customer, address, lang, token;
	int64_t invitation, not_before_ms;
	bool reminder;
};

static enum err_code put_message(struct contact *c, struct store_write *w, const struct sending *s, struct arena *a,
                                 struct err *err)
{
	const struct post *p = s->p;
	const struct locale l = language_for(p, s->lang);
	const char *code = lang_codes[l.lang];
	const struct str link = str_format(a, STR_FMT "/s/" STR_FMT, STR_ARG(p->url), STR_ARG(s->token));
	struct str path;
	int64_t id;
	TRY(contact_leave_path_in(c, w, s->channel, s->address, a, &path, err));
	const struct str leave = str_format(a, STR_FMT STR_FMT "?lang=%s", STR_ARG(p->url), STR_ARG(path), code);
	const struct word_arg named[] = { { "survey", .text = title_of(p, str_of(code)) }, { "link", .text = link } };
	struct outbox_message m = {
		.channel = str_of(contact_channel_names[s->channel]),
		.address = s->address,
		.lang = str_of(code),
		.purpose = STR("invitation"),
		.ref = str_format(a, "%lld", (long long)s->invitation),
		.customer = s->customer,
		.key = str_format(a, "%s:%lld", s->reminder ? "reminder" : "invitation", (long long)s->invitation),
		.not_before_ms = s->not_before_ms,
	};
	if (s->channel == CONTACT_EMAIL) {
		m.subject = outbox_line(
		        a, words(&l, a, s->reminder ? "contact.invite.reminder" : "contact.invite.subject", named, 1));
		m.text = str_format(a, STR_FMT "\n\n" STR_FMT "\n\n" STR_FMT "\n" STR_FMT "\n",
		                    STR_ARG(words(&l, a, "contact.invite.mail", NULL, 0)), STR_ARG(link),
		                    STR_ARG(words(&l, a, "contact.invite.leave", NULL, 0)), STR_ARG(leave));
		m.html = mail_html(p, s->token, link, leave, &l, a);
		m.unsubscribe = leave;
	} else {
		m.text = outbox_sms_with_link(words(&l, a, "contact.invite.sms", NULL, 0), link, a);
	}
	if (!m.text.ptr || !m.key.ptr || !m.ref.ptr) return err_no_memory(err);
	return outbox_put_in(c->opt.outbox, w, &m, &id, err);
}

/* --- one customer ------------------------------------------------------------------------------------------ */

/* The first channel of a list by which the person may be written to; else the first of the list, for the reason. */
static enum err_code pick_channel(struct contact *c, struct store_write *w, struct str customer, struct str channels,
                                  struct arena *a, enum contact_channel *out, bool *no_channel, struct err *err)
{
	struct contact_person p;
	bool first = true;
	TRY(person_read(c, w, customer, a, &p, err));
	*out = CONTACT_EMAIL;
	*no_channel = false;
	while (channels.len) {
		const size_t end = str_find(channels, ',');
		enum contact_channel ch;
		enum contact_consent is = CONTACT_UNKNOWN;
		struct str key;
		if (contact_channel_of(str_trim(str_cut(channels, 0, end)), &ch) && ch != CONTACT_WEB) {
			const struct str address = ch == CONTACT_EMAIL ? p.email : p.phone;
			const bool carried =
			        outbox_channel_of(c->opt.outbox, (enum outbox_medium)ch, a, &key, NULL) == OK;
			if (first) *out = ch, *no_channel = !carried;
			first = false;
			if (address.len) TRY(consent_read(c, w, ch, address, &is, err));
			if (carried && address.len && is <= CONTACT_GIVEN) {
				struct rules *r = rules_get(c);
				const bool may = is == CONTACT_GIVEN || !r->opt_in[ch];
				rules_put(c, r);
				if (may) {
					*out = ch;
					*no_channel = false;
					return OK;
				}
			}
		}
		channels = end < channels.len ? str_cut(channels, end + 1, channels.len) : STR("");
	}
	return OK;
}

static enum err_code add_invitation(struct contact *c, struct store_write *w, const struct contact_decision *d,
                                    const struct sending *s, int64_t token_id, struct str about, int64_t *id,
                                    struct err *err)
{
	struct stmt *q = NULL;
	TRY(write_prepare(&q, w, "contact_invitation_add", err));
	stmt_bind_i64(q, 1, d->id);
	stmt_bind_i64(q, 2, token_id);
	stmt_bind_str(q, 3, s->p->survey.key);
	stmt_bind_str(q, 4, s->customer);
	stmt_bind_i64(q, 5, s->channel);
	stmt_bind_str(q, 6, s->token);
	stmt_bind_str(q, 7, s->lang.ptr ? s->lang : STR(""));
	stmt_bind_str(q, 8, about.ptr ? about : STR(""));
	stmt_bind_i64(q, 9, contact_now(c));
	TRY(contact_run(q, err));
	*id = write_last_id(w);
	return OK;
}

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

/* w NULL: what would be decided. */
static enum err_code invite_one(struct contact *c, struct store_write *w, const struct post *p,
                                const struct contact_invite *v, struct str customer, struct arena *a,
                                enum contact_channel *by, struct contact_decision *d, struct err *err)
{
	char token[VOICE_TOKEN_BYTES];
	struct contact_request r = { .customer = customer,
		                     .survey = p->survey.key,
		                     .trigger = v->trigger,
		                     .unit = or_empty(v->unit),
		                     .round = v->round,
		                     .at_ms = w ? 0 : v->at_ms };
	int64_t token_id;
	if (!r.unit.len && c->opt.unit) TRY(c->opt.unit(c->opt.unit_ctx, customer, a, &r.unit, err));
	TRY(pick_channel(c, w, customer, v->channels, a, &r.channel, &r.no_channel, err));
	*by = r.channel;
	if (!w) return contact_would(c, &r, a, d, err);
	TRY(contact_decide_in(c, w, &r, a, d, err));
	if (!d->ask) return OK;
	struct sending s = { .p = p,
		             .channel = r.channel,
		             .customer = customer,
		             .address = d->address,
		             .lang = asked_in(p, v, d->lang),
		             .not_before_ms = d->not_before_ms };
	const struct voice_invitation i = { .survey = p->survey.key,
		                            .customer = customer,
		                            .about = or_empty(v->about),
		                            .journey = or_empty(v->journey),
		                            .channel = str_of(contact_channel_names[r.channel]),
		                            .unit = r.unit,
		                            .environment = STR(""),
		                            .lang = s.lang,
		                            .expires_ms = d->not_before_ms + TOKEN_DAYS * WHEN_DAY_MS };
	TRY(voice_invite(c->opt.voice, w, &i, token, &token_id, err));
	s.token = str_of(token);
	TRY(add_invitation(c, w, d, &s, token_id, v->about, &s.invitation, err));
	return put_message(c, w, &s, a, err);
}

/* --- many --------------------------------------------------------------------------------------------------- */

struct inviting {
	struct contact *c;
	const struct post *p;
	const struct contact_invite *v;
	size_t first, last;
	struct contact_tally tally; /* of this transaction */
	struct contact_tally *whole;
	struct arena *a;
};

static void count(struct contact_tally *t, const struct contact_decision *d, int64_t now_ms)
{
	t->reasons[d->reason]++;
	if (d->ask && d->not_before_ms > now_ms) t->waits++;
}

static void count_dry(const struct inviting *k, struct str customer, enum contact_channel by,
                      const struct contact_decision *d)
{
	struct contact_tally *t = k->whole;
	const struct str in = d->ask ? asked_in(k->p, k->v, d->lang) : STR("");
	enum lang l;
	if (d->ask) t->channels[by]++;
	if (lang_of(in, &l)) t->langs[l]++;
	const int64_t nth = t->reasons[d->reason] + k->tally.reasons[d->reason] - 1;
	if (nth < CONTACT_TRIED_MAX)
		t->tried[d->reason][nth] = (struct contact_tried){ customer, in, by, d->not_before_ms };
}

static enum err_code invite_write(void *ctx, struct store_write *w, struct err *err)
{
	struct inviting *k = ctx;
	k->tally = (struct contact_tally){ 0 };
	for (size_t i = k->first; i < k->last; i++) {
		struct contact_decision d;
		enum contact_channel by;
		TRY(invite_one(k->c, w, k->p, k->v, k->v->customers[i], k->a, &by, &d, err));
		count(&k->tally, &d, k->v->at_ms ? k->v->at_ms : contact_now(k->c));
		if (!w) count_dry(k, k->v->customers[i], by, &d);
	}
	return OK;
}

enum err_code contact_invite(struct contact *c, const struct contact_invite *v, struct contact_tally *out,
                             struct err *err)
{
	struct arena outer, inner;
	struct post p;
	*out = (struct contact_tally){ 0 };
	const int64_t most = v->dry_run ? CONTACT_ROUND_MAX : CONTACT_INVITE_MAX;
	if ((int64_t)v->n_customers > most)
		return err_limit(err, "contact.many", "customers", (int64_t)v->n_customers, most,
		                 "at most %lld customers are invited at a time", (long long)most);
	arena_init(&outer, 16 * MIB);
	arena_init(&inner, 64 * MIB);
	enum err_code rc = post_open(c, v->survey, &outer, &p, err);
	struct inviting k = { .c = c, .p = &p, .v = v, .whole = out, .a = &inner };
	for (size_t i = 0; i < v->n_customers && rc == OK; i = k.last) {
		k.first = i;
		k.last = v->n_customers - i > BATCH ? i + BATCH : v->n_customers;
		arena_reset(&inner);
		rc = v->dry_run ? invite_write(&k, NULL, err) : store_write(c->st, invite_write, &k, err);
		if (rc != OK) break;
		for (int r = 0; r < CONTACT_REASONS; r++) out->reasons[r] += k.tally.reasons[r];
		out->waits += k.tally.waits;
	}
	arena_done(&inner);
	arena_done(&outer);
	if (!v->dry_run) outbox_wake(c->opt.outbox);
	return rc;
}

/* --- behind events -------------------------------------------------------------------------------------------- */

static void read_ask(struct contact *c, const struct voice_survey *s, struct contact_asks *out)
{
	const struct form *form;
	if (voice_form(c->opt.voice, s->id, s->version, &out->arena, &form, NULL) != OK || !form->ask.after.len) return;
	out->all[out->n++] = (struct contact_ask){ .survey = s->key,
		                                   .after = str_copy(&out->arena, form->ask.after),
		                                   .channels = str_copy(&out->arena, form->ask.channels),
		                                   .wait_ms = form->ask.wait_ms };
}

void contact_asks_read(struct contact *c, struct contact_asks *out)
{
	struct voice_survey *list;
	size_t n;
	out->n = 0;
	arena_reset(&out->arena);
	if (!c->opt.voice || voice_list(c->opt.voice, &out->arena, &list, &n, NULL) != OK) return;
	for (size_t i = 0; i < n && out->n < ASKS_MAX; i++)
		if (list[i].state == VOICE_LIVE) read_ask(c, &list[i], out);
}

struct waiting {
	int64_t id;
	struct str customer;
	struct contact_invite v;
	bool ready; /* the survey is live */
	struct post p;
};
struct due {
	struct contact *c;
	struct arena *a;
	struct waiting *rows;
	size_t n;
};

static enum err_code read_due(struct due *d, int max, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	d->n = 0;
	d->rows = ARENA_ARRAY(d->a, struct waiting, (size_t)max);
	if (!d->rows) return err_no_memory(err);
	TRY(stmt_prepare(&s, d->c->st, "contact_pending_due", err));
	stmt_bind_i64(s, 1, contact_now(d->c));
	stmt_bind_i64(s, 2, max);
	enum err_code rc = OK;
	while (d->n < (size_t)max && (rc = stmt_step(s, &row, err)) == OK && row) {
		struct waiting *x = &d->rows[d->n++];
		*x = (struct waiting){ .id = stmt_i64(s, 0), .customer = str_copy(d->a, stmt_str(s, 2)) };
		x->v = (struct contact_invite){ .survey = str_copy(d->a, stmt_str(s, 1)),
			                        .channels = str_copy(d->a, stmt_str(s, 3)),
			                        .about = str_copy(d->a, stmt_str(s, 4)),
			                        .journey = str_copy(d->a, stmt_str(s, 5)),
			                        .unit = str_copy(d->a, stmt_str(s, 6)),
			                        .round = stmt_i64(s, 7),
			                        .lang = str_copy(d->a, stmt_str(s, 8)),
			                        .lang_all = stmt_i64(s, 9) != 0 };
		x->v.trigger = x->v.round ? STR("invite") : STR("event");
	}
	stmt_free(s);
	return rc;
}

struct due_row {
	struct due *due;
	const struct waiting *row;
};

static enum err_code due_row_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct due_row *r = ctx;
	struct contact_decision decided;
	enum contact_channel by;
	return invite_one(r->due->c, w, &r->row->p, &r->row->v, r->row->customer, r->due->a, &by, &decided, err);
}

/* A row of which no invitation can be made is dropped alone, or the others would wait behind it for ever. */
static enum err_code due_write(void *ctx, struct store_write *w, struct err *err)
{
	struct due *d = ctx;
	for (size_t i = 0; i < d->n; i++) {
		struct due_row r = { d, &d->rows[i] };
		struct stmt *s = NULL;
		struct err why = { 0 };
		enum err_code how = OK;
		const enum err_code lost = d->rows[i].ready ? write_part(w, due_row_write, &r, &how, &why) : OK;
		if (lost != OK || how >= ERR_UNAVAILABLE) { /* the machine's fault, not the row's */
			if (err) *err = why;
			return lost != OK ? lost : how;
		}
		TRY(write_prepare(&s, w, "contact_pending_drop", err));
		stmt_bind_i64(s, 1, d->rows[i].id);
		TRY(contact_run(s, err));
	}
	return OK;
}

void contact_send_due(struct contact *c, int max)
{
	struct arena a;
	arena_init(&a, 64 * MIB);
	struct due d = { .c = c, .a = &a };
	while (!atomic_load(&c->stop) && read_due(&d, max, NULL) == OK && d.n) {
		/* A survey that is paused or gone meanwhile asks nobody; without a public address nobody could answer.
		 */
		for (size_t i = 0; i < d.n; i++)
			d.rows[i].ready = post_open(c, d.rows[i].v.survey, &a, &d.rows[i].p, NULL) == OK;
		if (store_write(c->st, due_write, &d, NULL) != OK) break;
		outbox_wake(c->opt.outbox);
		arena_reset(&a);
	}
	arena_done(&a);
}

#define REMIND_TRIES 7
#define REMIND_AGAIN_MS WHEN_DAY_MS

/* --- reminders --------------------------------------------------------------------------------------------------- */

struct remind {
	struct contact *c;
	struct arena *a;
	struct post p;
	int64_t id, sent_ms, tries;
	enum contact_channel channel;
	struct str survey, customer, link, lang;
};

/* Reasons that pass: a complaint is closed, a day ends, somebody sets up a channel again. Others hold for good. */
static bool passes(enum contact_reason reason)
{
	return reason == CONTACT_COMPLAINT || reason == CONTACT_DAILY || reason == CONTACT_NO_CHANNEL;
}

static enum err_code remind_later(struct store_write *w, const struct remind *m, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "contact_remind_later", err));
	stmt_bind_i64(s, 1, m->id);
	stmt_bind_i64(s, 2, contact_now(m->c) + REMIND_AGAIN_MS);
	return contact_run(s, err);
}

static enum err_code remind_write(void *ctx, struct store_write *w, struct err *err)
{
	struct remind *m = ctx;
	struct contact_decision d;
	struct stmt *s = NULL;
	const struct contact_request r = { .customer = m->customer,
		                           .survey = m->survey,
		                           .trigger = STR("reminder"),
		                           .channel = m->channel,
		                           .reminder = true,
		                           .invitation = m->id };
	TRY(contact_decide_in(m->c, w, &r, m->a, &d, err));
	if (d.ask) {
		const struct sending send = { .p = &m->p,
			                      .channel = m->channel,
			                      .customer = m->customer,
			                      .address = d.address,
			                      .lang = m->lang,
			                      .token = m->link,
			                      .invitation = m->id,
			                      .not_before_ms = d.not_before_ms,
			                      .reminder = true };
		TRY(put_message(m->c, w, &send, m->a, err));
	}
	if (!d.ask && passes(d.reason) && m->tries + 1 < REMIND_TRIES) return remind_later(w, m, err);
	TRY(write_prepare(&s, w, "contact_reminded", err));
	stmt_bind_i64(s, 1, m->id);
	stmt_bind_i64(s, 2, contact_now(m->c));
	return contact_run(s, err);
}

/* The next invitation behind `after` that global rules would remind of; false when there is none. */
static bool next_remind(struct contact *c, int days, int64_t after, struct arena *a, struct remind *out)
{
	struct stmt *s = NULL;
	bool row = false;
	if (stmt_prepare(&s, c->st, "contact_remind_due", NULL) != OK) return false;
	stmt_bind_i64(s, 1, contact_now(c) - days * WHEN_DAY_MS);
	stmt_bind_i64(s, 2, 1);
	stmt_bind_i64(s, 3, after);
	stmt_bind_i64(s, 4, contact_now(c));
	if (stmt_step(s, &row, NULL) == OK && row)
		*out = (struct remind){ .c = c,
			                .a = a,
			                .id = stmt_i64(s, 0),
			                .survey = str_copy(a, stmt_str(s, 1)),
			                .customer = str_copy(a, stmt_str(s, 2)),
			                .channel = (enum contact_channel)stmt_i64(s, 3),
			                .link = str_copy(a, stmt_str(s, 4)),
			                .lang = str_copy(a, stmt_str(s, 5)),
			                .sent_ms = stmt_i64(s, 6),
			                .tries = stmt_i64(s, 7) };
	stmt_free(s);
	return row;
}

void contact_remind_due(struct contact *c, int max)
{
	struct arena a;
	struct remind m;
	struct rules *r = rules_get(c);
	int64_t after = 0;
	arena_init(&a, 16 * MIB);
	/* Days of all, first: a survey's own may only be more. */
	for (int i = 0; i < max && r->all.reminder_days > 0 && !atomic_load(&c->stop); i++) {
		struct limits l;
		arena_reset(&a);
		if (!next_remind(c, r->all.reminder_days, after, &a, &m)) break;
		after = m.id;
		rules_for(r, m.survey, &l);
		if (l.reminder_days == 0 || m.sent_ms > contact_now(c) - l.reminder_days * WHEN_DAY_MS) continue;
		if (post_open(c, m.survey, &a, &m.p, NULL) != OK) continue;
		if (store_write(c->st, remind_write, &m, NULL) != OK) break;
		outbox_wake(c->opt.outbox);
	}
	arena_done(&a);
	rules_put(c, r);
}

/* --- the funnel --------------------------------------------------------------------------------------------------- */

struct opening {
	int64_t token, now_ms;
};

static enum err_code opened_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct opening *o = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "contact_opened", err));
	stmt_bind_i64(s, 1, o->token);
	stmt_bind_i64(s, 2, o->now_ms);
	return contact_run(s, err);
}

void contact_opened(struct contact *c, struct str token)
{
	int64_t id, expires_ms;
	struct stmt *s = NULL;
	bool row = false, fresh = false;
	if (!c || !c->opt.voice || !voice_token_read(c->opt.voice, token, &id, &expires_ms)) return;
	if (stmt_prepare(&s, c->st, "contact_opened_look", NULL) != OK) return;
	stmt_bind_i64(s, 1, id);
	if (stmt_step(s, &row, NULL) == OK && row) fresh = stmt_i64(s, 0) != 0;
	stmt_free(s);
	struct opening o = { id, contact_now(c) };
	if (fresh) (void)!store_write(c->st, opened_write, &o, NULL);
}

struct declining {
	int64_t token, now_ms;
};

static enum err_code declined_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct declining *d = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "contact_declined_put", err));
	stmt_bind_i64(s, 1, d->token);
	stmt_bind_i64(s, 2, d->now_ms);
	stmt_bind_i64(s, 3, CONTACT_WEB); /* of an asking that sent no message */
	return contact_run(s, err);
}

enum err_code contact_declined(struct contact *c, struct str token, struct err *err)
{
	int64_t id, expires_ms;
	if (!c->opt.voice || !voice_token_read(c->opt.voice, token, &id, &expires_ms)) return OK;
	struct declining d = { id, contact_now(c) };
	return store_write(c->st, declined_write, &d, err);
}

enum step {
	STEP_TRIGGERS,
	STEP_ELIGIBLE,
	STEP_SAMPLED,
	STEP_INVITED,
	STEP_SENT,
	STEP_DELIVERED,
	STEP_OPENED,
	STEP_STARTED,
	STEP_COMPLETED,
	STEP_FAILED,
	STEP_REMINDED,
	STEP_DECLINED,
	STEPS
};
static const char *const step_names[STEPS] = { "triggers", "eligible", "sampled",   "invited", "sent",     "delivered",
	                                       "opened",   "started",  "completed", "failed",  "reminded", "declined" };

static enum err_code read_steps(struct contact *c, const char *query, struct str survey, int64_t since_ms,
                                enum step first, int columns, int64_t n[CONTACT_CHANNELS][STEPS], struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, c->st, query, err));
	stmt_bind_str(s, 1, survey);
	stmt_bind_i64(s, 2, since_ms);
	if (first == STEP_TRIGGERS) {
		stmt_bind_i64(s, 3, CONTACT_SAMPLE);
		stmt_bind_i64(s, 4, CONTACT_QUOTA);
	}
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		const int64_t ch = stmt_i64(s, 0);
		if (ch < 0 || ch >= CONTACT_CHANNELS) continue;
		for (int i = 0; i < columns; i++) n[ch][(int)first + i] = stmt_i64(s, i + 1);
	}
	stmt_free(s);
	return rc;
}

static enum err_code put_failures(struct contact *c, struct str survey, int64_t since_ms, struct json_out *j,
                                  struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, c->st, "contact_funnel_failures", err));
	stmt_bind_str(s, 1, survey);
	stmt_bind_i64(s, 2, since_ms);
	enum err_code rc = OK;
	json_key(j, "failures");
	json_open(j, '[');
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		json_open(j, '{');
		json_kv_str(j, "reason", stmt_str(s, 0));
		json_kv_i64(j, "n", stmt_i64(s, 1));
		json_close(j, '}');
	}
	json_close(j, ']');
	stmt_free(s);
	return rc;
}

enum err_code contact_funnel(struct contact *c, struct str survey, int64_t since_ms, struct buf *out, struct err *err)
{
	int64_t n[CONTACT_CHANNELS][STEPS] = { { 0 } };
	struct json_out j;
	TRY(read_steps(c, "contact_funnel_decisions", survey, since_ms, STEP_TRIGGERS, 3, n, err));
	TRY(read_steps(c, "contact_funnel_invitations", survey, since_ms, STEP_INVITED, 8, n, err));
	TRY(read_steps(c, "contact_funnel_declined", survey, since_ms, STEP_DECLINED, 1, n, err));
	json_out_init(&j, out);
	json_open(&j, '{');
	json_kv_str(&j, "survey", survey);
	json_kv_i64(&j, "since_ms", since_ms);
	for (int step = 0; step < STEPS; step++) {
		int64_t sum = 0;
		for (int ch = 0; ch < CONTACT_CHANNELS; ch++) sum += n[ch][step];
		json_kv_i64(&j, step_names[step], sum);
	}
	json_key(&j, "channels");
	json_open(&j, '[');
	for (int ch = 0; ch < CONTACT_CHANNELS; ch++) {
		if (!n[ch][STEP_TRIGGERS] && !n[ch][STEP_INVITED] && !n[ch][STEP_DECLINED]) continue;
		json_open(&j, '{');
		json_kv_z(&j, "channel", contact_channel_names[ch]);
		for (int step = 0; step < STEPS; step++) json_kv_i64(&j, step_names[step], n[ch][step]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	TRY(put_failures(c, survey, since_ms, &j, err));
	json_close(&j, '}');
	return buf_check(out, err);
}
