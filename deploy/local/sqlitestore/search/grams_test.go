package search

import (
	"strings"
	"testing"

	"officepay.example/shared/office/officetest"
)

// No two grams look alike to the index, and no text can say anything to it but
// itself.
func TestGrams(t *testing.T) {
	seen := map[string]string{}
	for _, gram := range []string{"a", "aa", "aaa", "é", "ée", "日", "日本", "日本語", "😀", "\"", "' OR", "*", "a*b", "\x00", "\x1f"} {
		written := string(appendGram(nil, 12, gram))
		if strings.Trim(written, " 0123456789abcdefx") != "" {
			t.Errorf("%q is written %q", gram, written)
		}
		if other, ok := seen[written]; ok {
			t.Errorf("%q and %q are written alike", gram, other)
		}
		seen[written] = gram
	}
	officetest.Equal(t, "the grams of two fields", grams(7, "aé\nb"), " 7x61 7x61c3a9 7xc3a9 7x62")
	officetest.Equal(t, "what is asked for", match(7, []string{"abcd", "bc"}), " 7x616263 7x6263 7x626364")
}
