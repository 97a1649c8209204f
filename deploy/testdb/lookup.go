package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver that FerretDB uses
)

// lookups gives collections an index that makes a lookup by _id quick. FerretDB's own is
// on a different expression from that of its queries, so SQLite would parse every
// document for each that is updated or deleted.
type lookups struct {
	dir  string
	have map[string]bool // the namespaces that have the index
}

// after brings the indexes up to date when command has run on a collection.
func (l *lookups) after(command, database, collection string) error {
	switch command {
	case "drop", "dropDatabase":
		clear(l.have)
		return nil
	case "create", "createIndexes", "insert", "update":
	default:
		return nil
	}
	namespace := database + "." + collection
	if l.have[namespace] {
		return nil
	}
	made, err := l.make(database, collection)
	l.have[namespace] = made
	return err
}

// make makes the index, unless there is no such collection.
func (l *lookups) make(database, collection string) (made bool, err error) {
	file := filepath.Join(l.dir, database+".sqlite")
	if _, err := os.Stat(file); err != nil {
		return false, nil // a command that failed has made no database
	}
	db, err := sql.Open("sqlite", sqliteURL(file))
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	var table string
	err = db.QueryRow("SELECT table_name FROM _ferretdb_collections WHERE name = ?", collection).Scan(&table)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = db.Exec(fmt.Sprintf(`CREATE INDEX IF NOT EXISTS %q ON %q (_ferretdb_sjson->'$._id')`,
		table+" lookup", table))
	return err == nil, err
}

// sqliteURL is the URL of a file or directory with an absolute path. Syncing is
// off because test data need not survive a power cut, and waiting for the disk
// is most of what a small write costs.
func sqliteURL(path string) string {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(off)"}}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: pragmas.Encode()}).String()
}
