/*
 * LimeSurvey's two exports become the same rows, in the order of the
 * tab-separated one: S and SL (settings), then for each group its G, and for
 * each question its Q, SQ and A, one for each language. Private to form/.
 */
#ifndef FORM_IMPORT_LIME_H
#define FORM_IMPORT_LIME_H

#include "form/import.h"

struct lime_row {
	struct str cls, type, name, relevance, text, help, lang, mandatory, other;
};

struct lime {
	struct draft *d;
	struct str base;  /* language */
	json_t *groups;   /* list of {"title": {…}, "description": {…}, "questions": […]} */
	json_t *by_lang;  /* how many groups a language has had: its k-th is group k */
	json_t *by_name;  /* questions by their code */
	json_t *question; /* the newest; borrowed */
};

void lime_begin(struct lime *l, struct draft *d);
void lime_row(struct lime *l, const struct lime_row *r);
/* Writes what the rows said into the draft, and lets go of it. */
NODISCARD enum err_code lime_end(struct lime *l, struct err *err);

#endif
