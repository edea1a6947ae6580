/* Names in questions: of activities and of dimensions. */
#include "journey/priv.h"

enum err_code activity_find(const struct journey_plan *p, struct str name, const char *field, uint32_t *out,
                            struct err *err)
{
	const uint32_t code = journey_activity_find(p, name);
	const bool rules = p->q->rules;
	if (code == JOURNEY_NOWHERE) {
		err_set(err, ERR_INPUT, rules ? "query.touchpoint" : "query.event", field,
		        rules ? "the map has no touchpoint \"" STR_FMT "\"" : "no event is named \"" STR_FMT "\"",
		        (int)(name.len < 80 ? name.len : 80), name.ptr);
		err_hint(err, rules ? "Use the key of a touchpoint of this map."
		                    : "Names are written as they were sent; the inventory lists all of them.");
		return ERR_INPUT;
	}
	*out = code;
	return OK;
}

enum err_code dimension_by_name(const struct journey_plan *p, struct str name, const char *field, struct dimension *out,
                                struct err *err)
{
	struct dimension d = { .kinds = p->s->kinds };
	if (str_eq(name, STR("event"))) {
		d.where = TEST_EVENT;
		d.words = &p->s->events;
	} else if (str_eq(name, STR("channel"))) {
		d.where = TEST_CHANNEL;
		d.words = &p->s->channels;
	} else {
		d.where = TEST_DIMENSION;
		for (size_t i = 0; i < p->s->n_dimensions; i++) {
			if (!str_eq(p->s->dimensions[i].name, name)) continue;
			d.number = (uint32_t)i;
			d.words = &p->s->dimensions[i].words;
		}
	}
	if (!d.words)
		return err_set(err, ERR_INPUT, "query.dimension", field, "\"" STR_FMT "\" is not a declared property",
		               (int)(name.len < 80 ? name.len : 80), name.ptr);
	*out = d;
	return OK;
}

enum err_code currency_find(const struct journey_plan *p, struct str chosen, const char *field, uint32_t *out,
                            struct err *err)
{
	const struct journey_words *w = &p->s->currencies;
	if (chosen.len) {
		const uint32_t code = journey_word_find(w, chosen);
		if (code == UINT32_MAX)
			return err_set(err, ERR_INPUT, "retention.currency", "currency",
			               "no event has money in \"" STR_FMT "\"",
			               (int)(chosen.len < 20 ? chosen.len : 20), chosen.ptr);
		*out = code;
		return OK;
	}
	if (w->n < 2) return err_set(err, ERR_INPUT, "retention.money", field, "no event has money");
	if (w->n > 2) {
		const enum err_code rc = err_set(err, ERR_INPUT, "retention.currencies", "currency",
		                                 "there is money in %u currencies; sums are of one", w->n - 1);
		err_hint(err, "Choose one with `currency`.");
		return rc;
	}
	*out = 1;
	return OK;
}
