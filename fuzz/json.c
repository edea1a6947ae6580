/* The JSON reader against jansson: what it reads, jansson reads; its canonical form is stable. */
#include <jansson.h>

#include "fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct buf once, twice;
	struct err err = { 0 };
	arena_init(&a, 256 * MIB);
	buf_init(&once, 8 * MIB);
	buf_init(&twice, 8 * MIB);
	struct str text = { (const char *)data, size };
	enum err_code rc = json_canonical(text, &a, &once, &err);
	if (rc == OK) {
		json_error_t je;
		json_t *j = json_loadb((const char *)data, size,
		                       JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &je);
		/* jansson refuses lone surrogates, which become U+FFFD here, and NUL in keys. */
		bool known = strstr(je.text, "surrogate") || strstr(je.text, "Unicode") || strstr(je.text, "NUL byte");
		if (!j && !known) fprintf(stderr, "jansson: %s\n", je.text);
		must(j || known, "jansson reads it too");
		json_decref(j);
		must(json_canonical(buf_view(&once), &a, &twice, &err) == OK, "the canonical form is JSON");
		must(str_eq(buf_view(&once), buf_view(&twice)), "the canonical form is canonical");
	} else must(err.text[0] != '\0', "an error has words");
	buf_done(&once);
	buf_done(&twice);
	arena_done(&a);
	return 0;
}
