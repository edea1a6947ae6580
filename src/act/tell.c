/* Messages to the person responsible, in the language and by the clock of the unit; and a webhook for programs. */
#include "act/priv.h"

#include <math.h>

#define COMMENT_BYTES 600

static const struct {
	const char *subject, *head, *type, *key;
} forms[] = {
	[TELL_OPENED] = { WORDS_KEY("act.opened.subject"), WORDS_KEY("act.opened.head"), "follow_up.opened", "opened" },
	[TELL_ESCALATED] = { WORDS_KEY("act.escalated.subject"), WORDS_KEY("act.escalated.head"), "follow_up.escalated",
	                     "escalated" },
};
static const char *const lines[] = { WORDS_KEY("act.line.rule"), WORDS_KEY("act.line.unit"),
	                             WORDS_KEY("act.line.customer"), WORDS_KEY("act.line.score") };

static struct str name_in(struct str names, enum lang lang, struct arena *m)
{
	struct str s;
	struct json_reader r;
	if (json_get_text(names, str_of(lang_codes[lang]), m, &s) && s.len) return s;
	if (json_get_text(names, STR("en"), m, &s) && s.len) return s;
	json_read(&r, names);
	if (json_next(&r) == JT_OBJECT && json_next(&r) == JT_KEY && json_next(&r) == JT_STRING && json_text(&r, m, &s))
		return s;
	return STR("");
}

/* Cut at a character. */
static struct str shortened(struct str s)
{
	size_t n = s.len < COMMENT_BYTES ? s.len : COMMENT_BYTES;
	while (n && n < s.len && ((unsigned char)s.ptr[n] & 0xC0) == 0x80) n--;
	return str_cut(s, 0, n);
}

static struct word_arg text_arg(const char *name, struct str text)
{
	return (struct word_arg){ .name = name, .kind = WORD_TEXT, .text = text };
}

static void put_data(struct buf *b, const struct telling *t, struct str link)
{
	struct json_out o;
	json_out_init(&o, b);
	json_open(&o, '{');
	json_kv_i64(&o, "follow_up", t->follow_up);
	json_kv_str(&o, "unit", t->unit->unit);
	json_kv_str(&o, "responsible", t->unit->responsible);
	json_key(&o, "rule");
	json_put_raw(&o, t->name);
	json_kv_str(&o, "customer", t->customer);
	json_kv_double(&o, "score", t->utility);
	json_kv_str(&o, "comment", t->comment);
	json_kv_i64(&o, "due_ms", t->due_ms);
	json_kv_str(&o, "link", link);
	json_close(&o, '}');
}

/* Head, what it is about line by line, the comment in the customer's words, and where to answer. */
static void put_text(struct buf *b, const struct telling *t, const struct locale *l, const struct word_arg *args,
                     size_t n_args, struct str link, struct arena *m)
{
	buf_str(b, words(l, m, forms[t->what].head, args, n_args));
	buf_str(b, STR("\n\n"));
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		buf_str(b, words(l, m, lines[i], args, n_args));
		buf_byte(b, '\n');
	}
	if (t->comment.len) buf_printf(b, "\n\"" STR_FMT "\"\n", STR_ARG(shortened(t->comment)));
	buf_printf(b, "\n" STR_FMT "\n", STR_ARG(link));
}

static enum err_code mail(struct act *a, struct store_write *w, const struct telling *t, struct str link,
                          int64_t now_ms, struct arena *m, struct err *err)
{
	enum lang lang;
	int64_t id;
	struct buf text;
	if (!lang_of(t->unit->lang, &lang)) lang = LANG_EN;
	struct locale l = locale_of(lang);
	snprintf(l.zone, sizeof l.zone, STR_FMT, STR_ARG(t->unit->zone));
	const struct word_arg args[] = {
		text_arg("rule", name_in(t->name, lang, m)),
		text_arg("unit", t->unit->unit),
		text_arg("customer", t->customer),
		text_arg("score", isnan(t->utility) ? STR("-") : words_number(&l, m, t->utility, 0)),
		text_arg("hundred", words_number(&l, m, 100, 0)),
		text_arg("due", t->due_ms == INT64_MAX ? STR("-") : words_date_time(&l, m, t->due_ms)),
	};
	buf_init(&text, OUTBOX_TEXT_BYTES_MAX);
	put_text(&text, t, &l, args, COUNT_OF(args), link, m);
	const struct outbox_message message = {
		.channel = STR("email"),
		.address = t->unit->mail,
		.text = buf_view(&text),
		.lang = str_of(lang_codes[lang]),
		.purpose = STR("follow-up"),
		.ref = str_format(m, "%lld", (long long)t->follow_up),
		.customer = t->customer,
		.key = str_format(m, "follow-up/%lld/%s", (long long)t->follow_up, forms[t->what].key),
		.subject = outbox_line(m, words(&l, m, forms[t->what].subject, args, COUNT_OF(args))),
	};
	const enum err_code rc = outbox_put_in(a->opt.outbox, w, &message, &id, err);
	buf_done(&text);
	if (rc == ERR_NOT_FOUND || rc == ERR_INPUT) /* no channel of mail, or an address that cannot be one */
		return step_put(w, t->follow_up, now_ms, STR(""), "untold", t->unit->mail, err);
	return rc == OK ? step_put(w, t->follow_up, now_ms, STR(""), "told", t->unit->mail, err) : rc;
}

/* --- praise ---------------------------------------------------------------------------------------- */

static void put_praise(struct buf *b, const struct inbox_row *row, const struct locale *l, const struct word_arg *args,
                       size_t n_args, struct str url, struct arena *m)
{
	buf_str(b, words(l, m, WORDS_KEY("act.praise.head"), args, n_args));
	buf_printf(b, "\n\n\"" STR_FMT "\"\n\n", STR_ARG(shortened(row->comment)));
	if (row->unit.len) {
		buf_str(b, words(l, m, WORDS_KEY("act.line.unit"), args, n_args));
		buf_byte(b, '\n');
	}
	buf_printf(b, STR_FMT "/praise\n", STR_ARG(url));
}

static enum err_code mail_praise(struct act *a, struct store_write *w, const struct act_colleague *k, struct str to,
                                 const struct inbox_row *row, struct arena *m, struct err *err)
{
	struct act_unit unit;
	struct str url;
	enum lang lang;
	int64_t id;
	struct buf text;
	TRY(act_unit(a, row->unit.len ? row->unit : k->unit, m, &unit, err));
	if (!lang_of(k->lang, &lang) && !lang_of(unit.lang, &lang)) lang = LANG_EN;
	TRY(outbox_public_url(a->opt.outbox, m, &url, err));
	const struct locale l = locale_of(lang);
	const struct word_arg args[] = { text_arg("name", k->name), text_arg("unit", row->unit) };
	buf_init(&text, OUTBOX_TEXT_BYTES_MAX);
	put_praise(&text, row, &l, args, COUNT_OF(args), url, m);
	const struct outbox_message message = {
		.channel = STR("email"),
		.address = to,
		.text = buf_view(&text),
		.lang = str_of(lang_codes[lang]),
		.purpose = STR("praise"),
		.ref = str_format(m, "%llu", (unsigned long long)row->arrival),
		.customer = row->customer,
		.key = str_format(m, "praise/%llu/%lld", (unsigned long long)row->arrival, (long long)k->id),
		.subject = outbox_line(m, words(&l, m, WORDS_KEY("act.praise.subject"), args, COUNT_OF(args))),
	};
	const enum err_code rc = outbox_put_in(a->opt.outbox, w, &message, &id, err);
	buf_done(&text);
	/* Without a channel of mail, or with an address that cannot be one, it stands on the page alone. */
	return rc == ERR_NOT_FOUND || rc == ERR_INPUT ? OK : rc;
}

enum err_code tell_praise(struct act *a, struct store_write *w, const struct act_colleague *k,
                          const struct inbox_row *row, struct err *err)
{
	struct arena m;
	const struct str to = k->mail.len ? k->mail : k->login;
	if (!a->opt.outbox || !outbox_mail_address(to)) return OK;
	arena_init(&m, 4 * MIB);
	const enum err_code rc = mail_praise(a, w, k, to, row, &m, err);
	arena_done(&m);
	return rc;
}

/* --- follow-ups ------------------------------------------------------------------------------------ */

enum err_code tell(struct act *a, struct store_write *w, const struct telling *t, int64_t now_ms, struct err *err)
{
	struct arena m;
	struct buf data;
	struct str url = STR("");
	if (!a->opt.outbox) return OK;
	arena_init(&m, 4 * MIB);
	buf_init(&data, MIB);
	enum err_code rc = outbox_public_url(a->opt.outbox, &m, &url, err);
	const struct str link = str_format(&m, STR_FMT "/follow-ups/%lld", STR_ARG(url), (long long)t->follow_up);
	put_data(&data, t, link);
	if (rc == OK) rc = buf_check(&data, err);
	if (rc == OK)
		rc = outbox_publish_in(a->opt.outbox, w, str_of(forms[t->what].type), buf_view(&data), t->customer,
		                       err);
	if (rc == ERR_NOT_FOUND) rc = OK; /* whose it is was erased meanwhile */
	if (rc == OK && t->unit->mail.len) rc = mail(a, w, t, link, now_ms, &m, err);
	else if (rc == OK) rc = step_put(w, t->follow_up, now_ms, STR(""), "untold", t->unit->responsible, err);
	buf_done(&data);
	arena_done(&m);
	return rc;
}
