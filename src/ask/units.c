/* Figures by unit. */
#include "ask/priv.h"

enum err_code ask_units(struct ask *a, const struct journey_query *q, struct str dimension, struct arena *m,
                        struct journey_units *out, struct err *err)
{
	struct asking k;
	struct journey_units_tree *tree = NULL;
	void *pass = NULL;
	enum err_code rc = asking_needs(a, dimension, "dimension", err);
	if (rc != OK) return rc;
	rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = journey_units_tree(&k.s->schema, dimension, m, &tree, err);
	if (rc == OK) rc = asking_pass(&k, &journey_units_pass, tree, &pass, err);
	if (rc == OK) rc = journey_units_result(pass, m, out, err);
	journey_units_pass.free(pass);
	asking_done(&k);
	return rc;
}
