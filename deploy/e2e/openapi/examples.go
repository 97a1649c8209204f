package openapi

import "slices"

// Example is an answer that the file shows.
type Example struct {
	Message    string
	StatusCode int
}

// Examples are all answers in the envelope that the file shows.
func (d *Description) Examples() []Example { return d.examples }

// readExamples reads the answers that a response shows.
func (n node) readExamples() {
	media := n.in("content")
	for kind := range media.value {
		one := media.in(kind)
		shown := []any{one.value["example"]}
		several := one.in("examples")
		for name := range several.value {
			shown = append(shown, several.in(name).value["value"])
		}
		for _, value := range shown {
			if _, isObject := value.(map[string]any); !isObject {
				continue
			}
			var example Example
			n.decode(value, &example)
			if example.Message != "" && !slices.Contains(n.r.examples, example) {
				n.r.examples = append(n.r.examples, example)
			}
		}
	}
}
