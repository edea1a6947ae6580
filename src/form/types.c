/* The types of questions: what each has beyond what all have. */
#include <jansson.h>
#include <math.h>

#include "base/when.h"
#include "form/priv.h"

const char *const form_type_names[FORM_TYPES] = {
	[FORM_RATING] = "rating",
	[FORM_RADIO] = "radiogroup",
	[FORM_CHECKBOX] = "checkbox",
	[FORM_DROPDOWN] = "dropdown",
	[FORM_TAGBOX] = "tagbox",
	[FORM_BOOLEAN] = "boolean",
	[FORM_TEXT] = "text",
	[FORM_COMMENT] = "comment",
	[FORM_MATRIX] = "matrix",
	[FORM_RANKING] = "ranking",
	[FORM_IMAGEPICKER] = "imagepicker",
	[FORM_MULTITEXT] = "multipletext",
	[FORM_SLIDER] = "slider",
	[FORM_HTML] = "html",
	[FORM_FILE] = "file",
	[FORM_EXPRESSION] = "expression",
	[FORM_PANEL] = "panel",
};
const char *const form_input_names[FORM_INPUTS] = { "text", "email", "number", "date", "tel", "url" };

static enum err_code say(const struct element *e, const char *name, const struct said *s)
{
	return problem_at(e->r, WHERE(e->w, name), s);
}

/* --- choices ------------------------------------------------------------------------------------------ */

static enum err_code choice_value(struct reader *r, const json_t *v, const struct where *w, struct form_choice *out)
{
	out->value = STR("");
	if (json_is_string(v)) out->value = (struct str){ json_string_value(v), json_string_length(v) };
	else if (json_is_boolean(v)) out->value = json_is_true(v) ? STR("true") : STR("false");
	else if (json_is_number(v)) {
		out->is_number = true;
		out->number = json_number_value(v);
		out->value = value_decimal(out->number, r->a);
	}
	if (out->value.len > FORM_NAME_BYTES_MAX)
		return problem_at(r, w,
		                  &(struct said){ .id = WORDS_KEY("form.text_long"),
		                                  .value = (double)out->value.len,
		                                  .most = FORM_NAME_BYTES_MAX });
	if (signs_trim(out->value).len == 0)
		return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.choice_value") });
	out->value = str_copy(r->a, out->value);
	return out->value.ptr ? OK : err_no_memory(NULL);
}

static enum err_code choice_read(struct reader *r, const json_t *v, const struct where *w, struct form_choice *out)
{
	static const char *const members[] = { "value", "text", "imageLink", NULL };
	*out = (struct form_choice){ 0 };
	if (!json_is_object(v)) return choice_value(r, v, w, out);
	TRY(choice_value(r, json_object_get(v, "value"), WHERE(w, "value"), out));
	TRY(member_text(r, v, w, "text", &out->text));
	TRY(member_string(r, v, w, "imageLink", 2000, &out->image));
	if (out->image.len && !str_starts(out->image, STR("https://")))
		TRY(problem_at(r, WHERE(w, "imageLink"), &(struct said){ .id = WORDS_KEY("form.image") }));
	return members_known(r, v, w, members);
}

static enum err_code choices_read(const struct element *e, const char *name, struct form_choice **out, size_t *n)
{
	const json_t *list;
	const struct where *w = WHERE(e->w, name);
	TRY(member_list(e->r, e->o, e->w, name, FORM_CHOICES_MAX, &list, n));
	*out = ARENA_ARRAY(e->r->a, struct form_choice, *n + 2);
	if (!*out) return err_no_memory(NULL);
	for (size_t i = 0; i < *n; i++) {
		struct form_choice *c = &(*out)[i];
		TRY(choice_read(e->r, json_array_get(list, i), WHERE_AT(w, i), c));
		for (size_t k = 0; k < i && c->value.len; k++)
			if (str_eq((*out)[k].value, c->value)) {
				TRY(problem_at(
				        e->r, WHERE_AT(w, i),
				        &(struct said){ .id = WORDS_KEY("form.choice_twice"), .what = c->value }));
				break;
			}
	}
	return OK;
}

static enum err_code needed(const struct element *e, const char *name, size_t n)
{
	return n ? OK : say(e, name, &(struct said){ .id = WORDS_KEY("form.choices_missing") });
}

static enum err_code read_order(const struct element *e)
{
	static const char *const names[] = { "none", "random", "asc", "desc", "initial", NULL };
	struct str s = STR("none");
	TRY(member_string(e->r, e->o, e->w, "choicesOrder", 40, &s));
	size_t k = 0;
	while (names[k] && !str_eq(s, str_of(names[k]))) k++;
	if (!names[k])
		return say(e, "choicesOrder",
		           &(struct said){ .id = WORDS_KEY("form.order"), .warning = true, .what = s });
	e->q->order = k == 1 ? FORM_RANDOM : k == 2 ? FORM_ASCENDING : k == 3 ? FORM_DESCENDING : FORM_AS_WRITTEN;
	return OK;
}

/* A count of chosen entries; 0 none said. */
static enum err_code read_count(const struct element *e, const char *name, int *out)
{
	double v = 0;
	bool given = false;
	TRY(member_number(e->r, e->o, e->w, name, &v, &given));
	if (!given) return OK;
	if (!(v >= 0 && v <= FORM_CHOICES_MAX))
		return say(e, name,
		           &(struct said){
		                   .id = WORDS_KEY("form.range"), .value = v, .least = 0, .most = FORM_CHOICES_MAX });
	*out = (int)v;
	return OK;
}

static enum err_code read_choice_question(const struct element *e)
{
	struct form_question *q = e->q;
	TRY(choices_read(e, "choices", &q->choices, &q->n_choices));
	TRY(needed(e, "choices", q->n_choices));
	TRY(read_order(e));
	TRY(read_count(e, "minSelectedChoices", &q->min_chosen));
	TRY(read_count(e, "maxSelectedChoices", &q->max_chosen));
	TRY(member_bool(e->r, e->o, e->w, "hasOther", &q->other));
	TRY(member_bool(e->r, e->o, e->w, "showOtherItem", &q->other));
	TRY(member_bool(e->r, e->o, e->w, "hasNone", &q->none));
	TRY(member_bool(e->r, e->o, e->w, "showNoneItem", &q->none));
	TRY(member_text(e->r, e->o, e->w, "otherText", &q->other_text));
	return member_text(e->r, e->o, e->w, "noneText", &q->none_text);
}

static enum err_code read_imagepicker(const struct element *e)
{
	TRY(read_choice_question(e));
	return member_bool(e->r, e->o, e->w, "multiSelect", &e->q->multiple);
}

/* --- scales --------------------------------------------------------------------------------------------- */

static enum err_code check_scale(const struct element *e)
{
	const struct form_question *q = e->q;
	if (q->min < q->max && q->step > 0 && (q->max - q->min) / q->step < FORM_STEPS_MAX && fabs(q->min) <= 1e9 &&
	    fabs(q->max) <= 1e9)
		return OK;
	return problem_at(
	        e->r, e->w,
	        &(struct said){
	                .id = WORDS_KEY("form.scale"), .least = q->min, .most = q->max, .value = FORM_STEPS_MAX });
}

static enum err_code read_look(const struct element *e)
{
	static const char *const names[] = { "labels", "stars", "smileys", NULL };
	struct str s = STR("labels");
	TRY(member_string(e->r, e->o, e->w, "rateType", 40, &s));
	size_t k = 0;
	while (names[k] && !str_eq(s, str_of(names[k]))) k++;
	if (!names[k])
		return say(e, "rateType", &(struct said){ .id = WORDS_KEY("form.look"), .warning = true, .what = s });
	e->q->look = (enum form_look)k;
	return OK;
}

static enum err_code read_rating(const struct element *e)
{
	struct form_question *q = e->q;
	bool given = false, counted = false;
	double count = 0;
	q->min = 1, q->step = 1;
	TRY(member_number(e->r, e->o, e->w, "rateMin", &q->min, &given));
	TRY(member_number(e->r, e->o, e->w, "rateStep", &q->step, &given));
	TRY(member_number(e->r, e->o, e->w, "rateCount", &count, &counted));
	q->max = counted ? q->min + (count - 1) * q->step : fmax(5, q->min + q->step);
	TRY(member_number(e->r, e->o, e->w, "rateMax", &q->max, &given));
	TRY(read_look(e));
	TRY(choices_read(e, "rateValues", &q->choices, &q->n_choices));
	if (choices_are_numbers(q)) choices_ends(q);
	return q->n_choices ? OK : check_scale(e);
}

static enum err_code read_slider(const struct element *e)
{
	struct form_question *q = e->q;
	bool given = false;
	struct str kind = STR("single");
	q->min = 0, q->max = 100, q->step = 1;
	TRY(member_number(e->r, e->o, e->w, "min", &q->min, &given));
	TRY(member_number(e->r, e->o, e->w, "max", &q->max, &given));
	TRY(member_number(e->r, e->o, e->w, "step", &q->step, &given));
	TRY(member_string(e->r, e->o, e->w, "sliderType", 40, &kind));
	if (!str_eq(kind, STR("single")))
		return say(e, "sliderType", &(struct said){ .id = WORDS_KEY("form.slider"), .what = kind });
	return check_scale(e);
}

static enum err_code read_boolean(const struct element *e)
{
	struct form_question *q = e->q;
	q->choices = ARENA_ARRAY(e->r->a, struct form_choice, 2);
	if (!q->choices) return err_no_memory(NULL);
	q->n_choices = 2;
	q->choices[0].value = STR("true");
	q->choices[1].value = STR("false");
	TRY(member_text(e->r, e->o, e->w, "labelTrue", &q->choices[0].text));
	return member_text(e->r, e->o, e->w, "labelFalse", &q->choices[1].text);
}

/* --- words ------------------------------------------------------------------------------------------------ */

static enum err_code read_max_length(const struct element *e)
{
	double v = 0;
	bool given = false;
	TRY(member_number(e->r, e->o, e->w, "maxLength", &v, &given));
	/* SurveyJS writes -1 for "as the survey says". */
	if (given && v >= 1 && v < FORM_ANSWER_CHARACTERS_MAX) e->q->max_length = (int)v;
	return OK;
}

/* An end of a number, or of a date as text. */
static enum err_code read_end(const struct element *e, const char *name, double *out)
{
	const json_t *v = json_object_get(e->o, name);
	bool given = false;
	if (e->q->input == FORM_INPUT_NUMBER) return member_number(e->r, e->o, e->w, name, out, &given);
	if (!v || e->q->input != FORM_INPUT_DATE) return OK;
	struct str s = STR("");
	int64_t day;
	TRY(member_string(e->r, e->o, e->w, name, 40, &s));
	if (!s.len) return OK;
	if (!value_day(s, &day)) return say(e, name, &(struct said){ .id = WORDS_KEY("form.date"), .what = s });
	*out = (double)day * (double)WHEN_DAY_MS;
	return OK;
}

static enum err_code read_text_question(const struct element *e)
{
	struct form_question *q = e->q;
	struct str input = STR("text");
	bool given = false;
	TRY(member_string(e->r, e->o, e->w, "inputType", 40, &input));
	size_t k = 0;
	while (k < FORM_INPUTS && !str_eq(input, str_of(form_input_names[k]))) k++;
	if (k < FORM_INPUTS) q->input = (enum form_input)k;
	else TRY(say(e, "inputType", &(struct said){ .id = WORDS_KEY("form.input"), .warning = true, .what = input }));
	TRY(read_end(e, "min", &q->min));
	TRY(read_end(e, "max", &q->max));
	if (q->input == FORM_INPUT_NUMBER) TRY(member_number(e->r, e->o, e->w, "step", &q->step, &given));
	if (!(q->min <= q->max) || q->step < 0)
		TRY(say(e, "min", &(struct said){ .id = WORDS_KEY("form.ends"), .least = q->min, .most = q->max }));
	TRY(member_text(e->r, e->o, e->w, "placeHolder", &q->placeholder));
	TRY(member_text(e->r, e->o, e->w, "placeholder", &q->placeholder));
	return read_max_length(e);
}

static enum err_code read_comment(const struct element *e)
{
	double lines = 4;
	bool given = false;
	TRY(member_number(e->r, e->o, e->w, "rows", &lines, &given));
	e->q->lines = lines >= 1 && lines <= 50 ? (int)lines : 4;
	TRY(member_text(e->r, e->o, e->w, "placeHolder", &e->q->placeholder));
	TRY(member_text(e->r, e->o, e->w, "placeholder", &e->q->placeholder));
	return read_max_length(e);
}

static enum err_code read_matrix(const struct element *e)
{
	struct form_question *q = e->q;
	TRY(choices_read(e, "columns", &q->choices, &q->n_choices));
	TRY(choices_read(e, "rows", &q->rows, &q->n_rows));
	TRY(member_bool(e->r, e->o, e->w, "isAllRowRequired", &q->all_rows));
	TRY(member_bool(e->r, e->o, e->w, "eachRowRequired", &q->all_rows));
	TRY(needed(e, "columns", q->n_choices));
	return needed(e, "rows", q->n_rows);
}

static enum err_code read_html(const struct element *e)
{
	return member_text(e->r, e->o, e->w, "html", &e->q->html);
}

static enum err_code read_file(const struct element *e)
{
	double bytes = 0;
	bool given = false;
	const double most = (double)FORM_ANSWERS_BYTES_MAX * 3 / 4;
	TRY(member_number(e->r, e->o, e->w, "maxSize", &bytes, &given));
	e->q->max_bytes = (int64_t)(given && bytes >= 1 && bytes < most ? bytes : most);
	return member_bool(e->r, e->o, e->w, "allowMultiple", &e->q->multiple);
}

static enum err_code read_expression(const struct element *e)
{
	TRY(member_expr(e->r, e->o, e->w, "expression", &e->q->expression));
	return e->q->expression || json_is_string(json_object_get(e->o, "expression"))
	               ? OK
	               : say(e, "expression", &(struct said){ .id = WORDS_KEY("form.expression_missing") });
}

static enum err_code read_items(const struct element *e)
{
	struct form_question *q = e->q;
	const json_t *list;
	const struct where *w = WHERE(e->w, "items");
	TRY(member_list(e->r, e->o, e->w, "items", FORM_QUESTIONS_MAX, &list, &q->n_children));
	TRY(needed(e, "items", q->n_children));
	q->children = ARENA_ARRAY(e->r->a, struct form_question, q->n_children);
	if (!q->children) return err_no_memory(NULL);
	for (size_t i = 0; i < q->n_children; i++) {
		TRY(item_read(e->r, json_array_get(list, i), WHERE_AT(w, i), q, &q->children[i]));
		for (size_t k = 0; k < i; k++)
			if (str_eq(q->children[k].name, q->children[i].name))
				TRY(problem_at(e->r, WHERE_AT(w, i),
				               &(struct said){ .id = WORDS_KEY("form.name_twice"),
				                               .what = q->children[i].name }));
	}
	return OK;
}

static enum err_code read_panel(const struct element *e)
{
	return OK; /* its elements are read by questions_read, which knows their depth */
}

enum err_code (*const type_readers[FORM_TYPES])(const struct element *) = {
	[FORM_RATING] = read_rating,
	[FORM_RADIO] = read_choice_question,
	[FORM_CHECKBOX] = read_choice_question,
	[FORM_DROPDOWN] = read_choice_question,
	[FORM_TAGBOX] = read_choice_question,
	[FORM_BOOLEAN] = read_boolean,
	[FORM_TEXT] = read_text_question,
	[FORM_COMMENT] = read_comment,
	[FORM_MATRIX] = read_matrix,
	[FORM_RANKING] = read_choice_question,
	[FORM_IMAGEPICKER] = read_imagepicker,
	[FORM_MULTITEXT] = read_items,
	[FORM_SLIDER] = read_slider,
	[FORM_HTML] = read_html,
	[FORM_FILE] = read_file,
	[FORM_EXPRESSION] = read_expression,
	[FORM_PANEL] = read_panel,
};
