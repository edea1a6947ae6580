/*
 * Offsets of senders' clocks. A right one has an entry too, for near the limit it must not be measured again.
 *
 *   slot  hash of source and sender, offset     16 bytes, WAYS of one set beside each other
 *
 * A sender's set follows from its hash; a new one takes the place of the one in it that was not heard for longest.
 */
#include "base/pages.h"
#include "collect/priv.h"

enum { WAYS = 8, LOCKS = 64 };

struct slot {
	uint64_t who; /* 0 empty */
	int64_t offset_ms;
};

struct clocks {
	pthread_mutex_t locks[LOCKS];  /* of the sets, by number */
	struct slot slots[CLOCKS_MAX]; /* a set from newest to oldest */
};

struct clocks *clocks_new(void)
{
	/* Each event looks somewhere else in it. */
	struct clocks *k = pages_new(sizeof *k);
	for (size_t i = 0; k && i < LOCKS; i++) pthread_mutex_init(&k->locks[i], NULL);
	return k;
}

void clocks_free(struct clocks *k)
{
	for (size_t i = 0; k && i < LOCKS; i++) pthread_mutex_destroy(&k->locks[i]);
	free(k);
}

static bool right(int64_t skew_ms)
{
	return skew_ms >= -CLOCK_RIGHT_MS && skew_ms <= CLOCK_RIGHT_MS;
}

/* Where who stands in its set, in front of which is the newest; WAYS when it is not there. */
static size_t find(const struct slot *set, uint64_t who)
{
	size_t i = 0;
	while (i < WAYS && set[i].who != who) i++;
	return i;
}

static void to_front(struct slot *set, size_t from, struct slot s)
{
	if (from == WAYS) from = WAYS - 1;
	memmove(set + 1, set, from * sizeof *set);
	set[0] = s;
}

static int64_t offset_in(struct slot *set, uint64_t who, int64_t skew_ms)
{
	const size_t at = find(set, who);
	const bool known = at < WAYS;
	struct slot s = known ? set[at] : (struct slot){ who, right(skew_ms) ? 0 : skew_ms };
	const int64_t jump = skew_ms - s.offset_ms;
	if (jump > CLOCK_JUMP_MS || jump < -CLOCK_JUMP_MS) s.offset_ms = right(skew_ms) ? 0 : skew_ms;
	to_front(set, at, s);
	return s.offset_ms;
}

int64_t clock_offset(void *clock_of_source, struct str sender, int64_t skew_ms)
{
	const struct clock_of_source *of = clock_of_source;
	uint64_t who = hash64_seed(sender, of->source);
	if (who == 0) who = 1;
	const size_t i = who % (CLOCKS_MAX / WAYS);
	pthread_mutex_t *lock = &of->clocks->locks[i % LOCKS];
	pthread_mutex_lock(lock);
	const int64_t offset = offset_in(of->clocks->slots + i * WAYS, who, skew_ms);
	pthread_mutex_unlock(lock);
	return offset;
}
