ALTER TABLE source ADD COLUMN rules TEXT NOT NULL DEFAULT ''; -- JSON list of {"property","action"}: what is dropped, hashed or masked before anything is stored; '' none
