package conn

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// killed is the path of a database whose process was killed: its changes are in
// the WAL.
func killed(t *testing.T, names ...string) string {
	t.Helper()
	db, path := open(t), filepath.Join(t.TempDir(), "office.db")
	for _, name := range names {
		officetest.Must(t, db.WriteTx(t.Context(), add(name)))
	}
	copyTo(t, db.path, path)
	copyTo(t, db.path+walSuffix, path+walSuffix)
	return path
}

// closed is the path of a database that was closed.
func closed(t *testing.T, names ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "office.db")
	db, err := Open(t.Context(), path, schema)
	officetest.Must(t, err)
	for _, name := range names {
		officetest.Must(t, db.WriteTx(t.Context(), add(name)))
	}
	officetest.Must(t, db.Close())
	return path
}

// backedUp is the path of a backup.
func backedUp(t *testing.T, names ...string) string {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.db")
	_, err := openAt(t, closed(t, names...)).Backup(t.Context(), backup)
	officetest.Must(t, err)
	return backup
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	officetest.Must(t, err)
	officetest.Must(t, os.WriteFile(to, content, 0o600))
}

// contents are the files of a directory.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	officetest.Must(t, err)
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		officetest.Must(t, err)
		all[entry.Name()] = string(content)
	}
	return all
}

func wantRefusal(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want an error with %q", what, err, word)
		}
	}
}

// Promise 21: what was committed is there after the process was killed.
func TestOpenAfterAKill(t *testing.T) {
	wantNames(t, openAt(t, killed(t, "a", "b")), "a", "b")
}

// Promise 35: a WAL is never written into a database that is not its own.
func TestWALOfAnotherDatabase(t *testing.T) {
	for name, other := range map[string]string{
		"a backup": backedUp(t, "x"), "a database that was closed": closed(t, "x"), "a new one": closed(t),
	} {
		path := killed(t, "a")
		copyTo(t, other, path)
		before := contents(t, filepath.Dir(path))
		_, err := Open(t.Context(), path, schema)
		wantRefusal(t, name, err, "office.db-wal does not belong to ", "nothing was changed")
		officetest.Equal(t, name+": that it is as it was", maps.Equal(before, contents(t, filepath.Dir(path))), true)
		officetest.Must(t, os.Remove(path+walSuffix))
		_, err = Open(t.Context(), path, schema)
		officetest.Must(t, err)
	}
}

func TestDatabaseBehindALink(t *testing.T) {
	target, link := killed(t, "a"), filepath.Join(t.TempDir(), "office.db")
	officetest.Must(t, os.Symlink(target, link))
	db := openAt(t, link)
	officetest.Must(t, db.WriteTx(t.Context(), add("b")))
	officetest.Must(t, db.Ready(t.Context()))
	wantNames(t, db, "a", "b")
	officetest.Must(t, db.Close())
	_, err := Restore(t.Context(), backedUp(t, "x"), link, schema)
	officetest.Must(t, err)
	wantNames(t, openAt(t, target), "x")
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link is %v (%v)", info, err)
	}

	missing := filepath.Join(t.TempDir(), "office.db")
	officetest.Must(t, os.Symlink(target+"-gone", missing))
	_, err = Open(t.Context(), missing, schema)
	wantRefusal(t, "a link to nothing", err, "is a link to "+target+"-gone, which is not there")
}

// later is the schema of a later version.
var later = append(schema[:1:1], Migration{Schema: "ALTER TABLE names ADD COLUMN more TEXT"})

// Only who may migrate does; others say what to do, and change nothing.
func TestVersions(t *testing.T) {
	path := closed(t, "a")
	before := contents(t, filepath.Dir(path))
	_, err := Open(t.Context(), path, later)
	wantRefusal(t, "an older one", err, "it has version 1, but this program needs version 2: the command migrate")
	officetest.Equal(t, "that it is as it was", maps.Equal(before, contents(t, filepath.Dir(path))), true)

	db, err := Migrate(t.Context(), path, later)
	officetest.Must(t, err)
	officetest.Equal(t, "the version", db.Version(), 2)
	officetest.Must(t, db.Close())
	before = contents(t, filepath.Dir(path))
	for _, open := range []func(context.Context, string, []Migration) (*DB, error){Open, Migrate} {
		_, err = open(t.Context(), path, schema)
		wantRefusal(t, "a newer one", err, "it has version 2, but this program needs version 1: use a newer version")
	}
	officetest.Equal(t, "that it is as it was", maps.Equal(before, contents(t, filepath.Dir(path))), true)
}

// What a program writes does not fit any more once a newer one has migrated its
// database: it stops to write, and says so.
func TestMigratedWhileOpen(t *testing.T) {
	db := open(t)
	migrated, err := Migrate(t.Context(), db.path, later)
	officetest.Must(t, err)
	defer migrated.Close()
	for _, err := range []error{
		db.WriteTx(t.Context(), add("a")), db.GroupWriteTx(t.Context(), add("b")), db.Ready(t.Context()),
	} {
		officetest.WantError(t, err, office.ErrUnavailable)
		wantRefusal(t, "the older program", err, "the database now has version 2")
	}
	wantNames(t, db)
}

// Promise 26: a backup takes the place of whatever is there, and nothing is lost.
func TestRestore(t *testing.T) {
	for name, path := range map[string]string{
		"after a kill": killed(t, "a"), "a database that was closed": closed(t, "a"), "nothing": filepath.Join(t.TempDir(), "office.db"),
	} {
		backup := backedUp(t, "x")
		copied := contents(t, filepath.Dir(backup))
		before, err := Restore(t.Context(), backup, path, schema)
		officetest.Must(t, err)
		officetest.Equal(t, "that the backup is as it was", maps.Equal(copied, contents(t, filepath.Dir(backup))), true)
		wantNames(t, openAt(t, path), "x")
		if name == "nothing" {
			officetest.Equal(t, "the database before", before, "")
		} else {
			wantNames(t, openAt(t, before), "a")
		}
	}
}

func TestRestoreOverWhatIsDamaged(t *testing.T) {
	path := killed(t, "a")
	officetest.Must(t, os.WriteFile(path, []byte("garbage"), 0o600))
	before, err := Restore(t.Context(), backedUp(t, "x"), path, schema)
	officetest.Must(t, err)
	wantNames(t, openAt(t, path), "x")
	kept, err := os.ReadFile(before)
	officetest.Must(t, err)
	officetest.Equal(t, "what is kept", string(kept), "garbage")
}

// A restore that was killed is completed by the same call: until then a start has
// the database of before, or refuses.
func TestRestoreAfterAKill(t *testing.T) {
	path, backup := killed(t, "a"), backedUp(t, "x")
	copyTo(t, backup, path) // all but the removal of the WAL
	_, err := Open(t.Context(), path, schema)
	wantRefusal(t, "a start", err, "-wal")
	_, err = Restore(t.Context(), backup, path, schema)
	officetest.Must(t, err)
	wantNames(t, openAt(t, path), "x")
}

func TestRestoreRefuses(t *testing.T) {
	served, garbage, empty := open(t).path, filepath.Join(t.TempDir(), "garbage"), filepath.Join(t.TempDir(), "empty")
	officetest.Must(t, os.WriteFile(garbage, bytes.Repeat([]byte("no database "), 1000), 0o600))
	officetest.Must(t, os.WriteFile(empty, nil, 0o600))
	newer := closed(t)
	migrated, err := Migrate(t.Context(), newer, later)
	officetest.Must(t, err)
	officetest.Must(t, migrated.Close())
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	loseEntries(t, damaged)
	for name, c := range map[string]struct {
		backup, words string
		path          string
	}{
		"while it is served":  {backedUp(t), "is open in another process: stop the server first", served},
		"what is no database": {garbage, "cannot be used", ""},
		"an empty file":       {empty, "cannot be used", ""},
		"what is not there":   {garbage + "-not", "cannot read the backup", ""},
		"a directory":         {t.TempDir(), "it is not a file", ""},
		"a newer version":     {newer, "it has version 2", ""},
		"damage":              {damaged, "it is damaged", ""},
		"a database in use":   {killed(t, "b"), "is not a backup: its latest changes are in", ""},
		"itself":              {"", "is the database itself", ""},
	} {
		path := c.path
		if path == "" {
			path = killed(t, "a")
		}
		if c.backup == "" {
			c.backup = path
		}
		before := contents(t, filepath.Dir(path))
		_, err := Restore(t.Context(), c.backup, path, schema)
		wantRefusal(t, name, err, c.words)
		officetest.Equal(t, name+": that all is as it was", maps.Equal(before, contents(t, filepath.Dir(path))), true)
	}
}
