/* What the readers of live protocols share. Each makes drafts; the gate does the rest. */
#ifndef WIRE_LIVE_H
#define WIRE_LIVE_H

#include "wire/priv.h"

/* A member that a reader knows. `keep`: it is read, and stays among the rest as well. */
struct live_member {
	struct str name;
	bool keep;
};

/*
 * Takes a JSON object apart: the known members (NULL absent or null; of one
 * name the last), and the rest as an object's inside, without braces.
 * ERR_INPUT when it is no object. `order` (NULL: none) is of the objects of
 * one batch, which mostly have the same members in the same order.
 */
NODISCARD enum err_code live_members(const struct json_node *object, const struct live_member *known, size_t n,
                                     struct live_order *order, struct arena *a, const struct json_node **members,
                                     struct str *rest, struct err *why);
/* The same of a text, and the values as they were written: "" absent or null. */
NODISCARD enum err_code live_take(struct str object, const struct live_member *known, size_t n, struct arena *a,
                                  struct str *slices, struct str *rest, struct err *why);

/* A value as text: a string decoded and trimmed, a whole number in its digits; "" for anything else. */
struct str live_text(struct str slice, struct arena *a);
/* The value when it is an object, else "". */
struct str live_object(struct str slice);
struct str live_inside(struct str object); /* members without braces */
/* {x..., y...} of two insides; "" of two empty ones. Of one name the later stands when it is made canonical. */
NODISCARD struct str live_join(struct arena *a, struct str x, struct str y);
/* Text in ISO 8601, or a number of milliseconds since 1970. */
NODISCARD bool live_moment(struct str slice, struct arena *a, int64_t *out_ms);
NODISCARD bool live_node_moment(const struct json_node *node, struct arena *a, int64_t *out_ms);
/* "https://shop.test/products?x=1" gives "/products"; "" when it is no address. */
struct str live_url_path(struct str url);
/* Members `url`, `path`, `referrer` and `title` of context.page, those that say something. */
void live_page(struct json_out *o, struct str url, struct str referrer, struct str title);
/* `a=b&c=d`, with or without "?" in front, decoded. False when a code is broken or there are more than 512. */
NODISCARD bool live_form(struct str text, struct arena *a, struct str_pair **out, size_t *n);

/*
 * When it happened: `said_ms`, less what the sender's clock is wrong by. sent_ms is what that clock showed when it
 * sent, NULL when it did not say: then it is believed. Ids of the draft are set before.
 */
void live_time(const struct wire_live *in, int64_t said_ms, const int64_t *sent_ms, struct str device, struct draft *d);

/* Calls `item` with each element of a JSON list and its place. ERR_INPUT when the text is no list. */
typedef enum err_code (*live_item)(void *ctx, struct str value, int64_t index, struct err *err);
NODISCARD enum err_code live_each(struct str list, live_item item, void *ctx, struct err *err);

/* Passes a draft to the gate, or refuses it with what its reader said. */
NODISCARD enum err_code live_put(struct gate *g, const struct draft *d, enum err_code said, const struct err *why,
                                 struct err *err);

/* Refuses with a member's name and what to do. */
enum err_code live_bad(struct err *why, const char *pointer, const char *member, const char *what, const char *hint);

#endif
