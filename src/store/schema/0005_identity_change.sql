-- What people decided about who is one person: identity_edge keeps what events told, this is added to it.
-- Nothing here is ever changed or deleted. Times are milliseconds since 1970 UTC.

CREATE TABLE identity_change (
	arrival INTEGER NOT NULL, -- its place in the order of arrivals; a number of its own that no event has
	a       INTEGER NOT NULL, -- identity.id
	b       INTEGER NOT NULL, -- identity.id, above a
	apart   INTEGER NOT NULL, -- 1: they are not one person, whatever events told or tell; 0: they are
	at_ms   INTEGER NOT NULL, -- when it was decided
	author  TEXT NOT NULL,    -- name of who did, '' the program
	reason  TEXT NOT NULL,    -- in words
	PRIMARY KEY (arrival, a, b)
) STRICT, WITHOUT ROWID;

-- Everything that was said about one identity.
CREATE INDEX identity_change_a ON identity_change (a);
CREATE INDEX identity_change_b ON identity_change (b);
CREATE INDEX identity_edge_a ON identity_edge (a);
CREATE INDEX identity_edge_b ON identity_edge (b);
