package sheet

import (
	"bytes"
	"encoding/csv"

	"officepay.example/shared/office"
)

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

// Writer makes a file of a table, piece by piece: it keeps what was not taken yet, and
// nothing else. A piece is good until the next call.
type Writer interface {
	Write(cells []string)
	Take() []byte
	// End ends the file, and is its last piece.
	End() []byte
}

// NewWriter makes a file of the format; bom begins CSV with the mark by which Excel
// knows UTF-8.
func NewWriter(format Format, bom bool) Writer {
	if format == XLSX {
		return newWorkbook()
	}
	w := &csvWriter{}
	if bom {
		w.WriteString("\uFEFF")
	}
	w.rows = csv.NewWriter(&w.Buffer)
	w.rows.UseCRLF = true // RFC 4180
	return w
}

// pieces are what was written and not taken. Writing to them never fails, so the writers
// ignore errors.
type pieces struct{ bytes.Buffer }

// take returns what was written since it was called last.
func (p *pieces) take() []byte {
	defer p.Reset()
	return p.Bytes()
}

// csvWriter writes cells that no spreadsheet program takes for formulas.
type csvWriter struct {
	pieces
	rows *csv.Writer
}

func (w *csvWriter) Write(cells []string) { _ = w.rows.Write(office.Convert(cells, guard)) }

func (w *csvWriter) Take() []byte {
	w.rows.Flush()
	return w.take()
}

func (w *csvWriter) End() []byte { return w.Take() }
