package personnel

import (
	"fmt"
	"regexp"
	"strings"

	"officepay.example/services/personnel/sheet"
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// objectOf is a row as a body in JSON would be, without its blank cells.
func objectOf(row sheet.Row, db office.ID) map[string]any {
	object := map[string]any{"db_id": db.Hex()}
	for field, cell := range row.Values {
		if strings.TrimSpace(cell) == "" {
			continue
		}
		parent, child, isNested := strings.Cut(field, ".")
		if !isNested {
			object[field] = cell
			continue
		}
		if object[parent] == nil {
			object[parent] = map[string]any{}
		}
		object[parent].(map[string]any)[child] = cell
	}
	return object
}

// digits are how many some numbers have.
var digits = map[string]int{"acct_number": 10, "bank.sort_code": 9}

var (
	scientific = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+$`)
	notDigit   = regexp.MustCompile(`[^0-9]`)
)

// checkCells refuses what a spreadsheet program may have made of a number. Nothing is
// mended: only who has the paper knows what stood there.
func checkCells(f *web.Form, row sheet.Row) {
	if row.Extra {
		f.Refuse("row", "has more cells than the header: a cell with a delimiter in it needs quotes around it")
	}
	for _, field := range []string{"army_number", "phone_number", "acct_number", "bank.sort_code"} {
		cell := strings.TrimSpace(row.Values[field])
		want, isCounted := digits[field]
		switch {
		case scientific.MatchString(cell):
			f.Refuse(field, "is in scientific notation: Excel shortened it. Make the column text, and type the number again")
		case cell == "" || !isCounted || len(cell) == want && !notDigit.MatchString(cell):
		default:
			f.Refuse(field, fmt.Sprintf("must be %d digits: Excel may have dropped zeros at the front. Make the column text, and type the number again", want))
		}
	}
}
