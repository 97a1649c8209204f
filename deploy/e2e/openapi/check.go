package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// CheckAnswer returns how an answer differs from what the file says of the
// operation. An operation that the file does not have must not succeed.
func (d *Description) CheckAnswer(request *http.Request, got Answer) error {
	if got.Status == http.StatusRequestHeaderFieldsTooLarge {
		return nil // sent before it is known for which operation
	}
	o, _ := d.find(request)
	if o == nil {
		if got.Status >= 400 || isEverywhere(request.Method) {
			return nil
		}
		return errUnknown
	}
	want, ok := o.answers[strconv.Itoa(got.Status)]
	if !ok {
		return fmt.Errorf("the status %d is not in the file", got.Status)
	}
	faults := []error{want.content.check(got.Header, got.Body, true)}
	for _, header := range want.headers {
		faults = append(faults, header.check(got.Header.Values(header.Name)))
	}
	return errors.Join(faults...)
}

var errUnknown = errors.New("the operation is not in the file")

// isEverywhere tells whether a method needs no operation in the file: it works wherever
// another does.
func isEverywhere(method string) bool {
	return method == http.MethodHead || method == http.MethodOptions
}

// CheckRequest returns how a request that was accepted differs from what the
// file says may be sent.
func (d *Description) CheckRequest(request *http.Request, body []byte) error {
	o, inPath := d.find(request)
	if o == nil {
		return errUnknown
	}
	faults := []error{o.body.check(request.Header, asRead(body), o.needsBody)}
	if scheme, _, _ := strings.Cut(request.Header.Get("Authorization"), " "); o.needsToken && !strings.EqualFold(scheme, "Bearer") {
		faults = append(faults, errors.New("there is no token"))
	}
	query := queryAsRead(request.URL.Query())
	for _, p := range o.parameters {
		given := map[string][]string{"path": inPath[p.Name], "query": query[p.Name], "header": request.Header.Values(p.Name)}
		faults = append(faults, p.check(given[p.In]))
	}
	return errors.Join(faults...)
}

// find is the operation that a request is for, and the values in its path. A trailing
// slash makes no difference to the API. Of two that match, the one with a word where the
// other has a parameter is meant.
func (d *Description) find(request *http.Request) (found *operation, inPath url.Values) {
	// Escaped, so that a slash within a part of the path does not split it.
	path := request.URL.EscapedPath()
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	parts := strings.Split(path, "/")
	for _, o := range d.operations {
		values := o.match(parts)
		if values == nil || inPath != nil && len(values) > len(inPath) {
			continue
		}
		if inPath == nil || len(values) < len(inPath) {
			found, inPath = nil, values // so far there is no operation of this path
		}
		if o.method == request.Method {
			found, inPath = o, values
		}
	}
	return found, inPath
}

// match is the values in the path, or nil if it is another path.
func (o *operation) match(parts []string) url.Values {
	if len(parts) != len(o.path) {
		return nil
	}
	values := url.Values{}
	for i, part := range parts {
		name, isParameter := strings.CutPrefix(o.path[i], "{")
		text, err := url.PathUnescape(part)
		switch {
		case isParameter && text != "" && err == nil:
			values.Set(strings.TrimSuffix(name, "}"), text)
		case part != o.path[i]:
			return nil
		}
	}
	return values
}

// check compares with the first of the values that were given.
func (p parameter) check(given []string) error {
	if len(given) == 0 {
		if p.Required {
			return fmt.Errorf("%s is missing", p.Name)
		}
		return nil
	}
	if given[0] == "" && p.AllowEmptyValue {
		return nil
	}
	var value any = given[0]
	switch {
	case p.Schema.Type == "integer" && integer.MatchString(given[0]):
		value = json.Number(given[0])
	case p.Schema.Type == "boolean" && (given[0] == "true" || given[0] == "false"):
		value = given[0] == "true"
	}
	return named(p.Name, p.schema, value)
}

var integer = regexp.MustCompile(`^[+-]?[0-9]+$`)

// check compares a body with the schema of its media type.
func (c content) check(header http.Header, body []byte, isNeeded bool) error {
	if c == nil || len(body) == 0 && !isNeeded {
		return nil
	}
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("the media type is %q", header.Get("Content-Type"))
	}
	schema, ok := c[kind]
	if !ok {
		return fmt.Errorf("the media type %s is not in the file", kind)
	}
	if kind != "application/json" {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return named("the body", schema, value)
}

func named(what string, schema *jsonschema.Schema, value any) error {
	if schema == nil {
		return nil
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
