/*
 * What somebody sees who sees one unit: docs/api.md, "Units". Each route says in the table which of four ways it goes;
 * one that says nothing is about the whole organisation and is refused, so a new route shows nothing by mistake.
 */
#include "http/priv.h"

const char *const unit_way_names[UNIT_WAYS] = { "whole", "asked", "rows", "free" };

static bool takes_unit(const struct http_route *r)
{
	struct str rest = str_of(r->query);
	while (rest.len) {
		const struct str word = str_cut(rest, 0, str_find(rest, ' '));
		if (str_eq(word, STR("unit"))) return true;
		rest = str_cut(rest, word.len < rest.len ? word.len + 1 : rest.len, rest.len);
	}
	return false;
}

enum unit_way unit_way(const struct http_route *r)
{
	if (r->flags & ROUTE_UNIT_ROWS) return UNIT_ROWS;
	if (takes_unit(r)) return UNIT_ASKED;
	return r->flags & ROUTE_UNIT_FREE ? UNIT_FREE : UNIT_WHOLE;
}

struct str call_unit(const struct http_call *c)
{
	return c->local || !c->signed_in || !c->session.user.unit.ptr ? STR("") : c->session.user.unit;
}

bool call_sees(const struct http_call *c, struct str unit)
{
	const struct str own = call_unit(c);
	return !own.len || str_eq(unit, own) ||
	       (str_starts(unit, own) && unit.len > own.len && unit.ptr[own.len] == '/');
}

static enum err_code outside(const struct http_call *c, struct err *err)
{
	return err_set(err, ERR_DENIED, "unit.outside", "unit", "you see \"" STR_FMT "\" and what is below it",
	               STR_ARG(call_unit(c)));
}

enum err_code unit_need(const struct http_call *c, struct str unit, struct err *err)
{
	return call_sees(c, unit) ? OK : outside(c, err);
}

/* Every "unit" of the address lies within the own one, and there is one. */
static enum err_code narrow(struct http_call *c, struct err *err)
{
	const struct str own = call_unit(c);
	bool given = false;
	for (size_t i = 0; i < c->n_query; i++) {
		struct str_pair *p = &c->query[i];
		if (!str_eq(p->key, STR("unit"))) continue;
		given = true;
		if (!p->value.len) p->value = own;
		TRY(unit_need(c, p->value, err));
	}
	if (given) return OK;
	struct str_pair *more = ARENA_ARRAY(c->arena, struct str_pair, c->n_query + 1);
	if (!more) return err_no_memory(err);
	if (c->n_query) memcpy(more, c->query, c->n_query * sizeof *more);
	more[c->n_query] = (struct str_pair){ STR("unit"), own };
	c->query = more;
	c->n_query++;
	return OK;
}

enum err_code unit_permit(struct http_call *c, struct err *err)
{
	if (!call_unit(c).len) return OK;
	if (takes_unit(c->route)) TRY(narrow(c, err));
	if (unit_way(c->route) != UNIT_WHOLE) return OK;
	const enum err_code rc =
	        err_set(err, ERR_DENIED, "unit.whole", "",
	                "this is about the whole organisation, and you see \"" STR_FMT "\"", STR_ARG(call_unit(c)));
	err_hint(err, "An administrator can change which unit you see.");
	return rc;
}
