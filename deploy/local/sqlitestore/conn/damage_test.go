package conn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// spoiled is an open database of which all pages but the first few are overwritten on
// the disk, as by a failing one.
func spoiled(t *testing.T) *DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(t.Context(), path, schema)
	officetest.Must(t, err)
	officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *Tx) (err error) {
		for n := 0; n < 5000 && err == nil; n++ {
			err = add(strings.Repeat(nth(n), 10))(ctx, tx)
		}
		return err
	}))
	officetest.Must(t, db.Close())
	db = openAt(t, path)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	officetest.Must(t, err)
	defer file.Close()
	info, err := file.Stat()
	officetest.Must(t, err)
	const kept = 5 * 4096 // the schema, and the roots
	_, err = file.WriteAt(bytes.Repeat([]byte("x"), int(info.Size())-kept), kept)
	officetest.Must(t, err)
	return db
}

// Promise 43: once damage is found, by whatever statement, nothing more is
// acknowledged, whoever asks is told that the database is not ready, and the log says
// once what to do.
func TestDamageEndsAllWriting(t *testing.T) {
	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	db := spoiled(t)
	officetest.Must(t, db.Ready(t.Context()))
	for range 3 {
		_, err := Select(t.Context(), db.Reader, ScanOne[string], "SELECT name FROM names NOT INDEXED")
		officetest.WantError(t, err, office.ErrUnavailable)
	}
	checkEnded(t, db, &log)
}

// Promise 43: so it is when the check finds it that runs beside the server.
func TestDamageFoundByTheCheck(t *testing.T) {
	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	db := spoiled(t)
	officetest.WantError(t, db.checkStructure(t.Context()), errDamaged)
	checkEnded(t, db, &log)
}

func checkEnded(t *testing.T, db *DB, log *bytes.Buffer) {
	t.Helper()
	nothing := func(context.Context, *Tx) error { return nil }
	for name, err := range map[string]error{
		"a write": db.WriteTx(t.Context(), nothing), "a write of a group": db.GroupWriteTx(t.Context(), nothing), "ready": db.Ready(t.Context()),
	} {
		if !errors.Is(err, office.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), "damaged") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lines := log.String(); strings.Count(lines, "level=ERROR") != 1 || !strings.Contains(lines, "restore a backup") {
		t.Errorf("the log is\n%s", lines)
	}
	if _, err := Int(t.Context(), db.Reader, "SELECT count(*) FROM sqlite_master"); err != nil {
		t.Errorf("what can be read: %v", err)
	}
}

// Promise 43: so it is when a write finds the damage itself, which is not made.
func TestDamageFoundByAWrite(t *testing.T) {
	db := spoiled(t)
	_ = db.WriteTx(t.Context(), func(ctx context.Context, tx *Tx) error {
		for n := range 5000 {
			if err := add(nth(n))(ctx, tx); err != nil {
				break // and nobody tells
			}
		}
		return nil
	})
	officetest.WantError(t, db.Ready(t.Context()), office.ErrUnavailable)
}
