/*
 * Reviews and mentions: what people say about us elsewhere. They become
 * events of the source that sends them. docs/events.md, "Reviews".
 */
#ifndef VOICE_REVIEWS_H
#define VOICE_REVIEWS_H

#include "voice/voice.h"

#define VOICE_REVIEWS_MAX 1000 /* in one call */

enum voice_review_kind { VOICE_REVIEW, VOICE_MENTION, VOICE_REVIEW_KINDS };
extern const char
        *const voice_review_kind_names[VOICE_REVIEW_KINDS]; /* "review", "mention" (press, ads, word of mouth) */

struct voice_review {
	enum voice_review_kind kind;
	struct str platform;     /* "google", "trustpilot", "press" ... */
	struct str id;           /* the platform's own; "": told from others by what it says */
	double stars, stars_max; /* stars NaN: none. On 1 to stars_max */
	struct str text, lang, author, url, unit;
	struct str customer; /* who it is, where that is known; "" */
	struct str about;    /* type of event it is about; "" the whole */
	int64_t at_ms;
};
/*
 * Stores n of them. The same review again (platform and id, or the same
 * words of the same author on that day) is a duplicate. Of a known customer
 * it speaks of that customer's journey or event; of nobody we know it counts
 * where it stands, as an event of its own with the property `touchpoint`.
 *
 * Errors: ERR_INPUT "review.*" names the first that cannot be one ("review 3:
 * 6 is not on 1 to 5"); nothing is stored then.
 */
NODISCARD enum err_code voice_reviews(struct voice *v, uint32_t source, const struct voice_review *reviews, size_t n,
                                      struct arena *a, struct collect_tally *out, struct err *err);

#endif
