package personnel

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"officepay.example/services/personnel/sheet"
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

const csvType = "text/csv"

// fileUpload is the upload of a CSV file in progress. Its rows are records of one
// database. If an army number already exists there, the row is a failure or, with upsert,
// a change.
type fileUpload struct {
	batch
	header    []string // as it was sent
	ignored   []string // the columns with unknown names
	rows      []sheet.Row
	upsert    bool
	dry       bool  // a trial: nothing is stored, and the answer says what would be
	bom       bool  // for a file of the rows that failed
	taken     []int // of created, whose army numbers others have, as far as is known
	changes   []changedRecord
	unchanged int
}

// uploadFile is POST /personnels/upload with a CSV file.
func (s *service) uploadFile(ctx context.Context, r *web.Request) (*web.Answer, error) {
	u, err := s.readUpload(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := u.readRows(r); err != nil {
		return nil, err
	}
	edit := s.edit(r)
	if err := s.plan(ctx, u, edit); err != nil {
		return nil, err
	}
	if err := s.carryOut(ctx, r, u, edit); err != nil {
		return nil, err
	}
	all := slices.Concat(u.created, u.changes)
	slices.SortFunc(all, func(a, b changedRecord) int { return a.index - b.index })
	var found [][]warning
	if i := s.newInspection(r); u.dry {
		i.store = trial{s.Store, all}
		found, err = i.warnings(ctx, all)
	} else {
		found = i.warningsOfStored(ctx, r, all)
	}
	u.addWarnings(all, found)
	return u.answer(r), err
}

func (s *service) readUpload(ctx context.Context, r *web.Request) (*fileUpload, error) {
	db, _, err := s.readDB(ctx, r)
	if err == nil && db == nil {
		err = web.Invalid("db_id", "is required")
	}
	if err != nil {
		return nil, err
	}
	const upsert = "upsert"
	mode, modeErr := web.ReadChoice("mode", strings.ToLower(r.Query.Get("mode")), []string{"create", upsert})
	dry, dryErr := readFlag(r.Query, "dry_run")
	bom, bomErr := readFlag(r.Query, "bom")
	b := batch{db: *db, named: true, seen: map[string]bool{}, failed: []failure{}}
	return &fileUpload{batch: b, upsert: mode == upsert, dry: dry, bom: bom}, cmp.Or(modeErr, dryErr, bomErr)
}

// readRows reads the whole file, and refuses one that cannot be read to its end.
func (u *fileUpload) readRows(r *web.Request) error {
	file, err := sheet.Read(r.Body)
	if err != nil {
		return web.Invalid("file", err.Error())
	}
	r.Body = nil // frees its memory as soon as the rows are read
	u.header, u.ignored = file.Header, file.Ignored
	if missing := file.Missing(u.upsert); len(missing) > 0 {
		return web.Invalid("file", "lacks columns: "+strings.Join(missing, ", "))
	}
	for {
		row, err := file.Next()
		switch {
		case err == io.EOF && len(u.rows) == 0:
			return web.Invalid("file", "has no row below its header")
		case err == io.EOF:
			return nil
		case err != nil:
			return web.Invalid("file", err.Error())
		case len(u.rows) == maxRows:
			return web.Invalid("file", fmt.Sprintf("must hold at most %d rows: send the rest in another call", maxRows))
		}
		u.rows = append(u.rows, row)
	}
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

// armyNumber is the army number of a row in the form in which it is stored; empty if it is
// invalid.
func armyNumber(row sheet.Row) string {
	number, _ := office.Code.Parse(row.Values[0]) // the first of sheet.Columns
	return number
}

// plan decides what to do with each row. Of the records with which the rows are compared,
// only some are in memory at a time.
func (s *service) plan(ctx context.Context, u *fileUpload, edit office.Edit) error {
	index := 0
	for rows := range slices.Chunk(u.rows, groupsAtOnce) {
		var all map[string][]office.Personnel // by army number
		if u.upsert || u.dry {
			var err error
			if all, err = s.holders(ctx, u.db, rows); err != nil {
				return err
			}
		}
		for _, row := range rows {
			u.planRow(index, row, all[armyNumber(row)], edit)
			index++
		}
	}
	return nil
}

// planRow plans one row. Holders are the records that have its army number.
func (u *fileUpload) planRow(index int, row sheet.Row, holders []office.Personnel, edit office.Edit) {
	switch {
	case !u.upsert || len(holders) == 0:
		f, good := web.NewForm(objectOf(row, u.db), web.Whole), len(u.created)
		checkCells(f, row)
		if u.add(index, f, edit.At); len(holders) > 0 && len(u.created) > good {
			u.taken = append(u.taken, good)
		}
	case len(holders) > 1:
		u.fail(index, holders[0], web.FieldError{Field: "army_number",
			Message: fmt.Sprintf("is that of %d records of this database: change each by itself, or delete all but one", len(holders))})
	default:
		u.change(index, row, holders[0], edit)
	}
}

// change plans the change of a record by a row. A blank cell leaves its field alone.
func (u *fileUpload) change(index int, row sheet.Row, record office.Personnel, edit office.Edit) {
	f := web.NewForm(objectOf(row, u.db), web.Partial)
	checkCells(f, row)
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
		u.changes = append(u.changes, changedRecord{index, changed, fieldsOf(entry.Changes), patch})
	}
	u.seen[record.ArmyNumber] = true
}

// carryOut stores what is planned. A trial only finds out which rows the store would refuse.
func (s *service) carryOut(ctx context.Context, r *web.Request, u *fileUpload, edit office.Edit) error {
	if u.dry {
		u.refuse(u.taken)
		return nil
	}
	if err := s.insert(ctx, &u.batch, edit); err != nil {
		return err
	}
	err := s.changeAll(ctx, u, edit) // some may have been made even if it fails
	r.Audit("personnel uploaded", "target", u.db.Hex(), "inserted", len(u.created), "updated", len(u.changes), "failed", len(u.failed))
	return err
}

// changesAtOnce is how many changes the store makes at a time: others may write in between.
const changesAtOnce = 500

// changeAll makes the changes. A record that was deleted or moved since it was read is
// a failure.
func (s *service) changeAll(ctx context.Context, u *fileUpload, edit office.Edit) error {
	defer u.sortFailed()
	planned := u.changes
	u.changes = nil
	for changes := range slices.Chunk(planned, changesAtOnce) {
		patches := office.Convert(changes, func(c changedRecord) RecordPatch { return RecordPatch{c.record.ID, c.patch} })
		missing, err := s.Store.UpdateAll(ctx, u.db, patches, edit)
		if err != nil {
			return err
		}
		for i, change := range changes {
			if slices.Contains(missing, i) {
				u.fail(change.index, change.record, web.FieldError{Field: "row", Message: "is of a record that was just deleted or moved: look for it, and send the row again"})
				continue
			}
			u.changes = append(u.changes, change)
		}
	}
	return nil
}

// answer tells what happened to the rows, as data or as a file of those that failed.
func (u *fileUpload) answer(r *web.Request) *web.Answer {
	for i, failed := range u.failed {
		u.failed[i].Row = u.rows[failed.Index].Line
	}
	status := u.status(len(u.changes) + u.unchanged)
	data := map[string]any{
		"inserted": len(u.created), "updated": len(u.changes), "unchanged": u.unchanged,
		"failed": u.failed, "ignored_columns": u.ignored, "warnings": u.warnings,
	}
	if u.dry {
		status, data["dry_run"] = http.StatusOK, true
	}
	if strings.Contains(strings.ToLower(r.Header.Get("Accept")), csvType) {
		return u.failedRows(status)
	}
	return &web.Answer{Status: status, Message: u.message(), Data: data}
}

// message is a summary that stands alone, like that of an upload in JSON.
func (u *fileUpload) message() string {
	done := countWere(len(u.created)) + " added"
	if u.upsert {
		done += fmt.Sprintf(", %d changed, %d unchanged", len(u.changes), u.unchanged)
	}
	if u.dry {
		done = "This was a trial, and nothing was kept: " + done
	}
	return u.summary(done) + u.warningSummary()
}

// failedRows is a file of the rows that failed, as they were sent, to be corrected and
// sent again.
func (u *fileUpload) failedRows(status int) *web.Answer {
	file := sheet.NewWriter(sheet.CSV, u.bom)
	file.Write(append([]string{"Row", "Error"}, u.header...))
	for _, failed := range u.failed {
		file.Write(append([]string{strconv.Itoa(failed.Row), failed.Error}, u.rows[failed.Index].Cells...))
	}
	header := map[string]string{"Content-Type": sheet.CSV.ContentType(), "Content-Disposition": `attachment; filename="failed-rows.csv"`}
	return &web.Answer{Status: status, Header: header, Body: file.End()}
}
