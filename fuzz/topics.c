/*
 * A document of topics from a stranger, and a comment to look for them in:
 * bytes 0 and 1 say how long the comment is, byte 2 its language. A document
 * that is refused says why, and the shipped one is used instead. Hits stand in
 * the order of the text, in it, do not overlap within a topic, and are the
 * same when there is less room for them, up to where it ends.
 */
#include "fuzz/one.h"
#include "text/text.h"

#define HITS_MAX 256

static void check_hits(const struct text_topics *t, const struct text *text, const struct text_hit *hits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct text_hit *h = &hits[i];
		must(h->topic < text_topics_count(t), "a topic of the document");
		must(h->first < h->last && h->last <= text->n, "tokens of the text");
		must(h->at.from == text->tokens[h->first].at.from && h->at.to == text->tokens[h->last - 1].at.to,
		     "the place of its tokens");
		must(i == 0 || hits[i - 1].first < h->first ||
		             (hits[i - 1].first == h->first && hits[i - 1].topic < h->topic),
		     "in the order of the text, then of the document");
		for (size_t k = 0; k < i; k++)
			must(hits[k].topic != h->topic || hits[k].last <= h->first, "once where seeds overlap");
	}
}

static void check_again(const struct text_topics *t, const struct text *text, const struct text_hit *hits, size_t n)
{
	static struct text_hit again[HITS_MAX];
	must(text_topics_find(t, text, again, HITS_MAX) == n, "as many again");
	for (size_t i = 0; i < n; i++)
		must(again[i].topic == hits[i].topic && again[i].first == hits[i].first &&
		             again[i].last == hits[i].last,
		     "the same again");
	must(text_topics_find(t, text, again, 1) == (n > 0), "one where there is room for one");
}

static const struct text_topics *shipped(void)
{
	static struct text_topics *topics;
	static struct arena a;
	struct err err;
	if (topics) return topics;
	arena_init(&a, 64 * MIB);
	must(text_topics_read(text_topics_shipped(), &a, &topics, &err) == OK, "the shipped topics");
	return topics;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text_reader *reader;
	static struct text_hit hits[HITS_MAX];
	struct text_topics *own = NULL;
	struct text text;
	struct arena a;
	struct err err = { 0 };
	if (!reader) reader = text_reader_new();
	if (!reader || size < 3) return 0;
	size_t len = (size_t)data[0] | (size_t)data[1] << 8;
	if (len > size - 3) len = size - 3;
	const struct str comment = { (const char *)data + 3, len },
	                 document = { (const char *)data + 3 + len, size - 3 - len };
	arena_init(&a, 64 * MIB);
	if (text_topics_read(document, &a, &own, &err) != OK) {
		must(err.id && err.text[0], "a refusal has words");
		must(is_utf8(str_of(err.text)), "of UTF-8");
		own = NULL;
	}
	const struct text_topics *topics = own ? own : shipped();
	for (size_t i = 0; i < text_topics_count(topics); i++)
		must(text_topics_at(topics, i)->key.len > 0 && is_utf8(text_topics_at(topics, i)->key), "a key");
	text_read(reader, comment, (enum text_language)(data[2] % TEXT_LANGUAGES), &text);
	const size_t n = text_topics_find(topics, &text, hits, HITS_MAX);
	must(n <= HITS_MAX, "at most what there is room for");
	check_hits(topics, &text, hits, n);
	check_again(topics, &text, hits, n);
	arena_done(&a);
	return 0;
}
