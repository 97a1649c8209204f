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
		"one spelling of an accent":  {"E\u0301 ọ\u0300 o\u0300\u0323", "é ọ\u0300 ọ\u0300"},
		"an accent of one case":      {"J\u030C", "\u01F0"},
		"an iota joins nothing":      {"ΚΑΙ και", "και και"},
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
		"what nobody sees":   {"\uFEFF Mu\u200Bsa \u200D", []string{"musa"}},
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

func TestParse(t *testing.T) {
	cases := map[string]struct{ typed, name, code string }{
		"nothing":                          {"", "", ""},
		"blanks around it":                 {" \t\u00A0Musa B\u2003\r\n", "Musa B", "Musa B"},
		"two spellings are one":            {"o\u0300\u0323 \u212B", "ọ\u0300 Å", "ọ\u0300 Å"},
		"zero-width space":                 {"8\u200B0", "80", "80"},
		"byte order mark, soft hyphen":     {"\uFEFF8\u00AD0", "80", "80"},
		"direction marks":                  {"\u202A80\u202C \u200F", "80", "80"},
		"what it parts is put together":    {"e\u200B\u0301", "é", "é"},
		"blanks among what nobody sees":    {"\u200B \uFEFF\u00A0Musa \u2060", "Musa", "Musa"},
		"nothing but joiners":              {"\u200D\u200C", "", ""},
		"nothing but fillers":              {"\u115F\u1160\u3164\uFFA0\u2800\u034F", "", ""},
		"nothing but variation selectors":  {"\uFE0F\u180B\U000E0100", "", ""},
		"joiners inside":                   {"می\u200Cرود \u200D", "می\u200Cرود", "میرود"},
		"a joined sign":                    {"👩\u200D🌾", "👩\u200D🌾", "👩🌾"},
		"a sign with its looks":            {"\uFE0F❤\uFE0F", "❤\uFE0F", "❤"},
		"a flag":                           {"🏴\U000E0067\U000E0062\U000E007F", "🏴\U000E0067\U000E0062\U000E007F", "🏴"},
		"not a character":                  {"a\uFFFF\U0010FFFF", "a\uFFFF\U0010FFFF", "a\uFFFF\U0010FFFF"},
		"at the limit, without the unseen": {strings.Repeat("e\u0301", 100) + "\u200B ", strings.Repeat("é", 100), strings.Repeat("é", 100)},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			for kind, want := range map[TextKind]string{Name: test.name, Note: test.name, Code: test.code} {
				if got, err := kind.Parse(test.typed); got != want || err != nil {
					t.Errorf("kind %d: %q is taken as %q, %v, want %q", kind, test.typed, got, err, want)
				}
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	const (
		notUTF8 = "must be valid UTF-8 text"
		control = "must not contain control characters such as line breaks or tabs"
		lost    = "was saved in another encoding, and a letter is lost: save the file as UTF-8"
	)
	for typed, want := range map[string]string{
		"a\xc3": notUTF8, "\xed\xa0\x80": notUTF8, // half of a surrogate pair
		"Ad\uFFFD": lost, "\uFFFD": lost,
		"a\x00": control, "a\tb": control, "a\nb": control, "a\x7f": control,
		"a\u0085b": control, "a\u2028b": control, "a\u2029b": control,
		strings.Repeat("é", MaxNote+1): "must be at most 1000 characters",
	} {
		if got, err := Note.Parse(typed); err == nil || err.Error() != want {
			t.Errorf("%q is taken as %q, %v, want %q", typed, got, err, want)
		}
	}
	for _, kind := range []TextKind{Name, Code} {
		if _, err := kind.Parse(strings.Repeat("é", MaxName+1)); err == nil || err.Error() != "must be at most 100 characters" {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
}
