/* Reviews and mentions as events. */
#include "voice/reviews.h"

#include <math.h>

#include "base/hash.h"
#include "base/when.h"
#include "voice/priv.h"

const char *const voice_review_kind_names[VOICE_REVIEW_KINDS] = { "review", "mention" };

static enum err_code check(const struct voice_review *r, struct err *err)
{
	if (!str_trim(r->platform).len)
		return err_set(err, ERR_INPUT, "review.platform", "platform", "where it was said is missing");
	TRY(voice_word(r->platform, "platform", err));
	TRY(voice_word(r->id, "id", err));
	TRY(voice_word(r->author, "author", err));
	TRY(voice_word(r->lang, "lang", err));
	TRY(voice_word(r->unit, "unit", err));
	TRY(voice_word(r->about, "about", err));
	TRY(voice_word(r->customer, "customer", err));
	if (r->kind == VOICE_REVIEW && isnan(r->stars) && !str_trim(r->text).len)
		return err_set(err, ERR_INPUT, "review.empty", "text", "a review has stars or words");
	if (!isnan(r->stars) && (!(r->stars_max > 1) || r->stars_max > 100 || r->stars < 1 || r->stars > r->stars_max))
		return err_set(err, ERR_INPUT, "review.stars", "stars", "%g is not on 1 to %g", r->stars, r->stars_max);
	if (utf8_valid(r->text.ptr, r->text.len) != r->text.len)
		return err_set(err, ERR_INPUT, "review.text", "text", "the words are not UTF-8");
	if (r->text.len > VOICE_COMMENT_BYTES_MAX)
		return err_limit(err, "review.text", "text", (int64_t)r->text.len, (int64_t)VOICE_COMMENT_BYTES_MAX,
		                 "the words are longer than they may be");
	return OK;
}

/* Ids that a platform gave, or what makes one review another: who said what on which day. */
static struct str id_of(const struct voice_review *r, struct arena *a)
{
	const char *kind = voice_review_kind_names[r->kind];
	if (r->id.len) return str_format(a, "%s/" STR_FMT "/" STR_FMT, kind, STR_ARG(r->platform), STR_ARG(r->id));
	const uint64_t said = hash64_mix(hash64(r->text), hash64(r->author));
	const uint64_t when =
	        hash64_mix((uint64_t)(r->at_ms / WHEN_DAY_MS), (uint64_t)llround(isnan(r->stars) ? 0 : r->stars * 10));
	return str_format(a, "%s/" STR_FMT "/%016llx%016llx", kind, STR_ARG(r->platform), (unsigned long long)said,
	                  (unsigned long long)when);
}

static void put_if(struct json_out *o, const char *key, struct str v)
{
	if (v.len) json_kv_str(o, key, v);
}

static enum err_code body_of(const struct voice_review *r, struct arena *a, struct str *out, struct err *err)
{
	struct buf b, canonical;
	struct json_out o;
	buf_init(&b, 256 * KIB);
	buf_init(&canonical, 256 * KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_key(&o, "properties");
	json_open(&o, '{');
	json_kv_z(&o, "voice", voice_review_kind_names[r->kind]);
	json_kv_str(&o, "platform", r->platform);
	put_if(&o, "author", r->author);
	put_if(&o, "url", r->url);
	put_if(&o, "unit", r->unit);
	/* Nobody's event can be found for somebody unknown: it counts where it stands. */
	if (r->customer.len) json_kv_str(&o, "about", r->about.len ? r->about : STR("journey"));
	else put_if(&o, "touchpoint", r->about);
	put_if(&o, "comment", r->text);
	if (r->text.len) put_if(&o, "comment_lang", r->lang);
	if (!isnan(r->stars)) {
		json_kv_double(&o, "score", r->stars);
		json_kv_i64(&o, "score_min", 1);
		json_kv_double(&o, "score_max", r->stars_max);
		json_kv_z(&o, "score_kind", "rating");
	}
	json_close(&o, '}');
	json_close(&o, '}');
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) rc = json_canonical(buf_view(&b), a, &canonical, err);
	if (rc == OK) rc = buf_check(&canonical, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&canonical))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	buf_done(&canonical);
	return rc;
}

static enum err_code event_of(const struct voice_review *r, struct arena *a, struct wire_event *e, struct err *err)
{
	*e = (struct wire_event){ .type = WIRE_TRACK,
		                  .customer = r->customer,
		                  .anonymous = STR(""),
		                  .previous = STR(""),
		                  .channel = STR("social"),
		                  .at_ms = r->at_ms };
	e->name = str_format(a, "%s: " STR_FMT, r->kind == VOICE_REVIEW ? "Review" : "Mention", STR_ARG(r->platform));
	e->id = id_of(r, a);
	if (!r->customer.len)
		e->anonymous = r->kind == VOICE_MENTION
		                       ? str_format(a, "public:" STR_FMT, STR_ARG(r->platform))
		                       : str_format(a, "review:" STR_FMT ":" STR_FMT, STR_ARG(r->platform),
		                                    STR_ARG(r->author.len ? r->author : e->id));
	if (!e->name.ptr || !e->id.ptr || !e->anonymous.ptr) return err_no_memory(err);
	TRY(body_of(r, a, &e->body, err));
	e->content = hash64_seed(e->body, hash64_mix((uint64_t)e->at_ms, hash64(e->name)));
	return OK;
}

enum err_code voice_reviews(struct voice *v, uint32_t source, const struct voice_review *reviews, size_t n,
                            struct arena *a, struct collect_tally *out, struct err *err)
{
	if (n > VOICE_REVIEWS_MAX)
		return err_limit(err, "review.many", "reviews", (int64_t)n, VOICE_REVIEWS_MAX, "at most %d at once",
		                 VOICE_REVIEWS_MAX);
	struct wire_event *events = ARENA_ARRAY(a, struct wire_event, n + 1);
	if (!events) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		enum err_code rc = check(&reviews[i], err);
		if (rc == OK) rc = event_of(&reviews[i], a, &events[i], err);
		if (rc == OK) continue;
		err_context(err, "review %zu", i);
		return rc;
	}
	return collect_events(v->opt.collect, source, events, n, out, err);
}
