/* Topics by seeds: a document compiled into a tree of the seeds' first words. Rules: docs/methods/text-topics.md. */
#include "text/topics.h"

#include <stdlib.h>

#include "base/embed.h"
#include "base/json.h"

const char *const text_tongue_names[TEXT_TONGUES] = { "en", "ar", "fa", "latin" };

extern const struct embed_file text_topics_files[];
extern const size_t text_topics_files_count;

/* One word of a seed. */
struct word {
	struct str text;
	bool begins; /* takes every word that begins so */
};

struct seed {
	struct word words[TEXT_TOPIC_WORDS_MAX];
	uint8_t n_words;
	uint8_t tongue;
	uint16_t topic;
	int32_t next; /* the next seed of the same list, -1 */
};

/* What is known after some bytes of a word. The nodes behind it lie side by side, in the order of their bytes. */
struct node {
	uint32_t first; /* of those behind it */
	uint16_t n;     /* how many */
	bool ends;      /* seeds' first words end here: see `ends` */
};

/* Lists of seeds; -1 for none. */
struct ends {
	int32_t whole, begins; /* whose first word is what was read, and those where it goes on ("*") */
};

struct text_topics {
	struct text_topic *topics;
	size_t n;
	struct seed *seeds;
	size_t n_seeds;
	/* Of all nodes; the first TEXT_TONGUES are roots, to which no byte leads. Small, so that all stays in near
	 * caches. */
	struct node *nodes;
	uint8_t *bytes; /* that lead to them */
	struct ends *ends;
	size_t n_nodes;
	uint32_t roots[TEXT_TONGUES][256]; /* what is behind the roots; 0 for none */
};

#define BEGIN_BYTES_MAX 63 /* of a word with "*" */

struct str text_topics_shipped(void)
{
	return embed_find(text_topics_files, text_topics_files_count, "cx.json");
}

struct str text_moods_shipped(void)
{
	return embed_find(text_topics_files, text_topics_files_count, "moods.json");
}

size_t text_topics_count(const struct text_topics *t)
{
	return t->n;
}

const struct text_topic *text_topics_at(const struct text_topics *t, size_t i)
{
	return &t->topics[i];
}

/* Reading the document: once to count, once to keep. */

struct reading {
	struct arena *a;
	struct text_topics *t; /* NULL while counting */
	struct json_reader r;
	size_t n_topics, n_seeds, n_bytes;
	struct str *raw; /* of each seed, as written */
	struct err *err;
};

static enum err_code bad(struct reading *d, struct str topic, const char *what)
{
	err_set(d->err, ERR_INPUT, "text.topics", "topics", "topic " STR_FMT ": %s",
	        (int)(topic.len < 60 ? topic.len : 60), topic.ptr, what);
	return ERR_INPUT;
}

static enum err_code wrong_json(struct reading *d)
{
	if (d->r.error) return json_error(&d->r, d->err);
	return bad(d, STR(""), "the document is {\"topics\":[{…}]} with texts where texts are expected");
}

static enum err_code read_text(struct reading *d, struct str *out)
{
	if (json_next(&d->r) != JT_STRING) return wrong_json(d);
	return json_text(&d->r, d->a, out) ? OK : err_no_memory(d->err);
}

static int tongue_of(struct str name)
{
	for (int i = 0; i < TEXT_TONGUES; i++)
		if (str_eq(name, str_of(text_tongue_names[i]))) return i;
	return -1;
}

static enum err_code read_names(struct reading *d, struct text_topic *topic)
{
	if (json_next(&d->r) != JT_OBJECT) return wrong_json(d);
	enum json_token t;
	while ((t = json_next(&d->r)) == JT_KEY) {
		const int tongue = tongue_of(d->r.raw);
		struct str name;
		TRY(read_text(d, &name));
		if (tongue >= 0 && tongue < TEXT_IN_LATIN) topic->names[tongue] = name;
	}
	return t == JT_OBJECT_END ? OK : wrong_json(d);
}

static enum err_code read_seed(struct reading *d, struct text_topic *topic, int tongue)
{
	struct str seed;
	if (d->n_seeds == TEXT_TOPIC_SEEDS_MAX)
		return err_limit(d->err, "text.topics", "topics", TEXT_TOPIC_SEEDS_MAX + 1, TEXT_TOPIC_SEEDS_MAX,
		                 "too many seeds");
	if (!json_text(&d->r, d->a, &seed)) return err_no_memory(d->err);
	if (d->t) {
		d->t->seeds[d->n_seeds] =
		        (struct seed){ .tongue = (uint8_t)tongue, .topic = (uint16_t)d->n_topics, .next = -1 };
		d->raw[d->n_seeds] = seed;
		topic->n_seeds++;
	}
	d->n_seeds++;
	return OK;
}

static enum err_code read_seeds(struct reading *d, struct text_topic *topic)
{
	if (json_next(&d->r) != JT_OBJECT) return wrong_json(d);
	enum json_token t;
	while ((t = json_next(&d->r)) == JT_KEY) {
		const int tongue = tongue_of(d->r.raw);
		if (tongue < 0) return bad(d, topic->key, "seeds are by \"en\", \"ar\", \"fa\" and \"latin\"");
		if (json_next(&d->r) != JT_ARRAY) return wrong_json(d);
		while ((t = json_next(&d->r)) == JT_STRING) TRY(read_seed(d, topic, tongue));
		if (t != JT_ARRAY_END) return wrong_json(d);
	}
	return t == JT_OBJECT_END ? OK : wrong_json(d);
}

static bool key_taken(const struct reading *d, struct str key)
{
	for (size_t i = 0; d->t && i < d->n_topics; i++)
		if (str_eq(d->t->topics[i].key, key)) return true;
	return false;
}

static enum err_code read_topic(struct reading *d)
{
	struct text_topic topic = { .key = STR("") };
	enum json_token t;
	for (int i = 0; i < TEXT_IN_LATIN; i++) topic.names[i] = STR("");
	if (d->n_topics == TEXT_TOPICS_MAX)
		return err_limit(d->err, "text.topics", "topics", TEXT_TOPICS_MAX + 1, TEXT_TOPICS_MAX,
		                 "too many topics");
	while ((t = json_next(&d->r)) == JT_KEY) {
		const struct str key = d->r.raw;
		if (str_eq(key, STR("key"))) TRY(read_text(d, &topic.key));
		else if (str_eq(key, STR("names"))) TRY(read_names(d, &topic));
		else if (str_eq(key, STR("seeds"))) TRY(read_seeds(d, &topic));
		else {
			t = json_next(&d->r);
			if (str_eq(key, STR("policy"))) topic.policy = t == JT_TRUE;
			if (!json_skip(&d->r, t)) return wrong_json(d);
		}
	}
	if (t != JT_OBJECT_END) return wrong_json(d);
	if (!topic.key.len) return bad(d, topic.names[0], "it needs a key");
	if (key_taken(d, topic.key)) return bad(d, topic.key, "the key is there twice");
	if (d->t) d->t->topics[d->n_topics] = topic;
	d->n_topics++;
	return OK;
}

static enum err_code read_document(struct reading *d, struct str json)
{
	bool found = false;
	enum json_token t;
	d->n_topics = d->n_seeds = 0;
	json_read(&d->r, json);
	if (json_next(&d->r) != JT_OBJECT) return wrong_json(d);
	while ((t = json_next(&d->r)) == JT_KEY) {
		const bool topics = str_eq(d->r.raw, STR("topics"));
		t = json_next(&d->r);
		if (!topics) {
			if (!json_skip(&d->r, t)) return wrong_json(d);
			continue;
		}
		if (t != JT_ARRAY || found) return wrong_json(d);
		found = true;
		while ((t = json_next(&d->r)) == JT_OBJECT) TRY(read_topic(d));
		if (t != JT_ARRAY_END) return wrong_json(d);
	}
	if (t != JT_OBJECT_END || json_next(&d->r) != JT_END || !found) return wrong_json(d);
	return OK;
}

/* Words of seeds, in the spelling that texts have after reading. */

static bool word_byte(char c)
{
	const unsigned char u = (unsigned char)c;
	return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || u == '\'';
}

static bool half_space(const char *p, size_t left)
{
	return left >= 3 && p[0] == '\xE2' && p[1] == '\x80' && p[2] == '\x8C';
}

/* The next part of `s` from *i: bytes of a word, which a half-space ends too. False at the end. */
static bool next_part(struct str s, size_t *i, struct str *out)
{
	size_t from = *i;
	while (from < s.len && (!word_byte(s.ptr[from]) || half_space(s.ptr + from, s.len - from)))
		from += half_space(s.ptr + from, s.len - from) ? 3 : 1;
	size_t to = from;
	while (to < s.len && word_byte(s.ptr[to]) && !half_space(s.ptr + to, s.len - to)) to++;
	*out = str_cut(s, from, to);
	*i = to;
	return to > from;
}

static const struct {
	const char *prefix;
	bool more; /* ال may follow */
} arabic_prefixes[] = {
	{ "و", true }, { "ف", true }, { "ب", true }, { "ك", true }, { "ل", true },
};

#define STEM_BYTES_MIN 6 /* three Arabic letters are left after a prefix */
#define SPELLINGS_MAX 8

/* A letter of ا ب ف ك ل و. */
static bool may_begin_prefix(const char *p)
{
	if (p[0] == '\xD8') return p[1] == '\xA7' || p[1] == '\xA8';
	return p[0] == '\xD9' && (p[1] == '\x81' || p[1] == '\x83' || p[1] == '\x84' || p[1] == '\x88');
}

/* The word and what is left of it without "and", "with", "the" …: what a seed's word is compared with. */
static size_t spellings(struct str w, enum text_tongue tongue, struct str out[SPELLINGS_MAX])
{
	size_t n = 0;
	out[n++] = w;
	if (tongue != TEXT_IN_AR || w.len < 2 + STEM_BYTES_MIN || !may_begin_prefix(w.ptr)) return n;
	for (size_t step = 0; step < 2; step++) {
		const size_t had = n;
		for (size_t i = 0; i < COUNT_OF(arabic_prefixes); i++) {
			const struct str p = str_of(arabic_prefixes[i].prefix), last = out[had - 1];
			if (!str_starts(last, p) || last.len < p.len + STEM_BYTES_MIN || n >= 3) continue;
			out[n++] = str_cut(last, p.len, last.len);
		}
		if (n == had) break;
	}
	for (size_t i = 0, had = n; i < had && n < SPELLINGS_MAX; i++) {
		/* ال, and "لل" of which one ل is gone already or not. */
		const struct str al = STR("ال"), lam = STR("لل");
		if (str_starts(out[i], al) && out[i].len >= al.len + STEM_BYTES_MIN)
			out[n++] = str_cut(out[i], al.len, out[i].len);
		else if (str_starts(out[i], lam) && out[i].len >= lam.len + STEM_BYTES_MIN)
			out[n++] = str_cut(out[i], lam.len, out[i].len);
	}
	return n;
}

static bool word_fits(const struct word *want, struct str have, enum text_tongue tongue)
{
	struct str s[SPELLINGS_MAX];
	const size_t n = spellings(have, tongue, s);
	for (size_t i = 0; i < n; i++)
		if (want->begins ? str_starts(s[i], want->text) : str_eq(s[i], want->text)) return true;
	return false;
}

/* The written seed cut at white space, each word folded for itself so that Persian joins nothing across words. */
static enum err_code seed_words(struct reading *d, struct seed *seed, struct str raw)
{
	static const enum text_language folds[TEXT_TONGUES] = { TEXT_EN, TEXT_AR, TEXT_FA, TEXT_EN };
	const struct str key = d->t->topics[seed->topic].key;
	size_t i = 0;
	while (i < raw.len) {
		while (i < raw.len && raw.ptr[i] == ' ') i++;
		size_t to = i;
		while (to < raw.len && raw.ptr[to] != ' ') to++;
		struct str w = str_cut(raw, i, to), part;
		i = to;
		const bool begins = str_ends(w, STR("*"));
		if (begins) w.len--;
		if (str_find(w, '*') < w.len) return bad(d, key, "a * stands at the end of a word only");
		const struct str folded = text_fold(d->a, w, folds[seed->tongue]);
		if (!folded.ptr) return err_no_memory(d->err);
		for (size_t at = 0; next_part(folded, &at, &part);) {
			if (seed->n_words == TEXT_TOPIC_WORDS_MAX) return bad(d, key, "a seed has at most six words");
			struct word *have = &seed->words[seed->n_words++];
			have->text = part;
			have->begins = false;
		}
		if (seed->n_words && begins) seed->words[seed->n_words - 1].begins = true;
	}
	if (!seed->n_words) return bad(d, key, "a seed needs a letter or a digit");
	for (int k = 0; k < seed->n_words; k++) {
		struct word *w = &seed->words[k];
		struct str s[SPELLINGS_MAX];
		/* Written with "the": the seed is what is left, as the text's words are tried without it too. */
		if (seed->tongue == TEXT_IN_AR && str_starts(w->text, STR("ال")) &&
		    spellings(w->text, TEXT_IN_AR, s) > 1)
			w->text = s[1];
		if (w->begins && w->text.len > BEGIN_BYTES_MAX) return bad(d, key, "a word with * is too long");
	}
	return OK;
}

/* The tree of first words. */

/* The node that a byte leads to; 0 for none. */
static inline uint32_t follow(const struct text_topics *t, uint32_t node, unsigned char byte)
{
	if (node < TEXT_TONGUES) return t->roots[node][byte];
	const uint32_t first = t->nodes[node].first;
	for (uint32_t i = first; i < first + t->nodes[node].n; i++)
		if (t->bytes[i] == byte) return i;
	return 0;
}

/* A seed by its first word. */
struct sprout {
	struct str word;
	int32_t seed;
	uint8_t tongue;
};

static int by_tongue_and_word(const void *pa, const void *pb)
{
	const struct sprout *a = pa, *b = pb;
	if (a->tongue != b->tongue) return a->tongue < b->tongue ? -1 : 1;
	const int words = str_cmp(a->word, b->word);
	return words ? words : (a->seed > b->seed) - (a->seed < b->seed);
}

/* What is being grown: the sprouts of each node and how many of their bytes were read. */
struct growing {
	struct sprout *sprouts;
	struct branch {
		uint32_t from, to, depth;
	} * branches;
};

static uint32_t grow_node(struct text_topics *t, struct growing *g, unsigned char byte, struct branch branch)
{
	const uint32_t made = (uint32_t)t->n_nodes++;
	t->bytes[made] = byte;
	t->ends[made] = (struct ends){ -1, -1 };
	g->branches[made] = branch;
	return made;
}

/* Sprouts that end at a node come first among its own. */
static uint32_t end_sprouts(struct text_topics *t, const struct growing *g, uint32_t node)
{
	const struct branch *b = &g->branches[node];
	uint32_t i = b->from;
	for (; i < b->to && g->sprouts[i].word.len == b->depth; i++) {
		struct seed *seed = &t->seeds[g->sprouts[i].seed];
		int32_t *const list = seed->words[0].begins ? &t->ends[node].begins : &t->ends[node].whole;
		seed->next = *list;
		*list = g->sprouts[i].seed;
		t->nodes[node].ends = true;
	}
	return i;
}

static void grow_behind(struct text_topics *t, struct growing *g, uint32_t node)
{
	const struct branch b = g->branches[node];
	t->nodes[node].first = (uint32_t)t->n_nodes;
	for (uint32_t i = end_sprouts(t, g, node), to; i < b.to; i = to) {
		const unsigned char byte = (unsigned char)g->sprouts[i].word.ptr[b.depth];
		for (to = i + 1; to < b.to && (unsigned char)g->sprouts[to].word.ptr[b.depth] == byte; to++) {}
		const uint32_t made = grow_node(t, g, byte, (struct branch){ i, to, b.depth + 1 });
		t->nodes[node].n++;
		if (node < TEXT_TONGUES) t->roots[node][byte] = made;
	}
}

static void plant(struct text_topics *t, struct growing *g)
{
	uint32_t at = 0;
	for (size_t i = 0; i < t->n_seeds; i++)
		g->sprouts[i] = (struct sprout){ t->seeds[i].words[0].text, (int32_t)i, t->seeds[i].tongue };
	if (t->n_seeds) qsort(g->sprouts, t->n_seeds, sizeof(*g->sprouts), by_tongue_and_word);
	for (uint8_t tongue = 0; tongue < TEXT_TONGUES; tongue++) {
		const uint32_t from = at;
		while (at < t->n_seeds && g->sprouts[at].tongue == tongue) at++;
		grow_node(t, g, 0, (struct branch){ from, at, 0 });
	}
	for (uint32_t node = 0; node < t->n_nodes; node++) grow_behind(t, g, node);
}

static bool plant_all(struct text_topics *t, struct arena *a)
{
	size_t most = TEXT_TONGUES;
	for (size_t i = 0; i < t->n_seeds; i++) most += t->seeds[i].words[0].text.len;
	t->nodes = ARENA_ARRAY(a, struct node, most);
	t->bytes = ARENA_ARRAY(a, uint8_t, most);
	t->ends = ARENA_ARRAY(a, struct ends, most);
	struct growing g = { malloc((t->n_seeds + 1) * sizeof(*g.sprouts)), malloc(most * sizeof(*g.branches)) };
	const bool enough = t->nodes && t->bytes && t->ends && g.sprouts && g.branches;
	if (enough) plant(t, &g);
	free(g.sprouts);
	free(g.branches);
	return enough;
}

enum err_code text_topics_read(struct str json, struct arena *a, struct text_topics **out, struct err *err)
{
	struct reading d = { .a = a, .err = err };
	if (json.len > TEXT_TOPIC_BYTES_MAX)
		return err_limit(err, "text.topics", "topics", (int64_t)json.len, (int64_t)TEXT_TOPIC_BYTES_MAX,
		                 "the document is too long");
	TRY(read_document(&d, json));
	struct text_topics *t = ARENA_NEW(a, struct text_topics);
	if (t) {
		t->topics = ARENA_ARRAY(a, struct text_topic, d.n_topics);
		t->seeds = ARENA_ARRAY(a, struct seed, d.n_seeds);
		d.raw = ARENA_ARRAY(a, struct str, d.n_seeds);
	}
	if (!t || !t->topics || !t->seeds || !d.raw) return err_no_memory(err);
	d.t = t;
	TRY(read_document(&d, json));
	t->n = d.n_topics;
	t->n_seeds = d.n_seeds;
	for (size_t i = 0; i < t->n_seeds; i++) TRY(seed_words(&d, &t->seeds[i], d.raw[i]));
	if (!plant_all(t, a)) return err_no_memory(err);
	*out = t;
	return OK;
}

/* Finding. */

struct finding {
	const struct text_topics *t;
	const struct text *text;
	struct text_hit *out;
	size_t n, cap;
};

static bool has_words(const struct text_token *k)
{
	return k->kind == TEXT_WORD || k->kind == TEXT_TAG || k->kind == TEXT_NUMBER;
}

/* The part behind byte *at of token *i; goes on to the next token, but not across anything that is no word. */
static bool part_after(const struct text *text, size_t *i, size_t *at, struct str *out)
{
	while (!next_part(text->tokens[*i].word, at, out)) {
		if (++*i == text->n || !has_words(&text->tokens[*i])) return false;
		*at = 0;
	}
	return true;
}

/* The token behind the seed when it stands here, its first word found; 0 when it does not. */
static size_t seed_end(const struct finding *f, const struct seed *seed, size_t token, size_t at)
{
	struct str part;
	for (int k = 1; k < seed->n_words; k++)
		if (!part_after(f->text, &token, &at, &part) || !word_fits(&seed->words[k], part, seed->tongue))
			return 0;
	return token + 1;
}

static void keep_hit(struct finding *f, uint16_t topic, size_t first, size_t last)
{
	const struct text_token *k = f->text->tokens;
	const struct text_hit hit = { topic, (uint32_t)first, (uint32_t)last, { k[first].at.from, k[last - 1].at.to } };
	size_t i = f->n;
	while (i > 0) {
		struct text_hit *h = &f->out[i - 1];
		if (h->topic == topic) {
			if (h->last <= first) break;
			if (h->last - h->first < last - first) *h = hit;
			return;
		}
		i--;
	}
	if (f->n < f->cap) f->out[f->n++] = hit;
}

/* Seeds of one list, whose first word was found in `token` and ends before byte `at` of it. */
static void try_seeds(struct finding *f, int32_t seed, size_t token, size_t at)
{
	for (; seed >= 0; seed = f->t->seeds[seed].next) {
		const size_t last = seed_end(f, &f->t->seeds[seed], token, at);
		if (last) keep_hit(f, f->t->seeds[seed].topic, token, last);
	}
}

/* A part of a token, whose end in the token is `at`. */
static void try_part(struct finding *f, struct str part, enum text_tongue tongue, size_t token, size_t at)
{
	const struct text_topics *t = f->t;
	struct str s[SPELLINGS_MAX];
	const size_t n = spellings(part, tongue, s);
	for (size_t i = 0; i < n; i++) {
		uint32_t node = tongue;
		for (size_t k = 0; k < s[i].len; k++) {
			node = follow(t, node, (unsigned char)s[i].ptr[k]);
			if (!node) break;
			if (t->nodes[node].ends) try_seeds(f, t->ends[node].begins, token, at);
		}
		if (node && t->nodes[node].ends) try_seeds(f, t->ends[node].whole, token, at);
	}
}

static int by_place(const void *pa, const void *pb)
{
	const struct text_hit *a = pa, *b = pb;
	if (a->first != b->first) return a->first < b->first ? -1 : 1;
	return (a->topic > b->topic) - (a->topic < b->topic);
}

size_t text_topics_find(const struct text_topics *t, const struct text *text, struct text_hit *out, size_t cap)
{
	struct finding f = { t, text, out, 0, cap };
	const enum text_tongue arabic = text->fold == TEXT_FA ? TEXT_IN_FA : TEXT_IN_AR;
	for (size_t i = 0; i < text->n; i++) {
		if (!has_words(&text->tokens[i])) continue;
		const struct str word = text->tokens[i].word;
		struct str part;
		for (size_t at = 0; next_part(word, &at, &part);) {
			const bool latin = (unsigned char)part.ptr[0] < 0xD0; /* below Cyrillic; Arabic begins at D8 */
			try_part(&f, part, latin ? TEXT_IN_EN : arabic, i, at);
			if (latin && text->lang == TEXT_LATIN_AR_FA) try_part(&f, part, TEXT_IN_LATIN, i, at);
		}
	}
	if (f.n > 1) qsort(out, f.n, sizeof(*out), by_place);
	return f.n;
}
