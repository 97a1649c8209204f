package personnel

import (
	"context"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"officepay.example/shared/office"
)

func TestReadFilters(t *testing.T) {
	const refused = "The filter must be one of all, active, inactive, awol, death, rtu, posted, cse."
	cases := map[string]struct {
		query   string
		want    Query
		problem string
	}{
		"nothing":            {"", Query{}, ""},
		"all":                {"filter=all", Query{}, ""},
		"all in capitals":    {"filter=ALL", Query{}, ""},
		"empty":              {"filter=&search=", Query{}, ""},
		"blanks":             {"filter=+&search=+", Query{}, ""},
		"status":             {"filter=rtu", Query{Status: office.StatusRTU}, ""},
		"status in capitals": {"filter=+AWOL+", Query{Status: office.StatusAWOL}, ""},
		"search":             {"search=Musa+IBRA", Query{Words: []string{"ibra", "musa"}}, ""},
		"both":               {"search=.*&filter=cse", Query{Words: []string{".*"}, Status: office.StatusCSE}, ""},
		"unknown":            {"filter=retired", Query{}, refused},
		"two":                {"filter=rtu,cse", Query{}, refused},
		"an operator":        {"filter[$ne]=x", Query{}, ""},
		"search too long":    {"search=" + strings.Repeat("a", 101), Query{}, "The search text must be at most 100 characters."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			params, err := url.ParseQuery(test.query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readFilters(params)
			if (err != nil) != (test.problem != "") || err != nil && err.Error() != test.problem {
				t.Errorf("error %v, want %q", err, test.problem)
			}
			if !slices.Equal(got.Words, test.want.Words) || got.Status != test.want.Status {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// counted is a store that counts how often it is asked for a step of the list.
type counted struct {
	Store
	steps int
}

func (c *counted) After(context.Context, office.Scope, office.Personnel, int) ([]office.RecordJSON, office.Personnel, error) {
	c.steps++
	return []office.RecordJSON{"{}"}, office.Personnel{}, nil
}

// HEAD asks whether there is a list, and reads no more than tells that.
func TestHeadReadsOneStep(t *testing.T) {
	store := &counted{}
	w := httptest.NewRecorder()
	streaming(store).ServeHTTP(w, httptest.NewRequest("HEAD", "/personnels", nil))
	if store.steps != 1 || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%d steps, %q, %v", store.steps, w.Body, w.Header())
	}
}
