package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"officepay.example/deploy/bench/dataset"
	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/deploy/stack"
	"officepay.example/shared/office"
)

// site is an office of one size that is being served, and its store opened alongside the
// server.
type site struct {
	size    int
	dir     string
	process *stack.Process
	address string
	token   string
	clerk   string // the token of the user of the first database
	start   time.Duration
	idle    int64 // bytes of memory once it is ready
	store   *sqlitestore.DB
	raw     *raw

	db     office.ID // the largest database
	total  int       // its records
	active int
	ids    []string // some of its records
	next   atomic.Int64

	streamed map[string]streamed // by the names of streams
	stormed  storm
}

// open copies the office that was made, since the load changes it, and serves
// the copy.
func open(ctx context.Context, program, from, to string, size int) (*site, error) {
	s := &site{size: size, dir: to}
	if err := copyFile(filepath.Join(from, dataset.File), filepath.Join(to, dataset.File)); err != nil {
		return nil, err
	}
	if err := s.serve(ctx, program); err != nil {
		return nil, err
	}
	var err error
	if s.raw, err = openRaw(ctx, from, to); err != nil {
		return nil, err
	}
	if s.store, err = sqlitestore.Open(ctx, filepath.Join(to, dataset.File)); err != nil {
		return nil, err
	}
	return s, s.learn()
}

// serve starts the program and waits until it is ready.
func (s *site) serve(ctx context.Context, program string) error {
	port, err := stack.FreePort()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.dir, "server.log"))
	if err != nil {
		return err
	}
	s.address = "127.0.0.1:" + port
	s.process = stack.NewProcess(program, nil, []string{"DATA_DIR=" + s.dir, "HOST=127.0.0.1", "PORT=" + port}, log)
	begin := time.Now()
	if err := s.process.Start(); err != nil {
		return err
	}
	for {
		status, _, err := (&conn{address: s.address}).do(request{method: "GET", path: "/readyz"}.wire(""))
		if err == nil && status == 200 {
			break
		}
		if time.Since(begin) > time.Minute {
			return fmt.Errorf("%s did not become ready; see %s", program, log.Name())
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.start = time.Since(begin)
	time.Sleep(time.Second + time.Duration(s.size)*20*time.Microsecond) // it checks its file
	s.idle = resident(s.process.PID())
	return nil
}

func (s *site) close() {
	if s.store != nil {
		s.store.Close()
	}
	if s.process != nil {
		_ = s.process.Stop()
	}
}

// ask calls the API and reads the data of its answer.
func ask[T any](s *site, r request) (T, error) {
	var answer struct{ Data T }
	c := conn{address: s.address}
	defer c.close()
	status, body, err := c.do(r.wire(s.token))
	if err == nil && status >= 300 {
		err = fmt.Errorf("%s %s: %d %s", r.method, r.path, status, body)
	}
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	return answer.Data, err
}

type page[T any] struct {
	Data []T
	Meta struct{ Total int }
}

// learn logs in and finds what the scenarios ask for.
func (s *site) learn() (err error) {
	if s.token, err = s.login(dataset.Admin); err != nil {
		return err
	}
	if s.clerk, err = s.login(dataset.Clerk); err != nil {
		return err
	}
	dbs, err := ask[page[struct{ ID office.ID }]](s, request{method: "GET", path: "/admin/dbs"})
	if err != nil {
		return err
	}
	s.db = dbs.Data[0].ID
	records, err := ask[page[struct{ ID string }]](s, s.list("limit=10000"))
	if err != nil {
		return err
	}
	s.total = records.Meta.Total
	for _, record := range records.Data {
		s.ids = append(s.ids, record.ID)
	}
	active, err := ask[page[struct{}]](s, s.list("filter=active&limit=1"))
	s.active = active.Meta.Total
	return err
}

func (s *site) login(number string) (string, error) {
	answer, err := ask[struct{ Token string }](s, login(number))
	return answer.Token, err
}

// list asks for records of the database.
func (s *site) list(query string) request {
	return request{method: "GET", path: "/personnels/db/" + s.db.Hex() + "?" + query}
}

// someID is the id of a record of the database.
func (s *site) someID(rng *rand.Rand) string { return s.ids[rng.IntN(len(s.ids))] }

// copyFile copies a file.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return cmp.Or(err, out.Sync(), out.Close())
}
