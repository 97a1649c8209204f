package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// absent is the state of what does not exist.
const absent = ""

// ledger is what one writer has written, and what of it was acknowledged.
type ledger struct {
	t  *testing.T
	r  *rig.Rig
	db string // of the writer's own
	// states are those that a thing may be in: one, that of the last call that
	// was acknowledged, or also those that calls without an answer may have made.
	states map[string][]string
	acked  int
}

func newLedger(t *testing.T, r *rig.Rig) *ledger {
	return &ledger{t: t, r: r, db: r.NewDB(), states: map[string][]string{}}
}

// call makes a call that brings a thing into a state, and tells whether it was
// acknowledged.
func (l *ledger) call(who *client.Client, key, state, method, path string, body any) (client.Response, bool) {
	if l.states[key] == nil {
		l.states[key] = []string{absent}
	}
	l.states[key] = append(l.states[key], state)
	res, err := who.Call(context.Background(), method, path, body)
	switch {
	case err == nil && res.OK():
		l.states[key] = []string{state}
		l.acked++
		return res, true
	case err == nil && !isUnavailable(res.Status):
		l.t.Errorf("%s %s: %d %s", method, path, res.Status, res.Message)
	}
	return res, false
}

// isUnavailable tells whether a status says that something is not there just now; then
// the outcome of the call is open.
func isUnavailable(status int) bool { return status >= 502 && status <= 504 }

// write writes until it is told to stop.
func (l *ledger) write(stop <-chan struct{}) {
	steps := []func(){l.record, l.record, l.upload, l.user, l.record, l.database}
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
			steps[i%len(steps)]()
		}
	}
}

// idIn is the id of what was made.
func idIn(res client.Response) string {
	var made struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(res.Data, &made) // a call with no id fails
	return made.ID
}

// record makes a record, changes it, and deletes every second one.
func (l *ledger) record() {
	fields := rig.Record(l.db)
	number := fields["army_number"].(string)
	res, ok := l.call(l.r.Admin, number, "Cpl", "POST", "/personnels", fields)
	if !ok {
		return
	}
	path := "/personnels/" + idIn(res)
	if _, ok = l.call(l.r.Admin, number, "Sgt", "PATCH", path, rig.Fields{"rank": "Sgt"}); ok && len(l.states)%2 == 0 {
		l.call(l.r.Admin, number, absent, "DELETE", path, nil)
	}
}

// uploadSize is how many rows an upload has: enough that a kill meets it in the
// middle, and few where the embedded database reads them all again and again.
func uploadSize(r *rig.Rig) int {
	if r.Stack != nil {
		return 10
	}
	return 150
}

// upload makes an upload. Its rows have numbers such as UPLOAD-…/17.
func (l *ledger) upload() {
	key := rig.Unique("UPLOAD")
	size := uploadSize(l.r)
	rows := rig.Records(l.db, size)
	for i, row := range rows {
		row["army_number"] = fmt.Sprint(key, "/", i)
	}
	l.call(l.r.Admin, key, fmt.Sprint(size), "POST", "/personnels/upload", rows)
}

// user makes a user, whose password the admin resets and the user changes.
func (l *ledger) user() {
	number := rig.Unique("USER")
	key := "user " + number
	res, ok := l.call(l.r.Admin, key, "password-1", "POST", "/admin/users", rig.Fields{
		"first_name": "Ada", "last_name": "Obi", "army_number": number, "password": "password-1", "allowed_dbs": []string{l.db}})
	if !ok {
		return
	}
	_, ok = l.call(l.r.Admin, key, "password-2", "POST", "/admin/reset-password",
		rig.Fields{"user_id": idIn(res), "new_password": "password-2"})
	if !ok {
		return
	}
	if user, _, err := client.New(l.r.URL).Login(context.Background(), number, "password-2"); err == nil {
		l.call(user, key, "password-3", "POST", "/auth/change-password",
			rig.Fields{"old_password": "password-2", "new_password": "password-3"})
	}
}

// database makes a database, and deletes it with the record that is in it.
func (l *ledger) database() {
	code := rig.Unique("CODE")
	key := "db " + code
	res, ok := l.call(l.r.Admin, key, code, "POST", "/admin/dbs", rig.Fields{"name": "A database", "short_code": code})
	if !ok {
		return
	}
	fields := rig.Record(idIn(res))
	if made, err := l.r.Admin.Call(context.Background(), "POST", "/personnels", fields); err == nil && made.OK() {
		l.call(l.r.Admin, key, absent, "DELETE", "/admin/dbs/"+idIn(res), nil)
	}
}

// check compares what is there with what may be.
func (l *ledger) check() {
	l.t.Helper()
	found := l.records()
	for key, allowed := range l.states {
		kind, name, isOther := strings.Cut(key, " ")
		state := found[key]
		switch {
		case kind == "user":
			state = l.passwordOf(name, allowed)
		case isOther:
			state = l.databaseOf(name)
		}
		if !slices.Contains(allowed, state) {
			l.t.Errorf("%s is %q, want one of %q", key, state, allowed)
		}
		delete(found, key)
	}
	if len(found) > 0 {
		l.t.Errorf("these nobody has made: %v", found)
	}
}

// records are the states of records, by number, and of uploads: the count of
// rows. Everything that counts records must count those.
func (l *ledger) records() map[string]string {
	l.t.Helper()
	list := get[[]client.Record](l.t, l.r, "/personnels?db_id="+l.db)
	states, rows := map[string]string{}, map[string]int{}
	for _, record := range list {
		if upload, _, isRow := strings.Cut(record.ArmyNumber, "/"); isRow {
			rows[upload]++
			states[upload] = fmt.Sprint(rows[upload])
		} else {
			states[record.ArmyNumber] = record.Rank
		}
	}
	wantTotals(l.t, l.r, l.db, len(list))
	wantHistories(l.t, l.r, l.db, list)
	return states
}

// wantTotals checks everything that counts the records of a database.
func wantTotals(t *testing.T, r *rig.Rig, db string, want int) {
	t.Helper()
	page := get[client.List[client.Record]](t, r, "/personnels/db/"+db+"?limit=1").Meta.Total
	figure := get[client.Figures](t, r, "/analytics/personnels/db/"+db)["total_personnel"].Total
	if page != want || figure != want {
		t.Errorf("the list has %d records, its pages %d, the analytics %d", want, page, figure)
	}
}

// passwordOf is the one of the passwords with which a user can log in.
func (l *ledger) passwordOf(number string, passwords []string) string {
	for _, password := range passwords {
		if password == absent {
			continue
		}
		login := rig.Fields{"army_number": number, "password": password}
		switch res := patiently(l.t, l.r, "POST", "/auth/login", login); {
		case res.OK():
			return password
		case res.Status != http.StatusUnauthorized:
			l.t.Fatalf("a login: %d %s", res.Status, res.Message)
		}
	}
	return absent
}

// databaseOf is the short code of a database, if it is there.
func (l *ledger) databaseOf(code string) string {
	for _, db := range get[client.List[client.DB]](l.t, l.r, "/admin/dbs?search="+code).Data {
		return db.ShortCode
	}
	return absent
}

// patiently makes a call of the admin that may be made again, as a client does
// that is told to try again: right after a kill, and on a busy machine, the
// database may take too long.
func patiently(t *testing.T, r *rig.Rig, method, path string, body any) client.Response {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		res, err := r.Admin.Call(t.Context(), method, path, body)
		if err == nil && (!isUnavailable(res.Status) || time.Since(begin) > patience) {
			return res
		}
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// get is a call of the admin that has to succeed.
func get[T any](t *testing.T, r *rig.Rig, path string) T {
	t.Helper()
	var data T
	res := patiently(t, r, "GET", path, nil)
	if !res.OK() || res.Into(&data) != nil {
		t.Fatalf("GET %s: %d %s", path, res.Status, res.Message)
	}
	return data
}
