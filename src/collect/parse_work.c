/* Reads open files into a sink, whichever process this is. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/priv.h"

enum { HEAD_BYTES = 4096 };

struct source {
	int fd;
	char head[HEAD_BYTES]; /* looked at for the format, then given out first */
	size_t n_head, given;
	char path[32];
	int own_fd; /* a copy that we made, or -1 */
};

static int64_t read_fd(int fd, void *into, size_t cap)
{
	ssize_t n;
	do n = read(fd, into, cap);
	while (n < 0 && errno == EINTR);
	return n;
}

static int64_t source_read(void *ctx, void *into, size_t cap)
{
	struct source *s = ctx;
	if (s->given < s->n_head) {
		size_t n = s->n_head - s->given < cap ? s->n_head - s->given : cap;
		memcpy(into, s->head + s->given, n);
		s->given += n;
		return (int64_t)n;
	}
	return read_fd(s->fd, into, cap);
}

/* XLSX is a zip: its table of contents is at the end, so bytes from a pipe are gathered in memory first. */
static enum err_code gather(struct source *s, struct err *err)
{
	char piece[64 * 1024];
	int fd = memfd_create("upload", MFD_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_IO, "import.pipe", "", "a spreadsheet from a pipe cannot be kept: %s",
		               strerror(errno));
	s->own_fd = fd;
	for (int64_t n; (n = source_read(s, piece, sizeof piece)) != 0;) {
		if (n < 0)
			return err_set(err, ERR_IO, "import.read", "", "the file cannot be read: %s", strerror(errno));
		for (ssize_t at = 0, put; at < n; at += put)
			if ((put = write(fd, piece + at, (size_t)(n - at))) < 0)
				return err_set(err, ERR_LIMIT, "import.pipe", "",
				               "the spreadsheet is too large to come through a pipe: %s",
				               strerror(errno));
	}
	s->fd = fd;
	s->n_head = s->given = 0;
	return lseek(fd, 0, SEEK_SET) == 0 ? OK : err_set(err, ERR_IO, "import.pipe", "", "%s", strerror(errno));
}

static enum err_code source_open(struct source *s, int fd, struct str name, enum wire_format *format,
                                 struct wire_input *in, struct err *err)
{
	*s = (struct source){ .fd = fd, .own_fd = -1 };
	while (s->n_head < HEAD_BYTES) {
		int64_t n = read_fd(fd, s->head + s->n_head, HEAD_BYTES - s->n_head);
		if (n < 0)
			return err_set(err, ERR_IO, "import.read", "", "%.*s cannot be read: %s",
			               (int)(name.len > 80 ? 80 : name.len), name.ptr, strerror(errno));
		if (n == 0) break;
		s->n_head += (size_t)n;
	}
	if (*format == WIRE_AUTO) *format = wire_detect((struct str){ s->head, s->n_head }, name);
	struct stat sb;
	bool regular = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode);
	if (*format == WIRE_XLSX && !regular) {
		TRY(gather(s, err));
		regular = fstat(s->fd, &sb) == 0;
	}
	snprintf(s->path, sizeof s->path, "/dev/fd/%d", s->fd);
	*in = (struct wire_input){ .ctx = s,
		                   .read = source_read,
		                   .name = name,
		                   .size_bytes = regular ? (int64_t)sb.st_size : -1,
		                   .path = regular ? s->path : NULL };
	return OK;
}

struct inputs {
	struct source *sources;
	struct wire_input in[COLLECT_FILES_MAX];
	enum wire_format format; /* of the first */
};

static void inputs_close(struct inputs *x, size_t n)
{
	for (size_t i = 0; x->sources && i < n; i++)
		if (x->sources[i].own_fd >= 0) close(x->sources[i].own_fd);
	free(x->sources);
}

#define READABLE "CSV, Excel (XLSX), NDJSON, XES, OCEL and access logs can be read."

static enum err_code check_kind(const struct source *s, struct str name, struct err *err)
{
	const char *kind = wire_other_kind((struct str){ s->head, s->n_head });
	if (!kind) return OK;
	name = str_cut(name, 0, 80);
	(void)err_set(err, ERR_INPUT, "import.kind", "file", STR_FMT ": this is %s, not a table", STR_ARG(name), kind);
	err_hint(err, READABLE " Save or export the data as one of these.");
	return ERR_INPUT;
}

static enum err_code inputs_open(const struct parse_job *job, const int *fds, struct inputs *x, struct err *err)
{
	*x = (struct inputs){ .format = job->format };
	x->sources = calloc(job->n_files, sizeof *x->sources);
	if (!x->sources) return err_no_memory(err);
	for (size_t i = 0; i < job->n_files; i++) x->sources[i].own_fd = -1;
	for (size_t i = 0; i < job->n_files; i++) {
		enum wire_format format = job->format;
		TRY(source_open(&x->sources[i], fds[i], job->names[i], &format, &x->in[i], err));
		TRY(check_kind(&x->sources[i], job->names[i], err));
		if (i == 0) x->format = format;
	}
	if (x->format != WIRE_AUTO) return OK;
	(void)err_set(err, ERR_INPUT, "import.format", "format",
	              "%.*s: neither its first bytes nor its name say what it is",
	              (int)(job->names[0].len > 80 ? 80 : job->names[0].len), job->names[0].ptr);
	err_hint(err,
	         READABLE " If it is one of these, say the format: csv, xlsx, ndjson, xes, ocel, access or segment.");
	return ERR_INPUT;
}

static enum err_code run_table(const struct parse_job *job, struct inputs *x, const struct wire_sink *sink,
                               struct err *err)
{
	struct arena a;
	struct wire_mapping *m = NULL;
	if (job->mapping_toml.len == 0) {
		(void)err_set(err, ERR_INPUT, "import.mapping", "mapping",
		              "a table needs a mapping that says what its columns mean");
		err_hint(err, "Give one with --mapping FILE.toml; the page \"Import\" guesses one to start from.");
		return ERR_INPUT;
	}
	arena_init(&a, 64 * MIB);
	enum err_code rc = wire_mapping_read(job->mapping_toml, &a, &m, err);
	if (rc == OK) wire_mapping_zone(m, job->zone);
	if (rc == OK) rc = wire_table(m, x->in, job->n_files, x->format, job->now_ms, sink, err);
	arena_done(&a);
	return rc;
}

/* Puts the file's name in front of what is wrong with it, unless it stands there already. */
static void name_file(struct str name, struct err *err)
{
	char shown[81];
	if (!err) return;
	snprintf(shown, sizeof shown, STR_FMT, STR_ARG(str_cut(name, 0, 80)));
	if (shown[0] && !strstr(err->text, shown)) err_context(err, "%s", shown);
}

enum err_code parse_run(const struct parse_job *job, const int *fds, const struct wire_sink *sink, struct err *err)
{
	struct inputs x;
	enum err_code rc = inputs_open(job, fds, &x, err);
	if (rc == OK && (x.format == WIRE_CSV || x.format == WIRE_XLSX)) {
		rc = run_table(job, &x, sink, err);
		if (rc != OK && job->n_files == 1 && job->mapping_toml.len && strncmp(err->id, "mapping", 7) != 0)
			name_file(job->names[0], err);
	} else {
		/* What says itself what it means. */
		static enum err_code (*const readers[WIRE_FORMATS])(const struct wire_input *, int64_t,
		                                                    const struct wire_sink *, struct err *) = {
			[WIRE_NDJSON] = wire_ndjson, [WIRE_SEGMENT] = wire_ndjson, [WIRE_XES] = wire_xes,
			[WIRE_OCEL] = wire_ocel,     [WIRE_ACCESS] = wire_access,
		};
		for (size_t i = 0; rc == OK && i < job->n_files; i++) {
			rc = readers[x.format](&x.in[i], job->now_ms, sink, err);
			if (rc != OK) name_file(job->names[i], err);
		}
	}
	inputs_close(&x, job->n_files);
	return rc;
}

enum err_code parse_run_guess(const struct parse_job *job, const int *fds, struct arena *a, struct wire_guess *out,
                              struct err *err)
{
	struct inputs x;
	enum err_code rc = inputs_open(job, fds, &x, err);
	/* Other formats say themselves what their fields mean: nothing is guessed. */
	*out = (struct wire_guess){ .mapping_toml = STR("") };
	if (rc == OK && (x.format == WIRE_CSV || x.format == WIRE_XLSX))
		rc = wire_guess_table(x.in, job->n_files, x.format, a, out, err);
	inputs_close(&x, job->n_files);
	return rc;
}
