package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var historyCases = cases{
	"Recorded/each action":                   recordedActions,
	"Recorded/within scope":                  recordedWithin,
	"Recorded/the first and the newest":      recordedLimit,
	"Recorded/backwards, random operations":  recordedBackwards,
	"Recorded/concurrent, no revision twice": recordedRace,
	"Update/nothing to change":               updateNothing,
	"Update/of one revision":                 updateIfMatch,
	"Delete/of one revision":                 deleteIfMatch,
	"Restore/live, deleted, missing":         restore,
	"Restore/of one revision":                restoreIfMatch,
	"Restore/taken meanwhile":                restoreTaken,
	"Restore/concurrent, to one number":      restoreRace,
	"Changed/in order, within the time":      changedInOrder,
	"Trash/in order, in parts, by words":     trash,
	"all methods/a history goes with it all": historyOfDeletedDB,
}

// at is an edit at the nth millisecond of the tests.
func at(n int, revisions ...int) office.Edit {
	return office.Edit{By: edit.By, At: officetest.At(n), IfMatch: revisions}
}

func wantRecorded(t testing.TB, f Fixture, record office.Personnel, history ...office.Entry) {
	t.Helper()
	got, err := f.Store.Recorded(t.Context(), everywhere, record.ID)
	officetest.Must(t, err)
	officetest.Equal(t, "the record with its history", got, office.Recorded{Personnel: record, History: history})
}

// recordedActions also checks each entry to the last detail.
func recordedActions(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	taken, err := f.Store.Create(t.Context(), []office.Personnel{record}, at(1))
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records that were refused", len(taken), 0)
	entry := func(revision, n int, action office.Action, db office.ID, changes ...office.Change) office.Entry {
		return office.Entry{
			Revision: revision, At: officetest.At(n), Action: action, By: edit.By, DBID: db, Changes: append([]office.Change{}, changes...),
		}
	}
	history := []office.Entry{entry(1, 1, office.ActionCreated, one.ID)}
	wantRecorded(t, f, record, history...)

	patch := office.PersonnelPatch{BankSortCode: new("011"), Rank: new("Corporal"), Remark: new("")}
	record.Bank.SortCode, record.Remark, record.BankChangedAt = "011", "", officetest.At(2)
	history = append(history, entry(2, 2, office.ActionUpdated, one.ID,
		office.Change{Field: "bank.sort_code", From: "000001", To: "011"}, office.Change{Field: "remark", From: "paid in cash until May"}))
	wantUpdate(t, f, &record, patch, at(2), history)

	record.DBID, record.Remark = two.ID, "moved"
	history = append(history, entry(3, 3, office.ActionMoved, two.ID,
		office.Change{Field: "remark", To: "moved"}, office.Change{Field: "db_id", From: one.ID.Hex(), To: two.ID.Hex()}))
	wantUpdate(t, f, &record, office.PersonnelPatch{DBID: &two.ID, Remark: new("moved")}, at(3), history)

	deleted, err := f.Store.Delete(t.Context(), everywhere, []office.ID{record.ID}, at(4))
	officetest.Must(t, err)
	officetest.SameIDs(t, "what was deleted", deleted, []office.ID{record.ID})
	history = append(history, entry(4, 4, office.ActionDeleted, two.ID))
	record.IsDeleted, record.DeletedAt, record.UpdatedAt, record.Revision = true, officetest.At(4), officetest.At(4), 4
	wantRecorded(t, f, record, history...)

	got, last, err := f.Store.Restore(t.Context(), everywhere, record.ID, at(5))
	officetest.Must(t, err)
	history = append(history, entry(5, 5, office.ActionRestored, two.ID))
	record.IsDeleted, record.DeletedAt, record.UpdatedAt, record.Revision = false, time.Time{}, officetest.At(5), 5
	officetest.Equal(t, "what the restoration returns", got, record)
	officetest.Equal(t, "its entry", last, history[4])
	wantRecorded(t, f, record, history...)
	wantAll(t, f, record)
}

// wantUpdate changes a record, which is as wanted but for the time and the revision.
func wantUpdate(t testing.TB, f Fixture, record *office.Personnel, patch office.PersonnelPatch, edit office.Edit, history []office.Entry) {
	t.Helper()
	got, entry, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, edit)
	officetest.Must(t, err)
	record.UpdatedAt, record.Revision = edit.At, record.Revision+1
	officetest.Equal(t, "what the change returns", got, *record)
	officetest.Equal(t, "its entry", entry, history[len(history)-1])
	wantRecorded(t, f, *record, history...)
}

func recordedWithin(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, record)
	for _, state := range []string{"live", "deleted"} {
		for name, scope := range within {
			got, err := f.Store.Recorded(t.Context(), scope, record.ID)
			officetest.Must(t, err)
			officetest.Equal(t, state+", within "+name, got.ID, record.ID)
		}
		for _, scope := range outside {
			_, err := f.Store.Recorded(t.Context(), scope, record.ID)
			officetest.WantError(t, err, office.ErrNotFound)
			_, _, err = f.Store.Restore(t.Context(), scope, record.ID, edit)
			officetest.WantError(t, err, office.ErrNotFound)
		}
		_, err := f.Store.Recorded(t.Context(), everywhere, officetest.Missing)
		officetest.WantError(t, err, office.ErrNotFound)
		_, err = f.Store.Delete(t.Context(), everywhere, []office.ID{record.ID}, edit)
		officetest.Must(t, err)
	}
}

// longHistories is a seed that adds a record with its history, for where that is too
// slow to be made change by change.
type longHistories interface {
	AddRecorded(ctx context.Context, record office.Recorded) error
}

// recordedLimit also deletes and restores when there are as many entries as are kept.
func recordedLimit(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	history := office.History{at(1).Create(record)}
	first := 2
	if long, ok := f.Seed.(seed).Seed.(longHistories); ok {
		for ; first < office.MaxEntries-2; first++ {
			is, entry := at(first).Patch(record, office.PersonnelPatch{Remark: new(fmt.Sprint(first))})
			record, history = is, append(history, entry)
		}
		officetest.Must(t, long.AddRecorded(t.Context(), office.Recorded{Personnel: record, History: history}))
	} else {
		f.AddPersonnel(t, record)
	}
	for n := first; n < office.MaxEntries+5; n++ {
		var entry office.Entry
		switch {
		case record.IsDeleted:
			_, _, err := f.Store.Restore(t.Context(), everywhere, record.ID, at(n))
			officetest.Must(t, err)
			record, entry = at(n).Restore(record)
		case n == office.MaxEntries || n == office.MaxEntries+2:
			_, err := f.Store.Delete(t.Context(), everywhere, []office.ID{record.ID, officetest.Missing}, at(n))
			officetest.Must(t, err)
			record, entry = at(n).Delete(record)
		default:
			patch := office.PersonnelPatch{Remark: new(fmt.Sprint(n))}
			_, _, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, at(n))
			officetest.Must(t, err)
			record, entry = at(n).Patch(record, patch)
		}
		history = append(history, entry)
		if n < office.MaxEntries-1 {
			continue
		}
		kept := history
		if more := len(kept) - office.MaxEntries; more > 0 {
			kept = append(office.History{history[0]}, history[1+more:]...)
		}
		wantRecorded(t, f, record, kept...)
		if got := kept.IsTruncated(); got != (n > office.MaxEntries) {
			t.Errorf("with %d entries, some are gone: %v", n, got)
		}
	}
}

// recordedBackwards is promise 47. It makes random changes of a few records, and then goes back from
// each record as it is over its history to each state that it had.
func recordedBackwards(t *testing.T, f Fixture) {
	rng := officetest.Rand()
	dbs := []office.ID{one.ID, two.ID, three.ID}
	states := map[office.ID][]office.Personnel{} // by record, the newest last
	for n := range 4 {
		record := officetest.Personnel(n, one.ID)
		f.AddPersonnel(t, record)
		states[record.ID] = []office.Personnel{record}
	}
	ids := slices.SortedFunc(func(yield func(office.ID) bool) {
		for id := range states {
			if !yield(id) {
				return
			}
		}
	}, officetest.CompareIDs)
	for n := range 150 {
		id := officetest.Pick(rng, ids...)
		is, changed := randomChange(t, f, rng, dbs, states[id][len(states[id])-1], at(100+n))
		if changed {
			states[id] = append(states[id], is)
		}
	}
	for id, past := range states {
		got, err := f.Store.Recorded(t.Context(), everywhere, id)
		officetest.Must(t, err)
		officetest.Equal(t, "the number of entries", len(got.History), len(past))
		state := got.Personnel
		for i := len(past) - 1; i >= 0; i-- {
			officetest.Equal(t, fmt.Sprint("the fields after entry ", i), state.Fields(), past[i].Fields())
			officetest.Equal(t, "the revision", got.History[i].Revision, i+1)
			officetest.Equal(t, "where it was", got.History[i].DBID, past[i].DBID)
			officetest.Equal(t, "whether it was deleted", got.History[i].Action == office.ActionDeleted, past[i].IsDeleted)
			undo(&state, got.History[i])
		}
	}
}

// randomChange makes a change, and returns the record as it is then, and whether it
// was changed.
func randomChange(t *testing.T, f Fixture, rng *rand.Rand, dbs []office.ID, was office.Personnel, edit office.Edit) (is office.Personnel, changed bool) {
	t.Helper()
	var entry office.Entry
	var err error
	patch := office.PersonnelPatch{ // as the frontend, which sends every field
		FirstName: officetest.Pick(rng, &was.FirstName, new(officetest.RandomName(rng))), LastName: &was.LastName, Rank: &was.Rank,
		Remark:     officetest.Pick(rng, &was.Remark, new(""), new(officetest.RandomName(rng))),
		AcctNumber: officetest.Pick(rng, &was.AcctNumber, new(fmt.Sprint(rng.IntN(5)))), BankName: &was.Bank.Name,
		Status: officetest.Pick(rng, &was.Status, new(office.StatusAWOL)), DBID: officetest.Pick(rng, &was.DBID, &dbs[rng.IntN(len(dbs))]),
	}
	switch deletes := rng.IntN(6) == 0; {
	case was.IsDeleted:
		is, entry, err = f.Store.Restore(t.Context(), everywhere, was.ID, edit)
	case deletes:
		_, err = f.Store.Delete(t.Context(), everywhere, []office.ID{was.ID, officetest.Missing}[:1+rng.IntN(2)], edit)
		is, entry = edit.Delete(was)
	default:
		is, entry, err = f.Store.Update(t.Context(), everywhere, was.ID, patch, edit)
	}
	officetest.Must(t, err)
	return is, entry.Revision > 0
}

// undo takes one entry back.
func undo(p *office.Personnel, entry office.Entry) {
	for _, change := range entry.Changes {
		db, _ := office.ParseID(change.From)
		undone := map[string]office.PersonnelPatch{
			"first_name": {FirstName: &change.From}, "remark": {Remark: &change.From}, "acct_number": {AcctNumber: &change.From},
			"status": {Status: new(office.Status(change.From))}, "db_id": {DBID: &db},
		}[change.Field]
		undone.Apply(p)
	}
}

// recordedRace: as many entries as changes, revisions without a gap, and each change
// begins where the one before has ended.
func recordedRace(t *testing.T, f Fixture) {
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
	got, err := f.Store.Recorded(t.Context(), everywhere, record.ID)
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

func updateNothing(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	want, err := f.Store.Recorded(t.Context(), everywhere, record.ID)
	officetest.Must(t, err)
	for _, patch := range []office.PersonnelPatch{{}, {Rank: &record.Rank, DBID: &record.DBID, Status: &record.Status, BankName: &record.Bank.Name}} {
		got, entry, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, edit)
		officetest.Must(t, err)
		officetest.Equal(t, "the record", got, record)
		officetest.Equal(t, "the entry", entry, office.Entry{})
		wantRecorded(t, f, record, want.History...)
	}
}

func updateIfMatch(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	patch := office.PersonnelPatch{Rank: new("Major")}
	for _, revisions := range [][]int{{2}, {0}, {7, 9}} {
		for _, patch := range []office.PersonnelPatch{patch, {}} {
			got, _, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, at(5, revisions...))
			officetest.WantError(t, err, office.ErrStale)
			officetest.Equal(t, "the record as it is", got, record)
			wantRecord(t, f, record)
		}
	}
	_, _, err := f.Store.Update(t.Context(), everywhere, officetest.Missing, patch, at(5, 1))
	officetest.WantError(t, err, office.ErrNotFound)
	got, _, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, at(5, 7, 1))
	officetest.Must(t, err)
	officetest.Equal(t, "the revision", got.Revision, 2)
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
	_, _, err := f.Store.Restore(t.Context(), everywhere, old.ID, edit)
	officetest.WantError(t, err, office.ErrArmyNumberTaken)
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
	winner, err := f.Store.Get(t.Context(), everywhere, ids[officetest.OneWins(t, errs, office.ErrArmyNumberTaken)])
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
	var want []office.Recorded
	for _, record := range records {
		got, err := f.Store.Recorded(t.Context(), everywhere, record.ID)
		officetest.Must(t, err)
		if n := got.UpdatedAt.Sub(officetest.At(0)).Milliseconds(); n >= 7 && n < 60 {
			want = append(want, got)
		}
	}
	slices.SortFunc(want, func(a, b office.Recorded) int {
		if c := b.UpdatedAt.Compare(a.UpdatedAt); c != 0 {
			return c
		}
		return officetest.CompareIDs(b.ID, a.ID)
	})
	for _, limit := range []int{1, 2, 100} {
		got, last := []office.Recorded{}, office.Personnel{UpdatedAt: officetest.At(60)}
		for {
			step, err := f.Store.Changed(t.Context(), one.ID, officetest.At(7), last, limit)
			officetest.Must(t, err)
			if len(step) == 0 {
				break
			}
			got, last = append(got, step...), step[len(step)-1].Personnel
		}
		officetest.Equal(t, fmt.Sprint("what has changed, by ", limit), got, want)
	}
}

func trash(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 6, one.ID)
	f.AddPersonnel(t, append(records, officetest.Personnel(7, two.ID))...)
	query := personnel.TrashQuery{DB: one.ID}
	list := func(offset, limit int) ([]office.Recorded, int, error) {
		query.Offset, query.Limit = offset, limit
		return f.Store.Trash(t.Context(), query)
	}
	officetest.Pages(t, list, nil)
	f.DeletePersonnel(t, officetest.At(20), officetest.IDs(records[:2])...)
	f.DeletePersonnel(t, officetest.At(30), records[2].ID, officetest.Personnel(7, two.ID).ID)
	f.DeletePersonnel(t, officetest.At(10), records[3].ID)
	both := records[:2]
	if officetest.CompareIDs(both[0].ID, both[1].ID) < 0 {
		both = []office.Personnel{both[1], both[0]}
	}
	var want []office.Recorded
	for _, record := range []office.Personnel{records[2], both[0], both[1], records[3]} {
		got, err := f.Store.Recorded(t.Context(), everywhere, record.ID)
		officetest.Must(t, err)
		officetest.Equal(t, "who deleted it", got.DeletedBy(), edit.By)
		want = append(want, got)
	}
	officetest.Pages(t, list, want)
	query.Words = []string{"aisha3", "n/0"}
	officetest.Pages(t, list, want[:1])
	query.Words = []string{"aisha5"}
	officetest.Pages(t, list, nil)
}

// historyOfDeletedDB: a record with the id of one that went with its database has
// nothing of its history.
func historyOfDeletedDB(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 3, one.ID)
	f.AddPersonnel(t, records...)
	f.DeletePersonnel(t, officetest.At(9), records[0].ID)
	f.DeleteDB(t, one.ID)
	for _, record := range records {
		_, err := f.Store.Recorded(t.Context(), everywhere, record.ID)
		officetest.WantError(t, err, office.ErrNotFound)
	}
	changed, err := f.Store.Changed(t.Context(), one.ID, officetest.At(0), office.Personnel{UpdatedAt: officetest.At(999)}, 10)
	officetest.Must(t, err)
	officetest.Equal(t, "what has changed", changed, []office.Recorded{})
	again := officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, again)
	wantRecorded(t, f, again, at(1).Create(again))
}
