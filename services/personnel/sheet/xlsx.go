package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"embed"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// maxSheetRows is how many rows a worksheet can have; the rest goes into another.
const maxSheetRows = 1 << 20

// workbook writes a table as XLSX (ECMA-376, Office Open XML). Every cell is inline
// text: none is a number that could lose a zero, or a formula.
type workbook struct {
	file   *zip.Writer
	sheet  *bufio.Writer // the worksheet that is being written
	sheets int           // how many there are
	rows   int           // in the last of them
}

func newWorkbook(out *bytes.Buffer) *workbook {
	w := &workbook{file: zip.NewWriter(out)}
	w.file.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	w.beginSheet()
	return w
}

func (w *workbook) beginSheet() {
	w.sheets++
	w.rows = 0
	w.sheet = bufio.NewWriterSize(w.part(fmt.Sprintf("xl/worksheets/sheet%d.xml", w.sheets)), 32<<10)
	_, _ = w.sheet.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
}

func (w *workbook) part(name string) io.Writer {
	part, _ := w.file.Create(name)
	_, _ = io.WriteString(part, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n")
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

func (w *workbook) Flush() {
	_ = w.sheet.Flush()
	_ = w.file.Flush()
}

// parts are those of a workbook besides its worksheets, which are named where %s is. In
// the styles, 49 is the number format of text.
//
//go:embed all:workbook
var parts embed.FS

// Close implements Writer: the parts that name the worksheets come last, when their number
// is known.
func (w *workbook) Close() {
	w.endSheet()
	var types, names, targets string
	for n := 1; n <= w.sheets; n++ {
		types += fmt.Sprintf(`<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		names += fmt.Sprintf(`<sheet name="Personnel %[1]d" sheetId="%[1]d" r:id="rId%[1]d"/>`, n)
		targets += fmt.Sprintf(`<Relationship Id="rId%[1]d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%[1]d.xml"/>`, n)
	}
	for name, worksheets := range map[string]string{
		"[Content_Types].xml": types, "_rels/.rels": "", "xl/workbook.xml": names, "xl/_rels/workbook.xml.rels": targets, "xl/styles.xml": "",
	} {
		content, _ := parts.ReadFile("workbook/" + name)
		_, _ = io.WriteString(w.part(name), strings.Replace(string(content), "%s", worksheets, 1))
	}
	_ = w.file.Close()
}
