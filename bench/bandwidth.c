/* How fast two threads read memory: sums 512 MiB of doubles, best of seven. Prints GB/s. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS = 2, WORDS = 1 << 26, RUNS = 7, LANES = 8 };

static double *words;
static volatile double sums[THREADS * LANES]; /* a cache line each */

static void *read_part(void *arg)
{
	const size_t t = (size_t)arg, n = WORDS / THREADS;
	double lane[LANES] = { 0 };
	for (size_t i = t * n; i < (t + 1) * n; i += LANES)
		for (size_t k = 0; k < LANES; k++) lane[k] += words[i + k];
	double sum = 0;
	for (size_t k = 0; k < LANES; k++) sum += lane[k];
	sums[t * LANES] = sum;
	return NULL;
}

int main(void)
{
	words = malloc(sizeof *words * WORDS);
	if (!words) return 1;
	for (size_t i = 0; i < WORDS; i++) words[i] = (double)(i & 7);
	double best = 0;
	for (int r = 0; r < RUNS; r++) {
		struct timespec a, b;
		pthread_t threads[THREADS];
		clock_gettime(CLOCK_MONOTONIC, &a);
		for (size_t t = 0; t < THREADS; t++)
			if (pthread_create(&threads[t], NULL, read_part, (void *)t) != 0) return 1;
		for (size_t t = 0; t < THREADS; t++) pthread_join(threads[t], NULL);
		clock_gettime(CLOCK_MONOTONIC, &b);
		const double s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;
		const double gbs = (double)(sizeof *words * WORDS) / s / 1e9;
		if (gbs > best) best = gbs;
	}
	printf("%.2f\n", best);
	return 0;
}
