/*
 * The command line: every verb but `serve` and `parse`. A verb is a request
 * to one of the product's routes, sent over DIR/safar.sock while a server
 * holds the directory and answered by this process otherwise, so the command
 * line and the pages cannot disagree. What streams (import, backup, restore,
 * verify) works on the directory itself when no server holds it.
 *
 * Contract: docs/cli.md. Answers go to stdout, words and progress to stderr.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "collect/collect.h"

/* How the program opens a directory; given by app/, which alone knows all parts. */
struct cli_host {
	/*
	 * Opens DIR (making it if new). With `routes`, also reads the index and
	 * makes `request` work. ERR_UNAVAILABLE "store.locked" when another
	 * process has DIR.
	 */
	enum err_code (*open)(const char *dir, bool routes, void **handle, struct err *err);
	void (*close)(void *handle);
	/* One request to the product's routes in this process, as administrator; the HTTP status, the body in `out`. */
	int (*request)(void *handle, const char *method, const char *target, struct str body, struct buf *out);
	struct store *(*store)(void *handle);
	struct collect *(*collect)(void *handle);
	/* Fills DIR with the demo company; progress on stderr. */
	enum err_code (*demo)(void *handle, uint64_t seed, int64_t end_day, uint32_t customers, struct err *err);
};

/* Returns the exit code. */
int cli_main(int argc, char **argv, const struct cli_host *host);

#endif
