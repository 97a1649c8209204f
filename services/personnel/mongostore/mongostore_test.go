package mongostore

import (
	"context"
	"testing"

	"officepay.example/services/personnel"
	"officepay.example/services/personnel/storetest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, mongotest.Fixture(t, func(c *mongodb.Client) personnel.Store { return New(c) }))
}

// watched is a store whose commands are counted, with two databases.
func watched(t *testing.T) (*mongotest.Monitor, Store, [2]office.ID) {
	monitor := mongotest.Watch(t)
	for _, db := range officetest.DBs(2) {
		officetest.Must(t, mongotest.Seed{Client: monitor.Client}.AddDB(t.Context(), db))
	}
	return monitor, New(monitor.Client), [2]office.ID{officetest.DB(1).ID, officetest.DB(2).ID}
}

// A list is one command for the page and one for the total.
func TestCommandsOfLists(t *testing.T) {
	monitor, store, dbs := watched(t)
	records := officetest.Roster(1, 30, dbs[0])
	_, err := store.Create(t.Context(), records, office.Edit{})
	officetest.Must(t, err)
	for name, scope := range map[string]office.Scope{
		"all": {All: true}, "one": office.ScopeOf(dbs[0]), "two": {DBs: dbs[:]}, "none": {},
	} {
		for _, query := range []personnel.Query{
			{}, {Status: office.StatusActive}, {Words: []string{"ngo", "bel"}}, {Words: []string{"n"}, Status: office.StatusRTU},
		} {
			query.Scope, query.Limit = scope, 10
			monitor.Check(t, "Page/"+name, 2, func(ctx context.Context) error {
				_, _, err := store.Page(ctx, query)
				return err
			})
		}
		monitor.Check(t, "After/"+name, 1, func(ctx context.Context) error {
			_, _, err := store.After(ctx, scope, records[4], 10)
			return err
		})
	}
	monitor.Check(t, "Page/largest", 1, func(ctx context.Context) error {
		_, _, err := store.Page(ctx, personnel.Query{Scope: office.ScopeOf(dbs[0]), Limit: 10000})
		return err
	})
	monitor.Check(t, "CheckDB", 1, func(ctx context.Context) error { return store.CheckDB(ctx, dbs[0]) })
	monitor.Check(t, "Get", 1, func(ctx context.Context) error {
		_, err := store.Get(ctx, office.Scope{DBs: dbs[:]}, records[0].ID)
		return err
	})
}

func TestCommandsOfChanges(t *testing.T) {
	monitor, store, dbs := watched(t)
	scope := office.ScopeOf(dbs[0])
	record := officetest.Personnel(0, dbs[0])
	monitor.Check(t, "Create", 3, func(ctx context.Context) error {
		_, err := store.Create(ctx, []office.Personnel{record}, office.Edit{})
		return err
	})
	upload := officetest.Roster(1, 200, dbs[0])
	monitor.Check(t, "Create/200", 3, func(ctx context.Context) error {
		_, err := store.Create(ctx, upload, office.Edit{})
		return err
	})
	for _, c := range []struct {
		name  string
		patch office.PersonnelPatch
		most  int
	}{
		{"rank", office.PersonnelPatch{Rank: new("Major")}, 2},
		{"name", office.PersonnelPatch{FirstName: new("Zoë")}, 2},
		{"move", office.PersonnelPatch{DBID: &dbs[0]}, 4},
	} {
		monitor.Check(t, "Update/"+c.name, c.most, func(ctx context.Context) error {
			_, _, err := store.Update(ctx, scope, record.ID, c.patch, office.Edit{At: office.Now()})
			return err
		})
	}
	changes := make([]personnel.RecordPatch, len(upload))
	for i := range changes {
		changes[i] = personnel.RecordPatch{ID: upload[i].ID, Patch: office.PersonnelPatch{Rank: new("Major")}}
	}
	updateAll := func(ctx context.Context) error {
		missing, err := store.UpdateAll(ctx, dbs[0], changes, office.Edit{At: office.Now()})
		officetest.Equal(t, "those that are not there", missing, nil)
		return err
	}
	monitor.Check(t, "UpdateAll/200", 4, updateAll)
	seed := mongotest.Seed{Client: store.Client}
	takenOver := officetest.Roster(1000, 1198, dbs[0])
	officetest.Must(t, seed.AddPersonnel(t.Context(), takenOver...))
	full := office.RecordWithHistory{Personnel: officetest.Personnel(1199, dbs[0])}
	for full.Revision = range office.MaxEntries {
		full.History = append(full.History, office.Entry{Revision: full.Revision + 1, At: officetest.At(0), Action: office.ActionUpdated})
	}
	full.Revision++
	officetest.Must(t, seed.AddWithHistory(t.Context(), full))
	for i, record := range append(takenOver, full.Personnel) {
		changes[i].ID = record.ID
	}
	monitor.Check(t, "UpdateAll/199 without a history and one with a full one", 4+3, updateAll)
	monitor.Check(t, "Delete/one", 2, func(ctx context.Context) error {
		_, err := store.Delete(ctx, scope, []office.ID{record.ID}, office.Edit{At: office.Now()})
		return err
	})
	monitor.Check(t, "Delete/200", 2, func(ctx context.Context) error {
		_, err := store.Delete(ctx, scope, officetest.IDs(upload), office.Edit{At: office.Now()})
		return err
	})
}
