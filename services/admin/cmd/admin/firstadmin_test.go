package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/services/admin/mongostore"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/password"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// ensure does what a start does, and returns the log.
func ensure(t *testing.T, client *mongodb.Client, c admin.Credentials) string {
	t.Helper()
	hasher := password.NewHasher(password.MinCost)
	var log bytes.Buffer
	officetest.Must(t, prepare(t.Context(), mongostore.New(client), hasher, c, slog.New(slog.NewTextHandler(&log, nil))))
	return log.String()
}

func wantAdmins(t *testing.T, client *mongodb.Client, numbers ...string) {
	t.Helper()
	admins, _, err := mongostore.New(client).Users(t.Context(), admin.UserQuery{Role: office.RoleAdmin, Limit: 9})
	officetest.Must(t, err)
	officetest.Equal(t, "the army numbers of the admins",
		office.Convert(admins, func(u office.User) string { return u.ArmyNumber }), append([]string{}, numbers...))
	for _, user := range admins {
		if made := user.ArmyNumber == "ADMIN001"; made && !user.IsGenerated {
			t.Error("the first admin need not choose a password")
		}
	}
}

func TestFirstAdmin(t *testing.T) {
	given := admin.Credentials{ArmyNumber: "ADMIN001", Password: "a good password"}
	boss := officetest.User(1, officetest.Admin)
	reader := officetest.User(3, officetest.Admin, officetest.ReadOnly)
	namesake := officetest.User(2, func(u *office.User) { u.ArmyNumber = given.ArmyNumber })
	for name, c := range map[string]struct {
		users  []office.User
		given  admin.Credentials
		admins []string
		log    string
	}{
		"nobody there":          {nil, given, []string{"ADMIN001"}, "the first admin was created"},
		"an admin there":        {[]office.User{boss}, given, []string{boss.ArmyNumber}, ""},
		"a read-only one there": {[]office.User{reader}, given, []string{reader.ArmyNumber, "ADMIN001"}, "the first admin was created"},
		"no password":           {nil, admin.Credentials{ArmyNumber: "ADMIN001"}, nil, "ADMIN_PASSWORD is not set"},
		"no password, no need":  {[]office.User{boss}, admin.Credentials{ArmyNumber: "ADMIN001"}, []string{boss.ArmyNumber}, ""},
		"the number is taken":   {[]office.User{namesake}, given, nil, "ADMIN_ARMY_NUMBER belongs to a user"},
	} {
		t.Run(name, func(t *testing.T) {
			client := mongotest.Open(t)
			for _, user := range c.users {
				officetest.Must(t, mongotest.Seed{Client: client}.AddUser(t.Context(), user))
			}
			log := ensure(t, client, c.given)
			wantAdmins(t, client, c.admins...)
			if !strings.Contains(log, c.log) || c.log == "" && log != "" {
				t.Errorf("the log is %q, want %q", log, c.log)
			}
			if strings.Contains(log, given.Password) {
				t.Error("the log holds the password")
			}
		})
	}
}

func TestFirstAdminOfSeveralReplicas(t *testing.T) {
	client := mongotest.Open(t)
	officetest.Race(4, func(int) error {
		ensure(t, client, admin.Credentials{ArmyNumber: "ADMIN001", Password: "a good password"})
		return nil
	})
	wantAdmins(t, client, "ADMIN001")
}
