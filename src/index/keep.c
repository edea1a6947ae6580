/* Runs, words and people as files, and back. What they hold is in docs/adr/0005. */
#include "index/priv.h"

#include "base/checked.h"
#include "base/hash.h"

static enum err_code impossible(enum file_kind kind, struct file_ref ref, const char *what, struct err *err)
{
	char name[40];
	file_name(kind, ref.hash, name);
	return err_set(err, ERR_CORRUPT, "index.file", "", "%s: %s", name, what);
}

/* --- a run ----------------------------------------------------------------------------------- */

struct run_start { /* of the payload, before the columns */
	uint32_t part, spare;
	struct run_head head;
};

enum err_code run_write(const char *dir, uint64_t mark, uint32_t part, const struct run *r, struct file_ref *out,
                        struct err *err)
{
	const struct journey_columns *c = &r->columns;
	struct run_start start = { .part = part,
		                   .head = { .n_customers = c->n_customers,
		                             .n_rows = c->n_rows,
		                             .n_evidence = c->n_evidence,
		                             .n_dims = (uint32_t)c->n_dimensions } };
	for (size_t d = 0; d < c->n_dimensions; d++) start.head.width[d] = c->dimensions[d].bytes;
	const size_t n = c->n_rows, nc = c->n_customers;
	struct file_out f;
	file_begin(&f, dir, FILE_RUN, mark);
	file_put(&f, &start, sizeof start);
	file_put(&f, c->at_ms, n * 8);
	file_put(&f, c->arrival, n * 8);
	file_put(&f, c->evidence, c->n_evidence * sizeof *c->evidence);
	file_put(&f, c->customer, nc * 4);
	file_put(&f, c->offset, (nc + 1) * 4);
	file_put(&f, c->evidence_offset, (nc + 1) * 4);
	file_put(&f, c->kind, n * 2);
	for (size_t d = 0; d < c->n_dimensions; d++) file_put(&f, c->dimensions[d].ptr, n * c->dimensions[d].bytes);
	return file_end(&f, out, err);
}

/* Whole customers of this part, ascending; slices and their evidence one after the other. */
static bool slices_fit(const struct journey_columns *c, uint32_t part)
{
	if (c->offset[0] != 0 || c->evidence_offset[0] != 0 || c->offset[c->n_customers] != c->n_rows ||
	    c->evidence_offset[c->n_customers] != c->n_evidence)
		return false;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (c->offset[i] >= c->offset[i + 1] || c->evidence_offset[i] > c->evidence_offset[i + 1] ||
		    c->offset[i + 1] > c->n_rows || c->evidence_offset[i + 1] > c->n_evidence ||
		    (i && c->customer[i - 1] >= c->customer[i]) || index_part_of(c->customer[i]) != part)
			return false;
		for (uint32_t e = c->evidence_offset[i]; e < c->evidence_offset[i + 1]; e++)
			if (c->evidence[e].row < c->offset[i] || c->evidence[e].row >= c->offset[i + 1]) return false;
	}
	return true;
}

enum err_code run_open(const char *dir, uint64_t mark, uint32_t part, struct file_ref ref, struct run **out,
                       struct err *err)
{
	struct file_map f;
	TRY(file_open(dir, FILE_RUN, ref, mark, &f, err));
	struct run_start start = { 0 };
	struct journey_columns c;
	struct run *r = calloc(1, sizeof *r);
	struct journey_codes *codes = NULL;
	enum err_code rc = OK;
	bool fits = f.bytes >= sizeof start;
	if (fits) memcpy(&start, f.payload, sizeof start);
	fits = fits && start.part == part && start.head.n_dims <= INDEX_DIMENSIONS_MAX;
	for (size_t d = 0; fits && d < start.head.n_dims; d++) fits = start.head.width[d] <= 4;
	/* Numbers of 32 bits times less than 300 bytes: the sum cannot wrap. */
	fits = fits && run_layout(&start.head, NULL, NULL, &c) == f.bytes - sizeof start;
	if (!r || !fits) {
		rc = r ? impossible(FILE_RUN, ref, "its sizes do not add up", err) : err_no_memory(err);
		goto done;
	}
	codes = malloc((start.head.n_dims + 1) * sizeof *codes);
	if (!codes) {
		rc = err_no_memory(err);
		goto done;
	}
	*r = (struct run){ .refs = 1, .codes = codes, .file = f, .kept = ref, .bytes = (int64_t)f.bytes };
	(void)run_layout(&start.head, (char *)(uintptr_t)f.payload + sizeof start, codes, &r->columns);
	if (!slices_fit(&r->columns, part)) rc = impossible(FILE_RUN, ref, "its slices do not fit", err);
done:
	if (rc == OK) {
		*out = r;
	} else {
		free(codes);
		free(r);
		file_close(&f);
	}
	return rc;
}

/* --- words -------------------------------------------------------------------------------------- */

struct list_start {
	uint64_t n, text_bytes;
};

static bool write_list(struct file_out *f, const struct journey_words *w)
{
	struct list_start start = { .n = w->n };
	uint32_t *lengths = malloc(((size_t)w->n + 1) * sizeof *lengths);
	uint64_t *hashes = malloc(((size_t)w->n + 1) * sizeof *hashes);
	if (lengths && hashes) {
		for (uint32_t i = 0; i < w->n; i++) {
			const struct str word = journey_word(w, i);
			lengths[i] = (uint32_t)word.len;
			hashes[i] = hash64(word);
			start.text_bytes += word.len;
		}
		file_put(f, &start, sizeof start);
		file_put(f, lengths, w->n * sizeof *lengths);
		file_put(f, hashes, w->n * sizeof *hashes);
	}
	const bool ok = lengths && hashes;
	free(lengths);
	free(hashes);
	return ok;
}

enum err_code words_write(const char *dir, uint64_t mark, const struct journey_words *lists, size_t n_lists,
                          struct file_ref *out, struct err *err)
{
	struct file_out f;
	struct buf text; /* one dictionary's, so that only its end is padded */
	buf_init(&text, 16 * GIB);
	file_begin(&f, dir, FILE_WORDS, mark);
	for (size_t k = 0; k < n_lists && f.rc == OK; k++) {
		buf_clear(&text);
		for (uint32_t i = 0; i < lists[k].n; i++) buf_str(&text, journey_word(&lists[k], i));
		if (text.full || !write_list(&f, &lists[k])) f.rc = err_no_memory(&f.err);
		file_put(&f, text.ptr, text.len);
	}
	buf_done(&text);
	return file_end(&f, out, err);
}

static const void *cut(struct str *rest, size_t bytes)
{
	const size_t padded = (bytes + 7) & ~(size_t)7;
	if (padded > rest->len || padded < bytes) return NULL;
	const void *p = rest->ptr;
	rest->ptr += padded;
	rest->len -= padded;
	return p;
}

enum err_code words_read(const struct file_map *f, struct words_made *const *lists, size_t n_lists, struct err *err)
{
	struct str rest = { f->payload, f->bytes };
	for (size_t k = 0; k < n_lists; k++) {
		const struct list_start *start = cut(&rest, sizeof *start);
		if (!start || start->n < 1 || start->n > (uint64_t)WORD_CHUNKS * JOURNEY_CHUNK ||
		    start->text_bytes > rest.len)
			return impossible(FILE_WORDS, f->ref, "its sizes do not add up", err);
		const uint32_t *lengths = cut(&rest, start->n * sizeof *lengths);
		const uint64_t *hashes = cut(&rest, start->n * sizeof *hashes);
		const char *text = cut(&rest, start->text_bytes);
		uint64_t sum = 0;
		for (uint64_t i = 0; lengths && i < start->n; i++) sum += lengths[i];
		if (!lengths || !hashes || !text || sum != start->text_bytes || lengths[0] != 0)
			return impossible(FILE_WORDS, f->ref, "its sizes do not add up", err);
		if (!words_fill(lists[k], (uint32_t)start->n, lengths, hashes, text)) return err_no_memory(err);
	}
	return rest.len == 0 ? OK : impossible(FILE_WORDS, f->ref, "it is too long", err);
}

/* --- people ------------------------------------------------------------------------------------------ */

enum err_code people_write(const char *dir, uint64_t mark, const struct people *p, struct file_ref *out,
                           struct err *err)
{
	const uint64_t n = p->n;
	struct file_out f;
	file_begin(&f, dir, FILE_PEOPLE, mark);
	file_put(&f, &n, sizeof n);
	file_put(&f, p->parent, n * sizeof *p->parent);
	file_put(&f, p->next, n * sizeof *p->next);
	file_put(&f, p->known, n * sizeof *p->known);
	return file_end(&f, out, err);
}

enum err_code people_read(const struct file_map *f, struct people *p, struct err *err)
{
	struct str rest = { f->payload, f->bytes };
	const uint64_t *n = cut(&rest, sizeof *n);
	if (!n || *n > UINT32_MAX) return impossible(FILE_PEOPLE, f->ref, "its sizes do not add up", err);
	const uint32_t *parent = cut(&rest, *n * sizeof *parent), *next = cut(&rest, *n * sizeof *next);
	const bool *known = cut(&rest, *n * sizeof *known);
	if (!parent || !next || !known || rest.len)
		return impossible(FILE_PEOPLE, f->ref, "its sizes do not add up", err);
	for (uint64_t i = 0; i < *n; i++)
		if (parent[i] >= *n || next[i] >= *n)
			return impossible(FILE_PEOPLE, f->ref, "a component leads outside", err);
	const size_t cap = *n + 1024;
	p->parent = malloc(cap * sizeof *parent);
	p->next = malloc(cap * sizeof *next);
	p->known = malloc(cap * sizeof *known);
	p->customer = malloc(cap * sizeof *p->customer);
	if (!p->parent || !p->next || !p->known || !p->customer) return err_no_memory(err);
	memcpy(p->parent, parent, *n * sizeof *parent);
	memcpy(p->next, next, *n * sizeof *next);
	memcpy(p->known, known, *n * sizeof *known);
	p->n = (uint32_t)*n;
	p->cap = (uint32_t)cap;
	for (uint32_t i = 0; i < p->n; i++) p->customer[i] = people_root(p, i);
	return OK;
}
