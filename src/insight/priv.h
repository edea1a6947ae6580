/* What the files of insight/ share. */
#ifndef INSIGHT_PRIV_H
#define INSIGHT_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "insight/insight.h"

/* A compiled set of topics; who uses it holds it. */
struct topic_set {
	struct arena a;
	struct text_topics *topics;
	int version;
	int holders;
};

struct insight {
	struct store *st;
	struct inbox *inbox;
	struct text_judge *judge;
	pthread_mutex_t reading; /* held while comments are read behind the mark */
	pthread_mutex_t lock;    /* of `set` and its holders */
	struct topic_set *set;
	atomic_uint_fast64_t mark;
	pthread_t thread;
	bool following;
	atomic_bool stop;
	void (*news)(void *ctx); /* set before the thread starts */
	void *news_ctx;
};

struct topic_set *set_hold(struct insight *x);
void set_let_go(struct insight *x, struct topic_set *s);
/* Comments that were read by a set older than `version`. */
NODISCARD enum err_code stale_count(struct insight *x, int version, int64_t *out, struct err *err);

/* Scratch memory of one thread for reading comments. */
struct comprehension {
	struct text_reader *reader;
	struct text_features *features;
	struct text text;
	struct text_hit hits[INSIGHT_HITS_MAX];
	size_t n_hits;
	struct text_span clauses[INSIGHT_HITS_MAX];
	size_t n_clauses;
	double felt[INSIGHT_HITS_MAX];                /* -1 .. 1 of each clause; NaN: not known */
	double sentiment;                             /* of the whole */
	double judged;                                /* the same, whatever people said */
	double margin;                                /* between the two likeliest feelings; NaN: not known */
	uint16_t added[INSIGHT_CORRECTED_TOPICS_MAX]; /* topics that no words stand for */
	size_t n_added;
};
NODISCARD enum err_code comprehension_open(struct comprehension *c, struct err *err);
void comprehension_done(struct comprehension *c);
/* Language, hits, sentiment of a comment into c. Borrows the comment. */
void comprehend(struct comprehension *c, const struct text_judge *judge, const struct text_topics *topics,
                struct str comment, struct str lang);
/* Afterwards: what people said of it. */
void comprehension_correct(struct comprehension *c, const struct text_topics *topics,
                           const struct insight_correction *k);
/* The place of a key; text_topics_count when there is none. */
size_t topic_place(const struct text_topics *t, struct str key);
/* How the clause feels that hit i stands in; NaN. */
double felt_at(const struct comprehension *c, size_t hit);

/* --- follow.c: comments on their way into the tables ------------------------------------------------- */

struct found_topic {
	uint16_t topic;
	double sum, n; /* of the parts that feel */
};
struct one {
	uint64_t arrival;
	int64_t at_ms;
	enum text_language lang;
	double sentiment, judged, margin; /* NaN: not told */
	unsigned flags;
	struct found_topic topics[INSIGHT_HITS_MAX + INSIGHT_CORRECTED_TOPICS_MAX];
	size_t n_topics;
};
/* What was just comprehended. */
void one_of(const struct comprehension *c, uint64_t arrival, int64_t at_ms, struct one *out);
NODISCARD enum err_code one_write(struct store_write *w, const struct topic_set *set, const struct one *rows, size_t n,
                                  struct err *err);

/* Binds ?1 .. ?7 and ?10 of the questions that have a scope. */
void scope_bind(struct stmt *s, const struct insight_scope *scope, int64_t from_ms, int64_t to_ms);

#endif
