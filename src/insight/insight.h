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
NODISCARD enum err_code insight_topics(struct insight *x, struct arena *a, struct insight_topics *out, struct err *err);
/*
 * A new version; history is read again with it. Errors: those of
 * text_topics_read; ERR_CONFLICT "insight.topics" when `version` is not the
 * newest, because somebody else saved in between.
 */
NODISCARD enum err_code insight_topics_put(struct insight *x, struct str document, int version, struct str author,
                                           int64_t now_ms, struct err *err);

/* --- one comment ---------------------------------------------------------------------------------- */

struct insight_said {
	struct str topic; /* key */
	struct str names[TEXT_IN_LATIN];
	bool policy;
	struct text_span at; /* bytes of the comment */
	bool felt;
	double sentiment; /* of the part of the comment that it stands in; with `felt` */
};
struct insight_comment {
	struct str lang;  /* "en", "ar", "fa", "mixed", "latin", "other" */
	bool felt;        /* false: it has no word, or is in none of the three languages */
	double sentiment; /* -1 .. 1 */
	unsigned flags;   /* of enum text_flag */
	struct insight_said *said;
	size_t n;
};
/* Reads a comment now, by the newest set; lang is its language when that is known. */
NODISCARD enum err_code insight_read(struct insight *x, struct str comment, struct str lang, struct arena *a,
                                     struct insight_comment *out, struct err *err);

/* --- figures ------------------------------------------------------------------------------------------ */

struct insight_scope {
	int64_t from_ms, to_ms;
	struct str events; /* as of struct inbox_filter */
	struct str source, channel, unit, lang;
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
 * Cost: linear in the comments of the scope and of INSIGHT_PAST_DAYS.
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

/* Themes that no topic names, of the newest TEXT_CORPUS_TEXTS_MAX / 5 comments of the scope. */
NODISCARD enum err_code insight_themes(struct insight *x, const struct insight_scope *s, size_t themes, struct arena *a,
                                       struct text_themes *out, struct err *err);

#endif
