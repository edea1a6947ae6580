/*
 * GET /metrics: what a Prometheus server asks for (text format 0.0.4). Besides
 * administrators it is for whoever has the token of DIR/metrics.token, which
 * whoever runs the server puts there.
 */
#include <fcntl.h>

#include "http/priv.h"

#define TOKEN_BYTES_MIN 16
#define TOKEN_BYTES_MAX 512

/* Each byte is looked at, so that the time says nothing of how many were right. */
static bool same_secret(struct str a, struct str b)
{
	unsigned char differ = a.len != b.len;
	for (size_t i = 0; i < a.len && i < b.len; i++) differ |= (unsigned char)(a.ptr[i] ^ b.ptr[i]);
	return !differ;
}

bool metrics_token_is(struct http_call *c)
{
	const struct str auth = c->headers[H_AUTHORIZATION];
	char path[1200], text[TOKEN_BYTES_MAX];
	if (auth.len <= 7 || !str_eq_ascii_nocase(str_cut(auth, 0, 7), STR("Bearer "))) return false;
	snprintf(path, sizeof path, "%s/metrics.token", store_dir(c->h->opt.store));
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) return false;
	const ssize_t n = read(fd, text, sizeof text);
	close(fd);
	const struct str token = str_trim((struct str){ text, n > 0 ? (size_t)n : 0 });
	return token.len >= TOKEN_BYTES_MIN && same_secret(str_trim(str_cut(auth, 7, auth.len)), token);
}

static void about(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct buf *b, const char *name, const char *help, int64_t value)
{
	about(b, name, "gauge", help);
	buf_printf(b, "%s %lld\n", name, (long long)value);
}

/* Of a label's value: backslash, quote and line feed have a way of their own. */
static void put_label(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\n') {
			buf_str(b, STR("\\n"));
			continue;
		}
		if (s.ptr[i] == '\\' || s.ptr[i] == '"') buf_byte(b, '\\');
		buf_byte(b, s.ptr[i]);
	}
}

static void source_line(struct buf *b, const char *name, const struct collect_source *s, const char *result,
                        int64_t value)
{
	buf_printf(b, "%s{source=\"%u\",name=\"", name, s->id);
	put_label(b, s->name);
	if (result) buf_printf(b, "\",result=\"%s", result);
	buf_printf(b, "\"} %lld\n", (long long)value);
}

static void put_sources(struct buf *b, const struct collect_source *s, size_t n)
{
	about(b, "safar_events_received_total", "counter",
	      "Events that arrived, by source: the sum of safar_events_total over its results.");
	for (size_t i = 0; i < n; i++) source_line(b, "safar_events_received_total", &s[i], NULL, s[i].sums.received);
	about(b, "safar_events_total", "counter",
	      "What became of the events that arrived; erased ones were stored or set aside before.");
	for (size_t i = 0; i < n; i++) {
		const struct store_sums *of = &s[i].sums;
		source_line(b, "safar_events_total", &s[i], "stored", of->stored);
		source_line(b, "safar_events_total", &s[i], "duplicate", of->duplicate);
		source_line(b, "safar_events_total", &s[i], "set_aside", of->set_aside);
		source_line(b, "safar_events_total", &s[i], "refused", of->refused);
		source_line(b, "safar_events_total", &s[i], "erased", of->erased);
	}
	about(b, "safar_source_last_received_timestamp_seconds", "gauge",
	      "When the newest event of a source arrived; 0 never.");
	for (size_t i = 0; i < n; i++)
		source_line(b, "safar_source_last_received_timestamp_seconds", &s[i], NULL,
		            s[i].sums.last_received_ms / 1000);
}

static void put_lanes(struct buf *b, const struct server_load *l)
{
	about(b, "safar_http_waiting_requests", "gauge", "Requests that wait for a thread, by lane.");
	for (int i = 0; i < LANES; i++)
		buf_printf(b, "safar_http_waiting_requests{lane=\"%s\"} %d\n", http_lane_names[i], l->waiting[i]);
	about(b, "safar_http_turned_away_total", "counter",
	      "Requests that found no room: reason sender is 429, reason lane is 503.");
	for (int i = 0; i < LANES; i++) {
		buf_printf(b, "safar_http_turned_away_total{lane=\"%s\",reason=\"sender\"} %lld\n", http_lane_names[i],
		           (long long)l->sender_full[i]);
		buf_printf(b, "safar_http_turned_away_total{lane=\"%s\",reason=\"lane\"} %lld\n", http_lane_names[i],
		           (long long)l->full[i]);
	}
}

static void put_followers(struct buf *b, struct http *h, uint64_t end)
{
	int64_t behind[FOLLOWERS];
	followers_behind(h, end, behind);
	about(b, "safar_follower_lag_events", "gauge",
	      "Events that are stored and not yet read by what follows the log.");
	for (int i = 0; i < FOLLOWERS; i++)
		buf_printf(b, "safar_follower_lag_events{follower=\"%s\"} %lld\n", follower_names[i],
		           (long long)behind[i]);
}

HANDLER(get_metrics)
{
	struct ask *ask = atomic_load(&c->h->ask);
	struct ask_state state = { 0 };
	struct collect_source *sources;
	struct server_load load;
	struct buf *b = &c->out;
	size_t n;
	TRY(collect_source_list(c->h->opt.collect, c->arena, &sources, &n, err));
	if (ask) ask_state(ask, &state);
	else state.store_end = store_arrival_end(c->h->opt.store);
	server_load(c->h->server, &load);
	put_sources(b, sources, n);
	gauge(b, "safar_index_ready", "1 once figures can be answered.", ask != NULL);
	gauge(b, "safar_index_lag_events", "Events that are stored and not yet in figures.",
	      (int64_t)(state.store_end - state.arrival_end));
	put_followers(b, c->h, state.store_end);
	gauge(b, "safar_index_events", "Events in figures.", state.events);
	gauge(b, "safar_index_customers", "Customers in figures.", state.customers);
	gauge(b, "safar_index_memory_bytes", "Memory of the columns.", state.memory_bytes);
	gauge(b, "safar_index_disk_bytes", "Columns that are kept in files.", state.index_bytes);
	put_lanes(b, &load);
	gauge(b, "safar_http_connections", "Connections that are open.", load.connections);
	gauge(b, "safar_http_held_bytes", "Bodies in memory that were not answered yet.", load.held_bytes);
	about(b, "safar_build_info", "gauge", "1; the version is in the label.");
	buf_printf(b, "safar_build_info{version=\"%s\"} 1\n", c->h->opt.version);
	c->content_type = "text/plain; version=0.0.4; charset=utf-8";
	return OK;
}
