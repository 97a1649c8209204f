package mongostore

import (
	"fmt"
	"log/slog"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/admin"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// Promise 24: a database whose deletion has stopped can be given to nobody, as
// one that never was.
func TestStoppedDeletionIsAllowedToNobody(t *testing.T) {
	store, user := New(mongotest.Open(t)), officetest.User(3)
	for _, u := range []office.User{firstAdmin, user} {
		officetest.Must(t, store.CreateUser(t.Context(), u))
	}
	for _, db := range officetest.DBs(2) {
		officetest.Must(t, store.CreateDB(t.Context(), db))
	}
	stopped, open := officetest.DBs(2)[0].ID, officetest.DBs(2)[1].ID
	_, err := store.Client.DBs().Update(t.Context(), bson.M{"_id": stopped}, bson.M{"$set": bson.M{"deleting": true}})
	officetest.Must(t, err)
	for db, status := range map[office.ID]int{open: 200, stopped: 400, officetest.Missing: 400} {
		officetest.Equal(t, "the status with "+db.Hex(), allow(t, store, user.ID, db), status)
	}
	now, err := store.UserByID(t.Context(), user.ID)
	officetest.Must(t, err)
	officetest.Equal(t, "what the user is allowed", now.AllowedDBs, []office.ID{open})
}

// allow gives a database to a user, as the first admin does, and returns the
// status of the answer.
func allow(t *testing.T, store Store, user, db office.ID) int {
	t.Helper()
	keys := webtest.Keys()
	deps := admin.Deps{Store: store, Keys: keys}
	server := web.NewServer(web.Options{Logger: slog.New(slog.DiscardHandler)}, admin.Routes(deps))
	return webtest.Call(t, server, keys, firstAdmin, "PATCH", "/admin/users/"+user.Hex(), fmt.Sprintf(`{"allowed_dbs":[%q]}`, db.Hex()))
}

// A database that somebody wrote past the API, in forms that are read but not written, can be
// changed like any other.
func TestOddDBIsChanged(t *testing.T) {
	client := mongotest.Open(t)
	store, db := New(client), officetest.DB(1)
	officetest.Must(t, store.CreateDB(t.Context(), db))
	odd := bson.M{"$set": bson.M{"name": 7, "description": 8}, "$unset": bson.M{"search_text": true}}
	_, err := client.DBs().Update(t.Context(), bson.M{"_id": db.ID}, odd)
	officetest.Must(t, err)
	changed, err := store.UpdateDB(t.Context(), db.ID, office.DBPatch{ShortCode: new("ODD")})
	officetest.Must(t, err)
	officetest.Equal(t, "the changed database", []string{changed.Name, changed.ShortCode, changed.Description}, []string{"7", "ODD", "8"})
}
