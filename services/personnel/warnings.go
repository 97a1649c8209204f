package personnel

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// warning is what a check finds in a record that was created or changed. Nothing is
// refused because of it: an office must be able to store what it has.
type warning struct {
	Field   string       `json:"field"`
	Check   office.Check `json:"code"`
	Message string       `json:"message"`
}

// answerWithWarnings answers with a record, and with what the checks find in its new fields.
func (s *service) answerWithWarnings(ctx context.Context, r *web.Request, status int, message string, record office.Personnel, fields []string) *web.Answer {
	i := s.newInspection(r)
	i.enough = maxCompared
	checked := []checkedRecord{{record: record, fields: fields}}
	i.warnOfStored(ctx, r, checked)
	answer := recordAnswer(status, message, record.JSON())
	if warnings := checked[0].warnings; len(warnings) > 0 {
		answer.Message += " Please check: " + warnings[0].Message + "."
		answer.Data = recordWith{record, map[string]any{"warnings": warnings}}
	}
	return answer
}

// maxCompared is how many records with one number are compared with a single one: a
// number that so many have is a finding in any case.
const maxCompared = 1000

// checkedRecord is a record that the checks look at, and what they find.
type checkedRecord struct {
	index    int // of the row, where it is from an upload
	record   office.Personnel
	fields   []string              // that are new; nil means all
	patch    office.PersonnelPatch // what changes an existing record
	warnings []warning
}

func recordOf(c checkedRecord) office.Personnel { return c.record }

func (c checkedRecord) has(fields ...string) bool {
	return c.fields == nil || slices.ContainsFunc(fields, func(field string) bool { return slices.Contains(c.fields, field) })
}

// warningsTimeout is how long records that are already stored may be compared with others,
// plus a millisecond for each: in an outage, the caller still gets an answer in time.
const warningsTimeout = 2 * time.Second

// warnOfStored is warn for records that are already stored: if the store does not answer,
// only some warnings are missing.
func (i inspection) warnOfStored(ctx context.Context, r *web.Request, records []checkedRecord) {
	ctx, cancel := context.WithTimeout(ctx, warningsTimeout+time.Duration(len(records))*time.Millisecond)
	defer cancel()
	if err := i.warn(ctx, records); err != nil {
		r.Log().WarnContext(ctx, "a change was not completely compared with other records", "error", err.Error())
	}
}

// warn sets the warnings of the records. When it fails, some are missing.
func (i inspection) warn(ctx context.Context, records []checkedRecord) error {
	for n, c := range records {
		records[n].warnings = c.ownWarnings()
	}
	for _, by := range keys {
		var values []string
		holders := map[string][]*checkedRecord{}
		for n := range records {
			c := &records[n]
			value := by.of(c.record.Payee())
			holders[value] = append(holders[value], c)
			if c.has(string(by), "status") && i.mayShare(by, value) {
				values = append(values, value)
			}
		}
		slices.Sort(values)
		for part := range slices.Chunk(slices.Compact(values), groupsAtOnce) {
			err := i.groupsOf(ctx, by, part, func(g group) {
				for _, c := range holders[g.value] {
					c.warnings = append(c.warnings, g.warnings(*c)...)
					slices.SortStableFunc(c.warnings, func(a, b warning) int {
						return slices.Index(office.Checks, a.Check) - slices.Index(office.Checks, b.Check)
					})
				}
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// ownWarnings are those of the checks of a single record.
func (c checkedRecord) ownWarnings() (warnings []warning) {
	for _, check := range c.record.FailedChecks() {
		if fields := office.OwnChecks[check]; c.has(fields...) {
			warnings = append(warnings, warning{fields[0], check, ownMessage(check, c.record)})
		}
	}
	return warnings
}

func (g group) warnings(c checkedRecord) (warnings []warning) {
	isNew, payee := c.has(string(g.by)), c.record.Payee()
	for _, found := range g.findings() {
		what := ""
		switch {
		case found.Check == office.AcctShared && isNew:
			what = fmt.Sprintf("is that of %d people", g.people)
		case found.Check == office.PersonTwice && isNew:
			what = fmt.Sprintf("is in %d databases", g.dbs)
		case found.Check == office.StatusConflict && payee.Status == office.StatusActive:
			what = "is that of somebody who is dead or absent"
		case found.Check == office.StatusConflict && payee.IsGone():
			what = "is on an active record"
		}
		if what != "" {
			warnings = append(warnings, warning{string(g.by), found.Check, g.by.says(what)})
		}
	}
	return warnings
}

type rowWarning struct {
	Index      int    `json:"index"` // among the rows, from 0
	ArmyNumber string `json:"army_number"`
	warning
}

const maxWarnings = 100

// warnOfRows warns of the rows that were taken. A trial that cannot compare them fails.
func (s *service) warnOfRows(ctx context.Context, r *web.Request, u *upload) error {
	rows := slices.Concat(u.created, u.updated)
	slices.SortFunc(rows, func(a, b checkedRecord) int { return a.index - b.index })
	i := s.newInspection(r)
	if !u.dry {
		i.warnOfStored(ctx, r, rows)
	} else {
		i.store = trial{s.Store, rows}
		if err := i.warn(ctx, rows); err != nil {
			return err
		}
	}
	u.warnings = []rowWarning{}
	for _, row := range rows {
		for _, warning := range row.warnings {
			if u.warningCount++; u.warningCount <= maxWarnings {
				u.warnings = append(u.warnings, rowWarning{row.index, row.record.ArmyNumber, warning})
			}
		}
	}
	return nil
}

// trial is a store as it would be after an upload.
type trial struct {
	CheckStore
	changed []checkedRecord
}

func (t trial) Holders(ctx context.Context, scope office.Scope, by Key, values []string, each func(office.Payee) error) error {
	var pending []office.Payee
	isChanged := map[office.ID]bool{}
	for _, c := range t.changed {
		payee := c.record.Payee()
		isChanged[payee.ID] = true
		if _, isAsked := slices.BinarySearch(values, by.of(payee)); isAsked {
			pending = append(pending, payee)
		}
	}
	compare := func(a, b office.Payee) int {
		return cmp.Or(strings.Compare(by.of(a), by.of(b)), strings.Compare(a.ArmyNumber, b.ArmyNumber), office.CompareIDs(a.DBID, b.DBID))
	}
	slices.SortFunc(pending, compare)
	err := t.CheckStore.Holders(ctx, scope, by, values, func(p office.Payee) error {
		for ; len(pending) > 0 && compare(pending[0], p) < 0; pending = pending[1:] {
			if err := each(pending[0]); err != nil {
				return err
			}
		}
		if isChanged[p.ID] { // this is its old state
			return nil
		}
		return each(p)
	})
	for ; len(pending) > 0 && err == nil; pending = pending[1:] {
		err = each(pending[0])
	}
	return err
}
