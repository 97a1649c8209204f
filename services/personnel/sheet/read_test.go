package sheet

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// all reads a whole file of changes: those that lack columns, too.
func all(t *testing.T, file []byte) (*File, []Row, error) {
	t.Helper()
	f, err := Read(file, true, 1000)
	if err != nil {
		return nil, nil, err
	}
	return f, f.Rows, nil
}

func utf16Of(text string, order binary.AppendByteOrder) []byte {
	var file []byte
	for _, unit := range utf16.Encode([]rune("\uFEFF" + text)) {
		file = order.AppendUint16(file, unit)
	}
	return file
}

// A row of two cells, however the file was saved.
func TestReadFinds(t *testing.T) {
	for name, file := range map[string][]byte{
		"UTF-8":                      []byte("Army Number,First Name\nA1,Zoé\n"),
		"UTF-8 with a mark":          []byte("\uFEFFArmy Number,First Name\r\nA1,Zoé\r\n"),
		"UTF-16 little-endian":       utf16Of("Army Number\tFirst Name\r\nA1\tZoé\r\n", binary.LittleEndian),
		"UTF-16 big-endian":          utf16Of("Army Number,First Name\nA1,Zoé", binary.BigEndian),
		"Windows-1252":               []byte("Army Number;First Name\nA1;Zo\xe9\n"),
		"semicolons":                 []byte("Army Number;First Name\nA1;Zoé"),
		"tabs":                       []byte("Army Number\tFirst Name\nA1\tZoé"),
		"old Macs' line breaks":      []byte("Army Number,First Name\rA1,Zoé\r"),
		"old Macs', put together":    []byte("Army Number,First Name\rA1,Zoé\r\n"),
		"Excel's line on delimiters": []byte("sep=;\nArmy Number;First Name\nA1;Zoé"),
		"a summary above":            []byte("Office \"Payment\", 2026\n\nTotal,1\nStatus,all\nArmy Number,First Name\nA1,Zoé\n"),
		"another order and case":     []byte("FIRST NAME , army number\nZoé,A1\n"),
		"names of JSON":              []byte("first_name,army_number\nZoé,A1\n"),
		"quotes":                     []byte("\"Army Number\",\"First Name\"\n\"A1\",\"Zoé\"\n"),
		"LibreOffice, in German":     []byte("Army Number;First Name;Bank;Remark\nA1;Zoé;1,5;\"a \"\"b\"\", c; d\"\n"),
		"LibreOffice, all quoted":    []byte("\"Army Number\",\"First Name\"\n\"A1\",\"Zoé\"\n"),
		"LibreOffice, in UTF-16":     utf16Of("Army Number\tFirst Name\tRemark\nA1\tZoé\t1,5\n", binary.LittleEndian),
		"pandas, with its index":     []byte(",Army Number,First Name\n0,A1,Zoé\n"),
		"pandas, in German":          []byte("Army Number;First Name;Remark\nA1;Zoé;1,5\n"),
		"blank lines":                []byte("Army Number,First Name\n\n,\n \nA1,Zoé\n,,\n"),
		"few cells":                  []byte("Army Number,First Name,Remark\nA1,Zoé\n"),
		"blank cells too many":       []byte("Army Number,First Name\nA1,Zoé,, ,\n"),
		"unknown columns":            []byte("S/N,Army Number,Age,First Name\n1,A1,30,Zoé\n"),
	} {
		t.Run(name, func(t *testing.T) {
			_, rows, err := all(t, file)
			if err != nil || len(rows) != 1 || rows[0].Extra || rows[0].Values[0] != "A1" || rows[0].Values[2] != "Zoé" {
				t.Errorf("%+v, %v", rows, err)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"nothing":            {"", "no header"},
		"no header":          {"A1,Zoé\nA2,Ada\n", "no header"},
		"a header far down":  {strings.Repeat("x\n", headerLines) + "Army Number,First Name\n", "no header"},
		"another delimiter":  {"Army Number|First Name\nA1|Zoé\n", "commas, semicolons or tabs"},
		"very many cells":    {"Army Number,First Name\n" + strings.Repeat(",", maxCells), "more than 1000000 cells"},
		"a long text":        {"Army Number,First Name\n" + strings.Repeat("\x80", maxText/3+1), "too much text"},
		"a workbook":         {"PK\x03\x04\x14\x00", "is a workbook"},
		"an old workbook":    {"\xD0\xCF\x11\xE0\xA1\xB1", "is a workbook"},
		"UTF-16, no mark":    {string(utf16Of("Army Number,First Name\nA1,Zoé\n", binary.LittleEndian)[2:]), "not text"},
		"UTF-8 that is none": {"\uFEFFArmy Number,First Name\nA1,Zo\xe9\n", "not the UTF-8"},
		"UTF-32":             {"\xFF\xFE\x00\x00A\x00\x00\x00", "not text"},
		"half a unit":        {"\xFF\xFEA", "UTF-16"},
		"a column twice":     {"Army Number,Rank,army_number\n", "Army Number twice"},
		"a quote alone":      {"Army Number,First Name\nA1,Zoé \"X\nA2,Ada", "line 2"},
		"one in the header":  {"A list\nArmy Number,First Name \"X,Rank\nA1,Zoé\n", "line 2"},
		"an open quote":      {"Army Number,First Name\nA0,Obi\nA1,\"Zoé\nA2,Ada", "line 3"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, rows, err := all(t, []byte(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v, %v, want %q", rows, err, c.want)
			}
		})
	}
}

func TestReadTellsOfColumns(t *testing.T) {
	f, rows, err := all(t, []byte("Row,Error,Army Number,Rank,,Bank\n9,none,A1,Sgt,x,y\n3,,A2\n\nz,,A3,Sgt,x,y,more\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Row", "Error", "Bank"}; !slices.Equal(f.Ignored, want) {
		t.Errorf("ignored are %q, want %q", f.Ignored, want)
	}
	const want = "lacks columns: First Name, Last Name, Phone Number, Bank Name, Account Number, Bank Sort Code, Sub Sector"
	if _, err := Read([]byte("Army Number,Rank\nA1,Sgt\n"), false, 1); err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
	var lines []int
	for _, row := range rows {
		lines = append(lines, row.Line)
	}
	if !slices.Equal(lines, []int{2, 3, 5}) || rows[1].Extra || !rows[2].Extra {
		t.Errorf("%+v", rows)
	}
}

// A line is where its row begins, also below cells of several lines.
func TestLinesOfTheFile(t *testing.T) {
	_, rows, err := all(t, []byte("Army Number,Remark\nA1,\"two\nlines\"\nA2,\n"))
	if err != nil || len(rows) != 2 || rows[1].Line != 4 || rows[0].Values[11] != "two\nlines" {
		t.Errorf("%+v, %v", rows, err)
	}
}

func TestGuardIsTakenOff(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "'": "'", "Obi": "Obi", "O'Neil": "O'Neil", "'Obi": "'Obi", "=1+1": "'=1+1", "+234": "'+234", "-": "'-", "@SUM(A1)": "'@SUM(A1)",
		"\tx": "'\tx", "\rx": "'\rx", "'=x": "''=x", "''+": "'''+", "a=b": "a=b", "é=": "é=",
	} {
		if got := guard(cell); got != want {
			t.Errorf("guard(%q) is %q, want %q", cell, got, want)
		}
		if got := unguard(guard(cell)); got != cell {
			t.Errorf("%q comes back as %q", cell, got)
		}
	}
}

// Whatever the bytes are, reading ends, and what it reads is written and read as the
// same again.
func FuzzRead(f *testing.F) {
	f.Add([]byte("Army Number,First Name\nA1,Zoé\n"))
	f.Add([]byte("sep=;\r\nArmy Number;Remark\r\n'=1;\"a;\"\"b\"\r\n"))
	f.Add(utf16Of("Army Number\tRank\nA\tB\n", binary.LittleEndian))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, rows, err := all(t, file)
		if err != nil || len(rows) == 0 {
			return
		}
		var written bytes.Buffer
		out := NewWriter(&written, CSV, true)
		out.Write(Titles())
		var sent [][]string
		for _, row := range rows {
			cells := make([]string, len(Columns))
			for i, value := range row.Values {
				cells[i] = strings.NewReplacer("\r", "", "\n", "").Replace(value)
			}
			if !isBlank(cells) {
				sent = append(sent, cells)
				out.Write(cells)
			}
		}
		out.Close()
		_, again, err := all(t, written.Bytes())
		if err != nil || len(again) != len(sent) {
			t.Fatalf("%d rows come back as %d, %v", len(sent), len(again), err)
		}
		for i, row := range again {
			if !slices.Equal(row.Cells, sent[i]) {
				t.Errorf("%q comes back as %q", sent[i], row.Cells)
			}
		}
	})
}
