/* What the files of imports share: a document that grows. Private to form/. */
#ifndef FORM_IMPORT_H
#define FORM_IMPORT_H

#include <jansson.h>

#include "form/priv.h"

struct draft {
	struct arena *a;
	struct form_problems *notes;
	json_t *root, *pages;
	json_t *elements; /* of the newest page; NULL before the first */
	json_t *names;    /* object: names that are taken */
};

/* A new page, unless the newest is empty. Returns it. */
json_t *draft_page(struct draft *d);
/* A new question on the newest page; its name made fit and unique. Borrowed. */
json_t *draft_question(struct draft *d, const char *type, struct str name);
/* A note in the place of a question that cannot be asked, and a warning. */
NODISCARD enum err_code draft_untold(struct draft *d, struct str name, const char *type, struct str what);
NODISCARD enum err_code draft_warn(struct draft *d, struct str where, const char *id, struct str what);

/* o.member[lang] = the text of the HTML; nothing when it is empty. */
void draft_text(struct draft *d, json_t *o, const char *member, struct str lang, struct str html);
/* {"value": …, "text": {…}} at the end of o.member; digits become a number. Returns it. */
json_t *draft_choice(json_t *o, const char *member, struct str value);
void draft_string(json_t *o, const char *member, struct str value);

/* The words of HTML on one line: tags gone, character references read. */
struct str plain_of_html(struct str html, struct arena *a);
struct str json_str(const json_t *v);                       /* "" when it is no string */
struct str language_code(struct str code, struct arena *a); /* "EN-GB", "pt_BR" -> "en-gb", "pt-br" */

NODISCARD enum err_code import_qsf(struct draft *d, const json_t *file, struct err *err);
NODISCARD enum err_code import_lss(struct draft *d, struct str bytes, struct err *err);
NODISCARD enum err_code import_limesurvey_tsv(struct draft *d, struct str bytes, struct err *err);

#endif
