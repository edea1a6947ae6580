/*
 * People's words: names made readable, and feelings, promises and stages
 * recognised in English, Arabic and Persian. Everything is compared folded
 * (map_fold), so spelling variants of Arabic letters and digits do not count.
 */
#include <math.h>
#include <unicode/uchar.h>

#include "maps/priv.h"

/* --- folding --------------------------------------------------------------------------------------- */

/* 0: left out. Marks and tatweel say nothing about a word; ZWNJ counts as a space. */
static uint32_t fold_point(uint32_t c)
{
	switch (c) {
	case 0x0622:
	case 0x0623:
	case 0x0625:
	case 0x0671: return 0x0627; /* alef with anything on it */
	case 0x0649:
	case 0x06CC:
	case 0x0626: return 0x064A; /* yeh forms */
	case 0x06A9: return 0x0643; /* kaf */
	case 0x0629:
	case 0x06C0:
	case 0x06D5: return 0x0647; /* teh marbuta, heh with yeh */
	case 0x0624: return 0x0648;
	case 0x0640: return 0; /* tatweel */
	case 0x200C:
	case 0x00A0:
	case 0x2009:
	case 0x202F: return ' ';
	case 0x200E:
	case 0x200F:
	case 0xFE0F: return 0;
	case 0x2212:
	case 0x2013: return '-';
	default: break;
	}
	if (c >= 0x0660 && c <= 0x0669) return '0' + (c - 0x0660);
	if (c >= 0x06F0 && c <= 0x06F9) return '0' + (c - 0x06F0);
	if (c >= 0x0610 && c <= 0x065F && (c >= 0x064B || c <= 0x061A)) return 0;
	if (c >= 0x1F3FB && c <= 0x1F3FF) return 0; /* skin tones */
	return (uint32_t)u_tolower((UChar32)c);
}

struct str map_fold(struct str text, struct arena *a)
{
	/* Folding keeps or shortens every letter but a few lower-case forms; twice the length is room for all. */
	char *out = ARENA_ARRAY(a, char, 2 * text.len + 4);
	if (!out) return (struct str){ NULL, 0 };
	size_t n = 0;
	bool space = false;
	for (size_t i = 0; i < text.len;) {
		const uint32_t c = fold_point(utf8_next(text, &i));
		if (c == 0) continue;
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '_') {
			space = n > 0;
			continue;
		}
		if (space) out[n++] = ' ';
		space = false;
		char bytes[4];
		const size_t len = utf8_put(bytes, c);
		memcpy(out + n, bytes, len);
		n += len;
	}
	return (struct str){ out, n };
}

static bool has(struct str text, struct str part)
{
	return part.len && text.len >= part.len && memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* `words` is a list between bars, "a|b|c"; folded alike before comparing. Whole: the text is one of them, else one
 * stands in it. */
static bool any_of(struct str folded, const char *words, bool whole, struct arena *scratch)
{
	const char *p = words;
	while (*p) {
		const char *end = strchrnul(p, '|');
		const struct str w = map_fold((struct str){ p, (size_t)(end - p) }, scratch);
		if (w.ptr && (whole ? str_eq(folded, w) : has(folded, w))) return true;
		p = *end ? end + 1 : end;
	}
	return false;
}

/* --- names ------------------------------------------------------------------------------------------ */

enum lang map_lang_of(struct str text)
{
	bool arabic = false;
	for (size_t i = 0; i < text.len;) {
		const uint32_t c = utf8_next(text, &i);
		/* پ چ ژ گ ک ی and ZWNJ are Persian's alone, of the three. */
		if (c == 0x067E || c == 0x0686 || c == 0x0698 || c == 0x06AF || c == 0x06A9 || c == 0x06CC ||
		    (c == 0x200C && arabic))
			return LANG_FA;
		if (c >= 0x0600 && c <= 0x06FF) arabic = true;
	}
	return arabic ? LANG_AR : LANG_EN;
}

static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}
static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}
static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A capital that begins a word of CamelCase: after a small letter or digit, or the last of several before a small one.
 */
static bool word_begins(struct str s, size_t i)
{
	if (i == 0 || !upper(s.ptr[i])) return false;
	const char before = s.ptr[i - 1];
	return lower(before) || digit(before) || (upper(before) && i + 1 < s.len && lower(s.ptr[i + 1]));
}

/* An abbreviation such as OTP or SMS keeps its capitals. */
static bool abbreviation(const char *p, size_t n)
{
	if (n < 2 || n > 4) return false;
	for (size_t i = 0; i < n; i++)
		if (!upper(p[i]) && !digit(p[i])) return false;
	return true;
}

struct str map_pretty(struct str name, struct arena *a)
{
	name = str_trim(name);
	bool shouted = true;
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == ' ') return str_copy(a, name);
		if (lower(name.ptr[i]) || (unsigned char)name.ptr[i] >= 0x80) shouted = false;
	}
	char *out = ARENA_ARRAY(a, char, 2 * name.len + 1);
	if (!out) return (struct str){ NULL, 0 };
	size_t n = 0;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.ptr[i];
		const bool gap = c == '_' || c == '-' || c == '.' || c == ':';
		if ((gap || word_begins(name, i)) && n && out[n - 1] != ' ') out[n++] = ' ';
		if (!gap) out[n++] = c;
	}
	while (n && out[n - 1] == ' ') n--;
	if (n == 0) return str_copy(a, name);
	for (size_t i = 0; i < n;) { /* words after the first are small, abbreviations apart */
		size_t end = i;
		while (end < n && out[end] != ' ') end++;
		if (shouted ? end - i > 3 || i == 0 : !abbreviation(out + i, end - i))
			for (size_t k = i; k < end; k++)
				if (upper(out[k])) out[k] = (char)(out[k] + 32);
		i = end + 1;
	}
	if (lower(out[0])) out[0] = (char)(out[0] - 32);
	return (struct str){ out, n };
}

struct str map_slug(struct str words, struct arena *a)
{
	const struct str folded = map_fold(map_pretty(words, a), a);
	char *out = ARENA_ARRAY(a, char, folded.len + 4);
	if (!out || !folded.ptr) return (struct str){ NULL, 0 };
	size_t n = 0;
	for (size_t i = 0; i < folded.len;) {
		const size_t from = i;
		const uint32_t c = utf8_next(folded, &i);
		if (c < 0x80 ? lower((char)c) || digit((char)c) : u_isalnum((UChar32)c)) {
			if (n + (i - from) > MAPS_KEY_BYTES_MAX - 8) break; /* room for "-2" behind a taken key */
			memcpy(out + n, folded.ptr + from, i - from);
			n += i - from;
		} else if (n && out[n - 1] != '-') out[n++] = '-';
	}
	while (n && out[n - 1] == '-') n--;
	return n ? (struct str){ out, n } : str_copy(a, STR("map"));
}

/* --- feelings ---------------------------------------------------------------------------------------- */

bool map_feeling(struct str text, struct arena *scratch, double *out)
{
	/* The stronger words first: "very good" also holds "good". */
	static const struct {
		double value;
		const char *words;
	} said[] = {
		{ -2,
		  "very bad|terrible|awful|angry|very negative|hate|very unhappy|very dissatisfied|--|😡|🤬|😠|😭|سيئ جدا|سيء جدا|غاضب|مزعج جدا|فظيع|سلبي جدا|غير راض تماما|خیلی بد|افتضاح|عصبانی|خیلی ناراضی|بسیار بد|خیلی منفی" },
		{ 2,
		  "very good|excellent|great|delighted|love|very positive|very happy|very satisfied|++|😍|🤩|😁|😃|🥰|ممتاز|جيد جدا|رائع|سعيد جدا|إيجابي جدا|راض جدا|خیلی خوب|عالی|بسیار خوب|خیلی راضی|خیلی مثبت" },
		{ -1,
		  "unhappy|dissatisfied|bad|negative|annoyed|frustrated|sad|poor|-|🙁|☹|😟|😞|😕|👎|سيئ|سيء|سلبي|غير راض|منزعج|محبط|حزين|بد|منفی|ناراضی|کلافه|ناراحت|ضعیف" },
		{ 1,
		  "good|positive|happy|satisfied|pleased|ok+|+|🙂|😊|😀|😄|👍|جيد|إيجابي|راض|سعيد|مرتاح|خوب|مثبت|راضی|خوشحال" },
		{ 0,
		  "neutral|ok|okay|average|so so|indifferent|0|😐|😶|محايد|عادي|متوسط|مقبول|خنثی|معمولی|بی تفاوت|متوسط" },
	};
	const struct str s = map_fold(str_trim(text), scratch);
	if (!s.ptr || s.len == 0) return false;
	struct str number = s;
	if (number.ptr[0] == '+' && number.len > 1) number = str_cut(number, 1, number.len);
	double v;
	if (str_to_double(number, &v)) {
		if (!(v >= -2 && v <= 2)) return false;
		*out = v;
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(said); i++)
		if (any_of(s, said[i].words, true, scratch)) {
			*out = said[i].value;
			return true;
		}
	/* In a phrase, a sign may be anything ("check-in"); words of three letters and more decide. */
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		const char *p = said[i].words;
		while (*p) {
			const char *end = strchrnul(p, '|');
			const struct str w = map_fold((struct str){ p, (size_t)(end - p) }, scratch);
			const struct str padded = str_format(scratch, " " STR_FMT " ", STR_ARG(s)),
			                 word = str_format(scratch, " " STR_FMT " ", STR_ARG(w));
			const bool sign = (unsigned char)w.ptr[0] >= 0xE2; /* emoji need no spaces round them */
			if (w.len > 2 && padded.ptr && word.ptr && (sign ? has(s, w) : has(padded, word))) {
				*out = said[i].value;
				return true;
			}
			p = *end ? end + 1 : end;
		}
	}
	return false;
}

/* --- promises of time ---------------------------------------------------------------------------------- */

static const struct {
	const char *words;
	int64_t ms;
	int dual;
} units[] = {
	/* Arabic has forms for exactly two; "two" is in the word. Longer words stand before those they hold. */
	{ "أسبوعين|اسبوعان", 7 * WHEN_DAY_MS, 2 },
	{ "يومين|يومان", WHEN_DAY_MS, 2 },
	{ "ساعتين|ساعتان", WHEN_HOUR_MS, 2 },
	{ "دقيقتين|دقيقتان", WHEN_MINUTE_MS, 2 },
	{ "شهرين|شهران", 30 * WHEN_DAY_MS, 2 },
	{ "week|أسبوع|أسابيع|هفته", 7 * WHEN_DAY_MS, 0 },
	{ "month|شهر|أشهر|ماه", 30 * WHEN_DAY_MS, 0 },
	{ "day|يوم|أيام|روز", WHEN_DAY_MS, 0 },
	{ "hour|hrs|ساعة|ساعات|ساعت", WHEN_HOUR_MS, 0 },
	{ "minute|min|دقيقة|دقائق|دقیقه", WHEN_MINUTE_MS, 0 },
	{ "second|sec|ثانية|ثوان|ثانیه", WHEN_SECOND_MS, 0 },
};

static const struct {
	const char *words;
	int n;
} numerals[] = {
	{ "one|an|a|واحد|واحدة|یک", 1 }, { "two|اثنين|اثنان|دو", 2 }, { "three|ثلاثة|ثلاث|سه", 3 },
	{ "four|أربعة|أربع|چهار", 4 },   { "five|خمسة|خمس|پنج", 5 },  { "six|ستة|ست|شش", 6 },
	{ "seven|سبعة|سبع|هفت", 7 },     { "ten|عشرة|عشر|ده", 10 },
};

/* The unit that `word` begins with, also behind the Arabic prefixes of "the" and "in": اليوم، بيومين. */
static bool unit_of(struct str word, struct arena *scratch, size_t *out)
{
	for (size_t u = 0; u < COUNT_OF(units); u++) {
		const char *p = units[u].words;
		while (*p) {
			const char *end = strchrnul(p, '|');
			const struct str w = map_fold((struct str){ p, (size_t)(end - p) }, scratch);
			if (w.ptr && str_starts(word, w) && word.len <= w.len + 6) {
				*out = u;
				return true;
			}
			p = *end ? end + 1 : end;
		}
	}
	return false;
}

static bool numeral(struct str word, struct arena *scratch, double *out)
{
	if (str_to_double(word, out)) return *out > 0;
	for (size_t i = 0; i < COUNT_OF(numerals); i++)
		if (any_of(word, numerals[i].words, true, scratch)) {
			*out = numerals[i].n;
			return true;
		}
	return false;
}

/* The first pair of number and unit, "2d" and "48h" included; a unit alone counts one ("within a day", "خلال يوم"). */
bool map_within(struct str text, struct arena *scratch, int64_t *out_ms)
{
	const struct str s = map_fold(text, scratch);
	if (!s.ptr || s.len == 0) return false;
	double n = 0;
	for (size_t i = 0; i < s.len;) {
		size_t end = i + str_find(str_cut(s, i, s.len), ' ');
		struct str word = str_cut(s, i, end);
		i = end + 1;
		if (when_parse_duration(word, out_ms)) return true;
		size_t digits = 0;
		while (digits < word.len && (digit(word.ptr[digits]) || word.ptr[digits] == '.')) digits++;
		if (digits && digits < word.len && str_to_double(str_cut(word, 0, digits), &n))
			word = str_cut(word, word.ptr[digits] == '-' ? digits + 1 : digits, word.len);
		double said;
		size_t u;
		if (numeral(word, scratch, &said)) n = said;
		else if (unit_of(word, scratch, &u)) {
			const double count = units[u].dual ? units[u].dual : n > 0 ? n : 1;
			if (count > 1e4) return false;
			*out_ms = (int64_t)llround(count * (double)units[u].ms);
			return true;
		}
	}
	return false;
}

/* Latin words count from where a word begins ("ad" is not in "read"); Arabic ones anywhere, for the article and
 * prefixes. */
static bool begins_any(struct str padded, const char *words, struct arena *scratch)
{
	const char *p = words;
	while (*p) {
		const char *end = strchrnul(p, '|');
		const struct str raw = { p, (size_t)(end - p) };
		const struct str w = map_fold(raw, scratch);
		/* a space at the end asks for the whole word */
		const bool latin = (unsigned char)*p < 0x80, closed = raw.ptr[raw.len - 1] == ' ';
		const struct str probe =
		        str_format(scratch, "%s" STR_FMT "%s", latin ? " " : "", STR_ARG(w), closed ? " " : "");
		if (probe.ptr && has(padded, probe)) return true;
		p = *end ? end + 1 : end;
	}
	return false;
}

/* --- stages ------------------------------------------------------------------------------------------------ */

const struct map_stage_words map_stage_words[MAP_STAGE_KINDS] = {
	[MAP_AWARENESS] = { "awareness", "Awareness", "الوعي", "آگاهی" },
	[MAP_CONSIDERATION] = { "consideration", "Consideration", "التفكير والمقارنة", "بررسی و مقایسه" },
	[MAP_PURCHASE] = { "purchase", "Purchase", "الشراء", "خرید" },
	[MAP_USE] = { "use", "Receiving and using", "الاستلام والاستخدام", "دریافت و استفاده" },
	[MAP_SUPPORT] = { "support", "Support", "الدعم", "پشتیبانی" },
	[MAP_LOYALTY] = { "loyalty", "Loyalty", "الولاء", "وفاداری" },
};

int map_stage_of(struct str event, struct arena *scratch)
{
	/* In the order of trust: "order returned" is support although it says order. */
	static const struct {
		enum map_stage_kind stage;
		const char *words;
	} dictionary[] = {
		{ MAP_SUPPORT,
		  "complaint|support|ticket|return|refund|repair|warranty|help|question|cancel|dispute|claim|شكوى|شكاوى|دعم|إرجاع|استرداد|صيانة|ضمان|إلغاء|استفسار|شکایت|پشتیبانی|مرجوع|تعمیر|گارانتی|لغو|استرداد|پرسش" },
		{ MAP_LOYALTY,
		  "review|survey|feedback|referral|refer a|recommend|loyalty|club|renew|repeat|reward|points|rating|nps|مراجعة|تقييم|استبيان|ولاء|ترشيح|تجديد|نقاط|نظرسنجی|دیدگاه|امتیاز|باشگاه|معرفی|تمدید|وفاداری" },
		{ MAP_USE,
		  "deliver|shipped|shipment|shipping|dispatch|handed|carrier|courier|unbox|install|first use|onboard|activat|setup|login|sign in|used|usage|appointment|visit completed|pickup|received|توصيل|شحن|تسليم|استلام|تركيب|تفعيل|استخدام|تسجيل الدخول|تحویل|ارسال|نصب|فعال سازی|استفاده|دریافت|پیک" },
		{ MAP_PURCHASE,
		  "purchas|checkout|payment|paid|pay |order|bought|buy|invoice|subscri|contract|signed|basket|cart|approved|confirm|book|apply|application|شراء|دفع|طلب|سلة|فاتورة|اشتراك|عقد|تأكيد|حجز|خرید|پرداخت|سفارش|سبد|فاکتور|اشتراک|قرارداد|تایید|رزرو|ثبت نام" },
		{ MAP_CONSIDERATION,
		  "compare|product|view|search|quote|demo|trial|wishlist|ask|chat|store visit|browse|catalog|category|مقارنة|منتج|بحث|مشاهدة|عرض سعر|تجربة مجانية|زيارة|مقایسه|محصول|جستجو|مشاهده|بازدید|استعلام" },
		{ MAP_AWARENESS,
		  "ad |ads|advert|campaign|impression|email open|newsletter|social|banner|landing|friend|إعلان|حملة|منشور|نشرة|تبلیغ|کمپین|خبرنامه|آگهی" },
	};
	const struct str s = map_fold(map_pretty(event, scratch), scratch);
	if (!s.ptr) return -1;
	const struct str padded = str_format(scratch, " " STR_FMT " ", STR_ARG(s));
	for (size_t i = 0; padded.ptr && i < COUNT_OF(dictionary); i++)
		if (begins_any(padded, dictionary[i].words, scratch)) return (int)dictionary[i].stage;
	return -1;
}

/* --- kinds of answers --------------------------------------------------------------------------------------- */

const char *map_origin_of(struct str event, struct arena *scratch)
{
	/* A complaint by phone is a complaint; an answer to a survey about a chat is an answer. */
	static const struct {
		const char *key, *words;
	} kinds[] = {
		{ "maps.origin.complaint", "complain|شكوى|شكاوى|شکایت" },
		{ "maps.origin.survey",
		  "survey|answer|questionnaire|feedback|nps |csat |ces |استبيان|استطلاع|نظرسنجی|پرسشنامه" },
		{ "maps.origin.review", "review|rating|rated |تقييم|مراجعة|دیدگاه|امتیاز" },
		{ "maps.origin.chat", "chat|conversation|محادثة|دردشة|گفتگو|گفت وگو" },
		{ "maps.origin.call", "call |called |calls |phone|مكالمة|اتصال|تماس|تلفن" },
		{ "maps.origin.mail", "mail |email|e mail|بريد|ایمیل" },
		{ "maps.origin.message", "message|messaged |whatsapp|telegram|رسالة|پیام" },
	};
	const struct str s = map_fold(map_spaced(map_pretty(event, scratch), scratch), scratch);
	if (!s.ptr) return NULL;
	const struct str padded = str_format(scratch, " " STR_FMT " ", STR_ARG(s));
	for (size_t i = 0; padded.ptr && i < COUNT_OF(kinds); i++)
		if (begins_any(padded, kinds[i].words, scratch)) return kinds[i].key;
	return NULL;
}

struct str map_spaced(struct str name, struct arena *a)
{
	struct str s = str_copy(a, str_trim(name));
	char *p = (char *)s.ptr;
	for (size_t i = 0; p && i < s.len; i++)
		if (p[i] == '_' || p[i] == '-' || p[i] == '.') p[i] = ' ';
	return s;
}

bool map_one_of(struct str folded, const char *list)
{
	for (const char *p = list; *p;) {
		const char *end = strchrnul(p, '|');
		if (str_eq(folded, (struct str){ p, (size_t)(end - p) })) return true;
		p = *end ? end + 1 : end;
	}
	return false;
}
