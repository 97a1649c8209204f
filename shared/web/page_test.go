package web

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// pages are queries, and the page or the problem that each is.
var pages = map[string]struct {
	query   string
	want    Page
	problem string // empty for none
}{
	"nothing said":         {"", Page{1, 10}, ""},
	"said as nothing":      {"page=&limit=", Page{1, 10}, ""},
	"both":                 {"page=3&limit=25", Page{3, 25}, ""},
	"zero is the standard": {"page=0&limit=0", Page{1, 10}, ""},
	"negative too":         {"page=-7&limit=-1", Page{1, 10}, ""},
	"far below int64":      {"limit=-99999999999999999999", Page{1, 10}, ""},
	"a page far below":     {"page=-99999999999999999999", Page{}, "The page must be a whole number."},
	"the export":           {"limit=10000", Page{1, 10000}, ""},
	"above the most":       {"limit=10001", Page{1, 10000}, ""},
	"far above int64":      {"page=9223372036854775807&limit=99999999999999999999", Page{maxPage, 10000}, ""},
	"a page far above":     {"page=99999999999999999999", Page{}, "The page must be a whole number."},
	"leading zeros":        {"page=007", Page{7, 10}, ""},
	"not a number":         {"page=two", Page{}, "The page must be a whole number."},
	"a fraction":           {"limit=1.5", Page{}, "The limit must be a whole number."},
	"a whole fraction":     {"page=2.0", Page{}, "The page must be a whole number."},
	"an exponent":          {"limit=1e3", Page{}, "The limit must be a whole number."},
	"hexadecimal":          {"limit=0x10", Page{}, "The limit must be a whole number."},
	"blanks around":        {"page=+5", Page{}, "The page must be a whole number."},
	"digits of India":      {"page=१", Page{}, "The page must be a whole number."},
}

func TestReadPage(t *testing.T) {
	for name, test := range pages {
		t.Run(name, func(t *testing.T) {
			query, err := url.ParseQuery(test.query)
			if err != nil {
				t.Fatal(err)
			}
			page, err := ReadPage(query)
			if test.problem == "" && (err != nil || page != test.want) {
				t.Errorf("got %+v, %v, want %+v", page, err, test.want)
			}
			if test.problem != "" && (err == nil || checkRefusal(t, err).Message != test.problem) {
				t.Errorf("got %+v, %v, want %s", page, err, test.problem)
			}
		})
	}
}

func TestOffset(t *testing.T) {
	for page, want := range map[Page]int{
		{1, 10}: 0, {2, 10}: 10, {3, 25}: 50, {maxPage, MaxLimit}: (math.MaxInt32 - 1) * 10000,
	} {
		if got := page.Offset(); got != want {
			t.Errorf("offset of %+v is %d, want %d", page, got, want)
		}
	}
}

func TestNewList(t *testing.T) {
	cases := map[string]struct {
		page  Page
		total int
		want  Meta
	}{
		"empty":          {Page{1, 10}, 0, Meta{0, 1, 10, 1, false, false}},
		"one page":       {Page{1, 10}, 10, Meta{10, 1, 10, 1, false, false}},
		"one more":       {Page{1, 10}, 11, Meta{11, 1, 10, 2, true, false}},
		"in the middle":  {Page{2, 10}, 30, Meta{30, 2, 10, 3, true, true}},
		"the last":       {Page{3, 10}, 21, Meta{21, 3, 10, 3, false, true}},
		"past the end":   {Page{9, 10}, 21, Meta{21, 9, 10, 3, false, true}},
		"past all":       {Page{maxPage, MaxLimit}, 1, Meta{1, maxPage, MaxLimit, 1, false, true}},
		"one on a page":  {Page{2, 1}, 3, Meta{3, 2, 1, 3, true, true}},
		"past an empty":  {Page{2, 10}, 0, Meta{0, 2, 10, 1, false, true}},
		"limit as asked": {Page{1, 10000}, 5, Meta{5, 1, 10000, 1, false, false}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := NewList([]string{}, test.page, test.total).Meta; got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestListsAreNeverNull(t *testing.T) {
	body, err := NewList[string](nil, Page{1, 10}, 0).AppendJSON(nil)
	want := `{"data":[],"meta":{"total":0,"page":1,"limit":10,"pageCount":1,"hasNextPage":false,"hasPrevPage":false}}`
	if err != nil || string(body) != want {
		t.Errorf("got %s, %v\nwant %s", body, err, want)
	}
}

func TestReadSearch(t *testing.T) {
	cases := map[string]struct {
		typed   string
		want    []string
		problem string
	}{
		"nothing":       {"", nil, ""},
		"blanks":        {"  ", nil, ""},
		"two words":     {" Musa IBRA ", []string{"ibra", "musa"}, ""},
		"signs":         {`.*(%_\$ne`, []string{`.*(%_\$ne`}, ""},
		"100 letters":   {strings.Repeat("é", 100), []string{strings.Repeat("é", 100)}, ""},
		"101 letters":   {strings.Repeat("é", 101), nil, "The search text must be at most 100 characters."},
		"control":       {"a\x00", nil, "The search text must not contain control characters such as line breaks or tabs."},
		"not UTF-8":     {"a\xff", nil, "The search text must be valid UTF-8 text."},
		"a tab between": {"a\tb", nil, "The search text must not contain control characters such as line breaks or tabs."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ReadSearch(url.Values{"search": {test.typed}})
			if !slices.Equal(got, test.want) || (err != nil) != (test.problem != "") {
				t.Errorf("got %q, %v", got, err)
			}
			if err != nil && checkRefusal(t, err).Message != test.problem {
				t.Errorf("got %v, want %s", err, test.problem)
			}
		})
	}
}
