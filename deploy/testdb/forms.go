package main

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// form finds out whether a value is what a rule says. It returns nil if it is,
// the zero refusal if it is not, or the refusal of a part of it.
type form func(c checker, v bson.RawValue) *refusal

// when is the form of the values that fit.
func when(fits func(bson.RawValue) bool) form {
	return func(_ checker, v bson.RawValue) *refusal {
		if fits(v) {
			return nil
		}
		return new(refusal)
	}
}

var (
	anything = when(func(bson.RawValue) bool { return true })
	never    = when(func(bson.RawValue) bool { return false })
	boolean  = when(func(v bson.RawValue) bool { return v.Type == bson.TypeBoolean })
	number   = when(bson.RawValue.IsNumber)
	text     = when(func(v bson.RawValue) bool { return textOf(v) != "" })

	// plain is a value that has no parts.
	plain   = when(isPlain)
	defined = when(func(v bson.RawValue) bool { return v.Type != bson.TypeUndefined })
	regex   = when(func(v bson.RawValue) bool {
		pattern, options, ok := v.RegexOK()
		return ok && options == "" && len(pattern) <= maxRegex
	})

	wholeNumber   = when(isWhole)
	positive      = when(func(v bson.RawValue) bool { return isWhole(v) && numberOf(v) > 0 })
	wholeInt32    = when(func(v bson.RawValue) bool { return isWhole(v) && numberOf(v) <= math.MaxInt32 })
	zeroOrOne     = when(func(v bson.RawValue) bool { return numberOf(v) == 0 || numberOf(v) == 1 })
	oneOrMinusOne = when(func(v bson.RawValue) bool { return math.Abs(numberOf(v)) == 1 })

	collectionName = when(func(v bson.RawValue) bool {
		name := textOf(v)
		return name != "" && !strings.ContainsAny(name, "$\x00") && !strings.HasPrefix(name, "system.")
	})
	droppable   = when(func(v bson.RawValue) bool { return textOf(v) != "" && textOf(v) != "_id_" })
	noInclusion = when(func(v bson.RawValue) bool { return !v.IsNumber() && v.Type != bson.TypeBoolean })
)

// unmodified is what $push adds as one value.
var unmodified = when(func(v bson.RawValue) bool {
	doc, _ := v.DocumentOK()
	elements, err := doc.Elements()
	return err == nil && !slices.ContainsFunc(elements, func(e bson.RawElement) bool { return strings.HasPrefix(e.Key(), "$") })
})

func isWhole(v bson.RawValue) bool { return numberOf(v) >= 0 && numberOf(v) == math.Trunc(numberOf(v)) }

func isPlain(v bson.RawValue) bool {
	return !slices.Contains([]bson.Type{bson.TypeEmbeddedDocument, bson.TypeArray, bson.TypeRegex, bson.TypeUndefined}, v.Type)
}

func textOf(v bson.RawValue) string {
	s, _ := v.StringValueOK()
	return s
}

// numberOf is NaN if v is not a number.
func numberOf(v bson.RawValue) float64 {
	if f, ok := v.AsFloat64OK(); ok {
		return f
	}
	return math.NaN()
}

// oneOf is one of the texts.
func oneOf(texts ...string) form {
	return when(func(v bson.RawValue) bool { return slices.Contains(texts, textOf(v)) })
}

// anyOf is what one of the forms accepts. The last one says why none does.
func anyOf(forms ...form) form {
	return func(c checker, v bson.RawValue) (refused *refusal) {
		for _, form := range forms {
			if refused = form(c, v); refused == nil {
				return nil
			}
		}
		return refused
	}
}

// list is a list of least to most items.
func list(least, most int, item form) form {
	return func(c checker, v bson.RawValue) *refusal {
		array, ok := v.ArrayOK()
		items, err := array.Values()
		if !ok || err != nil || len(items) < least || len(items) > most {
			return new(refusal)
		}
		for i, one := range items {
			if refused := item(c, one); refused != nil {
				return refused.within(strconv.Itoa(i))
			}
		}
		return nil
	}
}

// documentOf is a document that keeps the rules of its kind, in each field and as a
// whole.
func documentOf(kind string) form {
	return func(c checker, v bson.RawValue) *refusal {
		doc, ok := v.DocumentOK()
		elements, err := doc.Elements()
		if !ok || err != nil {
			return new(refusal)
		}
		for _, e := range elements {
			if refused := c.part(kind, e.Key(), e.Value()); refused != nil {
				return refused.within(e.Key())
			}
		}
		return c.part(kind, allOfIt, v)
	}
}

// whenDocument is when of documents, by their elements.
func whenDocument(fits func(bson.Raw, []bson.RawElement) bool) form {
	return when(func(v bson.RawValue) bool {
		doc, _ := v.DocumentOK()
		elements, err := doc.Elements()
		return err == nil && fits(doc, elements)
	})
}

// fields is a document of least to most fields.
func fields(least, most int) form {
	return whenDocument(func(_ bson.Raw, elements []bson.RawElement) bool {
		return len(elements) >= least && len(elements) <= most
	})
}

// having is a document that has the fields.
func having(names ...string) form {
	return whenDocument(func(doc bson.Raw, _ []bson.RawElement) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return doc.Lookup(name).IsZero() })
	})
}

var (
	sixteenMB = whenDocument(func(doc bson.Raw, _ []bson.RawElement) bool { return len(doc) <= maxDocument })

	notMixed = whenDocument(func(_ bson.Raw, elements []bson.RawElement) bool {
		takes := map[bool]bool{}
		for _, e := range elements {
			if e.Key() != "_id" {
				takes[isTrue(e.Value())] = true
			}
		}
		return len(takes) < 2
	})

	// fullPaths are names of fields whose parts all have a name.
	fullPaths = whenDocument(func(_ bson.Raw, elements []bson.RawElement) bool {
		return len(elements) > 0 && !slices.ContainsFunc(elements, func(e bson.RawElement) bool {
			return slices.Contains(strings.Split(e.Key(), "."), "")
		})
	})

	// distinctPaths are those of a document of documents, none of which equals another or
	// is within it.
	distinctPaths = whenDocument(func(_ bson.Raw, operators []bson.RawElement) bool {
		var all []string
		for _, operator := range operators {
			doc, _ := operator.Value().DocumentOK()
			elements, _ := doc.Elements()
			for _, e := range elements {
				all = append(all, e.Key()+".")
			}
		}
		slices.Sort(all)
		for i := 1; i < len(all); i++ {
			if strings.HasPrefix(all[i], all[i-1]) {
				return false
			}
		}
		return len(operators) > 0
	})
)

func isTrue(v bson.RawValue) bool {
	b, _ := v.BooleanOK()
	return b || math.Abs(numberOf(v)) > 0
}

// keysOfIndex are the keys of an index of the command's collection.
func keysOfIndex(c checker, v bson.RawValue) *refusal {
	if slices.ContainsFunc(c.indexes(), func(i indexSpec) bool { return bytes.Equal(i.Key, v.Value) }) {
		return nil
	}
	return new(refusal)
}

// The collection that the operator's handbook says how to shard, and its key.
const sharded = "personnels"

var shardKeyFields = []string{"db_id", "army_number"}

// oneRecord is a command whose statements are for several records, or name the
// one: by its id, which every shard is asked for, or by the shard key.
func oneRecord(statements string) form {
	return whenDocument(func(command bson.Raw, _ []bson.RawElement) bool {
		if textOf(command.Index(0).Value()) != sharded {
			return true
		}
		return !slices.ContainsFunc(documentsIn(command, statements), func(statement bson.Raw) bool {
			isMulti := isTrue(statement.Lookup("multi")) || numberOf(statement.Lookup("limit")) == 0
			query, _ := statement.Lookup("q").DocumentOK()
			return !isMulti && !equals(query, "_id") && !equals(query, shardKeyFields...)
		})
	})
}

// equals tells whether a filter has a value for each of the fields.
func equals(filter bson.Raw, fields ...string) bool {
	return !slices.ContainsFunc(fields, func(field string) bool {
		v := filter.Lookup(field)
		return v.IsZero() || !isPlain(v)
	})
}
