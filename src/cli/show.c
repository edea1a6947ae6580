#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unicode/uchar.h>
#include <unistd.h>

#include "base/when.h"
#include "cli/priv.h"

int cli_fail(const struct err *err)
{
	fprintf(stderr, "safar: %s%s%s%s\n", err->text, err->field[0] ? " (" : "", err->field,
	        err->field[0] ? ")" : "");
	if (err->hint[0]) fprintf(stderr, "       %s\n", err->hint);
	return err_exit_code(err->code);
}

int cli_usage(const struct cli *c, const char *what, ...)
{
	va_list args;
	fputs("safar: ", stderr);
	va_start(args, what);
	vfprintf(stderr, what, args);
	va_end(args);
	fprintf(stderr, "\nusage: safar %s%s%s %s\n", c->verb->name, c->verb->sub ? " " : "",
	        c->verb->sub ? c->verb->sub : "", c->verb->usage);
	return CLI_EXIT_USAGE;
}

json_t *cli_json(struct cli *c, struct str body)
{
	(void)c;
	/* A zero byte of a stranger's file may be quoted in what is wrong with it. */
	json_t *o = json_loadb(body.ptr ? body.ptr : "", body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	return o ? o : json_null();
}

const json_t *cli_member(const json_t *o, const char *path)
{
	for (const char *dot; o && (dot = strchr(path, '.')); path = dot + 1)
		o = json_object_getn(o, path, (size_t)(dot - path));
	return o ? json_object_get(o, path) : NULL;
}

const char *cli_text_of(const struct cli *c, const json_t *names, const char *fallback)
{
	if (json_is_string(names)) return json_string_value(names);
	const json_t *t = json_object_get(names, c->opt[OPT_LANG] ? c->opt[OPT_LANG] : "en");
	if (!json_is_string(t)) {
		void *first = json_object_iter((json_t *)names);
		t = first ? json_object_iter_value(first) : NULL;
	}
	return json_is_string(t) ? json_string_value(t) : fallback;
}

/* Columns that a text takes on a terminal: marks and joiners take none, wide letters two. */
static int width(const char *z)
{
	struct str s = str_of(z);
	int w = 0;
	for (size_t i = 0; i < s.len;) {
		UChar32 cp = (UChar32)utf8_next(s, &i);
		int type = u_charType(cp);
		if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR ||
		    type == U_CONTROL_CHAR)
			continue;
		int wide = u_getIntPropertyValue(cp, UCHAR_EAST_ASIAN_WIDTH);
		w += wide == U_EA_WIDE || wide == U_EA_FULLWIDTH ? 2 : 1;
	}
	return w;
}

/* Control characters of data must not steer the terminal. */
static const char *clean(struct arena *a, const char *z)
{
	size_t n = strlen(z);
	char *out = arena_alloc(a, n + 1);
	if (!out) return "";
	for (size_t i = 0; i < n; i++) out[i] = (unsigned char)z[i] < 0x20 || z[i] == 0x7f ? ' ' : z[i];
	return out;
}

static const char *span(struct arena *a, double ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "min", 60000 }, { "s", 1000 } };
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (ms >= units[i].ms) return str_format(a, "%.1f %s", ms / units[i].ms, units[i].unit).ptr;
	return str_format(a, "%.0f ms", ms).ptr;
}

static const char *grouped(struct arena *a, int64_t v)
{
	struct str plain = str_format(a, "%lld", (long long)v);
	char *out = arena_alloc(a, plain.len * 2 + 1);
	if (!out) return "";
	size_t n = 0;
	for (size_t i = 0; i < plain.len; i++) {
		size_t left = plain.len - i;
		if (i > 0 && left % 3 == 0 && plain.ptr[i - 1] != '-') out[n++] = ',';
		out[n++] = plain.ptr[i];
	}
	return out;
}

enum cli_kind cli_unit(const json_t *reply)
{
	const char *unit = json_string_value(json_object_get(reply, "unit"));
	if (unit && strcmp(unit, "share") == 0) return COL_PERCENT;
	return unit && strcmp(unit, "mean") == 0 ? COL_NUM2 : COL_NUM1;
}

void cli_units(struct cli_column *columns, size_t n, const json_t *reply)
{
	for (size_t i = 0; i < n; i++)
		if (columns[i].kind == COL_SCORE) columns[i].kind = cli_unit(reply);
}

const char *cli_figure(struct arena *a, enum cli_kind kind, double v)
{
	if (kind == COL_PERCENT) return str_format(a, "%.1f %%", 100 * v).ptr;
	return str_format(a, "%.*f", kind == COL_NUM3 ? 3 : kind == COL_NUM2 ? 2 : 1, v).ptr;
}

void cli_estimate(struct cli *c, const char *what, const json_t *e, enum cli_kind kind)
{
	const json_t *est = json_object_get(e, "est"), *lo = json_object_get(e, "lo"), *hi = json_object_get(e, "hi");
	const long long n = (long long)json_integer_value(json_object_get(e, "n"));
	if (!json_is_number(est)) {
		if (n < 5) printf("%s: too few answers, %lld more needed", what, 5 - n);
		else printf("%s: no number", what);
		return;
	}
	printf("%s %s", what, cli_figure(&c->arena, kind, json_number_value(est)));
	if (json_is_number(lo) && json_is_number(hi))
		printf(", between %s and %s", cli_figure(&c->arena, kind, json_number_value(lo)),
		       cli_figure(&c->arena, kind, json_number_value(hi)));
	else printf(", all alike, no interval");
}

static const char *cell(const struct cli *c, struct arena *a, const json_t *row, const struct cli_column *col)
{
	const json_t *v = *col->key ? cli_member(row, col->key) : row;
	if (!v || json_is_null(v)) return "";
	char iso[WHEN_TEXT_BYTES];
	switch (col->kind) {
	case COL_INT: return json_is_number(v) ? grouped(a, (int64_t)json_number_value(v)) : "";
	case COL_NUM1:
	case COL_NUM2:
	case COL_NUM3:
	case COL_SCORE:
	case COL_PERCENT: return json_is_number(v) ? cli_figure(a, col->kind, json_number_value(v)) : "";
	case COL_TIME:
		if (!json_is_integer(v) || json_integer_value(v) == 0) return "";
		return str_format(a, "%.19s", when_format_iso(json_integer_value(v), iso).ptr).ptr;
	case COL_SPAN: return json_is_number(v) ? span(a, json_number_value(v)) : "";
	case COL_NAME: return clean(a, cli_text_of(c, v, ""));
	case COL_JOIN: {
		struct str s = STR("");
		size_t i;
		json_t *part;
		json_array_foreach((json_t *)v, i, part)
		{
			const char *z = json_is_string(part) ? json_string_value(part) : "";
			s = str_format(a, STR_FMT "%s%s", STR_ARG(s), i ? " → " : "", z);
		}
		return clean(a, s.ptr ? s.ptr : "");
	}
	case COL_LIST: {
		struct str s = STR("");
		size_t i;
		json_t *part;
		json_array_foreach((json_t *)v, i, part)
		{
			s = str_format(a, STR_FMT "%s%s", STR_ARG(s), i ? " " : "",
			               grouped(a, json_integer_value(part)));
		}
		return s.ptr ? s.ptr : "";
	}
	case COL_TEXT: break;
	}
	if (json_is_string(v)) return clean(a, json_string_value(v));
	if (json_is_boolean(v)) return json_is_true(v) ? "yes" : "no";
	if (json_is_integer(v)) return str_format(a, "%lld", (long long)json_integer_value(v)).ptr;
	return "";
}

const char *cli_shown(struct cli *c, const json_t *value)
{
	static const struct cli_column text = { "", "", COL_TEXT }, name = { "", "", COL_NAME };
	return cell(c, &c->arena, value, json_is_object(value) ? &name : &text);
}

void cli_table(const struct cli *c, const json_t *rows, const struct cli_column *columns, size_t n)
{
	struct arena a;
	arena_init(&a, (size_t)1 << 30);
	size_t n_rows = json_array_size(rows);
	const char **cells = ARENA_ARRAY(&a, const char *, (n_rows + 1) * n);
	int *widths = ARENA_ARRAY(&a, int, n);
	if (!cells || !widths) goto out;
	for (size_t r = 0; r <= n_rows; r++)
		for (size_t k = 0; k < n; k++) {
			const char *z =
			        r == 0 ? columns[k].title : cell(c, &a, json_array_get(rows, r - 1), &columns[k]);
			cells[r * n + k] = z ? z : "";
			int w = width(cells[r * n + k]);
			if (w > widths[k]) widths[k] = w;
		}
	for (size_t r = 0; r <= n_rows; r++) {
		for (size_t k = 0; k < n; k++) {
			const char *z = cells[r * n + k];
			bool number = columns[k].kind == COL_INT || columns[k].kind == COL_NUM1 ||
			              columns[k].kind == COL_NUM2 || columns[k].kind == COL_NUM3 ||
			              columns[k].kind == COL_PERCENT || columns[k].kind == COL_SPAN;
			int pad = widths[k] - width(z);
			if (number) printf("%*s%s", pad, "", z);
			else printf("%s%*s", z, k + 1 < n ? pad : 0, "");
			if (k + 1 < n) fputs("  ", stdout);
		}
		putchar('\n');
	}
	if (n_rows == 0) puts("(nothing yet)");
out:
	arena_done(&a);
}

void cli_progress(const char *what, int64_t done, int64_t total, int64_t rows, bool last)
{
	static struct timespec began, shown;
	static bool line;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (began.tv_sec == 0) began = now;
	double age = (double)(now.tv_sec - began.tv_sec) + (double)(now.tv_nsec - began.tv_nsec) / 1e9;
	double since = (double)(now.tv_sec - shown.tv_sec) + (double)(now.tv_nsec - shown.tv_nsec) / 1e9;
	bool terminal = isatty(STDERR_FILENO);
	if (last) {
		if (line && terminal) fputs("\r\033[K", stderr);
		began = shown = (struct timespec){ 0 };
		line = false;
		return;
	}
	if (age < 1 || since < (terminal ? 0.2 : 10)) return;
	shown = now;
	line = true;
	fprintf(stderr, "%s%s", terminal ? "\r\033[K" : "", what);
	if (total > 0) fprintf(stderr, " %d %%", (int)(100.0 * (double)done / (double)total));
	fprintf(stderr, ", %lld rows, %.0f a second", (long long)rows, (double)rows / age);
	if (total > 0 && done > 0) fprintf(stderr, ", %.0f s left", age * (double)(total - done) / (double)done);
	if (!terminal) fputc('\n', stderr);
	fflush(stderr);
}
