package personnel

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"officepay.example/services/personnel/sheet"
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

const csvType = "text/csv"

// planFile plans the rows of a file. Of the records that have their army numbers, only some
// are in memory at a time.
func (s *service) planFile(ctx context.Context, r *web.Request, u *upload, edit office.Edit) error {
	db, _, err := s.readDB(ctx, r)
	if err == nil && db == nil {
		err = web.Invalid("db_id", "is required")
	}
	if err != nil {
		return err
	}
	u.db = *db
	if err := u.read(r); err != nil {
		return err
	}
	rows := u.file.Rows
	var holders map[string][]office.Personnel // by army number
	for index, row := range rows {
		if index%groupsAtOnce == 0 && (u.upsert || u.dry) {
			if holders, err = s.holders(ctx, u.db, rows[index:min(index+groupsAtOnce, len(rows))]); err != nil {
				return err
			}
		}
		u.planRow(index, row, holders[armyNumber(row)], edit)
	}
	return nil
}

// read reads what is to be done, and the file: it fails if any part of that cannot be read.
func (u *upload) read(r *web.Request) error {
	const upsert = "upsert"
	mode, modeErr := web.ReadChoice("mode", strings.ToLower(r.Query.Get("mode")), []string{"create", upsert})
	dry, dryErr := readFlag(r.Query, "dry_run")
	bom, bomErr := readFlag(r.Query, "bom")
	if err := cmp.Or(modeErr, dryErr, bomErr); err != nil {
		return err
	}
	u.upsert, u.dry, u.bom = mode == upsert, dry, bom
	body := r.Body
	r.Body = nil // frees its memory as soon as its text is read
	file, err := sheet.Read(body, u.upsert, maxRows)
	if err != nil {
		return web.Invalid("file", err.Error())
	}
	u.file = file
	return nil
}

// holders are the live records of a database whose army numbers are in the rows. Those
// of an old database may share one.
func (s *service) holders(ctx context.Context, db office.ID, rows []sheet.Row) (map[string][]office.Personnel, error) {
	records, err := s.Store.WithNumbers(ctx, db, office.Convert(rows, armyNumber))
	holders := make(map[string][]office.Personnel, len(records))
	for _, record := range records {
		holders[record.ArmyNumber] = append(holders[record.ArmyNumber], record)
	}
	delete(holders, "") // a number that is blank or invalid is nobody's
	return holders, err
}

// armyNumber is the army number of a row as it would be stored; empty if it is invalid.
func armyNumber(row sheet.Row) string {
	number, _ := office.Code.Parse(row.Values[0]) // the first of sheet.Columns
	return number
}

// planRow plans one row. Holders are the records that have its army number.
func (u *upload) planRow(index int, row sheet.Row, holders []office.Personnel, edit office.Edit) {
	switch {
	case len(holders) > 1 && u.upsert:
		u.fail(index, holders[0], web.FieldError{Field: "army_number",
			Message: fmt.Sprintf("is that of %d records of this database: change each by itself, or delete all but one", len(holders))})
	case len(holders) == 1 && u.upsert:
		u.update(index, row, holders[0], edit)
	default:
		u.add(index, formOf(row, u.db, web.Whole), len(holders) > 0, edit.At)
	}
}

// update plans the change of a record by a row. A blank cell leaves its field alone.
func (u *upload) update(index int, row sheet.Row, record office.Personnel, edit office.Edit) {
	f := formOf(row, u.db, web.Partial)
	patch := readChange(f)
	patch.DBID, patch.ArmyNumber = nil, nil // they are equal; if somebody has changed them since, they stay
	changed, entry := edit.Patch(record, patch)
	switch {
	case len(f.Problems()) > 0:
		u.fail(index, record, f.Problems()...)
		return
	case u.seen[record.ArmyNumber]:
		u.fail(index, record, errSeen)
	case entry.Revision == 0:
		u.unchanged++
	default:
		// Only what checks look at stays in memory: there may be thousands of large records.
		changed.MiddleName, changed.Rank, changed.SubSector, changed.Location, changed.Remark = "", "", "", "", ""
		u.updated = append(u.updated, checkedRecord{index: index, record: changed, fields: fieldsOf(entry.Changes), patch: patch})
	}
	u.seen[record.ArmyNumber] = true
}

// failedRows is a file of the rows that failed, to be corrected and sent again.
func (u *upload) failedRows() *web.Answer {
	var file bytes.Buffer
	w := sheet.NewWriter(&file, sheet.CSV, u.bom)
	w.Write(append([]string{"Row", "Error"}, u.file.Header...))
	for _, failed := range u.failed {
		w.Write(append([]string{strconv.Itoa(failed.Row), failed.Error}, u.file.Rows[failed.Index].Cells...))
	}
	w.Close()
	header := map[string]string{"Content-Type": sheet.CSV.ContentType(), "Content-Disposition": `attachment; filename="failed-rows.csv"`}
	return &web.Answer{Status: u.status(), Header: header, Body: file.Bytes()}
}
