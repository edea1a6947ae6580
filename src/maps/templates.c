/* Documents to start from, carried inside the program. */
#include "base/embed.h"
#include "maps/priv.h"

extern const struct embed_file maps_templates_files[];
extern const size_t maps_templates_files_count;

/* "3-delivery.json" -> "delivery": the number is the place in the list. */
static struct str key_of(const char *file)
{
	const struct str name = str_of(file);
	return str_cut(name, str_find(name, '-') + 1, name.len - 5);
}

enum err_code maps_templates(struct arena *a, struct str *json, struct err *err)
{
	struct buf b;
	struct json_out o;
	buf_init(&b, 8 * MAPS_DOCUMENT_BYTES_MAX);
	json_out_init(&o, &b);
	json_open(&o, '[');
	enum err_code rc = OK;
	for (size_t i = 0; i < maps_templates_files_count && rc == OK; i++) {
		const struct embed_file *f = &maps_templates_files[i];
		const struct str document = str_trim((struct str){ (const char *)f->ptr, (size_t)(f->end - f->ptr) });
		struct map_doc d;
		rc = map_doc_read(document, false, a, &d, err);
		if (rc != OK) break;
		json_open(&o, '{');
		json_kv_str(&o, "key", key_of(f->name));
		json_key(&o, "name");
		map_texts_put(&o, &d.name);
		struct buf canonical;
		buf_init(&canonical, MAPS_DOCUMENT_BYTES_MAX);
		rc = json_canonical(document, a, &canonical, err);
		json_key(&o, "document");
		json_put_raw(&o, buf_view(&canonical));
		buf_done(&canonical);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	if (rc == OK) rc = buf_check(&b, err);
	if (rc == OK && !(*json = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}
