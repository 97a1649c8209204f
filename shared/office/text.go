package office

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The most characters that a value may have.
const (
	MaxName = 100  // names, codes and numbers
	MaxNote = 1000 // descriptions and remarks
)

var (
	errNotUTF8 = errors.New("must be valid UTF-8 text")
	errControl = errors.New("must not contain control characters such as line breaks or tabs")
)

// CheckText tells what is wrong with a value, in words for the person who
// typed it: text that is not UTF-8, control characters, more than limit
// characters.
func CheckText(s string, limit int) error {
	switch {
	case !utf8.ValidString(s):
		return errNotUTF8
	case strings.ContainsFunc(s, isControl):
		return errControl
	case utf8.RuneCountInString(s) > limit:
		return fmt.Errorf("must be at most %d characters", limit)
	}
	return nil
}

// isControl tells whether a character is Unicode's control (Cc), or one of its
// two line breaks that are not. Marks that other scripts are written with, such
// as the zero-width joiner and the direction of a name, are text.
func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// Fold maps text that differs only in letter case to one form, rune by rune,
// so that both stores compare alike without knowing Unicode. It folds as
// Unicode's simple case folding does (ſ and S, K and the Kelvin sign), and
// then lowers what that leaves apart (İ to i). Accents are kept.
func Fold(s string) string { return strings.Map(foldRune, s) }

func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	// The orbit of a rune is the cycle of runes that are equal under folding;
	// its least member stands for all.
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return unicode.ToLower(least)
}

// searchText is the folded fields, one a line. A word that is searched for has
// no line break in it, so a match never runs from one field into the next.
func searchText(fields ...string) string { return Fold(strings.Join(fields, "\n")) }

// SearchWords are the folded words of what somebody typed into a search box,
// each once. A record matches when each of them is somewhere in its text.
func SearchWords(typed string) []string {
	words := strings.Fields(Fold(typed))
	slices.Sort(words)
	return slices.Compact(words)
}

// MatchesAll tells whether every word stands in the folded text: the rule
// that every store's search must agree with.
func MatchesAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
