/*
 * A run of events as bytes, pure. Layout of head and body: README.md.
 *
 * A builder takes events in arrival order and gives one block; a reader takes
 * the bytes apart again, checking checksums and every length. Both keep their
 * buffers, so that one can be used for many blocks.
 */
#ifndef STORE_BLOCK_H
#define STORE_BLOCK_H

#include "base/checked.h"
#include "store/store.h"

#define BLOCK_EVENTS_MAX 16384u
#define BLOCK_BODY_BYTES_MAX (4 * MIB) /* of text, before compression; one event may pass it */
#define BLOCK_FRAME_BYTES (192 * KIB)  /* text that one fetch has to inflate */

struct block_event {
	struct store_head head;
	struct hash128 id; /* key in the table of ids */
	uint64_t content;
	uint32_t k; /* 0: id is of a sender's message id. Else the sender gave none, and the id is
	               that of the k-th equal event: it can be computed again and is not kept */
};

/* What event_block has beside the two blobs; covered by the checksum. */
struct block_frame {
	uint64_t first_arrival, arrival_end;
	uint32_t n;
	uint64_t checksum;
};

struct block_builder {
	struct block_event *events;
	uint32_t *body_len;
	size_t n, cap;
	struct buf text; /* bodies, one after the other; without those in `ready` */
	struct block_ready {
		size_t first, n;     /* events */
		size_t raw_bytes;    /* of their bodies */
		size_t from, packed; /* bytes of `frames` */
	} * ready;                   /* frames that are packed already */
	size_t n_ready, cap_ready;
	struct buf frames;
	struct buf columns, packed; /* scratch */
	void *zstd;
};

void block_builder_init(struct block_builder *b);
void block_builder_done(struct block_builder *b);
void block_builder_clear(struct block_builder *b);
NODISCARD enum err_code block_add(struct block_builder *b, const struct block_event *e, struct str body,
                                  struct err *err);
/*
 * All events of a block whose head was read (below), in their order. Frames
 * that are at least half full are taken over as they are packed; the others
 * are opened, and packed anew with their neighbours.
 */
struct block_reader;
NODISCARD enum err_code block_add_block(struct block_builder *b, struct block_reader *r,
                                        const struct block_frame *frame, struct str body, struct err *err);
static inline bool block_full(const struct block_builder *b)
{
	return b->n >= BLOCK_EVENTS_MAX || b->text.len >= BLOCK_BODY_BYTES_MAX;
}
/*
 * frame: first_arrival, arrival_end given; n and checksum are filled in.
 * level is zstd's. head and body are cleared first.
 */
NODISCARD enum err_code block_encode(struct block_builder *b, int level, struct block_frame *frame, struct buf *head,
                                     struct buf *body, struct err *err);

struct block_reader {
	size_t n, cap;
	struct store_head *heads;
	struct hash128 *ids; /* zero where k is not 0 */
	uint64_t *contents;
	uint32_t *k;
	uint32_t *body_len;
	struct str *bodies; /* after block_read_body; empty for events not asked for */
	uint64_t body_checksum;
	struct buf columns, text;
	void *zstd;
};

void block_reader_init(struct block_reader *r);
void block_reader_done(struct block_reader *r);
NODISCARD enum err_code block_read_head(struct block_reader *r, const struct block_frame *frame, struct str head,
                                        struct err *err);
size_t block_text_bytes(const struct block_reader *r); /* of all bodies; after the head */
/* After the head. `wanted` (NULL: all) says which events' bodies matter; frames without any stay closed. */
NODISCARD enum err_code block_read_body(struct block_reader *r, const struct block_frame *frame, struct str body,
                                        const bool *wanted, struct err *err);

#endif
