/* XML of strangers, pulled: no network, no entities of their own, no DOCTYPE. Used by XES and XLSX. */
#ifndef WIRE_XML_H
#define WIRE_XML_H

#include <libxml/xmlreader.h>

#include "wire/priv.h"

struct xml {
	xmlTextReaderPtr reader;
	/* Bytes: as many as fit into cap; 0 end, -1 error. */
	int64_t (*read)(void *ctx, void *into, size_t cap);
	void *ctx;
	bool read_failed, doctype;
	char words[160]; /* libxml2's first error */
	int line;
};

/* Fields read and ctx are set by the caller. */
NODISCARD enum err_code xml_open(struct xml *x, struct err *err);
void xml_close(struct xml *x);

/* The next node: 1, 0 at the end, -1 on an error or a DOCTYPE (see xml_error). */
int xml_next(struct xml *x);

/* What stopped it: ids as given; a failed read is left to the caller. */
enum err_code xml_error(const struct xml *x, const char *syntax_id, const char *doctype_id, struct err *err);

static inline struct str xml_name(const struct xml *x)
{
	return str_of((const char *)xmlTextReaderConstLocalName(x->reader));
}
static inline int xml_type(const struct xml *x)
{
	return xmlTextReaderNodeType(x->reader);
}
static inline bool xml_empty(const struct xml *x)
{
	return xmlTextReaderIsEmptyElement(x->reader) == 1;
}
static inline struct str xml_value(const struct xml *x)
{
	return str_of((const char *)xmlTextReaderConstValue(x->reader));
}
static inline int xml_depth(const struct xml *x)
{
	return xmlTextReaderDepth(x->reader);
}
/* Line on which the element starts; the parser itself may be far ahead. */
int xml_line(const struct xml *x);
/* An attribute of the element without a name space; ptr NULL when absent. Valid until the next call on the reader. */
struct str xml_attr(struct xml *x, const char *name);

#endif
