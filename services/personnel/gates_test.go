package personnel

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"testing"

	"officepay.example/shared/gate"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// full takes every place of a gate.
func full(t *testing.T, g *gate.Gate) {
	t.Helper()
	for {
		if _, err := g.Queue(); err != nil {
			return
		}
	}
}

// fullFor is a gate at which somebody has the only place.
func fullFor(t *testing.T, who string) *gate.Fair {
	t.Helper()
	g := gate.NewFair("things", 1, 0)
	if _, err := g.Enter(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	return g
}

// emptyStore has no records.
type emptyStore struct{ Store }

func (emptyStore) Page(context.Context, Query) ([]office.Personnel, int, error) { return nil, 0, nil }

// Promise 30: searches have a gate of their own, and no other list waits at it.
func TestSearchesHaveAGate(t *testing.T) {
	s := newService(Deps{Store: emptyStore{}})
	search := Query{Words: []string{"musa"}}
	for range 3 * searchesWaiting { // each gives its place back
		if _, _, err := s.find(t.Context(), search); err != nil {
			t.Fatal(err)
		}
	}
	full(t, s.searches)
	if _, _, err := s.find(t.Context(), search); !errors.Is(err, gate.ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
	if _, _, err := s.find(t.Context(), Query{}); err != nil {
		t.Errorf("no search: %v", err)
	}
}

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// Promise 30: of uploads too, which would each be in memory as a whole.
func TestUploadsHaveAGate(t *testing.T) {
	s := newService(Deps{Now: office.Now})
	for range uploadsAtOnce + uploadsWaiting + 1 {
		r := httptest.NewRequest("POST", "/personnels/upload", nil)
		if err := s.upload(httptest.NewRecorder(), r, token.Caller{}); err == nil || errors.Is(err, gate.ErrBusy) {
			t.Fatalf("an upload of nothing: %v", err)
		}
	}
	s.uploads = fullFor(t, "everybody")
	r := httptest.NewRequest("POST", "/personnels/upload", unread{t})
	if err := s.upload(httptest.NewRecorder(), r, token.Caller{}); !errors.Is(err, gate.ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
}

// Promise 31: of large pages too, until they are read. Others do not wait.
func TestLargePagesHaveAGate(t *testing.T) {
	s := newService(Deps{Store: emptyStore{}})
	page := func(limit string) error {
		r := httptest.NewRequest("GET", "/personnels?limit="+limit, nil)
		return s.writePage(httptest.NewRecorder(), r, token.Caller{}, Query{})
	}
	for range pagesAtOnce + pagesWaiting + 1 {
		if err := page("10000"); err != nil {
			t.Fatal(err)
		}
	}
	s.pages = fullFor(t, "everybody")
	if err := page("10000"); !errors.Is(err, gate.ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
	if err := page("1000"); err != nil {
		t.Errorf("a small one: %v", err)
	}
}
