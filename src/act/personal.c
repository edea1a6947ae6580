/* What is held of a person: steps before the follow-ups that they are of. */
#include "act/priv.h"

const struct store_personal act_personal[] = {
	{ "follow_up_steps", PERSONAL_IDENTITY, "follow_up_personal_step", { "follow_up_erase_step" }, NULL },
	{ "follow_ups", PERSONAL_IDENTITY, "follow_up_personal", { "follow_up_erase" }, NULL },
	{ "praise", PERSONAL_ARRIVAL, "praise_personal", { "praise_erase" }, NULL },
	{ 0 },
};
