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

// The greatest lengths of texts, in characters.
const (
	MaxName = 100  // names, codes and numbers
	MaxNote = 1000 // descriptions and remarks
)

// TextKind is a kind of text, with its rules.
type TextKind int

const (
	Name TextKind = iota // of people, things and places
	Code                 // numbers and codes: no invisible characters at all
	Note                 // descriptions and remarks
)

// Parse returns a text as it is kept: in Unicode's normal form C, so that equal texts are equal
// bytes, without blanks around it, and without invisible characters. Its error says what is
// wrong in words for the person who typed it.
func (k TextKind) Parse(typed string) (string, error) {
	switch {
	case isPlainText(typed):
		return typed, nil
	case !utf8.ValidString(typed):
		return "", errors.New("must be valid UTF-8 text")
	}
	s := norm.NFC.String(trim(strings.Map(k.keep, typed)))
	limit := MaxName
	if k == Note {
		limit = MaxNote
	}
	switch {
	case strings.ContainsFunc(s, isControl):
		return "", errors.New("must not contain control characters such as line breaks or tabs")
	case strings.ContainsRune(s, utf8.RuneError): // it was decoded wrongly before
		return "", errors.New("was saved in another encoding, and a letter is lost: save the file as UTF-8")
	case utf8.RuneCountInString(s) > limit:
		return "", fmt.Errorf("must be at most %d characters", limit)
	}
	return s, nil
}

// isPlainText recognizes texts that Parse returns unchanged: almost all of them.
func isPlainText(s string) bool {
	isOther := func(r rune) bool { return r < ' ' || r > '~' }
	return len(s) <= MaxName && s == strings.Trim(s, " ") && !strings.ContainsFunc(s, isOther)
}

// keep returns -1 for a character that is left out. Names and notes keep the invisible
// ones that change how their neighbours look.
func (k TextKind) keep(r rune) rune {
	isJoiner := r == '\u200c' || r == '\u200d' // joins letters, or keeps them apart
	isForeign := unicode.Is(unicode.Cf, r) && !isJoiner && !isEmojiTag(r)
	if isInvisible(r) && (k == Code || isForeign) {
		return -1
	}
	return r
}

// trim removes what looks blank at both ends. An invisible character that changes the
// look of the last visible one stays.
func trim(s string) string {
	isBlank := func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) }
	s = strings.TrimLeftFunc(s, isBlank)
	return strings.TrimRightFunc(s, func(r rune) bool {
		return isBlank(r) && !isEmojiTag(r) && !unicode.Is(unicode.Variation_Selector, r)
	})
}

// isInvisible tells whether a character is invisible: a format character, one that Unicode tells
// programs to ignore by default, such as variation selectors and fillers, or braille's blank.
func isInvisible(r rune) bool {
	const brailleBlank = '\u2800'
	return r >= utf8.RuneSelf && (r == brailleBlank ||
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point))
}

// isEmojiTag recognizes the characters that spell out a flag.
func isEmojiTag(r rune) bool { return '\U000e0020' <= r && r <= '\U000e007f' }

// isControl recognizes control characters (Cc) and Unicode's two other line breaks.
func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// Fold maps texts that differ only in letter case, or are canonically equivalent, to one
// form, so that both stores compare alike without knowing Unicode. It uses Unicode's
// simple case folding (ſ and S, K and the Kelvin sign), and then lower case for what
// that leaves apart (İ to i). It keeps accents.
func Fold(s string) string {
	// Some letters are one character with their accent in one case only: J̌ and ǰ.
	return norm.NFC.String(strings.Map(foldRune, norm.NFC.String(s)))
}

func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	// The orbit of a rune is those that are equal under folding; the least stands for all.
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	if least == '\u0345' { // an iota as an accent, which would join the letter before it
		return 'ι'
	}
	return unicode.ToLower(least)
}

// searchText is the folded fields, one per line. No search word contains a line break, so
// a match never runs from one field into the next.
func searchText(fields ...string) string { return foldVisible(strings.Join(fields, "\n")) }

// foldVisible folds the visible part of a text: nobody types the rest into a search.
func foldVisible(s string) string { return Fold(strings.Map(Code.keep, s)) }

// SearchWords are the folded words of a search, each once. What matches contains them all.
func SearchWords(typed string) []string {
	words := strings.Fields(foldVisible(typed))
	slices.Sort(words)
	return slices.Compact(words)
}

// MatchesAll tells whether the folded text contains every word: the rule of every search.
func MatchesAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
