package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// spoken are the fields of a record as a clerk calls them.
var spoken = map[string]string{
	"first_name": "the first name", "last_name": "the last name", "middle_name": "the middle name", "army_number": "the army number",
	"phone_number": "the phone number", "rank": "the rank", "bank": "the bank", "bank.name": "the bank's name",
	"bank.sort_code": "the bank's sort code", "acct_number": "the account number", "sub_sector": "the sub-sector",
	"location": "the location", "remark": "the remark", "db_id": "the database", "status": "the status",
}

// checkSpoken checks that a message about a field uses the words of a person: data.errors
// has the names of the API. A body that cannot be read has no field yet.
func checkSpoken(res client.Response) error {
	var problems client.Problems
	if json.Unmarshal(res.Data, &problems) != nil || len(problems.Errors) == 0 || strings.HasPrefix(res.Message, "The body cannot be read: ") {
		return nil
	}
	first, more := problems.Errors[0], ""
	if n := len(problems.Errors) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	rest, found := strings.CutSuffix(res.Message, " "+first.Message+more+".")
	if !found || !strings.HasPrefix(rest, "The ") || strings.ContainsAny(rest, "_.") {
		return fmt.Errorf("the message %q does not say %+v as a person does", res.Message, first)
	}
	return nil
}

// TestMessages are whole sentences that a clerk may read.
func TestMessages(t *testing.T) {
	t.Parallel()
	user, db := newCaller(t), newDB(t)
	for want, call := range map[string]request{
		"The old password is wrong.": {"POST", "/auth/change-password", fields{"old_password": "x", "new_password": newPassword()}, user, person{}},
		"The bank's name must not be blank, and 1 more.": {"POST", "/personnels",
			with(recordFields(db.ID), fields{"bank": fields{"name": "", "sort_code": ""}}), admin(t), person{}},
		"The first name was saved in another encoding, and a letter is lost: save the file as UTF-8.": {"POST", "/personnels",
			with(recordFields(db.ID), fields{"first_name": "Ol\ufffdolu"}), admin(t), person{}},
		"The password cannot be changed here: use Change Password in the list of users (POST /admin/reset-password).": {
			"PATCH", "/admin/users/" + user.id, fields{"password": newPassword()}, admin(t), person{}},
	} {
		if res := call.by.send(call.method, call.path, call.body); res.Status != 400 || res.Message != want {
			t.Errorf("got %d %q, want 400 %q", res.Status, res.Message, want)
		}
	}
}

// wantProblem checks that a 400 has the form of a validation error that names the field.
func wantProblem(t testing.TB, res client.Response, field string) {
	t.Helper()
	problems := dataOf[client.Problems](t, res).Errors
	named := slices.ContainsFunc(problems, func(p client.Problem) bool { return p.Field == field && p.Message != "" })
	if res.Status != 400 || !named {
		t.Errorf("got %d with %+v, want 400 with a problem of %s", res.Status, problems, field)
	}
}

func marshal(t testing.TB, body any) string {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
