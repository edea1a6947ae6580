/* The stream of news: who watches learns that the inbox has changed, not what. */
#include "http/priv.h"

#define WATCHERS_MAX 512

struct feed {
	struct watch watch; /* first: a watch is its feed */
	pthread_mutex_t lock;
	uint64_t news, beats; /* under the lock, as all below */
	struct {
		void (*wake)(void *ctx);
		void *ctx;
	} watchers[WATCHERS_MAX];
	int n_watchers;
	bool ended;
};

/* Everybody who waits is woken, once. The lock is held. */
static void wake_all(struct feed *f)
{
	for (int i = 0; i < f->n_watchers; i++) f->watchers[i].wake(f->watchers[i].ctx);
	f->n_watchers = 0;
}

/* *seen: how much of news and beats was told already, plus one. */
static bool event(struct watch *w, uint64_t *seen, struct buf *out, bool *ended, void (*wake)(void *ctx), void *ctx)
{
	struct feed *f = (struct feed *)w;
	bool told = false;
	pthread_mutex_lock(&f->lock);
	const uint64_t now = f->news + f->beats + 1;
	*ended = f->ended || (wake && f->n_watchers == WATCHERS_MAX);
	if (!*ended && *seen != now) {
		*seen = now;
		buf_printf(out, "id: %llu\ndata: {\"news\":%llu}\n\n", (unsigned long long)f->news,
		           (unsigned long long)f->news);
		told = true;
	} else if (!*ended && wake) {
		f->watchers[f->n_watchers].wake = wake;
		f->watchers[f->n_watchers++].ctx = ctx;
	}
	pthread_mutex_unlock(&f->lock);
	return told;
}

/* The feed lives as long as the server. */
static void release(struct watch *w) {}

struct feed *feed_new(void)
{
	struct feed *f = calloc(1, sizeof *f);
	if (!f) return NULL;
	f->watch = (struct watch){ event, release };
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

struct watch *feed_watch(struct feed *f)
{
	return &f->watch;
}

void feed_news(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	f->news++;
	wake_all(f);
	pthread_mutex_unlock(&f->lock);
}

void feed_beat(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	f->beats++;
	wake_all(f);
	pthread_mutex_unlock(&f->lock);
}

void feed_stop(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	f->ended = true;
	wake_all(f);
	pthread_mutex_unlock(&f->lock);
}

void feed_free(struct feed *f)
{
	if (!f) return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}
