/* What reading finds in each line of stdin, tab-separated: language, its p, flags; VADER's compound, pos, neu, neg. For
 * measuring: tests/e2e/text_language.py, text_vader.py. */
#include <stdio.h>
#include <stdlib.h>

#include "text/text.h"

int main(void)
{
	struct text_reader *r = text_reader_new();
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	if (!r) return 1;
	while ((len = getline(&line, &cap, stdin)) > 0) {
		struct text t;
		text_read(r, str_trim((struct str){ line, (size_t)len }), TEXT_OTHER, &t);
		const struct text_vader v = text_vader(r, t.raw);
		printf(STR_FMT "\t%.4f\t%u\t%.4f\t%.3f\t%.3f\t%.3f\n", STR_ARG(text_language_name(t.lang)), t.lang_p,
		       t.flags, v.compound, v.pos, v.neu, v.neg);
	}
	free(line);
	text_reader_free(r);
	return 0;
}
