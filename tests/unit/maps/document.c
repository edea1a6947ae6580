/* Documents: what is refused and where, what is stored, what the engine gets. */
#include "maps/priv.h"
#include "tests/unit/maps/help.h"

#define MINIMAL(more)                                                                                                  \
	"{\"name\":{\"en\":\"Orders\"},\"stages\":[{\"key\":\"buy\",\"name\":{\"en\":\"Buying\"}},{\"key\":\"get\","   \
	"\"name\":{\"en\":\"Getting\"}}]," more                                                                        \
	"\"touchpoints\":[{\"key\":\"bought\",\"stage\":\"buy\",\"name\":{\"en\":\"Bought\",\"fa\":\"خرید\"},"     \
	"\"rules\":[{\"event\":\"Order Bought\"}]},"                                                                   \
	"{\"key\":\"delivered\",\"stage\":\"get\",\"name\":{\"en\":\"Delivered\"},\"rules\":[{\"event\":\"Order "      \
	"Delivered\"}]}]}"

static void a_wrong_document_names_the_pointer_and_what_would_be_right(void **state)
{
	static const struct {
		const char *json, *id, *field;
	} t[] = {
		{ "[]", "map.kind", "the document" },
		{ "{", "map.json", "" },
		{ "{\"stages\":[]}", "map.name", "/name" },
		{ "{\"name\":\"Orders\"}", "map.kind", "/name" },
		{ "{\"name\":{\"English\":\"Orders\"}}", "map.language", "/name/English" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[]}", "map.stages", "/stages" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a b\",\"name\":{\"en\":\"A\"}}]}", "map.key",
		  "/stages/0/key" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}},{\"key\":\"a\","
		  "\"name\":{\"en\":\"A\"}}]}",
		  "map.twice", "/stages/1/key" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}]}", "map.touchpoints",
		  "/touchpoints" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],\"touchpoints\":[{"
		  "\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"b\"}]}",
		  "map.stage", "/touchpoints/0/stage" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],\"touchpoints\":[{"
		  "\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"a\",\"rules\":[{}]}]}",
		  "map.rule", "/touchpoints/0/rules/0" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],\"touchpoints\":[{"
		  "\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"a\",\"rules\":[{\"evnt\":\"x\"}]}]}",
		  "map.member", "/touchpoints/0/rules/0/evnt" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],\"touchpoints\":[{"
		  "\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"a\",\"assumed\":{\"feeling\":3}}]}",
		  "map.feeling", "/touchpoints/0/assumed/feeling" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],\"touchpoints\":[{"
		  "\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"a\",\"promise\":{\"within\":\"soon\"}}]}",
		  "map.duration", "/touchpoints/0/promise/within" },
		{ MINIMAL("\"scope\":{\"from\":\"2026-02-01\",\"to\":\"2026-01-01\"},"), "map.scope", "/scope/to" },
		{ MINIMAL("\"scope\":{\"from\":\"1850-02-01\"},"), "map.time", "/scope/from" },
		{ MINIMAL("\"scope\":{\"filters\":[{\"dimension\":\"unit\"}]},"), "map.filter", "/scope/filters/0" },
		{ MINIMAL("\"instance\":{\"cut\":\"order\"},"), "map.cut", "/instance/cut" },
		{ MINIMAL("\"instance\":{\"gap\":\"0d\"},"), "map.duration", "/instance/gap" },
		{ MINIMAL("\"purchase_after\":\"nowhere\","), "map.purchase", "/purchase_after" },
		{ MINIMAL("\"dimensions\":[],"), "map.kind", "/dimensions" },
		{ MINIMAL("\"dimensions\":{\"tape\":{\"nam\":\"x\"}},"), "map.member", "/dimensions/tape/nam" },
		{ MINIMAL("\"dimensions\":{\"tape\":{\"values\":{\"red\":3}}},"), "map.kind",
		  "/dimensions/tape/values/red" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],\"touchpoints\":[{"
		  "\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"a\",\"owner\":7}]}",
		  "map.kind", "/touchpoints/0/owner" },
		{ "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],\"touchpoints\":[{"
		  "\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"a\",\"owner\":{\"English\":\"x\"}}]}",
		  "map.language", "/touchpoints/0/owner/English" },
		{ "{\"name\":{\"en\":\"x\",\"en\":\"y\"}}", "map.json", "" },
	};
	struct arena a;
	arena_init(&a, 8 << 20);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct map_doc d;
		struct err err = { 0 };
		assert_int_equal(map_doc_read(str_of(t[i].json), false, &a, &d, &err), ERR_INPUT);
		assert_string_equal(err.id, t[i].id);
		assert_string_equal(err.field, t[i].field);
		assert_true(strlen(err.text) > 5);
	}
	arena_done(&a);
}

static void stages_do_not_run_backwards_and_a_step_lies_in_one(void **state)
{
	static const char *const order = "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}},"
	                                 "{\"key\":\"b\",\"name\":{\"en\":\"B\"}}],\"touchpoints\":["
	                                 "{\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"b\"%s},{\"key\":\"u\","
	                                 "\"name\":{\"en\":\"U\"},\"stage\":\"a\"%s}]}";
	struct arena a;
	arena_init(&a, 8 << 20);
	struct map_doc d;
	struct err err = { 0 };
	assert_int_equal(map_doc_read(str_format(&a, order, "", ""), false, &a, &d, &err), ERR_INPUT);
	assert_string_equal(err.id, "map.order");
	assert_string_equal(err.field, "/touchpoints/1/stage");
	assert_int_equal(map_doc_read(str_format(&a, order, ",\"step\":\"s\"", ",\"step\":\"s\""), false, &a, &d, &err),
	                 ERR_INPUT);
	assert_string_equal(err.id, "map.step");
	arena_done(&a);
}

static void renaming_keeps_the_rule_hash_and_regrouping_changes_it(void **state)
{
	struct arena a;
	arena_init(&a, 8 << 20);
	struct map_doc d[3];
	const struct journey_rules *rules[3];
	OK_OR_SHOW(map_doc_read(STR(MINIMAL("")), false, &a, &d[0], why));
	OK_OR_SHOW(map_doc_read(STR(MINIMAL("\"notes\":[{\"text\":\"x\"}],\"purchase_after\":\"bought\",")), false, &a,
	                        &d[1], why));
	OK_OR_SHOW(map_doc_read(STR(MINIMAL("")), false, &a, &d[2], why));
	d[1].touchpoints[0].name.all[0].text = STR("Another name");
	d[2].rules[1].event = STR("Order Arrived");
	for (int i = 0; i < 3; i++) OK_OR_SHOW(map_doc_compile(&d[i], &a, &rules[i], why));
	assert_int_equal(rules[0]->version_hash, rules[1]->version_hash);
	assert_int_not_equal(rules[0]->version_hash, rules[2]->version_hash);
	assert_int_equal(rules[0]->n_touchpoints, 2);
	assert_int_equal(rules[0]->n_steps, 2);
	assert_int_equal(rules[0]->rules[1].touchpoint, 2);
	assert_int_equal(d[1].purchase_step, 0);
	arena_done(&a);
}

static void a_text_falls_back_to_the_maps_own_language(void **state)
{
	struct map_text t[] = { { STR("fr"), STR("Livré") }, { STR("fa"), STR("تحویل") } },
	                o[] = { { STR("fr"), STR("Commandes") } };
	const struct map_texts name = { t, 2 }, own = { o, 1 }, none = { NULL, 0 };
	assert_str(map_text_for(&name, LANG_FA, &own), "تحویل");
	assert_str(map_text_for(&name, LANG_AR, &own), "Livré");
	assert_str(map_text_for(&none, LANG_AR, &own), "");
}

static const struct locale in_arabic = { .lang = LANG_AR }, in_english = { .lang = LANG_EN },
                           in_persian = { .lang = LANG_FA };

static void what_people_wrote_is_one_text_or_a_text_by_language(void **state)
{
	static const char json[] =
	        "{\"name\":{\"en\":\"x\"},\"stages\":[{\"key\":\"a\",\"name\":{\"en\":\"A\"}}],"
	        "\"dimensions\":{\"warehouse\":{\"name\":{\"en\":\"warehouse\",\"ar\":\"المستودع\"},"
	        "\"values\":{\"dubai-south\":{\"ar\":\"جنوب دبي\"}}}},"
	        "\"touchpoints\":[{\"key\":\"t\",\"name\":{\"en\":\"T\"},\"stage\":\"a\",\"owner\":{\"en\":\"Logistics\","
	        "\"ar\":\"الخدمات اللوجستية\"},\"behind\":\"SAP\",\"assumed\":{\"feeling\":1,\"by\":{\"fa\":\"کارگاه\"}},"
	        "\"promise\":{\"source\":{\"en\":\"terms\"}}}]}";
	struct arena a;
	arena_init(&a, 8 << 20);
	struct map_doc d;
	OK_OR_SHOW(map_doc_read(str_of(json), false, &a, &d, why));
	const struct map_touchpoint *t = &d.touchpoints[0];
	struct str other;
	assert_str(map_text_said(&t->owner, LANG_AR, &d.name, &other), "الخدمات اللوجستية");
	assert_int_equal(other.len, 0);
	assert_str(map_text_said(&t->owner, LANG_FA, &d.name, &other), "Logistics");
	assert_str(other, "en");
	/* One text for everybody is in nobody's language, and so never marked. */
	assert_str(map_text_said(&t->behind, LANG_FA, &d.name, &other), "SAP");
	assert_int_equal(other.len, 0);
	assert_str(map_text_said(&t->assumed.by, LANG_EN, &d.name, &other), "کارگاه");
	assert_str(other, "fa");
	assert_str(map_text_for(&t->promise.source, LANG_EN, &d.name), "terms");

	const struct maps_measured mm = { .doc = &d };
	assert_str(map_dimension_words(&mm, STR("warehouse"), &in_arabic, &a), "المستودع");
	assert_str(map_value_words(&mm, STR("warehouse"), STR("dubai-south"), &in_arabic, &a), "جنوب دبي");
	assert_str(map_value_words(&mm, STR("warehouse"), STR("sharjah"), &in_english, &a), "sharjah");
	assert_str(map_dimension_words(&mm, STR("payment_method"), &in_english, &a), "payment method");
	arena_done(&a);
}

static void channels_origins_and_journeys_are_said_in_words(void **state)
{
	struct arena a;
	arena_init(&a, 8 << 20);
	assert_str(map_channel_words(STR("whatsapp"), &in_english, &a), "WhatsApp");
	assert_str(map_channel_words(STR("WhatsApp"), &in_persian, &a), "واتس‌اپ");
	assert_str(map_channel_words(STR("call_center"), &in_english, &a), "call centre");
	assert_str(map_channel_words(STR("Call Centre"), &in_arabic, &a), "مركز الاتصال");
	assert_str(map_channel_words(STR("pigeon"), &in_english, &a), "pigeon");
	assert_str(map_channel_words(STR("pigeon"), &in_arabic, &a), "\xE2\x81\xA8pigeon\xE2\x81\xA9");

	static const struct {
		const char *event, *key;
	} origins[] = {
		{ "Survey Answered", "maps.origin.survey" },
		{ "nps_answer", "maps.origin.survey" },
		{ "CSAT", "maps.origin.survey" },
		{ "ReviewWritten", "maps.origin.review" },
		{ "Complaint Made", "maps.origin.complaint" },
		{ "complaint_call", "maps.origin.complaint" },
		{ "Chat Closed", "maps.origin.chat" },
		{ "Support Call Ended", "maps.origin.call" },
		{ "شکایت ثبت شد", "maps.origin.complaint" },
		{ "E-Mail Received", "maps.origin.mail" },
		{ "Processes Started", NULL },
		{ "Order Delivered", NULL },
	};
	for (size_t i = 0; i < COUNT_OF(origins); i++) {
		const char *got = map_origin_of(str_of(origins[i].event), &a);
		if (!got != !origins[i].key || (got && strcmp(got, origins[i].key) != 0))
			fail_msg("%s is %s", origins[i].event, got ? got : "nothing");
	}

	struct map_doc d = { 0 };
	struct maps_measured mm = { .doc = &d };
	mm.query.instance = (struct journey_instance_rule){ JOURNEY_CUT_KEY, STR("journey"), 30 * WHEN_DAY_MS, false };
	assert_str(map_scope_words(&mm, &in_english, &a), "one journey = one order or case");
	mm.query.instance.key = STR("order_number");
	assert_str(map_scope_words(&mm, &in_english, &a), "one journey = one order number");
	mm.query.instance.cut = JOURNEY_CUT_CUSTOMER;
	assert_str(map_scope_words(&mm, &in_english, &a), "one journey = one customer");
	mm.query.instance.cut = JOURNEY_CUT_GAP;
	assert_str(map_scope_words(&mm, &in_english, &a), "one journey ends after 30 days of silence");
	mm.query.instance.gap_ms = WHEN_DAY_MS;
	assert_str(map_scope_words(&mm, &in_english, &a), "one journey ends after 1 day of silence");
	arena_done(&a);
}

static void templates_are_seven_valid_documents_named_in_three_languages(void **state)
{
	struct arena a;
	arena_init(&a, 64 << 20);
	struct str json;
	OK_OR_SHOW(maps_templates(&a, &json, why));
	json_t *list = parsed(json), *one;
	size_t i;
	assert_int_equal(json_array_size(list), 7);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 2), "key")), "delivery");
	json_array_foreach(list, i, one)
	{
		char *text = json_dumps(json_object_get(one, "document"), 0);
		struct map_doc d;
		OK_OR_SHOW(map_doc_read(str_of(text), false, &a, &d, why));
		assert_in_range(d.n_steps, 5, 12);
		for (size_t t = 0; t < d.n_touchpoints; t++) {
			assert_int_equal(d.touchpoints[t].name.n, 3);
			assert_true(d.touchpoints[t].n_channels > 0);
			for (size_t l = 0; l < 3; l++) {
				enum lang lang;
				assert_true(lang_of(d.touchpoints[t].name.all[l].lang, &lang));
				/* Arabic letters are never mixed into Persian names or the other way round. */
				const struct str s = d.touchpoints[t].name.all[l].text;
				assert_true(lang != LANG_FA || !memmem(s.ptr, s.len, "ي", 2));
				assert_true(lang != LANG_AR ||
				            (!memmem(s.ptr, s.len, "ی", 2) && !memmem(s.ptr, s.len, "ک", 2)));
			}
		}
		for (size_t s = 0; s < d.n_stages; s++) assert_int_equal(d.stages[s].name.n, 3);
		free(text);
	}
	json_decref(list);
	arena_done(&a);
}

static void versions_conflict_when_stale_and_stay_readable(void **state)
{
	struct house *h = house_open(NULL, 0);
	struct str key, json;
	int version;
	OK_OR_SHOW(maps_save(h->maps, STR(MINIMAL("")), 0, STR("Mona"), NOW, &h->a, &key, &version, why));
	assert_str(key, "orders");
	assert_int_equal(version, 1);
	/* The same name again is another map, with a key of its own. */
	OK_OR_SHOW(maps_save(h->maps, STR(MINIMAL("")), 0, STR("Mona"), NOW, &h->a, &key, &version, why));
	assert_str(key, "orders-2");
	OK_OR_SHOW(maps_save(h->maps, STR(MINIMAL("\"key\":\"orders\",\"purchase_after\":\"buy\",")), 1, STR("Reza"),
	                     NOW + 1, &h->a, &key, &version, why));
	assert_int_equal(version, 2);
	struct err err = { 0 };
	assert_int_equal(maps_save(h->maps, STR(MINIMAL("\"key\":\"orders\",")), 1, STR("Late"), NOW + 2, &h->a, &key,
	                           &version, &err),
	                 ERR_CONFLICT);
	assert_string_equal(err.id, "map.stale");
	assert_int_equal(err.limit, 2);
	assert_int_equal(maps_save(h->maps, STR(MINIMAL("\"key\":\"orders\",")), 0, STR("Late"), NOW + 2, &h->a, &key,
	                           &version, &err),
	                 ERR_CONFLICT);
	assert_string_equal(err.id, "map.exists");
	assert_int_equal(maps_save(h->maps, STR(MINIMAL("")), 1, STR("Late"), NOW + 2, &h->a, &key, &version, &err),
	                 ERR_INPUT);

	struct maps_info *rows;
	size_t n;
	OK_OR_SHOW(maps_list(h->maps, &h->a, &rows, &n, why));
	assert_int_equal(n, 2);
	assert_str(rows[0].key, "orders");
	assert_int_equal(rows[0].version, 2);
	assert_str(rows[0].author, "Reza");
	assert_str(rows[0].name, "{\"en\":\"Orders\"}");
	assert_int_equal(rows[0].n_touchpoints, 2);
	OK_OR_SHOW(maps_versions(h->maps, STR("orders"), &h->a, &rows, &n, why));
	assert_int_equal(n, 2);
	assert_int_equal(rows[1].version, 1);
	OK_OR_SHOW(maps_document(h->maps, STR("orders"), 1, &h->a, &json, &version, why));
	assert_int_equal(version, 1);
	assert_null(memmem(json.ptr, json.len, "purchase_after", 14));
	OK_OR_SHOW(maps_document(h->maps, STR("orders"), 0, &h->a, &json, &version, why));
	assert_int_equal(version, 2);
	assert_int_equal(maps_document(h->maps, STR("orders"), 9, &h->a, &json, &version, &err), ERR_NOT_FOUND);

	OK_OR_SHOW(maps_delete(h->maps, STR("orders"), why));
	assert_int_equal(maps_delete(h->maps, STR("orders"), &err), ERR_NOT_FOUND);
	assert_int_equal(maps_save(h->maps, STR(MINIMAL("\"key\":\"orders\",")), 2, STR("Reza"), NOW, &h->a, &key,
	                           &version, &err),
	                 ERR_CONFLICT);
	OK_OR_SHOW(maps_list(h->maps, &h->a, &rows, &n, why));
	assert_int_equal(n, 1);
	house_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_document_names_the_pointer_and_what_would_be_right),
		cmocka_unit_test(stages_do_not_run_backwards_and_a_step_lies_in_one),
		cmocka_unit_test(renaming_keeps_the_rule_hash_and_regrouping_changes_it),
		cmocka_unit_test(a_text_falls_back_to_the_maps_own_language),
		cmocka_unit_test(what_people_wrote_is_one_text_or_a_text_by_language),
		cmocka_unit_test(channels_origins_and_journeys_are_said_in_words),
		cmocka_unit_test(templates_are_seven_valid_documents_named_in_three_languages),
		cmocka_unit_test(versions_conflict_when_stale_and_stay_readable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
