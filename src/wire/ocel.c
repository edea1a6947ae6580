/*
 * OCEL 2.0 as JSON (ocel-standard.org): events that each touch several
 * objects. One kind of object is taken as the customer, one as the journey:
 *
 *   customer  the type whose name says a person (words below), else the one
 *             that most events touch; ties go to the first that is met
 *   journey   of the other types the one that most events touch
 *
 * An event that touches several customers is an event of each, under its id
 * and theirs. Attributes are properties, other objects too, under the name of
 * their type.
 */
#include "base/checked.h"
#include "wire/priv.h"

#define FILE_BYTES_MAX (256 * MIB)
#define TREE_BYTES_MAX (1536 * MIB)
enum { TYPES_MAX = 500, PROGRESS_EVERY = 512 };

struct object {
	struct str id;
	size_t type;
};
struct type {
	struct str name;
	int64_t n;    /* events that touch one */
	int64_t last; /* the event counted last, + 1 */
};
struct ocel {
	struct gate *gate;
	struct arena *a, *scratch;
	const struct json_node *root;
	struct type types[TYPES_MAX];
	size_t n_types, customer, journey; /* TYPES_MAX: none */
	struct object *objects;            /* open addressing by id */
	size_t n_slots;
	struct buf properties;
};

static struct str text_of(struct ocel *x, const struct json_node *node, const char *key)
{
	struct str s = STR("");
	const struct json_node *m = json_member(node, str_of(key));
	return m && json_node_text(m, x->a, &s) ? s : STR("");
}

static enum err_code malformed(struct err *err, const char *what)
{
	err_set(err, ERR_INPUT, "file.format", "", "this is no OCEL 2.0 log: %s", what);
	err_hint(err, "Export it as OCEL 2.0 JSON, with \"objects\" and \"events\".");
	return ERR_INPUT;
}

/* --- objects and their types ---------------------------------------------------------------------- */

static size_t type_of(struct ocel *x, struct str name)
{
	size_t i = 0;
	while (i < x->n_types && !str_eq(x->types[i].name, name)) i++;
	if (i == x->n_types && i < TYPES_MAX) x->types[x->n_types++] = (struct type){ .name = name };
	return i;
}

static struct object *find(struct ocel *x, struct str id)
{
	size_t i = hash64(id) & (x->n_slots - 1);
	while (x->objects[i].id.ptr && !str_eq(x->objects[i].id, id)) i = (i + 1) & (x->n_slots - 1);
	return &x->objects[i];
}

static enum err_code read_objects(struct ocel *x, struct err *err)
{
	const struct json_node *list = json_member(x->root, STR("objects"));
	if (!list || list->type != JT_ARRAY) return malformed(err, "it has no list of objects");
	for (x->n_slots = 16; x->n_slots < (size_t)list->n * 2 + 2;) x->n_slots *= 2;
	x->objects = ARENA_ARRAY(x->a, struct object, x->n_slots);
	if (!x->objects) return err_no_memory(err);
	for (const struct json_node *o = list->first; o; o = o->next) {
		const struct str id = text_of(x, o, "id");
		if (!id.len) continue;
		const size_t type = type_of(x, text_of(x, o, "type"));
		if (type == TYPES_MAX)
			return err_limit(err, "size", "objectTypes", TYPES_MAX + 1, TYPES_MAX,
			                 "at most %d types of objects are read", TYPES_MAX);
		*find(x, id) = (struct object){ id, type };
	}
	return OK;
}

static bool says_person(struct str name)
{
	static const char *const words[] = {
		"customer", "client",  "user", "patient", "citizen", "applicant", "person",
		"guest",    "student", "عميل", "زبون",    "مراجع",   "مشتری",     "بیمار"
	};
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		const struct str w = str_of(words[i]);
		for (size_t k = 0; k + w.len <= name.len; k++)
			if (str_eq_ascii_nocase(str_cut(name, k, k + w.len), w)) return true;
	}
	return false;
}

static void choose_types(struct ocel *x, const struct json_node *events)
{
	int64_t number = 0;
	for (const struct json_node *e = events->first; e; e = e->next) {
		const struct json_node *list = json_member(e, STR("relationships"));
		number++;
		for (const struct json_node *r = list ? list->first : NULL; r; r = r->next) {
			const struct object *o = find(x, text_of(x, r, "objectId"));
			if (!o->id.ptr || x->types[o->type].last == number) continue;
			x->types[o->type].last = number;
			x->types[o->type].n++;
		}
	}
	x->customer = x->journey = TYPES_MAX;
	for (int words = 1; words >= 0 && x->customer == TYPES_MAX; words--)
		for (size_t i = 0; i < x->n_types; i++)
			if (x->types[i].n && (!words || says_person(x->types[i].name)) &&
			    (x->customer == TYPES_MAX || x->types[i].n > x->types[x->customer].n))
				x->customer = i;
	for (size_t i = 0; i < x->n_types; i++)
		if (i != x->customer && x->types[i].n &&
		    (x->journey == TYPES_MAX || x->types[i].n > x->types[x->journey].n))
			x->journey = i;
}

/* --- events -------------------------------------------------------------------------------------------- */

static enum err_code put_properties(struct ocel *x, const struct json_node *event, struct str *journey, struct err *err)
{
	struct json_out o;
	const struct json_node *attributes = json_member(event, STR("attributes")),
	                       *list = json_member(event, STR("relationships"));
	*journey = STR("");
	buf_clear(&x->properties);
	json_out_init(&o, &x->properties);
	json_open(&o, '{');
	for (const struct json_node *a = attributes ? attributes->first : NULL; a; a = a->next) {
		const struct json_node *v = json_member(a, STR("value"));
		const struct str name = text_of(x, a, "name");
		if (!v || !name.len) continue;
		json_key_str(&o, name);
		json_put_raw(&o, v->raw);
	}
	for (const struct json_node *r = list ? list->first : NULL; r; r = r->next) {
		const struct object *k = find(x, text_of(x, r, "objectId"));
		if (!k->id.ptr || k->type == x->customer) continue;
		if (k->type == x->journey && !journey->len) {
			*journey = k->id;
			json_kv_str(&o, "journey", k->id);
		}
		json_key_str(&o, x->types[k->type].name);
		json_put_str(&o, k->id);
	}
	json_close(&o, '}');
	return buf_check(&x->properties, err);
}

static enum err_code refuse(struct ocel *x, const struct json_node *event, int64_t line, const char *id,
                            const char *field, const char *what, struct err *err)
{
	struct err why = { 0 };
	err_set(&why, ERR_INPUT, id, field, "%s", what);
	return gate_refuse(x->gate, line, str_cut(event->raw, 0, WIRE_RAW_BYTES_MAX), &why, err);
}

static enum err_code one_event(struct ocel *x, const struct json_node *event, int64_t line, struct err *err)
{
	struct str journey;
	const struct str id = text_of(x, event, "id");
	const struct json_node *list = json_member(event, STR("relationships"));
	struct draft d = { .type = WIRE_TRACK,
		           .name = text_of(x, event, "type"),
		           .line = line,
		           .raw = str_cut(event->raw, 0, WIRE_RAW_BYTES_MAX),
		           .pointer = "" };
	size_t customers = 0;
	if (!wire_time(text_of(x, event, "time"), false, &d.at_ms))
		return refuse(x, event, line, "time.syntax", "time", "the event has no time that can be read", err);
	d.said_ms = d.at_ms;
	TRY(put_properties(x, event, &journey, err));
	d.properties = buf_view(&x->properties);
	for (int pass = 0; pass < 2; pass++)
		for (const struct json_node *r = list ? list->first : NULL; r; r = r->next) {
			const struct object *o = find(x, text_of(x, r, "objectId"));
			if (!o->id.ptr || o->type != x->customer) continue;
			if (pass == 0) {
				customers++;
				continue;
			}
			d.customer = o->id;
			d.id = customers > 1 && id.len
			               ? str_format(x->a, STR_FMT "/" STR_FMT, STR_ARG(id), STR_ARG(o->id))
			               : id;
			if (!d.id.ptr) return err_no_memory(err);
			TRY(gate_event(x->gate, &d, err));
			arena_reset(x->scratch);
		}
	if (customers) return OK;
	return refuse(x, event, line, "event.customer", "relationships", "the event touches no customer", err);
}

static enum err_code run(struct ocel *x, struct str text, struct err *err)
{
	struct json_node *root;
	TRY(json_tree(text, x->a, &root, err));
	x->root = root;
	const struct json_node *events = json_member(root, STR("events"));
	if (!events || events->type != JT_ARRAY) return malformed(err, "it has no list of events");
	TRY(read_objects(x, err));
	choose_types(x, events);
	int64_t n = 0;
	for (const struct json_node *e = events->first; e; e = e->next) {
		TRY(one_event(x, e, ++n, err));
		if (n % PROGRESS_EVERY == 0) TRY(gate_progress(x->gate, (int64_t)text.len, n, err));
	}
	return gate_progress(x->gate, (int64_t)text.len, n, err);
}

static enum err_code read_all(struct feed *f, struct buf *out, struct err *err)
{
	char piece[64 * 1024];
	int64_t n;
	while ((n = feed_read(f, piece, sizeof piece)) > 0) buf_put(out, piece, (size_t)n);
	if (n < 0) return feed_error(f, err);
	return out->full ? err_limit(err, "size", "", (int64_t)FILE_BYTES_MAX + 1, (int64_t)FILE_BYTES_MAX,
	                             "an OCEL log of more than %d MiB is not read at once", (int)(FILE_BYTES_MAX / MIB))
	                 : OK;
}

enum err_code wire_ocel(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink, struct err *err)
{
	struct arena a, scratch;
	struct gate g;
	struct buf text;
	struct feed *feed = NULL;
	struct ocel *x = calloc(1, sizeof *x);
	if (!x) return err_no_memory(err);
	arena_init(&a, TREE_BYTES_MAX);
	arena_init(&scratch, 64 * MIB);
	gate_init(&g, sink, &scratch, now_ms, WIRE_FILE_AHEAD_MS);
	buf_init(&text, FILE_BYTES_MAX);
	x->gate = &g, x->a = &a, x->scratch = &scratch;
	buf_init(&x->properties, 4 * MIB);
	enum err_code rc = feed_open(in, true, &feed, err);
	if (rc == OK) rc = read_all(feed, &text, err);
	if (rc == OK) rc = run(x, buf_view(&text), err);
	feed_close(feed);
	buf_done(&x->properties);
	buf_done(&text);
	gate_done(&g);
	arena_done(&scratch);
	arena_done(&a);
	free(x);
	return rc;
}
