package main

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// asProgram has the test binary be the program, so that it can be killed.
const asProgram = "OFFICE_PAYMENT_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// start starts a command as a process of its own.
func (o *installation) start(args ...string) (process *exec.Cmd, out *bufio.Reader) {
	o.t.Helper()
	process = exec.CommandContext(o.t.Context(), os.Args[0], args...)
	process.Env = append(os.Environ(), asProgram+"=1", "DATA_DIR="+o.settings["DATA_DIR"])
	read, write, err := os.Pipe()
	officetest.Must(o.t, err)
	process.Stdout, process.Stderr = write, write
	officetest.Must(o.t, process.Start())
	officetest.Must(o.t, write.Close())
	o.t.Cleanup(func() { read.Close() })
	return process, bufio.NewReader(read)
}

// killAfter kills a command once it has printed these words. What it has to print is
// more than a pipe holds, and nobody reads the rest, so it is still in the middle.
func (o *installation) killAfter(words string, args ...string) {
	o.t.Helper()
	process, out := o.start(args...)
	for {
		line, err := out.ReadString('\n')
		if err != nil {
			o.t.Fatalf("%v ended before it said %q: %v", args, words, err)
		}
		if strings.Contains(line, words) {
			break
		}
	}
	officetest.Must(o.t, process.Process.Kill())
	if err := process.Wait(); err == nil {
		o.t.Errorf("%v was not killed", args)
	}
}

// beside is how many files there are beside the database.
func (o *installation) beside() int {
	names, err := filepath.Glob(o.data(databaseFile) + "?*")
	officetest.Must(o.t, err)
	return len(names)
}

// count counts the records, and closes the database, which a restore asks for.
func (o *installation) count() int {
	db := o.database()
	defer db.Close()
	n := 0
	officetest.Must(o.t, db.Snapshot(o.t.Context(), func(s sqlitestore.Snapshot) error {
		return s.Personnel(func(office.RecordWithHistory) error { n++; return nil })
	}))
	return n
}

// manyOdd are so many that what is said of them fills a pipe.
const manyOdd = 1000

// An import that is killed has taken nothing, and the next one takes all.
func TestImportKilled(t *testing.T) {
	o, dir := newInstallation(t), t.TempDir()
	o.must("", "import", exportOf(t, person(1, nil)))
	var in strings.Builder
	for n := range manyOdd {
		id := map[string]any{"$oid": fmt.Sprintf("59296490e5d616f9f2b%05x", n)}
		in.WriteString(person(n, map[string]any{"_id": id, "army_number": fmt.Sprint("K/", n)}) + "\n")
		in.WriteString(person(n, map[string]any{"_id": id, "rank": n%2 == 0}) + "\n")
	}
	export := exportOf(t, in.String())
	o.killAfter("rank is of the type boolean", "import", "-set-aside", filepath.Join(dir, "first"), export)
	if got := records(t, o); len(got) != 1 {
		t.Errorf("%d records are there after the kill", len(got))
	}
	o.must("", "verify")
	o.must("", "import", "-set-aside", filepath.Join(dir, "second"), export)
	if got, aside := records(t, o), read(t, dir, "second"); len(got) != 1+manyOdd || strings.Count(aside, "\n") != manyOdd {
		t.Errorf("%d records are there, and %d are set aside", len(got), strings.Count(aside, "\n"))
	}
	o.must("", "verify")
}

// A migration that is killed has changed nothing, and the next one does it all.
func TestMigrateKilled(t *testing.T) {
	o := newInstallation(t)
	officetest.Must(t, os.MkdirAll(o.settings["DATA_DIR"], 0o700))
	o.change(read(t, "sqlitestore", "schema.sql") + fmt.Sprintf(`
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO personnels SELECT i, randomblob(12), x'6929649081b97ab4ee9e110a', 'Ladi', 'Nwosu', '', 'K/' || i, '', 'Sgt', 'WEMA', '', '', '',
			'', '', 'active', iif(i %% 2, 1700000000000000, 1700000000000), NULL, NULL, '' FROM n;
		PRAGMA application_id = 0x4F504D31; PRAGMA user_version = 1`, manyOdd))
	before := read(t, o.settings["DATA_DIR"], databaseFile)
	o.killAfter("is set aside", "migrate")
	o.fails("it has version 1", "verify")
	log := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(log)
	o.must("", "migrate")
	o.must("", "verify")
	if got := records(t, o); len(got) != manyOdd/2 {
		t.Errorf("%d records are there", len(got))
	}
	if before == read(t, o.settings["DATA_DIR"], databaseFile) {
		t.Error("nothing was migrated")
	}
}

// A restore that is killed leaves the database of before or the backup, each whole,
// and the same call completes it.
func TestRestoreKilled(t *testing.T) {
	const before = 200
	o := newInstallation(t)
	var in strings.Builder
	for n := range before {
		in.WriteString(person(n, nil) + "\n")
	}
	o.must("", "import", exportOf(t, in.String()))
	backup := filepath.Join(t.TempDir(), "backup.db")
	o.must("", "backup", backup)
	o.must("", "import", exportOf(t, person(before, nil)))
	for range 6 {
		beside := o.beside()
		process, _ := o.start("restore", backup)
		ended := make(chan error, 1)
		go func() { ended <- process.Wait() }()
		for o.beside() == beside && len(ended) == 0 { // until it has begun, or was too fast
			time.Sleep(time.Millisecond)
		}
		_ = process.Process.Kill()
		<-ended
		o.must("", "verify")
		if got := o.count(); got != before && got != before+1 {
			t.Errorf("%d records are there after the kill", got)
		}
	}
	o.must("", "restore", backup)
	o.must("", "verify")
	if got := o.count(); got != before {
		t.Errorf("%d records are there, want those of the backup", got)
	}
}
