/* Topics by seeds: a document compiled into a table of the seeds' first words. Rules: docs/methods/text-topics.md. */
#include "text/topics.h"

#include "base/embed.h"
#include "base/hash.h"
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
	int32_t next; /* the next seed of the same slot, -1 */
};

struct slot {
	uint64_t hash; /* of tongue, kind and first word; 0: free */
	int32_t first;
};

struct text_topics {
	struct text_topic *topics;
	size_t n;
	struct seed *seeds;
	size_t n_seeds;
	struct slot *slots;
	size_t mask;
	uint64_t lengths[TEXT_TONGUES]; /* bit i: some first word of i bytes takes what begins so */
};

#define BEGIN_BYTES_MAX 63 /* of a word with "*", so that its length is a bit of a word */

struct str text_topics_shipped(void)
{
	return embed_find(text_topics_files, text_topics_files_count, "cx.json");
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
	return left >= 3 && memcmp(p, "\xE2\x80\x8C", 3) == 0;
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

/* The word and what is left of it without "and", "with", "the" …: what a seed's word is compared with. */
static size_t spellings(struct str w, enum text_tongue tongue, struct str out[SPELLINGS_MAX])
{
	size_t n = 0;
	out[n++] = w;
	if (tongue != TEXT_IN_AR) return n;
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

static uint64_t word_hash(struct str w, enum text_tongue tongue, bool begins)
{
	const uint64_t h = hash64_seed(w, (uint64_t)tongue * 2 + begins + 1);
	return h ? h : 1;
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

static void keep_slot(struct text_topics *t, int32_t at)
{
	struct seed *seed = &t->seeds[at];
	const struct word *w = &seed->words[0];
	const uint64_t h = word_hash(w->text, seed->tongue, w->begins);
	size_t i = h & t->mask;
	while (t->slots[i].hash && t->slots[i].hash != h) i = (i + 1) & t->mask;
	if (!t->slots[i].hash) t->slots[i] = (struct slot){ h, -1 };
	seed->next = t->slots[i].first;
	t->slots[i].first = at;
	if (w->begins) t->lengths[seed->tongue] |= (uint64_t)1 << w->text.len;
}

enum err_code text_topics_read(struct str json, struct arena *a, struct text_topics **out, struct err *err)
{
	struct reading d = { .a = a, .err = err };
	if (json.len > TEXT_TOPIC_BYTES_MAX)
		return err_limit(err, "text.topics", "topics", (int64_t)json.len, (int64_t)TEXT_TOPIC_BYTES_MAX,
		                 "the document is too long");
	TRY(read_document(&d, json));
	struct text_topics *t = ARENA_NEW(a, struct text_topics);
	size_t slots = 64;
	while (slots < 2 * d.n_seeds) slots *= 2;
	if (t) {
		t->topics = ARENA_ARRAY(a, struct text_topic, d.n_topics);
		t->seeds = ARENA_ARRAY(a, struct seed, d.n_seeds);
		t->slots = ARENA_ARRAY(a, struct slot, slots);
		d.raw = ARENA_ARRAY(a, struct str, d.n_seeds);
	}
	if (!t || !t->topics || !t->seeds || !t->slots || !d.raw) return err_no_memory(err);
	t->mask = slots - 1;
	d.t = t;
	TRY(read_document(&d, json));
	t->n = d.n_topics;
	t->n_seeds = d.n_seeds;
	for (size_t i = 0; i < t->n_seeds; i++) {
		TRY(seed_words(&d, &t->seeds[i], d.raw[i]));
		keep_slot(t, (int32_t)i);
	}
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

static void try_slot(struct finding *f, uint64_t hash, size_t token, size_t at)
{
	const struct text_topics *t = f->t;
	for (size_t i = hash & t->mask; t->slots[i].hash; i = (i + 1) & t->mask) {
		if (t->slots[i].hash != hash) continue;
		for (int32_t s = t->slots[i].first; s >= 0; s = t->seeds[s].next) {
			const size_t last = seed_end(f, &t->seeds[s], token, at);
			if (last) keep_hit(f, t->seeds[s].topic, token, last);
		}
		return;
	}
}

/* A part of a token, whose end in the token is `at`. */
static void try_part(struct finding *f, struct str part, enum text_tongue tongue, size_t token, size_t at)
{
	struct str s[SPELLINGS_MAX];
	const size_t n = spellings(part, tongue, s);
	for (size_t i = 0; i < n; i++) {
		try_slot(f, word_hash(s[i], tongue, false), token, at);
		for (uint64_t left = f->t->lengths[tongue]; left; left &= left - 1) {
			const size_t len = (size_t)__builtin_ctzll(left);
			if (len > s[i].len) break;
			try_slot(f, word_hash(str_cut(s[i], 0, len), tongue, true), token, at);
		}
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
