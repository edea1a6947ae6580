/* HTML that an author wrote: what comes out has only tags that are allowed, each closed in turn. */
#include "form/form.h"
#include "fuzz/one.h"

static const char *const allowed[] = { "p", "b", "strong", "i", "em", "u", "ul", "ol", "li", "h1", "h2", "h3", "h4" };

static const char *tag_of(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(allowed); i++)
		if (str_eq(name, str_of(allowed[i]))) return allowed[i];
	if (str_eq(name, STR("a")) || str_starts(name, STR("a rel=\"noopener noreferrer\" href=\"http")) ||
	    str_starts(name, STR("a rel=\"noopener noreferrer\" href=\"mailto:")))
		return "a";
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *open[64];
	size_t n = 0;
	struct buf b;
	buf_init(&b, 64 * MIB);
	form_put_rich(&b, (struct str){ (const char *)data, size });
	const struct str out = buf_view(&b);
	must(is_utf8(out), "UTF-8");
	for (size_t i = 0; i < out.len; i++) {
		if (out.ptr[i] != '<') continue;
		struct str tag = str_cut(out, i + 1, out.len);
		tag = str_cut(tag, 0, str_find(tag, '>'));
		if (str_eq(tag, STR("br"))) continue;
		const bool closing = tag.len && tag.ptr[0] == '/';
		const char *name = tag_of(closing ? str_cut(tag, 1, tag.len) : tag);
		must(name != NULL, "only tags that are allowed");
		if (closing) must(n > 0 && open[--n] == name, "closed in turn");
		else {
			must(n < COUNT_OF(open), "not too deep");
			open[n++] = name;
		}
	}
	must(n == 0, "all closed");
	buf_done(&b);
	return 0;
}
