package sqlitestore

import (
	"testing"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// The total of a page and its records are those of one moment, however much is
// written meanwhile.
func TestTotalAndPageAreOfOneMoment(t *testing.T) {
	db := open(t)
	home := officetest.DB(1)
	officetest.Must(t, db.Admin().CreateDB(t.Context(), home))
	written := make(chan struct{})
	go func() {
		defer close(written)
		for n := range 150 {
			record := officetest.Personnel(n, home.ID)
			_, _ = db.Personnel().Create(t.Context(), []office.Personnel{record}, office.Edit{})
			if n%3 == 0 {
				_, _ = db.Personnel().Delete(t.Context(), office.Scope{All: true}, []office.ID{record.ID}, office.Edit{At: officetest.At(1)})
			}
		}
	}()
	for asked := 0; ; asked++ {
		query := personnel.Query{Scope: office.ScopeOf(home.ID), Limit: 10000}
		if asked%2 == 1 {
			query.Words = []string{"aisha"}
		}
		records, total, err := db.Personnel().Page(t.Context(), query)
		officetest.Must(t, err)
		if len(records) != total {
			t.Fatalf("question %d: %d records of %d", asked, len(records), total)
		}
		select {
		case <-written:
			return
		default:
		}
	}
}

// No page is wrong near the middle, where it is read from the nearer end.
func TestPagesFromEitherEnd(t *testing.T) {
	db := open(t)
	home := officetest.DB(1)
	officetest.Must(t, db.Admin().CreateDB(t.Context(), home))
	all := officetest.Roster(0, 30, home.ID)
	_, err := db.Personnel().Create(t.Context(), all, office.Edit{})
	officetest.Must(t, err)
	for offset := range 33 {
		for _, limit := range []int{1, 2, 7, 31, 40} {
			query := personnel.Query{Scope: office.ScopeOf(home.ID), Offset: offset, Limit: limit}
			got, total, err := officetest.ReadPage(db.Personnel().Page(t.Context(), query))
			officetest.Must(t, err)
			officetest.Equal(t, "the total", total, len(all))
			officetest.Equal(t, "the page", got, all[min(offset, 31):min(offset+limit, 31)])
		}
	}
}
