/*
 * The desk of the demo company: what its own people set up, whom they asked,
 * what was answered, and how the unhappy were looked after.
 *
 * Everything goes through the functions that pages call, on a clock that is
 * set to the time of the story: three rounds of invitations in the three
 * weeks up to the end day. Who answers what is drawn from the seed.
 */
#include "app/priv.h"
#include "base/rng.h"
#include "base/when.h"
#include "demo/demo.h"

#define AUTHOR STR("Rawnaq")
#define ASKED_MAX 120  /* in a round */
#define ASKED_SHARE 12 /* one customer in so many */
/* Of those asked, below these: answer, say no, look only. */
#define ANSWERS 0.42
#define DECLINES 0.47
#define OPENS 0.6
#define FOLLOWED_MAX 60 /* looked after in a step */

static const char rules[] =
        "{\"consent\":{\"sms\":\"opt_out\"},\"quarantine_days\":13,\"recontact_days\":14,\"year_max\":4,"
        "\"complaint\":true,\"complaint_opens\":[\"Complaint Made\"],\"complaint_closes\":[\"Called Back\"],"
        "\"quiet\":{\"from\":\"09:00\",\"to\":\"21:00\",\"weekends\":true,\"holidays\":true},"
        "\"reminder_days\":0,\"daily\":{\"sms\":1000}}";

static const char unhappy[] =
        "{\"name\":{\"en\":\"Would not recommend us\",\"ar\":\"لا يوصي بنا\",\"fa\":\"ما را پیشنهاد نمی‌کند\"},"
        "\"score\":{\"at_most\":6,\"kind\":\"nps\"},\"due_hours\":16,\"within_days\":14}";
static const char hard[] = "{\"name\":{\"en\":\"It was hard\",\"ar\":\"كان الأمر صعبًا\",\"fa\":\"سخت بود\"},"
                           "\"score\":{\"at_most\":3,\"kind\":\"ces\"},\"due_hours\":8,\"within_days\":14}";

static int64_t day_at(int64_t end_day, int before, int hour)
{
	return (end_day - before) * WHEN_DAY_MS + hour * WHEN_HOUR_MS;
}

static void at(struct app *a, int64_t story_ms)
{
	atomic_store(&a->story_ms, story_ms);
}

/* --- set up ------------------------------------------------------------------------------------- */

/* Who is not known yet is not praised: they come before the events. */
static enum err_code colleagues(struct app *a, struct err *err)
{
	static const char *const names[][3] = { { "Reem", "ريم", "ریم" },
		                                { "Hind", "هند", "" },
		                                { "Bilal", "بلال", "" } };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct act_colleague k = { .name = str_of(names[i][0]),
			                   .unit = STR("uae/sharjah"),
			                   .login = STR(""),
			                   .mail = STR(""),
			                   .lang = STR(""),
			                   .author = AUTHOR };
		for (size_t s = 1; s < 3; s++)
			if (names[i][s][0]) k.spellings[k.n_spellings++] = str_of(names[i][s]);
		TRY(act_colleague_save(a->act, &k, err));
	}
	return OK;
}

static enum err_code reports(struct app *a, struct err *err)
{
	static const struct {
		const char *unit, *address, *lang;
		enum act_report_role role;
	} all[] = { { "", "cx@rawnaq.example", "en", ACT_LEAD },
		    { "saudi", "riyadh@rawnaq.example", "ar", ACT_OWNER },
		    { "iran", "tehran@rawnaq.example", "fa", ACT_OWNER },
		    { "", "board@rawnaq.example", "ar", ACT_EXECUTIVE } };
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		int64_t id;
		const struct act_report r = { .unit = str_of(all[i].unit),
			                      .map = str_of(demo_map_keys[0]),
			                      .address = str_of(all[i].address),
			                      .lang = str_of(all[i].lang),
			                      .role = all[i].role,
			                      .enabled = true,
			                      .author = AUTHOR };
		TRY(act_report_add(a->act, &r, &id, err));
	}
	return OK;
}

static enum err_code units(struct app *a, struct err *err)
{
	static const char *const all[][2] = { { "uae", "AE" }, { "saudi", "SA" }, { "egypt", "EG" }, { "iran", "IR" } };
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		const struct act_unit u = { .unit = str_of(all[i][0]),
			                    .country = str_of(all[i][1]),
			                    .zone = STR(""),
			                    .responsible = STR(""),
			                    .mail = STR(""),
			                    .lang = STR(""),
			                    .author = AUTHOR };
		TRY(act_unit_put(a->act, &u, err));
	}
	return OK;
}

enum err_code app_demo_desk_begin(struct app *a, int64_t end_day, struct err *err)
{
	at(a, day_at(end_day, 28, 8));
	enum err_code rc = units(a, err);
	if (rc == OK) rc = colleagues(a, err);
	if (rc == OK) rc = contact_rules_put(a->contact, 0, str_of(rules), AUTHOR, err);
	if (rc == OK) rc = outbox_public_url_set(a->outbox, STR("https://listen.rawnaq.example"), err);
	if (rc == OK)
		rc = outbox_channel_put(
		        a->outbox, STR("sms-tray"),
		        STR("{\"kind\":\"folder\",\"medium\":\"sms\",\"enabled\":true,\"settings\":{\"sender\":\"RAWNAQ\"}}"),
		        err);
	at(a, 0);
	return rc;
}

/* --- surveys ------------------------------------------------------------------------------------------------ */

struct desk {
	struct app *a;
	struct arena *m;
	struct rng rng;
	struct str nps, ces, pulse; /* keys */
	struct str *people;
	size_t n_people;
};

static enum err_code survey(struct desk *d, const char *template, struct str *key, struct err *err)
{
	struct form_template t = { .key = STR("") };
	struct voice_survey s;
	struct form_problems problems = { 0 };
	for (size_t i = 0; form_template_at(i, &t) && !str_eq(t.key, str_of(template));) i++;
	TRY(voice_save_survey(d->a->voice, STR(""), 0, t.json, AUTHOR, d->m, &s, &problems, err));
	*key = s.key;
	return voice_set_state(d->a->voice, s.key, VOICE_LIVE, err);
}

static enum err_code setup(struct desk *d, struct err *err)
{
	int64_t id;
	TRY(survey(d, "nps", &d->nps, err));
	TRY(survey(d, "ces", &d->ces, err));
	TRY(survey(d, "pulse", &d->pulse, err));
	TRY(act_rule_save(d->a->act, 0, str_of(unhappy), true, AUTHOR, d->m, &id, err));
	return act_rule_save(d->a->act, 0, str_of(hard), true, AUTHOR, d->m, &id, err);
}

/* --- answers ------------------------------------------------------------------------------------------------- */

/* What people write under a low, middling and high answer. */
static const char *const said[LANGS][3][4] = {
	[LANG_EN] = { { "Three calls and still nobody could say when it comes.", "The refund takes for ever.",
	                "Nobody called back after my complaint.", "The code never arrived, I gave up." },
	              { "Good prices, slow delivery.", "It was all right.", "The app is fine, the shop was busy.", "" },
	              { "Kind people, and the fridge was running in ten minutes.",
	                "The card in the parcel made me smile.", "Fast and friendly.", "" } },
	[LANG_AR] = { { "اتصلوا بي أكثر من مرة ولا أحد يعرف متى يصل الطلب.", "استرداد المبلغ يأخذ وقتًا طويلًا.",
	                "لم يتصل بي أحد بعد الشكوى.", "رمز التحقق لم يصل فتركت الشراء." },
	              { "الأسعار جيدة والتوصيل بطيء.", "لا بأس.", "التطبيق جيد لكن الفرع كان مزدحمًا.", "" },
	              { "تعامل راقٍ والتركيب في الموعد.", "البطاقة المكتوبة بخط اليد لمسة جميلة.", "سريع ومريح.", "" } },
	[LANG_FA] = { { "چند بار زنگ زدند و باز کسی نمی‌دانست کی می‌رسد.",
	                "پس گرفتن پول خیلی طول کشید.", "بعد از شکایت هیچ‌کس تماس نگرفت.",
	                "رمز پویا نیامد و خرید نکردم." },
	              { "قیمت‌ها خوب است، ارسال کند.", "بد نبود.", "اپ خوب است، شعبه شلوغ بود.",
	                "" },
	              { "نصاب سر وقت آمد و تمیز کار کرد.",
	                "کارت دست‌نویس توی بسته خیلی چسبید.", "سریع و راحت.", "" } },
};

struct asked {
	const char *score, *words; /* names of the questions */
	int low, high;             /* the scale */
	int low_to, middle_to;     /* last steps of the low and the middling part */
};
static const struct asked asked_nps = { "nps", "why", 0, 10, 6, 8 }, asked_ces = { "ces", "why", 1, 7, 3, 5 };

static enum err_code answer_by(struct desk *d, struct str way, struct str lang, struct str json, struct err *err)
{
	struct voice_saved saved;
	struct form_answers answers;
	const struct voice_start start = { .way = way,
		                           .response = STR(""),
		                           .customer = STR(""),
		                           .anonymous = STR(""),
		                           .lang = lang,
		                           .channel = STR(""),
		                           .about = STR(""),
		                           .journey = STR(""),
		                           .unit = STR(""),
		                           .environment = STR("") };
	if (!json.ptr) return err_no_memory(err);
	TRY(form_answers_json(json, d->m, &answers, err));
	return voice_save(d->a->voice, &start, &answers, true, STR(""), d->m, &saved, err);
}

static enum err_code answer(struct desk *d, const struct asked *q, const struct contact_link *k, struct err *err)
{
	enum lang l = LANG_EN;
	const double mood = rng_unit(&d->rng);
	const int part = mood < 0.3 ? 0 : mood < 0.55 ? 1 : 2;
	const int from = part == 0 ? q->low : part == 1 ? q->low_to + 1 : q->middle_to + 1;
	const int to = part == 0 ? q->low_to : part == 1 ? q->middle_to : q->high;
	const int score = from + (int)rng_below(&d->rng, (uint64_t)(to - from + 1));
	const bool known = lang_of(k->lang, &l);
	const char *words = said[l][part][rng_below(&d->rng, 4)];
	const struct str json =
	        words[0] && known ? str_format(d->m, "{\"%s\":%d,\"%s\":\"%s\"}", q->score, score, q->words, words)
	                          : str_format(d->m, "{\"%s\":%d}", q->score, score);
	return answer_by(d, k->token, k->lang, json, err);
}

/* --- the employees' pulse --------------------------------------------------------------------------------------- */

#define PULSE_ANSWERS 46
#define PULSE_HOURS 32 /* from the first answer to the last */

/* Why colleagues would not, might and would recommend working here. */
static const char *const felt[LANGS][3][3] = {
	[LANG_EN] = { { "Customers shout at us for rules that we did not make.", "Nobody asks us before an app update.",
	                "Too few of us on the evening shift." },
	              { "Good team, old tools.", "", "" },
	              { "My manager listens, and I may decide things myself.", "We help each other.", "" } },
	[LANG_AR] = { { "العملاء يغضبون منا بسبب سياسة لم نضعها نحن.", "لا أحد يسألنا قبل تغيير النظام.",
	                "عددنا قليل في الوردية المسائية." },
	              { "الفريق جيد والأدوات قديمة.", "", "" },
	              { "مديري يستمع إليّ.", "نتعاون ونتعلم كل يوم.", "" } },
	[LANG_FA] = { { "مشتری سر قانونی که ما نگذاشته‌ایم با ما دعوا می‌کند.",
	                "پیش از تغییر برنامه کسی از ما نمی‌پرسد.",
	                "شیفت عصر نیروی کافی نداریم." },
	              { "همکارها خوب‌اند، ابزارها قدیمی.", "", "" },
	              { "مدیرم حرفم را می‌شنود.", "به هم کمک می‌کنیم.", "" } },
};

static enum err_code pulse_answer(struct desk *d, struct str way, struct err *err)
{
	const double spirits = rng_unit(&d->rng);
	const enum lang l = (enum lang)rng_below(&d->rng, LANGS);
	const int part = spirits < 0.28 ? 0 : spirits < 0.58 ? 1 : 2;
	const int score = part == 0   ? 2 + (int)rng_below(&d->rng, 5)
	                  : part == 1 ? 7 + (int)rng_below(&d->rng, 2)
	                              : 9 + (int)rng_below(&d->rng, 2);
	int item[4];
	for (size_t i = 0; i < COUNT_OF(item); i++) item[i] = 3 + part + (int)rng_below(&d->rng, 3);
	/* What employees say of customers' problems is heard least. */
	const struct str json =
	        str_format(d->m, "{\"enps\":%d,\"why\":\"%s\",\"tools\":%d,\"clear\":%d,\"heard\":%d,\"free\":%d}",
	                   score, felt[l][part][rng_below(&d->rng, 3)], item[0], item[1], item[2] - 2, item[3]);
	return answer_by(d, way, str_of(lang_codes[l]), json, err);
}

/* By one open link on a wall: nobody is asked by name. */
static enum err_code pulse(struct desk *d, int64_t when_ms, struct err *err)
{
	struct voice_link link = { .survey = d->pulse,
		                   .name = STR("Noticeboard"),
		                   .channel = STR("qr"),
		                   .unit = STR(""),
		                   .environment = STR(""),
		                   .about = STR(""),
		                   .lang = STR("") };
	at(d->a, when_ms);
	TRY(voice_link_new(d->a->voice, &link, d->m, &link, err));
	for (int i = 0; i < PULSE_ANSWERS; i++) {
		at(d->a, when_ms + i * (PULSE_HOURS * WHEN_HOUR_MS / PULSE_ANSWERS));
		TRY(pulse_answer(d, link.code, err));
	}
	return OK;
}

/* --- following up ---------------------------------------------------------------------------------------------- */

static enum err_code look_after(struct desk *d, const struct act_follow_up *f, struct err *err)
{
	static const char *const causes[] = { "delivery", "refund", "payment", "call back" };
	static const char *const replies[] = { "Called, apologised, and the carrier brings it tomorrow.",
		                               "Wrote by WhatsApp, the refund is on its way.",
		                               "Called twice, nobody there." };
	const enum act_state closed = ACT_CLOSED, waiting = ACT_WAITING;
	const double luck = rng_unit(&d->rng);
	const struct str cause = str_of(causes[rng_below(&d->rng, COUNT_OF(causes))]);
	const struct str outcome = str_of(act_outcome_names[luck < 0.55 ? 0 : luck < 0.75 ? 1 : luck < 0.85 ? 2 : 3]);
	TRY(act_step_add(d->a->act, f->id, "reply",
	                 str_of(replies[luck < 0.55   ? 0
	                                : luck < 0.85 ? 1
	                                              : 2]),
	                 AUTHOR, err));
	if (luck > 0.92) return act_change(d->a->act, f->id, &(struct act_change){ .state = &waiting }, AUTHOR, err);
	return act_change(d->a->act, f->id,
	                  &(struct act_change){ .state = &closed, .cause = &cause, .outcome = &outcome }, AUTHOR, err);
}

/* Those that are open are looked after at a time, but for one in two. */
static enum err_code look_after_half(struct desk *d, int64_t when_ms, struct err *err)
{
	const struct act_filter f = {
		.states = 1u << ACT_OPEN, .responsible = { NULL, 0 }, .unit = { NULL, 0 }, .arrival = -1
	};
	struct act_page page;
	at(d->a, when_ms);
	TRY(act_list(d->a->act, &f, ACT_FIRST, FOLLOWED_MAX, d->m, &page, err));
	for (size_t i = 0; i < page.n; i++)
		if (rng_unit(&d->rng) < 0.5) TRY(look_after(d, &page.rows[i], err));
	return OK;
}

static enum err_code heard(struct desk *d, struct err *err)
{
	TRY(inbox_catch_up(d->a->inbox, err));
	return act_catch_up(d->a->act, err);
}

/* --- rounds ---------------------------------------------------------------------------------------------------- */

#define SENT_NAP_MS 5
#define SENT_TRIES (5000 / SENT_NAP_MS)

/* Messages leave on other threads; what has not gone after a while goes later. */
static enum err_code all_sent(struct desk *d, int64_t round, struct err *err)
{
	const struct timespec nap = { .tv_nsec = SENT_NAP_MS * 1000000L };
	struct contact_round r = { .steps = { 1 } };
	outbox_wake(d->a->outbox);
	for (int i = 0; i < SENT_TRIES && r.steps[0]; i++) {
		TRY(contact_round_get(d->a->contact, round, d->m, &r, NULL, err));
		if (r.steps[0]) nanosleep(&nap, NULL);
	}
	return OK;
}

/* Every step-th of the people from `from` on is asked at a time; a day later some have answered. */
static enum err_code round_of(struct desk *d, struct str key, const struct asked *q, size_t from, size_t step,
                              int64_t when_ms, struct err *err)
{
	struct str *who = ARENA_ARRAY(d->m, struct str, ASKED_MAX);
	struct contact_round r = { .whom = STR("list"), .segment = STR(""), .author = AUTHOR };
	struct contact_invite v = { .survey = key,
		                    .channels = STR("sms"),
		                    .about = STR(""),
		                    .unit = STR(""),
		                    .lang = STR(""),
		                    .customers = who };
	struct contact_link *links;
	size_t n;
	if (!who) return err_no_memory(err);
	for (size_t i = from; i < d->n_people && v.n_customers < ASKED_MAX; i += step)
		who[v.n_customers++] = d->people[i];
	at(d->a, when_ms);
	TRY(contact_round_start(d->a->contact, &v, &r, err));
	at(d->a, when_ms + 5 * WHEN_SECOND_MS);
	TRY(contact_catch_up(d->a->contact, err));
	TRY(all_sent(d, r.id, err));
	TRY(contact_round_links(d->a->contact, r.id, ASKED_MAX, d->m, &links, &n, err));
	at(d->a, when_ms + WHEN_DAY_MS);
	for (size_t i = 0; i < n; i++) {
		const double will = rng_unit(&d->rng);
		if (will < OPENS) contact_opened(d->a->contact, links[i].token);
		if (will < ANSWERS) TRY(answer(d, q, &links[i], err));
		else if (will < DECLINES) TRY(contact_declined(d->a->contact, links[i].token, err));
	}
	return heard(d, err);
}

static enum err_code story(struct desk *d, int64_t end_day, struct err *err)
{
	at(d->a, day_at(end_day, 28, 9));
	if (!act_follows(d->a->act)) TRY(outbox_start(d->a->outbox, err)); /* without a server nothing sends yet */
	TRY(setup(d, err));
	TRY(contact_catch_up(d->a->contact, err));
	TRY(contact_known(d->a->contact, CONTACT_ROUND_MAX, d->m, d->people, &d->n_people, err));
	if (d->n_people < ASKED_SHARE) return OK;
	TRY(round_of(d, d->nps, &asked_nps, 0, ASKED_SHARE, day_at(end_day, 21, 10), err));
	TRY(look_after_half(d, day_at(end_day, 20, 15), err));
	TRY(look_after_half(d, day_at(end_day, 17, 9), err));
	TRY(pulse(d, day_at(end_day, 16, 7), err));
	TRY(round_of(d, d->ces, &asked_ces, 5, ASKED_SHARE, day_at(end_day, 14, 10), err));
	TRY(look_after_half(d, day_at(end_day, 13, 16), err));
	TRY(look_after_half(d, day_at(end_day, 11, 12), err));
	/* Half of these were asked something lately: they are left alone. */
	return round_of(d, d->nps, &asked_nps, 5, ASKED_SHARE / 2, day_at(end_day, 2, 10), err);
}

enum err_code app_demo_desk(struct app *a, uint64_t seed, int64_t end_day, struct err *err)
{
	struct arena m;
	struct voice_survey *there;
	size_t n;
	arena_init(&m, 64 * MIB);
	struct desk d = { .a = a, .m = &m };
	rng_init(&d.rng, seed, UINT64_C(0x6465736b));
	enum err_code rc = voice_list(a->voice, &m, &there, &n, err);
	d.people = ARENA_ARRAY(&m, struct str, CONTACT_ROUND_MAX);
	if (rc == OK && !d.people) rc = err_no_memory(err);
	/* A fill that was cut off in here is not told twice. */
	if (rc == OK && n == 0) rc = story(&d, end_day, err);
	at(a, 0);
	if (rc == OK && n == 0) rc = reports(a, err);
	arena_done(&m);
	return rc;
}
