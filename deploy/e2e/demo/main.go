// Demo does with a running origin what the web frontend does: it takes the
// thousand rows of personnel-1000.csv through an upload, edits, filters,
// searches and a bulk deletion, and prints the figures. Each figure is compared
// with one that is counted in the file itself; the first that differs ends it.
//
// It removes what an earlier run left, and leaves its own behind to look at.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"officepay.example/deploy/e2e/client"
	"officepay.example/shared/serve/version"
)

const (
	standardURL    = "http://127.0.0.1:8080"
	standardNumber = "ADMIN001"
)

// whereThePasswordIs tells where to look for what only the operator knows.
const whereThePasswordIs = `The first start of "make run" and of "make stack" shows it; "make up" keeps it
in .env. If it is lost, "bin/office-payment reset-password %s" sets another
for "make run". Then:

    ADMIN_PASSWORD='...' make demo`

func main() {
	if version.Asked(os.Args[1:]) {
		fmt.Println("demo", version.Number)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Getenv, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "\ndemo: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string, out io.Writer) error {
	settings, err := load(getenv)
	if err != nil {
		return err
	}
	people, err := readPeople()
	if err != nil {
		return err
	}
	return show(ctx, settings, people, out)
}

// show goes through all steps with the records of a file.
func show(ctx context.Context, settings settings, file people, out io.Writer) error {
	admin, err := settings.login(ctx)
	if err != nil {
		return err
	}
	d := &demo{ctx: ctx, out: out, file: file, people: slices.Clone(file), admin: admin}
	for _, step := range steps {
		if err := step(d); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "\nEvery figure is what the file says.")
	return nil
}

// settings are what the environment says.
type settings struct{ url, number, password string }

func load(getenv func(string) string) (settings, error) {
	s := settings{getenv("BASE_URL"), getenv("ADMIN_ARMY_NUMBER"), getenv("ADMIN_PASSWORD")}
	if s.url == "" {
		s.url = standardURL
	}
	if s.number == "" {
		s.number = standardNumber
	}
	if s.password == "" {
		return s, s.needsPassword("is needed: the password of the admin %s.")
	}
	return s, nil
}

func (s settings) needsPassword(why string) error {
	return fmt.Errorf("ADMIN_PASSWORD "+why+"\n"+whereThePasswordIs, s.number, s.number)
}

// login logs the admin in, and says in plain words why that is not possible.
func (s settings) login(ctx context.Context) (*client.Client, error) {
	admin, _, err := client.New(s.url).Login(ctx, s.number, s.password)
	var refused *client.StatusError
	switch {
	case err == nil:
		return admin, nil
	case !errors.As(err, &refused):
		return nil, fmt.Errorf("nothing that speaks this API answers at %s: %w.\n"+
			"Start it with \"make run\" in another terminal, or set BASE_URL to where it is", s.url, err)
	case refused.Status == 401:
		return nil, s.needsPassword("is not the password of the admin %s.")
	}
	return nil, fmt.Errorf("the admin %s cannot log in: %s", s.number, refused.Message)
}
