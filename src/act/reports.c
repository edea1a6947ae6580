/* Who gets reports, and when they go out: once a week, by the week of the unit. */
#include "act/priv.h"

#include "base/period.h"

#define HTML_BYTES MIB
#define PDF_BYTES OUTBOX_FILE_BYTES_MAX

void act_ready(struct act *a, struct maps *maps)
{
	atomic_store(&a->maps, maps);
}

/* --- who ------------------------------------------------------------------------------------------------ */

enum err_code act_reports(struct act *a, struct arena *m, struct act_report **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct act_report *list = ARENA_ARRAY(m, struct act_report, ACT_REPORTS_MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, a->st, "report_list", err));
	for (*n = 0; *n < ACT_REPORTS_MAX && (rc = stmt_step(s, &row, err)) == OK && row; ++*n)
		list[*n] = (struct act_report){ .id = stmt_i64(s, 0),
			                        .unit = text_at(s, 1, m),
			                        .map = text_at(s, 2, m),
			                        .role = (enum act_report_role)stmt_i64(s, 3),
			                        .address = text_at(s, 4, m),
			                        .lang = text_at(s, 5, m),
			                        .enabled = stmt_i64(s, 6) != 0,
			                        .sent_week_ms = stmt_i64(s, 7),
			                        .created_ms = stmt_i64(s, 8),
			                        .author = text_at(s, 9, m) };
	stmt_free(s);
	*out = list;
	return rc;
}

struct adding {
	const struct act_report *r;
	int64_t sent_week_ms, now_ms, id;
};

static enum err_code add_write(void *ctx, struct store_write *w, struct err *err)
{
	struct adding *k = ctx;
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "report_count", err));
	const enum err_code rc = stmt_step(s, &row, err);
	const int64_t n = rc == OK && row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	TRY(rc);
	if (n >= ACT_REPORTS_MAX)
		return err_limit(err, "report.many", "", n + 1, ACT_REPORTS_MAX, "at most %d reports can go out",
		                 ACT_REPORTS_MAX);
	TRY(write_prepare(&s, w, "report_add", err));
	stmt_bind_str(s, 1, k->r->unit);
	stmt_bind_str(s, 2, k->r->map);
	stmt_bind_i64(s, 3, k->r->role);
	stmt_bind_str(s, 4, k->r->address);
	stmt_bind_str(s, 5, k->r->lang);
	stmt_bind_i64(s, 6, k->sent_week_ms);
	stmt_bind_i64(s, 7, k->now_ms);
	stmt_bind_str(s, 8, k->r->author);
	TRY(run(s, err));
	k->id = write_last_id(w);
	return OK;
}

enum err_code act_report_add(struct act *a, const struct act_report *r, int64_t *id, struct err *err)
{
	struct arena m;
	struct act_unit unit;
	struct act_week week = { 0 };
	const struct journey_rules *rules;
	enum lang lang;
	struct maps *maps = atomic_load(&a->maps);
	struct adding k = { .r = r, .now_ms = act_now(a) };
	if (!outbox_mail_address(r->address))
		return err_set(err, ERR_INPUT, "report.address", "address", "\"" STR_FMT "\" is not an address of mail",
		               STR_ARG(str_cut(r->address, 0, 80)));
	if (!lang_of(r->lang, &lang))
		return err_set(err, ERR_INPUT, "report.lang", "lang", "a language is en, ar or fa");
	if (!maps) return err_set(err, ERR_UNAVAILABLE, "index.reading", "", "the events are still being read");
	arena_init(&m, 16 * MIB);
	enum err_code rc = maps_rules(maps, r->map, 0, &m, &rules, err);
	if (rc == OK) rc = act_unit(a, r->unit, &m, &unit, err);
	/* The last whole week is past: what goes out first is the one that is now. */
	if (rc == OK) rc = act_week_of(&unit, k.now_ms, &week, err);
	arena_done(&m);
	k.sent_week_ms = week.from_ms;
	if (rc == OK) rc = store_write(a->st, add_write, &k, err);
	if (rc == OK) *id = k.id;
	return rc;
}

static enum err_code unknown(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "report.unknown", "", "there is no such report");
}

static enum err_code drop_write(void *ctx, struct store_write *w, struct err *err)
{
	const int64_t *id = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "report_drop", err));
	stmt_bind_i64(s, 1, *id);
	TRY(run(s, err));
	return write_changes(w) ? OK : unknown(err);
}

enum err_code act_report_delete(struct act *a, int64_t id, struct err *err)
{
	return store_write(a->st, drop_write, &id, err);
}

/* --- when ------------------------------------------------------------------------------------------------ */

/* The country says with which day a week begins; without one its zone does. */
enum err_code act_week_of(const struct act_unit *u, int64_t now_ms, struct act_week *out, struct err *err)
{
	struct arena m;
	struct zone *zone;
	int64_t *bounds;
	size_t n = 0;
	const struct country *country = country_of(u->country);
	struct period_rule weeks = { .period = PERIOD_WEEK,
		                     .week_start = country ? country_week_start(country) : zone_week_start(u->zone) };
	TRY(zone_open(u->zone, &zone, err));
	arena_init(&m, MIB);
	enum err_code rc = period_bounds(&weeks, zone, now_ms - 14 * WHEN_DAY_MS, now_ms, 8, &m, &bounds, &n, err);
	if (rc == OK) /* the last boundary is ahead of now, the one before began the week that is now */
		*out = (struct act_week){ bounds[n - 3], bounds[n - 2],
			                  country_next_open(country, u->zone, &u->hours, bounds[n - 2]) };
	arena_done(&m);
	zone_close(zone);
	return rc;
}

/* --- sending ------------------------------------------------------------------------------------------------ */

struct sending {
	struct act *a;
	const struct act_report *r;
	const struct act_week *w;
	const struct outbox_message *message;
};

static enum err_code send_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct sending *k = ctx;
	struct stmt *s = NULL;
	int64_t id;
	TRY(outbox_put_in(k->a->opt.outbox, w, k->message, &id, err));
	TRY(write_prepare(&s, w, "report_sent", err));
	stmt_bind_i64(s, 1, k->r->id);
	stmt_bind_i64(s, 2, k->w->from_ms);
	return run(s, err);
}

/* `key`: the same goes once; "" always. */
static enum err_code send_one(struct act *a, const struct act_report *r, const struct act_week *w, struct str key,
                              struct err *err)
{
	struct arena m;
	struct buf html, pdf;
	struct str subject;
	arena_init(&m, 512 * MIB);
	buf_init(&html, HTML_BYTES);
	buf_init(&pdf, PDF_BYTES);
	enum err_code rc = act_report_write(a, r, w, &m, &subject, &html, &pdf, err);
	const struct outbox_file file = { STR("map.pdf"), STR("application/pdf"), buf_view(&pdf) };
	const struct outbox_message message = { .channel = STR("email"),
		                                .address = r->address,
		                                .subject = subject,
		                                .text = subject,
		                                .html = buf_view(&html),
		                                .lang = r->lang,
		                                .purpose = STR("report"),
		                                .ref = str_format(&m, "%lld", (long long)r->id),
		                                .key = key,
		                                .files = &file,
		                                .n_files = 1 };
	if (rc == OK)
		rc = store_write(a->st, send_write, &(struct sending){ .a = a, .r = r, .w = w, .message = &message },
		                 err);
	if (rc == OK) outbox_wake(a->opt.outbox);
	buf_done(&pdf);
	buf_done(&html);
	arena_done(&m);
	return rc;
}

static enum err_code week_for(struct act *a, const struct act_report *r, int64_t now_ms, struct arena *m,
                              struct act_week *out, struct err *err)
{
	struct act_unit unit;
	TRY(act_unit(a, r->unit, m, &unit, err));
	return act_week_of(&unit, now_ms, out, err);
}

enum err_code act_report_send(struct act *a, int64_t id, struct err *err)
{
	struct arena m;
	struct act_report *list;
	struct act_week w;
	size_t n = 0;
	arena_init(&m, 16 * MIB);
	enum err_code rc = act_reports(a, &m, &list, &n, err);
	size_t i = 0;
	while (rc == OK && i < n && list[i].id != id) i++;
	if (rc == OK && i == n) rc = unknown(err);
	if (rc == OK) rc = week_for(a, &list[i], act_now(a), &m, &w, err);
	if (rc == OK) rc = send_one(a, &list[i], &w, STR(""), err);
	arena_done(&m);
	return rc;
}

/* One that cannot be written or sent waits for the next look; the others go out. */
enum err_code reports_due(struct act *a, struct err *err)
{
	struct arena m;
	struct act_report *list;
	size_t n = 0;
	const int64_t now = act_now(a);
	if (!atomic_load(&a->maps) || !a->opt.outbox) return OK;
	arena_init(&m, 16 * MIB);
	enum err_code rc = act_reports(a, &m, &list, &n, err);
	for (size_t i = 0; rc == OK && i < n && !atomic_load(&a->stop); i++) {
		struct act_week w;
		struct err one;
		if (!list[i].enabled || week_for(a, &list[i], now, &m, &w, &one) != OK) continue;
		if (w.from_ms <= list[i].sent_week_ms || w.goes_ms > now) continue;
		const struct str key = str_format(&m, "report/%lld/%lld", (long long)list[i].id, (long long)w.from_ms);
		if (send_one(a, &list[i], &w, key, &one) != OK) continue;
	}
	arena_done(&m);
	return rc;
}
