/*
 * The way of events into the log. On the caller's thread: limits, hashes, how
 * many equal ones. On the writer's: which are new (append_prepare, outside
 * the transaction), then the rows (commit.c, inside it).
 */
#include "store/priv.h"

enum { KINDS_OF_SOURCE_MAX = 4096, KINDS_MAX = 60000 };

/* Scopes of the keyed hash, so that an id, a made-up id and a fingerprint never meet. */
static uint64_t scope_of(uint32_t source, uint64_t what)
{
	return what << 32 | source;
}
enum { SCOPE_ID, SCOPE_NO_ID, SCOPE_CONFLICT, SCOPE_REFUSAL, SCOPE_NAME };

/* --- equal events of one import ---------------------------------------------------------- */

struct store_scope {
	struct scope_slot {
		uint64_t key;
		uint32_t n;
	} * slots; /* n 0: free */
	size_t n_slots, n;
};

enum err_code store_scope_new(struct store_scope **out, struct err *err)
{
	struct store_scope *s = calloc(1, sizeof *s);
	if (s) s->slots = calloc(s->n_slots = 1024, sizeof *s->slots);
	if (!s || !s->slots) {
		free(s);
		return err_no_memory(err);
	}
	*out = s;
	return OK;
}

void store_scope_free(struct store_scope *s)
{
	if (!s) return;
	free(s->slots);
	free(s);
}

/* How many of this key there are now, itself included; 0 without memory. */
static uint32_t scope_count(struct store_scope *s, uint64_t key)
{
	if (s->n * 4 >= s->n_slots * 3) {
		size_t n_slots = s->n_slots * 2;
		struct scope_slot *slots = calloc(n_slots, sizeof *slots);
		if (!slots) return 0;
		for (size_t i = 0; i < s->n_slots; i++) {
			if (!s->slots[i].n) continue;
			size_t j = s->slots[i].key & (n_slots - 1);
			while (slots[j].n) j = (j + 1) & (n_slots - 1);
			slots[j] = s->slots[i];
		}
		free(s->slots);
		s->slots = slots;
		s->n_slots = n_slots;
	}
	size_t i = key & (s->n_slots - 1);
	while (s->slots[i].n && s->slots[i].key != key) i = (i + 1) & (s->n_slots - 1);
	if (!s->slots[i].n) s->n++;
	s->slots[i].key = key;
	return ++s->slots[i].n;
}

/* --- on the caller's thread ------------------------------------------------------------------- */

struct hash128 append_anonymous_id(const struct store *st, uint32_t source, bool anonymous, struct str who,
                                   uint64_t content, uint32_t k)
{
	char text[WIRE_ID_BYTES_MAX + 16];
	memcpy(text, &content, 8);
	memcpy(text + 8, &k, 4);
	text[12] = anonymous;
	size_t len = who.len < WIRE_ID_BYTES_MAX ? who.len : WIRE_ID_BYTES_MAX;
	if (len) memcpy(text + 13, who.ptr, len);
	return hash_keyed(&st->key, scope_of(source, SCOPE_NO_ID), (struct str){ text, len + 13 });
}

struct hash128 append_name_key(const struct store *st, struct str name)
{
	return hash_keyed(&st->key, scope_of(0, SCOPE_NAME), name);
}

static enum err_code check_event(const struct wire_event *e, struct err *err)
{
	static const char *const who = "an id is longer than it may be";
	if (e->customer.len > WIRE_ID_BYTES_MAX)
		return err_limit(err, "event.id", "customer", (int64_t)e->customer.len, WIRE_ID_BYTES_MAX, "%s", who);
	if (e->anonymous.len > WIRE_ID_BYTES_MAX)
		return err_limit(err, "event.id", "anonymous", (int64_t)e->anonymous.len, WIRE_ID_BYTES_MAX, "%s", who);
	if (e->previous.len > WIRE_ID_BYTES_MAX)
		return err_limit(err, "event.id", "previous", (int64_t)e->previous.len, WIRE_ID_BYTES_MAX, "%s", who);
	if (e->id.len > WIRE_ID_BYTES_MAX)
		return err_limit(err, "event.id", "id", (int64_t)e->id.len, WIRE_ID_BYTES_MAX, "%s", who);
	if (e->name.len > WIRE_NAME_BYTES_MAX || e->channel.len > WIRE_NAME_BYTES_MAX)
		return err_limit(err, "event.name", e->name.len > WIRE_NAME_BYTES_MAX ? "name" : "channel",
		                 (int64_t)(e->name.len > WIRE_NAME_BYTES_MAX ? e->name.len : e->channel.len),
		                 WIRE_NAME_BYTES_MAX, "a name is longer than it may be");
	if (e->body.len > BODY_BYTES_MAX)
		return err_limit(err, "event.body", "body", (int64_t)e->body.len, BODY_BYTES_MAX,
		                 "an event is larger than it may be");
	if (!e->customer.len && !e->anonymous.len)
		return err_set(err, ERR_INPUT, "event.customer", "customer",
		               "an event needs a customer or an anonymous id");
	return OK;
}

/* Keys and k's of all items, fingerprints of refusals. `scope` may be made on the way when the caller has none. */
static enum err_code append_hash(struct store *st, struct append *a, struct store_scope *given, struct err *err)
{
	struct store_scope *scope = given, *own = NULL;
	enum err_code rc = OK;
	for (size_t i = 0; i < a->n && rc == OK; i++) {
		const struct wire_event *e = a->items[i].event;
		const struct wire_refusal *r = a->items[i].refusal;
		if (e && (rc = check_event(e, err)) != OK) break;
		bool counted = (e && !e->id.len) || (!e && r && r->set_aside);
		if (counted && !scope) {
			rc = store_scope_new(&own, err);
			if (rc != OK) break;
			scope = own;
		}
		struct block_event *b = &a->events[i];
		if (e) {
			bool anonymous = e->customer.len == 0;
			struct str who = anonymous ? e->anonymous : e->customer;
			if (e->id.len) {
				b->id = hash_keyed(&st->key, scope_of(a->source, SCOPE_ID), e->id);
				b->k = 0;
			} else {
				b->k = scope_count(scope, hash64_mix(hash64_seed(who, anonymous), e->content));
				if (b->k == 0) rc = err_no_memory(err);
				else b->id = append_anonymous_id(st, a->source, anonymous, who, e->content, b->k);
			}
			b->content = e->content;
			b->head.at_ms = e->at_ms;
			b->head.received_ms = a->received_ms;
			b->head.source = a->source;
		} else if (counted) {
			uint64_t key = hash64_seed(r->raw, hash64(str_of(r->reason)));
			struct {
				uint64_t key, raw, k;
			} text = { key, hash64_seed(r->raw, 1), 0 };
			uint32_t k = scope_count(scope, key);
			if (k == 0) rc = err_no_memory(err);
			text.k = k;
			a->fingerprints[i] = hash_keyed(&st->key, scope_of(a->source, SCOPE_REFUSAL),
			                                (struct str){ (const char *)&text, sizeof text });
		}
	}
	store_scope_free(own);
	return rc;
}

struct hash128 append_fingerprint(const struct store *st, const struct append *a, size_t i)
{
	if (!a->items[i].event) return a->fingerprints[i];
	struct {
		struct hash128 id;
		uint64_t content;
	} twice = { a->events[i].id, a->events[i].content };
	return hash_keyed(&st->key, scope_of(a->source, SCOPE_CONFLICT),
	                  (struct str){ (const char *)&twice, sizeof twice });
}

static void append_done(struct append *a)
{
	free(a->events);
	free(a->fingerprints);
	free(a->undo);
}

static enum err_code append_begin(struct store *st, const struct store_job *j, struct store_scope *scope,
                                  struct append *a, struct err *err)
{
	const size_t n = j->n;
	if (n > STORE_APPEND_MAX)
		return err_limit(err, "store.append", "", (int64_t)n, STORE_APPEND_MAX, "%zu events in one call", n);
	*a = (struct append){ .source = j->source, .received_ms = j->received_ms, .items = j->items, .n = n };
	a->events = calloc(n, sizeof *a->events);
	a->fingerprints = calloc(n, sizeof *a->fingerprints);
	a->undo = calloc(n, sizeof *a->undo);
	if (!a->events || !a->fingerprints || !a->undo) return err_no_memory(err);
	return append_hash(st, a, scope, err);
}

/* One job with its request; j->n is 0 for records alone. */
struct writing {
	struct append append;
	struct request request;
};

static void writing_begin(struct store *st, struct store_job *j, struct store_scope *scope, struct writing *w)
{
	*w = (struct writing){ .request = { .fn = j->fn, .ctx = j->ctx } };
	j->rc = j->n ? append_begin(st, j, scope, &w->append, &j->err) : OK;
	if (j->n) w->request.append = &w->append;
}

static void writing_end(struct store_job *j, struct writing *w)
{
	if (j->rc == OK && w->request.rc != OK) {
		j->rc = w->request.rc;
		j->err = w->request.err;
	}
	append_done(&w->append);
}

static enum err_code append_one(struct store *st, struct store_job *j, struct store_scope *scope, struct err *err)
{
	struct writing w;
	writing_begin(st, j, scope, &w);
	if (j->rc == OK) writer_submit_all(st, &w.request, 1);
	writing_end(j, &w);
	if (j->rc != OK && err) *err = j->err;
	return j->rc;
}

void store_append_jobs(struct store *st, struct store_job *const *jobs, size_t n)
{
	struct writing *all = calloc(n ? n : 1, sizeof *all);
	struct request *first = NULL, **last = &first;
	int n_submitted = 0;
	for (size_t i = 0; i < n; i++) {
		if (!all) {
			jobs[i]->rc = err_no_memory(&jobs[i]->err);
			continue;
		}
		writing_begin(st, jobs[i], NULL, &all[i]);
		if (jobs[i]->rc != OK) continue;
		*last = &all[i].request;
		last = &all[i].request.next;
		n_submitted++;
	}
	writer_submit_all(st, first, n_submitted);
	for (size_t i = 0; all && i < n; i++) writing_end(jobs[i], &all[i]);
	free(all);
}

enum err_code store_append(struct store *st, uint32_t source, int64_t received_ms, struct store_item *items, size_t n,
                           struct store_scope *scope, struct err *err)
{
	struct store_job j = { .source = source, .received_ms = received_ms, .items = items, .n = n };
	return n ? append_one(st, &j, scope, err) : OK;
}

enum err_code store_append_with(struct store *st, uint32_t source, int64_t received_ms, struct store_item *items,
                                size_t n, store_write_fn fn, void *ctx, struct err *err)
{
	struct store_job j = {
		.source = source, .received_ms = received_ms, .items = items, .n = n, .fn = fn, .ctx = ctx
	};
	return append_one(st, &j, NULL, err);
}

static struct str who_of(const struct wire_event *e)
{
	return e->customer.len ? e->customer : e->anonymous;
}

enum err_code store_probe(struct store *st, uint32_t source, struct store_item *items, size_t n,
                          struct store_scope *scope, struct err *err)
{
	struct append a = { .source = source, .items = items, .n = n };
	a.events = calloc(n + 1, sizeof *a.events);
	a.fingerprints = calloc(n + 1, sizeof *a.fingerprints);
	enum err_code rc = a.events && a.fingerprints ? append_hash(st, &a, scope, err) : err_no_memory(err);
	pthread_mutex_lock(&st->ids_lock);
	for (size_t i = 0; rc == OK && i < n; i++) {
		struct id_entry known;
		if (!items[i].event) {
			items[i].verdict =
			        items[i].refusal && items[i].refusal->set_aside ? STORE_SET_ASIDE : STORE_REFUSED;
		} else if (ledger_refuses(st, who_of(items[i].event), items[i].event->at_ms)) {
			items[i].verdict = STORE_REFUSED;
		} else if (ids_find(st->ids, a.events[i].id, &known)) {
			items[i].verdict = known.content == items[i].event->content ? STORE_DUPLICATE : STORE_CONFLICT;
			items[i].arrival = known.arrival;
		} else {
			/* Events without an id differ by their k already; an id that comes again is known by its key.
			 */
			uint32_t times = items[i].event->id.len
			                         ? scope_count(scope, hash64_mix(a.events[i].id.hi, a.events[i].id.lo))
			                         : 1;
			uint32_t same =
			        items[i].event->id.len
			                ? scope_count(scope, hash64_mix(a.events[i].id.lo, items[i].event->content))
			                : 1;
			if (times == 0 || same == 0) rc = err_no_memory(err);
			items[i].verdict = times == 1 ? STORE_STORED : same > 1 ? STORE_DUPLICATE : STORE_CONFLICT;
		}
	}
	pthread_mutex_unlock(&st->ids_lock);
	append_done(&a);
	return rc;
}

/* --- on the writer's thread, before the transaction --------------------------------------------- */

static bool grow_kinds_of(struct store *st, uint32_t source)
{
	if (source < st->n_kinds_of) return true;
	size_t n = (size_t)source + 64;
	uint32_t *more = realloc(st->kinds_of, n * sizeof *more);
	if (!more) return false;
	memset(more + st->n_kinds_of, 0, (n - st->n_kinds_of) * sizeof *more);
	st->kinds_of = more;
	st->n_kinds_of = n;
	return true;
}

enum err_code append_load_kind(struct store *st, const struct intern_word *w, uint32_t source, uint32_t *kind,
                               struct err *err)
{
	if (!grow_kinds_of(st, source)) return err_no_memory(err);
	uint32_t at = intern_pending(st->kinds);
	if (at >= st->cap_kind_source) {
		size_t cap = st->cap_kind_source ? st->cap_kind_source * 2 : 1024;
		uint32_t *more = realloc(st->kind_source, cap * sizeof *more);
		if (!more) return err_no_memory(err);
		st->kind_source = more;
		st->cap_kind_source = cap;
	}
	TRY(intern_add(st->kinds, w, kind, err));
	st->kind_source[*kind] = source;
	st->kinds_of[source]++;
	return OK;
}

/* "(other names of SOURCE)": where names go that a source has too many of. */
static enum err_code other_kind(struct store *st, uint32_t source, uint32_t *kind, struct err *err)
{
	char name[300];
	struct stmt *s = NULL;
	bool row = false;
	TRY(conn_prepare(st->writer, "store_source_name", &s, err));
	stmt_bind_i64(s, 1, source);
	enum err_code rc = stmt_step(s, &row, err);
	struct str of = rc == OK && row ? stmt_str(s, 0) : (struct str){ 0 };
	if (of.len) snprintf(name, sizeof name, "(other names of %.*s)", (int)(of.len > 200 ? 200 : of.len), of.ptr);
	else snprintf(name, sizeof name, "(other names of source %u)", source);
	stmt_free(s);
	TRY(rc);
	name[utf8_valid(name, strlen(name))] = 0; /* the cut above may have split a letter */
	struct intern_word w = { WIRE_TRACK, str_of(name), { "", 0 } };
	*kind = intern_seek(st->kinds, &w);
	return *kind ? OK : append_load_kind(st, &w, source, kind, err);
}

/* overflow: the name is not that of the kind, and must stay in the body to be read again later. */
static enum err_code kind_of(struct store *st, const struct wire_event *e, uint32_t source, uint32_t *kind,
                             bool *overflow, struct err *err)
{
	struct intern_word w = { (uint8_t)e->type, e->name, e->channel };
	*overflow = false;
	*kind = intern_seek(st->kinds, &w);
	if (*kind) return OK;
	uint32_t of_source = source < st->n_kinds_of ? st->kinds_of[source] : 0;
	if (of_source < KINDS_OF_SOURCE_MAX && intern_pending(st->kinds) <= KINDS_MAX)
		return append_load_kind(st, &w, source, kind, err);
	*overflow = true;
	return other_kind(st, source, kind, err);
}

static enum err_code identity_of(struct store *st, bool anonymous, struct str external, uint32_t *id, struct err *err)
{
	struct intern_word w = { anonymous, external, { "", 0 } };
	*id = intern_seek(st->identities, &w);
	return *id ? OK : intern_add(st->identities, &w, id, err);
}

enum err_code append_take_arrival(struct store *st, uint64_t *arrival, struct err *err)
{
	if (st->next_arrival > STORE_ARRIVAL_MAX)
		return err_limit(err, "store.arrivals", "", (int64_t)st->next_arrival, (int64_t)STORE_ARRIVAL_MAX,
		                 "the log is full");
	*arrival = st->next_arrival++;
	return OK;
}

enum err_code append_know_edge(struct store *st, uint32_t a, uint32_t b, uint64_t arrival, struct err *err)
{
	if (a == b) return OK;
	if (st->n_new_edges == st->cap_new_edges) {
		size_t cap = st->cap_new_edges ? st->cap_new_edges * 2 : 256;
		struct new_edge *more = realloc(st->new_edges, cap * sizeof *more);
		if (!more) return err_no_memory(err);
		st->new_edges = more;
		st->cap_new_edges = cap;
	}
	bool added;
	TRY(edge_set_add(st->edges, a, b, &added, err));
	if (added) st->new_edges[st->n_new_edges++] = (struct new_edge){ arrival, a, b };
	return OK;
}

static enum err_code learn_edges(struct store *st, const struct wire_event *e, uint32_t identity, uint64_t arrival,
                                 struct err *err)
{
	uint32_t other;
	if (e->customer.len && e->anonymous.len) {
		TRY(identity_of(st, true, e->anonymous, &other, err));
		TRY(append_know_edge(st, other, identity, arrival, err));
	}
	/* An alias does not say whether the previous id was a customer's or a device's. Whichever it was, it is this
	 * person. */
	for (int anonymous = 0; e->previous.len && anonymous < 2; anonymous++) {
		TRY(identity_of(st, anonymous, e->previous, &other, err));
		TRY(append_know_edge(st, other, identity, arrival, err));
	}
	return OK;
}

/* The body with the name and channel in front that its kind does not have. */
static enum err_code body_with_name(const struct wire_event *e, struct buf *out, struct err *err)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_str(&o, "_channel", e->channel);
	json_kv_str(&o, "_name", e->name);
	json_kv_i64(&o, "_type", e->type);
	if (e->body.len > 2) {
		buf_byte(out, ',');
		buf_put(out, e->body.ptr + 1, e->body.len - 1);
	} else {
		json_close(&o, '}');
	}
	return out->full ? err_no_memory(err) : OK;
}

enum err_code append_seal(struct store *st, struct err *err)
{
	if (st->builder.n == 0) return OK;
	if (st->n_blocks == st->cap_blocks) {
		size_t cap = st->cap_blocks + 4;
		struct encoded *more = realloc(st->blocks, cap * sizeof *more);
		if (!more) return err_no_memory(err);
		st->blocks = more;
		for (size_t i = st->cap_blocks; i < cap; i++) {
			buf_init(&st->blocks[i].head, 8 * MIB);
			buf_init(&st->blocks[i].body, 32 * MIB);
		}
		st->cap_blocks = cap;
	}
	struct encoded *to = &st->blocks[st->n_blocks];
	to->frame = (struct block_frame){ .first_arrival = st->builder.events[0].head.arrival,
		                          .arrival_end = st->next_arrival };
	/* Level 1 here: the merger packs tighter when there is time. Full blocks are never merged, so they get it now.
	 */
	TRY(block_encode(&st->builder, st->builder.n >= BLOCK_EVENTS_MAX / 2 ? 3 : 1, &to->frame, &to->head, &to->body,
	                 err));
	st->n_blocks++;
	block_builder_clear(&st->builder);
	return OK;
}

static enum err_code store_new(struct store *st, struct append *a, size_t i, struct err *err)
{
	const struct wire_event *e = a->items[i].event;
	struct block_event *b = &a->events[i];
	bool overflow;
	if (block_full(&st->builder)) TRY(append_seal(st, err));
	TRY(append_take_arrival(st, &b->head.arrival, err));
	TRY(kind_of(st, e, a->source, &b->head.kind, &overflow, err));
	TRY(identity_of(st, e->customer.len == 0, e->customer.len ? e->customer : e->anonymous, &b->head.identity,
	                err));
	TRY(learn_edges(st, e, b->head.identity, b->head.arrival, err));
	enum err_code rc = OK;
	if (overflow) {
		struct buf body;
		buf_init(&body, BODY_BYTES_MAX + 16 * KIB);
		rc = body_with_name(e, &body, err);
		if (rc == OK) rc = block_add(&st->builder, b, buf_view(&body), err);
		buf_done(&body);
	} else {
		rc = block_add(&st->builder, b, e->body, err);
	}
	TRY(rc);
	TRY(ids_add(st->ids, &(struct id_entry){ b->id, b->content, b->head.arrival }, err));
	a->undo[a->n_undo++].key = b->id;
	return OK;
}

/*
 * Other threads made the events, and the tables are larger than the cache: nearly all that the writer touches would
 * have to be waited for. So each event is asked for in steps, by its distance from the one at hand.
 */
enum {
	AHEAD_EVENT = 20,
	AHEAD_TEXT = 13,
	AHEAD_SLOT = 8,
	AHEAD_WORD = 4,
	AHEAD_KEPT = 16,
	LINE_BYTES = 64,
	BODY_LINES = 6
};

struct ahead {
	uint32_t hash[AHEAD_KEPT]; /* of who they are, by the event's place modulo AHEAD_KEPT */
};

static const struct wire_event *event_at(const struct append *a, size_t i)
{
	return i < a->n ? a->items[i].event : NULL;
}

static void lines_prefetch(const char *p, size_t n_lines)
{
	for (size_t k = 0; k < n_lines; k++) __builtin_prefetch(p + k * LINE_BYTES);
}

static void look_ahead(struct store *st, const struct append *a, size_t i, struct ahead *ahead)
{
	const struct wire_event *e;
	if ((e = event_at(a, i + AHEAD_EVENT))) lines_prefetch((const char *)e, sizeof *e / LINE_BYTES + 1);
	if ((e = event_at(a, i + AHEAD_TEXT))) {
		const size_t n = e->body.len / LINE_BYTES + 1;
		__builtin_prefetch(who_of(e).ptr);
		lines_prefetch(e->body.ptr, n < BODY_LINES ? n : BODY_LINES);
	}
	if ((e = event_at(a, i + AHEAD_SLOT))) {
		const struct intern_word who = { e->customer.len == 0, who_of(e), { "", 0 } };
		const uint32_t hash = intern_hash(&who);
		ahead->hash[(i + AHEAD_SLOT) % AHEAD_KEPT] = hash;
		intern_prefetch_slot(st->identities, hash);
		ids_prefetch_runs(st->ids, a->events[i + AHEAD_SLOT].id);
	}
	if (i + AHEAD_WORD >= AHEAD_SLOT && event_at(a, i + AHEAD_WORD))
		intern_prefetch_word(st->identities, ahead->hash[(i + AHEAD_WORD) % AHEAD_KEPT]);
}

enum err_code append_prepare(struct store *st, struct append *a, struct err *err)
{
	struct ahead ahead;
	for (size_t i = 0; i < a->n; i++) {
		struct store_item *item = &a->items[i];
		look_ahead(st, a, i, &ahead);
		struct id_entry known;
		if (!item->event || ledger_refuses(st, who_of(item->event), item->event->at_ms)) {
			item->verdict = item->refusal && item->refusal->set_aside ? STORE_SET_ASIDE : STORE_REFUSED;
		} else if (ids_find(st->ids, a->events[i].id, &known)) {
			item->verdict = known.content == a->events[i].content ? STORE_DUPLICATE : STORE_CONFLICT;
			item->arrival = known.arrival;
		} else {
			TRY(store_new(st, a, i, err));
			item->verdict = STORE_STORED;
			item->arrival = a->events[i].head.arrival;
		}
	}
	return OK;
}

void append_undo(struct store *st, struct append *a)
{
	while (a->n_undo) ids_remove(st->ids, a->undo[--a->n_undo].key);
}
