/*
 * A model's bytes from a stranger, and a text to classify with it: bytes 0
 * and 1 say how long the text is. The checksum is put right here, so that
 * what stands behind it is reached. A model that is read gives probabilities.
 */
#include <math.h>

#include "base/hash.h"
#include "fuzz/one.h"
#include "text/text.h"

static void classify(const struct text_model *m, struct text_features *f)
{
	static double p[TEXT_LABELS_MAX];
	const struct str *labels;
	const size_t n = text_model_labels(m, &labels);
	double sum = 0;
	must(n >= 2 && n <= TEXT_LABELS_MAX, "labels");
	const size_t best = text_model_classify(m, f, p);
	must(best < n, "a label of the model");
	for (size_t k = 0; k < n; k++) {
		must(labels[k].len > 0 && labels[k].len <= TEXT_LABEL_BYTES_MAX && is_utf8(labels[k]),
		     "a label's text");
		must(p[k] >= 0 && p[k] <= p[best], "a probability");
		sum += p[k];
	}
	must(fabs(sum - 1) < 1e-9, "probabilities sum to one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text_reader *reader;
	static struct text_features *features;
	struct text_model *m;
	struct text text;
	struct err err;
	if (!reader) reader = text_reader_new();
	if (!features) features = text_features_new();
	if (!reader || !features || size < 2 + 64) return 0;
	size_t len = (size_t)data[0] | (size_t)data[1] << 8;
	if (len > size - 2 - 64) len = size - 2 - 64;
	text_read(reader, (struct str){ (const char *)data + 2, len }, TEXT_OTHER, &text);
	text_features_of(features, &text, 0, text.n);
	for (size_t i = 0; i < features->n; i++) must(features->hash[i] != 0, "a feature is never 0");

	const size_t n = size - 2 - len;
	char *bytes = malloc(n);
	if (!bytes) return 0;
	memcpy(bytes, data + 2 + len, n);
	const uint64_t sum = hash64((struct str){ bytes, n - 8 });
	memcpy(bytes + n - 8, &sum, sizeof sum);
	if (text_model_read((struct str){ bytes, n }, &m, &err) == OK) {
		classify(m, features);
		text_model_free(m);
	} else must(err.id && err.text[0], "a refusal has words");
	free(bytes);
	return 0;
}
