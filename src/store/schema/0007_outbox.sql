-- Messages that leave, and the channels through which they do. Times are milliseconds since 1970 UTC.

CREATE TABLE outbox_channel (
	key        TEXT PRIMARY KEY,             -- part of its address
	kind       INTEGER NOT NULL,             -- 0 smtp, 1 gateway, 2 webhook, 3 folder
	medium     INTEGER NOT NULL,             -- 0 email, 1 sms, 2 whatsapp, 3 webhook
	settings   TEXT NOT NULL,                -- JSON object, docs/channels.md
	secret     TEXT NOT NULL,                -- password or key; '' none; never leaves
	receipt    TEXT NOT NULL,                -- secret part of the address of receipts
	enabled    INTEGER NOT NULL,
	made_ms    INTEGER NOT NULL,
	next_ms    INTEGER NOT NULL,             -- not before this the next message, by the channel's rate
	trouble    TEXT NOT NULL,                -- why the newest message could not be handed over, '' it could
	trouble_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox_message (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	channel     TEXT NOT NULL,               -- outbox_channel.key; it may be gone
	medium      INTEGER NOT NULL,
	address     TEXT NOT NULL,               -- '' erased
	name        TEXT NOT NULL,
	subject     TEXT NOT NULL,
	text        TEXT NOT NULL,               -- '' forgotten after the message came to its end
	html        TEXT NOT NULL,
	lang        TEXT NOT NULL,
	purpose     TEXT NOT NULL,
	ref         TEXT NOT NULL,               -- the name that the asking part has for it
	customer    TEXT NOT NULL,               -- external id, '' none
	key         TEXT UNIQUE,                 -- the same key is queued once; NULL: always
	unsubscribe TEXT NOT NULL,               -- URL, '' none
	state       INTEGER NOT NULL,            -- 0 queued, 1 sending, 2 sent, 3 delivered, 4 failed, 5 bounced, 6 dropped
	tries       INTEGER NOT NULL,
	created_ms  INTEGER NOT NULL,
	next_ms     INTEGER NOT NULL,            -- queued: not before this
	changed_ms  INTEGER NOT NULL,
	provider    TEXT NOT NULL,               -- the gateway's number for it, '' unknown
	reason      TEXT NOT NULL                -- why it failed or is tried again, '' none
) STRICT;
CREATE INDEX outbox_due ON outbox_message (channel, next_ms) WHERE state = 0;
CREATE INDEX outbox_under_way ON outbox_message (id) WHERE state = 1;
CREATE INDEX outbox_provider ON outbox_message (channel, provider) WHERE provider <> '';
CREATE INDEX outbox_address ON outbox_message (address, medium) WHERE state = 0;
CREATE INDEX outbox_customer ON outbox_message (customer) WHERE customer <> '';
CREATE INDEX outbox_ended ON outbox_message (changed_ms) WHERE state >= 2 AND text <> '';

CREATE TABLE outbox_file (
	message INTEGER NOT NULL REFERENCES outbox_message (id) ON DELETE CASCADE,
	place   INTEGER NOT NULL,
	name    TEXT NOT NULL,
	type    TEXT NOT NULL,
	bytes   BLOB NOT NULL,
	PRIMARY KEY (message, place)
) STRICT;
