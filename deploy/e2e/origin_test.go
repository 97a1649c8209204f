package e2e

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// origin is what the suite runs against.
type origin struct {
	url      string
	secret   string // signs tokens; empty when it is not known
	previous string // signed tokens until the secret was changed; may be empty
	admin    *client.Client
	server   *server // nil when somebody else runs the origin
}

// openOrigin starts an origin, or takes the one that the environment names,
// and logs in its admin.
func openOrigin() (*origin, error) {
	if url := os.Getenv("E2E_BASE_URL"); url != "" {
		return externalOrigin(url)
	}
	number, password := "E2E-ADMIN", newPassword()
	o := &origin{secret: secretMark + rand.Text(), previous: secretMark + rand.Text()}
	var err error
	o.server, err = startServer(map[string]string{
		"ADMIN_ARMY_NUMBER": number, "ADMIN_PASSWORD": password,
		"JWT_SECRET": o.secret, "JWT_SECRET_PREVIOUS": o.previous,
	})
	if err != nil {
		return nil, err
	}
	o.url = o.server.url
	if err := o.login(number, password); err != nil {
		return nil, errors.Join(err, o.server.stop())
	}
	return o, nil
}

func externalOrigin(url string) (*origin, error) {
	number, password := os.Getenv("E2E_ADMIN_ARMY_NUMBER"), os.Getenv("E2E_ADMIN_PASSWORD")
	if number == "" || password == "" {
		return nil, errors.New("E2E_BASE_URL needs E2E_ADMIN_ARMY_NUMBER and E2E_ADMIN_PASSWORD beside it")
	}
	o := &origin{url: strings.TrimRight(url, "/"), secret: os.Getenv("E2E_JWT_SECRET")}
	return o, o.login(number, password)
}

func (o *origin) login(number, password string) error {
	admin, _, err := client.New(o.url).Login(context.Background(), number, password)
	if err != nil {
		return fmt.Errorf("the admin cannot log in: %w", err)
	}
	o.admin = admin
	return nil
}

// close stops the origin, if it is ours, and returns what its log shows and must not, and
// what it lacks.
func (o *origin) close(watched *watch) error {
	if o.server == nil {
		return nil
	}
	stopped, log := o.server.stop(), o.server.log.String()
	return errors.Join(stopped, rig.CheckLog(log, marks), checkLines(log, watched.answered))
}
