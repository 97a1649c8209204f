package extjson

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
)

// FuzzReader holds the reader against whatever is in them: it ends,
// and no byte is lost that is not between documents.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{"a":1}{"b":[{}]}`, "\ufeff[{\"a\":\"]}\\\"\"},\r\n{\n\"b\":{\n{}}}]", "{\"a\n{\"b\":1}\n", "[1, 2]\n]", "\xef{}", "\xff\xfe{", `{"a":"\ud800"}`, "<html>\n{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		docs, err := NewReader(bytes.NewReader(content))
		if err != nil {
			return
		}
		kept := func(b []byte) string { // without what may stand between documents
			return string(slices.DeleteFunc(bytes.Clone(b), func(c byte) bool { return strings.IndexByte("[], \t\r\n\ufeff", c) >= 0 }))
		}
		var all []byte
		for {
			doc, _, err := docs.Next()
			if err == io.EOF || err == errCutShort {
				break
			}
			if err != nil || len(doc) == 0 {
				t.Fatalf("%q: %q, %v", content, doc, err)
			}
			Parse(doc)
			all = append(all, doc...)
		}
		if kept(all) != kept(content) {
			t.Errorf("%q is read as %q", content, all)
		}
	})
}
