package web

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"officepay.example/shared/office"
)

// formOf is the form of a body.
func formOf(t *testing.T, body string, mode Mode) *Form {
	t.Helper()
	form, err := Decode(post(body), mode, func(f *Form) *Form { return f })
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// ways are the ways to take the field x. What they give is shown quoted, or as
// nil.
var ways = map[string]func(*Form) string{
	"Required":                func(f *Form) string { return show(f.Required("x", office.Name)) },
	"Optional":                func(f *Form) string { return show(f.Optional("x", office.Name)) },
	"Text":                    func(f *Form) string { return strconv.Quote(f.Text("x", office.Name)) },
	"Optional, or else empty": func(f *Form) string { return strconv.Quote(*cmp.Or(f.Optional("x", office.Name), new(""))) },
	"Secret":                  func(f *Form) string { return strconv.Quote(f.Secret("x")) },
	"NewPassword":             func(f *Form) string { return strconv.Quote(f.NewPassword("x", "N/1")) },
	"ID": func(f *Form) string {
		if id := f.ID("x"); id != nil {
			return strconv.Quote(id.Hex())
		}
		return "nil"
	},
}

func show(text *string) string {
	if text == nil {
		return "nil"
	}
	return strconv.Quote(*text)
}

const (
	required = "the x is required"
	blank    = "the x must not be blank"
	tooLong  = "the x must be at most 100 characters"
	control  = "the x must not contain control characters such as line breaks or tabs"
	number   = "the x must be text, not a number"
	badID    = "the x must be an id of 24 hex digits"
	someID   = "0123456789abcdef01234567"
)

var longest = strings.Repeat("é", office.MaxName)

// forms say what each way makes of a body: a problem, or, where that is empty,
// a value. Promise 17: absent, null and empty are different.
var forms = []struct {
	way, body             string
	whole, wholeProblem   string
	change, changeProblem string
}{
	{"Required", `{}`, "nil", required, "nil", ""},
	{"Required", `{"X":"a"}`, "nil", required, "nil", ""},
	{"Required", `{"x":null}`, "nil", required, "nil", required},
	{"Required", `{"x":""}`, "nil", blank, "nil", blank},
	{"Required", `{"x":" \t\u2003"}`, "nil", blank, "nil", blank},
	{"Required", `{"x":" ab\n"}`, `"ab"`, "", `"ab"`, ""},
	{"Required", `{"x":"a\nb"}`, "nil", control, "nil", control},
	{"Required", `{"x":"a\u0000"}`, "nil", control, "nil", control},
	{"Required", `{"x":"` + longest + `é"}`, "nil", tooLong, "nil", tooLong},
	{"Required", `{"x":"` + longest + `   \u200b"}`, `"` + longest + `"`, "", `"` + longest + `"`, ""},
	{"Required", `{"x":1}`, "nil", number, "nil", number},
	{"Required", `{"x":{"$gt":""}}`, "nil", "the x must be text, not an object", "nil", "the x must be text, not an object"},
	{"Optional", `{}`, "nil", "", "nil", ""},
	{"Optional", `{"X":1}`, "nil", "", "nil", ""},
	{"Optional", `{"x":null}`, `""`, "", `""`, ""},
	{"Optional", `{"x":""}`, `""`, "", `""`, ""},
	{"Optional", `{"x":"  "}`, `""`, "", `""`, ""},
	{"Optional", `{"x":" a "}`, `"a"`, "", `"a"`, ""},
	{"Optional", `{"x":"` + longest + `f"}`, "nil", tooLong, "nil", tooLong},
	{"Optional", `{"x":[]}`, "nil", "the x must be text, not an array", "nil", "the x must be text, not an array"},
	{"Optional", `{"x":false}`, "nil", "the x must be text, not true or false", "nil", "the x must be text, not true or false"},
	{"Text", `{"x":" a "}`, `"a"`, "", `"a"`, ""},
	{"Text", `{}`, `""`, required, `""`, ""},
	{"Optional, or else empty", `{}`, `""`, "", `""`, ""},
	{"Optional, or else empty", `{"x":null}`, `""`, "", `""`, ""},
	{"Optional, or else empty", `{"x":1}`, `""`, number, `""`, number},
	{"NewPassword", `{}`, `""`, required, `""`, required},
	{"NewPassword", `{"x":" pass 1 "}`, `" pass 1 "`, "", `" pass 1 "`, ""},
	{"NewPassword", `{"x":"12345"}`, `"12345"`, "the x must be at least 6 characters", `"12345"`, "the x must be at least 6 characters"},
	{"Secret", `{}`, `""`, required, `""`, required},
	{"Secret", `{"x":null}`, `""`, required, `""`, required},
	{"Secret", `{"x":""}`, `""`, blank, `""`, blank},
	{"Secret", `{"x":123456}`, `""`, number, `""`, number},
	{"Secret", `{"x":"  pass 😀  "}`, `"  pass 😀  "`, "", `"  pass 😀  "`, ""},
	{"ID", `{}`, "nil", required, "nil", ""},
	{"ID", `{"x":null}`, "nil", required, "nil", required},
	{"ID", `{"x":"` + someID + ` "}`, `"` + someID + `"`, "", `"` + someID + `"`, ""},
	{"ID", `{"x":"` + someID + `0"}`, "nil", badID, "nil", badID},
	{"ID", `{"x":{"$oid":"` + someID + `"}}`, "nil", "the x must be text, not an object", "nil", "the x must be text, not an object"},
}

func TestFormFields(t *testing.T) {
	for _, test := range forms {
		t.Run(test.way+test.body, func(t *testing.T) {
			checkForm(t, test.way, formOf(t, test.body, Whole), test.whole, test.wholeProblem)
			checkForm(t, test.way, formOf(t, test.body, Partial), test.change, test.changeProblem)
		})
	}
}

func checkForm(t *testing.T, way string, form *Form, want, problem string) {
	t.Helper()
	if got := ways[way](form); got != want {
		t.Errorf("mode %d: got %s, want %s", form.mode, got, want)
	}
	switch problems := form.Problems(); {
	case problem == "" && len(problems) > 0:
		t.Errorf("mode %d: problems %v, want none", form.mode, problems)
	case problem != "" && (len(problems) != 1 || problems[0].String() != problem):
		t.Errorf("mode %d: problems %v, want %q", form.mode, problems, problem)
	}
}

func TestFormNested(t *testing.T) {
	const notObject = "the bank must be an object, not text"
	cases := map[string]struct{ body, whole, change string }{
		"absent":         {`{}`, "the bank is required", ""},
		"null":           {`{"bank":null}`, "the bank is required", "the bank is required"},
		"of wrong kind":  {`{"bank":"First"}`, notObject, notObject},
		"empty":          {`{"bank":{}}`, "the bank's name is required", ""},
		"field is blank": {`{"bank":{"name":" "}}`, "the bank's name must not be blank", "the bank's name must not be blank"},
		"outer field":    {`{"bank":{},"name":"First"}`, "the bank's name is required", ""},
		"good":           {`{"bank":{"name":"First"}}`, "", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			for mode, want := range map[Mode]string{Whole: test.whole, Partial: test.change} {
				form := formOf(t, test.body, mode)
				if bank := form.Nested("bank"); bank != nil {
					bank.Required("name", office.Name)
				}
				if got := firstProblem(form); got != want || len(form.Problems()) > 1 {
					t.Errorf("mode %d: problems %v, want %q", mode, form.Problems(), want)
				}
			}
		})
	}
}

func firstProblem(f *Form) string {
	if len(f.Problems()) == 0 {
		return ""
	}
	return f.Problems()[0].String()
}

func TestFormArray(t *testing.T) {
	cases := map[string]struct {
		body    string
		want    []any
		has     bool
		problem string
	}{
		"absent":        {`{}`, nil, false, ""},
		"null":          {`{"x":null}`, nil, true, ""},
		"empty":         {`{"x":[]}`, nil, true, ""},
		"of any kinds":  {`{"x":["a",null,true]}`, []any{"a", nil, true}, true, ""},
		"of wrong kind": {`{"x":"a"}`, nil, true, "the x must be an array, not text"},
		"an object":     {`{"x":{"0":"a"}}`, nil, true, "the x must be an array, not an object"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			form := formOf(t, test.body, Whole)
			if got, _ := valueOf[[]any](form, "x", "an array"); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if firstProblem(form) != test.problem || form.Has("x") != test.has {
				t.Errorf("problems %v, has %v", form.Problems(), form.Has("x"))
			}
		})
	}
}

// Promise 6: a field is taken by its exact name, and by no other that
// encoding/json would let pass for it.
func TestFormNamesAreExact(t *testing.T) {
	for _, body := range []string{`{"ROLE":"a"}`, `{"Role":"a"}`, `{" role":"a"}`, `{"role\u0000":"a"}`, `{"r":{"role":"a"}}`} {
		if form := formOf(t, body, Partial); form.Has("role") || form.Required("role", office.Name) != nil {
			t.Errorf("%s gives a role", body)
		}
	}
	if form := formOf(t, `{"iſDeleted":true}`, Partial); form.Has("isDeleted") {
		t.Error("a long s passes for an s")
	}
}

func TestFormRefuse(t *testing.T) {
	form := formOf(t, `{"bank":{"branch":{}}}`, Whole)
	form.Nested("bank").Refuse("name", "is closed")
	form.Nested("bank").Nested("branch").Text("code", office.Name)
	form.Refuse("rank", "is unknown")
	want := []FieldError{{"bank.name", "is closed"}, {"bank.branch.code", "is required"}, {"rank", "is unknown"}}
	err := InvalidFields(form.Problems()...)
	if !slices.Equal(form.Problems(), want) || err.Error() != "The bank's name is closed, and 2 more." {
		t.Errorf("problems %v, error %v", form.Problems(), err)
	}
}

// What is not an id is shown again, but nothing that a client could not read, or
// that is null.
func TestShown(t *testing.T) {
	form := formOf(t, `{"x":["N/1","",7,-1.5e3,true,null,1e9999,[1e9999],{"$ne":null}]}`, Whole)
	want := []any{"N/1", "", json.Number("7"), json.Number("-1.5e3"), true, "null", "a number", "an array", "an object"}
	values, _ := valueOf[[]any](form, "x", "an array")
	for i, value := range values {
		if got := shown(value); got != want[i] {
			t.Errorf("%v is shown as %v, want %v", value, got, want[i])
		}
	}
}
