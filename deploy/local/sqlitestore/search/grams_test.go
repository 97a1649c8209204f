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
	officetest.Equal(t, "the grams of letters and digits", grams(7, "aé1b"), " 7x61 7x61c3a9 7x61c3a931 7xc3a9 7xc3a931 7xc3a93162 7x31 7x3162 7x62")
	officetest.Equal(t, "how many grams nine letters have", strings.Count(grams(7, "abcdefghi"), " "), 8+8+7+6+5+4+3+2+1)
	officetest.Equal(t, "what is asked for", matchOf(7, []string{"abcd", "bc", "1a2b"}), " 7x316132 7x613262 7x61626364 7x6263")
	for word, want := range map[string]bool{"a": true, "1a2": true, "abcdefgh": true, "éabc": true, "1a2b": false, "abcdefghi": false, "abc-": false} {
		officetest.Equal(t, "whether it is one gram: "+word, isGram(word), want)
	}
}
