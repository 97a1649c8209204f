-- The history of the records: one row for each entry that is kept, written in the
-- transaction that changes the record. The record has the revision of its last entry.
CREATE TABLE history (
  seq      INTEGER NOT NULL, -- of the record
  revision INTEGER NOT NULL,
  entry    TEXT    NOT NULL, -- JSON; see storedEntry
  PRIMARY KEY (seq, revision)
) STRICT, WITHOUT ROWID;
ALTER TABLE personnels ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE personnels ADD COLUMN bank_changed_at INTEGER; -- NULL when never
-- The trash, and the deletion of a database, which takes the deleted records as well.
DROP INDEX personnels_deleted;
CREATE INDEX personnels_trash ON personnels (db_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
-- What has changed recently.
CREATE INDEX personnels_by_change ON personnels (db_id, updated_at, id);
