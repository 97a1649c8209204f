package personnel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

var boss = officetest.User(1, officetest.Admin)

// deletingStore deletes as its function says.
type deletingStore struct {
	Store
	delete func(ids []office.ID) ([]office.ID, error)
}

func (deletingStore) UserByID(context.Context, office.ID) (office.User, error) { return boss, nil }

func (deletingStore) Get(context.Context, office.Scope, office.ID) (office.RecordJSON, error) {
	return "", fmt.Errorf("sqlite: %w", office.ErrNotFound)
}

func (s deletingStore) Delete(_ context.Context, _ office.Scope, ids []office.ID, _ office.Edit) ([]office.ID, error) {
	return s.delete(ids)
}

// Promise 37: a deletion is in the log, also one that failed, which may have
// deleted something; one of nothing is not.
func TestDeletionIsLogged(t *testing.T) {
	all := func(ids []office.ID) ([]office.ID, error) { return ids, nil }
	none := func([]office.ID) ([]office.ID, error) { return nil, nil }
	failing := func([]office.ID) ([]office.ID, error) { return nil, office.ErrUnavailable }
	a, b := dbA.Hex(), dbB.Hex()
	one := call{"/personnels/" + a, ""}
	two := call{"/personnels/bulk-delete", fmt.Sprintf(`{"personnels_id":[%q,%q]}`, a, b)}
	for name, c := range map[string]struct {
		call   call
		delete func([]office.ID) ([]office.ID, error)
		status int
		event  any // nil is none
		attr   string
		value  any
	}{
		"one":         {one, all, 200, "personnel deleted", "target", a},
		"one failed":  {one, failing, 503, "personnel deletion failed", "target", a},
		"one, gone":   {one, none, 404, nil, "target", nil},
		"two":         {two, all, 200, "personnel deleted", "count", 2.},
		"two failed":  {two, failing, 503, "personnel deletion failed", "count", 2.},
		"two, gone":   {two, none, 404, nil, "count", nil},
		"no such ids": {call{two.path, `{"personnels_id":["x"]}`}, failing, 400, nil, "count", nil},
	} {
		t.Run(name, func(t *testing.T) {
			status, line := deleteByBoss(t, deletingStore{delete: c.delete}, c.call)
			officetest.Equal(t, "the status", status, c.status)
			officetest.Equal(t, "the event", line["event"], c.event)
			officetest.Equal(t, "its "+c.attr, line[c.attr], c.value)
			if c.event != nil {
				officetest.Equal[any](t, "who did it", line["user_id"], boss.ID.Hex())
			}
		})
	}
}

// Promise 42: the records of a large deletion are deleted some at a time, in between
// which others write. Where it stops, the log says that it did.
func TestLargeDeletionInSteps(t *testing.T) {
	var asked []int
	stopping := func(ids []office.ID) ([]office.ID, error) {
		if asked = append(asked, len(ids)); len(asked) == 3 {
			return nil, office.ErrUnavailable
		}
		return ids, nil
	}
	var ids []string
	for i := range 3 * deleteStep {
		ids = append(ids, fmt.Sprintf(`"%024x"`, i))
	}
	body := `{"personnels_id":[` + strings.Join(ids, ",") + `]}`
	status, line := deleteByBoss(t, deletingStore{delete: stopping}, call{"/personnels/bulk-delete", body})
	officetest.Equal(t, "the status", status, 503)
	officetest.Equal(t, "the steps", asked, []int{deleteStep, deleteStep, deleteStep})
	officetest.Equal[any](t, "the last event", line["event"], "personnel deletion failed")
}

// call is where a deletion is asked for, and what is sent.
type call struct{ path, body string }

// deleteByBoss makes a call, and returns the status of the answer and the line
// in the log of what was done. That is nil when there is none.
func deleteByBoss(t *testing.T, store Store, c call) (status int, line map[string]any) {
	t.Helper()
	var log bytes.Buffer
	keys := webtest.Keys()
	server := web.NewServer(web.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))},
		Routes(Deps{Store: store, Keys: keys, Now: office.Now}))
	status = webtest.Call(t, server, keys, boss, "DELETE", c.path, c.body)
	return status, eventIn(t, log.String())
}

// eventIn is the last line of a log that says what was done. It is nil where there is
// none.
func eventIn(t *testing.T, log string) (line map[string]any) {
	t.Helper()
	for each := range strings.Lines(log) {
		var fields map[string]any
		officetest.Must(t, json.Unmarshal([]byte(each), &fields))
		if fields["event"] != nil {
			line = fields
		}
	}
	return line
}
