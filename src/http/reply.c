/* Words back to a customer, by a channel that reaches them. */
#include "base/country.h"
#include "http/priv.h"

/* What is known of where somebody can be reached. */
struct reach {
	struct str mail, phone;
	bool left[OUTBOX_MEDIA]; /* there is an address, and it wants or takes nothing of ours by this medium */
};

static const char *const mail_traits[] = { "email", "mail" };
static const char *const phone_traits[] = { "phone", "mobile", "tel" };

static void note_mail(struct reach *r, struct str s)
{
	if (!r->mail.len && outbox_mail_address(s)) r->mail = s;
}

static void note_phone(struct http_call *c, struct reach *r, const struct country *country, struct str s)
{
	char phone[COUNTRY_PHONE_BYTES];
	if (!r->phone.len && country_phone(country, s, phone)) r->phone = str_copy(c->arena, str_of(phone));
}

/* The newest traits of the customer, else an id that is an address. */
static enum err_code reach_of(struct http_call *c, const struct inbox_row *to, struct reach *out, struct err *err)
{
	struct ask *ask;
	struct ask_customer who = { 0 };
	struct act_unit unit;
	struct str text;
	const struct journey_query q = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	TRY(need_ask(c, &ask, err));
	TRY(act_unit(c->h->opt.act, to->unit, c->arena, &unit, err));
	const struct country *country = country_of(unit.country);
	const enum err_code rc = ask_customer(ask, &q, to->customer, STR(""), 1, true, c->arena, &who, err);
	if (rc != OK && rc != ERR_NOT_FOUND) return rc;
	*out = (struct reach){ .mail = STR(""), .phone = STR("") };
	for (size_t i = 0; i < COUNT_OF(mail_traits); i++)
		if (json_get_text(who.traits, str_of(mail_traits[i]), c->arena, &text)) note_mail(out, text);
	for (size_t i = 0; i < COUNT_OF(phone_traits); i++)
		if (json_get_text(who.traits, str_of(phone_traits[i]), c->arena, &text))
			note_phone(c, out, country, text);
	for (size_t i = 0; i < who.n_ids; i++) {
		if (who.anonymous[i]) continue;
		note_mail(out, who.ids[i]);
		if (who.ids[i].len && who.ids[i].ptr[0] == '+') note_phone(c, out, NULL, who.ids[i]);
	}
	return OK;
}

static struct str address_for(const struct reach *r, enum outbox_medium medium)
{
	if (medium == OUTBOX_HOOK || r->left[medium]) return STR("");
	return medium == OUTBOX_EMAIL ? r->mail : r->phone;
}

/*
 * An answer to what somebody said asks no consent, but whoever took consent back, complained about our mail, or whose
 * address refuses it is left alone by that medium (docs/contact.md).
 */
static enum err_code left_alone(struct http_call *c, struct reach *r, struct err *err)
{
	static const enum contact_channel channels[] = {
		[OUTBOX_EMAIL] = CONTACT_EMAIL, [OUTBOX_SMS] = CONTACT_SMS, [OUTBOX_WHATSAPP] = CONTACT_WHATSAPP
	};
	for (size_t i = 0; i < COUNT_OF(channels); i++) {
		const struct str address = address_for(r, (enum outbox_medium)i);
		enum contact_consent state;
		if (!address.len) continue;
		TRY(contact_consent_of(c->h->opt.contact, channels[i], address, &state, err));
		r->left[i] = state != CONTACT_UNKNOWN && state != CONTACT_GIVEN;
	}
	return OK;
}

/* As wished; else as the feedback came; else mail, else SMS. */
static enum err_code medium_of(const struct inbox_row *to, const struct reach *r, struct str wish,
                               enum outbox_medium *out, struct err *err)
{
	static const enum outbox_medium order[] = { OUTBOX_EMAIL, OUTBOX_SMS };
	if (wish.len && (!outbox_medium_of(wish, out) || *out == OUTBOX_HOOK))
		return err_set(err, ERR_INPUT, "reply.channel", "channel", "a reply goes by email, sms or whatsapp");
	if (wish.len && address_for(r, *out).len) return OK;
	if (!wish.len && outbox_medium_of(to->channel, out) && address_for(r, *out).len) return OK;
	for (size_t i = 0; !wish.len && i < COUNT_OF(order); i++) {
		*out = order[i];
		if (address_for(r, *out).len) return OK;
	}
	bool left = false;
	for (int i = 0; i < OUTBOX_MEDIA; i++) left = left || (r->left[i] && (!wish.len || i == (int)*out));
	const enum err_code rc =
	        left ? err_set(err, ERR_CONFLICT, "reply.consent", "channel",
	                       "this customer wants no messages of ours here, or the address takes none")
	             : err_set(err, ERR_INPUT, "reply.address", "channel", "no address of this customer is known");
	err_hint(err, "Answer another way and leave a note of it.");
	return rc;
}

enum err_code reply_send(struct http_call *c, const struct inbox_row *to, struct str text, struct str wish,
                         struct reply *out, struct err *err)
{
	struct reach reach;
	enum outbox_medium medium = OUTBOX_EMAIL;
	struct str organisation, name = STR("");
	int64_t id;
	if (!str_trim(text).len) return err_set(err, ERR_INPUT, "inbox.note", "text", "the text is empty");
	TRY(reach_of(c, to, &reach, err));
	TRY(left_alone(c, &reach, err));
	TRY(medium_of(to, &reach, wish, &medium, err));
	TRY(govern_organisation(c->h->opt.govern, c->arena, &organisation, err));
	if (!json_get_text(organisation, STR("name"), c->arena, &name) || !name.len) name = STR("Safar");
	const struct outbox_message message = {
		.channel = str_of(outbox_medium_names[medium]),
		.address = address_for(&reach, medium),
		.subject = medium == OUTBOX_EMAIL ? name : STR(""),
		.text = text,
		.lang = to->lang,
		.purpose = STR("reply"),
		.ref = str_format(c->arena, "%llu", (unsigned long long)to->arrival),
		.customer = to->customer,
		.key = str_format(c->arena, "reply/%llu/%016llx", (unsigned long long)to->arrival,
		                  (unsigned long long)hash64(text)),
	};
	TRY(outbox_put(c->h->opt.outbox, &message, &id, err));
	out->channel = message.channel;
	out->message = str_format(c->arena, "%lld", (long long)id);
	return out->message.ptr ? OK : err_no_memory(err);
}
