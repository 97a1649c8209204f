package main

import (
	"regexp"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

var commandPassword = regexp.MustCompile(`(?m)^password +(\S+)$`)

// shownBy runs a command and returns the password that it shows.
func (o *installation) shownBy(args ...string) string {
	o.t.Helper()
	out := o.must("", args...)
	shown := commandPassword.FindStringSubmatch(out)
	if shown == nil {
		o.t.Fatalf("%v shows no password:\n%s", args, out)
	}
	return shown[1]
}

// wantLogin checks that a user can log in with a password, and returns him.
func (o *installation) wantLogin(armyNumber, typed string) office.User {
	o.t.Helper()
	db := o.database()
	defer db.Close()
	user, err := db.Auth().UserByArmyNumber(o.t.Context(), armyNumber)
	if err != nil {
		o.t.Fatal(err)
	}
	hasher := password.NewHasher(password.MinCost)
	if err := hasher.Compare(user.PasswordHash, typed); err != nil {
		o.t.Errorf("%s cannot log in with %q: %v", armyNumber, typed, err)
	}
	return user
}

// Promise 13: each password that a command shows or takes is the one to log in
// with, and each that is reset ends the sessions before.
func TestPasswordsOfCommands(t *testing.T) {
	o := newInstallation(t)
	o.must(" as given \n", "create-admin", "-password-stdin", "N/1")
	if user := o.wantLogin("N/1", " as given "); user.Role != office.RoleAdmin || !user.IsGenerated {
		t.Errorf("the admin is %+v", user)
	}
	before := o.wantLogin("N/2", o.shownBy("create-admin", "N/2"))
	shown := o.wantLogin("N/2", o.shownBy("reset-password", "N/2"))
	o.must("another\r\n", "reset-password", "-password-stdin", "N/2")
	given := o.wantLogin("N/2", "another")
	if !shown.IsGenerated || shown.Session <= before.Session || given.Session <= shown.Session {
		t.Errorf("the sessions go on: generation %d, %d, %d", before.Session, shown.Session, given.Session)
	}
	o.wantLogin("N/1", " as given ")
}
