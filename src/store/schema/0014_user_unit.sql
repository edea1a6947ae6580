-- The unit that a person sees: a path, as events and unit_setting write it. Nothing was ever written to the column of before.
ALTER TABLE user DROP COLUMN unit;
ALTER TABLE user ADD COLUMN unit TEXT; -- this unit and those below it; NULL: the whole organisation
