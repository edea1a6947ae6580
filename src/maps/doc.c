/* The document: bytes to a checked value. Every error names a JSON pointer. */
#include <jansson.h>
#include <math.h>

#include "base/when.h"
#include "maps/priv.h"

struct reader {
	struct arena *a;
	struct err *err;
};

/* A JSON pointer, cut to what struct err can carry. */
struct at {
	char text[64];
};

static struct at PRINTF_LIKE(1, 2) at(const char *fmt, ...)
{
	struct at out;
	va_list ap;
	va_start(ap, fmt);
	if (vsnprintf(out.text, sizeof out.text, fmt, ap) < 0) out.text[0] = '\0';
	va_end(ap);
	return out;
}

static const char *kind_of(const json_t *v)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "a list";
	case JSON_STRING: return "a text";
	case JSON_INTEGER:
	case JSON_REAL: return "a number";
	case JSON_TRUE:
	case JSON_FALSE: return "true or false";
	default: return "nothing";
	}
}

static enum err_code wrong_kind(struct reader *r, struct at where, const char *want, const json_t *got)
{
	enum err_code rc = err_set(r->err, ERR_INPUT, "map.kind", where.text, "%s is %s where %s belongs", where.text,
	                           kind_of(got), want);
	err_hint(r->err, "Put %s there.", want);
	return rc;
}

static bool absent(const json_t *v)
{
	return !v || json_is_null(v);
}

/* A text of at most max bytes; absent gives "". */
static enum err_code read_text(struct reader *r, const json_t *v, struct at where, size_t max, struct str *out)
{
	*out = STR("");
	if (absent(v)) return OK;
	if (!json_is_string(v)) return wrong_kind(r, where, "a text", v);
	const struct str s = { json_string_value(v), json_string_length(v) };
	if (s.len > max) {
		enum err_code rc = err_limit(r->err, "map.text", where.text, (int64_t)s.len, (int64_t)max,
		                             "%s has %zu bytes, at most %zu fit", where.text, s.len, max);
		err_hint(r->err, "Shorten the text.");
		return rc;
	}
	*out = str_copy(r->a, s);
	return out->ptr ? OK : err_no_memory(r->err);
}

static enum err_code read_bool(struct reader *r, const json_t *v, struct at where, bool otherwise, bool *out)
{
	*out = otherwise;
	if (absent(v)) return OK;
	if (!json_is_boolean(v)) return wrong_kind(r, where, "true or false", v);
	*out = json_is_true(v);
	return OK;
}

static bool key_fine(struct str s)
{
	if (s.len == 0 || s.len > MAPS_KEY_BYTES_MAX) return false;
	for (size_t i = 0; i < s.len; i++) {
		const unsigned char c = (unsigned char)s.ptr[i];
		if (c < 0x80 && !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		                  c == '_' || c == '-' || c == '.'))
			return false;
	}
	return true;
}

static enum err_code read_key(struct reader *r, const json_t *v, struct at where, struct str *out)
{
	TRY(read_text(r, v, where, MAPS_TEXT_BYTES_MAX, out));
	if (key_fine(*out)) return OK;
	enum err_code rc =
	        out->len ? err_set(r->err, ERR_INPUT, "map.key", where.text, "\"" STR_FMT "\" cannot be a key",
	                           STR_ARG(str_cut(*out, 0, 80)))
	                 : err_set(r->err, ERR_INPUT, "map.key", where.text, "a key is missing at %s", where.text);
	err_hint(r->err, "A key has 1 to %d letters, digits, \"-\", \"_\" or \".\", and no spaces.",
	         MAPS_KEY_BYTES_MAX);
	return rc;
}

static bool language_fine(const char *s)
{
	size_t n = strlen(s);
	if (n < 2 || n > 8) return false;
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || s[i] == '-')) return false;
	return true;
}

/* Texts by language; with `needed` at least one that is not empty. */
static enum err_code read_texts(struct reader *r, const json_t *v, struct at where, bool needed, struct map_texts *out)
{
	*out = (struct map_texts){ 0 };
	if (!absent(v) && !json_is_object(v))
		return wrong_kind(r, where, "texts by language, such as {\"en\":\"Delivery\"},", v);
	const size_t n = absent(v) ? 0 : json_object_size(v);
	if (n > MAPS_LANGUAGES_MAX)
		return err_limit(r->err, "map.languages", where.text, (int64_t)n, MAPS_LANGUAGES_MAX,
		                 "%s has %zu languages, at most %d fit", where.text, n, MAPS_LANGUAGES_MAX);
	out->all = ARENA_ARRAY(r->a, struct map_text, n);
	if (!out->all) return err_no_memory(r->err);
	if (n) {
		const char *lang;
		json_t *text;
		json_object_foreach((json_t *)v, lang, text)
		{
			const struct at here = at("%s/%s", where.text, lang);
			if (!language_fine(lang)) {
				enum err_code rc = err_set(r->err, ERR_INPUT, "map.language", here.text,
				                           "\"%.20s\" is no code of a language", lang);
				err_hint(r->err, "Use codes such as en, ar or fa.");
				return rc;
			}
			struct str s;
			TRY(read_text(r, text, here, MAPS_TEXT_BYTES_MAX, &s));
			s = str_trim(s);
			if (s.len == 0) continue;
			const struct str code = str_copy(r->a, str_of(lang));
			if (!code.ptr) return err_no_memory(r->err);
			out->all[out->n++] = (struct map_text){ code, s };
		}
	}
	if (out->n || !needed) return OK;
	enum err_code rc = err_set(r->err, ERR_INPUT, "map.name", where.text, "a name is missing at %s", where.text);
	err_hint(r->err, "Give the name in at least one language, such as {\"en\":\"Delivery\"}.");
	return rc;
}

/* One text for everybody, or texts by language; absent gives none. */
static enum err_code read_said(struct reader *r, const json_t *v, struct at where, struct map_texts *out)
{
	if (!absent(v) && !json_is_string(v) && !json_is_object(v))
		return wrong_kind(r, where, "a text, or texts by language such as {\"en\":\"Logistics\"},", v);
	if (!json_is_string(v)) return read_texts(r, v, where, false, out);
	struct str s;
	*out = (struct map_texts){ 0 };
	TRY(read_text(r, v, where, MAPS_TEXT_BYTES_MAX, &s));
	s = str_trim(s);
	if (s.len == 0) return OK;
	out->all = ARENA_NEW(r->a, struct map_text);
	if (!out->all) return err_no_memory(r->err);
	out->all[out->n++] = (struct map_text){ STR(""), s };
	return OK;
}

static enum err_code read_list(struct reader *r, const json_t *o, const char *name, struct at where, size_t max,
                               size_t *n, const json_t **out)
{
	const json_t *v = json_object_get(o, name);
	*out = v;
	*n = 0;
	if (absent(v)) return OK;
	if (!json_is_array(v)) return wrong_kind(r, where, "a list", v);
	*n = json_array_size(v);
	if (*n <= max) return OK;
	return err_limit(r->err, "map.list", where.text, (int64_t)*n, (int64_t)max,
	                 "%s has %zu entries, at most %zu fit", where.text, *n, max);
}

static enum err_code need_object(struct reader *r, const json_t *v, struct at where)
{
	return json_is_object(v) ? OK : wrong_kind(r, where, "an object", v);
}

/* Where a misspelt member would quietly change what is counted, members that nobody knows are errors. */
static enum err_code only_known(struct reader *r, const json_t *o, struct at where, const char *const *known,
                                const char *list)
{
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)o, name, v)
	{
		size_t k = 0;
		while (known[k] && strcmp(known[k], name) != 0) k++;
		if (known[k]) continue;
		enum err_code rc = err_set(r->err, ERR_INPUT, "map.member", at("%s/%s", where.text, name).text,
		                           "\"%.40s\" means nothing at %s", name, where.text);
		err_hint(r->err, "What can stand there: %s.", list);
		return rc;
	}
	return OK;
}

/* "2026-03-01", an instant with offset, or milliseconds; absent gives `open`. */
static enum err_code read_time(struct reader *r, const json_t *v, struct at where, int64_t open, int64_t *out)
{
	*out = open;
	if (absent(v)) return OK;
	if (json_is_integer(v)) *out = json_integer_value(v);
	else if (!json_is_string(v) ||
	         !when_parse_iso((struct str){ json_string_value(v), json_string_length(v) }, out, NULL)) {
		enum err_code rc = err_set(r->err, ERR_INPUT, "map.time", where.text, "%s is not a time", where.text);
		err_hint(r->err, "Write a day such as 2026-03-31, a time such as 2026-03-31T10:00:00Z, or milliseconds "
		                 "since 1970.");
		return rc;
	}
	if (*out >= WHEN_MIN_MS && *out < WHEN_MAX_MS) return OK;
	return err_set(r->err, ERR_INPUT, "map.time", where.text, "%s lies outside the years 1900 to 2100", where.text);
}

static enum err_code read_duration(struct reader *r, const json_t *v, struct at where, int64_t otherwise, int64_t *out)
{
	*out = otherwise;
	if (absent(v)) return OK;
	if (json_is_string(v) && when_parse_duration((struct str){ json_string_value(v), json_string_length(v) }, out))
		return OK;
	enum err_code rc =
	        err_set(r->err, ERR_INPUT, "map.duration", where.text, "%s is not a length of time", where.text);
	err_hint(r->err, "Write a number and w, d, h, m or s, such as 30d.");
	return rc;
}

static enum err_code read_filter(struct reader *r, const json_t *v, struct at where, struct journey_filter *out)
{
	static const char *const known[] = { "dimension", "is", "is_not", NULL };
	TRY(need_object(r, v, where));
	TRY(only_known(r, v, where, known, "dimension, and is or is_not"));
	TRY(read_text(r, json_object_get(v, "dimension"), at("%s/dimension", where.text), MAPS_KEY_BYTES_MAX,
	              &out->dimension));
	if (out->dimension.len == 0) {
		enum err_code rc = err_set(r->err, ERR_INPUT, "map.dimension", at("%s/dimension", where.text).text,
		                           "a dimension is missing at %s", where.text);
		err_hint(r->err, "Name channel, source, event, unit, environment or a property of your events.");
		return rc;
	}
	const json_t *is = json_object_get(v, "is"), *is_not = json_object_get(v, "is_not");
	if (!is == !is_not) {
		enum err_code rc = err_set(r->err, ERR_INPUT, "map.filter", where.text,
		                           "%s needs one of \"is\" and \"is_not\"", where.text);
		err_hint(r->err, "Give the value that the dimension must have; \"\" stands for unknown.");
		return rc;
	}
	out->op = is ? JOURNEY_IS : JOURNEY_IS_NOT;
	return read_text(r, is ? is : is_not, at("%s/%s", where.text, is ? "is" : "is_not"), MAPS_TEXT_BYTES_MAX,
	                 &out->value);
}

static enum err_code read_scope(struct reader *r, const json_t *v, struct map_doc *d)
{
	static const char *const known[] = { "from", "to", "filters", NULL };
	const struct at where = at("/scope");
	d->from_ms = INT64_MIN, d->to_ms = INT64_MAX;
	if (absent(v)) return OK;
	TRY(need_object(r, v, where));
	TRY(only_known(r, v, where, known, "from, to, filters"));
	TRY(read_time(r, json_object_get(v, "from"), at("/scope/from"), INT64_MIN, &d->from_ms));
	TRY(read_time(r, json_object_get(v, "to"), at("/scope/to"), INT64_MAX, &d->to_ms));
	if (d->from_ms >= d->to_ms) {
		enum err_code rc =
		        err_set(r->err, ERR_INPUT, "map.scope", "/scope/to", "the scope ends before it begins");
		err_hint(r->err, "Put the earlier time into \"from\".");
		return rc;
	}
	const json_t *list;
	TRY(read_list(r, v, "filters", at("/scope/filters"), JOURNEY_FILTERS_MAX, &d->n_filters, &list));
	d->filters = ARENA_ARRAY(r->a, struct journey_filter, d->n_filters);
	if (!d->filters) return err_no_memory(r->err);
	for (size_t i = 0; i < d->n_filters; i++)
		TRY(read_filter(r, json_array_get(list, i), at("/scope/filters/%zu", i), &d->filters[i]));
	return OK;
}

static enum err_code read_instance(struct reader *r, const json_t *v, struct journey_instance_rule *out)
{
	static const char *const known[] = { "cut", "key", "gap", "ends_at_goal", NULL };
	static const char *const cuts[] = { "customer", "key", "gap" };
	const struct at where = at("/instance");
	*out = (struct journey_instance_rule){ .cut = JOURNEY_CUT_GAP,
		                               .key = STR("journey"),
		                               .gap_ms = JOURNEY_GAP_DEFAULT_MS };
	if (absent(v)) return OK;
	TRY(need_object(r, v, where));
	TRY(only_known(r, v, where, known, "cut, key, gap, ends_at_goal"));
	struct str cut;
	TRY(read_text(r, json_object_get(v, "cut"), at("/instance/cut"), MAPS_TEXT_BYTES_MAX, &cut));
	if (cut.len) {
		size_t k = 0;
		while (k < COUNT_OF(cuts) && !str_eq(cut, str_of(cuts[k]))) k++;
		if (k == COUNT_OF(cuts)) {
			enum err_code rc =
			        err_set(r->err, ERR_INPUT, "map.cut", "/instance/cut",
			                "journeys cannot be cut by \"" STR_FMT "\"", STR_ARG(str_cut(cut, 0, 40)));
			err_hint(r->err, "Choose customer, key or gap.");
			return rc;
		}
		out->cut = k == 0 ? JOURNEY_CUT_CUSTOMER : k == 1 ? JOURNEY_CUT_KEY : JOURNEY_CUT_GAP;
	}
	struct str key;
	TRY(read_text(r, json_object_get(v, "key"), at("/instance/key"), MAPS_KEY_BYTES_MAX, &key));
	if (key.len) out->key = key;
	TRY(read_duration(r, json_object_get(v, "gap"), at("/instance/gap"), JOURNEY_GAP_DEFAULT_MS, &out->gap_ms));
	return read_bool(r, json_object_get(v, "ends_at_goal"), at("/instance/ends_at_goal"), false,
	                 &out->ends_at_goal);
}

static enum err_code twice(struct reader *r, struct at where, struct str key)
{
	enum err_code rc = err_set(r->err, ERR_INPUT, "map.twice", where.text, "the key \"" STR_FMT "\" is there twice",
	                           STR_ARG(str_cut(key, 0, 80)));
	err_hint(r->err, "Give each its own key; names may be alike.");
	return rc;
}

static enum err_code read_stages(struct reader *r, const json_t *root, struct map_doc *d)
{
	const json_t *list;
	TRY(read_list(r, root, "stages", at("/stages"), MAPS_STAGES_MAX, &d->n_stages, &list));
	if (d->n_stages == 0) {
		enum err_code rc =
		        err_set(r->err, ERR_INPUT, "map.stages", "/stages", "a map needs at least one stage");
		err_hint(r->err, "Add a stage, such as {\"key\":\"buy\",\"name\":{\"en\":\"Buying\"}}.");
		return rc;
	}
	d->stages = ARENA_ARRAY(r->a, struct map_stage, d->n_stages);
	if (!d->stages) return err_no_memory(r->err);
	for (size_t i = 0; i < d->n_stages; i++) {
		const json_t *v = json_array_get(list, i);
		TRY(need_object(r, v, at("/stages/%zu", i)));
		TRY(read_key(r, json_object_get(v, "key"), at("/stages/%zu/key", i), &d->stages[i].key));
		TRY(read_texts(r, json_object_get(v, "name"), at("/stages/%zu/name", i), true, &d->stages[i].name));
		for (size_t k = 0; k < i; k++)
			if (str_eq(d->stages[k].key, d->stages[i].key))
				return twice(r, at("/stages/%zu/key", i), d->stages[i].key);
	}
	return OK;
}

static enum err_code read_rules(struct reader *r, const json_t *v, size_t i, struct map_doc *d)
{
	static const char *const known[] = { "event", "channel", "where", NULL };
	const json_t *list;
	size_t n;
	TRY(read_list(r, v, "rules", at("/touchpoints/%zu/rules", i), MAPS_RULES_MAX, &n, &list));
	for (size_t k = 0; k < n; k++) {
		const struct at where = at("/touchpoints/%zu/rules/%zu", i, k);
		const json_t *one = json_array_get(list, k);
		TRY(need_object(r, one, where));
		TRY(only_known(r, one, where, known, "event, channel, where"));
		if (d->n_rules == MAPS_RULES_MAX)
			return err_limit(r->err, "map.rules", where.text, MAPS_RULES_MAX + 1, MAPS_RULES_MAX,
			                 "a map has at most %d rules", MAPS_RULES_MAX);
		struct journey_rule *rule = &d->rules[d->n_rules];
		*rule = (struct journey_rule){ .touchpoint = (uint16_t)(i + 1) };
		TRY(read_text(r, json_object_get(one, "event"), at("%s/event", where.text), WIRE_NAME_BYTES_MAX,
		              &rule->event));
		TRY(read_text(r, json_object_get(one, "channel"), at("%s/channel", where.text), WIRE_NAME_BYTES_MAX,
		              &rule->channel));
		const json_t *conditions;
		TRY(read_list(r, one, "where", at("%s/where", where.text), JOURNEY_CONDITIONS_MAX, &rule->n_conditions,
		              &conditions));
		for (size_t c = 0; c < rule->n_conditions; c++)
			TRY(read_filter(r, json_array_get(conditions, c), at("%s/where/%zu", where.text, c),
			                &rule->conditions[c]));
		if (rule->event.len == 0 && rule->channel.len == 0 && rule->n_conditions == 0) {
			enum err_code rc = err_set(r->err, ERR_INPUT, "map.rule", where.text,
			                           "the rule at %s takes every event there is", where.text);
			err_hint(r->err, "Name an event, a channel or a condition, or remove the rule.");
			return rc;
		}
		d->n_rules++;
	}
	return OK;
}

static enum err_code read_assumed(struct reader *r, const json_t *v, size_t i, struct map_assumed *out)
{
	if (absent(v)) return OK;
	TRY(need_object(r, v, at("/touchpoints/%zu/assumed", i)));
	const json_t *feeling = json_object_get(v, "feeling");
	const struct at where = at("/touchpoints/%zu/assumed/feeling", i);
	if (!absent(feeling)) {
		if (!json_is_number(feeling)) return wrong_kind(r, where, "a number from -2 to 2", feeling);
		out->feeling = json_number_value(feeling);
		if (!(out->feeling >= -2 && out->feeling <= 2)) {
			enum err_code rc = err_set(r->err, ERR_INPUT, "map.feeling", where.text,
			                           "a feeling of %g is not between -2 and 2", out->feeling);
			err_hint(r->err, "-2 is very bad, 0 neutral, 2 very good.");
			return rc;
		}
		out->given = true;
	}
	TRY(read_said(r, json_object_get(v, "by"), at("/touchpoints/%zu/assumed/by", i), &out->by));
	TRY(read_text(r, json_object_get(v, "at"), at("/touchpoints/%zu/assumed/at", i), 40, &out->at));
	return out->at.len
	               ? read_time(r, json_object_get(v, "at"), at("/touchpoints/%zu/assumed/at", i), 0, &out->at_ms)
	               : OK;
}

static enum err_code read_promise(struct reader *r, const json_t *v, size_t i, struct map_promise *out)
{
	if (absent(v)) return OK;
	TRY(need_object(r, v, at("/touchpoints/%zu/promise", i)));
	TRY(read_texts(r, json_object_get(v, "text"), at("/touchpoints/%zu/promise/text", i), false, &out->text));
	TRY(read_duration(r, json_object_get(v, "within"), at("/touchpoints/%zu/promise/within", i), 0,
	                  &out->within_ms));
	return read_said(r, json_object_get(v, "source"), at("/touchpoints/%zu/promise/source", i), &out->source);
}

static enum err_code read_stage_of(struct reader *r, const json_t *v, size_t i, const struct map_doc *d, size_t *out)
{
	const struct at where = at("/touchpoints/%zu/stage", i);
	struct str key;
	TRY(read_text(r, json_object_get(v, "stage"), where, MAPS_TEXT_BYTES_MAX, &key));
	for (size_t s = 0; s < d->n_stages; s++)
		if (str_eq(key, d->stages[s].key)) {
			*out = s;
			return OK;
		}
	enum err_code rc =
	        key.len ? err_set(r->err, ERR_INPUT, "map.stage", where.text, "there is no stage \"" STR_FMT "\"",
	                          STR_ARG(str_cut(key, 0, 80)))
	                : err_set(r->err, ERR_INPUT, "map.stage", where.text, "a stage is missing at %s", where.text);
	err_hint(r->err, "Name the key of one of the stages, or add the stage.");
	return rc;
}

/* Columns by first appearance; a column lies in one stage, and stages do not go back. */
static enum err_code place_step(struct reader *r, struct str key, size_t i, struct map_doc *d)
{
	struct map_touchpoint *t = &d->touchpoints[i];
	const struct at where = at("/touchpoints/%zu/step", i);
	size_t s = 0;
	while (s < d->n_steps && !str_eq(d->steps[s].key, key)) s++;
	if (s == d->n_steps) {
		if (s == JOURNEY_STEPS_MAX)
			return err_limit(r->err, "map.steps", where.text, JOURNEY_STEPS_MAX + 1, JOURNEY_STEPS_MAX,
			                 "a map has at most %d steps", JOURNEY_STEPS_MAX);
		if (s && d->steps[s - 1].stage > t->stage) {
			enum err_code rc = err_set(r->err, ERR_INPUT, "map.order", at("/touchpoints/%zu/stage", i).text,
			                           "\"" STR_FMT "\" stands after a touchpoint of a later stage",
			                           STR_ARG(str_cut(t->key, 0, 80)));
			err_hint(r->err,
			         "Move it before the touchpoints of the later stage, or put it into that stage.");
			return rc;
		}
		d->steps[d->n_steps++] = (struct map_step){ .key = key, .stage = t->stage, .first = i };
	} else if (d->steps[s].stage != t->stage) {
		enum err_code rc =
		        err_set(r->err, ERR_INPUT, "map.step", where.text,
		                "the step \"" STR_FMT "\" would lie in two stages", STR_ARG(str_cut(key, 0, 80)));
		err_hint(r->err, "Touchpoints of one step need one stage.");
		return rc;
	}
	t->step = s;
	return OK;
}

static enum err_code read_touchpoint(struct reader *r, const json_t *v, size_t i, struct map_doc *d)
{
	struct map_touchpoint *t = &d->touchpoints[i];
	TRY(need_object(r, v, at("/touchpoints/%zu", i)));
	TRY(read_key(r, json_object_get(v, "key"), at("/touchpoints/%zu/key", i), &t->key));
	for (size_t k = 0; k < i; k++)
		if (str_eq(d->touchpoints[k].key, t->key)) return twice(r, at("/touchpoints/%zu/key", i), t->key);
	TRY(read_texts(r, json_object_get(v, "name"), at("/touchpoints/%zu/name", i), true, &t->name));
	TRY(read_stage_of(r, v, i, d, &t->stage));
	const json_t *channels;
	TRY(read_list(r, v, "channels", at("/touchpoints/%zu/channels", i), MAPS_CHANNELS_MAX, &t->n_channels,
	              &channels));
	t->channels = ARENA_ARRAY(r->a, struct str, t->n_channels);
	if (!t->channels) return err_no_memory(r->err);
	for (size_t k = 0; k < t->n_channels; k++)
		TRY(read_text(r, json_array_get(channels, k), at("/touchpoints/%zu/channels/%zu", i, k),
		              WIRE_NAME_BYTES_MAX, &t->channels[k]));
	TRY(read_rules(r, v, i, d));
	TRY(read_assumed(r, json_object_get(v, "assumed"), i, &t->assumed));
	TRY(read_promise(r, json_object_get(v, "promise"), i, &t->promise));
	TRY(read_said(r, json_object_get(v, "owner"), at("/touchpoints/%zu/owner", i), &t->owner));
	TRY(read_said(r, json_object_get(v, "behind"), at("/touchpoints/%zu/behind", i), &t->behind));
	TRY(read_bool(r, json_object_get(v, "optional"), at("/touchpoints/%zu/optional", i), false, &t->optional));
	TRY(read_bool(r, json_object_get(v, "documented"), at("/touchpoints/%zu/documented", i), true, &t->documented));
	struct str step = t->key;
	if (!absent(json_object_get(v, "step")))
		TRY(read_key(r, json_object_get(v, "step"), at("/touchpoints/%zu/step", i), &step));
	return place_step(r, step, i, d);
}

static size_t count_rules(const json_t *list, size_t n)
{
	size_t rules = 0;
	for (size_t i = 0; i < n; i++) rules += json_array_size(json_object_get(json_array_get(list, i), "rules"));
	return rules < MAPS_RULES_MAX ? rules : MAPS_RULES_MAX;
}

static enum err_code read_touchpoints(struct reader *r, const json_t *root, struct map_doc *d)
{
	const json_t *list;
	TRY(read_list(r, root, "touchpoints", at("/touchpoints"), JOURNEY_TOUCHPOINTS_MAX, &d->n_touchpoints, &list));
	if (d->n_touchpoints == 0) {
		enum err_code rc = err_set(r->err, ERR_INPUT, "map.touchpoints", "/touchpoints",
		                           "a map needs at least one touchpoint");
		err_hint(r->err, "Add one, or start from a template or from your data.");
		return rc;
	}
	d->touchpoints = ARENA_ARRAY(r->a, struct map_touchpoint, d->n_touchpoints);
	d->steps = ARENA_ARRAY(r->a, struct map_step, JOURNEY_STEPS_MAX);
	d->rules = ARENA_ARRAY(r->a, struct journey_rule, count_rules(list, d->n_touchpoints));
	if (!d->touchpoints || !d->steps || !d->rules) return err_no_memory(r->err);
	for (size_t i = 0; i < d->n_touchpoints; i++) TRY(read_touchpoint(r, json_array_get(list, i), i, d));
	return OK;
}

static enum err_code read_key_of_member(struct reader *r, const char *name, struct at where, struct str *out)
{
	const struct str s = str_of(name);
	if (s.len > WIRE_NAME_BYTES_MAX)
		return err_limit(r->err, "map.text", where.text, (int64_t)s.len, WIRE_NAME_BYTES_MAX,
		                 "a name at %s has %zu bytes, at most %d fit", where.text, s.len, WIRE_NAME_BYTES_MAX);
	*out = str_copy(r->a, s);
	return out->ptr ? OK : err_no_memory(r->err);
}

static enum err_code read_values(struct reader *r, const json_t *v, struct at where, struct map_dimension *out)
{
	if (absent(v)) return OK;
	TRY(need_object(r, v, where));
	const size_t n = json_object_size(v);
	if (n > MAPS_VALUES_MAX)
		return err_limit(r->err, "map.list", where.text, (int64_t)n, MAPS_VALUES_MAX,
		                 "%s has %zu entries, at most %d fit", where.text, n, MAPS_VALUES_MAX);
	out->values = ARENA_ARRAY(r->a, struct map_value, n);
	if (!out->values) return err_no_memory(r->err);
	const char *name;
	json_t *texts;
	json_object_foreach((json_t *)v, name, texts)
	{
		struct map_value *one = &out->values[out->n_values++];
		TRY(read_key_of_member(r, name, where, &one->value));
		TRY(read_said(r, texts, at("%s/%s", where.text, name), &one->name));
	}
	return OK;
}

static enum err_code read_dimensions(struct reader *r, const json_t *v, struct map_doc *d)
{
	static const char *const known[] = { "name", "values", NULL };
	const struct at where = at("/dimensions");
	if (absent(v)) return OK;
	TRY(need_object(r, v, where));
	const size_t n = json_object_size(v);
	if (n > MAPS_DIMENSIONS_MAX)
		return err_limit(r->err, "map.list", where.text, (int64_t)n, MAPS_DIMENSIONS_MAX,
		                 "%s has %zu entries, at most %d fit", where.text, n, MAPS_DIMENSIONS_MAX);
	d->dimensions = ARENA_ARRAY(r->a, struct map_dimension, n);
	if (!d->dimensions) return err_no_memory(r->err);
	const char *name;
	json_t *one;
	json_object_foreach((json_t *)v, name, one)
	{
		const struct at here = at("/dimensions/%s", name);
		struct map_dimension *out = &d->dimensions[d->n_dimensions++];
		TRY(read_key_of_member(r, name, here, &out->key));
		TRY(need_object(r, one, here));
		TRY(only_known(r, one, here, known, "name, values"));
		TRY(read_said(r, json_object_get(one, "name"), at("%s/name", here.text), &out->name));
		TRY(read_values(r, json_object_get(one, "values"), at("%s/values", here.text), out));
	}
	return OK;
}

/* The boundary is named by a step, or by a stage (after its last step). */
static enum err_code read_purchase(struct reader *r, const json_t *v, struct map_doc *d)
{
	d->purchase_step = -1;
	struct str key;
	TRY(read_text(r, v, at("/purchase_after"), MAPS_TEXT_BYTES_MAX, &key));
	if (key.len == 0) return OK;
	for (size_t s = 0; s < d->n_steps; s++)
		if (str_eq(d->steps[s].key, key)) d->purchase_step = (int)s;
	if (d->purchase_step < 0)
		for (size_t s = 0; s < d->n_steps; s++)
			if (str_eq(d->stages[d->steps[s].stage].key, key)) d->purchase_step = (int)s;
	if (d->purchase_step >= 0) return OK;
	for (size_t s = 0; s < d->n_stages; s++)
		if (str_eq(d->stages[s].key, key)) return OK; /* an empty stage: no boundary to draw yet */
	enum err_code rc = err_set(r->err, ERR_INPUT, "map.purchase", "/purchase_after",
	                           "there is no step or stage \"" STR_FMT "\"", STR_ARG(str_cut(key, 0, 80)));
	err_hint(r->err, "Name the key of the step or stage after which the customer has bought.");
	return rc;
}

/* A touchpoint of this map, or an event; absent: the goal. */
static enum err_code read_outcome(struct reader *r, const json_t *v, struct map_doc *d)
{
	static const char *const known[] = { "touchpoint", "event", "within", NULL };
	const struct at where = at("/outcome");
	d->outcome = STR("");
	if (absent(v)) return OK;
	TRY(need_object(r, v, where));
	TRY(only_known(r, v, where, known, "touchpoint or event, and within"));
	struct str touchpoint, event;
	TRY(read_text(r, json_object_get(v, "touchpoint"), at("/outcome/touchpoint"), MAPS_KEY_BYTES_MAX, &touchpoint));
	TRY(read_text(r, json_object_get(v, "event"), at("/outcome/event"), WIRE_NAME_BYTES_MAX, &event));
	TRY(read_duration(r, json_object_get(v, "within"), at("/outcome/within"), 0, &d->outcome_within_ms));
	if (touchpoint.len && event.len) {
		enum err_code rc = err_set(r->err, ERR_INPUT, "map.outcome", where.text,
		                           "the outcome is a touchpoint or an event, not both");
		err_hint(r->err, "Keep one of them.");
		return rc;
	}
	d->outcome = touchpoint.len ? touchpoint : event;
	if (touchpoint.len == 0) return OK;
	for (size_t t = 0; t < d->n_touchpoints; t++)
		if (str_eq(d->touchpoints[t].key, touchpoint)) return OK;
	enum err_code rc = err_set(r->err, ERR_INPUT, "map.outcome", "/outcome/touchpoint",
	                           "there is no touchpoint \"" STR_FMT "\"", STR_ARG(str_cut(touchpoint, 0, 80)));
	err_hint(r->err, "Name the key of the touchpoint that the journey should lead to, or an event.");
	return rc;
}

static enum err_code read_root(struct reader *r, const json_t *root, bool key_needed, struct map_doc *d)
{
	TRY(need_object(r, root, at("the document")));
	const json_t *key = json_object_get(root, "key");
	if (key_needed || !absent(key)) TRY(read_key(r, key, at("/key"), &d->key));
	TRY(read_texts(r, json_object_get(root, "name"), at("/name"), true, &d->name));
	TRY(read_scope(r, json_object_get(root, "scope"), d));
	TRY(read_instance(r, json_object_get(root, "instance"), &d->instance));
	TRY(read_stages(r, root, d));
	TRY(read_touchpoints(r, root, d));
	TRY(read_dimensions(r, json_object_get(root, "dimensions"), d));
	TRY(read_outcome(r, json_object_get(root, "outcome"), d));
	return read_purchase(r, json_object_get(root, "purchase_after"), d);
}

enum err_code map_doc_read(struct str json, bool key_needed, struct arena *a, struct map_doc *out, struct err *err)
{
	if (json.len > MAPS_DOCUMENT_BYTES_MAX)
		return err_limit(err, "map.size", "", (int64_t)json.len, (int64_t)MAPS_DOCUMENT_BYTES_MAX,
		                 "the document has %zu bytes, at most %zu fit", json.len, MAPS_DOCUMENT_BYTES_MAX);
	json_error_t e;
	json_t *root = json_loadb(json.ptr ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, &e);
	if (!root) {
		enum err_code rc =
		        err_set(err, ERR_INPUT, "map.json", "", "line %d, column %d: %.160s", e.line, e.column, e.text);
		err_hint(err, "The document must be one JSON object.");
		return rc;
	}
	struct reader r = { a, err };
	struct map_doc d = { .key = STR(""), .outcome = STR(""), .purchase_step = -1 };
	enum err_code rc = read_root(&r, root, key_needed, &d);
	json_decref(root);
	if (rc == OK) *out = d;
	return rc;
}
