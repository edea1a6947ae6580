/*
 * The language of segments, by recursive descent over words that are cut as
 * they are needed. docs/segments.md has the grammar.
 */
#include "people/priv.h"

#include <math.h>

#include "base/checked.h"
#include "base/when.h"

const char *const rule_compare_words[] = { [JOURNEY_AT_LEAST] = "at least",
	                                   [JOURNEY_AT_MOST] = "at most",
	                                   [JOURNEY_EXACTLY] = "exactly",
	                                   [JOURNEY_BELOW] = "below",
	                                   [JOURNEY_ABOVE] = "above" };
const char *const rule_of_words[] = {
	[JOURNEY_OF_MEAN] = "mean", [JOURNEY_OF_LAST] = "last", [JOURNEY_OF_ANY] = "any"
};

bool rule_reserved(struct str word)
{
	static const char *const words[] = { "and", "or", "not", "is", "under", "then", "unknown", "anything" };
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (str_eq_ascii_nocase(word, str_of(words[i]))) return true;
	return false;
}

/* --- words ------------------------------------------------------------------------------------------ */

enum token_kind { T_END, T_WORD, T_NAME, T_OPEN, T_CLOSE, T_COMMA };

struct token {
	enum token_kind kind;
	size_t at;       /* characters in front of it */
	struct str text; /* as written; a name without its quotes */
	struct str fold; /* words: ASCII small letters and digits */
};

struct parser {
	struct str text;
	size_t i, at; /* behind the token: bytes, characters */
	struct token t;
	const struct people_clock *clock;
	struct arena *a;
	int depth, nodes;
};

static enum err_code wrong(const struct parser *p, size_t at, struct err *err, const char *expected)
{
	const struct str t = p->t.at == at ? p->t.text : STR("");
	enum err_code rc;
	if (p->t.at == at && p->t.kind == T_END)
		rc = err_set(err, ERR_INPUT, "segment.rule", "rule", "at its end the rule lacks %s", expected);
	else if (t.len)
		rc = err_set(err, ERR_INPUT, "segment.rule", "rule",
		             "at character %zu, before \"" STR_FMT "\", the rule needs %s", at + 1,
		             STR_ARG(rule_shown(t, 40)), expected);
	else
		rc = err_set(err, ERR_INPUT, "segment.rule", "rule", "at character %zu the rule needs %s", at + 1,
		             expected);
	if (err) {
		err->value = (int64_t)at;
		err->limit = (int64_t)(p->t.at == at && p->at > at ? p->at : at + 1);
	}
	err_hint(err, "Such as: did \"Order Placed\" at least 3 times in the last 90d and not in segment \"late\".");
	return rc;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x200e || c == 0x200f || c == 0x61c ||
	       (c >= 0x2066 && c <= 0x2069) || (c >= 0x202a && c <= 0x202e) || c == 0xfeff;
}

/* The mark that ends a name which this one begins; 0 for other characters. */
static uint32_t closing(uint32_t c)
{
	static const uint32_t pairs[][2] = { { '"', '"' },       { '\'', '\'' },     { 0xab, 0xbb },
		                             { 0x201c, 0x201d }, { 0x2018, 0x2019 }, { 0x201e, 0x201c } };
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		if (pairs[i][0] == c) return pairs[i][1];
	return 0;
}

static enum token_kind single(uint32_t c)
{
	return c == '(' ? T_OPEN : c == ')' ? T_CLOSE : c == ',' || c == 0x60c ? T_COMMA : T_END;
}

static uint32_t peek(const struct parser *p)
{
	size_t i = p->i;
	return i < p->text.len ? utf8_next(p->text, &i) : 0;
}

static uint32_t take(struct parser *p)
{
	p->at++;
	return utf8_next(p->text, &p->i);
}

static enum err_code long_name(size_t bytes, struct err *err)
{
	return err_limit(err, "segment.name", "rule", (int64_t)bytes, PEOPLE_NAME_BYTES_MAX,
	                 "a name in a rule has at most %d bytes", PEOPLE_NAME_BYTES_MAX);
}

/* A name up to its closing mark; the mark written twice stands for itself. */
static enum err_code read_name(struct parser *p, uint32_t end, struct err *err)
{
	char *out = arena_alloc(p->a, p->text.len - p->i + 1);
	size_t n = 0;
	if (!out) return err_no_memory(err);
	while (p->i < p->text.len) {
		const uint32_t c = take(p);
		if (c == end) {
			if (peek(p) != end) {
				p->t.kind = T_NAME;
				p->t.text = (struct str){ out, n };
				return n <= PEOPLE_NAME_BYTES_MAX ? OK : long_name(n, err);
			}
			take(p);
		}
		n += utf8_put(out + n, c);
	}
	return wrong(p, p->t.at, err, "a quotation mark that closes this name");
}

/* A word: up to a space, a quotation mark, a parenthesis or a comma. Arabic and Persian digits fold to ours. */
static enum err_code read_word(struct parser *p, struct err *err)
{
	const size_t from = p->i;
	while (p->i < p->text.len && !is_space(peek(p)) && !closing(peek(p)) && single(peek(p)) == T_END) take(p);
	p->t.kind = T_WORD;
	p->t.text = str_cut(p->text, from, p->i);
	char *fold = arena_alloc(p->a, p->t.text.len + 1);
	size_t n = 0;
	if (!fold) return err_no_memory(err);
	for (size_t i = 0; i < p->t.text.len;) {
		uint32_t c = utf8_next(p->t.text, &i);
		if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
		else if (c >= 0x660 && c <= 0x669) c = '0' + (c - 0x660);
		else if (c >= 0x6f0 && c <= 0x6f9) c = '0' + (c - 0x6f0);
		else if (c == 0x66b) c = '.';
		n += utf8_put(fold + n, c);
	}
	p->t.fold = (struct str){ fold, n };
	return p->t.text.len <= PEOPLE_NAME_BYTES_MAX ? OK : long_name(p->t.text.len, err);
}

static enum err_code next(struct parser *p, struct err *err)
{
	while (p->i < p->text.len && is_space(peek(p))) take(p);
	p->t = (struct token){ .kind = T_END, .at = p->at };
	if (p->i == p->text.len) return OK;
	const uint32_t c = peek(p);
	const size_t from = p->i;
	if (closing(c)) {
		take(p);
		return read_name(p, closing(c), err);
	}
	if (single(c) == T_END) return read_word(p, err);
	take(p);
	p->t.kind = single(c);
	p->t.text = str_cut(p->text, from, p->i);
	return OK;
}

static bool is(const struct parser *p, const char *word)
{
	return p->t.kind == T_WORD && str_eq(p->t.fold, str_of(word));
}

/* Takes the word when it stands here. */
static enum err_code may(struct parser *p, const char *word, bool *there, struct err *err)
{
	*there = is(p, word);
	return *there ? next(p, err) : OK;
}

static enum err_code must(struct parser *p, const char *word, const char *expected, struct err *err)
{
	return is(p, word) ? next(p, err) : wrong(p, p->t.at, err, expected);
}

/* --- names, numbers, times ---------------------------------------------------------------------------- */

static enum err_code read_event(struct parser *p, struct str *out, struct err *err)
{
	if (is(p, "anything")) *out = STR("");
	else if (p->t.kind == T_NAME && p->t.text.len) *out = p->t.text;
	else return wrong(p, p->t.at, err, "the name of an event in quotation marks");
	return next(p, err);
}

static enum err_code read_number(struct parser *p, double *out, const char *expected, struct err *err)
{
	if (p->t.kind != T_WORD || !str_to_double(p->t.fold, out)) return wrong(p, p->t.at, err, expected);
	return next(p, err);
}

static enum err_code read_times(struct parser *p, int64_t *out, struct err *err)
{
	if (p->t.kind != T_WORD || !str_to_i64(p->t.fold, out) || *out < 0 || *out > 1000000000)
		return wrong(p, p->t.at, err, "a whole number");
	return next(p, err);
}

#define DURATION_MAX (WHEN_MAX_MS - WHEN_MIN_MS) /* longer than all events together */

/* 30d, or 30 days. */
static enum err_code read_duration(struct parser *p, int64_t *out, struct err *err)
{
	static const struct {
		const char *words[3];
		const char *unit;
	} units[] = { { { "week", "weeks", "w" }, "w" },
		      { { "day", "days", "d" }, "d" },
		      { { "hour", "hours", "h" }, "h" },
		      { { "minute", "minutes", "m" }, "m" },
		      { { "second", "seconds", "s" }, "s" } };
	const size_t at = p->t.at;
	const struct str number = p->t.fold;
	int64_t n;
	if (p->t.kind == T_WORD && when_parse_duration(number, out) && *out <= DURATION_MAX) return next(p, err);
	if (p->t.kind != T_WORD || !str_to_i64(number, &n)) return wrong(p, at, err, "a duration such as 30d or 12h");
	TRY(next(p, err));
	for (size_t i = 0; i < COUNT_OF(units); i++)
		for (size_t k = 0; k < 3; k++)
			if (is(p, units[i].words[k])) {
				const struct str text = str_format(p->a, "%lld%s", (long long)n, units[i].unit);
				if (!text.ptr) return err_no_memory(err);
				if (when_parse_duration(text, out) && *out <= DURATION_MAX) return next(p, err);
			}
	return wrong(p, p->t.at, err, "a duration such as 30d or 12h");
}

static enum err_code read_time(struct parser *p, int64_t *out, struct str *text, struct err *err)
{
	bool offset = false;
	int64_t at;
	if ((p->t.kind != T_WORD || !when_parse_iso(p->t.fold, &at, &offset)) || at < WHEN_MIN_MS || at >= WHEN_MAX_MS)
		return wrong(p, p->t.at, err, "a date such as 2026-01-31");
	if (!offset && p->clock && p->clock->utc) at = p->clock->utc(p->clock->ctx, at);
	*out = at;
	/* Written with a small t and z it means the same; one spelling is kept. */
	char *upper = arena_alloc(p->a, p->t.fold.len + 1);
	if (!upper) return err_no_memory(err);
	for (size_t i = 0; i < p->t.fold.len; i++) {
		const char c = p->t.fold.ptr[i];
		upper[i] = c == 't' || c == 'z' ? (char)(c - 'a' + 'A') : c;
	}
	*text = (struct str){ upper, p->t.fold.len };
	return next(p, err);
}

/* --- conditions ----------------------------------------------------------------------------------------- */

static enum err_code node_new(struct parser *p, enum journey_segment_op op, size_t at,
                              struct journey_segment_node **out, struct err *err)
{
	if (++p->nodes > JOURNEY_SEGMENT_NODES_MAX / 2)
		return err_limit(err, "segment.size", "rule", p->nodes, JOURNEY_SEGMENT_NODES_MAX / 2,
		                 "the rule has too many parts");
	struct journey_segment_node *n = ARENA_NEW(p->a, struct journey_segment_node);
	if (!n) return err_no_memory(err);
	*n = (struct journey_segment_node){ .op = op, .at = at, .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	*out = n;
	return OK;
}

/* `is "x"`, `is not x`, `is unknown`, `under "x"`. */
static enum err_code read_filter(struct parser *p, struct str dimension, struct journey_filter *f, struct err *err)
{
	*f = (struct journey_filter){ .dimension = dimension };
	if (is(p, "under")) {
		TRY(next(p, err));
		f->op = JOURNEY_UNDER;
	} else {
		bool not ;
		TRY(must(p, "is", "\"is\" or \"under\"", err));
		TRY(may(p, "not", &not, err));
		f->op = not ? JOURNEY_IS_NOT : JOURNEY_IS;
	}
	const bool word = p->t.kind == T_WORD, unknown = is(p, "unknown") && f->op != JOURNEY_UNDER;
	if (!unknown && ((!word && p->t.kind != T_NAME) || (word && rule_reserved(p->t.fold)) || !p->t.text.len))
		return wrong(p, p->t.at, err, "a value, or \"unknown\"");
	f->value = unknown ? STR("") : p->t.text;
	return next(p, err);
}

static enum err_code read_where(struct parser *p, struct journey_segment_step *s, struct err *err)
{
	for (bool more = true; more;) {
		if ((p->t.kind != T_WORD || rule_reserved(p->t.fold)) && (p->t.kind != T_NAME || !p->t.text.len))
			return wrong(p, p->t.at, err, "a property");
		if (s->n_where == JOURNEY_SEGMENT_WHERE_MAX)
			return err_limit(err, "segment.where", "rule", JOURNEY_SEGMENT_WHERE_MAX + 1,
			                 JOURNEY_SEGMENT_WHERE_MAX, "an event has at most %d conditions",
			                 JOURNEY_SEGMENT_WHERE_MAX);
		const struct str dimension = p->t.text;
		TRY(next(p, err));
		TRY(read_filter(p, dimension, &s->where[s->n_where++], err));
		more = p->t.kind == T_COMMA;
		if (more) TRY(next(p, err));
	}
	return OK;
}

/* `at least 3`, `below 40` …: *there false and nothing taken when none stands here. */
static enum err_code read_compare(struct parser *p, enum journey_segment_compare *out, bool *there, struct err *err)
{
	static const struct {
		const char *first, *second;
		enum journey_segment_compare is;
	} all[] = { { "at", "least", JOURNEY_AT_LEAST },
		    { "at", "most", JOURNEY_AT_MOST },
		    { "exactly", NULL, JOURNEY_EXACTLY },
		    { "below", NULL, JOURNEY_BELOW },
		    { "above", NULL, JOURNEY_ABOVE } };
	*there = true;
	if (is(p, "at")) {
		TRY(next(p, err));
		for (size_t i = 0; i < 2; i++)
			if (is(p, all[i].second)) {
				*out = all[i].is;
				return next(p, err);
			}
		return wrong(p, p->t.at, err, "\"least\" or \"most\"");
	}
	for (size_t i = 2; i < COUNT_OF(all); i++)
		if (is(p, all[i].first)) {
			*out = all[i].is;
			return next(p, err);
		}
	*there = false;
	return OK;
}

/* since, before, in the last: any of them, once each. */
static enum err_code read_period(struct parser *p, struct journey_segment_node *n, bool *there, struct err *err)
{
	const size_t at = p->t.at;
	*there = true;
	if (is(p, "since") && n->from_ms == INT64_MIN) {
		TRY(next(p, err));
		TRY(read_time(p, &n->from_ms, &n->from_text, err));
	} else if (is(p, "before") && n->to_ms == INT64_MAX) {
		TRY(next(p, err));
		TRY(read_time(p, &n->to_ms, &n->to_text, err));
	} else if (is(p, "in") && !n->last_ms) {
		TRY(next(p, err));
		TRY(must(p, "the", "\"the last\" and a duration", err));
		TRY(must(p, "last", "\"last\" and a duration", err));
		TRY(read_duration(p, &n->last_ms, err));
	} else {
		*there = false;
		return OK;
	}
	if (n->from_ms >= n->to_ms) return wrong(p, at, err, "a period that begins before it ends");
	return OK;
}

static enum err_code read_periods(struct parser *p, struct journey_segment_node *n, struct err *err)
{
	for (bool there = true; there;) TRY(read_period(p, n, &there, err));
	return OK;
}

/* How often, within what, when: of what is counted. */
static enum err_code read_count(struct parser *p, struct journey_segment_node *n, bool chain, struct err *err)
{
	bool counted = false;
	n->compare = JOURNEY_AT_LEAST;
	n->times = 1;
	for (bool there = true; there;) {
		const size_t at = p->t.at;
		there = false;
		if (is(p, "at") || is(p, "exactly")) {
			if (counted || chain) return wrong(p, at, err, "the end of this condition");
			TRY(read_compare(p, &n->compare, &there, err));
			TRY(read_times(p, &n->times, err));
			if (is(p, "times") || is(p, "time")) TRY(next(p, err));
			counted = true;
		} else if (!chain && is(p, "within") && !n->within_ms) {
			TRY(next(p, err));
			TRY(read_duration(p, &n->within_ms, err));
			there = true;
		} else if (chain && is(p, "all") && !n->within_ms) {
			TRY(next(p, err));
			TRY(must(p, "within", "\"within\" and a duration", err));
			TRY(read_duration(p, &n->within_ms, err));
			for (size_t i = 1; i < n->n_steps; i++)
				if (n->steps[i].within_ms)
					return wrong(p, at, err, "either \"all within\" or \"within\" after its steps");
			there = true;
		} else {
			TRY(read_period(p, n, &there, err));
		}
	}
	return OK;
}

static enum err_code read_step(struct parser *p, struct journey_segment_step *s, struct err *err)
{
	bool where;
	TRY(read_event(p, &s->event, err));
	TRY(may(p, "where", &where, err));
	return where ? read_where(p, s, err) : OK;
}

static enum err_code read_did(struct parser *p, size_t at, struct journey_segment_node **out, struct err *err)
{
	bool not, then;
	struct journey_segment_node *n, *turned;
	TRY(may(p, "not", &not, err));
	TRY(node_new(p, JOURNEY_SEGMENT_DID, at, &n, err));
	struct journey_segment_step *s = ARENA_ARRAY(p->a, struct journey_segment_step, JOURNEY_SEGMENT_STEPS_MAX);
	if (!s) return err_no_memory(err);
	n->steps = s;
	TRY(read_step(p, &s[n->n_steps++], err));
	for (;;) {
		TRY(may(p, "then", &then, err));
		if (!then) break;
		if (n->n_steps == JOURNEY_SEGMENT_STEPS_MAX)
			return err_limit(err, "segment.steps", "rule", JOURNEY_SEGMENT_STEPS_MAX + 1,
			                 JOURNEY_SEGMENT_STEPS_MAX, "a sequence has at most %d steps",
			                 JOURNEY_SEGMENT_STEPS_MAX);
		struct journey_segment_step *one = &s[n->n_steps++];
		bool within;
		TRY(may(p, "directly", &one->directly, err));
		TRY(read_step(p, one, err));
		TRY(may(p, "within", &within, err));
		if (within) TRY(read_duration(p, &one->within_ms, err));
	}
	if (n->n_steps > 1) n->op = JOURNEY_SEGMENT_SEQUENCE;
	TRY(read_count(p, n, n->n_steps > 1, err));
	*out = n;
	if (!not ) return OK;
	TRY(node_new(p, JOURNEY_SEGMENT_NOT, at, &turned, err));
	turned->a = n;
	*out = turned;
	return OK;
}

static enum err_code read_events(struct parser *p, size_t at, struct journey_segment_node **out, struct err *err)
{
	TRY(node_new(p, JOURNEY_SEGMENT_DID, at, out, err));
	struct journey_segment_step *s = ARENA_ARRAY(p->a, struct journey_segment_step, 1);
	if (!s) return err_no_memory(err);
	(*out)->steps = s;
	(*out)->n_steps = 1;
	if (!is(p, "at") && !is(p, "exactly"))
		return wrong(p, p->t.at, err, "\"at least\", \"at most\" or \"exactly\"");
	return read_count(p, *out, false, err);
}

static enum err_code read_commented(struct parser *p, size_t at, struct journey_segment_node **out, struct err *err)
{
	bool on;
	TRY(node_new(p, JOURNEY_SEGMENT_COMMENTED, at, out, err));
	TRY(may(p, "on", &on, err));
	if (on) TRY(read_event(p, &(*out)->event, err));
	return read_count(p, *out, false, err);
}

static enum err_code read_spent(struct parser *p, size_t at, struct journey_segment_node **out, struct err *err)
{
	bool there;
	double amount;
	int digits;
	TRY(node_new(p, JOURNEY_SEGMENT_SPENT, at, out, err));
	struct journey_segment_node *n = *out;
	TRY(read_compare(p, &n->compare, &there, err));
	if (!there) return wrong(p, p->t.at, err, "\"at least\", \"at most\", \"below\", \"above\" or \"exactly\"");
	TRY(read_number(p, &amount, "an amount", err));
	char *code = arena_alloc(p->a, p->t.fold.len + 1);
	if (!code) return err_no_memory(err);
	for (size_t i = 0; i < p->t.fold.len; i++)
		code[i] = p->t.fold.ptr[i] >= 'a' && p->t.fold.ptr[i] <= 'z' ? (char)(p->t.fold.ptr[i] - 'a' + 'A')
		                                                             : p->t.fold.ptr[i];
	n->currency = (struct str){ code, p->t.fold.len };
	if (p->t.kind != T_WORD || !wire_currency(n->currency, &digits))
		return wrong(p, p->t.at, err, "a currency such as AED or EUR");
	const double minor = amount * pow(10, digits);
	if (!(fabs(minor) <= 1e15) || fabs(minor - rint(minor)) > 1e-6 * fmax(1, fabs(minor)))
		return wrong(p, p->t.at, err, "an amount that its currency has");
	n->minor = llrint(minor);
	TRY(next(p, err));
	bool on;
	TRY(may(p, "on", &on, err));
	if (on) TRY(read_event(p, &n->event, err));
	return read_periods(p, n, err);
}

static bool signal_of(const struct parser *p, enum journey_signal *out)
{
	for (int i = 0; i < JOURNEY_SIGNALS; i++)
		if (is(p, journey_signal_names[i])) {
			*out = (enum journey_signal)i;
			return true;
		}
	return false;
}

static enum err_code read_score(struct parser *p, size_t at, enum journey_segment_of of,
                                struct journey_segment_node **out, struct err *err)
{
	bool there;
	TRY(node_new(p, JOURNEY_SEGMENT_SCORE, at, out, err));
	struct journey_segment_node *n = *out;
	n->of = of;
	if (!signal_of(p, &n->signal)) return wrong(p, p->t.at, err, "a signal such as rating");
	TRY(next(p, err));
	TRY(may(p, "of", &there, err));
	if (there) TRY(read_event(p, &n->event, err));
	TRY(read_compare(p, &n->compare, &there, err));
	if (!there || n->compare == JOURNEY_EXACTLY)
		return wrong(p, p->t.at, err, "\"below\", \"above\", \"at least\" or \"at most\"");
	const size_t bar = p->t.at;
	TRY(read_number(p, &n->bar, "a score from 0 to 100", err));
	if (n->bar < 0 || n->bar > 100) return wrong(p, bar, err, "a score from 0 to 100");
	return read_periods(p, n, err);
}

static enum err_code read_seen(struct parser *p, enum journey_segment_op op, size_t at,
                               struct journey_segment_node **out, struct err *err)
{
	TRY(next(p, err)); /* seen */
	TRY(node_new(p, op, at, out, err));
	const size_t period = p->t.at;
	TRY(read_periods(p, *out, err));
	if (p->t.at == period) return wrong(p, period, err, "\"since\", \"before\" or \"in the last\"");
	return OK;
}

static enum err_code read_named(struct parser *p, size_t at, struct journey_segment_node **out, struct err *err)
{
	TRY(must(p, "segment", "\"segment\" and a name", err));
	TRY(node_new(p, JOURNEY_SEGMENT_IN, at, out, err));
	if ((p->t.kind != T_NAME && p->t.kind != T_WORD) || !p->t.text.len)
		return wrong(p, p->t.at, err, "the key of a segment");
	(*out)->name = p->t.text;
	return next(p, err);
}

static enum err_code read_has(struct parser *p, enum journey_segment_op op, struct str dimension, size_t at,
                              struct journey_segment_node **out, struct err *err)
{
	TRY(node_new(p, op, at, out, err));
	return read_filter(p, dimension, &(*out)->filter, err);
}

/* What stands behind the first word decides: `rating is "x"` is a dimension, `rating below 40` a score. */
static enum err_code read_condition(struct parser *p, struct journey_segment_node **out, struct err *err)
{
	const struct token first = p->t;
	enum journey_signal signal;
	if (first.kind == T_NAME && !first.text.len) return wrong(p, first.at, err, "a condition");
	if (first.kind != T_WORD && first.kind != T_NAME) return wrong(p, first.at, err, "a condition");
	if (signal_of(p, &signal)) {
		const struct parser here = *p;
		TRY(next(p, err));
		if (is(p, "is") || is(p, "under"))
			return read_has(p, JOURNEY_SEGMENT_HAS, first.text, first.at, out, err);
		*p = here;
		return read_score(p, first.at, JOURNEY_OF_MEAN, out, err);
	}
	TRY(next(p, err));
	if (is(p, "is") || is(p, "under")) return read_has(p, JOURNEY_SEGMENT_HAS, first.text, first.at, out, err);
	if (first.kind == T_WORD) {
		const struct str w = first.fold;
		if (str_eq(w, STR("did"))) return read_did(p, first.at, out, err);
		if (str_eq(w, STR("events"))) return read_events(p, first.at, out, err);
		if (str_eq(w, STR("commented"))) return read_commented(p, first.at, out, err);
		if (str_eq(w, STR("spent"))) return read_spent(p, first.at, out, err);
		if (str_eq(w, STR("in"))) return read_named(p, first.at, out, err);
		if (str_eq(w, STR("first")) && is(p, "seen"))
			return read_seen(p, JOURNEY_SEGMENT_FIRST, first.at, out, err);
		if (str_eq(w, STR("last")) && is(p, "seen"))
			return read_seen(p, JOURNEY_SEGMENT_LAST, first.at, out, err);
		for (size_t i = 0; i < 3; i++)
			if (str_eq(w, str_of(rule_of_words[i])))
				return read_score(p, first.at, (enum journey_segment_of)i, out, err);
		if (str_eq(w, STR("trait")) && (p->t.kind == T_NAME || p->t.kind == T_WORD) && p->t.text.len) {
			const struct str trait = p->t.text;
			TRY(next(p, err));
			return read_has(p, JOURNEY_SEGMENT_TRAIT, trait, first.at, out, err);
		}
	}
	p->t = first;
	return wrong(p, first.at, err,
	             "a condition (did, events, rating, commented, spent, first seen, last seen, in "
	             "segment, trait, or PROPERTY is)");
}

/* --- and, or, not ------------------------------------------------------------------------------------------ */

static enum err_code read_or(struct parser *p, struct journey_segment_node **out, struct err *err);

static enum err_code read_one(struct parser *p, struct journey_segment_node **out, struct err *err)
{
	const size_t at = p->t.at;
	bool there;
	if (++p->depth > PEOPLE_RULE_DEPTH_MAX)
		return err_limit(err, "segment.depth", "rule", p->depth, PEOPLE_RULE_DEPTH_MAX,
		                 "the rule is nested more than %d deep", PEOPLE_RULE_DEPTH_MAX);
	TRY(may(p, "not", &there, err));
	if (there) {
		struct journey_segment_node *inner;
		TRY(node_new(p, JOURNEY_SEGMENT_NOT, at, out, err));
		TRY(read_one(p, &inner, err));
		(*out)->a = inner;
	} else if (p->t.kind == T_OPEN) {
		TRY(next(p, err));
		TRY(read_or(p, out, err));
		if (p->t.kind != T_CLOSE) return wrong(p, p->t.at, err, "\"and\", \"or\" or a closing parenthesis");
		TRY(next(p, err));
	} else {
		TRY(read_condition(p, out, err));
	}
	p->depth--;
	return OK;
}

static enum err_code read_and(struct parser *p, struct journey_segment_node **out, struct err *err)
{
	TRY(read_one(p, out, err));
	while (is(p, "and")) {
		struct journey_segment_node *both, *right;
		TRY(node_new(p, JOURNEY_SEGMENT_AND, p->t.at, &both, err));
		TRY(next(p, err));
		TRY(read_one(p, &right, err));
		both->a = *out;
		both->b = right;
		*out = both;
	}
	return OK;
}

static enum err_code read_or(struct parser *p, struct journey_segment_node **out, struct err *err)
{
	TRY(read_and(p, out, err));
	while (is(p, "or")) {
		struct journey_segment_node *either, *right;
		TRY(node_new(p, JOURNEY_SEGMENT_OR, p->t.at, &either, err));
		TRY(next(p, err));
		TRY(read_and(p, &right, err));
		either->a = *out;
		either->b = right;
		*out = either;
	}
	return OK;
}

enum err_code people_rule_read(struct str text, const struct people_clock *clock, struct arena *a,
                               struct journey_segment_node **out, struct err *err)
{
	struct parser p = { .text = text, .clock = clock, .a = a };
	if (text.len > PEOPLE_RULE_BYTES_MAX)
		return err_limit(err, "segment.long", "rule", (int64_t)text.len, PEOPLE_RULE_BYTES_MAX,
		                 "a rule has at most %d bytes", PEOPLE_RULE_BYTES_MAX);
	const size_t valid = utf8_valid(text.ptr, text.len);
	if (valid != text.len || (text.len && memchr(text.ptr, 0, text.len)))
		return err_set(err, ERR_INPUT, "segment.rule", "rule", "the rule is no text: byte %zu", valid);
	TRY(next(&p, err));
	struct journey_segment_node *n;
	TRY(read_or(&p, &n, err));
	if (p.t.kind != T_END) return wrong(&p, p.t.at, err, "\"and\", \"or\" or its end");
	*out = n;
	return OK;
}
