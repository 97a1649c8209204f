-- The data model on SQLite. Ids are the 12 bytes of an ObjectID, times are
-- Unix milliseconds in UTC, texts that have no value are empty.

CREATE TABLE users (
  seq           INTEGER PRIMARY KEY,
  id            BLOB    NOT NULL UNIQUE,
  first_name    TEXT    NOT NULL,
  last_name     TEXT    NOT NULL,
  army_number   TEXT    NOT NULL UNIQUE,
  role          TEXT    NOT NULL CHECK (role IN ('admin', 'user')),
  password_hash TEXT    NOT NULL,
  allowed_dbs   BLOB    NOT NULL, -- ids one after the other, in the order given
  is_generated  INTEGER NOT NULL,
  session       INTEGER NOT NULL,
  kept_token    TEXT    NOT NULL,
  created_at    INTEGER NOT NULL,
  search_text   TEXT    NOT NULL  -- folded name and army number
) STRICT;
CREATE INDEX users_by_creation ON users (created_at, id);

CREATE TABLE dbs (
  seq               INTEGER PRIMARY KEY,
  id                BLOB    NOT NULL UNIQUE,
  name              TEXT    NOT NULL,
  short_code        TEXT    NOT NULL,
  short_code_folded TEXT    NOT NULL UNIQUE,
  description       TEXT    NOT NULL,
  created_at        INTEGER NOT NULL,
  search_text       TEXT    NOT NULL -- folded name and short code
) STRICT;
CREATE INDEX dbs_by_creation ON dbs (created_at, id);

-- db_id has no foreign key: data taken over from elsewhere may hold records
-- whose database is gone, and nothing is lost on the way.
CREATE TABLE personnels (
  seq            INTEGER PRIMARY KEY,
  id             BLOB    NOT NULL UNIQUE,
  db_id          BLOB    NOT NULL,
  first_name     TEXT    NOT NULL,
  last_name      TEXT    NOT NULL,
  middle_name    TEXT    NOT NULL,
  army_number    TEXT    NOT NULL,
  phone_number   TEXT    NOT NULL,
  rank           TEXT    NOT NULL,
  bank_name      TEXT    NOT NULL,
  bank_sort_code TEXT    NOT NULL,
  acct_number    TEXT    NOT NULL,
  sub_sector     TEXT    NOT NULL,
  location       TEXT    NOT NULL,
  remark         TEXT    NOT NULL,
  status         TEXT    NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER,          -- NULL when never
  deleted_at     INTEGER,          -- NULL while live
  search_text    TEXT    NOT NULL  -- office.Personnel.SearchText
) STRICT;
CREATE UNIQUE INDEX personnels_army_number ON personnels (db_id, army_number)
  WHERE deleted_at IS NULL;
CREATE INDEX personnels_by_creation ON personnels (db_id, created_at, id)
  WHERE deleted_at IS NULL;
CREATE INDEX personnels_by_status ON personnels (db_id, status, created_at, id)
  WHERE deleted_at IS NULL;
-- For the deletion of a database, which takes the deleted records as well.
CREATE INDEX personnels_deleted ON personnels (db_id) WHERE deleted_at IS NOT NULL;

-- How many records there are, so that no total has to count them. Changed in
-- the transaction that changes the records.
CREATE TABLE tally (
  month  INTEGER NOT NULL, -- year * 12 + month - 1, of creation or, for 'deleted', of deletion; 0 for all months
  db_id  BLOB    NOT NULL,
  status TEXT    NOT NULL, -- of live records; 'deleted' for the others
  n      INTEGER NOT NULL,
  PRIMARY KEY (month, db_id, status)
) STRICT, WITHOUT ROWID;

-- Failed attempts to log in; see auth.Attempts.
CREATE TABLE attempts (
  key           TEXT    PRIMARY KEY,
  count         INTEGER NOT NULL,
  pause         INTEGER NOT NULL, -- milliseconds
  blocked_until INTEGER,
  forget_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_forget_at ON attempts (forget_at);
