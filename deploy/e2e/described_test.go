package e2e

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/openapi"
)

// watch checks every answer of the suite against deploy/openapi.yaml, and every request
// that succeeds as a whole: the others are wrong on purpose.
type watch struct {
	mu       sync.Mutex
	found    map[string]error // by what was called and answered
	seen     int
	messages map[openapi.Example]bool // those that came back
	answered map[string]bool          // ids that the services made for what they log
}

// described is deploy/openapi.yaml.
var described *openapi.Description

// watchAnswers begins, with the first call.
func watchAnswers() (w *watch, err error) {
	described, err = openapi.Load("../openapi.yaml")
	w = &watch{found: map[string]error{}, messages: map[openapi.Example]bool{}, answered: map[string]bool{}}
	client.Watch = w.see
	return w, err
}

func (w *watch) see(req *http.Request, res client.Response) {
	err := described.CheckAnswer(req, openapi.Answer{Status: res.Status, Header: res.Header, Body: res.Body})
	if res.OK() && res.Status != http.StatusMultiStatus && err == nil {
		err = w.checkRequest(req)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen++
	if id := res.Header.Get("X-Request-ID"); isMadeID(id) && !isProbe(req) {
		w.answered[id] = true
	}
	if opened, err := res.Open(); err == nil {
		w.messages[inGeneral(openapi.Example{Message: opened.Message, StatusCode: res.Status})] = true
	}
	if err != nil {
		w.found[fmt.Sprintf("%s %s, answered %d", req.Method, req.URL.Path, res.Status)] = err
	}
}

// isProbe tells whether somebody asks for the health of a service, which is logged only
// for debugging.
func isProbe(req *http.Request) bool {
	return slices.Contains([]string{"/healthz", "/readyz"}, strings.TrimSuffix(req.URL.Path, "/"))
}

// checkRequest checks what was sent, if it can be read again.
func (w *watch) checkRequest(req *http.Request) error {
	if req.Method == http.MethodHead || req.Method == http.MethodOptions || req.GetBody == nil && req.Body != nil {
		return nil
	}
	var sent []byte
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return err
		}
		if sent, err = io.ReadAll(body); err != nil {
			return err
		}
	}
	return described.CheckRequest(req, sent)
}

// faults are the differences that were found, or that nothing was looked at.
func (w *watch) faults() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == 0 {
		return errors.New("no answer was held to openapi.yaml")
	}
	all := w.unreal()
	for call, err := range w.found {
		all = append(all, fmt.Errorf("openapi.yaml says otherwise: %s: %w", call, err))
	}
	const most = 20
	return errors.Join(all[:min(len(all), most)]...)
}

// unreal are the examples of the file that no answer of the whole suite was like, except
// for those that it does not provoke: what the proxy says, what is overload or a fault,
// and what takes a race.
func (w *watch) unreal() (all []error) {
	for _, part := range []string{"test.run", "test.skip"} {
		if flag.Lookup(part).Value.String() != "" {
			return nil
		}
	}
	unprovoked := []int{http.StatusRequestTimeout, http.StatusInsufficientStorage, 500, 502, 503, 504}
	for _, example := range described.Examples() {
		isRace := example.StatusCode == 409 && strings.Contains(example.Message, "at the same time")
		if !isRace && !slices.Contains(unprovoked, example.StatusCode) && !w.messages[inGeneral(example)] {
			all = append(all, fmt.Errorf("openapi.yaml shows an answer that none was like: %d %q", example.StatusCode, example.Message))
		}
	}
	return all
}

var (
	number = regexp.MustCompile(`\d+`)
	place  = regexp.MustCompile(`is \S+, in row`)
)

// inGeneral is the answer without its own numbers.
func inGeneral(e openapi.Example) openapi.Example {
	e.Message = number.ReplaceAllString(place.ReplaceAllString(e.Message, "is …, in row"), "0")
	return e
}
