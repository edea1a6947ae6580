/* The rules as JSON: read exactly, defaults for what is not said, the stricter of two that contradict. */
#include "contact/priv.h"

const char *const stratum_names[STRATA] = { "", "lang", "country", "unit" };

static const char default_rules[] =
        "{\"consent\":{\"email\":\"opt_out\",\"sms\":\"opt_in\",\"whatsapp\":\"opt_in\",\"web\":\"opt_out\"},"
        "\"minors\":false,\"quarantine_days\":90,\"transactional_days\":30,\"recontact_days\":180,\"year_max\":4,"
        "\"complaint\":true,\"complaint_opens\":[\"Complaint\",\"Complaint Opened\",\"Complaint Submitted\"],"
        "\"complaint_closes\":[\"Complaint Closed\",\"Complaint Resolved\"],"
        "\"quiet\":{\"from\":\"09:00\",\"to\":\"20:00\",\"weekends\":false,\"holidays\":false},"
        "\"daily\":{\"email\":0,\"sms\":0,\"whatsapp\":0,\"web\":0},\"sample\":1,\"reminder_days\":3,\"surveys\":{}}";

static enum err_code wrong(struct err *err, const char *member, const char *what)
{
	return err_set(err, ERR_INPUT, "contact.rules", member, "%s %s", member, what);
}

/* --- members of an object -------------------------------------------------------------------------- */

struct members {
	struct json_reader r;
	struct arena *a;
	bool bad;
};

static bool members_begin(struct members *m, struct str object, struct arena *a)
{
	*m = (struct members){ .a = a };
	json_read(&m->r, object);
	return json_next(&m->r) == JT_OBJECT;
}

static bool members_next(struct members *m, struct str *name, struct str *value)
{
	const enum json_token t = json_next(&m->r);
	if (t == JT_OBJECT_END) return false;
	m->bad = t != JT_KEY || !json_text(&m->r, m->a, name) || !json_slice(&m->r, json_next(&m->r), value);
	return !m->bad;
}

static bool text_value(struct str raw, struct arena *a, struct str *out)
{
	struct json_reader r;
	json_read(&r, raw);
	return json_next(&r) == JT_STRING && json_text(&r, a, out);
}

static bool bool_value(struct str raw, bool *out)
{
	if (!str_eq(raw, STR("true")) && !str_eq(raw, STR("false"))) return false;
	*out = raw.len == 4;
	return true;
}

static bool int_value(struct str raw, int64_t min, int64_t max, int64_t *out)
{
	int64_t v;
	if (!str_to_i64(raw, &v) || v < min || v > max) return false;
	*out = v;
	return true;
}

/* "09:30" as minutes of the day; "24:00" is its end. */
static bool clock_value(struct str raw, struct arena *a, int *out)
{
	struct str t;
	int64_t h, m;
	if (!text_value(raw, a, &t) || t.len != 5 || t.ptr[2] != ':') return false;
	if (!str_to_i64(str_cut(t, 0, 2), &h) || !str_to_i64(str_cut(t, 3, 5), &m)) return false;
	if (h < 0 || m < 0 || m > 59 || h * 60 + m > 1440) return false;
	*out = (int)(h * 60 + m);
	return true;
}

/* --- limits: said for all, or for one survey ------------------------------------------------------------ */

static enum err_code read_quota(struct str raw, struct arena *a, struct limits *l, struct err *err)
{
	struct members m;
	struct str name, value, by;
	int64_t v;
	if (!members_begin(&m, raw, a)) return wrong(err, "quota", "is an object");
	l->quota_days = 365;
	while (members_next(&m, &name, &value)) {
		if (str_eq(name, STR("n"))) {
			if (!int_value(value, 0, 100000000, &l->quota)) return wrong(err, "quota.n", "is a count");
		} else if (str_eq(name, STR("days"))) {
			if (!int_value(value, 1, 3650, &v)) return wrong(err, "quota.days", "is 1 to 3650");
			l->quota_days = (int)v;
		} else if (str_eq(name, STR("by"))) {
			size_t i = 1;
			if (!text_value(value, a, &by)) return wrong(err, "quota.by", "is lang, country or unit");
			while (i < STRATA && !str_eq(by, str_of(stratum_names[i]))) i++;
			if (i == STRATA) return wrong(err, "quota.by", "is lang, country or unit");
			l->quota_by = (enum stratum)i;
		} else {
			return wrong(err, "quota", "has a member that is not known");
		}
	}
	return m.bad || l->quota < 0 ? wrong(err, "quota", "needs n") : OK;
}

/* *known false: the member is none of these. */
static enum err_code read_limit(struct str name, struct str value, struct arena *a, struct limits *l, bool *known,
                                struct err *err)
{
	const struct {
		const char *name;
		int *into;
		int64_t max;
	} days[] = {
		{ "quarantine_days", &l->quarantine_days, 3650 },
		{ "recontact_days", &l->recontact_days, 3650 },
		{ "year_max", &l->year_max, 1000 },
		{ "reminder_days", &l->reminder_days, 60 },
	};
	*known = true;
	for (size_t i = 0; i < COUNT_OF(days); i++) {
		int64_t v;
		if (!str_eq(name, str_of(days[i].name))) continue;
		if (!int_value(value, 0, days[i].max, &v))
			return wrong(err, days[i].name, "is a whole number, not below 0");
		*days[i].into = (int)v;
		return OK;
	}
	if (str_eq(name, STR("sample"))) {
		double v;
		if (!str_to_double(value, &v) || v < 0 || v > 1) return wrong(err, "sample", "is a share from 0 to 1");
		l->sample = v;
		return OK;
	}
	*known = false;
	return OK;
}

static const struct limits silent = {
	.quarantine_days = -1, .recontact_days = -1, .year_max = -1, .reminder_days = -1, .sample = -1, .quota = -1
};

static enum err_code read_survey(struct str raw, struct arena *a, struct survey_limits *s, struct err *err)
{
	struct members m;
	struct str name, value;
	bool known;
	s->own = silent;
	if (!members_begin(&m, raw, a)) return wrong(err, "surveys", "has an object for each survey");
	while (members_next(&m, &name, &value)) {
		TRY(read_limit(name, value, a, &s->own, &known, err));
		if (known) continue;
		if (str_eq(name, STR("transactional"))) {
			if (!bool_value(value, &s->own.transactional))
				return wrong(err, "transactional", "is true or false");
		} else if (str_eq(name, STR("wave"))) {
			if (!text_value(value, a, &s->own.wave)) return wrong(err, "wave", "is a text");
		} else if (str_eq(name, STR("quota"))) {
			TRY(read_quota(value, a, &s->own, err));
		} else {
			return wrong(err, "surveys", "has a member that is not known");
		}
	}
	return m.bad ? wrong(err, "surveys", "cannot be read") : OK;
}

/* --- the whole ----------------------------------------------------------------------------------------------- */

static enum err_code read_surveys(struct str raw, struct rules *r, struct err *err)
{
	struct members m;
	struct str name, value;
	if (!members_begin(&m, raw, &r->arena)) return wrong(err, "surveys", "is an object");
	r->surveys = ARENA_ARRAY(&r->arena, struct survey_limits, CONTACT_SURVEYS_MAX);
	if (!r->surveys) return err_no_memory(err);
	while (members_next(&m, &name, &value)) {
		if (r->n_surveys == CONTACT_SURVEYS_MAX) return wrong(err, "surveys", "has too many members");
		struct survey_limits *s = &r->surveys[r->n_surveys++];
		s->survey = name;
		TRY(read_survey(value, &r->arena, s, err));
	}
	return m.bad ? wrong(err, "surveys", "cannot be read") : OK;
}

static enum err_code read_consent(struct str raw, struct rules *r, struct err *err)
{
	struct members m;
	struct str name, value, mode;
	enum contact_channel c;
	if (!members_begin(&m, raw, &r->arena)) return wrong(err, "consent", "is an object");
	while (members_next(&m, &name, &value)) {
		if (!contact_channel_of(name, &c) || !text_value(value, &r->arena, &mode) ||
		    (!str_eq(mode, STR("opt_in")) && !str_eq(mode, STR("opt_out"))))
			return wrong(err, "consent", "says opt_in or opt_out for a channel");
		r->opt_in[c] = str_eq(mode, STR("opt_in"));
	}
	return m.bad ? wrong(err, "consent", "cannot be read") : OK;
}

static enum err_code read_quiet(struct str raw, struct rules *r, struct err *err)
{
	struct members m;
	struct str name, value;
	if (!members_begin(&m, raw, &r->arena)) return wrong(err, "quiet", "is an object");
	while (members_next(&m, &name, &value)) {
		bool ok = false;
		if (str_eq(name, STR("from"))) ok = clock_value(value, &r->arena, &r->quiet_from);
		else if (str_eq(name, STR("to"))) ok = clock_value(value, &r->arena, &r->quiet_to);
		else if (str_eq(name, STR("weekends"))) ok = bool_value(value, &r->weekends);
		else if (str_eq(name, STR("holidays"))) ok = bool_value(value, &r->holidays);
		if (!ok)
			return wrong(err, "quiet",
			             "has from and to as \"09:00\", weekends and holidays as true or false");
	}
	return m.bad || r->quiet_from >= r->quiet_to ? wrong(err, "quiet", "has from before to") : OK;
}

static enum err_code read_daily(struct str raw, struct rules *r, struct err *err)
{
	struct members m;
	struct str name, value;
	enum contact_channel c;
	if (!members_begin(&m, raw, &r->arena)) return wrong(err, "daily", "is an object");
	while (members_next(&m, &name, &value))
		if (!contact_channel_of(name, &c) || !int_value(value, 0, 100000000, &r->daily[c]))
			return wrong(err, "daily", "has a count for a channel, 0 for no cap");
	return m.bad ? wrong(err, "daily", "cannot be read") : OK;
}

static enum err_code read_events(struct str raw, const char *member, struct rules *r, struct str *out, struct err *err)
{
	struct json_reader j;
	enum json_token t;
	size_t n = 0;
	json_read(&j, raw);
	memset(out, 0, EVENTS_MAX * sizeof *out);
	if (json_next(&j) != JT_ARRAY) return wrong(err, member, "is a list of event names");
	while ((t = json_next(&j)) == JT_STRING && n < EVENTS_MAX)
		if (!json_text(&j, &r->arena, &out[n++])) return err_no_memory(err);
	return t == JT_ARRAY_END ? OK : wrong(err, member, "is a list of at most 16 event names");
}

static enum err_code read_member(struct str name, struct str value, struct rules *r, struct err *err)
{
	bool known;
	int64_t v;
	TRY(read_limit(name, value, &r->arena, &r->all, &known, err));
	if (known) return OK;
	if (str_eq(name, STR("version"))) return OK; /* as it came out */
	if (str_eq(name, STR("consent"))) return read_consent(value, r, err);
	if (str_eq(name, STR("quiet"))) return read_quiet(value, r, err);
	if (str_eq(name, STR("daily"))) return read_daily(value, r, err);
	if (str_eq(name, STR("surveys"))) return read_surveys(value, r, err);
	if (str_eq(name, STR("complaint_opens"))) return read_events(value, "complaint_opens", r, r->opens, err);
	if (str_eq(name, STR("complaint_closes"))) return read_events(value, "complaint_closes", r, r->closes, err);
	if (str_eq(name, STR("complaint")))
		return bool_value(value, &r->complaint) ? OK : wrong(err, "complaint", "is true or false");
	if (str_eq(name, STR("minors")))
		return bool_value(value, &r->minors) ? OK : wrong(err, "minors", "is true or false");
	if (str_eq(name, STR("transactional_days"))) {
		if (!int_value(value, 0, 3650, &v))
			return wrong(err, "transactional_days", "is a whole number, not below 0");
		r->transactional_days = (int)v;
		return OK;
	}
	char field[64];
	snprintf(field, sizeof field, STR_FMT, STR_ARG(str_cut(name, 0, name.len < 60 ? name.len : 60)));
	return wrong(err, field, "is not a rule");
}

static enum err_code read_all(struct str json, struct rules *r, struct err *err)
{
	struct members m;
	struct str name, value;
	if (!members_begin(&m, json, &r->arena)) return wrong(err, "rules", "is an object");
	while (members_next(&m, &name, &value)) TRY(read_member(name, value, r, err));
	return m.bad ? json_error(&m.r, err) : OK;
}

enum err_code rules_read(struct str json, struct rules **out, struct err *err)
{
	struct rules *r = calloc(1, sizeof *r);
	if (!r) return err_no_memory(err);
	arena_init(&r->arena, 8 * MIB);
	atomic_init(&r->users, 1);
	r->all = silent;
	enum err_code rc = OK;
	if (json.len > CONTACT_RULES_BYTES_MAX)
		rc = err_limit(err, "contact.rules", "rules", (int64_t)json.len, CONTACT_RULES_BYTES_MAX,
		               "the rules are too long");
	if (rc == OK) rc = read_all(str_of(default_rules), r, err);
	if (rc == OK && json.len) rc = read_all(json, r, err);
	if (rc == OK && !(r->text = str_copy(&r->arena, json.len ? json : str_of(default_rules))).ptr)
		rc = err_no_memory(err);
	if (rc != OK) {
		rules_free(r);
		return rc;
	}
	*out = r;
	return OK;
}

void rules_free(struct rules *r)
{
	if (!r) return;
	arena_done(&r->arena);
	free(r);
}

/* --- what holds -------------------------------------------------------------------------------------------------- */

static const struct survey_limits *own_of(const struct rules *r, struct str survey)
{
	for (size_t i = 0; i < r->n_surveys; i++)
		if (str_eq(r->surveys[i].survey, survey)) return &r->surveys[i];
	return NULL;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

void rules_for(const struct rules *r, struct str survey, struct limits *out)
{
	const struct survey_limits *s = own_of(r, survey);
	*out = r->all;
	if (!s) return;
	const struct limits *own = &s->own;
	if (own->transactional) out->quarantine_days = r->transactional_days;
	out->quarantine_days = larger(out->quarantine_days, own->quarantine_days);
	out->recontact_days = larger(out->recontact_days, own->recontact_days);
	if (own->year_max >= 0 && own->year_max < out->year_max) out->year_max = own->year_max;
	if (own->sample >= 0 && own->sample < out->sample) out->sample = own->sample;
	/* No reminder at all is stricter than a late one. */
	if (own->reminder_days == 0 || out->reminder_days == 0) out->reminder_days = 0;
	else out->reminder_days = larger(out->reminder_days, own->reminder_days);
	out->quota = own->quota;
	out->quota_days = own->quota_days;
	out->quota_by = own->quota_by;
	out->wave = own->wave;
	out->transactional = own->transactional;
}

static void contradiction(struct json_out *j, struct str survey, const char *rule, double wanted, double holds)
{
	if (wanted < 0 || wanted == holds) return;
	json_open(j, '{');
	json_kv_str(j, "survey", survey);
	json_kv_z(j, "rule", rule);
	json_kv_double(j, "wanted", wanted);
	json_kv_double(j, "holds", holds);
	json_close(j, '}');
}

static void print_contradictions(const struct rules *r, struct json_out *j)
{
	json_open(j, '[');
	for (size_t i = 0; i < r->n_surveys; i++) {
		const struct limits *own = &r->surveys[i].own;
		const struct str key = r->surveys[i].survey;
		struct limits l;
		rules_for(r, key, &l);
		contradiction(j, key, "quarantine_days", own->quarantine_days, l.quarantine_days);
		contradiction(j, key, "recontact_days", own->recontact_days, l.recontact_days);
		contradiction(j, key, "year_max", own->year_max, l.year_max);
		contradiction(j, key, "sample", own->sample, l.sample);
		contradiction(j, key, "reminder_days", own->reminder_days, l.reminder_days);
	}
	json_close(j, ']');
}

/* --- in the store ------------------------------------------------------------------------------------------------- */

struct rules *rules_get(struct contact *c)
{
	pthread_mutex_lock(&c->rules_lock);
	struct rules *r = c->rules;
	atomic_fetch_add(&r->users, 1);
	pthread_mutex_unlock(&c->rules_lock);
	return r;
}

void rules_put(struct contact *c, struct rules *r)
{
	(void)c;
	if (r && atomic_fetch_sub(&r->users, 1) == 1) rules_free(r);
}

static void rules_set(struct contact *c, struct rules *r)
{
	pthread_mutex_lock(&c->rules_lock);
	struct rules *old = c->rules;
	c->rules = r;
	pthread_mutex_unlock(&c->rules_lock);
	rules_put(c, old);
}

enum err_code rules_load(struct contact *c, struct err *err)
{
	struct stmt *s = NULL;
	struct rules *r = NULL;
	bool row = false;
	int version = 0;
	TRY(stmt_prepare(&s, c->st, "contact_rules_newest", err));
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) version = (int)stmt_i64(s, 0);
	if (rc == OK) rc = rules_read(row ? stmt_str(s, 1) : STR(""), &r, err);
	stmt_free(s);
	if (rc != OK) return rc;
	r->version = version;
	rules_set(c, r);
	return OK;
}

enum err_code contact_rules_get(struct contact *c, struct buf *out, struct err *err)
{
	struct rules *r = rules_get(c);
	struct json_out j;
	json_out_init(&j, out);
	json_open(&j, '{');
	json_kv_i64(&j, "version", r->version);
	json_key(&j, "rules");
	json_put_raw(&j, r->text);
	json_key(&j, "contradictions");
	print_contradictions(r, &j);
	json_close(&j, '}');
	rules_put(c, r);
	return buf_check(out, err);
}

struct saving {
	struct rules *r;
	int base_version;
	struct str author;
	int64_t now_ms;
};

static enum err_code save_write(void *ctx, struct store_write *w, struct err *err)
{
	struct saving *v = ctx;
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "contact_rules_newest", err));
	const enum err_code rc = stmt_step(s, &row, err);
	const int newest = rc == OK && row ? (int)stmt_i64(s, 0) : 0;
	stmt_free(s);
	TRY(rc);
	if (newest != v->base_version)
		return err_set(err, ERR_CONFLICT, "contact.stale", "version",
		               "the rules were changed meanwhile (version %d)", newest);
	v->r->version = newest + 1;
	TRY(write_prepare(&s, w, "contact_rules_insert", err));
	stmt_bind_i64(s, 1, v->r->version);
	stmt_bind_i64(s, 2, v->now_ms);
	stmt_bind_str(s, 3, v->author.ptr ? v->author : STR(""));
	stmt_bind_str(s, 4, v->r->text);
	return contact_run(s, err);
}

enum err_code contact_rules_put(struct contact *c, int base_version, struct str rules, struct str author,
                                struct err *err)
{
	struct saving v = { .base_version = base_version, .author = author, .now_ms = contact_now(c) };
	TRY(rules_read(rules, &v.r, err));
	const enum err_code rc = store_write(c->st, save_write, &v, err);
	if (rc == OK) rules_set(c, v.r);
	else rules_free(v.r);
	return rc;
}
