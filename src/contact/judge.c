/* The ten rules, in their order. Pure: what they need to know is in struct facts, wherever it came from. */
#include "contact/priv.h"

const char *const contact_channel_names[CONTACT_CHANNELS] = { "email", "sms", "whatsapp", "web" };
const char *const contact_reason_names[CONTACT_REASONS] = {
	[CONTACT_OK] = "ok",
	[CONTACT_UNSUBSCRIBED] = "unsubscribed",
	[CONTACT_NO_CONSENT] = "no_consent",
	[CONTACT_BOUNCED] = "bounced",
	[CONTACT_SPAM] = "spam",
	[CONTACT_MINOR] = "minor",
	[CONTACT_NO_ADDRESS] = "no_address",
	[CONTACT_NO_CHANNEL] = "no_channel",
	[CONTACT_QUARANTINE] = "quarantine",
	[CONTACT_RECONTACT] = "recontact",
	[CONTACT_YEAR] = "year",
	[CONTACT_COMPLAINT] = "complaint",
	[CONTACT_DAILY] = "daily",
	[CONTACT_SAMPLE] = "sample",
	[CONTACT_QUOTA] = "quota",
	[CONTACT_REMINDER] = "reminder",
	[CONTACT_STOPPED] = "stopped",
};
const int contact_reason_rules[CONTACT_REASONS] = {
	[CONTACT_UNSUBSCRIBED] = 1, [CONTACT_NO_CONSENT] = 1, [CONTACT_BOUNCED] = 1,    [CONTACT_SPAM] = 1,
	[CONTACT_MINOR] = 1,        [CONTACT_NO_ADDRESS] = 1, [CONTACT_NO_CHANNEL] = 1, [CONTACT_QUARANTINE] = 2,
	[CONTACT_RECONTACT] = 3,    [CONTACT_YEAR] = 4,       [CONTACT_COMPLAINT] = 5,  [CONTACT_DAILY] = 7,
	[CONTACT_SAMPLE] = 8,       [CONTACT_QUOTA] = 9,      [CONTACT_REMINDER] = 10,
};

bool contact_channel_of(struct str name, enum contact_channel *out)
{
	for (int i = 0; i < CONTACT_CHANNELS; i++)
		if (str_eq(name, str_of(contact_channel_names[i]))) {
			*out = (enum contact_channel)i;
			return true;
		}
	return false;
}

static enum contact_reason judge_legal(const struct rules *r, const struct judged *q, const struct facts *f)
{
	switch (f->legal) {
	case LEGAL_UNKNOWN: return r->opt_in[q->channel] ? CONTACT_NO_CONSENT : CONTACT_OK;
	case LEGAL_GIVEN: return CONTACT_OK;
	case LEGAL_WITHDRAWN: return CONTACT_UNSUBSCRIBED;
	case LEGAL_BOUNCES: return CONTACT_BOUNCED;
	case LEGAL_COMPLAINED: return CONTACT_SPAM;
	case LEGAL_MINOR: return r->minors ? CONTACT_OK : CONTACT_MINOR;
	case LEGAL_NO_ADDRESS: return CONTACT_NO_ADDRESS;
	case LEGAL_NO_CHANNEL: return CONTACT_NO_CHANNEL;
	}
	return CONTACT_NO_CONSENT;
}

/* Whether `days` have not passed since something. */
static bool too_soon(int64_t last_ms, int days, int64_t at_ms)
{
	return last_ms != INT64_MIN && days > 0 && at_ms - last_ms < days * WHEN_DAY_MS;
}

enum contact_reason judge(const struct rules *r, const struct limits *l, const struct judged *q, const struct facts *f)
{
	const enum contact_reason legal = judge_legal(r, q, f);
	if (legal != CONTACT_OK) return legal;
	/* A reminder belongs to an invitation that these four permitted. */
	if (!q->reminder) {
		if (too_soon(f->last_ms, l->quarantine_days, q->at_ms)) return CONTACT_QUARANTINE;
		if (too_soon(f->last_survey_ms, l->recontact_days, q->at_ms)) return CONTACT_RECONTACT;
		if (f->in_year >= l->year_max) return CONTACT_YEAR;
	}
	if (r->complaint && f->held) return CONTACT_COMPLAINT;
	if (r->daily[q->channel] > 0 && f->in_day >= r->daily[q->channel]) return CONTACT_DAILY;
	if (q->reminder) return f->reminder_due && l->reminder_days > 0 ? CONTACT_OK : CONTACT_REMINDER;
	if (f->draw >= l->sample) return CONTACT_SAMPLE;
	if (l->quota >= 0 && f->in_stratum >= l->quota) return CONTACT_QUOTA;
	return CONTACT_OK;
}

double draw_of(struct str customer, struct str survey, struct str wave)
{
	const uint64_t h = hash64_mix(hash64_mix(hash64(customer), hash64(survey)), hash64(wave));
	return (double)(hash64_mix(h, 1) >> 11) * 0x1p-53;
}

int64_t quiet_until(const struct rules *r, struct str country, struct str zone, int64_t at_ms)
{
	const struct country *c = country_of(country);
	struct hours h = country_hours(r->weekends ? NULL : c, r->quiet_from, r->quiet_to);
	h.holidays = r->holidays;
	const int64_t open = country_next_open(c, zone, &h, at_ms);
	return open == INT64_MAX ? at_ms : open;
}
