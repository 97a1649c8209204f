package admin

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"officepay.example/shared/environ"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

func TestReadNewDB(t *testing.T) {
	note := strings.Repeat("é", 1000)
	checkReadings(t, web.Whole, readNewDB, map[string]reading[office.DB]{
		"the least":        {`{"name":" Pay ","short_code":"P-1"}`, office.DB{Name: "Pay", ShortCode: "P-1"}, ""},
		"all":              {`{"name":"Pay","short_code":"P-1","description":"of é"}`, office.DB{Name: "Pay", ShortCode: "P-1", Description: "of é"}, ""},
		"description null": {`{"name":"Pay","short_code":"P-1","description":null}`, office.DB{Name: "Pay", ShortCode: "P-1"}, ""},
		"description long": {
			`{"name":"Pay","short_code":"P-1","description":"` + note + `"}`,
			office.DB{Name: "Pay", ShortCode: "P-1", Description: note}, "",
		},
		"longer":           {`{"name":"Pay","short_code":"P-1","description":"` + note + `."}`, office.DB{}, "The description must be at most 1000 characters."},
		"protected fields": {`{"name":"Pay","short_code":"P-1","id":"x","created_at":1}`, office.DB{Name: "Pay", ShortCode: "P-1"}, ""},
		"nothing":          {`{}`, office.DB{}, "The name is required, and 1 more."},
		"blank code":       {`{"name":"Pay","short_code":" "}`, office.DB{}, "The short code must not be blank."},
		"line break inside": {
			`{"name":"Pay\nroll","short_code":"P-1"}`, office.DB{},
			"The name must not contain control characters such as line breaks or tabs.",
		},
	})
}

func TestReadDBPatch(t *testing.T) {
	note := strings.Repeat("é", 1000)
	text := func(s string) *string { return &s }
	checkReadings(t, web.Partial, readDBPatch, map[string]reading[office.DBPatch]{
		"nothing":          {`{}`, office.DBPatch{}, ""},
		"name":             {`{"name":"Pay"}`, office.DBPatch{Name: text("Pay")}, ""},
		"code":             {`{"short_code":" p-2 "}`, office.DBPatch{ShortCode: text("p-2")}, ""},
		"clears the note":  {`{"description":""}`, office.DBPatch{Description: text("")}, ""},
		"long note":        {`{"description":"` + note + `"}`, office.DBPatch{Description: &note}, ""},
		"so does null":     {`{"description":null}`, office.DBPatch{Description: text("")}, ""},
		"protected fields": {`{"_id":"x","created_at":null,"updated_at":1}`, office.DBPatch{}, ""},
		"name null":        {`{"name":null}`, office.DBPatch{}, "The name is required."},
		"blank code":       {`{"short_code":""}`, office.DBPatch{}, "The short code must not be blank."},
	})
}

func TestUserNotFoundIsNamed(t *testing.T) {
	other := errors.New("other")
	for in, want := range map[error]error{
		nil: nil, other: other, office.ErrLastAdmin: office.ErrLastAdmin, office.ErrDBNotFound: office.ErrDBNotFound,
		office.ErrNotFound: errUserNotFound, fmt.Errorf("sqlite: %w", office.ErrNotFound): errUserNotFound,
	} {
		if got := asUserError(in); got != want {
			t.Errorf("%v becomes %v, want %v", in, got, want)
		}
	}
}

func TestLoadConfig(t *testing.T) {
	settings := map[string]string{"JWT_SECRET": "q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6hN", "BCRYPT_COST": "16"}
	getenv := func(name string) string { return settings[name] }
	if got, err := load(getenv); err != nil || got.Port != 8002 || got.cost != 16 {
		t.Errorf("got %+v, %v", got, err)
	}
	settings["BCRYPT_COST"], settings["PORT"] = "31", "x"
	if _, err := load(getenv); err == nil || strings.Count(err.Error(), " must be ") != 2 {
		t.Errorf("two faults: %v", err)
	}
}

// loaded are the settings of the service.
type loaded struct {
	serve.Config
	cost int
}

func load(getenv func(string) string) (loaded, error) {
	env := environ.New(getenv)
	c := loaded{serve.LoadConfig(env, "", DefaultPort), password.LoadCost(env)}
	return c, env.Err()
}
