/*
 * The bench's event log: made up, the same bytes for the same numbers.
 *
 *   gen EVENTS MEAN_LENGTH csv|ndjson > file
 *
 * Customers of log-normal length (1 to 5,000 events), four kinds of people with
 * a chain of 40 touchpoints each, five channels, a year in milliseconds, a
 * score of 0-10 on one event in twenty, ties in time, and 3 % that arrive up to
 * two days late. Lines come in order of arrival; the line's number is the
 * arrival number that breaks ties, in every engine.
 *
 *   csv     customer,ts,id,tp,ch,score       numbers, score empty when there is none
 *   ndjson  the same event as Safar's events (docs/events.md)
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOUCHPOINTS = 40, PEOPLE = 4, WAYS = 3, CHANNELS = 5, LENGTH_MAX = 5000, NO_SCORE = 255, RADIX_BITS = 12 };
#define EPOCH_MS INT64_C(1735689600000) /* 2025-01-01 */
#define DAY_MS 86400e3
#define YEAR_MS (365 * DAY_MS)

struct event {
	int64_t at_ms;
	uint32_t customer;
	uint8_t touchpoint, channel, score;
};

/* xorshift128+, from a fixed state. */
static uint64_t state[2] = { UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xD1B54A32D192ED03) };
static uint64_t random64(void)
{
	uint64_t a = state[0];
	const uint64_t b = state[1];
	state[0] = b;
	a ^= a << 23;
	state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
	return state[1] + b;
}

static double uniform(void)
{
	return ((double)(random64() >> 11) + 0.5) * (1.0 / 9007199254740992.0);
}

static double normal(void)
{
	const double r = sqrt(-2 * log(uniform()));
	return r * cos(6.283185307179586 * uniform());
}

static double zipf_below[TOUCHPOINTS];
static uint8_t next_of[PEOPLE][TOUCHPOINTS][WAYS];

static int zipf(void)
{
	const double r = uniform();
	int i = 0;
	while (i < TOUCHPOINTS - 1 && r > zipf_below[i]) i++;
	return i;
}

static void make_world(void)
{
	double sum = 0;
	for (int i = 0; i < TOUCHPOINTS; i++) zipf_below[i] = sum += 1.0 / (i + 1);
	for (int i = 0; i < TOUCHPOINTS; i++) zipf_below[i] /= sum;
	for (int p = 0; p < PEOPLE; p++)
		for (int i = 0; i < TOUCHPOINTS; i++)
			for (int k = 0; k < WAYS; k++) next_of[p][i][k] = (uint8_t)(random64() % TOUCHPOINTS);
}

static double gap_ms(void)
{
	const double r = uniform();
	if (r < .02) return 0;
	if (r < .52) return 90e3 * exp(normal());
	if (r < .82) return 6 * 3600e3 * exp(normal());
	return 5 * DAY_MS * exp(0.7 * normal());
}

static int score_of(int touchpoint, int channel)
{
	const long q = lround(7.5 - (touchpoint % 7) * 0.6 - (channel == 3) + 2.2 * normal());
	return q < 0 ? 0 : q > 10 ? 10 : (int)q;
}

/* One customer's events, at most `room`; when[] gets the moment each arrives, in ms after the epoch. */
static size_t make_customer(uint32_t customer, double mean, size_t room, struct event *out, uint64_t *when)
{
	static double gap[LENGTH_MAX + 1];
	const double spread = 1.3, mu = log(mean) - spread * spread / 2;
	int n = (int)ceil(exp(mu + spread * normal()) - 0.5);
	n = n < 1 ? 1 : n > LENGTH_MAX ? LENGTH_MAX : n;
	if ((size_t)n > room) n = (int)room;
	const int64_t start = (int64_t)(uniform() * 300 * DAY_MS);
	const int person = (int)(random64() & (PEOPLE - 1));
	int touchpoint = zipf();
	double total = 0;
	for (int i = 1; i < n; i++) total += gap[i] = gap_ms();
	const double left = YEAR_MS - (double)start, squeeze = total > left ? left * 0.999 / total : 1.0;
	double t = (double)start;
	int channel = (int)(random64() % CHANNELS);
	for (int i = 0; i < n; i++) {
		if (i) {
			t += gap[i] * squeeze;
			const double r = uniform();
			const uint8_t *ways = next_of[person][touchpoint];
			touchpoint = r < .55 ? ways[0] : r < .78 ? ways[1] : r < .90 ? ways[2] : zipf();
			if (uniform() < .2) channel = (int)(random64() % CHANNELS);
		}
		const bool scored = uniform() < .05;
		out[i] = (struct event){ .at_ms = EPOCH_MS + (int64_t)t,
			                 .customer = customer,
			                 .touchpoint = (uint8_t)touchpoint,
			                 .channel = (uint8_t)channel,
			                 .score = scored ? (uint8_t)score_of(touchpoint, channel) : NO_SCORE };
		const double late = uniform() < .03 ? uniform() * 2 * DAY_MS : uniform() * 5e3;
		when[i] = (uint64_t)(t + late);
	}
	return (size_t)n;
}

/* Places of events by moment of arrival, stable: radix over 36 bits. */
static uint32_t *order_of_arrival(const uint64_t *when, size_t n)
{
	uint32_t *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b);
	if (!a || !b) return NULL;
	for (size_t i = 0; i < n; i++) a[i] = (uint32_t)i;
	for (int shift = 0; shift < 3 * RADIX_BITS; shift += RADIX_BITS) {
		static size_t at[1 << RADIX_BITS];
		memset(at, 0, sizeof at);
		for (size_t i = 0; i < n; i++) at[(when[i] >> shift) & ((1 << RADIX_BITS) - 1)]++;
		size_t sum = 0;
		for (size_t k = 0; k < 1 << RADIX_BITS; k++) {
			const size_t count = at[k];
			at[k] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++) b[at[(when[a[i]] >> shift) & ((1 << RADIX_BITS) - 1)]++] = a[i];
		uint32_t *const swap = a;
		a = b;
		b = swap;
	}
	free(b);
	return a;
}

static void put_csv(const struct event *e, size_t id)
{
	printf("%" PRIu32 ",%" PRId64 ",%zu,%u,%u,", e->customer, e->at_ms, id, e->touchpoint, e->channel);
	if (e->score != NO_SCORE) printf("%u", e->score);
	putchar_unlocked('\n');
}

static void put_ndjson(const struct event *e, size_t id)
{
	printf("{\"customer\":\"c%" PRIu32 "\",\"at\":%" PRId64
	       ",\"event\":\"t%u\",\"channel\":\"ch%u\",\"id\":\"%zu\"",
	       e->customer, e->at_ms, e->touchpoint, e->channel, id);
	if (e->score != NO_SCORE) printf(",\"properties\":{\"score\":%u,\"score_min\":0,\"score_max\":10}", e->score);
	puts("}");
}

int main(int argc, char **argv)
{
	const char *form = argc == 4 ? argv[3] : "";
	const size_t n = argc == 4 ? strtoull(argv[1], NULL, 10) : 0;
	if (n == 0 || n > UINT32_MAX || (strcmp(form, "csv") != 0 && strcmp(form, "ndjson") != 0)) {
		fputs("usage: gen EVENTS MEAN_LENGTH csv|ndjson\n", stderr);
		return 2;
	}
	struct event *events = malloc(n * sizeof *events);
	uint64_t *when = malloc(n * sizeof *when);
	if (!events || !when) {
		fputs("gen: not enough memory\n", stderr);
		return 1;
	}
	make_world();
	uint32_t customers = 0;
	for (size_t i = 0; i < n;) i += make_customer(customers++, strtod(argv[2], NULL), n - i, events + i, when + i);
	const uint32_t *order = order_of_arrival(when, n);
	if (!order) return 1;
	free(when);
	void (*put)(const struct event *, size_t) = strcmp(form, "csv") == 0 ? put_csv : put_ndjson;
	for (size_t i = 0; i < n; i++) put(&events[order[i]], i);
	fprintf(stderr, "%zu events of %" PRIu32 " customers\n", n, customers);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
