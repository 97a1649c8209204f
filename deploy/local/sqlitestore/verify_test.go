package sqlitestore

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"officepay.example/shared/office/officetest"
)

// wantFaults checks what Verify finds: one fault of each name.
func wantFaults(t *testing.T, db *DB, names ...string) {
	t.Helper()
	faults, err := db.Verify(t.Context())
	officetest.Must(t, err)
	var found []string
	for _, fault := range faults {
		name, _, _ := strings.Cut(fault, ":")
		found = append(found, name)
	}
	if !slices.Equal(found, names) {
		t.Errorf("the faults are %q, want %q", faults, names)
	}
}

// Whatever is wrong in what is derived from the records, it is named, and it is right again
// after a repair.
func TestVerifyAndRepair(t *testing.T) {
	r := newRoll(t, open(t))
	r.load(maxWaiting + maxWaiting/4) // of which some are deleted, and some wait
	for range 10 {
		r.add(1)
		r.edit()
		r.delete()
		r.restore()
	}
	wantFaults(t, r.db)
	for name, c := range map[string]struct {
		statements string
		faults     []string
	}{
		"a total":  {"UPDATE tally SET n = n + 1 WHERE month = 0", []string{"totals of databases", "totals over all databases", "tallies"}},
		"months":   {"UPDATE tally SET n = n + 1 WHERE month > 0; UPDATE tally_of_all AS a SET n = (SELECT sum(n) FROM tally AS t WHERE t.month = a.month AND t.status = a.status)", []string{"tallies"}},
		"the sums": {"DELETE FROM tally_of_all WHERE month > 0", []string{"totals over all databases"}},
		"what is not indexed": {"DELETE FROM search WHERE rowid IN (SELECT rowid FROM search LIMIT 3)",
			[]string{"number of records that can be searched for", "search index"}},
		"what waits and is gone": {"INSERT INTO search_waiting (seq, db_id) VALUES (1000000, x'00')",
			[]string{"number of records that can be searched for", "search index"}},
	} {
		t.Run(name, func(t *testing.T) {
			execute(t, r.db, c.statements)
			wantFaults(t, r.db, c.faults...)
			officetest.Must(t, r.db.Repair(t.Context()))
			wantFaults(t, r.db)
			r.check(10)
		})
	}
	execute(t, r.db, "UPDATE personnels SET answer = '{}' WHERE seq % 3 = 0; UPDATE personnels SET checks = 'x' WHERE seq % 5 = 0")
	wantFaults(t, r.db, "personnels")
	officetest.Must(t, r.db.Repair(t.Context()))
	wantFaults(t, r.db)
	r.check(20)
	execute(t, r.db, "UPDATE personnels SET search_text = 'zz' WHERE seq NOT IN (SELECT seq FROM search_waiting)")
	wantFaults(t, r.db, "personnels", "search index")
	officetest.Must(t, r.db.Repair(t.Context()))
	wantFaults(t, r.db)
}

// A start repairs what a glance shows to be wrong, and searches and totals are those
// of the records again.
func TestStartRepairs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	db, err := Open(t.Context(), path)
	officetest.Must(t, err)
	r := newRoll(t, db)
	r.load(maxWaiting + 10)
	execute(t, db, "UPDATE tally SET n = n + 7; DELETE FROM search_waiting; DELETE FROM search WHERE rowid < 50")
	officetest.Must(t, db.Close())
	r.db, err = Migrate(t.Context(), path)
	officetest.Must(t, err)
	defer r.db.Close()
	r.check(50)
	checkTally(t, r.db)
	checkIndex(t, r.db)
	wantFaults(t, r.db)
}
