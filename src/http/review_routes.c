/* Reviews and mentions, sent with a write key. */
#include <jansson.h>
#include <math.h>

#include "http/priv.h"

static struct str text_at(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : STR("");
}

static double number_at(const json_t *o, const char *key, double otherwise)
{
	const json_t *v = json_object_get(o, key);
	return json_is_number(v) ? json_number_value(v) : otherwise;
}

static enum err_code review_read(const json_t *o, int64_t now_ms, struct voice_review *out, struct err *err)
{
	const json_t *at = json_object_get(o, "at");
	*out = (struct voice_review){ .kind = str_eq(text_at(o, "kind"), STR("mention")) ? VOICE_MENTION : VOICE_REVIEW,
		                      .platform = text_at(o, "platform"),
		                      .id = text_at(o, "id"),
		                      .stars = number_at(o, "stars", (double)NAN),
		                      .stars_max = number_at(o, "stars_max", 5),
		                      .text = text_at(o, "text"),
		                      .lang = text_at(o, "lang"),
		                      .author = text_at(o, "author"),
		                      .url = text_at(o, "url"),
		                      .unit = text_at(o, "unit"),
		                      .customer = text_at(o, "customer"),
		                      .about = text_at(o, "about"),
		                      .at_ms = now_ms };
	if (json_is_integer(at)) out->at_ms = json_integer_value(at);
	else if (json_is_string(at) && !when_parse_iso(text_at(o, "at"), &out->at_ms, NULL))
		return err_set(err, ERR_INPUT, "review.at", "at", "\"at\" is no time");
	return OK;
}

static enum err_code reviews_read(struct http_call *c, const json_t *list, struct voice_review **out, size_t *n,
                                  struct err *err)
{
	*n = json_array_size(list);
	if (!json_is_array(list))
		return err_set(err, ERR_INPUT, "http.missing", "reviews", "\"reviews\" has to be a list");
	if (*n > VOICE_REVIEWS_MAX)
		return err_limit(err, "review.many", "reviews", (int64_t)*n, VOICE_REVIEWS_MAX, "at most %d at once",
		                 VOICE_REVIEWS_MAX);
	*out = ARENA_ARRAY(c->arena, struct voice_review, *n + 1);
	if (!*out) return err_no_memory(err);
	for (size_t i = 0; i < *n; i++) TRY(review_read(json_array_get(list, i), call_now(c), &(*out)[i], err));
	return OK;
}

HANDLER(post_reviews)
{
	uint32_t source;
	struct voice_review *reviews = NULL;
	struct collect_tally tally;
	struct json_out o;
	size_t n = 0;
	TRY(write_key_source(c, c->body, &source, err));
	json_t *body = json_loadb(c->body.ptr ? c->body.ptr : "", c->body.len, JSON_REJECT_DUPLICATES, NULL);
	enum err_code rc = reviews_read(c, json_object_get(body, "reviews"), &reviews, &n, err);
	if (rc == OK) rc = voice_reviews(c->h->opt.voice, source, reviews, n, c->arena, &tally, err);
	json_decref(body);
	if (rc != OK) return rc;
	json_out_init(&o, &c->out);
	put_tally(&o, &tally);
	return OK;
}
