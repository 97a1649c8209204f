-- What the checks before a payment look for. What they find in one record alone is written with
-- it: the codes of office.Personnel.FailedChecks, with a blank between them.
ALTER TABLE personnels ADD COLUMN checks TEXT NOT NULL DEFAULT '';
CREATE INDEX personnels_by_checks ON personnels (db_id, checks, created_at, id, deleted_at)
  WHERE deleted_at IS NULL AND checks <> '';
CREATE INDEX personnels_by_bank_change ON personnels (db_id, bank_changed_at, created_at, id, deleted_at)
  WHERE deleted_at IS NULL AND bank_changed_at IS NOT NULL;
-- Who else has an account or an army number. With deleted_at in them, SQLite reads the indexes alone.
CREATE INDEX personnels_by_account ON personnels (acct_number, army_number, db_id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX personnels_by_person ON personnels (army_number, db_id, deleted_at) WHERE deleted_at IS NULL;
