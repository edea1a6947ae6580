/* What was not taken of a file, a line each, for the person who repairs it. DIR/rejects/NAME.ndjson, 0600. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/priv.h"

struct rejects {
	char folder[1100], name[128];
	int64_t now_ms;
	FILE *file;
	int64_t bytes, left_out;
};

/* A packed file of nothing but wrong rows grows a thousandfold: what is beyond this is counted, not written. */
#define REJECTS_BYTES_MAX ((int64_t)64 * 1024 * 1024)

enum err_code rejects_new(const char *dir, struct str source, int64_t now_ms, struct rejects **out, struct err *err)
{
	struct rejects *r = calloc(1, sizeof *r);
	if (!r) return err_no_memory(err);
	struct civil t;
	when_to_civil(now_ms, &t);
	snprintf(r->folder, sizeof r->folder, "%s/rejects", dir);
	int n = snprintf(r->name, sizeof r->name, "%04d%02d%02d-%02d%02d%02d-", t.year, t.month, t.day, t.hour,
	                 t.minute, t.second);
	for (size_t i = 0; i < source.len && n < 60; i++) { /* letters that are safe in any path and any URL */
		char c = source.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		             c == '_';
		r->name[n++] = plain ? c : '_';
	}
	*out = r;
	return OK;
}

void rejects_free(struct rejects *r)
{
	if (!r) return;
	if (r->file) fclose(r->file);
	free(r);
}

static enum err_code rejects_open(struct rejects *r, struct err *err)
{
	char path[1300], stem[96];
	if (mkdir(r->folder, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_IO, "rejects.folder", "", "%.150s: %s", r->folder, strerror(errno));
	snprintf(stem, sizeof stem, "%.95s", r->name);
	int fd = -1;
	for (int i = 1; fd < 0 && i < 1000; i++) { /* imports within one second */
		if (i == 1) snprintf(r->name, sizeof r->name, "%s.ndjson", stem);
		else snprintf(r->name, sizeof r->name, "%s-%d.ndjson", stem, i);
		snprintf(path, sizeof path, "%s/%s", r->folder, r->name);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST) break;
	}
	r->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (r->file) return OK;
	if (fd >= 0) close(fd);
	return err_set(err, ERR_IO, "rejects.file", "", "%.150s: %s", path, strerror(errno));
}

static enum err_code rejects_write(struct rejects *r, struct str file, const struct wire_refusal *refusal,
                                   struct err *err)
{
	struct buf b;
	struct json_out o;
	if (!r->file) TRY(rejects_open(r, err));
	buf_init(&b, 512 * KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_kv_str(&o, "file", file);
	json_kv_i64(&o, "line", refusal->line);
	json_kv_z(&o, "field", refusal->err.field);
	if (refusal->err.limit) {
		json_kv_i64(&o, "value", refusal->err.value);
		json_kv_i64(&o, "limit", refusal->err.limit);
	}
	json_kv_z(&o, "reason", refusal->reason && *refusal->reason ? refusal->reason : refusal->err.id);
	json_kv_z(&o, "text", refusal->err.text);
	json_kv_z(&o, "hint", refusal->err.hint);
	json_kv_bool(&o, "set_aside", refusal->set_aside);
	json_kv_str(&o, "raw", refusal->raw.ptr ? refusal->raw : STR(""));
	json_close(&o, '}');
	buf_byte(&b, '\n');
	bool ok = !b.full && fwrite(b.ptr, 1, b.len, r->file) == b.len;
	r->bytes += (int64_t)b.len;
	buf_done(&b);
	return ok ? OK
	          : err_set(err, ERR_UNAVAILABLE, "rejects.write", "", "the rejects file cannot be written: %s",
	                    strerror(errno));
}

enum err_code rejects_add(struct rejects *r, struct str file, const struct wire_refusal *refusal, struct err *err)
{
	if (r->bytes < REJECTS_BYTES_MAX) return rejects_write(r, file, refusal, err);
	r->left_out++;
	return OK;
}

enum err_code rejects_end(struct rejects *r, struct str *name, struct err *err)
{
	*name = STR("");
	if (!r->file) return OK;
	if (r->left_out) {
		struct wire_refusal more = { .reason = "rejects.more" };
		err_set(&more.err, ERR_LIMIT, "rejects.more", "", "%lld more were not taken and are not listed here",
		        (long long)r->left_out);
		err_hint(&more.err, "Correct what is listed and import the file again.");
		TRY(rejects_write(r, STR(""), &more, err));
	}
	bool ok = fflush(r->file) == 0 && fsync(fileno(r->file)) == 0;
	ok = fclose(r->file) == 0 && ok;
	r->file = NULL;
	if (!ok)
		return err_set(err, ERR_UNAVAILABLE, "rejects.write", "", "the rejects file cannot be written: %s",
		               strerror(errno));
	*name = str_of(r->name);
	return OK;
}
