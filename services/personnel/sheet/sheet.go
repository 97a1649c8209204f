// Package sheet is the personnel records as tables of text: the files that offices
// keep, in CSV and XLSX. It knows the columns, reads what spreadsheet programs write,
// and writes what they read as it was meant. It knows nothing of HTTP or a store.
package sheet

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"officepay.example/shared/office"
)

// Column is a column of a table of records.
type Column struct {
	Title string // in the office's template
	Field string // of a body in JSON; a dot leads into an object
	Of    func(p office.Personnel) string
	// Optional: a table of new records may do without it.
	Optional bool
}

// Columns are all columns of a table of records, in the order of the office's template.
var Columns = []Column{
	{Title: "Army Number", Field: "army_number", Of: func(p office.Personnel) string { return p.ArmyNumber }},
	{Title: "Rank", Field: "rank", Of: func(p office.Personnel) string { return p.Rank }},
	{Title: "First Name", Field: "first_name", Of: func(p office.Personnel) string { return p.FirstName }},
	{Title: "Middle Name", Field: "middle_name", Of: func(p office.Personnel) string { return p.MiddleName }, Optional: true},
	{Title: "Last Name", Field: "last_name", Of: func(p office.Personnel) string { return p.LastName }},
	{Title: "Phone Number", Field: "phone_number", Of: func(p office.Personnel) string { return p.PhoneNumber }},
	{Title: "Bank Name", Field: "bank.name", Of: func(p office.Personnel) string { return p.Bank.Name }},
	{Title: "Account Number", Field: "acct_number", Of: func(p office.Personnel) string { return p.AcctNumber }},
	{Title: "Bank Sort Code", Field: "bank.sort_code", Of: func(p office.Personnel) string { return p.Bank.SortCode }},
	{Title: "Sub Sector", Field: "sub_sector", Of: func(p office.Personnel) string { return p.SubSector }},
	{Title: "Location", Field: "location", Of: func(p office.Personnel) string { return p.Location }, Optional: true},
	{Title: "Remark", Field: "remark", Of: func(p office.Personnel) string { return p.Remark }, Optional: true},
	{Title: "Status", Field: "status", Of: func(p office.Personnel) string { return string(p.Status) }, Optional: true},
}

// Titles are those of the columns.
func Titles() []string { return office.Convert(Columns, func(c Column) string { return c.Title }) }

// Cells are the cells of a record.
func Cells(p office.Personnel) []string {
	return office.Convert(Columns, func(c Column) string { return c.Of(p) })
}

// columnNamed finds the column by its title or its field, in any letter case and
// with anything between the words, or returns -1.
func columnNamed(name string) int {
	key := lettersOf(name)
	return slices.IndexFunc(Columns, func(c Column) bool { return key == lettersOf(c.Title) || key == lettersOf(c.Field) })
}

func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}, office.Fold(name))
}

// startsFormula tells whether a spreadsheet program makes a formula of a cell, apart from
// the apostrophes before it (OWASP, CSV Injection).
func startsFormula(cell string) bool {
	return strings.IndexAny(strings.TrimLeft(cell, "'"), "=+-@\t\r") == 0
}

// guard puts an apostrophe before a cell that would be a formula. A cell that has
// such apostrophes of its own gets one more, so that unguard returns every cell as it was.
func guard(cell string) string {
	if startsFormula(cell) {
		return "'" + cell
	}
	return cell
}

// unguard takes off the apostrophe that guard put before a cell.
func unguard(cell string) string {
	if startsFormula(cell) {
		return strings.TrimPrefix(cell, "'")
	}
	return cell
}

// Format is the format of a file.
type Format string

const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// ContentType is the media type of a file of the format.
func (f Format) ContentType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Writer writes a table as a file into a buffer, which never fails: so errors are ignored.
type Writer interface {
	Write(cells []string)
	// Flush writes everything so far into the buffer, from which it may be taken.
	Flush()
	// Close ends the file.
	Close()
}

// NewWriter returns a writer of the format. With bom, CSV begins with the mark by which
// Excel knows UTF-8.
func NewWriter(out *bytes.Buffer, format Format, bom bool) Writer {
	if format == XLSX {
		return newWorkbook(out)
	}
	if bom {
		out.WriteString("\uFEFF")
	}
	w := csvWriter{csv.NewWriter(out)}
	w.UseCRLF = true // RFC 4180
	return w
}

// csvWriter writes cells that no spreadsheet program takes for formulas.
type csvWriter struct{ *csv.Writer }

func (w csvWriter) Write(cells []string) { _ = w.Writer.Write(office.Convert(cells, guard)) }

func (w csvWriter) Close() { w.Flush() }
