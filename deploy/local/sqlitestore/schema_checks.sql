-- What the checks before a payment look for. What they find in a record by itself is kept in it:
-- the codes of office.Personnel.FailedChecks, separated by blanks.
ALTER TABLE personnels ADD COLUMN checks TEXT NOT NULL DEFAULT '';
CREATE INDEX personnels_by_checks ON personnels (db_id, checks, created_at, id, deleted_at)
  WHERE deleted_at IS NULL AND checks <> '';
CREATE INDEX personnels_by_bank_change ON personnels (db_id, bank_changed_at, created_at, id, deleted_at)
  WHERE deleted_at IS NULL AND bank_changed_at IS NOT NULL;
-- Who else has an account or an army number. As these indexes have deleted_at, SQLite reads only them.
CREATE INDEX personnels_by_account ON personnels (acct_number, army_number, db_id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX personnels_by_person ON personnels (army_number, db_id, deleted_at) WHERE deleted_at IS NULL;
