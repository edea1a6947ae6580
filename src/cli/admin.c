#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/statvfs.h>
#include <termios.h>
#include <time.h>
#include <unicode/uvernum.h>
#include <unistd.h>

#include "base/when.h"
#include "ask/ask.h"
#include "cli/priv.h"

static int send_and_show(struct cli *c, const char *method, struct str target, json_t *body, const char *said)
{
	struct err err;
	struct cli_reply reply;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	enum err_code rc = cli_request(c, method, target, str_of(text ? text : ""), &reply, &err);
	free(text);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(reply.body.len ? reply.body : STR("{}")));
		return 0;
	}
	json_t *o = cli_json(c, reply.body);
	const char *key = json_string_value(json_object_get(o, "write_key"));
	if (said) puts(said);
	if (key) printf("write key (shown only now, it can write and nothing else): %s\n", key);
	json_decref(o);
	return 0;
}

int cli_source_list(struct cli *c)
{
	static const struct cli_column columns[] = { { "id", "id", COL_INT },
		                                     { "name", "name", COL_TEXT },
		                                     { "kind", "kind", COL_TEXT },
		                                     { "enabled", "enabled", COL_TEXT },
		                                     { "masked", "mask", COL_TEXT },
		                                     { "received", "sums.received", COL_INT },
		                                     { "= stored", "sums.stored", COL_INT },
		                                     { "+ duplicate", "sums.duplicate", COL_INT },
		                                     { "+ set aside", "sums.set_aside", COL_INT },
		                                     { "+ refused", "sums.refused", COL_INT },
		                                     { "last (UTC)", "last_received_ms", COL_TIME } };
	return cli_rows(c, STR("/api/sources"), "sources", columns, COUNT_OF(columns));
}

int cli_source_new(struct cli *c)
{
	return send_and_show(c, "POST", STR("/api/sources"), json_pack("{s:s}", "name", c->arg[0]), NULL);
}

int cli_source_key(struct cli *c)
{
	return send_and_show(
	        c, "POST",
	        str_format(&c->arena, "/api/sources/" STR_FMT "/key", STR_ARG(cli_escape(c, str_of(c->arg[0])))),
	        json_object(), NULL);
}

int cli_source_enable(struct cli *c)
{
	bool on = strcmp(c->verb->sub, "enable") == 0;
	return send_and_show(
	        c, "PATCH", str_format(&c->arena, "/api/sources/" STR_FMT, STR_ARG(cli_escape(c, str_of(c->arg[0])))),
	        json_pack("{s:b}", "enabled", on), on ? "enabled" : "disabled: its key is refused from now on");
}

int cli_source_mask(struct cli *c)
{
	bool on = strcmp(c->verb->sub, "mask") == 0;
	return send_and_show(
	        c, "PATCH", str_format(&c->arena, "/api/sources/" STR_FMT, STR_ARG(cli_escape(c, str_of(c->arg[0])))),
	        json_pack("{s:b}", "mask", on),
	        on ? "masked from now on; what is stored already stays" : "comments are stored as they come");
}

int cli_user_list(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "login", "login", COL_TEXT },      { "name", "name", COL_TEXT },
		{ "role", "role", COL_TEXT },        { "unit", "unit", COL_TEXT },
		{ "made", "created_ms", COL_TIME },  { "last here", "last_ms", COL_TIME },
		{ "disabled", "disabled", COL_TEXT }
	};
	return cli_rows(c, STR("/api/users"), "users", columns, COUNT_OF(columns));
}

/* From stdin, without echo on a terminal. */
static bool read_password(char *into, size_t cap)
{
	struct termios before, quiet;
	bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
	if (terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fputs("password: ", stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	bool got = fgets(into, (int)cap, stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (got) into[strcspn(into, "\r\n")] = '\0';
	return got && *into;
}

int cli_user_new(struct cli *c)
{
	char password[256];
	if (!c->opt[OPT_ROLE]) return cli_usage(c, "--role is missing");
	if (!read_password(password, sizeof password)) return cli_usage(c, "no password came on standard input");
	return send_and_show(c, "POST", STR("/api/users"),
	                     json_pack("{s:s,s:s,s:s,s:s,s:s}", "login", c->arg[0], "name",
	                               c->opt[OPT_NAME] ? c->opt[OPT_NAME] : c->arg[0], "role", c->opt[OPT_ROLE],
	                               "unit", c->opt[OPT_UNIT] ? c->opt[OPT_UNIT] : "", "password", password),
	                     "made");
}

static struct str user_target(struct cli *c)
{
	return str_format(&c->arena, "/api/users/" STR_FMT, STR_ARG(cli_escape(c, str_of(c->arg[0]))));
}

int cli_user_password(struct cli *c)
{
	char password[256];
	if (!read_password(password, sizeof password)) return cli_usage(c, "no password came on standard input");
	return send_and_show(c, "PATCH", user_target(c), json_pack("{s:s}", "password", password), "changed");
}

int cli_user_unit(struct cli *c)
{
	const char *unit = c->n_args > 1 ? c->arg[1] : "";
	return send_and_show(c, "PATCH", user_target(c), json_pack("{s:s}", "unit", unit),
	                     *unit ? "sees this unit and those below it" : "sees the whole organisation");
}

int cli_user_disable(struct cli *c)
{
	return send_and_show(c, "PATCH", user_target(c), json_pack("{s:b}", "disabled", 1),
	                     "disabled: signed out everywhere");
}

int cli_replay(struct cli *c)
{
	json_t *body = json_object();
	if (c->opt[OPT_SOURCE]) {
		int64_t id;
		if (!str_to_i64(str_of(c->opt[OPT_SOURCE]), &id)) {
			json_decref(body);
			return cli_usage(c, "--source is a source's number (safar source list)");
		}
		json_object_set_new(body, "source", json_integer(id));
	}
	if (c->opt[OPT_REASON]) json_object_set_new(body, "reason", json_string(c->opt[OPT_REASON]));
	struct err err;
	struct cli_reply reply;
	char *text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	enum err_code rc = cli_request(c, "POST", STR("/api/set-aside/replay"), str_of(text ? text : ""), &reply, &err);
	free(text);
	if (rc != OK) return cli_fail(&err);
	json_t *t = cli_json(c, reply.body);
	if (c->opt[OPT_JSON]) printf(STR_FMT "\n", STR_ARG(reply.body));
	else
		printf("%lld tried: %lld stored, %lld duplicate, %lld still set aside\n",
		       (long long)json_integer_value(json_object_get(t, "received")),
		       (long long)json_integer_value(json_object_get(t, "stored")),
		       (long long)json_integer_value(json_object_get(t, "duplicate")),
		       (long long)json_integer_value(json_object_get(t, "set_aside")));
	json_decref(t);
	return 0;
}

/* Takes the object. A path that is not UTF-8 packs to NULL and prints as null. */
static void print_object(json_t *o)
{
	json_dumpf(o ? o : json_null(), stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	putchar('\n');
	json_decref(o);
}

/* Reading needs no lock, so backup and verify work beside a running server. */
static enum err_code open_reading(struct cli *c, struct store **st, struct err *err)
{
	if (!cli_server_has(c)) {
		TRY(c->host->open(c->dir, false, &c->handle, err));
		*st = c->host->store(c->handle);
		return OK;
	}
	return store_open(c->dir, STORE_READ_ONLY, st, err);
}

int cli_backup(struct cli *c)
{
	struct err err;
	struct store *st = NULL;
	uint64_t end = 0;
	enum err_code rc = open_reading(c, &st, &err);
	if (rc == OK) rc = store_backup(st, c->arg[0], &end, &err);
	if (st && !c->handle) store_close(st);
	if (rc != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) print_object(json_pack("{s:s,s:I}", "file", c->arg[0], "arrival_end", (json_int_t)end));
	else
		printf("%s holds everything up to arrival %llu; restore with: safar restore %s --data NEW_DIR\n",
		       c->arg[0], (unsigned long long)end, c->arg[0]);
	return 0;
}

int cli_restore(struct cli *c)
{
	struct err err;
	if (store_restore(c->arg[0], c->dir, &err) != OK) return cli_fail(&err);
	if (c->opt[OPT_JSON]) print_object(json_pack("{s:s}", "data", c->dir));
	else
		printf("%s is restored; the index is rebuilt at the next start. Copy the file \"erased\" of the old "
		       "directory here before, so that who was erased since the backup is erased again\n",
		       c->dir);
	return 0;
}

int cli_verify(struct cli *c)
{
	struct err err;
	struct store *st = NULL;
	struct store_verify_report r = { 0 };
	enum err_code rc = open_reading(c, &st, &err);
	if (rc == OK) rc = store_verify(st, &c->arena, &r, &err);
	if (st && !c->handle) store_close(st);
	if (rc != OK) return cli_fail(&err);
	bool good = r.bad_blocks == 0 && r.sums_agree && r.first_problem.len == 0;
	if (c->opt[OPT_JSON]) {
		print_object(json_pack("{s:b,s:I,s:I,s:I,s:I,s:b,s:s%}", "good", good, "blocks", (json_int_t)r.blocks,
		                       "events", (json_int_t)r.events, "set_aside", (json_int_t)r.set_aside,
		                       "bad_blocks", (json_int_t)r.bad_blocks, "sums_agree", r.sums_agree,
		                       "first_problem", r.first_problem.ptr ? r.first_problem.ptr : "",
		                       r.first_problem.len));
	} else {
		printf("%lld events in %lld blocks, %lld set aside; received = stored + duplicate + set aside + "
		       "refused + erased: %s\n",
		       (long long)r.events, (long long)r.blocks, (long long)r.set_aside, r.sums_agree ? "yes" : "NO");
		if (r.first_problem.len) printf("problem: " STR_FMT "\n", STR_ARG(r.first_problem));
		puts(good ? "all well" : "NOT well: restore a backup, or keep the file and ask for help");
	}
	return good ? 0 : 1;
}

static int note(const char *what, bool good, const char *remedy)
{
	printf("%-8s %s%s%s\n", good ? "ok" : "LOOK", what, good ? "" : ": ", good ? "" : remedy);
	return good ? 0 : 1;
}

/* Each byte of the kept columns. A damaged one costs time, never an answer: the next start reads the log instead. */
static int look_at_columns(struct cli *c)
{
	int64_t files, bytes;
	struct err err;
	enum err_code rc = ask_columns_check(c->dir, &files, &bytes, &err);
	/* A server may have replaced them meanwhile. */
	if (rc == ERR_NOT_FOUND) rc = ask_columns_check(c->dir, &files, &bytes, &err);
	if (rc == ERR_NOT_FOUND && strcmp(err.text, "manifest is missing") == 0)
		return note("no columns are kept yet", true, "");
	if (rc != OK)
		return note(str_format(&c->arena, "kept columns: %s", err.text).ptr, false,
		            "start Safar, which reads the log again; look at the disk");
	return note(str_format(&c->arena, "%lld files of kept columns, %.1f MiB, are whole", (long long)files,
	                       (double)bytes / (1 << 20))
	                    .ptr,
	            true, "");
}

int cli_doctor(struct cli *c)
{
	int looks = 0;
	struct statvfs fs;
	bool here = access(c->dir, F_OK) == 0;
	const char *at = here ? c->dir : ".";
	if (statvfs(at, &fs) == 0) {
		double free_gib = (double)fs.f_bavail * (double)fs.f_frsize / (1 << 30);
		looks += note(str_format(&c->arena, "%.1f GiB free where the data is", free_gib).ptr, free_gib > 1,
		              "free some space, at least 1 GiB");
	}
	looks += note("the data directory can be written", access(at, W_OK) == 0,
	              "give this user the right to write there");
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	looks += note("the clock is plausible", now.tv_sec > 1735689600 && now.tv_sec < 4133980800,
	              "set the clock of this machine");
	looks += note(str_format(&c->arena, "SQLite %s", sqlite3_libversion()).ptr,
	              sqlite3_libversion_number() >= 3040000, "3.40 or newer is needed");
	looks += note("ICU " U_ICU_VERSION, true, "");
	struct zone *z = NULL;
	struct err err;
	bool zones = zone_open(STR("Asia/Tehran"), &z, &err) == OK;
	zone_close(z);
	looks += note("time zones are there", zones, "install ICU's data (package libicu72)");
	if (here)
		looks += note(cli_server_has(c) ? "a server answers for this directory"
		                                : "no server holds this directory",
		              true, "");
	if (here) looks += look_at_columns(c);
	return looks ? 1 : 0;
}

int cli_demo(struct cli *c)
{
	int64_t seed = 1, customers = 50000, end_ms = 0;
	if (c->opt[OPT_SEED] && !str_to_i64(str_of(c->opt[OPT_SEED]), &seed))
		return cli_usage(c, "--seed is a whole number");
	if (c->opt[OPT_CUSTOMERS] &&
	    (!str_to_i64(str_of(c->opt[OPT_CUSTOMERS]), &customers) || customers < 100 || customers > 1000000))
		return cli_usage(c, "--customers is a number from 100 to 1000000");
	if (c->opt[OPT_END_DAY]) {
		if (!when_parse_iso(str_of(c->opt[OPT_END_DAY]), &end_ms, NULL))
			return cli_usage(c, "--end-day is a day, such as 2026-10-31");
	} else {
		struct timespec now;
		clock_gettime(CLOCK_REALTIME, &now);
		end_ms = ((int64_t)now.tv_sec * 1000 / WHEN_DAY_MS - 1) * WHEN_DAY_MS;
	}
	struct err err;
	enum err_code rc = c->host->open(c->dir, true, &c->handle, &err);
	if (rc == OK) rc = c->host->demo(c->handle, (uint64_t)seed, end_ms / WHEN_DAY_MS, (uint32_t)customers, &err);
	if (rc != OK) return cli_fail(&err);
	if (!c->opt[OPT_JSON])
		printf("the demo company is in %s; see it with: safar serve --data %s\n", c->dir, c->dir);
	return 0;
}
