/* Shared by the files of cli/. */
#ifndef CLI_PRIV_H
#define CLI_PRIV_H

#include <jansson.h>

#include "base/json.h"
#include "base/words.h"
#include "cli/cli.h"

#define CLI_ARGS_MAX 64
#define CLI_OWN_MAX 16
#define CLI_EXIT_USAGE 2

/* Every option there is; a verb names those it takes. */
enum cli_option {
	OPT_DATA,
	OPT_JSON,
	OPT_LANG,
	OPT_FROM,
	OPT_TO,
	OPT_FILTER,
	OPT_MAP,
	OPT_VERSION,
	OPT_COMPARE,
	OPT_CASE,
	OPT_CHANNEL,
	OPT_SEGMENT,
	OPT_UNIT,
	OPT_RULE,
	OPT_TOP,
	OPT_BY,
	OPT_FORMAT,
	OPT_MAPPING,
	OPT_SOURCE,
	OPT_DRY_RUN,
	OPT_SVG,
	OPT_PNG,
	OPT_PDF,
	OPT_JSON_FILE,
	OPT_SAVE,
	OPT_NAME,
	OPT_REASON,
	OPT_ROLE,
	OPT_SEED,
	OPT_END_DAY,
	OPT_CUSTOMERS,
	OPT_THEME,
	OPT_STDIN,
	OPT_SURVEY,
	OPT_TEMPLATE,
	OPT_LEVEL,
	OPT_INTERVAL,
	OPT_SCALE,
	OPT_GOOD,
	OPT_REVERSED,
	OPT_LABELS,
	OPT_MODEL,
	OPT_OUT,
	OPT_OWN,
	OPT_WEIGHT,
	OPT_COST,
	OPT_HELP,
	OPTIONS,
};

struct cli {
	const struct cli_host *host;
	const struct cli_verb *verb;
	const char *dir;
	const char *arg[CLI_ARGS_MAX]; /* after the verb's words */
	int n_args;
	const char *opt[OPTIONS]; /* NULL absent; "" for switches that are set */
	const char *filter[8];
	int n_filters;
	struct cli_own { /* options of this question alone, sent as parameters of that name */
		struct str name;
		const char *value;
	} own[CLI_OWN_MAX];
	int n_own;
	struct arena arena; /* of the whole command */
	void *handle;       /* the directory, when this process has opened it */
	void *curl;
};

struct cli_verb {
	const char *name, *sub; /* "query", "dfg"; sub NULL for single words */
	int min_args, max_args;
	uint64_t options; /* bits of enum cli_option beyond --data --json --help */
	int (*run)(struct cli *c);
	const char *usage; /* behind the words: "FILE… [--format F]" */
	const char *about;
};
#define BIT(o) ((uint64_t)1 << (o))
#define SCOPE_OPTIONS                                                                                                  \
	(BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_FILTER) | BIT(OPT_MAP) | BIT(OPT_VERSION) | BIT(OPT_COMPARE) |          \
	 BIT(OPT_SEGMENT) | BIT(OPT_UNIT) | BIT(OPT_LANG))

/* inbox.c: a parameter that the verb alone has, NULL when it was not given; words separated by commas as a list of the
 * body, none without any. */
const char *cli_own(const struct cli *c, const char *name);
void cli_put_words(json_t *body, const char *key, const char *value);

/* client.c: one request to the routes, over the socket of the server or of this process. */
struct cli_reply {
	long status;
	struct str body; /* in c->arena */
};
NODISCARD enum err_code cli_connect(struct cli *c, struct err *err);
bool cli_server_has(struct cli *c); /* a server answers on DIR/safar.sock */
/* A reply of 400 and above becomes the error that its problem document says. */
NODISCARD enum err_code cli_request(struct cli *c, const char *method, struct str target, struct str body,
                                    struct cli_reply *out, struct err *err);
/* Streams a file (or stdin for "-") as the body. */
NODISCARD enum err_code cli_send_file(struct cli *c, struct str target, const char *path, struct cli_reply *out,
                                      struct err *err);
struct str cli_escape(struct cli *c, struct str s); /* for a path or query part */
/* "?from=…&filter=…" of the options; with a leading '&' when more is true. */
struct str cli_scope(struct cli *c, bool more);
void cli_disconnect(struct cli *c);

/* show.c: what a person reads. */
int cli_fail(const struct err *err); /* prints the error; returns the exit code */
int cli_usage(const struct cli *c, const char *what, ...) PRINTF_LIKE(2, 3);
enum cli_kind {
	COL_TEXT,
	COL_INT,
	COL_NUM1,    /* points of 100, NPS, days, of 100 */
	COL_NUM2,    /* a mean of answers on their own scale */
	COL_NUM3,    /* p, feelings, correlations */
	COL_PERCENT, /* a share of 0 to 1 */
	COL_SCORE,   /* one of NUM1, PERCENT and NUM2, by the "unit" of the reply */
	COL_TIME,
	COL_SPAN,
	COL_JOIN,
	COL_LIST,
	COL_NAME
};
/* Prints the reply's body with --json, else the table of the verb. */
struct cli_column {
	const char *title, *key; /* "score.est": a path of members */
	enum cli_kind kind;
};
/* The kind of a figure by "unit": "share", "mean", or points. */
enum cli_kind cli_unit(const json_t *reply);
/* Puts it in place of COL_SCORE. */
void cli_units(struct cli_column *columns, size_t n, const json_t *reply);
/* A number as people read it, with the decimals of its kind (docs/cli.md): the only place that decides them. */
const char *cli_figure(struct arena *a, enum cli_kind kind, double v);
/* "nps -25.6, between -31.2 and -19.9"; in words where there is no number, or no interval. */
void cli_estimate(struct cli *c, const char *what, const json_t *e, enum cli_kind kind);
/* A text, number or name by language of data, safe for a terminal; "" for null. */
const char *cli_shown(struct cli *c, const json_t *value);
void cli_table(const struct cli *c, const json_t *rows, const struct cli_column *columns, size_t n);
/* GETs `target`: the reply as it came with --json, else the rows of its member `rows` as a table. The exit code. */
int cli_rows(struct cli *c, struct str target, const char *rows, const struct cli_column *columns, size_t n);
json_t *cli_json(struct cli *c, struct str body); /* NULL never: a reply that is not JSON prints as a failure later */
const json_t *cli_member(const json_t *o, const char *path);
const char *cli_text_of(const struct cli *c, const json_t *names,
                        const char *fallback); /* {"en":…} in the chosen language */
void cli_progress(const char *what, int64_t done, int64_t total, int64_t rows, bool last);

/* drawing.c: whether --svg, --png or --pdf is given; and asks for `path` with each of their endings and the scope, and
 * writes the files. */
bool cli_wants_drawing(const struct cli *c);
int cli_drawings(struct cli *c, struct str path);

/* The verbs. */
int cli_import(struct cli *c);
int cli_query(struct cli *c);
const char *cli_query_own(const char *sub); /* parameters of a question alone, separated by spaces */
int cli_map_list(struct cli *c);
int cli_map_templates(struct cli *c);
int cli_map_propose(struct cli *c);
int cli_map_import(struct cli *c);
int cli_map_save(struct cli *c);
int cli_map_show(struct cli *c);
int cli_map_export(struct cli *c);
int cli_map_versions(struct cli *c);
int cli_map_delete(struct cli *c);
int cli_channel_list(struct cli *c);
int cli_channel_set(struct cli *c);
int cli_channel_test(struct cli *c);
int cli_contact_sums(struct cli *c);
int cli_contact_log(struct cli *c);
int cli_contact_rules(struct cli *c);
int cli_contact_what_if(struct cli *c);
int cli_survey_invite(struct cli *c);
int cli_survey_funnel(struct cli *c);
int cli_survey_list(struct cli *c);
int cli_survey_import(struct cli *c);
int cli_survey_save(struct cli *c);
int cli_segment_list(struct cli *c);
int cli_segment_new(struct cli *c);
int cli_segment_show(struct cli *c);
int cli_segment_try(struct cli *c);
int cli_segment_delete(struct cli *c);
int cli_customer(struct cli *c);
int cli_customer_decide(struct cli *c);
int cli_customer_export(struct cli *c);
int cli_customer_erase(struct cli *c);
int cli_topics_list(struct cli *c);
int cli_topics_moods(struct cli *c);
int cli_topics_set(struct cli *c);
int cli_inbox_list(struct cli *c);
int cli_inbox_correct(struct cli *c);
int cli_inbox_corrections(struct cli *c);
int cli_inbox_undo(struct cli *c);
int cli_inbox_set(struct cli *c);
int cli_care_show(struct cli *c); /* of the inbox, and of follow-ups */
int cli_care_note(struct cli *c);
int cli_care_reply(struct cli *c);
int cli_follow_up_list(struct cli *c);
int cli_follow_up_assign(struct cli *c);
int cli_follow_up_state(struct cli *c);
int cli_follow_up_close(struct cli *c);
int cli_follow_up_summary(struct cli *c);
int cli_colleague_list(struct cli *c);
int cli_colleague_new(struct cli *c);
int cli_colleague_set(struct cli *c);
int cli_colleague_delete(struct cli *c);
int cli_praise_list(struct cli *c);
int cli_praise_counts(struct cli *c);
int cli_praise_settle(struct cli *c);
int cli_survey_show(struct cli *c);
int cli_survey_new(struct cli *c);
int cli_survey_templates(struct cli *c);
int cli_survey_state(struct cli *c);
int cli_survey_links(struct cli *c);
int cli_survey_link(struct cli *c);
int cli_survey_results(struct cli *c);
int cli_survey_silent(struct cli *c);
int cli_score(struct cli *c);
int cli_text_classify(struct cli *c);
int cli_text_train(struct cli *c);
int cli_models_train(struct cli *c);
int cli_models_list(struct cli *c);
int cli_models_use(struct cli *c);
int cli_source_list(struct cli *c);
int cli_source_new(struct cli *c);
int cli_source_key(struct cli *c);
int cli_source_enable(struct cli *c);
int cli_source_mask(struct cli *c);
int cli_user_list(struct cli *c);
int cli_user_new(struct cli *c);
int cli_user_unit(struct cli *c);
int cli_user_password(struct cli *c);
int cli_user_disable(struct cli *c);
int cli_replay(struct cli *c);
int cli_backup(struct cli *c);
int cli_restore(struct cli *c);
int cli_verify(struct cli *c);
int cli_doctor(struct cli *c);
int cli_demo(struct cli *c);

#endif
