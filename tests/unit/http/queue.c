#include "http/queue.h"
#include "tests/unit/unit.h"

#define MANY 1000
static struct waiting all[MANY];

static struct waiting *from(int i, uint64_t sender, size_t bytes)
{
	all[i] = (struct waiting){ .sender = sender, .bytes = bytes };
	return &all[i];
}

static void one_sender_is_answered_in_order_and_fills_half(void **state)
{
	struct queue q;
	queue_init(&q, 10, true);
	assert_null(queue_take(&q));
	for (int i = 0; i < 5; i++) assert_int_equal(queue_put(&q, from(i, 7, 100)), QUEUE_ROOM);
	assert_int_equal(queue_look(&q, 7), QUEUE_SENDER_FULL);
	assert_int_equal(queue_put(&q, from(5, 7, 100)), QUEUE_SENDER_FULL);
	assert_int_equal(queue_look(&q, 8), QUEUE_ROOM);
	for (int i = 0; i < 5; i++) assert_ptr_equal(queue_take(&q), &all[i]);
	assert_null(queue_take(&q));
	assert_int_equal(q.n, 0);
}

static void a_queue_that_is_not_shared_is_filled_by_one(void **state)
{
	struct queue q;
	queue_init(&q, 4, false);
	for (int i = 0; i < 4; i++) assert_int_equal(queue_put(&q, from(i, 7, 0)), QUEUE_ROOM);
	assert_int_equal(queue_put(&q, from(4, 8, 0)), QUEUE_FULL);
}

/* Two that flood leave room: the more there are, the less each may have waiting. */
static void senders_who_flood_leave_room_for_others(void **state)
{
	struct queue q;
	int kept[3] = { 0 };
	queue_init(&q, 90, true);
	for (int i = 0; i < 300; i++) kept[i % 2] += queue_put(&q, from(i, (uint64_t)(i % 2) + 1, 0)) == QUEUE_ROOM;
	assert_int_equal(kept[0], 30);
	assert_int_equal(kept[1], 30);
	assert_int_equal(queue_put(&q, from(300, 3, 0)), QUEUE_ROOM);
}

static void who_sends_little_waits_for_one_turn_of_the_others(void **state)
{
	struct queue q;
	int before = 0;
	queue_init(&q, 2 * MANY, true);
	for (int i = 0; i < MANY - 1; i++) assert_int_equal(queue_put(&q, from(i, 1, 10000)), QUEUE_ROOM);
	struct waiting *one = from(MANY - 1, 2, 10000);
	assert_int_equal(queue_put(&q, one), QUEUE_ROOM);
	while (queue_take(&q) != one) before++;
	assert_true(before <= (int)(QUEUE_TURN_BYTES / 10000) + 1);
}

/* Turns are in bytes: who sends large ones gets no more than who sends small ones. */
static void senders_share_by_bytes(void **state)
{
	struct queue q;
	size_t got[3] = { 0 };
	int n = 0;
	queue_init(&q, 4 * MANY, true);
	for (; n < 40; n++) assert_int_equal(queue_put(&q, from(n, 1, 500000)), QUEUE_ROOM);
	for (; n < MANY; n++) assert_int_equal(queue_put(&q, from(n, 2, 20000)), QUEUE_ROOM);
	while (got[1] + got[2] < 20u * 1000 * 1000) {
		const struct waiting *next = queue_next(&q), *w = queue_take(&q);
		assert_ptr_equal(next, w);
		got[w->sender] += w->bytes;
	}
	assert_true(got[1] < got[2] * 11 / 10 && got[2] < got[1] * 11 / 10);
}

/* Random puts and takes: nobody is lost, nobody comes twice, and one sender's stay in order. */
static void everybody_who_was_put_comes_out_once_and_in_their_order(void **state)
{
	struct queue q;
	uint64_t seed = 88172645463325252u;
	int put = 0, taken = 0, newest[50];
	memset(newest, -1, sizeof newest);
	queue_init(&q, 200, true);
	while (taken < MANY) {
		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		if (put < MANY && seed % 3) {
			put += queue_put(&q, from(put, seed / 3 % 50, seed / 150 % 300000)) == QUEUE_ROOM;
			assert_true(q.n <= q.max);
		} else {
			const struct waiting *w = queue_take(&q);
			if (!w) continue;
			assert_true((int)(w - all) > newest[w->sender]);
			newest[w->sender] = (int)(w - all);
			taken++;
		}
	}
	assert_int_equal(put, MANY);
	assert_null(queue_take(&q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_sender_is_answered_in_order_and_fills_half),
		cmocka_unit_test(a_queue_that_is_not_shared_is_filled_by_one),
		cmocka_unit_test(senders_who_flood_leave_room_for_others),
		cmocka_unit_test(who_sends_little_waits_for_one_turn_of_the_others),
		cmocka_unit_test(senders_share_by_bytes),
		cmocka_unit_test(everybody_who_was_put_comes_out_once_and_in_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
