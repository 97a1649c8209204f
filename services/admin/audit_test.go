package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
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

// Promise 37: a change that was made is in the log, also when what the answer
// needs cannot be read any more; and the log says what was changed.
func TestChangeIsLoggedOnceMade(t *testing.T) {
	var log bytes.Buffer
	keys := token.NewKeys(strings.Repeat("k", 32), "", time.Hour, time.Now)
	server := NewServer(Deps{Store: failingStore{}, Keys: keys, Now: office.Now},
		web.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	bearer, err := keys.Issue(boss)
	officetest.Must(t, err)
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
			r := httptest.NewRequest("PATCH", "/admin/users/"+target.ID.Hex(), strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer "+bearer)
			r.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			server.ServeHTTP(answer, r)
			officetest.Equal(t, "the status", answer.Code, 503)
			got := lineOf("user changed", log.String())
			for _, common := range []string{"time", "level", "msg", "event", "request_id", "client"} {
				delete(got, common)
			}
			want := maps.Clone(want)
			want["user_id"], want["target"] = boss.ID.Hex(), target.ID.Hex()
			officetest.Equal(t, "the line", got, want)
		})
	}
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
