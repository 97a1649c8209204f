package office

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The most characters that a value may have.
const (
	MaxName = 100  // names, codes and numbers
	MaxNote = 1000 // descriptions and remarks
)

// TextKind is a kind of text, with its rules.
type TextKind int

const (
	Name TextKind = iota // of people, things and places
	Code                 // numbers and codes: nothing that nobody sees stands in them
	Note                 // descriptions and remarks
)

var (
	errNotUTF8 = errors.New("must be valid UTF-8 text")
	errControl = errors.New("must not contain control characters such as line breaks or tabs")
	// errLost: whoever decoded the text found no character there, and put U+FFFD.
	errLost = errors.New("was saved in another encoding, and a letter is lost: save the file as UTF-8")
)

// Parse is a text as it is kept: in Unicode's normal form C, so that one text
// has one spelling, without blanks around it, and without what nobody sees. Its
// error tells what is wrong, in words for the person who typed it: text that is
// not UTF-8 or was not before somebody else decoded it, control characters, too
// many characters.
func (k TextKind) Parse(typed string) (string, error) {
	switch {
	case isPlainText(typed):
		return typed, nil
	case !utf8.ValidString(typed):
		return "", errNotUTF8
	}
	s := norm.NFC.String(trim(strings.Map(k.keep, typed)))
	limit := MaxName
	if k == Note {
		limit = MaxNote
	}
	switch {
	case strings.ContainsFunc(s, isControl):
		return "", errControl
	case strings.ContainsRune(s, utf8.RuneError):
		return "", errLost
	case utf8.RuneCountInString(s) > limit:
		return "", fmt.Errorf("must be at most %d characters", limit)
	}
	return s, nil
}

// isPlainText tells, for almost every text, whether there is nothing to do.
func isPlainText(s string) bool {
	if len(s) > MaxName || len(s) > 0 && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// keep returns -1 for a character that is left out. In a name stay the unseen
// ones that change how their neighbours look.
func (k TextKind) keep(r rune) rune {
	isForeign := unicode.Is(unicode.Cf, r) && !isJoiner(r) && !isEmojiTag(r)
	if isUnseen(r) && (k == Code || isForeign) {
		return -1
	}
	return r
}

// trim takes off what looks blank. What changes the look of the last character
// belongs to it.
func trim(s string) string {
	isBlank := func(r rune) bool { return unicode.IsSpace(r) || isUnseen(r) }
	s = strings.TrimLeftFunc(s, isBlank)
	return strings.TrimRightFunc(s, func(r rune) bool {
		return isBlank(r) && !isEmojiTag(r) && !unicode.Is(unicode.Variation_Selector, r)
	})
}

// isUnseen tells whether nobody sees the character: format characters, and what
// else Unicode has programs ignore where they know nothing better, which are
// variation selectors and fillers; and the braille pattern without a dot.
func isUnseen(r rune) bool {
	const brailleBlank = '\u2800'
	return r >= utf8.RuneSelf && (r == brailleBlank ||
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point))
}

// isJoiner tells whether a character joins letters, or keeps them apart.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// isEmojiTag tells whether a character is one of those that spell out a flag.
func isEmojiTag(r rune) bool { return '\U000e0020' <= r && r <= '\U000e007f' }

// isControl tells whether a character is Unicode's control (Cc), or one of its
// two line breaks that are not.
func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// Fold maps text that differs only in letter case to one form, and so all
// spellings of a text that are canonically equivalent, so that both stores
// compare alike without knowing Unicode. It folds as Unicode's simple case
// folding does (ſ and S, K and the Kelvin sign), and then lowers what that
// leaves apart (İ to i). Accents are kept.
func Fold(s string) string {
	// A letter may have its accent within one case alone: J̌ and ǰ.
	return norm.NFC.String(strings.Map(foldRune, norm.NFC.String(s)))
}

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
	if least == '\u0345' { // an iota that is an accent, and would join the letter before it
		return 'ι'
	}
	return unicode.ToLower(least)
}

// searchText is the folded fields, one a line. A word that is searched for has
// no line break in it, so a match never runs from one field into the next.
func searchText(fields ...string) string { return foldSeen(strings.Join(fields, "\n")) }

// foldSeen folds what is seen of a text: who searches cannot type the rest.
func foldSeen(s string) string { return Fold(strings.Map(Code.keep, s)) }

// SearchWords are the folded words of what somebody typed into a search box,
// each once. A record matches when each of them is somewhere in its text.
func SearchWords(typed string) []string {
	words := strings.Fields(foldSeen(typed))
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
