#include "store/ids.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/pages.h"
#include "base/thread.h"

/* --- the table in memory ------------------------------------------------------------------ */

struct table {
	struct id_entry *slots; /* arrival UINT64_MAX: free */
	size_t n_slots, n;
	uint64_t from;          /* arrival numbers it covers begin here */
	uint64_t to;            /* when frozen: and end here */
	struct id_entry anchor; /* the entry with the highest arrival */
	bool anchor_lost;       /* it was taken back: to be looked for */
};

#define FREE_SLOT UINT64_MAX
enum { SLOTS_MIN = 4096 };

static bool table_init(struct table *t, size_t n_slots, uint64_t from)
{
	*t = (struct table){ .n_slots = n_slots, .from = from };
	t->slots = pages_raw(n_slots * sizeof *t->slots);
	if (!t->slots) return false;
	memset(t->slots, 0xff, n_slots * sizeof *t->slots);
	return true;
}

/* A run's filter uses the low half's low bits; the table takes high bits of it. */
static size_t home(struct hash128 key, size_t n_slots)
{
	return (size_t)(key.lo >> 12) & (n_slots - 1);
}

static struct id_entry *table_find(const struct table *t, struct hash128 key)
{
	if (!t->slots) return NULL;
	for (size_t i = home(key, t->n_slots);; i = (i + 1) & (t->n_slots - 1)) {
		if (t->slots[i].arrival == FREE_SLOT) return NULL;
		if (id_cmp(t->slots[i].key, key) == 0) return &t->slots[i];
	}
}

static void table_place(struct id_entry *slots, size_t n_slots, const struct id_entry *e)
{
	size_t i = home(e->key, n_slots);
	while (slots[i].arrival != FREE_SLOT) i = (i + 1) & (n_slots - 1);
	slots[i] = *e;
}

static bool table_grow(struct table *t)
{
	size_t n_slots = t->n_slots * 2;
	struct id_entry *slots = pages_raw(n_slots * sizeof *slots);
	if (!slots) return false;
	memset(slots, 0xff, n_slots * sizeof *slots);
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].arrival != FREE_SLOT) table_place(slots, n_slots, &t->slots[i]);
	free(t->slots);
	t->slots = slots;
	t->n_slots = n_slots;
	return true;
}

static void table_remove(struct table *t, struct id_entry *e)
{
	size_t mask = t->n_slots - 1, i = (size_t)(e - t->slots);
	/* Linear probing without tombstones: those behind move up where their home allows. */
	for (size_t j = (i + 1) & mask; t->slots[j].arrival != FREE_SLOT; j = (j + 1) & mask) {
		if (((j - home(t->slots[j].key, t->n_slots)) & mask) >= ((j - i) & mask)) {
			t->slots[i] = t->slots[j];
			i = j;
		}
	}
	memset(&t->slots[i], 0xff, sizeof t->slots[i]);
	t->n--;
}

/* --- the whole ------------------------------------------------------------------------------- */

enum { RUNS_MAX = 64 };

/* What finders read. Replaced as a whole by the thread, under swap_lock, so a finder never sees half of it. */
struct ids {
	char dir[400];
	uint64_t check;
	size_t table_max;
	bool read_only;
	struct table active; /* caller's lock */

	pthread_mutex_t lock; /* the rest; held for moments only */
	pthread_cond_t wake, settled;
	struct table frozen;          /* slots NULL: none. Immutable while there */
	struct table spare;           /* made beforehand, so that who commits need not clear it; slots NULL: none */
	size_t spare_slots;           /* not 0: one of as many is wanted */
	struct idrun *runs[RUNS_MAX]; /* by arrival */
	size_t n_runs;
	bool stop, running, failed; /* failed: the last try to write did not work; tried again at the next freeze */
	pthread_t thread;

	/* between ids_begin and ids_end: whatever is a run, in any order */
	struct idrun *found[RUNS_MAX * 2];
	size_t n_found;
	bool looking; /* there is a thread that looks for them */
	pthread_t looker;
};

struct sorted {
	const struct id_entry *entries;
	size_t i, n;
};

static bool sorted_next(void *ctx, struct id_entry *out)
{
	struct sorted *s = ctx;
	if (s->i == s->n) return false;
	*out = s->entries[s->i++];
	return true;
}

static int entry_order(const void *a, const void *b)
{
	return id_cmp(((const struct id_entry *)a)->key, ((const struct id_entry *)b)->key);
}

/* Keys are uniform: dealt out by their highest bits first, they are sorted within the cache. Returns how many. */
enum { DEAL_BITS = 12, DEALS = 1 << DEAL_BITS };

static size_t deal_of(const struct id_entry *e)
{
	return (size_t)(e->key.hi >> (64 - DEAL_BITS));
}

static size_t sort_table(const struct table *t, struct id_entry *out)
{
	uint32_t end[DEALS + 1] = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].arrival != FREE_SLOT) end[deal_of(&t->slots[i]) + 1]++;
	for (size_t k = 0; k < DEALS; k++) end[k + 1] += end[k];
	/* end[k] is where deal k begins, and moves to where it ends. */
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].arrival != FREE_SLOT) out[end[deal_of(&t->slots[i])]++] = t->slots[i];
	for (size_t k = 0; k < DEALS; n = end[k++]) qsort(out + n, end[k] - n, sizeof *out, entry_order);
	return n;
}

/* Writes the frozen table as a run. The table stays readable until the run is in its place. */
static enum err_code flush(struct ids *x, struct idrun **out, struct err *err)
{
	const struct table *t = &x->frozen;
	struct id_entry *sorted = malloc((t->n + 1) * sizeof *sorted);
	if (!sorted) return err_no_memory(err);
	const size_t n = sort_table(t, sorted);
	struct sorted s = { sorted, 0, n };
	struct idrun_meta meta = { x->check, t->from, t->to, t->anchor };
	enum err_code rc = idrun_write(x->dir, &meta, n, sorted_next, &s, out, err);
	free(sorted);
	return rc;
}

struct merge {
	struct idrun *in[IDS_FAN];
	uint64_t at[IDS_FAN];
};

static bool merge_next(void *ctx, struct id_entry *out)
{
	struct merge *m = ctx;
	int best = -1;
	for (int i = 0; i < IDS_FAN; i++)
		if (m->at[i] < m->in[i]->n &&
		    (best < 0 || id_cmp(m->in[i]->entries[m->at[i]].key, m->in[best]->entries[m->at[best]].key) < 0))
			best = i;
	if (best < 0) return false;
	*out = m->in[best]->entries[m->at[best]++];
	return true;
}

static int tier_of(const struct ids *x, uint64_t n)
{
	int tier = 0;
	for (uint64_t size = x->table_max * 2; n >= size; size *= IDS_FAN) tier++;
	return tier;
}

/* The first of IDS_FAN neighbours of one tier; false when there are none. Only the thread changes runs. */
static bool merge_place(const struct ids *x, size_t *first)
{
	for (size_t i = 0; i + IDS_FAN <= x->n_runs; i++) {
		bool same = true;
		for (size_t k = 1; k < IDS_FAN; k++) same &= tier_of(x, x->runs[i]->n) == tier_of(x, x->runs[i + k]->n);
		if (same) {
			*first = i;
			return true;
		}
	}
	return false;
}

/*
 * The inputs are deleted only after the new run is in its place and synced;
 * a crash between leaves both, and ids_open prefers the longer.
 */
static enum err_code merge_runs(struct ids *x, size_t first, struct err *err)
{
	struct merge m = { 0 };
	uint64_t n = 0;
	for (size_t k = 0; k < IDS_FAN; k++) {
		m.in[k] = x->runs[first + k];
		n += m.in[k]->n;
	}
	struct idrun_meta meta = { x->check, m.in[0]->from, m.in[IDS_FAN - 1]->to, m.in[IDS_FAN - 1]->anchor };
	struct idrun *merged;
	TRY(idrun_write(x->dir, &meta, n, merge_next, &m, &merged, err));
	pthread_mutex_lock(&x->lock);
	x->runs[first] = merged;
	memmove(&x->runs[first + 1], &x->runs[first + IDS_FAN], (x->n_runs - first - IDS_FAN) * sizeof x->runs[0]);
	x->n_runs -= IDS_FAN - 1;
	pthread_mutex_unlock(&x->lock);
	for (size_t k = 0; k < IDS_FAN; k++) {
		unlink(m.in[k]->path);
		idrun_close(m.in[k]);
	}
	return OK;
}

/* The lock is held, and let go meanwhile. Without memory there is none, and the next is made when it is needed. */
static void spare_make(struct ids *x)
{
	const size_t n_slots = x->spare_slots;
	struct table t = { 0 };
	pthread_mutex_unlock(&x->lock);
	if (!table_init(&t, n_slots, 0)) t.slots = NULL;
	pthread_mutex_lock(&x->lock);
	free(x->spare.slots);
	x->spare = t;
	x->spare_slots = 0;
}

static void *thread_main(void *ctx)
{
	struct ids *x = ctx;
	pthread_mutex_lock(&x->lock);
	for (;;) {
		while (!x->stop && !x->spare_slots && (!x->frozen.slots || x->failed))
			pthread_cond_wait(&x->wake, &x->lock);
		if (x->stop) break;
		if (x->spare_slots) {
			spare_make(x);
			continue;
		}
		pthread_mutex_unlock(&x->lock);
		struct idrun *run = NULL;
		struct err err;
		enum err_code rc = flush(x, &run, &err);
		pthread_mutex_lock(&x->lock);
		if (rc != OK || x->n_runs == RUNS_MAX) {
			/* Nothing is lost: the ids stay in memory, and the log has them. */
			idrun_close(run);
			x->failed = true;
			pthread_cond_broadcast(&x->settled);
			continue;
		}
		x->runs[x->n_runs++] = run;
		struct id_entry *old = x->frozen.slots;
		x->frozen.slots = NULL;
		pthread_cond_broadcast(&x->settled);
		pthread_mutex_unlock(&x->lock);
		free(old);
		size_t first;
		while (merge_place(x, &first) && merge_runs(x, first, &err) == OK) {}
		pthread_mutex_lock(&x->lock);
	}
	pthread_mutex_unlock(&x->lock);
	return NULL;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int by_from_longest(const void *a, const void *b)
{
	const struct idrun *x = *(struct idrun *const *)a, *y = *(struct idrun *const *)b;
	if (x->from != y->from) return x->from < y->from ? -1 : 1;
	return (x->to < y->to) - (x->to > y->to);
}

static bool make_dirs(const char *dir)
{
	char path[512];
	snprintf(path, sizeof path, "%s", dir);
	char *slash = strrchr(path, '/');
	if (slash && slash != path) {
		*slash = 0;
		if (mkdir(path, 0700) != 0 && errno != EEXIST) return false;
	}
	return mkdir(dir, 0700) == 0 || errno == EEXIST;
}

/* Opens whatever is a run; anything else in the folder is ours and old, and goes. */
static void *look_for_runs(void *arg)
{
	struct ids *x = arg;
	DIR *d = opendir(x->dir);
	struct dirent *e;
	while (d && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.') continue;
		char path[512];
		if (snprintf(path, sizeof path, "%s/%.80s", x->dir, e->d_name) >= (int)sizeof path) continue;
		struct idrun *run = NULL;
		struct err err;
		size_t len = strlen(e->d_name);
		bool named = len > 4 && strcmp(e->d_name + len - 4, ".run") == 0;
		if (named && x->n_found < RUNS_MAX * 2 && idrun_open(path, x->check, &run, &err) == OK)
			x->found[x->n_found++] = run;
		else if (!x->read_only) unlink(path);
	}
	if (d) closedir(d);
	return NULL;
}

static void discard(const struct ids *x, struct idrun *run)
{
	if (!x->read_only) unlink(run->path);
	idrun_close(run);
}

enum err_code ids_begin(const struct ids_options *opt, struct ids **out, struct err *err)
{
	struct ids *x = calloc(1, sizeof *x);
	if (!x) return err_no_memory(err);
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->wake, NULL);
	pthread_cond_init(&x->settled, NULL);
	snprintf(x->dir, sizeof x->dir, "%s", opt->dir);
	x->check = opt->check;
	x->table_max = opt->table_max ? opt->table_max : IDS_TABLE_MAX;
	x->read_only = opt->read_only;
	if (!x->read_only && !make_dirs(opt->dir)) {
		enum err_code rc =
		        err_set(err, ERR_IO, "store.ids", "", "%s cannot be made: %s", opt->dir, strerror(errno));
		ids_close(x);
		return rc;
	}
	x->looking = thread_start(&x->looker, "ids-open", look_for_runs, x);
	if (!x->looking) look_for_runs(x);
	*out = x;
	return OK;
}

static void looked(struct ids *x)
{
	if (x->looking) pthread_join(x->looker, NULL);
	x->looking = false;
}

/* Takes the unbroken chain of those that were found; returns where it ends. */
static uint64_t take_runs(struct ids *x, const struct ids_options *opt)
{
	uint64_t end = 0;
	bool broken = false;
	qsort(x->found, x->n_found, sizeof x->found[0], by_from_longest);
	for (size_t i = 0; i < x->n_found; i++) {
		struct idrun *r = x->found[i];
		bool fits = !broken && r->from == end && r->to <= opt->arrival_end && x->n_runs < RUNS_MAX &&
		            (r->n == 0 || opt->anchor(opt->ctx, r->anchor.arrival, r->anchor.key));
		if (!fits) {
			broken |= r->from >= end; /* one inside what is covered is the rest of a merge, and harmless */
			discard(x, r);
			continue;
		}
		x->runs[x->n_runs++] = r;
		end = r->to;
	}
	x->n_found = 0;
	return end;
}

/* Slots for what the runs lack, so that they are not moved again and again while it is read; few for few. */
static size_t slots_for(const struct ids *x, uint64_t lacking)
{
	size_t n = SLOTS_MIN;
	if (lacking > x->table_max) lacking = x->table_max;
	while (n * 4 < lacking * 5) n *= 2;
	return n;
}

enum err_code ids_end(struct ids *x, const struct ids_options *opt, uint64_t *covered_end, struct err *err)
{
	looked(x);
	const uint64_t end = take_runs(x, opt);
	if (!table_init(&x->active, slots_for(x, opt->arrival_end - end), end)) return err_no_memory(err);
	if (!x->read_only) {
		if (!thread_start(&x->thread, "ids", thread_main, x)) return err_no_memory(err);
		x->running = true;
	}
	*covered_end = end;
	return OK;
}

enum err_code ids_open(const struct ids_options *opt, struct ids **out, uint64_t *covered_end, struct err *err)
{
	struct ids *x;
	TRY(ids_begin(opt, &x, err));
	const enum err_code rc = ids_end(x, opt, covered_end, err);
	if (rc == OK) *out = x;
	else ids_close(x);
	return rc;
}

void ids_close(struct ids *x)
{
	if (!x) return;
	if (x->running) {
		pthread_mutex_lock(&x->lock);
		x->stop = true;
		pthread_cond_signal(&x->wake);
		pthread_mutex_unlock(&x->lock);
		pthread_join(x->thread, NULL);
	}
	looked(x);
	for (size_t i = 0; i < x->n_found; i++) idrun_close(x->found[i]);
	for (size_t i = 0; i < x->n_runs; i++) idrun_close(x->runs[i]);
	free(x->active.slots);
	free(x->frozen.slots);
	free(x->spare.slots);
	pthread_mutex_destroy(&x->lock);
	pthread_cond_destroy(&x->wake);
	pthread_cond_destroy(&x->settled);
	free(x);
}

/* --- use ------------------------------------------------------------------------------------------ */

void ids_prefetch(struct ids *x, struct hash128 key)
{
	__builtin_prefetch(&x->active.slots[home(key, x->active.n_slots)]);
}

void ids_prefetch_runs(struct ids *x, struct hash128 key)
{
	ids_prefetch(x, key);
	pthread_mutex_lock(&x->lock);
	for (size_t i = 0; i < x->n_runs; i++) idrun_prefetch(x->runs[i], key);
	if (x->frozen.slots) __builtin_prefetch(&x->frozen.slots[home(key, x->frozen.n_slots)]);
	pthread_mutex_unlock(&x->lock);
}

bool ids_find(struct ids *x, struct hash128 key, struct id_entry *out)
{
	const struct id_entry *e = table_find(&x->active, key);
	if (e) {
		*out = *e;
		return true;
	}
	bool found = false;
	pthread_mutex_lock(&x->lock); /* uncontended but for the moments of a swap */
	/* All filters are asked at once: their cache misses overlap. */
	for (size_t i = 0; i < x->n_runs; i++) idrun_prefetch(x->runs[i], key);
	if ((e = table_find(&x->frozen, key)) != NULL) {
		*out = *e;
		found = true;
	}
	for (size_t i = x->n_runs; !found && i-- > 0;) found = idrun_find(x->runs[i], key, out);
	pthread_mutex_unlock(&x->lock);
	return found;
}

enum err_code ids_add(struct ids *x, const struct id_entry *e, struct err *err)
{
	if (x->active.n * 5 >= x->active.n_slots * 4 && !table_grow(&x->active)) return err_no_memory(err);
	table_place(x->active.slots, x->active.n_slots, e);
	if (x->active.n++ == 0 || e->arrival >= x->active.anchor.arrival) x->active.anchor = *e;
	return OK;
}

void ids_remove(struct ids *x, struct hash128 key)
{
	struct id_entry *e = table_find(&x->active, key);
	if (!e) return;
	if (e->arrival == x->active.anchor.arrival) x->active.anchor_lost = true;
	table_remove(&x->active, e);
}

static void anchor_find(struct table *t)
{
	t->anchor = (struct id_entry){ 0 };
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].arrival != FREE_SLOT && t->anchor.arrival <= t->slots[i].arrival)
			t->anchor = t->slots[i];
}

/* Asks for a table that takes the active one's place, in time. */
static void spare_want(struct ids *x)
{
	pthread_mutex_lock(&x->lock);
	if (!x->spare.slots && !x->spare_slots && x->running) {
		x->spare_slots = x->active.n_slots;
		pthread_cond_signal(&x->wake);
	}
	pthread_mutex_unlock(&x->lock);
}

/* One as large as the active one became: it will fill as well, and growing there would place each id several times. */
static bool next_table(struct ids *x, uint64_t from, struct table *out)
{
	pthread_mutex_lock(&x->lock);
	*out = x->spare;
	x->spare = (struct table){ 0 };
	pthread_mutex_unlock(&x->lock);
	out->from = from;
	if (out->slots && out->n_slots == x->active.n_slots) return true;
	free(out->slots);
	return table_init(out, x->active.n_slots, from);
}

void ids_committed(struct ids *x, uint64_t arrival_end)
{
	if (x->read_only) return;
	if (x->active.n < x->table_max) {
		if (x->active.n >= x->table_max / 4 * 3) spare_want(x);
		return;
	}
	pthread_mutex_lock(&x->lock);
	x->failed = false; /* try again what did not work before */
	pthread_cond_signal(&x->wake);
	bool idle = x->frozen.slots == NULL;
	pthread_mutex_unlock(&x->lock);
	if (!idle) return; /* the disk is slower than we are: the table grows meanwhile */
	struct table next;
	if (!next_table(x, arrival_end, &next)) return; /* no memory for it now: later */
	struct table *t = &x->active;
	t->to = arrival_end;
	if (t->anchor_lost) anchor_find(t);
	pthread_mutex_lock(&x->lock);
	x->frozen = *t;
	x->active = next;
	pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
}

void ids_settle(struct ids *x)
{
	pthread_mutex_lock(&x->lock);
	while (x->running && x->frozen.slots && !x->failed) pthread_cond_wait(&x->settled, &x->lock);
	pthread_mutex_unlock(&x->lock);
}

void ids_stats(struct ids *x, struct ids_stats *out)
{
	pthread_mutex_lock(&x->lock);
	*out = (struct ids_stats){ .n_runs = x->n_runs, .n_table = x->active.n + (x->frozen.slots ? x->frozen.n : 0) };
	for (size_t i = 0; i < x->n_runs; i++) out->n_in_runs += x->runs[i]->n;
	if (x->n_runs) out->covered_end = x->runs[x->n_runs - 1]->to;
	pthread_mutex_unlock(&x->lock);
}
