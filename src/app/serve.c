/*
 * `safar serve`: listens at once, takes events in at once, and answers
 * questions as soon as the index has been read.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/priv.h"
#include "base/when.h"

#define DEMO_SEED 1
#define DEMO_CUSTOMERS 50000

struct serving {
	struct app *app;
	const char *dir, *listen;
	bool demo;
	char url[320];
	pthread_t main;
	atomic_bool dead;  /* the disk failed to keep what was written */
	atomic_bool ended; /* the reader has */
	enum err_code rc;  /* of the reader; written before it ends */
	struct err err;
};

static void say_err(const struct err *err)
{
	fprintf(stderr, "safar: %s\n", err->text);
	if (err->hint[0]) fprintf(stderr, "       %s\n", err->hint);
}

static int usage(const char *about)
{
	fprintf(stderr,
	        "safar serve: %s\n\n"
	        "usage: safar serve [--data DIR] [--listen ADDRESS:PORT] [--demo] [--deadlines I,H,B,A]\n"
	        "  --data DIR    where everything is kept (./safar-data, or $SAFAR_DATA)\n"
	        "  --listen A:P  127.0.0.1:8787 unless given\n"
	        "  --demo        fills it with a made-up company to look at\n"
	        "  --deadlines   milliseconds that a connection may be idle, and that headers, a body\n"
	        "                and taking the answer may last; 60000,10000,30000,60000 unless given\n",
	        about);
	return 2;
}

/* Many connections need many descriptors; what the system allows is taken. */
static void raise_limits(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

/* "60000,10000,30000,60000": all four, each from 100 ms to a day. */
static bool deadlines_read(const char *text, struct http_deadlines *out)
{
	int64_t *const to[] = { &out->idle_ms, &out->headers_ms, &out->body_ms, &out->answer_ms };
	struct str rest = str_of(text);
	for (size_t i = 0; i < COUNT_OF(to); i++) {
		const size_t end = str_find(rest, ',');
		if ((end < rest.len) != (i + 1 < COUNT_OF(to))) return false;
		if (!str_to_i64(str_cut(rest, 0, end), to[i]) || *to[i] < 100 || *to[i] > 86400000) return false;
		rest = str_cut(rest, end < rest.len ? end + 1 : end, rest.len);
	}
	return true;
}

/* --- first run -------------------------------------------------------------------------------- */

static enum err_code demo_person(struct serving *s, struct arena *a, struct err *err)
{
	/* The set-up token is as random as a password has to be: 80 bits of it are enough to type. */
	struct str token;
	TRY(govern_setup_token(s->app->govern, a, &token, err));
	struct str password =
	        str_format(a, "%.5s-%.5s-%.5s-%.5s", token.ptr, token.ptr + 5, token.ptr + 10, token.ptr + 15);
	if (!password.ptr) return err_no_memory(err);
	TRY(govern_setup(s->app->govern, token, STR("demo"), STR("Demo"), password, err));
	printf("Sign in as demo with the password " STR_FMT " (shown this once)\n", STR_ARG(password));
	return OK;
}

static enum err_code tell_how(struct serving *s, struct err *err)
{
	struct arena a;
	struct str token;
	arena_init(&a, 64 * 1024);
	enum err_code rc = OK;
	printf("Safar is at %s\n", s->url);
	if (govern_setup_needed(s->app->govern)) {
		if (s->demo) {
			rc = demo_person(s, &a, err);
		} else {
			rc = govern_setup_token(s->app->govern, &a, &token, err);
			if (rc == OK)
				printf("Make the first administrator at %s/setup#" STR_FMT " (works once)\n", s->url,
				       STR_ARG(token));
		}
	} else if (s->demo) {
		printf("Sign in with the name and password of the first run; `safar user password demo` sets a new "
		       "one\n");
	}
	fflush(stdout);
	arena_done(&a);
	return rc;
}

/* --- running -------------------------------------------------------------------------------------- */

static void *read_all(void *arg)
{
	struct serving *s = arg;
	s->rc = app_read(s->app, true, &s->err);
#ifdef SAFAR_DEMO
	if (s->rc == OK && s->demo)
		s->rc = app_demo(s->app, DEMO_SEED, app_now_ms(NULL) / WHEN_DAY_MS - 1, DEMO_CUSTOMERS, &s->err);
#endif
	atomic_store(&s->ended, true);
	if (s->rc == OK) fprintf(stderr, "ready: %s\n", s->url);
	else pthread_kill(s->main, SIGTERM); /* without an index there is nothing to serve */
	return NULL;
}

static void disk_failed(void *ctx)
{
	struct serving *s = ctx;
	atomic_store(&s->dead, true);
	pthread_kill(s->main, SIGTERM);
}

/* Whoever waits gets an answer. Nothing is tidied up: that would write, and what is written now may not be kept. */
_Noreturn static void leave_at_once(struct serving *s)
{
	enum { AT_MOST_S = 10 };
	fprintf(stderr,
	        "safar: the disk of %s failed to keep what was written; leaving. What was answered with success "
	        "is there.\n       Check the disk, then start Safar again.\n",
	        s->dir);
	alarm(AT_MOST_S);
	http_close(s->app->http);
	_exit(err_exit_code(ERR_UNAVAILABLE));
}

static int run(struct serving *s, const sigset_t *stop)
{
	struct err err = { 0 };
	int port = 0, signal_got = 0;
	char path[4096];
	snprintf(path, sizeof path, "%s/safar.sock", s->dir);
	enum err_code rc = http_listen(s->app->http, s->listen, &port, &err);
	if (rc == OK) rc = http_listen_local(s->app->http, path, &err);
	if (rc == OK) {
		const char *colon = strrchr(s->listen, ':');
		snprintf(s->url, sizeof s->url, "http://%.*s:%d", (int)(colon - s->listen), s->listen, port);
		rc = tell_how(s, &err);
	}
	if (rc != OK) {
		say_err(&err);
		return err_exit_code(rc);
	}
	pthread_t reader;
	s->main = pthread_self();
	store_on_dead(s->app->store, disk_failed, s);
	if (pthread_create(&reader, NULL, read_all, s) != 0) {
		fprintf(stderr, "safar: no thread can be made\n");
		return 1;
	}
	while (sigwait(stop, &signal_got) != 0) continue;
	/* A second signal ends the program at once: everything acknowledged is on disk anyway. */
	pthread_sigmask(SIG_UNBLOCK, stop, NULL);
	if (atomic_load(&s->dead)) leave_at_once(s);
	if (!atomic_load(&s->ended) && (s->demo || !atomic_load(&s->app->read))) {
		/* Reading a long log, or making a demo, cannot be hurried; nothing of it has to be kept. But what is
		 * read is: told to end when it is just ready, it must not have to read all again at the next start. */
		http_close(s->app->http);
		_exit(0);
	}
	pthread_join(reader, NULL);
	if (s->rc != OK) {
		say_err(&s->err);
		return err_exit_code(s->rc);
	}
	return 0;
}

#ifdef SAFAR_DEMO
/* Lets the answer that promised it reach the person first. */
static void *end_soon(void *arg)
{
	usleep(500 * 1000);
	pthread_kill(((struct serving *)arg)->main, SIGTERM);
	return NULL;
}

static void leave(void *ctx)
{
	pthread_t t;
	if (pthread_create(&t, NULL, end_soon, ctx) == 0) pthread_detach(t);
}

/* The directory is emptied, and the same command serves it anew. Returns only on failure. */
static int start_without_demo(const char *self, const char *dir, char **argv)
{
	struct err err = { 0 };
	if (app_demo_wipe(dir, &err) != OK) {
		say_err(&err);
		return 1;
	}
	fprintf(stderr, "the demo company is gone; starting anew\n");
	execv(self, argv);
	fprintf(stderr, "safar: cannot start anew: %s\n", strerror(errno));
	return 1;
}
#endif

int app_serve(int argc, char **argv)
{
	struct serving s = { .listen = "127.0.0.1:8787", .dir = getenv("SAFAR_DATA") };
	struct http_deadlines deadlines = http_deadlines_default;
	if (!s.dir || !*s.dir) s.dir = "safar-data";
	for (int i = 2; i < argc; i++) {
		bool more = i + 1 < argc;
		if (strcmp(argv[i], "--data") == 0 && more) s.dir = argv[++i];
		else if (strcmp(argv[i], "--listen") == 0 && more) s.listen = argv[++i];
		else if (strcmp(argv[i], "--demo") == 0) s.demo = true;
		else if (strcmp(argv[i], "--deadlines") == 0 && more) {
			if (!deadlines_read(argv[++i], &deadlines)) return usage(argv[i]);
		} else if (strcmp(argv[i], "--help") == 0) return usage("takes in events and shows the journey"), 0;
		else return usage(argv[i]);
	}
#ifdef SAFAR_DEMO
	if (s.demo && app_demo_was_removed(s.dir)) {
		fprintf(stderr, "the demo company was removed from %s; it stays away\n", s.dir);
		s.demo = false;
	}
#else
	if (s.demo) {
		fprintf(stderr, "safar: this program was built without the demo company\n");
		return 1;
	}
#endif
	raise_limits();
	signal(SIGPIPE, SIG_IGN);
	sigset_t stop;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	/* Before any thread is made, so that all of them leave these two to sigwait. */
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	struct err err = { 0 };
	enum err_code rc = app_open(s.dir, &s.app, &err);
	if (rc != OK) {
		say_err(&err);
		return err_exit_code(rc);
	}
#ifdef SAFAR_DEMO
	s.app->leave = leave;
	s.app->leave_ctx = &s;
#endif
	http_deadlines(s.app->http, deadlines);
	int code = run(&s, &stop);
#ifdef SAFAR_DEMO
	char self[sizeof s.app->self];
	memcpy(self, s.app->self, sizeof self);
	const bool demo_gone = s.app->demo_gone;
	app_close(s.app);
	if (demo_gone) return start_without_demo(self, s.dir, argv);
#else
	app_close(s.app);
#endif
	return code;
}
