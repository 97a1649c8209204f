package office

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestFold(t *testing.T) {
	cases := map[string]struct{ typed, want string }{
		"ASCII":                      {"N/17000 [Musa] {Z}", "n/17000 [musa] {z}"},
		"accents are kept":           {"ÉMILE Ñ", "émile ñ"},
		"long s is s":                {"Muſa", "musa"},
		"Kelvin sign is k":           {"\u212Aano", "kano"},
		"dotted capital I is i":      {"İbrahim", "ibrahim"},
		"dotless i is not i":         {"ı", "ı"},
		"every sigma is the same":    {"ΣσΣ", Fold("ςςς")},
		"capital sharp s is no ss":   {"STRAẞE", "straße"},
		"outside the first plane":    {"𐐀", "𐐨"},
		"no letters, nothing to do":  {"१२३ — 😀", "१२३ — 😀"},
		"what is not UTF-8 is shown": {"a\xffB", "a\uFFFDb"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Fold(test.typed); got != test.want {
				t.Errorf("Fold(%q) = %q, want %q", test.typed, got, test.want)
			}
		})
	}
}

// Both stores keep folded text and look for folded words in it: they agree
// only if folding twice is folding once, if all that Unicode calls equal folds
// alike, and if folding makes no blank, at which words are split. Past the first
// two planes, Unicode has no letter case.
func TestFoldHoldsForEveryRune(t *testing.T) {
	for r := range rune(0x20000) {
		folded := foldRune(r)
		if again := foldRune(folded); again != folded {
			t.Errorf("%U folds to %U, and that to %U", r, folded, again)
		}
		if other := unicode.SimpleFold(r); foldRune(other) != folded {
			t.Errorf("%U folds to %U, but its equal %U to %U", r, folded, other, foldRune(other))
		}
		if unicode.IsSpace(folded) != unicode.IsSpace(r) {
			t.Errorf("%U folds to %U: only one of them is a blank", r, folded)
		}
	}
}

func TestSearchWords(t *testing.T) {
	cases := map[string]struct {
		typed string
		want  []string
	}{
		"nothing":            {"", nil},
		"only blanks":        {" \t\u00A0\u2003 ", nil},
		"folded and sorted":  {"Musa IBRA", []string{"ibra", "musa"}},
		"each once":          {"musa Muſa MUSA", []string{"musa"}},
		"signs are text":     {`a.* (b+)+$ % _ \`, []string{"%", "(b+)+$", `\`, "_", "a.*"}},
		"any kind of blanks": {"a\u2003b\u00A0c", []string{"a", "b", "c"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := SearchWords(test.typed); !slices.Equal(got, test.want) {
				t.Errorf("SearchWords(%q) = %q, want %q", test.typed, got, test.want)
			}
		})
	}
}

func TestMatchesAll(t *testing.T) {
	text := Personnel{FirstName: "Ibrahim", MiddleName: "Aliyu", LastName: "Musa", ArmyNumber: "N/17.01"}.SearchText()
	cases := map[string]struct {
		typed string
		want  bool
	}{
		"nothing matches all":                {"", true},
		"words in any order":                 {"musa ibra", true},
		"middle name":                        {"LIYU", true},
		"army number":                        {"n/17.01", true},
		"the same word twice needs one":      {"musa musa", true},
		"a full stop is no pattern":          {"n/17-01", false},
		"one word of two is too few":         {"musa okoro", false},
		"never from one field into the next": {"ibrahimaliyu", false},
		"a line break is a blank":            {"ibrahim\naliyu", true},
		"longer than the name":               {"musaa", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := MatchesAll(text, SearchWords(test.typed)); got != test.want {
				t.Errorf("%q in %q: %v, want %v", test.typed, text, got, test.want)
			}
		})
	}
}

// What is searched in is folded, one field a line, and nothing but what the
// contract names.
func TestSearchTexts(t *testing.T) {
	person := Personnel{
		FirstName: "A", MiddleName: "B", LastName: "C", ArmyNumber: "N/1", PhoneNumber: "080", Rank: "Sgt",
		Bank: Bank{"First", "011"}, AcctNumber: "12", SubSector: "East", Location: "Jos", Remark: "on leave",
	}
	user := User{FirstName: "A", LastName: "B", ArmyNumber: "N/1", Role: RoleUser, PasswordHash: "hash", KeptToken: "0.x"}
	db := DB{Name: "Pay É", ShortCode: "P-1", Description: "of the east"}
	for want, got := range map[string]string{
		"a\nb\nc\nn/1": person.SearchText(), "a\nb\nn/1": user.SearchText(), "pay é\np-1": db.SearchText(),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCheckText(t *testing.T) {
	cases := map[string]struct {
		text string
		want error // nil for the error about the length
		ok   bool
	}{
		"empty":                       {text: "", ok: true},
		"at the limit":                {text: "abcde", ok: true},
		"characters, not bytes":       {text: "éééé😀", ok: true},
		"one character too many":      {text: "abcdef"},
		"one accent too many":         {text: "éééééé"},
		"not UTF-8":                   {text: "a\xc3", want: errNotUTF8},
		"half of a surrogate pair":    {text: "\xed\xa0\x80", want: errNotUTF8},
		"NUL":                         {text: "a\x00", want: errControl},
		"tab":                         {text: "a\tb", want: errControl},
		"line break":                  {text: "a\nb", want: errControl},
		"delete":                      {text: "a\x7f", want: errControl},
		"next line, a C1 control":     {text: "a\u0085", want: errControl},
		"line separator":              {text: "a\u2028b", want: errControl},
		"paragraph separator":         {text: "a\u2029b", want: errControl},
		"zero-width joiner":           {text: "👩\u200D🌾", ok: true},
		"right-to-left mark":          {text: "a\u200F", ok: true},
		"byte order mark":             {text: "a\uFEFF", ok: true},
		"not a character":             {text: "a\uFFFF\U0010FFFF", ok: true},
		"replacement character typed": {text: "\uFFFD", ok: true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := CheckText(test.text, 5)
			if (err == nil) != test.ok || (test.want != nil && err != test.want) {
				t.Errorf("CheckText(%q, 5) = %v, want %v", test.text, err, test.want)
			}
		})
	}
}

func TestCheckTextNamesTheLimit(t *testing.T) {
	err := CheckText(strings.Repeat("é", MaxName+1), MaxName)
	if err == nil || err.Error() != "must be at most 100 characters" {
		t.Errorf("got %v", err)
	}
}
