/* One report: what changed in a week and what did not, what hurts, what is being looked after, in people's words. */
#include "act/priv.h"

#include <math.h>

#define QUOTES 3
#define PAINS 3
#define CHANGES 6
#define LATE 5
#define QUOTE_BYTES 400
#define PAINS_DAYS 90 /* a week has too few answers to find what hurts */

const char *const act_report_role_names[ACT_REPORT_ROLES] = { "lead", "owner", "executive" };

struct writing {
	struct act *a;
	const struct act_report *r;
	const struct act_week *w;
	struct maps *maps;
	struct maps_measured measured; /* the week, with the one before */
	struct render_map drawing;
	struct locale l;
	struct arena *m;
	struct buf *out;
};

/* --- words and numbers ---------------------------------------------------------------------------------- */

static struct word_arg text_arg(const char *name, struct str text)
{
	return (struct word_arg){ .name = name, .kind = WORD_TEXT, .text = text };
}

static struct word_arg count_arg(const char *name, int64_t n)
{
	return (struct word_arg){ .name = name, .kind = WORD_INTEGER, .number = (double)n };
}

static void put_words(struct writing *k, const char *tag, const char *key, const struct word_arg *args, size_t n)
{
	buf_printf(k->out, "<%s style=\"%s\">", tag,
	           tag[0] == 'h' ? "font-size:17px;margin:24px 0 8px" : "margin:0 0 8px");
	outbox_escape(k->out, words(&k->l, k->m, key, args, n));
	buf_printf(k->out, "</%s>\n", tag);
}

static void heading(struct writing *k, const char *key)
{
	put_words(k, "h2", key, NULL, 0);
}

static struct str points(struct writing *k, double v)
{
	return words_number(&k->l, k->m, v, 0);
}

/* With its sign, which a number of the catalogue has only below nothing. */
static struct str signed_points(struct writing *k, double v)
{
	const struct str n = points(k, v);
	return v > 0.5 ? str_format(k->m, "+" STR_FMT, STR_ARG(n)) : n;
}

static bool known(const struct stats_estimate *e)
{
	return !(e->flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED)) && e->n > 0;
}

static enum err_code measure(struct writing *k, int64_t from_ms, enum maps_compare compare, struct maps_measured *mm,
                             struct render_map *drawing, struct err *err)
{
	struct maps_scope scope = {
		.from_ms = from_ms, .to_ms = k->w->to_ms, .compare = compare, .calendar = k->l.calendar
	};
	memcpy(scope.zone, k->l.zone, sizeof scope.zone);
	if (k->r->unit.len)
		scope.filters[scope.n_filters++] = (struct journey_filter){ STR("unit"), k->r->unit, JOURNEY_UNDER };
	TRY(maps_measure(k->maps, k->r->map, 0, &scope, act_now(k->a), k->m, mm, err));
	return maps_drawing(k->maps, mm, &k->l, k->m, drawing, err);
}

/* --- sections ---------------------------------------------------------------------------------------------- */

static enum err_code whole(struct writing *k, struct err *err)
{
	struct inbox_filter f = inbox_filter_any;
	struct inbox_page page;
	const struct stats_estimate *e = &k->measured.whole;
	f.unit = k->r->unit.len ? k->r->unit : (struct str){ NULL, 0 };
	f.from_ms = k->w->from_ms;
	f.to_ms = k->w->to_ms;
	TRY(inbox_list(k->a->opt.inbox, &f, INBOX_NEWEST, 1, k->m, &page, err));
	put_words(k, "p", "act.report.feedback", (struct word_arg[]){ count_arg("n", page.total) }, 1);
	if (known(e))
		put_words(k, "p", "act.report.whole",
		          (struct word_arg[]){ text_arg("lo", points(k, e->lo)), text_arg("hi", points(k, e->hi)),
		                               count_arg("n", e->n), text_arg("hundred", points(k, 100)) },
		          4);
	return OK;
}

/* Only what can be told from chance is a change; of the rest it is said how many there are. */
static enum err_code changes(struct writing *k, struct err *err)
{
	const struct maps_measured *now = &k->measured, *then = now->compare;
	int64_t same = 0, told = 0;
	heading(k, "act.report.changes");
	for (size_t i = 0; then && i < now->rules->n_touchpoints; i++) {
		struct str name, stage;
		if (!known(&now->scores[i]) || !known(&then->scores[i])) continue;
		if (!then->distinguishable[i]) {
			same++;
			continue;
		}
		if (told++ >= CHANGES) continue;
		const struct stats_estimate *d = &then->change[i];
		maps_touchpoint_words(now, (uint16_t)(i + 1), &k->l, &name, &stage);
		put_words(k, "p", d->est > 0 ? "act.report.better" : "act.report.worse",
		          (struct word_arg[]){
		                  text_arg("touchpoint", name), text_arg("now", points(k, now->scores[i].est)),
		                  text_arg("change", signed_points(k, d->est)), text_arg("lo", signed_points(k, d->lo)),
		                  text_arg("hi", signed_points(k, d->hi)) },
		          5);
	}
	if (!told) put_words(k, "p", "act.report.nothing", NULL, 0);
	if (same) put_words(k, "p", "act.report.same", (struct word_arg[]){ count_arg("n", same) }, 1);
	return OK;
}

static enum err_code pains(struct writing *k, struct err *err)
{
	struct maps_measured mm;
	struct render_map drawing;
	int told = 0;
	TRY(measure(k, k->w->to_ms - PAINS_DAYS * WHEN_DAY_MS, MAPS_COMPARE_NONE, &mm, &drawing, err));
	put_words(k, "h2", "act.report.pains", (struct word_arg[]){ count_arg("n", PAINS_DAYS) }, 1);
	for (size_t i = 0; i < drawing.n_marks && told < PAINS; i++) {
		const struct render_mark *mark = &drawing.marks[i];
		if (mark->kind != RENDER_PAIN) continue;
		buf_str(k->out, STR("<p style=\"margin:0 0 8px\"><b>"));
		outbox_escape(k->out, mark->title);
		buf_str(k->out, STR("</b><br>"));
		outbox_escape(k->out, mark->detail);
		buf_str(k->out, STR("</p>\n"));
		told++;
	}
	if (!told) put_words(k, "p", "act.report.noPains", NULL, 0);
	return OK;
}

static void on_time(struct writing *k, const struct stats_estimate *e)
{
	if (!known(e)) return;
	put_words(k, "p", "act.report.onTime",
	          (struct word_arg[]){ text_arg("lo", words_percent(&k->l, k->m, e->lo, 0)),
	                               text_arg("hi", words_percent(&k->l, k->m, e->hi, 0)), count_arg("n", e->n) },
	          3);
}

static enum err_code follow_ups(struct writing *k, struct err *err)
{
	struct act_summary s;
	struct act_page page;
	const struct act_filter late = { .unit = k->r->unit.len ? k->r->unit : (struct str){ NULL, 0 },
		                         .overdue_ms = act_now(k->a),
		                         .arrival = -1 };
	TRY(act_summary(k->a, k->r->unit, k->w->from_ms, k->w->to_ms, k->m, &s, err));
	TRY(act_list(k->a, &late, ACT_FIRST, LATE, k->m, &page, err));
	heading(k, "act.report.followUps");
	put_words(k, "p", "act.report.opened",
	          (struct word_arg[]){ count_arg("n", s.opened),
	                               text_arg("closed", words_number(&k->l, k->m, (double)s.by_state[ACT_CLOSED], 0)),
	                               text_arg("late", words_number(&k->l, k->m, (double)s.overdue, 0)) },
	          3);
	on_time(k, &s.on_time);
	for (size_t i = 0; i < page.n; i++)
		put_words(k, "p", "act.report.late",
		          (struct word_arg[]){
		                  text_arg("customer", page.rows[i].customer),
		                  text_arg("due", words_date_time(&k->l, k->m, page.rows[i].due_ms)),
		                  text_arg("who", page.rows[i].responsible.len ? page.rows[i].responsible : STR("-")) },
		          3);
	return OK;
}

static enum err_code results(struct writing *k, struct err *err)
{
	struct act_summary s;
	TRY(act_summary(k->a, k->r->unit, k->w->from_ms, k->w->to_ms, k->m, &s, err));
	on_time(k, &s.on_time);
	return OK;
}

static struct str shortened(struct str s)
{
	size_t n = s.len < QUOTE_BYTES ? s.len : QUOTE_BYTES;
	while (n && n < s.len && ((unsigned char)s.ptr[n] & 0xC0) == 0x80) n--;
	return str_cut(s, 0, n);
}

/* A language tag is only let through when it is one. */
static bool tag_fine(struct str lang)
{
	for (size_t i = 0; i < lang.len; i++) {
		const char c = lang.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-')) return false;
	}
	return lang.len > 0 && lang.len <= 16;
}

/* In the customers' own words and language: the newest unhappy ones of the week. Nobody is named. */
static enum err_code quotes(struct writing *k, struct err *err)
{
	struct inbox_filter f = inbox_filter_any;
	struct inbox_page page;
	f.unit = k->r->unit.len ? k->r->unit : (struct str){ NULL, 0 };
	f.from_ms = k->w->from_ms;
	f.to_ms = k->w->to_ms;
	f.commented = 1;
	f.at_most = 40;
	TRY(inbox_list(k->a->opt.inbox, &f, INBOX_NEWEST, QUOTES, k->m, &page, err));
	if (!page.n) return OK;
	heading(k, "act.report.quotes");
	for (size_t i = 0; i < page.n; i++) {
		const struct inbox_row *row = &page.rows[i];
		buf_str(k->out,
		        STR("<blockquote dir=\"auto\" style=\"margin:0 0 10px;padding:0 12px;border-left:3px solid "
		            "#d4d8de;border-right:3px solid #d4d8de\""));
		if (tag_fine(row->lang)) buf_printf(k->out, " lang=\"" STR_FMT "\"", STR_ARG(row->lang));
		buf_byte(k->out, '>');
		outbox_escape(k->out, shortened(row->comment));
		buf_str(k->out, STR("</blockquote>\n"));
	}
	return OK;
}

typedef enum err_code (*section)(struct writing *k, struct err *err);
static const section sections[ACT_REPORT_ROLES][6] = {
	[ACT_LEAD] = { whole, changes, pains, follow_ups, quotes, NULL },
	[ACT_OWNER] = { whole, follow_ups, changes, quotes, NULL },
	[ACT_EXECUTIVE] = { whole, results, changes, pains, NULL },
};

/* --- the whole ------------------------------------------------------------------------------------------------ */

static enum err_code title(struct writing *k, struct str *subject, struct err *err)
{
	const struct word_arg args[] = {
		text_arg("unit", k->r->unit.len ? k->r->unit : words(&k->l, k->m, "act.report.whole_unit", NULL, 0)),
		text_arg("from", words_day(&k->l, k->m, k->w->from_ms)),
		text_arg("to", words_day(&k->l, k->m, k->w->to_ms - 1)),
	};
	*subject = outbox_line(k->m, words(&k->l, k->m, "act.report.subject", args, COUNT_OF(args)));
	if (!subject->ptr) return err_no_memory(err);
	buf_str(k->out, STR("<h1 style=\"font-size:22px;line-height:1.4;margin:0 0 12px\">"));
	outbox_escape(k->out, *subject);
	buf_str(k->out, STR("</h1>\n"));
	return OK;
}

enum err_code act_report_write(struct act *a, const struct act_report *r, const struct act_week *w, struct arena *m,
                               struct str *subject, struct buf *inner, struct buf *pdf, struct err *err)
{
	enum lang lang;
	struct act_unit unit;
	struct writing k = { .a = a, .r = r, .w = w, .maps = atomic_load(&a->maps), .m = m, .out = inner };
	if (!k.maps) return err_set(err, ERR_UNAVAILABLE, "index.reading", "", "the events are still being read");
	if (!lang_of(r->lang, &lang))
		return err_set(err, ERR_INPUT, "report.lang", "lang", "a language is en, ar or fa");
	TRY(act_unit(a, r->unit, m, &unit, err));
	k.l = locale_of(lang);
	snprintf(k.l.zone, sizeof k.l.zone, STR_FMT, STR_ARG(unit.zone));
	TRY(measure(&k, w->from_ms, MAPS_COMPARE_PREVIOUS, &k.measured, &k.drawing, err));
	TRY(title(&k, subject, err));
	for (const section *s = sections[r->role]; *s; s++) TRY((*s)(&k, err));
	if (pdf) TRY(render_map_pdf(&k.drawing, &(struct render_options){ .locale = k.l, .scale = 1 }, pdf, err));
	return buf_check(inner, err);
}
