package dataset

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

var until = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// made are all records of an office, by database.
func made(size int, seed uint64) map[office.ID][]office.Personnel {
	m := newMaker(Spec{Size: size, Seed: seed, Until: until})
	records := map[office.ID][]office.Personnel{}
	for range size {
		record := m.next()
		records[record.DBID] = append(records[record.DBID], record)
	}
	return records
}

func TestTheSameSpecMakesTheSameOffice(t *testing.T) {
	if !reflect.DeepEqual(made(10_000, 1), made(10_000, 1)) {
		t.Error("two offices of one specification differ")
	}
	if reflect.DeepEqual(made(10_000, 1), made(10_000, 2)) {
		t.Error("another seed makes the same office")
	}
}

// At every size, the words to search for occur in as many records.
func TestWordsStandInAsManyRecords(t *testing.T) {
	for _, size := range []int{10_000, 50_000} {
		first := newMaker(Spec{Size: size, Seed: 1, Until: until}).dbs[0].ID
		for db, records := range made(size, 1) {
			want := map[string]int{Few: FewMatches, Few[:3]: FewMatches, Many: 0, Many[:3]: 0, None: 0, None[:3]: 0}
			if db == first {
				want[Many], want[Many[:3]] = ManyMatches, ManyMatches
			}
			for word, count := range want {
				found := 0
				for _, record := range records {
					if !record.IsDeleted && strings.Contains(record.SearchText(), word) {
						found++
					}
				}
				// Where both words would occur, only Few does.
				if found > count || found < count-count*FewMatches/ManyMatches {
					t.Errorf("%d records: %q stands in %d of a database, want %d", size, word, found, count)
				}
			}
		}
	}
}

func TestDatabasesAreOfUnevenSize(t *testing.T) {
	for size, count := range map[int]int{10_000: 4, 1_000_000: 40} {
		shares := sizes(size)
		sum := 0
		for _, share := range shares {
			sum += share
		}
		if len(shares) != count || sum != size || !slices.IsSortedFunc(shares, func(a, b int) int { return b - a }) || shares[0] < 4*shares[count-1]-4 {
			t.Errorf("%d records are shared out as %v", size, shares)
		}
	}
}

// What is written is an office that the store serves.
func TestWrite(t *testing.T) {
	db, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	spec := Spec{Size: 12_000, Seed: 1, Until: until}
	if err := Write(t.Context(), db, spec, "hash", func(int) {}); err != nil {
		t.Fatal(err)
	}
	first := newMaker(spec).dbs[0].ID
	_, found, err := db.Personnel().Page(t.Context(), personnel.Query{Scope: office.ScopeOf(first), Words: []string{Few}, Limit: 1})
	if err != nil || found != FewMatches {
		t.Errorf("found %d (%v), want %d", found, err, FewMatches)
	}
}
