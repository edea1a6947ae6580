/* What is held of a person. How many answered a survey stays: a count is nobody's. */
#include "voice/priv.h"

const struct store_personal voice_personal[] = {
	{ "answers", PERSONAL_CUSTOMER, "voice_personal", { "voice_erase" }, NULL },
	{ "answers", PERSONAL_DEVICE, "voice_personal_device", { "voice_erase_device" }, NULL },
	{ "links", PERSONAL_CUSTOMER, "voice_personal_token", { "voice_erase_token" }, NULL },
	{ 0 },
};
