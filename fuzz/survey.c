/* A survey of another tool: what is made of it is a document that reads back. */
#include "form/form.h"
#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct str json;
	struct form *f;
	struct form_problems notes, problems;
	enum form_format format;
	arena_init(&a, 512 * MIB);
	const enum err_code rc =
	        form_import((struct str){ (const char *)data, size }, &a, &json, &format, &notes, &err);
	if (rc == OK) {
		must((unsigned)format < FORM_FORMATS, "a format");
		must(form_read(json, &a, &f, &problems, &err) == OK, "it reads back");
		must(str_eq(f->json, json), "to itself");
	} else must(err.text[0] && is_utf8(str_of(err.text)), "an error has words");
	for (size_t i = 0; i < notes.n; i++) must(is_utf8(notes.all[i].what) && is_utf8(notes.all[i].field), "UTF-8");
	arena_done(&a);
	return 0;
}
