/* The public JSON test suite against the reader in base/: y_ is read, n_ is not, i_ does not crash. */
#include <dirent.h>

#include "base/json.h"
#include "tests/unit/wire/caught.h"

static bool valid(struct str text)
{
	struct json_reader r;
	json_read(&r, text);
	for (;;) {
		enum json_token t = json_next(&r);
		if (t == JT_END) return true;
		if (t == JT_ERROR) return false;
	}
}

static void every_file_of_the_suite_is_judged_right(void **s)
{
	(void)s;
	static const char folder[] = DATA "/corpora/json-test-suite/test_parsing";
	DIR *d = opendir(folder);
	int n = 0;
	if (!d) {
		print_message("skipped: %s is absent\n", folder);
		skip();
	}
	caught_start();
	for (struct dirent *e; (e = readdir(d));) {
		char path[900];
		if (!strstr(e->d_name, ".json")) continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		bool ok = valid(whole_file(path));
		if (e->d_name[0] == 'y' && !ok) fail_msg("%s was refused", e->d_name);
		if (e->d_name[0] == 'n' && ok) fail_msg("%s was read", e->d_name);
		n++;
	}
	closedir(d);
	assert_true(n > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_file_of_the_suite_is_judged_right) };
	int failed = cmocka_run_group_tests_name("wire json suite", tests, NULL, NULL);
	arena_done(&caught.arena);
	return failed;
}
