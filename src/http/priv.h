/*
 * What the files of http/ share. A request becomes a `struct http_call`: who
 * asks, for what, with which body. A handler reads it, calls the domain and
 * writes the answer into it; nobody above server.c knows the transport.
 */
#ifndef HTTP_PRIV_H
#define HTTP_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/coding.h"
#include "base/embed.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/when.h"
#include "base/words.h"
#include "http/http.h"

/* --- the call ------------------------------------------------------------------------------ */

enum http_lane { LANE_PRODUCT, LANE_EVENTS, LANE_COLLECT, LANE_ANSWER, LANE_SIGN_IN, LANES };
enum http_body {
	BODY_NONE,
	BODY_JSON,
	BODY_FORM,
	BODY_INGEST,
	BODY_TABLE,
	BODY_UPLOAD
}; /* the last two go to a file */
enum http_flag {
	ROUTE_KEY = 1,     /* a write key says who it is; no cookie is looked at */
	ROUTE_NO_CSRF = 2, /* changes something, but not in the name of a session */
	ROUTE_SOCKET = 4,  /* needs a connection: not for http_local */
	ROUTE_PUBLIC = 8,  /* for anybody, from any site: no cookie is looked at */
	ROUTE_TOKEN = 128, /* also of whoever has the token of DIR/metrics.token */
	ROUTE_LIVE = 64,   /* of a live protocol, without a key of its own: what is answered carries CORS */
	/* Of somebody who sees one unit (unit.c); without either, and without a parameter "unit", the route is refused.
	 */
	ROUTE_UNIT_ROWS = 16, /* the handler leaves out what lies outside */
	ROUTE_UNIT_FREE = 32, /* says nothing of what happened in a unit */
};

struct http_call;
typedef enum err_code (*http_handler)(struct http_call *c, struct err *err);

struct http_route {
	const char *method, *path; /* "/api/maps/{map}/versions": a segment in braces is a parameter */
	enum govern_role role;     /* the least that may; NOBODY: everybody */
	http_handler handler;
	const char *name;  /* for OpenAPI and TypeScript */
	const char *query; /* names of query parameters, separated by spaces; "" none */
	enum http_body body;
	enum http_lane lane;
	unsigned flags;
};
extern const struct http_route http_routes[];
extern const size_t http_route_count;

/* The request headers that anybody looks at. */
enum http_header {
	H_AUTHORIZATION,
	H_COOKIE,
	H_CSRF,
	H_ORIGIN,
	H_HOST,
	H_FETCH_SITE,
	H_ENCODING,
	H_ACCEPT_ENCODING,
	H_CORS_HEADERS,
	H_IF_NONE_MATCH,
	H_ACCEPT_LANGUAGE,
	H_IDEMPOTENCY,
	HTTP_HEADERS
};
extern const char *const http_header_names[HTTP_HEADERS];

#define CALL_ARENA_BYTES (256 * MIB) /* of one request: ERR_NO_MEMORY past it */
#define CALL_OUT_BYTES (256 * MIB)
#define CALL_PARAMS_MAX 2
#define CALL_HEADERS_MAX 12
#define CALL_MEMBERS_MAX 32
#define CALL_SENT_MAX 64

/*
 * An endless answer (text/event-stream). event writes the next state not seen yet (true), or answers false with *ended,
 * or registers `wake`, which is called once when there is news. release gives back the reference of the call.
 */
struct watch {
	bool (*event)(struct watch *w, uint64_t *seen, struct buf *out, bool *ended, void (*wake)(void *ctx),
	              void *ctx);
	void (*release)(struct watch *w);
};

/* What a handler leaves when its answer waits for the disk: lanes that answer many at once write the jobs of all in one
 * go. */
struct http_later {
	struct store_job *job; /* NULL: there is nothing to wait for */
	enum err_code (*answer)(struct http_call *c, void *ctx, struct err *err); /* once the job has run */
	void *ctx;
};

struct http_call {
	struct http *h;
	const struct http_route *route;
	struct arena *arena;
	struct str method, path; /* path as sent, "/" in front */
	struct str params[CALL_PARAMS_MAX];
	struct str_pair *query;
	size_t n_query; /* decoded */
	struct str headers[HTTP_HEADERS];
	struct str_pair *sent; /* headers that protocols add ("ce-", "webhook-", "x-"), names in lower case */
	size_t n_sent;
	struct str peer;          /* address as text, "" for local ones */
	struct str body;          /* in memory ... */
	struct str_pair *members; /* of its JSON object, with the bytes of their values; NULL: not known */
	size_t n_members;
	const char *body_path;
	int64_t body_bytes; /* ... or a file, removed after the call unless body_path is NULL by then */

	bool local; /* over the local socket, or http_local */
	bool signed_in;
	enum govern_role role;
	struct govern_session session; /* when signed_in and not local */

	int status;               /* 0: 200, or by the error */
	const char *content_type; /* NULL: application/json */
	struct buf out;
	struct str_pair answer[CALL_HEADERS_MAX];
	size_t n_answer;     /* headers; in the arena or static */
	int fd;              /* >= 0: the answer is this file, closed after it */
	struct watch *watch; /* the answer is what it tells */
	const void *fixed;
	size_t n_fixed; /* the answer is these bytes, which outlive it */
	struct http_later later;
};

/* --- the server's parts -------------------------------------------------------------------------- */

struct job_table;
struct feed;
struct counts;
struct cache;
struct server;

struct http {
	struct http_options opt;
	_Atomic(struct ask *) ask; /* NULL until http_ready */
	_Atomic(struct maps *) maps;
	atomic_uint map_generation; /* counts what makes cached measurements stale without a new event */
	struct people *people;      /* segments */
	struct job_table *jobs;
	struct feed *feed; /* news of the inbox */
	struct counts *counts;
	struct cache *cache;
	struct server *server;
};

static inline int64_t call_now(struct http_call *c)
{
	return c->h->opt.now_ms(c->h->opt.now_ctx);
}

/*
 * route.c: the name of the session's cookie. Cookies do not tell ports apart, so the port that the browser asked is
 * part of the name, or two servers on one machine would sign each other out.
 */
const char *route_cookie(struct http_call *c);
/* Finds the route; ERR_NOT_FOUND, or 405 in *status with the methods that the path has in the arena. */
NODISCARD enum err_code route_find(struct http_call *c, struct err *err);
/* Who asks, and whether that one may. */
NODISCARD enum err_code route_permit(struct http_call *c, struct err *err);
/* Permit (unless done), run, render an error. Never fails: the answer is in the call. */
void route_answer(struct http_call *c, bool permitted);
/* The same in two parts: when begin says true, later.job is to be run before the end. */
NODISCARD bool route_begin(struct http_call *c, bool permitted);
void route_end(struct http_call *c);

/* unit.c: how a route treats somebody who sees one unit. */
enum unit_way { UNIT_WHOLE, UNIT_ASKED, UNIT_ROWS, UNIT_FREE, UNIT_WAYS };
extern const char *const unit_way_names[UNIT_WAYS]; /* "whole", "asked", "rows", "free" */
enum unit_way unit_way(const struct http_route *r);
/* Refuses a route about the whole organisation, and puts the own unit in place of a "unit" that is not given. */
NODISCARD enum err_code unit_permit(struct http_call *c, struct err *err);
struct str call_unit(const struct http_call *c); /* "" the whole organisation */
bool call_sees(const struct http_call *c, struct str unit);
/* ERR_DENIED "unit.outside" unless the unit is the own one or below it. */
NODISCARD enum err_code unit_need(const struct http_call *c, struct str unit, struct err *err);

/* request.c */
/* Cuts "PATH?QUERY" and decodes the query; ERR_INPUT "http.url" for broken percent codes, NUL, control bytes or bad
 * UTF-8. */
NODISCARD enum err_code request_target(struct http_call *c, struct str target, struct err *err);
struct str query_get(const struct http_call *c, const char *key); /* the first; {NULL,0} absent */
NODISCARD enum err_code query_i64(const struct http_call *c, const char *key, int64_t min, int64_t max,
                                  int64_t otherwise, int64_t *out, struct err *err);
struct str cookie_get(struct str header, const char *name);
/* The body as a JSON object; ERR_INPUT when it is none. */
NODISCARD enum err_code body_object(struct http_call *c, struct str *out, struct err *err);
/* The bytes of a member's value; of several with one name the first. False when there is none. */
NODISCARD bool body_member(const struct http_call *c, const char *key, struct str *out);
/* A member of it. `required` absent is ERR_INPUT naming the field; otherwise absent leaves *out alone. */
NODISCARD enum err_code body_text(struct http_call *c, const char *key, bool required, struct str *out,
                                  struct err *err);
/* The source that the address names. */
NODISCARD enum err_code source_id(struct http_call *c, uint32_t *id, struct err *err);
NODISCARD enum err_code body_bool(struct http_call *c, const char *key, bool *out, bool *given, struct err *err);
/* Milliseconds within 1900 to 2100; absent and null are not given. */
NODISCARD enum err_code body_time(struct http_call *c, const char *key, int64_t *out, bool *given, struct err *err);
/* ERR_INPUT "user.nobody" unless it is "", a login or a mail address: whom work can be given to. */
NODISCARD enum err_code person_need(struct http_call *c, struct str name, const char *field, struct err *err);

/*
 * export.c: ?format=csv|xlsx. export_check refuses another format before the question is asked; export_answer turns the
 * JSON of an answer into the file that was asked for. Both leave everything but questions alone.
 */
bool export_has(const struct http_route *r);
NODISCARD enum err_code export_check(struct http_call *c, struct err *err);
NODISCARD enum err_code export_answer(struct http_call *c, struct err *err);

/* answer.c */
void answer_problem(struct http_call *c, const struct err *err); /* into the call, with status, Retry-After */
void problem_members(struct json_out *j, const struct err *err, int status); /* without the braces */
const char *status_title(int status);
void answer_header(struct http_call *c, const char *name, struct str value); /* value is borrowed; names are literals */
void answer_empty(struct http_call *c, int status);
/* ETag of the bytes in out; 304 and no body when the client has them. */
void answer_tagged(struct http_call *c);

/* scope.c: SCOPE of docs/api.md */
struct scope {
	int version; /* 0: newest */
	struct maps_scope maps;
	struct str segment; /* as asked for: a key or a rule; empty none */
};
/* A moment: ms, or ISO; without an offset by the wall clock of the organisation. Absent: *out stays. */
NODISCARD enum err_code time_read(struct http_call *c, const char *key, int64_t *out, struct err *err);
NODISCARD enum err_code scope_read(struct http_call *c, struct scope *out, struct err *err);
NODISCARD enum err_code scope_text(struct arena *a, const struct scope *s, struct str *out,
                                   struct err *err); /* for cache keys */
/* What dates mean in a rule: the organisation's zone. clock_close after OK. */
struct org_clock {
	struct zone *zone;
	struct people_clock clock;
};
NODISCARD enum err_code clock_open(struct http_call *c, struct org_clock *out, struct err *err);
void clock_close(struct org_clock *k);
/* The segment of a scope once more, into an arena that lives longer than the call; NULL without one. */
NODISCARD enum err_code scope_segment(struct http_call *c, struct str key_or_rule, struct arena *a,
                                      const struct journey_segment **out, struct err *err);
/* A body that goes to a file (BODY_TABLE), to be read from its start; without a connection it came in memory. -1: it
 * cannot be. */
NODISCARD int body_open(struct http_call *c);
NODISCARD enum err_code locale_read(struct http_call *c, struct locale *out, struct err *err);
NODISCARD enum err_code filter_parse(struct str text, struct journey_filter *out, struct err *err);
/* The engine and the maps, or 503 while the index is being read. */
NODISCARD enum err_code need_ask(struct http_call *c, struct ask **out, struct err *err);
NODISCARD enum err_code need_maps(struct http_call *c, struct maps **out, struct err *err);

/*
 * cache.c: what was measured and drawn, by key, at most CACHE_ENTRIES and
 * CACHE_BYTES of bytes, the least recently used goes first. Two that want the
 * same at once: one makes it, the other waits. An entry stays readable until
 * it is put back, even when it was dropped meanwhile.
 */
#define CACHE_ENTRIES 48
struct cache_entry {
	struct arena arena;
	struct maps_measured measured;    /* of a map's measurement */
	struct ask_activities activities; /* of a question */
	struct ask_graph graph;           /* of a simplified graph */
	struct buf bytes;                 /* of a drawing */
	struct cache_entry *under;        /* what it points into, kept as long; NULL nothing */
	/* cache.c's own */
	struct cache_entry *newer;
	char *key;
	int users;
	bool making, dropped;
	enum err_code rc;
};
typedef enum err_code (*cache_make)(void *ctx, struct cache_entry *e, struct err *err);
struct cache *cache_new(void);
void cache_free(struct cache *c); /* no entry may be in use */
NODISCARD enum err_code cache_get(struct cache *c, struct str key, cache_make make, void *ctx, struct cache_entry **out,
                                  struct err *err);
void cache_put(struct cache *c, struct cache_entry *e);
/* From inside a cache_make: `under`, which the caller has, stays readable for as long as e does. NULL is fine. */
void cache_under(struct cache *c, struct cache_entry *e, struct cache_entry *under);

/* jobs.c: long work on one thread, in order, with its progress. */
struct job_table *jobs_new(struct http *h);
void jobs_stop(struct job_table *t); /* cancels and waits; the table stays readable */
void jobs_free(struct job_table *t);
/* Takes `job` (heap, paths included). */
NODISCARD enum err_code jobs_import(struct job_table *t, struct collect_import *job, struct arena *names,
                                    struct str *id, struct err *err);
/*
 * Other long work. `run` calls job_tell now and then with how much is done of
 * 1, which says whether it is to stop, and leaves its result as JSON in the
 * arena. Takes ctx, from malloc, when it succeeds. While work of that kind
 * waits or runs, it is that one.
 */
struct job;
typedef enum err_code (*job_run)(struct http *h, void *ctx, struct job *j, struct arena *a, struct str *result,
                                 struct err *err);
NODISCARD enum err_code jobs_run(struct job_table *t, const char *kind, job_run run, void *ctx, struct str *id,
                                 struct err *err);
NODISCARD bool job_tell(struct job *j, double share);
struct str jobs_running(struct job_table *t, const char *kind,
                        struct arena *a); /* id of the one that is not done; "" */
NODISCARD enum err_code job_json(struct job_table *t, struct str id, struct buf *out, struct err *err);
NODISCARD enum err_code job_cancel(struct job_table *t, struct str id, struct err *err);
/* Takes a reference, for an event stream. */
NODISCARD enum err_code job_watch(struct job_table *t, struct str id, struct watch **out, struct err *err);

/* feed.c: tells pages that the inbox has news, and nothing more; they ask again for what they show. */
struct feed *feed_new(void);
void feed_news(struct feed *f);
void feed_beat(struct feed *f); /* now and then, so that streams whose reader is gone end */
void feed_stop(struct feed *f); /* streams end */
void feed_free(struct feed *f);
struct watch *feed_watch(struct feed *f);

/* counts.c: a stream of the sums of all sources; takes a reference. */
struct counts *counts_new(struct http *h);
NODISCARD enum err_code counts_watch(struct counts *k, struct watch **out, struct err *err);
void counts_beat(struct counts *k);
void counts_stop(struct counts *k);
void counts_free(struct counts *k);
/*
 * source_routes.c: what follows the log besides the figures, each by a mark of its own, and how many events each of
 * them has not read of those before end.
 */
enum follower { FOLLOWER_INBOX, FOLLOWER_CONTACT, FOLLOWER_TEXTS, FOLLOWER_FOLLOW_UPS, FOLLOWERS };
extern const char *const follower_names[FOLLOWERS];
void followers_behind(struct http *h, uint64_t end, int64_t out[FOLLOWERS]);
/* source_routes.c: what it tells: {"lag_events","sums","sources":[{"id","last_received_ms","sums"}]}. */
NODISCARD enum err_code sources_put(struct http *h, struct arena *a, struct buf *out, struct err *err);

/* server.c: what it has to do at this moment. */
struct server_load {
	int waiting[LANES];
	int64_t sender_full[LANES], full[LANES]; /* turned away since the start */
	int64_t connections, held_bytes;
};
extern const char *const http_lane_names[LANES];
void server_load(struct server *s, struct server_load *out);
/* metrics.c: the request carries the token of DIR/metrics.token. */
bool metrics_token_is(struct http_call *c);

/* unpack.c: the body as text, at most HTTP_INFLATED_BYTES_MAX, whatever it is packed in and called. */
NODISCARD enum err_code unpack(struct http_call *c, struct str *out, struct err *err);
/* live.c: the source of the write key that was sent in one of its places; ERR_DENIED with status 401. And what lets
 * pages of other sites read the answer. */
NODISCARD enum err_code write_key_source(struct http_call *c, struct str body, uint32_t *source, struct err *err);
/* The same where it stands outside the body; false: nowhere there. */
NODISCARD bool live_source(struct http_call *c, uint32_t *source);
void answer_cors(struct http_call *c);
/* result_routes.c: which answers the request means: from, to, version, language, channel, unit, segment. */
NODISCARD enum err_code results_scope(struct http_call *c, struct voice_results_query *out, struct err *err);
/* The results of a survey in that scope, weighted as the request says. */
NODISCARD enum err_code results_read(struct http_call *c, struct str survey, struct voice_results *out,
                                     struct err *err);
/* result_weights.c: the customers of a segment (key or rule), by the ids that they are shown by. */
struct members;
NODISCARD enum err_code members_read(struct http_call *c, struct str key_or_rule, struct members **out,
                                     struct err *err);
bool members_takes(void *ctx, struct str customer);
/* `weight`: channel, language, unit, segment:KEY and behaviour, separated by commas. ERR_INPUT "weights.by",
 * ERR_LIMIT "weights.many". */
NODISCARD enum err_code weigh_read(struct http_call *c, struct voice_weigh *out, struct err *err);
/* "weighting": what the answers were weighted by, or why not; null when it was not asked for. */
void put_weighting(struct json_out *o, struct http_call *c, const struct voice_weighting *w);
/* survey_routes.c: "problems": [...] in the reader's language. */
void put_form_problems(struct json_out *o, const struct form_problems *p, const struct locale *l, struct arena *a);
/*
 * reply.c: words to the customer of a feedback, by the channel that is wished for ("" the best there is an address
 * for). ERR_INPUT "reply.address" when none is known. The same words to the same feedback go once.
 */
struct reply {
	struct str channel, message; /* by which it went, and its number in the outbox */
};
NODISCARD enum err_code reply_send(struct http_call *c, const struct inbox_row *to, struct str text, struct str wish,
                                   struct reply *out, struct err *err);
struct str call_author(const struct http_call *c); /* login of who asks */
/* Without a thread that follows the log, inbox and follow-ups are brought up to date now. feedback_routes.c */
NODISCARD enum err_code feedback_fresh(struct http_call *c, struct err *err);
/* The filter of a question; its words go to *words, or are left out with NULL. */
NODISCARD enum err_code feedback_filter(struct http_call *c, struct search_query *words, struct inbox_filter *out,
                                        struct err *err);
/* The comments of ?touchpoint= or ?stage= of ?map= in its SCOPE, as a JSON array of arrivals; *out stays without
 * either. `ever`: of journeys that began before `from` too. cell.c */
NODISCARD enum err_code cell_comments(struct http_call *c, bool ever, struct str *out, struct err *err);
/* Inbox, follow-ups and what is read in comments are brought up to date. topic_routes.c */
NODISCARD enum err_code heard_fresh(struct http_call *c, struct err *err);
/* topic_routes.c: of which comments a page of topics asks. */
NODISCARD enum err_code topic_scope_read(struct http_call *c, struct insight_scope *out, struct err *err);
void topic_names_put(struct json_out *o, const struct str *names); /* of TEXT_IN_LATIN tongues */
/* Units of UTF-16 from byte a to byte b: what a page cuts texts by. */
int64_t utf16_between(struct str s, size_t a, size_t b);
/* model_routes.c: members of the model in use of a language, and how good it is here. */
void quality_put(struct json_out *o, size_t lang, const struct insight_in_use *use, const struct insight_quality *q);
/* What is read in a comment, and what people said of that (arrival NULL: it is nobody's), into an object that is open.
 * topic_routes.c */
NODISCARD enum err_code heard_put(struct json_out *o, struct http_call *c, const uint64_t *arrival, struct str comment,
                                  struct str lang, struct err *err);
void correction_put(struct json_out *o, const struct insight_correction *k); /* correction_routes.c: its members */
/* The feedback of the address, as the inbox has it by now; what somebody may not see is not there for them. */
NODISCARD enum err_code feedback_arrival(struct http_call *c, uint64_t *out, struct err *err);
NODISCARD enum err_code feedback_answer(struct http_call *c, uint64_t arrival, struct err *err);
/* A member that is an array of at most INBOX_TAGS_MAX texts; absent: none. */
NODISCARD enum err_code texts_read(struct http_call *c, const char *key, struct str **out, size_t *n, struct err *err);
/* praise_routes.c: "praise": who is thanked in it. */
NODISCARD enum err_code praised_put(struct json_out *o, struct http_call *c, const struct inbox_row *r,
                                    struct err *err);
NODISCARD enum err_code feedback_put(struct json_out *o, struct http_call *c, const struct inbox_row *r,
                                     const struct journey_rules *rules, const struct search_query *q, struct err *err);

/* uploads.c */
NODISCARD enum err_code uploads_folder(struct http *h, struct arena *a, const char **path,
                                       struct err *err); /* made when absent */
NODISCARD enum err_code upload_path(struct http *h, struct str id, struct arena *a, const char **path, struct str *name,
                                    struct err *err);
void uploads_sweep(struct http *h); /* removes what is older than a day */

/* files of handlers */
#define HANDLER(name) enum err_code name(struct http_call *c, struct err *err)
HANDLER(get_metrics);
HANDLER(get_source_counts);
HANDLER(get_quiet);
HANDLER(get_aside_reasons);
HANDLER(get_session);
HANDLER(post_session);
HANDLER(delete_session);
HANDLER(post_setup);
HANDLER(patch_me);
HANDLER(get_organisation);
HANDLER(patch_organisation);
HANDLER(get_users);
HANDLER(post_users);
HANDLER(patch_user);
HANDLER(delete_user);
HANDLER(get_outbox_settings);
HANDLER(put_outbox_settings);
HANDLER(get_channels);
HANDLER(put_channel_route);
HANDLER(delete_channel);
HANDLER(post_channel_test);
HANDLER(get_messages);
HANDLER(get_message);
HANDLER(post_message_again);
HANDLER(post_sms);
HANDLER(post_receipts);
HANDLER(get_contact_rules);
HANDLER(put_contact_rules);
HANDLER(post_what_if);
HANDLER(get_decisions);
HANDLER(get_contact_sums);
HANDLER(get_ledger);
HANDLER(get_blocked);
HANDLER(post_consent);
HANDLER(get_leave);
HANDLER(post_invite);
/* contact_routes.c: whom a call names, by external id, at most `most`. */
NODISCARD enum err_code invite_listed(struct http_call *c, struct str raw, int64_t most, struct str **out, size_t *n,
                                      struct err *err);
NODISCARD enum err_code invite_segment(struct http_call *c, struct str segment, int64_t most, struct str **out,
                                       size_t *n, struct err *err);
HANDLER(post_round);
HANDLER(get_rounds);
HANDLER(get_round);
HANDLER(post_round_stop);
HANDLER(get_survey_funnel);
HANDLER(post_leave);
HANDLER(get_status);
HANDLER(get_sources);
HANDLER(post_sources);
HANDLER(patch_source);
HANDLER(post_source_key);
HANDLER(post_hook_try);
HANDLER(get_set_aside);
HANDLER(post_replay);
HANDLER(delete_demo);
HANDLER(get_dimensions);
HANDLER(post_dimensions);
HANDLER(get_dimension_values);
HANDLER(post_uploads);
HANDLER(post_guess);
HANDLER(post_imports);
HANDLER(get_job);
HANDLER(get_job_events);
HANDLER(delete_job);
HANDLER(get_mappings);
HANDLER(put_mapping);
HANDLER(delete_mapping);
HANDLER(get_rejects);
HANDLER(get_feedback);
HANDLER(get_feedback_facets);
HANDLER(get_feedback_events);
HANDLER(post_feedback_rebuild);
HANDLER(get_feedback_one);
HANDLER(patch_feedback);
HANDLER(post_feedback_note);
HANDLER(post_feedback_reply);
HANDLER(get_corrections);
HANDLER(post_correction);
HANDLER(post_correction_undo);
HANDLER(get_follow_ups);
HANDLER(get_follow_up_summary);
HANDLER(get_follow_up);
HANDLER(patch_follow_up);
HANDLER(post_follow_up_note);
HANDLER(post_follow_up_reply);
HANDLER(get_follow_up_rules);
HANDLER(post_follow_up_rules);
HANDLER(post_follow_up_rule_try);
HANDLER(put_follow_up_rule);
HANDLER(delete_follow_up_rule);
HANDLER(get_colleagues);
HANDLER(post_colleagues);
HANDLER(put_colleague_one);
HANDLER(delete_colleague);
HANDLER(get_praise);
HANDLER(get_praise_counts);
HANDLER(post_feedback_praise);
HANDLER(get_reports);
HANDLER(post_reports);
HANDLER(get_report_preview);
HANDLER(delete_report);
HANDLER(post_report_send);
HANDLER(get_unit_settings);
HANDLER(put_unit_settings);
HANDLER(get_segments);
HANDLER(get_segment);
HANDLER(post_segments);
HANDLER(put_segment);
HANDLER(delete_segment);
HANDLER(post_segment_try);
HANDLER(get_templates);
HANDLER(get_maps);
HANDLER(post_maps);
HANDLER(post_propose);
HANDLER(post_table);
HANDLER(get_map);
HANDLER(put_map);
HANDLER(delete_map);
HANDLER(get_versions);
HANDLER(get_measured);
HANDLER(get_svg);
HANDLER(get_png);
HANDLER(get_pdf);
HANDLER(get_thumb);
HANDLER(get_people);
HANDLER(get_quotes);
HANDLER(get_surveys);
HANDLER(post_surveys);
HANDLER(get_survey_templates);
HANDLER(post_survey_check);
HANDLER(post_survey_import);
HANDLER(get_survey_form);
HANDLER(post_response);
HANDLER(patch_response);
HANDLER(post_reviews);
HANDLER(get_survey);
HANDLER(get_survey_results);
HANDLER(get_survey_silent);
HANDLER(get_survey_responses);
HANDLER(put_survey);
HANDLER(delete_survey);
HANDLER(post_survey_state);
HANDLER(get_survey_links);
HANDLER(post_survey_links);
HANDLER(delete_survey_link);
HANDLER(post_survey_preview);
HANDLER(get_survey_preview);
HANDLER(get_survey_page);
HANDLER(post_survey_page);
HANDLER(get_mail_page);
HANDLER(get_link_svg);
HANDLER(get_link_pdf);
HANDLER(get_survey_sheets);
HANDLER(get_widget_config);
HANDLER(post_widget_ask);
HANDLER(get_inventory);
HANDLER(get_customers);
HANDLER(get_customer);
HANDLER(get_customer_export);
HANDLER(post_customer_erase);
HANDLER(get_erasures);
HANDLER(post_customer_merge);
HANDLER(post_customer_unmerge);
HANDLER(get_dfg);
HANDLER(get_dfg_people);
HANDLER(get_flow);
HANDLER(get_flow_people);
HANDLER(get_flow_svg);
HANDLER(get_flow_png);
HANDLER(get_flow_pdf);
HANDLER(get_funnel);
HANDLER(get_funnel_people);
HANDLER(get_funnel_svg);
HANDLER(get_funnel_png);
HANDLER(get_funnel_pdf);
HANDLER(get_rework);
HANDLER(get_rework_people);
HANDLER(get_units);
HANDLER(get_compare);
HANDLER(get_handovers);
HANDLER(get_handover_people);
HANDLER(get_bottlenecks);
HANDLER(get_lift);
HANDLER(get_silent);
HANDLER(get_lead);
HANDLER(get_models);
HANDLER(get_model);
HANDLER(put_labelling);
HANDLER(post_train);
HANDLER(put_model_use);
HANDLER(get_doubtful);
HANDLER(get_topics);
HANDLER(get_feedback_heard);
HANDLER(get_topic_quotes);
HANDLER(get_topic_moods);
HANDLER(get_topic_phrases);
HANDLER(get_topic_changes);
HANDLER(get_topic_series);
HANDLER(get_topic_themes);
HANDLER(get_topic_set);
HANDLER(put_topic_set);
HANDLER(post_topics_try);
HANDLER(get_recovery);
HANDLER(get_lift_people);
HANDLER(get_conformance);
HANDLER(get_conformance_people);
HANDLER(get_retention);
HANDLER(get_beginnings);
HANDLER(get_credit);
HANDLER(get_risk);
HANDLER(get_worth);
HANDLER(get_worth_people);
HANDLER(get_felt);
HANDLER(get_stays);
HANDLER(get_retention_people);
HANDLER(get_retention_svg);
HANDLER(get_retention_png);
HANDLER(get_retention_pdf);
HANDLER(get_variants);
HANDLER(get_variants_people);
HANDLER(get_score);
HANDLER(get_scores);
HANDLER(get_scores_people);
HANDLER(get_series);
HANDLER(get_series_people);
HANDLER(get_series_svg);
HANDLER(get_series_png);
HANDLER(get_series_pdf);
HANDLER(get_touchpoints);
HANDLER(get_query_inventory);
HANDLER(get_consistency);
HANDLER(get_friction);
HANDLER(get_money);
HANDLER(get_phases);
HANDLER(get_waits);
HANDLER(get_tasks);
HANDLER(get_moments);
HANDLER(get_moments_people);
HANDLER(get_healthz);
HANDLER(get_readyz);
HANDLER(get_version);
HANDLER(get_openapi);
HANDLER(get_asset);
HANDLER(post_identify);
HANDLER(post_track);
HANDLER(post_page);
HANDLER(post_screen);
HANDLER(post_group);
HANDLER(post_alias);
HANDLER(post_batch);
HANDLER(post_import_events);
HANDLER(post_metrics);
HANDLER(get_settings);
HANDLER(get_pixel_track);
HANDLER(get_pixel_page);
HANDLER(take_matomo);
HANDLER(post_cloudevents);
HANDLER(take_hook);
HANDLER(take_posthog);
HANDLER(post_recording);
HANDLER(take_flags);
HANDLER(get_capture_config);
HANDLER(get_source_config);
HANDLER(options_collect);

/* What any kept answer depends on besides its question: the data, definitions, how far dimensions are read.
 * map_routes.c
 */
NODISCARD enum err_code state_text(struct http_call *c, struct str *out, struct err *err);
/* The measurement of a map in a scope, from the cache; put back after use. map_routes.c */
NODISCARD enum err_code measured_get(struct http_call *c, struct str map, const struct scope *s,
                                     struct cache_entry **out, struct err *err);
/* What a map asks in a scope and its words, with nothing measured (maps_question); put back after use. */
NODISCARD enum err_code map_question_get(struct http_call *c, struct str map, const struct scope *s,
                                         struct cache_entry **out, struct err *err);
NODISCARD enum err_code touchpoint_code(const struct journey_rules *r, struct str key, uint16_t *out, struct err *err);
/* source_routes.c */
NODISCARD enum err_code demo_there(struct http_call *c, bool *out, struct err *err);
void put_tally(struct json_out *j, const struct collect_tally *t);

/*
 * The journey_query of a request. With ?map= it is the map's own, and the
 * entry holds its rules until it is put back (NULL is fine); else every
 * event name is an activity.
 */
struct question {
	struct journey_query query;
	struct cache_entry *map;
	uint64_t arrival_end; /* the answer knows at least what came before */
};
NODISCARD enum err_code question_read(struct http_call *c, struct ask *ask, struct question *out, struct err *err);
/* The same in a scope that is not the request's own. Borrows the scope until the map is put back. */
NODISCARD enum err_code question_in(struct http_call *c, struct ask *ask, const struct scope *s, struct question *out,
                                    struct err *err);
/* The same as question_read, for answers that rest on what is measured of the map: with a map, that too. */
NODISCARD enum err_code question_measured(struct http_call *c, struct ask *ask, struct question *out, struct err *err);
/* What every answer ends with: "query", the same question as a command to copy, and "arrival_end". */
void put_asked(struct json_out *o, struct http_call *c, const struct question *q);
/* flow_routes.c: the simplified graph of a request, with the words of its map. flow_done after success. */
struct flow_answer {
	struct question question;
	struct cache_entry *graph;
	struct journey_view view;
	int64_t variants; /* 1: they were counted */
};
NODISCARD enum err_code flow_ask(struct http_call *c, struct flow_answer *out, struct err *err);
void flow_done(struct http_call *c, struct flow_answer *f);
/* funnel_routes.c: the funnel of a request; q.map is put back by the caller. */
NODISCARD enum err_code funnel_ask(struct http_call *c, struct question *q, struct journey_funnel_query *f,
                                   struct journey_funnel *out, struct err *err);
/* retention_routes.c: the same of retention. */
/* Parameters period, week_start and origin, in the organisation's zone. */
NODISCARD enum err_code periods_read(struct http_call *c, enum period usual, struct ask_periods *out, struct err *err);
/* The day of an instant, by the wall clock of the zone. */
struct str day_of(struct http_call *c, struct zone *z, int64_t at_ms);
NODISCARD enum err_code series_ask(struct http_call *c, struct question *q, struct ask_series_question *what,
                                   struct journey_series *out, struct err *err);
NODISCARD enum err_code retention_ask(struct http_call *c, struct question *q, struct ask_retention_question *what,
                                      struct journey_retention *out, struct err *err);
/* picture.c: how a drawing is wanted (lang digits calendar theme interactive fonts scale), and its type and tag once
 * the bytes are in c->out. */
NODISCARD enum err_code picture_read(struct http_call *c, enum render_format format, struct render_options *out,
                                     struct err *err);
void picture_sent(struct http_call *c, enum render_format format);
/* people_out.c: which page of the people behind a figure, and the page. Ask for it with ask_NAME_people. */
struct people_page {
	uint64_t cursor;
	size_t limit;
};
NODISCARD enum err_code people_page(struct http_call *c, struct people_page *out, struct err *err);
void put_customers_page(struct json_out *o, const struct ask_members *m);
/*
 * names.c: lists of names in one parameter, separated by commas; a backslash
 * before a character makes it an ordinary one ("\\," "\\|" "\\?").
 */
struct names {
	struct str *list;
	size_t n;
};
/* Absent: none. ERR_INPUT for an empty name, ERR_LIMIT above max. */
NODISCARD enum err_code names_read(struct http_call *c, const char *key, size_t max, struct names *out,
                                   struct err *err);
NODISCARD enum err_code names_split(struct http_call *c, const char *key, struct str text, char separator, size_t max,
                                    struct names *out, struct err *err);
/* The next part of *rest, as written; false when nothing is left. */
bool name_next(struct str *rest, char separator, struct str *part);
struct str name_plain(struct arena *a, struct str raw); /* without the backslashes; {NULL} when memory is short */
/* A length of time: 90s, 7d, or ms. */
NODISCARD enum err_code span_read(struct http_call *c, const char *key, int64_t otherwise, int64_t *out,
                                  struct err *err);
/* A plain number. */
NODISCARD enum err_code number_read(struct http_call *c, const char *key, double otherwise, double *out,
                                    struct err *err);
/* One of a few words: its place. */
NODISCARD enum err_code choice_read(struct http_call *c, const char *key, const char *const *names, size_t n,
                                    size_t otherwise, size_t *out, struct err *err);
/* TIMES and ESTIMATE of docs/api.md, each under a key. */
void put_times(struct json_out *o, const char *key, const struct journey_times *t);
void put_estimate(struct json_out *o, const char *key, const struct stats_estimate *e);
/* worth_routes.c: "purchase", the events taken for purchases. */
void put_purchase(struct json_out *o, struct str purchase);
/* query_routes.c: "score" of the ratings of a touchpoint. */
void put_ratings(struct json_out *o, const struct journey_signal_stat *s);
/* A key and the array it opens. */
void open_list(struct json_out *o, const char *key);

#endif
