/* A workbook, as a zip; or, when the first byte is no 'P', one sheet's XML in a good zip made around it. */
#include <zip.h>

#include "fuzz/one.h"

static void add(zip_t *z, const char *name, const void *bytes, size_t n)
{
	zip_source_t *s = zip_source_buffer(z, bytes, n, 0);
	zip_int64_t i = zip_file_add(z, name, s, 0);
	if (i >= 0) zip_set_file_compression(z, (zip_uint64_t)i, ZIP_CM_STORE, 0);
}

static size_t around(const uint8_t *data, size_t size, uint8_t **out)
{
	static const char workbook[] = "<workbook xmlns:r='r'><sheets><sheet name='S' r:id='r'/></sheets></workbook>";
	static const char rels[] = "<R><Relationship Id='r' Target='s.xml'/></R>";
	zip_error_t ze;
	zip_source_t *src = zip_source_buffer_create(NULL, 0, 0, &ze);
	zip_source_keep(src);
	zip_t *z = zip_open_from_source(src, ZIP_CREATE | ZIP_TRUNCATE, &ze);
	size_t half = size / 4;
	add(z, "xl/workbook.xml", workbook, sizeof workbook - 1);
	add(z, "xl/_rels/workbook.xml.rels", rels, sizeof rels - 1);
	add(z, "xl/sharedStrings.xml", "<sst><si><t>a</t></si><si><t>b</t></si></sst>", 45);
	add(z, "xl/styles.xml", data, half);
	add(z, "xl/s.xml", data + half, size - half);
	if (half == 0) zip_delete(z, 3);
	zip_close(z);
	zip_source_open(src);
	zip_source_seek(src, 0, SEEK_END);
	size_t len = (size_t)zip_source_tell(src);
	zip_source_seek(src, 0, SEEK_SET);
	*out = malloc(len);
	len = (size_t)zip_source_read(src, *out, len);
	zip_source_close(src);
	zip_source_free(src);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct wire_guess g = { 0 };
	uint8_t *made = NULL;
	struct bytes b = { data, size, 0, 0 };
	if (size && data[0] != 'P') b.size = around(data, size, &made), b.data = made;
	struct wire_input in = bytes_input(&b, "x.xlsx");
	arena_init(&a, 64 * MIB);
	must(wire_guess_table(&in, 1, WIRE_XLSX, &a, &g, &err) == OK || err.text[0], "an error has words");
	arena_done(&a);
	free(made);
	return 0;
}
