package personnel

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// errSeen is for a row with the army number of an earlier row.
var errSeen = web.FieldError{Field: "army_number", Message: "is already in an earlier row"}

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

// batch is an upload in progress: the rows that are good so far, and the failures.
type batch struct {
	db      office.ID       // of the first row that names one
	named   bool            // one did; the zero id is an id like any other
	created []changedRecord // from the good rows
	failed  []failure
	seen    map[string]bool // army numbers

	warnings     []rowWarning // the first ones, of the rows that were taken
	warningCount int          // how many there are
}

// upload is POST /personnels/upload. It takes an array of records of one database, or a
// file. The good rows are added together; for each of the others the answer says why not.
func (s *service) upload(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if r.MediaType() == csvType {
		return s.uploadFile(ctx, r)
	}
	if dry, err := readFlag(r.Query, "dry_run"); err != nil {
		return nil, err
	} else if dry { // otherwise somebody who meant a trial would find the rows stored
		return nil, web.Invalid("dry_run", "needs a CSV file: rows in JSON have no trial")
	}
	b := batch{seen: map[string]bool{}, failed: []failure{}}
	count, edit := 0, s.edit(r)
	err := web.DecodeRows(r, maxRows, func(f *web.Form) {
		b.add(count, f, edit.At)
		count++
	})
	if err != nil {
		return nil, err
	}
	if b.named { // otherwise no row is good
		if err := r.CheckAccess(b.db); err != nil {
			return nil, err
		}
		if err := s.insert(ctx, &b, edit); err != nil {
			return nil, err
		}
	}
	r.Audit("personnel uploaded", "target", b.db.Hex(), "inserted", len(b.created), "failed", len(b.failed))
	b.addWarnings(b.created, s.newInspection(r).warningsOfStored(ctx, r, b.created))
	return b.answer(), nil
}

func (b *batch) add(index int, f *web.Form, now time.Time) {
	patch := readRecord(f)
	if patch.DBID != nil && !b.named {
		b.db, b.named = *patch.DBID, true
	}
	record := newRecord(patch, now)
	switch {
	case len(f.Problems()) > 0:
		b.fail(index, record, f.Problems()...)
	case record.DBID != b.db:
		b.fail(index, record, web.FieldError{Field: "db_id", Message: "differs from that of the earlier rows"})
	case b.seen[record.ArmyNumber]:
		b.fail(index, record, errSeen)
	default:
		b.seen[record.ArmyNumber] = true
		b.created = append(b.created, changedRecord{index: index, record: record})
	}
}

func (b *batch) fail(index int, record office.Personnel, problems ...web.FieldError) {
	texts := office.Convert(problems, web.FieldError.String)
	b.failed = append(b.failed, failure{Index: index, ArmyNumber: record.ArmyNumber, Error: strings.Join(texts, problemSeparator)})
}

// insert stores the good rows; those that the store refuses become failures. The store
// also checks that the database exists, which is all that is left to do without good rows.
func (s *service) insert(ctx context.Context, b *batch, edit office.Edit) error {
	if len(b.created) == 0 {
		return s.Store.CheckDB(ctx, b.db)
	}
	taken, err := s.Store.Create(ctx, office.Convert(b.created, recordOf), edit)
	if err != nil {
		return err
	}
	b.refuse(taken)
	return nil
}

// refuse makes failures of records whose army numbers are taken.
func (b *batch) refuse(taken []int) {
	for _, i := range taken {
		b.fail(b.created[i].index, b.created[i].record, web.FieldError{Field: "army_number", Message: "is already in use in this database"})
		b.created[i].index = -1
	}
	b.created = slices.DeleteFunc(b.created, func(c changedRecord) bool { return c.index < 0 })
	b.sortFailed()
}

func (b *batch) sortFailed() {
	slices.SortFunc(b.failed, func(x, y failure) int { return x.Index - y.Index })
}

func (b *batch) answer() *web.Answer {
	data := map[string]any{"inserted": len(b.created), "failed": b.failed}
	if len(b.warnings) > 0 {
		data["warnings"] = b.warnings
	}
	return &web.Answer{Status: b.status(0), Message: b.summary(countWere(len(b.created))+" added") + b.warningSummary(), Data: data}
}

// status says whether all rows were taken, some, or none. Others is how many were taken
// that are not new records.
func (b *batch) status(others int) int {
	switch {
	case len(b.failed) == 0:
		return http.StatusCreated
	case len(b.created)+others == 0:
		return http.StatusBadRequest
	}
	return http.StatusMultiStatus
}

// summary stands alone: it is all that the frontend shows. It begins with what was done.
func (b *batch) summary(done string) string {
	if len(b.failed) == 0 {
		return done + "."
	}
	subject := "The first is"
	if len(b.failed) == 1 {
		subject = "It is"
	}
	reason, _, _ := strings.Cut(b.failed[0].Error, problemSeparator)
	return fmt.Sprintf("%s, %d failed. %s %s: %s.", done, len(b.failed), subject, b.failed[0].place(), reason)
}

// countWere begins a sentence about so many rows or records.
func countWere(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}

// place names a row for people, by its army number if it has one.
func (f failure) place() string {
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
