/* What the files of insight/ share. */
#ifndef INSIGHT_PRIV_H
#define INSIGHT_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "insight/columns.h"
#include "insight/insight.h"

/* The models by which comments are read; every set that uses them holds them. */
struct models {
	struct text_judge *judge;
	int64_t reader; /* insight_reader.id */
	int holders;
};

/* What comments are read by: a compiled set of topics, and models. Who uses it holds it. */
struct topic_set {
	struct arena a;
	struct text_topics *topics;
	struct models *models;
	int version;
	int holders;
};

struct insight {
	struct store *st;
	struct inbox *inbox;
	pthread_mutex_t reading; /* held while a batch of comments is read behind the mark */
	atomic_int waiting;      /* for `reading`, besides who reads batch after batch */
	pthread_mutex_t lock;    /* of `set` and all holders */
	struct topic_set *set;
	atomic_uint_fast64_t mark;
	pthread_t thread;
	bool following;
	atomic_bool stop;
	struct columns columns;
	atomic_uint_fast64_t changes; /* of what quality is told from: readings, corrections, labels, models */
	struct {
		pthread_mutex_t lock; /* of both */
		uint64_t at;          /* changes, one up, when it was told; 0 never */
		struct insight_quality is[INSIGHT_LANGUAGES];
	} quality;
	insight_customers_fn customers; /* set before anybody asks; NULL: each identity is one */
	void *customers_ctx;
	void (*news)(void *ctx); /* set before the thread starts */
	void *news_ctx;
};

/* quality.c: what insight_queue gave it out for last; INSIGHT_BY_HAND when it did not. */
NODISCARD enum err_code given_out_why(struct insight *x, uint64_t arrival, enum insight_chosen *out, struct err *err);

/* For what must not come between two halves of a batch; a long reading lets it in. */
void reading_begin(struct insight *x);
void reading_end(struct insight *x);

struct topic_set *set_hold(struct insight *x);
void set_let_go(struct insight *x, struct topic_set *s);
/* Comments that were read by an older set of topics or other models. */
NODISCARD enum err_code stale_count(struct insight *x, const struct topic_set *set, int64_t *out, struct err *err);
/* models.c: those that the newest decisions name, with one holder. Writes insight_reader when they are others than
 * before. */
NODISCARD enum err_code models_open(struct insight *x, struct models **out, struct err *err);
void models_free(struct models *m);
/* insight.c: the newest set of topics with these models (taken when it succeeds). */
NODISCARD enum err_code set_open(struct insight *x, struct models *m, struct err *err);

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
/* Copies. */
NODISCARD enum err_code name_copy(const struct text_topic *from, struct arena *a, struct insight_name *out,
                                  struct err *err);
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
	struct given from;
	enum text_language lang;
	double sentiment, judged, margin; /* NaN: not told */
	unsigned flags;
	struct found_topic topics[INSIGHT_HITS_MAX + INSIGHT_CORRECTED_TOPICS_MAX];
	size_t n_topics;
};
/* What was just comprehended. */
void one_of(const struct comprehension *c, uint64_t arrival, int64_t at_ms, const struct given *from, struct one *out);
NODISCARD enum err_code one_write(struct store_write *w, const struct topic_set *set, const struct one *rows, size_t n,
                                  struct err *err);

/* --- labels.c: comments with a feeling that was given or told ------------------------------------------ */

struct labelled {
	uint64_t arrival, customer;
	int64_t reader;      /* by whom it was read */
	double judged;       /* -1 .. 1; NaN: not told */
	uint8_t lang, label; /* place in insight_languages; enum text_feeling_label */
	bool told;           /* by a person who looked at it; else from its score */
	bool judges;         /* it stands for others: may say how good a model is */
};
struct labelled_list {
	struct labelled *rows; /* with a score first, newest first */
	size_t n;
};
NODISCARD enum err_code labelled_read(struct insight *x, struct arena *a, struct labelled_list *out, struct err *err);

/* quality.c */
double macro_f1(const struct insight_confusion *c);
int64_t confusion_right(const struct insight_confusion *c, int64_t *n);

/* Binds ?1 .. ?7 and ?10 of the questions that have a scope. */
void scope_bind(struct stmt *s, const struct insight_scope *scope, int64_t from_ms, int64_t to_ms);

#endif
