package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

var boss, target = officetest.User(1, officetest.Admin), officetest.User(2)

// failingStore takes a change of the target and answers no question about him.
type failingStore struct{ Store }

func (failingStore) UserByID(_ context.Context, id office.ID) (office.User, error) {
	if id == boss.ID {
		return boss, nil
	}
	return office.User{}, office.ErrUnavailable
}

func (failingStore) DBsByID(context.Context, []office.ID) ([]office.DB, error) {
	return []office.DB{officetest.DB(1)}, nil
}

func (failingStore) UpdateUser(context.Context, office.ID, office.UserPatch) error { return nil }

func (failingStore) DeleteDB(_ context.Context, id office.ID) (int, error) {
	if id == officetest.Missing {
		return 0, office.ErrDBNotFound
	}
	return 0, office.ErrUnavailable
}

// Promise 37: a change that was made is in the log, also when what the answer
// needs cannot be read any more; and the log says what was changed.
func TestChangeIsLoggedOnceMade(t *testing.T) {
	call, log := logged(t)
	dbs := fmt.Sprintf(`"allowed_dbs":[%q]`, officetest.DB(1).ID.Hex())
	for body, want := range map[string]map[string]any{
		`{"role":"admin",` + dbs + `}`: {"role": "admin", "dbs": 1.},
		`{"role":"user"}`:              {"role": "user"},
		`{` + dbs + `}`:                {"dbs": 1.},
		`{"allowed_dbs":[]}`:           {"dbs": 0.},
		`{"first_name":"Musa"}`:        {},
	} {
		t.Run(body, func(t *testing.T) {
			log.Reset()
			officetest.Equal(t, "the status", call("PATCH", "/admin/users/"+target.ID.Hex(), body), 503)
			want := maps.Clone(want)
			want["target"] = target.ID.Hex()
			wantLine(t, log, "user changed", want)
		})
	}
}

// Promise 37: a deletion that failed may have deleted something.
func TestFailedDeletionIsLogged(t *testing.T) {
	call, log := logged(t)
	one, path := officetest.DB(1).ID.Hex(), "/admin/dbs/"
	officetest.Equal(t, "the status", call("DELETE", path+one, ""), 503)
	wantLine(t, log, "database deletion failed", map[string]any{"target": one})
	log.Reset()
	officetest.Equal(t, "the status", call("DELETE", path+officetest.Missing.Hex(), ""), 404)
	if strings.Contains(log.String(), "audit") {
		t.Errorf("a deletion of nothing is in the log:\n%s", log)
	}
}

// logged is a service on a failing store, called by the boss, and its log.
func logged(t *testing.T) (call func(method, path, body string) (status int), log *bytes.Buffer) {
	t.Helper()
	log = new(bytes.Buffer)
	keys := webtest.Keys()
	server := web.NewServer(web.Options{Logger: slog.New(slog.NewJSONHandler(log, nil))},
		Routes(Deps{Store: failingStore{}, Keys: keys}))
	return func(method, path, body string) int {
		return webtest.Call(t, server, keys, boss, method, path, body)
	}, log
}

// wantLine checks that the line of an event says this of what the boss did, and
// no more than every line does.
func wantLine(t *testing.T, log *bytes.Buffer, event string, want map[string]any) {
	t.Helper()
	got := lineOf(event, log.String())
	for _, common := range []string{"time", "level", "msg", "event", "request_id", "client"} {
		delete(got, common)
	}
	want["user_id"] = boss.ID.Hex()
	officetest.Equal(t, "the line", got, want)
}

// lineOf is the line of an event in a log. It is nil when there is none.
func lineOf(event, log string) map[string]any {
	for line := range strings.Lines(log) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && fields["event"] == event {
			return fields
		}
	}
	return nil
}
