package search

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A gram has up to longestGram characters, or, of letters alone, up to longestOfLetters: most names
// are no longer. The index alone knows which records have a word that is one gram.
const (
	longestGram      = 3
	longestOfLetters = 8
)

// gramLength is how many of the first characters of a text are one gram, at most.
func gramLength(characters []rune) int {
	length := 0
	for length < min(len(characters), longestOfLetters) && unicode.IsLetter(characters[length]) {
		length++
	}
	return max(length, min(len(characters), longestGram))
}

// grams are all grams of a folded text, as words of letters and digits: the index knows no others.
// Each begins with the number of the database, so that a search meets nothing of other ones.
func grams(database int64, text string) string {
	var out []byte
	for field := range strings.SplitSeq(text, "\n") { // no word has a line break
		characters := []rune(field)
		for i := range characters {
			for length := range gramLength(characters[i:]) {
				out = appendGram(out, database, string(characters[i:i+length+1]))
			}
		}
	}
	return string(out)
}

// appendGram writes a gram. UTF-8 tells how many characters its bytes are: no two are written alike.
func appendGram(out []byte, database int64, gram string) []byte {
	out = strconv.AppendInt(append(out, ' '), database, 10)
	return hex.AppendEncode(append(out, 'x'), []byte(gram))
}

// isGram tells whether a word is one gram.
func isGram(word string) bool {
	characters := []rune(word)
	return gramLength(characters) == len(characters)
}

// matchOf is the query for the records with the longest grams of the words. If a word is
// not one gram, some of these records do not have it.
func matchOf(database int64, words []string) string {
	var wanted []string
	for _, word := range words {
		characters := []rune(word)
		for i, end := 0, 0; end < len(characters); i++ {
			if reach := i + gramLength(characters[i:]); reach > end {
				end = reach
				wanted = append(wanted, string(appendGram(nil, database, string(characters[i:end]))))
			}
		}
	}
	slices.Sort(wanted)
	return strings.Join(slices.Compact(wanted), "")
}
