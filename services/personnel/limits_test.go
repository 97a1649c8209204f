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
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"officepay.example/shared/limit"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// holding is a store that answers nothing costly until it may go on.
type holding struct {
	Store
	goOn    chan struct{}
	keeping *atomic.Int32 // uploads
}

func (holding) UserByID(_ context.Context, id office.ID) (office.User, error) {
	return officetest.User(1, officetest.Admin, func(u *office.User) { u.ID = id }), nil
}

func (h holding) Create(context.Context, []office.Personnel, office.Edit) ([]int, error) {
	h.keeping.Add(1)
	defer h.keeping.Add(-1)
	<-h.goOn
	return nil, nil
}

func (holding) Holders(context.Context, office.Scope, Key, []string, func(office.Payee) error) error {
	return nil
}

func (h holding) CheckDB(context.Context, office.ID) error { return nil }

func (h holding) Page(_ context.Context, query Query) ([]office.RecordJSON, int, error) {
	if len(query.Words) > 0 || query.Limit == streamStep || query.Offset >= farOffset {
		<-h.goOn
	}
	return nil, 0, nil
}

func (h holding) IDs(context.Context, Query) ([]office.ID, int, error) {
	<-h.goOn
	return nil, 0, nil
}

func (h holding) Trash(context.Context, TrashQuery) ([]office.RecordWithHistory, int, error) {
	<-h.goOn
	return nil, 0, nil
}

func (h holding) GetWithHistory(context.Context, office.Scope, office.ID) (office.RecordWithHistory, error) {
	<-h.goOn
	return office.RecordWithHistory{}, nil
}

func (h holding) Changed(context.Context, office.ID, time.Time, office.Personnel, int, int) ([]office.RecordWithHistory, error) {
	<-h.goOn
	return nil, nil
}

func (h holding) Shared(context.Context, office.Scope, Key, string, int) ([]string, error) {
	<-h.goOn
	return nil, nil
}

func (holding) Flagged(context.Context, FlagQuery) ([]office.ID, int, error) { return nil, 0, nil }

// crowd are many users who call at once.
type crowd struct {
	http.Handler
	t *testing.T
	holding
}

// limited runs a test with a crowd.
func limited(t *testing.T, test func(crowd)) {
	synctest.Test(t, func(t *testing.T) {
		store := holding{goOn: make(chan struct{}), keeping: new(atomic.Int32)}
		routes := Routes(Deps{Store: store, Keys: webtest.Keys(), Now: office.Now})
		options := web.Options{Logger: slog.New(slog.DiscardHandler), Subject: webtest.Keys().Subject}
		test(crowd{web.NewServer(options, routes), t, store})
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
		slots := limit.HalfOfProcessors()
		c.wantFull(slots+searchesWaiting, 200, func(user int) <-chan int {
			if got := <-c.call(user, "GET", path+"?search=+", nil); got != 200 {
				t.Errorf("no search: %d", got)
			}
			return c.call(user, "GET", path+"?search=musa", nil)
		})
	})
}

// Promises 30 and 41: and so has everything else that reads much, or has much in memory.
func TestReadsAreLimited(t *testing.T) {
	const histories, pages = historiesAtOnce + historiesWaiting, pagesAtOnce/streamStep + pagesWaiting
	searches, checks := limit.HalfOfProcessors()+searchesWaiting, limit.HalfOfProcessors()+checksWaiting
	db := "/personnels/db/" + dbA.Hex()
	for path, places := range map[string]int{
		fmt.Sprintf("/personnels?page=%d", farOffset/web.DefaultLimit+1): searches,
		db + "/trash?search=musa":                        searches,
		fmt.Sprintf("%s/trash?limit=%d", db, streamStep): pages,
		"/personnels/history/" + dbA.Hex():               histories,
		db + "/changes":                                  histories,
		"/personnels/checks":                             checks,
	} {
		t.Run(path, func(t *testing.T) {
			limited(t, func(c crowd) {
				c.wantFull(places, 200, func(user int) <-chan int { return c.call(user, "GET", path, nil) })
			})
		})
	}
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

// Promise 41: so have uploads, each of which is in memory as a whole. One is kept at a time.
func TestUploadsAreLimited(t *testing.T) {
	limited(t, func(c crowd) {
		c.wantFull(uploadsAtOnce+uploadsWaiting, 201, func(user int) <-chan int {
			body := `[{"first_name":"A","last_name":"B","army_number":"N1","phone_number":"1","rank":"Cpl","acct_number":"1",
				"bank":{"name":"B","sort_code":"1"},"sub_sector":"S","db_id":"` + dbA.Hex() + `"}]`
			if keeping := c.keeping.Load(); keeping > 1 {
				t.Errorf("%d are kept at a time", keeping)
			}
			return c.call(user, "POST", "/personnels/upload", strings.NewReader(body))
		})
	})
}
