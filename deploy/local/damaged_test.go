package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/office"
)

// someData is an installation that was used and stopped.
func someData(t *testing.T) *installation {
	o := ofLegacyDump(t)
	o.settings["PORT"] = strconv.Itoa(freePort(t))
	if _, err := dataDir(o.settings["DATA_DIR"]).secret(); err != nil {
		t.Fatal(err)
	}
	return o
}

// copy is another installation with the same data.
func (o *installation) copy(t *testing.T) *installation {
	t.Helper()
	other := newInstallation(t)
	other.settings["PORT"] = o.settings["PORT"]
	if err := os.CopyFS(other.settings["DATA_DIR"], os.DirFS(o.settings["DATA_DIR"])); err != nil {
		t.Fatal(err)
	}
	return other
}

// files are the files of a directory with what is in them.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const page = 4096 // bytes of SQLite's

// damages are what may have happened to a data directory, and what a start
// then says.
var damages = map[string]struct {
	words  string
	damage func(t *testing.T, o *installation)
}{
	"garbage": {"damaged or not a database", func(t *testing.T, o *installation) {
		o.rewrite(databaseFile, func([]byte) []byte { return bytes.Repeat([]byte("no database "), 1000) })
	}},
	"empty": {"office.db is empty: restore a backup", func(t *testing.T, o *installation) {
		o.rewrite(databaseFile, func([]byte) []byte { return nil })
	}},
	"cut off in the middle": {"damaged or not a database", func(t *testing.T, o *installation) {
		o.rewrite(databaseFile, func(all []byte) []byte { return all[:len(all)/2/page*page] })
	}},
	"cut off within a page": {"damaged or not a database", func(t *testing.T, o *installation) {
		o.rewrite(databaseFile, func(all []byte) []byte { return all[:1000] })
	}},
	"no header": {"damaged or not a database", func(t *testing.T, o *installation) {
		o.rewrite(databaseFile, func(all []byte) []byte { return append(make([]byte, 100), all[100:]...) })
	}},
	"pages overwritten in the middle": {"damaged or not a database", func(t *testing.T, o *installation) {
		o.rewrite(databaseFile, func(all []byte) []byte {
			copy(all[len(all)/2/page*page:], bytes.Repeat([]byte("x"), 3*page))
			return all
		})
	}},
	"one page of zeros": {"damaged or not a database", func(t *testing.T, o *installation) {
		o.rewrite(databaseFile, func(all []byte) []byte {
			copy(all[2*page:], make([]byte, page))
			return all
		})
	}},
	"a directory in its place": {"is a directory where the database should be", func(t *testing.T, o *installation) {
		o.remove(databaseFile)
		if err := os.Mkdir(o.data(databaseFile), 0o700); err != nil {
			t.Fatal(err)
		}
	}},
	"gone, but not its latest changes": {"office.db is gone, but its latest changes are in office.db-wal", func(t *testing.T, o *installation) {
		o.remove(databaseFile)
		o.write(databaseFile+"-wal", "what was committed last")
	}},
	"an empty secret": {"jwt-secret is damaged", func(t *testing.T, o *installation) {
		o.rewrite(secretFile, func([]byte) []byte { return nil })
	}},
	"a secret that cannot be read": {"cannot read the secret", func(t *testing.T, o *installation) {
		o.remove(secretFile)
		if err := os.Mkdir(o.data(secretFile), 0o700); err != nil {
			t.Fatal(err)
		}
	}},
}

// Promise 35: a damaged data directory is a clear message and the end, never a
// new empty database in its place.
func TestDamagedDataIsLeftAlone(t *testing.T) {
	whole := someData(t)
	for name, c := range damages {
		t.Run(name, func(t *testing.T) {
			o := whole.copy(t)
			c.damage(t, o)
			before := files(t, o.settings["DATA_DIR"])
			o.fails(c.words, "serve")
			if after := files(t, o.settings["DATA_DIR"]); !reflect.DeepEqual(after, before) {
				t.Error("the start has changed the data")
			}
		})
	}
}

func (o *installation) write(name, content string) {
	o.t.Helper()
	if err := os.WriteFile(o.data(name), []byte(content), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *installation) remove(name string) {
	o.t.Helper()
	if err := os.Remove(o.data(name)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *installation) rewrite(name string, change func([]byte) []byte) {
	o.t.Helper()
	content, err := os.ReadFile(o.data(name))
	if err != nil {
		o.t.Fatal(err)
	}
	o.write(name, string(change(content)))
}

// A first start that was interrupted leaves nothing that gets in the way of the next, and
// a first start makes nothing but what belongs there.
func TestFirstStartAfterAnInterruptedOne(t *testing.T) {
	o := newInstallation(t)
	if err := os.MkdirAll(o.settings["DATA_DIR"], 0o700); err != nil {
		t.Fatal(err)
	}
	o.write(databaseFile+".part-1", "SQLite for")
	o.write(secretFile, strings.Repeat("k", 40)+"\n")
	o.serveBriefly()
	for name := range files(t, o.settings["DATA_DIR"]) {
		switch filepath.Base(name) {
		case databaseFile, secretFile, databaseFile + ".part-1":
		default:
			t.Errorf("the start has left %s", name)
		}
	}
}

// Two processes that make the database at the same time use the same one.
func TestFirstStartsAtOnce(t *testing.T) {
	o := newInstallation(t)
	path := o.data(databaseFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	const starts = 8
	made := make(chan error, starts)
	for range starts {
		go func() {
			db, err := sqlitestore.Open(t.Context(), path)
			if err == nil {
				id := office.NewID()
				err = db.Admin().CreateDB(t.Context(), office.DB{ID: id, Name: "A", ShortCode: id.Hex(), CreatedAt: office.Now()})
				db.Close()
			}
			made <- err
		}()
	}
	for range starts {
		if err := <-made; err != nil {
			t.Error(err)
		}
	}
	if out := o.must("", "export", t.TempDir()); !strings.Contains(out, "dbs.json                 8") {
		t.Errorf("not all that the processes have added is there:\n%s", out)
	}
}
