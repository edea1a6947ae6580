/* What can be measured, and the ends of scales. */
#include <math.h>

#include "form/priv.h"

const struct form_metric form_metrics[] = {
	{ "nps", true, "nps" },
	{ "csat", true, "csat" },
	{ "ces", true, "ces" },
	{ "rating", true, "rating" },
	{ "expectation", true, "rating" },
	{ "experience", true, "rating" },
	{ "quality", true, "rating" },
	{ "interaction", true, "rating" },
	{ "value", true, "rating" },
	{ "needs", true, "rating" },
	{ "trust", true, "rating" },
	{ "belonging", true, "rating" },
	{ "price", true, "rating" },
	{ "repurchase", true, "rating" },
	{ "competitor", true, "rating" },
	{ "pulse", true, "rating" },
	{ "engagement.rational", true, "rating" },
	{ "engagement.emotional", true, "rating" },
	{ "engagement.sensory", true, "rating" },
	{ "engagement.physical", true, "rating" },
	{ "engagement.spiritual", true, "rating" },
	{ "servqual.tangibles.e", true, "rating" },
	{ "servqual.tangibles.p", true, "rating" },
	{ "servqual.reliability.e", true, "rating" },
	{ "servqual.reliability.p", true, "rating" },
	{ "servqual.responsiveness.e", true, "rating" },
	{ "servqual.responsiveness.p", true, "rating" },
	{ "servqual.assurance.e", true, "rating" },
	{ "servqual.assurance.p", true, "rating" },
	{ "servqual.empathy.e", true, "rating" },
	{ "servqual.empathy.p", true, "rating" },
	{ "kano.f", false, NULL },
	{ "kano.g", false, NULL },
	{ "alternatives", false, NULL },
	{ "outcome", false, NULL },
	{ "reason", false, NULL },
	{ "heard", false, NULL },
	{ "remembered", false, NULL },
	{ "ideal", false, NULL },
	{ "observation", false, NULL },
};
const size_t form_metrics_count = COUNT_OF(form_metrics);

const struct form_metric *form_metric(struct str name)
{
	for (size_t i = 0; i < form_metrics_count; i++)
		if (str_eq(name, str_of(form_metrics[i].name))) return &form_metrics[i];
	return NULL;
}

void choices_ends(struct form_question *q)
{
	for (size_t i = 0; i < q->n_choices; i++) {
		q->min = i ? fmin(q->min, q->choices[i].number) : q->choices[i].number;
		q->max = i ? fmax(q->max, q->choices[i].number) : q->choices[i].number;
	}
}

bool choices_are_numbers(const struct form_question *q)
{
	for (size_t i = 0; i < q->n_choices; i++)
		if (!q->choices[i].is_number) return false;
	return q->n_choices > 0;
}

bool form_scale(const struct form_question *q, double *least, double *most)
{
	const bool chosen = q->type == FORM_RADIO || q->type == FORM_DROPDOWN || q->type == FORM_IMAGEPICKER;
	if (q->type == FORM_BOOLEAN) return *least = 0, *most = 1, true;
	if (q->n_choices && (q->type == FORM_RATING || (chosen && !q->multiple))) {
		if (!choices_are_numbers(q)) return false;
		struct form_question ends = *q;
		choices_ends(&ends);
		*least = ends.min, *most = ends.max;
		return *least < *most;
	}
	if (q->type != FORM_RATING && q->type != FORM_SLIDER &&
	    !(q->type == FORM_TEXT && q->input == FORM_INPUT_NUMBER))
		return false;
	*least = q->min, *most = q->max;
	return isfinite(*least) && isfinite(*most) && *least < *most;
}
