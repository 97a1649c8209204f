package main

import (
	"net"
	"os"
	"regexp"
	"strings"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
)

// Promise 15: without a real secret the program ends before its port
// opens, and before there is a database. The port is taken, so that opening it
// ends otherwise.
func TestBadSecretsEndTheStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for _, secret := range []string{
		"short", strings.Repeat("x", 31), "supersecret", "your-secret-key",
		strings.Repeat("supersecret", 3), strings.Repeat("your-secret-key", 3),
	} {
		t.Run(secret, func(t *testing.T) {
			o := newInstallation(t)
			o.settings["PORT"], o.settings["JWT_SECRET"] = port, secret
			_, err := o.run(t.Context(), "", "serve")
			if err == nil || !strings.HasPrefix(err.Error(), "JWT_SECRET ") || strings.Contains(err.Error(), secret) {
				t.Errorf("it ends with %v", err)
			}
			if _, err := os.Stat(o.data(databaseFile)); err == nil {
				t.Error("a database was made")
			}
		})
	}
}

var shownPassword = regexp.MustCompile(`(?m)^  password +(\S+)$`)

// Promise 15: after a fresh start there is one account, whose password nobody
// can guess, and a secret of its own.
func TestFreshStartsHaveNothingInCommon(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		o := newInstallation(t)
		shown := shownPassword.FindStringSubmatch(o.serveBriefly())
		if shown == nil || len(shown[1]) < 16 || seen[shown[1]] {
			t.Fatalf("the password is %q, after %v", shown, seen)
		}
		secret, err := os.ReadFile(o.data(secretFile))
		if err != nil || len(secret) < 32 || seen[string(secret)] {
			t.Errorf("the secret is not one of its own, of 32 bytes: %v", err)
		}
		seen[shown[1]], seen[string(secret)] = true, true
		users, total, err := o.database().Admin().Users(t.Context(), admin.UserQuery{Limit: 9})
		if err != nil || total != 1 || users[0].Role != office.RoleAdmin {
			t.Errorf("the accounts are %+v, %v", users, err)
		}
	}
}
