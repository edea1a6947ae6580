/* Reading one comment. */
#include <math.h>

#include "insight/priv.h"

enum err_code comprehension_open(struct comprehension *c, struct err *err)
{
	*c = (struct comprehension){ .reader = text_reader_new(), .features = text_features_new() };
	if (c->reader && c->features) return OK;
	comprehension_done(c);
	return err_no_memory(err);
}

void comprehension_done(struct comprehension *c)
{
	text_reader_free(c->reader);
	text_features_free(c->features);
}

/* Of tokens [from, to). NaN where the judge has no model of the language, or there is nothing to judge. */
static double feeling_of(struct comprehension *c, const struct text_judge *judge, size_t from, size_t to)
{
	struct text_feeling f;
	if (from == to || (c->text.lang == TEXT_OTHER && c->text.letters > 0)) return NAN;
	text_features_of(c->features, &c->text, from, to);
	text_feel(judge, &c->text, c->features, &f);
	return f.sentiment;
}

/* Clauses are judged for themselves only where a topic may stand in one and not in the other. */
void comprehend(struct comprehension *c, const struct text_judge *judge, const struct text_topics *topics,
                struct str comment, struct str lang)
{
	text_read(c->reader, comment, text_language_of(lang), &c->text);
	c->n_hits = text_topics_find(topics, &c->text, c->hits, INSIGHT_HITS_MAX);
	c->n_clauses = text_clauses(&c->text, c->clauses, INSIGHT_HITS_MAX);
	c->sentiment = feeling_of(c, judge, 0, c->text.n);
	for (size_t i = 0; i < c->n_clauses; i++)
		c->felt[i] = c->n_clauses > 1 && c->n_hits ? feeling_of(c, judge, c->clauses[i].from, c->clauses[i].to)
		                                           : c->sentiment;
}

double felt_at(const struct comprehension *c, size_t hit)
{
	for (size_t i = 0; i < c->n_clauses; i++)
		if (c->hits[hit].first < c->clauses[i].to) return c->felt[i];
	return NAN;
}

static enum err_code keep_said(const struct comprehension *c, const struct text_topics *topics, size_t hit,
                               struct arena *a, struct insight_said *out, struct err *err)
{
	const struct text_topic *t = text_topics_at(topics, c->hits[hit].topic);
	const double felt = felt_at(c, hit);
	struct insight_said s = { .policy = t->policy, .at = c->hits[hit].at, .felt = !isnan(felt) };
	s.sentiment = s.felt ? felt : 0;
	s.topic = str_copy(a, t->key);
	for (int i = 0; i < TEXT_IN_LATIN; i++) {
		s.names[i] = str_copy(a, t->names[i]);
		if (!s.names[i].ptr) return err_no_memory(err);
	}
	if (!s.topic.ptr) return err_no_memory(err);
	*out = s;
	return OK;
}

enum err_code insight_read(struct insight *x, struct str comment, struct str lang, struct arena *a,
                           struct insight_comment *out, struct err *err)
{
	struct comprehension c;
	TRY(comprehension_open(&c, err));
	struct topic_set *set = set_hold(x);
	comprehend(&c, x->judge, set->topics, comment, lang);
	struct insight_comment o = { .lang = text_language_name(c.text.lang),
		                     .felt = !isnan(c.sentiment),
		                     .flags = c.text.flags,
		                     .n = c.n_hits };
	o.sentiment = o.felt ? c.sentiment : 0;
	o.said = ARENA_ARRAY(a, struct insight_said, o.n);
	enum err_code rc = o.said ? OK : err_no_memory(err);
	for (size_t i = 0; rc == OK && i < o.n; i++) rc = keep_said(&c, set->topics, i, a, &o.said[i], err);
	set_let_go(x, set);
	comprehension_done(&c);
	if (rc == OK) *out = o;
	return rc;
}
