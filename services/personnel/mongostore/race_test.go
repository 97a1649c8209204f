package mongostore

import (
	"context"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/services/personnel"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Promise 24: what others put into a database while it is deleted is gone with
// it, and nobody is told that a record is kept which is not.
func TestAddWhileDatabaseIsDeleted(t *testing.T) {
	client := mongotest.Open(t)
	officetest.Must(t, mongotest.Seed{Client: client}.AddDB(t.Context(), home))
	for round := range 10 {
		addWhileDeleted(t, client, officetest.DB(round), 1000*round)
	}
}

// home is where records move from.
var home = officetest.DB(1000)

func addWhileDeleted(t *testing.T, client *mongodb.Client, db office.DB, first int) {
	const creators, movers, each = 4, 4, 10
	store, seed := New(client), mongotest.Seed{Client: client}
	officetest.Must(t, seed.AddDB(t.Context(), db))
	moving := officetest.Roster(first, first+movers-1, home.ID)
	officetest.Must(t, seed.AddPersonnel(t.Context(), moving...))
	errs := officetest.Race(movers+creators+1, func(i int) (err error) {
		switch {
		case i < movers:
			_, _, err = store.Update(t.Context(), office.Scope{All: true}, moving[i].ID, office.PersonnelPatch{DBID: &db.ID}, office.Edit{At: officetest.At(1)})
		case i < movers+creators:
			for n := 0; n < each && err == nil; n++ {
				_, err = store.Create(t.Context(), []office.Personnel{officetest.Personnel(first+each*i+n, db.ID)}, office.Edit{})
			}
		default:
			err = seed.DeleteDB(t.Context(), db.ID)
		}
		return err
	})
	officetest.WantEach(t, errs, office.ErrDBNotFound)
	left, _, err := store.After(t.Context(), office.ScopeOf(db.ID), office.Personnel{}, 100)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records without a database", len(left), 0)
	for i, record := range moving {
		_, err := store.Get(t.Context(), office.ScopeOf(home.ID), record.ID)
		if stayed, moved := err == nil, errs[i] == nil; stayed == moved {
			t.Errorf("a record was moved: %v, and is where it was: %v", moved, stayed)
		}
	}
}

// Promises 25 and 47: of an upload, each change is made once, whoever changes or deletes
// records after they were read, or after some were changed.
func TestUpdateAllBesideOthers(t *testing.T) {
	ctx, edit, theirs := t.Context(), office.Edit{At: officetest.At(7)}, office.Edit{At: officetest.At(8)}
	config, everywhere := mongotest.Config(t), office.Scope{All: true}
	others := storeOn(t, config)
	officetest.Must(t, mongotest.Seed{Client: others.Client}.AddDB(ctx, home))
	records, sent := officetest.Roster(1, 4, home.ID), -1000 // until it counts
	ofOthers := func(i int) {
		_, _, err := others.Update(ctx, everywhere, records[i].ID, office.PersonnelPatch{Rank: new("Theirs")}, theirs)
		officetest.Must(t, err)
	}
	config.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		switch sent++; {
		case e.CommandName == "update" && sent == 2: // which is to change all
			ofOthers(0)
			_, err := others.Delete(ctx, everywhere, []office.ID{records[1].ID}, theirs)
			officetest.Must(t, err)
		case sent == 3: // when it has
			ofOthers(2)
		}
	}}
	_, err := others.Create(ctx, records, office.Edit{At: officetest.At(6)})
	officetest.Must(t, err)
	store, changes := storeOn(t, config), make([]personnel.RecordPatch, len(records))
	for i := range changes {
		changes[i] = personnel.RecordPatch{ID: records[i].ID, Patch: office.PersonnelPatch{Rank: new("Ours")}}
	}
	sent = 0
	missing, err := store.UpdateAll(ctx, home.ID, changes, edit)
	officetest.Must(t, err)
	officetest.Equal(t, "those that are not there", missing, []int{1})
	for i, want := range [][]string{{"Theirs", "Ours"}, {}, {"Ours", "Theirs"}, {"Ours"}} {
		recorded, err := store.GetWithHistory(ctx, everywhere, records[i].ID)
		officetest.Must(t, err)
		ranks := []string{}
		for _, entry := range recorded.History {
			for _, change := range entry.Changes {
				ranks = append(ranks, change.To)
			}
		}
		officetest.Equal(t, "the ranks that it was given", ranks, want)
		officetest.Equal(t, "its rank", recorded.Rank, slices.Concat([]string{records[i].Rank}, want)[len(want)])
	}
}
