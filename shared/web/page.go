package web

import (
	"cmp"
	"errors"
	"iter"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"officepay.example/shared/office"
)

// The limits of a page in the contract. The frontend exports with the largest.
const (
	DefaultLimit = 10
	MaxLimit     = 10000
	// maxPage is beyond the end of any list, and keeps offsets from overflowing.
	maxPage = math.MaxInt32
)

// Page is the part of a list that a client asks for. The first page is number 1.
type Page struct {
	Number int
	Limit  int
}

// Offset is how many items come before the page.
func (p Page) Offset() int { return (p.Number - 1) * p.Limit }

// ReadPage takes page and limit from a query.
func ReadPage(query url.Values) (Page, error) {
	number, err := readNumber(query, "page", 1, maxPage)
	limit, limitErr := readNumber(query, "limit", DefaultLimit, MaxLimit)
	return Page{number, limit}, cmp.Or(err, limitErr)
}

// readNumber reads a whole number. Above highest, it is highest; missing or below 1, it is fallback.
func readNumber(query url.Values, name string, fallback, highest int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return fallback, nil
	}
	// Beyond int64, ParseInt returns the nearest: good enough for a limit, but not for a page.
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && (name == "page" || !errors.Is(err, strconv.ErrRange)) {
		return 0, Invalid(name, "must be a whole number")
	}
	if n < 1 {
		return fallback, nil
	}
	return int(min(n, int64(highest))), nil
}

// List is the data of a paginated response.
type List[T any] struct {
	Data []T  `json:"data"`
	Meta Meta `json:"meta"`
}

// Meta says which part of the whole a List is.
type Meta struct {
	Total           int  `json:"total"`
	Page            int  `json:"page"`
	Limit           int  `json:"limit"`
	PageCount       int  `json:"pageCount"` // at least 1
	HasNextPage     bool `json:"hasNextPage"`
	HasPreviousPage bool `json:"hasPrevPage"`
}

func (l List[T]) AppendJSON(out []byte) (_ []byte, err error) {
	out = append(out, listBegin...)
	for i, item := range l.Data {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = appendData(out, item); err != nil {
			return out, err
		}
	}
	out, err = appendData(append(out, listMeta...), l.Meta)
	return append(out, '}'), err
}

const (
	listBegin = `{"data":[`
	listMeta  = `],"meta":`
)

// StreamPage is an answer with a page of items, of which only some are in memory at a time.
// More are further fields in JSON, each after a comma. The total is read after the last step.
func StreamPage[T any](message string, page Page, total *int, steps iter.Seq2[[]T, error], more ...string) (*Answer, error) {
	end := func(out []byte) ([]byte, error) {
		out, err := appendData(append(out, listMeta...), NewList[T](nil, page, *total).Meta)
		return append(append(out, strings.Join(more, "")...), '}'), err
	}
	return &Answer{Stream: StreamEnvelope(message, listBegin, steps, end), isBrief: true}, nil
}

// streamChunk is the least number of bytes in a chunk. Only the last chunk may be shorter.
const streamChunk = 32 << 10

// StreamEnvelope is the envelope with a list as data, which begin opens and end closes.
func StreamEnvelope[T any](message, begin string, steps iter.Seq2[[]T, error], end func([]byte) ([]byte, error)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		chunk, separator := append((&Answer{Message: message}).appendBegin(nil), begin...), ""
		for items, err := range steps {
			for i := 0; i < len(items) && err == nil; i++ {
				chunk, err = appendData(append(chunk, separator...), items[i])
				separator = ",\n"
				if err == nil && len(chunk) >= streamChunk {
					if !yield(chunk, nil) {
						return
					}
					chunk = chunk[:0]
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(nil, nil) { // so that others get the slot between two steps
				return
			}
		}
		chunk, err := end(chunk)
		yield(append(chunk, "}\n"...), err)
	}
}

// NewList is a page of items out of total.
func NewList[T any](items []T, page Page, total int) List[T] {
	pages := max(1, (total+page.Limit-1)/page.Limit)
	return List[T]{items, Meta{
		Total: total, Page: page.Number, Limit: page.Limit, PageCount: pages,
		HasNextPage: page.Number < pages, HasPreviousPage: page.Number > 1,
	}}
}

// ReadSearch takes the words of the parameter search from a query.
func ReadSearch(query url.Values) ([]string, error) {
	typed, err := office.Name.Parse(query.Get("search"))
	if err != nil {
		return nil, Invalid("search", err.Error())
	}
	return office.SearchWords(typed), nil
}

// ReadChoice checks that a parameter is one of the choices, or empty.
func ReadChoice[T ~string](name, text string, choices []T) (T, error) {
	choice := T(strings.TrimSpace(text))
	if choice != "" && !slices.Contains(choices, choice) {
		return "", Invalid(name, "must be one of "+office.Join(choices, ", "))
	}
	return choice, nil
}

// ReadList takes page, limit and search from a query.
func ReadList(query url.Values) (Page, []string, error) {
	page, err := ReadPage(query)
	words, wordsErr := ReadSearch(query)
	return page, words, cmp.Or(err, wordsErr)
}
