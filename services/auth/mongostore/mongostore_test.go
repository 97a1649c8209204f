package mongostore

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"officepay.example/services/auth"
	"officepay.example/services/auth/storetest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, mongotest.Fixture(t, func(c *mongodb.Client) auth.Store { return New(c) }))
}

// Every call is one command.
func TestCommands(t *testing.T) {
	monitor := mongotest.Watch(t)
	store, user, db := New(monitor.Client), officetest.User(1), officetest.DB(1)
	seed := mongotest.Seed{Client: monitor.Client}
	officetest.Must(t, seed.AddUser(t.Context(), user))
	officetest.Must(t, seed.AddDB(t.Context(), db))
	one := auth.Attempts{Count: 1, CountUntil: officetest.At(1)}
	two := auth.Attempts{Count: 2, CountUntil: officetest.At(2)}

	monitor.Check(t, "UserByID", 1, func(ctx context.Context) error {
		_, err := store.UserByID(ctx, user.ID)
		return err
	})
	monitor.Check(t, "UserByArmyNumber", 1, func(ctx context.Context) error {
		_, err := store.UserByArmyNumber(ctx, user.ArmyNumber)
		return err
	})
	monitor.Check(t, "DBsByID", 1, func(ctx context.Context) error {
		_, err := store.DBsByID(ctx, []office.ID{db.ID, officetest.Missing})
		return err
	})
	monitor.Check(t, "RenewHash", 1, func(ctx context.Context) error {
		return store.RenewHash(ctx, user.ID, user.PasswordHash, officetest.Hash(1))
	})
	monitor.Check(t, "SetPassword", 1, func(ctx context.Context) error {
		return store.SetPassword(ctx, user.ID, officetest.Hash(1), office.PasswordChange{Hash: officetest.Hash(2)})
	})
	monitor.Check(t, "Attempts", 1, func(ctx context.Context) error {
		_, err := store.Attempts(ctx, "key", "another")
		return err
	})
	for name, swap := range map[string][2]auth.Attempts{"first": {{}, one}, "next": {one, two}, "last": {two, {}}} {
		monitor.Check(t, "SwapAttempts/"+name, 1, func(ctx context.Context) error {
			_, err := store.SwapAttempts(ctx, "key", swap[0], swap[1])
			return err
		})
	}
	monitor.Check(t, "ForgetAttempts", 1, func(ctx context.Context) error {
		return store.ForgetAttempts(ctx, time.Now())
	})
}

// A login is six commands, also from a new address.
func TestCommandsOfALogin(t *testing.T) {
	monitor, user := mongotest.Watch(t), officetest.User(1, officetest.Allowed(officetest.DB(1).ID))
	hasher := password.NewHasher(password.MinCost)
	var err error
	user.PasswordHash, err = hasher.Hash(t.Context(), password.Stranger("here"), "secret")
	officetest.Must(t, err)
	officetest.Must(t, mongotest.Seed{Client: monitor.Client}.AddUser(t.Context(), user))
	server := web.NewServer(web.Options{Logger: slog.New(slog.DiscardHandler)}, auth.Routes(auth.Deps{
		Store: New(monitor.Client), Keys: token.NewKeys(strings.Repeat("k", 32), "", time.Hour, time.Now), Hasher: hasher, Now: time.Now,
	}))
	for _, name := range []string{"from a new address", "from a known one"} {
		monitor.Check(t, name, 6, func(ctx context.Context) error {
			body := `{"army_number":"` + user.ArmyNumber + `","password":"secret"}`
			r := httptest.NewRequestWithContext(ctx, "POST", "/auth/login", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			server.ServeHTTP(answer, r)
			if answer.Code != http.StatusOK {
				return errors.New(answer.Body.String())
			}
			return nil
		})
	}
}
