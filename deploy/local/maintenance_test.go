package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// change changes the database file as another program might.
func (o *installation) change(statements string) {
	o.t.Helper()
	file, err := sql.Open("sqlite", o.data(databaseFile))
	if err != nil {
		o.t.Fatal(err)
	}
	_, err = file.ExecContext(o.t.Context(), statements)
	if err := errors.Join(err, file.Close()); err != nil {
		o.t.Fatal(err)
	}
}

// Promise 26: a backup is restored by one command, and what was there is kept.
func TestRestore(t *testing.T) {
	o := newInstallation(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	o.must("first password\n", "create-admin", "-password-stdin", "N/1")
	o.must("", "backup", backup)
	o.must("second password\n", "reset-password", "-password-stdin", "N/1")
	out := o.must("", "restore", backup)
	o.wantLogin("N/1", "first password")
	_, name, found := strings.Cut(out, "The previous database is now ")
	name, _, _ = strings.Cut(name, ":")
	if !found {
		t.Fatalf("the database before is not named:\n%s", out)
	}
	o.must("", "restore", name)
	o.wantLogin("N/1", "second password")

	elsewhere := newInstallation(t)
	if out := elsewhere.must("", "restore", backup); strings.Contains(out, "before") {
		t.Errorf("there was no database before:\n%s", out)
	}
	elsewhere.wantLogin("N/1", "first password")

	db := o.database()
	o.fails("is open in another process: stop the server first", "restore", backup)
	db.Close()
	o.write(secretFile, strings.Repeat("k", 40)+"\n")
	o.fails("cannot be used", "restore", o.data(secretFile))
	o.wantLogin("N/1", "second password")
}

func TestVerify(t *testing.T) {
	o := newInstallation(t)
	o.fails("there is no database", "verify")
	o.must("", "import", exportOf(t, person(1, nil)))
	if out := o.must("", "verify"); !strings.Contains(out, "is sound") {
		t.Errorf("verify says:\n%s", out)
	}
	o.change("UPDATE tally SET n = n + 1")
	o.fails("run verify -repair", "verify")
	if out := o.must("", "verify", "-repair"); !strings.Contains(out, "tallies: ") || !strings.Contains(out, "Repaired.") {
		t.Errorf("the repair says:\n%s", out)
	}
	o.must("", "verify")
	o.change("UPDATE tally SET n = n + 1")
	o.serveBriefly()
	o.must("", "verify") // a start has repaired it
}

// What a start or a repair sets aside is in an export, and can be mended there and
// imported again.
func TestSetAsideIsExported(t *testing.T) {
	o, in, dir := newInstallation(t), exportOf(t, person(1, nil)+person(2, nil)), filepath.Join(t.TempDir(), "out")
	o.must("", "import", in)
	o.change("UPDATE personnels SET created_at = 1700000000000000 WHERE seq = 1; UPDATE personnels SET rank = CAST(x'ff' AS TEXT) WHERE seq = 2")
	o.fails("verify -repair", "verify")
	o.must("", "verify", "-repair")
	if got := records(t, o); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
	o.must("", "export", dir)
	aside := read(t, dir, "personnels_set_aside.json")
	late := `{"$date":{"$numberLong":"1700000000000000"}}`
	if !strings.Contains(aside, late) || strings.Count(aside, "\n") != 2 {
		t.Errorf("set aside is %s", aside)
	}
	mended := strings.NewReplacer(late, `{"$date":"2025-11-28T09:00:00Z"}`, `\ufffd`, "Sgt").Replace(aside)
	o.must("", "import", exportOf(t, mended))
	if got := records(t, o); len(got) != 2 {
		t.Errorf("got %+v", got)
	}
}

// Only a start and migrate bring a database up to date: beside a server of an older
// version, no other command takes the database away from it.
func TestMigrate(t *testing.T) {
	o := newInstallation(t)
	o.fails("there is no database", "migrate")
	o.must("", "create-admin", "N/1")
	db, dir := o.database(), t.TempDir()
	version := db.Version()
	db.Close()
	o.remove(databaseFile)
	o.change(read(t, "sqlitestore", "schema.sql") + `
		INSERT INTO users VALUES (1, x'69295680b31d89fb4f786f0d', 'A', 'B', ' N/17000', 'admin', '', x'', 0, 0, '', 0, '');
		PRAGMA application_id = 0x4F504D31; PRAGMA user_version = 1`)
	for _, args := range [][]string{
		{"create-admin", "N/1"}, {"reset-password", "N/17000"}, {"backup", filepath.Join(dir, "backup.db")},
		{"verify"}, {"export", filepath.Join(dir, "out")}, {"import", legacyDump},
	} {
		o.fails(fmt.Sprintf("it has version 1, but this program needs version %d: the command migrate", version), args...)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%v were made (%v)", names, err)
	}
	if out := o.must("", "migrate"); !strings.Contains(out, fmt.Sprintf("is up to date: it has version %d", version)) {
		t.Errorf("migrate says:\n%s", out)
	}
	o.must("", "verify")
}
