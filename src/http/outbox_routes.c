/* Channels, messages that leave, and what gateways send back. */
#include "http/priv.h"

#define PAGE_MAX 200

static struct outbox *outbox_of(struct http_call *c)
{
	return c->h->opt.outbox;
}

/* --- settings ------------------------------------------------------------------------------------ */

HANDLER(get_outbox_settings)
{
	struct str url;
	struct json_out o;
	TRY(outbox_public_url(outbox_of(c), c->arena, &url, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "public_url", url);
	json_close(&o, '}');
	return OK;
}

HANDLER(put_outbox_settings)
{
	struct str url;
	TRY(body_text(c, "public_url", true, &url, err));
	TRY(outbox_public_url_set(outbox_of(c), url, err));
	return get_outbox_settings(c, err);
}

/* --- channels -------------------------------------------------------------------------------------- */

static void put_channel(struct json_out *o, const struct outbox_channel *ch, const struct outbox_sum *sums, size_t n)
{
	json_open(o, '{');
	json_kv_str(o, "key", ch->key);
	json_kv_z(o, "kind", outbox_kind_names[ch->kind]);
	json_kv_z(o, "medium", outbox_medium_names[ch->medium]);
	json_kv_bool(o, "enabled", ch->enabled);
	json_kv_bool(o, "has_secret", ch->has_secret);
	json_key(o, "settings");
	json_put_raw(o, ch->settings);
	json_kv_str(o, "receipts", ch->receipts.ptr ? ch->receipts : STR(""));
	json_kv_str(o, "trouble", ch->trouble);
	json_kv_i64(o, "trouble_ms", ch->trouble_ms);
	json_key(o, "messages");
	json_open(o, '{');
	for (size_t i = 0; i < n; i++)
		if (str_eq(sums[i].channel, ch->key)) json_kv_i64(o, outbox_state_names[sums[i].state], sums[i].n);
	json_close(o, '}');
	json_close(o, '}');
}

HANDLER(get_channels)
{
	struct outbox_channel *ch;
	struct outbox_sum *sums;
	size_t n, n_sums;
	struct json_out o;
	TRY(outbox_channels(outbox_of(c), c->arena, &ch, &n, err));
	TRY(outbox_sums(outbox_of(c), c->arena, &sums, &n_sums, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "channels");
	for (size_t i = 0; i < n; i++) put_channel(&o, &ch[i], sums, n_sums);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(put_channel_route)
{
	struct str body;
	TRY(body_object(c, &body, err));
	TRY(outbox_channel_put(outbox_of(c), c->params[0], body, err));
	buf_str(&c->out, STR("{}"));
	return OK;
}

HANDLER(delete_channel)
{
	TRY(outbox_channel_delete(outbox_of(c), c->params[0], err));
	answer_empty(c, 204);
	return OK;
}

/* A message to oneself, in the reader's language. */
HANDLER(post_channel_test)
{
	struct locale l;
	struct str address = STR("");
	int64_t id;
	struct json_out o;
	TRY(locale_read(c, &l, err));
	TRY(body_text(c, "address", false, &address, err));
	const struct outbox_message m = { .channel = c->params[0],
		                          .address = address,
		                          .subject = words(&l, c->arena, "outbox.test.subject", NULL, 0),
		                          .text = words(&l, c->arena, "outbox.test.text", NULL, 0),
		                          .lang = str_of(lang_codes[l.lang]),
		                          .purpose = STR("test") };
	struct outbox_message send = m;
	struct outbox_channel *ch;
	size_t n, i = 0;
	TRY(outbox_channels(outbox_of(c), c->arena, &ch, &n, err));
	while (i < n && !str_eq(ch[i].key, c->params[0])) i++;
	if (i == n) return err_set(err, ERR_NOT_FOUND, "outbox.channel", "channel", "there is no such channel");
	if (ch[i].kind == OUTBOX_WEBHOOK) {
		send.subject = STR("test");
		send.text = STR("{\"type\":\"test\",\"data\":{}}");
	}
	TRY(outbox_put(outbox_of(c), &send, &id, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "id", id);
	json_close(&o, '}');
	c->status = 202;
	return OK;
}

/* --- messages ---------------------------------------------------------------------------------------- */

static void put_message(struct json_out *o, const struct outbox_row *m)
{
	json_open(o, '{');
	json_kv_i64(o, "id", m->id);
	json_kv_str(o, "channel", m->channel);
	json_kv_z(o, "medium", outbox_medium_names[m->medium]);
	json_kv_str(o, "address", m->address);
	json_kv_str(o, "subject", m->subject);
	json_kv_str(o, "purpose", m->purpose);
	json_kv_z(o, "state", outbox_state_names[m->state]);
	json_kv_i64(o, "tries", m->tries);
	json_kv_i64(o, "created_ms", m->created_ms);
	json_kv_i64(o, "changed_ms", m->changed_ms);
	if (m->state == OUTBOX_QUEUED) json_kv_i64(o, "next_ms", m->next_ms);
	json_kv_str(o, "reason", m->reason);
	json_close(o, '}');
}

HANDLER(get_messages)
{
	struct outbox_row *rows;
	size_t n;
	int64_t before, limit;
	struct json_out o;
	enum outbox_state state = OUTBOX_QUEUED;
	const struct str wanted = query_get(c, "state");
	TRY(query_i64(c, "before", 0, INT64_MAX, 0, &before, err));
	TRY(query_i64(c, "limit", 1, PAGE_MAX, 50, &limit, err));
	while (state < OUTBOX_STATES && !str_eq(wanted, str_of(outbox_state_names[state]))) state++;
	if (wanted.len && state == OUTBOX_STATES)
		return err_set(err, ERR_INPUT, "outbox.state", "state", "there is no state of this name");
	TRY(outbox_list(outbox_of(c), query_get(c, "channel"), state, before, (size_t)limit, c->arena, &rows, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "messages");
	for (size_t i = 0; i < n; i++) put_message(&o, &rows[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static enum err_code message_id(struct http_call *c, int64_t *id, struct err *err)
{
	if (str_to_i64(c->params[0], id) && *id > 0) return OK;
	return err_set(err, ERR_NOT_FOUND, "outbox.message", "id", "there is no such message");
}

HANDLER(get_message)
{
	struct outbox_row row;
	struct json_out o;
	int64_t id = 0;
	TRY(message_id(c, &id, err));
	TRY(outbox_get(outbox_of(c), id, c->arena, &row, err));
	json_out_init(&o, &c->out);
	put_message(&o, &row);
	return OK;
}

HANDLER(post_message_again)
{
	int64_t id = 0;
	TRY(message_id(c, &id, err));
	TRY(outbox_again(outbox_of(c), id, err));
	return get_message(c, err);
}

/* How many parts an SMS would have, with its link. */
HANDLER(post_sms)
{
	struct str text, link = STR("");
	struct json_out o;
	TRY(body_text(c, "text", true, &text, err));
	TRY(body_text(c, "link", false, &link, err));
	const struct str whole = link.len ? outbox_sms_with_link(text, link, c->arena) : text;
	if (!whole.ptr) return err_no_memory(err);
	const struct outbox_sms s = outbox_sms_count(whole);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "text", whole);
	json_kv_z(&o, "alphabet", s.unicode ? "ucs2" : "gsm");
	json_kv_i64(&o, "units", (int64_t)s.units);
	json_kv_i64(&o, "parts", (int64_t)s.parts);
	json_kv_i64(&o, "per_part", (int64_t)s.per_part);
	json_kv_i64(&o, "left", (int64_t)s.left);
	json_close(&o, '}');
	return OK;
}

/* --- receipts ------------------------------------------------------------------------------------------ */

HANDLER(post_receipts)
{
	size_t seen = 0;
	struct json_out o;
	TRY(outbox_receipt(outbox_of(c), c->params[0], c->params[1], c->body, &seen, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "seen", (int64_t)seen);
	json_close(&o, '}');
	return OK;
}
