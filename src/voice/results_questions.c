/* Which questions a survey has had, and how their answers are told. */
#include "voice/results_priv.h"

enum { VERSIONS_MAX = 200 };

static bool asks(const struct form_question *q)
{
	return q->type != FORM_HTML && q->type != FORM_PANEL && q->type != FORM_FILE;
}

static enum voice_answer_kind kind_of(const struct form_question *q)
{
	const struct form_metric *m = q->metric.len ? form_metric(q->metric) : NULL;
	double least, most;
	if (m && m->scored && form_scale(q, &least, &most)) return VOICE_SCALE;
	if (q->type == FORM_MATRIX) return VOICE_MATRIX;
	if (q->type == FORM_RANKING) return VOICE_RANKING;
	if (q->type == FORM_RATING || (q->type == FORM_SLIDER && form_scale(q, &least, &most) && most - least <= 20))
		return VOICE_SCALE;
	if (q->type == FORM_SLIDER || (q->type == FORM_TEXT && q->input == FORM_INPUT_NUMBER)) return VOICE_NUMBERS;
	if (q->type == FORM_RADIO || q->type == FORM_CHECKBOX || q->type == FORM_DROPDOWN || q->type == FORM_TAGBOX ||
	    q->type == FORM_BOOLEAN || q->type == FORM_IMAGEPICKER)
		return VOICE_CHOICES;
	return VOICE_WORDS;
}

static bool has(const struct voice_results *r, struct str name)
{
	for (size_t i = 0; i < r->n_questions; i++)
		if (str_eq(r->questions[i].question->name, name)) return true;
	return false;
}

/* Those of the newest version in its order, then those that older versions had. */
enum err_code results_questions(struct work *w, struct err *err)
{
	struct voice_results *out = w->out;
	size_t cap = 0;
	const int newest = out->survey.newest, oldest = newest > VERSIONS_MAX ? newest - VERSIONS_MAX : 1;
	for (int version = newest; version >= oldest; version--) {
		const struct form *f;
		TRY(voice_form(w->v, out->survey.id, version, w->a, &f, err));
		for (size_t i = 0; i < f->n_questions; i++) {
			const struct form_question *q = f->questions[i];
			if (!asks(q) || has(out, q->name)) continue;
			if (out->n_questions == cap) {
				struct voice_question *more =
				        ARENA_ARRAY(w->a, struct voice_question, cap = cap ? cap * 2 : 32);
				if (!more) return err_no_memory(err);
				if (out->n_questions) memcpy(more, out->questions, out->n_questions * sizeof *more);
				out->questions = more;
			}
			out->questions[out->n_questions++] = (struct voice_question){ .question = q,
				                                                      .form = f,
				                                                      .version = version,
				                                                      .gone = version != newest,
				                                                      .kind = kind_of(q) };
		}
	}
	w->columns = ARENA_ARRAY(w->a, struct column, out->n_questions + 1);
	if (!w->columns) return err_no_memory(err);
	for (size_t i = 0; i < out->n_questions; i++, w->n_columns++) {
		w->columns[i].q = &out->questions[i];
		buf_init(&w->columns[i].values, 256 * MIB);
		w->columns[i].rows = ARENA_ARRAY(w->a, struct tally, out->questions[i].question->n_rows + 1);
		if (!w->columns[i].rows) return err_no_memory(err);
	}
	return OK;
}
