/*
 * Asks another engine the bench's questions, in process, by its C interface.
 *
 *   peer duckdb|clickhouse LIBRARY DATABASE FILE.sql RUNS ANSWERS
 *
 * FILE.sql is a list of statements, each under a line "-- name". A name that
 * ends in "[setup]" runs once. Every other runs RUNS times; the first answer
 * goes to ANSWERS/name.tsv. Each prints one line of JSON: name, seconds of each
 * run, and the largest resident memory in MB. The library is loaded by hand, so
 * none of its headers is needed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 64, TEXT_MAX = 1 << 20 };

struct engine {
	bool (*open)(void *library, const char *database);
	/* Runs a statement; with `answer` its rows go there as TSV. Says what is wrong on stderr. */
	bool (*run)(const char *sql, const char *answer);
};

static void *symbol(void *library, const char *name)
{
	void *s = dlsym(library, name);
	if (!s) {
		fprintf(stderr, "peer: no %s in the library\n", name);
		exit(1);
	}
	return s;
}

/* --- DuckDB ------------------------------------------------------------------------------------------------ */

struct duck_result {
	uint64_t opaque[16]; /* duckdb_result is 6 words; more does no harm */
};
static struct {
	void *db, *connection;
	int (*query)(void *connection, const char *sql, struct duck_result *out);
	const char *(*error)(struct duck_result *r);
	void (*destroy)(struct duck_result *r);
} duck;

static bool duck_run(const char *sql, const char *answer)
{
	struct duck_result r = { 0 };
	char *text = NULL;
	if (answer && asprintf(&text, "COPY (%s) TO '%s' (FORMAT csv, DELIMITER '\t', HEADER false)", sql, answer) < 0)
		return false;
	const bool ok = duck.query(duck.connection, text ? text : sql, &r) == 0;
	if (!ok) fprintf(stderr, "peer: %s\n", duck.error(&r));
	duck.destroy(&r);
	free(text);
	return ok;
}

static bool duck_open(void *library, const char *database)
{
	int (*open)(const char *, void **) = symbol(library, "duckdb_open");
	int (*connect)(void *, void **) = symbol(library, "duckdb_connect");
	duck.query = symbol(library, "duckdb_query");
	duck.error = symbol(library, "duckdb_result_error");
	duck.destroy = symbol(library, "duckdb_destroy_result");
	return open(database, &duck.db) == 0 && connect(duck.db, &duck.connection) == 0 &&
	       duck_run("SET threads=2", NULL) && duck_run("SET memory_limit='18GB'", NULL) &&
	       duck_run("SET preserve_insertion_order=true", NULL);
}

/* --- ClickHouse ---------------------------------------------------------------------------------------------- */

static struct {
	void **connection;
	void *(*query)(void *connection, const char *sql, const char *format);
	char *(*buffer)(void *result);
	size_t (*length)(void *result);
	const char *(*error)(void *result);
	void (*destroy)(void *result);
} click;

static bool click_run(const char *sql, const char *answer)
{
	void *r = click.query(*click.connection, sql, "TSV");
	const char *wrong = click.error(r);
	if (wrong) fprintf(stderr, "peer: %s\n", wrong);
	FILE *f = !wrong && answer ? fopen(answer, "w") : NULL;
	if (f) {
		fwrite(click.buffer(r), 1, click.length(r), f);
		fclose(f);
	}
	click.destroy(r);
	return !wrong;
}

static bool click_open(void *library, const char *database)
{
	void **(*connect)(int, char **) = symbol(library, "chdb_connect");
	click.query = symbol(library, "chdb_query");
	click.buffer = symbol(library, "chdb_result_buffer");
	click.length = symbol(library, "chdb_result_length");
	click.error = symbol(library, "chdb_result_error");
	click.destroy = symbol(library, "chdb_destroy_query_result");
	char *path;
	if (asprintf(&path, "--path=%s", database) < 0) return false;
	char *words[] = { "clickhouse", path, "--max_threads=2" };
	click.connection = connect(3, words);
	return click.connection != NULL;
}

/* --- running -------------------------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static long peak_mb(void)
{
	char line[256];
	long kb = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "VmHWM:", 6) == 0) kb = atol(line + 6);
	if (f) fclose(f);
	return kb / 1024;
}

static void peak_reset(void)
{
	const int fd = open("/proc/self/clear_refs", O_WRONLY);
	if (fd < 0) return;
	if (write(fd, "5", 1) < 0) fputs("peer: the peak of memory cannot be reset\n", stderr);
	close(fd);
}

static bool ask(const struct engine *e, const char *name, const char *sql, int runs, const char *answers)
{
	const bool setup = strstr(name, "[setup]") != NULL;
	double seconds[RUNS_MAX];
	char *file = NULL;
	if (setup) runs = 1;
	else if (asprintf(&file, "%s/%s.tsv", answers, name) < 0 || !e->run(sql, file)) return false;
	peak_reset();
	for (int i = 0; i < runs; i++) {
		const double began = now();
		if (!e->run(sql, NULL)) return false;
		seconds[i] = now() - began;
	}
	printf("{\"name\":\"%s\",\"seconds\":[", name);
	for (int i = 0; i < runs; i++) printf("%s%.6f", i ? "," : "", seconds[i]);
	printf("],\"peak_mb\":%ld}\n", peak_mb());
	fflush(stdout);
	free(file);
	return true;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		struct engine engine;
	} engines[] = { { "duckdb", { duck_open, duck_run } }, { "clickhouse", { click_open, click_run } } };
	const int runs = argc == 7 ? atoi(argv[5]) : 0;
	const struct engine *e = NULL;
	for (size_t i = 0; argc == 7 && i < 2; i++)
		if (strcmp(argv[1], engines[i].name) == 0) e = &engines[i].engine;
	if (!e || runs < 1 || runs > RUNS_MAX) {
		fputs("usage: peer duckdb|clickhouse LIBRARY DATABASE FILE.sql RUNS ANSWERS\n", stderr);
		return 2;
	}
	void *library = dlopen(argv[2], RTLD_NOW);
	if (!library || !e->open(library, argv[3])) {
		fprintf(stderr, "peer: %s\n", library ? "the database does not open" : dlerror());
		return 1;
	}
	static char text[TEXT_MAX];
	FILE *f = fopen(argv[4], "r");
	const size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f) fclose(f);
	text[n] = 0;
	bool ok = n > 0;
	for (char *at = strncmp(text, "-- ", 3) == 0 ? text : NULL; at && ok;) {
		char *name = at + 3, *sql = strchr(name, '\n');
		if (!sql) break;
		*sql++ = 0;
		at = strstr(sql, "\n-- ");
		if (at) *at++ = 0;
		for (size_t end = strlen(sql); end && (sql[end - 1] == '\n' || sql[end - 1] == ';');) sql[--end] = 0;
		ok = ask(e, name, sql, runs, argv[6]);
	}
	fflush(stdout);
	_exit(ok ? 0 : 1); /* libraries of this size take seconds to leave politely */
}
