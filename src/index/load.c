/* From the folder into a new index. Whatever is not as it was written stops it; the log then tells all again. */
#include "index/writer.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/checked.h"
#include "base/hash.h"

static enum err_code broken(struct err *err, const char *what)
{
	return err_set(err, ERR_CORRUPT, "index.file", "", "manifest: %s", what);
}

/* --- the log is the one that was indexed --------------------------------------------------------- */

uint64_t head_hash(const struct store_head *h)
{
	uint64_t x = hash64_mix(h->arrival, (uint64_t)h->source << 32 | h->kind);
	x = hash64_mix(x, hash64_mix(h->identity, (uint64_t)h->at_ms));
	x = hash64_mix(x, (uint64_t)h->received_ms);
	return x ? x : 1;
}

static enum err_code see_anchor(void *ctx, const struct store_block *b, struct err *err)
{
	struct anchor *seen = ctx;
	for (size_t i = 0; i < b->n; i++) *seen = (struct anchor){ b->heads[i].arrival, head_hash(&b->heads[i]) };
	return OK;
}

void edge_anchor_add(struct anchor *a, const struct store_edge *e)
{
	if (a->hash == 0 || a->arrival != e->arrival) *a = (struct anchor){ e->arrival, 1 };
	const uint64_t x = hash64_mix((uint64_t)e->a << 32 | e->b, e->apart), hash = hash64_mix(a->hash, x);
	a->hash = hash ? hash : 1;
}

static enum err_code see_edge(void *ctx, const struct store_edge *e, struct err *err)
{
	edge_anchor_add(ctx, e);
	return OK;
}

static enum err_code same_log(struct index *ix, const struct manifest *m, struct err *err)
{
	struct anchor seen = { 0 }, seen_edge = { 0 };
	if (m->arrival_end > ix->feed.end(ix->feed.ctx)) return broken(err, "the log is shorter than what was indexed");
	if (m->anchor.hash)
		TRY(ix->feed.scan(ix->feed.ctx, m->anchor.arrival, m->anchor.arrival + 1, see_anchor, &seen, err));
	if (m->edge_anchor.hash)
		TRY(ix->feed.edges(ix->feed.ctx, m->edge_anchor.arrival, m->edge_anchor.arrival + 1, see_edge,
		                   &seen_edge, err));
	return seen.hash == m->anchor.hash && seen_edge.hash == m->edge_anchor.hash
	               ? OK
	               : broken(err, "the log is not the one that was indexed");
}

/* --- what the manifest itself holds ------------------------------------------------------------------ */

static enum err_code take_small(struct index *ix, const struct manifest *m, struct err *err)
{
	if (m->n_dims < DIMS_STANDARD) return broken(err, "the standard dimensions are not in it");
	for (uint32_t d = 0; d < m->n_dims; d++) {
		if (d < DIMS_STANDARD && !str_eq(m->names[d], ix->names[d]))
			return broken(err, "the standard dimensions are not in it");
		TRY(dimension_add(ix, m->names[d], m->ready[d] ? PPM : 0, err));
	}
	if (atomic_load(&ix->n_dims) != m->n_dims) return broken(err, "a dimension is named twice");
	ix->n_kinds = m->n_kinds;
	ix->cap_kinds = m->n_kinds + 1;
	ix->waits = calloc((size_t)m->n_waits + 1, sizeof *ix->waits);
	if (!ix->waits) return err_no_memory(err);
	struct str rest = m->waits;
	for (ix->n_waits = 0; ix->n_waits < m->n_waits; ix->n_waits++)
		if (!journey_durations_unpack(&ix->waits[ix->n_waits], &rest)) return broken(err, "its waits are cut");
	memcpy(ix->scales, m->scales, sizeof ix->scales);
	ix->n_scales = (uint8_t)m->n_scales;
	ix->anchor = m->anchor;
	ix->edge_anchor = m->edge_anchor;
	ix->next_arrival = m->arrival_end;
	ix->edges_from = m->edges_from;
	ix->events_n = m->events;
	ix->newest_ms = m->newest_ms;
	ix->oldest_ms = m->oldest_ms;
	return OK;
}

static enum err_code take_words(struct index *ix, const struct manifest *m, struct err *err)
{
	struct words_made *lists[LISTS_MAX] = { &ix->events, &ix->channels, &ix->currencies };
	size_t n = 3;
	for (uint32_t d = 0; d < m->n_dims; d++) lists[n++] = &ix->dims[d];
	TRY(file_open(ix->dir, FILE_WORDS, m->words, ix->feed.mark, &ix->words_file, err));
	TRY(words_read(&ix->words_file, lists, n, err));
	ix->kept.words = m->words;
	ix->kept.n_lists = n;
	for (size_t i = 0; i < n; i++) ix->kept.n_words[i] = lists[i]->n;
	for (uint32_t k = 0; k < ix->n_kinds; k++)
		if (ix->kinds[k].event >= ix->events.n || ix->kinds[k].channel >= ix->channels.n)
			return broken(err, "a kind has no name");
	return ix->n_waits <= ix->events.n ? OK : broken(err, "there are waits of no event");
}

static enum err_code take_people(struct index *ix, const struct manifest *m, struct err *err)
{
	struct file_map f;
	TRY(file_open(ix->dir, FILE_PEOPLE, m->people, ix->feed.mark, &f, err));
	const enum err_code rc = people_read(&f, &ix->people, err);
	file_close(&f);
	ix->kept.people = m->people;
	ix->kept.n_people = ix->people.n;
	return rc;
}

/* --- parts, on several threads --------------------------------------------------------------------------- */

struct loading {
	struct index *ix;
	const struct manifest *m;
	_Atomic uint32_t next;
	pthread_mutex_t lock; /* rc, err */
	enum err_code rc;
	struct err err;
};

static uint32_t highest(const struct journey_codes *c, uint32_t n)
{
	uint32_t max = 0;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t code = journey_code(*c, i);
		if (code > max) max = code;
	}
	return max;
}

/* Codes have words, kinds are known. */
static bool codes_fit(const struct index *ix, const struct journey_columns *c)
{
	uint16_t kind = 0;
	for (uint32_t i = 0; i < c->n_rows; i++) kind = c->kind[i] > kind ? c->kind[i] : kind;
	if (c->n_rows && kind >= ix->n_kinds) return false;
	if (c->n_dimensions > atomic_load(&ix->n_dims)) return false;
	for (size_t d = 0; d < c->n_dimensions; d++)
		if (highest(&c->dimensions[d], c->n_rows) >= ix->dims[d].n) return false;
	for (uint32_t e = 0; e < c->n_evidence; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		if (v->what > JOURNEY_NOTE) return false;
		if (v->what == JOURNEY_MONEY ? v->about >= ix->currencies.n
		                             : v->about >= JOURNEY_ABOUT_EVENT + ix->events.n)
			return false;
	}
	return true;
}

static enum err_code load_run(struct loading *l, uint32_t q, struct file_ref ref, struct run **out, struct err *err)
{
	if (!ref.hash) return OK;
	TRY(run_open(l->ix->dir, l->ix->feed.mark, q, ref, out, err));
	if (codes_fit(l->ix, &(*out)->columns)) return OK;
	char name[40];
	file_name(FILE_RUN, ref.hash, name);
	return err_set(err, ERR_CORRUPT, "index.file", "", "%s: a code has no word", name);
}

static enum err_code load_part(struct loading *l, uint32_t q, struct err *err)
{
	const struct manifest_part *m = &l->m->parts[q];
	struct run *base = NULL, *delta = NULL;
	uint64_t *dead = NULL;
	enum err_code rc = load_run(l, q, m->base, &base, err);
	if (rc == OK) rc = load_run(l, q, m->delta, &delta, err);
	if (rc == OK && m->n_dead) {
		if (!base || m->n_dead != base->columns.n_customers / 64 + 1) rc = broken(err, "dead slices of no run");
		else if (!(dead = malloc(m->n_dead * sizeof *dead))) rc = err_no_memory(err);
		else memcpy(dead, m->dead, m->n_dead * sizeof *dead);
	}
	if (base) base->id = 1 + 2 * (uint64_t)q;
	if (delta) delta->id = 2 + 2 * (uint64_t)q;
	if (rc == OK && (base || delta)) {
		l->ix->parts[q] = part_new(base, delta, dead);
		if (l->ix->parts[q]) return OK;
		rc = err_no_memory(err);
	}
	run_free(base);
	run_free(delta);
	free(dead);
	return rc;
}

static void *load_some(void *arg)
{
	struct loading *l = arg;
	for (uint32_t q; (q = atomic_fetch_add(&l->next, 1)) < INDEX_PARTS;) {
		struct err err = { 0 };
		const enum err_code rc = load_part(l, q, &err);
		if (rc == OK) continue;
		pthread_mutex_lock(&l->lock);
		if (l->rc == OK) {
			l->rc = rc;
			l->err = err;
		}
		pthread_mutex_unlock(&l->lock);
	}
	return NULL;
}

static enum err_code take_parts(struct index *ix, const struct manifest *m, struct err *err)
{
	struct loading l = { .ix = ix, .m = m };
	pthread_t helpers[16];
	int n = 0;
	pthread_mutex_init(&l.lock, NULL);
	while (n < ix->threads - 1 && n < (int)COUNT_OF(helpers) &&
	       pthread_create(&helpers[n], NULL, load_some, &l) == 0)
		n++;
	load_some(&l);
	while (n) pthread_join(helpers[--n], NULL);
	pthread_mutex_destroy(&l.lock);
	ix->next_run = 1 + 2 * (uint64_t)INDEX_PARTS;
	if (l.rc != OK) *err = l.err;
	return l.rc;
}

static int64_t rows_of(const struct part *p)
{
	int64_t rows = 0;
	for (size_t i = 0; p && i < p->pub.n; i++) {
		const struct journey_columns *c = &p->pub.runs[i].columns;
		for (uint32_t k = 0; k < c->n_customers; k++)
			if (!journey_dead(c, k)) rows += c->offset[k + 1] - c->offset[k];
	}
	return rows;
}

static void count_files(struct index *ix, const struct manifest *m, const struct file_map *manifest)
{
	struct index_files *f = &ix->files;
	*f = (struct index_files){ .bytes = (int64_t)(manifest->map_bytes + m->words.bytes + m->people.bytes),
		                   .files = 3,
		                   .arrival_end = m->arrival_end,
		                   .kept = true };
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		f->bytes += (int64_t)(m->parts[q].base.bytes + m->parts[q].delta.bytes);
		f->files += (m->parts[q].base.hash != 0) + (m->parts[q].delta.hash != 0);
	}
}

static enum err_code take_manifest(struct index *ix, const struct file_map *f, struct err *err)
{
	struct manifest *m = malloc(sizeof *m);
	if (!m) return err_no_memory(err);
	enum err_code rc = manifest_read(f, m, &ix->kinds, err);
	if (rc == OK) rc = same_log(ix, m, err);
	if (rc == OK) rc = take_small(ix, m, err);
	if (rc == OK) rc = take_words(ix, m, err);
	if (rc == OK) rc = take_people(ix, m, err);
	if (rc == OK) rc = take_parts(ix, m, err);
	int64_t rows = 0;
	for (uint32_t q = 0; rc == OK && q < INDEX_PARTS; q++) rows += rows_of(ix->parts[q]);
	if (rc == OK && rows != m->events) rc = broken(err, "its events do not add up");
	if (rc == OK) count_files(ix, m, f);
	free(m);
	return rc;
}

enum err_code index_load(struct index *ix, struct err *err)
{
	struct file_map f;
	TRY(file_open(ix->dir, FILE_MANIFEST, (struct file_ref){ 0 }, ix->feed.mark, &f, err));
	const enum err_code rc = take_manifest(ix, &f, err);
	file_close(&f);
	return rc;
}

/* --- without a log --------------------------------------------------------------------------------- */

static enum err_code check_file(const char *dir, enum file_kind kind, struct file_ref ref, struct index_files *out,
                                struct err *err)
{
	struct file_map f;
	if (!ref.hash) return OK;
	TRY(file_open(dir, kind, ref, 0, &f, err));
	out->bytes += (int64_t)f.map_bytes;
	out->files++;
	file_close(&f);
	return OK;
}

static enum err_code check_all(const char *dir, const struct manifest *m, struct index_files *out, struct err *err)
{
	TRY(check_file(dir, FILE_WORDS, m->words, out, err));
	TRY(check_file(dir, FILE_PEOPLE, m->people, out, err));
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		TRY(check_file(dir, FILE_RUN, m->parts[q].base, out, err));
		TRY(check_file(dir, FILE_RUN, m->parts[q].delta, out, err));
	}
	return OK;
}

enum err_code index_files_check(const char *dir, struct index_files *out, struct err *err)
{
	struct file_map f;
	TRY(file_open(dir, FILE_MANIFEST, (struct file_ref){ 0 }, 0, &f, err));
	struct manifest *m = malloc(sizeof *m);
	struct journey_kind *kinds = NULL;
	enum err_code rc = m ? manifest_read(&f, m, &kinds, err) : err_no_memory(err);
	if (rc == OK) {
		*out = (struct index_files){ .bytes = (int64_t)f.map_bytes, .files = 1, .arrival_end = m->arrival_end };
		rc = check_all(dir, m, out, err);
	}
	free(kinds);
	free(m);
	file_close(&f);
	return rc;
}
