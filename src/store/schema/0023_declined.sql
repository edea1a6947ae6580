-- People who were asked and said no, and reminders that a rule held back.

-- One row an invitation that was declined with "No, thanks".
CREATE TABLE contact_declined (
	token    INTEGER PRIMARY KEY, -- survey_token.id
	decision INTEGER,             -- contact_decision.id of its asking; NULL: somebody asked by hand
	survey   TEXT NOT NULL,       -- key
	channel  INTEGER NOT NULL,
	at_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_declined_survey ON contact_declined (survey, at_ms);
CREATE INDEX contact_declined_decision ON contact_declined (decision);

-- A reminder that a rule refuses for a reason that passes is tried again then, a few times.
ALTER TABLE contact_invitation ADD COLUMN remind_next_ms INTEGER;             -- not before; NULL: as soon as it is due
ALTER TABLE contact_invitation ADD COLUMN remind_tries INTEGER NOT NULL DEFAULT 0; -- that were refused
