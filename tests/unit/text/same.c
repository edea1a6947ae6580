/*
 * What is found in a text depends on its bytes and the hint, and on nothing
 * else: not on what was read before, in which order, by how many threads, or
 * under which locale.
 */
#include "tests/unit/unit.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "text/text.h"

#define TEXTS_MAX 400
#define HITS_MAX 64

static struct arena arena;
static struct str texts[TEXTS_MAX];
static size_t n_texts;
static uint64_t wanted[TEXTS_MAX];
static struct text_judge *judge;
static struct text_topics *topics;

/* Texts of two files, and what hostile hands send. */
static void keep_lines(const char *path, size_t every)
{
	FILE *f = fopen(path, "rb");
	char *line = NULL;
	size_t cap = 0, read = 0;
	assert_non_null(f);
	for (ssize_t n; n_texts < TEXTS_MAX - 50 && (n = getline(&line, &cap, f)) > 0;)
		if (read++ % every == 0) texts[n_texts++] = str_copy(&arena, str_trim((struct str){ line, (size_t)n }));
	free(line);
	fclose(f);
}

static void keep_odd_texts(void)
{
	static const char *const odd[] = {
		"",
		"a",
		"ي",
		"👍👍🏽👩‍💻🇮🇷",
		"\xED\xA0\xBD\xED\xB8\x80 \xED\xA0\x80 \xFF\xC0\x80",
		"I İ ı i ß ﬃ ǅ Ω",
		"1,5 1.5 ١٬٥٠٠٫٢ ۱۲۳",
		"p\xD0\xB0ypal \xE2\x80\xAE evil\xE2\x80\x8B",
		"سلام hello مرحبا salam 3ala",
	};
	for (size_t i = 0; i < COUNT_OF(odd); i++) texts[n_texts++] = str_of(odd[i]);
}

/* A hash of all that is found; what it needs is made anew for each thread. */
struct worker {
	struct text_reader *reader;
	struct text_features *features;
	struct text_hit hits[HITS_MAX];
	struct text_span clauses[HITS_MAX];
};

static uint64_t mix_double(uint64_t h, double v)
{
	return hash64_seed((struct str){ (const char *)&v, sizeof v }, h);
}

static uint64_t find_all(struct worker *w, struct str raw, enum text_language hint)
{
	struct text t;
	struct text_feeling feeling;
	text_read(w->reader, raw, hint, &t);
	uint64_t h = mix_double((uint64_t)t.lang << 32 | t.flags, t.lang_p);
	for (size_t i = 0; i < t.n; i++) {
		h = hash64_seed(t.tokens[i].word, h);
		h = hash64_mix(h, (uint64_t)t.tokens[i].at.from << 32 | t.tokens[i].at.to);
		h = hash64_mix(h, (uint64_t)t.tokens[i].kind);
	}
	text_features_of(w->features, &t, 0, t.n);
	text_feel(judge, &t, w->features, &feeling);
	h = mix_double(mix_double(h, feeling.p), feeling.sentiment);
	const size_t hits = text_topics_find(topics, &t, w->hits, HITS_MAX);
	for (size_t i = 0; i < hits; i++)
		h = hash64_mix(h, (uint64_t)w->hits[i].topic << 48 | (uint64_t)w->hits[i].at.from << 24 |
		                          w->hits[i].at.to);
	const size_t clauses = text_clauses(&t, w->clauses, HITS_MAX);
	for (size_t i = 0; i < clauses; i++) h = hash64_mix(h, w->clauses[i].to);
	const struct text_vader v = text_vader(w->reader, raw);
	return mix_double(mix_double(h, v.compound), v.pos);
}

static struct worker *worker_new(void)
{
	struct worker *w = calloc(1, sizeof *w);
	if (!w) return NULL;
	w->reader = text_reader_new();
	w->features = text_features_new();
	if (w->reader && w->features) return w;
	abort();
}

static void worker_free(struct worker *w)
{
	text_reader_free(w->reader);
	text_features_free(w->features);
	free(w);
}

static enum text_language hint_of(size_t i)
{
	return (enum text_language)(i % 4);
}

static int setup(void **s)
{
	(void)s;
	struct err err = { 0 };
	arena_init(&arena, 64 * MIB);
	keep_lines(DATA_DIR "/languages.tsv", 1);
	keep_lines(DATA_DIR "/pii.tsv", 20);
	keep_odd_texts();
	if (text_judge_new(&judge, &err) != OK ||
	    text_topics_read(text_topics_shipped(), &arena, &topics, &err) != OK) {
		print_error("%s\n", err.text);
		return 1;
	}
	struct worker *w = worker_new();
	for (size_t i = 0; i < n_texts; i++) wanted[i] = find_all(w, texts[i], hint_of(i));
	worker_free(w);
	return 0;
}

static int teardown(void **s)
{
	(void)s;
	text_judge_free(judge);
	arena_done(&arena);
	return 0;
}

static size_t differences(struct worker *w, size_t from, size_t step)
{
	size_t n = 0;
	for (size_t i = from; i < n_texts; i += step) n += find_all(w, texts[i], hint_of(i)) != wanted[i];
	return n;
}

static void a_reader_remembers_nothing(void **s)
{
	(void)s;
	struct worker *used = worker_new();
	size_t wrong = 0;
	for (size_t i = n_texts; i-- > 0;) wrong += find_all(used, texts[i], hint_of(i)) != wanted[i];
	for (size_t i = 0; i < n_texts; i += 11) {
		struct worker *fresh = worker_new();
		wrong += find_all(fresh, texts[i], hint_of(i)) != wanted[i];
		worker_free(fresh);
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(differences(used, 0, 1), 0);
	worker_free(used);
}

struct share {
	size_t from, step, wrong;
};

static void *work(void *p)
{
	struct share *share = p;
	struct worker *w = worker_new();
	share->wrong = differences(w, share->from, share->step);
	worker_free(w);
	return NULL;
}

static void threads_share_judge_and_topics(void **s)
{
	(void)s;
	for (size_t n = 1; n <= 4; n *= 2) {
		pthread_t threads[4];
		struct share shares[4];
		for (size_t i = 0; i < n; i++) {
			shares[i] = (struct share){ i, n, 1 };
			assert_int_equal(pthread_create(&threads[i], NULL, work, &shares[i]), 0);
		}
		for (size_t i = 0; i < n; i++) {
			pthread_join(threads[i], NULL);
			assert_int_equal(shares[i].wrong, 0);
		}
	}
}

/* Made for the test where Debian's sources of locales are installed: dotless i, decimal commas, other digits. */
static void a_locale_changes_nothing(void **s)
{
	(void)s;
	static const char *const names[] = { "C.UTF-8", "tr_TR", "fa_IR" };
	char folder[] = "/tmp/safar-locale-XXXXXX";
	char command[256];
	size_t tried = 0;
	assert_non_null(mkdtemp(folder));
	setenv("LOCPATH", folder, 1);
	struct worker *w = worker_new();
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(command, sizeof command, "localedef -i %s -f UTF-8 %s/%s >/dev/null 2>&1", names[i], folder,
		         names[i]);
		if (i > 0 && system(command) != 0) continue;
		if (!setlocale(LC_ALL, names[i])) continue;
		tried++;
		assert_int_equal(differences(w, 0, 1), 0);
		/* Begun under the locale, too: tables that are made on first use. */
		struct worker *fresh = worker_new();
		assert_int_equal(differences(fresh, 0, 1), 0);
		worker_free(fresh);
	}
	setlocale(LC_ALL, "C");
	worker_free(w);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	print_message("%zu locales of %zu\n", tried, COUNT_OF(names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_remembers_nothing),
		cmocka_unit_test(threads_share_judge_and_topics),
		cmocka_unit_test(a_locale_changes_nothing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
