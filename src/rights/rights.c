#include "rights/priv.h"

#include <stdlib.h>

const struct store_personal *const rights_holds[] = { voice_personal, inbox_personal,   insight_personal,
	                                              act_personal,   contact_personal, outbox_personal };
const size_t rights_holds_count = COUNT_OF(rights_holds);

const char *const rights_state_names[RIGHTS_STATES] = { "erasing", "sweeping", "done" };

enum err_code rights_open(const struct rights_options *opt, struct rights **out, struct err *err)
{
	struct rights *r = calloc(1, sizeof *r);
	if (!r) return err_no_memory(err);
	r->opt = *opt;
	r->st = opt->store;
	pthread_mutex_init(&r->erasing, NULL);
	*out = r;
	return OK;
}

void rights_close(struct rights *r)
{
	if (!r) return;
	pthread_mutex_destroy(&r->erasing);
	free(r);
}

/* --- who ------------------------------------------------------------------------------------------ */

static bool shared(const struct rights_id *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i].anonymous && voice_shared_id(ids[i].external)) return true;
	return false;
}

enum err_code rights_person(struct rights *r, struct ask *ask, struct str customer, struct arena *a,
                            struct ask_whole_person *who, struct rights_id **ids, struct err *err)
{
	TRY(ask_whole_person(ask, customer, a, who, err));
	struct rights_id *list = ARENA_ARRAY(a, struct rights_id, who->n_identities + 1);
	if (!list) return err_no_memory(err);
	for (size_t i = 0; i < who->n_identities; i++) {
		list[i].identity = who->identities[i];
		if (!store_identity_get(r->st, list[i].identity, &list[i].anonymous, &list[i].external))
			list[i].external = STR("");
	}
	*ids = list;
	if (!shared(list, who->n_identities)) return OK;
	return err_set(err, ERR_DENIED, "customer.shared", "customer",
	               "many people speak under this id; it has no page");
}

/* --- receipts ------------------------------------------------------------------------------------- */

static enum err_code read_counts(struct rights *r, struct rights_receipt *t, struct arena *a, struct err *err)
{
	enum { KINDS_MAX = 64 };
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct rights_count *list = ARENA_ARRAY(a, struct rights_count, KINDS_MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, r->st, "erasure_counts", err));
	stmt_bind_i64(s, 1, t->id);
	for (t->n_counts = 0; t->n_counts < KINDS_MAX && (rc = stmt_step(s, &row, err)) == OK && row; t->n_counts++)
		list[t->n_counts] = (struct rights_count){ str_copy(a, stmt_str(s, 0)), stmt_i64(s, 1) };
	stmt_free(s);
	t->counts = list;
	return rc;
}

enum err_code rights_receipts(struct rights *r, size_t limit, struct arena *a, struct rights_receipt **out, size_t *n,
                              struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	*n = 0;
	*out = ARENA_ARRAY(a, struct rights_receipt, limit);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, r->st, "erasure_list", err));
	stmt_bind_i64(s, 1, (int64_t)limit);
	while (*n < limit && (rc = stmt_step(s, &row, err)) == OK && row)
		(*out)[(*n)++] = (struct rights_receipt){ .id = stmt_i64(s, 0),
			                                  .asked_ms = stmt_i64(s, 1),
			                                  .done_ms = stmt_i64(s, 2),
			                                  .state = (enum rights_state)stmt_i64(s, 3),
			                                  .author = str_copy(a, stmt_str(s, 4)),
			                                  .reason = str_copy(a, stmt_str(s, 5)) };
	stmt_free(s);
	for (size_t i = 0; rc == OK && i < *n; i++) rc = read_counts(r, &(*out)[i], a, err);
	return rc;
}

enum err_code rights_erased(struct rights *r, struct str external, int64_t *at_ms, struct err *err)
{
	const struct hash128 h = store_keyed(r->st, external);
	struct stmt *s = NULL;
	bool row = false;
	*at_ms = 0;
	TRY(stmt_prepare(&s, r->st, "erasure_when", err));
	stmt_bind_blob(s, 1, (struct str){ (const char *)&h, sizeof h });
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *at_ms = stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}
