/*
 * How fast comments are understood, on one core, stage by stage.
 *
 *   build/bench/engine/text [--seconds S] [--lang en|ar|fa] < comments.txt
 *
 * One comment a line, read over and over from memory; bench/text.py feeds it.
 * Each stage does what the one before does and one thing more; what it adds is
 * the difference. The last line is a hash of all that was found, so that two
 * builds can be compared bit for bit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/hash.h"
#include "text/text.h"

#define BYTES_MAX (64 * MIB)
#define HITS_MAX 64
#define ROUNDS_MAX 1000

enum stage { READING, FEELING, TOPICS, STAGES };
static const char *const stage_names[STAGES] = {
	[READING] = "language, tokens", [FEELING] = "and feeling", [TOPICS] = "and topics"
};

struct bench {
	struct text_reader *reader;
	struct text_features *features;
	struct text_judge *judge;
	struct text_topics *topics;
	enum text_language hint;
	struct str all;
};

struct found {
	struct text text;
	struct text_feeling feeling;
	struct text_hit hits[HITS_MAX];
	size_t n_hits;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool next_line(struct str *rest, struct str *line)
{
	if (rest->len == 0) return false;
	*line = str_cut(*rest, 0, str_find(*rest, '\n'));
	*rest = str_cut(*rest, line->len + 1 < rest->len ? line->len + 1 : rest->len, rest->len);
	return true;
}

static void understand(struct bench *b, enum stage stage, struct str line, struct found *out)
{
	text_read(b->reader, line, b->hint, &out->text);
	if (stage >= FEELING) {
		text_features_of(b->features, &out->text, 0, out->text.n);
		text_feel(b->judge, &out->text, b->features, &out->feeling);
	}
	if (stage >= TOPICS) out->n_hits = text_topics_find(b->topics, &out->text, out->hits, HITS_MAX);
}

static int by_size(const void *pa, const void *pb)
{
	const double a = *(const double *)pa, b = *(const double *)pb;
	return (a > b) - (a < b);
}

/* Seconds for a comment: the median of rounds over all of them, three at least. */
static double measure(struct bench *b, enum stage stage, double seconds)
{
	static struct found found;
	double took[ROUNDS_MAX], spent = 0;
	size_t rounds = 0;
	while (rounds < ROUNDS_MAX && (rounds < 3 || spent < seconds)) {
		struct str rest = b->all, line;
		size_t n = 0;
		const double began = now();
		for (; next_line(&rest, &line); n++) understand(b, stage, line, &found);
		const double all = now() - began;
		spent += all;
		took[rounds++] = all / (double)n;
	}
	qsort(took, rounds, sizeof *took, by_size);
	return took[rounds / 2];
}

static uint64_t mix_bytes(uint64_t h, const void *at, size_t len)
{
	return hash64_seed((struct str){ at, len }, h);
}

static uint64_t mix_double(uint64_t h, double v)
{
	return mix_bytes(h, &v, sizeof v);
}

/* Everything that a caller can see of what was found. */
static uint64_t fingerprint(struct bench *b, const struct found *f, uint64_t h)
{
	const struct text *t = &f->text;
	h = hash64_mix(h, (uint64_t)t->lang << 32 | (uint64_t)t->fold << 16 | t->flags);
	h = mix_double(h, t->lang_p);
	h = hash64_mix(h, t->letters);
	for (size_t i = 0; i < t->n; i++) {
		const struct text_token *k = &t->tokens[i];
		h = mix_bytes(h, k->word.ptr, k->word.len);
		h = hash64_mix(h, (uint64_t)k->at.from << 32 | k->at.to);
		h = hash64_mix(h, (uint64_t)k->kind << 2 | (uint64_t)k->upper << 1 | k->elongated);
	}
	h = mix_bytes(h, b->features->hash, b->features->n * sizeof *b->features->hash);
	h = hash64_mix(h, (uint64_t)f->feeling.label);
	h = mix_double(mix_double(h, f->feeling.p), f->feeling.sentiment);
	for (size_t i = 0; i < f->n_hits; i++) {
		h = hash64_mix(h, (uint64_t)f->hits[i].topic << 32 | f->hits[i].first);
		h = hash64_mix(h, (uint64_t)f->hits[i].at.from << 32 | f->hits[i].at.to);
	}
	return h;
}

struct summary {
	size_t comments, bytes, tokens, features, hits;
	uint64_t hash;
};

static struct summary summarise(struct bench *b)
{
	static struct found found;
	struct summary s = { 0 };
	struct str rest = b->all, line;
	for (; next_line(&rest, &line); s.comments++) {
		understand(b, TOPICS, line, &found);
		s.bytes += line.len;
		s.tokens += found.text.n;
		s.features += b->features->n;
		s.hits += found.n_hits;
		s.hash = fingerprint(b, &found, s.hash);
	}
	return s;
}

static bool open_bench(struct bench *b, struct arena *a, struct err *err)
{
	char *bytes = malloc(BYTES_MAX);
	b->reader = text_reader_new();
	b->features = text_features_new();
	if (!bytes || !b->reader || !b->features) return false;
	b->all = (struct str){ bytes, fread(bytes, 1, BYTES_MAX, stdin) };
	return text_judge_new(&b->judge, err) == OK &&
	       text_topics_read(text_topics_shipped(), a, &b->topics, err) == OK;
}

int main(int argc, char **argv)
{
	struct bench b = { .hint = TEXT_OTHER };
	struct err err = { 0 };
	struct arena a;
	double seconds = 1;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (str_eq(str_of(argv[i]), STR("--seconds"))) seconds = strtod(argv[i + 1], NULL);
		else if (str_eq(str_of(argv[i]), STR("--lang"))) b.hint = text_language_of(str_of(argv[i + 1]));
	}
	arena_init(&a, 64 * MIB);
	if (!open_bench(&b, &a, &err)) {
		fprintf(stderr, "%s\n", err.text[0] ? err.text : "memory is short");
		return 1;
	}
	const struct summary s = summarise(&b);
	const double each = (double)(s.comments ? s.comments : 1), length = (double)s.bytes / each;
	printf("%zu comments, mean length %.0f bytes, %.1f tokens, %.0f features, %.2f topics\n", s.comments, length,
	       (double)s.tokens / each, (double)s.features / each, (double)s.hits / each);
	for (enum stage stage = READING; s.comments && seconds > 0 && stage < STAGES; stage++) {
		const double rate = 1 / measure(&b, stage, seconds);
		printf("%-16s %8.0f comments/s %7.1f MB/s %6.2f us each\n", stage_names[stage], rate,
		       rate * length / 1e6, 1e6 / rate);
	}
	printf("results %016llx\n", (unsigned long long)s.hash);
	text_judge_free(b.judge);
	text_features_free(b.features);
	text_reader_free(b.reader);
	free((char *)b.all.ptr);
	arena_done(&a);
	return 0;
}
