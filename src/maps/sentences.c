/* Words about findings, scope and periods, made from the catalogues. */
#include <math.h>

#include "base/when.h"
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

static struct str isolated(struct str s, const struct locale *l, struct arena *a)
{
	const struct str out = lang_rtl(l->lang) != (map_lang_of(s) != LANG_EN)
	                               ? str_format(a, "\xE2\x81\xA8" STR_FMT "\xE2\x81\xA9", STR_ARG(s))
	                               : s;
	return out.ptr ? out : s;
}

struct str map_channel_words(struct str channel, const struct locale *l, struct arena *a)
{
	/* What a channel is called by whoever sends it, and the word of the catalogues; most are their own. */
	static const struct {
		const char *key, *names;
	} known[] = {
		{ "web", "web|website|site|online|browser|desktop|webshop|web shop" },
		{ "app", "app|mobile app|mobile|ios|android|in app|inapp" },
		{ "store", "store|shop|in store|retail|pos|point of sale" },
		{ "phone", "phone|call|telephone|voice|phone call" },
		{ "email", "email|e mail|mail|newsletter" },
		{ "chat", "chat|live chat|livechat|webchat|web chat" },
		{ "chatbot", "chatbot|bot" },
		{ "sms", "sms|text|text message" },
		{ "push", "push|push notification|notification" },
		{ "social", "social|social media" },
		{ "ads", "ads|ad|advert|advertising|paid|banner|display" },
		{ "search", "search|search engine|google|seo|sem|organic" },
		{ "courier", "courier|carrier|delivery" },
		{ "branch", "branch" },
		{ "home", "home|on site|onsite" },
		{ "technician", "technician|engineer|field|field service|installer" },
		{ "bank", "bank" },
		{ "atm", "atm" },
		{ "post", "post|letter|postal mail|direct mail" },
		{ "hotline", "hotline|helpline" },
		{ "call-centre", "call centre|call center|callcenter|callcentre|contact centre|contact center" },
		{ "ivr", "ivr" },
		{ "kiosk", "kiosk|terminal|self service" },
		{ "marketplace", "marketplace|market place" },
		{ "partner", "partner|reseller|dealer|distributor" },
		{ "agent", "agent|agency|broker" },
		{ "referral", "referral|word of mouth|friend" },
		{ "event", "event|fair|exhibition" },
		{ "video", "video|video call" },
		{ "whatsapp", "whatsapp|whats app|wa" },
		{ "instagram", "instagram|ig" },
		{ "facebook", "facebook|fb" },
		{ "messenger", "messenger|facebook messenger|fb messenger" },
		{ "telegram", "telegram|tg" },
		{ "x", "x|twitter" },
		{ "linkedin", "linkedin" },
		{ "youtube", "youtube|yt" },
		{ "tiktok", "tiktok|tik tok" },
		{ "snapchat", "snapchat" },
		{ "bale", "bale" },
		{ "eitaa", "eitaa" },
		{ "rubika", "rubika" },
	};
	const struct str name = map_fold(map_spaced(channel, a), a);
	for (size_t i = 0; name.ptr && i < COUNT_OF(known); i++) {
		if (!map_one_of(name, known[i].names)) continue;
		const struct str key = str_format(a, "maps.channel.%s", known[i].key);
		if (key.ptr) return words(l, a, key.ptr, NULL, 0);
	}
	return isolated(channel, l, a);
}

static const struct map_dimension *told(const struct maps_measured *mm, struct str dimension)
{
	for (size_t i = 0; i < mm->doc->n_dimensions; i++)
		if (str_eq(mm->doc->dimensions[i].key, dimension)) return &mm->doc->dimensions[i];
	return NULL;
}

/* "warehouse" inside a sentence: a readable name begins small, an abbreviation as it is. */
static struct str small_pretty(struct str name, struct arena *a)
{
	struct str s = map_pretty(name, a);
	if (s.len < 2 || s.ptr[0] < 'A' || s.ptr[0] > 'Z' || !(s.ptr[1] >= 'a' && s.ptr[1] <= 'z')) return s;
	const struct str out = str_format(a, "%c" STR_FMT, s.ptr[0] + 32, STR_ARG(str_cut(s, 1, s.len)));
	return out.ptr ? out : s;
}

struct str map_dimension_words(const struct maps_measured *mm, struct str dimension, const struct locale *l,
                               struct arena *a)
{
	static const char *const standard[] = { "channel", "source", "event", "unit", "environment" };
	static const char *const keys[] = { "maps.dimension.channel", "maps.dimension.source", "maps.dimension.event",
		                            "maps.dimension.unit", "maps.dimension.environment" };
	const struct map_dimension *d = told(mm, dimension);
	if (d && d->name.n) return map_text_for(&d->name, l->lang, &mm->doc->name);
	for (size_t i = 0; i < COUNT_OF(standard); i++)
		if (str_eq(dimension, str_of(standard[i]))) return words(l, a, keys[i], NULL, 0);
	return small_pretty(dimension, a);
}

struct str map_value_words(const struct maps_measured *mm, struct str dimension, struct str value,
                           const struct locale *l, struct arena *a)
{
	const struct map_dimension *d = told(mm, dimension);
	for (size_t i = 0; d && i < d->n_values; i++)
		if (str_eq(d->values[i].value, value) && d->values[i].name.n)
			return map_text_for(&d->values[i].name, l->lang, &mm->doc->name);
	if (value.len == 0) return words(l, a, "maps.unknown", NULL, 0);
	if (str_eq(dimension, STR("channel"))) return map_channel_words(value, l, a);
	return value;
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
		TEXT("dimension", map_dimension_words(mm, e->dimension, l, a)),
		TEXT("value", map_value_words(mm, e->dimension, e->value, l, a)),
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

/* What one journey is. The standard property `journey` carries orders and cases alike; days are said in full. */
static struct str cut_words(const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	const struct journey_instance_rule *rule = &mm->query.instance;
	const double days = (double)rule->gap_ms / WHEN_DAY_MS;
	const bool whole_days = rule->gap_ms % WHEN_DAY_MS == 0;
	const struct word_arg args[] = { TEXT("gap", words_duration(l, a, (double)rule->gap_ms)), INTEGER("n", days),
		                         TEXT("property", map_dimension_words(mm, rule->key, l, a)) };
	const char *key = rule->cut == JOURNEY_CUT_CUSTOMER   ? "maps.scope.customer"
	                  : rule->cut == JOURNEY_CUT_GAP      ? whole_days ? "maps.scope.gap.days" : "maps.scope.gap"
	                  : str_eq(rule->key, STR("journey")) ? "maps.scope.journey"
	                                                      : "maps.scope.key";
	return words(l, a, key, args, COUNT_OF(args));
}

struct str map_scope_words(const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	struct str parts[JOURNEY_FILTERS_MAX + 1];
	size_t n = 0;
	for (size_t i = 0; i < mm->query.n_filters; i++) {
		const struct journey_filter *f = &mm->query.filters[i];
		const struct word_arg args[] = { TEXT("dimension", map_dimension_words(mm, f->dimension, l, a)),
			                         TEXT("value", map_value_words(mm, f->dimension, f->value, l, a)) };
		parts[n++] = words(l, a, f->op == JOURNEY_IS_NOT ? "maps.scope.is_not" : "maps.scope.is", args,
		                   COUNT_OF(args));
	}
	parts[n++] = cut_words(mm, l, a);
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
		const bool under = f->op == JOURNEY_UNDER;
		const struct str word = under ? f->value
		                              : str_format(a, STR_FMT "%s" STR_FMT, STR_ARG(f->dimension),
		                                           f->op == JOURNEY_IS ? ":" : "!:", STR_ARG(f->value));
		buf_str(&b, under ? STR(" --unit ") : STR(" --filter "));
		if (word.ptr) shell_word(&b, word);
	}
	if (mm->compare)
		buf_printf(&b, " --compare %s", mm->compare->compared == MAPS_COMPARE_SEASON ? "season" : "previous");
	buf_str(&b, STR(" --json"));
	const struct str out = b.full ? STR("") : str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}
