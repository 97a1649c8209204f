package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/analytics"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/password"
)

const legacyDump = "testdata/legacy"

// ofLegacyDump is an installation that has imported the dump: a copy of the first one.
func ofLegacyDump(t *testing.T) *installation {
	t.Helper()
	o := newInstallation(t)
	content, err := legacyFile()
	officetest.Must(t, errors.Join(err, os.Mkdir(o.settings["DATA_DIR"], 0o700)))
	o.write(databaseFile, content)
	return o
}

var legacyFile = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "office-payment-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	o := &installation{settings: map[string]string{"DATA_DIR": dir}}
	if _, err := o.run(context.Background(), "", "import", legacyDump); err != nil {
		return "", err
	}
	content, err := os.ReadFile(o.data(databaseFile))
	return string(content), err
})

// database opens the database of an installation.
func (o *installation) database() *sqlitestore.DB {
	o.t.Helper()
	db, err := sqlitestore.Open(o.t.Context(), o.data(databaseFile))
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { db.Close() })
	return db
}

// Promise 27: the old backend's data is served.
func TestImportTakesTheLegacyDumpAsItIs(t *testing.T) {
	o := newInstallation(t)
	out := o.must("", "import", legacyDump)
	for _, line := range []string{
		"users.json              13, already there 0", "dbs.json                 4, already there 0",
		"personnels.json        600, already there 0",
		"57 of which deleted_at is missing", "40 of which status is missing", "90 of which isDeleted is missing",
		"6 of which bank is the bank's name alone", "1 of which allowed_dbs names a database that is gone",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("the report does not say %q:\n%s", line, out)
		}
	}
	db := o.database()
	dashboard, err := db.Analytics().Dashboard(t.Context(), analytics.MonthAt(office.Now()))
	if err != nil {
		t.Fatal(err)
	}
	got := []int{dashboard.Users.Total, dashboard.Databases.Total, dashboard.Personnel.Total, dashboard.DeletedPersonnel.Total}
	if want := []int{13, 4, 543, 57}; !slices.Equal(got, want) {
		t.Errorf("users, dbs, live and deleted personnel: got %v, want %v", got, want)
	}
	if dashboard.DeletedPersonnel.This != 57 {
		t.Errorf("%d were deleted this month, want 57: the time of import", dashboard.DeletedPersonnel.This)
	}
	checkLogins(t, db)
}

func checkLogins(t *testing.T, db *sqlitestore.DB) {
	hasher := password.NewHasher(password.MinCost)
	for number, typed := range map[string]string{"N/17000": "LegacyAdmin#1", "N/17001": "LegacyUser#1"} {
		user, err := db.Auth().UserByArmyNumber(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		if err := hasher.Compare(user.PasswordHash, typed); err != nil {
			t.Errorf("%s cannot log in: %v", number, err)
		}
	}
}

func TestImportIsIdempotent(t *testing.T) {
	o := ofLegacyDump(t)
	out := o.must("", "import", legacyDump)
	if !strings.Contains(out, "personnels.json          0, already there 600\n") || strings.Contains(out, "converted") {
		t.Errorf("the second import did something:\n%s", out)
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	o := newInstallation(t)
	dir := copyDump(t)
	path := filepath.Join(dir, personnelsFile)
	lines, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(lines, "{\"_id\": broken}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	o.fails("personnels.json, line 601", "import", dir)
	_, users, err := o.database().Personnel().Page(t.Context(), personnel.Query{Scope: office.Scope{All: true}, Limit: 1})
	if err != nil || users != 0 {
		t.Errorf("%d records are there after a failed import (%v)", users, err)
	}
	os.Remove(path)
	o.fails("personnels.json is missing", "import", dir)
}

func copyDump(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(legacyDump)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// changedDump is the dump with something else in the first place that has it.
func changedDump(t *testing.T, name, old, new string) string {
	t.Helper()
	dir := copyDump(t)
	changed := strings.Replace(read(t, dir, name), old, new, 1)
	if changed == read(t, dir, name) {
		t.Fatalf("%s has no %s", name, old)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What is there and what comes cannot both be right: nobody's data is taken for
// another's.
func TestImportOfWhatDoesNotFit(t *testing.T) {
	o := ofLegacyDump(t)
	before := exported(t, o)
	for _, tt := range map[string]struct{ file, old, new, words string }{
		"a record's number, of another": {personnelsFile, `{"$oid":"6929`, `{"$oid":"0029`, "personnels.json, line 1, id 00296490e5d616f9f2b3a6e0: army_number is already taken here"},
		"a user's number, of another":   {usersFile, `{"$oid":"6929`, `{"$oid":"0029`, "users.json, line 1, id 00295680b31d89fb4f786f0d: army_number is already taken here"},
		"a short code, of another":      {dbsFile, `{"$oid":"6929`, `{"$oid":"0029`, "dbs.json, line 1, id 0029649081b97ab4ee9e110a: short_code is already taken here"},
		"a malformed db_id":             {personnelsFile, `"db_id":"6929`, `"db_id":"ALPHA`, `personnels.json, line 1, id 69296490e5d616f9f2b3a6e0: db_id names no database`},
	} {
		o.fails(tt.words, "import", changedDump(t, tt.file, tt.old, tt.new))
	}
	if exported(t, o) != before {
		t.Error("one of the imports has changed something")
	}
}

// A record that was changed here since is not set back, and the report says so.
func TestImportLeavesWhatDiffers(t *testing.T) {
	o := ofLegacyDump(t)
	before := exported(t, o)
	out := o.must("", "import", changedDump(t, personnelsFile, `"rank":"Sgt"`, `"rank":"Cpl"`))
	if want := "personnels.json          0, already there 600, of which 1 differ here and were left as they are\n"; !strings.Contains(out, want) {
		t.Errorf("the report does not say %q:\n%s", want, out)
	}
	if exported(t, o) != before {
		t.Error("what was there has changed")
	}
}

// exported is everything that an installation holds.
func exported(t *testing.T, o *installation) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	o.must("", "export", dir)
	return read(t, dir, dbsFile) + read(t, dir, usersFile) + read(t, dir, personnelsFile)
}

func TestExportAndImportLoseNothing(t *testing.T) {
	here, there := ofLegacyDump(t), newInstallation(t)
	changeSome(t, here)
	out, back := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "back")
	here.must("", "export", out)
	here.fails("already exists", "export", out)
	there.must("", "import", out)
	there.must("", "export", back)
	for _, name := range []string{usersFile, dbsFile, personnelsFile} {
		if read(t, out, name) != read(t, back, name) {
			t.Errorf("%s differs after the way there and back", name)
		}
	}
}

// changeSome leaves more of a history than the import has.
func changeSome(t *testing.T, o *installation) {
	t.Helper()
	db, everywhere := o.database(), office.Scope{All: true}
	defer db.Close()
	store := db.Personnel()
	records, _, err := officetest.ReadPage(store.Page(t.Context(), personnel.Query{Scope: everywhere, Limit: 3}))
	if err != nil {
		t.Fatal(err)
	}
	edit := office.Edit{By: office.Author{ID: office.NewID(), ArmyNumber: "N/1", Name: "Aisha Bello"}, At: office.Now()}
	for n, record := range records {
		_, _, err := store.Update(t.Context(), everywhere, record.ID, office.PersonnelPatch{AcctNumber: new("1"), Remark: new("")}, edit)
		if err == nil && n > 0 {
			_, err = store.Delete(t.Context(), everywhere, []office.ID{record.ID}, edit)
		}
		if err == nil && n > 1 {
			_, _, err = store.Restore(t.Context(), everywhere, record.ID, edit)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestBackupIsCompleteAndReplacesNothing(t *testing.T) {
	o := ofLegacyDump(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "a%20b?c#.db")
	o.must("", "backup", file)
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Errorf("the backup left %v (%v)", names, err)
	}
	o.fails("already exists", "backup", file)
	o.fails("backup failed", "backup", filepath.Join(file, "backup.db"))

	restored := newInstallation(t)
	if err := os.MkdirAll(restored.settings["DATA_DIR"], 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file, restored.data(databaseFile)); err != nil {
		t.Fatal(err)
	}
	checkLogins(t, restored.database())
}
