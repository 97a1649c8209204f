package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/openapi"
)

// watch holds every answer of the suite to deploy/openapi.yaml, and every
// request that succeeds as a whole: the others are wrong on purpose.
type watch struct {
	mu    sync.Mutex
	found map[string]error // by what was called and answered
	seen  int
}

// described is deploy/openapi.yaml.
var described *openapi.Description

// watchAnswers begins, with the first call.
func watchAnswers() (w *watch, err error) {
	described, err = openapi.Load("../openapi.yaml")
	w = &watch{found: map[string]error{}}
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
	if err != nil {
		w.found[fmt.Sprintf("%s %s, answered %d", req.Method, req.URL.Path, res.Status)] = err
	}
}

// checkRequest looks at what was sent, where it can be had once more.
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
	var all []error
	for call, err := range w.found {
		all = append(all, fmt.Errorf("openapi.yaml says otherwise: %s: %w", call, err))
	}
	const most = 20
	return errors.Join(all[:min(len(all), most)]...)
}
