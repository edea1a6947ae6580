#include "http/priv.h"

#define CACHE_BYTES (96 * MIB) /* of drawings; a measurement is bounded by its arena */

struct cache {
	pthread_mutex_t lock;
	pthread_cond_t made;
	struct cache_entry *oldest; /* a list, newest last; short enough to walk */
	int n;
	size_t bytes;
};

struct cache *cache_new(void)
{
	struct cache *c = calloc(1, sizeof *c);
	if (!c) return NULL;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->made, NULL);
	return c;
}

static void release(struct cache_entry *e);

static void entry_free(struct cache_entry *e)
{
	if (e->under) release(e->under);
	arena_done(&e->arena);
	buf_done(&e->bytes);
	free(e->key);
	free(e);
}

/* One reader less. The lock is held. */
static void release(struct cache_entry *e)
{
	if (--e->users == 0 && e->dropped) entry_free(e);
}

/* Out of the list; gone when nobody reads it, else with its last reader. The lock is held. */
static void drop(struct cache *c, struct cache_entry *e)
{
	struct cache_entry **at = &c->oldest;
	while (*at && *at != e) at = &(*at)->newer;
	if (!*at) return;
	*at = e->newer;
	c->n--;
	c->bytes -= e->bytes.cap;
	e->dropped = true;
	if (e->users == 0) entry_free(e);
}

void cache_free(struct cache *c)
{
	if (!c) return;
	while (c->oldest) drop(c, c->oldest);
	pthread_cond_destroy(&c->made);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static void append(struct cache *c, struct cache_entry *e)
{
	struct cache_entry **at = &c->oldest;
	while (*at) at = &(*at)->newer;
	e->newer = NULL;
	*at = e;
}

/* Makes room, oldest first; what is being made stays. The lock is held. */
static void evict(struct cache *c)
{
	while (c->n > CACHE_ENTRIES || c->bytes > CACHE_BYTES) {
		struct cache_entry *e = c->oldest;
		while (e && e->making) e = e->newer;
		if (!e) return;
		drop(c, e);
	}
}

enum err_code cache_get(struct cache *c, struct str key, cache_make make, void *ctx, struct cache_entry **out,
                        struct err *err)
{
	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct cache_entry *e = c->oldest;
		while (e && !str_eq(str_of(e->key), key)) e = e->newer;
		if (!e) break;
		e->users++;
		if (!e->making) {
			struct cache_entry **at = &c->oldest;
			while (*at != e) at = &(*at)->newer;
			*at = e->newer;
			append(c, e);
			pthread_mutex_unlock(&c->lock);
			*out = e;
			return OK;
		}
		while (e->making) pthread_cond_wait(&c->made, &c->lock);
		/* A failed one was dropped by its maker: the next look finds nothing, and we try ourselves. */
		release(e);
	}
	struct cache_entry *e = calloc(1, sizeof *e);
	if (e) e->key = strndup(key.ptr, key.len);
	if (!e || !e->key) {
		pthread_mutex_unlock(&c->lock);
		free(e);
		return err_no_memory(err);
	}
	arena_init(&e->arena, CALL_ARENA_BYTES);
	buf_init(&e->bytes, CALL_OUT_BYTES);
	e->users = 1;
	e->making = true;
	append(c, e);
	c->n++;
	pthread_mutex_unlock(&c->lock);

	enum err_code rc = make(ctx, e, err);
	if (rc == OK) rc = buf_check(&e->bytes, err);

	pthread_mutex_lock(&c->lock);
	e->making = false;
	c->bytes += e->bytes.cap;
	if (rc != OK) {
		drop(c, e);
		release(e);
	} else {
		evict(c);
		*out = e;
	}
	pthread_cond_broadcast(&c->made);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

void cache_put(struct cache *c, struct cache_entry *e)
{
	if (!e) return;
	pthread_mutex_lock(&c->lock);
	release(e);
	pthread_mutex_unlock(&c->lock);
}

void cache_under(struct cache *c, struct cache_entry *e, struct cache_entry *under)
{
	if (!under) return;
	pthread_mutex_lock(&c->lock);
	under->users++;
	pthread_mutex_unlock(&c->lock);
	e->under = under;
}
