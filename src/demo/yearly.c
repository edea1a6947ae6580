/*
 * The yearly question: everybody is asked how the year with Rawnaq was, and
 * those who were let down mostly keep silent (truth 10). Its draws are its
 * own, so the rest of a customer's story is the same with and without it.
 */
#include "demo/priv.h"

#define ASKED_BEFORE_DAYS 24 /* the end day; everybody within a week */
#define LIKE 9.0             /* how alike people are whom the same happened to, see score_of */
#define CONTENT 74.0         /* points, where everything went well */
#define LET_DOWN (-31.6)     /* points for those who were let down */
#define TWICE (-7.5)         /* more for those who were so again */
#define ANSWERS_CONTENT 0.46
#define ANSWERS_LET_DOWN 0.12

int64_t yearly_day(const struct gen *g)
{
	return g->o->end_day - ASKED_BEFORE_DAYS - g->c.number % 7;
}

void ask_yearly(struct gen *g)
{
	static const struct order none = { .key = "yearly" };
	struct customer *c = &g->c;
	const struct rng before = c->r;
	const int64_t at_ms = at_hour(c, yearly_day(g), 10);
	const char *channel = countries[c->country].survey_channel;
	struct facts f = { .kind = "csat", .score_max = 5, .has_score = true };
	rng_init(&c->r, g->o->seed, (UINT64_C(1) << 40) + c->number);
	const double points =
	        CONTENT + (g->let_down > 0 ? LET_DOWN : 0) + (g->let_down > 1 ? TWICE : 0) + everywhere(g);
	const bool answers = chance(&c->r, g->let_down ? ANSWERS_LET_DOWN : ANSWERS_CONTENT);
	const int64_t after_ms = WHEN_HOUR_MS * (int64_t)(1 + rng_below(&c->r, 90));
	f.score = 1 + score_of(&c->r, points, 4, LIKE);
	put_event(g, &none, "Yearly Question Asked", channel, "message", at_ms, NULL);
	if (answers || g->o->all_answer)
		put_event(g, &none, "Yearly Question Answered", channel, "message", at_ms + after_ms, &f);
	c->r = before;
}
