/*
 * A survey as a document: read, checked, asked, answered. Pure: no clock, no
 * store, no language of the process.
 *
 * The document is a subset of SurveyJS's JSON with a few members of our own
 * that begin with "cx:". docs/surveys.md says what each member means, what
 * expressions are, and what every undefined case gives; web/survey/expr.ts
 * and web/survey/check.ts are the same rules in TypeScript, held together by
 * tests/data/form.
 */
#ifndef FORM_FORM_H
#define FORM_FORM_H

#include "base/str.h"
#include "base/words.h"

#define FORM_DOCUMENT_BYTES_MAX ((size_t)1024 * 1024)
#define FORM_PAGES_MAX 100
#define FORM_QUESTIONS_MAX 500 /* panels and items of multipletext counted */
#define FORM_PANEL_DEPTH_MAX 4
#define FORM_CHOICES_MAX 500 /* of one question; rows as well */
#define FORM_LANGUAGES_MAX 40
#define FORM_TEXT_BYTES_MAX 20000
#define FORM_NAME_BYTES_MAX 128
#define FORM_STEPS_MAX 101 /* values of one rating scale */
#define FORM_EXPRESSION_BYTES_MAX 4096
#define FORM_EXPRESSION_DEPTH_MAX 32
#define FORM_EXPRESSION_NODES_MAX 1000
#define FORM_PROBLEMS_MAX 100
#define FORM_ANSWERS_BYTES_MAX ((size_t)256 * 1024)
#define FORM_ANSWERS_MAX 1000            /* entries of one object or list of answers */
#define FORM_ANSWER_CHARACTERS_MAX 10000 /* of one text, whatever the document allows */

/* --- texts ----------------------------------------------------------------------------------------------- */

struct form_said {
	struct str lang, text;
};
/* A text by language, none empty. The text without a language, or under "default", is in the document's `locale` and
 * stands first. */
struct form_text {
	const struct form_said *all;
	size_t n;
};

/*
 * The text in `lang` ("fa", "fa-IR"), else in its main language ("fa"), else
 * the document's own, else English, else whatever is there; "" for none.
 * Borrowed from the document: untrusted, so it goes to a page by
 * form_put_html. `said` (may be NULL) is the language it is in.
 */
struct str form_text_in(const struct form_text *t, struct str lang, struct str *said);

/* --- values and answers ---------------------------------------------------------------------------------- */

enum form_kind { FORM_NOTHING, FORM_BOOL, FORM_NUMBER, FORM_STRING, FORM_LIST, FORM_OBJECT };

struct form_value {
	enum form_kind kind;
	bool yes;                       /* BOOL */
	double number;                  /* NUMBER, always finite */
	struct str text;                /* STRING */
	const struct form_value *items; /* LIST, OBJECT: n of them */
	const struct str *names;        /* OBJECT: the item's name */
	size_t n;
};

/* Answers are an OBJECT: names of questions and what was answered. Names are distinct; the last of one name stands. */
struct form_answers {
	struct form_value all;
};

/*
 * From a JSON object. ERR_INPUT "json.syntax"; ERR_LIMIT "form.answers" past
 * FORM_ANSWERS_BYTES_MAX, FORM_ANSWERS_MAX or 8 levels. Strings are in `a`.
 */
NODISCARD enum err_code form_answers_json(struct str json, struct arena *a, struct form_answers *out, struct err *err);
/* The members by name, as JSON. */
void form_answers_print(const struct form_answers *f, struct buf *out);
/* NULL when there is none, or it is empty. */
const struct form_value *form_answer(const struct form_answers *f, struct str name);
/* With one more answer, or one replaced. The old answers are borrowed. */
NODISCARD enum err_code form_answers_with(const struct form_answers *f, struct str name, struct form_value value,
                                          struct arena *a, struct form_answers *out, struct err *err);
/* Nothing, "", a text of invisible signs alone, [] and {}. false and 0 are answers. */
bool form_value_empty(const struct form_value *v);

/*
 * A number as people type it: digits of three scripts, "." or U+066B before
 * the fraction, "," or U+066C between groups of three, a sign ("-", U+2212),
 * white space and direction marks around. No exponent, at most 40 characters.
 */
NODISCARD bool form_number(struct str text, double *out);

/* --- expressions ----------------------------------------------------------------------------------------- */

struct form_expr;

/*
 * ERR_INPUT "form.expression" names what was expected; err.value is the
 * character (code point) at which it is missing, err.limit one past the word
 * that stands there. ERR_LIMIT "form.expression" for what is too long, nested
 * too deep or has too many parts, err.value the character.
 */
NODISCARD enum err_code form_expr_read(struct str text, struct arena *a, struct form_expr **out, struct err *err);
/* As written. */
struct str form_expr_text(const struct form_expr *e);
/* Never fails: what has no value is FORM_NOTHING. `now_ms` is the reader's wall clock, for today() and age(). The
 * result is in `a` or borrowed from the answers. Cost: the nodes, times the lengths of lists and texts compared. */
struct form_value form_expr_eval(const struct form_expr *e, const struct form_answers *answers, int64_t now_ms,
                                 struct arena *a);
/* What `and`, `or`, `!`, iif and visibleIf make of a value: nothing, "", 0, false, [] and {} are false. */
bool form_value_true(const struct form_value *v);

/* --- the document ---------------------------------------------------------------------------------------- */

enum form_type {
	FORM_RATING,
	FORM_RADIO,
	FORM_CHECKBOX,
	FORM_DROPDOWN,
	FORM_TAGBOX,
	FORM_BOOLEAN,
	FORM_TEXT,
	FORM_COMMENT,
	FORM_MATRIX,
	FORM_RANKING,
	FORM_IMAGEPICKER,
	FORM_MULTITEXT,
	FORM_SLIDER,
	FORM_HTML,
	FORM_FILE,
	FORM_EXPRESSION,
	FORM_PANEL,
	FORM_TYPES
};
extern const char *const form_type_names[FORM_TYPES]; /* as in the document: "rating", "radiogroup" … */

enum form_input {
	FORM_INPUT_TEXT,
	FORM_INPUT_EMAIL,
	FORM_INPUT_NUMBER,
	FORM_INPUT_DATE,
	FORM_INPUT_TEL,
	FORM_INPUT_URL,
	FORM_INPUTS
};
extern const char *const form_input_names[FORM_INPUTS]; /* "text", "email", "number", "date", "tel", "url" */

enum form_look { FORM_BUTTONS, FORM_STARS, FORM_SMILEYS }; /* of a rating */
enum form_order { FORM_AS_WRITTEN, FORM_RANDOM, FORM_ASCENDING, FORM_DESCENDING };

struct form_choice {
	struct str value; /* what is answered */
	bool is_number;   /* answered as a JSON number; `number` is it */
	double number;
	struct form_text text; /* no text: the value is shown */
	struct str image;      /* imagepicker: https address, or "" */
};

struct form_question {
	struct str name; /* unique in the document */
	enum form_type type;
	size_t page;                           /* index of its page */
	const struct form_question *panel;     /* the panel or multipletext it stands in; NULL none */
	struct form_text title, description;   /* no title: the name is shown */
	struct form_text min_label, max_label; /* rating, slider */
	struct form_text placeholder, required_error, other_text, none_text;
	struct form_text html; /* FORM_HTML; goes out by form_put_rich */
	bool required, hide_title, read_only;
	bool other, none; /* a choice "other" with a text beside it, under NAME-Comment; a choice "none" */
	bool comment;     /* showCommentArea: a text beside any choice, under NAME-Comment */
	bool multiple;    /* imagepicker, file: a list is answered */
	bool all_rows;    /* matrix: each row must be answered */
	enum form_order order;
	/* What can be chosen: of boolean the two (yes first; values "true", "false"), of a matrix its columns, of a
	 * rating with rateValues these, else of a rating none: min, max and step tell. */
	struct form_choice *choices;
	size_t n_choices;
	struct form_choice *rows; /* matrix */
	size_t n_rows;
	double min, max,
	        step;   /* rating, slider, number, date (milliseconds): min <= max; -inf, inf where open; step 0: any */
	int max_length; /* characters of a text, 1..FORM_ANSWER_CHARACTERS_MAX */
	int min_chosen, max_chosen; /* checkbox, tagbox, ranking: 0 none said */
	int lines;                  /* comment */
	int64_t max_bytes;          /* file */
	enum form_input input;
	enum form_look look;
	struct form_expr *visible_if, *enable_if, *required_if; /* NULL: always, always, as `required` says */
	struct form_expr *expression;                           /* FORM_EXPRESSION */
	struct str metric; /* "cx:metric": what the answer measures (form_metrics); "" nothing */
	struct str item;   /* "cx:item": pairs questions of this survey: E and P of an item, F and G of a feature; "" */
	struct str about;  /* "cx:about": type of event it is about, or "journey"; "" the survey's */
	struct str property; /* "cx:property": the answer becomes this property of every event of the response
	                        (unit, environment, touchpoint, at, employee …); "" no */
	bool text;           /* "cx:text": the words that belong to the scored question before it */
	bool consent;        /* "cx:consent": a boolean that asks for consent */
	struct form_question *children; /* panel: its elements; multipletext: its items (FORM_TEXT) */
	size_t n_children;
};

struct form_page {
	struct str name;
	struct form_text title, description;
	struct form_question *questions; /* panels hold theirs */
	size_t n;
	struct form_expr *visible_if;
};

/* "cx:parameters": words that an organisation fills in, such as the feature of a Kano question. */
struct form_parameter {
	struct str name;
	struct form_text text;
};

struct form_trigger {
	struct form_expr *expression; /* triggers of type "complete": when true, the survey ends behind that page */
};

enum form_audience { FORM_CUSTOMERS, FORM_EMPLOYEES, FORM_OBSERVERS };
extern const char *const form_audience_names[3]; /* "cx:audience": "customers", "employees", "observers" */

/* "cx:ask": the survey asks by itself behind an event. */
#define FORM_ASK_CHANNELS 3
#define FORM_ASK_WAIT_MS_MAX ((int64_t)366 * 86400000)
extern const char *const form_ask_channel_names[FORM_ASK_CHANNELS]; /* "email", "sms", "whatsapp" */
struct form_ask {
	struct str after;    /* type of event; "" nothing is asked by itself */
	int64_t wait_ms;     /* after it, 0 at once */
	struct str channels; /* in the order in which they are tried: "email,sms"; "email" unless said */
};

struct form {
	struct str json;       /* canonical, with every member that the document had: what is kept and printed */
	struct str locale;     /* the language of texts without one; "en" unless said */
	struct str *languages; /* of any text, the locale first, then by first use */
	size_t n_languages;
	struct form_text title, description, done_html;
	struct form_text purpose; /* "cx:purpose": for who builds surveys, not for who answers */
	struct str about;         /* "cx:about", "journey" unless said */
	struct form_ask ask;
	enum form_audience audience;
	bool progress; /* showProgressBar */
	bool mask;     /* "cx:mask": what identifies a person is masked in the words of answers before they are kept */
	struct form_page *pages;
	size_t n_pages;
	/* Every question in reading order, a panel before its elements, items of multipletext not among them. */
	struct form_question **questions;
	size_t n_questions;
	struct form_parameter *parameters;
	size_t n_parameters;
	struct form_trigger *triggers;
	size_t n_triggers;
};

/* Something to say about a document or an answer. */
struct form_problem {
	const char *id;   /* key of the catalogues (base/words/LANG/form.txt): "form.answer.range" */
	struct str field; /* document: JSON pointer; answers: name of the question, "topic-Comment", "matrix.row" */
	bool warning;     /* the document, or the answers, stand all the same */
	struct str what;  /* what stood there, cut to 80 bytes of whole characters; or "" */
	double least, most, value; /* where it is about numbers, else 0 */
	const char *hint;          /* expressions: a key of the catalogues, what is missing; else NULL */
};
/* The sentence in the reader's language. */
NODISCARD struct str form_problem_words(const struct form_problem *p, const struct locale *l, struct arena *a);

struct form_problems {
	struct form_problem *all; /* errors and warnings in the order of the document, at most FORM_PROBLEMS_MAX */
	size_t n, errors;
};

/*
 * Reads and validates a document; everything is in `a`, nothing borrowed.
 *
 *   problems  filled in both cases; warnings name members that mean nothing
 *             here (they are kept) and expressions that name no question
 *   returns   OK with *out when no problem is an error; else ERR_INPUT (or
 *             ERR_LIMIT) with the first error in *err, id and field as there;
 *             "json.syntax" when it is no JSON
 */
NODISCARD enum err_code form_read(struct str json, struct arena *a, struct form **out, struct form_problems *problems,
                                  struct err *err);
/* The canonical document; form_read of it prints itself. */
void form_print(const struct form *f, struct buf *out);
/* NULL when there is none; finds items of multipletext by no name. */
const struct form_question *form_question(const struct form *f, struct str name);
/* How many texts of the document have no words in `lang`; *n_texts (may be NULL) is how many there are. */
size_t form_missing(const struct form *f, struct str lang, size_t *n_texts);
/*
 * A text to show: in the language, with {name} filled by the answer of that
 * name, as its choice is called, or by the parameter. What is filled in is
 * isolated (U+2068 … U+2069). A name without an answer gives "".
 */
NODISCARD struct str form_say(const struct form *f, const struct form_text *t, struct str lang,
                              const struct form_answers *answers, struct arena *a);

/* --- metrics --------------------------------------------------------------------------------------------- */

struct form_metric {
	const char *name;
	bool scored;      /* a number on a scale; else words, choices */
	const char *kind; /* score_kind of the event: "nps", "csat", "ces", "rating"; NULL when it is not scored */
};
/* "cx:metric" is one of these, by name. */
extern const struct form_metric form_metrics[];
extern const size_t form_metrics_count;
const struct form_metric *form_metric(struct str name); /* NULL unknown */
/* Ends of the scale of a scored question: its rating, slider, number, boolean (0, 1) or choices that are numbers.
 * False when it has none. */
NODISCARD bool form_scale(const struct form_question *q, double *least, double *most);

/* --- answering ------------------------------------------------------------------------------------------ */

/*
 * Which questions show, in one pass in reading order: an answer to a question
 * that does not show counts as none for all behind it. shown[i] is that of
 * f->questions[i]; a question shows when its page, its panels and itself do.
 * Questions behind the page of a fired "complete" trigger do not show.
 */
NODISCARD enum err_code form_shown(const struct form *f, const struct form_answers *answers, int64_t now_ms,
                                   struct arena *a, bool **shown, struct err *err);

/*
 * From application/x-www-form-urlencoded, as a page without JavaScript sends
 * it: NAME=value; NAME several times for lists; NAME[ROW]=value for matrix,
 * multipletext, and ranking (value: the place, 1 first); NAME-Comment. Names
 * that begin with "_" belong to the page and are left out, empty values as
 * well. Texts only: form_check makes numbers of them. ERR_INPUT "form.encoding",
 * ERR_LIMIT "form.answers".
 */
NODISCARD enum err_code form_answers_form(const struct form *f, struct str body, struct arena *a,
                                          struct form_answers *out, struct err *err);

struct form_checked {
	struct form_answers answers; /* what counts: shown, known, in range; numbers as numbers, lists as lists; results
	                                of expression questions added */
	struct form_answers
	        raw; /* kept, not counted: answers to questions and options that this document does not have */
	struct form_problems problems;
};

/*
 * Checks answers. Answers to hidden questions are dropped. `complete` also
 * asks for what is required; without it the answers are partial, and only
 * what is there is checked. Answers with an error are in neither list.
 *
 * Errors in problems (docs/surveys.md has the table): form.answer.required,
 * .range, .step, .number, .date, .email, .url, .tel, .long, .choice (of a
 * rating), .few, .many, .kind, .file, .rows. Warnings: .option and .question
 * for what is kept raw.
 *
 *   returns  OK also with problems; ERR_NO_MEMORY
 */
NODISCARD enum err_code form_check(const struct form *f, const struct form_answers *answers, bool complete,
                                   int64_t now_ms, struct arena *a, struct form_checked *out, struct err *err);

/* --- templates ------------------------------------------------------------------------------------------- */

struct form_template {
	struct str key;   /* "nps" */
	struct str group; /* "scores", "experience", "market", "quality", "employees" */
	struct str json;  /* the document, in en, ar and fa */
};
/* The i-th template in the order in which they are shown; false past the last. Static. */
NODISCARD bool form_template_at(size_t i, struct form_template *out);

/* --- surveys of other tools ------------------------------------------------------------------------------ */

enum form_format { FORM_SURVEYJS, FORM_QSF, FORM_LSS, FORM_LIMESURVEY_TSV, FORM_FORMATS };
extern const char *const form_format_names[FORM_FORMATS]; /* "surveyjs", "qsf", "lss", "limesurvey" */

#define FORM_IMPORT_BYTES_MAX ((size_t)8 * 1024 * 1024)

/*
 * A document of another tool as one of ours: SurveyJS JSON, Qualtrics QSF,
 * LimeSurvey .lss and its tab-separated export; which it is is told by its
 * bytes. What has no place here becomes a note in its place (FORM_HTML) and a
 * warning in `notes`, where form_read's warnings follow.
 *
 *   json  the new document, which form_read has taken
 *
 * Errors: ERR_INPUT "form.import" for other files; as form_read; ERR_LIMIT
 * past FORM_IMPORT_BYTES_MAX.
 */
NODISCARD enum err_code form_import(struct str bytes, struct arena *a, struct str *json, enum form_format *format,
                                    struct form_problems *notes, struct err *err);

/* --- on the way out -------------------------------------------------------------------------------------- */

/* Text into HTML, also inside a quoted attribute: & < > " ' escaped; controls and characters that turn the direction
 * (U+202A..U+202E) left out; isolates (U+2066..U+2069) only where they are closed; ZWNJ, ZWJ and marks kept. */
void form_put_html(struct buf *out, struct str text);
/* The same for a plain text: for mail subjects, titles of windows, tables. */
void form_put_plain(struct buf *out, struct str text);
/* HTML that an author wrote (FORM_HTML, done_html): p br b strong i em u ul ol li h1..h4 a[href of http, https, mailto]
 * stay, other tags go, their text stays, script and style go with theirs; what is open is closed. */
void form_put_rich(struct buf *out, struct str html);

/* The HTML of a page, which needs all of the above. */
#include "form/page.h"

#endif
