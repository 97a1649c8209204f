package mongostore

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/services/personnel"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// target is where records are put while it is deleted.
var target = officetest.DB(1001)

// between is a store whose first command of a name is preceded by what somebody
// else does, with a store of his own.
func between(t *testing.T, command string, do func(other Store)) Store {
	t.Helper()
	var other Store
	client, another := mongotest.Between(t, mongotest.Named(command), func() { do(other) })
	other = New(another)
	addHomeAndTarget(t, other)
	return New(client)
}

func addHomeAndTarget(t *testing.T, store Store) {
	t.Helper()
	for _, db := range []office.DB{home, target} {
		officetest.Must(t, mongotest.Seed{Client: store.Client}.AddDB(t.Context(), db))
	}
}

// storeOn is a store on a database that is prepared.
func storeOn(t *testing.T, config mongodb.Config) Store {
	t.Helper()
	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	return New(client)
}

func deleteTarget(t *testing.T) func(Store) {
	return func(other Store) {
		officetest.Must(t, mongotest.Seed{Client: other.Client}.DeleteDB(t.Context(), target.ID))
	}
}

// wantNothingIn checks that no record has stayed in the database that is gone.
func wantNothingIn(t *testing.T, store Store) {
	t.Helper()
	left, _, err := store.After(t.Context(), office.ScopeOf(target.ID), office.Personnel{}, 10)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records without a database", len(left), 0)
}

// Promise 24: a record that is put into a database just after its deletion is
// taken back, also when the request is over by then.
func TestCreateAfterDeletion(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	config := mongotest.Config(t)
	other := storeOn(t, config)
	addHomeAndTarget(t, other)
	config.Monitor = &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			if e.CommandName == "insert" {
				deleteTarget(t)(other)
			}
		},
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			if e.CommandName == "insert" {
				hangUp()
			}
		},
	}
	_, err := storeOn(t, config).Create(ctx, []office.Personnel{officetest.Personnel(1, target.ID)}, office.Edit{})
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantNothingIn(t, other)
}

// lostAnswer is a context that ends once a command of that name was made, whose
// answer then never comes. The target is deleted just before the command.
func lostAnswer(t *testing.T, command string, made func(Store) bool) (context.Context, Store) {
	t.Helper()
	direct := mongotest.Config(t)
	other := storeOn(t, direct)
	addHomeAndTarget(t, other)
	relay, config := mongotest.Relay(t)
	relay.Start()
	config.Database = direct.Database
	ctx, hangUp := context.WithCancel(t.Context())
	t.Cleanup(hangUp)
	config.Monitor = &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			if e.CommandName != command {
				return
			}
			deleteTarget(t)(other)
			relay.Delay(time.Second)
			go func() {
				defer hangUp()
				for !made(other) && t.Context().Err() == nil {
					time.Sleep(5 * time.Millisecond)
				}
			}()
		},
		Failed: func(context.Context, *event.CommandFailedEvent) { relay.Delay(0) },
	}
	return ctx, storeOn(t, config)
}

func isInTarget(id office.ID) func(Store) bool {
	return func(store Store) bool {
		_, err := store.Get(context.Background(), office.ScopeOf(target.ID), id)
		return err == nil
	}
}

// Promise 24: a record of which nobody knows whether it was put into a
// database just after its deletion is taken back.
func TestCreateAfterDeletionWithoutAnswer(t *testing.T) {
	record := officetest.Personnel(1, target.ID)
	ctx, store := lostAnswer(t, "insert", isInTarget(record.ID))
	_, err := store.Create(ctx, []office.Personnel{record}, office.Edit{})
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantNothingIn(t, store)
}

// Promise 24: the same of a record that is moved.
func TestMoveAfterDeletionWithoutAnswer(t *testing.T) {
	record := officetest.Personnel(1, home.ID)
	ctx, store := lostAnswer(t, "update", isInTarget(record.ID))
	officetest.Must(t, mongotest.Seed{Client: store.Client}.AddPersonnel(t.Context(), record))
	_, _, err := store.Update(ctx, office.Scope{All: true}, record.ID, office.PersonnelPatch{DBID: &target.ID}, office.Edit{At: officetest.At(1)})
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantNothingIn(t, store)
}

// An outage that begins in the middle of an addition is answered in time.
func TestCreateInOutage(t *testing.T) {
	relay, config := mongotest.Relay(t)
	relay.Start()
	config.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		if target, _ := e.Command.Lookup("insert").StringValueOK(); target == "personnels" {
			relay.Swallow(true)
		}
	}}
	store := storeOn(t, config)
	officetest.Must(t, mongotest.Seed{Client: store.Client}.AddDB(t.Context(), home))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := store.Create(ctx, []office.Personnel{officetest.Personnel(1, home.ID)}, office.Edit{})
	officetest.WantError(t, err, office.ErrUnavailable)
	officetest.Must(t, ctx.Err()) // it has not waited for that
}

// Promise 24: a record that is moved into a database just after its deletion
// goes with it.
func TestMoveAfterDeletion(t *testing.T) {
	store := between(t, "update", deleteTarget(t))
	record := officetest.Personnel(1, home.ID)
	officetest.Must(t, mongotest.Seed{Client: store.Client}.AddPersonnel(t.Context(), record))
	_, _, err := store.Update(t.Context(), office.Scope{All: true}, record.ID, office.PersonnelPatch{DBID: &target.ID}, office.Edit{At: officetest.At(1)})
	officetest.Must(t, err)
	wantNothingIn(t, store)
}

// Promise 24: what somebody has moved to a good place meanwhile is not taken
// back.
func TestTakeBackSparesWhatHasMovedOn(t *testing.T) {
	gone := officetest.DB(1002).ID
	record := officetest.Personnel(1, gone)
	store := between(t, "delete", func(other Store) {
		_, _, err := other.Update(t.Context(), office.Scope{All: true}, record.ID, office.PersonnelPatch{DBID: &home.ID}, office.Edit{At: officetest.At(1)})
		officetest.Must(t, err)
	})
	officetest.Must(t, mongotest.Seed{Client: store.Client}.AddPersonnel(t.Context(), record))
	err := store.takeBack(t.Context(), gone, []office.ID{record.ID})
	officetest.WantError(t, err, office.ErrDBNotFound)
	if _, err := store.Get(t.Context(), office.ScopeOf(home.ID), record.ID); err != nil {
		t.Errorf("the record is gone: %v", err)
	}
}

// Promise 25: of two who change different names at once, both are found by what
// they wrote.
func TestNamesChangedAtOnce(t *testing.T) {
	record := officetest.Personnel(1, home.ID)
	first, last := "Zebulon", "Quaresma"
	change := func(store Store, patch office.PersonnelPatch) error {
		_, _, err := store.Update(t.Context(), office.Scope{All: true}, record.ID, patch, office.Edit{At: officetest.At(1)})
		return err
	}
	store := between(t, "update", func(other Store) {
		officetest.Must(t, change(other, office.PersonnelPatch{LastName: &last}))
	})
	officetest.Must(t, mongotest.Seed{Client: store.Client}.AddPersonnel(t.Context(), record))
	officetest.Must(t, change(store, office.PersonnelPatch{FirstName: &first}))
	for _, word := range []string{"zebulon", "quaresma"} {
		query := personnel.Query{Scope: office.Scope{All: true}, Words: []string{office.Fold(word)}, Limit: 10}
		if _, total, err := store.Page(t.Context(), query); err != nil || total != 1 {
			t.Errorf("%s is found %d times (%v)", word, total, err)
		}
	}
}
