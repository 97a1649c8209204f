package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func restore(t *testing.T, f Fixture) {
	record, other := officetest.Personnel(1, one.ID), officetest.Personnel(2, one.ID)
	f.AddPersonnel(t, record, other)
	got, entry, err := f.Store.Restore(t.Context(), everywhere, record.ID, edit)
	officetest.Must(t, err)
	officetest.Equal(t, "a live one", got, record)
	officetest.Equal(t, "its entry", entry, office.Entry{})
	_, _, err = f.Store.Restore(t.Context(), everywhere, officetest.Missing, edit)
	officetest.WantError(t, err, office.ErrNotFound)

	f.DeletePersonnel(t, officetest.At(9), record.ID)
	got, _, err = f.Store.Restore(t.Context(), office.ScopeOf(one.ID), record.ID, at(10))
	officetest.Must(t, err)
	record.Revision, record.UpdatedAt = 3, officetest.At(10)
	officetest.Equal(t, "the restored one", got, record)
	wantAll(t, f, record, other)
	wantPage(t, f, personnel.Query{Scope: everywhere, Words: []string{"aisha1"}, Status: office.StatusActive}, record)
	again := officetest.Personnel(3, one.ID, officetest.Numbered(record.ArmyNumber))
	officetest.WantError(t, create(t, f, again), errTaken)
}

func restoreIfMatch(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	_, _, err := f.Store.Restore(t.Context(), everywhere, record.ID, at(5, 2))
	officetest.WantError(t, err, office.ErrStale)
	f.DeletePersonnel(t, officetest.At(9), record.ID)
	got, _, err := f.Store.Restore(t.Context(), everywhere, record.ID, at(10, 1))
	officetest.WantError(t, err, office.ErrStale)
	officetest.Equal(t, "the revision of what is there", got.Revision, 2)
	wantNoRecord(t, f, everywhere, record.ID)
	_, _, err = f.Store.Restore(t.Context(), everywhere, record.ID, at(10, 2))
	officetest.Must(t, err)
}

func restoreTaken(t *testing.T, f Fixture) {
	old, fresh := officetest.Personnel(1, one.ID), officetest.Personnel(2, one.ID, officetest.Numbered(officetest.Personnel(1, one.ID).ArmyNumber))
	f.AddPersonnel(t, old)
	f.DeletePersonnel(t, officetest.At(9), old.ID)
	f.AddPersonnel(t, fresh)
	got, _, err := f.Store.Restore(t.Context(), everywhere, old.ID, edit)
	officetest.WantError(t, err, office.ErrArmyNumberTaken)
	officetest.Equal(t, "the number that it would have", got.ArmyNumber, old.ArmyNumber)
	wantAll(t, f, fresh)
	f.DeletePersonnel(t, officetest.At(10), fresh.ID)
	_, _, err = f.Store.Restore(t.Context(), everywhere, old.ID, edit)
	officetest.Must(t, err)
	wantNoRecord(t, f, everywhere, fresh.ID)
}

func restoreRace(t *testing.T, f Fixture) {
	var ids []office.ID
	for n := range 5 {
		record := officetest.Personnel(n, one.ID, officetest.Numbered("N/1"))
		f.AddPersonnel(t, record)
		f.DeletePersonnel(t, officetest.At(50+n), record.ID)
		ids = append(ids, record.ID)
	}
	errs := officetest.Race(len(ids), func(i int) error {
		_, _, err := f.Store.Restore(t.Context(), everywhere, ids[i], edit)
		return err
	})
	winner, err := officetest.ReadOne(f.Store.Get(t.Context(), everywhere, ids[officetest.OneWins(t, errs, office.ErrArmyNumberTaken)]))
	officetest.Must(t, err)
	wantAll(t, f, winner)
}

func changedInOrder(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 8, one.ID)
	f.AddPersonnel(t, append(records, officetest.Personnel(9, two.ID))...)
	for i, n := range []int{50, 40, 40, 40, 60} { // of the others, the time is that of creation
		if i == 2 {
			f.DeletePersonnel(t, officetest.At(n), records[i].ID)
			continue
		}
		_, _, err := f.Store.Update(t.Context(), everywhere, records[i].ID, office.PersonnelPatch{Remark: new("x")}, at(n))
		officetest.Must(t, err)
	}
	var want []office.RecordWithHistory
	for _, record := range records {
		got, err := f.Store.GetWithHistory(t.Context(), everywhere, record.ID)
		officetest.Must(t, err)
		if n := got.UpdatedAt.Sub(officetest.At(0)).Milliseconds(); n >= 7 && n < 60 {
			want = append(want, got)
		}
	}
	slices.SortFunc(want, func(a, b office.RecordWithHistory) int {
		if c := b.UpdatedAt.Compare(a.UpdatedAt); c != 0 {
			return c
		}
		return office.CompareIDs(b.ID, a.ID)
	})
	for _, limit := range []int{1, 2, 100} {
		got, last := []office.RecordWithHistory{}, office.Personnel{UpdatedAt: officetest.At(60)}
		for {
			step, err := f.Store.Changed(t.Context(), one.ID, officetest.At(7), last, limit, 1<<20)
			officetest.Must(t, err)
			if len(step) == 0 {
				break
			}
			got, last = append(got, step...), step[len(step)-1].Personnel
		}
		officetest.Equal(t, fmt.Sprint("what has changed, by ", limit), got, want)
	}
}

// changedInBytes: long histories are read one at a time, and none is left out.
func changedInBytes(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 4, one.ID)
	f.AddPersonnel(t, records...)
	for _, record := range records[1:] {
		for n := range 5 {
			patch := office.PersonnelPatch{Remark: new(strings.Repeat(fmt.Sprint(n), office.MaxNote))}
			_, _, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, at(20+n))
			officetest.Must(t, err)
		}
	}
	var steps []int
	last := office.Personnel{UpdatedAt: officetest.At(60)}
	for {
		step, err := f.Store.Changed(t.Context(), one.ID, officetest.At(0), last, 10, 5*office.MaxNote)
		officetest.Must(t, err)
		if len(step) == 0 {
			break
		}
		steps, last = append(steps, len(step)), step[len(step)-1].Personnel
	}
	officetest.Equal(t, "the records of each step", steps, []int{1, 1, 1, 1})
}

func trash(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 6, one.ID)
	f.AddPersonnel(t, append(records, officetest.Personnel(7, two.ID))...)
	query := personnel.TrashQuery{DB: one.ID}
	list := func(offset, limit int) ([]office.RecordWithHistory, int, error) {
		query.Offset, query.Limit = offset, limit
		records, total, err := f.Store.Trash(t.Context(), query)
		for i, record := range records { // a store may return more of it
			records[i].History = record.History[len(record.History)-1:]
		}
		return records, total, err
	}
	officetest.Pages(t, list, nil)
	f.DeletePersonnel(t, officetest.At(20), officetest.IDs(records[:2])...)
	f.DeletePersonnel(t, officetest.At(30), records[2].ID, officetest.Personnel(7, two.ID).ID)
	f.DeletePersonnel(t, officetest.At(10), records[3].ID)
	both := records[:2]
	if office.CompareIDs(both[0].ID, both[1].ID) < 0 {
		both = []office.Personnel{both[1], both[0]}
	}
	var want []office.RecordWithHistory
	for _, record := range []office.Personnel{records[2], both[0], both[1], records[3]} {
		got, err := f.Store.GetWithHistory(t.Context(), everywhere, record.ID)
		officetest.Must(t, err)
		officetest.Equal(t, "who deleted it", got.DeletedBy(), edit.By)
		got.History = got.History[len(got.History)-1:]
		want = append(want, got)
	}
	officetest.Pages(t, list, want)
	for i, record := range want {
		query.After = record.Personnel
		got, _, err := list(0, 10)
		officetest.Must(t, err)
		officetest.Equal(t, "what follows it", got, append([]office.RecordWithHistory{}, want[i+1:]...))
		got, _, err = list(1, 1)
		officetest.Must(t, err)
		officetest.Equal(t, "the next but one", got, append([]office.RecordWithHistory{}, want[min(i+2, 4):min(i+3, 4)]...))
	}
	query.After = office.Personnel{}
	query.Words = []string{"aisha3", "n/0"}
	officetest.Pages(t, list, want[:1])
	query.Words = []string{"aisha5"}
	officetest.Pages(t, list, nil)
}

// historyOfDeletedDB: a record with the id of one that went with its database inherits
// none of its history.
func historyOfDeletedDB(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 3, one.ID)
	f.AddPersonnel(t, records...)
	f.DeletePersonnel(t, officetest.At(9), records[0].ID)
	f.DeleteDB(t, one.ID)
	for _, record := range records {
		_, err := f.Store.GetWithHistory(t.Context(), everywhere, record.ID)
		officetest.WantError(t, err, office.ErrNotFound)
	}
	changed, err := f.Store.Changed(t.Context(), one.ID, officetest.At(0), office.Personnel{UpdatedAt: officetest.At(999)}, 10, 1<<20)
	officetest.Must(t, err)
	officetest.Equal(t, "what has changed", changed, []office.RecordWithHistory{})
	again := officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, again)
	wantHistory(t, f, again, at(1).Create(again))
}

func deleteIfMatch(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	for _, c := range []struct {
		revisions []int
		want      []office.ID
	}{{[]int{2}, nil}, {[]int{0, 3}, nil}, {[]int{3, 1}, []office.ID{record.ID}}} {
		got, err := f.Store.Delete(t.Context(), everywhere, []office.ID{record.ID}, at(5, c.revisions...))
		officetest.Must(t, err)
		officetest.SameIDs(t, fmt.Sprint("what was deleted of ", c.revisions), got, c.want)
	}
}

// historyRace: there are as many entries as changes, the revisions have no gap, and each
// change begins where the one before ended.
func historyRace(t *testing.T, f Fixture) {
	clients, each := 8, 25
	if f.Slow {
		each = 4
	}
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	officetest.WantEach(t, officetest.Race(clients, func(i int) error {
		for n := range each {
			patch := office.PersonnelPatch{AcctNumber: new(fmt.Sprintf("%d-%d", i, n))}
			if _, _, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, edit); err != nil {
				return err
			}
		}
		return nil
	}))
	got, err := f.Store.GetWithHistory(t.Context(), everywhere, record.ID)
	officetest.Must(t, err)
	officetest.Equal(t, "the revision", got.Revision, 1+clients*each)
	officetest.Equal(t, "the number of entries", len(got.History), 1+clients*each)
	account := record.AcctNumber
	for i, entry := range got.History {
		officetest.Equal(t, "the revision of an entry", entry.Revision, i+1)
		for _, change := range entry.Changes {
			officetest.Equal(t, "from what", change.From, account)
			account = change.To
		}
	}
	officetest.Equal(t, "the account after the last entry", got.AcctNumber, account)
}
