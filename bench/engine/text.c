/*
 * How fast comments are read: language, tokens and folded words, on one core.
 *
 *   build/bench/engine/text [SECONDS] < comments.txt
 *
 * One comment a line, read over and over from memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "text/text.h"

#define BYTES_MAX (64 * MIB)

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct sums {
	size_t comments, bytes, tokens;
};

static void read_all(struct text_reader *r, struct str all, struct sums *out)
{
	while (all.len > 0) {
		const struct str line = str_cut(all, 0, str_find(all, '\n'));
		struct text t;
		text_read(r, line, TEXT_OTHER, &t);
		out->comments++;
		out->bytes += line.len;
		out->tokens += t.n;
		all = str_cut(all, line.len + 1 < all.len ? line.len + 1 : all.len, all.len);
	}
}

int main(int argc, char **argv)
{
	const double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
	char *bytes = malloc(BYTES_MAX);
	struct text_reader *r = text_reader_new();
	if (!bytes || !r) return 1;
	const struct str all = { bytes, fread(bytes, 1, BYTES_MAX, stdin) };
	struct sums warm = { 0 }, sums = { 0 };
	read_all(r, all, &warm);
	const double began = now();
	double took = 0;
	while (warm.comments > 0 && (took = now() - began) < seconds) read_all(r, all, &sums);
	printf("%zu comments of %.0f bytes: %.0f a second, %.2f us each, %.1f tokens\n", warm.comments,
	       (double)warm.bytes / (double)(warm.comments ? warm.comments : 1), (double)sums.comments / took,
	       took * 1e6 / (double)(sums.comments ? sums.comments : 1),
	       (double)sums.tokens / (double)(sums.comments ? sums.comments : 1));
	text_reader_free(r);
	free(bytes);
	return 0;
}
