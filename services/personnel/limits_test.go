package personnel

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
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

func (h holding) CheckDB(context.Context, office.ID) error { return nil }

func (h holding) Page(_ context.Context, query Query) ([]office.Answered, int, error) {
	if len(query.Words) > 0 || query.Limit > largePage {
		<-h.goOn
	}
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

// Promise 31: so have large pages, until they are read. Others do not wait.
func TestLargePagesAreLimited(t *testing.T) {
	for _, path := range []string{"/personnels", "/personnels/db/" + dbA.Hex()} {
		limited(t, func(c crowd) {
			c.wantFull(pagesAtOnce+pagesWaiting, 200, func(user int) <-chan int {
				if got := <-c.call(user, "GET", path+"?limit=1000", nil); got != 200 {
					t.Errorf("a small one: %d", got)
				}
				return c.call(user, "GET", path+"?limit=1001", nil)
			})
		})
	}
}

// arriving is a body that ends when it may go on.
type arriving struct{ goOn chan struct{} }

func (a arriving) Read([]byte) (int, error) {
	<-a.goOn
	return 0, io.EOF
}

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// Promise 30: so have uploads, each of which would be in memory as a whole.
func TestUploadsAreLimited(t *testing.T) {
	limited(t, func(c crowd) {
		const places = uploadsAtOnce + uploadsWaiting
		c.wantFull(places, 400, func(user int) <-chan int {
			if user == places {
				return c.call(user, "POST", "/personnels/upload", unread{t})
			}
			return c.call(user, "POST", "/personnels/upload", arriving{c.goOn})
		})
	})
}
