/* What identifies a person: what is found stands in order in the text, and masking again finds nothing more. */
#include "fuzz/one.h"
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text_span found[64];
	struct buf once, twice;
	const struct str raw = { (const char *)data, size };
	buf_init(&once, size * 2 + 64);
	buf_init(&twice, size * 4 + 128);
	const size_t n = text_mask(raw, TEXT_PII_ALL, &once, found, COUNT_OF(found));
	must(!once.full, "within its bound");
	for (size_t i = 0; i < n && i < COUNT_OF(found); i++)
		must(found[i].from < found[i].to && found[i].to <= size && (i == 0 || found[i].from >= found[i - 1].to),
		     "in order");
	must(n > 0 || str_eq(buf_view(&once), raw), "nothing found, nothing changed");
	must(utf8_valid((const char *)data, size) != size || is_utf8(buf_view(&once)), "UTF-8 stays UTF-8");
	must(text_mask(buf_view(&once), TEXT_PII_ALL, &twice, NULL, 0) == 0, "masked once for all");
	buf_done(&once);
	buf_done(&twice);
	return 0;
}
