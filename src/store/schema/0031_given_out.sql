-- Why a comment was given out to be looked at, newest: whoever corrects it cannot say so themselves, and a start forgets nothing.
CREATE TABLE insight_given_out (
	arrival INTEGER PRIMARY KEY, -- of the comment
	chosen  INTEGER NOT NULL     -- 1 doubt, 2 chance
) STRICT;
