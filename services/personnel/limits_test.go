package personnel

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// holding is a store that answers nothing costly until it may go on.
type holding struct {
	Store
	goOn chan struct{}
}

func (holding) UserByID(_ context.Context, id office.ID) (office.User, error) {
	return officetest.User(1, officetest.Admin, func(u *office.User) { u.ID = id }), nil
}

func (h holding) Create(context.Context, []office.Personnel, office.Edit) ([]int, error) {
	<-h.goOn
	return nil, nil
}

func (holding) Holders(context.Context, office.Scope, Key, []string, func(office.Payee) error) error {
	return nil
}

func (h holding) CheckDB(context.Context, office.ID) error { return nil }

func (h holding) Page(_ context.Context, query Query) ([]office.Answered, int, error) {
	if len(query.Words) > 0 || query.Limit == streamStep {
		<-h.goOn
	}
	return nil, 0, nil
}

func (h holding) IDs(context.Context, Query) ([]office.ID, int, error) {
	<-h.goOn
	return nil, 0, nil
}

// crowd are many users who call at once.
type crowd struct {
	http.Handler
	t    *testing.T
	goOn chan struct{}
}

// limited runs a test with a crowd.
func limited(t *testing.T, test func(crowd)) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		routes := Routes(Deps{Store: holding{goOn: goOn}, Keys: webtest.Keys(), Now: office.Now})
		test(crowd{web.NewServer(web.Options{Logger: slog.New(slog.DiscardHandler)}, routes), t, goOn})
	})
}

// call makes a call of a user and returns where the status will be.
func (c crowd) call(user int, method, path string, body io.Reader) <-chan int {
	status := make(chan int, 1)
	go func() {
		status <- webtest.Send(c.t, c, webtest.Keys(), officetest.User(user), httptest.NewRequest(method, path, body))
	}()
	synctest.Wait()
	return status
}

// wantFull checks that so many users, with one call each, are let in, that the
// next is refused, and that all who were let in are answered in the end.
func (c crowd) wantFull(places, status int, call func(user int) <-chan int) {
	c.t.Helper()
	var inside []<-chan int
	for user := range places {
		inside = append(inside, call(user))
	}
	if got := call(places); len(got) == 0 || <-got != http.StatusServiceUnavailable {
		c.t.Error("one too many is let in")
	}
	close(c.goOn)
	for user, got := range inside {
		if got := <-got; got != status {
			c.t.Errorf("user %d of %d: %d, want %d", user+1, places, got, status)
		}
	}
}

// Promise 30: searches have a limit of their own, and no other list waits for
// one.
func TestSearchesAreLimited(t *testing.T) {
	limited(t, func(c crowd) {
		path := "/personnels/db/" + dbA.Hex()
		slots := max(1, runtime.GOMAXPROCS(0)/2)
		c.wantFull(slots+searchesWaiting, 200, func(user int) <-chan int {
			if got := <-c.call(user, "GET", path+"?search=+", nil); got != 200 {
				t.Errorf("no search: %d", got)
			}
			return c.call(user, "GET", path+"?search=musa", nil)
		})
	})
}

// Promise 40: one user, however many searches he begins, leaves another his turn.
func TestNobodySearchesAlone(t *testing.T) {
	limited(t, func(c crowd) {
		path := "/personnels/db/" + dbA.Hex() + "?search=musa"
		for range 2 * (runtime.GOMAXPROCS(0) + searchesWaiting) {
			c.call(1, "GET", path, nil)
		}
		other := c.call(2, "GET", path, nil)
		c.goOn <- struct{}{} // of one search
		c.goOn <- struct{}{}
		c.goOn <- struct{}{}
		synctest.Wait()
		if len(other) == 0 || <-other != http.StatusOK {
			t.Error("the other has no turn within three")
		}
		close(c.goOn)
	})
}

// Promise 41: so have pages that are in memory as a whole, by the number of their
// records. One that is written in steps takes none of that.
func TestPagesAreLimited(t *testing.T) {
	for _, path := range []string{"/personnels", "/personnels/db/" + dbA.Hex()} {
		limited(t, func(c crowd) {
			steps := c.call(9999, "GET", fmt.Sprintf("%s?limit=%d", path, streamStep+1), nil)
			c.wantFull(pagesAtOnce/streamStep+pagesWaiting, 200, func(user int) <-chan int {
				return c.call(user, "GET", fmt.Sprintf("%s?limit=%d", path, streamStep), nil)
			})
			if got := <-steps; got != 200 {
				t.Errorf("one in steps: %d", got)
			}
		})
	}
}

// Promise 41: so have uploads, each of which is in memory as a whole.
func TestUploadsAreLimited(t *testing.T) {
	limited(t, func(c crowd) {
		c.wantFull(uploadsAtOnce+uploadsWaiting, 201, func(user int) <-chan int {
			body := `[{"first_name":"A","last_name":"B","army_number":"N1","phone_number":"1","rank":"Cpl","acct_number":"1",
				"bank":{"name":"B","sort_code":"1"},"sub_sector":"S","db_id":"` + dbA.Hex() + `"}]`
			return c.call(user, "POST", "/personnels/upload", strings.NewReader(body))
		})
	})
}
