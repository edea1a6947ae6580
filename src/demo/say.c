/* What people write: a phrase of their dialect with its choices made. */
#include "demo/priv.h"

const char *const voice_langs[VOICES] = { "ar", "ar", "fa", "en", "ar-Latn", "fa-Latn" };

static void index_table(struct sayings *s, const struct phrase *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct phrase *p = &table[i];
		uint8_t *k = &s->n[p->topic][p->voice];
		if (*k < COUNT_OF(s->of[0][0])) s->of[p->topic][p->voice][(*k)++] = p;
	}
}

void say_index(struct sayings *s)
{
	memset(s, 0, sizeof *s);
	index_table(s, phrases_delivery, phrases_delivery_n);
	index_table(s, phrases_parcel, phrases_parcel_n);
	index_table(s, phrases_policy, phrases_policy_n);
	index_table(s, phrases_service, phrases_service_n);
}

/* One of the choices of "a|b|c", which ends at the bracket. */
static const char *choose(const char *from, struct rng *r, struct buf *out)
{
	const char *end = strchr(from, ']');
	size_t n = 1;
	for (const char *p = from; p < end; p++) n += *p == '|';
	for (size_t skip = rng_below(r, n); skip > 0; skip--) from = strchr(from, '|') + 1;
	const char *stop = from;
	while (*stop != '|' && *stop != ']') stop++;
	buf_put(out, from, (size_t)(stop - from));
	return end + 1;
}

void say(const struct sayings *s, enum topic t, enum voice v, struct rng *r, struct buf *out, enum voice *said)
{
	static const enum voice letters[VOICES] = {
		VOICE_GULF, VOICE_EGYPT, VOICE_FA, VOICE_EN, VOICE_EGYPT, VOICE_FA
	};
	if (s->n[t][v] == 0) v = letters[v];
	*said = v;
	const char *p = s->of[t][v][rng_below(r, s->n[t][v])]->text;
	while (*p) {
		if (*p == '[') {
			p = choose(p + 1, r, out);
			continue;
		}
		const size_t run = strcspn(p, "[");
		buf_put(out, p, run);
		p += run;
	}
}
