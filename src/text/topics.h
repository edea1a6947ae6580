/*
 * What people speak of: topics found by seeds, words and phrases that a
 * person can read and change, with the very phrase that matched.
 *
 * A set of topics is a document (docs/methods/text-topics.md):
 *
 *   {"topics":[{"key":"delivery","names":{"en":…,"ar":…,"fa":…},
 *               "seeds":{"en":["courier*","never arrived"],"ar":[…],"fa":[…],"latin":[…]},
 *               "policy":false}]}
 *
 * A seed is one to six words in a row; a word that ends in "*" takes every
 * word that begins so. Arabic words match with the prefixes و ف ب ك ل ال before
 * them, a Persian word with or without its half-space. "latin" is Arabic and
 * Persian in Latin letters.
 */
#ifndef TEXT_TOPICS_H
#define TEXT_TOPICS_H

#include "base/arena.h"
#include "base/err.h"
#include "text/text.h"

#define TEXT_TOPICS_MAX 128
#define TEXT_TOPIC_SEEDS_MAX 20000 /* of all topics together */
#define TEXT_TOPIC_WORDS_MAX 6     /* of one seed */
#define TEXT_TOPIC_BYTES_MAX (MIB)

enum text_tongue { TEXT_IN_EN, TEXT_IN_AR, TEXT_IN_FA, TEXT_IN_LATIN, TEXT_TONGUES };
extern const char *const text_tongue_names[TEXT_TONGUES]; /* "en", "ar", "fa", "latin" */

struct text_topic {
	struct str key;
	struct str names[TEXT_IN_LATIN]; /* by en, ar, fa; "" where the document has none */
	bool policy;                     /* a rule of the house that people cite, not a thing */
	size_t n_seeds;
};

/* Compiled; does not change, so threads share it. */
struct text_topics;

/* The document that comes with the program: topics of customer experience. */
struct str text_topics_shipped(void);

/*
 * Another that comes with the program: eight emotions ("emotion.joy" …, Plutchik 1980) and the five levels of
 * engagement ("level.rational" …), as people name them. Mentions, not what they feel: docs/methods/text-moods.md.
 */
struct str text_moods_shipped(void);

/*
 * Reads and compiles a document into the arena, strings included.
 * Errors: ERR_INPUT "text.topics" with the topic or seed at fault: a key that
 * is missing or there twice, a seed without a letter, with more than
 * TEXT_TOPIC_WORDS_MAX words or a "*" that is not at the end of a word,
 * ERR_LIMIT above the maxima; "json.syntax".
 */
NODISCARD enum err_code text_topics_read(struct str json, struct arena *a, struct text_topics **out, struct err *err);

size_t text_topics_count(const struct text_topics *t);
const struct text_topic *text_topics_at(const struct text_topics *t, size_t i); /* i < count, in the document's order */

struct text_hit {
	uint16_t topic;       /* place in the document */
	uint32_t first, last; /* tokens [first, last) */
	struct text_span at;  /* of the original */
};

/*
 * Where a text speaks of which topic, in the order of the text, then of the
 * document. Of hits of one topic that overlap the longest stands. A phrase
 * does not reach across a mark. At most `cap` hits; returns how many.
 * Cost: some 1 us for 100 bytes.
 */
size_t text_topics_find(const struct text_topics *t, const struct text *text, struct text_hit *out, size_t cap);

/*
 * How well the shipped topics were recognised in comments of a language that
 * were labelled by hand before and are not what seeds come from: of `there`
 * topics, `found` were said to be there, `right` of them rightly. All 0 for
 * other tongues. docs/methods/text-topics.md.
 */
struct text_judged {
	int64_t comments, there, found, right;
};
struct text_judged text_topics_judged(enum text_tongue tongue);

#endif
