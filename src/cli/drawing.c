/* Drawings as files: --svg F, --png F, --pdf F of every verb that draws. */
#include <stdio.h>

#include "cli/priv.h"

static const struct {
	enum cli_option option;
	const char *ending;
} kinds[] = { { OPT_SVG, ".svg" }, { OPT_PNG, ".png" }, { OPT_PDF, ".pdf" } };

bool cli_wants_drawing(const struct cli *c)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (c->opt[kinds[i].option]) return true;
	return false;
}

static int save(const struct cli *c, const char *file, struct str bytes)
{
	FILE *f = strcmp(file, "-") == 0 ? stdout : fopen(file, "wb");
	bool wrote = f && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
	if (f && f != stdout && fclose(f) != 0) wrote = false;
	if (!wrote) {
		fprintf(stderr, "safar: %s could not be written\n", file);
		return 1;
	}
	if (f != stdout && !c->opt[OPT_JSON]) printf("%s, %zu bytes\n", file, bytes.len);
	return 0;
}

int cli_drawings(struct cli *c, struct str path)
{
	struct err err;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct cli_reply reply;
		if (!c->opt[kinds[i].option]) continue;
		struct str target =
		        str_format(&c->arena, STR_FMT "%s?fonts=1&theme=%s" STR_FMT, STR_ARG(path), kinds[i].ending,
		                   c->opt[OPT_THEME] ? c->opt[OPT_THEME] : "light", STR_ARG(cli_scope(c, true)));
		if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
		const int rc = save(c, c->opt[kinds[i].option], reply.body);
		if (rc != 0) return rc;
	}
	return 0;
}
