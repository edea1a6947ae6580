#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "cli/priv.h"

static const struct {
	const char *name;
	bool value;
} options[OPTIONS] = {
	[OPT_DATA] = { "data", true },
	[OPT_JSON] = { "json", false },
	[OPT_LANG] = { "lang", true },
	[OPT_FROM] = { "from", true },
	[OPT_TO] = { "to", true },
	[OPT_FILTER] = { "filter", true },
	[OPT_MAP] = { "map", true },
	[OPT_VERSION] = { "version", true },
	[OPT_COMPARE] = { "compare", true },
	[OPT_CASE] = { "case", true },
	[OPT_CHANNEL] = { "channel", true },
	[OPT_SEGMENT] = { "segment", true },
	[OPT_UNIT] = { "unit", true },
	[OPT_RULE] = { "rule", true },
	[OPT_TOP] = { "top", true },
	[OPT_BY] = { "by", true },
	[OPT_FORMAT] = { "format", true },
	[OPT_MAPPING] = { "mapping", true },
	[OPT_SOURCE] = { "source", true },
	[OPT_DRY_RUN] = { "dry-run", false },
	[OPT_SVG] = { "svg", true },
	[OPT_PNG] = { "png", true },
	[OPT_PDF] = { "pdf", true },
	[OPT_JSON_FILE] = { "json", true },
	[OPT_SAVE] = { "save", false },
	[OPT_NAME] = { "name", true },
	[OPT_REASON] = { "reason", true },
	[OPT_ROLE] = { "role", true },
	[OPT_SEED] = { "seed", true },
	[OPT_END_DAY] = { "end-day", true },
	[OPT_CUSTOMERS] = { "customers", true },
	[OPT_THEME] = { "theme", true },
	[OPT_STDIN] = { "stdin", false },
	[OPT_SURVEY] = { "survey", true },
	[OPT_TEMPLATE] = { "template", true },
	[OPT_LEVEL] = { "level", true },
	[OPT_INTERVAL] = { "interval", true },
	[OPT_SCALE] = { "scale", true },
	[OPT_GOOD] = { "good", true },
	[OPT_REVERSED] = { "reversed", false },
	[OPT_LABELS] = { "labels", true },
	[OPT_MODEL] = { "model", true },
	[OPT_OUT] = { "out", true },
	[OPT_OWN] = { "own", false },
	[OPT_WEIGHT] = { "weight", true },
	[OPT_COST] = { "cost", true },
	[OPT_HELP] = { "help", false },
};

#define QUERY_OPTIONS (SCOPE_OPTIONS | BIT(OPT_FORMAT) | BIT(OPT_CASE))
#define SCORE_OPTIONS (SCOPE_OPTIONS | BIT(OPT_STDIN) | BIT(OPT_SURVEY) | BIT(OPT_LEVEL) | BIT(OPT_INTERVAL))
#define SCORE_SCALE_OPTIONS (BIT(OPT_SCALE) | BIT(OPT_GOOD) | BIT(OPT_REVERSED))
#define DRAW_OPTIONS (BIT(OPT_SVG) | BIT(OPT_PNG) | BIT(OPT_PDF) | BIT(OPT_THEME))

static const struct cli_verb verbs[] = {
	{ "import", NULL, 1, COLLECT_FILES_MAX, BIT(OPT_FORMAT) | BIT(OPT_MAPPING) | BIT(OPT_SOURCE) | BIT(OPT_DRY_RUN),
	  cli_import, "FILE… [--format F] [--mapping F.toml] [--source NAME] [--dry-run]",
	  "reads events from files; - is standard input" },
	{ "query", "dfg", 0, 0, QUERY_OPTIONS, cli_query, "[--times quantiles|mean|none] [--variants 0|1] [SCOPE]",
	  "what follows what, with times" },
	{ "query", "flow", 0, 0, QUERY_OPTIONS | DRAW_OPTIONS, cli_query,
	  "[--activities SHARE] [--edges SHARE] [--svg F | --png F | --pdf F] [SCOPE]",
	  "the graph with what carries most, counted anew" },
	{ "query", "funnel", 0, 0, QUERY_OPTIONS | DRAW_OPTIONS | BIT(OPT_BY), cli_query,
	  "--steps A,B|C,D? [--window 7d] [--order later|strict|any] [--exclude E] [--by DIMENSION] [--svg F | …] [SCOPE]",
	  "how many get through steps, and where they stop" },
	{ "query", "rework", 0, 0, QUERY_OPTIONS, cli_query, "[SCOPE]",
	  "what is done again: repeats, loops, ping-pong" },
	{ "query", "handovers", 0, 0, QUERY_OPTIONS, cli_query, "[SCOPE]",
	  "from channel to channel, with the score before and after" },
	{ "query", "conformance", 0, 0, QUERY_OPTIONS, cli_query, "[--model JSON] [SCOPE]",
	  "how far journeys are from the one intended" },
	{ "query", "bottlenecks", 0, 0, QUERY_OPTIONS, cli_query, "[--target SPAN] [SCOPE]",
	  "where time goes, worst first" },
	{ "query", "lead", 0, 0, QUERY_OPTIONS, cli_query, "[--about E] [--staff \"Staff Note\"] [SCOPE]",
	  "what staff reported before customers felt it, in days" },
	{ "query", "lift", 0, 0, QUERY_OPTIONS, cli_query, "--outcome E [--before 1] [SCOPE]",
	  "which activities go with reaching an outcome" },
	{ "query", "recovery", 0, 0, QUERY_OPTIONS | BIT(OPT_BY), cli_query,
	  "--contact E --stay E [--after E] [--hurt 40] [--within 24h] [--later 7d] [--window 180d] [--by DIMENSION] [SCOPE]",
	  "who stays after a bad experience, by how soon somebody got back to them" },
	{ "query", "retention", 0, 0, QUERY_OPTIONS | DRAW_OPTIONS, cli_query,
	  "[--period day|week|month|quarter] [--kind classic|rolling|survival] [--start E] [--back E] [--weight value] "
	  "[--currency C] [--origin T] [--week_start DAY] [--svg F | …] [SCOPE]",
	  "who comes back, by the period of the first event" },
	{ "query", "value", 0, 0, QUERY_OPTIONS, cli_query,
	  "[--purchase E] [--currency C] [--months 12] [--discount 10] [--margin 100] [SCOPE]",
	  "what customers are worth: fifths of recency, frequency and money, and the value to come" },
	{ "query", "beginnings", 0, 0, QUERY_OPTIONS | BIT(OPT_BY), cli_query, "[--by DIMENSION] [--outcome E] [SCOPE]",
	  "how journeys begin: first contact, first feeling, and what comes of it" },
	{ "query", "credit", 0, 0, QUERY_OPTIONS | BIT(OPT_BY), cli_query,
	  "[--by DIMENSION] [--outcome E] [--currency C] [SCOPE]",
	  "which contacts get credit for the first purchase, by five rules; none is proof of effect" },
	{ "query", "churn", 0, 0, QUERY_OPTIONS, cli_query,
	  "[--horizon 180d] [--activity E] [--currency C] [--customer ID] [--limit 50] [SCOPE]",
	  "who may not come back, why, and what is at stake" },
	{ "query", "felt", 0, 0, QUERY_OPTIONS, cli_query, "[--currency C] [SCOPE]",
	  "what customers spend by how they felt before, as it is and mixed alike" },
	{ "query", "survival", 0, 0, QUERY_OPTIONS | BIT(OPT_BY), cli_query,
	  "[--by DIMENSION] [--pause 180d] [--activity E] [--any 1] [SCOPE]",
	  "how long customers stay, and whether groups differ" },
	{ "query", "scores", 0, 0, QUERY_OPTIONS | BIT(OPT_BY), cli_query, "[--by DIMENSION] [--low UTILITY] [SCOPE]",
	  "what people answered, by touchpoint and value" },
	{ "query", "series", 0, 0, QUERY_OPTIONS | DRAW_OPTIONS | BIT(OPT_BY), cli_query,
	  "[--kind rating|nps|csat|ces] [--period day|week|month|quarter] [--by touchpoint|DIMENSION] [--touchpoint NAME] "
	  "[--origin T] [--week_start DAY] [--svg F | …] [SCOPE]",
	  "scores over time, and whether they change" },
	{ "query", "silent", 0, 0, QUERY_OPTIONS, cli_query, "--about E|journey [--asked E] [SCOPE]",
	  "what those would have said who did not answer" },
	{ "query", "variants", 0, 0, QUERY_OPTIONS | BIT(OPT_TOP), cli_query, "[--top N] [--cut STEPS] [SCOPE]",
	  "the commonest whole journeys" },
	{ "query", "touchpoints", 0, 0, QUERY_OPTIONS | BIT(OPT_BY), cli_query, "[--by DIMENSION] [SCOPE]",
	  "every touchpoint's numbers" },
	{ "query", "compare", 0, 0, QUERY_OPTIONS, cli_query, "[--against rest|before] [SCOPE]",
	  "touchpoints of two scopes side by side, with the difference" },
	{ "query", "units", 0, 0, QUERY_OPTIONS, cli_query, "[--dimension NAME] [SCOPE]",
	  "figures by unit of the organisation, rolled up" },
	{ "query", "inventory", 0, 0, QUERY_OPTIONS, cli_query, "[SCOPE]",
	  "what is really met: documented, undocumented, silent" },
	{ "query", "consistency", 0, 0, QUERY_OPTIONS | BIT(OPT_BY), cli_query, "--map M [--by channel|unit] [SCOPE]",
	  "how far apart the same touchpoint is for different people" },
	{ "query", "money", 0, 0, QUERY_OPTIONS, cli_query, "--map M [--horizon 365d] [--json] [SCOPE]",
	  "what people who were hurt did not spend, by currency" },
	{ "query", "phases", 0, 0, QUERY_OPTIONS, cli_query, "--map M [SCOPE]",
	  "before, during and after the purchase" },
	{ "query", "friction", 0, 0, QUERY_OPTIONS, cli_query, "--map M [SCOPE]",
	  "what makes people stumble, per 100 visits" },
	{ "query", "waits", 0, 0, QUERY_OPTIONS, cli_query, "[SCOPE]",
	  "how long people wait, who leaves, what it costs" },
	{ "query", "tasks", 0, 0, QUERY_OPTIONS, cli_query, "[--start NAME --done NAME] [--window 1h] [SCOPE]",
	  "how many get done what they began, and in what time" },
	{ "query", "moments", 0, 0, QUERY_OPTIONS, cli_query,
	  "--map M [--outcome NAME] [--within 180d] [--good 60] [--bad 40] [SCOPE]",
	  "moments of truth: what good and bad experiences are associated with" },
	{ "map", "list", 0, 0, BIT(OPT_LANG), cli_map_list, "", "the maps" },
	{ "map", "templates", 0, 0, BIT(OPT_LANG), cli_map_templates, "", "maps to start from" },
	{ "map", "propose", 0, 0, BIT(OPT_FILTER) | BIT(OPT_SAVE) | BIT(OPT_NAME) | BIT(OPT_LANG), cli_map_propose,
	  "[--save] [--name N]", "a map from the data" },
	{ "map", "import", 1, 1, BIT(OPT_NAME) | BIT(OPT_SAVE) | BIT(OPT_FORMAT) | BIT(OPT_LANG), cli_map_import,
	  "FILE [--name N] [--save]", "a map from what the team believes" },
	{ "map", "save", 1, 1, 0, cli_map_save, "FILE.json", "stores a document as a new map or version" },
	{ "map", "show", 1, 1, SCOPE_OPTIONS & ~BIT(OPT_MAP), cli_map_show, "NAME [SCOPE]", "the map, measured" },
	{ "map", "export", 1, 1, (SCOPE_OPTIONS & ~BIT(OPT_MAP)) | DRAW_OPTIONS, cli_map_export,
	  "NAME --svg F | --png F | --pdf F [--theme light|dark|print] [SCOPE]",
	  "the drawing as a file; with --json the numbers" },
	{ "map", "versions", 1, 1, 0, cli_map_versions, "NAME", "who changed it when" },
	{ "map", "delete", 1, 1, 0, cli_map_delete, "NAME", "removes a map with all its versions" },
	{ "segment", "list", 0, 0, BIT(OPT_LANG), cli_segment_list, "", "segments, with their customers" },
	{ "segment", "new", 1, 1, BIT(OPT_RULE) | BIT(OPT_LANG), cli_segment_new, "NAME --rule R",
	  "keeps a rule over customers" },
	{ "segment", "show", 1, 1, BIT(OPT_LANG), cli_segment_show, "KEY", "its rule and how many it takes" },
	{ "segment", "try", 1, 1, 0, cli_segment_try, "RULE", "who a rule takes, without keeping it" },
	{ "segment", "delete", 1, 1, 0, cli_segment_delete, "KEY", "removes a segment with its versions" },
	{ "survey", "list", 0, 0, BIT(OPT_LANG), cli_survey_list, "", "surveys, with how many answered" },
	{ "survey", "import", 1, 1, BIT(OPT_SAVE) | BIT(OPT_LANG), cli_survey_import, "FILE [--save]",
	  "a survey of SurveyJS, Qualtrics or LimeSurvey" },
	{ "survey", "save", 1, 1, BIT(OPT_LANG), cli_survey_save, "FILE.json", "stores a document as a new survey" },
	{ "survey", "invite", 1, 1, BIT(OPT_SEGMENT) | BIT(OPT_CHANNEL) | BIT(OPT_DRY_RUN), cli_survey_invite,
	  "KEY --segment KEY|RULE [--channel email,sms] [--dry-run]",
	  "asks those who may be asked, and says why not the others" },
	{ "survey", "funnel", 1, 1, 0, cli_survey_funnel, "KEY", "from eligible to completed, of 90 days" },
	{ "contact", "sums", 0, 0, 0, cli_contact_sums, "", "how often which rule decided, of 90 days" },
	{ "contact", "log", 0, 1, 0, cli_contact_log, "[CUSTOMER]", "the newest decisions, with their reasons" },
	{ "contact", "rules", 0, 1, 0, cli_contact_rules, "[FILE.json]",
	  "the rules of asking; with a file, changes them" },
	{ "contact", "what-if", 1, 1, 0, cli_contact_what_if, "FILE.json", "the last 90 days under other rules" },
	{ "channel", "list", 0, 0, 0, cli_channel_list, "", "by what messages leave, and whether they do" },
	{ "channel", "set", 2, 2, 0, cli_channel_set, "KEY FILE.json",
	  "makes or changes a channel (docs/channels.md)" },
	{ "channel", "test", 2, 2, 0, cli_channel_test, "KEY ADDRESS", "sends a test message" },
	{ "customer", "erase", 2, 2, BIT(OPT_REASON), cli_customer_erase, "ID ID [--reason R]",
	  "everything that is held of one customer goes, for good" },
	{ "customer", "export", 1, 1, 0, cli_customer_export, "ID",
	  "everything that is held of one customer, as JSON" },
	{ "customer", "merge", 2, 2, BIT(OPT_REASON), cli_customer_decide, "ID OTHER --reason R",
	  "two customers become one" },
	{ "customer", "unmerge", 2, 2, BIT(OPT_REASON), cli_customer_decide, "ID OTHER --reason R",
	  "takes two ids of one customer apart" },
	{ "customer", NULL, 1, 1, BIT(OPT_MAP) | BIT(OPT_VERSION), cli_customer, "ID", "identities, traits, timeline" },
	{ "survey", "show", 1, 1, BIT(OPT_LANG), cli_survey_show, "KEY", "one of them; its document with --json" },
	{ "survey", "templates", 0, 0, 0, cli_survey_templates, "", "what a survey can be made of" },
	{ "survey", "new", 0, 0, BIT(OPT_TEMPLATE), cli_survey_new, "--template KEY", "makes a survey of a template" },
	{ "survey", "state", 2, 2, 0, cli_survey_state, "KEY draft|live|paused|closed", "begins or ends asking" },
	{ "survey", "links", 1, 1, 0, cli_survey_links, "KEY", "the short links to it" },
	{ "survey", "link", 1, 1, BIT(OPT_NAME) | BIT(OPT_UNIT), cli_survey_link, "KEY [--name N] [--unit U]",
	  "makes a short link" },
	{ "survey", "results", 1, 1,
	  BIT(OPT_LANG) | BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_SEGMENT) | BIT(OPT_UNIT) | BIT(OPT_VERSION),
	  cli_survey_results, "KEY [--weight channel,language,unit,segment:KEY,behaviour] [SCOPE]",
	  "what it found, with intervals; also weighted to those who could have answered" },
	{ "survey", "silent", 1, 1, BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_SEGMENT) | BIT(OPT_UNIT) | BIT(OPT_VERSION),
	  cli_survey_silent, "KEY [--question NAME] [SCOPE]",
	  "the score of everybody who could have answered, predicted" },
	{ "score", "nps", 0, 0, SCORE_OPTIONS, cli_score,
	  "--survey S | --stdin [--level 0.95] [--interval score|wald|adjwald|bayes]",
	  "Net Promoter Score of a survey, or of answers 0 to 10, one a line" },
	{ "score", "csat", 0, 0, SCORE_OPTIONS | SCORE_SCALE_OPTIONS, cli_score,
	  "--survey S | --stdin [--scale 1:5] [--good 4] [--reversed] [--level L] [--interval score|adjwald|bayes|exact]",
	  "the share of the satisfied" },
	{ "score", "ces", 0, 0, SCORE_OPTIONS | SCORE_SCALE_OPTIONS, cli_score,
	  "--survey S | --stdin [--scale 1:7] [--good 5] [--reversed] [--level L] [--interval t|bca]",
	  "how easy it was: the mean" },
	{ "text", "classify", 0, 0, BIT(OPT_MODEL) | BIT(OPT_LANG), cli_text_classify, "[--model F] [--lang L]",
	  "language and feeling, or the label of a model, of each line of stdin" },
	{ "text", "models", 0, 0, 0, cli_models_list, "", "models learned here, beside the shipped ones" },
	{ "text", "train", 0, 0,
	  BIT(OPT_LABELS) | BIT(OPT_OUT) | BIT(OPT_OWN) | BIT(OPT_LANG) | BIT(OPT_WEIGHT) | BIT(OPT_COST),
	  cli_text_train, "--own | --labels F.csv --out M [--lang L] [--weight COLUMN] [--cost C]",
	  "a model from rows with the columns text and label, or from the scores and corrections of this company" },
	{ "text", "use", 2, 2, 0, cli_models_use, "en|ar|fa NUMBER|shipped",
	  "which model reads comments of a language; history is read again" },
	{ "topics", "list", 0, 0,
	  BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_MAP) | BIT(OPT_SEGMENT) | BIT(OPT_UNIT) | BIT(OPT_LANG),
	  cli_topics_list,
	  "[--map M --touchpoint T|--stage S] [--event E] [--source S] [--channel C] [--unit U] [--from T] [--to T]",
	  "what comments speak of, how they feel about it, and what is said more than before" },
	{ "topics", "moods", 0, 0, BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_MAP) | BIT(OPT_UNIT) | BIT(OPT_LANG),
	  cli_topics_moods,
	  "[--event E] [--touchpoint T --map M] [--source S] [--channel C] [--unit U] [--from T] [--to T]",
	  "which emotions and levels of engagement comments name" },
	{ "topics", "set", 0, 1, 0, cli_topics_set, "[FILE.json]",
	  "the topics and their words; with a file, changes them" },
	{ "inbox", "list", 0, 0, BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_MAP) | BIT(OPT_UNIT) | BIT(OPT_LANG),
	  cli_inbox_list,
	  "[--state new,open] [--text W] [--tag T] [--assigned LOGIN] [--score_min N] [--score_max N] [--event E] [--channel C] "
	  "[--topic T] [--policy T] [--sentiment negative|neutral|positive|none] [--commented yes|no] [--limit N] [--cursor P] [--unit U] [--from T] [--to T]",
	  "feedback, the newest first" },
	{ "inbox", "show", 1, 1, BIT(OPT_LANG), cli_care_show, "NUMBER", "one feedback with its notes and replies" },
	{ "inbox", "correct", 1, 1, 0, cli_inbox_correct,
	  "NUMBER [--feeling negative|neutral|positive|none] [--topic K,…] [--untopic K,…]",
	  "says how a comment is to be read, in every figure" },
	{ "inbox", "corrections", 1, 1, 0, cli_inbox_corrections, "NUMBER",
	  "what was said of a comment's reading, by whom" },
	{ "inbox", "undo", 2, 2, 0, cli_inbox_undo, "NUMBER STEP", "takes the newest correction back" },
	{ "inbox", "set", 1, 1, 0, cli_inbox_set,
	  "NUMBER [--state new|open|done] [--assign LOGIN|nobody] [--tag T] [--untag T]",
	  "who has it, and how far it is" },
	{ "inbox", "note", 2, 2, 0, cli_care_note, "NUMBER TEXT", "a note for colleagues" },
	{ "inbox", "reply", 2, 2, 0, cli_care_reply, "NUMBER TEXT [--by email|sms|whatsapp]", "answers the customer" },
	{ "follow-up", "list", 0, 0, BIT(OPT_UNIT) | BIT(OPT_LANG), cli_follow_up_list,
	  "[--state open,doing] [--responsible LOGIN] [--rule ID] [--overdue yes] [--limit N] [--cursor P] [--unit U]",
	  "problems being looked after, by when they are due" },
	{ "follow-up", "show", 1, 1, BIT(OPT_LANG), cli_care_show, "ID", "one, with its steps" },
	{ "follow-up", "assign", 2, 2, 0, cli_follow_up_assign, "ID LOGIN", "makes somebody responsible" },
	{ "follow-up", "state", 2, 2, 0, cli_follow_up_state, "ID open|doing|waiting", "how far it is" },
	{ "follow-up", "close", 1, 1, 0, cli_follow_up_close,
	  "ID --outcome solved|partly|not_solved|not_reached|no_need [--cause C]", "what came of it" },
	{ "follow-up", "note", 2, 2, 0, cli_care_note, "ID TEXT", "a note for colleagues" },
	{ "follow-up", "reply", 2, 2, 0, cli_care_reply, "ID TEXT [--by email|sms|whatsapp]", "answers the customer" },
	{ "follow-up", "summary", 0, 0, BIT(OPT_UNIT) | BIT(OPT_FROM) | BIT(OPT_TO), cli_follow_up_summary,
	  "[--unit U] [--from T] [--to T]", "on time, first reply, score after recovery" },
	{ "colleague", "list", 0, 0, 0, cli_colleague_list, "", "who can be praised, with the ways to write the name" },
	{ "colleague", "new", 1, 1, BIT(OPT_UNIT) | BIT(OPT_LANG), cli_colleague_new,
	  "NAME [--spellings A,B] [--unit U] [--login L] [--mail ADDRESS] [--lang en|ar|fa]", "one more" },
	{ "colleague", "set", 2, 2, BIT(OPT_UNIT) | BIT(OPT_LANG), cli_colleague_set,
	  "ID NAME [--spellings A,B] [--unit U] [--login L] [--mail ADDRESS] [--lang en|ar|fa]",
	  "what is known of one; what is not said is forgotten" },
	{ "colleague", "delete", 1, 1, 0, cli_colleague_delete, "ID", "with what was said about the person" },
	{ "praise", "list", 0, 0, 0, cli_praise_list, "[--of me|team|ID] [--limit N] [--cursor P]",
	  "glad comments that name a colleague" },
	{ "praise", "counts", 0, 0, BIT(OPT_FROM) | BIT(OPT_TO), cli_praise_counts, "[--from T] [--to T]",
	  "how often each was thanked" },
	{ "praise", "settle", 2, 2, 0, cli_praise_settle, "NUMBER ID|nobody",
	  "says who was meant where a name fits several" },
	{ "source", "list", 0, 0, 0, cli_source_list, "", "who sends, with the sums" },
	{ "source", "new", 1, 1, 0, cli_source_new, "NAME", "makes a source; its write key is shown once" },
	{ "source", "key", 1, 1, 0, cli_source_key, "ID", "a new write key, the old one ends" },
	{ "source", "enable", 1, 1, 0, cli_source_enable, "ID", "lets a source send again" },
	{ "source", "disable", 1, 1, 0, cli_source_enable, "ID", "refuses its key from now on" },
	{ "source", "mask", 1, 1, 0, cli_source_mask, "ID",
	  "takes addresses, phones, cards and ids out of its comments before they are stored" },
	{ "source", "unmask", 1, 1, 0, cli_source_mask, "ID", "stores its comments as they come" },
	{ "user", "list", 0, 0, 0, cli_user_list, "", "who may sign in" },
	{ "user", "new", 1, 1, BIT(OPT_ROLE) | BIT(OPT_NAME) | BIT(OPT_UNIT), cli_user_new,
	  "LOGIN --role viewer|agent|analyst|administrator [--unit U] [--name N]", "the password is read from stdin" },
	{ "user", "unit", 1, 2, 0, cli_user_unit, "LOGIN [UNIT]",
	  "which unit somebody sees; without one the whole organisation" },
	{ "user", "password", 1, 1, 0, cli_user_password, "LOGIN", "a new password from stdin" },
	{ "user", "disable", 1, 1, 0, cli_user_disable, "LOGIN", "signs somebody out for good" },
	{ "replay", NULL, 0, 0, BIT(OPT_SOURCE) | BIT(OPT_REASON), cli_replay, "[--source ID] [--reason R]",
	  "tries set-aside events again" },
	{ "backup", NULL, 1, 1, 0, cli_backup, "FILE",
	  "a copy of the truth from one moment, also while a server runs" },
	{ "restore", NULL, 1, 1, 0, cli_restore, "FILE", "makes --data DIR from a backup" },
	{ "verify", NULL, 0, 0, 0, cli_verify, "", "reads and checks every stored byte" },
	{ "doctor", NULL, 0, 0, 0, cli_doctor, "", "what could go wrong on this machine" },
	{ "demo", NULL, 0, 0, BIT(OPT_SEED) | BIT(OPT_END_DAY) | BIT(OPT_CUSTOMERS), cli_demo,
	  "[--customers N] [--seed N] [--end-day YYYY-MM-DD]", "fills --data DIR with the demo company" },
};

static void help(FILE *to)
{
	fputs("usage: safar VERB … [--data DIR] [--json]\n\n  safar serve [--listen ADDRESS:PORT] [--demo]\n", to);
	for (size_t i = 0; i < COUNT_OF(verbs); i++) {
		const struct cli_verb *v = &verbs[i];
		char words[200];
		snprintf(words, sizeof words, "safar %s%s%s %s", v->name, v->sub ? " " : "", v->sub ? v->sub : "",
		         v->usage);
		fprintf(to, "  %-62s %s\n", words, v->about);
	}
	fputs("\nSCOPE: --from T --to T --filter DIM:VALUE --segment KEY|RULE --unit PATH --map NAME --version N --compare previous|season --lang "
	      "en|ar|fa\n"
	      "Every query takes --format csv|xlsx: its rows as a file, to standard output.\n"
	      "Times: 2026-01-31, an ISO time, or milliseconds. DIR is ./safar-data unless given or set in "
	      "SAFAR_DATA.\n",
	      to);
}

static const struct cli_verb *find_verb(const char *name, const char *sub, int *words)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++) {
		const struct cli_verb *v = &verbs[i];
		if (strcmp(v->name, name) != 0) continue;
		if (v->sub && (!sub || strcmp(v->sub, sub) != 0)) continue;
		*words = v->sub ? 2 : 1;
		return v;
	}
	return NULL;
}

/* The option that a verb means: `--json F` is a file only for `map export`, where plain --json stays the switch. */
static int find_option(const char *name, size_t len)
{
	for (int o = 0; o < OPTIONS; o++)
		if (o != OPT_JSON_FILE && strlen(options[o].name) == len && strncmp(options[o].name, name, len) == 0)
			return o;
	return -1;
}

/* Parameters that a verb alone has, separated by spaces. */
static const char *own_of(const struct cli_verb *v)
{
	static const struct {
		const char *name, *sub, *own;
	} lists[] = {
		{ "inbox", "list",
		  "state text tag assigned score_min score_max event source channel touchpoint stage commented topic policy sentiment "
		  "limit cursor" },
		{ "topics", "list", "event source channel touchpoint stage" },
		{ "inbox", "set", "state assign tag untag" },
		{ "inbox", "correct", "feeling topic untopic" },
		{ "inbox", "reply", "by" },
		{ "follow-up", "list", "state responsible rule overdue limit cursor" },
		{ "follow-up", "close", "outcome cause" },
		{ "follow-up", "reply", "by" },
		{ "colleague", "new", "spellings login mail" },
		{ "colleague", "set", "spellings login mail" },
		{ "praise", "list", "of limit cursor" },
		{ "survey", "results", "weight language channel" },
		{ "survey", "silent", "question language channel" },
	};
	if (strcmp(v->name, "query") == 0) return cli_query_own(v->sub);
	for (size_t i = 0; v->sub && i < COUNT_OF(lists); i++)
		if (strcmp(v->name, lists[i].name) == 0 && strcmp(v->sub, lists[i].sub) == 0) return lists[i].own;
	return "";
}

static bool is_own(const struct cli_verb *v, struct str name)
{
	for (struct str rest = str_of(own_of(v)); rest.len;) {
		const struct str one = str_cut(rest, 0, str_find(rest, ' '));
		if (str_eq(one, name)) return true;
		rest = str_cut(rest, one.len < rest.len ? one.len + 1 : rest.len, rest.len);
	}
	return false;
}

static int read_arguments(struct cli *c, int argc, char **argv)
{
	bool literal = false; /* behind "--" */
	for (int i = 0; i < argc; i++) {
		const char *a = argv[i];
		if (literal || a[0] != '-' || a[1] != '-') {
			if (c->n_args == CLI_ARGS_MAX) return cli_usage(c, "more than %d arguments", CLI_ARGS_MAX);
			c->arg[c->n_args++] = a;
			continue;
		}
		if (a[2] == '\0') {
			literal = true;
			continue;
		}
		const char *equals = strchr(a, '=');
		const struct str name = { a + 2, equals ? (size_t)(equals - a - 2) : strlen(a + 2) };
		const bool own = is_own(c->verb, name);
		int o = find_option(name.ptr, name.len);
		uint64_t allowed = c->verb->options | BIT(OPT_DATA) | BIT(OPT_JSON) | BIT(OPT_HELP);
		if (!own && (o < 0 || !(allowed & BIT(o))))
			return cli_usage(c, "'%s' is not an option of this verb", a);
		const char *value = "";
		if (own || options[o].value) {
			if (equals) value = equals + 1;
			else if (i + 1 < argc) value = argv[++i];
			else return cli_usage(c, "'%s' needs a value", a);
			if (!*value) return cli_usage(c, "'%s' has an empty value", a);
		} else if (equals) return cli_usage(c, "'--%s' takes no value", options[o].name);
		if (own) {
			if (c->n_own == CLI_OWN_MAX) return cli_usage(c, "more than %d parameters", CLI_OWN_MAX);
			c->own[c->n_own++] = (struct cli_own){ name, value };
			continue;
		}
		if (o == OPT_FILTER) {
			if (c->n_filters == (int)COUNT_OF(c->filter))
				return cli_usage(c, "more than %d filters", c->n_filters);
			c->filter[c->n_filters++] = value;
		}
		c->opt[o] = value;
	}
	if (c->n_args < c->verb->min_args) return cli_usage(c, "something is missing");
	if (c->n_args > c->verb->max_args) return cli_usage(c, "'%s' is one too many", c->arg[c->verb->max_args]);
	return 0;
}

int cli_main(int argc, char **argv, const struct cli_host *host)
{
	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help(argc < 2 ? stderr : stdout);
		return argc < 2 ? CLI_EXIT_USAGE : 0;
	}
	struct cli c = { .host = host };
	int words = 0;
	c.verb = find_verb(argv[1], argc > 2 ? argv[2] : NULL, &words);
	if (!c.verb) {
		fprintf(stderr, "safar: '%s%s%s' is not a verb; `safar help` lists them\n", argv[1],
		        argc > 2 ? " " : "", argc > 2 ? argv[2] : "");
		return CLI_EXIT_USAGE;
	}
	int rc = read_arguments(&c, argc - 1 - words, argv + 1 + words);
	if (rc) return rc;
	if (c.opt[OPT_HELP]) {
		printf("usage: safar %s%s%s %s\n  %s\n", c.verb->name, c.verb->sub ? " " : "",
		       c.verb->sub ? c.verb->sub : "", c.verb->usage, c.verb->about);
		return 0;
	}
	enum lang lang;
	if (c.opt[OPT_LANG] && !lang_of(str_of(c.opt[OPT_LANG]), &lang))
		return cli_usage(&c, "--lang is one of en, ar, fa");
	c.dir = c.opt[OPT_DATA] ? c.opt[OPT_DATA] : getenv("SAFAR_DATA");
	if (!c.dir || !*c.dir) c.dir = "safar-data";

	arena_init(&c.arena, GIB);
	rc = c.verb->run(&c);
	cli_disconnect(&c);
	if (c.handle) host->close(c.handle);
	arena_done(&c.arena);
	/* What was printed must have arrived: a full disk behind a redirection is a failure. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("safar: the output could not be written\n", stderr);
		return rc ? rc : 1;
	}
	return rc;
}
