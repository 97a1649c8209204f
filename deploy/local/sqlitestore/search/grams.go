package search

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longestGram is how many characters a gram has at most. A word of no more is
// one gram, so the index alone knows which records have it.
const longestGram = 3

// grams are all runs of one to three characters of a folded text, for the
// index: as words of letters and digits, since the index knows no others, each
// with the number of the database before it, so that a search meets nothing of other
// databases, however large they are.
func grams(database int64, text string) string {
	var out []byte
	for field := range strings.SplitSeq(text, "\n") { // no word has a line break
		for rest := field; rest != ""; {
			end := 0
			for range longestGram {
				_, size := utf8.DecodeRuneInString(rest[end:])
				if end += size; size == 0 {
					break
				}
				out = appendGram(out, database, rest[:end])
			}
			_, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
		}
	}
	return string(out)
}

// appendGram writes a gram. The bytes of UTF-8 tell how many characters they
// are, so no two grams are written alike.
func appendGram(out []byte, database int64, gram string) []byte {
	out = strconv.AppendInt(append(out, ' '), database, 10)
	return hex.AppendEncode(append(out, 'x'), []byte(gram))
}

// isLong tells whether a word has more characters than a gram.
func isLong(word string) bool { return utf8.RuneCountInString(word) > longestGram }

// match asks the index for the records with every gram of the words. For long words
// these are more than the records with the words.
func match(database int64, words []string) string {
	var wanted []string
	for _, word := range words {
		characters := []rune(word)
		length := min(len(characters), longestGram)
		for i := range len(characters) - length + 1 {
			wanted = append(wanted, string(appendGram(nil, database, string(characters[i:i+length]))))
		}
	}
	slices.Sort(wanted)
	return strings.Join(slices.Compact(wanted), "")
}
