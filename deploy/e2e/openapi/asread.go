package openapi

import (
	"encoding/json"
	"net/url"
	"strings"
)

// What follows brings a request into the form that the API reads: the rules
// that hold for every text, which a schema cannot say.

// queryAsRead is the query with its choices in lower letters.
func queryAsRead(query url.Values) url.Values {
	for _, name := range []string{"role", "filter"} {
		if query.Has(name) {
			query.Set(name, strings.ToLower(strings.TrimSpace(query.Get(name))))
		}
	}
	return query
}

// asRead is the body with its texts trimmed. What is not JSON stays as it is.
func asRead(body []byte) []byte {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber() // of any size
	var value any
	if decoder.Decode(&value) != nil {
		return body
	}
	encoded, err := json.Marshal(valueAsRead("", value))
	if err != nil {
		return body
	}
	return encoded
}

func valueAsRead(name string, value any) any {
	switch value := value.(type) {
	case string:
		return textAsRead(name, value)
	case json.Number:
		return 0 // the API reads no number in a request
	case []any:
		for i := range value {
			value[i] = valueAsRead(name, value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = valueAsRead(key, value[key])
		}
	}
	return value
}

// textAsRead trims a text. A password is not trimmed, and its length is in bytes.
func textAsRead(name, text string) string {
	if strings.HasSuffix(name, "password") {
		return strings.Repeat("x", len(text))
	}
	return strings.TrimSpace(text)
}
