/*
 * What the program reads in comments: their language, how they feel, what
 * they speak of and in which words; which topics are spoken of, by how many,
 * and which more than the past lets expect. docs/methods/text-topics.md.
 *
 * It follows the inbox by a mark of its own and reads history again when the
 * set of topics changes. Nothing here is what people said: it is derived.
 * Thread-safe.
 */
#ifndef INSIGHT_INSIGHT_H
#define INSIGHT_INSIGHT_H

#include "inbox/inbox.h"
#include "stats/stats.h"
#include "text/text.h"

#define INSIGHT_HITS_MAX 64 /* of one comment */

struct insight;
NODISCARD enum err_code insight_open(struct store *st, struct inbox *inbox, struct insight **out, struct err *err);
/* Starts the thread that reads what comes in; news as of inbox_follow. */
NODISCARD enum err_code insight_follow(struct insight *x, void (*news)(void *ctx), void *ctx, struct err *err);
bool insight_follows(const struct insight *x);
/* The log is read up to here. */
uint64_t insight_mark(const struct insight *x);
/*
 * Who is one customer: replaces n identities, `stride` bytes apart, by the
 * customers that they are of now. Without it each identity is one. Before
 * anybody asks.
 */
typedef void (*insight_customers_fn)(void *ctx, uint32_t *identities, size_t n, size_t stride);
void insight_people(struct insight *x, insight_customers_fn customers, void *ctx);
/* Reads what the inbox has by now, and what an older set of topics was used for. */
NODISCARD enum err_code insight_catch_up(struct insight *x, struct err *err);
void insight_stop(struct insight *x);
void insight_close(struct insight *x); /* accepts NULL */

/* --- the set of topics --------------------------------------------------------------------------- */

struct insight_topics {
	struct str document;
	int version; /* 0: the one that comes with the program */
	int64_t saved_ms;
	struct str author;
	int64_t to_read_again; /* comments that an older set was used for */
};
/* Comments that older topics or other models were used for; it becomes 0 as they are read again. */
NODISCARD enum err_code insight_to_read_again(struct insight *x, int64_t *out, struct err *err);
NODISCARD enum err_code insight_topics(struct insight *x, struct arena *a, struct insight_topics *out, struct err *err);
/* One that was saved before, 0: the one that comes with the program. ERR_NOT_FOUND "insight.version". */
NODISCARD enum err_code insight_topics_version(struct insight *x, int version, struct arena *a,
                                               struct insight_topics *out, struct err *err);
#define INSIGHT_VERSIONS_MAX 50
/* Those that were saved, newest first, at most INSIGHT_VERSIONS_MAX; without documents. */
NODISCARD enum err_code insight_topics_versions(struct insight *x, struct arena *a, struct insight_topics **out,
                                                size_t *n, struct err *err);
/*
 * A new version; history is read again with it. Errors: those of
 * text_topics_read; ERR_CONFLICT "insight.topics" when `version` is not the
 * newest, because somebody else saved in between.
 */
NODISCARD enum err_code insight_topics_put(struct insight *x, struct str document, int version, struct str author,
                                           int64_t now_ms, struct err *err);

/* The topics of the newest set, in its order. */
struct insight_name {
	struct str key;
	struct str names[TEXT_IN_LATIN];
	bool policy;
};
NODISCARD enum err_code insight_names(struct insight *x, struct arena *a, struct insight_name **out, size_t *n,
                                      struct err *err);

/* --- one comment ---------------------------------------------------------------------------------- */

struct insight_said {
	struct str topic; /* key */
	bool added;       /* by a person: no words stand for it, `at` is empty */
	struct str names[TEXT_IN_LATIN];
	bool policy;
	struct text_span at; /* bytes of the comment */
	bool felt;
	double sentiment; /* of the part of the comment that it stands in; with `felt` */
};
struct insight_comment {
	struct str lang; /* "en", "ar", "fa", "mixed", "latin", "other" */
	bool felt;       /* false: it has no word, or is in none of the three languages, and nobody said how it feels */
	double sentiment; /* -1 .. 1 */
	bool judged_felt; /* as the program reads it, whatever people said */
	double judged;
	unsigned flags; /* of enum text_flag */
	struct insight_said *said;
	size_t n;
};

/* In short, for those who decide by it: as it is kept, with what people said of it; one that is not kept yet is read.
 */
struct insight_heard {
	struct str lang;
	bool felt;
	double sentiment;
	struct insight_heard_topic {
		struct str topic; /* each once */
		bool felt;
		double sentiment; /* mean of the parts that speak of it; with `felt` */
	} * topics;
	size_t n;
};
NODISCARD enum err_code insight_heard(struct insight *x, uint64_t arrival, struct str comment, struct str lang,
                                      struct arena *a, struct insight_heard *out, struct err *err);

/* How comments feel, -1 .. 1; NaN where it is not told, or not read yet. */
NODISCARD enum err_code insight_sentiments(struct insight *x, const uint64_t *arrivals, size_t n, double *out,
                                           struct err *err);

/* --- corrections ------------------------------------------------------------------------------------- */

/*
 * What people said about how a comment is read. It wins over the program in
 * every figure from that moment on, and when history is read again. A feeling
 * is that of the whole comment, 1, 0 or -1; a part that speaks of a topic takes
 * it when the program gave that part what it gave the whole, and was wrong with
 * it, and keeps its own otherwise. docs/methods/text-corrections.md.
 */
enum insight_chosen { INSIGHT_BY_HAND, INSIGHT_DOUBTFUL, INSIGHT_BY_CHANCE, INSIGHT_CHOSEN };
extern const char *const insight_chosen_names[INSIGHT_CHOSEN]; /* "hand", "doubt", "chance" */
#define INSIGHT_AS_READ (-1)
#define INSIGHT_CORRECTED_TOPICS_MAX 20 /* added to a comment, and dropped from it */
#define INSIGHT_TOPIC_BYTES_MAX 200

struct insight_correction {
	int feeling;               /* enum text_feeling_label, or INSIGHT_AS_READ */
	struct str added, dropped; /* JSON arrays of keys of topics, distinct */
};
struct insight_corrected { /* what holds */
	struct insight_correction is;
	int64_t step; /* the newest; 0: nobody said anything, or all was taken back */
	enum insight_chosen chosen;
	int64_t at_ms;
	struct str author;
};
NODISCARD enum err_code insight_corrected(struct insight *x, uint64_t arrival, struct arena *a,
                                          struct insight_corrected *out, struct err *err);

struct insight_change {
	bool set_feeling;
	int feeling; /* as above; INSIGHT_AS_READ takes it back */
	const struct str *add, *drop;
	size_t n_add, n_drop;
	bool from_queue; /* it was met in insight_queue, which knows for what it gave it out; else by hand. Counts where
	                    nobody has said anything yet */
	struct str author;
	int64_t now_ms;
};
/*
 * A step. A topic that was dropped is not when it is added, and the other way
 * round.
 * Errors: ERR_NOT_FOUND "inbox.unknown" for an arrival that has no comment;
 * ERR_INPUT "insight.correction" when nothing would change, "insight.topic"
 * for a key that no topic has; ERR_LIMIT above INSIGHT_CORRECTED_TOPICS_MAX.
 */
NODISCARD enum err_code insight_correct(struct insight *x, uint64_t arrival, const struct insight_change *c,
                                        struct err *err);
/* What held before step `step` holds again, as a step of its own; done twice it is as before. ERR_CONFLICT
 * "insight.step" when that is not the newest. */
NODISCARD enum err_code insight_correct_undo(struct insight *x, uint64_t arrival, int64_t step, struct str author,
                                             int64_t now_ms, struct err *err);

struct insight_step {
	int64_t id, at_ms;
	struct str author;
	enum insight_chosen chosen;
	bool judged_felt;
	double judged;
	struct insight_correction was, is;
};
/* Newest first, at most `max`. */
NODISCARD enum err_code insight_steps(struct insight *x, uint64_t arrival, size_t max, struct arena *a,
                                      struct insight_step **out, size_t *n, struct err *err);

/* Reads a comment now, by the newest set; lang is its language when that is known, `correction` what people said of it
 * (NULL: nothing). */
NODISCARD enum err_code insight_read(struct insight *x, struct str comment, struct str lang,
                                     const struct insight_correction *correction, struct arena *a,
                                     struct insight_comment *out, struct err *err);

/* --- figures ------------------------------------------------------------------------------------------ */

struct insight_scope {
	int64_t from_ms, to_ms;
	struct str events; /* as of struct inbox_filter */
	struct str source, channel, unit, lang;
	struct str arrivals; /* JSON array of numbers: only these; {NULL,0} any */
	/* What rises is told from days before a set of arrivals may begin: until when, INT64_MAX to the newest comment,
	 * and the set without a beginning; {NULL,0}: as arrivals. */
	int64_t rise_to_ms;
	struct str ever;
};

struct insight_topic {
	struct str key;
	struct str names[TEXT_IN_LATIN];
	bool policy;
	int64_t n, customers;
	struct stats_estimate share;     /* of the comments */
	struct stats_estimate sentiment; /* mean of those that feel, clustered by customer */
	struct stats_estimate negative;  /* share of those that feel */
	struct stats_estimate score;     /* mean score on 0..100 of those that have one, clustered by customer */
	/* More than the past lets expect: the first of the last days that was, still going on. */
	bool rising;
	int64_t since_ms;
	struct stats_surprise surprise; /* of the day that surprised most */
	double p_adjusted;              /* of that day, over all topics and days looked at */
};
#define INSIGHT_DAYS 14      /* looked at, before the scope's end */
#define INSIGHT_PAST_DAYS 56 /* that they are compared with */
#define INSIGHT_FALSE .05    /* expected share of false alarms among alarms */
#define INSIGHT_FLOOR 1.5    /* at least so many times what was expected */

struct insight_topic_list {
	struct insight_topic *topics; /* most comments first; those without any last */
	size_t n;
	int64_t comments, customers, felt;
	struct stats_estimate sentiment; /* of all comments */
};
/*
 * zone_ms: how far the days of the reader are ahead of UTC. Days end with the
 * scope, or with the newest comment where the scope is open (INT64_MAX).
 * Cost: linear in all comments; figures are counted from memory, some 110 bytes a comment.
 */
NODISCARD enum err_code insight_topic_list(struct insight *x, const struct insight_scope *s, int64_t zone_ms,
                                           struct arena *a, struct insight_topic_list *out, struct err *err);

struct insight_quote {
	uint64_t arrival;
	struct str comment;
	bool felt;
	double sentiment;
};
/*
 * Comments that stand for what most say of a topic: nearest to the median
 * feeling among the newest 2,000, of 20 to 400 bytes where there are such,
 * no two alike.
 */
NODISCARD enum err_code insight_quotes(struct insight *x, const struct insight_scope *s, struct str topic, size_t max,
                                       struct arena *a, struct insight_quote **out, size_t *n, struct err *err);

struct insight_phrase {
	enum text_tongue tongue;
	struct str words;  /* folded, as a seed may be written */
	int64_t n, others; /* comments that say it: of the topic, and of the rest */
	double z;          /* how much more those of the topic do (text_log_odds_z) */
};
#define INSIGHT_PHRASES_MAX 60
/*
 * What the comments of a topic say more than others: what a part of it may be
 * told by. Of the newest 10,000 comments of the scope; the most telling first,
 * at most INSIGHT_PHRASES_MAX. ERR_NOT_FOUND "insight.no_topic" for a key that
 * no topic has.
 */
NODISCARD enum err_code insight_phrases(struct insight *x, const struct insight_scope *s, struct str topic,
                                        struct arena *a, struct insight_phrase **out, size_t *n, int64_t *comments,
                                        struct err *err);

struct insight_mood {
	struct str key; /* "emotion.joy" …, "level.rational" …, in the order of the shipped document */
	struct str names[TEXT_IN_LATIN];
	int64_t n;
	struct stats_estimate share; /* of the comments looked at */
};
struct insight_moods {
	struct insight_mood *moods;
	size_t n;
	int64_t comments; /* looked at: the newest INSIGHT_MOODS_MAX of the scope, those in other languages left out */
};
#define INSIGHT_MOODS_MAX 20000
/* How many comments name an emotion or a level of engagement, and do not deny it. docs/methods/text-moods.md. */
NODISCARD enum err_code insight_moods(struct insight *x, const struct insight_scope *s, struct arena *a,
                                      struct insight_moods *out, struct err *err);

/* Themes that no topic names, of the newest TEXT_CORPUS_TEXTS_MAX / 5 comments of the scope. */
NODISCARD enum err_code insight_themes(struct insight *x, const struct insight_scope *s, size_t themes, struct arena *a,
                                       struct text_themes *out, struct err *err);

/* What is held of a person; and after it was erased: figures do without the comments of these arrivals,
 * in ascending order, from now on. */
extern const struct store_personal insight_personal[];
void insight_forget(struct insight *x, const uint64_t *arrivals, size_t n);

#include "insight/learn.h"
#include "insight/series.h"

#endif
