package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"

	"officepay.example/deploy/e2e/client"
)

// What the demo makes, and removes at its next start.
const (
	northCode   = "DEMO-NORTH"
	southCode   = "DEMO-SOUTH"
	clerkNumber = "DEMO/0001"
)

// demo is what the steps pass on to each other.
type demo struct {
	ctx    context.Context
	out    io.Writer
	admin  *client.Client
	clerk  *client.Client // the user who may see only north
	north  client.DB
	south  client.DB
	file   people
	people people // of the file, as they must be in north by now
}

// steps in their order.
var steps = []func(*demo) error{
	(*demo).removeEarlier, (*demo).createDBs, (*demo).createClerk, (*demo).upload, (*demo).edit, (*demo).move,
	(*demo).filter, (*demo).search, (*demo).bulkDelete, (*demo).checkScope, (*demo).analytics,
}

// say prints one line of a step and its figure.
func (d *demo) say(figure any, format string, args ...any) {
	fmt.Fprintf(d.out, "%6v  %s\n", figure, fmt.Sprintf(format, args...))
}

// expect prints the figure of a step, and is an error when it is not what the file says.
func (d *demo) expect(got, want int, format string, args ...any) error {
	d.say(got, format, args...)
	if got != want {
		return fmt.Errorf("%s: expected %d, got %d", fmt.Sprintf(format, args...), want, got)
	}
	return nil
}

// send calls and says which call it was that failed.
func send[T any](d *demo, by *client.Client, method, path string, body any) (T, error) {
	data, err := client.Send[T](d.ctx, by, method, path, body)
	if err != nil {
		return data, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return data, nil
}

// done is for answers whose data does not matter.
type done = struct{}

func (d *demo) removeEarlier() error {
	dbs, err := removeEach(d, "/admin/dbs", "?limit=10000&search=DEMO-", func(db client.DB) string {
		return idIf(db.ShortCode == northCode || db.ShortCode == southCode, db.ID)
	})
	if err != nil {
		return err
	}
	clerks, err := removeEach(d, "/admin/users", "?limit=10000&role=all&search="+clerkNumber, func(user client.User) string {
		return idIf(user.ArmyNumber == clerkNumber, user.ID)
	})
	if err != nil {
		return err
	}
	d.say(dbs+clerks, "databases and users of an earlier demo removed")
	return nil
}

func idIf(mine bool, id string) string {
	if mine {
		return id
	}
	return ""
}

// removeEach deletes those of a list that have an id for it.
func removeEach[T any](d *demo, path, query string, idOf func(T) string) (removed int, err error) {
	found, err := send[client.List[T]](d, d.admin, "GET", path+query, nil)
	if err != nil {
		return 0, err
	}
	for _, item := range found.Data {
		id := idOf(item)
		if id == "" {
			continue
		}
		if _, err := send[done](d, d.admin, "DELETE", path+"/"+id, nil); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

func (d *demo) createDBs() (err error) {
	if d.north, err = d.createDB("Demo North", northCode); err != nil {
		return err
	}
	if d.south, err = d.createDB("Demo South", southCode); err != nil {
		return err
	}
	d.say(2, "databases created: %s and %s", northCode, southCode)
	return nil
}

func (d *demo) createDB(name, code string) (client.DB, error) {
	body := map[string]string{"name": name, "short_code": code, "description": "Made by the demo"}
	return send[client.DB](d, d.admin, "POST", "/admin/dbs", body)
}

// createClerk makes a user with a password that nobody can guess, and logs them in.
func (d *demo) createClerk() error {
	password := rand.Text()
	body := map[string]any{
		"first_name": "Demo", "last_name": "Clerk", "army_number": clerkNumber, "password": password,
		"allowed_dbs": []string{d.north.ID},
	}
	if _, err := send[client.User](d, d.admin, "POST", "/admin/users", body); err != nil {
		return err
	}
	clerk, session, err := d.admin.Login(d.ctx, clerkNumber, password)
	if err != nil {
		return fmt.Errorf("the new user %s cannot log in: %w", clerkNumber, err)
	}
	d.clerk = clerk
	return d.expect(len(session.User.AllowedDBs), 1, "database that the new user %s may see", clerkNumber)
}

// upload sends the whole file in one call, as the user.
func (d *demo) upload() error {
	for i := range d.people {
		d.people[i].DBID = d.north.ID
	}
	uploaded, err := send[client.Upload](d, d.clerk, "POST", "/personnels/upload", d.people)
	if err != nil {
		return err
	}
	if len(uploaded.Failed) > 0 {
		first := uploaded.Failed[0]
		return fmt.Errorf("row %d (%s) was not taken: %s", first.Index+1, first.ArmyNumber, first.Error)
	}
	if err := d.expect(uploaded.Inserted, len(d.people), "records uploaded in one call"); err != nil {
		return err
	}
	return d.compare()
}

// list asks for records of north, as the frontend's table and its export do.
func (d *demo) list(query string) (client.List[client.Record], error) {
	return send[client.List[client.Record]](d, d.clerk, "GET", "/personnels/db/"+d.north.ID+"?limit=10000&"+query, nil)
}

// compare holds every field of every record to the file, and learns the ids.
func (d *demo) compare() error {
	listed, err := d.list("")
	if err != nil {
		return err
	}
	if err := d.expect(listed.Meta.Total, len(d.people), "records listed"); err != nil {
		return err
	}
	for i, want := range d.people {
		got := listed.Data[i]
		want.ID, want.CreatedAt, want.UpdatedAt, want.Revision = got.ID, got.CreatedAt, got.UpdatedAt, got.Revision
		if got != want {
			return fmt.Errorf("record %d: expected %+v, got %+v", i+1, want, got)
		}
		d.people[i] = want
	}
	return nil
}
