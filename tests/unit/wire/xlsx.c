/* Workbooks made here, part by part, so that each can lie in its own way. */
#include <unistd.h>
#include <zip.h>

#include "tests/unit/wire/caught.h"

struct part {
	const char *name;
	const char *text;
};

static const char workbook[] = "<workbook xmlns:r='r'><workbookPr date1904='%d'/><sheets><sheet name='First' "
                               "sheetId='1' r:id='r1'/><sheet name='Other' sheetId='2' r:id='r2'/></sheets></workbook>";
static const char rels[] = "<Relationships><Relationship Id='r2' Target='worksheets/sheet2.xml'/><Relationship Id='r1' "
                           "Target='/xl/worksheets/sheet1.xml'/></Relationships>";
static const char styles[] =
        "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd\\ hh:mm'/><numFmt numFmtId='165' "
        "formatCode='0.00&quot;day&quot;'/>"
        "<numFmt numFmtId='166' formatCode='[h]:mm'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
        "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/><xf "
        "numFmtId='166'/></cellXfs></styleSheet>";
static const char strings[] =
        "<sst><si><t>case</t></si><si><t>activity</t></si><si><t>at</t></si><si><r><t>Rich </t></r><r><t>&amp; "
        "bold</t></r><rPh><t>no</t></rPh></si><si><t xml:space='preserve'> n</t></si></sst>";
static const char sheet[] = "<worksheet><cols/><sheetData>"
                            "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c><c r='C1' "
                            "t='s'><v>2</v></c><c r='E1' t='inlineStr'><is><t>amount</t></is></c></row>"
                            "<row r='2'><c r='A2'><v>12345678901</v></c><c r='B2' t='s'><v>3</v></c><c r='C2' "
                            "s='1'><v>46023</v></c><c r='E2'><v>0.1</v></c></row>"
                            "<row r='4'><c r='A4' t='str'><f>A2&amp;1</f><v>x1</v></c><c r='B4' t='b'><v>1</v></c><c "
                            "r='C4' s='2'><v>46023.75</v></c><c r='E4' s='3'><v>1.5</v></c></row>"
                            "<row r='5'/><row r='6'><c r='B6' t='e'><v>#N/A</v></c></row>"
                            "</sheetData></worksheet>";

/* Zipped into memory; the caller frees. */
static struct str zipped(const struct part *parts, size_t n)
{
	zip_error_t ze;
	zip_source_t *src = zip_source_buffer_create(NULL, 0, 0, &ze);
	zip_source_keep(src);
	zip_t *z = zip_open_from_source(src, ZIP_CREATE | ZIP_TRUNCATE, &ze);
	assert_non_null(z);
	for (size_t i = 0; i < n; i++)
		assert_true(zip_file_add(z, parts[i].name,
		                         zip_source_buffer(z, parts[i].text, strlen(parts[i].text), 0), 0) >= 0);
	assert_int_equal(zip_close(z), 0);
	zip_source_open(src);
	zip_source_seek(src, 0, SEEK_END);
	size_t len = (size_t)zip_source_tell(src);
	zip_source_seek(src, 0, SEEK_SET);
	char *bytes = malloc(len);
	assert_int_equal(zip_source_read(src, bytes, len), (int64_t)len);
	zip_source_close(src);
	zip_source_free(src);
	return (struct str){ bytes, len };
}

static struct str book(int from_1904, const char *first_sheet)
{
	static char wb[1000];
	snprintf(wb, sizeof wb, workbook, from_1904);
	const struct part parts[] = {
		{ "xl/workbook.xml", wb },
		{ "xl/_rels/workbook.xml.rels", rels },
		{ "xl/styles.xml", styles },
		{ "xl/sharedStrings.xml", strings },
		{ "xl/worksheets/sheet1.xml", first_sheet },
		{ "xl/worksheets/sheet2.xml",
		  "<worksheet><sheetData><row><c t='inlineStr'><is><t>q</t></is></c></row></sheetData></worksheet>" }
	};
	return zipped(parts, COUNT_OF(parts));
}

static enum err_code import_book(struct str file, const char *path, const char *toml, struct err *err)
{
	struct memory m = { .bytes = file, .step = 1000 };
	struct wire_input in = memory_input(&m, "book.xlsx");
	struct wire_mapping *map;
	in.path = path;
	*err = (struct err){ 0 };
	caught_start();
	enum err_code rc = wire_mapping_read(str_of(toml), &caught.arena, &map, err);
	return rc == OK ? wire_table(map, &in, 1, WIRE_XLSX, 0, &caught.sink, err) : rc;
}

#define MAP "customer = \"case\"\nname_column = \"activity\"\ntime = \"at\"\nvalue = \"amount\"\n"

static void cells_of_all_kinds_are_read(void **s)
{
	(void)s;
	struct err err;
	struct str file = book(0, sheet);
	char path[] = "/tmp/safar-book-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, file.ptr, file.len) == (ssize_t)file.len);
	for (int pass = 0; pass < 2; pass++) {
		if (import_book(file, pass ? path : NULL, MAP, &err) != OK) fail_msg("%s", err.text);
		assert_int_equal(caught.n_events, 2);
		assert_str(caught.event[0].customer, "12345678901");
		assert_str(caught.event[0].name, "Rich & bold");
		assert_int_equal(caught.event[0].at_ms, ms("2026-01-01T00:00:00Z"));
		assert_str(caught.event[0].body, "{\"properties\":{\"value\":0.1}}");
		assert_str(caught.event[1].customer, "x1");
		assert_str(caught.event[1].name, "true");
		assert_int_equal(caught.event[1].at_ms, ms("2026-01-01T18:00:00Z"));
		assert_int_equal(caught.event[1].line, 4);
		assert_int_equal(caught.n_refused, 1);
		assert_int_equal(caught.refused[0].line, 6);
		assert_str(caught.refused[0].raw, ",#N/A");
	}
	close(fd);
	unlink(path);
	free((char *)(uintptr_t)file.ptr);
	file = book(1, sheet);
	assert_int_equal(import_book(file, NULL, MAP, &err), OK);
	assert_int_equal(caught.event[0].at_ms, ms("2030-01-02T00:00:00Z"));
	assert_int_equal(import_book(file, NULL, "sheet = \"Nowhere\"\n" MAP, &err), ERR_INPUT);
	assert_string_equal(err.text, "the workbook has no sheet 'Nowhere'; it has: First, Other");
	assert_int_equal(import_book(file, NULL, "sheet = \"Other\"\n" MAP, &err), ERR_INPUT);
	assert_string_equal(err.id, "mapping.column");
	free((char *)(uintptr_t)file.ptr);
}

static void broken_workbooks_are_refused_in_words(void **s)
{
	(void)s;
	struct err err;
	assert_int_equal(import_book(STR("this is no zip"), NULL, MAP, &err), ERR_INPUT);
	assert_string_equal(err.id, "xlsx.zip");
	static const char *const sheets[] = {
		"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet><sheetData/></worksheet>",
		"<worksheet><sheetData><row><c t='s'><v>99</v></c></row></sheetData></worksheet>",
		"<worksheet><sheetData><row>",
		"<worksheet><sheetData><row><c r='ZZZZ1'><v>1</v></c></row></sheetData></worksheet>",
		"<worksheet/>",
	};
	static const char *const ids[] = { "xlsx.doctype", "xlsx.syntax", "xlsx.syntax", "xlsx.syntax", "csv.empty" };
	for (size_t i = 0; i < COUNT_OF(sheets); i++) {
		struct str file = book(0, sheets[i]);
		if (import_book(file, NULL, MAP, &err) != ERR_INPUT || strcmp(err.id, ids[i]) != 0)
			fail_msg("%zu: %s %s", i, err.id, err.text);
		free((char *)(uintptr_t)file.ptr);
	}
	struct str file = zipped(&(struct part){ "word/document.xml", "<x/>" }, 1);
	assert_int_equal(import_book(file, NULL, MAP, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "no xl/workbook.xml"));
	/* every prefix of a good book */
	free((char *)(uintptr_t)file.ptr);
	file = book(0, sheet);
	for (size_t len = 0; len < file.len; len += 7)
		assert_int_not_equal(import_book(str_cut(file, 0, len), NULL, MAP, &err), OK);
	free((char *)(uintptr_t)file.ptr);
}

/* Sets the uncompressed size of every entry, in the directory and in the local headers. */
static void lie(struct str file, uint32_t size)
{
	for (size_t i = 0; i + 46 < file.len; i++) {
		unsigned char *p = (unsigned char *)(uintptr_t)file.ptr + i;
		int at = memcmp(p, "PK\1\2", 4) == 0 ? 24 : memcmp(p, "PK\3\4", 4) == 0 ? 22 : 0;
		for (int k = 0; at && k < 4; k++) p[at + k] = (unsigned char)(size >> (8 * k));
	}
}

static void a_workbook_that_lies_about_sizes_is_refused(void **s)
{
	(void)s;
	struct err err;
	struct str file = book(0, sheet);
	static const uint32_t sizes[] = { 0, 10, 200, 0x3FFFFFFF, 0xF0000000u };
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		lie(file, sizes[i]);
		enum err_code rc = import_book(file, NULL, MAP, &err);
		if (rc != ERR_LIMIT && rc != ERR_INPUT) fail_msg("size %u was believed", sizes[i]);
	}
	free((char *)(uintptr_t)file.ptr);
	/* A bomb: 64 MiB of blanks in some KiB. */
	size_t n = 64 * MIB;
	char *blanks = malloc(n + 1);
	memset(blanks, ' ', n);
	memcpy(blanks, "<worksheet>", 11);
	blanks[n] = '\0';
	file = book(0, blanks);
	free(blanks);
	assert_true(file.len < MIB);
	assert_int_equal(import_book(file, NULL, MAP, &err), ERR_LIMIT);
	assert_string_equal(err.text, "the workbook holds a part that grows more than 200-fold");
	free((char *)(uintptr_t)file.ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_of_all_kinds_are_read),
		cmocka_unit_test(broken_workbooks_are_refused_in_words),
		cmocka_unit_test(a_workbook_that_lies_about_sizes_is_refused),
	};
	int failed = cmocka_run_group_tests_name("wire xlsx", tests, NULL, NULL);
	arena_done(&caught.arena);
	return failed;
}
