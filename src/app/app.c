/* Putting the parts together. */
#include <stdatomic.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/priv.h"
#include "base/when.h"

int64_t app_now_ms(void *ctx)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t app_story_ms(void *ctx)
{
	struct app *a = ctx;
	const int64_t story_ms = atomic_load(&a->story_ms);
	return story_ms ? story_ms : app_now_ms(NULL);
}

#ifdef SAFAR_DEMO
static enum err_code demo_remove(void *ctx, struct err *err)
{
	return app_demo_remove(ctx, err);
}
#endif

/* Asked when an import begins, so that a change is heard at once. */
static enum err_code organisation_zone(void *ctx, struct arena *arena, struct str *zone, struct err *err)
{
	struct app *a = ctx;
	return govern_zone(a->govern, arena, zone, err);
}

/* The unit that an invitation is of; until the index is read nobody's is known. */
static enum err_code last_unit(void *ctx, struct str customer, struct arena *arena, struct str *unit, struct err *err)
{
	struct app *a = ctx;
	*unit = STR("");
	return atomic_load(&a->read) ? ask_customer_unit(a->ask, customer, arena, unit, err) : OK;
}

#define ANONYMOUS "anonymous:"

/* Ids as contact/ writes them; until the index is read everybody is one id. */
static enum err_code ids_of_person(void *ctx, struct str id, struct arena *arena, struct str **ids, size_t *n,
                                   struct err *err)
{
	struct app *a = ctx;
	struct ask_customer c;
	const bool anonymous = str_starts(id, STR(ANONYMOUS));
	if (anonymous) id = str_cut(id, sizeof ANONYMOUS - 1, id.len);
	*n = 0;
	if (!atomic_load(&a->read)) return OK;
	TRY(ask_customer_ids(a->ask, anonymous, id, arena, &c, err));
	for (size_t i = 0; i < c.n_ids; i++) {
		if (c.anonymous[i]) c.ids[i] = str_format(arena, ANONYMOUS STR_FMT, STR_ARG(c.ids[i]));
		if (!c.ids[i].ptr) return err_no_memory(err);
	}
	*ids = c.ids;
	*n = c.n_ids;
	return OK;
}

enum err_code app_open(const char *dir, struct app **out, struct err *err)
{
	struct app *a = calloc(1, sizeof *a);
	if (!a) return err_no_memory(err);
	ssize_t n = readlink("/proc/self/exe", a->self, sizeof a->self - 1);
	a->self[n > 0 ? n : 0] = '\0';
	struct collect_options collect = { .self_path = n > 0 ? a->self : NULL,
		                           .now_ms = app_story_ms,
		                           .now_ctx = a,
		                           .zone = organisation_zone,
		                           .zone_ctx = a };
	struct govern_options govern = { .now_ms = app_now_ms };
	struct http_options http = { .now_ms = app_now_ms, .version = SAFAR_VERSION };
#ifdef SAFAR_WEB
	http.assets = web_assets;
	http.n_assets = web_assets_count;
#endif
#ifdef SAFAR_DEMO
	http.demo_remove = demo_remove;
	http.demo_ctx = a;
#endif
	enum err_code rc = store_open(dir, STORE_CREATE, &a->store, err);
	if (rc == OK) rc = collect_open(a->store, &collect, &a->collect, err);
	if (rc == OK) rc = govern_open(a->store, &govern, &a->govern, err);
	if (rc == OK) rc = inbox_open(a->store, &a->inbox, err);
	if (rc == OK) rc = insight_open(a->store, a->inbox, &a->insight, err);
	if (rc == OK)
		rc = outbox_open(a->store, &(struct outbox_options){ .now_ms = app_story_ms, .now_ctx = a }, &a->outbox,
		                 err);
	if (rc == OK) {
		const struct act_options act = { .now_ms = app_story_ms,
			                         .now_ctx = a,
			                         .govern = a->govern,
			                         .inbox = a->inbox,
			                         .outbox = a->outbox,
			                         .insight = a->insight };
		rc = act_open(a->store, &act, &a->act, err);
	}
	if (rc == OK) {
		const struct voice_options voice = {
			.store = a->store, .collect = a->collect, .now_ms = app_story_ms, .now_ctx = a
		};
		rc = voice_open(&voice, &a->voice, err);
	}
	if (rc == OK) {
		const struct contact_options contact = { .store = a->store,
			                                 .outbox = a->outbox,
			                                 .voice = a->voice,
			                                 .now_ms = app_story_ms,
			                                 .now_ctx = a,
			                                 .zone = organisation_zone,
			                                 .zone_ctx = a,
			                                 .unit = last_unit,
			                                 .unit_ctx = a,
			                                 .ids = ids_of_person,
			                                 .ids_ctx = a };
		rc = contact_open(&contact, &a->contact, err);
	}
	if (rc == OK) {
		const struct rights_options rights = { .store = a->store,
			                               .inbox = a->inbox,
			                               .insight = a->insight,
			                               .act = a->act,
			                               .contact = a->contact,
			                               .outbox = a->outbox,
			                               .now_ms = app_now_ms };
		rc = rights_open(&rights, &a->rights, err);
	}
	if (rc == OK) {
		http.store = a->store;
		http.collect = a->collect;
		http.govern = a->govern;
		http.inbox = a->inbox;
		http.insight = a->insight;
		http.voice = a->voice;
		http.outbox = a->outbox;
		http.act = a->act;
		http.contact = a->contact;
		http.rights = a->rights;
		rc = http_open(&http, &a->http, err);
	}
	if (rc != OK) {
		app_close(a);
		return rc;
	}
	*out = a;
	return OK;
}

struct reading {
	int64_t began_ms, told_ms;
};

static void on_reading(void *ctx, int64_t done, int64_t total)
{
	struct reading *r = ctx;
	int64_t now = app_now_ms(NULL), took = now - r->began_ms;
	if (took < WHEN_SECOND_MS || now - r->told_ms < WHEN_SECOND_MS || done <= 0) return;
	r->told_ms = now;
	double rate = (double)done * 1000 / (double)took;
	fprintf(stderr, "reading events: %lld of %lld, %.0f/s, %.0f s left\n", (long long)done, (long long)total, rate,
	        total > done ? (double)(total - done) / rate : 0);
}

static enum err_code hear(void *ctx, const uint64_t *arrivals, size_t n, double *sentiment, struct err *err)
{
	return insight_sentiments(ctx, arrivals, n, sentiment, err);
}

static void customers_of(void *ctx, uint32_t *identities, size_t n, size_t stride)
{
	ask_customers_of(ctx, identities, n, stride);
}

enum err_code app_read(struct app *a, bool follow, struct err *err)
{
	struct arena arena;
	struct ask_options opt = { 0 };
	struct str *names = NULL;
	struct reading r = { .began_ms = app_now_ms(NULL) };
	arena_init(&arena, 4 * 1024 * 1024);
	enum err_code rc = collect_dimensions(a->collect, &arena, &names, &opt.n_dimensions, err);
	opt.dimensions = names;
	if (rc == OK) rc = ask_open(a->store, &opt, follow, on_reading, &r, &a->ask, err);
	struct ask_state state;
	if (rc == OK) {
		atomic_store(&a->read, true);
		ask_state(a->ask, &state);
		if (state.index_rebuilt[0])
			fprintf(stderr, "index: %s; read again from the log\n", state.index_rebuilt);
	}
	if (rc == OK) rc = maps_open(a->store, a->ask, a->collect, &a->maps, err);
	if (rc == OK) maps_listen(a->maps, hear, a->insight);
	if (rc == OK) insight_people(a->insight, customers_of, a->ask);
	if (rc == OK) act_ready(a->act, a->maps);
	if (rc == OK) rc = rights_resume(a->rights, a->ask, err); /* before anybody reads on */
	if (rc == OK) rc = rights_forget_again(a->rights, a->ask, err);
	if (rc == OK) http_ready(a->http, a->ask, a->maps);
	if (rc == OK && follow) rc = inbox_follow(a->inbox, http_news, a->http, err);
	if (rc == OK && follow) rc = insight_follow(a->insight, http_news, a->http, err);
	if (rc == OK && follow) rc = act_follow(a->act, http_news, a->http, err);
	if (rc == OK && follow) rc = outbox_start(a->outbox, err);
	if (rc == OK && follow) rc = contact_follow(a->contact, err);
	arena_done(&arena);
	return rc;
}

void app_close(struct app *a)
{
	if (!a) return;
	/* They tell the routes of their news. */
	if (a->act) act_stop(a->act);
	if (a->insight) insight_stop(a->insight);
	if (a->inbox) inbox_stop(a->inbox);
	http_close(a->http);
	rights_close(a->rights);
	act_close(a->act);
	contact_stop(a->contact);
	outbox_close(a->outbox);
	contact_close(a->contact); /* the outbox told it what became of messages */
	insight_close(a->insight);
	inbox_close(a->inbox);
	if (a->maps) maps_close(a->maps);
	if (a->ask) ask_close(a->ask);
	voice_close(a->voice);
	govern_close(a->govern);
	if (a->collect) collect_close(a->collect);
	store_close(a->store);
	free(a);
}
