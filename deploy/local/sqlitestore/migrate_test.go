package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
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
	db, err := conn.Open(t.Context(), path, migrations[:version])
	officetest.Must(t, err)
	defer db.Close()
	officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "ATTACH ? AS other", other); err != nil {
			return err
		}
		for _, table := range []string{"users", "dbs", "personnels", "tally", "attempts"} {
			columns, err := conn.Get(ctx, tx, nil, conn.ScanText, "SELECT group_concat(name) FROM pragma_table_info(?, 'main')", table)
			if err == nil {
				_, err = tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO main.%s (%s) SELECT %[2]s FROM other.%[1]s", table, columns))
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
