package conn

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// schema is what the tests keep: names, each once.
var schema = []Migration{{Schema: `CREATE TABLE names (name TEXT NOT NULL UNIQUE, size INTEGER) STRICT;
	CREATE INDEX names_with_size ON names (name) WHERE size IS NOT NULL`}}

func open(t testing.TB) *DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "test.db"))
}

// openAt opens a database whose file others may have open.
func openAt(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, schema)
	officetest.Must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// add is the change that adds a name.
func add(name string) Do {
	return func(ctx context.Context, tx *Tx) error {
		return Exec(ctx, tx, "INSERT INTO names (name) VALUES (?)", name)
	}
}

// wantNames checks which names there are.
func wantNames(t *testing.T, db *DB, want ...string) {
	t.Helper()
	names, err := Select(t.Context(), db.Reader, ScanOne[string], "SELECT name FROM names ORDER BY name")
	officetest.Must(t, err)
	officetest.Equal(t, "the names", strings.Join(names, " "), strings.Join(want, " "))
}

// Texts returns the texts of a query in its order, an empty one too.
func TestTexts(t *testing.T) {
	db := open(t)
	for _, want := range [][]string{{}, {""}, {"a"}, {"b", "", "a", "é\nb"}} {
		got, err := Texts[string](t.Context(), db.Reader, "SELECT group_concat(value, char(30) ORDER BY key DESC) FROM json_each(?)", List(want))
		officetest.Must(t, err)
		slices.Reverse(got)
		officetest.Equal(t, "the texts", got, want)
	}
}

// A connection is made when it is first needed, and must have every setting then.
func TestSettingsOfEveryConnection(t *testing.T) {
	db := open(t)
	for name, pool := range map[string]struct {
		*Pool
		queryOnly string // who reads cannot write, whatever the statement
		count     int
	}{"writer": {db.writer, "0", 1}, "reader": {db.Reader, "1", readers}} {
		for range pool.count {
			conn, err := pool.Conn(t.Context())
			officetest.Must(t, err)
			defer conn.Close() // after all have been asked, so that each is another
			for pragma, want := range map[string]string{
				"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "temp_store": "2", "cache_size": "-5120",
				"query_only": pool.queryOnly,
			} {
				officetest.Must(t, conn.Raw(func(opened any) error {
					got, err := Get(t.Context(), &Tx{t.Context(), opened.(*connection)}, nil, ScanOne[string], "PRAGMA "+pragma)
					officetest.Equal(t, name+": "+pragma, got, want)
					return err
				}))
			}
		}
	}
}

func TestOpenRefusesWhatIsNotOurs(t *testing.T) {
	tests := map[string]struct{ statement, words string }{
		"another program's": {"CREATE TABLE t (x); PRAGMA application_id = 7", "another program"},
		"a newer version's": {fmt.Sprintf("CREATE TABLE t (x); PRAGMA application_id = %d; PRAGMA user_version = 1000", applicationID), "newer version"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "other.db")
			officetest.Must(t, os.WriteFile(path, nil, 0o600))
			pool, err := openPool(path, 1, "", nil)
			officetest.Must(t, err)
			_, err = pool.Exec(tt.statement)
			officetest.Must(t, err)
			pool.Close()
			if _, err := Open(t.Context(), path, schema); err == nil || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("got %v, want an error with %q", err, tt.words)
			}
		})
	}
}

// Promise 28: a file that another process has for too long is a fault of the
// store, to try again, and none of the program.
func TestAnotherProcessHasTheFileForTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	db, other := openAt(t, path), openAt(t, path)
	_, err := db.writer.ExecContext(t.Context(), "PRAGMA busy_timeout = 10")
	officetest.Must(t, err)
	officetest.Must(t, other.WriteTx(t.Context(), func(ctx context.Context, _ *Tx) error {
		officetest.WantError(t, db.WriteTx(ctx, add("early")), office.ErrUnavailable)
		return nil
	}))
	officetest.Must(t, db.WriteTx(t.Context(), add("late")))
	wantNames(t, db, "late")
}

// Promise 42: a command waits for a process that writes, and says so; one that only
// reads need not wait at all.
func TestCommandsBesideAProcessThatWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	other := openAt(t, path)
	writing, end, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- other.WriteTx(t.Context(), func(context.Context, *Tx) error {
			close(writing)
			<-end
			return nil
		})
	}()
	<-writing
	db := openAt(t, path)
	_, err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "backup.db"))
	officetest.Must(t, err)
	_, err = db.writer.ExecContext(t.Context(), "PRAGMA busy_timeout = 10")
	officetest.Must(t, err)
	db.WaitWhenBusy(sync.OnceFunc(func() {
		close(end)
		officetest.Must(t, <-ended)
	}))
	officetest.Must(t, db.WriteTx(t.Context(), add("patient")))
	wantNames(t, db, "patient")
}

// Promise 26: a backup of what is damaged fails and leaves nothing, where a
// start has seen no damage.
func TestBackupOfADamagedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	loseEntries(t, path)
	db := openAt(t, path)
	dir := t.TempDir()
	_, err := db.Backup(t.Context(), filepath.Join(dir, "backup.db"))
	officetest.WantError(t, err, errDamaged)
	left, err := os.ReadDir(dir)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of files that are left", len(left), 0)
}

// loseEntries makes an index of a database miss entries, in a way that only a
// whole check sees.
func loseEntries(t *testing.T, path string) {
	t.Helper()
	db, err := Open(t.Context(), path, schema)
	officetest.Must(t, err)
	defer db.Close()
	officetest.Must(t, db.WriteTx(t.Context(), add("lost")))
	_, err = db.writer.ExecContext(t.Context(), `PRAGMA writable_schema = ON;
		UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', 'NULL') WHERE name = 'names_with_size'`)
	officetest.Must(t, err)
}
