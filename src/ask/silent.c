/* The silent majority: what those would have said who did not answer, and the chance with which people answer. */
#include "ask/priv.h"

static enum err_code plan(struct asking *k, const struct journey_silent_query *what, struct journey_silent_plan **out,
                          struct err *err)
{
	static const struct journey_simplify all = { .activities = 1, .edges = 1 };
	struct journey_activities activities;
	struct journey_choice choice;
	TRY(asking_activities(k, &k->scratch, &activities, err));
	TRY(journey_choose(&activities, &all, &k->scratch, &choice, err));
	return journey_silent_plan(k->plan, what, &choice, &k->scratch, out, err);
}

/* One row for each customer, whatever a journey is. */
static enum err_code start(struct asking *k, struct ask *a, const struct journey_query *q, struct err *err)
{
	struct journey_query people = *q;
	people.by = JOURNEY_BY_CUSTOMER;
	people.instance.cut = JOURNEY_CUT_CUSTOMER;
	return asking_start(k, a, &people, err);
}

enum err_code ask_silent(struct ask *a, const struct journey_query *q, const struct journey_silent_query *what,
                         struct stats_silent *out, struct err *err)
{
	struct asking k;
	struct journey_silent_plan *p;
	void *pass = NULL;
	enum err_code rc = start(&k, a, q, err);
	if (rc == OK) rc = plan(&k, what, &p, err);
	if (rc == OK) rc = asking_pass(&k, &journey_silent_pass, p, &pass, err);
	if (rc == OK) rc = journey_silent_result(pass, out, err);
	journey_silent_pass.free(pass);
	asking_done(&k);
	return rc;
}

/* --- people whom the caller names ------------------------------------------------------------------- */

/* Customers by number, and which of them each id is; of ids that nobody has n. */
struct named {
	struct journey_silent_person *all;
	uint32_t *of;
	size_t n;
};

struct place {
	uint32_t customer;
	size_t at;
};

static int by_number(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* Ids of one customer are one person: asked at the first time, with the mean of the scores. */
static enum err_code find_people(struct ask *a, const struct ask_silent_people *p, struct arena *m, struct named *out,
                                 struct err *err)
{
	struct place *places = ARENA_ARRAY(m, struct place, p->n + 1);
	*out = (struct named){ ARENA_ARRAY(m, struct journey_silent_person, p->n + 1),
		               ARENA_ARRAY(m, uint32_t, p->n + 1), 0 };
	if (!places || !out->all || !out->of) return err_no_memory(err);
	for (size_t i = 0; i < p->n; i++) {
		const uint32_t id = store_identity_find(a->st, false, p->all[i].external);
		places[i] = (struct place){ id ? index_customer(a->ix, id) : 0, i };
	}
	if (p->n) qsort(places, p->n, sizeof *places, by_number);
	for (size_t i = 0, scores = 0; i < p->n; i++) {
		const struct ask_silent_person *x = &p->all[places[i].at];
		out->of[places[i].at] = UINT32_MAX;
		if (!places[i].customer) continue;
		if (out->n == 0 || out->all[out->n - 1].customer != places[i].customer) {
			out->all[out->n++] =
			        (struct journey_silent_person){ places[i].customer, x->asked_ms, false, 0 };
			scores = 0;
		}
		struct journey_silent_person *y = &out->all[out->n - 1];
		out->of[places[i].at] = (uint32_t)(out->n - 1);
		if (x->asked_ms < y->asked_ms) y->asked_ms = x->asked_ms;
		if (!x->answered) continue;
		y->answered = true;
		y->score += (x->score - y->score) / (double)++scores;
	}
	return OK;
}

struct silent_of {
	struct asking k;
	struct named named;
	struct journey_silent_query what;
	void *pass;
	struct arena m;
};

static enum err_code run(struct silent_of *s, struct ask *a, const struct journey_query *q,
                         const struct ask_silent_people *p, struct err *err)
{
	struct journey_silent_plan *found;
	*s = (struct silent_of){ .pass = NULL };
	arena_init(&s->m, (size_t)1 << 30);
	TRY(start(&s->k, a, q, err));
	TRY(find_people(a, p, &s->m, &s->named, err));
	s->what = (struct journey_silent_query){ .people = s->named.all,
		                                 .n_people = s->named.n,
		                                 .others = p->others,
		                                 .answers = p->answers,
		                                 .scale = p->scale };
	TRY(plan(&s->k, &s->what, &found, err));
	return asking_pass(&s->k, &journey_silent_pass, found, &s->pass, err);
}

static void done(struct silent_of *s)
{
	journey_silent_pass.free(s->pass);
	asking_done(&s->k);
	arena_done(&s->m);
}

enum err_code ask_silent_people(struct ask *a, const struct journey_query *q, const struct ask_silent_people *people,
                                struct stats_silent *out, struct err *err)
{
	struct silent_of s;
	enum err_code rc = run(&s, a, q, people, err);
	if (rc == OK) rc = journey_silent_result(s.pass, out, err);
	done(&s);
	return rc;
}

enum err_code ask_silent_chances(struct ask *a, const struct journey_query *q, const struct ask_silent_people *people,
                                 double *w, struct stats_propensity *out, struct err *err)
{
	struct silent_of s;
	enum err_code rc = run(&s, a, q, people, err);
	double *each = rc == OK ? ARENA_ARRAY(&s.m, double, s.named.n + 1) : NULL;
	if (rc == OK && !each) rc = err_no_memory(err);
	if (rc == OK) rc = journey_silent_chances(s.pass, each, out, err);
	for (size_t i = 0; rc == OK && i < people->n; i++) w[i] = s.named.of[i] == UINT32_MAX ? 0 : each[s.named.of[i]];
	done(&s);
	return rc;
}
