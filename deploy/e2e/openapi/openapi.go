// Package openapi holds what an origin answers to deploy/openapi.yaml, so that
// the file cannot say one thing and the API do another.
//
// The schemas of OpenAPI 3.1 are JSON Schema, for which there is a library; what is
// around them in our file is little. The libraries for all of OpenAPI take 5 minutes of
// a processor to compile, or 7 ms for each answer.
package openapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// Description is what the file says. It is safe for concurrent use.
type Description struct {
	operations []*operation
	examples   []Example
}

// operation is one of the file: what may be sent, and what comes back.
type operation struct {
	method     string
	path       []string // its parts
	needsToken bool
	parameters []parameter
	body       content
	needsBody  bool
	answers    map[string]answer
}

// parameter is a field of the path, the query or the header.
type parameter struct {
	Name, In        string
	Required        bool
	AllowEmptyValue bool
	Schema          struct{ Type string }

	schema *jsonschema.Schema
}

// content is a schema for each media type, or none.
type content map[string]*jsonschema.Schema

type answer struct {
	headers []parameter
	content content
}

// Operations are all that the file has, as in "GET /auth/me", sorted.
func (d *Description) Operations() (all []string) {
	for _, o := range d.operations {
		all = append(all, o.method+" "+strings.Join(o.path, "/"))
	}
	slices.Sort(all)
	return all
}

// ofOpenAPI is the schema of OpenAPI 3.1 itself, as published.
//
//go:embed oas31-schema.json
var ofOpenAPI []byte

// Load reads the file, which must be sound itself.
func Load(path string) (*Description, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := yaml.Unmarshal(content, &plain); err != nil {
		return nil, err
	}
	if content, err = json.Marshal(plain); err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	r := &reader{document: document, compiler: jsonschema.NewCompiler()}
	r.compiler.DefaultDraft(jsonschema.Draft2020)
	r.compiler.AssertFormat()
	r.must(r.compiler.AddResource(address, document))
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(ofOpenAPI))
	r.must(errors.Join(err, r.compiler.AddResource("openapi.json", schema)))
	if whole := r.compile("openapi.json"); whole != nil {
		r.must(whole.Validate(document))
	}
	d := &Description{}
	if len(r.faults) == 0 {
		d.operations, d.examples = r.operations(), r.examples
	}
	return d, errors.Join(r.faults...)
}

// address is what the schemas of the file are found at.
const address = "openapi.yaml"

// reader reads the document.
type reader struct {
	document any
	compiler *jsonschema.Compiler
	examples []Example
	faults   []error
}

func (r *reader) must(err error) {
	if err != nil {
		r.faults = append(r.faults, err)
	}
}

func (r *reader) compile(location string) *jsonschema.Schema {
	schema, err := r.compiler.Compile(location)
	r.must(err)
	return schema
}

// node is a place in the document.
type node struct {
	r     *reader
	at    string // as in "#/paths/~1auth~1me"
	value map[string]any
}

// in is what a node has under a name, or what that refers to. It is empty if there is
// nothing.
func (n node) in(name string) node {
	at := n.at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	value, _ := n.value[name].(map[string]any)
	if reference, ok := value["$ref"].(string); ok {
		return n.r.find(reference)
	}
	return node{n.r, at, value}
}

// find is what stands at a reference.
func (r *reader) find(reference string) node {
	whole, _ := r.document.(map[string]any)
	n := node{r, "#", whole}
	for part := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		n = n.in(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
	}
	if n.value == nil {
		r.must(fmt.Errorf("%s: there is nothing", reference))
	}
	return n
}

// list are the nodes of a list.
func (n node) list(name string) (all []node) {
	items, _ := n.value[name].([]any)
	for i, item := range items {
		value, _ := item.(map[string]any)
		if reference, ok := value["$ref"].(string); ok {
			all = append(all, n.r.find(reference))
		} else {
			all = append(all, node{n.r, fmt.Sprintf("%s/%s/%d", n.at, name, i), value})
		}
	}
	return all
}

// schema is that of a parameter or of a media type.
func (n node) schema() *jsonschema.Schema {
	if n.value["schema"] == nil {
		return nil
	}
	return n.r.compile(address + n.at + "/schema")
}

var methods = []string{
	http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodHead, http.MethodPatch, http.MethodTrace,
}

func (r *reader) operations() (all []*operation) {
	paths := r.find("#/paths")
	for path := range paths.value {
		item := paths.in(path)
		for _, method := range methods {
			if n := item.in(strings.ToLower(method)); n.value != nil {
				all = append(all, r.operation(method, path, item, n))
			}
		}
	}
	return all
}

func (r *reader) operation(method, path string, item, n node) *operation {
	security, has := n.value["security"]
	if !has {
		security = r.document.(map[string]any)["security"]
	}
	asked, _ := security.([]any)
	o := &operation{method: method, path: strings.Split(path, "/"), needsToken: len(asked) > 0, answers: map[string]answer{}}
	for _, p := range append(item.list("parameters"), n.list("parameters")...) {
		o.parameters = append(o.parameters, p.parameter())
	}
	body := n.in("requestBody")
	o.body, o.needsBody = body.content(), body.value["required"] == true
	answers := n.in("responses")
	for status := range answers.value {
		response := answers.in(status)
		a := answer{content: response.content()}
		headers := response.in("headers")
		for name := range headers.value {
			p := headers.in(name).parameter()
			p.Name, p.In = name, "header"
			a.headers = append(a.headers, p)
		}
		o.answers[status] = a
		response.readExamples()
	}
	return o
}

func (n node) parameter() (p parameter) {
	n.decode(n.value, &p)
	p.schema = n.schema()
	if reference, ok := n.value["schema"].(map[string]any)["$ref"].(string); ok {
		n.decode(n.r.find(reference).value, &p.Schema)
	}
	return p
}

func (n node) content() content {
	media := n.in("content")
	if media.value == nil {
		return nil
	}
	all := content{}
	for kind := range media.value {
		all[kind] = media.in(kind).schema()
	}
	return all
}

// decode reads a value into a Go type.
func (n node) decode(value, into any) {
	encoded, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(encoded, into)
	}
	n.r.must(err)
}
