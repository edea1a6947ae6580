#include "index/build.h"

#include <math.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/hash.h"

enum {
	CHUNK_ARRIVALS = 1 << 18, /* rows of a chunk stay in the cache while they are put in order of parts */
	CHUNK_TEXT_BYTES = 1 << 30,
	CHUNKS_A_THREAD = 4 /* at least, so that no thread waits long for the last */
};

/* --- words of a chunk ----------------------------------------------------------------------- */

static bool terms_rehash(struct terms *t)
{
	const uint32_t n = t->n_slots ? t->n_slots * 2 : 64;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots) return false;
	for (uint32_t i = 1; i < t->n; i++) {
		uint32_t at = (uint32_t)t->hashes[i] & (n - 1);
		while (slots[at]) at = (at + 1) & (n - 1);
		slots[at] = i;
	}
	free(t->slots);
	t->slots = slots;
	t->n_slots = n;
	return true;
}

static bool terms_grow(struct terms *t)
{
	if (t->n < t->cap) return true;
	const uint32_t cap = t->cap ? t->cap * 2 : 32;
	struct str *words = realloc(t->words, cap * sizeof *words);
	if (words) t->words = words;
	uint64_t *hashes = realloc(t->hashes, cap * sizeof *hashes);
	if (hashes) t->hashes = hashes;
	if (!words || !hashes) return false;
	t->cap = cap;
	return true;
}

/* The code of a word; a new one is copied. */
static bool terms_code(struct terms *t, struct str word, struct arena *text, uint32_t *code)
{
	*code = 0;
	if (word.len == 0) return true;
	if (t->n == 0) t->n = 1; /* "" */
	if (t->n * 2 >= t->n_slots && !terms_rehash(t)) return false;
	const uint64_t hash = hash64(word);
	uint32_t at = (uint32_t)hash & (t->n_slots - 1);
	for (; t->slots[at]; at = (at + 1) & (t->n_slots - 1)) {
		*code = t->slots[at];
		if (t->hashes[*code] == hash && str_eq(t->words[*code], word)) return true;
	}
	if (!terms_grow(t)) return false;
	const struct str copy = str_copy(text, word);
	if (!copy.ptr) return false;
	*code = t->slots[at] = t->n++;
	t->words[*code] = copy;
	t->hashes[*code] = hash;
	return true;
}

static void terms_done(struct terms *t)
{
	free(t->words);
	free(t->hashes);
	free(t->slots);
	free(t->code);
}

void chunk_done(struct chunk *c)
{
	free(c->customer);
	free(c->arrival);
	free(c->kind);
	free(c->at_ms);
	for (size_t d = 0; d < INDEX_DIMENSIONS_MAX; d++) {
		free(c->dims[d]);
		terms_done(&c->terms[d]);
	}
	free(c->evidence);
	terms_done(&c->abouts);
	terms_done(&c->currencies);
	arena_done(&c->text);
}

/* --- reading a chunk -------------------------------------------------------------------------------- */

struct building {
	struct index *ix;
	size_t n_dims, n_chunks;
	struct event_names names;
	struct chunk *chunks;
	struct part **fresh;
	uint64_t first_run;
	_Atomic uint32_t next;
	pthread_mutex_t lock; /* rc, err, done */
	enum err_code rc;
	struct err err;
	int64_t done;
};

/* Rows of the chunk at hand in order of arrival; used for one chunk after the other. */
struct reading {
	struct building *b;
	struct chunk *c;
	struct chunk rows; /* columns with room for CHUNK_ARRIVALS; dims are u32 */
	uint8_t *part;
	uint32_t cap, n_evidence, cap_evidence;
	uint32_t source, source_code;
	struct arena scratch;
};

static bool reading_init(struct reading *r, struct building *b, uint32_t cap)
{
	*r = (struct reading){ .b = b, .cap = cap };
	arena_init(&r->scratch, 4 * MIB);
	r->rows.customer = malloc(cap * sizeof *r->rows.customer);
	r->rows.arrival = malloc(cap * sizeof *r->rows.arrival);
	r->rows.kind = malloc(cap * sizeof *r->rows.kind);
	r->rows.at_ms = malloc(cap * sizeof *r->rows.at_ms);
	r->part = malloc(cap);
	return r->rows.customer && r->rows.arrival && r->rows.kind && r->rows.at_ms && r->part;
}

static void reading_done(struct reading *r)
{
	chunk_done(&r->rows);
	free(r->part);
	arena_done(&r->scratch);
}

static bool read_evidence(struct reading *r, uint32_t row, const struct store_head *h, const struct event_said *f)
{
	struct chunk *c = r->c;
	if (!f->has_score && !f->has_effort && !f->has_wait && !f->failed && !f->has_expected && !f->comment &&
	    !f->note && !f->has_money && !f->left)
		return true;
	struct evidence_codes codes = { 0 };
	if (f->has_score || f->comment || f->note) {
		codes.about = f->about.len ? JOURNEY_ABOUT_WHOLE : JOURNEY_ABOUT_OWN;
		if (f->about.len && !str_eq(f->about, STR("journey"))) {
			if (!terms_code(&c->abouts, f->about, &c->text, &codes.about)) return false;
			codes.about += JOURNEY_ABOUT_EVENT;
		}
	}
	if (f->has_score) codes.scale = scale_code(c->scales, &c->n_scales, f->min, f->max);
	if (f->has_money &&
	    !terms_code(&c->currencies, (struct str){ f->currency, sizeof f->currency }, &c->text, &codes.currency))
		return false;
	if (r->n_evidence + EVIDENCE_MAX > r->cap_evidence) {
		const size_t cap = r->cap_evidence ? (size_t)r->cap_evidence * 2 : 4096;
		struct journey_evidence *grown = realloc(r->rows.evidence, cap * sizeof *grown);
		if (!grown) return false;
		r->rows.evidence = grown;
		r->cap_evidence = (uint32_t)cap;
	}
	r->n_evidence += evidence_of(f, row, h->at_ms, codes, r->rows.evidence + r->n_evidence);
	return true;
}

static bool read_code(struct reading *r, size_t d, uint32_t row, uint32_t code)
{
	if (!r->rows.dims[d] && !(r->rows.dims[d] = calloc(r->cap, sizeof(uint32_t)))) return false;
	((uint32_t *)r->rows.dims[d])[row] = code;
	return true;
}

static bool read_source(struct reading *r, uint32_t row, uint32_t source)
{
	if (source != r->source || !r->source_code) {
		char text[16];
		const int n = snprintf(text, sizeof text, "%u", source);
		if (!terms_code(&r->c->terms[DIM_SOURCE], (struct str){ text, (size_t)n }, &r->c->text,
		                &r->source_code))
			return false;
		r->source = source;
	}
	return read_code(r, DIM_SOURCE, row, r->source_code);
}

static bool read_event(struct reading *r, const struct store_head *h, struct str body)
{
	struct chunk *c = r->c, *to = &r->rows;
	const struct people *people = &r->b->ix->people;
	const uint32_t row = c->n++, customer = people->parent[h->identity];
	to->customer[row] = customer;
	to->kind[row] = (uint16_t)h->kind;
	to->at_ms[row] = h->at_ms;
	to->arrival[row] = (uint32_t)(h->arrival - c->from);
	r->part[row] = (uint8_t)index_part_of(customer);
	if (h->kind > c->max_kind) c->max_kind = h->kind;
	if (row == 0 || h->at_ms > c->newest_ms) c->newest_ms = h->at_ms;
	if (row == 0 || h->at_ms < c->oldest_ms) c->oldest_ms = h->at_ms;

	struct event_fields f;
	event_read(body, &r->b->names, &r->scratch, &f);
	bool ok = read_source(r, row, h->source) && read_evidence(r, row, h, &f.said);
	for (size_t d = 0; d < r->b->n_dims && ok; d++) {
		uint32_t code;
		if (f.values[d].len == 0) continue;
		ok = terms_code(&c->terms[d], f.values[d], &c->text, &code) && read_code(r, d, row, code);
	}
	return ok;
}

static enum err_code read_block(void *ctx, const struct store_block *b, struct err *err)
{
	struct reading *r = ctx;
	struct index *ix = r->b->ix;
	if (atomic_load(&ix->stop)) return err_set(err, ERR_UNAVAILABLE, "index.stop", "", "the index is closing");
	for (size_t i = 0; i < b->n; i++) {
		arena_reset(&r->scratch);
		if (b->heads[i].identity >= ix->people.n)
			return err_set(err, ERR_CORRUPT, "index.identity", "", "event %llu is of nobody",
			               (unsigned long long)b->heads[i].arrival);
		if (!read_event(r, &b->heads[i], b->bodies[i])) return err_no_memory(err);
	}
	if (b->n) {
		const struct store_head *last = &b->heads[b->n - 1];
		r->c->anchor = (struct anchor){ last->arrival, head_hash(last) };
	}
	pthread_mutex_lock(&r->b->lock);
	r->b->done += (int64_t)b->n;
	if (ix->progress)
		ix->progress(ix->progress_ctx, r->b->done, (int64_t)(ix->feed.end(ix->feed.ctx) - ix->first_arrival));
	pthread_mutex_unlock(&r->b->lock);
	return OK;
}

/* --- putting a chunk in order of parts ------------------------------------------------------------------ */

static bool chunk_room(struct chunk *c, const struct reading *r)
{
	const size_t n = (size_t)c->n + 1;
	c->customer = malloc(n * sizeof *c->customer);
	c->arrival = malloc(n * sizeof *c->arrival);
	c->kind = malloc(n * sizeof *c->kind);
	c->at_ms = malloc(n * sizeof *c->at_ms);
	c->evidence = malloc(((size_t)r->n_evidence + 1) * sizeof *c->evidence);
	bool ok = c->customer && c->arrival && c->kind && c->at_ms && c->evidence;
	for (size_t d = 0; d < r->b->n_dims; d++) {
		if (c->terms[d].n == 0) continue;
		c->width[d] = width_of(c->terms[d].n - 1);
		ok = (c->dims[d] = malloc(n * c->width[d])) != NULL && ok;
	}
	return ok;
}

/* place[row]: where the row goes. Stable: within a part rows stay in order of arrival. */
static void chunk_places(struct chunk *c, const uint8_t *part, uint32_t *place)
{
	uint32_t at[INDEX_PARTS + 1] = { 0 };
	for (uint32_t i = 0; i < c->n; i++) at[part[i] + 1]++;
	for (uint32_t q = 0; q < INDEX_PARTS; q++) at[q + 1] += at[q];
	memcpy(c->first, at, sizeof at);
	for (uint32_t i = 0; i < c->n; i++) place[i] = at[part[i]]++;
}

static void chunk_evidence(struct chunk *c, const struct reading *r, const uint32_t *place)
{
	uint32_t at[INDEX_PARTS + 1] = { 0 };
	const struct journey_evidence *e = r->rows.evidence;
	for (uint32_t i = 0; i < r->n_evidence; i++) at[r->part[e[i].row] + 1]++;
	for (uint32_t q = 0; q < INDEX_PARTS; q++) at[q + 1] += at[q];
	memcpy(c->first_evidence, at, sizeof at);
	for (uint32_t i = 0; i < r->n_evidence; i++) {
		struct journey_evidence *to = &c->evidence[at[r->part[e[i].row]]++];
		*to = e[i];
		to->row = place[e[i].row];
	}
}

static bool chunk_order(struct reading *r)
{
	struct chunk *c = r->c, *from = &r->rows;
	uint32_t *place = malloc(((size_t)c->n + 1) * sizeof *place);
	if (!place || !chunk_room(c, r)) {
		free(place);
		return false;
	}
	chunk_places(c, r->part, place);
	for (uint32_t i = 0; i < c->n; i++) c->customer[place[i]] = from->customer[i];
	for (uint32_t i = 0; i < c->n; i++) c->arrival[place[i]] = from->arrival[i];
	for (uint32_t i = 0; i < c->n; i++) c->kind[place[i]] = from->kind[i];
	for (uint32_t i = 0; i < c->n; i++) c->at_ms[place[i]] = from->at_ms[i];
	for (size_t d = 0; d < r->b->n_dims; d++) {
		uint32_t *codes = from->dims[d];
		for (uint32_t i = 0; c->dims[d] && i < c->n; i++) put_code(c->dims[d], c->width[d], place[i], codes[i]);
		if (codes) memset(codes, 0, c->n * sizeof *codes); /* for the next chunk */
	}
	chunk_evidence(c, r, place);
	free(place);
	return true;
}

static void build_failed(struct building *b, enum err_code rc, const struct err *err)
{
	pthread_mutex_lock(&b->lock);
	if (b->rc == OK) {
		b->rc = rc;
		b->err = *err;
	}
	pthread_mutex_unlock(&b->lock);
	atomic_store(&b->next, UINT32_MAX / 2);
}

static void *read_chunks(void *arg)
{
	struct building *b = arg;
	struct reading r;
	struct err err = { 0 };
	enum err_code rc = OK;
	if (!reading_init(&r, b, (uint32_t)(b->chunks[0].to - b->chunks[0].from))) rc = err_no_memory(&err);
	for (uint32_t k; rc == OK && (k = atomic_fetch_add(&b->next, 1)) < b->n_chunks;) {
		r.c = &b->chunks[k];
		r.n_evidence = r.source_code = 0;
		rc = b->ix->feed.scan(b->ix->feed.ctx, r.c->from, r.c->to, read_block, &r, &err);
		if (rc == OK && !chunk_order(&r)) rc = err_no_memory(&err);
	}
	if (rc != OK) build_failed(b, rc, &err);
	reading_done(&r);
	return NULL;
}

/* --- codes of chunks become those of the index ------------------------------------------------------------ */

static bool merge_terms(struct terms *t, struct words_made *into)
{
	if (t->n == 0) return true;
	t->code = calloc(t->n, sizeof *t->code);
	bool ok = t->code != NULL;
	for (uint32_t i = 1; i < t->n && ok; i++) ok = words_add(into, t->words[i], t->hashes[i], &t->code[i]);
	return ok;
}

static bool merge_abouts(struct index *ix, struct terms *t)
{
	if (t->n == 0) return true;
	t->code = calloc(t->n, sizeof *t->code);
	bool ok = t->code != NULL;
	for (uint32_t i = 1; i < t->n && ok; i++) ok = about_code(ix, t->words[i], &t->code[i]);
	return ok;
}

static void merge_evidence(struct index *ix, struct chunk *c)
{
	for (uint32_t i = 0; i < c->first_evidence[INDEX_PARTS]; i++) {
		struct journey_evidence *e = &c->evidence[i];
		if (e->what == JOURNEY_RATING) e->scale = c->scale_code[e->scale];
		if (e->what == JOURNEY_MONEY) e->about = c->currencies.code[e->about];
		else if (e->about >= JOURNEY_ABOUT_EVENT) e->about = c->abouts.code[e->about - JOURNEY_ABOUT_EVENT];
		if (e->what == JOURNEY_WAIT)
			journey_durations_add(&ix->waits[ix->kinds[c->kind[e->row]].event], llrint(e->raw));
	}
}

static enum err_code merge_chunk(struct building *b, struct chunk *c, struct err *err)
{
	struct index *ix = b->ix;
	bool ok = merge_abouts(ix, &c->abouts) && merge_terms(&c->currencies, &ix->currencies);
	for (size_t d = 0; d < b->n_dims && ok; d++) ok = merge_terms(&c->terms[d], &ix->dims[d]);
	if (!ok) return err_no_memory(err);
	for (uint8_t i = 0; i < c->n_scales; i++)
		c->scale_code[i + 1] = scale_code(ix->scales, &ix->n_scales, c->scales[i].min, c->scales[i].max);
	c->scale_code[SCALES_MAX] = SCALES_MAX;
	merge_evidence(ix, c);
	if (c->n == 0) return OK;
	if (ix->events_n == 0 || c->newest_ms > ix->newest_ms) ix->newest_ms = c->newest_ms;
	if (ix->events_n == 0 || c->oldest_ms < ix->oldest_ms) ix->oldest_ms = c->oldest_ms;
	ix->events_n += c->n;
	ix->anchor = c->anchor;
	return OK;
}

static enum err_code merge_chunks(struct building *b, struct err *err)
{
	uint32_t max_kind = 0;
	for (size_t k = 0; k < b->n_chunks; k++)
		if (b->chunks[k].max_kind > max_kind) max_kind = b->chunks[k].max_kind;
	TRY(know_kind(b->ix, max_kind, err));
	for (size_t k = 0; k < b->n_chunks; k++) TRY(merge_chunk(b, &b->chunks[k], err));
	return OK;
}

/* --- parts ----------------------------------------------------------------------------------------------------- */

static void *make_parts(void *arg)
{
	struct building *b = arg;
	for (uint32_t q; (q = atomic_fetch_add(&b->next, 1)) < INDEX_PARTS;) {
		bool empty;
		struct run *run = run_of_chunks(b->chunks, b->n_chunks, q, b->n_dims, b->first_run + q, &empty);
		if (empty) continue;
		b->fresh[q] = run ? part_new(run, NULL, NULL) : NULL;
		if (b->fresh[q]) continue;
		run_free(run);
		struct err err;
		build_failed(b, err_no_memory(&err), &err);
	}
	return NULL;
}

static void on_threads(struct building *b, void *(*fn)(void *))
{
	pthread_t helpers[16];
	int n = 0;
	atomic_store(&b->next, 0);
	while (n < b->ix->threads - 1 && n < (int)COUNT_OF(helpers) && pthread_create(&helpers[n], NULL, fn, b) == 0)
		n++;
	fn(b);
	while (n) pthread_join(helpers[--n], NULL);
}

/* Everybody who is known now, so that threads only read; and from everybody straight to the root. */
static enum err_code know_people(struct index *ix, struct err *err)
{
	struct people *p = &ix->people;
	if (!people_reserve(p, ix->feed.identities(ix->feed.ctx), &ix->feed)) return err_no_memory(err);
	for (uint32_t i = 0; i < p->n; i++) p->parent[i] = p->customer[i] = people_root(p, i);
	return OK;
}

static bool cut_chunks(struct building *b, uint64_t from, uint64_t to)
{
	uint64_t size = (to - from) / (uint64_t)(b->ix->threads * CHUNKS_A_THREAD) + 1;
	if (size > CHUNK_ARRIVALS) size = CHUNK_ARRIVALS;
	b->n_chunks = (size_t)((to - from + size - 1) / size);
	b->chunks = calloc(b->n_chunks, sizeof *b->chunks);
	for (size_t k = 0; b->chunks && k < b->n_chunks; k++) {
		b->chunks[k].from = from + k * size;
		b->chunks[k].to = k + 1 < b->n_chunks ? from + (k + 1) * size : to;
		arena_init(&b->chunks[k].text, CHUNK_TEXT_BYTES);
	}
	return b->chunks != NULL;
}

enum err_code build_parts(struct index *ix, uint64_t to, struct part *fresh[INDEX_PARTS], struct err *err)
{
	struct building b = { .ix = ix, .n_dims = atomic_load(&ix->n_dims), .fresh = fresh, .first_run = ix->next_run };
	memset(fresh, 0, INDEX_PARTS * sizeof *fresh);
	ix->next_run += INDEX_PARTS;
	event_names_init(&b.names, ix->names, b.n_dims);
	TRY(know_people(ix, err));
	if (!cut_chunks(&b, ix->next_arrival, to)) return err_no_memory(err);
	pthread_mutex_init(&b.lock, NULL);
	on_threads(&b, read_chunks);
	enum err_code rc = b.rc;
	if (rc != OK && err) *err = b.err;
	if (rc == OK) rc = merge_chunks(&b, err);
	if (rc == OK) {
		on_threads(&b, make_parts);
		rc = b.rc;
		if (rc != OK && err) *err = b.err;
	}
	for (int q = 0; rc != OK && q < INDEX_PARTS; q++) {
		part_free(fresh[q]);
		fresh[q] = NULL;
	}
	for (size_t k = 0; k < b.n_chunks; k++) chunk_done(&b.chunks[k]);
	free(b.chunks);
	pthread_mutex_destroy(&b.lock);
	return rc;
}
