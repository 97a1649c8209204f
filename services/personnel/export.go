package personnel

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"strings"

	"officepay.example/services/personnel/sheet"
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// rows is a table that is written some rows at a time.
type rows = iter.Seq2[[][]string, error]

// export is GET /personnels/db/{db_id}/export: a database as a file, in the order of lists.
func (s *service) export(ctx context.Context, r *web.Request) (*web.Answer, error) {
	query, queryErr := readFilters(r.Query)
	if err := cmp.Or(s.Store.CheckDB(ctx, r.ID), queryErr); err != nil {
		return nil, err
	}
	return s.download(r, "personnel", s.exportRows(ctx, r, query))
}

// exportRows are the titles of the columns, and then the records that match. The log says how
// many were sent, even if the client does not stay to the end.
func (s *service) exportRows(ctx context.Context, r *web.Request, query Query) rows {
	return func(yield func([][]string, error) bool) {
		count, table := 0, [][]string{sheet.Titles()}
		defer func() { r.Audit("personnel exported", "target", r.ID.Hex(), "count", count) }()
		for records, err := range decodeRecords(s.batches(ctx, office.ScopeOf(r.ID))) {
			if !yield(table, err) { // a HEAD request ends here, before any record is sent
				return
			}
			table = table[:0]
			for _, record := range records {
				if query.matches(record) {
					table = append(table, sheet.Cells(record))
				}
			}
			count += len(table)
		}
		yield(table, nil)
	}
}

// matches is the rule with which every store's Page must agree.
func (q Query) matches(p office.Personnel) bool {
	return (q.Status == "" || p.Status == q.Status) && (len(q.Words) == 0 || office.MatchesAll(p.SearchText(), q.Words))
}

// download answers with a table as a file, in the format that is asked for.
func (s *service) download(r *web.Request, name string, table rows) (*web.Answer, error) {
	format, err := web.ReadChoice("format", strings.ToLower(r.Query.Get("format")), []sheet.Format{sheet.CSV, sheet.XLSX})
	bom, bomErr := readFlag(r.Query, "bom")
	if err := cmp.Or(err, bomErr); err != nil {
		return nil, err
	}
	format = cmp.Or(format, sheet.CSV)
	name += s.Now().Format("-2006-01-02.") + string(format)
	return &web.Answer{
		Header: map[string]string{"Content-Type": format.ContentType(), "Content-Disposition": `attachment; filename="` + name + `"`},
		Stream: encodeRows(format, bom, table),
	}, nil
}

func encodeRows(format sheet.Format, bom bool, table rows) iter.Seq2[[]byte, error] {
	var file bytes.Buffer // what the client has not been sent yet
	w := sheet.NewWriter(&file, format, bom)
	return func(yield func([]byte, error) bool) {
		for step, err := range table {
			for _, cells := range step {
				w.Write(cells)
			}
			w.Flush()
			if !yield(file.Bytes(), err) {
				return
			}
			file.Reset()
		}
		w.Close()
		yield(file.Bytes(), nil)
	}
}
