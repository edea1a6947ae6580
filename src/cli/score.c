/* One question's score: of a survey, or of answers on standard input, one a line. */
#include <stdio.h>

#include "base/checked.h"
#include "cli/priv.h"
#include "maps/maps.h"
#include "stats/stats.h"
#include "wire/wire.h"

#define LINE_BYTES 256
#define ANSWERS_MAX 10000000
#define SEED 1 /* of the intervals that draw: the same answers give the same interval */

struct answers {
	struct buf x; /* doubles */
	int64_t n, empty;
};

static enum err_code check_line(const struct stats_score_rule *rule, struct str line, struct arena *scratch, double *x,
                                struct err *err)
{
	if (utf8_valid(line.ptr, line.len) < line.len)
		return err_set(err, ERR_INPUT, "score.number", "score", "this is not UTF-8 text");
	if (!wire_number(scratch, line, x))
		return err_set(err, ERR_INPUT, "score.number", "score", "'" STR_FMT "' is not a number", STR_ARG(line));
	return stats_score_check(rule, *x, err);
}

static enum err_code read_answers(const struct stats_score_rule *rule, struct answers *out, struct err *err)
{
	char text[LINE_BYTES];
	struct arena scratch;
	enum err_code rc = OK;
	arena_init(&scratch, MIB);
	for (int64_t line = 1; rc == OK && fgets(text, sizeof text, stdin); line++) {
		const size_t len = strlen(text);
		struct str s = { text, len };
		double x;
		if (line == 1 && str_starts(s, STR("\xEF\xBB\xBF"))) s = str_cut(s, 3, s.len);
		s = str_trim(s);
		if (len == sizeof text - 1 && text[len - 1] != '\n')
			rc = err_set(err, ERR_INPUT, "score.number", "score", "this is no answer but a long text");
		else if (s.len == 0) {
			out->empty++;
			continue;
		} else rc = check_line(rule, s, &scratch, &x, err);
		if (rc == OK && out->n == ANSWERS_MAX)
			rc = err_limit(err, "score.answers", "stdin", out->n + 1, ANSWERS_MAX, "more than %d answers",
			               ANSWERS_MAX);
		if (rc != OK) err_context(err, "line %lld", (long long)line);
		else buf_put(&out->x, &x, sizeof x), out->n++;
		arena_reset(&scratch);
	}
	arena_done(&scratch);
	if (rc == OK && ferror(stdin)) rc = err_set(err, ERR_IO, "cli.file", "stdin", "standard input broke off");
	if (rc == OK) rc = buf_check(&out->x, err);
	return rc;
}

static bool read_int(struct str s, int *out)
{
	int64_t v;
	if (!str_to_i64(s, &v) || v < -1000 || v > 1000) return false;
	*out = (int)v;
	return true;
}

/* The options as a complete rule; the exit code of what is wrong with them, 0 when nothing is. */
static int read_rule(const struct cli *c, struct stats_score_rule *rule)
{
	*rule = (struct stats_score_rule){ .seed = SEED, .reversed = c->opt[OPT_REVERSED] != NULL };
	while (strcmp(stats_score_kind_names[rule->kind], c->verb->sub) != 0) rule->kind++;
	if (c->opt[OPT_SCALE]) {
		const struct str s = str_of(c->opt[OPT_SCALE]);
		const size_t colon = str_find(s, ':');
		if (colon == s.len || !read_int(str_cut(s, 0, colon), &rule->min) ||
		    !read_int(str_cut(s, colon + 1, s.len), &rule->max))
			return cli_usage(c, "--scale is its lowest and highest answer, as in 1:5");
	}
	if (c->opt[OPT_GOOD] && !read_int(str_of(c->opt[OPT_GOOD]), &rule->good))
		return cli_usage(c, "--good is the lowest answer that counts as good");
	if (c->opt[OPT_LEVEL] && !str_to_double(str_of(c->opt[OPT_LEVEL]), &rule->level))
		return cli_usage(c, "--level is a share, as in 0.95");
	if (c->opt[OPT_INTERVAL]) {
		int how = STATS_HOWS - 1;
		while (how > STATS_BY_DEFAULT && strcmp(stats_how_names[how], c->opt[OPT_INTERVAL]) != 0) how--;
		if (how == STATS_BY_DEFAULT) return cli_usage(c, "there is no interval '%s'", c->opt[OPT_INTERVAL]);
		rule->how = (enum stats_how)how;
	}
	struct err err = { 0 };
	if (stats_score_rule(rule, &err) != OK) return cli_usage(c, "%s", err.text);
	return 0;
}

static double number(const json_t *o, const char *path)
{
	return json_number_value(cli_member(o, path));
}

static void show_estimate(struct cli *c, const char *what, const json_t *e, enum cli_kind kind)
{
	cli_estimate(c, what, e, kind);
	if (json_is_number(json_object_get(e, "lo"))) printf(" (%g %%)", 100 * number(e, "level"));
}

/* The answer of a score, as made here or by a server: for people, or as it is with --json. */
static int show_score(struct cli *c, struct str body)
{
	static const struct cli_column columns[] = { { "answer", "value", COL_INT }, { "n", "n", COL_INT } };
	if (c->opt[OPT_JSON]) {
		printf(STR_FMT "\n", STR_ARG(body));
		return 0;
	}
	json_t *o = cli_json(c, body);
	const char *kind = json_string_value(json_object_get(o, "kind"));
	if (kind && strcmp(kind, "nps") == 0) {
		show_estimate(c, "NPS", o, COL_NUM1);
		printf("\n%lld answers: promoters %.0f, passives %.0f, detractors %.0f", (long long)number(o, "n"),
		       number(o, "counts.promoters"), number(o, "counts.passives"), number(o, "counts.detractors"));
	} else {
		const bool share = kind && strcmp(kind, "csat") == 0;
		show_estimate(c, share ? "CSAT" : "CES", o, cli_unit(o));
		printf("\n%lld answers, %.0f of them good; ", (long long)number(o, "n"), number(o, "counts.good"));
		show_estimate(c, share ? "mean" : "good", json_object_get(o, share ? "mean" : "good_share"),
		              share ? COL_NUM2 : COL_PERCENT);
	}
	if (number(o, "unanswered") > 0) printf("; %.0f without an answer", number(o, "unanswered"));
	printf("\n\n");
	cli_table(c, json_object_get(o, "values"), columns, COUNT_OF(columns));
	json_decref(o);
	return 0;
}

static enum err_code write_score(const struct stats_score_rule *rule, const struct answers *a, struct arena *arena,
                                 struct buf *body, struct err *err)
{
	struct stats_score s;
	struct json_out o;
	TRY(stats_score_of(rule, (const double *)(const void *)a->x.ptr, (size_t)a->n, arena, &s, err));
	json_out_init(&o, body);
	json_open(&o, '{');
	maps_put_score(&o, &s);
	json_kv_i64(&o, "unanswered", a->empty);
	json_close(&o, '}');
	return buf_check(body, err);
}

/* The same of the events of a survey, or of any name, in a data directory. */
static int score_of_survey(struct cli *c)
{
	static const struct {
		enum cli_option option;
		const char *parameter;
	} sent[] = { { OPT_SURVEY, "survey" },
		     { OPT_SCALE, "scale" },
		     { OPT_GOOD, "good" },
		     { OPT_INTERVAL, "interval" },
		     { OPT_LEVEL, "level" } };
	struct err err;
	struct cli_reply reply;
	struct str target = str_format(&c->arena, "/api/query/score?kind=%s", c->verb->sub);
	for (size_t i = 0; i < COUNT_OF(sent); i++)
		if (c->opt[sent[i].option])
			target = str_format(&c->arena, STR_FMT "&%s=" STR_FMT, STR_ARG(target), sent[i].parameter,
			                    STR_ARG(cli_escape(c, str_of(c->opt[sent[i].option]))));
	target = str_format(&c->arena, STR_FMT "%s" STR_FMT, STR_ARG(target), c->opt[OPT_REVERSED] ? "&reversed=1" : "",
	                    STR_ARG(cli_scope(c, true)));
	if (cli_request(c, "GET", target, STR(""), &reply, &err) != OK) return cli_fail(&err);
	return show_score(c, reply.body);
}

int cli_score(struct cli *c)
{
	struct stats_score_rule rule;
	struct answers answers = { .n = 0 };
	struct err err = { 0 };
	struct buf body;
	int rc = read_rule(c, &rule);
	if (rc) return rc;
	if (c->opt[OPT_SURVEY] && c->opt[OPT_STDIN])
		return cli_usage(c, "--survey and --stdin are two places; choose one");
	if (c->opt[OPT_SURVEY]) return score_of_survey(c);
	if (!c->opt[OPT_STDIN]) return cli_usage(c, "whose answers? --survey S, or --stdin with one a line");
	buf_init(&answers.x, (size_t)ANSWERS_MAX * sizeof(double));
	buf_init(&body, MIB);
	enum err_code code = read_answers(&rule, &answers, &err);
	if (code == OK) code = write_score(&rule, &answers, &c->arena, &body, &err);
	rc = code == OK ? show_score(c, buf_view(&body)) : cli_fail(&err);
	buf_done(&body);
	buf_done(&answers.x);
	return rc;
}
