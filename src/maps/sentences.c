/* Words about findings, scope and periods, made from the catalogues. */
#include <math.h>

#include "maps/priv.h"

#define TEXT(name_, value)                                                                                             \
	{                                                                                                              \
		.name = name_, .kind = WORD_TEXT, .text = value                                                        \
	}
#define INTEGER(name_, value)                                                                                          \
	{                                                                                                              \
		.name = name_, .kind = WORD_INTEGER, .number = value                                                   \
	}

static const char *const cause_keys[] = {
	[JOURNEY_EFFECT_BREACH] = "breach",
	[JOURNEY_EFFECT_FAILURE] = "failure",
	[JOURNEY_EFFECT_REPEAT] = "repeat",
	[JOURNEY_EFFECT_DIMENSION] = "dimension",
};

static struct str touchpoint_name(const struct maps_measured *mm, uint16_t code, const struct locale *l)
{
	return map_text_for(&mm->doc->touchpoints[code - 1].name, l->lang, &mm->doc->name);
}

/* Standard dimensions have a word; declared ones are readable property names. */
static struct str dimension_name(struct str dimension, const struct locale *l, struct arena *a)
{
	static const char *const standard[] = { "channel", "source", "event", "unit", "environment" };
	static const char *const keys[] = { "maps.dimension.channel", "maps.dimension.source", "maps.dimension.event",
		                            "maps.dimension.unit", "maps.dimension.environment" };
	for (size_t i = 0; i < COUNT_OF(standard); i++)
		if (str_eq(dimension, str_of(standard[i]))) return words(l, a, keys[i], NULL, 0);
	return map_pretty(dimension, a);
}

static struct str said_by(const struct maps_measured *mm, const struct maps_finding *f, const char *part,
                          const struct locale *l, struct arena *a)
{
	const struct journey_effect *e = &f->effect;
	const double share = (double)e->instances / (double)(e->instances + e->other_instances);
	const struct word_arg args[] = {
		TEXT("touchpoint", touchpoint_name(mm, e->touchpoint, l)),
		TEXT("share", words_percent(l, a, share, share < 0.1 ? 1 : 0)),
		INTEGER("n", (double)e->instances),
		TEXT("dimension", dimension_name(e->dimension, l, a)),
		TEXT("value", e->value.len ? e->value : words(l, a, "maps.unknown", NULL, 0)),
		INTEGER("with", round(e->with.mean)),
		INTEGER("without", round(e->without.mean)),
		INTEGER("points", round(fabs(f->diff.est))),
	};
	const struct str key = str_format(a, "maps.finding.%s.%s", cause_keys[e->kind], part);
	return key.ptr ? words(l, a, key.ptr, args, COUNT_OF(args)) : STR("");
}

struct map_finding_words map_finding_words(const struct maps_measured *mm, const struct maps_finding *f,
                                           const struct locale *l, struct arena *a)
{
	return (struct map_finding_words){ said_by(mm, f, "title", l, a), said_by(mm, f, "detail", l, a) };
}

void map_headline(const struct maps_measured *mm, const struct locale *l, struct arena *a, struct str *pain,
                  struct str *rest)
{
	*pain = *rest = STR("");
	if (mm->n_findings == 0 || !mm->findings[0].pain) return;
	const struct maps_finding *f = &mm->findings[0];
	const struct word_arg args[] = { TEXT("touchpoint", touchpoint_name(mm, f->effect.touchpoint, l)) };
	*pain = words(l, a, "maps.headline.pain", args, COUNT_OF(args));
	*rest = said_by(mm, f, "headline", l, a);
}

static struct str join(const struct str *parts, size_t n, const char *between, struct arena *a)
{
	struct str out = STR("");
	for (size_t i = 0; i < n; i++) {
		if (parts[i].len == 0) continue;
		out = out.len ? str_format(a, STR_FMT "%s" STR_FMT, STR_ARG(out), between, STR_ARG(parts[i]))
		              : parts[i];
		if (!out.ptr) return STR("");
	}
	return out;
}

struct str map_scope_words(const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	struct str parts[JOURNEY_FILTERS_MAX + 1];
	size_t n = 0;
	for (size_t i = 0; i < mm->query.n_filters; i++) {
		const struct journey_filter *f = &mm->query.filters[i];
		const struct word_arg args[] = { TEXT("dimension", dimension_name(f->dimension, l, a)),
			                         TEXT("value",
			                              f->value.len ? f->value : words(l, a, "maps.unknown", NULL, 0)) };
		parts[n++] =
		        words(l, a, f->op == JOURNEY_IS ? "maps.scope.is" : "maps.scope.is_not", args, COUNT_OF(args));
	}
	const struct journey_instance_rule *rule = &mm->query.instance;
	const struct word_arg args[] = { TEXT("gap", words_duration(l, a, (double)rule->gap_ms)),
		                         TEXT("key", map_pretty(rule->key, a)) };
	static const char *const keys[] = { [JOURNEY_CUT_CUSTOMER] = "maps.scope.customer",
		                            [JOURNEY_CUT_KEY] = "maps.scope.key",
		                            [JOURNEY_CUT_GAP] = "maps.scope.gap" };
	parts[n++] = words(l, a, keys[rule->cut], args, COUNT_OF(args));
	return join(parts, n, " · ", a);
}

struct str map_compare_label(const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	const struct maps_measured *then = mm->compare;
	struct locale in = *l;
	if (then->compared == MAPS_COMPARE_SEASON)
		in.calendar = then->calendar; /* the calendar that the season was found in */
	const struct word_arg args[] = { TEXT("from", words_date(&in, a, then->query.from_ms)),
		                         TEXT("to", words_date(&in, a, then->query.to_ms - 1)),
		                         TEXT("calendar", words_calendar(&in, a)) };
	return words(l, a, then->compared == MAPS_COMPARE_SEASON ? "maps.compare.season" : "maps.compare.previous",
	             args, COUNT_OF(args));
}

/* For a shell: quoted by '...', with ' itself as '\''. */
static void shell_word(struct buf *b, struct str s)
{
	bool plain = s.len > 0;
	for (size_t i = 0; i < s.len; i++)
		if (!memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:@/", s.ptr[i], 67))
			plain = false;
	if (plain) {
		buf_str(b, s);
		return;
	}
	buf_byte(b, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'') buf_str(b, STR("'\\''"));
		else buf_byte(b, s.ptr[i]);
	}
	buf_byte(b, '\'');
}

struct str map_command(const struct maps_measured *mm, struct arena *a)
{
	struct buf b;
	buf_init(&b, 64 * 1024);
	buf_str(&b, STR("safar map show "));
	shell_word(&b, mm->key);
	if (mm->version != mm->newest) buf_printf(&b, " --version %d", mm->version);
	if (mm->query.from_ms != mm->doc->from_ms) buf_printf(&b, " --from %lld", (long long)mm->query.from_ms);
	if (mm->query.to_ms != mm->doc->to_ms) buf_printf(&b, " --to %lld", (long long)mm->query.to_ms);
	for (size_t i = mm->doc->n_filters; i < mm->query.n_filters; i++) {
		const struct journey_filter *f = &mm->query.filters[i];
		buf_str(&b, STR(" --filter "));
		const struct str word = str_format(a, STR_FMT "%s" STR_FMT, STR_ARG(f->dimension),
		                                   f->op == JOURNEY_IS ? ":" : "!:", STR_ARG(f->value));
		if (word.ptr) shell_word(&b, word);
	}
	if (mm->compare)
		buf_printf(&b, " --compare %s", mm->compare->compared == MAPS_COMPARE_SEASON ? "season" : "previous");
	buf_str(&b, STR(" --json"));
	const struct str out = b.full ? STR("") : str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}
