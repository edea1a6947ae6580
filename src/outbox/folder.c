/*
 * Channels that write into a folder, for trying out: DIR/outbox/CHANNEL/ID.eml or .txt, whole or not at all.
 *
 * A file lives no longer than the words of its message: what is older than
 * words are kept, and what was of an erased customer, goes. The lock is held
 * from the look whether the message still stands to the note of its sending,
 * so that no file of a message that was emptied meanwhile is left behind.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outbox/priv.h"

#define PATH_BYTES 4096

/* --- writing --------------------------------------------------------------------------------------------- */

void folder_send(struct outbox *o, const struct channel_row *ch, const struct settings *s, const struct letter *l,
                 struct outcome *out)
{
	struct buf bytes;
	char dir[PATH_BYTES], path[PATH_BYTES + 104], part[PATH_BYTES + 112];
	const bool mail = ch->c.medium == OUTBOX_EMAIL;
	buf_init(&bytes, MAIL_BYTES_MAX);
	snprintf(dir, sizeof dir, "%s/outbox", store_dir(o->st));
	mkdir(dir, 0700);
	snprintf(dir, sizeof dir, "%s/outbox/" STR_FMT, store_dir(o->st), STR_ARG(ch->c.key));
	mkdir(dir, 0700);
	snprintf(path, sizeof path, "%s/%s.%s", dir, l->public_id, mail ? "eml" : "txt");
	snprintf(part, sizeof part, "%s.part", path);
	if (!mail) {
		if (s->sender.len) buf_printf(&bytes, STR_FMT " -> ", STR_ARG(s->sender));
		buf_printf(&bytes, STR_FMT "\n\n" STR_FMT "\n", STR_ARG(l->row.address), STR_ARG(l->text));
	} else if (mime_write(l, s, outbox_now(o), &bytes, NULL) != OK) {
		bytes.full = true;
	}
	const int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const bool ok =
	        fd >= 0 && !bytes.full && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len && fsync(fd) == 0;
	if (fd >= 0) close(fd);
	if (ok && rename(part, path) == 0) *out = (struct outcome){ .kind = SENT_OK };
	else
		*out = (struct outcome){ .kind = SENT_LATER,
			                 .trouble = true,
			                 .reason = STR("the folder of this channel cannot be written") };
	buf_done(&bytes);
}

/* Whether a message that was taken is still to be sent: not when it was erased or refused meanwhile. */
bool folder_wanted(struct outbox *o, int64_t id)
{
	struct stmt *s = NULL;
	bool row = false;
	if (stmt_prepare(&s, o->st, "outbox_message", NULL) != OK) return false;
	stmt_bind_i64(s, 1, id);
	const bool wanted = stmt_step(s, &row, NULL) == OK && row && stmt_i64(s, 12) == OUTBOX_SENDING;
	stmt_free(s);
	return wanted;
}

/* --- sweeping ---------------------------------------------------------------------------------------------- */

static enum err_code file_err(const char *path, struct err *err)
{
	return err_set(err, ERR_IO, "outbox.folder", "", "%.200s: %s", path, strerror(errno));
}

/* Whether a message still has its words; one that is not there has none. */
static enum err_code has_words(struct outbox *o, int64_t id, bool *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, o->st, "outbox_message", err));
	stmt_bind_i64(s, 1, id);
	const enum err_code rc = stmt_step(s, &row, err);
	*out = rc == OK && row && stmt_str(s, 6).len > 0;
	stmt_free(s);
	return rc;
}

/* The number in ID.eml, ID.txt or what was left of writing one; 0: not a file of ours. */
static int64_t message_of(const struct outbox *o, const char *name)
{
	const struct str s = str_of(name);
	return letter_number(o->st, str_cut(s, 0, str_find(s, '.')));
}

static enum err_code sweep_channel(struct outbox *o, const char *path, int64_t *n, struct err *err)
{
	enum err_code rc = OK;
	DIR *d = opendir(path);
	if (!d) return errno == ENOENT || errno == ENOTDIR ? OK : file_err(path, err);
	for (struct dirent *f; rc == OK && (f = readdir(d));) {
		const int64_t id = message_of(o, f->d_name);
		bool keep = true;
		if (!id) continue;
		rc = has_words(o, id, &keep, err);
		if (rc != OK || keep) continue;
		if (unlinkat(dirfd(d), f->d_name, 0) == 0) ++*n;
		else if (errno != ENOENT) rc = file_err(path, err);
	}
	if (rc == OK && fsync(dirfd(d)) != 0) rc = file_err(path, err);
	closedir(d);
	return rc;
}

enum err_code outbox_sweep(struct outbox *o, int64_t *n, struct err *err)
{
	char folder[PATH_BYTES], path[PATH_BYTES + 260];
	enum err_code rc = OK;
	*n = 0;
	snprintf(folder, sizeof folder, "%s/outbox", store_dir(o->st));
	pthread_mutex_lock(&o->folder);
	DIR *d = opendir(folder);
	if (!d && errno != ENOENT) rc = file_err(folder, err);
	for (struct dirent *f; d && rc == OK && (f = readdir(d));) {
		if (f->d_name[0] == '.') continue;
		snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
		rc = sweep_channel(o, path, n, err);
	}
	if (d) closedir(d);
	pthread_mutex_unlock(&o->folder);
	return rc;
}
