ALTER TABLE source ADD COLUMN mask INTEGER NOT NULL DEFAULT 0; -- 1: what identifies a person in a comment is masked before anything is stored
