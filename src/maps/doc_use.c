/* What a checked document gives: the engine's rules, and texts in the reader's language. */
#include "base/hash.h"
#include "maps/priv.h"

static void hash_str(struct buf *b, struct str s)
{
	const uint64_t len = s.len;
	buf_put(b, &len, sizeof len);
	buf_str(b, s);
}

/*
 * What is hashed is what the engine sees: order and columns of touchpoints
 * and the rules. Names, notes, promises and stages change without a new pass
 * over the events.
 */
enum err_code map_doc_compile(const struct map_doc *d, struct arena *a, const struct journey_rules **out,
                              struct err *err)
{
	struct journey_rules *rules = ARENA_NEW(a, struct journey_rules);
	struct journey_touchpoint *points = ARENA_ARRAY(a, struct journey_touchpoint, d->n_touchpoints);
	if (!rules || !points) return err_no_memory(err);
	struct buf b;
	buf_init(&b, 4 * MAPS_DOCUMENT_BYTES_MAX);
	for (size_t i = 0; i < d->n_touchpoints; i++) {
		points[i] = (struct journey_touchpoint){ d->touchpoints[i].key, (uint16_t)d->touchpoints[i].step };
		hash_str(&b, points[i].key);
		buf_put(&b, &points[i].step, sizeof points[i].step);
	}
	for (size_t i = 0; i < d->n_rules; i++) {
		const struct journey_rule *rule = &d->rules[i];
		buf_put(&b, &rule->touchpoint, sizeof rule->touchpoint);
		hash_str(&b, rule->event);
		hash_str(&b, rule->channel);
		buf_put(&b, &rule->n_conditions, sizeof rule->n_conditions);
		for (size_t c = 0; c < rule->n_conditions; c++) {
			hash_str(&b, rule->conditions[c].dimension);
			hash_str(&b, rule->conditions[c].value);
			buf_byte(&b, (char)rule->conditions[c].op);
		}
	}
	const enum err_code rc = buf_check(&b, err);
	if (rc == OK) {
		*rules = (struct journey_rules){ .version_hash = hash64(buf_view(&b)),
			                         .touchpoints = points,
			                         .n_touchpoints = d->n_touchpoints,
			                         .n_steps = d->n_steps,
			                         .rules = d->rules,
			                         .n_rules = d->n_rules };
		*out = rules;
	}
	buf_done(&b);
	return rc;
}

static const struct map_text *text_in(const struct map_texts *t, struct str lang)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->all[i].lang, lang)) return &t->all[i];
	return NULL;
}

static const struct map_text *best_text(const struct map_texts *t, struct str lang, const struct map_texts *own)
{
	const struct map_text *found = text_in(t, lang);
	for (size_t i = 0; !found && own && i < own->n; i++) found = text_in(t, own->all[i].lang);
	if (!found) found = text_in(t, STR("en"));
	return found ? found : t->n ? &t->all[0] : NULL;
}

struct str map_text_said(const struct map_texts *t, enum lang lang, const struct map_texts *own, struct str *other_lang)
{
	const struct str want = str_of(lang_codes[lang]);
	const struct map_text *found = best_text(t, want, own);
	*other_lang = found && !str_eq(found->lang, want) ? found->lang : STR("");
	return found ? found->text : STR("");
}

struct str map_text_for(const struct map_texts *t, enum lang lang, const struct map_texts *own)
{
	struct str other;
	return map_text_said(t, lang, own, &other);
}

void map_texts_put(struct json_out *o, const struct map_texts *t)
{
	json_open(o, '{');
	for (size_t i = 0; i < t->n; i++) {
		json_key_str(o, t->all[i].lang);
		json_put_str(o, t->all[i].text);
	}
	json_close(o, '}');
}
