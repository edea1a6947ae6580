/*
 * Access logs of web servers: the common and combined format of Apache and
 * nginx, and W3C extended (IIS, CloudFront). A line is a page view of
 * somebody; which lines are, and what a visit is, says docs/mapping.md:
 *
 *   who      the user of the log where it names one, else an anonymous id made
 *            from address and browser. The address itself is not kept.
 *   visit    page views of one visitor with no silence of more than 30
 *            minutes; a journey instance "visitor-N".
 *   no event files that a page draws in by itself (pictures, styles, scripts),
 *            robots by their own word, methods other than GET and POST,
 *            redirections (the page that follows is the view).
 */
#include "base/checked.h"
#include "wire/value.h"

#define SILENCE_MS ((int64_t)30 * 60 * 1000)
#define ARENA_BYTES (64 * MIB)
enum { FIELDS_MAX = 64, VISITORS_FIRST = 4096, VISITORS_MAX = 1 << 22, LINES_EVERY = 512 };

enum column {
	C_IP,
	C_USER,
	C_DATE,
	C_TIME,
	C_METHOD,
	C_PATH,
	C_QUERY,
	C_STATUS,
	C_TOOK_MS,
	C_TOOK_S,
	C_REFERER,
	C_AGENT,
	C_HOST,
	COLUMNS
};
/* W3C's names; columns of other names are passed over. */
static const struct {
	const char *name;
	enum column column;
} w3c[] = { { "c-ip", C_IP },
	    { "cs-username", C_USER },
	    { "date", C_DATE },
	    { "time", C_TIME },
	    { "cs-method", C_METHOD },
	    { "cs-uri-stem", C_PATH },
	    { "cs-uri-query", C_QUERY },
	    { "sc-status", C_STATUS },
	    { "time-taken", C_TOOK_MS },
	    { "cs(Referer)", C_REFERER },
	    { "cs(User-Agent)", C_AGENT },
	    { "cs-host", C_HOST } };

struct visitor {
	uint64_t hash; /* 0 empty */
	int64_t last_ms, n;
};

struct access {
	struct gate *gate;
	struct feed *feed;
	struct arena *scratch;
	char *bytes;
	int64_t line;
	enum column fields[FIELDS_MAX]; /* of W3C, as the newest #Fields says; COLUMNS: not looked at */
	size_t n_fields;
	bool is_w3c;
	struct value_times times;
	struct visitor *visitors; /* open addressing */
	size_t n_visitors, n_slots;
	struct buf properties;
};

/* --- who, and which visit -------------------------------------------------------------------------- */

static struct visitor *slot_of(struct visitor *slots, size_t n, uint64_t h)
{
	size_t i = h & (n - 1);
	while (slots[i].hash && slots[i].hash != h) i = (i + 1) & (n - 1);
	return &slots[i];
}

static bool grow(struct access *x)
{
	const size_t n = x->n_slots ? 2 * x->n_slots : VISITORS_FIRST;
	struct visitor *slots = calloc(n, sizeof *slots);
	if (!slots) return false;
	for (size_t i = 0; i < x->n_slots; i++)
		if (x->visitors[i].hash) *slot_of(slots, n, x->visitors[i].hash) = x->visitors[i];
	free(x->visitors);
	x->visitors = slots;
	x->n_slots = n;
	return true;
}

/* The number of the visit, from 1; 0 when there are more visitors than are followed. */
static int64_t visit_of(struct access *x, uint64_t h, int64_t at_ms)
{
	h |= 1;
	if (x->n_visitors * 2 >= x->n_slots && (x->n_visitors >= VISITORS_MAX || !grow(x))) return 0;
	struct visitor *v = slot_of(x->visitors, x->n_slots, h);
	if (!v->hash) {
		*v = (struct visitor){ .hash = h, .last_ms = at_ms };
		x->n_visitors++;
	}
	if (v->n == 0 || at_ms - v->last_ms > SILENCE_MS) v->n++;
	if (at_ms > v->last_ms) v->last_ms = at_ms;
	return v->n;
}

/* --- what is no page view ------------------------------------------------------------------------------ */

static bool part_of_page(struct str path)
{
	static const char *const endings[] = { ".css", ".js",  ".mjs",  ".map",  ".png",  ".jpg",   ".jpeg", ".gif",
		                               ".svg", ".ico", ".webp", ".avif", ".woff", ".woff2", ".ttf",  ".eot",
		                               ".otf", ".mp4", ".webm", ".mp3",  ".xml",  ".rss",   ".atom" };
	for (size_t i = 0; i < COUNT_OF(endings); i++) {
		const struct str e = str_of(endings[i]);
		if (path.len > e.len && str_eq_ascii_nocase(str_cut(path, path.len - e.len, path.len), e)) return true;
	}
	return str_eq(path, STR("/robots.txt"));
}

static bool holds_word(struct str s, const char *word)
{
	const size_t n = strlen(word);
	for (size_t i = 0; i + n <= s.len; i++)
		if (str_eq_ascii_nocase(str_cut(s, i, i + n), str_of(word))) return true;
	return false;
}

static bool robot(struct str agent)
{
	static const char *const words[] = { "bot", "crawl", "spider", "slurp", "curl/", "wget/", "monitor", "feed" };
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (holds_word(agent, words[i])) return true;
	return false;
}

/* --- one view ---------------------------------------------------------------------------------------------- */

static struct str value(const struct str *c, enum column k)
{
	return str_eq(c[k], STR("-")) ? STR("") : c[k];
}

static void put_properties(struct access *x, const struct str *c, int64_t status, struct str journey)
{
	struct json_out o;
	double took;
	buf_clear(&x->properties);
	json_out_init(&o, &x->properties);
	json_open(&o, '{');
	json_kv_i64(&o, "status", status);
	if (status >= 400) json_kv_bool(&o, "failed", true);
	if (value(c, C_REFERER).len) json_kv_str(&o, "referrer", str_cut(value(c, C_REFERER), 0, 500));
	if (journey.len) json_kv_str(&o, "journey", journey);
	if (str_to_double(value(c, C_TOOK_MS), &took) && took >= 0) json_kv_double(&o, "wait_ms", took);
	json_close(&o, '}');
}

static enum err_code wrong(struct access *x, struct str line, const char *field, const char *id, const char *what,
                           struct err *err)
{
	struct err why = { 0 };
	err_set(&why, ERR_INPUT, id, field, "%s", what);
	err_hint(&why, "Common, combined and W3C extended logs can be read.");
	return gate_refuse(x->gate, x->line, line, &why, err);
}

static enum err_code view(struct access *x, const struct str *c, struct str line, struct err *err)
{
	int64_t status = 0, at_ms;
	const struct str method = value(c, C_METHOD), path = str_cut(c[C_PATH], 0, str_find(c[C_PATH], '?')),
	                 agent = value(c, C_AGENT);
	if (!str_to_i64(value(c, C_STATUS), &status))
		return wrong(x, line, "status", "number.syntax", "the line has no status", err);
	if (!str_eq(method, STR("GET")) && !str_eq(method, STR("POST"))) return OK;
	if ((status >= 300 && status < 400) || part_of_page(path) || robot(agent)) return OK;
	const struct str when =
	        c[C_DATE].len ? str_format(x->scratch, STR_FMT " " STR_FMT, STR_ARG(c[C_DATE]), STR_ARG(c[C_TIME]))
	                      : c[C_TIME];
	if (!when.ptr) return err_no_memory(err);
	if (!value_time(&x->times, when, &at_ms))
		return wrong(x, line, "time", "time.syntax", "the line has no time that can be read", err);
	const uint64_t h = hash64_mix(hash64(value(c, C_IP)), hash64(agent));
	const struct str user = value(c, C_USER);
	const uint64_t who = user.len ? hash64(user) : h;
	const struct str visitor = user.len ? user : str_format(x->scratch, "visitor-%016llx", (unsigned long long)h);
	const int64_t n = visit_of(x, who, at_ms);
	const struct str journey =
	        n ? str_format(x->scratch, STR_FMT "-%lld", STR_ARG(visitor), (long long)n) : STR("");
	if (!visitor.ptr || !journey.ptr) return err_no_memory(err);
	put_properties(x, c, status, journey);
	struct draft d = { .type = WIRE_PAGE,
		           .customer = user.len ? visitor : STR(""),
		           .anonymous = user.len ? STR("") : visitor,
		           .name = str_cut(path, 0, WIRE_NAME_BYTES_MAX),
		           .channel = STR("web"),
		           .at_ms = at_ms,
		           .said_ms = at_ms,
		           .properties = buf_view(&x->properties),
		           .line = x->line,
		           .raw = line,
		           .pointer = "" };
	return gate_event(x->gate, &d, err);
}

/* --- lines ------------------------------------------------------------------------------------------------- */

/* The next word: up to a space, or what stands in quotes or brackets. False at the end of the line. */
static bool next_word(struct str *rest, struct str *out)
{
	while (rest->len && rest->ptr[0] == ' ') *rest = str_cut(*rest, 1, rest->len);
	if (!rest->len) return false;
	const char open = rest->ptr[0], close = open == '"' ? '"' : open == '[' ? ']' : ' ';
	const size_t from = close != ' ';
	size_t to = from;
	while (to < rest->len && rest->ptr[to] != close) to += rest->ptr[to] == '\\' && close == '"' ? 2 : 1;
	if (to > rest->len) to = rest->len;
	*out = str_cut(*rest, from, to);
	*rest = str_cut(*rest, to < rest->len ? to + 1 : to, rest->len);
	return true;
}

/* %h %l %u [time] "method path protocol" status bytes "referer" "agent"; the last two may be missing. */
static enum err_code combined(struct access *x, struct str line, struct err *err)
{
	struct str c[COLUMNS] = { 0 }, rest = line, word[9] = { 0 };
	size_t n = 0;
	while (n < COUNT_OF(word) && next_word(&rest, &word[n])) n++;
	if (n < 7) return wrong(x, line, "", "file.format", "this is no line of an access log", err);
	struct str request = word[4];
	c[C_IP] = word[0], c[C_USER] = word[2], c[C_TIME] = word[3], c[C_STATUS] = word[5];
	c[C_REFERER] = word[7], c[C_AGENT] = word[8];
	if (!next_word(&request, &c[C_METHOD]) || !next_word(&request, &c[C_PATH])) return OK; /* noise: no request */
	return view(x, c, line, err);
}

static void read_fields(struct access *x, struct str names)
{
	struct str word;
	x->n_fields = 0;
	while (x->n_fields < FIELDS_MAX && next_word(&names, &word)) {
		enum column *f = &x->fields[x->n_fields++];
		*f = COLUMNS;
		for (size_t i = 0; i < COUNT_OF(w3c); i++)
			if (str_eq_ascii_nocase(word, str_of(w3c[i].name))) *f = w3c[i].column;
	}
}

static enum err_code extended(struct access *x, struct str line, struct err *err)
{
	struct str c[COLUMNS + 1] = { 0 }, rest = line, word;
	size_t n = 0;
	if (str_starts(line, STR("#Fields:"))) read_fields(x, str_cut(line, 8, line.len));
	if (line.ptr[0] == '#') return OK;
	for (char *p = x->bytes; p < rest.ptr + rest.len; p++)
		if (*p == '\t') *p = ' '; /* CloudFront's separator; the line is ours */
	while (n < x->n_fields && next_word(&rest, &word)) c[x->fields[n++]] = word;
	if (n < x->n_fields || !c[C_TIME].len || !c[C_PATH].len)
		return wrong(x, line, "", "csv.fields", "the line has other fields than #Fields says", err);
	return view(x, c, line, err);
}

static enum err_code one_line(struct access *x, size_t len, struct err *err)
{
	while (len && (x->bytes[len - 1] == '\r' || x->bytes[len - 1] == ' ')) len--;
	x->line++;
	if (!len) return OK;
	const struct str line = { x->bytes, len };
	if (x->line == 1) x->is_w3c = line.ptr[0] == '#';
	if (utf8_valid(line.ptr, len) != len) return wrong(x, STR(""), "", "csv.utf8", "the line is not UTF-8", err);
	const enum err_code rc = x->is_w3c ? extended(x, line, err) : combined(x, line, err);
	arena_reset(x->scratch);
	return rc;
}

static enum err_code read_lines(struct access *x, struct err *err)
{
	char piece[64 * 1024];
	size_t len = 0;
	bool long_line = false;
	int64_t got;
	while ((got = feed_read(x->feed, piece, sizeof piece)) > 0) {
		for (int64_t i = 0; i < got; i++) {
			if (piece[i] != '\n') {
				if (len < WIRE_LINE_BYTES_MAX) x->bytes[len++] = piece[i];
				else long_line = true;
				continue;
			}
			if (long_line) {
				x->line++;
				TRY(wrong(x, STR(""), "", "line.size", "the line is longer than it may be", err));
			} else TRY(one_line(x, len, err));
			len = 0;
			long_line = false;
			if (x->line % LINES_EVERY == 0)
				TRY(gate_progress(x->gate, feed_bytes_in(x->feed), x->line, err));
		}
	}
	if (got < 0) return feed_error(x->feed, err);
	if (len && !long_line) TRY(one_line(x, len, err));
	return gate_progress(x->gate, feed_bytes_in(x->feed), x->line, err);
}

enum err_code wire_access(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink, struct err *err)
{
	struct arena scratch;
	struct gate g;
	struct access x = { .gate = &g,
		            .scratch = &scratch,
		            .times = { .n_formats = 2, .formats = { STR("%d/%b/%Y:%H:%M:%S %z"), STR("iso") } } };
	arena_init(&scratch, ARENA_BYTES);
	gate_init(&g, sink, &scratch, now_ms, WIRE_FILE_AHEAD_MS);
	buf_init(&x.properties, 64 * KIB);
	enum err_code rc = value_times_open(&x.times, err);
	if (rc == OK) rc = feed_open(in, true, &x.feed, err);
	if (rc == OK && !(x.bytes = malloc(WIRE_LINE_BYTES_MAX))) rc = err_no_memory(err);
	if (rc == OK) rc = read_lines(&x, err);
	free(x.bytes);
	free(x.visitors);
	feed_close(x.feed);
	value_times_close(&x.times);
	buf_done(&x.properties);
	gate_done(&g);
	arena_done(&scratch);
	return rc;
}
