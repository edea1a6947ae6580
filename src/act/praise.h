/*
 * Praise that reaches the person it is for: a list of colleagues with the
 * ways in which customers write their names, and the glad comments that name
 * one of them. docs/praise.md.
 *
 * Included by act.h. Comments are looked at once, behind a mark of their own.
 */
#ifndef ACT_PRAISE_H
#define ACT_PRAISE_H

#define ACT_COLLEAGUES_MAX 2000
#define ACT_SPELLINGS_MAX 20 /* of one, beside the name */
#define ACT_NAME_BYTES_MAX 200
#define ACT_PRAISED_MIN 5 /* fewer are counted for the colleague and administrators alone */

struct act_colleague {
	int64_t id;
	struct str name; /* as it is shown */
	struct str spellings[ACT_SPELLINGS_MAX];
	size_t n_spellings;
	struct str unit; /* meant in comments of this unit and those below it; "" everywhere */
	struct str login, mail, lang;
	/* of stored ones */
	uint64_t from_arrival; /* comments before were not looked at for this one */
	int64_t changed_ms;
	struct str author;
};
/* By name. */
NODISCARD enum err_code act_colleagues(struct act *a, struct arena *m, struct act_colleague **out, size_t *n,
                                       struct err *err);
/*
 * id 0 makes one, and sets it. ERR_INPUT "colleague.name", "colleague.mail",
 * "colleague.lang" with the field; ERR_LIMIT "colleague.size",
 * "colleague.many"; ERR_NOT_FOUND "colleague.unknown".
 */
NODISCARD enum err_code act_colleague_save(struct act *a, struct act_colleague *k, struct err *err);
/* With what was said about the person. */
NODISCARD enum err_code act_colleague_delete(struct act *a, int64_t id, struct err *err);

struct act_praise {
	uint64_t arrival;
	int64_t colleague, at_ms;
	struct str name, words, unit, comment;
	bool held; /* the words fit others too: which one is meant? */
};
/* Who is thanked in a comment; without its words. */
NODISCARD enum err_code act_praise_of(struct act *a, uint64_t arrival, struct arena *m, struct act_praise **out,
                                      size_t *n, struct err *err);

struct act_praise_filter {
	struct str login;  /* {NULL,0} any */
	int64_t colleague; /* 0 any */
	struct str unit;   /* of the comment, and those below; "" all */
	int64_t at_ms;     /* behind this time, ... */
	uint64_t arrival;  /* ... this one of it ... */
	int64_t behind;    /* ... and this colleague; INT64_MAX all three: from the newest */
};
/* What was said last first, at most `max`. */
NODISCARD enum err_code act_praise_list(struct act *a, const struct act_praise_filter *f, size_t max, struct arena *m,
                                        struct act_praise **out, size_t *n, struct err *err);

struct act_praised {
	int64_t colleague, n;
	struct str name, unit, login;
};
/* Of [from, to) in a unit and below, "" all; most first. What is held counts for nobody. */
NODISCARD enum err_code act_praise_counts(struct act *a, struct str unit, int64_t from_ms, int64_t to_ms,
                                          struct arena *m, struct act_praised **out, size_t *n, struct err *err);

/*
 * Says which one is meant where a name fits several: that colleague is told,
 * the others were not meant by those words. colleague 0: none of them is.
 * ERR_NOT_FOUND "praise.unknown" when nothing is held for that colleague.
 */
NODISCARD enum err_code act_praise_settle(struct act *a, uint64_t arrival, int64_t colleague, struct err *err);
/* Looks at one comment again, after people said how it feels: praise that was none goes, what was missed is found. */
NODISCARD enum err_code act_praise_again(struct act *a, uint64_t arrival, struct err *err);

#endif
