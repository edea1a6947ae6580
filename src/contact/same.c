/* Who is one person: the ids of one customer, and customers who have a mail address or a telephone number of theirs. */
#include "contact/priv.h"

static bool has(const struct str *all, size_t n, struct str x)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i], x)) return true;
	return false;
}

/* What is beyond the room is left out: whoever has so many ids is no one person. */
static bool add(struct str *all, size_t *n, struct str x, struct arena *a)
{
	if (!x.len || *n == CONTACT_SAME_MAX || has(all, *n, x)) return true;
	return (all[(*n)++] = str_copy(a, x)).ptr != NULL;
}

static enum err_code add_ids(struct contact *c, struct str id, struct arena *a, struct contact_same *out,
                             struct err *err)
{
	struct str *ids = NULL;
	size_t n = 0;
	bool ok = add(out->ids, &out->n_ids, id, a);
	if (c->opt.ids) TRY(c->opt.ids(c->opt.ids_ctx, id, a, &ids, &n, err));
	for (size_t i = 0; ok && i < n; i++) ok = add(out->ids, &out->n_ids, ids[i], a);
	return ok ? OK : err_no_memory(err);
}

static enum err_code add_addresses(struct contact *c, struct store_write *w, struct str id, struct arena *a,
                                   struct contact_same *out, struct err *err)
{
	struct contact_person p;
	TRY(person_read(c, w, id, a, &p, err));
	const bool ok = add(out->addresses, &out->n_addresses, p.email, a) &&
	                add(out->addresses, &out->n_addresses, p.phone, a);
	return ok ? OK : err_no_memory(err);
}

static enum err_code add_owners(struct contact *c, struct store_write *w, struct str address, struct arena *a,
                                struct contact_same *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(contact_stmt(c, w, "contact_owners", &s, err));
	stmt_bind_str(s, 1, address);
	stmt_bind_i64(s, 2, CONTACT_SAME_MAX);
	enum err_code rc = OK;
	struct str owners[CONTACT_SAME_MAX];
	size_t n = 0;
	while (rc == OK && n < CONTACT_SAME_MAX && (rc = stmt_step(s, &row, err)) == OK && row)
		if (!(owners[n++] = str_copy(a, stmt_str(s, 0))).ptr) rc = err_no_memory(err);
	stmt_free(s);
	for (size_t i = 0; rc == OK && i < n; i++)
		if (!has(out->ids, out->n_ids, owners[i])) rc = add_ids(c, owners[i], a, out, err);
	return rc;
}

enum err_code contact_same(struct contact *c, struct store_write *w, struct str id, struct arena *a,
                           struct contact_same *out, struct err *err)
{
	*out = (struct contact_same){ .n_ids = 0 };
	TRY(add_ids(c, id, a, out, err));
	for (size_t i = 0; i < out->n_ids; i++) TRY(add_addresses(c, w, out->ids[i], a, out, err));
	for (size_t i = 0; i < out->n_addresses; i++) TRY(add_owners(c, w, out->addresses[i], a, out, err));
	return OK;
}
