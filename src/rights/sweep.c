/* Files beside the database that hold what came in: the rejects of imports. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rights/priv.h"

static enum err_code file_err(struct err *err, const char *path)
{
	return err_set(err, ERR_IO, "rights.file", "", "%.200s: %s", path, strerror(errno));
}

static bool speaks(struct str line, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (store_speaks_of(line, words[i])) return true;
	return false;
}

/* Lines that speak of nobody here, into `to`; how many were left out. */
static bool copy_lines(FILE *from, FILE *to, const struct str *words, size_t n_words, int64_t *lost)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	bool ok = true;
	while (ok && (len = getline(&line, &cap, from)) > 0) {
		if (speaks((struct str){ line, (size_t)len }, words, n_words)) ++*lost;
		else ok = fwrite(line, 1, (size_t)len, to) == (size_t)len;
	}
	free(line);
	return ok && !ferror(from);
}

static enum err_code sweep_file(const char *path, const struct str *words, size_t n_words, int64_t *n, struct err *err)
{
	char fresh[4200];
	int64_t lost = 0;
	snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *from = fopen(path, "re");
	if (!from) return errno == ENOENT ? OK : file_err(err, path);
	const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool ok = to && copy_lines(from, to, words, n_words, &lost);
	ok = ok && fflush(to) == 0 && fsync(fd) == 0;
	fclose(from);
	if (to) ok = fclose(to) == 0 && ok;
	else if (fd >= 0) close(fd);
	if (ok && lost) ok = rename(fresh, path) == 0;
	else unlink(fresh);
	if (!ok) return file_err(err, path);
	*n += lost;
	return OK;
}

/* Uploaded files wait for a day to be imported. They may be packed in any way, so all of them go; one that is being
 * read is read to its end. */
enum err_code rights_sweep_uploads(const char *dir, struct err *err)
{
	char folder[4000];
	snprintf(folder, sizeof folder, "%.3900s/uploads", dir);
	DIR *d = opendir(folder);
	if (!d) return errno == ENOENT ? OK : file_err(err, folder);
	enum err_code rc = OK;
	for (struct dirent *f; rc == OK && (f = readdir(d));) {
		const size_t len = strlen(f->d_name);
		const bool coming = len > 5 && strcmp(f->d_name + len - 5, ".part") == 0;
		if (f->d_name[0] == '.' || coming) continue;
		if (unlinkat(dirfd(d), f->d_name, 0) != 0 && errno != ENOENT) rc = file_err(err, folder);
	}
	closedir(d);
	return rc;
}

enum err_code rights_sweep_rejects(const char *dir, const struct str *words, size_t n_words, int64_t *n,
                                   struct err *err)
{
	char folder[4000], path[4100];
	enum err_code rc = OK;
	snprintf(folder, sizeof folder, "%.3900s/rejects", dir);
	DIR *d = opendir(folder);
	if (!d) return errno == ENOENT ? OK : file_err(err, folder);
	for (struct dirent *f; rc == OK && (f = readdir(d));) {
		const size_t len = strlen(f->d_name);
		if (len < 7 || strcmp(f->d_name + len - 7, ".ndjson") != 0) continue;
		snprintf(path, sizeof path, "%.3900s/%.180s", folder, f->d_name);
		rc = sweep_file(path, words, n_words, n, err);
	}
	closedir(d);
	return rc;
}
