/*
 * What a stranger's table says: roles of columns by the words of the header
 * (in seven languages) and by what stands below, and a mapping from them.
 *
 * Words decide first, content must agree: a column called "score" with texts
 * in it is no score. What no word names is told by content alone: times,
 * small whole numbers, long texts, few or many distinct values.
 */
#include <math.h>
#include <stdarg.h>

#include "base/checked.h"
#include "wire/mapping.h"
#include "wire/value.h"

enum { ROWS = 5000, DISTINCT_MAX = 5001, TIME_FORMATS = 12 };

/* Written day first or month first, the first that fits all values stands; ISO before all. */
static const char *const time_formats[TIME_FORMATS] = {
	"iso",      "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",       "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
	"%m/%d/%Y", "%d.%m.%Y %H:%M",    "%d.%m.%Y",       "%d-%m-%Y %H:%M", "%d-%m-%Y",          "%m/%d/%Y %I:%M %p",
};

enum role {
	R_NONE,
	R_CUSTOMER,
	R_TIME,
	R_EXPECTED,
	R_EVENT,
	R_SCORE,
	R_COMMENT,
	R_VALUE,
	R_CURRENCY,
	R_CHANNEL,
	R_KEY,
	R_UNIT,
	R_EMAIL,
	R_PHONE,
	R_DIMENSION,
	ROLES
};
const char *const wire_guess_roles[] = { "",        "customer", "time",      "expected_at", "event", "score",
	                                 "comment", "value",    "currency",  "channel",     "key",   "unit",
	                                 "email",   "phone",    "dimension", NULL };
_Static_assert(COUNT_OF(wire_guess_roles) == ROLES + 1, "a name for each role");
const char *const wire_guess_types[] = { "text", "number", "time", "date", NULL };

enum why {
	WHY_NONE,
	WHY_WORD,
	WHY_WORD_TIMES,
	WHY_WORD_NUMBERS,
	WHY_WORD_TEXTS,
	WHY_WORD_SCORE,
	WHY_TIMES,
	WHY_TEXTS,
	WHY_SCORE,
	WHY_FEW,
	WHY_OTHER,
	WHY_FILLED,
	WHY_MAILS
};
const char *const wire_why_names[] = { "",      "word",  "word_times", "word_numbers", "word_texts", "word_score",
	                               "times", "texts", "score",      "few",          "other",      "filled",
	                               "mails", NULL };

/* Parts of header words, folded to small letters; the first row that fits decides. */
static const struct {
	enum role role;
	const char *words;
} dictionary[] = {
	{ R_EXPECTED, "estimated promise expected deadline due_ target_date sla موعد متوقع موعود وعده سررسید "
	              "مورد_انتظار estimada previsto prometid erwartet zugesagt" },
	{ R_COMMENT, "comment feedback_text verbatim remark review_text message opinion تعليق ملاحظ نظر توضیح "
	             "comentario comentário mensagem observa kommentar bemerkung anmerkung "
	             "_why چرا لماذا" },
	{ R_SCORE, "score rating stars nps csat ces satisfaction grade تقييم درجة نجوم رضا امتیاز نمره ستاره nota "
	           "pontua puntua califica bewertung punkte" },
	{ R_TIME, "timestamp _time time_ datetime date _at تاريخ وقت زمان تاریخ ساعت data_ fecha datum zeit hora" },
	{ R_CURRENCY, "currency عملة ارز moeda moneda währung" },
	{ R_VALUE,
	  "amount _amt price revenue total value paid payment_value cost مبلغ قيمة سعر ثمن قیمت ارزش valor preço "
	  "preco importe precio betrag preis umsatz" },
	{ R_KEY,
	  "order_id orderid order_no order_number invoice _inv_ receipt_no ticket_id case_number booking رقم_الطلب طلب سفارش "
	  "فاکتور pedido bestell rechnung" },
	{ R_CUSTOMER,
	  "customer _cust_ client user_id userid user member patient case_id caseid case concept:name case:concept account "
	  "person عميل زبون مستخدم مشتری کاربر بیمار cliente usuario usuário kunde nutzer" },
	{ R_EVENT, "activity event action step task_name touchpoint نشاط حدث خطوة فعالیت رویداد مرحله atividade "
	           "actividad evento ereignis aktivität vorgang" },
	{ R_CHANNEL, "channel قناة کانال canal kanal medium" },
	{ R_UNIT,
	  "branch store_name _store_ _shop_ outlet unit department team فرع متجر إدارة شعبه فروشگاه واحد filial sucursal loja tienda filiale abteilung" },
	{ R_EMAIL, "mail بريد إيميل ایمیل رایانامه correo" },
	{ R_PHONE,
	  "phone mobile _mob_ _cell_ _tel_ _gsm_ جوال هاتف موبايل موبایل تلفن همراه telefon teléfono celular handy" },
};

struct column {
	struct str name, folded;
	enum role role;
	int64_t n, empty, numbers, whole, times[TIME_FORMATS], persian, clock, distinct, mails, phones;
	double low, high, length;
	uint64_t *seen; /* open addressing, 2 * DISTINCT_MAX slots rounded up */
	struct str samples[3];
	int n_samples;
	bool comma_decimal;
	int format; /* of times; -1 none */
	bool is_persian;
	struct str reason;
	enum why why;
	struct str why_word;
};

enum { SLOTS = 16384 };

struct guess {
	struct arena *a;
	struct arena scratch;
	struct column *c;
	size_t n;
	int64_t rows;
	struct value_times gregorian, persian;
	struct str *preview; /* [WIRE_PREVIEW_ROWS * n] */
};

/* --- looking at cells ------------------------------------------------------------------- */

static void see_distinct(struct column *c, struct str s)
{
	uint64_t h = hash64(s) | 1;
	for (size_t i = h & (SLOTS - 1), k = 0; k < SLOTS; i = (i + 1) & (SLOTS - 1), k++) {
		if (c->seen[i] == h) return;
		if (c->seen[i]) continue;
		c->seen[i] = h;
		c->distinct++;
		return;
	}
}

static void see_number(struct guess *g, struct column *c, struct str s)
{
	struct str out;
	double v;
	bool comma = false;
	if (!value_number_text(&g->scratch, s, '.', &out)) {
		if (!value_number_text(&g->scratch, s, ',', &out)) return;
		comma = true;
	}
	if (!str_to_double(out, &v)) return;
	c->comma_decimal = c->comma_decimal || comma;
	if (c->numbers == 0) c->low = c->high = v;
	c->low = fmin(c->low, v);
	c->high = fmax(c->high, v);
	c->numbers++;
	c->whole += v == floor(v);
}

static void see_time(struct guess *g, struct column *c, struct str s)
{
	struct str folded = value_fold(&g->scratch, s);
	int64_t ms;
	if (!folded.ptr || folded.len < 6 || folded.len > 40) return;
	for (int f = 0; f < TIME_FORMATS; f++) {
		g->gregorian.formats[0] = str_of(time_formats[f]);
		if (!value_time(&g->gregorian, folded, &ms)) continue;
		if (ms >= WHEN_MIN_MS && ms < WHEN_MAX_MS) c->times[f]++;
		if (f == 0 && ms % WHEN_DAY_MS) c->clock++;
	}
	/* 1403/05/12 is a day of the Persian calendar, not of the Middle Ages. */
	if (value_time(&g->persian, folded, &ms) && ms >= WHEN_MIN_MS && folded.ptr[0] == '1' &&
	    (folded.ptr[1] == '3' || folded.ptr[1] == '4'))
		c->persian++;
}

/* Told from the rest by its shape; whether it is right is for those who send to find out. */
static bool is_mail(struct str s)
{
	const char *at = memchr(s.ptr, '@', s.len);
	const size_t before = at ? (size_t)(at - s.ptr) : 0;
	return before && before + 3 < s.len && memchr(at, '.', s.len - before) && !memchr(s.ptr, ' ', s.len);
}

/* Seven to fifteen digits of any of the three scripts, and what people put between them. */
static bool is_phone(struct guess *g, struct str s)
{
	const struct str folded = value_fold(&g->scratch, s);
	int digits = 0;
	for (size_t i = 0; i < folded.len; i++)
		if (folded.ptr[i] >= '0' && folded.ptr[i] <= '9') digits++;
		else if (!memchr("+-() ./", folded.ptr[i], 7)) return false;
	return digits >= 7 && digits <= 15;
}

static bool see(struct guess *g, struct column *c, struct str cell)
{
	struct str s = str_trim(cell);
	c->n++;
	if (s.len == 0) return c->empty++, true;
	see_distinct(c, s);
	see_number(g, c, s);
	see_time(g, c, s);
	c->mails += is_mail(s);
	c->phones += is_phone(g, s);
	c->length += (double)s.len;
	for (int i = 0; i < c->n_samples; i++)
		if (str_eq(c->samples[i], wire_show(s, 60))) return true;
	if (c->n_samples < 3) {
		struct str copy = str_copy(g->a, wire_show(s, 60));
		if (!copy.ptr) return false;
		c->samples[c->n_samples++] = copy;
	}
	return true;
}

/* --- roles --------------------------------------------------------------------------------- */

static struct str fold_name(struct arena *a, struct str name)
{
	struct buf b;
	buf_init(&b, 8 * KIB);
	buf_byte(&b, '_');
	for (size_t i = 0; i < name.len && i < 200; i++) {
		char ch = name.ptr[i];
		bool upper = ch >= 'A' && ch <= 'Z';
		/* orderDate is order_date */
		if (upper && i && name.ptr[i - 1] >= 'a' && name.ptr[i - 1] <= 'z') buf_byte(&b, '_');
		buf_byte(&b, upper ? (char)(ch + 32) : ch == ' ' || ch == '-' || ch == '.' ? '_' : ch);
	}
	buf_byte(&b, '_');
	struct str s = str_copy(a, buf_view(&b));
	buf_done(&b);
	return s;
}

static bool contains(struct str s, struct str part)
{
	return part.len && s.len >= part.len && memmem(s.ptr, s.len, part.ptr, part.len);
}

static enum role by_word(struct str folded, const char **word, size_t *len)
{
	for (size_t i = 0; i < COUNT_OF(dictionary); i++)
		for (const char *p = dictionary[i].words; *p;) {
			size_t n = strcspn(p, " ");
			if (contains(folded, (struct str){ p, n })) {
				/* The underlines that mark a whole word are no part of what is shown. */
				const bool before = n > 2 && *p == '_', after = n > 2 && p[n - 1] == '_';
				*word = p + before;
				*len = n - before - after;
				return dictionary[i].role;
			}
			p += n + (p[n] == ' ');
		}
	return R_NONE;
}

static void set_reason(struct guess *g, struct column *c, enum role role, enum why why, struct str word,
                       const char *fmt, ...) PRINTF_LIKE(6, 7);
static void set_reason(struct guess *g, struct column *c, enum role role, enum why why, struct str word,
                       const char *fmt, ...)
{
	char words[200];
	va_list args;
	va_start(args, fmt);
	vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	c->role = role;
	c->why = why;
	c->why_word = word;
	c->reason = str_copy(g->a, wire_show(str_of(words), sizeof words));
}

static void find_format(struct column *c)
{
	int64_t filled = c->n - c->empty;
	c->format = -1;
	if (filled == 0) return;
	if (c->persian * 20 >= filled * 19) {
		c->format = 0;
		c->is_persian = true;
		return;
	}
	for (int f = 0; f < TIME_FORMATS; f++)
		if (c->times[f] * 20 >= filled * 19 && (c->format < 0 || c->times[f] > c->times[c->format]))
			c->format = f;
}

struct scale {
	int low, high;
	const char *kind; /* the standard's own name of such a scale, or NULL */
};

static bool asks_to_recommend(struct str folded)
{
	static const char *const words[] = { "nps", "recommend", "توصي", "توصیه", "empfehl", "recomend" };
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (contains(folded, str_of(words[i]))) return true;
	return false;
}

/*
 * The scale a column of scores is on: the usual one that what was seen fits
 * into. From 0 only when that was seen, or the header or the upper end (of
 * hundred) says so: a form with stars has no place to give none.
 */
static struct scale scale_of(const struct column *c)
{
	if (asks_to_recommend(c->folded) && c->high <= 10 && (c->high > 5 || contains(c->folded, STR("nps"))))
		return (struct scale){ 0, 10, "nps" };
	if (contains(c->folded, STR("_ces_")) && c->low >= 1 && c->high <= 7) return (struct scale){ 1, 7, "ces" };
	int high = c->high <= 5 ? 5 : c->high <= 7 ? 7 : c->high <= 10 ? 10 : 100;
	return (struct scale){ c->low >= 1 && high < 100, high, NULL };
}

static void score_role(struct guess *g, struct column *c, const char *word, int w)
{
	const struct scale s = scale_of(c);
	if (w)
		set_reason(g, c, R_SCORE, WHY_WORD_SCORE, (struct str){ word, (size_t)w },
		           "The header says \"%.*s\", its values are numbers from %.10g to %.10g: ratings on %d to %d.",
		           w, word, c->low, c->high, s.low, s.high);
	else
		set_reason(g, c, R_SCORE, WHY_SCORE, STR(""),
		           "Its values are whole numbers from %.10g to %.10g: ratings on %d to %d.", c->low, c->high,
		           s.low, s.high);
}

static void name_role(struct guess *g, struct column *c)
{
	int64_t filled = c->n - c->empty;
	const char *word = "";
	size_t len = 0;
	enum role role = by_word(c->folded, &word, &len);
	bool time = c->format >= 0, number = filled > 0 && c->numbers * 20 >= filled * 19;
	double mean_length = filled ? c->length / (double)filled : 0,
	       share = filled ? (double)c->distinct / (double)filled : 0;
	const int w = (int)len;
	const struct str said = { word, len };
	c->reason = STR("");
	if (filled == 0) return;
	if (time && role == R_EXPECTED)
		set_reason(g, c, R_EXPECTED, WHY_WORD_TIMES, said, "The header says \"%.*s\" and its values are times.",
		           w, word);
	else if (time) set_reason(g, c, R_TIME, WHY_TIMES, STR(""), "Its values are times.");
	else if (c->mails * 20 >= filled * 19)
		set_reason(g, c, R_EMAIL, WHY_MAILS, STR(""), "Its values are mail addresses.");
	else if (role == R_PHONE && c->phones * 20 >= filled * 19)
		set_reason(g, c, R_PHONE, WHY_WORD_NUMBERS, said,
		           "The header says \"%.*s\" and its values are numbers.", w, word);
	else if (role == R_SCORE && number && c->high <= 100 && c->low >= 0) score_role(g, c, word, w);
	else if (role == R_VALUE && number)
		set_reason(g, c, R_VALUE, WHY_WORD_NUMBERS, said,
		           "The header says \"%.*s\" and its values are numbers.", w, word);
	else if (role == R_COMMENT && !number)
		set_reason(g, c, R_COMMENT, WHY_WORD_TEXTS, said, "The header says \"%.*s\" and its values are texts.",
		           w, word);
	else if (role == R_CUSTOMER || role == R_KEY || role == R_CHANNEL || role == R_UNIT || role == R_CURRENCY ||
	         (role == R_EVENT && share < 0.5))
		set_reason(g, c, role, WHY_WORD, said, "The header says \"%.*s\".", w, word);
	else if (!number && mean_length > 40 && share > 0.5)
		set_reason(g, c, R_COMMENT, WHY_TEXTS, STR(""), "Its values are long texts that hardly repeat.");
	else if (number && c->whole == c->numbers && (c->low >= 1 || (c->low == 0 && c->high == 10)) && c->high <= 10 &&
	         c->high >= 3 && c->distinct >= 3 && c->distinct <= 11 && filled >= 20)
		score_role(g, c, "", 0);
	else if (c->distinct >= 2 && c->distinct <= 60 && share < 0.2 && !(number && c->distinct > 20))
		set_reason(g, c, R_DIMENSION, WHY_FEW, STR(""), "It has only %lld different values.",
		           (long long)c->distinct);
}

static struct column *first_of(const struct guess *g, enum role role)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->c[i].role == role) return &g->c[i];
	return NULL;
}

static bool names_an_id(struct str folded)
{
	return contains(folded, STR("id_")) || contains(folded, STR("code_")) || contains(folded, STR("_no_"));
}

/* One column a role where the mapping has one place; somebody must be the customer. */
static void settle(struct guess *g)
{
	static const enum role single[] = { R_CUSTOMER, R_EVENT, R_SCORE, R_COMMENT,  R_VALUE, R_CURRENCY,
		                            R_CHANNEL,  R_KEY,   R_UNIT,  R_EXPECTED, R_EMAIL, R_PHONE };
	for (size_t r = 0; r < COUNT_OF(single); r++) {
		struct column *best = NULL;
		for (size_t i = 0; i < g->n; i++) {
			struct column *c = &g->c[i];
			if (c->role != single[r]) continue;
			/* The fuller one; of comments the longer (a title stands beside the text); of customers the one
			 * that repeats, with an id. */
			double value = (double)(c->n - c->empty), old = best ? (double)(best->n - best->empty) : -1;
			if (best && single[r] == R_COMMENT) value = c->length, old = best->length;
			if (best && single[r] == R_CUSTOMER)
				value = names_an_id(c->folded), old = names_an_id(best->folded);
			if (!best || value > old) best = c;
		}
		for (size_t i = 0; i < g->n; i++) {
			struct column *c = &g->c[i];
			if (c->role != single[r] || c == best) continue;
			if (c->distinct <= 60)
				set_reason(g, c, R_DIMENSION, WHY_OTHER, str_of(wire_guess_roles[single[r]]),
				           "Another column fits \"%s\" better.", wire_guess_roles[single[r]]);
			else c->role = R_NONE, c->reason = STR(""), c->why = WHY_NONE;
		}
	}
	if (first_of(g, R_CUSTOMER)) return;
	struct column *key = first_of(g, R_KEY), *mail = first_of(g, R_EMAIL);
	/* A mail address comes again with the person, the number of an order does not. */
	struct column *best = mail && !mail->empty ? mail : key;
	for (size_t i = 0; !key && i < g->n; i++) {
		struct column *c = &g->c[i];
		bool free_column = (c->role == R_NONE || c->role == R_DIMENSION) && c->empty == 0 && c->n > 0;
		if (free_column && contains(c->folded, STR("id_")) && (!best || c->distinct > best->distinct)) best = c;
	}
	/* An age or a price is filled too: somebody's id is a word, or a whole number that hardly comes twice. */
	for (size_t i = 0; !best && i < g->n; i++) {
		struct column *c = &g->c[i];
		const bool text = c->numbers * 20 < c->n * 19;
		if (c->role != R_NONE || c->empty || !c->n) continue;
		if (text || (c->whole == c->numbers && c->distinct * 2 > c->n)) best = c;
	}
	if (best && best != key)
		set_reason(g, best, R_CUSTOMER, WHY_FILLED, STR(""),
		           "No header names a customer; this one is always filled.");
}

/* --- the mapping ------------------------------------------------------------------------------- */

static void quoted(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c == '"' || c == '\\') buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7F) buf_printf(b, "\\u%04x", c);
		else buf_byte(b, (char)c);
	}
	buf_byte(b, '"');
}

/* Comments end with the line: what a stranger's header holds must not. */
static void line(struct buf *b, const char *key, struct str column, const struct column *why)
{
	buf_printf(b, "%s = ", key);
	quoted(b, column);
	if (why && why->reason.len) buf_printf(b, "   # " STR_FMT, STR_ARG(why->reason));
	buf_byte(b, '\n');
}

/* "تاريخ الطلب" is the date of the order: what happened is the rest. */
static struct str without_date_words(struct str s)
{
	static const char *const heads[] = { "تاريخ", "تاریخ", "وقت", "زمان", "موعد", "ساعت", "ساعة" };
	for (size_t i = 0; i < COUNT_OF(heads);) {
		struct str h = str_of(heads[i]);
		bool word = s.len > h.len + 1 && str_starts(s, h) && s.ptr[h.len] == ' ';
		if (!word) i++;
		else s = str_trim(str_cut(s, h.len, s.len)), i = 0;
	}
	return s;
}

/* Events that are called the same everywhere, in the three languages of the pages. Each has its Arabic words first. */
static const struct known_event {
	const char *words, *en, *ar, *fa;
} known_events[] = {
	{ "الطلب طلب سفارش", "Order", "الطلب", "سفارش" },
	{ "الدفع دفع السداد پرداخت", "Payment", "الدفع", "پرداخت" },
	{ "الشحن شحن ارسال", "Shipping", "الشحن", "ارسال" },
	{ "التسليم التوصيل تسليم توصيل تحویل", "Delivery", "التوصيل", "تحویل" },
	{ "الإرجاع الارجاع إرجاع مرجوعی بازگشت", "Return", "الإرجاع", "مرجوعی" },
	{ "التقييم تقييم المراجعة امتیاز نظر", "Review", "التقييم", "نظر" },
	{ "التسجيل تسجيل ثبت‌نام", "Registration", "التسجيل", "ثبت‌نام" },
	{ "الإلغاء الالغاء إلغاء لغو", "Cancellation", "الإلغاء", "لغو" },
	{ "الزيارة زيارة بازدید مراجعه", "Visit", "الزيارة", "بازدید" },
	{ "الاتصال المكالمة اتصال تماس", "Call", "الاتصال", "تماس" },
	{ "الشراء شراء خرید", "Purchase", "الشراء", "خرید" },
	{ "الحجز حجز رزرو", "Booking", "الحجز", "رزرو" },
	{ "الشكوى شكوى شکایت", "Complaint", "الشكوى", "شکایت" },
};

static const struct known_event *find_known(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(known_events); i++)
		for (const char *p = known_events[i].words; *p;) {
			size_t n = strcspn(p, " ");
			if (str_eq(name, (struct str){ p, n })) return &known_events[i];
			p += n + (p[n] == ' ');
		}
	return NULL;
}

/* "order_delivered_customer_date" to "Order delivered customer". */
static struct str event_name(struct guess *g, const struct column *c)
{
	static const char *const tails[] = { "_timestamp_", "_datetime_", "_date_", "_time_", "_at_", "_on_", "_dt_" };
	struct str f = c->folded;
	for (size_t i = 0; i < COUNT_OF(tails); i++)
		if (f.len > strlen(tails[i]) + 1 && str_ends(f, str_of(tails[i]))) {
			f = str_cut(f, 0, f.len - strlen(tails[i]) + 1);
			break;
		}
	if (f.len > 5 && str_starts(f, STR("_dt_"))) f = str_cut(f, 3, f.len);
	f = str_cut(f, 1, f.len - 1);
	char *p = arena_alloc(g->a, f.len + 1);
	if (!p || f.len == 0) return c->name;
	for (size_t i = 0; i < f.len; i++) p[i] = f.ptr[i] == '_' ? ' ' : f.ptr[i];
	if (p[0] >= 'a' && p[0] <= 'z') p[0] = (char)(p[0] - 32);
	return wire_show(without_date_words((struct str){ p, f.len }), 120);
}

static bool expects(const struct column *expected, const struct column *time)
{
	static const char *const same[] = { "deliver", "تحویل",  "تسليم", "توصيل", "entreg",
		                            "entrega", "liefer", "arriv", "resol", "clos" };
	for (size_t i = 0; i < COUNT_OF(same); i++)
		if (contains(expected->folded, str_of(same[i])) && contains(time->folded, str_of(same[i]))) return true;
	return false;
}

static void score_lines(struct buf *b, const struct column *c)
{
	const struct scale scale = scale_of(c);
	line(b, "score", c->name, c);
	if (scale.kind) buf_printf(b, "score_kind = { value = \"%s\" }\n", scale.kind);
	else
		buf_printf(b, "score_min = %d\nscore_max = %d   # correct the scale if it is another\n", scale.low,
		           scale.high);
}

static void role_line(struct guess *g, struct buf *b, enum role role, const char *key)
{
	const struct column *c = first_of(g, role);
	if (c) line(b, key, c->name, c);
}

static void write_head(struct guess *g, struct buf *b, const struct column *time)
{
	const struct column *customer = first_of(g, R_CUSTOMER), *key = first_of(g, R_KEY);
	buf_printf(b,
	           "# A first mapping, guessed from the header and %lld rows. Correct what is wrong; docs/mapping.md "
	           "has all keys.\n\n",
	           (long long)g->rows);
	if (!customer) customer = key;
	if (customer) line(b, "customer", customer->name, customer);
	else
		buf_printf(b, "customer = { template = \"row {" WIRE_ROW_COLUMN
		              "}\" }   # No column names the customer: each row is one of its own.\n");
	if (key) line(b, "journey", key->name, key);
	if (time->is_persian) buf_printf(b, "calendar = \"persian\"\n");
	buf_printf(b, "# zone = \"Asia/Tehran\"   # of times that say no offset; the organisation's own without it\n");
	bool listed = false;
	for (int f = 0; f < TIME_FORMATS; f++)
		for (size_t i = 0, hit = 0; i < g->n && !hit; i++)
			if (g->c[i].format == f) {
				hit = 1;
				buf_printf(b, "%s\"%s\"", listed ? ", " : "time_format = [", time_formats[f]);
				listed = true;
			}
	if (listed) buf_printf(b, "]\n");
	for (size_t i = 0; i < g->n; i++)
		if (g->c[i].comma_decimal && g->c[i].numbers * 20 >= (g->c[i].n - g->c[i].empty) * 19) {
			buf_printf(b, "decimal = \",\"\n");
			break;
		}
	role_line(g, b, R_CHANNEL, "channel");
	role_line(g, b, R_UNIT, "unit");
}

static void write_dimensions(struct guess *g, struct buf *b)
{
	bool any = false;
	for (int pass = 0; pass < 2; pass++) {
		any = false;
		for (size_t i = 0; i < g->n; i++) {
			if (g->c[i].role != R_DIMENSION) continue;
			buf_printf(b, "%s", any ? ", " : pass ? "properties = [" : "dimensions = [");
			quoted(b, g->c[i].name);
			any = true;
		}
		if (any) buf_printf(b, "]\n");
	}
}

/* Several time columns and no column of event names: each time is an event of its own. */
static void write_events(struct guess *g, struct buf *b)
{
	const struct column *expected = first_of(g, R_EXPECTED), *last = NULL, *kept = NULL;
	const struct column *value = first_of(g, R_VALUE), *score = first_of(g, R_SCORE),
	                    *comment = first_of(g, R_COMMENT);
	bool first = true;
	for (size_t i = 0; i < g->n; i++)
		if (g->c[i].role == R_TIME) {
			last = &g->c[i];
			if (expected && !kept && expects(expected, last)) kept = last;
		}
	/* Of several deliveries the later column is the customer's. */
	for (size_t i = 0; expected && i < g->n; i++)
		if (g->c[i].role == R_TIME && expects(expected, &g->c[i])) kept = &g->c[i];
	if (expected && !kept) kept = last;
	for (size_t i = 0; i < g->n; i++) {
		const struct column *c = &g->c[i];
		if (c->role != R_TIME) continue;
		buf_printf(b, "\n[[event]]\n");
		line(b, "name", event_name(g, c), NULL);
		line(b, "time", c->name, c);
		if (c == kept) line(b, "expected_at", expected->name, expected);
		if (first && value) line(b, "value", value->name, value);
		if (first && value) role_line(g, b, R_CURRENCY, "currency");
		if (c == last && score) score_lines(b, score);
		if (c == last && comment) line(b, "comment", comment->name, comment);
		first = false;
	}
}

static void write_single(struct guess *g, struct buf *b, const struct column *time)
{
	const struct column *event = first_of(g, R_EVENT), *score = first_of(g, R_SCORE),
	                    *comment = first_of(g, R_COMMENT);
	buf_printf(b, "\n[[event]]\n");
	if (event) line(b, "name_column", event->name, event);
	else {
		line(b, "name", score || comment ? STR("Rated") : event_name(g, time), NULL);
	}
	line(b, "time", time->name, time);
	role_line(g, b, R_EXPECTED, "expected_at");
	if (score) score_lines(b, score);
	if (comment) line(b, "comment", comment->name, comment);
	role_line(g, b, R_VALUE, "value");
	if (first_of(g, R_VALUE)) role_line(g, b, R_CURRENCY, "currency");
}

/*
 * Addresses are traits of the person, not of what happened: an event of their
 * own says them. A column of addresses that stands for the customer says both.
 */
static void write_addresses(struct guess *g, struct buf *b, const struct column *time)
{
	const struct column *mail = first_of(g, R_EMAIL), *phone = first_of(g, R_PHONE),
	                    *customer = first_of(g, R_CUSTOMER);
	if (!mail && customer && customer->mails * 20 >= (customer->n - customer->empty) * 19) mail = customer;
	if (!mail && !phone) return;
	buf_printf(b, "\n[[event]]\ntype = \"identify\"\n");
	line(b, "time", time->name, NULL);
	buf_printf(b, "traits = { ");
	if (mail) {
		buf_printf(b, "email = ");
		quoted(b, mail->name);
	}
	if (phone) {
		buf_printf(b, "%sphone = ", mail ? ", " : "");
		quoted(b, phone->name);
	}
	buf_printf(b, " }\n");
}

/* Below the events, for a table of names ends what stands above it. */
static void write_names(struct guess *g, struct buf *b)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->c[i].role != R_TIME) continue;
		struct str name = event_name(g, &g->c[i]);
		const struct known_event *k = find_known(name);
		/* Two columns may give one name; a table of TOML stands once. */
		for (size_t j = 0; k && j < i; j++)
			if (g->c[j].role == R_TIME && str_eq(event_name(g, &g->c[j]), name)) k = NULL;
		if (!k) continue;
		buf_printf(b, "\n[names.");
		quoted(b, name);
		buf_printf(b, "]\nen = \"%s\"\nar = \"%s\"\nfa = \"%s\"\n", k->en, k->ar, k->fa);
	}
}

static enum err_code write_mapping(struct guess *g, struct str *out, struct err *err)
{
	struct buf b;
	size_t n_times = 0;
	*out = STR("");
	if (!first_of(g, R_TIME) && first_of(g, R_EXPECTED)) first_of(g, R_EXPECTED)->role = R_TIME;
	const struct column *time = first_of(g, R_TIME);
	if (!time) return OK;
	for (size_t i = 0; i < g->n; i++) n_times += g->c[i].role == R_TIME;
	buf_init(&b, MIB);
	write_head(g, &b, time);
	write_dimensions(g, &b);
	if (n_times > 1 && !first_of(g, R_EVENT)) write_events(g, &b);
	else write_single(g, &b, time);
	write_addresses(g, &b, time);
	bool named_by_time =
	        !first_of(g, R_EVENT) && (n_times > 1 || (!first_of(g, R_SCORE) && !first_of(g, R_COMMENT)));
	if (named_by_time) write_names(g, &b);
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) {
		*out = str_copy(g->a, buf_view(&b));
		if (!out->ptr) rc = err_no_memory(err);
	}
	buf_done(&b);
	return rc;
}

/* --- reading ---------------------------------------------------------------------------------------- */

/* A cell of the first rows, for people. */
static bool keep_cell(struct guess *g, size_t i, struct str cell)
{
	if ((size_t)g->rows >= WIRE_PREVIEW_ROWS) return true;
	struct str *place = &g->preview[(size_t)g->rows * g->n + i];
	*place = str_copy(g->a, wire_show(str_trim(cell), WIRE_PREVIEW_BYTES));
	return place->ptr;
}

static enum err_code look_at(struct guess *g, struct table *t, struct err *err)
{
	const struct str *names;
	struct row row = { 0 };
	struct err why = { 0 };
	g->n = table_columns(t, &names);
	g->c = ARENA_ARRAY(&g->scratch, struct column, g->n);
	g->preview = ARENA_ARRAY(g->a, struct str, WIRE_PREVIEW_ROWS * g->n);
	if (!g->c || !g->preview) return err_no_memory(err);
	for (size_t i = 0; i < g->n; i++) {
		g->c[i].name = str_copy(g->a, wire_show(names[i], 400));
		g->c[i].folded = fold_name(g->a, names[i]);
		g->c[i].seen = calloc(SLOTS, sizeof *g->c[i].seen);
		if (!g->c[i].seen || !g->c[i].name.ptr || !g->c[i].folded.ptr) return err_no_memory(err);
	}
	struct arena keep = g->scratch; /* columns stay; cells come and go in an arena of their own */
	arena_init(&g->scratch, 64 * MIB);
	enum err_code rc = OK;
	for (enum table_got got; rc == OK && g->rows < ROWS && (got = table_next(t, &row, &why)) != TABLE_END;) {
		if (got == TABLE_FAILED) {
			if (err) *err = why;
			rc = why.code;
		}
		if (got != TABLE_ROW) continue;
		for (size_t i = 0; rc == OK && i < g->n; i++)
			if (!see(g, &g->c[i], row.cells[i]) || !keep_cell(g, i, row.cells[i])) rc = err_no_memory(err);
		g->rows++;
		arena_reset(&g->scratch);
	}
	arena_done(&g->scratch);
	g->scratch = keep;
	return rc;
}

static enum err_code report(struct guess *g, struct wire_guess *out, struct err *err)
{
	out->n_columns = g->n;
	out->n_rows = (size_t)g->rows;
	out->preview = g->preview;
	out->n_preview = out->n_rows < WIRE_PREVIEW_ROWS ? out->n_rows : WIRE_PREVIEW_ROWS;
	out->columns = ARENA_ARRAY(g->a, struct wire_guess_column, g->n);
	if (!out->columns) return err_no_memory(err);
	for (size_t i = 0; i < g->n; i++) {
		struct column *c = &g->c[i];
		int64_t filled = c->n - c->empty;
		struct wire_guess_column *o = &out->columns[i];
		*o = (struct wire_guess_column){ .name = c->name,
			                         .role = wire_guess_roles[c->role],
			                         .reason = c->reason.ptr ? c->reason : STR(""),
			                         .n_distinct = c->distinct,
			                         .n_empty = c->empty };
		const struct scale scale = scale_of(c);
		o->why.id = wire_why_names[c->why];
		o->why.word = c->why_word.ptr ? c->why_word : STR("");
		if (c->numbers) o->why.low = c->low, o->why.high = c->high;
		o->why.from = scale.low;
		o->why.to = scale.high;
		o->why.n = c->distinct;
		o->type = filled == 0                      ? "text"
		          : c->format >= 0                 ? (c->format == 0 && !c->clock ? "date" : "time")
		          : c->numbers * 20 >= filled * 19 ? "number"
		                                           : "text";
		memcpy(o->samples, c->samples, sizeof o->samples);
	}
	return OK;
}

enum err_code wire_guess_table(const struct wire_input *in, size_t n_in, enum wire_format format, struct arena *a,
                               struct wire_guess *out, struct err *err)
{
	struct table *t = NULL;
	struct wire_guess result = { 0 };
	struct guess g = { .a = a,
		           .gregorian = { .n_formats = 1 },
		           .persian = { .n_formats = 1, .formats = { STR("iso") }, .persian = true } };
	if (n_in == 0) return err_set(err, ERR_INPUT, "mapping.file", "file", "no file was given");
	arena_init(&g.scratch, 64 * MIB);
	if (format == WIRE_AUTO) format = wire_detect(STR(""), in[0].name) == WIRE_XLSX ? WIRE_XLSX : WIRE_CSV;
	enum err_code rc = value_times_open(&g.persian, err);
	if (rc == OK) rc = table_open(&in[0], format, &(struct table_options){ 0 }, &t, err);
	if (rc == OK) rc = look_at(&g, t, err);
	for (size_t i = 0; rc == OK && i < g.n; i++) {
		find_format(&g.c[i]);
		name_role(&g, &g.c[i]);
	}
	if (rc == OK) settle(&g);
	if (rc == OK) rc = write_mapping(&g, &result.mapping_toml, err);
	if (rc == OK) rc = report(&g, &result, err);
	if (rc == OK) *out = result;
	for (size_t i = 0; g.c && i < g.n; i++) free(g.c[i].seen);
	table_close(t);
	value_times_close(&g.persian);
	arena_done(&g.scratch);
	return rc;
}
