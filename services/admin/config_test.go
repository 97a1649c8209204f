package admin

import (
	"strings"
	"testing"

	"officepay.example/shared/environ"
)

func TestFirstAdminSettings(t *testing.T) {
	for name, c := range map[string]struct {
		number, password string
		want             Credentials
		fault            string
	}{
		"none":               {"", "", Credentials{"ADMIN001", ""}, ""},
		"both":               {" N/1 ", " blanks stay ", Credentials{"N/1", " blanks stay "}, ""},
		"short password":     {"", "12345", Credentials{}, "ADMIN_PASSWORD"},
		"long password":      {"", strings.Repeat("x", 73), Credentials{}, "ADMIN_PASSWORD"},
		"control characters": {"N\x001", "", Credentials{}, "ADMIN_ARMY_NUMBER"},
		"a line end":         {"", "secret\r", Credentials{}, "ADMIN_PASSWORD"},
	} {
		t.Run(name, func(t *testing.T) {
			values := map[string]string{"ADMIN_ARMY_NUMBER": c.number, "ADMIN_PASSWORD": c.password}
			env := environ.New(func(name string) string { return values[name] })
			got, err := LoadFirstAdmin(env), env.Err()
			switch {
			case c.fault == "" && (err != nil || got != c.want):
				t.Errorf("%+v, %v, want %+v", got, err, c.want)
			case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
				t.Errorf("the error is %v, want one about %s", err, c.fault)
			case err != nil && strings.Contains(err.Error(), c.password) && c.password != "":
				t.Error("the error holds the password")
			}
		})
	}
}
