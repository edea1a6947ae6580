-- For merging: which blocks are small. Sizes are known without reading the blobs.
SELECT first_arrival, arrival_end, n, length(body) FROM event_block WHERE first_arrival >= ?1 ORDER BY first_arrival;
