/*
 * The public pages of surveys: what their routes share. A page needs no
 * cookie and keeps none; what it says it is told by its own fields.
 */
#ifndef HTTP_SURVEY_PAGE_H
#define HTTP_SURVEY_PAGE_H

#include "form/form.h"
#include "http/priv.h"

/* What a page is made of, before it is known which page. */
struct survey_page {
	struct voice_session session;
	struct form_answers answers; /* so far */
	struct form_view view;
	struct str way;  /* code or token, as in the address */
	struct str base; /* "/s/" or "/e/" */
};

/* Type and policy of a public page: nothing runs or loads that is not ours; `framed` may stand in a page of ours. */
void survey_headers(struct http_call *c, bool framed);
/* Addresses of style and script, with a fingerprint, so that they may be kept for ever. */
struct str survey_asset(struct http_call *c, const char *name);
/* The language to show: the wanted one when the survey has it, else what the browser asks for, else the survey's own.
 */
struct str survey_language(struct http_call *c, const struct form *f, struct str wanted);
/* Fills page->view from the session; `lang` is of survey_language. */
NODISCARD enum err_code survey_view(struct http_call *c, struct survey_page *page, struct str lang,
                                    enum form_place place, struct err *err);
/* The inside of a widget: the first page of the survey behind a way, whole. */
NODISCARD enum err_code survey_inside(struct http_call *c, struct str way, struct str lang, struct survey_page *page,
                                      struct buf *out, struct err *err);
/* A field of a form body by name, decoded; {NULL, 0} absent. `i` counts fields of that name. */
struct str survey_field(struct http_call *c, const char *name, size_t i);

#endif
