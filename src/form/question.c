/* Elements of pages and panels: what all questions have, and what stands in what. */
#include <jansson.h>
#include <math.h>

#include "form/priv.h"

/* What every question has; the second part is what some have, the third what pages of SurveyJS lay out with and is
 * kept without a meaning here. */
static const char *const known[] = { "type",
	                             "name",
	                             "title",
	                             "description",
	                             "visibleIf",
	                             "enableIf",
	                             "requiredIf",
	                             "isRequired",
	                             "readOnly",
	                             "requiredErrorText",
	                             "titleLocation",
	                             "cx:metric",
	                             "cx:item",
	                             "cx:about",
	                             "cx:property",
	                             "cx:text",
	                             "cx:consent",
	                             "rateMin",
	                             "rateMax",
	                             "rateStep",
	                             "rateCount",
	                             "rateValues",
	                             "rateType",
	                             "minRateDescription",
	                             "maxRateDescription",
	                             "choices",
	                             "choicesOrder",
	                             "showOtherItem",
	                             "hasOther",
	                             "otherText",
	                             "showNoneItem",
	                             "hasNone",
	                             "noneText",
	                             "hasComment",
	                             "showCommentArea",
	                             "commentText",
	                             "minSelectedChoices",
	                             "maxSelectedChoices",
	                             "labelTrue",
	                             "labelFalse",
	                             "inputType",
	                             "min",
	                             "max",
	                             "step",
	                             "maxLength",
	                             "placeholder",
	                             "placeHolder",
	                             "rows",
	                             "columns",
	                             "isAllRowRequired",
	                             "eachRowRequired",
	                             "multiSelect",
	                             "items",
	                             "html",
	                             "maxSize",
	                             "allowMultiple",
	                             "expression",
	                             "elements",
	                             "questions",
	                             "sliderType",
	                             "colCount",
	                             "displayMode",
	                             "rateDisplayMode",
	                             "autoGenerate",
	                             "startWithNewLine",
	                             "width",
	                             "minWidth",
	                             "maxWidth",
	                             "contentMode",
	                             "imageFit",
	                             "showLabel",
	                             "showLabels",
	                             "allowClear",
	                             "cols",
	                             "autoGrow",
	                             "acceptedTypes",
	                             "storeDataAsText",
	                             "state",
	                             "showNumber",
	                             "renderAs",
	                             "itemSize",
	                             "hideNumber",
	                             "indent",
	                             NULL };

static enum err_code say(const struct element *e, const char *name, const struct said *s)
{
	return problem_at(e->r, WHERE(e->w, name), s);
}

static enum err_code read_metric(const struct element *e)
{
	struct form_question *q = e->q;
	TRY(member_string(e->r, e->o, e->w, "cx:metric", FORM_NAME_BYTES_MAX, &q->metric));
	if (!q->metric.len) return OK;
	const struct form_metric *m = form_metric(q->metric);
	double least, most;
	if (!m) return say(e, "cx:metric", &(struct said){ .id = WORDS_KEY("form.metric"), .what = q->metric });
	if (!m->scored) return OK;
	if (!form_scale(q, &least, &most))
		return say(e, "cx:metric", &(struct said){ .id = WORDS_KEY("form.metric_scale"), .what = q->metric });
	if (str_eq(q->metric, STR("nps")) && (least != 0 || most != 10))
		return say(e, "cx:metric",
		           &(struct said){ .id = WORDS_KEY("form.metric_nps"), .least = least, .most = most });
	return OK;
}

static enum err_code read_consent(const struct element *e)
{
	TRY(member_bool(e->r, e->o, e->w, "cx:consent", &e->q->consent));
	return e->q->consent && e->q->type != FORM_BOOLEAN
	               ? say(e, "cx:consent", &(struct said){ .id = WORDS_KEY("form.consent") })
	               : OK;
}

static enum err_code read_common(const struct element *e)
{
	struct form_question *q = e->q;
	struct reader *r = e->r;
	struct str place = STR("");
	TRY(member_text(r, e->o, e->w, "title", &q->title));
	TRY(member_text(r, e->o, e->w, "description", &q->description));
	TRY(member_text(r, e->o, e->w, "requiredErrorText", &q->required_error));
	TRY(member_text(r, e->o, e->w, "minRateDescription", &q->min_label));
	TRY(member_text(r, e->o, e->w, "maxRateDescription", &q->max_label));
	TRY(member_string(r, e->o, e->w, "titleLocation", 40, &place));
	q->hide_title = str_eq(place, STR("hidden"));
	TRY(member_bool(r, e->o, e->w, "isRequired", &q->required));
	TRY(member_bool(r, e->o, e->w, "readOnly", &q->read_only));
	TRY(member_bool(r, e->o, e->w, "hasComment", &q->comment));
	TRY(member_bool(r, e->o, e->w, "showCommentArea", &q->comment));
	TRY(member_bool(r, e->o, e->w, "cx:text", &q->text));
	TRY(member_expr(r, e->o, e->w, "visibleIf", &q->visible_if));
	TRY(member_expr(r, e->o, e->w, "enableIf", &q->enable_if));
	TRY(member_expr(r, e->o, e->w, "requiredIf", &q->required_if));
	TRY(member_string(r, e->o, e->w, "cx:item", FORM_NAME_BYTES_MAX, &q->item));
	TRY(member_string(r, e->o, e->w, "cx:about", FORM_NAME_BYTES_MAX, &q->about));
	return member_string(r, e->o, e->w, "cx:property", FORM_NAME_BYTES_MAX, &q->property);
}

static void begin(struct form_question *q)
{
	const struct str none = STR("");
	*q = (struct form_question){ .name = none,
		                     .min = -INFINITY,
		                     .max = INFINITY,
		                     .max_length = FORM_ANSWER_CHARACTERS_MAX,
		                     .lines = 1,
		                     .metric = none,
		                     .item = none,
		                     .about = none,
		                     .property = none };
}

enum err_code item_read(struct reader *r, const json_t *o, const struct where *w, const struct form_question *of,
                        struct form_question *q)
{
	const struct element e = { r, o, w, q };
	begin(q);
	q->type = FORM_TEXT;
	q->page = of->page;
	q->panel = of;
	if (!json_is_object(o)) return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.kind.object") });
	TRY(member_name(r, o, w, &q->name));
	TRY(read_common(&e));
	TRY(type_readers[FORM_TEXT](&e));
	return members_known(r, o, w, known);
}

static enum err_code read_type(const struct element *e, bool *ok)
{
	struct str type = STR("");
	*ok = false;
	TRY(member_string(e->r, e->o, e->w, "type", 80, &type));
	if (str_eq(type, STR("buttongroup"))) type = STR("radiogroup");
	size_t k = 0;
	while (k < FORM_TYPES && !str_eq(type, str_of(form_type_names[k]))) k++;
	if (k == FORM_TYPES) return say(e, "type", &(struct said){ .id = WORDS_KEY("form.type"), .what = type });
	e->q->type = (enum form_type)k;
	*ok = true;
	return OK;
}

static enum err_code read_question(struct reader *r, const json_t *o, const struct where *w,
                                   const struct form_question *panel, size_t page, int depth, struct form_question *q)
{
	const struct element e = { r, o, w, q };
	bool ok;
	begin(q);
	q->panel = panel;
	q->page = page;
	if (!json_is_object(o)) return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.kind.object") });
	if (r->f->n_questions == FORM_QUESTIONS_MAX)
		return problem_at(r, w,
		                  &(struct said){ .id = WORDS_KEY("form.list_long"), .most = FORM_QUESTIONS_MAX });
	r->f->questions[r->f->n_questions++] = q;
	TRY(member_name(r, o, w, &q->name));
	for (size_t i = 0; i + 1 < r->f->n_questions && q->name.len; i++)
		if (str_eq(r->f->questions[i]->name, q->name)) {
			TRY(say(&e, "name", &(struct said){ .id = WORDS_KEY("form.name_twice"), .what = q->name }));
			break;
		}
	TRY(read_type(&e, &ok));
	TRY(read_common(&e));
	if (!ok) return OK;
	TRY(type_readers[q->type](&e));
	TRY(read_metric(&e));
	TRY(read_consent(&e));
	TRY(members_known(r, o, w, known));
	if (q->type != FORM_PANEL) return OK;
	if (depth == FORM_PANEL_DEPTH_MAX)
		return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.depth"), .most = FORM_PANEL_DEPTH_MAX });
	return questions_read(r, o, w, "elements", q, page, depth + 1, &q->children, &q->n_children);
}

enum err_code questions_read(struct reader *r, const json_t *o, const struct where *w, const char *name,
                             const struct form_question *panel, size_t page, int depth, struct form_question **out,
                             size_t *n)
{
	const json_t *list;
	TRY(member_list(r, o, w, name, FORM_QUESTIONS_MAX, &list, n));
	*out = ARENA_ARRAY(r->a, struct form_question, *n);
	if (!*out) return err_no_memory(NULL);
	for (size_t i = 0; i < *n; i++)
		TRY(read_question(r, json_array_get(list, i), WHERE_AT(WHERE(w, name), i), panel, page, depth,
		                  &(*out)[i]));
	return OK;
}
