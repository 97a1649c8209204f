package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/admin"
	"officepay.example/shared/environ"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

type credentials struct {
	admin.Credentials
	shown string // the password, or instead of one that was given, a note
}

// withPassword generates a password of 80 random bits if there is none.
func withPassword(c admin.Credentials) credentials {
	if c.Password != "" {
		return credentials{c, "(as given)"}
	}
	c.Password = strings.ToLower(rand.Text()[:16])
	return credentials{c, c.Password}
}

// setPassword returns an action that calls do with the army number in the arguments and a
// password, which it reads from standard input, or generates and shows.
func setPassword(flags *flag.FlagSet, open func(context.Context, environment) (*sqlitestore.DB, error),
	do func(context.Context, *sqlitestore.DB, *password.Hasher, admin.Credentials) error) action {
	fromStdin := flags.Bool("password-stdin", false, "read the password from the first line of standard input; otherwise one is generated and shown")
	return func(ctx context.Context, env environment, args []string) error {
		read, err := readCredentials(env.stdin, args[0], *fromStdin)
		if err != nil {
			return err
		}
		settings := environ.New(env.getenv)
		hasher := password.NewHasher(password.LoadCost(settings))
		if err := settings.Err(); err != nil {
			return err
		}
		db, err := open(ctx, env)
		if err != nil {
			return err
		}
		defer db.Close()
		c := withPassword(read)
		if err := do(ctx, db, hasher, c.Credentials); err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "army number    %s\npassword       %s\n", c.ArmyNumber, c.shown)
		return nil
	}
}

// readCredentials leaves the password empty unless it comes from stdin.
func readCredentials(stdin io.Reader, armyNumber string, fromStdin bool) (c admin.Credentials, err error) {
	if c.ArmyNumber, err = office.Code.Parse(armyNumber); err != nil {
		return c, fmt.Errorf("the army number %w", err)
	}
	if c.ArmyNumber == "" {
		return c, errors.New("the army number must not be blank")
	}
	if !fromStdin {
		return c, nil
	}
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return c, err
	}
	c.Password = strings.TrimRight(line, "\r\n")
	if err := password.Check(c.Password, c.ArmyNumber); err != nil {
		return c, fmt.Errorf("the password %w", err)
	}
	return c, nil
}
