/*
 * Requests that wait, in an order that is fair to their senders, and never
 * more than fit. Senders (any numbers) share QUEUE_PILES piles by their
 * hash; the piles take turns, each with QUEUE_TURN_BYTES a turn, what it did
 * not use kept while it waits (deficit round robin). So somebody who sends a
 * thousand requests waits behind a thousand of their own, and whoever sends
 * one waits for at most one turn of each other pile.
 *
 * A pile may hold as many as there is room left for everybody: one alone
 * fills half of the queue, two a third each, and there is always room for a
 * sender who sends little (dynamic thresholds).
 *
 * Not thread-safe; each call costs the same, however many wait.
 * Sources: Shreedhar and Varghese 1995, doi 10.1145/217382.217453 (the turns); Choudhury and
 * Hahne 1998, doi 10.1109/90.664262 (the thresholds).
 */
#ifndef HTTP_QUEUE_H
#define HTTP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_PILES 64
#define QUEUE_TURN_BYTES ((size_t)64 * 1024)
/* What a request costs beside its body. */
#define QUEUE_HEAD_BYTES ((size_t)1024)

struct waiting { /* part of what waits, which is the caller's */
	struct waiting *next;
	uint64_t sender;
	size_t bytes; /* of the body */
};

struct queue_pile {
	struct waiting *first, **last;
	int n;
	size_t credit_bytes;
	struct queue_pile *next; /* whose turn is after this one's */
};

struct queue {
	struct queue_pile piles[QUEUE_PILES];
	struct queue_pile *turn,
	        *turn_last; /* a ring cut open: those that have something, in the order of their turns */
	int n, max;
	bool shared; /* a pile holds no more than is left for everybody; else only max counts */
};

enum queue_room { QUEUE_ROOM, QUEUE_SENDER_FULL, QUEUE_FULL };

void queue_init(struct queue *q, int max, bool shared);
/* What queue_put would say. */
enum queue_room queue_look(const struct queue *q, uint64_t sender);
/* Takes w when there is room. */
enum queue_room queue_put(struct queue *q, struct waiting *w);
/* Whose turn it is, still waiting; NULL when nobody waits. The same until queue_take. */
const struct waiting *queue_next(struct queue *q);
struct waiting *queue_take(struct queue *q);

#endif
