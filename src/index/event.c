/* What a body says: standard properties (the table atop wire/wire.h) and declared dimensions. */
#include "index/priv.h"

#include <math.h>

#include "base/json.h"

struct value {
	enum json_token kind;
	struct str text; /* decoded string, or the number as written */
	double number;   /* NaN when it is none */
};

struct raw { /* properties that are put together at the end */
	struct value score, min, max, kind, about, comment, expected, wait, failed, effort, amount, currency, left;
	struct value voice, note, metric, answer, answer_min, answer_max, gap;
};

static const struct {
	struct str name;
	size_t offset;
} standard[] = {
	{ STR("score"), offsetof(struct raw, score) },
	{ STR("score_min"), offsetof(struct raw, min) },
	{ STR("score_max"), offsetof(struct raw, max) },
	{ STR("score_kind"), offsetof(struct raw, kind) },
	{ STR("about"), offsetof(struct raw, about) },
	{ STR("comment"), offsetof(struct raw, comment) },
	{ STR("expected_at"), offsetof(struct raw, expected) },
	{ STR("wait_ms"), offsetof(struct raw, wait) },
	{ STR("failed"), offsetof(struct raw, failed) },
	{ STR("effort"), offsetof(struct raw, effort) },
	{ STR("value"), offsetof(struct raw, amount) },
	{ STR("currency"), offsetof(struct raw, currency) },
	{ STR("abandoned"), offsetof(struct raw, left) },
	{ STR("note"), offsetof(struct raw, note) },
	{ STR("voice"), offsetof(struct raw, voice) },
	{ STR("metric"), offsetof(struct raw, metric) },
	{ STR("answer"), offsetof(struct raw, answer) },
	{ STR("answer_min"), offsetof(struct raw, answer_min) },
	{ STR("answer_max"), offsetof(struct raw, answer_max) },
	{ STR("gap"), offsetof(struct raw, gap) },
};

static bool read_value(struct json_reader *r, struct arena *scratch, struct value *out)
{
	*out = (struct value){ .number = NAN };
	out->kind = json_next(r);
	switch (out->kind) {
	case JT_STRING:
		if (!r->escaped) out->text = r->raw;
		else if (!json_text(r, scratch, &out->text)) return false;
		return true;
	case JT_NUMBER: out->text = r->raw; return true;
	case JT_TRUE: out->text = STR("true"); return true;
	case JT_FALSE: out->text = STR("false"); return true;
	case JT_NULL: return true;
	default: return json_skip(r, out->kind);
	}
}

static bool number_of(const struct value *v, double *out)
{
	return v->kind == JT_NUMBER && str_to_double(v->text, out);
}

/* When something was promised for. A bare date is a promise for that day, kept until the day (of UTC) ends. */
static bool deadline_of(const struct value *v, int64_t *out)
{
	if (v->kind == JT_STRING) {
		struct str s = str_trim(v->text);
		if (!when_parse_iso(s, out, NULL)) return false;
		if (s.len == strlen("2026-01-31")) *out += WHEN_DAY_MS - 1;
		return true;
	}
	double ms;
	if (!number_of(v, &ms) || ms < (double)WHEN_MIN_MS || ms >= (double)WHEN_MAX_MS) return false;
	*out = llrint(ms);
	return true;
}

static uint8_t kind_of(const struct raw *p)
{
	uint8_t kind = JOURNEY_RATING_KINDS - 1;
	while (kind > JOURNEY_RATING_PLAIN && !str_eq(p->kind.text, str_of(journey_rating_kind_names[kind]))) kind--;
	return kind;
}

static void scale_of(const struct raw *p, uint8_t kind, double *min, double *max)
{
	static const double ends[JOURNEY_RATING_KINDS][2] = { [JOURNEY_RATING_PLAIN] = { 1, 5 },
		                                              [JOURNEY_RATING_NPS] = { 0, 10 },
		                                              [JOURNEY_RATING_CSAT] = { 1, 5 },
		                                              [JOURNEY_RATING_CES] = { 1, 7 } };
	double v;
	*min = ends[kind][0];
	*max = ends[kind][1];
	if (number_of(&p->min, &v)) *min = v;
	if (number_of(&p->max, &v)) *max = v;
}

/* Money needs its currency; half a minor unit is rounded to even. */
static bool money_of(const struct raw *p, struct event_said *out)
{
	static const double units[] = { 1, 10, 100, 1000, 10000 };
	double major;
	int digits;
	if (p->currency.kind != JT_STRING || !number_of(&p->amount, &major) || fabs(major) > 1e12 ||
	    !wire_currency(p->currency.text, &digits))
		return false;
	out->minor = llrint(major * units[digits]);
	memcpy(out->currency, p->currency.text.ptr, sizeof out->currency);
	return true;
}

/* What employees are asked about their work, or guess of others, says nothing of what customers meet. */
static bool of_work(struct str metric)
{
	static const char *const names[] = { "pulse", "expectation", "competitor" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_eq(metric, str_of(names[i]))) return true;
	return str_starts(metric, STR("engagement.")) || str_ends(metric, STR(".e"));
}

/* An employee's answer, whichever way it was sent: `answer` on its own scale, or `score`. */
static void employee_of(struct raw *p, struct event_said *out)
{
	if (p->answer.kind == JT_NUMBER) p->score = p->answer, p->min = p->answer_min, p->max = p->answer_max;
	if (str_eq(p->metric.text, STR("nps"))) p->kind = p->metric;
	if (of_work(p->metric.text)) p->score = (struct value){ .number = NAN };
	out->of_employee = true;
}

static bool has_words(const struct value *v)
{
	return v->kind == JT_STRING && str_trim(v->text).len > 0;
}

/* What colleagues and observers say never counts as a customer's word. */
static void voice_of(struct raw *p, struct event_said *out)
{
	const bool employee = str_eq(p->voice.text, STR("employee"));
	if (!employee && !str_eq(p->voice.text, STR("observer"))) return;
	out->note = has_words(&p->comment) || has_words(&p->note);
	p->comment = (struct value){ .number = NAN };
	if (employee) employee_of(p, out);
	else p->score = (struct value){ .number = NAN };
}

static void put_together(struct raw *p, struct event_said *out)
{
	voice_of(p, out);
	out->kind = kind_of(p);
	scale_of(p, out->kind, &out->min, &out->max);
	out->has_score = number_of(&p->score, &out->score) && out->min < out->max && out->score >= out->min &&
	                 out->score <= out->max;
	out->has_gap = out->has_score && !out->of_employee && number_of(&p->gap, &out->gap) &&
	               out->score - out->gap >= out->min && out->score - out->gap <= out->max;
	out->has_expected = deadline_of(&p->expected, &out->expected_ms);
	out->has_wait = number_of(&p->wait, &out->wait_ms) && out->wait_ms >= 0 && out->wait_ms <= (double)WHEN_MAX_MS;
	out->has_effort = number_of(&p->effort, &out->effort) && out->effort >= 1;
	out->comment = has_words(&p->comment);
	if (p->about.kind == JT_STRING) out->about = p->about.text;
	out->has_money = money_of(p, out);
	out->left = p->left.kind == JT_TRUE;
	double severity;
	if (p->failed.kind == JT_TRUE) out->failed = 1;
	else if (number_of(&p->failed, &severity) && severity >= 1)
		out->failed = severity >= 3 ? 3 : severity >= 2 ? 2 : 1;
}

static size_t length_class(size_t len)
{
	return len < NAME_LENGTHS - 1 ? len : NAME_LENGTHS - 1;
}

void event_names_init(struct event_names *e, const struct str *list, size_t n)
{
	*e = (struct event_names){ .list = list, .n = n };
	for (size_t i = 0; i < COUNT_OF(standard); i++)
		e->standard[length_class(standard[i].name.len)] |= (uint32_t)1 << i;
	for (size_t i = 0; i < n; i++) {
		if (i == DIM_SOURCE || !list[i].len) continue;
		if (str_starts(list[i], STR(JOURNEY_TRAIT))) e->traits = true;
		else e->of_length[length_class(list[i].len)] |= (uint64_t)1 << i;
	}
}

static bool read_properties(struct json_reader *r, const struct event_names *names, struct arena *scratch,
                            struct raw *p, struct event_fields *out)
{
	for (enum json_token t = json_next(r); t == JT_KEY; t = json_next(r)) {
		struct str key = r->raw;
		if (r->escaped && !json_text(r, scratch, &key)) return false;
		struct value v;
		if (!read_value(r, scratch, &v)) return false;
		const size_t class = length_class(key.len);
		for (uint32_t bits = names->standard[class]; bits; bits &= bits - 1) {
			const int i = __builtin_ctz(bits);
			if (str_eq(key, standard[i].name)) memcpy((char *)p + standard[i].offset, &v, sizeof v);
		}
		for (uint64_t bits = names->of_length[class]; bits; bits &= bits - 1) {
			const int i = __builtin_ctzll(bits);
			if (str_eq(key, names->list[i])) out->values[i] = v.text;
		}
	}
	return true;
}

/* A trait is said by few events, so names are compared one by one. */
static bool read_traits(struct json_reader *r, const struct event_names *names, struct arena *scratch,
                        struct event_fields *out)
{
	const size_t prefix = strlen(JOURNEY_TRAIT);
	for (enum json_token t = json_next(r); t == JT_KEY; t = json_next(r)) {
		struct str key = r->raw;
		struct value v;
		if (r->escaped && !json_text(r, scratch, &key)) return false;
		if (!read_value(r, scratch, &v)) return false;
		for (size_t i = 0; i < names->n; i++)
			if (str_starts(names->list[i], STR(JOURNEY_TRAIT)) &&
			    str_eq(str_cut(names->list[i], prefix, names->list[i].len), key))
				out->values[i] = v.text;
	}
	return true;
}

void event_read(struct str body, const struct event_names *names, struct arena *scratch, struct event_fields *out)
{
	memset(out, 0, offsetof(struct event_fields, values) + names->n * sizeof *out->values);
	struct raw p = { .score.number = NAN };
	struct json_reader r;
	json_read(&r, body);
	if (json_next(&r) != JT_OBJECT) return;
	for (enum json_token t = json_next(&r); t == JT_KEY; t = json_next(&r)) {
		const bool properties = str_eq(r.raw, STR("properties"));
		const bool traits = names->traits && str_eq(r.raw, STR("traits"));
		t = json_next(&r);
		if (traits && t == JT_OBJECT) {
			if (!read_traits(&r, names, scratch, out)) return;
			continue;
		}
		if (properties && t == JT_OBJECT) {
			if (!read_properties(&r, names, scratch, &p, out)) return;
			if (!names->traits) break;
			continue;
		}
		if (!json_skip(&r, t)) return;
	}
	put_together(&p, &out->said);
}

/* --- evidence -------------------------------------------------------------------------------------- */

static void put(struct journey_evidence **out, uint32_t row, uint8_t what, double utility, double raw)
{
	*(*out)++ = (struct journey_evidence){ .row = row, .what = what, .utility = (float)utility, .raw = raw };
}

uint32_t evidence_of(const struct event_said *f, uint32_t row, int64_t at_ms, struct evidence_codes codes,
                     struct journey_evidence out[EVIDENCE_MAX])
{
	struct journey_evidence *e = out;
	if (f->has_score) {
		const double utility = journey_utility_rating(f->score, f->min, f->max);
		put(&e, row, f->of_employee ? JOURNEY_EMPLOYEE : JOURNEY_RATING, utility, f->score);
		e[-1].scale = codes.scale;
		e[-1].kind = f->kind;
		e[-1].about = codes.about;
	}
	if (f->has_effort) put(&e, row, JOURNEY_EFFORT, journey_utility_effort(f->effort), f->effort);
	if (f->has_wait) put(&e, row, JOURNEY_WAIT, NAN, f->wait_ms);
	if (f->failed) put(&e, row, JOURNEY_FAILURE, journey_utility_failure(f->failed), f->failed);
	if (f->has_expected) {
		const double overrun = (double)(at_ms - f->expected_ms);
		put(&e, row, JOURNEY_BREACH, overrun > 0 ? JOURNEY_UTILITY_BREACH : NAN, overrun);
	}
	if (f->comment) {
		put(&e, row, JOURNEY_COMMENT, NAN, 0);
		e[-1].about = codes.about;
	}
	if (f->note) {
		put(&e, row, JOURNEY_NOTE, NAN, 0);
		e[-1].about = codes.about;
	}
	if (f->has_money) {
		put(&e, row, JOURNEY_MONEY, NAN, (double)f->minor);
		e[-1].about = codes.currency;
	}
	if (f->left) put(&e, row, JOURNEY_LEFT, NAN, f->has_wait ? f->wait_ms : 0);
	if (f->has_gap) {
		put(&e, row, JOURNEY_GAP, journey_utility_rating(f->score, f->min, f->max),
		    100 * f->gap / (f->max - f->min));
		e[-1].about = codes.about;
	}
	return (uint32_t)(e - out);
}
