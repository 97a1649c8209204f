package storetest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var historyCases = cases{
	"GetWithHistory/each action":                   historyActions,
	"GetWithHistory/within scope":                  historyWithin,
	"GetWithHistory/the first and the newest":      historyLimit,
	"GetWithHistory/backwards, random operations":  historyBackwards,
	"GetWithHistory/concurrent, no revision twice": historyRace,
	"Update/nothing to change":                     updateNothing,
	"Update/of one revision":                       updateIfMatch,
	"Delete/of one revision":                       deleteIfMatch,
	"Restore/live, deleted, missing":               restore,
	"Restore/of one revision":                      restoreIfMatch,
	"Restore/taken meanwhile":                      restoreTaken,
	"Restore/concurrent, to one number":            restoreRace,
	"Changed/in order, within the time":            changedInOrder,
	"Changed/long histories":                       changedInBytes,
	"Trash/in order, in parts, by words":           trash,
	"all methods/histories of a deleted database":  historyOfDeletedDB,
}

// at is an edit at the nth millisecond of the tests.
func at(n int, revisions ...int) office.Edit {
	return office.Edit{By: edit.By, At: officetest.At(n), IfMatch: revisions}
}

func wantHistory(t testing.TB, f Fixture, record office.Personnel, history ...office.Entry) {
	t.Helper()
	got, err := f.Store.GetWithHistory(t.Context(), everywhere, record.ID)
	officetest.Must(t, err)
	officetest.Equal(t, "the record with its history", got, office.RecordWithHistory{Personnel: record, History: history})
}

// historyActions also checks each entry to the last detail.
func historyActions(t *testing.T, f Fixture) {
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
	wantHistory(t, f, record, history...)

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
	wantHistory(t, f, record, history...)

	got, last, err := f.Store.Restore(t.Context(), everywhere, record.ID, at(5))
	officetest.Must(t, err)
	history = append(history, entry(5, 5, office.ActionRestored, two.ID))
	record.IsDeleted, record.DeletedAt, record.UpdatedAt, record.Revision = false, time.Time{}, officetest.At(5), 5
	officetest.Equal(t, "what the restoration returns", got, record)
	officetest.Equal(t, "its entry", last, history[4])
	wantHistory(t, f, record, history...)
	wantAll(t, f, record)
}

// wantUpdate makes a change, after which the record must be as given, but for its time and revision.
func wantUpdate(t testing.TB, f Fixture, record *office.Personnel, patch office.PersonnelPatch, edit office.Edit, history []office.Entry) {
	t.Helper()
	got, entry, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, edit)
	officetest.Must(t, err)
	record.UpdatedAt, record.Revision = edit.At, record.Revision+1
	officetest.Equal(t, "what the change returns", got, *record)
	officetest.Equal(t, "its entry", entry, history[len(history)-1])
	wantHistory(t, f, *record, history...)
}

func historyWithin(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, record)
	for _, state := range []string{"live", "deleted"} {
		for name, scope := range within {
			got, err := f.Store.GetWithHistory(t.Context(), scope, record.ID)
			officetest.Must(t, err)
			officetest.Equal(t, state+", within "+name, got.ID, record.ID)
		}
		for _, scope := range outside {
			_, err := f.Store.GetWithHistory(t.Context(), scope, record.ID)
			officetest.WantError(t, err, office.ErrNotFound)
			_, _, err = f.Store.Restore(t.Context(), scope, record.ID, edit)
			officetest.WantError(t, err, office.ErrNotFound)
		}
		_, err := f.Store.GetWithHistory(t.Context(), everywhere, officetest.Missing)
		officetest.WantError(t, err, office.ErrNotFound)
		_, err = f.Store.Delete(t.Context(), everywhere, []office.ID{record.ID}, edit)
		officetest.Must(t, err)
	}
}

// longHistories is a seed that adds a record with its history, for a store in which
// making that change by change is too slow.
type longHistories interface {
	AddWithHistory(ctx context.Context, record office.RecordWithHistory) error
}

// historyLimit also deletes and restores when the history is full.
func historyLimit(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	history := office.History{at(1).Create(record)}
	first := 2
	if long, ok := f.Seed.(seed).Seed.(longHistories); ok {
		for ; first < office.MaxEntries-2; first++ {
			is, entry := at(first).Patch(record, office.PersonnelPatch{Remark: new(fmt.Sprint(first))})
			record, history = is, append(history, entry)
		}
		officetest.Must(t, long.AddWithHistory(t.Context(), office.RecordWithHistory{Personnel: record, History: history}))
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
		wantHistory(t, f, record, kept...)
		if got := kept.IsTruncated(); got != (n > office.MaxEntries) {
			t.Errorf("with %d entries, some are gone: %v", n, got)
		}
	}
}

// historyBackwards is promise 47. It makes random changes to a few records, and then goes back
// through the history of each to every state that it had.
func historyBackwards(t *testing.T, f Fixture) {
	rng := officetest.Rand()
	dbs := []office.ID{one.ID, two.ID, three.ID}
	states := map[office.ID][]office.Personnel{} // by record, the newest last
	for n := range 4 {
		record := officetest.Personnel(n, one.ID)
		f.AddPersonnel(t, record)
		states[record.ID] = []office.Personnel{record}
	}
	ids := slices.SortedFunc(maps.Keys(states), office.CompareIDs)
	changes := 150
	if f.Slow {
		changes = 75
	}
	for n := range changes {
		id := officetest.Pick(rng, ids...)
		is, changed := randomChange(t, f, rng, dbs, states[id][len(states[id])-1], at(100+n))
		if changed {
			states[id] = append(states[id], is)
		}
	}
	for id, past := range states {
		got, err := f.Store.GetWithHistory(t.Context(), everywhere, id)
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

// randomChange makes a change, and returns the record as it is afterwards, and whether
// it has changed.
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

func updateNothing(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	want, err := f.Store.GetWithHistory(t.Context(), everywhere, record.ID)
	officetest.Must(t, err)
	for _, patch := range []office.PersonnelPatch{{}, {Rank: &record.Rank, DBID: &record.DBID, Status: &record.Status, BankName: &record.Bank.Name}} {
		got, entry, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, edit)
		officetest.Must(t, err)
		officetest.Equal(t, "the record", got, record)
		officetest.Equal(t, "the entry", entry, office.Entry{})
		wantHistory(t, f, record, want.History...)
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
