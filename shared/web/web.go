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
)

// envelope is the form of every response that has a body.
type envelope struct {
	Message    string `json:"message"`
	StatusCode int    `json:"statusCode"`
	Data       any    `json:"data"`
}

// Respond writes the envelope. A nil data is written as {}. Its result is for
// a handler to return: nil, or why the data could not be encoded, in which
// case nothing was written.
func Respond(w http.ResponseWriter, status int, message string, data any) error {
	if data == nil {
		data = struct{}{}
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(envelope{message, status, data}); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	w.Write(body.Bytes()) // the client may be gone; there is nobody to tell
	return nil
}

// OK responds with status 200.
func OK(w http.ResponseWriter, message string, data any) error {
	return Respond(w, http.StatusOK, message, data)
}

// Created responds with status 201.
func Created(w http.ResponseWriter, message string, data any) error {
	return Respond(w, http.StatusCreated, message, data)
}
