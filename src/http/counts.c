/*
 * The sums of every source as they rise, for pages that look at them. One
 * thread reads them, once a second and only while somebody looks; streams are
 * told when something is other than before. What is told adds up, because the
 * sums of a source move in the transaction that keeps its events.
 */
#include <errno.h>
#include <time.h>

#include "http/priv.h"

#define WATCHERS_MAX 256
#define COUNTS_MS 1000
#define COUNTS_BYTES (4 * MIB)

struct counts {
	struct watch watch; /* first: a watch is its counts */
	struct http *h;
	pthread_mutex_t lock;
	pthread_cond_t looked;
	struct buf text; /* what is told; under the lock, as all below */
	uint64_t news;
	struct {
		void (*wake)(void *ctx);
		void *ctx;
	} watchers[WATCHERS_MAX];
	int n_watchers, looking;
	bool ended, running;
	pthread_t thread;
};

/* Everybody who waits is woken, once. The lock is held. */
static void wake_all(struct counts *k)
{
	for (int i = 0; i < k->n_watchers; i++) k->watchers[i].wake(k->watchers[i].ctx);
	k->n_watchers = 0;
}

/* Reads without the lock; news when it is not what was told last. */
static void look(struct counts *k, struct arena *a, struct buf *fresh)
{
	struct err err;
	buf_clear(fresh);
	arena_reset(a);
	if (sources_put(k->h, a, fresh, &err) != OK || fresh->full) return; /* the next second may do better */
	pthread_mutex_lock(&k->lock);
	if (!str_eq(buf_view(fresh), buf_view(&k->text))) {
		const struct buf old = k->text;
		k->text = *fresh;
		*fresh = old;
		k->news++;
		wake_all(k);
	}
	pthread_mutex_unlock(&k->lock);
}

static void *run(void *arg)
{
	struct counts *k = arg;
	struct arena a;
	struct buf fresh;
	arena_init(&a, 64 * MIB);
	buf_init(&fresh, COUNTS_BYTES);
	pthread_mutex_lock(&k->lock);
	while (!k->ended) {
		if (!k->looking) {
			pthread_cond_wait(&k->looked, &k->lock);
			continue;
		}
		pthread_mutex_unlock(&k->lock);
		look(k, &a, &fresh);
		pthread_mutex_lock(&k->lock);
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += COUNTS_MS / 1000;
		while (!k->ended && pthread_cond_timedwait(&k->looked, &k->lock, &until) != ETIMEDOUT) continue;
	}
	pthread_mutex_unlock(&k->lock);
	buf_done(&fresh);
	arena_done(&a);
	return NULL;
}

static bool event(struct watch *w, uint64_t *seen, struct buf *out, bool *ended, void (*wake)(void *ctx), void *ctx)
{
	struct counts *k = (struct counts *)w;
	bool told = false;
	pthread_mutex_lock(&k->lock);
	*ended = k->ended || (wake && k->n_watchers == WATCHERS_MAX);
	if (!*ended && k->news && *seen != k->news) {
		*seen = k->news;
		buf_printf(out, "id: %llu\ndata: ", (unsigned long long)k->news);
		buf_str(out, buf_view(&k->text));
		buf_str(out, STR("\n\n"));
		told = true;
	} else if (!*ended && wake) {
		k->watchers[k->n_watchers].wake = wake;
		k->watchers[k->n_watchers++].ctx = ctx;
	}
	pthread_mutex_unlock(&k->lock);
	return told;
}

static void release(struct watch *w)
{
	struct counts *k = (struct counts *)w;
	pthread_mutex_lock(&k->lock);
	k->looking--;
	pthread_mutex_unlock(&k->lock);
}

struct counts *counts_new(struct http *h)
{
	struct counts *k = calloc(1, sizeof *k);
	if (!k) return NULL;
	k->watch = (struct watch){ event, release };
	k->h = h;
	buf_init(&k->text, COUNTS_BYTES);
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->looked, NULL);
	return k;
}

enum err_code counts_watch(struct counts *k, struct watch **out, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	if (!k->running && !k->ended) k->running = pthread_create(&k->thread, NULL, run, k) == 0;
	const bool running = k->running;
	if (running) k->looking++;
	pthread_cond_broadcast(&k->looked);
	pthread_mutex_unlock(&k->lock);
	if (!running) return err_set(err, ERR_UNAVAILABLE, "http.thread", "", "no more threads can be made");
	*out = &k->watch;
	return OK;
}

/* Streams whose reader is gone are found by sending to them. */
void counts_beat(struct counts *k)
{
	pthread_mutex_lock(&k->lock);
	if (k->news) k->news++;
	wake_all(k);
	pthread_mutex_unlock(&k->lock);
}

void counts_stop(struct counts *k)
{
	pthread_mutex_lock(&k->lock);
	k->ended = true;
	wake_all(k);
	pthread_cond_broadcast(&k->looked);
	const bool running = k->running;
	k->running = false;
	pthread_mutex_unlock(&k->lock);
	if (running) pthread_join(k->thread, NULL);
}

void counts_free(struct counts *k)
{
	if (!k) return;
	buf_done(&k->text);
	pthread_cond_destroy(&k->looked);
	pthread_mutex_destroy(&k->lock);
	free(k);
}
