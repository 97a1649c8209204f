-- Which words stand in which record: the runs of up to three characters, or eight letters, of
-- the search texts of live records, each after the number of its database; see grams. It is
-- changed in the transaction that changes the records.
CREATE TABLE search_dbs (
  number INTEGER PRIMARY KEY,
  db_id  BLOB    NOT NULL UNIQUE
) STRICT;
CREATE VIRTUAL TABLE search USING fts5(
  grams, -- of the record whose seq is the rowid
  tokenize = 'ascii', detail = none, content = '', contentless_delete = 1
);
-- The few live records that wait for their place in the index: it takes many
-- at once for little more than one. A search looks at each.
CREATE TABLE search_waiting (
  seq   INTEGER PRIMARY KEY,
  db_id BLOB    NOT NULL
) STRICT;

-- The tally over all databases.
CREATE TABLE tally_of_all (
  month  INTEGER NOT NULL,
  status TEXT    NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (month, status)
) STRICT, WITHOUT ROWID;
INSERT INTO tally_of_all SELECT month, status, sum(n) FROM tally GROUP BY month, status;
