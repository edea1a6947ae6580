/* Shared by the files of the index. Everything here is the writer's alone unless it says otherwise. */
#ifndef INDEX_PRIV_H
#define INDEX_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "index/file.h"
#include "index/index.h"

/* --- words.c: a dictionary that readers may hold a view of while it grows -------------------- */

enum { WORD_CHUNKS = 32768 }; /* 134 million words */

struct words_made {
	const struct str **chunks; /* [WORD_CHUNKS], fixed */
	uint32_t n;
	uint32_t *slots, n_slots; /* writer only: code + 1 */
	uint64_t *hashes;         /* [n] */
	uint32_t cap_hashes;
	struct arena text;
};
NODISCARD bool words_init(struct words_made *w);
void words_done(struct words_made *w);
/* The code of a word, given when it is new. False when memory is short. */
NODISCARD bool words_code(struct words_made *w, struct str word, uint32_t *code);
/* In two steps, for many that look and one that adds afterwards: the code of a word with its hash64, false when it has
 * none; and words_code by that hash. */
/* From a list in order of codes, "" first, into words that have just been made. Borrows the texts. */
NODISCARD bool words_fill(struct words_made *w, uint32_t n, const uint32_t *lengths, const uint64_t *hashes,
                          const char *text);
bool words_find(const struct words_made *w, struct str word, uint64_t hash, uint32_t *code);
NODISCARD bool words_add(struct words_made *w, struct str word, uint64_t hash, uint32_t *code);
struct journey_words words_view(const struct words_made *w);

/* --- event.c: what a body says ------------------------------------------------------------------ */

enum { DIM_JOURNEY, DIM_UNIT, DIM_ENVIRONMENT, DIM_SOURCE, DIMS_STANDARD };

struct event_said {
	bool has_score, has_expected, has_wait, has_effort, has_money, has_gap, comment, left;
	bool note;        /* words of an employee or an observer, which are no comment of a customer */
	bool of_employee; /* the score is what an employee says: no customer's */
	double score, min, max, wait_ms, effort, gap;
	int failed;   /* severity, 0 none */
	uint8_t kind; /* of the score: enum journey_rating_kind */
	int64_t expected_ms;
	int64_t minor; /* money in minor units of the currency */
	char currency[3];
	struct str about; /* "" own */
};
struct event_fields {
	struct event_said said;
	struct str values[INDEX_DIMENSIONS_MAX]; /* texts of dimensions, "" none */
};
/* Names to look for: bits of those of each length, so that a key is compared with few. Borrows the list; "" is never
 * found, nor the source, which is no property. */
enum { NAME_LENGTHS = 32 /* the last: as long or longer */ };
struct event_names {
	const struct str *list;
	size_t n;
	uint64_t of_length[NAME_LENGTHS];
	uint32_t standard[NAME_LENGTHS];
	bool traits; /* some of them are JOURNEY_TRAIT ones: members of `traits`, what identify says */
};
void event_names_init(struct event_names *e, const struct str *list, size_t n);
/* Reads standard properties and those named. Nothing that is wrong stops it: wire/ has checked at the door. Texts are
 * views of the body, or in scratch. */
void event_read(struct str body, const struct event_names *names, struct arena *scratch, struct event_fields *out);

/* The pieces of evidence of one event, at most EVIDENCE_MAX, with the codes of its words. */
enum { EVIDENCE_MAX = 11 };
struct evidence_codes {
	uint32_t about, currency;
	uint8_t scale;
};
uint32_t evidence_of(const struct event_said *f, uint32_t row, int64_t at_ms, struct evidence_codes codes,
                     struct journey_evidence out[EVIDENCE_MAX]);

/* --- run.c: stages and runs ------------------------------------------------------------------------ */

/* Rows in order of arrival, with everything already as codes. */
struct stage {
	uint32_t n, cap;
	uint32_t *customer;
	uint16_t *kind;
	int64_t *at_ms;
	uint64_t *arrival;
	uint32_t *dims[INDEX_DIMENSIONS_MAX];
	size_t n_dims;
	struct journey_evidence *evidence; /* by row */
	uint32_t n_evidence, cap_evidence;
};
NODISCARD bool stage_row(struct stage *s, size_t n_dims, uint32_t *row);
NODISCARD bool stage_evidence(struct stage *s, const struct journey_evidence *e);
void stage_clear(struct stage *s); /* keeps no memory */

/* What is needed to find the columns of a run in the bytes behind it. */
struct run_head {
	uint32_t n_customers, n_rows, n_evidence, n_dims;
	uint8_t width[INDEX_DIMENSIONS_MAX];
};
static inline uint8_t width_of(uint32_t max)
{
	return max == 0 ? 0 : max <= UINT8_MAX ? 1 : max <= UINT16_MAX ? 2 : 4;
}
static inline void put_code(void *into, uint8_t width, uint32_t i, uint32_t code)
{
	if (width == 1) ((uint8_t *)into)[i] = (uint8_t)code;
	else if (width == 2) ((uint16_t *)into)[i] = (uint16_t)code;
	else if (width == 4) ((uint32_t *)into)[i] = code;
}
/*
 * Places columns in `base` and codes, n_dims of them; returns the bytes that they take. With base NULL only that. In
 * this order, each padded to 8 bytes:
 *
 *   at_ms 8, arrival 8 a row | evidence 24 a piece | customer, offset, evidence_offset 4 a customer (+ 1)
 *   | kind 2 a row | each dimension 0, 1, 2 or 4 a row
 */
size_t run_layout(const struct run_head *h, char *base, struct journey_codes *codes, struct journey_columns *c);

struct run;
/* A run that is still to be filled, through `to`. NULL when memory is short. */
struct run_columns {
	int64_t *at_ms;
	uint64_t *arrival;
	struct journey_evidence *evidence;
	uint32_t *customer, *offset, *evidence_offset;
	uint16_t *kind;
	void *dims[INDEX_DIMENSIONS_MAX];
};
struct run *run_new(const struct run_head *h, uint64_t id, struct run_columns *to);

/* A run as the writer owns it. refs and parent belong to the writer thread; columns are read by all. */
struct run {
	uint64_t id;
	int refs;
	struct run *parent; /* whose columns this one borrows, beside a new dimension */
	struct journey_columns columns;
	struct journey_codes *codes;
	void *block;          /* what its own columns lie in, or ... */
	struct file_map file; /* ... the file */
	struct file_ref kept; /* of whoever saves: the file that holds the same columns */
	int64_t bytes;
};
void run_free(struct run *r); /* drops a reference */

/* --- pieces.c: new runs out of old ones ---------------------------------------------------------- */

/* Rows of a source, in order and with their evidence, that go to one customer of a new run. */
struct piece {
	uint32_t customer, source, row, n, evidence, n_evidence;
};
struct pieces {
	struct piece *list;
	uint32_t n, cap;
	uint64_t rows;
};
/* All of these are false when memory is short. A slice; every living slice whose customer is not leaving (ascending);
 * rows of a slice whose owner [row of the slice] is the customer; every row of a stage. */
NODISCARD bool pieces_slice(struct pieces *p, const struct journey_columns *c, uint32_t i, uint32_t customer,
                            uint32_t source);
NODISCARD bool pieces_rest(struct pieces *p, const struct journey_columns *c, const uint32_t *leaving, size_t n_leaving,
                           uint32_t source);
NODISCARD bool pieces_owned(struct pieces *p, const struct journey_columns *c, uint32_t i, const uint32_t *owner,
                            uint32_t customer, uint32_t source);
NODISCARD bool pieces_stage(struct pieces *p, const struct stage *s, uint32_t source);
/* By customer, time, arrival. */
NODISCARD bool pieces_order(struct pieces *p, const struct journey_columns *const *sources);
/* Lists in order, of different customers, as one. */
enum { PIECES_LISTS_MAX = 3 };
NODISCARD bool pieces_merge(struct pieces *out, const struct pieces *lists, size_t n);
/* Writes a run of pieces in order; the first source is a stage. NULL when memory is short. */
struct run *run_make(const struct pieces *p, const struct journey_columns *const *sources, size_t n_sources,
                     size_t n_dims, uint64_t id);
/* A stage seen as columns (without customers). `codes` has room for its dimensions. */
struct journey_columns stage_columns(const struct stage *s, struct journey_codes *codes);
/* The same run with dimension d from codes by arrival (rows with arrival >= end keep what they have). */
struct run *run_with_dimension(struct run *from, size_t d, const uint32_t *codes, uint64_t end, uint64_t id);

/* Place of a customer in columns, UINT32_MAX when absent or dead. */
uint32_t columns_find(const struct journey_columns *c, uint32_t customer);

/* --- people.c: components of identities --------------------------------------------------------------- */

struct people {
	uint32_t n;              /* identities seen: 1..n-1 */
	uint32_t *parent, *next; /* next: a ring through each component */
	bool *known;             /* not anonymous */
	uint32_t *customer;      /* the number under which the newest snapshot has its rows */
	uint32_t cap;
	uint64_t changes; /* how often two became one or one was taken apart */
};
NODISCARD bool people_reserve(struct people *p, uint32_t identity, const struct index_feed *feed);
uint32_t people_root(struct people *p, uint32_t identity);
/* Which of two stands for a person: a known identity, then the one we met first. */
uint32_t people_better(const struct people *p, uint32_t a, uint32_t b);
/* Joins two components; the new root. */
uint32_t people_join(struct people *p, uint32_t a, uint32_t b);
/* All members of a component become components of their own. */
void people_part(struct people *p, const uint32_t *members, uint32_t n);
void people_done(struct people *p);

/* --- keep.c: runs and words as files ---------------------------------------------------------------------- */

NODISCARD enum err_code run_write(const char *dir, uint64_t mark, uint32_t part, const struct run *r,
                                  struct file_ref *out, struct err *err);
NODISCARD enum err_code run_open(const char *dir, uint64_t mark, uint32_t part, struct file_ref ref, struct run **out,
                                 struct err *err);
/* The first n words of each of n_lists dictionaries; n as the view says. */
NODISCARD enum err_code words_write(const char *dir, uint64_t mark, const struct journey_words *lists, size_t n_lists,
                                    struct file_ref *out, struct err *err);
/* Texts are views of the mapping, which must stay for as long as the words. */
NODISCARD enum err_code words_read(const struct file_map *f, struct words_made *const *lists, size_t n_lists,
                                   struct err *err);
NODISCARD enum err_code people_write(const char *dir, uint64_t mark, const struct people *p, struct file_ref *out,
                                     struct err *err);
NODISCARD enum err_code people_read(const struct file_map *f, struct people *p, struct err *err);

#endif
