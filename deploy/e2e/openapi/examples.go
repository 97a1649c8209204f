package openapi

import (
	"slices"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Example is an answer that the file shows.
type Example struct {
	Message    string `yaml:"message"`
	StatusCode int    `yaml:"statusCode"`
}

// Examples are all answers in the envelope that the file shows.
func (d *Description) Examples() []Example { return d.examples }

// examplesOf reads the answers that a document shows.
func examplesOf(document *v3.Document) (examples []Example) {
	for _, item := range document.Paths.PathItems.FromOldest() {
		for _, operation := range item.GetOperations().FromOldest() {
			for _, response := range operation.Responses.Codes.FromOldest() {
				for _, example := range shown(response) {
					if example.Message != "" && !slices.Contains(examples, example) {
						examples = append(examples, example)
					}
				}
			}
		}
	}
	return examples
}

func shown(response *v3.Response) (examples []Example) {
	for _, content := range response.Content.FromOldest() {
		var example Example
		if content.Example != nil && content.Example.Decode(&example) == nil {
			examples = append(examples, example)
		}
		for _, named := range content.Examples.FromOldest() {
			var example Example
			if named.Value != nil && named.Value.Decode(&example) == nil {
				examples = append(examples, example)
			}
		}
	}
	return examples
}
