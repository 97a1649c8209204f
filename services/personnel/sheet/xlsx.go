package sheet

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	_ "embed"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// maxSheetRows is how many rows a worksheet can have; the rest goes into another.
const maxSheetRows = 1 << 20

// workbook writes a table as XLSX (ECMA-376, Office Open XML). Every cell is text
// that stands in it: nothing is a number that could lose a zero, or a formula.
type workbook struct {
	pieces
	file  *zip.Writer
	sheet *bufio.Writer // the worksheet that is being written
	names []string      // of the worksheets
	rows  int           // in the last of them
}

func newWorkbook() *workbook {
	w := &workbook{}
	w.file = zip.NewWriter(&w.Buffer)
	w.file.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	w.beginSheet()
	return w
}

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packages    = "http://schemas.openxmlformats.org/package/2006/"
	mediaType   = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// styles has one style of its own: 49 is the number format of text.
//
//go:embed styles.xml
var styles string

func (w *workbook) beginSheet() {
	name := fmt.Sprintf("sheet%d.xml", len(w.names)+1)
	w.names, w.sheet, w.rows = append(w.names, name), bufio.NewWriterSize(w.part("xl/worksheets/"+name), 32<<10), 0
	_, _ = w.sheet.WriteString(`<worksheet xmlns="` + spreadsheet + `"><sheetData>`)
}

func (w *workbook) part(name string) io.Writer {
	part, _ := w.file.Create(name)
	_, _ = io.WriteString(part, declaration)
	return part
}

func (w *workbook) endSheet() {
	_, _ = w.sheet.WriteString(`</sheetData></worksheet>`)
	_ = w.sheet.Flush()
}

func (w *workbook) Write(cells []string) {
	if w.rows == maxSheetRows {
		w.endSheet()
		w.beginSheet()
	}
	w.rows++
	_, _ = w.sheet.WriteString("<row>")
	for _, cell := range cells {
		switch {
		case cell == "":
			_, _ = w.sheet.WriteString(`<c s="1"/>`)
		case isPlain(cell):
			_, _ = w.sheet.WriteString(`<c t="inlineStr" s="1"><is><t>`)
			_, _ = w.sheet.WriteString(cell)
			_, _ = w.sheet.WriteString(`</t></is></c>`)
		default:
			w.writeEscaped(cell)
		}
	}
	_, _ = w.sheet.WriteString("</row>\n")
}

// isPlain recognizes texts that XML and Office take literally: almost all of them.
func isPlain(text string) bool {
	return strings.TrimSpace(text) == text && !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' || r > '~' || r == '<' || r == '&' || r == '>' || r == '_'
	})
}

// writeEscaped writes any other cell. It begins a run of text after each underscore, so
// that Office does not decode _x000D_ as a carriage return.
func (w *workbook) writeEscaped(cell string) {
	_, _ = w.sheet.WriteString(`<c t="inlineStr" s="1"><is>`)
	for part := range strings.SplitAfterSeq(cell, "_") {
		_, _ = w.sheet.WriteString(`<r><t xml:space="preserve">`)
		_ = xml.EscapeText(w.sheet, []byte(part))
		_, _ = w.sheet.WriteString(`</t></r>`)
	}
	_, _ = w.sheet.WriteString(`</is></c>`)
}

func (w *workbook) Take() []byte {
	_ = w.sheet.Flush()
	_ = w.file.Flush()
	return w.take()
}

// End implements Writer: the parts that say what the worksheets are come last, when
// their number is known.
func (w *workbook) End() []byte {
	w.endSheet()
	for name, content := range w.parts() {
		_, _ = io.WriteString(w.part(name), content)
	}
	_ = w.file.Close()
	return w.take()
}

func (w *workbook) parts() map[string]string {
	var types, sheets, targets strings.Builder
	for i, name := range w.names {
		n := i + 1
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/%s" ContentType="%sworksheet+xml"/>`, name, mediaType)
		fmt.Fprintf(&sheets, `<sheet name="Personnel %d" sheetId="%d" r:id="rId%d"/>`, n, n, n)
		fmt.Fprintf(&targets, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/%s"/>`, n, relations, name)
	}
	fmt.Fprintf(&targets, `<Relationship Id="styles" Type="%s/styles" Target="styles.xml"/>`, relations)
	return map[string]string{
		"[Content_Types].xml": `<Types xmlns="` + packages + `content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + mediaType + `sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + mediaType + `styles+xml"/>` + types.String() + `</Types>`,
		"_rels/.rels": `<Relationships xmlns="` + packages + `relationships">` +
			`<Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="` + spreadsheet + `" xmlns:r="` + relations + `"><sheets>` + sheets.String() + `</sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="` + packages + `relationships">` + targets.String() + `</Relationships>`,
		"xl/styles.xml":              styles,
	}
}
