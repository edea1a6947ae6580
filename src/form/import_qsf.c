/* Qualtrics .qsf: blocks and their questions, in the order of the flow. */
#include "form/import.h"

struct qsf {
	struct draft *d;
	const json_t *questions; /* by id: payload */
	json_t *named;           /* by id: the name here */
	struct str base;         /* language */
};

struct kind {
	const char *type, *selector; /* selector NULL: any */
	enum err_code (*add)(struct qsf *x, const json_t *p, struct str name);
};

static const char *text_of(const json_t *p, const char *member)
{
	const char *z = json_string_value(json_object_get(p, member));
	return z ? z : "";
}

/* {"AR": {...}}; an empty list when there is none. */
static const json_t *languages(const json_t *p)
{
	const json_t *all = json_object_get(p, "Language");
	return json_is_object(all) ? all : NULL;
}

static void put_title(struct qsf *x, const json_t *p, json_t *q, const char *member)
{
	draft_text(x->d, q, member, x->base, json_str(json_object_get(p, "QuestionText")));
	const char *code;
	json_t *one;
	if (languages(p))
		json_object_foreach((json_t *)languages(p), code, one)
		        draft_text(x->d, q, member, language_code(str_of(code), x->d->a),
		                   json_str(json_object_get(one, "QuestionText")));
}

/* A question with its title, and required where an answer is forced. */
static json_t *question(struct qsf *x, const json_t *p, const char *type, struct str name)
{
	json_t *q = draft_question(x->d, type, name);
	const json_t *settings = json_object_get(json_object_get(p, "Validation"), "Settings");
	put_title(x, p, q, "title");
	if (strcmp(text_of(settings, "ForceResponse"), "ON") == 0) json_object_set_new(q, "isRequired", json_true());
	return q;
}

/* Choices, or answers of a matrix, in their order, with the values that exports have. */
static bool put_choices(struct qsf *x, const json_t *p, const char *from, const char *order, const char *member,
                        json_t *q, bool recoded)
{
	const json_t *all = json_object_get(p, from), *ids = json_object_get(p, order);
	const json_t *recode = recoded ? json_object_get(p, "RecodeValues") : NULL;
	bool entry = false;
	json_t *listed = json_array(), *id;
	size_t i;
	const char *key;
	if (json_is_array(ids)) json_array_foreach(ids, i, id)
		{
			char z[24];
			snprintf(z, sizeof z, "%lld", (long long)json_integer_value(id));
			json_array_append_new(listed, json_string(json_is_string(id) ? json_string_value(id) : z));
		}
	else if (json_is_object(all)) {
		json_object_foreach((json_t *)all, key, id) json_array_append_new(listed, json_string(key));
	}
	json_array_foreach(listed, i, id)
	{
		const char *one = json_string_value(id);
		const json_t *choice =
		        json_is_array(all) ? json_array_get(all, strtoul(one, NULL, 10)) : json_object_get(all, one);
		const struct str value = json_str(json_object_get(recode, one));
		if (!choice) continue;
		json_t *c = draft_choice(q, member, value.len ? value : str_of(one));
		draft_text(x->d, c, "text", x->base, json_str(json_object_get(choice, "Display")));
		entry |= json_object_get(choice, "TextEntry") != NULL;
		const char *code;
		json_t *words;
		if (languages(p))
			json_object_foreach((json_t *)languages(p), code, words)
			        draft_text(x->d, c, "text", language_code(str_of(code), x->d->a),
			                   json_str(json_object_get(json_object_get(json_object_get(words, from), one),
			                                            "Display")));
	}
	json_decref(listed);
	return entry;
}

static enum err_code add_choice_as(struct qsf *x, const json_t *p, struct str name, const char *type)
{
	json_t *q = question(x, p, type, name);
	if (!put_choices(x, p, "Choices", "ChoiceOrder", "choices", q, true)) return OK;
	json_object_set_new(q, "showCommentArea", json_true());
	return draft_warn(x->d, name, WORDS_KEY("form.import.entry"), name);
}

static enum err_code add_one(struct qsf *x, const json_t *p, struct str name)
{
	return add_choice_as(x, p, name, "radiogroup");
}

static enum err_code add_many(struct qsf *x, const json_t *p, struct str name)
{
	return add_choice_as(x, p, name, "checkbox");
}

static enum err_code add_dropdown(struct qsf *x, const json_t *p, struct str name)
{
	return add_choice_as(x, p, name, "dropdown");
}

static enum err_code add_ranking(struct qsf *x, const json_t *p, struct str name)
{
	return add_choice_as(x, p, name, "ranking");
}

static enum err_code add_nps(struct qsf *x, const json_t *p, struct str name)
{
	json_t *q = question(x, p, "rating", name);
	json_object_set_new(q, "rateMin", json_integer(0));
	json_object_set_new(q, "rateMax", json_integer(10));
	json_object_set_new(q, "cx:metric", json_string("nps"));
	return OK;
}

static enum err_code add_text(struct qsf *x, const json_t *p, struct str name)
{
	question(x, p, "text", name);
	return OK;
}

static enum err_code add_comment(struct qsf *x, const json_t *p, struct str name)
{
	question(x, p, "comment", name);
	return OK;
}

static enum err_code add_fields(struct qsf *x, const json_t *p, struct str name)
{
	json_t *q = question(x, p, "multipletext", name), *one;
	size_t i;
	(void)put_choices(x, p, "Choices", "ChoiceOrder", "items", q, false);
	json_array_foreach(json_object_get(q, "items"), i, one)
	{
		char z[32];
		snprintf(z, sizeof z, "%zu", i + 1);
		json_object_set_new(one, "name", json_string(z));
		json_object_set(one, "title", json_object_get(one, "text"));
		json_object_del(one, "text");
		json_object_del(one, "value");
	}
	return OK;
}

static enum err_code add_matrix(struct qsf *x, const json_t *p, struct str name)
{
	const char *sub = text_of(p, "SubSelector");
	if (strcmp(sub, "MultipleAnswer") == 0 || json_is_object(json_object_get(p, "AdditionalQuestions")))
		return draft_untold(x->d, name, "Matrix/MultipleAnswer",
		                    plain_of_html(json_str(json_object_get(p, "QuestionText")), x->d->a));
	json_t *q = question(x, p, "matrix", name);
	(void)put_choices(x, p, "Choices", "ChoiceOrder", "rows", q, false);
	(void)put_choices(x, p, "Answers", "AnswerOrder", "columns", q, true);
	if (json_object_get(q, "isRequired")) json_object_set_new(q, "isAllRowRequired", json_true());
	return OK;
}

/* A slider for each of its bars. */
static enum err_code add_slider(struct qsf *x, const json_t *p, struct str name)
{
	const json_t *set = json_object_get(p, "Configuration");
	const json_t *least = json_object_get(set, "CSSliderMin"), *most = json_object_get(set, "CSSliderMax");
	json_t *bars = json_object(), *bar;
	size_t i;
	(void)put_choices(x, p, "Choices", "ChoiceOrder", "bars", bars, false);
	const json_t *all = json_object_get(bars, "bars");
	json_array_foreach((json_t *)all, i, bar)
	{
		json_t *q = question(x, p, "slider", name);
		if (json_is_number(least)) json_object_set(q, "min", (json_t *)least);
		if (json_is_number(most)) json_object_set(q, "max", (json_t *)most);
		if (json_array_size(all) > 1 && json_object_get(bar, "text"))
			json_object_set(q, "description", json_object_get(bar, "text"));
	}
	json_decref(bars);
	return OK;
}

static enum err_code add_html(struct qsf *x, const json_t *p, struct str name)
{
	put_title(x, p, draft_question(x->d, "html", name), "html");
	return OK;
}

static enum err_code add_file(struct qsf *x, const json_t *p, struct str name)
{
	question(x, p, "file", name);
	return OK;
}

static const struct kind kinds[] = {
	{ "MC", "SAVR", add_one },          { "MC", "SAHR", add_one },        { "MC", "SACOL", add_one },
	{ "MC", "SB", add_dropdown },       { "MC", "DL", add_dropdown },     { "MC", "MAVR", add_many },
	{ "MC", "MAHR", add_many },         { "MC", "MACOL", add_many },      { "MC", "MSB", add_many },
	{ "MC", "NPS", add_nps },           { "TE", "SL", add_text },         { "TE", "PW", add_text },
	{ "TE", "ML", add_comment },        { "TE", "ESTB", add_comment },    { "TE", "FORM", add_fields },
	{ "Matrix", "Likert", add_matrix }, { "Slider", NULL, add_slider },   { "RO", NULL, add_ranking },
	{ "DB", NULL, add_html },           { "FileUpload", NULL, add_file },
};

/* --- conditions --------------------------------------------------------------------------------------------- */

/* "q://QID1/SelectableChoice/2" chosen or not, as an expression; false when it is another kind. */
static bool put_condition(struct qsf *x, const json_t *c, struct buf *out)
{
	const struct str place = json_str(json_object_get(c, "ChoiceLocator"));
	const char *operator= text_of(c, "Operator");
	const bool is = strcmp(operator, "Selected") == 0;
	if (!str_starts(place, STR("q://")) || (!is && strcmp(operator, "NotSelected") != 0)) return false;
	struct str rest = str_cut(place, 4, place.len);
	const char *id = str_z(x->d->a, str_cut(rest, 0, str_find(rest, '/')));
	rest = str_cut(rest, str_find(rest, '/') + 1, rest.len);
	const json_t *name = json_object_get(x->named, id ? id : "");
	if (!name || !str_starts(rest, STR("SelectableChoice/"))) return false;
	const char *choice = str_z(x->d->a, str_cut(rest, 17, rest.len));
	const struct str recoded = json_str(json_object_get(
	        json_object_get(json_object_get(x->questions, id), "RecodeValues"), choice ? choice : ""));
	const struct str value = recoded.len ? recoded : str_of(choice);
	if (!value.len || str_find(value, '\'') < value.len || str_find(value, '\\') < value.len) return false;
	buf_printf(out, "{%s} %s ['" STR_FMT "']", json_string_value(name), is ? "anyof" : "noneof", STR_ARG(value));
	return true;
}

/* {"0": {"0": {…}, "1": {…}, "Type": "If"}, "Type": "BooleanExpression"}: one set of conditions, and or or between. */
static bool put_logic(struct qsf *x, const json_t *logic, struct buf *out)
{
	const json_t *set = json_object_get(logic, "0");
	size_t n = 0;
	if (!set || json_object_get(logic, "1")) return false;
	for (char key[8];; n++) {
		snprintf(key, sizeof key, "%zu", n);
		const json_t *c = json_object_get(set, key);
		if (!c) return n > 0;
		if (n) buf_str(out, strcmp(text_of(c, "Conjuction"), "Or") == 0 ? STR(" or ") : STR(" and "));
		if (!put_condition(x, c, out)) return false;
	}
}

static enum err_code add_logic(struct qsf *x, const json_t *p, json_t *q, struct str name)
{
	const json_t *logic = json_object_get(p, "DisplayLogic");
	struct buf b;
	if (!json_is_object(logic)) return OK;
	buf_init(&b, FORM_EXPRESSION_BYTES_MAX);
	const bool taken = put_logic(x, logic, &b) && !b.full;
	if (taken) draft_string(q, "visibleIf", buf_view(&b));
	buf_done(&b);
	return taken ? OK : draft_warn(x->d, name, WORDS_KEY("form.import.logic"), name);
}

/* --- blocks and flow ------------------------------------------------------------------------------------------- */

static enum err_code add_question(struct qsf *x, const char *id)
{
	const json_t *p = json_object_get(x->questions, id);
	if (!p) return OK;
	const char *type = text_of(p, "QuestionType"), *selector = text_of(p, "Selector");
	const struct str tag = json_str(json_object_get(p, "DataExportTag")), name = tag.len ? tag : str_of(id);
	const size_t before = x->d->elements ? json_array_size(x->d->elements) : 0;
	size_t k = 0;
	while (k < COUNT_OF(kinds) &&
	       (strcmp(kinds[k].type, type) != 0 || (kinds[k].selector && strcmp(kinds[k].selector, selector) != 0)))
		k++;
	if (k < COUNT_OF(kinds)) TRY(kinds[k].add(x, p, name));
	else
		TRY(draft_untold(x->d, name, str_z(x->d->a, str_format(x->d->a, "%s/%s", type, selector)),
		                 plain_of_html(json_str(json_object_get(p, "QuestionText")), x->d->a)));
	for (size_t i = before; i < json_array_size(x->d->elements); i++) {
		json_t *q = json_array_get(x->d->elements, i);
		if (i == before) json_object_set(x->named, id, json_object_get(q, "name"));
		TRY(add_logic(x, p, q, name));
	}
	return OK;
}

static enum err_code add_block(struct qsf *x, const json_t *block)
{
	size_t i;
	json_t *one;
	if (!block || strcmp(text_of(block, "Type"), "Trash") == 0) return OK;
	draft_page(x->d);
	json_array_foreach(json_object_get(block, "BlockElements"), i, one)
	{
		if (strcmp(text_of(one, "Type"), "Page Break") == 0) draft_page(x->d);
		else if (strcmp(text_of(one, "Type"), "Question") == 0)
			TRY(add_question(x, text_of(one, "QuestionID")));
		if (json_object_get(one, "SkipLogic"))
			TRY(draft_warn(x->d, str_of(text_of(one, "QuestionID")), WORDS_KEY("form.import.flow"),
			               STR("SkipLogic")));
	}
	return OK;
}

static enum err_code follow(struct qsf *x, const json_t *flow, const json_t *blocks, int depth)
{
	size_t i;
	json_t *one;
	if (depth > 16) return OK;
	json_array_foreach((json_t *)flow, i, one)
	{
		const char *type = text_of(one, "Type");
		const json_t *block = json_object_get(blocks, text_of(one, "ID"));
		if (block) TRY(add_block(x, block));
		else if (strcmp(type, "EmbeddedData") != 0 && strcmp(type, "EndSurvey") != 0)
			TRY(draft_warn(x->d, STR(""), WORDS_KEY("form.import.flow"), str_of(type)));
		TRY(follow(x, json_object_get(one, "Flow"), blocks, depth + 1));
	}
	return OK;
}

/* Blocks by their id; the payload is a list or an object of them. */
static void gather_blocks(json_t *into, const json_t *payload)
{
	size_t i;
	const char *key;
	json_t *one;
	if (json_is_array(payload))
		json_array_foreach((json_t *)payload, i, one) json_object_set(into, text_of(one, "ID"), one);
	else json_object_foreach((json_t *)payload, key, one) json_object_set(into, text_of(one, "ID"), one);
}

enum err_code import_qsf(struct draft *d, const json_t *file, struct err *err)
{
	const json_t *entry = json_object_get(file, "SurveyEntry"), *flow = NULL;
	json_t *questions = json_object(), *blocks = json_object(), *one;
	struct qsf x = { .d = d, .questions = questions, .named = json_object() };
	size_t i;
	const char *key;
	const struct str base = json_str(json_object_get(entry, "SurveyLanguage"));
	x.base = language_code(base.len ? base : STR("en"), d->a);
	json_array_foreach(json_object_get(file, "SurveyElements"), i, one)
	{
		const char *element = text_of(one, "Element");
		const json_t *payload = json_object_get(one, "Payload");
		if (strcmp(element, "SQ") == 0)
			json_object_set(questions, text_of(one, "PrimaryAttribute"), (json_t *)payload);
		if (strcmp(element, "BL") == 0) gather_blocks(blocks, payload);
		if (strcmp(element, "FL") == 0) flow = json_object_get(payload, "Flow");
	}
	draft_string(d->root, "locale", x.base);
	draft_text(d, d->root, "title", x.base, json_str(json_object_get(entry, "SurveyName")));
	enum err_code rc = OK;
	if (flow) rc = follow(&x, flow, blocks, 0);
	else json_object_foreach(blocks, key, one) if (rc == OK) rc = add_block(&x, one);
	json_decref(questions);
	json_decref(blocks);
	json_decref(x.named);
	return rc == OK ? OK : err_no_memory(err);
}
