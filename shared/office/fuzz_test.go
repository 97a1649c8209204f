package office

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FuzzText holds the rules of text and ids against whatever is typed: what is
// taken is text that can be kept and shown (promise 16), and a search finds
// what holds the typed words, whatever signs are in them (promise 18).
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", " ", "Musa IBRA", "É é ſ İ ı ẞ ς 𐐀", `%_\ .* (a+)+$ ') OR 1=1 --`, "a\x00b", "a\u0085", "a\u2028b", "\u200b\ufeff\u202e",
		"a\xff", "\xed\xa0\x80", "\u212a", "0123456789abcdefABCDEF01", "00000000000000000000000g", "٠00000000000000000000000",
	} {
		f.Add(seed, "Ibrahim")
	}
	f.Fuzz(func(t *testing.T, typed, other string) {
		checkTextRule(t, typed)
		checkFold(t, typed)
		checkWords(t, typed, other)
		checkID(t, typed)
	})
}

// checkTextRule holds what is kept of a text against the rules.
func checkTextRule(t *testing.T, typed string) {
	t.Helper()
	control := func(r rune) bool { return r < ' ' || 0x7F <= r && r < 0xA0 || r == 0x2028 || r == 0x2029 }
	for _, kind := range []TextKind{Name, Code, Note} {
		kept, err := kind.Parse(typed)
		if again, _ := kind.Parse(kept); again != kept {
			t.Errorf("%q is kept as %q, and that as %q", typed, kept, again)
		}
		if err == nil && (!utf8.ValidString(typed) || strings.ContainsFunc(kept, control) || len([]rune(kept)) > MaxNote ||
			strings.TrimSpace(kept) != kept || !norm.NFC.IsNormalString(kept) || kind == Code && strings.ContainsFunc(kept, isInvisible)) {
			t.Errorf("kind %d: %q is kept as %q", kind, typed, kept)
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if other, _ := kind.Parse(form.String(typed)); utf8.ValidString(typed) && other != kept {
				t.Errorf("kind %d: %q is kept as %q, and in another spelling as %q", kind, typed, kept, other)
			}
		}
		if err == nil && Fold(kept) != Fold(norm.NFD.String(kept)) {
			t.Errorf("%q folds to two texts", kept)
		}
	}
}

func checkFold(t *testing.T, typed string) {
	t.Helper()
	folded := Fold(typed)
	if Fold(folded) != folded || !utf8.ValidString(folded) {
		t.Errorf("%q folds to %q, and that to %q", typed, folded, Fold(folded))
	}
	if Fold(strings.ToValidUTF8(typed, "")) != Fold(strings.ToLower(strings.ToValidUTF8(typed, ""))) {
		t.Errorf("%q folds to another text than its lower case", typed)
	}
}

// checkWords compares a search with a plain look at every word.
func checkWords(t *testing.T, typed, other string) {
	t.Helper()
	words := SearchWords(typed)
	for _, word := range words {
		if word == "" || Fold(word) != word || len(strings.Fields(word)) != 1 {
			t.Errorf("%q is searched for as %q", typed, words)
		}
	}
	if !slices.IsSorted(words) || !MatchesAll(searchText(typed, other), words) || !MatchesAll(searchText(other, typed), words) {
		t.Errorf("%q is not found in itself, as %q", typed, words)
	}
	want := true
	for word := range strings.FieldsSeq(strings.Map(Code.keep, typed)) {
		want = want && strings.Contains(foldVisible(other), Fold(word))
	}
	if got := MatchesAll(searchText(other), words); got != want {
		t.Errorf("%q in %q: %v, want %v", typed, other, got, want)
	}
}

func checkID(t *testing.T, typed string) {
	t.Helper()
	noDigit := func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }
	good := len(typed) == 24 && !strings.ContainsFunc(typed, noDigit)
	id, err := ParseID(typed)
	if (err == nil) != good || good && id.Hex() != strings.ToLower(typed) {
		t.Errorf("ParseID(%q) = %v, %v", typed, id, err)
	}
}
