package search

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A gram has up to longestGram characters or, if all are letters, up to longestOfLetters: most
// names are no longer. Which records have a word that is one gram, the index alone can tell.
const (
	longestGram      = 3
	longestOfLetters = 8
)

// gramLength is the length of the longest gram that a text begins with.
func gramLength(characters []rune) int {
	length := 0
	for length < min(len(characters), longestOfLetters) && unicode.IsLetter(characters[length]) {
		length++
	}
	return max(length, min(len(characters), longestGram))
}

// grams are all grams of a folded text, as words of letters and digits: the index knows no other
// words. Each begins with the number of the database, so that a search meets no other database.
func grams(database int64, text string) string {
	var out []byte
	for field := range strings.SplitSeq(text, "\n") { // no searched word has a line break
		characters := []rune(field)
		for i := range characters {
			for length := range gramLength(characters[i:]) {
				out = appendGram(out, database, string(characters[i:i+length+1]))
			}
		}
	}
	return string(out)
}

// appendGram writes the number of a database, an x, and the UTF-8 of a gram in hexadecimal.
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
// not one gram, some of these records may not have it.
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
