package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// ofVersion is a file of an older version that holds what another file does, as far
// as that version has it.
func ofVersion(t *testing.T, version int, other string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "older.db")
	schemas := slices.Clone(migrations[:version])
	for i := range schemas {
		schemas[i].Rows = nil // there are none, and what sees to them is for the tables of today
	}
	db, err := conn.Open(t.Context(), path, schemas)
	officetest.Must(t, err)
	defer db.Close()
	officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *conn.Tx) error {
		if err := conn.Exec(ctx, tx, "ATTACH ? AS other", other); err != nil {
			return err
		}
		for _, table := range []string{"users", "dbs", "personnels", "tally", "attempts"} {
			columns, err := conn.Get(ctx, tx, nil, conn.ScanOne[string], "SELECT group_concat(name) FROM pragma_table_info(?, 'main')", table)
			if err == nil {
				err = conn.Exec(ctx, tx, fmt.Sprintf("INSERT INTO main.%s (%s) SELECT %[2]s FROM other.%[1]s", table, columns))
			}
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		return nil
	}))
	return path
}

// migrated opens a file of an older version.
func migrated(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Migrate(t.Context(), path)
	officetest.Must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// A user of an older file logs in in any letter case.
func TestArmyNumbersOfAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newer.db")
	user := officetest.User(1, func(u *office.User) { u.ArmyNumber = "NÉ/7k" })
	officetest.Must(t, openAt(t, path).Admin().CreateUser(t.Context(), user))
	found, err := migrated(t, ofVersion(t, 2, path)).Auth().UserByArmyNumber(t.Context(), "né/7K")
	officetest.Must(t, err)
	officetest.Equal(t, "the user", found, user)
}

// The records of a file from before they were kept as they are answered are answered
// as they were, whatever is in them, and nothing else has to be repaired.
func TestAnswersOfAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "older.db")
	db, err := Open(t.Context(), path)
	officetest.Must(t, err)
	r := newRoll(t, db)
	r.load(1100) // the migration takes a thousand at a time
	for range 20 {
		r.add(1)
		r.edit()
		r.delete()
		r.restore()
	}
	officetest.Must(t, db.Close())
	raw, err := sql.Open("sqlite", path)
	officetest.Must(t, err)
	_, err = raw.ExecContext(t.Context(), "ALTER TABLE personnels DROP COLUMN answer; PRAGMA user_version = 9")
	officetest.Must(t, errors.Join(err, raw.Close()))
	log := logged(t, func() { r.db = migrated(t, path) })
	if strings.Contains(log, "repair") {
		t.Errorf("it is repaired:\n%s", log)
	}
	r.check(50)
	wantFaults(t, r.db)
}

// What is known of the records of a file of any earlier version begins with nothing,
// and their first change is the first entry.
func TestHistoryOfAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newer.db")
	db, home := openAt(t, path), officetest.DB(1)
	officetest.Must(t, db.Admin().CreateDB(t.Context(), home))
	records := officetest.Roster(1, 2, home.ID)
	_, err := db.Personnel().Create(t.Context(), records, office.Edit{})
	officetest.Must(t, err)
	_, err = db.Personnel().Delete(t.Context(), everything, officetest.IDs(records[1:]), office.Edit{At: officetest.At(9)})
	officetest.Must(t, err)
	for version := 1; version <= 5; version++ { // the sixth has a history
		db := migrated(t, ofVersion(t, version, path))
		checkTally(t, db)
		edit := office.Edit{At: officetest.At(10)}
		_, first, err := db.Personnel().Update(t.Context(), everything, records[0].ID, office.PersonnelPatch{Rank: new("Major")}, edit)
		officetest.Must(t, err)
		_, second, err := db.Personnel().Restore(t.Context(), everything, records[1].ID, edit)
		officetest.Must(t, err)
		for i, entry := range []office.Entry{first, second} {
			got, err := db.Personnel().GetWithHistory(t.Context(), everything, records[i].ID)
			officetest.Must(t, err)
			officetest.Equal(t, "the history", got.History, office.History{entry})
			officetest.Equal(t, "the revision of the record", got.Revision, 2)
		}
	}
}
