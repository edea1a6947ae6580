/* What is held of a person. */
#include "contact/priv.h"

static enum err_code run2(struct store_write *w, const char *query, struct str a, struct str b, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_str(s, 1, a);
	if (b.ptr) stmt_bind_str(s, 2, b);
	return contact_run(s, err);
}

void contact_address_hash(struct hash128 h, char out[CONTACT_HASH_BYTES])
{
	snprintf(out, CONTACT_HASH_BYTES, "erased:%016llx%016llx", (unsigned long long)h.hi, (unsigned long long)h.lo);
}

/*
 * Who asked not to be written to is not written to because their data went: what forbids it stays under a hash of the
 * address, which tells nobody the address. An address that another customer has too stays theirs.
 */
static enum err_code forget_address(struct store_write *w, struct str address, struct str customer, struct err *err)
{
	static const char *const queries[] = { "contact_erase_ledger", "contact_erase_leave" };
	char hash[CONTACT_HASH_BYTES];
	struct stmt *s = NULL;
	bool shared = false;
	if (!address.len) return OK;
	TRY(write_prepare(&s, w, "contact_erase_shared", err));
	stmt_bind_str(s, 1, address);
	stmt_bind_str(s, 2, customer);
	const enum err_code rc = stmt_step(s, &shared, err);
	stmt_free(s);
	if (rc != OK || shared) return rc;
	contact_address_hash(write_keyed(w, address), hash);
	TRY(run2(w, "contact_erase_given", address, (struct str){ 0 }, err));
	for (size_t i = 0; i < COUNT_OF(queries); i++) TRY(run2(w, queries[i], address, str_of(hash), err));
	return OK;
}

static enum err_code forget_addresses(struct store_write *w, int64_t number, struct str customer, struct err *err)
{
	struct contact_person p;
	struct arena a;
	(void)number;
	arena_init(&a, 64 * KIB);
	enum err_code rc = person_read(NULL, w, customer, &a, &p, err);
	if (rc == OK) rc = forget_address(w, p.email, customer, err);
	if (rc == OK) rc = forget_address(w, p.phone, customer, err);
	arena_done(&a);
	return rc;
}

const struct store_personal contact_personal[] = {
	{ "consents", PERSONAL_CUSTOMER, "contact_personal_consent", { NULL }, NULL },
	{ "addresses", PERSONAL_CUSTOMER, "contact_personal_address", { "contact_erase_address" }, forget_addresses },
	{ "complaints", PERSONAL_CUSTOMER, "contact_personal_hold", { "contact_erase_hold" }, NULL },
	{ "decisions", PERSONAL_CUSTOMER, "contact_personal_decision", { "contact_erase_decisions" }, NULL },
	{ "waiting", PERSONAL_CUSTOMER, "contact_personal_pending", { "contact_erase_pending" }, NULL },
	{ "invitations", PERSONAL_CUSTOMER, "contact_personal_invitation", { "contact_erase_invitations" }, NULL },
	{ 0 },
};
