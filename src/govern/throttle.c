/*
 * Slowing down those who guess passwords. A fixed table of keys (a login, a
 * network), four places for each key; the one unused for longest is given up
 * when all four are taken. After `free_tries` failures each further one
 * doubles the delay: 1 s, 2 s, 4 s ... 15 min. An hour without a try is
 * forgiven. Delays are in memory only and end with the process.
 */
#include <arpa/inet.h>

#include "base/hash.h"
#include "govern/priv.h"

#define WAYS 4
#define DELAY_MAX_MS ((int64_t)15 * WHEN_MINUTE_MS)
#define FORGET_MS WHEN_HOUR_MS

void throttle_init(struct throttle *t)
{
	pthread_mutex_init(&t->lock, NULL);
}
void throttle_done(struct throttle *t)
{
	pthread_mutex_destroy(&t->lock);
}

/* A clock that is put back takes the delay along: nobody waits for the day to come again. */
static void clock_put_back(struct throttle_slot *s, int64_t at_ms)
{
	if (s->last_ms <= at_ms) return;
	s->until_ms -= s->last_ms - at_ms;
	s->last_ms = at_ms;
}

/* The key's place, or with `make` the place it may take; NULL when it has none. The lock is held. */
static struct throttle_slot *slot_of(struct throttle *t, uint64_t key, int64_t at_ms, bool make)
{
	struct throttle_slot *set = &t->slots[key % (THROTTLE_SLOTS / WAYS) * WAYS], *oldest = &set[0];
	for (int i = 0; i < WAYS; i++) {
		if (set[i].key == key && at_ms - set[i].last_ms < FORGET_MS) {
			clock_put_back(&set[i], at_ms);
			return &set[i];
		}
		if (set[i].key == key || set[i].key == 0) oldest = &set[i];
		else if (oldest->key != 0 && oldest->key != key && set[i].last_ms < oldest->last_ms) oldest = &set[i];
	}
	if (!make) return NULL;
	*oldest = (struct throttle_slot){ .key = key };
	return oldest;
}

int64_t throttle_wait(struct throttle *t, uint64_t key, int64_t at_ms)
{
	pthread_mutex_lock(&t->lock);
	struct throttle_slot *s = slot_of(t, key, at_ms, false);
	int64_t wait = s && s->until_ms > at_ms ? s->until_ms - at_ms : 0;
	pthread_mutex_unlock(&t->lock);
	return wait;
}

void throttle_failed(struct throttle *t, uint64_t key, int free_tries, int64_t at_ms)
{
	pthread_mutex_lock(&t->lock);
	struct throttle_slot *s = slot_of(t, key, at_ms, true);
	s->last_ms = at_ms;
	s->tries++;
	if (s->tries >= free_tries) {
		int doubled = s->tries - free_tries;
		int64_t delay = doubled >= 10 ? DELAY_MAX_MS : WHEN_SECOND_MS << doubled;
		s->until_ms = at_ms + (delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS);
	}
	pthread_mutex_unlock(&t->lock);
}

void throttle_forget(struct throttle *t, uint64_t key)
{
	pthread_mutex_lock(&t->lock);
	struct throttle_slot *s = slot_of(t, key, 0, false);
	if (s) *s = (struct throttle_slot){ 0 };
	pthread_mutex_unlock(&t->lock);
}

uint64_t throttle_key_login(struct str login)
{
	return hash64_seed(login, 1) | 1;
}

uint64_t throttle_key_net(struct str address)
{
	char z[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	if (address.len == 0 || address.len >= sizeof z) return 0;
	memcpy(z, address.ptr, address.len);
	z[address.len] = '\0';
	if (inet_pton(AF_INET, z, bytes) == 1) return hash64_seed((struct str){ (char *)bytes, 3 }, 4) | 1;
	if (inet_pton(AF_INET6, z, bytes) == 1) return hash64_seed((struct str){ (char *)bytes, 8 }, 6) | 1;
	return 0;
}
