/* Looking at one answer: its value counted, its number kept, its words shown. */
#include <math.h>

#include "voice/results_priv.h"

static struct str word_of(const struct form_value *v, char room[32])
{
	if (v->kind == FORM_STRING) return v->text;
	if (v->kind == FORM_BOOL) return str_of(v->yes ? "true" : "false");
	if (v->kind != FORM_NUMBER) return STR("");
	const int n = snprintf(room, 32, "%.15g", v->number);
	return (struct str){ room, (size_t)n };
}

static double number_of(const struct form_value *v)
{
	double x;
	if (v->kind == FORM_NUMBER) return v->number;
	if (v->kind == FORM_BOOL) return v->yes;
	return v->kind == FORM_STRING && str_to_double(v->text, &x) ? x : (double)NAN;
}

/* Which of the choices it is; NaN for none or several. */
static double place_of(const struct form_question *q, const struct form_value *v)
{
	char room[32];
	const struct str value = word_of(v, room);
	for (size_t i = 0; value.len && i < q->n_choices; i++)
		if (str_eq(q->choices[i].value, value)) return (double)i;
	return (double)NAN;
}

static void add_choices(struct column *c, const struct form_value *v, struct arena *a)
{
	char room[32];
	if (v->kind != FORM_LIST) c->broken |= !results_tally_add(&c->tally, word_of(v, room), a);
	for (size_t i = 0; v->kind == FORM_LIST && i < v->n; i++)
		c->broken |= !results_tally_add(&c->tally, word_of(&v->items[i], room), a);
}

static void add_ranking(struct column *c, const struct form_value *v, struct arena *a)
{
	char room[32];
	for (size_t i = 0; v->kind == FORM_LIST && i < v->n; i++) {
		struct count *one = results_count(&c->tally, word_of(&v->items[i], room), a);
		if (!one) {
			c->broken = true;
			return;
		}
		one->n++;
		stats_see(&one->place, (double)i + 1);
	}
}

static void add_matrix(struct column *c, const struct form_value *v, struct arena *a)
{
	const struct form_question *q = c->q->question;
	char room[32];
	for (size_t r = 0; v->kind == FORM_OBJECT && r < q->n_rows; r++)
		for (size_t i = 0; i < v->n; i++) {
			if (!str_eq(v->names[i], q->rows[r].value)) continue;
			c->rows[r].answered++;
			c->broken |= !results_tally_add(&c->rows[r], word_of(&v->items[i], room), a);
		}
}

/* The newest ones stay: responses come by age. */
static void add_words(struct work *w, struct column *c, const struct form_value *v, const struct voice_response *r)
{
	struct voice_question *q = c->q;
	char room[32];
	const struct str text = word_of(v, room);
	if (!q->words) q->words = ARENA_ARRAY(w->a, struct voice_words, VOICE_WORDS_MAX);
	if (!q->words) {
		c->broken = true;
		return;
	}
	if (q->n_words == VOICE_WORDS_MAX)
		memmove(q->words, q->words + 1, (VOICE_WORDS_MAX - 1) * sizeof *q->words), q->n_words--;
	/* A page's memory ends before the pass does; what falls out again is some memory lost. */
	q->words[q->n_words++] = (struct voice_words){ .text = str_copy(w->a, text),
		                                       .lang = str_copy(w->a, r->lang),
		                                       .response = str_copy(w->a, r->code),
		                                       .customer = str_copy(w->a, r->customer),
		                                       .at_ms = r->completed_ms };
}

void results_add_answer(struct work *w, struct column *c, const struct form_answers *answers,
                        const struct voice_response *r)
{
	const struct form_value *v = form_answer(answers, c->q->question->name);
	double x = (double)NAN;
	if (v && form_value_empty(v)) v = NULL;
	if (v) {
		c->q->answered++;
		switch (c->q->kind) {
		case VOICE_SCALE:
		case VOICE_NUMBERS:
			x = number_of(v); /* and its value is counted */
			__attribute__((fallthrough));
		case VOICE_CHOICES:
			if (c->q->kind == VOICE_CHOICES) x = place_of(c->q->question, v);
			add_choices(c, v, w->a);
			break;
		case VOICE_RANKING: add_ranking(c, v, w->a); break;
		case VOICE_MATRIX: add_matrix(c, v, w->a); break;
		default: add_words(w, c, v, r); break;
		}
	}
	if (c->q->kind == VOICE_SCALE || c->q->kind == VOICE_NUMBERS || c->q->kind == VOICE_CHOICES)
		buf_put(&c->values, &x, sizeof x);
}
