/* The format of a file by its first bytes, then by its name. */
#include "base/checked.h"
#include "wire/priv.h"

/* Names with the packing taken off: log.xes.gz is log.xes. */
static struct str without(struct str name, const char *const *endings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str e = str_of(endings[i]);
		if (name.len > e.len && str_eq_ascii_nocase(str_cut(name, name.len - e.len, name.len), e))
			return str_cut(name, 0, name.len - e.len);
	}
	return name;
}

static enum wire_format by_name(struct str name)
{
	static const char *const packed[] = { ".gz", ".zst" };
	static const struct {
		const char *ending;
		enum wire_format format;
	} endings[] = {
		{ ".csv", WIRE_CSV },   { ".tsv", WIRE_CSV },       { ".txt", WIRE_CSV },      { ".xlsx", WIRE_XLSX },
		{ ".xlsm", WIRE_XLSX }, { ".ndjson", WIRE_NDJSON }, { ".jsonl", WIRE_NDJSON }, { ".json", WIRE_NDJSON },
		{ ".xes", WIRE_XES },   { ".jsonocel", WIRE_OCEL }, { ".log", WIRE_ACCESS },
	};
	name = without(name, packed, COUNT_OF(packed));
	for (size_t i = 0; i < COUNT_OF(endings); i++)
		if (without(name, &endings[i].ending, 1).len < name.len) return endings[i].format;
	return WIRE_AUTO;
}

const char *wire_other_kind(struct str head)
{
	static const struct {
		struct str mark;
		const char *kind;
	} kinds[] = {
		{ STR("\xFF\xD8\xFF"), "a picture (JPEG)" },
		{ STR("\x89PNG\r\n"), "a picture (PNG)" },
		{ STR("GIF8"), "a picture (GIF)" },
		{ STR("RIFF"), "a picture or a sound (RIFF)" },
		{ STR("%PDF-"), "a document (PDF)" },
		{ STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "an old Office file (such as XLS or DOC)" },
		{ STR("7z\xBC\xAF\x27\x1C"), "an archive (7z)" },
		{ STR("Rar!\x1A\x07"), "an archive (RAR)" },
		{ STR("PK\x05\x06"), "an empty archive (ZIP)" },
		{ STR("SQLite format 3"), "a database (SQLite)" },
		{ STR("PAR1"), "a Parquet file" },
		{ STR("\x7F"
		      "ELF"),
		  "a program" },
	};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (str_starts(head, kinds[i].mark)) return kinds[i].kind;
	if (!str_starts(head, STR("PK\x03\x04"))) return NULL;
	/* Workbooks are archives too. Their first part says what they are; others are named by what stands there. */
	struct str part = str_cut(head, 30, head.len);
	bool workbook = memmem(head.ptr, head.len, "[Content_Types].xml", 19) || memmem(head.ptr, head.len, "xl/", 3) ||
	                str_starts(part, STR("_rels/")) || str_starts(part, STR("docProps/"));
	if (memmem(head.ptr, head.len, "word/", 5)) return "a document (Word)";
	return workbook ? NULL : "an archive (ZIP)";
}

/* {"objectTypes":[...], ... in whatever order. */
static bool object_log(struct str head)
{
	return memmem(head.ptr, head.len, "\"objectTypes\"", 13) || memmem(head.ptr, head.len, "\"eventTypes\"", 12);
}

/* "#Version: 1.0", or a line with [17/May/2015: in it. */
static bool access_log(struct str head)
{
	if (str_starts(head, STR("#Version:")) || str_starts(head, STR("#Software:")) ||
	    str_starts(head, STR("#Fields:")))
		return true;
	const struct str line = str_cut(head, 0, str_find(head, '\n'));
	const size_t at = str_find(line, '[');
	return at + 13 < line.len && line.ptr[at + 3] == '/' && line.ptr[at + 7] == '/' && line.ptr[at + 12] == ':';
}

enum wire_format wire_detect(struct str head, struct str name)
{
	if (str_starts(head, STR("PK\x03\x04"))) return WIRE_XLSX;
	if (str_starts(head, STR("\x1F\x8B")) || str_starts(head, STR("\x28\xB5\x2F\xFD"))) return by_name(name);
	bool wide = str_starts(head, STR("\xFF\xFE")) || str_starts(head, STR("\xFE\xFF"));
	if (str_starts(head, STR("\xEF\xBB\xBF"))) head = str_cut(head, 3, head.len);
	head = str_trim(head);
	if (!wide && head.len && head.ptr[0] == '{') return object_log(head) ? WIRE_OCEL : WIRE_NDJSON;
	if (!wide && access_log(head)) return WIRE_ACCESS;
	if (!wide && head.len && head.ptr[0] == '<') return WIRE_XES;
	enum wire_format f = by_name(name);
	if (f != WIRE_AUTO || head.len == 0) return f;
	/* Text with a delimiter in its first line is a table; bytes that are no text are nothing we know. */
	if (memchr(head.ptr, '\0', head.len) && !wide) return WIRE_AUTO;
	struct str first = str_cut(head, 0, str_find(head, '\n'));
	for (const char *d = ",;\t|"; *d; d++)
		if (str_find(first, *d) < first.len) return WIRE_CSV;
	return WIRE_AUTO;
}
