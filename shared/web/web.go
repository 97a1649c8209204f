// Package web is the HTTP of this API that every service shares: the envelope
// around each answer, the one place that turns an error into a response,
// strict reading of JSON bodies, paging, and the server around the routes
// (request ids, logs, CORS, limits, panics).
//
// It knows the words of package office, and nothing of any resource or store.
package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"officepay.example/shared/office"
)

// Appender is data that writes itself as JSON, as encoding/json would.
type Appender interface {
	AppendJSON(out []byte) ([]byte, error)
}

// Respond writes the envelope. A nil data is written as {}. Its result is for
// a handler to return: nil, or why the data could not be encoded, in which
// case nothing was written.
func Respond(w http.ResponseWriter, status int, message string, data any) error {
	body := bodies.Get().(*[]byte)
	defer keep(body)
	var err error
	if *body, err = appendEnvelope((*body)[:0], status, message, data); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(*body)))
	w.WriteHeader(status)
	w.Write(*body) // the client may be gone; there is nobody to tell
	return nil
}

// bodies are buffers that responses were made in.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// maxKept is the largest buffer that is kept for the next response: most are
// smaller.
const maxKept = 256 << 10

func keep(body *[]byte) {
	if cap(*body) <= maxKept {
		bodies.Put(body)
	}
}

func appendEnvelope(out []byte, status int, message string, data any) ([]byte, error) {
	if data == nil {
		data = struct{}{}
	}
	out = office.AppendJSONString(append(out, `{"message":`...), message)
	out = strconv.AppendInt(append(out, `,"statusCode":`...), int64(status), 10)
	out, err := appendData(append(out, `,"data":`...), data)
	return append(out, "}\n"...), err
}

// appendData appends data that writes itself, or lets encoding/json do it.
func appendData(out []byte, data any) ([]byte, error) {
	if appender, ok := data.(Appender); ok {
		return appender.AppendJSON(out)
	}
	buffer := bytes.NewBuffer(out)
	enc := json.NewEncoder(buffer)
	enc.SetEscapeHTML(false)
	err := enc.Encode(data)
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), err
}

// OK responds with status 200.
func OK(w http.ResponseWriter, message string, data any) error {
	return Respond(w, http.StatusOK, message, data)
}

// Created responds with status 201.
func Created(w http.ResponseWriter, message string, data any) error {
	return Respond(w, http.StatusCreated, message, data)
}
