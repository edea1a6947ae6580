#include "tests/unit/store/help.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/rng.h"
#include "collect/collect.h"

static int64_t now = 1767225600000; /* 2026-01-01 */
static int64_t read_now(void *ctx)
{
	(void)ctx;
	return now;
}

static char self[512]; /* this test, which is its own parser */

struct bench {
	char dir[64], data[96];
	struct store *st;
	struct collect *c;
	struct arena a;
};

static void open_bench(struct bench *b, bool child)
{
	make_folder(b->dir);
	snprintf(b->data, sizeof b->data, "%s/data", b->dir);
	b->st = open_store(b->data);
	struct collect_options opt = { .self_path = child ? self : NULL, .now_ms = read_now };
	OK_OR_SHOW(collect_open(b->st, &opt, &b->c, why));
	arena_init(&b->a, 64 * MIB);
}

static void close_bench(struct bench *b)
{
	struct store_verify_report r;
	OK_OR_SHOW(store_verify(b->st, &b->a, &r, why));
	assert_int_equal(r.first_problem.len, 0); /* whatever a test did: the sums agree */
	assert_true(r.sums_agree);
	collect_close(b->c);
	store_close(b->st);
	arena_done(&b->a);
	remove_all(b->dir);
}

static const char *write_file(struct bench *b, const char *name, const char *text)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", b->dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return str_z(&b->a, str_of(path));
}

static uint32_t sdk_source(struct bench *b)
{
	uint32_t id;
	struct str key;
	OK_OR_SHOW(collect_source_new(b->c, COLLECT_SDK, STR("web"), &b->a, &id, &key, why));
	return id;
}

static struct collect_tally segment(struct bench *b, uint32_t source, enum wire_endpoint ep, const char *body)
{
	struct collect_tally t = { 0 };
	struct collect_refused *refused;
	size_t n;
	const struct wire_live said = { .body = str_of(body), .what = (int)ep };
	struct collect_live *live = NULL;
	OK_OR_SHOW(collect_live_begin(b->c, source, wire_segment, said, &b->a, &live, why));
	struct store_job *job = collect_live_job(live);
	if (job) store_append_jobs(b->st, &job, 1);
	OK_OR_SHOW(collect_live_end(live, &t, &refused, &n, why));
	assert_int_equal(t.received, t.stored + t.duplicate + t.set_aside + t.refused);
	return t;
}

/* --- keys -------------------------------------------------------------------------------- */

static void a_key_opens_one_source_until_it_is_changed_or_switched_off(void **state)
{
	(void)state;
	struct bench b;
	struct err err;
	open_bench(&b, false);
	uint32_t id = 0, found = 0;
	struct str key, newer;
	OK_OR_SHOW(collect_source_new(b.c, COLLECT_SDK, STR("shop"), &b.a, &id, &key, why));
	assert_int_equal(collect_source_new(b.c, COLLECT_SDK, STR("shop"), &b.a, &id, &key, &err), ERR_CONFLICT);
	OK_OR_SHOW(collect_source_by_key(b.c, key, &found, why));
	assert_int_equal(found, id);
	assert_int_equal(collect_source_by_key(b.c, STR("swk_0"), &found, &err), ERR_DENIED);
	assert_int_equal(collect_source_by_key(b.c, STR(""), &found, &err), ERR_DENIED);
	OK_OR_SHOW(collect_source_enable(b.c, id, false, why));
	assert_int_equal(collect_source_by_key(b.c, key, &found, &err), ERR_DENIED);
	OK_OR_SHOW(collect_source_enable(b.c, id, true, why));
	OK_OR_SHOW(collect_source_new_key(b.c, id, &b.a, &newer, why));
	assert_int_equal(collect_source_by_key(b.c, key, &found, &err), ERR_DENIED);
	OK_OR_SHOW(collect_source_by_key(b.c, newer, &found, why));
	OK_OR_SHOW(collect_source_rename(b.c, id, STR("متجر"), why));
	struct collect_source *list;
	size_t n;
	OK_OR_SHOW(collect_source_list(b.c, &b.a, &list, &n, why));
	assert_int_equal(n, 1);
	assert_str(list[0].name, "متجر");
	assert_true(str_ends(newer, list[0].key_hint));
	assert_int_equal(list[0].key_hint.len, 4);
	assert_int_equal(collect_source_rename(b.c, 99, STR("x"), &err), ERR_NOT_FOUND);
	/* The key itself is nowhere in the file. */
	char path[128], *bytes;
	snprintf(path, sizeof path, "%s/safar.db-wal", b.data);
	struct stat sb;
	assert_int_equal(stat(path, &sb), 0);
	bytes = malloc((size_t)sb.st_size);
	FILE *f = fopen(path, "r");
	assert_int_equal(fread(bytes, 1, (size_t)sb.st_size, f), sb.st_size);
	fclose(f);
	assert_null(memmem(bytes, (size_t)sb.st_size, newer.ptr, newer.len));
	free(bytes);
	close_bench(&b);
}

/* --- masking ------------------------------------------------------------------------------- */

struct kept {
	int bodies, plain, masked;
};

static enum err_code look_for_people(void *ctx, const struct store_block *block, struct err *err)
{
	(void)err;
	struct kept *k = ctx;
	for (size_t i = 0; i < block->n; i++) {
		const struct str body = block->bodies[i];
		k->bodies++;
		k->plain += memmem(body.ptr, body.len, "a@b.co", 6) != NULL ||
		            memmem(body.ptr, body.len, "0912123", 7) != NULL;
		k->masked += memmem(body.ptr, body.len, "[phone]", 7) != NULL;
	}
	return OK;
}

static void a_source_that_masks_keeps_no_number_of_a_person(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, false);
	const uint32_t source = sdk_source(&b);
	static const char *const event =
	        "{\"type\":\"track\",\"event\":\"say\",\"userId\":\"u%d\",\"messageId\":\"%d\","
	        "\"timestamp\":\"%d-01-01T10:00:00Z\",\"properties\":{\"comment\":"
	        "\"\\u06f0\\u06f9\\u06f1\\u06f2\\u06f3\\u06f4\\u06f5\\u06f6\\u06f7\\u06f8\\u06f9 a@b.co\",\"phone\":\"0912\"}}";
	char body[600];
	snprintf(body, sizeof body, event, 1, 1, 2020);
	assert_int_equal(segment(&b, source, WIRE_EP_TRACK, body).stored, 1);
	OK_OR_SHOW(collect_source_mask(b.c, source, true, why));
	assert_int_equal(collect_source_mask(b.c, 99, true, NULL), ERR_NOT_FOUND);
	struct collect_source *list;
	size_t n;
	OK_OR_SHOW(collect_source_list(b.c, &b.a, &list, &n, why));
	assert_true(n == 1 && list[0].mask && list[0].enabled);
	snprintf(body, sizeof body, event, 2, 2, 1850);
	assert_int_equal(segment(&b, source, WIRE_EP_TRACK, body).set_aside, 1);
	struct collect_set_aside *rows;
	OK_OR_SHOW(collect_set_aside_list(b.c, source, 0, 10, &b.a, &rows, &n, why));
	assert_int_equal(n, 1);
	assert_null(memmem(rows[0].raw.ptr, rows[0].raw.len, "a@b.co", 6));
	assert_non_null(memmem(rows[0].raw.ptr, rows[0].raw.len, "[phone] [email]", 15));
	/* In the log: the address of before masking, and none since. */
	snprintf(body, sizeof body,
	         "{\"userId\":\"u\",\"event\":\"say\",\"properties\":{\"comment\":\"call 09121234567\"}}");
	assert_int_equal(segment(&b, source, WIRE_EP_TRACK, body).stored, 1);
	struct kept kept = { 0 };
	OK_OR_SHOW(store_scan(b.st, 0, UINT64_MAX, true, look_for_people, &kept, why));
	assert_int_equal(kept.bodies, 2);
	assert_int_equal(kept.plain, 1);
	assert_int_equal(kept.masked, 1);
	OK_OR_SHOW(collect_source_mask(b.c, source, false, why));
	snprintf(body, sizeof body, event, 3, 3, 2020);
	assert_int_equal(segment(&b, source, WIRE_EP_TRACK, body).stored, 1);
	close_bench(&b);
}

/* --- live ---------------------------------------------------------------------------------- */

static void nobody_is_nobody_and_na_is_somebody(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, false);
	uint32_t source = sdk_source(&b);
	struct collect_tally t = segment(&b, source, WIRE_EP_BATCH,
	                                 "{\"batch\":["
	                                 "{\"type\":\"track\",\"event\":\"a\",\"userId\":\"null\",\"messageId\":\"1\"},"
	                                 "{\"type\":\"track\",\"event\":\"a\",\"userId\":\"Undefined\",\"anonymousId\":"
	                                 "\"dev-1\",\"messageId\":\"2\"},"
	                                 "{\"type\":\"track\",\"event\":\"a\",\"userId\":\"NA\",\"messageId\":\"3\"},"
	                                 "{\"type\":\"track\",\"event\":\"a\",\"messageId\":\"4\"},"
	                                 "{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\",\"messageId\":\"5\"}]}");
	assert_int_equal(t.received, 5);
	assert_int_equal(t.stored, 3);
	assert_int_equal(t.set_aside, 1);
	assert_int_equal(t.refused, 1);
	assert_int_not_equal(store_identity_find(b.st, true, STR("dev-1")), 0);
	assert_int_not_equal(store_identity_find(b.st, false, STR("NA")), 0);
	assert_int_equal(store_identity_find(b.st, false, STR("null")), 0);
	assert_int_equal(store_identity_find(b.st, false, STR("Undefined")), 0);
	struct collect_set_aside *rows;
	size_t n;
	OK_OR_SHOW(collect_set_aside_list(b.c, source, 0, 10, &b.a, &rows, &n, why));
	assert_int_equal(n, 1);
	assert_str(rows[0].reason, "customer.placeholder");
	close_bench(&b);
}

static struct str name_of_kind(struct bench *b, const char *body)
{
	uint32_t source = 0;
	struct collect_source *list;
	size_t n;
	OK_OR_SHOW(collect_source_list(b->c, &b->a, &list, &n, why));
	source = n ? list[0].id : sdk_source(b);
	struct collect_tally t = segment(b, source, WIRE_EP_PAGE, body);
	assert_int_equal(t.stored, 1);
	struct store_kind k;
	assert_true(store_kind_get(b->st, store_kind_count(b->st), &k));
	return k.name;
}

static void addresses_become_templates_and_other_names_stay(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, false);
	static const struct {
		const char *said, *kept;
	} rows[] = {
		{ "/order/123", "/order/:n" },
		{ "https://shop.test/a/42/b?x=1#y", "/a/:n/b" },
		{ "/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301/edit", "/u/:id/edit" },
		{ "/", "/" },
		{ "/products/", "/products" },
		{ "/منتجات/12", "/منتجات/:n" },
		{ "Order 123", "Order 123" },
		{ "/blog/decade", "/blog/decade" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[300];
		snprintf(body, sizeof body, "{\"userId\":\"u\",\"name\":\"%s\",\"messageId\":\"m%zu\"}", rows[i].said,
		         i);
		assert_str(name_of_kind(&b, body), rows[i].kept);
	}
	close_bench(&b);
}

static void tomorrow_is_believed_the_day_after_is_kept_apart_and_later_replayed(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, false);
	uint32_t source = sdk_source(&b);
	struct collect_tally t = segment(&b, source, WIRE_EP_BATCH,
	                                 "{\"batch\":["
	                                 "{\"type\":\"track\",\"event\":\"soon\",\"userId\":\"u\",\"messageId\":\"1\","
	                                 "\"timestamp\":\"2026-01-01T20:00:00Z\"},"
	                                 "{\"type\":\"track\",\"event\":\"late\",\"userId\":\"u\",\"messageId\":\"2\","
	                                 "\"timestamp\":\"2026-01-03T00:00:01Z\"},"
	                                 "{\"type\":\"track\",\"event\":\"old\",\"userId\":\"u\",\"messageId\":\"3\","
	                                 "\"timestamp\":\"1850-01-03T00:00:01Z\"}]}");
	assert_int_equal(t.stored, 1);
	assert_int_equal(t.set_aside, 2);
	struct collect_tally r;
	OK_OR_SHOW(collect_replay(b.c, source, STR(""), false, &r, why));
	assert_int_equal(r.received, 2);
	assert_int_equal(r.set_aside, 2);
	int64_t then = now;
	now += 3 * WHEN_DAY_MS;
	struct collect_tally dry;
	OK_OR_SHOW(collect_replay(b.c, source, STR(""), true, &dry, why));
	OK_OR_SHOW(collect_replay(b.c, source, STR(""), false, &r, why));
	now = then;
	assert_memory_equal(&dry, &r, sizeof r); /* what it said would pass did, and was not stored by saying so */
	assert_int_equal(r.received, 2);
	assert_int_equal(r.stored, 1);
	assert_int_equal(r.set_aside, 1);
	struct store_sums s;
	OK_OR_SHOW(store_source_sums(b.st, source, &s, why));
	assert_int_equal(s.received, 3);
	assert_int_equal(s.stored, 2);
	assert_int_equal(s.set_aside, 1);
	close_bench(&b);
}

static void a_retry_counts_once_and_a_lie_is_kept_apart(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, false);
	uint32_t source = sdk_source(&b);
	const char *first =
	        "{\"userId\":\"u\",\"event\":\"a\",\"messageId\":\"m\",\"sentAt\":\"2026-01-01T00:00:00Z\"}";
	assert_int_equal(segment(&b, source, WIRE_EP_TRACK, first).stored, 1);
	assert_int_equal(
	        segment(&b, source, WIRE_EP_TRACK,
	                "{\"userId\":\"u\",\"event\":\"a\",\"messageId\":\"m\",\"sentAt\":\"2026-01-01T00:00:09Z\"}")
	                .duplicate,
	        1);
	assert_int_equal(
	        segment(&b, source, WIRE_EP_TRACK, "{\"userId\":\"u\",\"event\":\"b\",\"messageId\":\"m\"}").set_aside,
	        1);
	close_bench(&b);
}

/* --- files ------------------------------------------------------------------------------------ */

static const char *const visits =
        "{\"customer\":\"c1\",\"at\":\"2025-03-01T10:00:00Z\",\"event\":\"visit\"}\n"
        "{\"customer\":\"c1\",\"at\":\"2025-03-01T10:00:00Z\",\"event\":\"visit\"}\n"
        "{\"customer\":\"null\",\"at\":\"2025-03-02T10:00:00Z\",\"event\":\"buy\",\"id\":\"o1\"}\n"
        "{\"customer\":\"c2\",\"at\":\"1850-03-02T10:00:00Z\",\"event\":\"buy\"}\n"
        "{\"customer\":\"c2\",\"event\":\"buy\"}\n"
        "not json\n";

static struct collect_import_result import(struct bench *b, const char *path, bool dry)
{
	struct collect_import_result r = { 0 };
	struct collect_import job = { .paths = { path },
		                      .n_files = 1,
		                      .format = WIRE_NDJSON,
		                      .dry_run = dry,
		                      .mapping_toml = STR(""),
		                      .source_name = STR("") };
	OK_OR_SHOW(collect_import(b->c, &job, NULL, NULL, &b->a, &r, why));
	assert_int_equal(r.read, r.stored + r.duplicate + r.rejected);
	return r;
}

static void files_again_renamed_and_extended(bool child)
{
	struct bench b;
	open_bench(&b, child);
	const char *path = write_file(&b, "visits.ndjson", visits);
	struct collect_import_result r = import(&b, path, true);
	assert_int_equal(r.stored, 3);
	assert_int_equal(store_arrival_end(b.st), 0); /* a dry run writes nothing */
	assert_int_equal(r.rejects_file.len, 0);
	assert_int_equal(store_kind_count(b.st), 0);

	r = import(&b, path, false);
	assert_int_equal(r.rows, 6);
	assert_int_equal(r.stored, 3);
	assert_int_equal(r.rejected, 3);
	assert_int_equal(r.n_first, 3);
	assert_int_equal(r.first[0].index, 4);
	char rejects[300], line[600];
	struct stat sb;
	snprintf(rejects, sizeof rejects, "%s/rejects/" STR_FMT, b.data, STR_ARG(r.rejects_file));
	assert_int_equal(stat(rejects, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	FILE *f = fopen(rejects, "r");
	int lines = 0;
	int64_t number;
	struct str raw;
	while (fgets(line, sizeof line, f)) {
		assert_true(json_get_i64(str_of(line), STR("line"), &number));
		assert_int_equal(number, 4 + lines);
		assert_true(json_get_text(str_of(line), STR("raw"), &b.a, &raw));
		assert_true(raw.len > 0);
		lines++;
	}
	fclose(f);
	assert_int_equal(lines, 3);
	assert_int_not_equal(store_identity_find(b.st, false, STR("null")), 0); /* a file means what it says */

	r = import(&b, path, false);
	assert_int_equal(r.stored, 0);
	assert_int_equal(r.duplicate, 3);
	assert_int_equal(r.rejected, 3);
	char longer[2000];
	snprintf(longer, sizeof longer, "%s{\"customer\":\"c1\",\"at\":\"2025-03-01T10:00:00Z\",\"event\":\"visit\"}\n",
	         visits);
	r = import(&b, write_file(&b, "visits (1).ndjson", longer), true);
	assert_int_equal(r.stored, 1);
	r = import(&b, write_file(&b, "visits (1).ndjson", longer), false);
	assert_int_equal(r.stored, 1); /* the third equal visit */
	assert_int_equal(r.duplicate, 3);
	close_bench(&b);
}

static void the_same_file_renamed_or_longer_stores_only_what_is_new(void **state)
{
	(void)state;
	files_again_renamed_and_extended(false);
}

static void a_process_of_its_own_reads_the_same(void **state)
{
	(void)state;
	files_again_renamed_and_extended(true);
}

/* A file large enough that the parser works while we store. */
static const char *many(struct bench *b, int n)
{
	char path[200];
	snprintf(path, sizeof path, "%s/many.ndjson", b->dir);
	FILE *f = fopen(path, "w");
	for (int i = 0; i < n; i++)
		fprintf(f, "{\"customer\":\"c%d\",\"at\":%lld,\"event\":\"visit\",\"properties\":{\"n\":%d}}\n",
		        i % 1000, 1700000000000LL + i, i);
	fclose(f);
	return str_z(&b->a, str_of(path));
}

static int stop_at_once(void *ctx, const struct collect_progress *p)
{
	int *calls = ctx;
	(void)p;
	return ++*calls >= 1;
}

static void an_import_can_be_stopped_and_taken_up_again(void **state)
{
	(void)state;
	struct bench b;
	struct err err;
	open_bench(&b, true);
	struct collect_import_result r;
	int calls = 0;
	struct collect_import job = {
		.paths = { many(&b, 400000) }, .n_files = 1, .mapping_toml = STR(""), .source_name = STR("x")
	};
	job.format = WIRE_NDJSON;
	enum err_code rc = collect_import(b.c, &job, stop_at_once, &calls, &b.a, &r, &err);
	assert_int_equal(rc, ERR_UNAVAILABLE);
	assert_string_equal(err.id, "import.cancelled");
	assert_int_equal(calls, 1);
	int64_t stored = (int64_t)store_arrival_end(b.st);
	assert_true(stored < 400000);
	OK_OR_SHOW(collect_import(b.c, &job, NULL, NULL, &b.a, &r, why));
	assert_int_equal(r.stored + r.duplicate, 400000);
	assert_int_equal(r.duplicate, stored);
	assert_int_equal(store_arrival_end(b.st), 400000);
	close_bench(&b);
}

static int watch(void *ctx, const struct collect_progress *p)
{
	struct collect_progress *last = ctx;
	assert_true(p->rows >= last->rows);
	*last = *p;
	return 0;
}

static void progress_ends_with_the_whole_file(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, true);
	struct collect_progress last = { 0 };
	struct collect_import_result r;
	struct collect_import job = {
		.paths = { many(&b, 20000) }, .n_files = 1, .mapping_toml = STR(""), .source_name = STR("")
	};
	job.format = WIRE_NDJSON;
	OK_OR_SHOW(collect_import(b.c, &job, watch, &last, &b.a, &r, why));
	assert_int_equal(last.rows, 20000);
	assert_int_equal(last.bytes_done, last.bytes_total);
	assert_int_equal(last.tally.stored, 20000);
	close_bench(&b);
}

static void a_parser_that_dies_is_named_and_what_it_read_stays(void **state)
{
	(void)state;
	struct bench b;
	struct err err;
	open_bench(&b, true);
	collect_close(b.c);
	struct collect_options opt = { .self_path = "/bin/false", .now_ms = read_now };
	OK_OR_SHOW(collect_open(b.st, &opt, &b.c, why));
	struct collect_import_result r;
	struct collect_import job = { .paths = { write_file(&b, "v.ndjson", visits) },
		                      .n_files = 1,
		                      .format = WIRE_NDJSON,
		                      .mapping_toml = STR(""),
		                      .source_name = STR("") };
	assert_int_equal(collect_import(b.c, &job, NULL, NULL, &b.a, &r, &err), ERR_INPUT);
	assert_string_equal(err.id, "import.crashed");
	job.paths[0] = "/nowhere/file.ndjson";
	assert_int_equal(collect_import(b.c, &job, NULL, NULL, &b.a, &r, &err), ERR_NOT_FOUND);
	job.paths[0] = b.dir;
	assert_int_equal(collect_import(b.c, &job, NULL, NULL, &b.a, &r, &err), ERR_INPUT);
	close_bench(&b);
}

/* --- tables ------------------------------------------------------------------------------------- */

enum { GOOD_ROWS = 40 };

static const char *orders_csv(struct bench *b)
{
	struct buf text;
	buf_init(&text, 64 * KIB);
	buf_printf(&text, "customer_id,date,event,rating\n");
	for (int i = 0; i < GOOD_ROWS; i++)
		buf_printf(&text, "c%d,2025-03-%02d 10:00:00,%s,%d\n", i % 7, 1 + i % 28, i % 2 ? "bought" : "rated",
		           1 + i % 5);
	buf_printf(&text, "c2,gestern,bought,3\n");
	const char *path = write_file(b, "orders.csv", str_z(&b->a, buf_view(&text)));
	buf_done(&text);
	return path;
}

static void a_table_is_guessed_mapped_and_imported(void **state)
{
	(void)state;
	struct bench b;
	struct err err;
	open_bench(&b, true);
	const char *path = orders_csv(&b);
	struct collect_import job = {
		.paths = { path }, .n_files = 1, .format = WIRE_AUTO, .mapping_toml = STR(""), .source_name = STR("")
	};
	struct collect_import_result r;
	assert_int_equal(collect_import(b.c, &job, NULL, NULL, &b.a, &r, &err), ERR_INPUT);
	assert_string_equal(err.id, "import.mapping");
	struct wire_guess g;
	job.paths[0] = write_file(&b, "photo.csv", "\xFF\xD8\xFF\xE0 JFIF");
	assert_int_equal(collect_guess(b.c, &job, &b.a, &g, &err), ERR_INPUT);
	assert_string_equal(err.id, "import.kind");
	assert_string_equal(err.text, "photo.csv: this is a picture (JPEG), not a table");
	assert_null(strstr(err.hint, "--"));
	job.paths[0] = path;
	OK_OR_SHOW(collect_guess(b.c, &job, &b.a, &g, why));
	assert_int_equal(g.n_columns, 4);
	assert_str(g.columns[0].name, "customer_id");
	assert_string_equal(g.columns[0].role, "customer");
	assert_string_equal(g.columns[1].role, "time");
	assert_true(g.mapping_toml.len > 0);
	job.mapping_toml = g.mapping_toml;
	OK_OR_SHOW(collect_import(b.c, &job, NULL, NULL, &b.a, &r, why));
	assert_int_equal(r.rows, GOOD_ROWS + 1);
	assert_int_equal(r.stored, GOOD_ROWS);
	assert_int_equal(r.rejected, 1);
	assert_int_not_equal(store_identity_find(b.st, false, STR("c1")), 0);
	OK_OR_SHOW(collect_import(b.c, &job, NULL, NULL, &b.a, &r, why));
	assert_int_equal(r.stored, 0);
	assert_int_equal(r.duplicate, GOOD_ROWS);
	close_bench(&b);
}

static enum err_code tehran(void *ctx, struct arena *a, struct str *zone, struct err *err)
{
	(void)a, (void)err;
	++*(int *)ctx;
	*zone = STR("Asia/Tehran");
	return OK;
}

/* A row of two events, its customer missing: two rejections, told once. In the organisation's zone or the mapping's. */
static void a_row_is_told_once_and_times_are_the_organisations(void **state)
{
	(void)state;
	static const char mapping[] = "customer = \"who\"\n[[event]]\nname = \"Bought\"\ntime = \"a\"\n"
	                              "[[event]]\nname = \"Delivered\"\ntime = \"b\"\nexpected_at = \"c\"\n";
	int asked = 0;
	for (int child = 0; child < 2; child++) {
		struct bench b;
		open_bench(&b, child);
		collect_close(b.c);
		struct collect_options opt = {
			.self_path = child ? self : NULL, .now_ms = read_now, .zone = tehran, .zone_ctx = &asked
		};
		OK_OR_SHOW(collect_open(b.st, &opt, &b.c, why));
		const char *path = write_file(&b, "t.csv",
		                              "who,a,b,c\n"
		                              "p,2025-03-01 10:00,2025-03-02 10:00,2025-03-02\n"
		                              ",2025-03-01 10:00,2025-03-02 10:00,2025-03-02\n"
		                              ",2025-03-01 10:00,2025-03-02 10:00,2025-03-02\n"
		                              "q,gestern,2025-03-02 10:00,2025-03-02\n");
		struct collect_import job = {
			.paths = { path }, .n_files = 1, .mapping_toml = str_of(mapping), .source_name = STR("")
		};
		struct collect_import_result r;
		OK_OR_SHOW(collect_import(b.c, &job, NULL, NULL, &b.a, &r, why));
		assert_int_equal(r.stored, 3);
		assert_int_equal(r.rejected, 5);
		assert_int_equal(r.n_first, 3);
		assert_int_equal(r.first[0].index, 3);
		assert_int_equal(r.first[1].index, 4);
		assert_int_equal(r.first[2].index, 5);
		assert_string_equal(r.first[2].err.field, "a");
		/* The same times said with their offset are the same events: nothing is new. */
		const char *zoned =
		        write_file(&b, "u.csv",
		                   "who,a,b,c\n"
		                   "p,2025-03-01T10:00+03:30,2025-03-02T10:00+03:30,2025-03-02T23:59:59.999+03:30\n");
		job.paths[0] = zoned;
		OK_OR_SHOW(collect_import(b.c, &job, NULL, NULL, &b.a, &r, why));
		assert_int_equal(r.duplicate, 2);
		job.paths[0] = path; /* a mapping that names its zone is taken at its word */
		job.mapping_toml = str_format(&b.a, "zone = \"UTC\"\n%s", mapping);
		OK_OR_SHOW(collect_import(b.c, &job, NULL, NULL, &b.a, &r, why));
		assert_int_equal(r.stored, 3);
		close_bench(&b);
	}
	assert_int_equal(asked, 6);
}

static void what_is_declared_is_there_once(void **state)
{
	(void)state;
	struct bench b;
	struct err err;
	open_bench(&b, false);
	OK_OR_SHOW(collect_dimension_declare(b.c, STR("country"), why));
	OK_OR_SHOW(collect_dimension_declare(b.c, STR("country"), why));
	assert_int_equal(collect_dimension_declare(b.c, STR("  "), &err), ERR_INPUT);
	struct str *dims;
	size_t n;
	OK_OR_SHOW(collect_dimensions(b.c, &b.a, &dims, &n, why));
	assert_int_equal(n, 1);
	assert_str(dims[0], "country");
	close_bench(&b);
}

/* --- clocks of senders ------------------------------------------------------------------------ */

enum { SENDERS = 24, REQUESTS = 600, TOLD_MAX = 4 * REQUESTS };

struct told {
	size_t n;
	int sender[TOLD_MAX];
	int64_t said_ms[TOLD_MAX], at_ms[TOLD_MAX]; /* in the order of arrival */
};

static enum err_code keep_times(void *ctx, const struct store_block *b, struct err *err)
{
	(void)err;
	struct told *t = ctx;
	for (size_t i = 0; i < b->n; i++) t->at_ms[t->n++] = b->heads[i].at_ms;
	return OK;
}

/* One request: up to four events of the last two minutes by the sender's clock, on their way for up to half a minute.
 */
static void tell(struct bench *b, uint32_t source, struct rng *r, const int64_t *wrong_ms, struct told *t)
{
	char body[1024], when[WHEN_TEXT_BYTES];
	const int sender = (int)rng_below(r, SENDERS);
	const int64_t sent = now - (int64_t)rng_below(r, 30000) + wrong_ms[sender];
	const uint64_t n = 1 + rng_below(r, 4);
	int len = snprintf(body, sizeof body, "{\"sentAt\":%lld,\"batch\":[", (long long)sent);
	for (uint64_t i = 0; i < n; i++) {
		const int64_t said = sent - (int64_t)rng_below(r, 120000);
		when_format_iso(said, when);
		len += snprintf(body + len, sizeof body - (size_t)len,
		                "%s{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"s%d\",\"timestamp\":\"%s\","
		                "\"messageId\":\"%zu\"}",
		                i ? "," : "", sender, when, t->n);
		t->sender[t->n] = sender;
		t->said_ms[t->n++] = said;
	}
	snprintf(body + len, sizeof body - (size_t)len, "]}");
	assert_int_equal(segment(b, source, WIRE_EP_BATCH, body).stored, (int64_t)n);
	now += (int64_t)rng_below(r, 20000);
}

static void a_wrong_clock_is_corrected_and_its_order_stays(void **state)
{
	(void)state;
	struct bench b;
	struct rng r;
	static struct told t, kept;
	int64_t wrong_ms[SENDERS];
	const int64_t was = now;
	rng_init(&r, 20261122, 6);
	open_bench(&b, false);
	const uint32_t source = sdk_source(&b);
	/* Right ones, some near the limit on either side, some an hour and some a month off. */
	static const int64_t kinds[] = { 0, 30000, -45000, 59500, 75000, -61000, 3600000, -2592000000 };
	for (size_t i = 0; i < SENDERS; i++) wrong_ms[i] = kinds[i % COUNT_OF(kinds)] + (int64_t)rng_below(&r, 1000);
	for (int i = 0; i < REQUESTS; i++) tell(&b, source, &r, wrong_ms, &t);
	OK_OR_SHOW(store_scan(b.st, 0, UINT64_MAX, false, keep_times, &kept, why));
	assert_int_equal(kept.n, t.n);
	for (size_t i = 0; i < t.n; i++) {
		const int64_t truth = t.said_ms[i] - wrong_ms[t.sender[i]], off = kept.at_ms[i] - truth;
		if (off < -31000 - 60000 || off > 31000 + 60000)
			fail_msg("event %zu of sender %d is %lld ms off", i, t.sender[i], (long long)off);
		for (size_t k = 0; k < i; k++)
			if (t.sender[i] == t.sender[k] &&
			    (t.said_ms[i] < t.said_ms[k]) != (kept.at_ms[i] < kept.at_ms[k]) &&
			    t.said_ms[i] != t.said_ms[k])
				fail_msg("events %zu and %zu of sender %d changed places", k, i, t.sender[i]);
	}
	now = was;
	close_bench(&b);
}

/* What a person is told before anything is stored. */
static void a_dry_run_says_what_the_file_holds_and_why_rows_are_left_out(void **state)
{
	(void)state;
	struct bench b;
	struct collect_import_result r;
	open_bench(&b, true);
	const struct collect_import job = {
		.mapping_toml = STR("customer = \"who\"\nname_column = \"what\"\ntime = \"at\""),
		.paths = { write_file(
		        &b, "v.csv",
		        "who,what,at\nann,Visit,2025-01-02\nbob,Visit,2025-01-05\nann,Call,2025-03-01\n,Call,2025-01-01\n"
		        "bob,Visit,soon\nbob,Visit,later\n") },
		.n_files = 1,
		.dry_run = true,
	};
	OK_OR_SHOW(collect_import(b.c, &job, NULL, NULL, &b.a, &r, why));
	assert_int_equal(r.stored, 3);
	assert_int_equal(r.rejected, 3);
	assert_int_equal(r.customers, 2);
	assert_int_equal(r.n_touchpoints, 2);
	assert_true(str_eq(r.touchpoints[0].name, STR("Visit")));
	assert_int_equal(r.touchpoints[0].n, 2);
	assert_int_equal(r.first_ms, 1735776000000); /* 2025-01-02 */
	assert_int_equal(r.last_ms, 1740787200000);  /* 2025-03-01 */
	assert_int_equal(r.n_reasons, 2);
	assert_string_equal(r.reasons[0].first.id, "time.syntax");
	assert_int_equal(r.reasons[0].n, 2);
	assert_int_equal(r.reasons[0].line, 6);
	assert_true(str_eq(r.reasons[0].raw, STR("bob,Visit,soon")));
	assert_string_equal(r.reasons[1].first.id, "event.customer");
	close_bench(&b);
}

static void mappings_are_kept_changed_and_dropped(void **state)
{
	(void)state;
	struct bench b;
	struct collect_mapping *rows;
	size_t n, shipped;
	struct err err;
	open_bench(&b, false);
	OK_OR_SHOW(collect_mapping_list(b.c, &b.a, &rows, &shipped, why));
	assert_true(shipped > 0);
	const struct str toml = STR("customer = \"who\"\nname = \"Visit\"\ntime = \"at\"");
	OK_OR_SHOW(collect_mapping_save(b.c, STR("  visits "), toml, STR("sara"), why));
	OK_OR_SHOW(collect_mapping_save(b.c, STR("visits"), toml, STR("ali"), why));
	OK_OR_SHOW(collect_mapping_list(b.c, &b.a, &rows, &n, why));
	assert_int_equal(n, shipped + 1);
	assert_true(str_eq(rows[0].name, STR("visits")) && str_eq(rows[0].author, STR("ali")) && !rows[0].shipped);
	assert_int_equal(collect_mapping_save(b.c, STR("x"), STR("customer = \"who\""), STR("ali"), &err), ERR_INPUT);
	assert_int_equal(collect_mapping_save(b.c, STR(" "), toml, STR("ali"), &err), ERR_INPUT);
	OK_OR_SHOW(collect_mapping_drop(b.c, STR("visits"), why));
	assert_int_equal(collect_mapping_drop(b.c, STR("visits"), &err), ERR_NOT_FOUND);
	/* Those that come with the program can all be read. */
	for (size_t i = 0; i < shipped; i++) {
		struct wire_mapping *m;
		OK_OR_SHOW(collect_mapping_list(b.c, &b.a, &rows, &n, why));
		if (wire_mapping_read(rows[i].toml, &b.a, &m, &err) != OK)
			fail_msg(STR_FMT ": %s", STR_ARG(rows[i].name), err.text);
	}
	close_bench(&b);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "parse") == 0) return collect_parse_main();
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	if (len <= 0) return 2;
	self[len] = 0;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_opens_one_source_until_it_is_changed_or_switched_off),
		cmocka_unit_test(a_source_that_masks_keeps_no_number_of_a_person),
		cmocka_unit_test(nobody_is_nobody_and_na_is_somebody),
		cmocka_unit_test(addresses_become_templates_and_other_names_stay),
		cmocka_unit_test(tomorrow_is_believed_the_day_after_is_kept_apart_and_later_replayed),
		cmocka_unit_test(a_retry_counts_once_and_a_lie_is_kept_apart),
		cmocka_unit_test(the_same_file_renamed_or_longer_stores_only_what_is_new),
		cmocka_unit_test(a_process_of_its_own_reads_the_same),
		cmocka_unit_test(an_import_can_be_stopped_and_taken_up_again),
		cmocka_unit_test(progress_ends_with_the_whole_file),
		cmocka_unit_test(a_parser_that_dies_is_named_and_what_it_read_stays),
		cmocka_unit_test(a_row_is_told_once_and_times_are_the_organisations),
		cmocka_unit_test(a_wrong_clock_is_corrected_and_its_order_stays),
		cmocka_unit_test(what_is_declared_is_there_once),
		cmocka_unit_test(a_table_is_guessed_mapped_and_imported),
		cmocka_unit_test(a_dry_run_says_what_the_file_holds_and_why_rows_are_left_out),
		cmocka_unit_test(mappings_are_kept_changed_and_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
