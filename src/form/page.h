/*
 * The HTML of a survey: what a respondent sees, on the hosted page, in a
 * kiosk, in the widget and in the builder's preview.
 *
 * Complete without JavaScript: a page of the survey is one POST form; what
 * was answered on other pages goes along in hidden fields, so a server needs
 * no memory of the respondent. The script web/survey finds what it needs in
 * `data-` attributes: data-if is the expression that shows a question,
 * data-say-* are the sentences that it speaks.
 *
 * Fields of the form are those of form_answers_form. The page's own begin with
 * an underscore:
 *
 *   _page      the page that is being left, from 0
 *   _seen      the questions that stood on it, one field each
 *   _response  the response that this continues, "" at first
 *   _lang      the language shown
 *   _go        next, back, decline, keep (the script's partial save)
 *
 * Scales run in reading direction: 0 stands at the start, which is the right
 * side in Arabic and Persian. Digits are those of the locale.
 */
#ifndef FORM_PAGE_H
#define FORM_PAGE_H

#include "base/words.h"
#include "form/form.h"

enum form_place { FORM_HOSTED, FORM_KIOSK, FORM_WIDGET, FORM_PREVIEW };

struct form_language {
	struct str code, name; /* "fa", "فارسی" */
	struct str href;
};

struct form_view {
	const struct form *form;
	struct locale locale; /* words, digits and direction of what is ours */
	struct str lang;      /* of the survey's own texts */
	size_t page;          /* from 0; FORM_KIOSK and FORM_WIDGET show every page at once */
	const struct form_answers *answers;
	const struct form_problems *problems; /* errors are shown at their questions and summed up above; NULL none */
	size_t n_more;                        /* so many questions of this page appeared because of its answers */
	int64_t now_ms;
	enum form_place place;
	struct str organisation; /* "" leaves the name out */
	struct str about;        /* one line on what is asked about, "" none */
	struct str action;       /* where the form goes */
	struct str response;
	struct str style, script; /* addresses; a widget has neither */
	const struct form_language *languages;
	size_t n_languages; /* fewer than two: no switch */
	struct str notice;  /* above the questions, "" none: what a one-click mail chose */
	bool named;         /* the answer is kept with a name */
	bool may_decline;
	int quiet_days; /* 0: nothing is promised */
};

/* The pages that these answers leave, in order; `shown` is of form_shown, `out` has room for form->n_pages. Returns how
 * many. */
size_t form_pages_shown(const struct form *f, const bool *shown, size_t *out);

/* The whole document; of FORM_WIDGET the inside only. Text comes out escaped. A form whose answers hide every question
 * shows its first page, without any. */
NODISCARD enum err_code form_page_put(const struct form_view *v, struct arena *a, struct buf *out, struct err *err);

/* The pages that ask nothing. */
enum form_end {
	FORM_DONE,
	FORM_AGAIN,
	FORM_DECLINED,
	FORM_EXPIRED,
	FORM_CLOSED,
	FORM_PAUSED,
	FORM_MISSING,
	FORM_GONE, /* what was kept under it was erased */
	FORM_BUSY,
	FORM_ENDS
};
/* v->form may be NULL (FORM_MISSING); until_ms is when an expired link ended. */
void form_end_put(const struct form_view *v, enum form_end end, int64_t until_ms, struct arena *a, struct buf *out);

#endif
