package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

// Mode says what a missing field of a body means.
type Mode int

const (
	// Whole: the body is a whole object, so every required field must be there.
	Whole Mode = iota
	// Partial: the body is a change. A missing field is left alone; the others obey the rules.
	Partial
)

// Form is a JSON object that a client sent. Its methods take fields by their exact names,
// trim and check them, and note every problem. All other fields are ignored.
type Form struct {
	object   map[string]any
	mode     Mode
	prefix   string // the path of a nested object, as in "bank."
	problems *[]FieldError
}

// NewForm is the form of an object with values as json.Decoder makes them with UseNumber.
func NewForm(object map[string]any, mode Mode) *Form {
	return &Form{object: object, mode: mode, problems: new([]FieldError)}
}

func (f *Form) Problems() []FieldError { return *f.problems }

// Refuse notes a problem with a field.
func (f *Form) Refuse(name, message string) {
	*f.problems = append(*f.problems, FieldError{f.prefix + name, message})
}

// Required takes a text that must not be blank. It is nil if wrong, or missing from a change.
func (f *Form) Required(name string, kind office.TextKind) *string {
	f.require(name)
	text := f.Optional(name, kind)
	if text == nil || *text != "" {
		return text
	}
	if f.object[name] != nil { // otherwise require has noted that it is missing
		f.Refuse(name, "must not be blank")
	}
	return nil
}

// Optional takes a text that may be blank: empty if null or blank, nil if missing or wrong.
func (f *Form) Optional(name string, kind office.TextKind) *string {
	typed, ok := valueOf[string](f, name, "text")
	if !ok && (f.object[name] != nil || !f.Has(name)) { // and not null, which is blank
		return nil
	}
	text, err := kind.Parse(typed)
	if err != nil {
		f.Refuse(name, err.Error())
		return nil
	}
	return &text
}

// Text is Required for bodies that are always whole. It is empty when there is a problem.
func (f *Form) Text(name string, kind office.TextKind) string {
	return *cmp.Or(f.Required(name, kind), new(""))
}

// Secret takes a password exactly as typed. It must be text, and not empty.
func (f *Form) Secret(name string) string {
	text, ok := valueOf[string](f, name, "text")
	switch {
	case f.object[name] == nil:
		f.Refuse(name, "is required")
	case ok && text == "":
		f.Refuse(name, "must not be blank")
	}
	return text
}

// NewPassword is Secret for a new password. The user's army number is empty if not known yet.
func (f *Form) NewPassword(name, armyNumber string) string {
	typed := f.Secret(name)
	if typed != "" {
		if err := password.Check(typed, armyNumber); err != nil {
			f.Refuse(name, err.Error())
		}
	}
	return typed
}

// Has tells whether the client sent the field, even as null.
func (f *Form) Has(name string) bool {
	_, there := f.object[name]
	return there
}

// Nested takes an object. It is nil when the field is missing from a change, or is wrong.
func (f *Form) Nested(name string) *Form {
	object, ok := valueOf[map[string]any](f, name, "an object")
	if !ok {
		f.require(name)
		return nil
	}
	return &Form{object, f.mode, f.prefix + name + ".", f.problems}
}

// ID takes an id. It is nil when the field is missing from a change, or is wrong.
func (f *Form) ID(name string) *office.ID {
	text := f.Required(name, office.Code)
	if text == nil {
		return nil
	}
	id, err := office.ParseID(*text)
	if err != nil {
		f.Refuse(name, err.Error())
		return nil
	}
	return &id
}

// Choice takes one of the choices. It cannot be cleared: nil if missing, null, blank or wrong.
func Choice[T ~string](f *Form, name string, choices []T, otherwise string) *T {
	text := f.Optional(name, office.Name)
	if text == nil || *text == "" {
		return nil
	}
	choice := T(*text)
	if !slices.Contains(choices, choice) {
		f.Refuse(name, otherwise)
		return nil
	}
	return &choice
}

// Flag takes true or false. It is nil when the field is missing, null or wrong.
func (f *Form) Flag(name string) *bool {
	flag, ok := valueOf[bool](f, name, "true or false")
	if !ok {
		return nil
	}
	return &flag
}

// IDList is a list of ids that a client sent.
type IDList struct {
	IDs     []office.ID // never nil; each once, in the order sent
	Invalid []any       // the values that are not ids, as an answer may show them
}

// IDs takes a list of ids, at most that many. Things is the noun for them in a message.
func (f *Form) IDs(name string, most int, things string) IDList {
	sent, _ := valueOf[[]any](f, name, "an array")
	list := IDList{IDs: []office.ID{}}
	if len(sent) > most {
		f.Refuse(name, fmt.Sprintf("must name at most %d %s", most, things))
		return list
	}
	seen := make(map[office.ID]bool, len(sent))
	for _, value := range sent {
		text, _ := value.(string)
		id, err := office.ParseID(strings.TrimSpace(text))
		switch {
		case err != nil:
			list.Invalid = append(list.Invalid, shown(value))
		case !seen[id]:
			seen[id] = true
			list.IDs = append(list.IDs, id)
		}
	}
	return list
}

// valueOf takes a value of one kind, and notes a problem with a value of another.
func valueOf[T any](f *Form, name, kind string) (value T, ok bool) {
	value, ok = f.object[name].(T)
	if !ok && f.object[name] != nil {
		f.Refuse(name, fmt.Sprintf("must be %s, not %s", kind, kindOf(f.object[name])))
	}
	return value, ok
}

// require notes that a field is missing or null, unless it is left out of a change.
func (f *Form) require(name string) {
	if f.object[name] == nil && (f.mode == Whole || f.Has(name)) {
		f.Refuse(name, "is required")
	}
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "text"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}

// shown is a client's value as an answer may show it: texts, booleans, and numbers that
// every client can read are unchanged, and anything else becomes the name of its kind.
func shown(value any) any {
	switch value := value.(type) {
	case string, bool:
		return value
	case json.Number:
		if _, err := value.Float64(); err == nil {
			return value
		}
	}
	return kindOf(value)
}
