/* The queue of a lane. */
#include "http/queue.h"

#include "base/hash.h"

void queue_init(struct queue *q, int max, bool shared)
{
	*q = (struct queue){ .max = max, .shared = shared };
	for (int i = 0; i < QUEUE_PILES; i++) q->piles[i].last = &q->piles[i].first;
}

static size_t place_of(uint64_t sender)
{
	return (size_t)(hash64((struct str){ (const char *)&sender, sizeof sender }) % QUEUE_PILES);
}

enum queue_room queue_look(const struct queue *q, uint64_t sender)
{
	const int left = q->max - q->n;
	if (left <= 0) return QUEUE_FULL;
	return q->shared && q->piles[place_of(sender)].n >= left ? QUEUE_SENDER_FULL : QUEUE_ROOM;
}

static void turn_last(struct queue *q, struct queue_pile *p)
{
	p->next = NULL;
	if (q->turn) q->turn_last->next = p;
	else q->turn = p;
	q->turn_last = p;
}

enum queue_room queue_put(struct queue *q, struct waiting *w)
{
	struct queue_pile *p = &q->piles[place_of(w->sender)];
	const enum queue_room room = queue_look(q, w->sender);
	if (room != QUEUE_ROOM) return room;
	if (!p->n) {
		p->credit_bytes = QUEUE_TURN_BYTES;
		turn_last(q, p);
	}
	w->next = NULL;
	*p->last = w;
	p->last = &w->next;
	p->n++;
	q->n++;
	return QUEUE_ROOM;
}

static size_t cost_of(const struct waiting *w)
{
	return QUEUE_HEAD_BYTES + w->bytes;
}

/* A body of 4 MiB waits for 64 turns at most: each that passes leaves it a turn's bytes more. */
const struct waiting *queue_next(struct queue *q)
{
	struct queue_pile *p = q->turn;
	while (p && cost_of(p->first) > p->credit_bytes) {
		p->credit_bytes += QUEUE_TURN_BYTES;
		if (p != q->turn_last) {
			q->turn = p->next;
			turn_last(q, p);
		}
		p = q->turn;
	}
	return p ? p->first : NULL;
}

struct waiting *queue_take(struct queue *q)
{
	if (!queue_next(q)) return NULL;
	struct queue_pile *p = q->turn;
	struct waiting *w = p->first;
	p->first = w->next;
	p->credit_bytes -= cost_of(w);
	p->n--;
	q->n--;
	if (!p->first) {
		p->last = &p->first;
		q->turn = p->next;
	}
	return w;
}
