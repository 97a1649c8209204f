package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// auditCase is a call that makes a security event (promise 37): whose line it is, and
// what that says besides who did it.
type auditCase struct {
	by     caller
	method string
	path   string
	body   any
	event  string
	who    string // id of the user who did it; nobody's is empty
	says   fields // made is the id that the answer gives
}

// made stands for an id that only the answer tells.
const made = "the id in the answer"

// TestSecurityEventsAreLogged is promise 37: who did what to whom, and how many were
// affected. The line is found by the id of the request.
func TestSecurityEventsAreLogged(t *testing.T) {
	if target.server == nil {
		t.Skip("the log of this origin is somebody else's")
	}
	t.Parallel()
	for _, cases := range [][]auditCase{loginEvents(t), deniedEvents(t), adminEvents(t), personnelEvents(t)} {
		for _, c := range cases {
			t.Run(c.event+" by "+c.method+" "+text(c.path), func(t *testing.T) { c.check(t) })
		}
	}
}

func (c auditCase) check(t *testing.T) {
	id := unique("AUDIT")
	res := c.by.in(t).doWith(header{"X-Request-ID": id}, c.method, c.path, c.body)
	if _, answered := target.server.log.find(id); !answered {
		t.Fatalf("the request is not logged; the answer was %d (%s)", res.Status, res.Message)
	}
	want := with(fields{"event": c.event, "user_id": c.who}, c.says)
	if want["target"] == made {
		want["target"] = dataOf[client.DB](t, res).ID
	}
	lines := target.server.log.audits(id)
	for _, line := range lines {
		if says(line, want) {
			return
		}
	}
	t.Errorf("answered %d (%s); no line says\n%v but\n%v", res.Status, res.Message, want, lines)
}

// says tells whether the line has each of the values, and names no target
// where none is wanted.
func says(line, want fields) bool {
	for key, value := range want {
		if fmt.Sprint(line[key]) != fmt.Sprint(value) {
			return false
		}
	}
	_, named := line["target"]
	return named == (want["target"] != nil) && line["time"] != nil && line["client"] != nil
}

// audits are the security events of a request.
func (l *serverLog) audits(requestID string) (lines []fields) {
	for text := range strings.Lines(l.String()) {
		var line fields
		if strings.Contains(text, requestID) && json.Unmarshal([]byte(text), &line) == nil && line["request_id"] == requestID && line["msg"] == "audit" {
			lines = append(lines, line)
		}
	}
	return lines
}

func loginEvents(t *testing.T) []auditCase {
	user, guessed := newCaller(t), newPerson(t, userFields())
	wrong := fields{"army_number": guessed.number, "password": newPassword()}
	for range 9 {
		anyone(t).want(401, "POST", "/auth/login", wrong)
	}
	login := func(credentials fields, event, who string, says fields) auditCase {
		return auditCase{anyone(t), "POST", "/auth/login", credentials, event, who, says}
	}
	change := func(old, event string) auditCase {
		return auditCase{user, "POST", "/auth/change-password", fields{"old_password": old, "new_password": newPassword()}, event, user.id, nil}
	}
	return []auditCase{
		login(user.credentials(), "login", user.id, nil),
		login(with(user.credentials(), fields{"password": newPassword()}), "login failed", "", fields{"target": user.id}),
		login(fields{"army_number": newPassword(), "password": newPassword()}, "login failed", "", nil),
		login(wrong, "logins paused", "", fields{"target": guessed.id, "seconds": 15}),
		change(newPassword(), "password change failed"),
		change(user.password, "password changed"),
	}
}

func deniedEvents(t *testing.T) []auditCase {
	mine, other := newDB(t), newDB(t)
	user, record := newCaller(t, mine.ID), newRecord(t, mine.ID)
	denied := func(method, path string, body any) auditCase {
		return auditCase{user, method, path, body, "denied", user.id, fields{"target": other.ID}}
	}
	return []auditCase{
		{user, "GET", "/admin/users", nil, "denied", user.id, fields{"route": "GET /admin/users"}},
		denied("GET", "/personnels/db/"+other.ID, nil),
		denied("GET", "/personnels?db_id="+other.ID, nil),
		denied("POST", "/personnels", recordFields(other.ID)),
		denied("POST", "/personnels/upload", rowsOf(other.ID, 2)),
		denied("PATCH", "/personnels/"+record.ID, fields{"db_id": other.ID}),
		denied("GET", "/analytics/personnels/db/"+other.ID, nil),
	}
}

func adminEvents(t *testing.T) []auditCase {
	db, gone := newDB(t), newDB(t)
	user, left := newPerson(t, userFields()), newPerson(t, userFields())
	upload(t, rowsOf(gone.ID, 3))
	me := get[client.User](admin(t), "/auth/me").ID
	does := func(method, path string, body any, event string, says fields) auditCase {
		return auditCase{admin(t), method, path, body, event, me, says}
	}
	reset := fields{"user_id": user.id, "new_password": newPassword()}
	return []auditCase{
		does("POST", "/admin/users", userFields(), "user created", fields{"target": made, "role": "user"}),
		does("PATCH", "/admin/users/"+user.id, fields{"role": "admin", "allowed_dbs": []string{db.ID}}, "user changed",
			fields{"target": user.id, "role": "admin", "dbs": 1}),
		does("DELETE", "/admin/users/"+left.id, nil, "user deleted", fields{"target": left.id}),
		does("POST", "/admin/reset-password", reset, "password reset", fields{"target": user.id}),
		does("POST", "/admin/dbs", dbFields(), "database created", fields{"target": made}),
		does("PATCH", "/admin/dbs/"+db.ID, fields{"name": "Renamed"}, "database changed", fields{"target": db.ID}),
		does("DELETE", "/admin/dbs/"+gone.ID, nil, "database deleted", fields{"target": gone.ID, "personnel": 3}),
	}
}

func personnelEvents(t *testing.T) []auditCase {
	db := newDB(t)
	user := newCaller(t, db.ID)
	one, two, three := newRecord(t, db.ID), newRecord(t, db.ID), newRecord(t, db.ID)
	does := func(method, path string, body any, event string, says fields) auditCase {
		return auditCase{user, method, path, body, event, user.id, says}
	}
	rows := append(rowsOf(db.ID, 2), fields{})
	many := fields{"personnels_id": []string{two.ID, three.ID, unusedID}}
	return []auditCase{
		does("POST", "/personnels/upload", rows, "personnel uploaded", fields{"target": db.ID, "inserted": 2, "failed": 1}),
		does("GET", "/personnels/db/"+db.ID+"/export", nil, "personnel exported", fields{"target": db.ID, "count": 5}),
		does("GET", "/personnels/db/"+db.ID+"/schedule", nil, "payment schedule made", fields{"target": db.ID, "count": 5, "not_payable": 5}),
		does("DELETE", "/personnels/"+one.ID, nil, "personnel deleted", fields{"target": one.ID}),
		does("DELETE", "/personnels/bulk-delete", many, "personnel deleted", fields{"count": 2}),
	}
}
