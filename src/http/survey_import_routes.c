/* A survey of another tool, as a document that is not saved yet. */
#include <unistd.h>

#include "http/priv.h"

/* The whole body into the call's arena; one byte more than may be is enough to know that it is too long. */
static enum err_code body_read(struct http_call *c, struct str *out, struct err *err)
{
	const size_t room = FORM_IMPORT_BYTES_MAX + 1;
	const int fd = body_open(c);
	if (fd < 0) return err_set(err, ERR_IO, "upload.read", "", "the file cannot be read again");
	const size_t size = c->body_bytes < (int64_t)room ? (size_t)c->body_bytes : room;
	char *bytes = arena_alloc(c->arena, size + 1);
	size_t n = 0;
	ssize_t got = 1;
	while (bytes && n < size && (got = read(fd, bytes + n, size - n)) > 0) n += (size_t)got;
	close(fd);
	if (!bytes) return err_no_memory(err);
	if (got < 0) return err_set(err, ERR_IO, "upload.read", "", "the file cannot be read again");
	*out = (struct str){ bytes, n };
	return OK;
}

HANDLER(post_survey_import)
{
	struct form_problems notes;
	enum form_format format;
	struct locale l;
	struct str bytes, document;
	struct json_out o;
	TRY(locale_read(c, &l, err));
	TRY(body_read(c, &bytes, err));
	TRY(form_import(bytes, c->arena, &document, &format, &notes, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_z(&o, "format", form_format_names[format]);
	json_key(&o, "document");
	json_put_raw(&o, document);
	put_form_problems(&o, &notes, &l, c->arena);
	json_close(&o, '}');
	return OK;
}
