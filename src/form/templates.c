/* Surveys to start from, carried inside the program. */
#include "base/embed.h"
#include "form/priv.h"

extern const struct embed_file form_templates_files[];
extern const size_t form_templates_files_count;

/* "01-nps.json" -> "nps": the number is the place in the list. */
static struct str key_of(const char *file)
{
	const struct str name = str_of(file);
	return str_cut(name, str_find(name, '-') + 1, name.len - 5);
}

bool form_template_at(size_t i, struct form_template *out)
{
	if (i >= form_templates_files_count) return false;
	const struct embed_file *f = &form_templates_files[i];
	const struct str json = str_trim((struct str){ (const char *)f->ptr, (size_t)(f->end - f->ptr) });
	struct str group;
	/* As written, with its quotes: the file is ours and a group has nothing to decode. */
	if (!json_get(json, STR("cx:group"), &group)) group = STR("\"\"");
	*out = (struct form_template){ .key = key_of(f->name),
		                       .group = str_cut(group, 1, group.len - 1),
		                       .json = json };
	return true;
}
