package sheet

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// headerLines is how far from the top a header may be.
	headerLines = 20
	// maxCells is how many cells are read: an empty one is a byte in the file, and 40 in memory.
	maxCells = 1_000_000
)

// File is a CSV file that somebody sent.
type File struct {
	Header  []string // as it was sent
	Ignored []string // the names in it that are of no column
	Rows    []Row    // at least one
	columns []int    // of each cell: its index in Columns, or -1
	known   int      // how many names are those of Columns
	fault   error    // of the header, if it cannot be read to its end
}

// Row is a line of a File that is not blank.
type Row struct {
	Line   int      // in the file, from 1
	Cells  []string // as they were sent, without the apostrophes that guard puts before formulas
	Values []string // by their indexes in Columns
	Extra  bool     // it has more cells than the header
}

// Read reads a CSV file of new records or of changes, with at most so many rows. Its error
// says what is wrong with the file, in words for the person who sent it.
func Read(file []byte, changes bool, maxRows int) (*File, error) {
	text, err := textOf(file)
	if err != nil {
		return nil, err
	}
	f, below := &File{}, (*csv.Reader)(nil)
	for _, delimiter := range []rune{',', ';', '\t'} {
		if strings.Count(text, string(delimiter)) > maxCells {
			return nil, fmt.Errorf("has more than %d cells: delete empty columns, or send it in parts", maxCells)
		}
		if found, lines := findHeader(text, delimiter); found.known > f.known {
			f, below = found, lines
		}
	}
	if f.known == 0 {
		return nil, fmt.Errorf("has no header in its first %d lines: the columns, with commas, semicolons or tabs between them, are %s", headerLines, strings.Join(Titles(), ", "))
	}
	if err := cmp.Or(f.fault, f.checkColumns(changes)); err != nil {
		return nil, err
	}
	return f, f.readRows(below, maxRows)
}

// findHeader finds the line that names the most columns. It also returns the lines below.
func findHeader(text string, delimiter rune) (*File, *csv.Reader) {
	best, lines, end := &File{}, newReader(text, delimiter), int64(0)
	for range headerLines {
		cells, err := lines.Read()
		if err == io.EOF {
			break
		}
		// Of a line that cannot be read, these are the cells before its fault.
		if found := fileOf(cells); found.known > best.known {
			best, end = found, lines.InputOffset()
			best.fault = faultOf(err)
		}
	}
	for lines = newReader(text, delimiter); lines.InputOffset() < end; {
		_, _ = lines.Read() // as above
	}
	return best, lines
}

func newReader(text string, delimiter rune) *csv.Reader {
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma, lines.FieldsPerRecord = delimiter, -1
	return lines
}

func fileOf(header []string) *File {
	f := &File{Header: header, Ignored: []string{}, columns: make([]int, len(header))}
	for i, name := range header {
		f.columns[i] = columnNamed(name)
		switch name = strings.TrimSpace(name); {
		case f.columns[i] >= 0:
			f.known++
		case name != "":
			f.Ignored = append(f.Ignored, name)
		}
	}
	return f
}

// checkColumns fails if a column is there twice, or one that is needed is missing: changes
// need only the first one.
func (f *File) checkColumns(changes bool) error {
	for i, column := range f.columns {
		if column >= 0 && slices.Contains(f.columns[:i], column) {
			return fmt.Errorf("has the column %s twice", Columns[column].Title)
		}
	}
	var missing []string
	for i, column := range Columns {
		isNeeded := i == 0 || !changes && !column.Optional
		if isNeeded && !slices.Contains(f.columns, i) {
			missing = append(missing, column.Title)
		}
	}
	if len(missing) > 0 {
		return errors.New("lacks columns: " + strings.Join(missing, ", "))
	}
	return nil
}

func (f *File) readRows(lines *csv.Reader, most int) error {
	for {
		cells, err := lines.Read()
		fault := faultOf(err)
		switch {
		case fault != nil:
			return fault
		case err != nil && len(f.Rows) == 0:
			return errors.New("has no row below its header")
		case err != nil:
			return nil
		case isBlank(cells):
			continue
		case len(f.Rows) == most:
			return fmt.Errorf("must hold at most %d rows: send the rest in another call", most)
		}
		line, _ := lines.FieldPos(0)
		f.Rows = append(f.Rows, f.row(line, cells))
	}
}

// faultOf says what is wrong with a line that cannot be read; nil for any other error.
func faultOf(err error) error {
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("cannot be read from line %d on: a quote (\") opens or closes a cell, and is written twice inside one", broken.StartLine)
	}
	return nil
}

func isBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

func (f *File) row(line int, cells []string) Row {
	row := Row{Line: line, Cells: cells, Values: make([]string, len(Columns))}
	row.Extra = len(cells) > len(f.columns) && !isBlank(cells[len(f.columns):])
	for i, cell := range cells {
		cells[i] = unguard(cell)
		if i < len(f.columns) && f.columns[i] >= 0 {
			row.Values[f.columns[i]] = cells[i]
		}
	}
	return row
}

// maxText is how many bytes of UTF-8 are read. A file in another encoding may become up to
// three times as long.
const maxText = 24 << 20

// textOf is the text of a file: UTF-8, UTF-16 with a mark, or else Windows-1252, as Excel saves CSV.
func textOf(file []byte) (text string, err error) {
	switch {
	case bytes.HasPrefix(file, []byte("PK\x03\x04")), bytes.HasPrefix(file, []byte("\xD0\xCF\x11\xE0")):
		return "", errors.New("is a workbook: save it as CSV UTF-8, and send that")
	case bytes.HasPrefix(file, []byte("\xFF\xFE")):
		text, err = fromUTF16(file[2:], binary.LittleEndian)
	case bytes.HasPrefix(file, []byte("\xFE\xFF")):
		text, err = fromUTF16(file[2:], binary.BigEndian)
	case utf8.Valid(file):
		text = strings.TrimPrefix(string(file), "\uFEFF")
	case bytes.HasPrefix(file, []byte("\uFEFF")):
		return "", errors.New("is not the UTF-8 that its mark says it is: save it again as CSV UTF-8")
	default:
		text = fromWindows1252(file)
	}
	switch {
	case strings.Contains(text, "\x00"):
		return "", errors.New("is not text, or UTF-16 without its mark: save it as CSV UTF-8, and send that")
	case len(text) > maxText:
		return "", errors.New("holds too much text: send it in parts")
	}
	return convertLineBreaks(text), err
}

func fromUTF16(file []byte, order binary.ByteOrder) (string, error) {
	if len(file)%2 != 0 {
		return "", errors.New("ends in the middle of a UTF-16 character: save it again as CSV UTF-8")
	}
	var text strings.Builder
	text.Grow(min(2*len(file), maxText+utf8.UTFMax)) // growing would take as much again
	for ; len(file) > 0 && text.Len() <= maxText; file = file[2:] {
		r := rune(order.Uint16(file))
		if utf16.IsSurrogate(r) && len(file) > 2 {
			if r = utf16.DecodeRune(r, rune(order.Uint16(file[2:]))); r != utf8.RuneError {
				file = file[2:]
			}
		}
		text.WriteRune(r)
	}
	return text.String(), nil
}

// windows1252 are the characters of the bytes 0x80 to 0x9F; every other byte is the
// character with its number. Unassigned bytes stay control characters (WHATWG, Encoding,
// index windows-1252).
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ")

func fromWindows1252(file []byte) string {
	var text strings.Builder
	text.Grow(min(2*len(file), maxText+utf8.UTFMax)) // growing would take as much again
	for _, b := range file {
		r := rune(b)
		if 0x80 <= b && b <= 0x9F {
			r = windows1252[b-0x80]
		}
		if text.WriteRune(r); text.Len() > maxText {
			break
		}
	}
	return text.String()
}

// convertLineBreaks converts those of old Macs, which encoding/csv does not know.
func convertLineBreaks(text string) string {
	if strings.Count(text, "\r") == strings.Count(text, "\r\n") {
		return text
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}
