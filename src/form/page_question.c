/*
 * One question as HTML. A kind of question is one function in `kinds`: what
 * stands inside the question's frame, which has title, description and error
 * already. Names and values go out as form_answers_form reads them.
 */
#include "base/hash.h"
#include "form/page_priv.h"

#define STARS_PATH "M12 3.2l2.7 5.6 6.1.9-4.4 4.3 1 6.1-5.4-2.9-5.4 2.9 1-6.1L3.2 9.7l6.1-.9z"

enum frame { FRAME_SET, FRAME_LABEL, FRAME_PLAIN }; /* a fieldset of many controls; one control; nothing to fill in */

struct item {
	struct page_out *o;
	const struct form_question *q;
	const struct form_value *value; /* what is answered; NULL nothing */
	size_t id;
	bool described, bad, required;
};

/* --- small parts ------------------------------------------------------------------------------- */

const struct form_problem *page_problem(const struct form_view *v, struct str name)
{
	for (size_t i = 0; v->problems && i < v->problems->n; i++) {
		const struct form_problem *p = &v->problems->all[i];
		if (p->warning || !str_starts(p->field, name)) continue;
		const struct str rest = str_cut(p->field, name.len, p->field.len);
		if (!rest.len || rest.ptr[0] == '.' || str_eq(rest, STR("-Comment"))) return p;
	}
	return NULL;
}

static bool holds(struct page_out *o, const struct form_value *v, struct str value)
{
	if (!v) return false;
	if (v->kind == FORM_LIST) {
		for (size_t i = 0; i < v->n; i++)
			if (holds(o, &v->items[i], value)) return true;
		return false;
	}
	return str_eq(page_value(o, v), value);
}

static const struct form_value *member(const struct form_value *v, struct str name)
{
	for (size_t i = 0; v && v->kind == FORM_OBJECT && i < v->n; i++)
		if (str_eq(v->names[i], name)) return &v->items[i];
	return NULL;
}

static struct str value_text(struct item *t)
{
	return t->value ? page_value(t->o, t->value) : STR("");
}

static struct str choice_text(struct page_out *o, const struct form_choice *c)
{
	const struct str text = page_text(o, &c->text);
	return text.len ? text : c->value;
}

/* The two of a yes or no have words of ours where the author wrote none. */
static struct str option_text(struct item *t, size_t i)
{
	const struct form_choice *c = &t->q->choices[i];
	if (t->q->type != FORM_BOOLEAN || page_text(t->o, &c->text).len) return choice_text(t->o, c);
	return say(t->o, i == 0 ? "survey.yes" : "survey.no");
}

static void put_name(struct page_out *o, struct str name, struct str member_name)
{
	put(o, " name=\"");
	put_text(o, name);
	if (member_name.len) {
		buf_byte(o->b, '[');
		put_text(o, member_name);
		buf_byte(o->b, ']');
	}
	buf_byte(o->b, '"');
}

static void put_state(struct item *t)
{
	struct buf *b = t->o->b;
	if (t->required) put(t->o, " aria-required=\"true\"");
	if (t->bad) put(t->o, " aria-invalid=\"true\"");
	if (!t->described && !t->bad) return;
	buf_str(b, STR(" aria-describedby=\""));
	if (t->described) buf_printf(b, "q%zu-d", t->id);
	if (t->bad) buf_printf(b, t->described ? " q%zu-e" : "q%zu-e", t->id);
	buf_byte(b, '"');
}

/* One thing to choose: the whole surface is the control. The caller writes what is inside and closes it. */
static void open_pick(struct item *t, const char *type, struct str row, struct str value, bool chosen)
{
	put(t->o, "<label class=\"pick\"><input");
	put_attr(t->o, "type", str_of(type));
	put_name(t->o, t->q->name, row);
	put_attr(t->o, "value", value);
	put(t->o, chosen ? " checked><span>" : "><span>");
}

static void close_pick(struct page_out *o)
{
	put(o, "</span></label>");
}

static void put_pick(struct item *t, const char *type, struct str row, struct str value, struct str text, bool chosen)
{
	open_pick(t, type, row, value, chosen);
	put(t->o, "<bdi>");
	put_text(t->o, text);
	put(t->o, "</bdi>");
	close_pick(t->o);
}

/* --- rating -------------------------------------------------------------------------------------- */

static void put_star(struct page_out *o)
{
	put(o, "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"" STARS_PATH "\"/></svg>");
}

/* A face whose mouth goes from down to up with the place of the value on its scale, 0 to 1. */
static void put_face(struct page_out *o, double share)
{
	const double bend = (share - 0.5) * 8.0;
	buf_printf(
	        o->b,
	        "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"9.5\"/><path d=\"M8.8 "
	        "9.4v.6M15.2 9.4v.6M7.8 %.1fQ12 %.1f 16.2 %.1f\"/></svg>",
	        15.3 - bend * 0.25, 15.3 + bend * 0.75, 15.3 - bend * 0.25);
}

static void put_score(struct item *t, struct str value, struct str text, double number, double share)
{
	struct page_out *o = t->o;
	open_pick(t, "radio", STR(""), value, holds(o, t->value, value));
	if (t->q->look != FORM_BUTTONS) {
		if (t->q->look == FORM_STARS) put_star(o);
		else put_face(o, share);
		put(o, "<b class=\"sr\">");
	}
	if (text.len) put_text(o, text);
	else put_digits(o, number);
	if (t->q->look != FORM_BUTTONS) put(o, "</b>");
	close_pick(o);
}

static void put_ends(struct item *t)
{
	const struct str low = page_text(t->o, &t->q->min_label), high = page_text(t->o, &t->q->max_label);
	if (!low.len && !high.len) return;
	put(t->o, "<div class=\"ends\"><span><bdi>");
	put_text(t->o, low);
	put(t->o, "</bdi></span><span><bdi>");
	put_text(t->o, high);
	put(t->o, "</bdi></span></div>");
}

static void rating(struct item *t)
{
	static const char *const looks[] = { [FORM_BUTTONS] = "", [FORM_STARS] = " stars", [FORM_SMILEYS] = " faces" };
	const struct form_question *q = t->q;
	const double step = q->step > 0 ? q->step : 1;
	const size_t n = q->n_choices ? q->n_choices : (size_t)((q->max - q->min) / step + 1.5);
	buf_printf(t->o->b, "<div class=\"sc n%zu%s\">", n, looks[q->look]);
	for (size_t i = 0; i < n; i++) {
		const double share = n > 1 ? (double)i / (double)(n - 1) : 1;
		const struct form_value v = { .kind = FORM_NUMBER, .number = q->min + step * (double)i };
		if (q->n_choices) put_score(t, q->choices[i].value, choice_text(t->o, &q->choices[i]), 0, share);
		else put_score(t, page_value(t->o, &v), STR(""), v.number, share);
	}
	put(t->o, "</div>");
	put_ends(t);
}

/* --- choices ---------------------------------------------------------------------------------------- */

static bool before(struct item *t, size_t a, size_t b)
{
	const struct form_choice *x = &t->q->choices[a], *y = &t->q->choices[b];
	if (t->q->order == FORM_RANDOM) {
		const struct str seed = t->o->v->response;
		return hash64_seed(x->value, hash64(seed)) < hash64_seed(y->value, hash64(seed));
	}
	const int c = str_cmp(choice_text(t->o, x), choice_text(t->o, y));
	return t->q->order == FORM_DESCENDING ? c > 0 : c < 0;
}

/* The order in which choices are shown; a random one is the same for one response. NULL when memory is short. */
static size_t *order_of(struct item *t)
{
	size_t *order = ARENA_ARRAY(t->o->a, size_t, t->q->n_choices + 1);
	for (size_t i = 0; order && i < t->q->n_choices; i++) {
		size_t k = i;
		while (t->q->order != FORM_AS_WRITTEN && k > 0 && before(t, i, order[k - 1])) {
			order[k] = order[k - 1];
			k--;
		}
		order[k] = i;
	}
	return order;
}

static void put_other_text(struct item *t)
{
	const struct str name = str_format(t->o->a, STR_FMT "-Comment", STR_ARG(t->q->name));
	const struct form_value *v = form_answer(t->o->v->answers, name);
	put(t->o, "<input type=\"text\" maxlength=\"1000\"");
	put_name(t->o, name, STR(""));
	put_attr(t->o, "value", v ? page_value(t->o, v) : STR(""));
	put_attr(t->o, "aria-label", say(t->o, "survey.other.say"));
	put_attr(t->o, "placeholder", say(t->o, "survey.other.say"));
	put(t->o, t->q->other ? " data-with=\"other\" dir=\"auto\">" : " dir=\"auto\">");
}

static struct str or_say(struct page_out *o, const struct form_text *t, const char *key)
{
	const struct str own = page_text(o, t);
	return own.len ? own : say(o, key);
}

static void put_choices(struct item *t, const char *type)
{
	const struct form_question *q = t->q;
	const size_t *order = order_of(t);
	put(t->o, q->type == FORM_BOOLEAN ? "<div class=\"list two\">" : "<div class=\"list\">");
	for (size_t i = 0; order && i < q->n_choices; i++) {
		const struct form_choice *c = &q->choices[order[i]];
		open_pick(t, type, STR(""), c->value, holds(t->o, t->value, c->value));
		if (c->image.len) {
			put(t->o, "<img loading=\"lazy\" alt=\"\"");
			put_attr(t->o, "src", c->image);
			buf_byte(t->o->b, '>');
		}
		put(t->o, "<bdi>");
		put_text(t->o, option_text(t, order[i]));
		put(t->o, "</bdi>");
		close_pick(t->o);
	}
	if (q->none)
		put_pick(t, type, STR(""), STR("none"), or_say(t->o, &q->none_text, "survey.none"),
		         holds(t->o, t->value, STR("none")));
	if (q->other)
		put_pick(t, type, STR(""), STR("other"), or_say(t->o, &q->other_text, "survey.other"),
		         holds(t->o, t->value, STR("other")));
	if (q->other || q->comment) put_other_text(t);
	put(t->o, "</div>");
}

static void one_of(struct item *t)
{
	put_choices(t, "radio");
}

static void some_of(struct item *t)
{
	put_choices(t, "checkbox");
}

static void images(struct item *t)
{
	put_choices(t, t->q->multiple ? "checkbox" : "radio");
}

/* Consent is one box that is empty at first; any other yes or no is a choice of two. */
static void yes_or_no(struct item *t)
{
	if (!t->q->consent) {
		put_choices(t, "radio");
		return;
	}
	put(t->o, "<div class=\"list\">");
	put_pick(t, "checkbox", STR(""), STR("true"), option_text(t, 0), holds(t->o, t->value, STR("true")));
	put(t->o, "</div>");
}

static void put_option(struct page_out *o, struct str value, struct str text, bool chosen)
{
	put(o, "<option");
	put_attr(o, "value", value);
	put(o, chosen ? " selected>" : ">");
	put_text(o, text);
	put(o, "</option>");
}

static void dropdown(struct item *t)
{
	const struct form_question *q = t->q;
	const size_t *order = order_of(t);
	buf_printf(t->o->b, "<select id=\"q%zu-i\"", t->id);
	put_name(t->o, q->name, STR(""));
	put_state(t);
	buf_byte(t->o->b, '>');
	put_option(t->o, STR(""), or_say(t->o, &q->placeholder, "survey.choose"), false);
	for (size_t i = 0; order && i < q->n_choices; i++) {
		const struct form_choice *c = &q->choices[order[i]];
		put_option(t->o, c->value, choice_text(t->o, c), holds(t->o, t->value, c->value));
	}
	if (q->none)
		put_option(t->o, STR("none"), or_say(t->o, &q->none_text, "survey.none"),
		           holds(t->o, t->value, STR("none")));
	if (q->other)
		put_option(t->o, STR("other"), or_say(t->o, &q->other_text, "survey.other"),
		           holds(t->o, t->value, STR("other")));
	put(t->o, "</select>");
	if (q->other || q->comment) put_other_text(t);
}

/* --- rows ------------------------------------------------------------------------------------------------ */

static void matrix(struct item *t)
{
	struct page_out *o = t->o;
	for (size_t i = 0; i < t->q->n_rows; i++) {
		const struct form_choice *row = &t->q->rows[i];
		const struct form_value *chosen = member(t->value, row->value);
		put(o, "<fieldset class=\"row\"><legend><bdi>");
		put_text(o, choice_text(o, row));
		put(o, "</bdi></legend><div class=\"chips\">");
		for (size_t k = 0; k < t->q->n_choices; k++) {
			const struct form_choice *c = &t->q->choices[k];
			put_pick(t, "radio", row->value, c->value, choice_text(o, c), holds(o, chosen, c->value));
		}
		put(o, "</div></fieldset>");
	}
}

/* The place that an item has in the answer, from 1; 0 none yet. Answers of a page come as places, kept ones as a list.
 */
static size_t place_of(struct item *t, struct str value)
{
	const struct form_value *v = t->value, *m = member(v, value);
	double place;
	if (m && form_number(page_value(t->o, m), &place) && place >= 1) return (size_t)place;
	for (size_t i = 0; v && v->kind == FORM_LIST && i < v->n; i++)
		if (str_eq(page_value(t->o, &v->items[i]), value)) return i + 1;
	return 0;
}

/* Each item with its place. The script adds buttons that move it, and sets the places. */
static void ranking(struct item *t)
{
	struct page_out *o = t->o;
	const size_t *order = order_of(t);
	put(o, "<ol class=\"rank\"");
	put_attr(o, "data-say-up",
	         words(&o->v->locale, o->a, "survey.rank.up", &(struct word_arg){ "item", WORD_TEXT, .text = STR("%") },
	               1));
	put_attr(o, "data-say-down",
	         words(&o->v->locale, o->a, "survey.rank.down",
	               &(struct word_arg){ "item", WORD_TEXT, .text = STR("%") }, 1));
	buf_byte(o->b, '>');
	for (size_t i = 0; order && i < t->q->n_choices; i++) {
		const struct form_choice *c = &t->q->choices[order[i]];
		const size_t place = place_of(t, c->value);
		buf_printf(o->b, "<li><label for=\"q%zu-%zu\"><bdi>", t->id, i);
		put_text(o, choice_text(o, c));
		buf_printf(o->b, "</bdi></label><select id=\"q%zu-%zu\"", t->id, i);
		put_name(o, t->q->name, c->value);
		put(o, "><option value=\"\">–</option>");
		for (size_t k = 1; k <= t->q->n_choices; k++) {
			buf_printf(o->b, k == place ? "<option value=\"%zu\" selected>" : "<option value=\"%zu\">", k);
			put_digits(o, (double)k);
			put(o, "</option>");
		}
		put(o, "</select></li>");
	}
	put(o, "</ol>");
}

static void put_input(struct item *t, const struct form_question *q, struct str name, struct str row, struct str value)
{
	struct page_out *o = t->o;
	put_name(o, name, row);
	put_attr(o, "value", value);
	put_attr(o, "type", str_of(form_input_names[q->input]));
	if (q->input == FORM_INPUT_NUMBER) put(o, " inputmode=\"decimal\"");
	if (q->input == FORM_INPUT_TEXT) put(o, " dir=\"auto\"");
	if (q->max_length > 0) buf_printf(o->b, " maxlength=\"%d\"", q->max_length);
	const struct str hint = page_text(o, &q->placeholder);
	if (hint.len) put_attr(o, "placeholder", hint);
}

static void several_texts(struct item *t)
{
	struct page_out *o = t->o;
	put(o, "<div class=\"multi\">");
	for (size_t i = 0; i < t->q->n_children; i++) {
		const struct form_question *c = &t->q->children[i];
		const struct form_value *v = member(t->value, c->name);
		const struct str title = page_text(o, &c->title);
		put(o, "<label><bdi>");
		put_text(o, title.len ? title : c->name);
		put(o, "</bdi><input");
		put_input(t, c, t->q->name, c->name, v ? page_value(o, v) : STR(""));
		put(o, "></label>");
	}
	put(o, "</div>");
}

/* --- words, numbers and the rest -------------------------------------------------------------------------- */

static void text(struct item *t)
{
	buf_printf(t->o->b, "<input id=\"q%zu-i\"", t->id);
	put_input(t, t->q, t->q->name, STR(""), value_text(t));
	put_state(t);
	put(t->o, ">");
}

static void comment(struct item *t)
{
	const struct str hint = page_text(t->o, &t->q->placeholder);
	buf_printf(t->o->b, "<textarea dir=\"auto\" id=\"q%zu-i\" rows=\"%d\" maxlength=\"%d\"", t->id,
	           t->q->lines > 0 ? t->q->lines : 3, t->q->max_length);
	put_name(t->o, t->q->name, STR(""));
	if (hint.len) put_attr(t->o, "placeholder", hint);
	put_state(t);
	put(t->o, ">\n"); /* a parser drops the first line feed, so one of the answer's own stays */
	put_text(t->o, value_text(t));
	put(t->o, "</textarea>");
}

static void slider(struct item *t)
{
	const struct form_question *q = t->q;
	double v = (q->min + q->max) / 2;
	const bool given = t->value && form_number(value_text(t), &v);
	buf_printf(t->o->b,
	           "<div class=\"slide\"><input type=\"range\" id=\"q%zu-i\" min=\"%.15g\" max=\"%.15g\" step=\"",
	           t->id, q->min, q->max);
	if (q->step > 0) buf_printf(t->o->b, "%.15g", q->step);
	else put(t->o, "any");
	buf_printf(t->o->b, "\" value=\"%.15g\"", v);
	put_name(t->o, q->name, STR(""));
	put_state(t);
	buf_printf(t->o->b, "><output for=\"q%zu-i\">", t->id);
	if (given) put_digits(t->o, v);
	put(t->o, "</output></div>");
	put_ends(t);
}

static void markup(struct item *t)
{
	put(t->o, "<div class=\"said\">");
	form_put_rich(t->o->b, page_text(t->o, &t->q->html));
	put(t->o, "</div>");
}

static void no_file(struct item *t)
{
	put(t->o, "<p class=\"no\">");
	put_text(t->o, say(t->o, "survey.file"));
	put(t->o, "</p>");
}

static void expression(struct item *t)
{
	const struct form_value v =
	        t->q->expression ? form_expr_eval(t->q->expression, t->o->v->answers, t->o->v->now_ms, t->o->a)
	                         : (struct form_value){ 0 };
	put(t->o, "<output><bdi>");
	if (v.kind == FORM_NUMBER) put_digits(t->o, v.number);
	else put_text(t->o, page_value(t->o, &v));
	put(t->o, "</bdi></output>");
}

static const struct {
	void (*put)(struct item *t);
	enum frame frame;
} kinds[FORM_TYPES] = {
	[FORM_RATING] = { rating, FRAME_SET },      [FORM_RADIO] = { one_of, FRAME_SET },
	[FORM_CHECKBOX] = { some_of, FRAME_SET },   [FORM_DROPDOWN] = { dropdown, FRAME_LABEL },
	[FORM_TAGBOX] = { some_of, FRAME_SET },     [FORM_BOOLEAN] = { yes_or_no, FRAME_SET },
	[FORM_TEXT] = { text, FRAME_LABEL },        [FORM_COMMENT] = { comment, FRAME_LABEL },
	[FORM_MATRIX] = { matrix, FRAME_SET },      [FORM_RANKING] = { ranking, FRAME_SET },
	[FORM_IMAGEPICKER] = { images, FRAME_SET }, [FORM_MULTITEXT] = { several_texts, FRAME_SET },
	[FORM_SLIDER] = { slider, FRAME_LABEL },    [FORM_HTML] = { markup, FRAME_PLAIN },
	[FORM_FILE] = { no_file, FRAME_PLAIN },     [FORM_EXPRESSION] = { expression, FRAME_PLAIN },
};

/* --- the frame of a question ------------------------------------------------------------------------------------ */

static void put_title(struct item *t, enum frame frame, bool lead)
{
	struct page_out *o = t->o;
	struct str title = page_text(o, &t->q->title);
	if (!title.len && t->q->type != FORM_HTML) title = t->q->name;
	if (!title.len) return;
	const char *hidden = t->q->hide_title ? " class=\"sr\"" : "";
	if (frame == FRAME_SET) buf_printf(o->b, "<legend%s>", hidden);
	else if (frame == FRAME_LABEL)
		buf_printf(o->b, "<label class=\"%s\" for=\"q%zu-i\">", t->q->hide_title ? "sr" : "t", t->id);
	else put(o, "<div class=\"t\">");
	put(o, lead ? "<h1><bdi>" : "<bdi>");
	put_text(o, title);
	put(o, "</bdi>");
	if (!t->required && frame != FRAME_PLAIN && !t->q->consent) {
		put(o, " <span class=\"opt\">");
		put_text(o, say(o, "survey.optional"));
		put(o, "</span>");
	}
	if (lead) put(o, "</h1>");
	put(o, frame == FRAME_SET ? "</legend>" : frame == FRAME_LABEL ? "</label>" : "</div>");
}

static void put_around(struct page_out *o, const struct form_question *q, const char *class, size_t id)
{
	buf_printf(o->b, "<div class=\"%s\"", class);
	if (id) buf_printf(o->b, " id=\"q%zu\"", id);
	put_attr(o, "data-type", str_of(form_type_names[q->type]));
	put_attr(o, "data-name", q->name);
	if (q->visible_if) put_attr(o, "data-if", form_expr_text(q->visible_if));
	put(o, page_shown(o, q) ? ">" : " hidden>");
}

static void put_panel(struct page_out *o, const struct form_question *q, bool lead)
{
	const struct str title = page_text(o, &q->title);
	put_around(o, q, "group", 0);
	if (title.len && !q->hide_title) {
		put(o, lead ? "<h1 class=\"panel\"><bdi>" : "<h2 class=\"panel\"><bdi>");
		put_text(o, title);
		put(o, lead ? "</bdi></h1>" : "</bdi></h2>");
	}
	for (size_t i = 0; i < q->n_children; i++) put_question(o, &q->children[i], false);
	put(o, "</div>");
}

static bool required(struct page_out *o, const struct form_question *q)
{
	if (!q->required_if) return q->required;
	const struct form_value v = form_expr_eval(q->required_if, o->v->answers, o->v->now_ms, o->a);
	return form_value_true(&v);
}

static bool enabled(struct page_out *o, const struct form_question *q)
{
	if (q->read_only) return false;
	if (!q->enable_if) return true;
	const struct form_value v = form_expr_eval(q->enable_if, o->v->answers, o->v->now_ms, o->a);
	return form_value_true(&v);
}

void put_question(struct page_out *o, const struct form_question *q, bool lead)
{
	if (q->type == FORM_PANEL) {
		put_panel(o, q, lead);
		return;
	}
	const struct form_problem *problem = page_problem(o->v, q->name);
	const struct str about = page_text(o, &q->description);
	const enum frame frame = kinds[q->type].frame;
	struct item t = { .o = o,
		          .q = q,
		          .value = form_answer(o->v->answers, q->name),
		          .id = ++o->n,
		          .described = about.len > 0,
		          .bad = problem != NULL,
		          .required = required(o, q) };
	put_around(o, q, lead && problem ? "q lead bad" : lead ? "q lead" : problem ? "q bad" : "q", t.id);
	if (page_shown(o, q) && frame != FRAME_PLAIN) {
		put(o, "<input type=\"hidden\" name=\"_seen\"");
		put_attr(o, "value", q->name);
		buf_byte(o->b, '>');
	}
	if (frame == FRAME_SET) {
		put(o, q->type == FORM_RATING || q->type == FORM_RADIO ? "<fieldset role=\"radiogroup\"" : "<fieldset");
		if (q->type == FORM_RATING || q->type == FORM_RADIO) put_state(&t);
		else if (t.described) buf_printf(o->b, " aria-describedby=\"q%zu-d\"", t.id);
		put(o, enabled(o, q) ? ">" : " disabled>");
	}
	put_title(&t, frame, lead);
	if (about.len) {
		buf_printf(o->b, "<p class=\"hint\" id=\"q%zu-d\"><bdi>", t.id);
		put_text(o, about);
		put(o, "</bdi></p>");
	}
	kinds[q->type].put(&t);
	if (problem) {
		buf_printf(o->b, "<p class=\"err\" id=\"q%zu-e\">", t.id);
		put_text(o, form_problem_words(problem, &o->v->locale, o->a));
		put(o, "</p>");
	}
	put(o, frame == FRAME_SET ? "</fieldset></div>" : "</div>");
}
