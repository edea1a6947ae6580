/* The queue: what is put in, how a message moves, what is told about it. */
#include "outbox/priv.h"

const char *const outbox_state_names[OUTBOX_STATES] = { "queued", "sending", "sent",   "delivered",
	                                                "failed", "bounced", "dropped" };

enum err_code outbox_open(struct store *st, const struct outbox_options *opt, struct outbox **out, struct err *err)
{
	struct outbox *o = calloc(1, sizeof *o);
	if (!o) return err_no_memory(err);
	o->st = st;
	o->opt = *opt;
	pthread_mutex_init(&o->folder, NULL);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, NULL);
	*out = o;
	return OK;
}

void outbox_listen(struct outbox *o, outbox_listen_fn fn, void *ctx)
{
	if (o->n_listeners == LISTENERS_MAX) return;
	o->listeners[o->n_listeners].fn = fn;
	o->listeners[o->n_listeners++].ctx = ctx;
}

void outbox_gate(struct outbox *o, outbox_gate_fn fn, void *ctx)
{
	o->gate = fn;
	o->gate_ctx = ctx;
}

static enum err_code restart_write(void *ctx, struct store_write *w, struct err *err)
{
	struct outbox *o = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "outbox_restart", err));
	stmt_bind_i64(s, 1, outbox_now(o));
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

enum err_code outbox_start(struct outbox *o, struct err *err)
{
	TRY(store_write(o->st, restart_write, o, err));
	return senders_start(o, err);
}

void outbox_close(struct outbox *o)
{
	if (!o) return;
	senders_stop(o);
	pthread_cond_destroy(&o->wake);
	pthread_mutex_destroy(&o->lock);
	pthread_mutex_destroy(&o->folder);
	free(o);
}

void outbox_wake(struct outbox *o)
{
	pthread_mutex_lock(&o->lock);
	o->calls++;
	pthread_cond_broadcast(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

/* --- numbers that others see ------------------------------------------------------------------------ */

void letter_id(const struct store *st, int64_t id, char out[48])
{
	snprintf(out, 48, "msg_%016llx_%lld", (unsigned long long)store_mark(st), (long long)id);
}

int64_t letter_number(const struct store *st, struct str public_id)
{
	char begin[48];
	int64_t id;
	snprintf(begin, sizeof begin, "msg_%016llx_", (unsigned long long)store_mark(st));
	if (!str_starts(public_id, str_of(begin))) return 0;
	return str_to_i64(str_cut(public_id, strlen(begin), public_id.len), &id) && id > 0 ? id : 0;
}

/* --- checks -------------------------------------------------------------------------------------------- */

static bool atom_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool dotted(struct str s, bool host)
{
	size_t label = 0, labels = 1;
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];
		if (c == '.') {
			if (label == 0) return false;
			label = 0;
			labels++;
			continue;
		}
		const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		const bool inner = c == '-' && label > 0 && i + 1 < s.len && s.ptr[i + 1] != '.';
		if (host ? !(alnum || inner) : !atom_char(c)) return false;
		if (++label > 63 && host) return false;
	}
	return label > 0 && (!host || labels >= 2);
}

bool outbox_mail_address(struct str s)
{
	const size_t at = str_find(s, '@');
	if (s.len < 6 || s.len > OUTBOX_ADDRESS_BYTES_MAX || at == 0 || at > 64 || at == s.len) return false;
	return dotted(str_cut(s, 0, at), false) && dotted(str_cut(s, at + 1, s.len), true);
}

static bool phone_address(struct str s)
{
	if (s.len < 8 || s.len > 16 || s.ptr[0] != '+') return false;
	for (size_t i = 1; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
	return true;
}

/* Text for a header: UTF-8 on one line. */
static enum err_code check_header(struct str s, size_t max, const char *field, struct err *err)
{
	if (s.len > max)
		return err_limit(err, "outbox.long", field, (int64_t)s.len, (int64_t)max, "%s has at most %zu bytes",
		                 field, max);
	bool ok = s.len == 0 || utf8_valid(s.ptr, s.len) == s.len;
	for (size_t i = 0; i < s.len && ok; i++) ok = (unsigned char)s.ptr[i] >= 32 && s.ptr[i] != 127;
	if (ok) return OK;
	return err_set(err, ERR_INPUT, "outbox.header", field, "%s is one line of text without control characters",
	               field);
}

static enum err_code check_body(struct str s, size_t max, const char *field, struct err *err)
{
	if (s.len > max)
		return err_limit(err, "outbox.long", field, (int64_t)s.len, (int64_t)max, "%s has at most %zu bytes",
		                 field, max);
	if ((s.len && utf8_valid(s.ptr, s.len) != s.len) || (s.len && memchr(s.ptr, 0, s.len)))
		return err_set(err, ERR_INPUT, "outbox.text", field, "%s is text in UTF-8", field);
	return OK;
}

static enum err_code check_files(const struct outbox_message *m, struct err *err)
{
	size_t bytes = 0;
	if (m->n_files > OUTBOX_FILES_MAX)
		return err_limit(err, "outbox.files", "files", (int64_t)m->n_files, OUTBOX_FILES_MAX,
		                 "a message has at most %d files", OUTBOX_FILES_MAX);
	for (size_t i = 0; i < m->n_files; i++) {
		TRY(check_header(m->files[i].name, 200, "files", err));
		TRY(check_header(m->files[i].type, 100, "files", err));
		if (!size_add(bytes, m->files[i].bytes.len, &bytes)) bytes = SIZE_MAX;
		if (bytes > OUTBOX_FILE_BYTES_MAX)
			return err_limit(err, "outbox.files", "files", (int64_t)m->files[i].bytes.len,
			                 OUTBOX_FILE_BYTES_MAX, "files have at most %d MiB together",
			                 OUTBOX_FILE_BYTES_MAX / 1024 / 1024);
	}
	return OK;
}

static enum err_code check_message(const struct outbox_message *m, enum outbox_medium medium, struct err *err)
{
	if (medium == OUTBOX_EMAIL && !outbox_mail_address(m->address))
		return err_set(err, ERR_INPUT, "outbox.address", "address", "this is not a mail address");
	if ((medium == OUTBOX_SMS || medium == OUTBOX_WHATSAPP) && !phone_address(m->address))
		return err_set(err, ERR_INPUT, "outbox.address", "address",
		               "a phone number begins with + and its country's prefix");
	TRY(check_header(m->name, 200, "name", err));
	TRY(check_header(m->subject, OUTBOX_SUBJECT_BYTES_MAX, "subject", err));
	TRY(check_header(m->unsubscribe, 1000, "unsubscribe", err));
	TRY(check_header(m->lang, 8, "lang", err));
	TRY(check_header(m->purpose, 40, "purpose", err));
	TRY(check_header(m->ref, 200, "ref", err));
	TRY(check_header(m->key, 200, "key", err));
	if (str_find(m->unsubscribe, '>') < m->unsubscribe.len || str_find(m->unsubscribe, ' ') < m->unsubscribe.len)
		return err_set(err, ERR_INPUT, "outbox.header", "unsubscribe", "this is not an address of a page");
	if (!m->text.len) return err_set(err, ERR_INPUT, "outbox.text", "text", "the message has no words");
	TRY(check_body(m->text, OUTBOX_TEXT_BYTES_MAX, "text", err));
	TRY(check_body(m->html, OUTBOX_HTML_BYTES_MAX, "html", err));
	return check_files(m, err);
}

/* --- putting in ------------------------------------------------------------------------------------------ */

static enum err_code resolve(struct store_write *w, struct str name, struct arena *a, struct str *key,
                             enum outbox_medium *medium, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	enum outbox_medium asked = OUTBOX_MEDIA;
	if (!outbox_medium_of(name, &asked)) asked = OUTBOX_MEDIA;
	TRY(write_prepare(&s, w, "outbox_channel_resolve", err));
	stmt_bind_str(s, 1, name);
	stmt_bind_i64(s, 2, asked);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		*key = str_copy(a, stmt_str(s, 0));
		*medium = (enum outbox_medium)stmt_i64(s, 1);
		if (!key->ptr) rc = err_no_memory(err);
	} else if (rc == OK) {
		rc = err_set(err, ERR_NOT_FOUND, "outbox.channel", "channel", "there is no channel for \"" STR_FMT "\"",
		             STR_ARG(str_cut(name, 0, name.len < 40 ? name.len : 40)));
		err_hint(err, "An administrator adds one under Listen, Contact.");
	}
	stmt_free(s);
	return rc;
}

static enum err_code insert_files(struct store_write *w, int64_t id, const struct outbox_message *m, struct err *err)
{
	enum err_code rc = OK;
	for (size_t i = 0; i < m->n_files && rc == OK; i++) {
		struct stmt *s = NULL;
		bool row;
		TRY(write_prepare(&s, w, "outbox_file_put", err));
		stmt_bind_i64(s, 1, id);
		stmt_bind_i64(s, 2, (int64_t)i);
		stmt_bind_str(s, 3, m->files[i].name);
		stmt_bind_str(s, 4, m->files[i].type);
		stmt_bind_blob(s, 5, m->files[i].bytes);
		rc = stmt_step(s, &row, err);
		stmt_free(s);
	}
	return rc;
}

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

static enum err_code insert(struct outbox *o, struct store_write *w, const struct outbox_message *m, struct str channel,
                            enum outbox_medium medium, int64_t *id, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	const int64_t now = outbox_now(o);
	const struct str texts[] = { m->address, m->name,    m->subject, m->text,    m->html,
		                     m->lang,    m->purpose, m->ref,     m->customer };
	TRY(write_prepare(&s, w, "outbox_put", err));
	stmt_bind_str(s, 1, channel);
	stmt_bind_i64(s, 2, medium);
	for (size_t i = 0; i < COUNT_OF(texts); i++) stmt_bind_str(s, (int)i + 3, or_empty(texts[i]));
	stmt_bind_str(s, 12, m->key.len ? m->key : (struct str){ 0 });
	stmt_bind_str(s, 13, or_empty(m->unsubscribe));
	stmt_bind_i64(s, 14, now);
	stmt_bind_i64(s, 15, m->not_before_ms > now ? m->not_before_ms : now);
	enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	TRY(rc);
	if (write_changes(w) > 0) {
		*id = write_last_id(w);
		return insert_files(w, *id, m, err);
	}
	TRY(write_prepare(&s, w, "outbox_by_key", err));
	stmt_bind_str(s, 1, m->key);
	rc = stmt_step(s, &row, err);
	if (rc == OK) *id = row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	return rc;
}

enum err_code outbox_put_in(struct outbox *o, struct store_write *w, const struct outbox_message *m, int64_t *id,
                            struct err *err)
{
	struct arena a;
	struct str channel;
	enum outbox_medium medium = OUTBOX_EMAIL;
	if (write_erased(w, or_empty(m->customer)))
		return err_set(err, ERR_NOT_FOUND, "outbox.customer", "customer",
		               "this customer was erased; nothing is sent to them");
	arena_init(&a, 64 * KIB);
	enum err_code rc = resolve(w, m->channel, &a, &channel, &medium, err);
	if (rc == OK) rc = check_message(m, medium, err);
	if (rc == OK) rc = insert(o, w, m, channel, medium, id, err);
	arena_done(&a);
	return rc;
}

struct putting {
	struct outbox *o;
	const struct outbox_message *m;
	int64_t id;
};

static enum err_code put_write(void *ctx, struct store_write *w, struct err *err)
{
	struct putting *p = ctx;
	return outbox_put_in(p->o, w, p->m, &p->id, err);
}

enum err_code outbox_put(struct outbox *o, const struct outbox_message *m, int64_t *id, struct err *err)
{
	struct putting p = { .o = o, .m = m };
	TRY(store_write(o->st, put_write, &p, err));
	*id = p.id;
	outbox_wake(o);
	return OK;
}

/* Whether a webhook channel wants to hear of a type: without a list everything, else exact or "feedback.*". */
static bool wants(const struct settings *s, struct str type)
{
	for (size_t i = 0; i < s->n_types; i++) {
		const struct str t = s->types[i];
		if (str_eq(t, type) || (str_ends(t, STR("*")) && str_starts(type, str_cut(t, 0, t.len - 1))))
			return true;
	}
	return s->n_types == 0;
}

enum err_code outbox_publish_in(struct outbox *o, struct store_write *w, struct str type, struct str data,
                                struct str customer, struct err *err)
{
	struct arena a;
	struct stmt *s = NULL;
	struct channel_row *rows = NULL;
	size_t n = 0;
	char at[WHEN_TEXT_BYTES];
	arena_init(&a, 4 * MIB);
	enum err_code rc = write_prepare(&s, w, "outbox_channel_list", err);
	if (rc == OK) {
		stmt_bind_str(s, 1, STR(""));
		rc = channel_rows(s, &a, &rows, &n, err);
	}
	stmt_free(s);
	const struct str body =
	        str_format(&a, "{\"type\":\"" STR_FMT "\",\"timestamp\":\"" STR_FMT "\",\"data\":" STR_FMT "}",
	                   STR_ARG(type), STR_ARG(when_format_iso(outbox_now(o), at)), STR_ARG(data));
	if (rc == OK && !body.ptr) rc = err_no_memory(err);
	for (size_t i = 0; i < n && rc == OK; i++) {
		struct settings set;
		int64_t id;
		if (rows[i].c.kind != OUTBOX_WEBHOOK || !rows[i].c.enabled) continue;
		rc = settings_read(OUTBOX_WEBHOOK, rows[i].c.settings, &a, &set, err);
		if (rc != OK || !wants(&set, type)) continue;
		const struct outbox_message m = {
			.channel = rows[i].c.key,
			.subject = type,
			.text = body,
			.purpose = STR("webhook"),
			.customer = customer,
		};
		rc = outbox_put_in(o, w, &m, &id, err);
	}
	arena_done(&a);
	return rc;
}

/* --- moving ------------------------------------------------------------------------------------------------ */

enum err_code outbox_tell(struct outbox *o, struct store_write *w, const struct outbox_news *n, struct err *err)
{
	for (size_t i = 0; i < o->n_listeners; i++) TRY(o->listeners[i].fn(o->listeners[i].ctx, w, n, err));
	return OK;
}

enum err_code outbox_move(struct outbox *o, struct store_write *w, const struct outbox_row *row, const struct move *m,
                          struct err *err)
{
	struct stmt *s = NULL;
	bool got;
	const int64_t now = outbox_now(o);
	TRY(write_prepare(&s, w, "outbox_move", err));
	stmt_bind_i64(s, 1, row->id);
	stmt_bind_i64(s, 2, m->state);
	stmt_bind_i64(s, 3, now);
	stmt_bind_i64(s, 4, m->next_ms);
	stmt_bind_str(s, 5, or_empty(m->reason));
	stmt_bind_str(s, 6, or_empty(m->provider));
	const enum err_code rc = stmt_step(s, &got, err);
	stmt_free(s);
	TRY(rc);
	const struct outbox_news news = { .event = OUTBOX_MOVED,
		                          .medium = row->medium,
		                          .at_ms = now,
		                          .address = row->address,
		                          .message = row->id,
		                          .state = m->state,
		                          .purpose = row->purpose,
		                          .ref = row->ref,
		                          .reason = or_empty(m->reason) };
	return outbox_tell(o, w, &news, err);
}

struct str outbox_clean(struct arena *a, struct str text, size_t max)
{
	if (text.len > max) text.len = max;
	text.len = utf8_valid(text.ptr ? text.ptr : "", text.len);
	text = str_trim(text);
	char *copy = arena_alloc(a, text.len + 1);
	if (!copy) return STR("");
	for (size_t i = 0; i < text.len; i++)
		copy[i] = (unsigned char)text.ptr[i] < 32 || text.ptr[i] == 127 ? ' ' : text.ptr[i];
	return (struct str){ copy, text.len };
}

enum err_code outbox_take_back_in(struct outbox *o, struct store_write *w, struct str key, struct str reason,
                                  bool *taken, struct err *err)
{
	struct outbox_row row;
	struct arena a;
	struct stmt *s = NULL;
	*taken = false;
	TRY(write_prepare(&s, w, "outbox_waiting_key", err));
	stmt_bind_str(s, 1, key);
	arena_init(&a, 16 * KIB);
	enum err_code rc = stmt_step(s, taken, err);
	if (rc == OK && *taken)
		row = (struct outbox_row){ .id = stmt_i64(s, 0),
			                   .medium = (enum outbox_medium)stmt_i64(s, 1),
			                   .address = str_copy(&a, stmt_str(s, 2)),
			                   .purpose = str_copy(&a, stmt_str(s, 3)),
			                   .ref = str_copy(&a, stmt_str(s, 4)) };
	stmt_free(s);
	const struct move gone = { .state = OUTBOX_DROPPED, .reason = reason };
	if (rc == OK && *taken) rc = outbox_move(o, w, &row, &gone, err);
	arena_done(&a);
	return rc;
}

enum err_code outbox_drop_in(struct outbox *o, struct store_write *w, enum outbox_medium medium, struct str address,
                             struct str reason, struct err *err)
{
	enum { AT_ONCE = 64 };
	struct outbox_row rows[AT_ONCE];
	struct arena a;
	struct stmt *s = NULL;
	bool row = true;
	size_t n = 0;
	arena_init(&a, 256 * KIB);
	enum err_code rc = write_prepare(&s, w, "outbox_waiting", err);
	if (rc == OK) {
		stmt_bind_str(s, 1, address);
		stmt_bind_i64(s, 2, medium);
	}
	while (rc == OK && n < AT_ONCE && (rc = stmt_step(s, &row, err)) == OK && row)
		rows[n++] = (struct outbox_row){ .id = stmt_i64(s, 0),
			                         .medium = medium,
			                         .address = address,
			                         .purpose = str_copy(&a, stmt_str(s, 1)),
			                         .ref = str_copy(&a, stmt_str(s, 2)) };
	stmt_free(s);
	const struct move gone = { .state = OUTBOX_DROPPED, .reason = reason };
	for (size_t i = 0; i < n && rc == OK; i++) rc = outbox_move(o, w, &rows[i], &gone, err);
	arena_done(&a);
	return rc;
}

const struct store_personal outbox_personal[] = {
	{ "attachments", PERSONAL_CUSTOMER, "outbox_personal_files", { "outbox_erase_files" }, NULL },
	{ "messages", PERSONAL_CUSTOMER, "outbox_personal", { "outbox_erase" }, NULL },
	{ 0 },
};

struct again {
	struct outbox *o;
	int64_t id;
};

static enum err_code again_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct again *g = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "outbox_again", err));
	stmt_bind_i64(s, 1, g->id);
	stmt_bind_i64(s, 2, outbox_now(g->o));
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	TRY(rc);
	if (write_changes(w) == 0)
		return err_set(err, ERR_CONFLICT, "outbox.again", "id",
		               "only what failed, and whose words are kept, is sent again");
	return OK;
}

enum err_code outbox_again(struct outbox *o, int64_t id, struct err *err)
{
	struct again g = { o, id };
	TRY(store_write(o->st, again_write, &g, err));
	outbox_wake(o);
	return OK;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

enum err_code letter_read(struct stmt *s, struct arena *a, struct letter *out, bool *row, struct err *err)
{
	TRY(stmt_step(s, row, err));
	if (!*row) return OK;
	*out = (struct letter){
		.row = { .id = stmt_i64(s, 0),
		         .channel = str_copy(a, stmt_str(s, 1)),
		         .medium = (enum outbox_medium)stmt_i64(s, 2),
		         .address = str_copy(a, stmt_str(s, 3)),
		         .subject = str_copy(a, stmt_str(s, 5)),
		         .purpose = str_copy(a, stmt_str(s, 9)),
		         .ref = str_copy(a, stmt_str(s, 10)),
		         .state = (enum outbox_state)stmt_i64(s, 12),
		         .tries = (int)stmt_i64(s, 13),
		         .created_ms = stmt_i64(s, 14),
		         .next_ms = stmt_i64(s, 15),
		         .changed_ms = stmt_i64(s, 16),
		         .provider = str_copy(a, stmt_str(s, 17)),
		         .reason = str_copy(a, stmt_str(s, 18)) },
		.name = str_copy(a, stmt_str(s, 4)),
		.text = str_copy(a, stmt_str(s, 6)),
		.html = str_copy(a, stmt_str(s, 7)),
		.lang = str_copy(a, stmt_str(s, 8)),
		.unsubscribe = str_copy(a, stmt_str(s, 11)),
	};
	return out->row.reason.ptr && out->html.ptr && out->text.ptr && out->unsubscribe.ptr ? OK : err_no_memory(err);
}

enum err_code outbox_list(struct outbox *o, struct str channel, enum outbox_state state, int64_t before, size_t limit,
                          struct arena *a, struct outbox_row **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	struct letter l;
	bool row = true;
	*n = 0;
	*out = ARENA_ARRAY(a, struct outbox_row, limit);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, o->st, "outbox_list", err));
	stmt_bind_str(s, 1, channel.len ? channel : STR(""));
	stmt_bind_i64(s, 2, state == OUTBOX_STATES ? -1 : (int64_t)state);
	stmt_bind_i64(s, 3, before);
	stmt_bind_i64(s, 4, (int64_t)limit);
	enum err_code rc = OK;
	while (*n < limit && (rc = letter_read(s, a, &l, &row, err)) == OK && row) (*out)[(*n)++] = l.row;
	stmt_free(s);
	return rc;
}

enum err_code outbox_get(struct outbox *o, int64_t id, struct arena *a, struct outbox_row *out, struct err *err)
{
	struct stmt *s = NULL;
	struct letter l;
	bool row = false;
	TRY(stmt_prepare(&s, o->st, "outbox_message", err));
	stmt_bind_i64(s, 1, id);
	const enum err_code rc = letter_read(s, a, &l, &row, err);
	stmt_free(s);
	TRY(rc);
	if (!row) return err_set(err, ERR_NOT_FOUND, "outbox.message", "id", "there is no message %lld", (long long)id);
	*out = l.row;
	return OK;
}

enum err_code outbox_sums(struct outbox *o, struct arena *a, struct outbox_sum **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	const size_t max = (OUTBOX_CHANNELS_MAX + 64) * OUTBOX_STATES; /* deleted channels have rows too */
	*n = 0;
	*out = ARENA_ARRAY(a, struct outbox_sum, max);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, o->st, "outbox_sums", err));
	enum err_code rc = OK;
	while (*n < max && (rc = stmt_step(s, &row, err)) == OK && row)
		(*out)[(*n)++] = (struct outbox_sum){ str_copy(a, stmt_str(s, 0)), (enum outbox_state)stmt_i64(s, 1),
			                              stmt_i64(s, 2) };
	stmt_free(s);
	return rc;
}

/* --- the public address -------------------------------------------------------------------------------------- */

enum err_code outbox_public_url(struct outbox *o, struct arena *a, struct str *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, o->st, "store_meta_get", err));
	stmt_bind_str(s, 1, STR("outbox.public_url"));
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && !(*out = row ? str_copy(a, stmt_str(s, 0)) : STR("")).ptr) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

static enum err_code url_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct str *url = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "store_meta_put", err));
	stmt_bind_str(s, 1, STR("outbox.public_url"));
	stmt_bind_blob(s, 2, url->len ? *url : STR(""));
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

enum err_code outbox_public_url_set(struct outbox *o, struct str url, struct err *err)
{
	url = str_trim(url);
	while (url.len && url.ptr[url.len - 1] == '/') url.len--;
	const size_t scheme = str_starts(url, STR("https://")) ? 8 : str_starts(url, STR("http://")) ? 7 : 0;
	bool ok = url.len == 0 || (scheme && url.len > scheme && url.len <= 200);
	for (size_t i = 0; i < url.len && ok; i++) {
		const char c = url.ptr[i];
		ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		     (c && strchr(":/.-_~[]%", c));
	}
	if (!ok)
		return err_set(err, ERR_INPUT, "outbox.url", "public_url",
		               "the address of this server begins with https:// and has no query");
	return store_write(o->st, url_write, &url, err);
}
