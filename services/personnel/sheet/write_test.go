package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// cells are what spreadsheet programs like to change.
var cells = [][]string{
	{"Army Number", "Name"},
	{"0012345678", "Zoé \"Z\" O'Neil, <b>&amp;"},
	{"8.11864E+09", "=1+1"},
	{"+234", ""},
	{"", "two  blanks"},
	{"TRUE", "مرحبا 😀"},
	{"1/2", "-5"},
	{"_x000D_", "a_x0041_b_x"},
}

// fileOfCells writes the cells, a piece after each row.
func fileOfCells(format Format, bom bool) []byte {
	var file bytes.Buffer
	var piece bytes.Buffer
	w := NewWriter(&piece, format, bom)
	for _, row := range cells {
		w.Write(row)
		w.Flush()
		_, _ = piece.WriteTo(&file)
	}
	w.Close()
	return append(file.Bytes(), piece.Bytes()...)
}

func TestCSV(t *testing.T) {
	want := "Army Number,Name\r\n" +
		"0012345678,\"Zoé \"\"Z\"\" O'Neil, <b>&amp;\"\r\n" +
		"8.11864E+09,'=1+1\r\n" +
		"'+234,\r\n" +
		",two  blanks\r\n" +
		"TRUE,مرحبا 😀\r\n" +
		"1/2,'-5\r\n" +
		"_x000D_,a_x0041_b_x\r\n"
	if got := string(fileOfCells(CSV, false)); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := string(fileOfCells(CSV, true)); got != "\uFEFF"+want {
		t.Errorf("with a mark: %q", got)
	}
}

// escaped is a character as Office writes one that XML has not (ECMA-376, part 1,
// 22.9.2.19).
var escaped = regexp.MustCompile("_x[0-9A-Fa-f]{4}_")

// What a program reads that knows the cells' kinds alone.
func TestXLSX(t *testing.T) {
	file := fileOfCells(XLSX, true)
	parts, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var sheet struct {
		Rows []struct {
			Cells []struct {
				Type string   `xml:"t,attr"`
				Text string   `xml:"is>t"`
				Runs []string `xml:"is>r>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	for _, part := range parts.File {
		content, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		var into any = &sheet
		if part.Name != "xl/worksheets/sheet1.xml" {
			into = new(struct{})
		}
		if err := xml.NewDecoder(content).Decode(into); err != nil {
			t.Errorf("%s: %v", part.Name, err)
		}
		if _, err := io.Copy(io.Discard, content); err != nil { // its sum
			t.Errorf("%s: %v", part.Name, err)
		}
	}
	var got [][]string
	for _, row := range sheet.Rows {
		var texts []string
		for _, cell := range row.Cells {
			for _, run := range append(cell.Runs, cell.Text) {
				if escaped.MatchString(run) {
					t.Errorf("%q is read as another character", run)
				}
			}
			cell.Text += strings.Join(cell.Runs, "")
			if (cell.Type == "inlineStr") != (cell.Text != "") {
				t.Errorf("%q is of the type %q", cell.Text, cell.Type)
			}
			texts = append(texts, cell.Text)
		}
		got = append(got, texts)
	}
	if !reflect.DeepEqual(got, cells) {
		t.Errorf("got %q", got)
	}
}

// Another program reads each cell as it was sent, where it is there.
func TestXLSXInPython(t *testing.T) {
	path := filepath.Join(t.TempDir(), "personnel.xlsx")
	if err := os.WriteFile(path, fileOfCells(XLSX, false), 0o600); err != nil {
		t.Fatal(err)
	}
	const program = `import json, sys, openpyxl
sheet = openpyxl.load_workbook(sys.argv[1]).active
print(json.dumps([[[c.value or "", c.data_type, c.number_format] for c in row] for row in sheet.iter_rows()]))`
	if exec.Command("python3", "-c", "import openpyxl").Run() != nil {
		t.Skip("there is no Python with openpyxl")
	}
	out, err := exec.Command("python3", "-c", program, path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got [][][]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for i, row := range got {
		for j, cell := range row {
			if cell[0] != cells[i][j] || cell[0] != "" && cell[1] != "s" && cell[1] != "inlineStr" || cell[2] != "@" {
				t.Errorf("%q is read as %q", cells[i][j], cell)
			}
		}
	}
	if len(got) != len(cells) {
		t.Errorf("%d rows of %d", len(got), len(cells))
	}
}

// A worksheet has an end: what comes after it is in the next.
func TestXLSXOfManyRows(t *testing.T) {
	w := newWorkbook(new(bytes.Buffer))
	w.rows = maxSheetRows - 1
	for _, cell := range []string{"the last", "the first"} {
		w.Write([]string{cell})
	}
	if w.sheets != 2 || w.rows != 1 {
		t.Errorf("%d worksheets, %d rows in the last", w.sheets, w.rows)
	}
}
