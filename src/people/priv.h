/* Shared by the files of people/. */
#ifndef PEOPLE_PRIV_H
#define PEOPLE_PRIV_H

#include "people/people.h"

/* At most `max` bytes of it and whole characters, for messages. */
static inline struct str rule_shown(struct str s, size_t max)
{
	s = str_cut(s, 0, max);
	s.len = utf8_valid(s.ptr, s.len);
	return s;
}

/* Words that mean something where a name could stand: as names they are written in quotes. */
bool rule_reserved(struct str word);
/* Of the words that go with numbers and scores, by their enums in journey/segment.h. */
extern const char *const rule_compare_words[]; /* "at least" … */
extern const char *const rule_of_words[];      /* "mean", "last", "any" */

/* The same rule without what was only borrowed. */
struct people {
	struct store *st;
};

#endif
