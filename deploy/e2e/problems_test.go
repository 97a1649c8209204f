package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// wantProblem holds a 400 to the form of a validation error that names the
// field.
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
