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
	double felt[INSIGHT_HITS_MAX]; /* -1 .. 1 of each clause; NaN: not known */
	double sentiment;              /* of the whole */
};
NODISCARD enum err_code comprehension_open(struct comprehension *c, struct err *err);
void comprehension_done(struct comprehension *c);
/* Language, hits, sentiment of a comment into c. Borrows the comment. */
void comprehend(struct comprehension *c, const struct text_judge *judge, const struct text_topics *topics,
                struct str comment, struct str lang);
/* How the clause feels that hit i stands in; NaN. */
double felt_at(const struct comprehension *c, size_t hit);

/* Binds ?1 .. ?7 of the questions that have a scope. */
void scope_bind(struct stmt *s, const struct insight_scope *scope, int64_t from_ms, int64_t to_ms);

#endif
