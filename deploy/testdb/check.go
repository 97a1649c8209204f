package main

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// checker holds a command to the rules.
type checker struct {
	// indexes are those of the collection of the command.
	indexes func() []indexSpec
	// met gets each rule that something in the command is held to.
	met func(rule)
}

// refusal is why MongoDB would not take a command, or that no rule covers it.
type refusal struct {
	code int32
	path []string // of the part that is refused
	says string
}

// uncovered points a developer who sends something new to the list.
const uncovered = "no rule covers it: look up what MongoDB asks of it, and add a rule to list.go and README.md of deploy/testdb"

// check returns the refusal of a command, or nil.
func (c checker) check(command string, body bson.Raw) *refusal {
	family, ok := commands[command]
	switch {
	case !ok:
		return &refusal{notImplemented, []string{command}, uncovered}
	case family == theDrivers:
		return nil
	}
	return documentOf(command)(c, bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: body})
}

// part checks a field of a document of that kind, or all of it.
func (c checker) part(kind, name string, v bson.RawValue) *refusal {
	found := rulesFor(kind, name)
	if found == nil && name != allOfIt {
		return &refusal{code: notImplemented, says: uncovered}
	}
	for _, r := range found {
		c.met(r)
		refused := r.form(c, v)
		if refused != nil && refused.says == "" {
			refused.code, refused.says = r.code, "must be "+r.keeps
		}
		if refused != nil {
			return refused
		}
	}
	return nil
}

// within is the refusal of a part of a field.
func (r *refusal) within(field string) *refusal {
	r.path = slices.Insert(r.path, 0, field)
	return r
}

func (r *refusal) Error() string {
	return fmt.Sprintf("testdb: %s: %s", strings.Join(r.path, "."), r.says)
}

// reply is the refusal as the server sends it.
func (r *refusal) reply() (bson.Raw, error) {
	return bson.Marshal(bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: r.Error()}, {Key: "code", Value: r.code}})
}
