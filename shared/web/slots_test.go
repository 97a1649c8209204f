package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"officepay.example/shared/limit"
	"officepay.example/shared/office"
)

// narrow lets two requests in at a time. Those to /hold stay until release is
// closed, /body reads what it is sent, /long writes and then works on, /always
// needs no slot, and /panic panics.
type narrow struct {
	http.Handler
	release chan struct{}
}

func newNarrow() narrow {
	options, release, always := quiet(), make(chan struct{}), On("GET", "/always", nil, echo)
	always.NoSlot = true
	options.MaxInFlight = 2
	return narrow{NewServer(options, []Route{
		On("GET", "/echo", nil, echo),
		On("GET", "/hold", nil, func(ctx context.Context, r *Request) (*Answer, error) {
			<-release
			return echo(ctx, r)
		}),
		On("POST", "/body", nil, func(ctx context.Context, r *Request) (*Answer, error) {
			if _, err := Decode(r, Whole, func(*Form) int { return 0 }); err != nil {
				return nil, err
			}
			return echo(ctx, r)
		}),
		On("GET", "/long", nil, func(context.Context, *Request) (*Answer, error) {
			return &Answer{Stream: func(yield func([]byte, error) bool) {
				_ = yield([]byte("begun, "), nil) && yield([]byte("done"), nil)
			}}, nil
		}),
		On("GET", "/panic", nil, func(context.Context, *Request) (*Answer, error) { panic("on purpose") }),
		On("GET", "/panic-in-stream", nil, func(context.Context, *Request) (*Answer, error) {
			return &Answer{Stream: func(func([]byte, error) bool) { panic("on purpose") }}, nil
		}),
		always,
	}), release}
}

// start sends a request, and returns where its answer will be.
func (n narrow) start(w http.ResponseWriter, r *http.Request) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		n.ServeHTTP(w, r)
		close(done)
	}()
	synctest.Wait()
	return done
}

// fill sends requests that take their time, and returns where their answers
// will be.
func (n narrow) fill(requests ...*http.Request) []*httptest.ResponseRecorder {
	answers := make([]*httptest.ResponseRecorder, len(requests))
	for i, request := range requests {
		answers[i] = httptest.NewRecorder()
		n.start(answers[i], request)
	}
	return answers
}

func (n narrow) want(t *testing.T, path string, status int) {
	t.Helper()
	if got := ask(n, "GET", path); got.Code != status {
		t.Errorf("%s: got %d (%s), want %d", path, got.Code, got.Body, status)
	}
}

func get(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }

// Promise 30: what is too much is refused at once, in the envelope, and what
// was let in is done. Whether the process is up is answered all the same.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNarrow()
		held := n.fill(get("/hold"), get("/hold"))
		refused := ask(n, "GET", "/echo")
		if unwrap(t, refused).StatusCode != 503 || refused.Header().Get("Retry-After") != "2" {
			t.Errorf("one too many: %d %v", refused.Code, refused.Header())
		}
		n.want(t, "/always", 200)
		n.want(t, "/nowhere", 404)
		close(n.release)
		synctest.Wait()
		for _, answer := range held {
			if answer.Code != 200 {
				t.Errorf("one that was let in: %d", answer.Code)
			}
		}
		n.want(t, "/echo", 200)
	})
}

// Promise 40: one user, however many requests he makes, leaves others a quarter of the
// slots.
func TestNobodyHasAllSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options, release := quiet(), make(chan struct{})
		options.MaxInFlight = 4
		options.Subject = func(header http.Header) string { return header.Get("X-User") }
		n := narrow{NewServer(options, []Route{On("GET", "/hold", nil, func(ctx context.Context, r *Request) (*Answer, error) {
			<-release
			return echo(ctx, r)
		})}), release}
		by := func(user string) *http.Request {
			r := get("/hold")
			r.Header.Set("X-User", user)
			return r
		}
		answers := n.fill(by("a"), by("a"), by("a"), by("a"), by("b"), by("b"))
		close(release)
		synctest.Wait()
		var got []int
		for _, answer := range answers {
			got = append(got, answer.Code)
		}
		if !slices.Equal(got, []int{200, 200, 200, 503, 200, 503}) {
			t.Errorf("a, a, a, a, b and b get %v", got)
		}
	})
}

// Promise 36: a panic takes no slot with it.
func TestSlotsAreFreeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNarrow()
		for range 5 {
			n.want(t, "/panic", 500)
			n.want(t, "/panic-in-stream", 500)
			n.want(t, "/echo", 200)
		}
	})
}

// slowly is a body, and who reads an answer, that waits until it is told to go
// on.
type slowly struct {
	*httptest.ResponseRecorder
	body io.Reader
	goOn chan struct{}
}

func newSlowly(goOn chan struct{}) slowly {
	return slowly{httptest.NewRecorder(), strings.NewReader("{}"), goOn}
}

func (s slowly) Read(b []byte) (int, error) {
	<-s.goOn
	return s.body.Read(b)
}

func (s slowly) Write(b []byte) (int, error) {
	<-s.goOn
	return s.ResponseRecorder.Write(b)
}

// Promise 31: bodies that arrive slowly keep nobody out, and are worked on
// when they are there, after those that were let in meanwhile.
func TestSlowBodiesHoldNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, goOn := newNarrow(), make(chan struct{})
		post := func() *http.Request { return httptest.NewRequest("POST", "/body", newSlowly(goOn)) }
		slow := n.fill(post(), post(), post())
		n.want(t, "/echo", 200)
		held := n.fill(get("/hold"), get("/hold"))
		close(goOn)
		synctest.Wait()
		if n.want(t, "/echo", 503); slow[0].Body.Len() > 0 {
			t.Errorf("it is done while others have the slots: %s", slow[0].Body)
		}
		close(n.release)
		synctest.Wait()
		for _, answer := range append(slow, held...) {
			if answer.Code != 200 {
				t.Errorf("got %d: %s", answer.Code, answer.Body)
			}
		}
	})
}

// arriving is the end of a body, which comes when it may go on.
type arriving struct {
	goOn    chan struct{}
	awaited bool // somebody reads on
}

func (a *arriving) Read(b []byte) (int, error) {
	a.awaited = true
	<-a.goOn
	return copy(b, "}"), io.EOF
}

// Promise 41: of large bodies only so many bytes are in memory while the rest of them is
// awaited, half of them of one user. Small ones are read all the same.
func TestLargeBodiesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const unknown, largest, large = -1, 16 << 20, 1 << 20
		begin := `{"a":"` + strings.Repeat("x", smallBody) + `"`
		options := quiet()
		options.Subject = func(header http.Header) string { return header.Get("X-User") }
		n := narrow{NewServer(options, []Route{On("POST", "/body", nil, take).Within(Limits{MaxBody: largest})}), nil}
		for range 2 { // those who are done make room
			goOn := make(chan struct{})
			var answers []*httptest.ResponseRecorder
			post := func(user, begin string, size int64, want bool) {
				t.Helper()
				end := &arriving{goOn: goOn}
				r := httptest.NewRequest("POST", "/body", io.MultiReader(strings.NewReader(begin), end))
				r.Header.Set("X-User", user)
				r.ContentLength = size
				if answers = append(answers, n.fill(r)...); end.awaited != want {
					t.Errorf("%d bytes of %s are read: %v", size, user, end.awaited)
				}
			}
			post("a", begin, large, true)
			post("a", begin, largest, false)
			post("b", begin, unknown, true)
			post("c", begin, largest, false)
			post("c", "{", large, true)
			close(goOn)
			synctest.Wait()
			for _, answer := range answers {
				if answer.Code != 200 {
					t.Errorf("one of them: %d %s", answer.Code, answer.Body)
				}
			}
		}
	})
}

// Promise 31: large bodies whose clients read slowly keep nobody else's out.
func TestSlowReadersHoldNoRoomForBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options, goOn := quiet(), make(chan struct{})
		options.Subject = func(header http.Header) string { return header.Get("X-User") }
		n := narrow{NewServer(options, []Route{On("POST", "/body", nil, take).Within(Limits{MaxBody: 16 << 20})}), nil}
		post := func(user string) *http.Request {
			r := httptest.NewRequest("POST", "/body", strings.NewReader(`{"a":"`+strings.Repeat("x", smallBody)+`"}`))
			r.Header.Set("X-User", user)
			r.ContentLength = -1 // which is taken for the largest
			return r
		}
		for _, user := range []string{"a", "b"} {
			n.start(newSlowly(goOn), post(user))
		}
		if answer := n.fill(post("c"))[0]; answer.Code != 200 || answer.Body.Len() == 0 {
			t.Errorf("a third one gets %d: %s", answer.Code, answer.Body)
		}
		close(goOn)
	})
}

// Promise 29: whose body has arrived, and who then waits for a slot until his
// time is up, is not told that the body broke off.
func TestTimeEndsBetweenBodyAndSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, goOn := newNarrow(), make(chan struct{})
		slow := n.fill(httptest.NewRequest("POST", "/body", newSlowly(goOn)))[0]
		n.fill(get("/hold"), get("/hold"))
		close(goOn)
		time.Sleep(DefaultTimeout + time.Second)
		synctest.Wait()
		if answer := unwrap(t, slow); answer.StatusCode != 503 {
			t.Errorf("got %d %s", answer.StatusCode, answer.Message)
		}
		close(n.release)
	})
}

// Promise 31: clients that read slowly keep nobody out.
func TestSlowReadersHoldNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, goOn := newNarrow(), make(chan struct{})
		for range 3 {
			n.start(newSlowly(goOn), get("/echo"))
		}
		n.want(t, "/echo", 200)
		close(goOn)
	})
}

// Promise 30: a response that has begun is never refused: each step of it waits
// for a slot.
func TestStepsOfAStreamWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, client := newNarrow(), newSlowly(make(chan struct{}))
		long := n.start(client, get("/long"))
		n.fill(get("/hold"), get("/hold"))
		close(client.goOn)
		synctest.Wait()
		if got := client.Body.String(); got != "begun, " || !client.Flushed {
			t.Errorf("beside two that have the slots: %q, and that is sent: %v", got, client.Flushed)
		}
		close(n.release)
		<-long
		if got := client.Body.String(); got != "begun, done" {
			t.Errorf("when they have left: %q", got)
		}
		for range 3 {
			n.want(t, "/long", 200)
		}
	})
}

// Promise 40: clients that do not read long answers leave room for short ones, and lose
// their place after a while.
func TestShortAnswersBesideSlowReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		n := narrow{Handler: NewServer(quiet(), []Route{On("GET", "/list", nil, func(_ context.Context, r *Request) (*Answer, error) {
			page, err := ReadPage(r.Query)
			if err != nil {
				return nil, err
			}
			items := slices.Repeat([]string{strings.Repeat("a", 1000)}, page.Limit)
			return StreamPage("A list.", page, &page.Limit, func(yield func([]string, error) bool) {
				for some := range slices.Chunk(items, 10) {
					if !yield(some, nil) {
						return
					}
				}
			})
		}).Within(Limits{Timeout: time.Minute})})}
		var ended []<-chan struct{}
		begin := func(address string) {
			for range maxStreams {
				r := get("/list?limit=1000")
				r.RemoteAddr = address
				ended = append(ended, n.start(newSlowly(goOn), r))
			}
		}
		begin("192.0.2.8:1")
		n.want(t, "/list?limit=1000", 200) // one user alone has half of the places
		begin("192.0.2.9:1")
		n.want(t, "/list?limit=20", 200)
		n.want(t, "/list?limit=1000", 503)
		close(goOn)
		for _, end := range ended {
			<-end
		}
		client, begun := &patient{ResponseRecorder: httptest.NewRecorder()}, time.Now()
		n.ServeHTTP(client, get("/list?limit=1000"))
		if client.Code != 200 || !client.write.Equal(begun.Add(stallTimeout)) {
			t.Errorf("%d, and what is left is to be read until %v", client.Code, client.write)
		}
	})
}

// Promise 28: where the store does not answer a write, it is not asked for those that
// wait behind it, one after the other. A read may have been too much by itself, and so may
// what has used up the time of its request.
func TestOutageEndsWaiting(t *testing.T) {
	outage := func(ctx context.Context, r *Request) (*Answer, error) {
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
		}
		return nil, office.ErrUnavailable
	}
	for _, c := range []struct {
		route, method string
		timeout, want time.Duration
	}{
		{"POST", "POST", time.Minute, 2 * time.Second},
		{"GET", "GET", time.Minute, 10 * time.Second},
		{"GET", "HEAD", time.Minute, 10 * time.Second},
		{"POST", "POST", time.Second, 1400 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			limits := Limits{
				Timeout: c.timeout,
				Memory:  Limit{Limiter: limit.New("memory", limit.Size{Slots: 2, Waiting: limit.Unlimited})},
				Work:    Limit{Limiter: limit.New("work", limit.Size{Slots: 1, Waiting: limit.Unlimited})},
			}
			server := narrow{Handler: NewServer(quiet(), []Route{On(c.route, "/write", nil, outage).Within(limits)})}
			begin := time.Now()
			var answers []<-chan struct{}
			for i := range 5 {
				request := httptest.NewRequest(c.method, "/write", nil)
				request.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", i)
				answers = append(answers, server.start(httptest.NewRecorder(), request))
				time.Sleep(100 * time.Millisecond)
			}
			for _, answer := range answers {
				<-answer
			}
			if took := time.Since(begin); took != c.want {
				t.Errorf("%+v: the last answer came after %v", c, took)
			}
		})
	}
}
