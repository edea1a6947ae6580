/* The question of a request: a map's own, or one over event names; and what all answers share. */
#include "http/priv.h"

static enum err_code read_case(struct http_call *c, struct ask *ask, bool mapped, struct journey_query *q,
                               struct err *err)
{
	struct str text = query_get(c, "case");
	if (!text.len) return OK;
	if (str_eq(text, STR("customer"))) {
		q->by = JOURNEY_BY_CUSTOMER;
		return OK;
	}
	q->by = JOURNEY_BY_INSTANCE;
	if (str_eq(text, STR("instance"))) {
		if (mapped) return OK; /* the map says what an instance is */
		q->instance.cut = JOURNEY_CUT_GAP;
		return ask_gap(ask, &q->instance.gap_ms, err);
	}
	q->instance.cut = JOURNEY_CUT_KEY;
	q->instance.key = text;
	return OK;
}

enum err_code question_read(struct http_call *c, struct ask *ask, struct question *out, struct err *err)
{
	struct scope s;
	struct str map = query_get(c, "map");
	*out = (struct question){ 0 };
	TRY(scope_read(c, &s, err));
	if (map.len) {
		TRY(measured_get(c, map, &s, &out->map, err));
		out->query = out->map->measured.query;
	} else {
		out->query = (struct journey_query){
			.from_ms = s.maps.from_ms,
			.to_ms = s.maps.to_ms,
			.by = JOURNEY_BY_CUSTOMER,
			.instance = { .cut = JOURNEY_CUT_CUSTOMER, .gap_ms = JOURNEY_GAP_DEFAULT_MS },
			.n_filters = s.maps.n_filters,
		};
		memcpy(out->query.filters, s.maps.filters, sizeof s.maps.filters);
	}
	enum err_code rc = read_case(c, ask, map.len > 0, &out->query, err);
	if (rc != OK) {
		cache_put(c->h->cache, out->map);
		out->map = NULL;
	}
	return rc;
}

void open_list(struct json_out *o, const char *key)
{
	json_key(o, key);
	json_open(o, '[');
}
