package document

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// Finding says what is odd about a field, in words that contain no value.
type Finding struct{ Field, What string }

// String is the finding as a sentence without its full stop.
func (f Finding) String() string { return f.Field + " " + f.What }

// Findings are what was odd about a document. What is unambiguous is converted, and
// noted. A document with a problem cannot be taken over.
type Findings struct{ Notes, Problems []Finding }

// Err is the first problem, or nil.
func (f Findings) Err() error {
	if len(f.Problems) == 0 {
		return nil
	}
	return errors.New(f.Problems[0].String())
}

// IsOdd tells whether the document is not in the current form.
func (f Findings) IsOdd() bool { return len(f.Notes)+len(f.Problems) > 0 }

// reader takes the fields of a document one by one.
type reader struct {
	Findings
	raw      bson.Raw
	elements []bson.RawElement
	next     int // where to look first: most fields come in the order in which they are read
	prefix   string
	refs     *References
}

func newReader(raw bson.Raw, refs *References) *reader {
	r := &reader{raw: raw, refs: refs}
	var err error
	if r.elements, err = raw.Elements(); err != nil {
		r.problem("", "is not a BSON document")
	}
	return r
}

func (r *reader) note(field, what string) {
	r.Notes = append(r.Notes, Finding{r.prefix + field, what})
}

func (r *reader) problem(field, what string) {
	r.Problems = append(r.Problems, Finding{r.prefix + field, what})
}

// value is the value of a field; the zero value if it is missing.
func (r *reader) value(field string) bson.RawValue {
	for range r.elements {
		element := r.elements[r.next]
		r.next = (r.next + 1) % len(r.elements)
		if hasKey(element, field) {
			return element.Value()
		}
	}
	return bson.RawValue{}
}

// hasKey compares the key in place (https://bsonspec.org: it follows the type, and ends
// with a zero): extracting it would take longer than everything else here.
func hasKey(element bson.RawElement, key string) bool {
	end := 1 + len(key)
	return len(element) > end && element[end] == 0 && string(element[1:end]) == key
}

// isMissing tells whether there is no value. Spreadsheets write NaN for empty cells.
func isMissing(v bson.RawValue) bool {
	switch v.Type {
	case 0, bson.TypeNull, bson.TypeUndefined:
		return true
	case bson.TypeDouble:
		f, _ := v.DoubleOK()
		return math.IsNaN(f)
	case bson.TypeDecimal128:
		d, _ := v.Decimal128OK()
		return d.IsNaN()
	}
	return false
}

func isBlank(v bson.RawValue) bool {
	text, isText := v.StringValueOK()
	return isText && strings.TrimSpace(text) == ""
}

// optional reads a text that may be missing.
func (r *reader) optional(field string, kind office.TextKind) string {
	return r.text(field, r.value(field), kind)
}

// required reads a text that should be there. If not, it stays blank, for an admin to fill in.
func (r *reader) required(field string, kind office.TextKind) string {
	v := r.value(field)
	if isMissing(v) {
		r.note(field, "is missing: kept blank")
	}
	return r.text(field, v, kind)
}

func (r *reader) text(field string, v bson.RawValue, kind office.TextKind) string {
	text, isText := v.StringValueOK()
	if !isText {
		return r.digits(field, v)
	}
	kept, err := kind.Parse(text)
	if err != nil { // perhaps for line breaks or tabs, which become blanks
		kept, err = kind.Parse(strings.Join(strings.FieldsFunc(text, isBreak), " "))
	}
	if err != nil {
		r.problem(field, err.Error())
		return ""
	}
	if kept != text {
		r.note(field, "has blanks around it, line breaks or invisible characters, or is not in normal form C: cleaned")
	}
	return kept
}

func isBreak(c rune) bool { return strings.ContainsRune("\t\n\v\f\r\u0085\u2028\u2029", c) }

// widths are the numbers of digits of complete numbers.
var widths = map[string]int{"acct_number": 10, "sort_code": 9, "phone_number": 11}

// digits reads a number where a text belongs.
func (r *reader) digits(field string, v bson.RawValue) string {
	if isMissing(v) {
		return ""
	}
	n, isWhole := wholeNumber(v)
	switch text := strconv.FormatInt(n, 10); {
	case !isWhole:
		r.problem(field, "is of the type "+v.Type.String()+", not a text")
	case n < 0:
		r.problem(field, "is a negative number, not a text")
	case len(text) < widths[field]:
		r.note(field, "is a number: taken as text; zeros at its beginning may be lost")
		return text
	default:
		r.note(field, "is a number: taken as text")
		return text
	}
	return ""
}

// wholeNumber reads a whole number that is exact; 0 if there is none.
func wholeNumber(v bson.RawValue) (n int64, ok bool) {
	const exact = 1 << 53 // from here on, a double cannot hold every whole number
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return v.AsInt64OK()
	case bson.TypeDouble:
		if f, _ := v.DoubleOK(); f == math.Trunc(f) && math.Abs(f) < exact {
			return int64(f), true
		}
	case bson.TypeDecimal128:
		d, _ := v.Decimal128OK()
		if n, exponent, err := d.BigInt(); err == nil && 0 <= exponent && exponent < 20 {
			if n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)); n.IsInt64() {
				return n.Int64(), true
			}
		}
	}
	return 0, false
}

// whole reads a whole number; 0 if it is missing.
func (r *reader) whole(field string) int64 {
	v := r.value(field)
	n, ok := wholeNumber(v)
	if !ok && !isMissing(v) && !isBlank(v) {
		r.problem(field, "is not a whole number")
	}
	return n
}

// flag reads true or false; false if it is missing.
func (r *reader) flag(field string) bool {
	v := r.value(field)
	if is, ok := v.BooleanOK(); ok {
		return is
	}
	text, _ := v.StringValueOK()
	if n, ok := wholeNumber(v); ok {
		text = strconv.FormatInt(n, 10)
	}
	is, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(text)))
	switch {
	case isMissing(v) || isBlank(v):
		r.note(field, "is missing: taken as false")
	case err != nil:
		r.problem(field, "is neither true nor false")
	default:
		r.note(field, "is a number or a text: taken as true or false")
	}
	return is
}

// id reads an ObjectId, or its digits; the zero id if there is neither.
func (r *reader) id(field string) office.ID {
	v := r.value(field)
	if id, ok := v.ObjectIDOK(); ok {
		return id
	}
	text, _ := v.StringValueOK()
	id, err := parseID(text)
	if err == nil {
		r.note(field, "is an ObjectId written as text: taken as an ObjectId")
	}
	return id
}

func parseID(text string) (office.ID, error) {
	kept, _ := office.Code.Parse(text) // empty, and so no id, if it is no code
	return office.ParseID(kept)
}

// madeID makes an id from the content of a document and the time of its creation.
func madeID(raw bson.Raw, created time.Time) (id office.ID) {
	sum := sha256.Sum256(raw)
	copy(id[:], sum[:])
	binary.BigEndian.PutUint32(id[:4], uint32(max(0, created.Unix())))
	return id
}
