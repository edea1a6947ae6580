#include "store/block.h"

#include <stdlib.h>

#include "base/rng.h"
#include "tests/unit/unit.h"

enum { GROUPS = 9 };
/* Events and bytes of a body: large frames, small ones, both in one block, none that is half full, one event alone. */
static const struct {
	size_t n, bytes;
} groups[GROUPS] = { { 900, 250 }, { 1, 30 },  { 3, 40 }, { 700, 200 }, { 1200, 300 },
	             { 2, 50000 }, { 40, 20 }, { 1, 0 },  { 3, 60000 } };

struct log {
	struct block_event *events;
	struct str *bodies;
	size_t n;
	char *text;
	size_t len;
};

static void fill(struct log *l)
{
	struct rng rng;
	rng_init(&rng, 20261123, 0);
	size_t n = 0, bytes = 0;
	for (size_t g = 0; g < GROUPS; g++) n += groups[g].n, bytes += groups[g].n * groups[g].bytes;
	l->events = calloc(n, sizeof *l->events);
	l->bodies = calloc(n, sizeof *l->bodies);
	l->text = malloc(bytes + 1);
	for (size_t g = 0; g < GROUPS; g++)
		for (size_t i = 0; i < groups[g].n; i++, l->n++) {
			char *at = l->text + l->len;
			for (size_t k = 0; k < groups[g].bytes; k++) at[k] = (char)('a' + rng_next(&rng) % 6);
			l->bodies[l->n] = (struct str){ at, groups[g].bytes };
			l->len += groups[g].bytes;
			struct block_event *e = &l->events[l->n];
			e->head = (struct store_head){ .arrival = 7 + l->n,
				                       .at_ms = (int64_t)rng_next(&rng) >> 20,
				                       .received_ms = 5,
				                       .source = 3,
				                       .identity = 1 + (uint32_t)i,
				                       .kind = 2 };
			e->id = (struct hash128){ rng_next(&rng), rng_next(&rng) };
			e->content = rng_next(&rng);
		}
}

static void encode(struct block_builder *b, struct block_frame *f, struct buf *head, struct buf *body)
{
	struct err err;
	f->first_arrival = b->events[0].head.arrival;
	f->arrival_end = b->events[b->n - 1].head.arrival + 1;
	assert_int_equal(block_encode(b, 1, f, head, body, &err), OK);
}

static void blocks_put_into_one_say_the_same_whatever_their_frames(void **state)
{
	(void)state;
	struct log l = { 0 };
	struct block_builder one, all;
	struct block_reader r;
	struct buf head, body;
	struct block_frame f;
	struct err err;
	fill(&l);
	block_builder_init(&one);
	block_builder_init(&all);
	block_reader_init(&r);
	buf_init(&head, 8 * MIB);
	buf_init(&body, 32 * MIB);
	for (size_t g = 0, at = 0; g < GROUPS; g++) {
		block_builder_clear(&one);
		for (size_t i = 0; i < groups[g].n; i++, at++)
			assert_int_equal(block_add(&one, &l.events[at], l.bodies[at], &err), OK);
		encode(&one, &f, &head, &body);
		assert_int_equal(block_read_head(&r, &f, buf_view(&head), &err), OK);
		assert_int_equal(block_text_bytes(&r), groups[g].n * groups[g].bytes);
		assert_int_equal(block_add_block(&all, &r, &f, buf_view(&body), &err), OK);
		/* A body that was changed is not taken over, packed or not. */
		body.ptr[body.len / 2] ^= 1;
		assert_int_equal(block_add_block(&one, &r, &f, buf_view(&body), &err), ERR_CORRUPT);
	}
	assert_true(all.n_ready >= 4); /* large ones were copied, */
	assert_true(all.text.len > 0); /* small ones opened */
	encode(&all, &f, &head, &body);
	assert_int_equal(block_read_head(&r, &f, buf_view(&head), &err), OK);
	assert_int_equal(block_read_body(&r, &f, buf_view(&body), NULL, &err), OK);
	assert_int_equal(r.n, l.n);
	for (size_t i = 0; i < l.n; i++) {
		assert_memory_equal(&r.heads[i], &l.events[i].head, sizeof r.heads[i]);
		assert_memory_equal(&r.ids[i], &l.events[i].id, sizeof r.ids[i]);
		assert_int_equal(r.contents[i], l.events[i].content);
		assert_int_equal(r.bodies[i].len, l.bodies[i].len);
		if (l.bodies[i].len) assert_memory_equal(r.bodies[i].ptr, l.bodies[i].ptr, l.bodies[i].len);
	}
	block_builder_done(&one);
	block_builder_done(&all);
	block_reader_done(&r);
	buf_done(&head);
	buf_done(&body);
	free(l.events);
	free(l.bodies);
	free(l.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_put_into_one_say_the_same_whatever_their_frames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
