/* The columns of a log, made plainly: texts to codes, sorted with the library's sort. */
#include "tests/oracle/oracle.h"

#include <math.h>

static int by_order(const void *x, const void *y)
{
	const struct orow *a = *(const struct orow *const *)x, *b = *(const struct orow *const *)y;
	if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
	if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
	return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

struct dictionary {
	struct str *words;
	const struct str **chunks;
	uint32_t n;
};

static struct dictionary dictionary_new(struct arena *a, size_t n)
{
	struct dictionary d = { .words = ARENA_ARRAY(a, struct str, n + JOURNEY_CHUNK), .n = 1 };
	d.chunks = (const struct str **)arena_array(a, n / JOURNEY_CHUNK + 2, sizeof *d.chunks);
	for (size_t i = 0; i <= n / JOURNEY_CHUNK; i++) d.chunks[i] = d.words + i * JOURNEY_CHUNK;
	d.words[0] = STR("");
	return d;
}

static uint32_t code_of(struct dictionary *d, const char *word)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (str_eq(d->words[i], str_of(word))) return i;
	d->words[d->n] = str_of(word);
	return d->n++;
}

static int by_double(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static void put_evidence(struct journey_evidence *e, uint32_t *n, uint32_t row, uint8_t what, uint32_t about,
                         double utility, double raw, uint8_t scale)
{
	e[(*n)++] = (struct journey_evidence){
		.row = row, .what = what, .scale = scale, .about = about, .utility = (float)utility, .raw = raw
	};
}

void olog_columns(const struct olog *l, size_t parts, struct arena *a, struct journey_columns *out,
                  struct journey_schema *schema)
{
	struct dictionary ev = dictionary_new(a, l->n + 64), ch = dictionary_new(a, 64),
	                  key = dictionary_new(a, l->n + 1), col = dictionary_new(a, 64), money = dictionary_new(a, 64);
	struct journey_kind *kinds = ARENA_ARRAY(a, struct journey_kind, l->n + 64);
	uint32_t n_kinds = 1;
	uint16_t *kind_of = ARENA_ARRAY(a, uint16_t, l->n);
	uint32_t *key_of = ARENA_ARRAY(a, uint32_t, l->n), *colour_of = ARENA_ARRAY(a, uint32_t, l->n),
	         *about_of = ARENA_ARRAY(a, uint32_t, l->n);
	for (size_t i = 0; i < l->n; i++) {
		const struct orow *o = &l->rows[i];
		const struct journey_kind k = { .event = (uint16_t)code_of(&ev, o->event),
			                        .channel = (uint16_t)code_of(&ch, o->channel) };
		uint32_t at = 1;
		while (at < n_kinds && (kinds[at].event != k.event || kinds[at].channel != k.channel)) at++;
		if (at == n_kinds) kinds[n_kinds++] = k;
		kind_of[i] = (uint16_t)at;
		key_of[i] = code_of(&key, o->key);
		colour_of[i] = code_of(&col, o->colour);
		about_of[i] = !*o->about                         ? JOURNEY_ABOUT_OWN
		              : strcmp(o->about, "journey") == 0 ? JOURNEY_ABOUT_WHOLE
		                                                 : JOURNEY_ABOUT_EVENT + code_of(&ev, o->about);
	}

	const struct orow **sorted = (const struct orow **)arena_array(a, l->n, sizeof *sorted);
	for (size_t p = 0; p < parts; p++) {
		size_t n = 0;
		for (size_t i = 0; i < l->n; i++)
			if (l->rows[i].customer % parts == p) sorted[n++] = &l->rows[i];
		qsort(sorted, n, sizeof *sorted, by_order);
		uint32_t *customer = ARENA_ARRAY(a, uint32_t, n), *offset = ARENA_ARRAY(a, uint32_t, n + 1),
		         *eo = ARENA_ARRAY(a, uint32_t, n + 1);
		uint16_t *kind = ARENA_ARRAY(a, uint16_t, n);
		int64_t *at = ARENA_ARRAY(a, int64_t, n);
		uint64_t *arrival = ARENA_ARRAY(a, uint64_t, n);
		uint32_t *keys = ARENA_ARRAY(a, uint32_t, n);
		uint8_t *colour = ARENA_ARRAY(a, uint8_t, n);
		struct journey_evidence *e = ARENA_ARRAY(a, struct journey_evidence, n * 8);
		struct journey_codes *dims = ARENA_ARRAY(a, struct journey_codes, 2);
		uint32_t nc = 0, ne = 0;
		for (uint32_t i = 0; i < n; i++) {
			const struct orow *o = sorted[i];
			const size_t src = (size_t)(o - l->rows);
			if (i == 0 || sorted[i - 1]->customer != o->customer) {
				customer[nc] = o->customer;
				eo[nc] = ne;
				offset[nc++] = i;
			}
			kind[i] = kind_of[src];
			at[i] = o->at_ms;
			arrival[i] = o->arrival;
			keys[i] = key_of[src];
			colour[i] = (uint8_t)colour_of[src];
			if (!isnan(o->score)) {
				put_evidence(e, &ne, i, JOURNEY_RATING, about_of[src],
				             journey_utility_rating(o->score, o->min, o->max), o->score,
				             o->min > 0 ? 1 : 2);
				e[ne - 1].kind = (uint8_t)orating_kind(o);
			}
			if (!isnan(o->effort))
				put_evidence(e, &ne, i, JOURNEY_EFFORT, 0, journey_utility_effort(o->effort), o->effort,
				             0);
			if (!isnan(o->wait_ms)) put_evidence(e, &ne, i, JOURNEY_WAIT, 0, NAN, o->wait_ms, 0);
			if (o->failed)
				put_evidence(e, &ne, i, JOURNEY_FAILURE, 0, journey_utility_failure(o->failed),
				             o->failed, 0);
			if (!isnan(o->overrun_ms))
				put_evidence(e, &ne, i, JOURNEY_BREACH, 0,
				             o->overrun_ms > 0 ? JOURNEY_UTILITY_BREACH : NAN, o->overrun_ms, 0);
			if (o->comment) put_evidence(e, &ne, i, JOURNEY_COMMENT, about_of[src], NAN, 0, 0);
			if (!isnan(o->money))
				put_evidence(e, &ne, i, JOURNEY_MONEY, code_of(&money, o->currency), NAN, o->money, 0);
			if (o->left)
				put_evidence(e, &ne, i, JOURNEY_LEFT, 0, NAN, isnan(o->wait_ms) ? 0 : o->wait_ms, 0);
		}
		offset[nc] = (uint32_t)n;
		eo[nc] = ne;
		dims[0] = (struct journey_codes){ keys, 4 };
		dims[1] = (struct journey_codes){ colour, 1 };
		out[p] = (struct journey_columns){ .n_customers = nc,
			                           .n_rows = (uint32_t)n,
			                           .n_evidence = ne,
			                           .customer = customer,
			                           .offset = offset,
			                           .evidence_offset = eo,
			                           .kind = kind,
			                           .at_ms = at,
			                           .arrival = arrival,
			                           .dimensions = dims,
			                           .n_dimensions = 2,
			                           .evidence = e };
	}

	double *w50 = ARENA_ARRAY(a, double, ev.n), *waits = ARENA_ARRAY(a, double, l->n + 1);
	for (uint32_t k = 0; k < ev.n; k++) {
		size_t n = 0;
		for (size_t i = 0; i < l->n; i++)
			if (!isnan(l->rows[i].wait_ms) && str_eq(str_of(l->rows[i].event), ev.words[k]))
				waits[n++] = l->rows[i].wait_ms;
		qsort(waits, n, sizeof *waits, by_double);
		w50[k] = n == 0 ? 0 : n % 2 ? waits[n / 2] : (waits[n / 2 - 1] + waits[n / 2]) / 2;
	}
	struct journey_dimension *dd = ARENA_ARRAY(a, struct journey_dimension, 2);
	dd[0] = (struct journey_dimension){ STR("journey"), { key.chunks, key.n } };
	dd[1] = (struct journey_dimension){ STR("colour"), { col.chunks, col.n } };
	*schema = (struct journey_schema){ .kinds = kinds,
		                           .n_kinds = n_kinds,
		                           .events = { ev.chunks, ev.n },
		                           .channels = { ch.chunks, ch.n },
		                           .currencies = { money.chunks, money.n },
		                           .dimensions = dd,
		                           .n_dimensions = 2,
		                           .wait_w50 = w50,
		                           .newest_ms = l->newest_ms,
		                           .arrival_end = l->n + 1 };
}
