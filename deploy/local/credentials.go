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
	generated bool // by this program: the operator did not choose it
}

// shown is the password as the screen may show it: not if the operator chose it.
func (c credentials) shown() string {
	if c.generated {
		return c.Password
	}
	return "(as given)"
}

// generatePassword returns a password that nobody can guess: 80 bits.
func generatePassword() string { return strings.ToLower(rand.Text()[:16]) }

// withPassword calls do for the army number in the arguments, with a password that it reads
// from standard input, or makes and shows.
func withPassword(flags *flag.FlagSet, open func(context.Context, environment) (*sqlitestore.DB, error),
	do func(context.Context, *sqlitestore.DB, *password.Hasher, credentials) error) action {
	given := flags.Bool("password-stdin", false, "read the password from the first line of standard input; otherwise one is generated and shown")
	return func(ctx context.Context, env environment, args []string) error {
		c, err := readPassword(env.stdin, args[0], *given)
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
		if err := do(ctx, db, hasher, c); err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "army number    %s\npassword       %s\n", c.ArmyNumber, c.shown())
		return nil
	}
}

func readPassword(stdin io.Reader, armyNumber string, given bool) (c credentials, err error) {
	if c.ArmyNumber, err = office.Code.Parse(armyNumber); err != nil {
		return c, fmt.Errorf("the army number %w", err)
	}
	if c.ArmyNumber == "" {
		return c, errors.New("the army number must not be blank")
	}
	if !given {
		c.Password, c.generated = generatePassword(), true
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
