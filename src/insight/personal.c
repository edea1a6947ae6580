/* What is held of a person. */
#include "insight/priv.h"

const struct store_personal insight_personal[] = {
	{ "readings",
	  PERSONAL_ARRIVAL,
	  "insight_personal",
	  { "insight_erase", "insight_erase_said", "insight_erase_given_out" },
	  NULL },
	{ "corrections",
	  PERSONAL_ARRIVAL,
	  "insight_personal_correction",
	  { "insight_erase_correction", "insight_erase_corrected" },
	  NULL },
	{ 0 },
};
