/* Countries, cities, names, phones: who the customers are. Names are common ones drawn at random; nobody is meant. */
#include "demo/priv.h"

const char *const device_names[DEVICES] = { "app", "mobile web", "desktop web", "store" };

/*
 * The warehouse that puts in the card is the hub for imported goods and sends
 * a fifth of every country's parcels: so its delight is not also a country's,
 * and the late carrier's pain, which is the Gulf's alone, is not softened by it.
 */
const struct country countries[COUNTRIES] = {
	[EMIRATES] = { .carriers = { "Rahwan", "Sahm Express", "Najm Post" },
	               .warehouses = { DEMO_CARD_WAREHOUSE, "sharjah", "jebel-ali" },
	               .warehouse_share = { 0.20, 0.45, 0.35 },
	               .share = 0.26,
	               .voices = { 0.40, 0, 0.15, 0.45, 0, 0 },
	               .message_channel = "whatsapp",
	               .help_channels = { "whatsapp", "phone", "email" },
	               .survey_channel = "email",
	               .confirm_channel = "email",
	               .price = 1,
	               .device = { 0.44, 0.28, 0.10, 0.18 },
	               .code_share = 0,
	               .cash_share = 0.10,
	               .code_method = "card",
	               .card_method = "card",
	               .cities = { { "uae/dubai", "Dubai", "AE", "AED", 0.60, 240, true },
	                           { "uae/sharjah", "Sharjah", "AE", "AED", 0.34, 240, true },
	                           { "uae/kuwait", "Kuwait City", "KW", "KWD", 0.06, 180, false } } },
	[SAUDI] = { .carriers = { "Rahwan", "Sahm Express", "Barq Line" },
	            .warehouses = { "riyadh", "jeddah", DEMO_CARD_WAREHOUSE },
	            .warehouse_share = { 0.48, 0.32, 0.20 },
	            .share = 0.28,
	            .voices = { 0.85, 0, 0, 0.15, 0, 0 },
	            .message_channel = "whatsapp",
	            .help_channels = { "whatsapp", "phone", "chat" },
	            .survey_channel = "sms",
	            .confirm_channel = "whatsapp",
	            .price = 1.02,
	            .device = { 0.46, 0.32, 0.06, 0.16 },
	            .code_share = 1,
	            .cash_share = 0.22,
	            .code_method = "card with one-time code",
	            .card_method = "card",
	            .cities = { { "saudi/riyadh", "Riyadh", "SA", "SAR", 0.48, 180, false },
	                        { "saudi/jeddah", "Jeddah", "SA", "SAR", 0.32, 180, false },
	                        { "saudi/dammam", "Dammam", "SA", "SAR", 0.20, 180, false } } },
	[EGYPT] = { .carriers = { "Nilexa", "Wasel", "Sekka" },
	            .warehouses = { "cairo", "alexandria", DEMO_CARD_WAREHOUSE },
	            .warehouse_share = { 0.52, 0.28, 0.20 },
	            .share = 0.20,
	            .voices = { 0, 0.89, 0, 0.03, 0.08, 0 },
	            .message_channel = "whatsapp",
	            .help_channels = { "phone", "facebook", "phone" },
	            .survey_channel = "sms",
	            .confirm_channel = "sms",
	            .price = 13,
	            .device = { 0.22, 0.38, 0.10, 0.30 },
	            .code_share = 0,
	            .cash_share = 0.70,
	            .code_method = "card",
	            .card_method = "kiosk code",
	            .cities = { { "egypt/cairo", "Cairo", "EG", "EGP", 0.58, 120, false },
	                        { "egypt/alexandria", "Alexandria", "EG", "EGP", 0.26, 120, false },
	                        { "egypt/mansoura", "Mansoura", "EG", "EGP", 0.16, 120, false } } },
	[IRAN] = { .carriers = { "Chaparan", "Tizpey", "Peyk Mehr" },
	           .warehouses = { "tehran", "shiraz", DEMO_CARD_WAREHOUSE },
	           .warehouse_share = { 0.50, 0.30, 0.20 },
	           .share = 0.26,
	           .voices = { 0, 0, 0.92, 0.01, 0, 0.07 },
	           .message_channel = "instagram",
	           .help_channels = { "phone", "sms", "chat" },
	           .survey_channel = "sms",
	           .confirm_channel = "sms",
	           .price = 240000,
	           .device = { 0.32, 0.38, 0.14, 0.16 },
	           .code_share = 1,
	           .cash_share = 0.12,
	           .code_method = "bank gateway with one-time code",
	           .card_method = "card machine",
	           .cities = { { "iran/tehran", "Tehran", "IR", "IRR", 0.46, 210, false },
	                       { "iran/shiraz", "Shiraz", "IR", "IRR", 0.18, 210, false },
	                       { "iran/isfahan", "Isfahan", "IR", "IRR", 0.18, 210, false },
	                       { "iran/mashhad", "Mashhad", "IR", "IRR", 0.18, 210, false } } },
};

/* Given and family names by who writes so. */
static const char *const gulf_given[] = { "نورة", "عبدالله", "ريم",   "منى",   "سارة", "خالد", "فهد",
	                                  "هند",  "محمد",    "لطيفة", "سلطان", "أمل",  "يوسف", "شيخة",
	                                  "ماجد", "العنود",  "راشد",  "دانة",  "بدر",  "جواهر" };
static const char *const gulf_family[] = { "الحربي",  "الشهري",   "المهيري", "العتيبي", "القحطاني", "الزهراني",
	                                   "الغامدي", "المنصوري", "الشامسي", "الكعبي",  "الدوسري",  "المطيري",
	                                   "السويدي", "البلوشي",  "العنزي",  "الحمادي" };
static const char *const egypt_given[] = {
	"منى",  "أحمد", "هبة",  "محمود", "شيماء", "كريم", "ياسمين", "مصطفى", "دينا",
	"عمرو", "نهى",  "طارق", "إيمان", "وليد",  "مروة", "حسام",   "رانيا", "إسلام"
};
static const char *const egypt_family[] = { "عبد الرحمن", "شوقي",   "السيد",   "حسن",   "إبراهيم",    "عبد الله",
	                                    "فؤاد",       "سليمان", "الشافعي", "منصور", "عبد العزيز", "رمضان",
	                                    "البدري",     "خليل",   "فتحي",    "جمعة" };
static const char *const fa_given[] = { "مریم",  "سارا", "رضا",   "نگار", "حمید",  "زهرا", "علی",
	                                "فاطمه", "امیر", "نرگس",  "مهدی", "الهام", "حسین", "پریسا",
	                                "محسن",  "شیما", "بهنام", "لیلا", "آرش",   "نسترن" };
static const char *const fa_family[] = { "احمدی", "کریمی", "محمدی", "رستمی", "صادقی",  "رضایی",
	                                 "حسینی", "موسوی", "جعفری", "اکبری", "قاسمی",  "نوری",
	                                 "رحیمی", "عباسی", "یوسفی", "ملکی",  "سلطانی", "فرهادی" };
static const char *const en_given[] = { "Priya", "Joseph", "Bilal",  "Anita", "Marco",  "Fatima",
	                                "Rahul", "Grace",  "Imran",  "Elena", "Sanjay", "Maria",
	                                "Omar",  "Liza",   "Thomas", "Nadia", "Arun",   "Chloe" };
static const char *const en_family[] = { "Nair",      "Santos", "Ahmed",  "Reyes",   "Sharma", "Khan",
	                                 "Fernandes", "Cruz",   "Patel",  "Hassan",  "Menon",  "Dela Cruz",
	                                 "Iyer",      "Malik",  "Thomas", "Varghese" };

static const struct {
	const char *const *given;
	size_t n_given;
	const char *const *family;
	size_t n_family;
	const char *lang;
} names[VOICES] = {
	[VOICE_GULF] = { gulf_given, COUNT_OF(gulf_given), gulf_family, COUNT_OF(gulf_family), "ar" },
	[VOICE_EGYPT] = { egypt_given, COUNT_OF(egypt_given), egypt_family, COUNT_OF(egypt_family), "ar" },
	[VOICE_FA] = { fa_given, COUNT_OF(fa_given), fa_family, COUNT_OF(fa_family), "fa" },
	[VOICE_EN] = { en_given, COUNT_OF(en_given), en_family, COUNT_OF(en_family), "en" },
	[VOICE_ARABIZI] = { egypt_given, COUNT_OF(egypt_given), egypt_family, COUNT_OF(egypt_family), "ar" },
	[VOICE_FINGLISH] = { fa_given, COUNT_OF(fa_given), fa_family, COUNT_OF(fa_family), "fa" },
};

size_t pick_share(struct rng *r, const double *shares, size_t n)
{
	double u = rng_unit(r);
	for (size_t i = 0; i + 1 < n; i++) {
		if (u < shares[i]) return i;
		u -= shares[i];
	}
	return n - 1;
}

void customer_make(struct customer *c, uint64_t seed, uint32_t number)
{
	*c = (struct customer){ .number = number };
	rng_init(&c->r, seed, number);
	double shares[COUNTRIES], cities[4];
	for (size_t i = 0; i < COUNTRIES; i++) shares[i] = countries[i].share;
	c->country = (enum country_id)pick_share(&c->r, shares, COUNTRIES);
	const struct country *k = &countries[c->country];
	size_t n = 0;
	while (n < COUNT_OF(k->cities) && k->cities[n].unit) {
		cities[n] = k->cities[n].share;
		n++;
	}
	c->city = &k->cities[pick_share(&c->r, cities, n)];
	c->voice = (enum voice)pick_share(&c->r, k->voices, VOICES);
	if (k->voices[c->voice] <= 0)
		c->voice = c->country == IRAN ? VOICE_FA : VOICE_EN; /* rounding at the end of the shares */
	c->town = chance(&c->r, 0.32);
	c->anonymous_first = chance(&c->r, 0.12);
	c->old_customer = chance(&c->r, 0.45);
	c->mood = 7 * rng_normal(&c->r);
	/* A sequence of its own: the month of birth shares nothing with what happens to the customer. */
	struct rng birth;
	rng_init(&birth, seed ^ 0x6269727468ULL, number);
	c->birth_month = 1 + (int)rng_below(&birth, 12);
	struct rng club;
	rng_init(&club, seed ^ 0x636c7562ULL, number);
	c->club = c->old_customer && chance(&club, 0.5);
	snprintf(c->id, sizeof c->id, "RQ-%06u", number + 100000);
	snprintf(c->anonymous, sizeof c->anonymous, "web-%08x", (unsigned)(number * 2654435761U));
}

int64_t customer_offset_ms(const struct customer *c, int64_t day)
{
	int minutes = c->city->zone_minutes;
	if (c->country == EGYPT && season_egypt_summer(day)) minutes += 60;
	return minutes * WHEN_MINUTE_MS;
}

/*
 * Mobile prefixes that no operator had been given when this was written, so
 * that nobody's phone rings; in the forms in which people really type them.
 */
static void phone(struct customer *c, struct buf *out)
{
	static const struct {
		const char *code, *prefix;
		int digits;
	} plans[] = {
		{ "971", "59", 7 }, { "966", "52", 7 }, { "20", "19", 8 }, { "98", "97", 8 }, { "965", "3", 7 },
	};
	const size_t i = strcmp(c->city->code, "KW") == 0 ? 4 : (size_t)c->country;
	const unsigned long long number =
	        (c->number * 48271ULL + 11) % (plans[i].digits == 7 ? 10000000ULL : 100000000ULL);
	const uint64_t form = rng_below(&c->r, 10);
	if (form >= 6 && i != 4) buf_printf(out, "0%s%0*llu", plans[i].prefix, plans[i].digits, number);
	else if (form == 5) buf_printf(out, "00%s%s%0*llu", plans[i].code, plans[i].prefix, plans[i].digits, number);
	else buf_printf(out, "+%s%s%0*llu", plans[i].code, plans[i].prefix, plans[i].digits, number);
}

void customer_traits(struct customer *c, struct buf *out)
{
	const char *given = names[c->voice].given[rng_below(&c->r, names[c->voice].n_given)];
	const char *family = names[c->voice].family[rng_below(&c->r, names[c->voice].n_family)];
	buf_printf(
	        out,
	        "{\"traits\":{\"birth_month\":\"%d\",\"city\":\"%s\",\"club\":\"%s\",\"country\":\"%s\",\"language\":\"%s\","
	        "\"name\":\"%s %s\",\"phone\":\"",
	        c->birth_month, c->city->name, c->club ? "member" : "no", c->city->code, names[c->voice].lang, given,
	        family);
	phone(c, out);
	buf_str(out, STR("\"}}"));
}
