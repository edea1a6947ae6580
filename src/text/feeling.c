/*
 * How people feel, by the shipped models: one a language and one for Arabic
 * and Persian written with Latin letters, three labels each. A comment in two
 * languages is judged by both models.
 */
#include <math.h>
#include <stdlib.h>

#include "base/embed.h"
#include "base/hash.h"
#include "text/text.h"

extern const struct embed_file text_files[];
extern const size_t text_files_count;

enum { EN = 1, AR = 2, FA = 4, LATIN = 8, MODELS = 4, LABELS = 3 };

static const char *const files[MODELS] = { "feeling-en.model", "feeling-ar.model", "feeling-fa.model",
	                                   "feeling-latin.model" };
/* In the order of the models' labels, which is that of their bytes. */
static const char *const names[LABELS] = {
	[TEXT_NEGATIVE] = "negative", [TEXT_NEUTRAL] = "neutral", [TEXT_POSITIVE] = "positive"
};

struct text_judge {
	struct text_model *model[MODELS];
};

struct str text_feeling_name(enum text_feeling_label label)
{
	return str_of(names[label]);
}

static bool labels_fit(const struct text_model *m)
{
	const struct str *labels;
	if (text_model_labels(m, &labels) != LABELS) return false;
	for (size_t k = 0; k < LABELS; k++)
		if (!str_eq(labels[k], str_of(names[k]))) return false;
	return true;
}

static struct str shipped(size_t k)
{
	return embed_find(text_files, text_files_count, files[k]);
}

uint64_t text_judge_shipped(enum text_language lang)
{
	return hash64(shipped(lang == TEXT_EN ? 0 : lang == TEXT_AR ? 1 : lang == TEXT_FA ? 2 : 3));
}

enum err_code text_judge_own(const struct str own[TEXT_JUDGE_MODELS], struct text_judge **out, struct err *err)
{
	struct text_judge *j = calloc(1, sizeof *j);
	if (!j) return err_no_memory(err);
	for (size_t k = 0; k < MODELS; k++) {
		const bool mine = k < TEXT_JUDGE_MODELS && own[k].len;
		enum err_code rc = text_model_read(mine ? own[k] : shipped(k), &j->model[k], err);
		if (rc == OK && !labels_fit(j->model[k]))
			rc = err_set(err, mine ? ERR_INPUT : ERR_CORRUPT, "text.model", "model", "%s has other labels",
			             mine ? "the model" : files[k]);
		if (rc != OK) {
			text_judge_free(j);
			return rc;
		}
	}
	*out = j;
	return OK;
}

enum err_code text_judge_new(struct text_judge **out, struct err *err)
{
	static const struct str none[TEXT_JUDGE_MODELS];
	return text_judge_own(none, out, err);
}

void text_judge_free(struct text_judge *j)
{
	if (!j) return;
	for (size_t k = 0; k < MODELS; k++) text_model_free(j->model[k]);
	free(j);
}

const struct text_model *text_judge_model(const struct text_judge *j, enum text_language lang)
{
	switch (lang) {
	case TEXT_EN: return j->model[0];
	case TEXT_AR: return j->model[1];
	case TEXT_FA: return j->model[2];
	case TEXT_LATIN_AR_FA: return j->model[3];
	default: return NULL;
	}
}

/* The models that may know the words of a text. */
static unsigned asked(const struct text *t)
{
	switch (t->lang) {
	case TEXT_EN: return EN;
	case TEXT_AR: return AR;
	case TEXT_FA: return FA;
	case TEXT_LATIN_AR_FA: return LATIN;
	case TEXT_MIXED: return EN | (t->fold == TEXT_FA ? FA : AR);
	default: return t->letters == 0 && t->n > 0 ? EN | AR | FA : 0; /* emoji speak every language */
	}
}

static size_t likeliest(const double *p)
{
	size_t best = TEXT_NEUTRAL;
	for (size_t k = 0; k < LABELS; k++)
		if (p[k] > p[best]) best = k;
	return best;
}

void text_feel(const struct text_judge *j, const struct text *t, const struct text_features *f,
               struct text_feeling *out)
{
	double p[LABELS] = { 0 }, one[LABELS];
	const unsigned models = asked(t);
	*out = (struct text_feeling){ .label = TEXT_NEUTRAL, .p = 1.0 / LABELS };
	if (!models) return;
	for (size_t k = 0; k < MODELS; k++) {
		if (!(models >> k & 1)) continue;
		text_model_classify(j->model[k], f, one);
		for (size_t i = 0; i < LABELS; i++) p[i] += one[i] / __builtin_popcount(models);
	}
	const size_t best = likeliest(p);
	*out = (struct text_feeling){ .label = (enum text_feeling_label)best,
		                      .p = p[best],
		                      .sentiment = p[TEXT_POSITIVE] - p[TEXT_NEGATIVE] };
}
