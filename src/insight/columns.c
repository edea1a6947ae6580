/* Comments in memory, kept beside the tables. */
#include "insight/columns.h"

#include <math.h>
#include <stdlib.h>

#include "insight/priv.h"

#define FIRST 1024
#define NO_KEY UINT16_MAX

struct given given_at(struct stmt *s, int at)
{
	return (struct given){
		(uint32_t)stmt_i64(s, at),     (uint32_t)stmt_i64(s, at + 1),
		(uint32_t)stmt_i64(s, at + 2), (uint32_t)stmt_i64(s, at + 3),
		(uint32_t)stmt_i64(s, at + 4), (uint32_t)stmt_i64(s, at + 5),
		(uint32_t)stmt_i64(s, at + 6), stmt_null(s, at + 7) ? (double)NAN : stmt_double(s, at + 7)
	};
}

void columns_init(struct columns *c)
{
	*c = (struct columns){ .there = false };
	pthread_rwlock_init(&c->lock, NULL);
}

static void empty(struct columns *c)
{
	free(c->rows);
	free(c->said);
	for (size_t i = 0; i < c->n_keys; i++) free(c->keys[i]);
	c->rows = NULL;
	c->said = NULL;
	c->n = c->n_settled = c->cap = c->n_said = c->cap_said = c->waste = c->n_keys = 0;
	c->there = false;
}

void columns_done(struct columns *c)
{
	empty(c);
	pthread_rwlock_destroy(&c->lock);
}

static bool room(void **p, size_t *cap, size_t n, size_t more, size_t each)
{
	size_t to = *cap ? *cap : FIRST;
	while (to - n < more) to *= 2;
	if (to == *cap) return true;
	void *grown = realloc(*p, to * each);
	if (!grown) return false;
	*p = grown;
	*cap = to;
	return true;
}

static bool room_said(struct columns *c, size_t more)
{
	return c->n_said + more <= UINT32_MAX &&
	       room((void **)&c->said, &c->cap_said, c->n_said, more, sizeof *c->said);
}

/* The number of a key; NO_KEY when there is no room for it. */
static uint16_t key_of(struct columns *c, struct str key)
{
	for (size_t i = 0; i < c->n_keys; i++)
		if (str_eq(str_of(c->keys[i]), key)) return (uint16_t)i;
	if (c->n_keys == COLUMN_KEYS_MAX || !(c->keys[c->n_keys] = strndup(key.ptr, key.len))) return NO_KEY;
	return (uint16_t)c->n_keys++;
}

static bool before(const struct column_row *r, uint32_t identity, uint64_t arrival)
{
	if (r->from.identity != identity) return r->from.identity < identity;
	return r->arrival < arrival;
}

/* The row of an arrival among those that are settled; n_settled when it is not there. */
static size_t settled_place(const struct columns *c, uint32_t identity, uint64_t arrival)
{
	size_t lo = 0, hi = c->n_settled;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (before(&c->rows[mid], identity, arrival)) lo = mid + 1;
		else hi = mid;
	}
	return lo < c->n_settled && c->rows[lo].arrival == arrival ? lo : c->n_settled;
}

/* The first of the others that is not before an arrival. */
static size_t late_place(const struct columns *c, uint64_t arrival)
{
	size_t lo = c->n_settled, hi = c->n;
	if (hi > lo && c->rows[hi - 1].arrival < arrival) return hi;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (c->rows[mid].arrival < arrival) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}

/* --- in order ------------------------------------------------------------------------------------------ */

#define DIGIT_BITS 11
#define DIGITS (1U << DIGIT_BITS)

bool picks_sort(struct pick **p, size_t n)
{
	struct pick *from = *p, *to = malloc((n + 1) * sizeof *to);
	uint32_t most = 0;
	if (!to) return false;
	for (size_t i = 0; i < n; i++) most |= from[i].who;
	for (unsigned shift = 0; shift < 32 && most >> shift; shift += DIGIT_BITS) {
		size_t begin[DIGITS] = { 0 }, sum = 0;
		for (size_t i = 0; i < n; i++) begin[from[i].who >> shift & (DIGITS - 1)]++;
		for (size_t d = 0; d < DIGITS; d++) {
			const size_t here = begin[d];
			begin[d] = sum;
			sum += here;
		}
		for (size_t i = 0; i < n; i++) to[begin[from[i].who >> shift & (DIGITS - 1)]++] = from[i];
		struct pick *const swap = from;
		from = to;
		to = swap;
	}
	free(to);
	*p = from;
	return true;
}

/* Rows as they are listed, what they say behind each other; what nobody says any more is left out. */
static bool arrange(struct columns *c, const struct pick *order)
{
	const size_t n_said = c->n_said - c->waste;
	struct column_row *rows = malloc((c->n + FIRST) * sizeof *rows);
	struct column_said *said = malloc((n_said + FIRST) * sizeof *said);
	if (!rows || !said) {
		free(rows);
		free(said);
		return false;
	}
	size_t at = 0;
	for (size_t i = 0; i < c->n; i++) {
		/* Only a comment that was read long after the next one of its identity is out of order. */
		size_t k = i;
		const struct column_row *r = &c->rows[order[i].row];
		for (; k && before(r, rows[k - 1].from.identity, rows[k - 1].arrival); k--) rows[k] = rows[k - 1];
		rows[k] = *r;
		rows[k].first = (uint32_t)at;
		memcpy(said + at, c->said + r->first, r->n_said * sizeof *said);
		at += r->n_said;
	}
	free(c->rows);
	free(c->said);
	c->rows = rows, c->said = said;
	c->cap = c->n + FIRST, c->cap_said = n_said + FIRST;
	c->n_settled = c->n, c->n_said = n_said, c->waste = 0;
	return true;
}

static bool settle(struct columns *c)
{
	struct pick *order = malloc((c->n + 1) * sizeof *order);
	if (!order) return false;
	for (size_t i = 0; i < c->n; i++) order[i] = (struct pick){ c->rows[i].from.identity, (uint32_t)i };
	const bool fine = picks_sort(&order, c->n) && arrange(c, order);
	free(order);
	return fine;
}

/* --- from the tables -------------------------------------------------------------------------------- */

static enum text_language language_of(struct str name)
{
	for (enum text_language l = TEXT_OTHER; l < TEXT_LANGUAGES; l++)
		if (str_eq(name, text_language_name(l))) return l;
	return TEXT_OTHER;
}

static double known(struct stmt *s, int at)
{
	return stmt_null(s, at) ? (double)NAN : stmt_double(s, at);
}

static enum err_code read_rows(struct insight *x, struct columns *c, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, "insight_columns", err));
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		if (c->n == UINT32_MAX || !room((void **)&c->rows, &c->cap, c->n, 1, sizeof *c->rows)) {
			rc = err_no_memory(err);
			break;
		}
		c->rows[c->n++] = (struct column_row){ .arrival = (uint64_t)stmt_i64(s, 0),
			                               .at_ms = stmt_i64(s, 1),
			                               .from = given_at(s, 2),
			                               .lang = (uint8_t)language_of(stmt_str(s, 10)),
			                               .sentiment = known(s, 11),
			                               .judged = known(s, 12) };
	}
	stmt_free(s);
	return rc;
}

struct met { /* what is said, as the table has it: topic by topic */
	uint32_t row;
	struct column_said said;
};
struct met_list {
	struct met *of;
	size_t n, cap;
};

static enum err_code read_said(struct insight *x, struct columns *c, struct met_list *l, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	uint16_t key = NO_KEY;
	TRY(stmt_prepare(&s, x->st, "insight_columns_said", err));
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		const uint64_t arrival = (uint64_t)stmt_i64(s, 0);
		const struct str topic = stmt_str(s, 1);
		const size_t at = late_place(c, arrival);
		if (at == c->n || c->rows[at].arrival != arrival || c->rows[at].n_said == UINT8_MAX) continue;
		if (key == NO_KEY || !str_eq(str_of(c->keys[key]), topic)) key = key_of(c, topic);
		if (key == NO_KEY || !room((void **)&l->of, &l->cap, l->n, 1, sizeof *l->of)) {
			rc = err_no_memory(err);
			break;
		}
		c->rows[at].n_said++;
		l->of[l->n++] = (struct met){ (uint32_t)at, { known(s, 2), key } };
	}
	stmt_free(s);
	return rc;
}

/* Those of each row together. */
static enum err_code deal_out(struct columns *c, const struct met_list *l, struct err *err)
{
	uint32_t *next = calloc(c->n ? c->n : 1, sizeof *next);
	if (!next || !room_said(c, l->n)) {
		free(next);
		return err_no_memory(err);
	}
	for (size_t i = 0; i < c->n; i++) {
		c->rows[i].first = next[i] = (uint32_t)c->n_said;
		c->n_said += c->rows[i].n_said;
	}
	for (size_t i = 0; i < l->n; i++) c->said[next[l->of[i].row]++] = l->of[i].said;
	free(next);
	return OK;
}

/* Under `reading`, nothing is written beside it. */
static enum err_code read_tables(struct insight *x, struct columns *out, struct err *err)
{
	struct met_list l = { 0 };
	enum err_code rc = read_rows(x, out, err);
	if (rc == OK) rc = read_said(x, out, &l, err);
	if (rc == OK) rc = deal_out(out, &l, err);
	free(l.of);
	if (rc == OK && !settle(out)) rc = err_no_memory(err);
	out->there = rc == OK;
	return rc;
}

static void take_over(struct columns *to, struct columns *from)
{
	pthread_rwlock_wrlock(&to->lock);
	empty(to);
	to->there = from->there;
	to->rows = from->rows, to->n = from->n, to->n_settled = from->n_settled, to->cap = from->cap;
	to->said = from->said, to->n_said = from->n_said, to->cap_said = from->cap_said;
	memcpy(to->keys, from->keys, sizeof to->keys);
	to->n_keys = from->n_keys;
	pthread_rwlock_unlock(&to->lock);
}

static enum err_code load(struct insight *x, struct err *err)
{
	struct columns *fresh = calloc(1, sizeof *fresh);
	if (!fresh) return err_no_memory(err);
	enum err_code rc = OK;
	reading_begin(x);
	/* Somebody else may have read them meanwhile. Whoever makes them be there holds `reading`. */
	if (!x->columns.there && (rc = read_tables(x, fresh, err)) == OK) take_over(&x->columns, fresh);
	else empty(fresh);
	reading_end(x);
	free(fresh);
	return rc;
}

enum err_code columns_hold(struct insight *x, struct err *err)
{
	for (;;) {
		pthread_rwlock_rdlock(&x->columns.lock);
		if (x->columns.there) return OK;
		pthread_rwlock_unlock(&x->columns.lock);
		TRY(load(x, err));
	}
}

void columns_let_go(struct insight *x)
{
	pthread_rwlock_unlock(&x->columns.lock);
}

/* --- after the tables -------------------------------------------------------------------------------- */

#define LATE_MIN 512

/* When more came late, or is said by nobody any more, than slows questions down. */
static bool tidy(struct columns *c)
{
	const bool late = c->n - c->n_settled > LATE_MIN + c->n_settled / 8;
	return !(late || c->waste > LATE_MIN + c->n_said / 2) || settle(c);
}

static bool row_put(struct columns *c, const struct one *o, const uint16_t *keys)
{
	const size_t known_at = settled_place(c, o->from.identity, o->arrival);
	const size_t at = known_at < c->n_settled ? known_at : late_place(c, o->arrival);
	if (!room((void **)&c->rows, &c->cap, c->n, 1, sizeof *c->rows) || !room_said(c, o->n_topics)) return false;
	struct column_row *r = &c->rows[at];
	if (at < c->n && r->arrival == o->arrival) {
		c->waste += r->n_said;
	} else {
		memmove(r + 1, r, (c->n - at) * sizeof *r);
		c->n++;
	}
	*r = (struct column_row){ .arrival = o->arrival,
		                  .at_ms = o->at_ms,
		                  .from = o->from,
		                  .lang = (uint8_t)o->lang,
		                  .sentiment = o->sentiment,
		                  .judged = o->judged,
		                  .first = (uint32_t)c->n_said,
		                  .n_said = (uint8_t)o->n_topics };
	for (size_t i = 0; i < o->n_topics; i++) {
		const struct found_topic *t = &o->topics[i];
		c->said[c->n_said++] = (struct column_said){ t->n > 0 ? t->sum / t->n : (double)NAN, keys[t->topic] };
	}
	return true;
}

static bool keys_of(struct columns *c, const struct text_topics *t, uint16_t *keys)
{
	for (size_t i = 0; i < text_topics_count(t); i++)
		if ((keys[i] = key_of(c, text_topics_at(t, i)->key)) == NO_KEY) return false;
	return true;
}

void columns_put(struct insight *x, const struct topic_set *set, const struct one *rows, size_t n)
{
	struct columns *c = &x->columns;
	uint16_t keys[TEXT_TOPICS_MAX];
	atomic_fetch_add(&x->changes, 1);
	pthread_rwlock_wrlock(&c->lock);
	if (c->there) {
		bool fine = keys_of(c, set->topics, keys);
		for (size_t i = 0; fine && i < n; i++) fine = row_put(c, &rows[i], keys);
		if (!fine || !tidy(c)) empty(c);
	}
	pthread_rwlock_unlock(&c->lock);
}

static int by_number(const void *pa, const void *pb)
{
	const uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
	return (a > b) - (a < b);
}

void columns_drop(struct insight *x, const uint64_t *arrivals, size_t n)
{
	struct columns *c = &x->columns;
	size_t kept = 0, settled = 0;
	atomic_fetch_add(&x->changes, 1);
	pthread_rwlock_wrlock(&c->lock);
	for (size_t i = 0; i < c->n; i++) {
		const struct column_row *r = &c->rows[i];
		if (n && bsearch(&r->arrival, arrivals, n, sizeof *arrivals, by_number)) {
			c->waste += r->n_said;
			continue;
		}
		settled += i < c->n_settled;
		c->rows[kept++] = *r;
	}
	c->n = kept, c->n_settled = settled;
	if (!tidy(c)) empty(c);
	pthread_rwlock_unlock(&c->lock);
}
