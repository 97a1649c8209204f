package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Response is an answer of the API.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	// What is in the envelope, once it is open.
	Message string
	Data    json.RawMessage
}

// OK tells whether the answer is a success.
func (r Response) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Into reads the data of the envelope into v.
func (r Response) Into(v any) error { return json.Unmarshal(r.Data, v) }

// Open opens the envelope. It holds the answer to the letter of the contract:
// exactly three keys, the status of the response, and data that is never a
// bare value.
func (r Response) Open() (Response, error) {
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(r.Body, &envelope); err != nil {
		return r, r.notAnEnvelope(err)
	}
	var status int
	err := errors.Join(
		field(envelope, "message", &r.Message),
		field(envelope, "statusCode", &status),
		field(envelope, "data", &r.Data))
	switch {
	case err != nil:
		return r, r.notAnEnvelope(err)
	case len(envelope) != 3:
		return r, r.notAnEnvelope(fmt.Errorf("it has %d keys, not 3", len(envelope)))
	case status != r.Status:
		return r, r.notAnEnvelope(fmt.Errorf("statusCode is %d where the response has %d", status, r.Status))
	case r.Data[0] != '{' && r.Data[0] != '[':
		return r, r.notAnEnvelope(errors.New("data is neither an object nor an array"))
	}
	return r, nil
}

func field(envelope map[string]json.RawMessage, name string, into any) error {
	value, ok := envelope[name]
	if !ok || string(value) == "null" {
		return fmt.Errorf("%s is missing", name)
	}
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (r Response) notAnEnvelope(err error) error {
	const most = 200 // bytes of the body that help to see what came instead
	shown := r.Body[:min(len(r.Body), most)]
	return fmt.Errorf("the answer (status %d) is no envelope: %w: %q", r.Status, err, shown)
}
