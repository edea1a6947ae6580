/* A map that a team believes, from the table it wrote: CSV, XLSX or pasted lines. */
#include "maps/priv.h"

#define PROBLEMS_MAX 100

enum column { STAGE, TOUCHPOINT, CHANNEL, FEELING, PROMISE, OWNER, BEHIND, COLUMNS };

/* Headers that people write; compared folded, whole. The first of each is what messages call it. */
static const char *const headers[COLUMNS] = {
	[STAGE] = "stage|phase|journey stage|step group|المرحلة|مرحلة|مرحله|فاز",
	[TOUCHPOINT] =
	        "touchpoint|touch point|step|moment|interaction|contact point|نقطة اتصال|نقطة الاتصال|نقطة تماس|نقاط الاتصال|الخطوة|خطوة|نقطه تماس|نقاط تماس|گام|تعامل",
	[CHANNEL] =
	        "channel|channels|medium|القناة|قناة|القنوات|قنوات|کانال|کانال ها|کانال‌ها",
	[FEELING] =
	        "feeling|feelings|emotion|emotions|score|experience|expected feeling|الشعور|شعور|المشاعر|مشاعر|العاطفة|احساس|احساسات|حس|امتیاز",
	[PROMISE] = "promise|brand promise|sla|target|we promise|الوعد|وعد|الالتزام|وعده|تعهد",
	[OWNER] =
	        "person responsible|responsible|owner|team|department|المسؤول|مسؤول|القسم|الفريق|مسئول|مسوول|مسئولیت|تیم|واحد",
	[BEHIND] = "behind|system|process|behind it|النظام|العملية|سیستم|فرایند|فرآیند",
};

struct line_of_map {
	int64_t line;
	struct str cells[COLUMNS];
};

struct reading {
	struct arena *a;
	int place[64]; /* column of the file -> enum column; -1 not used */
	size_t n_columns;
	bool begun;
	struct line_of_map *lines;
	size_t n, cap;
	struct collect_refused *problems;
	size_t n_problems;
};

static enum err_code problem(struct reading *r, int64_t line, const char *id, const char *field, const char *hint,
                             const char *text, struct err *err)
{
	if (r->n_problems == PROBLEMS_MAX) return OK;
	if (!r->problems && !(r->problems = ARENA_ARRAY(r->a, struct collect_refused, PROBLEMS_MAX)))
		return err_no_memory(err);
	struct collect_refused *p = &r->problems[r->n_problems++];
	p->index = line;
	err_set(&p->err, ERR_INPUT, id, field, "%.200s", text);
	err_hint(&p->err, "%s", hint);
	return OK;
}

static bool in_list(struct str folded, const char *words, struct arena *a)
{
	while (*words) {
		const char *end = strchrnul(words, '|');
		const struct str w = map_fold((struct str){ words, (size_t)(end - words) }, a);
		if (w.ptr && str_eq(folded, w)) return true;
		words = *end ? end + 1 : end;
	}
	return false;
}

/* True when the row names columns. Without names the order of docs/map-document.md holds, and the row is data. */
static bool read_header(struct reading *r, const struct str *cells, size_t n)
{
	bool named[COLUMNS] = { false };
	int known = 0;
	for (size_t i = 0; i < r->n_columns; i++) {
		r->place[i] = -1;
		const struct str folded = i < n ? map_fold(str_trim(cells[i]), r->a) : STR("");
		for (int c = 0; c < COLUMNS && folded.len; c++)
			if (!named[c] && in_list(folded, headers[c], r->a)) {
				r->place[i] = c;
				named[c] = true;
				known++;
				break;
			}
	}
	if (named[TOUCHPOINT] || known >= 2) return true;
	for (size_t i = 0; i < r->n_columns; i++) r->place[i] = i < COLUMNS ? (int)i : -1;
	/* One column alone is a list of touchpoints. */
	if (r->n_columns == 1) r->place[0] = TOUCHPOINT;
	return false;
}

static enum err_code take_row(void *ctx, const struct str *cells, size_t n, int64_t line, struct err *err)
{
	struct reading *r = ctx;
	if (!r->begun) {
		r->begun = true;
		r->n_columns = n < COUNT_OF(r->place) ? n : COUNT_OF(r->place);
		if (read_header(r, cells, n)) return OK;
	}
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		struct line_of_map *wider = ARENA_ARRAY(r->a, struct line_of_map, r->cap);
		if (!wider) return err_no_memory(err);
		if (r->n) memcpy(wider, r->lines, r->n * sizeof *wider);
		r->lines = wider;
	}
	struct line_of_map *l = &r->lines[r->n];
	*l = (struct line_of_map){ .line = line };
	bool anything = false;
	for (size_t i = 0; i < r->n_columns && i < n; i++) {
		const struct str cell = str_trim(cells[i]);
		anything |= cell.len > 0;
		if (r->place[i] < 0 || cell.len == 0) continue;
		if (cell.len > MAPS_TEXT_BYTES_MAX || utf8_valid(cell.ptr, cell.len) != cell.len) {
			TRY(problem(r, line, "table.text", "", "Shorten the cell, and save the file as UTF-8.",
			            "a cell is too long or not UTF-8", err));
			return OK;
		}
		if (!(l->cells[r->place[i]] = str_copy(r->a, cell)).ptr) return err_no_memory(err);
	}
	if (anything) r->n++;
	return OK;
}

static enum err_code bad_row(void *ctx, int64_t line, const struct err *why, struct err *err)
{
	struct reading *r = ctx;
	return problem(r, line, "table.row", why->field,
	               why->hint[0] ? why->hint : "Correct the row and import it again.", why->text, err);
}

/* --- writing the document ------------------------------------------------------------------------------------ */

struct known {
	struct str name, key;
};

static enum err_code key_for(struct reading *r, const struct known *others, size_t n, struct str name,
                             const char *fallback, struct str *out, struct err *err)
{
	struct str base = map_slug(name, r->a);
	if (!base.ptr) return err_no_memory(err);
	if (str_eq(base, STR("map"))) base = str_of(fallback); /* a name of signs alone */
	*out = base;
	for (int k = 2;; k++) {
		size_t i = 0;
		while (i < n && !str_eq(others[i].key, *out)) i++;
		if (i == n) return OK;
		*out = str_format(r->a, STR_FMT "-%d", STR_ARG(base), k);
		if (!out->ptr) return err_no_memory(err);
	}
}

static void put_text(struct json_out *o, const char *key, struct str text)
{
	json_key(o, key);
	json_open(o, '{');
	json_kv_str(o, lang_codes[map_lang_of(text)], text);
	json_close(o, '}');
}

/* "web, app / store" -> ["web","app","store"]; channels in three languages get the code that events carry. */
static void put_channels(struct json_out *o, struct str cell, struct arena *a)
{
	static const struct {
		const char *code, *words;
	} known[] = {
		{ "web", "web|website|site|online|موقع|الموقع|ويب|الويب|سایت|وب|وب سایت|وبسایت" },
		{ "app", "app|mobile app|تطبيق|التطبيق|اپ|اپلیکیشن|برنامه" },
		{ "store", "store|shop|متجر|المتجر|محل|فروشگاه" },
		{ "branch", "branch|فرع|الفرع|شعبه" },
		{ "phone", "phone|call|call centre|call center|هاتف|الهاتف|اتصال|مركز الاتصال|تلفن|مرکز تماس" },
		{ "email", "email|e-mail|mail|بريد|البريد الإلكتروني|إيميل|ایمیل" },
		{ "chat", "chat|whatsapp|live chat|محادثة|واتساب|چت|گفتگو|واتساپ" },
		{ "sms", "sms|text message|رسالة|رسالة نصية|پیامک" },
		{ "social",
		  "social|social media|instagram|تواصل اجتماعي|شبكات التواصل|إنستغرام|شبکه اجتماعی|اینستاگرام" },
		{ "ads", "ads|ad|advert|advertising|إعلان|إعلانات|تبلیغ|تبلیغات" },
		{ "courier", "courier|carrier|delivery|مندوب|شركة الشحن|مندوب التوصيل|پیک" },
		{ "home", "home|منزل|المنزل|البيت|خانه" },
	};
	json_key(o, "channels");
	json_open(o, '[');
	size_t from = 0, count = 0;
	for (size_t i = 0; i <= cell.len && count < MAPS_CHANNELS_MAX; i++) {
		const bool arabic_comma =
		        i + 1 < cell.len && (unsigned char)cell.ptr[i] == 0xD8 &&
		        ((unsigned char)cell.ptr[i + 1] == 0x8C || (unsigned char)cell.ptr[i + 1] == 0x9B);
		if (i < cell.len && !arabic_comma && !memchr(",;/|+", cell.ptr[i], 5)) continue;
		const struct str one = str_trim(str_cut(cell, from, i));
		from = i + (arabic_comma ? 2 : 1);
		if (one.len == 0) continue;
		const struct str folded = map_fold(one, a);
		struct str code = one;
		for (size_t k = 0; k < COUNT_OF(known); k++)
			if (in_list(folded, known[k].words, a)) code = str_of(known[k].code);
		json_put_str(o, code);
		count++;
	}
	json_close(o, ']');
}

static enum err_code put_believed(struct json_out *o, struct reading *r, const struct line_of_map *l, struct str today,
                                  struct err *err)
{
	double feeling;
	const struct str said = l->cells[FEELING];
	if (said.len && !map_feeling(said, r->a, &feeling)) {
		const struct str text =
		        str_format(r->a, "\"" STR_FMT "\" is no feeling that is known", STR_ARG(str_cut(said, 0, 80)));
		TRY(problem(r, l->line, "table.feeling", "feeling",
		            "Write a number from -2 to 2, a word such as good or bad, or a face.",
		            text.ptr ? text.ptr : "", err));
	} else if (said.len) {
		json_key(o, "assumed");
		json_open(o, '{');
		json_kv_double(o, "feeling", feeling);
		json_kv_z(o, "by", "");
		json_kv_str(o, "at", today);
		json_close(o, '}');
	}
	const struct str promise = l->cells[PROMISE];
	if (promise.len) {
		int64_t within;
		json_key(o, "promise");
		json_open(o, '{');
		put_text(o, "text", promise);
		if (map_within(promise, r->a, &within)) {
			const struct str ms = within % WHEN_DAY_MS == 0
			                              ? str_format(r->a, "%lldd", (long long)(within / WHEN_DAY_MS))
			                              : str_format(r->a, "%llds", (long long)(within / 1000));
			json_kv_str(o, "within", ms);
		}
		json_close(o, '}');
	}
	return OK;
}

/* Stage of each line, an empty cell meaning the one above; stages in order of first appearance. */
static enum err_code find_stages(struct reading *r, struct known *stages, size_t *n_stages, size_t *of, struct err *err)
{
	size_t above = SIZE_MAX;
	for (size_t i = 0; i < r->n; i++) {
		struct str name = r->lines[i].cells[STAGE];
		if (name.len == 0 && above != SIZE_MAX) {
			of[i] = above;
			continue;
		}
		if (name.len == 0) name = STR("Journey");
		const struct str folded = map_fold(name, r->a);
		size_t k = 0;
		while (k < *n_stages && !str_eq(map_fold(stages[k].name, r->a), folded)) k++;
		if (k == *n_stages) {
			if (k == MAPS_STAGES_MAX)
				return err_limit(err, "map.list", "stage", (int64_t)k + 1, MAPS_STAGES_MAX,
				                 "the table has more than %d stages", MAPS_STAGES_MAX);
			stages[k].name = name;
			TRY(key_for(r, stages, k, name, "stage", &stages[k].key, err));
			(*n_stages)++;
		}
		of[i] = above = k;
	}
	return OK;
}

static enum err_code put_touchpoints(struct json_out *o, struct reading *r, const struct known *stages, size_t n_stages,
                                     const size_t *of, struct str today, size_t *count, struct err *err)
{
	struct known *points = ARENA_ARRAY(r->a, struct known, r->n);
	if (!points) return err_no_memory(err);
	/* A stage that the table comes back to: its touchpoints stand together, in the table's order. */
	for (size_t s = 0; s < n_stages; s++)
		for (size_t i = 0; i < r->n; i++) {
			const struct line_of_map *l = &r->lines[i];
			const struct str name = l->cells[TOUCHPOINT];
			if (of[i] != s || name.len == 0) continue;
			bool again = false;
			for (size_t k = 0; k < *count; k++) again |= str_eq(points[k].name, name);
			if (again) {
				const struct str text =
				        str_format(r->a, "the touchpoint \"" STR_FMT "\" is there twice",
				                   STR_ARG(str_cut(name, 0, 80)));
				TRY(problem(r, l->line, "table.twice", "touchpoint",
				            "Join the two lines, or give one another name. The first was taken.",
				            text.ptr ? text.ptr : "", err));
				continue;
			}
			if (*count == JOURNEY_TOUCHPOINTS_MAX)
				return err_limit(err, "map.list", "touchpoint", (int64_t)*count + 1,
				                 JOURNEY_TOUCHPOINTS_MAX, "the table has more than %d touchpoints",
				                 JOURNEY_TOUCHPOINTS_MAX);
			TRY(key_for(r, points, *count, name, "touchpoint", &points[*count].key, err));
			points[*count].name = name;
			json_open(o, '{');
			json_kv_str(o, "key", points[(*count)++].key);
			json_kv_str(o, "stage", stages[s].key);
			put_text(o, "name", name);
			put_channels(o, l->cells[CHANNEL], r->a);
			TRY(put_believed(o, r, l, today, err));
			if (l->cells[OWNER].len) json_kv_str(o, "owner", l->cells[OWNER]);
			if (l->cells[BEHIND].len) json_kv_str(o, "behind", l->cells[BEHIND]);
			json_key(o, "rules");
			json_open(o, '[');
			json_close(o, ']');
			json_close(o, '}');
		}
	return OK;
}

static enum err_code put_document(struct json_out *o, struct reading *r, struct str name, int64_t now_ms,
                                  struct err *err)
{
	struct known stages[MAPS_STAGES_MAX] = { 0 };
	size_t n_stages = 0, count = 0;
	size_t *of = ARENA_ARRAY(r->a, size_t, r->n);
	char day[WHEN_TEXT_BYTES];
	if (!of) return err_no_memory(err);
	TRY(find_stages(r, stages, &n_stages, of, err));
	for (size_t i = 0; i < r->n; i++)
		if (r->lines[i].cells[TOUCHPOINT].len == 0 &&
		    (r->lines[i].cells[FEELING].len || r->lines[i].cells[CHANNEL].len))
			TRY(problem(r, r->lines[i].line, "table.touchpoint", "touchpoint",
			            "Give the touchpoint a name.", "the line has no touchpoint", err));
	json_open(o, '{');
	put_text(o, "name", name);
	json_key(o, "stages");
	json_open(o, '[');
	for (size_t s = 0; s < n_stages; s++) {
		json_open(o, '{');
		json_kv_str(o, "key", stages[s].key);
		put_text(o, "name", stages[s].name);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "touchpoints");
	json_open(o, '[');
	TRY(put_touchpoints(o, r, stages, n_stages, of, str_cut(when_format_iso(now_ms, day), 0, 10), &count, err));
	json_close(o, ']');
	json_close(o, '}');
	if (count) return OK;
	enum err_code rc = err_set(err, ERR_INPUT, "table.empty", "touchpoint", "no touchpoint was found in the table");
	err_hint(
	        err,
	        "The table needs a column called touchpoint, or stage, touchpoint, channel, feeling, promise, person responsible in this order.");
	return rc;
}

enum err_code maps_from_table(const struct wire_input *in, enum wire_format format, struct str name, int64_t now_ms,
                              struct arena *a, struct str *json, struct collect_refused **problems, size_t *n_problems,
                              struct err *err)
{
	struct reading r = { .a = a };
	const struct wire_rows rows = { .ctx = &r, .row = take_row, .bad = bad_row };
	TRY(wire_rows(in, format, &rows, err));
	name = str_trim(name);
	if (name.len == 0) name = STR("Assumed map");
	struct buf b;
	struct json_out o;
	buf_init(&b, 2 * MAPS_DOCUMENT_BYTES_MAX);
	json_out_init(&o, &b);
	enum err_code rc = put_document(&o, &r, name, now_ms, err);
	if (rc == OK) rc = buf_check(&b, err);
	struct map_doc check;
	if (rc == OK) rc = map_doc_read(buf_view(&b), false, a, &check, err);
	if (rc == OK && !(*json = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	if (rc != OK) return rc;
	*problems = r.problems;
	*n_problems = r.n_problems;
	return OK;
}
