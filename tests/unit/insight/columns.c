/* Figures are counted from memory: after everything that changes comments they equal reading all of them. */
#include "base/period.h"
#include "base/rng.h"
#include "tests/unit/insight/world.h"

#define COMMENTS 1500
#define PEOPLE 200

/* What the test knows of a comment. */
struct known {
	uint32_t identity;
	int64_t at_ms;
	int channel, unit, score; /* score 0: none */
	bool gone;
};
struct story {
	struct world *w;
	struct known of[COMMENTS];
	uint32_t root[PEOPLE + 2]; /* customer of an identity */
};

static const char *const channels[] = { "web", "app", "store" };
static const char *const units[] = { "iran/tehran", "iran/shiraz", "iranian", "" };
static const char *const texts[] = {
	"The courier was late and rude, terrible",
	"fair price and tasty food",
	"the app is great but the courier was awful",
	"پیک خیلی دیر رسید، افتضاح",
	"قیمت عالی بود",
	"التطبيق سيئ جدا ولكن السعر ممتاز",
	"Das Paket kam leider viel zu spät an",
	"the staff was friendly and the refund took two weeks",
	"...",
};

static void write_one(struct story *y, struct rng *rng, size_t i)
{
	struct known *k = &y->of[i];
	char who[16], id[16], body[512], score[64] = "";
	const int person = (int)rng_below(rng, PEOPLE);
	*k = (struct known){ .at_ms = T0 + (int64_t)rng_below(rng, 90) * WHEN_DAY_MS + (int64_t)i,
		             .channel = (int)rng_below(rng, COUNT_OF(channels)),
		             .unit = (int)rng_below(rng, COUNT_OF(units)),
		             .score = (int)rng_below(rng, 6) };
	snprintf(who, sizeof who, "c%d", person);
	snprintf(id, sizeof id, "e%zu", i);
	if (k->score) snprintf(score, sizeof score, ",\"score\":%d,\"score_min\":1,\"score_max\":5", k->score);
	const int n = snprintf(body, sizeof body, "{\"properties\":{\"comment\":\"%s\",\"unit\":\"%s\"%s}}",
	                       texts[rng_below(rng, COUNT_OF(texts))], units[k->unit], score);
	struct wire_event e = { .type = WIRE_TRACK,
		                .customer = str_of(who),
		                .anonymous = STR(""),
		                .previous = STR(""),
		                .name = STR("Review"),
		                .channel = str_of(channels[k->channel]),
		                .id = str_of(id),
		                .at_ms = k->at_ms,
		                .body = { body, (size_t)n },
		                .content = hash64((struct str){ body, (size_t)n }) };
	struct store_item item = { .event = &e };
	struct err err = { 0 };
	if (store_append(y->w->st, 1, k->at_ms, &item, 1, NULL, &err) != OK) fail_msg("%s", err.text);
	k->identity = store_identity_find(y->w->st, false, str_of(who));
	assert_in_range(k->identity, 1, PEOPLE + 1);
}

static void write_some(struct story *y, struct rng *rng, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) write_one(y, rng, i);
	read_all(y->w);
}

static void roots(void *ctx, uint32_t *identities, size_t n, size_t stride)
{
	const struct story *y = ctx;
	for (size_t i = 0; i < n; i++) {
		uint32_t *const id = (uint32_t *)(void *)((char *)identities + i * stride);
		*id = y->root[*id];
	}
}

/* --- reading all -------------------------------------------------------------------------------------- */

static bool inside(const struct known *k, const struct insight_scope *s)
{
	if (k->gone || k->at_ms < s->from_ms || k->at_ms >= s->to_ms) return false;
	if (s->channel.len && !str_eq(s->channel, str_of(channels[k->channel]))) return false;
	if (!s->unit.len) return true;
	return str_eq(s->unit, str_of(units[k->unit])) || (k->unit < 2 && str_eq(s->unit, STR("iran")));
}

struct count {
	struct stats_answer felt[COMMENTS], scored[COMMENTS];
	size_t n, n_felt, n_scored;
	int64_t negative;
	bool who[PEOPLE + 2];
};

static void count_one(struct count *c, uint64_t who, bool felt, double sentiment, int score)
{
	c->n++;
	c->who[who] = true;
	if (felt) {
		c->felt[c->n_felt++] = (struct stats_answer){ sentiment, 1, who };
		c->negative += sentiment < -1.0 / 3;
	}
	if (score) c->scored[c->n_scored++] = (struct stats_answer){ (score - 1) * 25.0, 1, who };
}

static int64_t people(const struct count *c)
{
	int64_t n = 0;
	for (size_t i = 0; i < COUNT_OF(c->who); i++) n += c->who[i];
	return n;
}

static void same_mean(struct stats_answer *of, size_t n, struct interval scale, const struct stats_estimate *e)
{
	struct stats_estimate want;
	double se;
	assert_int_equal(e->n, n);
	if (n < 5) return;
	assert_int_equal(stats_mean_clustered(of, n, &want, &se, NULL), OK);
	stats_on_scale(&want, scale);
	assert_float_equal(e->est, want.est, 1e-9);
	assert_float_equal(e->lo, want.lo, 1e-9);
	assert_float_equal(e->hi, want.hi, 1e-9);
	assert_float_equal(e->n_eff, want.n_eff, 1e-9);
	assert_int_equal(e->flags & STATS_NOT_IDENTIFIED, want.flags & STATS_NOT_IDENTIFIED);
}

/* One comment after the other, as the tables have it. */
static void read_again(struct story *y, const struct insight_scope *s, const char *topic, struct count *out)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	*out = (struct count){ .n = 0 };
	for (size_t i = 0; i < COMMENTS; i++) {
		struct insight_heard h;
		if (!y->of[i].at_ms || !inside(&y->of[i], s)) continue;
		assert_int_equal(insight_heard(y->w->x, i, STR(""), STR(""), &a, &h, NULL), OK);
		const uint32_t who = y->root[y->of[i].identity];
		for (size_t k = 0; topic && k < h.n; k++)
			if (str_eq(h.topics[k].topic, str_of(topic)))
				count_one(out, who, h.topics[k].felt, h.topics[k].sentiment, y->of[i].score);
		if (!topic) count_one(out, who, h.felt, h.sentiment, y->of[i].score);
		arena_reset(&a);
	}
	arena_done(&a);
}

static void same_as_reading_all(struct story *y, const struct insight_scope *s)
{
	const struct interval feeling = { -1, 1 }, utility = { 0, 100 };
	static const char *const looked_at[] = { "delivery", "price", "app", "staff" };
	struct count *c = calloc(1, sizeof *c);
	const struct insight_topic_list l = listed(y->w, s);
	read_again(y, s, NULL, c);
	assert_int_equal(l.comments, c->n);
	assert_int_equal(l.customers, people(c));
	same_mean(c->felt, c->n_felt, feeling, &l.sentiment);
	for (size_t i = 0; i < COUNT_OF(looked_at); i++) {
		const struct insight_topic *t = topic(&l, looked_at[i]);
		read_again(y, s, looked_at[i], c);
		assert_int_equal(t->n, c->n);
		assert_int_equal(t->customers, people(c));
		assert_int_equal(t->negative.n, c->n_felt);
		same_mean(c->felt, c->n_felt, feeling, &t->sentiment);
		same_mean(c->scored, c->n_scored, utility, &t->score);
	}
	free(c);
}

static void same_everywhere(struct story *y)
{
	struct insight_scope s[] = { everything, everything, everything, everything };
	s[1].from_ms = T0 + 20 * WHEN_DAY_MS, s[1].to_ms = T0 + 41 * WHEN_DAY_MS;
	s[2].unit = STR("iran"), s[2].channel = STR("app");
	s[3].unit = STR("nowhere");
	for (size_t i = 0; i < COUNT_OF(s); i++) same_as_reading_all(y, &s[i]);
}

/* --- what changes comments --------------------------------------------------------------------------------- */

static void correct(struct story *y, uint64_t arrival, int feeling, const char *add)
{
	const struct str topic = str_of(add);
	const struct insight_change c = {
		.set_feeling = true, .feeling = feeling, .add = &topic, .n_add = 1, .author = STR("ann"), .now_ms = T0
	};
	assert_int_equal(insight_correct(y->w->x, arrival, &c, NULL), OK);
}

static enum err_code erase_write(void *ctx, struct store_write *w, struct err *err)
{
	static const char *const all[] = { "insight_erase", "insight_erase_said", "inbox_erase",
		                           "inbox_erase_comment" };
	const uint64_t *arrival = ctx;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		struct stmt *s = NULL;
		bool row;
		TRY(write_prepare(&s, w, all[i], err));
		stmt_bind_i64(s, 1, (int64_t)*arrival);
		const enum err_code rc = stmt_step(s, &row, err);
		stmt_free(s);
		TRY(rc);
	}
	return OK;
}

static void erase(struct story *y, uint32_t identity)
{
	uint64_t gone[COMMENTS];
	size_t n = 0;
	for (size_t i = 0; i < COMMENTS; i++) {
		if (y->of[i].identity != identity || !y->of[i].at_ms) continue;
		y->of[i].gone = true;
		gone[n] = i;
		assert_int_equal(store_write(y->w->st, erase_write, &gone[n++], NULL), OK);
	}
	assert_true(n > 0);
	insight_forget(y->w->x, gone, n);
}

static void figures_equal_reading_all_whatever_happens_to_comments(void **state)
{
	struct story *y = calloc(1, sizeof *y);
	struct rng rng;
	y->w = *state;
	rng_init(&rng, 20260105, 0);
	for (uint32_t i = 0; i < COUNT_OF(y->root); i++) y->root[i] = i;
	insight_people(y->w->x, roots, y);
	write_some(y, &rng, 0, COMMENTS / 3);
	same_everywhere(y);
	/* Comments that come after the first question. */
	write_some(y, &rng, COMMENTS / 3, COMMENTS);
	same_everywhere(y);
	/* What people say of them, and take back. */
	for (uint64_t i = 1; i <= 40; i++) correct(y, i * 7, i % 3 ? TEXT_NEGATIVE : TEXT_POSITIVE, "price");
	struct insight_step *step;
	size_t n;
	assert_int_equal(insight_steps(y->w->x, 14, 1, &y->w->a, &step, &n, NULL), OK);
	assert_int_equal(insight_correct_undo(y->w->x, 14, step->id, STR("ann"), T0, NULL), OK);
	same_everywhere(y);
	/* Two are one person, and not any more. */
	y->root[5] = y->root[90] = 17;
	same_everywhere(y);
	y->root[90] = 90;
	same_everywhere(y);
	/* Some are erased. */
	for (uint32_t i = 1; i < 20; i++) erase(y, i);
	same_everywhere(y);
	/* Another set reads all again, twice: what was said before is let go. */
	const struct str own = STR(
	        "{\"topics\":[{\"key\":\"delivery\",\"seeds\":{\"en\":[\"courier\"]}},"
	        "{\"key\":\"price\",\"seeds\":{\"en\":[\"price\"]}},{\"key\":\"app\",\"seeds\":{\"ar\":[\"التطبيق\"]}},"
	        "{\"key\":\"staff\",\"seeds\":{\"en\":[\"staff\"],\"fa\":[\"پیک\"]}}]}");
	for (int version = 0; version < 3; version++) {
		assert_int_equal(insight_topics_put(y->w->x, own, version, STR("ann"), T0, NULL), OK);
		same_everywhere(y);
	}
	/* A start reads the same. */
	closed(y->w);
	opened(y->w);
	insight_people(y->w->x, roots, y);
	same_everywhere(y);
	free(y);
}

static void a_list_of_arrivals_is_all_that_counts(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 30; i++) put(w, "c", T0 + i, i % 2 ? "The courier was late" : "fair price", 3);
	read_all(w);
	struct insight_scope some = everything;
	some.arrivals = STR("[0,4,6,8,10,1,3,999,-1]");
	const struct insight_topic_list l = listed(w, &some);
	assert_int_equal(l.comments, 7);
	assert_int_equal(topic(&l, "delivery")->n, 2);
	some.arrivals = STR("[]");
	assert_int_equal(listed(w, &some).comments, 0);
}

static void series_count_one_customer_of_two_identities_once(void **state)
{
	struct story *y = calloc(1, sizeof *y);
	struct world *w = y->w = *state;
	struct insight_series apart, one;
	struct zone *zone;
	const struct period_rule weeks = { .period = PERIOD_WEEK };
	for (int i = 0; i < 40; i++) {
		char who[16];
		snprintf(who, sizeof who, "c%d", i);
		put(w, who, T0 + i, i < 10 ? "The courier was late" : "fair price", 3);
	}
	read_all(w);
	for (uint32_t i = 0; i < COUNT_OF(y->root); i++) y->root[i] = i;
	insight_people(w->x, roots, y);
	assert_int_equal(zone_open(STR("UTC"), &zone, NULL), OK);
	assert_int_equal(insight_topic_series(w->x, &everything, &weeks, zone, 0, &w->a, &apart, NULL), OK);
	for (uint32_t i = 1; i <= 10; i++) y->root[i] = 1;
	assert_int_equal(insight_topic_series(w->x, &everything, &weeks, zone, 0, &w->a, &one, NULL), OK);
	zone_close(zone);
	const struct stats_estimate *a = NULL, *b = NULL;
	for (size_t i = 0; i < one.n; i++)
		if (str_eq(one.lines[i].topic.key, STR("delivery")))
			b = &one.lines[i].points[0].share.is, a = &apart.lines[i].points[0].share.is;
	assert_non_null(b);
	assert_float_equal(a->est, b->est, 1e-12);
	assert_true(b->hi - b->lo > 1.3 * (a->hi - a->lo));
	free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(figures_equal_reading_all_whatever_happens_to_comments, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_list_of_arrivals_is_all_that_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(series_count_one_customer_of_two_identities_once, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
