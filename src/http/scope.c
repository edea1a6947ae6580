/* SCOPE and the reader's locale, from the query. */
#include "http/priv.h"

enum err_code need_ask(struct http_call *c, struct ask **out, struct err *err)
{
	*out = atomic_load(&c->h->ask);
	if (*out) return OK;
	enum err_code rc = err_set(err, ERR_UNAVAILABLE, "index.reading", "", "the index is still being read");
	err_hint(err, "It is ready in a moment; events are taken in meanwhile.");
	return rc;
}

enum err_code need_maps(struct http_call *c, struct maps **out, struct err *err)
{
	struct ask *ask;
	TRY(need_ask(c, &ask, err));
	*out = atomic_load(&c->h->maps);
	return OK;
}

/* ms, ISO with an offset, or ISO without one: the wall clock of the organisation. */
enum err_code time_read(struct http_call *c, const char *key, int64_t *out, struct err *err)
{
	struct str text = query_get(c, key), name;
	bool offset = false;
	int64_t at;
	if (!text.len) return OK;
	if (text.len > 8 && str_to_i64(text, &at)) {
		if (at < WHEN_MIN_MS || at > WHEN_MAX_MS)
			return err_set(err, ERR_INPUT, "scope.time", key, "this time is outside 1900 to 2100");
		*out = at;
		return OK;
	}
	if (!when_parse_iso(text, &at, &offset)) {
		enum err_code rc = err_set(err, ERR_INPUT, "scope.time", key, "\"" STR_FMT "\" is no time",
		                           (int)(text.len < 40 ? text.len : 40), text.ptr);
		err_hint(err, "Write 2026-01-31, 2026-01-31T10:00:00Z, or milliseconds since 1970.");
		return rc;
	}
	if (!offset) {
		struct zone *zone;
		TRY(govern_zone(c->h->opt.govern, c->arena, &name, err));
		TRY(zone_open(name, &zone, err));
		at = zone_to_utc(zone, at);
		zone_close(zone);
	}
	*out = at;
	return OK;
}

/* DIMENSION:VALUE, or DIMENSION!:VALUE for all the others. */
enum err_code filter_parse(struct str text, struct journey_filter *out, struct err *err)
{
	size_t at = str_find(text, ':');
	bool not = at > 0 && at < text.len && text.ptr[at - 1] == '!';
	if (at == text.len || at == (not ? 1u : 0u)) {
		enum err_code rc = err_set(err, ERR_INPUT, "scope.filter", "filter", "\"" STR_FMT "\" is no filter",
		                           (int)(text.len < 60 ? text.len : 60), text.ptr);
		err_hint(err, "Write channel:app, or channel!:app for all others.");
		return rc;
	}
	*out = (struct journey_filter){
		.dimension = str_cut(text, 0, not ? at - 1 : at),
		.value = str_cut(text, at + 1, text.len),
		.op = not ? JOURNEY_IS_NOT : JOURNEY_IS,
	};
	return OK;
}

/* --- segments --------------------------------------------------------------------------------- */

static int64_t clock_utc(void *ctx, int64_t wall_ms)
{
	return zone_to_utc(ctx, wall_ms);
}

enum err_code clock_open(struct http_call *c, struct org_clock *out, struct err *err)
{
	struct str name;
	TRY(govern_zone(c->h->opt.govern, c->arena, &name, err));
	TRY(zone_open(name, &out->zone, err));
	out->clock = (struct people_clock){ clock_utc, out->zone };
	return OK;
}

void clock_close(struct org_clock *k)
{
	zone_close(k->zone);
}

enum err_code scope_segment(struct http_call *c, struct str key_or_rule, struct arena *a,
                            const struct journey_segment **out, struct err *err)
{
	struct org_clock k;
	*out = NULL;
	if (!key_or_rule.len) return OK;
	TRY(clock_open(c, &k, err));
	const enum err_code rc = people_segment_of(c->h->people, key_or_rule, &k.clock, a, out, err);
	clock_close(&k);
	/* In an address the rule is the value of this parameter. */
	if (rc != OK && err && strcmp(err->field, "rule") == 0) snprintf(err->field, sizeof err->field, "segment");
	return rc;
}

static enum err_code add_filter(struct scope *s, const struct journey_filter *f, const char *field, struct err *err)
{
	if (s->maps.n_filters == JOURNEY_FILTERS_MAX)
		return err_limit(err, "scope.filters", field, JOURNEY_FILTERS_MAX + 1, JOURNEY_FILTERS_MAX,
		                 "at most %d filters go together", JOURNEY_FILTERS_MAX);
	s->maps.filters[s->maps.n_filters++] = *f;
	return OK;
}

enum err_code scope_read(struct http_call *c, struct scope *out, struct err *err)
{
	static const char *const compares[] = { "none", "previous", "season" }, *const answers[] = { "no", "yes" };
	size_t comments = 0;
	struct scope s = { .maps = { .from_ms = INT64_MIN, .to_ms = INT64_MAX } };
	int64_t version;
	TRY(query_i64(c, "version", 0, INT32_MAX, 0, &version, err));
	s.version = (int)version;
	TRY(time_read(c, "from", &s.maps.from_ms, err));
	TRY(time_read(c, "to", &s.maps.to_ms, err));
	if (s.maps.from_ms >= s.maps.to_ms) {
		enum err_code rc = err_set(err, ERR_INPUT, "scope.order", "to", "the period ends before it begins");
		err_hint(err, "\"to\" is the first instant that does not belong to it any more.");
		return rc;
	}
	struct str compare = query_get(c, "compare");
	size_t k = 0;
	while (compare.len && k < COUNT_OF(compares) && !str_eq(compare, str_of(compares[k]))) k++;
	if (k == COUNT_OF(compares))
		return err_set(err, ERR_INPUT, "scope.compare", "compare", "compare is one of none, previous, season");
	s.maps.compare = (enum maps_compare)k;
	if (s.maps.compare == MAPS_COMPARE_SEASON) {
		/* A season comes again after one year of the reader's calendar. */
		struct locale l;
		TRY(locale_read(c, &l, err));
		s.maps.calendar = l.calendar;
		memcpy(s.maps.zone, l.zone, sizeof s.maps.zone);
	}
	for (size_t i = 0; i < c->n_query; i++) {
		if (!str_eq(c->query[i].key, STR("filter"))) continue;
		struct journey_filter f;
		TRY(filter_parse(c->query[i].value, &f, err));
		TRY(add_filter(&s, &f, "filter", err));
	}
	const struct journey_filter unit = { STR("unit"), query_get(c, "unit"), JOURNEY_UNDER };
	if (unit.value.len) TRY(add_filter(&s, &unit, "unit", err));
	TRY(choice_read(c, "comments", answers, COUNT_OF(answers), 0, &comments, err));
	s.maps.comments = comments == 1;
	s.segment = query_get(c, "segment");
	TRY(scope_segment(c, s.segment, c->arena, &s.maps.who, err));
	*out = s;
	return OK;
}

enum err_code scope_text(struct arena *a, const struct scope *s, struct str *out, struct err *err)
{
	struct str t = str_format(a, "%lld|%lld|%d|%d|%s", (long long)s->maps.from_ms, (long long)s->maps.to_ms,
	                          (int)s->maps.compare, (int)s->maps.calendar, s->maps.zone);
	for (size_t i = 0; t.ptr && i < s->maps.n_filters; i++) {
		const struct journey_filter *f = &s->maps.filters[i];
		/* Lengths in front keep two lists of filters from reading alike. */
		t = str_format(a, STR_FMT "|%zu,%zu,%d:" STR_FMT STR_FMT, STR_ARG(t), f->dimension.len, f->value.len,
		               (int)f->op, STR_ARG(f->dimension), STR_ARG(f->value));
	}
	if (s->maps.who) t = str_format(a, STR_FMT "|who:" STR_FMT, STR_ARG(t), STR_ARG(s->maps.who->text));
	if (!t.ptr) return err_no_memory(err);
	*out = t;
	return OK;
}

/* A name out of a list: the query's, else the setting's; -1 when neither says. */
static enum err_code chosen(struct http_call *c, const char *key, const char *const *names, int n, int *out,
                            struct err *err)
{
	struct str text = query_get(c, key);
	bool asked = text.len > 0;
	*out = -1;
	if (!asked &&
	    (!c->session.user.settings.len || !json_get_text(c->session.user.settings, str_of(key), c->arena, &text)))
		return OK;
	for (int i = 0; i < n; i++)
		if (str_eq(text, str_of(names[i]))) *out = i;
	if (asked && *out < 0)
		return err_set(err, ERR_INPUT, "locale.value", key, "\"" STR_FMT "\" is no value of %s",
		               (int)(text.len < 40 ? text.len : 40), text.ptr, key);
	return OK;
}

enum err_code locale_read(struct http_call *c, struct locale *out, struct err *err)
{
	int lang, digits, calendar;
	struct str zone;
	TRY(chosen(c, "lang", lang_codes, LANGS, &lang, err));
	TRY(chosen(c, "digits", digits_names, DIGITS_KINDS, &digits, err));
	TRY(chosen(c, "calendar", calendar_names, CALENDARS, &calendar, err));
	/* A language asked for in the address brings its own digits and calendar unless those are asked for too. */
	bool other = query_get(c, "lang").len > 0;
	struct locale l = locale_of(lang < 0 ? LANG_EN : (enum lang)lang);
	if (digits >= 0 && (!other || query_get(c, "digits").len)) l.digits = (enum digits)digits;
	if (calendar >= 0 && (!other || query_get(c, "calendar").len)) l.calendar = (enum calendar)calendar;
	TRY(govern_zone(c->h->opt.govern, c->arena, &zone, err));
	if (zone.len < sizeof l.zone) memcpy(l.zone, zone.ptr, zone.len);
	*out = l;
	return OK;
}
