/* Friction, waits and tasks of a map. docs/methods/friction.md. */
#include <math.h>

#include "maps/priv.h"

/* --- tasks: what a map expects people to get done ------------------------------------------------------- */

static enum err_code task_add(struct maps *m, struct maps_measured *mm, size_t from, size_t to, struct err *err)
{
	const struct map_doc *d = mm->doc;
	for (size_t i = 0; i < mm->n_tasks; i++)
		if (mm->tasks[i].start == from && mm->tasks[i].done == to) return OK;
	struct maps_task *t = &mm->tasks[mm->n_tasks];
	*t = (struct maps_task){ .start = from, .done = to };
	const struct journey_task_question q = { .start = d->touchpoints[from].key,
		                                 .done = d->touchpoints[to].key,
		                                 .window_ms = INT64_MAX };
	TRY(ask_task(m->ask, &mm->query, &q, &t->found, err));
	mm->n_tasks += t->found.counts.started > 0;
	return OK;
}

/* Buying: from the step before the purchase to it. And each stage of at least two steps, from its first to its last. */
static enum err_code tasks(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err)
{
	const struct map_doc *d = mm->doc;
	mm->tasks = ARENA_ARRAY(a, struct maps_task, d->n_stages + 1);
	if (!mm->tasks) return err_no_memory(err);
	if (d->purchase_step > 0)
		TRY(task_add(m, mm, map_main_of(mm, (size_t)d->purchase_step - 1),
		             map_main_of(mm, (size_t)d->purchase_step), err));
	for (size_t stage = 0; stage < d->n_stages; stage++) {
		size_t first = SIZE_MAX, last = SIZE_MAX;
		for (size_t s = 0; s < d->n_steps; s++) {
			if (d->steps[s].stage != stage) continue;
			if (first == SIZE_MAX) first = s;
			last = s;
		}
		if (first != last) TRY(task_add(m, mm, map_main_of(mm, first), map_main_of(mm, last), err));
	}
	return OK;
}

enum err_code maps_friction(struct maps *m, const struct maps_measured *mm, const struct journey_query *q,
                            struct arena *a, struct journey_friction *out, struct err *err)
{
	const struct map_doc *d = mm->doc;
	const struct journey_friction_question what = {
		.before_step = (uint16_t)(d->purchase_step >= 0 ? d->purchase_step : (int)d->n_steps - 1)
	};
	return ask_friction(m->ask, q, &what, a, out, err);
}

enum err_code map_friction(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err)
{
	TRY(maps_friction(m, mm, &mm->query, a, &mm->friction, err));
	return tasks(m, mm, a, err);
}

/* --- figures --------------------------------------------------------------------------------------------- */

double maps_friction_per_100(const struct journey_friction_stat *s, int rule)
{
	if (s->visits < 5) return NAN;
	return 100 * (double)s->counts[rule] / (double)s->visits;
}

double maps_friction_total(const struct journey_friction_stat *s)
{
	int64_t sum = 0;
	for (int k = 0; k < JOURNEY_FRICTION_RULES; k++) sum += s->counts[k];
	return s->visits < 5 ? NAN : 100 * (double)sum / (double)s->visits;
}

static struct str rule_words(int rule, const char *part, const struct locale *l, struct arena *a)
{
	const struct str key = str_format(a, "maps.friction.%s.%s", journey_friction_names[rule], part);
	return key.ptr ? words(l, a, key.ptr, NULL, 0) : STR("");
}

struct str map_friction_words(const struct journey_friction_stat *s, const struct locale *l, struct arena *a)
{
	int worst = -1;
	for (int k = 0; k < JOURNEY_FRICTION_RULES; k++)
		if (s->counts[k] && (worst < 0 || s->counts[k] > s->counts[worst])) worst = k;
	return worst < 0 ? STR("") : rule_words(worst, "name", l, a);
}

/* --- JSON -------------------------------------------------------------------------------------------------- */

void maps_friction_json(struct json_out *o, const struct journey_friction *f, const struct locale *l, struct arena *a)
{
	json_key(o, "rules");
	json_open(o, '[');
	for (int k = 0; k < JOURNEY_FRICTION_RULES; k++) {
		json_open(o, '{');
		json_kv_z(o, "key", journey_friction_names[k]);
		json_kv_str(o, "name", rule_words(k, "name", l, a));
		json_kv_str(o, "text", rule_words(k, "rule", l, a));
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "touchpoints");
	json_open(o, '[');
	for (size_t i = 0; i < f->n; i++) {
		const struct journey_friction_stat *s = &f->list[i];
		json_open(o, '{');
		json_kv_str(o, "name", s->name);
		json_kv_i64(o, "visits", s->visits);
		json_key(o, "counts");
		json_open(o, '{');
		for (int k = 0; k < JOURNEY_FRICTION_RULES; k++)
			json_kv_i64(o, journey_friction_names[k], s->counts[k]);
		json_close(o, '}');
		json_key(o, "per_100");
		json_open(o, '{');
		for (int k = 0; k < JOURNEY_FRICTION_RULES; k++)
			json_kv_double(o, journey_friction_names[k], maps_friction_per_100(s, k));
		json_close(o, '}');
		json_kv_double(o, "total", maps_friction_total(s));
		json_close(o, '}');
	}
	json_close(o, ']');
}

void maps_waits_json(struct json_out *o, const struct journey_friction *f)
{
	json_key(o, "waits");
	json_open(o, '[');
	for (size_t i = 0; i < f->n; i++) {
		const struct journey_friction_stat *s = &f->list[i];
		struct stats_estimate share;
		if (s->queued == 0 || stats_proportion(s->left, s->queued, &share, NULL) != OK) continue;
		stats_mark(&share);
		json_open(o, '{');
		json_kv_str(o, "name", s->name);
		json_kv_i64(o, "n", s->wait.n);
		json_kv_double(o, "p50_ms", s->wait.n ? s->wait.p50 : NAN);
		json_kv_double(o, "p90_ms", s->wait.n ? s->wait.p90 : NAN);
		json_kv_i64(o, "queued", s->queued);
		json_kv_i64(o, "left", s->left);
		json_key(o, "left_share");
		maps_put_estimate(o, &share);
		json_key(o, "left_value");
		json_open(o, '[');
		for (size_t c = 0; c < s->n_money; c++) {
			json_open(o, '{');
			json_kv_str(o, "currency", s->money[c].currency);
			json_kv_i64(o, "minor", s->money[c].minor);
			json_kv_i64(o, "n", s->money[c].n);
			json_close(o, '}');
		}
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
}

void maps_task_json(struct json_out *o, struct str start, struct str done, const struct ask_task *t)
{
	json_kv_str(o, "start", start);
	json_kv_str(o, "done", done);
	json_kv_i64(o, "started", t->counts.started);
	json_kv_i64(o, "completed", t->counts.completed);
	json_kv_i64(o, "open", t->counts.open);
	json_key(o, "success");
	maps_put_estimate(o, &t->success);
	json_key(o, "time");
	if (t->counts.time.n == 0) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_i64(o, "n", t->counts.time.n);
	json_kv_double(o, "mean_ms", t->counts.time.mean);
	json_kv_double(o, "p50_ms", t->counts.time.p50);
	json_kv_double(o, "p90_ms", t->counts.time.p90);
	json_close(o, '}');
}
