/*
 * Listening: surveys in immutable versions, the ways that lead to them, what
 * people answered, and the events that an answer becomes. docs/surveys.md is
 * the page for people, docs/adr/0007-listening.md says why it is cut so.
 *
 * Threads: every function may be called on any thread. What returns OK from a
 * write is on disk.
 */
#ifndef VOICE_VOICE_H
#define VOICE_VOICE_H

#include "collect/collect.h"
#include "form/form.h"
#include "store/store.h"

#define VOICE_SURVEYS_MAX 1000
#define VOICE_KEY_BYTES_MAX 64
#define VOICE_WORD_BYTES_MAX 200                    /* names of links, channels, units, environments */
#define VOICE_LINKS_MAX 10000                       /* in use, of one survey */
#define VOICE_COMMENT_BYTES_MAX ((size_t)16 * 1024) /* of a comment in an event; the response keeps all of it */

struct voice;

struct voice_options {
	struct store *store;
	struct collect *collect;
	int64_t (*now_ms)(void *ctx); /* the one clock */
	void *now_ctx;
};
NODISCARD enum err_code voice_open(const struct voice_options *opt, struct voice **out, struct err *err);
void voice_close(struct voice *v);

/* --- surveys (surveys.c) ------------------------------------------------------------------------- */

/* Only a live survey takes answers; of a paused one those under way may finish. */
enum voice_state { VOICE_DRAFT, VOICE_LIVE, VOICE_PAUSED, VOICE_CLOSED, VOICE_STATES };
extern const char *const voice_state_names[VOICE_STATES]; /* "draft", "live", "paused", "closed" */
NODISCARD bool voice_state_of(struct str name, enum voice_state *out);

struct voice_survey {
	int64_t id;
	struct str key;
	struct str name; /* JSON object of texts by language */
	int version, newest;
	enum voice_state state;
	int64_t created_ms, changed_ms;
	struct str author;
	int n_questions;
	int64_t invited, started, completed;
	struct str document; /* canonical JSON */
};
/* The newest version of each, by age. */
NODISCARD enum err_code voice_list(struct voice *v, struct arena *a, struct voice_survey **out, size_t *n,
                                   struct err *err);
/* version 0: the newest. ERR_NOT_FOUND "survey.unknown", "survey.version". */
NODISCARD enum err_code voice_get(struct voice *v, struct str key, int version, struct arena *a,
                                  struct voice_survey *out, struct err *err);
/* The document of a version, parsed. It lives as long as `v`, or as `a` when very many versions are in use. */
NODISCARD enum err_code voice_form(struct voice *v, int64_t survey, int version, struct arena *a,
                                   const struct form **out, struct err *err);

/*
 * Saves a version. `key` "": a new survey in state draft, whose key is made
 * of its title; else the newest version must be `base_version` (ERR_CONFLICT
 * "survey.stale"), and who is asked stays once somebody has begun to answer
 * ("survey.audience"). The document is checked (form_read): its first error is
 * the error, and `problems` has them all.
 */
NODISCARD enum err_code voice_save_survey(struct voice *v, struct str key, int base_version, struct str document,
                                          struct str author, struct arena *a, struct voice_survey *out,
                                          struct form_problems *problems, struct err *err);
/* Any state may follow any but draft, which ends for good with the first answer (ERR_CONFLICT "survey.answered"). */
NODISCARD enum err_code voice_set_state(struct voice *v, struct str key, enum voice_state state, struct err *err);
/* With its links and what was begun. ERR_CONFLICT "survey.answered" when there are complete responses: close it. */
NODISCARD enum err_code voice_delete_survey(struct voice *v, struct str key, struct err *err);

/* How often a survey or a link changed since the start: whoever keeps something of them knows by it when to read again.
 */
uint64_t voice_changes(const struct voice *v);

/* --- ways in (links.c, tokens.c) ------------------------------------------------------------------ */

struct voice_link {
	struct str code; /* 8 letters and digits without those that look alike */
	struct str survey, name, channel, unit, environment, about, lang;
	int64_t created_ms, expires_ms; /* 0: never */
	int64_t answers_max;            /* 0: any number; 1: single use */
	int64_t started, completed;
};
/* In use, by age. */
NODISCARD enum err_code voice_links(struct voice *v, struct str survey, struct arena *a, struct voice_link **out,
                                    size_t *n, struct err *err);
/* All but code, times and counts are given; `out` may be `link`. */
NODISCARD enum err_code voice_link_new(struct voice *v, const struct voice_link *link, struct arena *a,
                                       struct voice_link *out, struct err *err);
/* Whoever follows it afterwards is told that it is closed. */
NODISCARD enum err_code voice_link_remove(struct voice *v, struct str survey, struct str code, struct err *err);

/*
 * An invitation of one person, for one complete response. The token is
 * base64url of its number (5 bytes), its end (4 bytes, minutes since 1970) and
 * 12 bytes of HMAC-SHA256 over both with a secret of this directory: 28
 * characters, short enough for a text message. Its row is made within a write
 * of the caller, so that a decision to ask and the invitation come together.
 */
struct voice_invitation {
	struct str survey, customer; /* customer: external id */
	struct str about, journey, channel, unit, environment, lang;
	int64_t expires_ms; /* taken to the next full minute */
};
#define VOICE_TOKEN_BYTES 29 /* with the NUL */
NODISCARD enum err_code voice_invite(struct voice *v, struct store_write *w, const struct voice_invitation *i,
                                     char token[VOICE_TOKEN_BYTES], int64_t *id, struct err *err);
/* The same in a write of its own. */
NODISCARD enum err_code voice_invite_one(struct voice *v, const struct voice_invitation *i,
                                         char token[VOICE_TOKEN_BYTES], struct err *err);
/* Number of the invitation, when the seal is ours; the end is not looked at. */
NODISCARD bool voice_token_read(const struct voice *v, struct str token, int64_t *id, int64_t *expires_ms);

/* --- answering (answer.c) --------------------------------------------------------------------------- */

/* What somebody who followed a way in is to be told. */
enum voice_open {
	VOICE_OPEN,     /* here are the questions */
	VOICE_ANSWERED, /* it has been answered: thank you, once */
	VOICE_EXPIRED,  /* the way in ended at expires_ms */
	VOICE_WAITING,  /* the survey is paused or not live yet */
	VOICE_ENDED,    /* the survey, or the link, is closed */
	VOICE_OPENS
};
extern const char *const voice_open_names[VOICE_OPENS]; /* "open", "answered", "expired", "waiting", "ended" */

struct voice_start {
	struct str way;      /* a link's code, or a token; or, from a trusted caller, a survey's key */
	bool trusted;        /* the caller knows who answers: a survey's key is a way in, and `customer` counts */
	struct str response; /* code of a response to go on with; "" none, or the one of the token */
	struct str customer, anonymous;
	struct str lang, channel;     /* "" what the way in says */
	struct str about, journey;    /* trusted: what it is about; "" as the way in, or the survey, says */
	struct str unit, environment; /* trusted */
};
struct voice_session {
	enum voice_open open;
	struct str survey; /* key */
	int64_t survey_id;
	int version;             /* the response's own when there is one */
	const struct form *form; /* borrowed from the voice; also when it is not open */
	struct str response;     /* its code; "" not begun */
	struct str answers;      /* JSON object of what was answered so far */
	struct str customer, anonymous, lang, channel, unit, environment, about, journey;
	int64_t expires_ms; /* 0: never */
	bool invited;       /* by a token */
};
/* Writes nothing: a page may be fetched by machines. ERR_NOT_FOUND "survey.way" for a code or token that is not ours,
 * "survey.gone" for one whose customer or survey was erased. */
NODISCARD enum err_code voice_open_session(struct voice *v, const struct voice_start *start, struct arena *a,
                                           struct voice_session *out, struct err *err);

struct voice_saved {
	enum voice_open open; /* VOICE_OPEN: kept; VOICE_ANSWERED: it was complete before, and nothing changed */
	struct str response;  /* its code */
	bool complete;
	bool again;                    /* the same key, token or response came before */
	struct form_problems problems; /* with errors nothing was completed and nothing begun; a response that was begun
	                                  keeps what is right */
};
/*
 * Keeps answers. Answers given now replace those of the same questions, the
 * others stay; null takes one away. The first call makes the response.
 * Complete: checked as a whole against the version that was begun; then the
 * record and its events are one transaction. A double submit (same key, same
 * token, same response) counts once and is answered like the first.
 *
 * `idempotency_key` "": none. Ways that are not open: OK, and `open` says so.
 * A forged way is ERR_NOT_FOUND; so is ("survey.gone") what somebody began who was erased since, also when that
 * happens while it is kept. Answers that cannot be read ERR_INPUT.
 */
NODISCARD enum err_code voice_save(struct voice *v, const struct voice_start *start, const struct form_answers *answers,
                                   bool complete, struct str idempotency_key, struct arena *a, struct voice_saved *out,
                                   struct err *err);
/*
 * The same in three parts, for a caller who keeps many answers at once: begin,
 * run the job if there is one (store_append_jobs), end. What `start` and
 * `answers` point to stays until the end.
 */
struct voice_saving;
NODISCARD enum err_code voice_save_begin(struct voice *v, const struct voice_start *start,
                                         const struct form_answers *answers, bool complete, struct str idempotency_key,
                                         struct arena *a, struct voice_saving **out, struct err *err);
struct store_job *voice_save_job(struct voice_saving *s); /* NULL: there is nothing to write */
NODISCARD enum err_code voice_save_end(struct voice *v, struct voice_saving *s, struct voice_saved *out,
                                       struct err *err);

/* One response as it is kept. Answers of an older version, or to options that are gone, are as they were given. */
struct voice_response {
	int64_t id;
	struct str code;
	int version;
	struct str customer, anonymous, lang, channel, unit, environment, about, journey;
	int64_t started_ms, completed_ms; /* 0: not complete */
	struct str answers;               /* canonical JSON object */
	int64_t token;                    /* number of the invitation that it answers; 0: nobody was invited */
};
/* The ids under which all employees, and all observers, speak together: nobody's page, and no person. */
bool voice_shared_id(struct str id);

/* Fewer employees than these have no figures, and none of their answers is shown; more of them come out by as many. */
#define VOICE_SMALL_GROUP 5

/*
 * For people to read: those of a survey behind an id, as below. Of employees only complete ones, when there are enough
 * of them, with the day in place of the moment and without what leads to somebody: way, unit, place, language; of one
 * unit's employees none.
 */
NODISCARD enum err_code voice_responses_shown(struct voice *v, const struct voice_survey *s, int64_t after,
                                              struct str unit, size_t limit, struct arena *a,
                                              struct voice_response **out, size_t *n, struct err *err);
/* Those behind an id, in order, at most limit (1 to 10,000), of a unit and those below it; "" all. */
NODISCARD enum err_code voice_responses(struct voice *v, int64_t survey, int64_t after, bool complete, struct str unit,
                                        size_t limit, struct arena *a, struct voice_response **out, size_t *n,
                                        struct err *err);
/* Makes invited, started and completed of `s` those of a unit and those below it. */
NODISCARD enum err_code voice_counts_of_unit(struct voice *v, struct voice_survey *s, struct str unit, struct err *err);

/* --- events (events.c); pure ------------------------------------------------------------------------ */

/*
 * What a complete response becomes: one event of the name "Survey: KEY" for
 * each answered question with a scored metric, each with the words that
 * follow it; one for each comment that follows none; one when there is
 * neither. docs/events.md lists the properties.
 */
struct voice_answered {
	struct str survey; /* key */
	int version;
	const struct form *form;
	const struct voice_response *response;
	const struct form_answers *answers;
};
NODISCARD enum err_code voice_events(const struct voice_answered *r, struct arena *a, struct wire_event **out,
                                     size_t *n, struct err *err);

/* The rest of the public header, by topic. */
#include "voice/results.h"
#include "voice/reviews.h"

extern const struct store_personal voice_personal[]; /* what is held of a person */

#endif
