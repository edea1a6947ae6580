/*
 * Customers who leave. Their slices are gone from the next snapshot on, and
 * with them every file of the folder: dictionaries hold words that only they
 * used. Nothing is written there again before the log has been read anew,
 * which the next start does.
 */
#include <stdlib.h>

#include "index/writer.h"

static bool list_customer(struct index *ix, uint32_t customer)
{
	struct numbers *l = &ix->displaced;
	if (l->n == l->cap) {
		const uint32_t cap = l->cap ? l->cap * 2 : 64;
		uint32_t *grown = realloc(l->list, cap * sizeof *grown);
		if (!grown) return false;
		l->list = grown;
		l->cap = cap;
	}
	l->list[l->n++] = customer;
	return true;
}

/* The slices of these identities, each once; their rows leave the count. */
static enum err_code list_slices(struct index *ix, const uint32_t *identities, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t place, root;
		pthread_mutex_lock(&ix->people_lock);
		root = identities[i] < ix->people.n ? people_root(&ix->people, identities[i]) : 0;
		pthread_mutex_unlock(&ix->people_lock);
		bool known = root == 0;
		for (uint32_t k = 0; k < ix->displaced.n && !known; k++) known = ix->displaced.list[k] == root;
		if (known) continue;
		const struct journey_columns *c = part_find(ix->parts[index_part_of(root)], root, &place);
		if (!c) continue;
		if (!list_customer(ix, root)) return err_no_memory(err);
		ix->events_n -= c->offset[place + 1] - c->offset[place];
	}
	return OK;
}

void index_forget_files(struct index *ix)
{
	int64_t bytes, files;
	ix->torn = true;
	if (!ix->dir) return;
	file_sweep(ix->dir, NULL, 0, &bytes, &files);
	pthread_mutex_lock(&ix->lock);
	ix->files.bytes = bytes;
	ix->files.files = files;
	pthread_mutex_unlock(&ix->lock);
}

enum err_code index_drop(struct index *ix, const uint32_t *identities, size_t n, struct err *err)
{
	struct part *fresh[INDEX_PARTS];
	pthread_mutex_lock(&ix->writer_lock);
	ix->dropping = true;
	enum err_code rc = list_slices(ix, identities, n, err);
	if (rc == OK && ix->displaced.n) rc = rebuild_parts(ix, fresh, err);
	if (rc == OK && ix->displaced.n) {
		swap_parts(ix, fresh);
		rc = publish(ix, err);
	}
	ix->dropping = false;
	edges_taken(ix);
	if (rc == OK) index_forget_files(ix);
	pthread_mutex_unlock(&ix->writer_lock);
	return rc;
}
