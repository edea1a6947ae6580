-- Sources whose sums do not agree with what is there.
SELECT c.source, c.received, c.stored, c.duplicate, c.set_aside, c.refused, (SELECT count(*) FROM set_aside s WHERE s.source = c.source),
	c.erased
FROM source_count c;
