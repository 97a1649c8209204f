package personnel

import (
	"strings"
	"testing"

	"officepay.example/services/personnel/sheet"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
)

// rowOf is the first row of a file.
func rowOf(t *testing.T, file string) sheet.Row {
	t.Helper()
	f, err := sheet.Read([]byte(file), true, 1)
	officetest.Must(t, err)
	return f.Rows[0]
}

// What programs make of numbers is refused, and nothing else.
func TestAlteredNumbers(t *testing.T) {
	const zeros, count, short, amount = "may have dropped zeros", "10 digits. Format", "scientific notation", "took it for an amount"
	for name, c := range map[string]struct{ title, cell, says string }{
		"an account":                   {"Account Number", "0123456789", ""},
		"with what nobody sees":        {"Account Number", " \u200b0123456789\u202c\u00a0", ""},
		"without its zero":             {"Account Number", "123456789", zeros},
		"with an apostrophe":           {"Account Number", "'0123456789", count},
		"a digit too many":             {"Account Number", "01234567890", count},
		"with a letter":                {"Account Number", "O12345678", count},
		"an amount":                    {"Account Number", "1234567890.0", amount},
		"one in German":                {"Account Number", "1234567890,00", amount},
		"one with thousands":           {"Account Number", "1.234.567.890", count},
		"shortened":                    {"Account Number", "1.23457E+09", short},
		"shortened in German":          {"Account Number", "1,23457E+09", short},
		"a sort code":                  {"Bank Sort Code", "050150311", ""},
		"a sort code without its zero": {"Bank Sort Code", "50150311", zeros},
		"a phone":                      {"Phone Number", "0803 123 45.67", ""},
		"a phone as an amount":         {"Phone Number", "8031234567.0", amount},
		"a phone, shortened":           {"Phone Number", "8.03123E+09", short},
		"an army number":               {"Army Number", "80NA/72/1E5", ""},
		"one as an amount":             {"Army Number", "12345.0", amount},
		"one of digits, shortened":     {"Army Number", "1E+05", short},
		"a remark":                     {"Remark", "1E5", ""},
		"a blank":                      {"Account Number", " ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			header := c.title + ",Rank"
			if c.title != "Army Number" { // which no file may lack
				header += ",Army Number"
			}
			f := formOf(rowOf(t, header+"\n\""+c.cell+"\",Sgt\n"), dbA, web.Partial)
			if problems := f.Problems(); (len(problems) > 0) != (c.says != "") || c.says != "" && !strings.Contains(problems[0].Message, c.says) {
				t.Errorf("%q: %v, want %q", c.cell, problems, c.says)
			}
		})
	}
}

// A cell in which nobody sees anything wipes nothing.
func TestBlankCells(t *testing.T) {
	row := rowOf(t, "Army Number,Remark,Location,Bank Name,Rank\nA1, \u200b,\u00a0,\u2060,Sgt\n")
	object := map[string]any{"db_id": dbA.Hex(), "army_number": "A1", "rank": "Sgt"}
	officetest.Equal(t, "the form", formOf(row, dbA, web.Whole), web.NewForm(object, web.Whole))
}
