/* The people behind a figure: one page of them, in the shape that all questions share. */
#include "http/priv.h"

enum err_code people_page(struct http_call *c, struct people_page *out, struct err *err)
{
	int64_t cursor, limit;
	TRY(query_i64(c, "cursor", 0, UINT32_MAX, 0, &cursor, err));
	TRY(query_i64(c, "limit", 1, 500, 50, &limit, err));
	*out = (struct people_page){ .cursor = (uint64_t)cursor, .limit = (size_t)limit };
	return OK;
}

void put_customers_page(struct json_out *o, const struct ask_members *m)
{
	json_open(o, '{');
	json_kv_i64(o, "total", m->total);
	open_list(o, "people");
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct ask_member *p = &m->rows[i];
		json_open(o, '{');
		json_kv_str(o, "customer", p->external);
		json_kv_i64(o, "first_ms", p->extent.first_ms);
		json_kv_i64(o, "last_ms", p->extent.last_ms);
		json_kv_i64(o, "events", p->extent.events);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "next");
	if (m->next) json_put_i64(o, (int64_t)m->next);
	else json_put_null(o);
	json_close(o, '}');
}
