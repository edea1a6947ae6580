/*
 * The way of a file: parser process -> checks -> batches -> store. Which
 * source its events belong to: docs/adr/0003-file-sources.md.
 */
#include <sys/stat.h>

#include "base/thread.h"
#include "collect/priv.h"

/* Pieces of a whole block each: what is full need not be merged. */
enum { BATCH_EVENTS = STORE_APPEND_MAX, TICK_EVENTS = 64, PROGRESS_MS = 250, FIRST_MAX = 5 };
#define BATCH_BYTES (16 * MIB)
#define DEFAULT_SOURCE "files"

/* Events on their way into the log. There are two: while one is written, the other fills. */
struct piece {
	struct importing *x;
	struct arena arena;
	struct batch batch;
	pthread_t thread;
	bool running; /* the thread is to be joined before anything of this is looked at */
	enum err_code rc;
	struct err err;
};

struct importing {
	struct collect *c;
	const struct collect_import *job;
	int (*progress)(void *ctx, const struct collect_progress *p);
	void *progress_ctx;
	int64_t last_progress_ms; /* of the monotonic clock */
	bool cancelled, failed;   /* failed: the store or the disk said no, so nothing is tried any more */

	uint32_t source;
	int64_t now_ms;
	struct str zone;           /* the organisation's */
	struct store_scope *scope; /* of the file being read */
	struct piece pieces[2], *filling, *written;
	struct rejects *rejects;
	struct declared declared;
	struct facts facts;
	struct str file;                                /* being read, as the person called it */
	int64_t bytes_before, rows_before, bytes, rows; /* of earlier files; of this one */
	int64_t bytes_total;
	size_t file_first; /* place in result.first of the first rejection of this file */

	struct arena *out_arena;
	struct collect_import_result result;
	struct collect_tally tally;
};

/* --- progress ------------------------------------------------------------------------------- */

static int64_t monotonic_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int tick(void *ctx)
{
	struct importing *x = ctx;
	if (x->cancelled) return 1;
	int64_t at = monotonic_ms();
	if (!x->progress || at - x->last_progress_ms < PROGRESS_MS) return 0;
	x->last_progress_ms = at;
	struct collect_progress p = { x->rows_before + x->rows, x->bytes_before + x->bytes, x->bytes_total, x->tally };
	if (x->progress(x->progress_ctx, &p) != 0) x->cancelled = true;
	return x->cancelled;
}

static int on_progress(void *ctx, int64_t bytes, int64_t rows)
{
	struct importing *x = ctx;
	x->bytes = bytes;
	x->rows = rows;
	return tick(x);
}

/* --- what is not taken ------------------------------------------------------------------------- */

/* A row gives several events, and what is wrong with it may be wrong with each: people are told once. */
static bool told(const struct importing *x, const struct wire_refusal *r)
{
	if (r->line == 0) return false;
	for (size_t i = x->file_first; i < x->result.n_first; i++) {
		const struct collect_refused *f = &x->result.first[i];
		if (f->index == r->line && strcmp(f->err.field, r->err.field) == 0 &&
		    strcmp(f->err.text, r->err.text) == 0)
			return true;
	}
	return false;
}

static enum err_code reject(struct importing *x, const struct wire_refusal *r, struct err *err)
{
	x->result.rejected++;
	if (x->result.n_first < FIRST_MAX && !told(x, r))
		x->result.first[x->result.n_first++] = (struct collect_refused){ r->line, r->err };
	TRY(facts_refusal(&x->facts, r, err));
	if (x->job->dry_run) return OK;
	enum err_code rc = rejects_add(x->rejects, x->file, r, err);
	x->failed |= rc != OK;
	return rc;
}

static enum err_code reject_conflict(struct importing *x, const struct store_item *item, struct err *err)
{
	struct wire_refusal r = { .line = item->event->line, .set_aside = true, .reason = "id.conflict" };
	struct buf raw;
	buf_init(&raw, 256 * KIB);
	store_event_text(item->event, &raw);
	r.raw = buf_view(&raw);
	(void)err_set(&r.err, ERR_CONFLICT, "id.conflict", "id", "id \"%.*s\" came before with another content",
	              (int)(item->event->id.len > 80 ? 80 : item->event->id.len), item->event->id.ptr);
	err_hint(&r.err, "Give each event an id of its own, or name another source.");
	enum err_code rc = reject(x, &r, err);
	buf_done(&raw);
	return rc;
}

/* Without the words: they are of somebody who asked to be forgotten. */
static enum err_code reject_erased(struct importing *x, const struct store_item *item, struct err *err)
{
	struct wire_refusal r = { .line = item->event->line, .reason = "customer.erased", .raw = STR("") };
	(void)err_set(&r.err, ERR_INPUT, "customer.erased", "customer",
	              "this customer was erased, and what happened before does not come back");
	return reject(x, &r, err);
}

/* --- storing --------------------------------------------------------------------------------------- */

/* On a thread of its own. Pieces follow one another, so the scope counts as if they were one. */
static void *piece_store(void *arg)
{
	struct piece *p = arg;
	const struct importing *x = p->x;
	struct batch *b = &p->batch;
	p->rc = x->job->dry_run ? store_probe(x->c->st, x->source, b->items, b->n, x->scope, &p->err)
	                        : store_append(x->c->st, x->source, x->now_ms, b->items, b->n, x->scope, &p->err);
	return NULL;
}

static void piece_clear(struct piece *p)
{
	p->batch = (struct batch){ .arena = &p->arena };
	arena_reset(&p->arena);
}

/* Waits for the piece that is being written, if there is one, and counts what became of it. */
static enum err_code piece_end(struct importing *x, struct err *err)
{
	struct piece *p = x->written;
	const struct batch *b = &p->batch;
	if (p->running) pthread_join(p->thread, NULL);
	p->running = false;
	if (b->n == 0) return OK;
	enum err_code rc = p->rc;
	if (rc != OK) {
		x->failed = true;
		if (err) *err = p->err;
	} else {
		tally_add(&x->tally, b->items, b->n);
	}
	for (size_t i = 0; i < b->n && rc == OK; i++) {
		const struct store_item *item = &b->items[i];
		if (!item->event) continue; /* counted when it was refused */
		if (item->verdict == STORE_STORED) x->result.stored++;
		else if (item->verdict == STORE_DUPLICATE) x->result.duplicate++;
		else {
			rc = item->verdict == STORE_REFUSED ? reject_erased(x, item, err)
			                                    : reject_conflict(x, item, err);
			continue;
		}
		rc = facts_event(&x->facts, item->event, err);
	}
	piece_clear(p);
	return rc;
}

/* What has gathered is being written from now on. */
static enum err_code flush(struct importing *x, struct err *err)
{
	TRY(piece_end(x, err));
	struct piece *p = x->filling;
	if (p->batch.n == 0) return OK;
	x->filling = x->written;
	x->written = p;
	p->running = thread_start(&p->thread, "import", piece_store, p);
	if (!p->running) piece_store(p);
	return OK;
}

static enum err_code flush_when_full(struct importing *x, struct err *err)
{
	const struct piece *p = x->filling;
	const size_t n = p->batch.n;
	if (n >= BATCH_EVENTS || p->arena.used_bytes >= BATCH_BYTES) TRY(flush(x, err));
	if (n % TICK_EVENTS == 0 && tick(x))
		return err_set(err, ERR_UNAVAILABLE, "import.cancelled", "",
		               "the import was stopped; what was stored stays");
	return OK;
}

static enum err_code on_refuse(void *ctx, const struct wire_refusal *r, struct err *err)
{
	struct importing *x = ctx;
	TRY(reject(x, r, err));
	TRY(batch_refusal(&x->filling->batch, r, err));
	return flush_when_full(x, err);
}

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct importing *x = ctx;
	struct err why; /* written as a whole with the reason */
	const char *reason = time_rule(e, x->now_ms, false, &why);
	if (!reason) {
		TRY(batch_event(&x->filling->batch, e, false, err));
		return flush_when_full(x, err);
	}
	struct wire_refusal r = { .line = e->line, .err = why, .set_aside = true, .reason = reason };
	struct buf raw;
	buf_init(&raw, 256 * KIB);
	store_event_text(e, &raw);
	r.raw = buf_view(&raw);
	enum err_code rc = on_refuse(x, &r, err);
	buf_done(&raw);
	return rc;
}

static enum err_code on_declare(void *ctx, const struct wire_declare *d, struct err *err)
{
	struct importing *x = ctx;
	return declared_add(&x->declared, d, err);
}

/* --- the job --------------------------------------------------------------------------------------- */

static struct str name_of(const struct collect_import *job, size_t i)
{
	if (job->names[i] && *job->names[i]) return str_of(job->names[i]);
	if (strcmp(job->paths[i], "-") == 0) return STR("standard input");
	const char *slash = strrchr(job->paths[i], '/');
	return str_of(slash ? slash + 1 : job->paths[i]);
}

static enum err_code choose_source(struct importing *x, struct str *name, struct err *err)
{
	const struct collect_import *job = x->job;
	*name = str_trim(job->source_name);
	if (name->len == 0 && job->mapping_toml.len) {
		struct arena a;
		struct wire_mapping *m;
		arena_init(&a, 64 * MIB);
		enum err_code rc = wire_mapping_read(job->mapping_toml, &a, &m, err);
		if (rc == OK) *name = str_copy(x->out_arena, str_trim(wire_mapping_source(m)));
		arena_done(&a);
		TRY(rc);
		if (!name->ptr) return err_no_memory(err);
	}
	if (name->len == 0) *name = STR(DEFAULT_SOURCE);
	return job->dry_run ? source_find(x->c, *name, &x->source, err)
	                    : source_for_import(x->c, *name, &x->source, err);
}

static int64_t total_bytes(const struct collect_import *job)
{
	int64_t total = 0;
	for (size_t i = 0; i < job->n_files; i++) {
		struct stat sb;
		if (strcmp(job->paths[i], "-") == 0 || stat(job->paths[i], &sb) != 0 || !S_ISREG(sb.st_mode)) return -1;
		total += sb.st_size;
	}
	return total;
}

/* Files [from, to) as one whole: a table with those it is joined to, or one file of events. */
static enum err_code import_files(struct importing *x, size_t from, size_t to, struct err *err)
{
	struct parse_job p = {
		.format = x->job->format, .mapping_toml = x->job->mapping_toml, .zone = x->zone, .now_ms = x->now_ms
	};
	const struct wire_sink plain = {
		.ctx = x, .event = on_event, .refuse = on_refuse, .declare = on_declare, .progress = on_progress
	};
	struct masking masking;
	struct wire_sink sink;
	for (size_t i = from; i < to; i++) {
		p.paths[p.n_files] = x->job->paths[i];
		p.names[p.n_files++] = name_of(x->job, i);
	}
	x->file = p.names[0];
	x->file_first = x->result.n_first;
	TRY(masking_open(x->c, x->source, &plain, &masking, &sink, err));
	enum err_code rc = store_scope_new(&x->scope, err);
	if (rc == OK) rc = parse_files(x->c->opt.self_path, &p, &sink, tick, x, err);
	masking_done(&masking);
	/* When the parser stopped in the middle, what it had read before is as good as any. */
	struct err late;
	enum err_code flushed = x->failed ? OK : flush(x, rc == OK ? err : &late);
	const enum err_code ended = piece_end(x, rc == OK && flushed == OK ? err : &late);
	if (flushed == OK) flushed = ended;
	store_scope_free(x->scope);
	x->scope = NULL;
	x->rows_before += x->rows;
	x->bytes_before += x->bytes;
	x->rows = x->bytes = 0;
	return rc != OK ? rc : flushed;
}

static enum err_code check_job(const struct collect_import *job, struct err *err)
{
	if (job->n_files == 0) return err_set(err, ERR_INPUT, "import.files", "file", "no file was named");
	if (job->n_files > COLLECT_FILES_MAX)
		return err_limit(err, "import.files", "file", (int64_t)job->n_files, COLLECT_FILES_MAX,
		                 "%zu files in one import", job->n_files);
	for (size_t i = 1; i < job->n_files; i++)
		if (strcmp(job->paths[i], "-") == 0)
			return err_set(err, ERR_INPUT, "import.stdin", "file",
			               "standard input can only be the first file");
	return OK;
}

static enum err_code run(struct importing *x, struct err *err)
{
	const struct collect_import *job = x->job;
	struct str source, rejects_name = STR("");
	TRY(check_job(job, err));
	x->zone = STR("");
	if (x->c->opt.zone) TRY(x->c->opt.zone(x->c->opt.zone_ctx, x->out_arena, &x->zone, err));
	TRY(choose_source(x, &source, err));
	TRY(rejects_new(store_dir(x->c->st), source, x->now_ms, &x->rejects, err));
	enum err_code rc = OK;
	if (job->mapping_toml.len) rc = import_files(x, 0, job->n_files, err);
	else
		for (size_t i = 0; i < job->n_files && rc == OK; i++) rc = import_files(x, i, i + 1, err);
	struct err late;
	enum err_code ended = rejects_end(x->rejects, &rejects_name, rc == OK ? err : &late);
	TRY(rc);
	TRY(ended);
	if (!job->dry_run) TRY(declared_store(x->c, &x->declared, err));
	x->result.rejects_file = str_copy(x->out_arena, rejects_name);
	if (!x->result.rejects_file.ptr) return err_no_memory(err);
	x->result.rows = x->rows_before;
	x->result.read = x->result.stored + x->result.duplicate + x->result.rejected;
	x->result.source = x->source;
	return facts_tell(&x->facts, x->out_arena, &x->result, err);
}

enum err_code collect_import(struct collect *c, const struct collect_import *job,
                             int (*progress)(void *ctx, const struct collect_progress *p), void *ctx, struct arena *a,
                             struct collect_import_result *out, struct err *err)
{
	struct importing x = {
		.c = c, .job = job, .progress = progress, .progress_ctx = ctx, .now_ms = now_of(c), .out_arena = a
	};
	for (int i = 0; i < 2; i++) {
		x.pieces[i].x = &x;
		arena_init(&x.pieces[i].arena, 512 * MIB);
		piece_clear(&x.pieces[i]);
	}
	x.filling = &x.pieces[0];
	x.written = &x.pieces[1];
	arena_init(&x.declared.arena, 64 * MIB);
	facts_init(&x.facts);
	x.bytes_total = total_bytes(job);
	x.last_progress_ms = monotonic_ms();
	enum err_code rc = run(&x, err);
	if (rc == OK && progress) { /* the last word, so that a bar ends at its end */
		struct collect_progress p = { x.rows_before, x.bytes_before, x.bytes_total, x.tally };
		(void)progress(ctx, &p);
	}
	if (rc == OK) *out = x.result;
	else if (x.cancelled)
		rc = err_set(err, ERR_UNAVAILABLE, "import.cancelled", "",
		             "the import was stopped; what was stored stays");
	else if (x.result.stored > 0)
		err_hint(err, "%lld events of this import are stored. Import the same again: only the rest is added.",
		         (long long)x.result.stored);
	rejects_free(x.rejects);
	facts_done(&x.facts);
	for (int i = 0; i < 2; i++) arena_done(&x.pieces[i].arena);
	arena_done(&x.declared.arena);
	return rc;
}

enum err_code collect_guess(struct collect *c, const struct collect_import *job, struct arena *a,
                            struct wire_guess *out, struct err *err)
{
	TRY(check_job(job, err));
	struct parse_job p = { .format = job->format, .now_ms = now_of(c), .n_files = job->n_files, .guess = true };
	for (size_t i = 0; i < job->n_files; i++) {
		p.paths[i] = job->paths[i];
		p.names[i] = name_of(job, i);
	}
	return parse_guess(c->opt.self_path, &p, a, out, err);
}
