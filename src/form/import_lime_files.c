/* LimeSurvey's files: the tab-separated table, and the dump of tables in XML. */
#include <libxml/parser.h>

#include "form/import_lime.h"

/* --- tab-separated --------------------------------------------------------------------------------------- */

#define LIME_COLUMNS_MAX 400

struct cells {
	struct str all[LIME_COLUMNS_MAX];
	size_t n;
};

/* One cell at *i, which moves behind its tab or line end; quoted ones may hold both, and "" for ". */
static struct str cell(struct str s, size_t *i, struct arena *a, bool *last)
{
	struct str out = STR("");
	if (*i < s.len && s.ptr[*i] == '"') {
		char *z = arena_alloc(a, s.len - *i);
		size_t n = 0, k = *i + 1;
		for (; z && k < s.len; k++) {
			if (s.ptr[k] == '"' && !(k + 1 < s.len && s.ptr[k + 1] == '"')) break;
			if (s.ptr[k] == '"') k++;
			z[n++] = s.ptr[k];
		}
		if (z) out = str_copy(a, (struct str){ z, n });
		*i = k < s.len ? k + 1 : s.len;
	}
	const size_t from = *i;
	while (*i < s.len && s.ptr[*i] != '\t' && s.ptr[*i] != '\n') ++*i;
	if (!out.len) out = str_trim(str_cut(s, from, *i));
	*last = *i == s.len || s.ptr[*i] == '\n';
	if (*i < s.len) ++*i;
	return out;
}

static void read_cells(struct str s, size_t *i, struct arena *a, struct cells *out)
{
	bool last = false;
	out->n = 0;
	while (!last) {
		const struct str one = cell(s, i, a, &last);
		if (out->n < LIME_COLUMNS_MAX) out->all[out->n++] = one;
	}
}

static struct str column(const struct cells *head, const struct cells *row, const char *name)
{
	for (size_t i = 0; i < head->n && i < row->n; i++)
		if (str_eq(head->all[i], str_of(name))) return row->all[i];
	return STR("");
}

enum err_code import_limesurvey_tsv(struct draft *d, struct str bytes, struct err *err)
{
	struct cells *head = ARENA_NEW(d->a, struct cells), *row = ARENA_NEW(d->a, struct cells);
	struct lime l;
	size_t i = 0;
	if (!head || !row) return err_no_memory(err);
	lime_begin(&l, d);
	read_cells(bytes, &i, d->a, head);
	while (i < bytes.len) {
		read_cells(bytes, &i, d->a, row);
		lime_row(&l, &(const struct lime_row){ .cls = column(head, row, "class"),
		                                       .type = column(head, row, "type/scale"),
		                                       .name = column(head, row, "name"),
		                                       .relevance = column(head, row, "relevance"),
		                                       .text = column(head, row, "text"),
		                                       .help = column(head, row, "help"),
		                                       .lang = column(head, row, "language"),
		                                       .mandatory = column(head, row, "mandatory"),
		                                       .other = column(head, row, "other") });
	}
	return lime_end(&l, err);
}

/* --- tables in XML ------------------------------------------------------------------------------------------ */

static const xmlNode *child(const xmlNode *n, const char *name)
{
	for (const xmlNode *c = n ? n->children : NULL; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, name) == 0) return c;
	return NULL;
}

/* The rows of a table as objects of texts, in the order of a column of numbers. */
static json_t *table(const xmlNode *document, const char *name)
{
	json_t *out = json_array();
	const xmlNode *rows = child(child(document, name), "rows");
	for (const xmlNode *r = rows ? rows->children : NULL; r; r = r->next) {
		if (r->type != XML_ELEMENT_NODE) continue;
		json_t *row = json_object();
		for (xmlNode *c = r->children; c; c = c->next) {
			if (c->type != XML_ELEMENT_NODE) continue;
			xmlChar *text = xmlNodeGetContent(c);
			json_object_set_new(row, (const char *)c->name, json_string(text ? (const char *)text : ""));
			xmlFree(text);
		}
		json_array_append_new(out, row);
	}
	return out;
}

static const char *of(const json_t *row, const char *name)
{
	const char *z = json_string_value(json_object_get(row, name));
	return z ? z : "";
}

struct lss {
	json_t *settings, *groups, *group_texts, *questions, *parts, *question_texts, *answers, *answer_texts;
	struct lime l;
};

/* Rows of one owner, by their number; at most FORM_QUESTIONS_MAX of them. */
struct owned {
	const json_t *all[FORM_QUESTIONS_MAX];
	size_t n;
};

static long number_of(const json_t *row, const char *name)
{
	return strtol(of(row, name), NULL, 10);
}

/* Each of `key` once: older dumps have a row for each language. */
static void gather(const json_t *rows, const char *owner, const char *id, const char *key, const char *order,
                   struct owned *out)
{
	size_t i;
	json_t *row;
	out->n = 0;
	json_array_foreach((json_t *)rows, i, row)
	{
		size_t k = 0;
		if (owner && strcmp(of(row, owner), id) != 0) continue;
		while (k < out->n && strcmp(of(out->all[k], key), of(row, key)) != 0) k++;
		if (k < out->n || out->n == FORM_QUESTIONS_MAX) continue;
		for (k = out->n++; k > 0 && number_of(out->all[k - 1], order) > number_of(row, order); k--)
			out->all[k] = out->all[k - 1];
		out->all[k] = row;
	}
}

/* A row for each language: from the table of texts, or, in older dumps, from the rows of the thing itself. */
static void say_all(struct lss *x, struct lime_row r, const json_t *texts, const json_t *own, const char *key,
                    const char *id, const char *text, const char *help)
{
	const json_t *from = json_array_size(texts) ? texts : own;
	size_t i;
	json_t *row;
	json_array_foreach((json_t *)from, i, row)
	{
		if (strcmp(of(row, key), id) != 0) continue;
		r.lang = str_of(of(row, "language"));
		if (str_eq(r.cls, STR("G"))) r.name = str_of(of(row, text)), r.text = str_of(of(row, help));
		else r.text = str_of(of(row, text)), r.help = help ? str_of(of(row, help)) : STR("");
		lime_row(&x->l, &r);
	}
}

static void add_parts(struct lss *x, const char *qid)
{
	struct owned parts, answers;
	gather(x->parts, "parent_qid", qid, "title", "question_order", &parts);
	for (size_t i = 0; i < parts.n; i++) {
		const struct lime_row r = { .cls = STR("SQ"), .name = str_of(of(parts.all[i], "title")) };
		say_all(x, r, x->question_texts, x->parts, "qid", of(parts.all[i], "qid"), "question", NULL);
	}
	gather(x->answers, "qid", qid, "code", "sortorder", &answers);
	for (size_t i = 0; i < answers.n; i++) {
		const json_t *row = answers.all[i];
		const struct lime_row r = { .cls = STR("A"),
			                    .name = str_of(of(row, "code")),
			                    .type = str_of(of(row, "scale_id")) };
		if (json_array_size(x->answer_texts))
			say_all(x, r, x->answer_texts, NULL, "aid", of(row, "aid"), "answer", NULL);
		else {
			size_t k;
			json_t *one;
			json_array_foreach(x->answers, k, one)
			{
				if (strcmp(of(one, "qid"), qid) != 0 || strcmp(of(one, "code"), of(row, "code")) != 0)
					continue;
				struct lime_row old = r;
				old.lang = str_of(of(one, "language"));
				old.text = str_of(of(one, "answer"));
				lime_row(&x->l, &old);
			}
		}
	}
}

static void add_groups(struct lss *x)
{
	struct owned groups, questions;
	gather(x->groups, NULL, NULL, "gid", "group_order", &groups);
	for (size_t g = 0; g < groups.n; g++) {
		const char *gid = of(groups.all[g], "gid");
		say_all(x, (struct lime_row){ .cls = STR("G") }, x->group_texts, x->groups, "gid", gid, "group_name",
		        "description");
		gather(x->questions, "gid", gid, "qid", "question_order", &questions);
		for (size_t i = 0; i < questions.n; i++) {
			const json_t *q = questions.all[i];
			const struct lime_row r = { .cls = STR("Q"),
				                    .type = str_of(of(q, "type")),
				                    .name = str_of(of(q, "title")),
				                    .relevance = str_of(of(q, "relevance")),
				                    .mandatory = str_of(of(q, "mandatory")),
				                    .other = str_of(of(q, "other")) };
			say_all(x, r, x->question_texts, x->questions, "qid", of(q, "qid"), "question", "help");
			add_parts(x, of(q, "qid"));
		}
	}
}

static void add_settings(struct lss *x, const xmlNode *document)
{
	static const char *const members[] = { "surveyls_title", "surveyls_description", "surveyls_endtext" };
	json_t *surveys = table(document, "surveys"), *row;
	size_t i;
	const char *base = of(json_array_get(surveys, 0), "language");
	lime_row(&x->l, &(const struct lime_row){
	                        .cls = STR("S"), .name = STR("language"), .text = str_copy(x->l.d->a, str_of(base)) });
	json_array_foreach(x->settings, i, row)
	{
		for (size_t k = 0; k < COUNT_OF(members); k++)
			lime_row(&x->l, &(const struct lime_row){ .cls = STR("SL"),
			                                          .name = str_of(members[k]),
			                                          .lang = str_of(of(row, "surveyls_language")),
			                                          .text = str_of(of(row, members[k])) });
	}
	json_decref(surveys);
}

enum err_code import_lss(struct draft *d, struct str bytes, struct err *err)
{
	xmlDoc *doc = xmlReadMemory(bytes.ptr, (int)bytes.len, "survey", "UTF-8",
	                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
	const xmlNode *root = doc && !doc->intSubset ? xmlDocGetRootElement(doc) : NULL;
	if (!root || !child(root, "LimeSurveyDocType")) {
		xmlFreeDoc(doc);
		const enum err_code rc =
		        err_set(err, ERR_INPUT, "form.import", "", "the XML is no survey of LimeSurvey");
		err_hint(err, "Export the survey structure as .lss.");
		return rc;
	}
	struct lss x = { .settings = table(root, "surveys_languagesettings"),
		         .groups = table(root, "groups"),
		         .group_texts = table(root, "group_l10ns"),
		         .questions = table(root, "questions"),
		         .parts = table(root, "subquestions"),
		         .question_texts = table(root, "question_l10ns"),
		         .answers = table(root, "answers"),
		         .answer_texts = table(root, "answer_l10ns") };
	lime_begin(&x.l, d);
	add_settings(&x, root);
	add_groups(&x);
	json_t *const tables[] = { x.settings, x.groups,         x.group_texts, x.questions,
		                   x.parts,    x.question_texts, x.answers,     x.answer_texts };
	const enum err_code rc = lime_end(&x.l, err);
	for (size_t i = 0; i < COUNT_OF(tables); i++) json_decref(tables[i]);
	xmlFreeDoc(doc);
	return rc;
}
