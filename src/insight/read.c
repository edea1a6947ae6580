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

/* NaN where the judge has no model of the language, or there is nothing to judge. */
static const struct text_feeling unknown = { .label = TEXT_NEUTRAL, .p = NAN, .sentiment = NAN };

/* Of tokens [from, to). */
static struct text_feeling feeling_of(struct comprehension *c, const struct text_judge *judge, size_t from, size_t to)
{
	struct text_feeling f;
	if (from == to || (c->text.lang == TEXT_OTHER && c->text.letters > 0)) return unknown;
	text_features_of(c->features, &c->text, from, to);
	text_feel(judge, &c->text, c->features, &f);
	return f;
}

/* What separates the likeliest of the three from the next: they sum to 1, and the outer two differ by the sentiment. */
static double margin_of(const struct text_feeling *f)
{
	double other[2]; /* neutral's two neighbours, or neutral and the far end */
	if (f->label == TEXT_NEUTRAL) {
		other[0] = (1 - f->p + f->sentiment) / 2;
		other[1] = (1 - f->p - f->sentiment) / 2;
	} else {
		other[0] = f->p - fabs(f->sentiment);
		other[1] = 1 - f->p - other[0];
	}
	return f->p - fmax(other[0], other[1]);
}

/* Clauses are judged for themselves only where a topic may stand in one and not in the other. */
void comprehend(struct comprehension *c, const struct text_judge *judge, const struct text_topics *topics,
                struct str comment, struct str lang)
{
	text_read(c->reader, comment, text_language_of(lang), &c->text);
	c->n_hits = text_topics_find(topics, &c->text, c->hits, INSIGHT_HITS_MAX);
	c->n_clauses = text_clauses(&c->text, c->clauses, INSIGHT_HITS_MAX);
	const struct text_feeling whole = feeling_of(c, judge, 0, c->text.n);
	c->sentiment = c->judged = whole.sentiment;
	c->margin = isnan(whole.p) ? NAN : margin_of(&whole);
	c->n_added = 0;
	for (size_t i = 0; i < c->n_clauses; i++)
		c->felt[i] = c->n_clauses > 1 && c->n_hits
		                     ? feeling_of(c, judge, c->clauses[i].from, c->clauses[i].to).sentiment
		                     : c->sentiment;
}

double felt_at(const struct comprehension *c, size_t hit)
{
	for (size_t i = 0; i < c->n_clauses; i++)
		if (c->hits[hit].first < c->clauses[i].to) return c->felt[i];
	return NAN;
}

static enum err_code keep_topic(const struct text_topic *t, struct insight_said s, double felt, struct arena *a,
                                struct insight_said *out, struct err *err)
{
	s.policy = t->policy;
	s.felt = !isnan(felt);
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

static enum err_code keep_said(const struct comprehension *c, const struct text_topics *topics, struct arena *a,
                               struct insight_said *out, struct err *err)
{
	for (size_t i = 0; i < c->n_hits; i++)
		TRY(keep_topic(text_topics_at(topics, c->hits[i].topic), (struct insight_said){ .at = c->hits[i].at },
		               felt_at(c, i), a, &out[i], err));
	for (size_t i = 0; i < c->n_added; i++)
		TRY(keep_topic(text_topics_at(topics, c->added[i]), (struct insight_said){ .added = true },
		               c->sentiment, a, &out[c->n_hits + i], err));
	return OK;
}

enum err_code insight_read(struct insight *x, struct str comment, struct str lang,
                           const struct insight_correction *correction, struct arena *a, struct insight_comment *out,
                           struct err *err)
{
	struct comprehension c;
	TRY(comprehension_open(&c, err));
	struct topic_set *set = set_hold(x);
	comprehend(&c, set->models->judge, set->topics, comment, lang);
	if (correction) comprehension_correct(&c, set->topics, correction);
	struct insight_comment o = { .lang = text_language_name(c.text.lang),
		                     .felt = !isnan(c.sentiment),
		                     .judged_felt = !isnan(c.judged),
		                     .flags = c.text.flags,
		                     .n = c.n_hits + c.n_added };
	o.sentiment = o.felt ? c.sentiment : 0;
	o.judged = o.judged_felt ? c.judged : 0;
	o.said = ARENA_ARRAY(a, struct insight_said, o.n);
	const enum err_code rc = o.said ? keep_said(&c, set->topics, a, o.said, err) : err_no_memory(err);
	set_let_go(x, set);
	comprehension_done(&c);
	if (rc == OK) *out = o;
	return rc;
}
