/*
 * Long work: imports and learning, one after the other on a thread of their own. A job
 * is kept after its end until JOBS_MAX newer ones came, so that a page that
 * was reloaded still finds it.
 */
#include <sys/random.h>

#include "base/thread.h"
#include "http/priv.h"

#define JOBS_MAX 64
#define WATCHERS_MAX 32 /* event streams of one job */

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };
static const char *const state_names[] = { "running", "running", "done", "failed", "cancelled" };

struct job {
	struct watch watch; /* first: a watch is its job */
	struct job *next;
	struct job_table *table;
	int users; /* the table, streams; under the table's lock, as all below */
	char id[33];
	enum job_state state;
	bool cancel;
	uint64_t news; /* counts changes */
	struct {
		void (*wake)(void *ctx);
		void *ctx;
	} watchers[WATCHERS_MAX];
	int n_watchers;
	struct collect_progress progress;
	int64_t started_ms;
	struct collect_import *import; /* NULL: other work, as below */
	const char *kind;
	job_run run;
	void *ctx; /* of run; free(3)d */
	double share;
	struct str said;     /* its result, as JSON */
	struct arena *names; /* of the import's strings */
	struct arena arena;  /* of the result */
	struct collect_import_result result;
	struct err err;
};

struct job_table {
	struct http *h;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job *jobs; /* newest first */
	int n;
	pthread_t thread;
	bool running, closing;
};

static int64_t now_of(struct job_table *t)
{
	return t->h->opt.now_ms(t->h->opt.now_ctx);
}

static void release(struct job *j)
{
	if (--j->users) return;
	if (j->names) {
		arena_done(j->names);
		free(j->names);
	}
	arena_done(&j->arena);
	free(j->import);
	free(j->ctx);
	free(j);
}

/* There is something new to say: everybody who waits is woken, once. The lock is held. */
static void tell(struct job *j)
{
	j->news++;
	for (int i = 0; i < j->n_watchers; i++) j->watchers[i].wake(j->watchers[i].ctx);
	j->n_watchers = 0;
}

static int on_progress(void *ctx, const struct collect_progress *p)
{
	struct job *j = ctx;
	pthread_mutex_lock(&j->table->lock);
	j->progress = *p;
	tell(j);
	bool stop = j->cancel || j->table->closing;
	pthread_mutex_unlock(&j->table->lock);
	return stop;
}

bool job_tell(struct job *j, double share)
{
	pthread_mutex_lock(&j->table->lock);
	/* A stream that is told a thousand times says no more than one that is told a hundred times. */
	if (share >= j->share + .01) {
		j->share = share;
		tell(j);
	}
	const bool stop = j->cancel || j->table->closing;
	pthread_mutex_unlock(&j->table->lock);
	return stop;
}

/* A file that came with what its source must not keep goes at once, not after a day. */
static void drop_private(struct job_table *t, const struct collect_import *import, uint32_t source)
{
	char folder[4096], name[4200];
	bool hides = false;
	struct err err;
	if (collect_source_hides(t->h->opt.collect, source, &hides, &err) != OK || !hides) return;
	snprintf(folder, sizeof folder, "%s/uploads/", store_dir(t->h->opt.store));
	for (size_t i = 0; i < import->n_files; i++) {
		if (strncmp(import->paths[i], folder, strlen(folder)) != 0) continue;
		snprintf(name, sizeof name, "%s.name", import->paths[i]);
		unlink(import->paths[i]);
		unlink(name);
	}
}

static enum err_code run_import(struct job_table *t, struct job *j, struct err *err)
{
	struct collect_import_result result = { 0 };
	const enum err_code rc = collect_import(t->h->opt.collect, j->import, on_progress, j, &j->arena, &result, err);
	if (rc == OK && !j->import->dry_run) drop_private(t, j->import, result.source);
	pthread_mutex_lock(&t->lock);
	j->result = result;
	pthread_mutex_unlock(&t->lock);
	return rc;
}

static enum err_code run_other(struct job_table *t, struct job *j, struct err *err)
{
	struct str said = { 0 };
	const enum err_code rc = j->run(t->h, j->ctx, j, &j->arena, &said, err);
	pthread_mutex_lock(&t->lock);
	j->said = said;
	pthread_mutex_unlock(&t->lock);
	return rc;
}

static void run(struct job_table *t, struct job *j)
{
	struct err err = { 0 };
	const enum err_code rc = j->import ? run_import(t, j, &err) : run_other(t, j, &err);
	pthread_mutex_lock(&t->lock);
	j->err = err;
	/* Work that ended before it was asked to stop is done. */
	if (rc == OK && !j->import) j->state = JOB_DONE;
	else if (j->cancel || t->closing) j->state = JOB_CANCELLED;
	else j->state = rc == OK ? JOB_DONE : JOB_FAILED;
	tell(j);
	release(j);
	pthread_mutex_unlock(&t->lock);
}

static void *work(void *arg)
{
	struct job_table *t = arg;
	pthread_mutex_lock(&t->lock);
	while (!t->closing) {
		struct job *j = NULL;
		for (struct job *k = t->jobs; k; k = k->next)
			if (k->state == JOB_WAITING) j = k; /* the oldest */
		if (!j) {
			pthread_cond_wait(&t->work, &t->lock);
			continue;
		}
		j->state = JOB_RUNNING;
		j->users++;
		pthread_mutex_unlock(&t->lock);
		run(t, j);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

struct job_table *jobs_new(struct http *h)
{
	struct job_table *t = calloc(1, sizeof *t);
	if (!t) return NULL;
	t->h = h;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->work, NULL);
	return t;
}

void jobs_stop(struct job_table *t)
{
	pthread_mutex_lock(&t->lock);
	t->closing = true;
	for (struct job *j = t->jobs; j; j = j->next)
		if (j->state == JOB_WAITING) {
			j->state = JOB_CANCELLED;
			tell(j);
		}
	pthread_cond_broadcast(&t->work);
	bool running = t->running;
	t->running = false;
	pthread_mutex_unlock(&t->lock);
	if (running) pthread_join(t->thread, NULL);
}

void jobs_free(struct job_table *t)
{
	if (!t) return;
	while (t->jobs) {
		struct job *j = t->jobs;
		t->jobs = j->next;
		release(j);
	}
	pthread_cond_destroy(&t->work);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* Forgets the oldest ended jobs. The lock is held. */
static void trim(struct job_table *t)
{
	while (t->n >= JOBS_MAX) {
		struct job **oldest = NULL;
		for (struct job **at = &t->jobs; *at; at = &(*at)->next)
			if ((*at)->state >= JOB_DONE) oldest = at;
		if (!oldest) return;
		struct job *j = *oldest;
		*oldest = j->next;
		t->n--;
		release(j);
	}
}

static struct job *job_new(struct job_table *t, struct err *err)
{
	uint64_t bits[2];
	struct job *j = calloc(1, sizeof *j);
	if (!j) {
		err_no_memory(err);
		return NULL;
	}
	if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits) {
		free(j);
		err_set(err, ERR_IO, "http.random", "", "no random bytes");
		return NULL;
	}
	snprintf(j->id, sizeof j->id, "%016llx%016llx", (unsigned long long)bits[0], (unsigned long long)bits[1]);
	arena_init(&j->arena, 16 * MIB);
	j->table = t;
	j->users = 1;
	j->progress.bytes_total = -1;
	j->started_ms = now_of(t);
	return j;
}

/* Takes the job when it succeeds. The lock is held. */
static enum err_code enqueue(struct job_table *t, struct job *j, struct err *err)
{
	trim(t);
	if (t->closing) return err_set(err, ERR_UNAVAILABLE, "job.closing", "", "the server is stopping");
	if (t->n >= JOBS_MAX) {
		err_set(err, ERR_UNAVAILABLE, "job.many", "", "%d imports are waiting already", JOBS_MAX);
		err_hint(err, "Wait until one of them has ended.");
		return ERR_UNAVAILABLE;
	}
	if (!t->running && !thread_start(&t->thread, "jobs", work, t))
		return err_set(err, ERR_UNAVAILABLE, "job.thread", "", "no thread can be made for the import");
	t->running = true;
	j->next = t->jobs;
	t->jobs = j;
	t->n++;
	pthread_cond_signal(&t->work);
	return OK;
}

enum err_code jobs_import(struct job_table *t, struct collect_import *import, struct arena *names, struct str *id,
                          struct err *err)
{
	struct job *j = job_new(t, err);
	if (!j) return err->code;
	j->kind = "import";
	pthread_mutex_lock(&t->lock);
	const enum err_code rc = enqueue(t, j, err);
	if (rc == OK) {
		j->import = import;
		j->names = names;
		*id = str_of(j->id);
	} else release(j);
	pthread_mutex_unlock(&t->lock);
	return rc;
}

enum err_code jobs_run(struct job_table *t, const char *kind, job_run fn, void *ctx, struct str *id, struct err *err)
{
	struct job *j = job_new(t, err), *same = NULL;
	enum err_code rc = OK;
	if (!j) return err->code;
	j->kind = kind;
	j->run = fn;
	pthread_mutex_lock(&t->lock);
	for (struct job *k = t->jobs; k; k = k->next)
		if (k->state < JOB_DONE && strcmp(k->kind, kind) == 0) same = k;
	if (!same) rc = enqueue(t, j, err);
	if (rc == OK) {
		*id = str_of(same ? same->id : j->id);
		j->ctx = ctx;
	}
	if (rc != OK || same) release(j);
	pthread_mutex_unlock(&t->lock);
	return rc;
}

struct str jobs_running(struct job_table *t, const char *kind, struct arena *a)
{
	struct str id = STR("");
	pthread_mutex_lock(&t->lock);
	for (const struct job *k = t->jobs; k; k = k->next)
		if (k->state < JOB_DONE && strcmp(k->kind, kind) == 0) id = str_copy(a, str_of(k->id));
	pthread_mutex_unlock(&t->lock);
	return id.ptr ? id : STR("");
}

static struct job *find(struct job_table *t, struct str id)
{
	struct job *j = t->jobs;
	while (j && !str_eq(str_of(j->id), id)) j = j->next;
	return j;
}

static enum err_code unknown(struct str id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "job.unknown", "", "there is no job \"" STR_FMT "\"",
	               (int)(id.len < 40 ? id.len : 40), id.ptr);
}

/* What the file held, and why what was not taken was not. */
static void put_facts(struct json_out *o, const struct collect_import_result *r)
{
	json_key(o, "facts");
	json_open(o, '{');
	json_key(o, "first_ms");
	if (r->customers) json_put_i64(o, r->first_ms);
	else json_put_null(o);
	json_key(o, "last_ms");
	if (r->customers) json_put_i64(o, r->last_ms);
	else json_put_null(o);
	json_kv_i64(o, "customers", r->customers);
	json_kv_i64(o, "touchpoints", r->n_touchpoints);
	json_key(o, "names");
	json_open(o, '[');
	for (size_t i = 0; i < r->n_touchpoints_told; i++) {
		json_open(o, '{');
		json_kv_str(o, "name", r->touchpoints[i].name);
		json_kv_i64(o, "n", r->touchpoints[i].n);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
	json_key(o, "reasons");
	json_open(o, '[');
	for (size_t i = 0; i < r->n_reasons; i++) {
		const struct collect_reason *k = &r->reasons[i];
		json_open(o, '{');
		json_kv_z(o, "id", k->first.id);
		json_kv_z(o, "field", k->first.field);
		json_kv_i64(o, "n", k->n);
		json_kv_i64(o, "line", k->line);
		json_kv_z(o, "text", k->first.text);
		json_kv_z(o, "hint", k->first.hint);
		json_kv_str(o, "raw", k->raw);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_result(struct json_out *o, const struct job *j)
{
	const struct collect_import_result *r = &j->result;
	json_open(o, '{');
	json_kv_i64(o, "rows", r->rows);
	json_kv_i64(o, "read", r->read);
	json_kv_i64(o, "stored", r->stored);
	json_kv_i64(o, "duplicate", r->duplicate);
	json_kv_i64(o, "rejected", r->rejected);
	json_kv_str(o, "rejects_file", r->rejects_file);
	json_kv_i64(o, "source", r->source);
	json_key(o, "first");
	json_open(o, '[');
	for (size_t i = 0; i < r->n_first; i++) {
		json_open(o, '{');
		json_kv_i64(o, "line", r->first[i].index);
		json_kv_z(o, "field", r->first[i].err.field);
		json_kv_z(o, "text", r->first[i].err.text);
		json_kv_z(o, "hint", r->first[i].err.hint);
		json_close(o, '}');
	}
	json_close(o, ']');
	put_facts(o, r);
	json_close(o, '}');
}

/* Time that is left, from what was done until now of all. */
static void put_eta(struct json_out *o, const struct job *j, double done, double all)
{
	const int64_t took = now_of(j->table) - j->started_ms;
	json_key(o, "eta_ms");
	if (j->state == JOB_RUNNING && done > 0 && all >= done)
		json_put_i64(o, (int64_t)((double)took * (all - done) / done));
	else json_put_null(o);
}

static void put_import(struct json_out *o, const struct job *j)
{
	const struct collect_progress *p = &j->progress;
	json_kv_i64(o, "rows", p->rows);
	json_kv_i64(o, "bytes_done", p->bytes_done);
	json_kv_i64(o, "bytes_total", p->bytes_total);
	put_eta(o, j, (double)p->bytes_done, (double)p->bytes_total);
	json_key(o, "tally");
	put_tally(o, &p->tally);
	json_key(o, "result");
	if (j->state == JOB_DONE || j->state == JOB_CANCELLED) put_result(o, j);
	else json_put_null(o);
}

static void put_other(struct json_out *o, const struct job *j)
{
	json_kv_double(o, "share", j->state == JOB_DONE ? 1 : j->share);
	put_eta(o, j, j->share, 1);
	json_key(o, "result");
	if (j->state == JOB_DONE && j->said.len) json_put_raw(o, j->said);
	else json_put_null(o);
}

static void put_job(const struct job *j, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_z(&o, "id", j->id);
	json_kv_z(&o, "kind", j->kind);
	json_kv_z(&o, "state", state_names[j->state]);
	if (j->import) put_import(&o, j);
	else put_other(&o, j);
	json_key(&o, "error");
	if (j->state == JOB_FAILED) {
		json_open(&o, '{');
		problem_members(&o, &j->err, err_http_status(j->err.code));
		json_close(&o, '}');
	} else {
		json_put_null(&o);
	}
	json_close(&o, '}');
}

enum err_code job_json(struct job_table *t, struct str id, struct buf *out, struct err *err)
{
	pthread_mutex_lock(&t->lock);
	struct job *j = find(t, id);
	if (j) put_job(j, out);
	pthread_mutex_unlock(&t->lock);
	return j ? OK : unknown(id, err);
}

enum err_code job_cancel(struct job_table *t, struct str id, struct err *err)
{
	pthread_mutex_lock(&t->lock);
	struct job *j = find(t, id);
	if (j && j->state < JOB_DONE) {
		j->cancel = true;
		if (j->state == JOB_WAITING) {
			j->state = JOB_CANCELLED;
			tell(j);
		}
	}
	pthread_mutex_unlock(&t->lock);
	return j ? OK : unknown(id, err);
}

static void job_release(struct watch *w)
{
	struct job *j = (struct job *)w;
	struct job_table *t = j->table;
	pthread_mutex_lock(&t->lock);
	release(j);
	pthread_mutex_unlock(&t->lock);
}

static bool job_event(struct watch *w, uint64_t *seen, struct buf *out, bool *ended, void (*wake)(void *ctx), void *ctx)
{
	struct job *j = (struct job *)w;
	bool news = false;
	pthread_mutex_lock(&j->table->lock);
	*ended = false;
	if (*seen != j->news + 1) {
		*seen = j->news + 1;
		buf_printf(out, "id: %llu\ndata: ", (unsigned long long)j->news);
		put_job(j, out);
		buf_printf(out, "\n\n");
		news = true;
	} else if (j->state >= JOB_DONE || (wake && j->n_watchers == WATCHERS_MAX)) {
		*ended = true; /* a stream too many ends; the browser asks again by itself */
	} else if (wake) {
		j->watchers[j->n_watchers].wake = wake;
		j->watchers[j->n_watchers++].ctx = ctx;
	}
	pthread_mutex_unlock(&j->table->lock);
	return news;
}

enum err_code job_watch(struct job_table *t, struct str id, struct watch **out, struct err *err)
{
	pthread_mutex_lock(&t->lock);
	struct job *j = find(t, id);
	if (j) {
		j->watch = (struct watch){ job_event, job_release };
		j->users++;
		*out = &j->watch;
	}
	pthread_mutex_unlock(&t->lock);
	return j ? OK : unknown(id, err);
}
