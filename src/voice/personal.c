/* What is held of a person. Who is erased leaves the counts of surveys and links with their answers. */
#include "voice/priv.h"

static enum err_code uncount(struct store_write *w, const char *const queries[2], struct str who, struct err *err)
{
	for (size_t i = 0; i < 2; i++) {
		struct stmt *s = NULL;
		bool row;
		TRY(write_prepare(&s, w, queries[i], err));
		stmt_bind_str(s, 1, who);
		const enum err_code rc = stmt_step(s, &row, err);
		stmt_free(s);
		TRY(rc);
	}
	return OK;
}

static enum err_code uncount_customer(struct store_write *w, int64_t number, struct str customer, struct err *err)
{
	static const char *const queries[] = { "voice_uncount", "voice_uncount_links" };
	(void)number;
	return uncount(w, queries, customer, err);
}

static enum err_code uncount_device(struct store_write *w, int64_t number, struct str device, struct err *err)
{
	static const char *const queries[] = { "voice_uncount_device", "voice_uncount_device_links" };
	(void)number;
	return uncount(w, queries, device, err);
}

const struct store_personal voice_personal[] = {
	{ "answers", PERSONAL_CUSTOMER, "voice_personal", { "voice_erase" }, uncount_customer },
	{ "answers", PERSONAL_DEVICE, "voice_personal_device", { "voice_erase_device" }, uncount_device },
	{ "links", PERSONAL_CUSTOMER, "voice_personal_token", { "voice_erase_token" }, NULL },
	{ 0 },
};
