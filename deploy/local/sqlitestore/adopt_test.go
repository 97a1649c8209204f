package sqlitestore

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/admin"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// home is the database of the odd records.
var home = officetest.DB(1, officetest.Coded("ALPHA"))

// oddFile is a file with rows that no API would write today.
func oddFile(t *testing.T) (path string, db *DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "odd.db")
	db = openAt(t, path)
	for _, d := range []office.DB{home, officetest.DB(2, officetest.Coded("BETA"))} {
		officetest.Must(t, db.Admin().CreateDB(t.Context(), d))
	}
	for n := range 3 {
		officetest.Must(t, db.Admin().CreateUser(t.Context(), officetest.User(n+1)))
	}
	_, err := db.Personnel().Create(t.Context(), officetest.Roster(1, 7, home.ID), office.Edit{})
	officetest.Must(t, err)
	execute(t, db, `
		UPDATE users SET army_number = 'N/1' WHERE seq = 1; UPDATE users SET army_number = 'N/1 ' WHERE seq = 2;
		UPDATE dbs SET short_code = 'alpha' || char(0x200b), short_code_folded = '?' WHERE seq = 2;
		UPDATE personnels SET army_number = 'P/1' WHERE seq = 1; UPDATE personnels SET army_number = 'P/1 ' WHERE seq = 2;
		UPDATE personnels SET created_at = 1700000000000000 WHERE seq = 3;
		UPDATE personnels SET first_name = CAST(x'4aff' AS TEXT), status = 'away' WHERE seq = 4;
		UPDATE personnels SET first_name = 'Jose' || char(0x301), search_text = '?' WHERE seq = 5;
		UPDATE personnels SET search_text = '?', bank_sort_code = '' WHERE seq = 6`)
	return path, db
}

// Rows that are odd are as they would be written today: after a migration, and after
// the repair that verify names. What cannot be served is set aside, whole, and what
// is one today is told apart.
func TestAdopt(t *testing.T) {
	t.Run("an older file", func(t *testing.T) {
		path, _ := oddFile(t)
		var db *DB
		log := logged(t, func() { db = migrated(t, ofVersion(t, 2, path)) })
		checkAdopted(t, db, log)
	})
	t.Run("a file edited by hand", func(t *testing.T) {
		_, db := oddFile(t)
		faults, err := db.Verify(t.Context())
		officetest.Must(t, err)
		for _, want := range []string{"users: 2 rows must be", "dbs: 1 rows must be", "personnels: 6 rows must be"} {
			if !strings.Contains(strings.Join(faults, "\n"), want) {
				t.Errorf("the faults are %q, want %q", faults, want)
			}
		}
		checkAdopted(t, db, logged(t, func() { officetest.Must(t, db.Repair(t.Context())) }))
	})
}

// A start finds what would keep others from being served.
func TestStartSetsAside(t *testing.T) {
	for _, odd := range []string{
		"UPDATE personnels SET created_at = 1700000000000000 WHERE seq = 3", "UPDATE dbs SET created_at = -99999999999999 WHERE seq = 2",
		"UPDATE users SET first_name = CAST(x'ff' AS TEXT) WHERE seq = 2",
		"UPDATE users SET id = x'00' WHERE seq = 2; UPDATE dbs SET created_at = 1700000000000000 WHERE seq = 2; UPDATE personnels SET id = x'' WHERE seq = 2",
		"UPDATE personnels SET db_id = x'', created_at = 1700000000000000 WHERE seq = 2",
	} {
		path := filepath.Join(t.TempDir(), "odd.db")
		db, err := Open(t.Context(), path)
		officetest.Must(t, err)
		for n := 1; n <= 2; n++ {
			officetest.Must(t, db.Admin().CreateDB(t.Context(), officetest.DB(n)))
			officetest.Must(t, db.Admin().CreateUser(t.Context(), officetest.User(n)))
		}
		_, err = db.Personnel().Create(t.Context(), officetest.Roster(1, 5, home.ID), office.Edit{})
		officetest.Must(t, err)
		execute(t, db, odd)
		officetest.Must(t, db.Close())
		db = migrated(t, path)
		aside, err := conn.Int(t.Context(), db.Reader, "SELECT count(*) FROM set_aside")
		officetest.Must(t, err)
		officetest.Equal(t, "how many are set aside after "+odd, aside, 1)
		wantFaults(t, db)
	}
}

// logged is what is logged meanwhile.
func logged(t *testing.T, do func()) string {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	do()
	return log.String()
}

func checkAdopted(t *testing.T, db *DB, log string) {
	t.Helper()
	wantFaults(t, db)
	checkTally(t, db)
	checkIndex(t, db)
	user := officetest.User(2)
	for number, want := range map[string]int{"n/1": 1, "n/1 " + user.ID.Hex(): 2} {
		found, err := db.Auth().UserByArmyNumber(t.Context(), number)
		officetest.Must(t, err)
		officetest.Equal(t, "the user of "+number, found.ID, officetest.User(want).ID)
	}
	var numbers []string
	for _, p := range officetest.Roster(1, 7, home.ID) {
		found, err := officetest.ReadOne(db.Personnel().Get(t.Context(), everything, p.ID))
		if named := strings.Contains(log, "id="+p.ID.Hex()); (err != nil || found.ArmyNumber == "P/1" && found.ID != officetest.Personnel(1, home.ID).ID) != named {
			t.Errorf("%s: %+v (%v), and the log is\n%s", p.ID.Hex(), found, err, log)
		}
		numbers = append(numbers, found.ArmyNumber)
	}
	officetest.Equal(t, "the numbers", numbers, []string{"P/1", "P/1", "", "", "N/005", "N/006", "N/007"})
	aside, err := conn.Select(t.Context(), db.Reader, conn.ScanOne[string], "SELECT document FROM set_aside ORDER BY seq")
	officetest.Must(t, err)
	if len(aside) != 2 || !bytes.Contains([]byte(aside[1]), []byte("J\xff")) || bson.Raw(aside[0]).Lookup("created_at").DateTime() != 1700000000000000 {
		t.Errorf("set aside are %q", aside)
	}
	checkMending(t, db)
}

// checkMending has an admin find the two of each kind that are one, change what is
// else, and correct one; then the value that it gave up is the other's alone.
func checkMending(t *testing.T, db *DB) {
	t.Helper()
	ctx, store, edit := t.Context(), db.Personnel(), office.Edit{At: office.Now()}
	found, total, err := officetest.ReadPage(store.Page(ctx, personnel.Query{Scope: everything, Words: []string{"p/1"}, Limit: 10}))
	officetest.Must(t, err)
	officetest.Equal(t, "how many are found", total, 2)
	rank, number := "Sgt", "P/2"
	for _, p := range found {
		_, _, err := store.Update(ctx, everything, p.ID, office.PersonnelPatch{Rank: &rank, ArmyNumber: &p.ArmyNumber}, edit)
		officetest.Must(t, err)
	}
	mended := found[1].ID
	_, _, err = store.Update(ctx, everything, mended, office.PersonnelPatch{ArmyNumber: &number}, edit)
	officetest.Must(t, err)
	_, _, err = store.Update(ctx, everything, mended, office.PersonnelPatch{ArmyNumber: &found[0].ArmyNumber}, edit)
	officetest.WantError(t, err, office.ErrArmyNumberTaken)
	_, err = store.Delete(ctx, everything, []office.ID{mended}, edit)
	officetest.Must(t, err)
	dbs, _, err := db.Admin().DBs(ctx, admin.DBQuery{Scope: everything, Words: []string{"alpha"}, Limit: 10})
	officetest.Must(t, err)
	codes := []string{dbs[0].ShortCode, dbs[len(dbs)-1].ShortCode}
	slices.Sort(codes)
	officetest.Equal(t, "the codes", codes, []string{"ALPHA", "alpha"})
	name, code := "Renamed", "GAMMA"
	for _, d := range dbs {
		for _, same := range []string{d.ShortCode, "Alpha"} {
			_, err := db.Admin().UpdateDB(ctx, d.ID, office.DBPatch{Name: &name, ShortCode: &same})
			officetest.Must(t, err)
		}
	}
	_, err = db.Admin().UpdateDB(ctx, dbs[1].ID, office.DBPatch{ShortCode: &code})
	officetest.Must(t, err)
}
