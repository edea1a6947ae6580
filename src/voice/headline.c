/* The first score of a survey, for lists. */
#include "voice/priv.h"

static bool headline_kept(struct voice *v, const struct voice_survey *s, struct voice_headline *out)
{
	pthread_mutex_lock(&v->headlines_lock);
	const struct kept_headline *k = &v->headlines[s->id % HEADLINES];
	const bool there = k->survey == s->id && k->completed == s->completed && k->version == s->newest;
	if (there) *out = k->headline;
	pthread_mutex_unlock(&v->headlines_lock);
	return there;
}

enum err_code voice_headline(struct voice *v, const struct voice_survey *s, struct voice_headline *out, struct err *err)
{
	static const struct voice_results_query everything = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	struct arena a;
	struct voice_results r;
	if (headline_kept(v, s, out)) return OK;
	arena_init(&a, 512 * MIB);
	const enum err_code rc = voice_results(v, s->key, &everything, &a, &r, err);
	struct voice_headline found = { 0 };
	for (size_t i = 0; rc == OK && i < r.n_questions && !found.there; i++)
		if (r.questions[i].scored)
			found = (struct voice_headline){ true, r.questions[i].score.kind, r.questions[i].score.main };
	arena_done(&a);
	if (rc != OK) return rc;
	*out = found;
	pthread_mutex_lock(&v->headlines_lock);
	v->headlines[s->id % HEADLINES] = (struct kept_headline){ s->id, s->completed, s->newest, found };
	pthread_mutex_unlock(&v->headlines_lock);
	return OK;
}
