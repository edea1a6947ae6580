/* A rule in one spelling. */
#include <math.h>

#include "base/checked.h"
#include "people/priv.h"

struct printer {
	struct buf *out;
	bool whole;
};

static void put_quoted(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"') buf_byte(b, '"');
		buf_byte(b, s.ptr[i]);
	}
	buf_byte(b, '"');
}

/* ASCII letters, digits, "_", "-" and "." after a letter need no quotation marks. */
static void put_dimension(struct buf *b, struct str s)
{
	bool plain = s.len > 0 && !rule_reserved(s);
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];
		const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		plain &= letter || (i > 0 && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
	}
	if (plain) buf_str(b, s);
	else put_quoted(b, s);
}

static void put_duration(struct buf *b, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" }, { 1, "ms" } };
	size_t i = 0;
	while (ms % units[i].ms) i++;
	buf_printf(b, "%lld%s", (long long)(ms / units[i].ms), units[i].unit);
}

static void put_event(struct buf *b, struct str event)
{
	if (event.len) put_quoted(b, event);
	else buf_str(b, STR("anything"));
}

static void put_filter(struct buf *b, const struct journey_filter *f)
{
	static const char *const ops[] = {
		[JOURNEY_IS] = "is", [JOURNEY_IS_NOT] = "is not", [JOURNEY_UNDER] = "under"
	};
	put_dimension(b, f->dimension);
	buf_printf(b, " %s ", ops[f->op]);
	if (f->value.len) put_quoted(b, f->value);
	else buf_str(b, STR("unknown"));
}

static void put_time(const struct printer *p, const char *word, int64_t at_ms, struct str text)
{
	buf_printf(p->out, " %s ", word);
	if (p->whole) buf_printf(p->out, "%lld", (long long)at_ms);
	else buf_str(p->out, text);
}

static void put_period(const struct printer *p, const struct journey_segment_node *n)
{
	if (n->from_ms != INT64_MIN) put_time(p, "since", n->from_ms, n->from_text);
	if (n->to_ms != INT64_MAX) put_time(p, "before", n->to_ms, n->to_text);
	if (!n->last_ms) return;
	buf_str(p->out, STR(" in the last "));
	put_duration(p->out, n->last_ms);
}

static void put_count(const struct printer *p, const struct journey_segment_node *n)
{
	if (n->compare != JOURNEY_AT_LEAST || n->times != 1)
		buf_printf(p->out, " %s %lld times", rule_compare_words[n->compare], (long long)n->times);
	if (n->within_ms) {
		buf_str(p->out, STR(" within "));
		put_duration(p->out, n->within_ms);
	}
	put_period(p, n);
}

static void put_step(struct buf *b, const struct journey_segment_step *s)
{
	put_event(b, s->event);
	for (size_t i = 0; i < s->n_where; i++) {
		buf_str(b, i ? STR(", ") : STR(" where "));
		put_filter(b, &s->where[i]);
	}
}

static void put_sequence(const struct printer *p, const struct journey_segment_node *n)
{
	for (size_t i = 0; i < n->n_steps; i++) {
		if (i) buf_str(p->out, n->steps[i].directly ? STR(" then directly ") : STR(" then "));
		put_step(p->out, &n->steps[i]);
		if (!n->steps[i].within_ms) continue;
		buf_str(p->out, STR(" within "));
		put_duration(p->out, n->steps[i].within_ms);
	}
	if (n->within_ms) {
		buf_str(p->out, STR(" all within "));
		put_duration(p->out, n->within_ms);
	}
	put_period(p, n);
}

static void put_did(const struct printer *p, const struct journey_segment_node *n, bool not )
{
	buf_str(p->out, not ? STR("did not ") : STR("did "));
	if (n->op == JOURNEY_SEGMENT_SEQUENCE) {
		put_sequence(p, n);
		return;
	}
	put_step(p->out, &n->steps[0]);
	put_count(p, n);
}

static void put_spent(const struct printer *p, const struct journey_segment_node *n)
{
	int digits = 2;
	if (!wire_currency(n->currency, &digits)) digits = 2;
	const double scale = pow(10, digits);
	const bool round = n->minor % (int64_t)scale == 0;
	buf_printf(p->out, "spent %s %.*f " STR_FMT, rule_compare_words[n->compare], round ? 0 : digits,
	           (double)n->minor / scale, STR_ARG(n->currency));
	if (n->event.len) {
		buf_str(p->out, STR(" on "));
		put_event(p->out, n->event);
	}
	put_period(p, n);
}

static void put_score(const struct printer *p, const struct journey_segment_node *n)
{
	if (n->of != JOURNEY_OF_MEAN) buf_printf(p->out, "%s ", rule_of_words[n->of]);
	buf_printf(p->out, "%s", journey_signal_names[n->signal]);
	if (n->event.len) {
		buf_str(p->out, STR(" of "));
		put_event(p->out, n->event);
	}
	buf_printf(p->out, " %s %.15g", rule_compare_words[n->compare], n->bar);
	put_period(p, n);
}

static void put_leaf(const struct printer *p, const struct journey_segment_node *n)
{
	switch (n->op) {
	case JOURNEY_SEGMENT_DID:
	case JOURNEY_SEGMENT_SEQUENCE: put_did(p, n, false); break;
	case JOURNEY_SEGMENT_TRAIT: buf_str(p->out, STR("trait ")); /* fall through */
	case JOURNEY_SEGMENT_HAS: put_filter(p->out, &n->filter); break;
	case JOURNEY_SEGMENT_SCORE: put_score(p, n); break;
	case JOURNEY_SEGMENT_COMMENTED:
		buf_str(p->out, STR("commented"));
		if (n->event.len) {
			buf_str(p->out, STR(" on "));
			put_event(p->out, n->event);
		}
		put_count(p, n);
		break;
	case JOURNEY_SEGMENT_SPENT: put_spent(p, n); break;
	case JOURNEY_SEGMENT_FIRST:
		buf_str(p->out, STR("first seen"));
		put_period(p, n);
		break;
	case JOURNEY_SEGMENT_LAST:
		buf_str(p->out, STR("last seen"));
		put_period(p, n);
		break;
	default:
		buf_str(p->out, STR("in segment "));
		put_quoted(p->out, n->name);
		break;
	}
}

/* How tightly an operation binds. */
static int rank(const struct journey_segment_node *n)
{
	return n->op == JOURNEY_SEGMENT_OR ? 0 : n->op == JOURNEY_SEGMENT_AND ? 1 : 2;
}

static void put_node(const struct printer *p, const struct journey_segment_node *n, int within);

static void put_not(const struct printer *p, const struct journey_segment_node *n)
{
	while (p->whole && n->op == JOURNEY_SEGMENT_IN && n->a) n = n->a;
	if (n->op == JOURNEY_SEGMENT_DID || n->op == JOURNEY_SEGMENT_SEQUENCE) {
		put_did(p, n, true);
		return;
	}
	buf_str(p->out, STR("not "));
	put_node(p, n, 2);
}

static void put_node(const struct printer *p, const struct journey_segment_node *n, int within)
{
	while (p->whole && n->op == JOURNEY_SEGMENT_IN && n->a) n = n->a;
	const bool parens = rank(n) < within;
	if (parens) buf_byte(p->out, '(');
	if (n->op == JOURNEY_SEGMENT_NOT) {
		put_not(p, n->a);
	} else if (n->op == JOURNEY_SEGMENT_AND || n->op == JOURNEY_SEGMENT_OR) {
		put_node(p, n->a, rank(n));
		buf_str(p->out, n->op == JOURNEY_SEGMENT_AND ? STR(" and ") : STR(" or "));
		put_node(p, n->b, rank(n));
	} else {
		put_leaf(p, n);
	}
	if (parens) buf_byte(p->out, ')');
}

enum err_code people_rule_print(const struct journey_segment_node *n, bool whole, struct buf *out, struct err *err)
{
	const struct printer p = { out, whole };
	put_node(&p, n, 0);
	return buf_check(out, err);
}
