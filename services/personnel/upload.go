package personnel

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"officepay.example/services/personnel/sheet"
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// What may be wrong with a row whose fields are good.
var (
	errForeign = web.FieldError{Field: "db_id", Message: "differs from that of the earlier rows"}
	errSeen    = web.FieldError{Field: "army_number", Message: "is already in an earlier row"}
	errTaken   = web.FieldError{Field: "army_number", Message: "is already in use in this database"}
	errGone    = web.FieldError{Field: "row", Message: "is for a record that was just deleted or moved: look for it, and send the row again"}
)

// maxRows is the most rows or ids that a call may carry.
const maxRows = 10000

const problemSeparator = "; "

// failure is a row that was not taken, and why.
type failure struct {
	Index      int    `json:"index"` // among the rows, from 0
	ArmyNumber string `json:"army_number"`
	Error      string `json:"error"`         // every problem
	Row        int    `json:"row,omitempty"` // the line of a file, from 1
}

// upload is an upload in progress. Its rows are records of one database.
type upload struct {
	db        office.ID       // of the first row that names one
	named     bool            // whether one did; the zero id is an id like any other
	seen      map[string]bool // the army numbers of the good rows
	created   []checkedRecord // new ones
	updated   []checkedRecord // existing ones, with what changes
	unchanged int
	failed    []failure

	file   *sheet.File // nil for an array
	upsert bool        // a row whose army number exists changes that record, instead of being a failure
	dry    bool        // a trial: nothing is stored, and the answer says what would be
	bom    bool        // for a file of the rows that failed

	warnings     []rowWarning // the first ones, of the rows that were taken
	warningCount int          // how many there are
}

// upload is POST /personnels/upload. It takes an array of records of one database, or a
// file. The good rows are stored; for each of the others, the answer says why not.
func (s *service) upload(ctx context.Context, r *web.Request) (*web.Answer, error) {
	u, edit, plan := &upload{seen: map[string]bool{}, failed: []failure{}}, s.edit(r), s.planArray
	if r.MediaType() == csvType {
		plan = s.planFile
	}
	err := plan(ctx, r, u, edit)
	if err == nil && !u.dry {
		err = s.carryOut(ctx, r, u, edit)
	}
	if err == nil {
		err = s.warnOfRows(ctx, r, u)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(u.failed, func(a, b failure) int { return a.Index - b.Index })
	if u.file != nil && strings.Contains(strings.ToLower(r.Header.Get("Accept")), csvType) {
		return u.failedRows(), nil
	}
	return u.answer(), nil
}

// planArray plans the rows of an array.
func (s *service) planArray(ctx context.Context, r *web.Request, u *upload, edit office.Edit) error {
	if dry, err := readFlag(r.Query, "dry_run"); err != nil {
		return err
	} else if dry { // otherwise somebody who meant a trial would find the rows stored
		return web.Invalid("dry_run", "needs a CSV file: rows in JSON have no trial")
	}
	count := 0
	err := web.DecodeRows(r, maxRows, func(f *web.Form) {
		u.add(count, f, false, edit.At)
		count++
	})
	if err != nil || !u.named {
		return err
	}
	if err := r.CheckAccess(u.db); err != nil || len(u.created) > 0 { // storing these finds out whether it exists
		return err
	}
	return s.Store.CheckDB(ctx, u.db)
}

// add plans a new record. A trial knows whether its number isTaken; otherwise, the store finds out.
func (u *upload) add(index int, f *web.Form, isTaken bool, now time.Time) {
	patch := readRecord(f)
	if patch.DBID != nil && !u.named {
		u.db, u.named = *patch.DBID, true
	}
	record := newRecord(patch, now)
	switch {
	case len(f.Problems()) > 0:
		u.fail(index, record, f.Problems()...)
	case record.DBID != u.db:
		u.fail(index, record, errForeign)
	case u.seen[record.ArmyNumber]:
		u.fail(index, record, errSeen)
	case isTaken:
		u.seen[record.ArmyNumber] = true
		u.fail(index, record, errTaken)
	default:
		u.seen[record.ArmyNumber] = true
		u.created = append(u.created, checkedRecord{index: index, record: record})
	}
}

func (u *upload) fail(index int, record office.Personnel, problems ...web.FieldError) {
	texts := office.Convert(problems, web.FieldError.String)
	failed := failure{Index: index, ArmyNumber: record.ArmyNumber, Error: strings.Join(texts, problemSeparator)}
	if u.file != nil {
		failed.Row = u.file.Rows[index].Line
	}
	u.failed = append(u.failed, failed)
}

// refuse makes failures of some of the records, and returns the others.
func (u *upload) refuse(records []checkedRecord, indexes []int, problem web.FieldError) []checkedRecord {
	for _, i := range indexes {
		u.fail(records[i].index, records[i].record, problem)
		records[i].index = -1
	}
	return slices.DeleteFunc(records, func(c checkedRecord) bool { return c.index < 0 })
}

// updatesAtOnce is how many records the store changes at a time: others may write in between.
const updatesAtOnce = 500

// carryOut stores what is planned. What the store refuses becomes a failure: a record whose
// number another has, or one that was deleted or moved since it was read.
func (s *service) carryOut(ctx context.Context, r *web.Request, u *upload, edit office.Edit) error {
	if len(u.created) > 0 {
		taken, err := s.Store.Create(ctx, office.Convert(u.created, recordOf), edit)
		if err != nil {
			return err
		}
		u.created = u.refuse(u.created, taken, errTaken)
	}
	var failed error
	planned := u.updated
	u.updated = nil
	for part := range slices.Chunk(planned, updatesAtOnce) {
		patches := office.Convert(part, func(c checkedRecord) RecordPatch { return RecordPatch{c.record.ID, c.patch} })
		missing, err := s.Store.UpdateAll(ctx, u.db, patches, edit)
		if failed = err; err != nil {
			break // some may have been changed even so
		}
		u.updated = append(u.updated, u.refuse(part, missing, errGone)...)
	}
	attrs := []any{"target", u.db.Hex(), "inserted", len(u.created), "failed", len(u.failed)}
	if u.file != nil {
		attrs = append(attrs, "updated", len(u.updated))
	}
	r.Audit("personnel uploaded", attrs...)
	return failed
}

// answer tells what happened to the rows.
func (u *upload) answer() *web.Answer {
	data := map[string]any{"inserted": len(u.created), "failed": u.failed}
	if u.file != nil || len(u.warnings) > 0 {
		data["warnings"] = u.warnings
	}
	if u.file != nil {
		data["updated"], data["unchanged"], data["ignored_columns"] = len(u.updated), u.unchanged, u.file.Ignored
	}
	if u.dry {
		data["dry_run"] = true
	}
	return &web.Answer{Status: u.status(), Message: u.message(), Data: data}
}

// status says whether all rows were taken, some, or none.
func (u *upload) status() int {
	switch {
	case u.dry:
		return http.StatusOK
	case len(u.failed) == 0:
		return http.StatusCreated
	case len(u.created)+len(u.updated)+u.unchanged == 0:
		return http.StatusBadRequest
	}
	return http.StatusMultiStatus
}

// message stands alone: it is all that the frontend shows.
func (u *upload) message() string {
	text := countWere(len(u.created)) + " added"
	if u.upsert {
		text += fmt.Sprintf(", %d changed, %d unchanged", len(u.updated), u.unchanged)
	}
	if u.dry {
		text = "This was a trial, and nothing was kept: " + text
	}
	if n := len(u.failed); n > 0 {
		subject := "The first is"
		if n == 1 {
			subject = "It is"
		}
		reason, _, _ := strings.Cut(u.failed[0].Error, problemSeparator)
		text += fmt.Sprintf(", %d failed. %s %s: %s", n, subject, u.failed[0].rowName(), reason)
	}
	switch u.warningCount {
	case 0:
		return text + "."
	case 1:
		return text + ". There is 1 warning."
	}
	return fmt.Sprintf("%s. There are %d warnings.", text, u.warningCount)
}

// countWere begins a sentence about so many rows or records.
func countWere(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}

// rowName is what people call the row, with its army number if it has one.
func (f failure) rowName() string {
	row := fmt.Sprintf("row %d", cmp.Or(f.Row, f.Index+1))
	if f.ArmyNumber == "" {
		return row
	}
	number := fmt.Sprintf("%.30s", f.ArmyNumber) // its first characters
	if number != f.ArmyNumber {
		number += "…"
	}
	return number + ", in " + row
}
