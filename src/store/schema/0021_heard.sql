-- What gateways told once, so that what they tell again is not heard again. Times are milliseconds since 1970 UTC.

CREATE TABLE outbox_heard (
	hash  BLOB PRIMARY KEY, -- of channel, number and time of a reply or complaint, under the secret of this directory
	at_ms INTEGER NOT NULL  -- when it was heard
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_heard_at ON outbox_heard (at_ms);
