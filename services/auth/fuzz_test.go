package auth

import (
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// FuzzBodies holds the bodies of login and change-password against whatever is
// sent (promises 16 and 18): a password is taken exactly as typed, a number is
// good text, and nothing but a text is either.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `{"army_number":" N/1 ","password":" secret "}`, `{"old_password":"secret","new_password":"secret2"}`,
		`{"army_number":{"$ne":""},"password":{"$gt":""}}`, `{"army_number":"N/1","ARMY_NUMBER":"N/2","password":"x"}`,
		`{"old_password":null,"new_password":"\ud83d\ude00\u0000\u2028"}`, `{"army_number":"a\u0085b","password":123456}`,
	} {
		f.Add([]byte(seed), "army_number", " N/1\u2028\x00")
	}
	f.Add([]byte(`{}`), "new_password", strings.Repeat("é", 36))
	f.Fuzz(func(t *testing.T, body []byte, name, text string) {
		checkCredentials(t, body)
		checkChange(t, body)
		checkCredentials(t, webtest.Replaced(t, `{"army_number":"N/1","password":"secret"}`, name, text))
		checkChange(t, webtest.Replaced(t, `{"old_password":"secret","new_password":"secret2"}`, name, text))
	})
}

func checkCredentials(t *testing.T, body []byte) {
	t.Helper()
	got, err := webtest.Decode(body, web.Whole, readCredentials)
	if err != nil {
		webtest.Refused(t, err, "army_number", "password")
		return
	}
	sent := webtest.Object(t, body)
	webtest.Text(t, sent, "army_number", &got.armyNumber, office.Code, false)
	if got.armyNumber == "" || got.password == "" || got.password != sent["password"] {
		t.Errorf("%q is taken as %q", body, got)
	}
}

func checkChange(t *testing.T, body []byte) {
	t.Helper()
	got, err := webtest.Decode(body, web.Whole, readPasswordChange("N/1"))
	if err != nil {
		webtest.Refused(t, err, "old_password", "new_password")
		return
	}
	sent := webtest.Object(t, body)
	if got.old != sent["old_password"] || got.new != sent["new_password"] || got.old == "" || got.old == got.new || len(got.new) < 6 || len(got.new) > 72 {
		t.Errorf("%q is taken as %q", body, got)
	}
}
