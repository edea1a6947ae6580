#include "wire/xml.h"

static int on_read(void *ctx, char *into, int cap)
{
	struct xml *x = ctx;
	int64_t n = x->read(x->ctx, into, (size_t)cap);
	if (n < 0) x->read_failed = true;
	return (int)n;
}

static int on_close(void *ctx)
{
	(void)ctx;
	return 0;
}

static void on_error(void *ctx, const char *words, xmlParserSeverities severity, xmlTextReaderLocatorPtr where)
{
	struct xml *x = ctx;
	if (x->words[0] || (severity != XML_PARSER_SEVERITY_ERROR && severity != XML_PARSER_SEVERITY_VALIDITY_ERROR))
		return;
	size_t n = strcspn(words, "\n");
	struct str s = wire_show((struct str){ words, n }, sizeof x->words - 1);
	snprintf(x->words, sizeof x->words, STR_FMT, STR_ARG(s));
	x->line = where ? xmlTextReaderLocatorLineNumber(where) : 0;
}

enum err_code xml_open(struct xml *x, struct err *err)
{
	xmlInitParser();
	x->reader = xmlReaderForIO(on_read, on_close, x, NULL, NULL,
	                           XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES);
	if (!x->reader) return err_no_memory(err);
	xmlTextReaderSetErrorHandler(x->reader, on_error, x);
	return OK;
}

void xml_close(struct xml *x)
{
	if (x->reader) xmlFreeTextReader(x->reader);
	x->reader = NULL;
}

int xml_next(struct xml *x)
{
	int got = xmlTextReaderRead(x->reader);
	if (got == 1) {
		int type = xml_type(x);
		if (type != XML_READER_TYPE_DOCUMENT_TYPE && type != XML_READER_TYPE_ENTITY_REFERENCE) return 1;
		x->doctype = true;
		/* A DOCTYPE has no line of its own; the parser stands at the tag after it. */
		x->line = xmlTextReaderGetParserLineNumber(x->reader);
		return -1;
	}
	/* A stream that breaks off in the middle of a document is an error, also where libxml2 calls it the end. */
	if (got == 0 && !x->words[0] && !x->read_failed) return 0;
	return -1;
}

enum err_code xml_error(const struct xml *x, const char *syntax_id, const char *doctype_id, struct err *err)
{
	if (x->doctype) {
		err_set(err, ERR_INPUT, doctype_id, "", "a DOCTYPE stands at line %d or just above, which is not read",
		        x->line);
		err_hint(err, "Remove the <!DOCTYPE ...> line: it can name other files and entities, and these formats "
		              "need none.");
		return ERR_INPUT;
	}
	err_set(err, ERR_INPUT, syntax_id, "", "not XML at line %d: %s", x->line,
	        x->words[0] ? x->words : "it ends too early");
	err_hint(err, "What stands before that line is kept. Export the file again, or correct the line.");
	return ERR_INPUT;
}

int xml_line(const struct xml *x)
{
	long line = xmlGetLineNo(xmlTextReaderCurrentNode(x->reader));
	return line > 0 && line < INT32_MAX ? (int)line : 0;
}

struct str xml_attr(struct xml *x, const char *name)
{
	struct str found = { 0 };
	if (xmlTextReaderMoveToAttribute(x->reader, (const xmlChar *)name) == 1) {
		found = xml_value(x);
		if (!found.ptr) found = STR("");
	}
	/* Values of attributes live in the reader's dictionary until it moves on to the next node. */
	xmlTextReaderMoveToElement(x->reader);
	return found;
}
