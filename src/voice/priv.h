/* What the files of voice/ share. Others include voice.h. */
#ifndef VOICE_PRIV_H
#define VOICE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "base/json.h"
#include "voice/voice.h"

#define SECRET_BYTES 32
#define FORMS_MAX 512 /* parsed documents kept; versions never change, so none goes stale */

struct kept_form {
	int64_t survey;
	int version;
	const struct form *form;
};

#define HEADLINES VOICE_SURVEYS_MAX
struct kept_headline {
	int64_t survey, completed;
	int version;
	struct voice_headline headline;
};

/* --- ways.c -------------------------------------------------------------------------------- */

/* Where a code, a token or a key leads. */
struct way {
	int64_t survey_id, link, token; /* 0: not by one */
	struct str survey;              /* key */
	enum voice_state state;
	int newest;
	struct str customer, about, journey, channel, unit, environment, lang;
	int64_t created_ms; /* of a token; else 0 */
	int64_t expires_ms; /* 0: never */
	bool closed;        /* a link that was removed, or has all its answers */
};

/*
 * What links lead to, so that not every answer asks the database anew. A link
 * that is closed by the number of its answers is not among them. Whoever
 * changes a survey or a link calls voice_changed, and none of them counts any
 * more.
 */
#define WAYS_MAX 256
struct kept_ways {
	pthread_rwlock_t lock;
	struct arena arena; /* of their texts */
	uint64_t as_of;     /* voice.changes when the first was read */
	struct {
		struct str code; /* "" free */
		struct way way;
	} slots[WAYS_MAX];
};

struct voice {
	struct voice_options opt;
	struct store *st;
	unsigned char secret[SECRET_BYTES]; /* seals tokens */
	_Atomic uint32_t source;            /* of the events; 0: not looked for yet */
	pthread_mutex_t source_lock;
	atomic_bool masks;             /* what the source says of masking ... */
	atomic_uint_fast64_t masks_of; /* ... when collect_mask_changes was one less; 0: not looked at yet */
	pthread_rwlock_t forms_lock;
	struct arena forms_arena; /* forms_lock: the parsed documents */
	struct kept_form forms[FORMS_MAX];
	size_t n_forms;
	atomic_uint_fast64_t changes; /* of surveys and links */
	struct kept_ways ways;
	pthread_mutex_t headlines_lock;
	struct kept_headline headlines[HEADLINES]; /* headlines_lock; by survey */
};

static inline int64_t now_of(const struct voice *v)
{
	return v->opt.now_ms(v->opt.now_ctx);
}

/* The source that answers come from, made when it is first needed. */
NODISCARD enum err_code voice_source(struct voice *v, uint32_t *id, struct err *err);
/* bytes from the system's random source. */
NODISCARD enum err_code voice_random(void *into, size_t bytes, struct err *err);
/* A name that people give: UTF-8, no control characters, none that turn the direction of text, at most
 * VOICE_WORD_BYTES_MAX. */
NODISCARD enum err_code voice_word(struct str word, const char *field, struct err *err);
/* "" or the shape of a language tag; ERR_INPUT "survey.lang". Of what others call a language nothing more is asked. */
NODISCARD enum err_code voice_lang(struct str lang, struct err *err);
/* "" or a path of names with "/" between them; ERR_INPUT "survey.unit". */
NODISCARD enum err_code voice_unit(struct str unit, struct err *err);
/* After every write of a survey, its state or a link, before anybody is told of it. */
static inline void voice_changed(struct voice *v)
{
	atomic_fetch_add(&v->changes, 1);
}
NODISCARD enum err_code no_survey(struct err *err, struct str key, int version);
/* One of VOICE_LETTERS letters and digits that are not mistaken for one another, in the order of their bytes. */
#define VOICE_LETTERS 31
char voice_letter(unsigned char byte);
/* n random letters and digits that are not mistaken for one another, and a NUL. */
NODISCARD enum err_code voice_letters(char *out, size_t n, struct err *err);

/* seal.c: false for a key of more than 64 bytes, or a text of more than SEAL_TEXT_BYTES_MAX. */
#define SEAL_TEXT_BYTES_MAX 1024
NODISCARD bool voice_hmac(struct str key, struct str text, unsigned char out[32]);

/* --- ways.c, going on -------------------------------------------------------------------------- */

/* ERR_NOT_FOUND "survey.way"; "survey.gone" for a token of ours whose customer or survey is not there any more. */
NODISCARD enum err_code way_find(struct voice *v, const struct voice_start *start, struct arena *a, struct way *out,
                                 struct err *err);

/* ERR_NOT_FOUND "survey.gone". */
NODISCARD enum err_code voice_gone(struct err *err);

/* Whether what answers say is masked, by the switch of the source of surveys. */
NODISCARD enum err_code voice_source_masks(struct voice *v, bool *out, struct err *err);
/* masking.c: the words of what was checked, in a. */
NODISCARD enum err_code voice_mask(const struct form *form, struct form_checked *c, struct arena *a, struct err *err);

/* --- veiled.c: which employees' responses may be shown ------------------------------------------------------- */

/* Their ids, ascending, of a unit and those below it ("" all) in [from_ms, to_ms); none when they would be too few. */
NODISCARD enum err_code voice_veiled(struct voice *v, int64_t survey, struct str unit, int64_t from_ms, int64_t to_ms,
                                     struct arena *a, int64_t **ids, size_t *n_ids, struct err *err);
bool voice_veiled_has(const int64_t *ids, size_t n, int64_t id);

#endif
