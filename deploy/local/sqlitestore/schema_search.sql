-- The search index: which live records have which runs of up to three characters, or eight
-- letters, in their search texts. Each run follows the number of its database; see grams. The
-- index is changed in the transaction that changes the records.
CREATE TABLE search_dbs (
  number INTEGER PRIMARY KEY,
  db_id  BLOB    NOT NULL UNIQUE
) STRICT;
CREATE VIRTUAL TABLE search USING fts5(
  grams, -- of the record whose seq is the rowid
  tokenize = 'ascii', detail = none, content = '', contentless_delete = 1
);
-- The few live records that are not in the index yet: to add many at once takes little longer
-- than to add one. A search looks at each.
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
