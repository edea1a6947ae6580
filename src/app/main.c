/* The program's verbs: `serve` and `parse` here, all others in cli/. */
#include <malloc.h>

#include "app/priv.h"
#include "cli/cli.h"

static enum err_code host_open(const char *dir, bool routes, void **handle, struct err *err)
{
	struct app *a;
	TRY(app_open(dir, &a, err));
	enum err_code rc = routes ? app_read(a, false, err) : OK;
	if (rc != OK) {
		app_close(a);
		return rc;
	}
	*handle = a;
	return OK;
}

static void host_close(void *handle)
{
	app_close(handle);
}

static int host_request(void *handle, const char *method, const char *target, struct str body, struct buf *out)
{
	return http_local(((struct app *)handle)->http, method, target, body, out);
}

static struct store *host_store(void *handle)
{
	return ((struct app *)handle)->store;
}
static struct collect *host_collect(void *handle)
{
	return ((struct app *)handle)->collect;
}

static enum err_code host_demo(void *handle, uint64_t seed, int64_t end_day, uint32_t customers, struct err *err)
{
#ifdef SAFAR_DEMO
	struct app *a = handle;
	if (!a->ask) TRY(app_read(a, true, err)); /* the demo's maps are made from what is in the index */
	return app_demo(a, seed, end_day, customers, err);
#else
	return err_set(err, ERR_UNAVAILABLE, "demo.none", "", "this program was built without the demo company");
#endif
}

static int print_routes(void)
{
	struct buf b;
	buf_init(&b, 4 * 1024 * 1024);
	http_typescript(&b);
	fwrite(b.ptr, 1, b.len, stdout);
	buf_done(&b);
	return 0;
}

/* What requests and blocks take and give back all the time stays with us: asked of the system again, each page is
 * cleared anew. */
static void keep_memory(void)
{
	enum { KEPT_BYTES = 32 << 20, MAPPED_BYTES = 4 << 20 };
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
}

int main(int argc, char **argv)
{
	static const struct cli_host host = {
		.open = host_open,
		.close = host_close,
		.request = host_request,
		.store = host_store,
		.collect = host_collect,
		.demo = host_demo,
	};
	keep_memory();
	const char *verb = argc > 1 ? argv[1] : "";
	if (strcmp(verb, "serve") == 0) return app_serve(argc, argv);
	if (strcmp(verb, "parse") == 0) return collect_parse_main();
	if (strcmp(verb, "routes") == 0) return print_routes(); /* for web/src/api/routes.ts */
	return cli_main(argc, argv, &host);
}
