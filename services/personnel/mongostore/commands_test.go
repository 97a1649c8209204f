package mongostore

import (
	"context"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// recorded is a store, and the last command that it has sent.
func recorded(t *testing.T) (Store, *bson.Raw) {
	config, last := mongotest.Config(t), new(bson.Raw)
	config.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		*last = slices.Clone(e.Command)
	}}
	return storeOn(t, config), last
}

// Promise 41: a change does not read what was changed before, which may be megabytes;
// only who finds the history full does.
func TestChangeReadsNoHistory(t *testing.T) {
	var read []string
	config := mongotest.Config(t)
	config.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		if e.CommandName == "find" {
			read = append(read, e.Command.Lookup("projection").String())
		}
	}}
	store := storeOn(t, config)
	for entries, want := range map[int]int{1: 1, office.MaxEntries: 2} {
		record := officetest.Personnel(entries, officetest.DB(1).ID)
		record.Revision = entries
		history := office.History{}
		for n := range entries {
			history = append(history, office.Entry{Revision: n + 1, At: record.CreatedAt, Changes: []office.Change{}, DBID: record.DBID})
		}
		_, err := store.Client.RecordsWithHistory().InsertAll(t.Context(), []document.RecordWithHistory{document.Of(office.RecordWithHistory{Personnel: record, History: history})})
		officetest.Must(t, err)
		read = nil
		_, _, err = store.Update(t.Context(), office.Scope{All: true}, record.ID, office.PersonnelPatch{Remark: new("x")}, office.Edit{At: officetest.At(9)})
		officetest.Must(t, err)
		if len(read) != want || read[0] != `{"history.changes": {"$numberInt":"0"}}` {
			t.Errorf("of %d entries, it reads %q", entries, read)
		}
	}
}

// Each batch of a stream costs the same, wherever it begins: it is read from
// ranges of the index of lists, and each begins where the last batch ended.
func TestStreamReadsRanges(t *testing.T) {
	store, sent := recorded(t)
	first, second, third := officetest.DB(2).ID, officetest.DB(1).ID, officetest.DB(3).ID // in the order of their ids
	last := officetest.Personnel(1, second)
	rest := bson.M{"isDeleted": false, "db_id": second.Hex(), "created_at": bson.NewDateTimeFromTime(last.CreatedAt), "_id": bson.D{{Key: "$gt", Value: last.ID}}}
	later := bson.M{"isDeleted": false, "db_id": second.Hex(), "created_at": bson.D{{Key: "$gt", Value: bson.NewDateTimeFromTime(last.CreatedAt)}}}
	for name, c := range map[string]struct {
		scope office.Scope
		want  []bson.M
	}{
		"one":     {office.ScopeOf(second), []bson.M{rest, later}},
		"several": {office.Scope{DBs: []office.ID{third, first, second}}, []bson.M{rest, later, {"isDeleted": false, "db_id": bson.D{{Key: "$in", Value: bson.A{third.Hex()}}}}}},
		"another": {office.Scope{DBs: []office.ID{first, third}}, []bson.M{{"isDeleted": false, "db_id": bson.D{{Key: "$in", Value: bson.A{third.Hex()}}}}}},
		"all":     {office.Scope{All: true}, []bson.M{rest, later, {"isDeleted": false, "db_id": bson.D{{Key: "$gt", Value: second.Hex()}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := store.After(t.Context(), c.scope, last, 10)
			officetest.Must(t, err)
			var command struct {
				Filter struct {
					Ranges []bson.M `bson:"$or"`
				}
				Hint, Sort bson.D
				Limit      int
			}
			officetest.Must(t, bson.Unmarshal(*sent, &command))
			officetest.Equal(t, "the ranges", command.Filter.Ranges, c.want)
			officetest.Equal(t, "the order", command.Sort, asStored(inOrder))
			officetest.Equal(t, "the index", command.Hint, asStored(mongodb.ListIndex))
			officetest.Equal(t, "the limit", command.Limit, 10)
		})
	}
}

// asStored is an order as the server gets it.
func asStored(order bson.D) bson.D {
	order = slices.Clone(order)
	for i := range order {
		order[i].Value = int32(1)
	}
	return order
}

// A change of one record is made by one shard of a cluster: it names
// the fields of the shard key, and the others the record by its id.
func TestCommandsNameShard(t *testing.T) {
	store, sent := recorded(t)
	db, record := officetest.DB(1), officetest.Personnel(1, officetest.DB(1).ID)
	everywhere := office.Scope{All: true}
	officetest.Must(t, mongotest.Seed{Client: store.Client}.AddDB(t.Context(), db))
	_, err := store.Create(t.Context(), []office.Personnel{record}, office.Edit{})
	officetest.Must(t, err)
	_, _, err = store.Update(t.Context(), everywhere, record.ID, office.PersonnelPatch{Rank: new("Major")}, office.Edit{At: officetest.At(1)})
	officetest.Must(t, err)
	officetest.Equal(t, "the database that a change names", sent.Lookup("updates", "0", "q", "db_id").StringValue(), db.ID.Hex())
	officetest.Equal(t, "the army number that a change names", sent.Lookup("updates", "0", "q", "army_number").StringValue(), record.ArmyNumber)

	officetest.WantError(t, store.takeBack(t.Context(), officetest.Missing, []office.ID{record.ID}), office.ErrDBNotFound)
	officetest.Equal(t, "the record that is taken back", sent.Lookup("deletes", "0", "q", "_id").ObjectID(), record.ID)
}
