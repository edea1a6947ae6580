/*
 * Writing what the index holds to its folder.
 *
 * What a snapshot is made of is taken under the writer's lock, which costs
 * a copy of the people; the writing itself holds only the snapshot, as any
 * reader does. Runs never change, so a run that has its file keeps it. The
 * manifest comes last and replaces the one before: a crash at any moment
 * leaves a manifest whose files are all there, or none.
 */
#include "index/writer.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/checked.h"

enum {
	KEEP_EVENTS = 200000, /* fewer than these since the last time are sooner read from the log again */
	KEEP_SHARE = 8,       /* and so is less than an eighth of all */
	MANIFEST_BYTES = 1 << 30
};

static bool is_base(const struct part *p, const struct index_run *r)
{
	return p->base && p->base->id == r->id;
}

/* --- what is saved ----------------------------------------------------------------------------- */

struct saving {
	struct index_reader reader;
	const struct index_snapshot *s;
	struct manifest m;
	struct people people;
	struct journey_words lists[LISTS_MAX];
	size_t n_lists;
	struct buf waits;
	uint64_t version;
	struct file_ref written[2 * INDEX_PARTS + 2]; /* this time, in order: words and people, if at all, and runs */
	enum file_kind kinds[2 * INDEX_PARTS + 2];
	size_t n_written;
};

static void wrote(struct saving *v, enum file_kind kind, struct file_ref ref)
{
	v->kinds[v->n_written] = kind;
	v->written[v->n_written++] = ref;
}

static bool copy_people(struct people *to, const struct people *from)
{
	const size_t n = from->n;
	*to = (struct people){ .n = from->n, .changes = from->changes };
	to->parent = malloc((n + 1) * sizeof *to->parent);
	to->next = malloc((n + 1) * sizeof *to->next);
	to->known = malloc((n + 1) * sizeof *to->known);
	if (!to->parent || !to->next || !to->known) return false;
	if (n == 0) return true;
	memcpy(to->parent, from->parent, n * sizeof *to->parent);
	memcpy(to->next, from->next, n * sizeof *to->next);
	memcpy(to->known, from->known, n * sizeof *to->known);
	return true;
}

/* Under the writer's lock. */
static bool saving_begin(struct index *ix, struct saving *v)
{
	*v = (struct saving){ .reader = index_enter(ix), .version = ix->version };
	v->s = v->reader.snapshot;
	buf_init(&v->waits, MANIFEST_BYTES / 2);
	const struct journey_schema *schema = &v->s->schema;
	v->m = (struct manifest){ .arrival_end = schema->arrival_end,
		                  .edges_from = ix->edges_from,
		                  .anchor = ix->anchor,
		                  .edge_anchor = ix->edge_anchor,
		                  .events = v->s->events,
		                  .newest_ms = ix->newest_ms,
		                  .oldest_ms = ix->oldest_ms,
		                  .n_dims = (uint32_t)schema->n_dimensions,
		                  .n_kinds = ix->n_kinds,
		                  .n_waits = ix->n_waits,
		                  .n_scales = ix->n_scales };
	memcpy(v->m.scales, ix->scales, sizeof v->m.scales);
	v->lists[v->n_lists++] = schema->events;
	v->lists[v->n_lists++] = schema->channels;
	v->lists[v->n_lists++] = schema->currencies;
	for (size_t d = 0; d < schema->n_dimensions; d++) {
		v->m.names[d] = schema->dimensions[d].name;
		v->m.ready[d] = atomic_load(&ix->ready_ppm[d]) == PPM;
		v->lists[v->n_lists++] = schema->dimensions[d].words;
	}
	for (uint32_t i = 0; i < ix->n_waits; i++) journey_durations_pack(&ix->waits[i], &v->waits);
	v->m.waits = buf_view(&v->waits);
	v->m.kinds = schema->kinds;
	return copy_people(&v->people, &ix->people) && !v->waits.full;
}

static void saving_done(struct index *ix, struct saving *v)
{
	index_leave(ix, v->reader);
	people_done(&v->people);
	buf_done(&v->waits);
}

/* --- the files ------------------------------------------------------------------------------------ */

static enum err_code save_words(struct index *ix, struct saving *v, struct err *err)
{
	struct kept *k = &ix->kept;
	bool same = k->words.hash && k->n_lists == v->n_lists;
	for (size_t i = 0; same && i < v->n_lists; i++) same = k->n_words[i] == v->lists[i].n;
	if (!same) {
		struct file_ref ref;
		TRY(words_write(ix->dir, ix->feed.mark, v->lists, v->n_lists, &ref, err));
		wrote(v, FILE_WORDS, ref);
		k->words = ref;
		k->n_lists = v->n_lists;
		for (size_t i = 0; i < v->n_lists; i++) k->n_words[i] = v->lists[i].n;
	}
	v->m.words = k->words;
	return OK;
}

static enum err_code save_people(struct index *ix, struct saving *v, struct err *err)
{
	struct kept *k = &ix->kept;
	if (!k->people.hash || k->n_people != v->people.n || k->changes != v->people.changes) {
		struct file_ref ref;
		TRY(people_write(ix->dir, ix->feed.mark, &v->people, &ref, err));
		wrote(v, FILE_PEOPLE, ref);
		k->people = ref;
		k->n_people = v->people.n;
		k->changes = v->people.changes;
	}
	v->m.people = k->people;
	return OK;
}

static enum err_code save_run(struct index *ix, struct saving *v, struct run *r, uint32_t part, struct file_ref *out,
                              struct err *err)
{
	if (!r->kept.hash) {
		TRY(run_write(ix->dir, ix->feed.mark, part, r, &r->kept, err));
		wrote(v, FILE_RUN, r->kept);
	}
	*out = r->kept;
	return OK;
}

static enum err_code save_parts(struct index *ix, struct saving *v, struct err *err)
{
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		const struct part *p = (const struct part *)v->s->parts[q];
		struct manifest_part *m = &v->m.parts[q];
		for (size_t i = 0; p && i < p->pub.n; i++) {
			const bool base = is_base(p, &p->pub.runs[i]);
			TRY(save_run(ix, v, base ? p->base : p->delta, q, base ? &m->base : &m->delta, err));
			if (base && p->dead) {
				m->dead = p->dead;
				m->n_dead = p->base->columns.n_customers / 64 + 1;
			}
		}
	}
	return OK;
}

/* What no manifest names any more goes, mapped or not: a mapping keeps its bytes until it ends. */
static void sweep(struct index *ix, const struct manifest *m)
{
	struct file_ref *keep = malloc((2 * INDEX_PARTS + 2) * sizeof *keep);
	if (!keep) return;
	size_t n = 0;
	keep[n++] = m->words;
	keep[n++] = m->people;
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		if (m->parts[q].base.hash) keep[n++] = m->parts[q].base;
		if (m->parts[q].delta.hash) keep[n++] = m->parts[q].delta;
	}
	int64_t bytes, files;
	file_sweep(ix->dir, keep, n, &bytes, &files);
	free(keep);
	pthread_mutex_lock(&ix->lock);
	ix->files.bytes = bytes;
	ix->files.files = files;
	ix->files.arrival_end = m->arrival_end;
	ix->files.failed[0] = '\0';
	pthread_mutex_unlock(&ix->lock);
}

static enum err_code save_files(struct index *ix, struct saving *v, struct err *err)
{
	if (mkdir(ix->dir, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_IO, "index.file", "", "making %s: %s", ix->dir, strerror(errno));
	TRY(save_words(ix, v, err));
	TRY(save_people(ix, v, err));
	TRY(save_parts(ix, v, err));
	for (size_t i = 0; i < v->n_written; i++) TRY(file_sync(ix->dir, v->kinds[i], v->written[i], err));
	TRY(file_sync_folder(ix->dir, err));
	TRY(manifest_write(ix->dir, ix->feed.mark, &v->m, err));
	TRY(file_sync_folder(ix->dir, err));
	sweep(ix, &v->m);
	return OK;
}

/* What may not be on the disk is written again the next time. */
static void forget(struct index *ix, struct saving *v)
{
	ix->kept = (struct kept){ .version = ix->kept.version };
	for (uint32_t q = 0; q < INDEX_PARTS; q++) {
		const struct part *p = (const struct part *)v->s->parts[q];
		if (p && p->base) p->base->kept = (struct file_ref){ 0 };
		if (p && p->delta) p->delta->kept = (struct file_ref){ 0 };
	}
}

enum err_code index_save(struct index *ix, struct err *err)
{
	struct saving *v = malloc(sizeof *v);
	if (!v) return err_no_memory(err);
	pthread_mutex_lock(&ix->writer_lock);
	const bool good = !ix->torn, began = good && saving_begin(ix, v);
	pthread_mutex_unlock(&ix->writer_lock);
	enum err_code rc = OK;
	if (good) {
		rc = began ? save_files(ix, v, err) : err_no_memory(err);
		if (rc == OK) ix->kept.version = v->version;
		else forget(ix, v);
		saving_done(ix, v);
		pthread_mutex_lock(&ix->writer_lock);
		if (ix->torn) index_forget_files(ix); /* somebody left meanwhile, and is in what was written */
		pthread_mutex_unlock(&ix->writer_lock);
	}
	free(v);
	if (rc != OK && err) {
		pthread_mutex_lock(&ix->lock);
		snprintf(ix->files.failed, sizeof ix->files.failed, "%s", err->text);
		pthread_mutex_unlock(&ix->lock);
	}
	return rc;
}

bool index_save_due(struct index *ix, bool closing)
{
	if (atomic_load(&ix->version) == ix->kept.version) return false;
	if (!ix->kept.words.hash) return true;
	struct index_files files;
	index_files(ix, &files);
	const struct index_reader r = index_enter(ix);
	const struct index_snapshot *s = r.snapshot;
	const uint64_t since = s->schema.arrival_end - files.arrival_end;
	const bool declared = s->schema.n_dimensions + 3 != ix->kept.n_lists,
	           due = closing ? since >= ix->keep_events || declared
	                         : since >= KEEP_EVENTS && since >= (uint64_t)s->events / KEEP_SHARE;
	index_leave(ix, r);
	return due;
}
