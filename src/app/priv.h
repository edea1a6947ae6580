/* What the files of app/ share: the parts of one running program. */
#ifndef APP_PRIV_H
#define APP_PRIV_H

#include <stdatomic.h>

#include "http/http.h"

struct app {
	struct store *store;
	struct collect *collect;
	struct govern *govern;
	struct inbox *inbox;
	struct insight *insight;
	struct voice *voice;
	struct outbox *outbox;
	struct act *act;
	struct contact *contact;
	struct rights *rights;
	struct ask *ask;   /* NULL until app_read */
	atomic_bool read;  /* by app_read: ask has all that the log holds, and keeps it when it is closed */
	struct maps *maps; /* NULL until app_read */
	struct http *http;
	char self[4096]; /* this program's file: the parser of uploads is it again */

	_Atomic int64_t story_ms; /* while the demo's people answer: when they do; 0: now */

	/* Set by `serve`: asks the running server to end. NULL elsewhere. */
	void (*leave)(void *ctx);
	void *leave_ctx;
	bool demo_gone; /* the demo company is to be taken away when the server has ended */
};

/* Opens DIR, making it if new: store, collection, people, and the routes without an index. */
NODISCARD enum err_code app_open(const char *dir, struct app **out, struct err *err);
/*
 * Reads the index, opens the maps, and lets the routes use them. With
 * `follow` the index keeps up with the log. Progress with rate and time left
 * goes to stderr when it takes over a second.
 */
NODISCARD enum err_code app_read(struct app *a, bool follow, struct err *err);
void app_close(struct app *a); /* accepts NULL and half-open ones */
int64_t app_now_ms(void *ctx);
/* The clock of asking, answering and following up: now, or the time of the demo's story. ctx: the app. */
int64_t app_story_ms(void *ctx);

/* The verb `serve`; the exit code. */
int app_serve(int argc, char **argv);

#ifdef SAFAR_DEMO
/*
 * demo_fill.c: fills the directory with the demo company and its maps, or
 * does what is left of it; nothing when it is complete. Called after
 * app_read. Progress on stderr.
 */
NODISCARD enum err_code app_demo(struct app *a, uint64_t seed, int64_t end_day, uint32_t customers, struct err *err);
/*
 * Takes the demo company and its maps away: the server ends, empties the
 * directory and starts anew. ERR_CONFLICT when other sources have stored
 * something, ERR_UNAVAILABLE without a server. docs/adr/0004.
 */
/*
 * demo_desk.c: what the company's own people set up and did: rules and a
 * channel before the events, then surveys, rounds of invitations, answers
 * and follow-ups of the last weeks, all through the functions that pages call.
 */
NODISCARD enum err_code app_demo_desk_begin(struct app *a, int64_t end_day, struct err *err);
NODISCARD enum err_code app_demo_desk(struct app *a, uint64_t seed, int64_t end_day, struct err *err);
NODISCARD enum err_code app_demo_remove(struct app *a, struct err *err);
/* Empties a directory that nobody has open, and marks it so that --demo is not followed there again. */
NODISCARD enum err_code app_demo_wipe(const char *dir, struct err *err);
bool app_demo_was_removed(const char *dir);
#endif

/* The page, when it was built; see meson.build. */
#ifdef SAFAR_WEB
#include "base/embed.h"
extern const struct embed_file web_assets[];
extern const size_t web_assets_count;
#endif

#endif
