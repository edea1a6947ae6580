/*
 * Names of colleagues in a comment, compared as they are searched: folded
 * words, side by side. Patterns are sorted by their first word, so a comment
 * costs its words times the logarithm of the list.
 */
#include "act/priv.h"

#define MATCHES_MAX 64 /* of one comment; what follows is not looked at */
#define LETTERS_MIN 3  /* of a name that particles are written on to */

struct pattern {
	struct str words[SEARCH_PHRASE_MAX]; /* folded */
	size_t n, person;
};
struct roster {
	const struct act_colleague *people;
	struct pattern *patterns;
	size_t n;
};
struct match {
	size_t person, from, to; /* words, half open */
	bool exact;              /* nothing written on to the name */
};

/* What Arabic writes on to a name: and, to, and to. Like and with make other words of too many names. */
static const struct str particles[] = { STR(""), STR("\xd9\x88"), STR("\xd9\x84"), STR("\xd9\x88\xd9\x84") };

static int by_first(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;
	const int order = str_cmp(x->words[0], y->words[0]);
	return order ? order : (x->person > y->person) - (x->person < y->person);
}

static enum err_code add(struct roster *r, size_t person, struct str text, struct arena *m, struct err *err)
{
	struct search_text t;
	TRY(search_fold(text, m, &t, err));
	if (!t.n) return OK;
	struct pattern *p = &r->patterns[r->n++];
	p->person = person;
	p->n = t.n < SEARCH_PHRASE_MAX ? t.n : SEARCH_PHRASE_MAX;
	for (size_t i = 0; i < p->n; i++) p->words[i] = t.words[i].word;
	return OK;
}

enum err_code roster_make(const struct act_colleague *people, size_t n, struct arena *m, struct roster **out,
                          struct err *err)
{
	size_t max = 1;
	struct roster *r = ARENA_ARRAY(m, struct roster, 1);
	for (size_t i = 0; i < n; i++) max += 1 + people[i].n_spellings;
	if (!r) return err_no_memory(err);
	*r = (struct roster){ .people = people, .patterns = ARENA_ARRAY(m, struct pattern, max) };
	if (!r->patterns) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		TRY(add(r, i, people[i].name, m, err));
		for (size_t k = 0; k < people[i].n_spellings; k++) TRY(add(r, i, people[i].spellings[k], m, err));
	}
	qsort(r->patterns, r->n, sizeof *r->patterns, by_first);
	*out = r;
	return OK;
}

static size_t letters_in(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; n++) (void)utf8_next(s, &i);
	return n;
}

/* Without the s of "Sara's", which folding wrote on to the name. */
static struct str owner(struct str comment, const struct search_word *w)
{
	const struct str raw = str_cut(comment, w->from, w->to);
	size_t at = raw.len;
	if (!at || (raw.ptr[at - 1] != 's' && raw.ptr[at - 1] != 'S')) return w->word;
	at--;
	const bool mark =
	        (at && raw.ptr[at - 1] == '\'') || (at >= 3 && memcmp(raw.ptr + at - 3, "\xe2\x80\x99", 3) == 0);
	return mark ? str_cut(w->word, 0, w->word.len - 1) : w->word;
}

struct finding {
	const struct roster *r;
	const struct inbox_row *row;
	struct search_text t;
	struct match found[MATCHES_MAX];
	size_t n;
};

static bool goes_on(const struct finding *f, const struct pattern *p, size_t i)
{
	for (size_t k = 1; k < p->n; k++) {
		const struct search_word *w = &f->t.words[i + k];
		if (str_eq(w->word, p->words[k])) continue;
		if (k + 1 < p->n || !str_eq(owner(f->row->comment, w), p->words[k])) return false;
	}
	return true;
}

static bool may_be_meant(const struct act_colleague *k, const struct inbox_row *row)
{
	return row->arrival >= k->from_arrival && (!row->unit.len || !k->unit.len || unit_under(row->unit, k->unit));
}

/* The patterns that begin with `first`, which stands at word i. */
static void put_patterns(struct finding *f, size_t i, struct str first, bool exact, bool single)
{
	const struct roster *r = f->r;
	size_t lo = 0, hi = r->n;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (str_cmp(r->patterns[mid].words[0], first) < 0) lo = mid + 1;
		else hi = mid;
	}
	for (; lo < r->n && str_eq(r->patterns[lo].words[0], first) && f->n < MATCHES_MAX; lo++) {
		const struct pattern *p = &r->patterns[lo];
		if ((single && p->n > 1) || i + p->n > f->t.n || !goes_on(f, p, i)) continue;
		if (!may_be_meant(&r->people[p->person], f->row)) continue;
		f->found[f->n++] = (struct match){ .person = p->person, .from = i, .to = i + p->n, .exact = exact };
	}
}

static void look_at(struct finding *f, size_t i)
{
	const struct str word = f->t.words[i].word, base = owner(f->row->comment, &f->t.words[i]);
	for (size_t k = 0; k < COUNT_OF(particles); k++) {
		const struct str rest = str_cut(word, particles[k].len, word.len);
		if (!str_starts(word, particles[k]) || (k && letters_in(rest) < LETTERS_MIN)) continue;
		put_patterns(f, i, rest, k == 0, false);
	}
	if (base.len < word.len) put_patterns(f, i, base, true, true);
}

/* Another one says more of the same place: a longer name, or this one without particles. */
static bool is_beaten(const struct finding *f, const struct match *m)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct match *o = &f->found[i];
		if (o->from > m->from || o->to < m->to) continue;
		if (o->to - o->from > m->to - m->from || (o->exact && !m->exact)) return true;
	}
	return false;
}

static bool is_shared(const struct finding *f, const struct match *m)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct match *o = &f->found[i];
		if (o->person != m->person && o->from == m->from && o->to == m->to && o->exact == m->exact) return true;
	}
	return false;
}

enum err_code roster_find(const struct roster *r, const struct inbox_row *row, struct arena *m, struct named *out,
                          size_t max, size_t *n, struct err *err)
{
	struct finding *f = ARENA_ARRAY(m, struct finding, 1);
	*n = 0;
	if (!f) return err_no_memory(err);
	*f = (struct finding){ .r = r, .row = row };
	TRY(search_fold(row->comment, m, &f->t, err));
	for (size_t i = 0; i < f->t.n; i++) look_at(f, i);
	for (size_t i = 0; i < f->n; i++) {
		const struct match *x = &f->found[i];
		if (is_beaten(f, x)) continue;
		const bool held = is_shared(f, x);
		size_t k = 0;
		while (k < *n && out[k].person != x->person) k++;
		/* Meant for sure in one place is meant for sure. */
		if (k < *n && (held || !out[k].held)) continue;
		if (k == max) continue;
		const uint32_t from = f->t.words[x->from].from, to = f->t.words[x->to - 1].to;
		out[k] = (struct named){ x->person, str_cut(row->comment, from, to), held };
		if (k == *n) ++*n;
	}
	return OK;
}
