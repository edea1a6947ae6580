/* What the body of an event says of feedback: docs/events.md, standard properties. */
#include "inbox/priv.h"

#include <math.h>

static const struct {
	struct str kind;
	double min, max;
} scales[] = {
	{ STR("nps"), 0, 10 },
	{ STR("csat"), 1, 5 },
	{ STR("ces"), 1, 7 },
};

struct members {
	double score, min, max; /* NaN absent */
	struct said said;
};

static const struct {
	struct str name;
	size_t offset;
} numbers[] = {
	{ STR("score"), offsetof(struct members, score) },
	{ STR("score_min"), offsetof(struct members, min) },
	{ STR("score_max"), offsetof(struct members, max) },
};
static const struct {
	struct str name;
	size_t offset;
} texts[] = {
	{ STR("score_kind"), offsetof(struct members, said.kind) },
	{ STR("about"), offsetof(struct members, said.about) },
	{ STR("comment"), offsetof(struct members, said.comment) },
	{ STR("comment_lang"), offsetof(struct members, said.lang) },
	{ STR("unit"), offsetof(struct members, said.unit) },
};

static bool take_text(struct json_reader *r, struct str key, struct arena *a, struct members *out)
{
	struct str text;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (!str_eq(key, texts[i].name)) continue;
		if (!json_text(r, a, &text)) return false;
		memcpy((char *)out + texts[i].offset, &text, sizeof text);
	}
	return true;
}

static void take_number(struct str raw, struct str key, struct members *out)
{
	double v;
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (str_eq(key, numbers[i].name) && str_to_double(raw, &v))
			memcpy((char *)out + numbers[i].offset, &v, sizeof v);
}

static bool properties(struct json_reader *r, struct arena *a, struct members *out)
{
	for (enum json_token t = json_next(r); t == JT_KEY; t = json_next(r)) {
		struct str key = r->raw;
		if (r->escaped && !json_text(r, a, &key)) return false;
		t = json_next(r);
		if (t == JT_STRING && !take_text(r, key, a, out)) return false;
		if (t == JT_NUMBER) take_number(r->raw, key, out);
		if (!json_skip(r, t)) return false;
	}
	return true;
}

static void settle_score(struct members *m)
{
	double min = 1, max = 5;
	for (size_t i = 0; i < COUNT_OF(scales); i++)
		if (str_eq(m->said.kind, scales[i].kind)) min = scales[i].min, max = scales[i].max;
	if (!isnan(m->min)) min = m->min;
	if (!isnan(m->max)) max = m->max;
	m->said.has_score = !isnan(m->score) && min < max && m->score >= min && m->score <= max;
	m->said.score = m->score;
	m->said.min = min;
	m->said.max = max;
	if (!m->said.has_score) m->said.kind = STR("");
	else if (!m->said.kind.len) m->said.kind = STR("rating");
}

/* Most bodies say nothing of the kind, and are not read. */
static bool may_be(struct str body)
{
	return memmem(body.ptr, body.len, "\"score\"", 7) || memmem(body.ptr, body.len, "\"comment\"", 9);
}

bool said_read(struct str body, struct arena *a, struct said *out)
{
	struct members m = { .score = NAN, .min = NAN, .max = NAN };
	m.said.kind = m.said.about = m.said.comment = m.said.lang = m.said.unit = STR("");
	struct json_reader r;
	if (!body.len || !may_be(body)) return false;
	json_read(&r, body);
	if (json_next(&r) != JT_OBJECT) return false;
	for (enum json_token t = json_next(&r); t == JT_KEY; t = json_next(&r)) {
		const bool here = str_eq(r.raw, STR("properties"));
		t = json_next(&r);
		if (here && t == JT_OBJECT) {
			if (!properties(&r, a, &m)) return false;
		} else if (!json_skip(&r, t)) {
			return false;
		}
	}
	settle_score(&m);
	if (!str_trim(m.said.comment).len) m.said.comment = m.said.lang = STR("");
	*out = m.said;
	return out->has_score || out->comment.len;
}
