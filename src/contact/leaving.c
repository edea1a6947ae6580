/*
 * What an invitation that waited should know before it leaves: a night, a gateway that was down, or a long queue may
 * lie between the decision and the message. It goes in no quiet hour, to nobody whose complaint was opened meanwhile,
 * about no survey that was closed, and reminds nobody who has answered.
 */
#include "contact/priv.h"

#define LOOK_AGAIN_MS ((int64_t)3600 * 1000) /* at a survey that is paused */

struct leaving {
	int64_t invitation, decision, token;
	bool sent; /* it is a reminder */
	bool open; /* the survey takes answers, or will again */
	bool paused, held, done;
	int64_t expires_ms; /* of its link */
	struct str customer, country, zone;
};

static enum err_code look(struct store_write *w, int64_t invitation, struct arena *a, struct leaving *out, bool *there,
                          struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "contact_leaving", err));
	stmt_bind_i64(s, 1, invitation);
	enum err_code rc = stmt_step(s, there, err);
	if (rc == OK && *there) {
		const enum voice_state state = (enum voice_state)stmt_i64(s, 3);
		*out = (struct leaving){ .invitation = invitation,
			                 .decision = stmt_i64(s, 0),
			                 .token = stmt_i64(s, 1),
			                 .sent = stmt_i64(s, 2) != 0,
			                 .open = !stmt_null(s, 3) && state != VOICE_CLOSED,
			                 .paused = state != VOICE_LIVE,
			                 .country = str_copy(a, stmt_str(s, 4)),
			                 .zone = str_copy(a, stmt_str(s, 5)),
			                 .customer = str_copy(a, stmt_str(s, 6)),
			                 .done = stmt_i64(s, 7) != 0,
			                 .expires_ms = stmt_i64(s, 8) };
		if (!out->customer.ptr || !out->country.ptr || !out->zone.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

/* The customer was not asked, and the log says why. */
static enum err_code take_back(struct store_write *w, const struct leaving *l, enum contact_reason reason,
                               struct err *err)
{
	if (l->sent) return OK;
	return contact_not_asked(w, l->invitation, l->decision, l->token, reason, err);
}

static enum err_code judge_leaving(struct contact *c, struct store_write *w, struct leaving *l, int64_t now_ms,
                                   struct arena *a, struct outbox_leave *out, struct err *err)
{
	struct rules *r = rules_get(c);
	const bool complaint = l->held && r->complaint;
	enum err_code rc = OK;
	out->drop = complaint || !l->open || l->done || l->expires_ms <= now_ms;
	out->reason = STR("stopped");
	if (out->drop) {
		rc = take_back(w, l, complaint ? CONTACT_COMPLAINT : CONTACT_STOPPED, err);
	} else {
		if (!l->zone.len && !l->country.len) rc = contact_org_zone(c, a, &l->zone, err);
		if (rc == OK) out->not_before_ms = quiet_until(r, l->country, l->zone, now_ms);
		if (l->paused && out->not_before_ms < now_ms + LOOK_AGAIN_MS)
			out->not_before_ms = now_ms + LOOK_AGAIN_MS;
	}
	rules_put(c, r);
	return rc;
}

enum err_code contact_may_leave(void *ctx, struct store_write *w, const struct outbox_row *m, int64_t now_ms,
                                struct outbox_leave *out, struct err *err)
{
	struct arena a;
	struct leaving l;
	int64_t invitation;
	bool there = false;
	if (!str_eq(m->purpose, STR("invitation")) || !str_to_i64(m->ref, &invitation)) return OK;
	arena_init(&a, MIB);
	enum err_code rc = look(w, invitation, &a, &l, &there, err);
	if (rc == OK && there && l.customer.len) rc = contact_person_held(ctx, w, l.customer, &a, &l.held, err);
	if (rc == OK && there) rc = judge_leaving(ctx, w, &l, now_ms, &a, out, err);
	arena_done(&a);
	return rc;
}
