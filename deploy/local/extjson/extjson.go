// Package extjson reads documents from files in MongoDB's Extended JSON.
package extjson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Reader reads the documents of a file in every form that MongoDB's tools write: one per
// line, several in a line, over several lines, in an array, with a byte order mark, or
// with Windows line endings.
type Reader struct {
	in   *bufio.Reader
	line int // the line of the next byte
	open int // how many arrays have not ended
}

var errCutShort = errors.New("ends within an array: the file is cut short")

const maxDocument = 64 << 20 // bytes: 16 MB in MongoDB are longer in Extended JSON

// NewReader reads a file in UTF-8. It returns an error for one in UTF-16.
func NewReader(in io.Reader) (*Reader, error) {
	r := &Reader{in: bufio.NewReader(in), line: 1}
	if mark, _ := r.in.Peek(2); string(mark) == "\xff\xfe" || string(mark) == "\xfe\xff" {
		return nil, errors.New("is UTF-16, which PowerShell writes with >: use the option --out of mongoexport instead")
	}
	return r, nil
}

// Next returns the text of the next document and the line where it begins, or io.EOF. Of
// text that is no document, it returns the rest of the line.
func (r *Reader) Next() (content []byte, line int, err error) {
	for {
		c, _, err := r.in.ReadRune()
		if err == io.EOF && r.open > 0 {
			return nil, r.line, errCutShort
		}
		if err != nil {
			return nil, r.line, err
		}
		switch c {
		case '\n':
			r.line++
		case ' ', '\t', '\r', ',', '\ufeff': // a byte order mark
		case '[':
			r.open++
		case ']':
			r.open--
		default:
			r.in.UnreadRune()
			line = r.line
			content, err = r.readDocument()
			return content, line, err
		}
	}
}

// readDocument reads to the end of a document. An unfinished one ends with a line break in a
// string, or before a line that begins another document.
func (r *Reader) readDocument() (content []byte, err error) {
	depth, inText, isEscaped := 0, false, false
	for len(content) < maxDocument {
		c, err := r.in.ReadByte()
		if err == io.EOF {
			return content, nil
		}
		if err != nil {
			return nil, err
		}
		if c == '\n' {
			r.line++
			if next, _ := r.in.Peek(1); depth == 0 || inText || string(next) == "{" {
				return content, nil
			}
		}
		content = append(content, c)
		switch {
		case isEscaped:
			isEscaped = false
		case inText:
			inText, isEscaped = c != '"', c == '\\'
		case c == '"':
			inText = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth <= 0 {
				return content, nil
			}
		}
	}
	return nil, errors.New("holds a document of more than 64 MB")
}

// Parse reads a document. Its error reveals nothing of the content.
func Parse(content []byte) (raw bson.Raw, err error) {
	switch {
	case !utf8.Valid(content):
		return nil, errors.New("is not UTF-8 text, but perhaps Latin-1: export it anew, or convert the file")
	case !json.Valid(content) || content[0] != '{':
		return nil, errors.New("is not a JSON document, or is cut short")
	}
	if err := bson.UnmarshalExtJSON(content, false, &raw); err != nil {
		return nil, errors.New("is JSON, but not Extended JSON as mongoexport writes it")
	}
	if lost := []byte("\uFFFD"); bytes.Contains(raw, lost) && !bytes.Contains(content, lost) {
		return nil, errors.New("holds half of a character (a surrogate without its pair)")
	}
	if hasDuplicate(raw) {
		return nil, errors.New("has a field twice")
	}
	return raw, nil
}

// hasDuplicate tells whether a field is there twice, at any depth: nobody knows which is meant.
func hasDuplicate(doc bson.Raw) bool {
	elements, _ := doc.Elements()
	keys := map[string]bool{}
	for _, element := range elements {
		var nested bson.Raw
		if value := element.Value(); value.Type == bson.TypeEmbeddedDocument || value.Type == bson.TypeArray {
			nested = value.Value
		}
		if keys[element.Key()] || hasDuplicate(nested) {
			return true
		}
		keys[element.Key()] = true
	}
	return false
}
