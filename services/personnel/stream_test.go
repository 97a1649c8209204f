package personnel

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// steps is a store whose list has a number of whole steps, and then one record or an error.
type steps struct {
	Store
	asked, whole int
	end          error
}

func (s *steps) After(context.Context, office.Scope, office.Personnel, int) ([]office.RecordJSON, office.Personnel, error) {
	s.asked++
	long := []office.RecordJSON{office.Personnel{Remark: strings.Repeat("long ", 500)}.JSON()}
	switch {
	case s.asked <= s.whole:
		return slices.Repeat(long, streamStep), office.Personnel{}, nil
	case s.asked == s.whole+1 && s.end == nil:
		return long, office.Personnel{}, nil
	}
	return nil, office.Personnel{}, s.end
}

// streaming serves the list of all records of a store, with one slot.
func streaming(store Store, others ...web.Route) http.Handler {
	s := &service{Deps{Store: store}}
	list := func(ctx context.Context, _ *web.Request) (*web.Answer, error) {
		return s.list(ctx, &web.Request{})
	}
	options := web.Options{Logger: slog.New(slog.DiscardHandler), MaxInFlight: 1}
	return web.NewServer(options, append(others, web.On("GET", "/personnels", nil, list)))
}

// Promise 28: a list that the database left unfinished never looks whole.
func TestUnfinishedListIsCutOff(t *testing.T) {
	for _, end := range []error{nil, office.ErrUnavailable} {
		t.Run(fmt.Sprint(end), func(t *testing.T) {
			server := httptest.NewServer(streaming(&steps{whole: 2, end: end}))
			defer server.Close()
			res, err := http.Get(server.URL + "/personnels")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if whole := err == nil; whole != (end == nil) || strings.HasSuffix(string(body), "]}\n") != whole {
				t.Errorf("%d, %d bytes, %v", res.StatusCode, len(body), err)
			}
		})
	}
}

// onFirstWrite is a response whose first write waits for something else.
type onFirstWrite struct {
	*httptest.ResponseRecorder
	do func()
}

func (w *onFirstWrite) Write(b []byte) (int, error) {
	if w.do != nil {
		w.do()
		w.do = nil
	}
	return w.ResponseRecorder.Write(b)
}

// Promise 30: a long list works at the store only while it has a slot, also
// when it has begun: others take their turns between its steps. It asks for nothing
// after a step that is short.
func TestListTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, begun, end := &steps{whole: 2}, make(chan bool), make(chan bool)
		server := streaming(store, web.On("GET", "/other", nil, func(context.Context, *web.Request) (*web.Answer, error) {
			close(begun)
			<-end
			return web.OK("Done.", nil)
		}))
		ask := func(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }
		w := &onFirstWrite{ResponseRecorder: httptest.NewRecorder(), do: func() {
			go server.ServeHTTP(httptest.NewRecorder(), ask("/other"))
			<-begun
		}}
		go server.ServeHTTP(w, ask("/personnels"))
		synctest.Wait()
		if store.asked != 1 {
			t.Errorf("the store was asked %d times while another had the only slot", store.asked)
		}
		close(end)
		synctest.Wait()
		if store.asked != 3 || !strings.HasSuffix(w.Body.String(), "]}\n") {
			t.Errorf("then: asked %d times, %d bytes", store.asked, w.Body.Len())
		}
	})
}
