/* The comments that a map's touchpoints got. */
#include "ask/priv.h"

enum err_code ask_comments(struct ask *a, const struct journey_query *q, struct arena *m, struct journey_comment **out,
                           size_t *n, struct err *err)
{
	struct asking k;
	void *pass = NULL;
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "comments of touchpoints need a map");
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_comments_pass, NULL, &pass, err);
	if (rc == OK) rc = journey_comments_result(pass, m, out, n, err);
	journey_comments_pass.free(pass);
	asking_done(&k);
	return rc;
}
