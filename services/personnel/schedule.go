package personnel

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

var scheduleTitles = []string{"Bank Name", "Bank Sort Code", "Account Number", "Army Number", "Rank", "Name", "Check", "Why not"}

// section is a part of the schedule: the records of one bank, or those that are not payable.
// It has only their ids, by which they are read again: a whole database is never in memory.
type section struct {
	key   string // of its records
	title string // the name of the bank
	ids   []office.ID
}

// schedule is GET /personnels/db/{db_id}/schedule: who is to be paid, by bank, and who is not.
func (s *service) schedule(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if err := s.Store.CheckDB(ctx, r.ID); err != nil {
		return nil, err
	}
	return s.download(r, "schedule", s.scheduleRows(ctx, r))
}

// scheduleRows are the titles, and then the rows of each section and their number.
func (s *service) scheduleRows(ctx context.Context, r *web.Request) rows {
	return func(yield func([][]string, error) bool) {
		rest, count := &section{title: "Not payable"}, 0
		sections := map[string]*section{rest.key: rest}
		defer func() {
			r.Audit("payment schedule made", "target", r.ID.Hex(), "count", count, "not_payable", len(rest.ids))
		}()
		lines := [][]string{scheduleTitles}
		for records, err := range decodeRecords(s.batches(ctx, office.ScopeOf(r.ID))) {
			for _, record := range records {
				key := sectionKey(record)
				if sections[key] == nil {
					sections[key] = &section{key: key, title: record.Bank.Name} // the name that comes first
				}
				sections[key].ids = append(sections[key].ids, record.ID)
			}
			if !yield(lines, err) { // so that others can work in between
				return
			}
			lines = nil
		}
		checks := s.newInspection(r)
		checks.findShared(ctx)
		delete(sections, rest.key)
		for _, sec := range append(byTitle(sections), rest) {
			before := count
			for lines, err := range s.sectionRows(ctx, r, checks, sec, rest) {
				count += len(lines)
				if !yield(lines, err) {
					return
				}
			}
			total := []string{sec.title, "", "", "", "", fmt.Sprintf("Count: %d", count-before), "", ""}
			if !yield([][]string{total, make([]string, len(total))}, nil) {
				return
			}
		}
	}
}

func byTitle(banks map[string]*section) []*section {
	return slices.SortedFunc(maps.Values(banks), func(a, b *section) int {
		return cmp.Or(cmp.Compare(office.Fold(a.title), office.Fold(b.title)), cmp.Compare(a.key, b.key))
	})
}

// sectionKey is the code of the bank, which every payable record has; empty for all others.
func sectionKey(p office.Personnel) string {
	if whyNot(p) != "" {
		return ""
	}
	return p.Bank.Code()
}

// sectionRows are the rows of a section, in the order of lists. A record that has since changed
// its bank, or cannot be paid any more, is put into the rest, which comes last.
func (s *service) sectionRows(ctx context.Context, r *web.Request, checks inspection, sec, rest *section) rows {
	return func(yield func([][]string, error) bool) {
		for records, err := range decodeRecords(s.withIDs(ctx, office.ScopeOf(r.ID), sec.ids)) {
			var listed []checkedRecord
			for _, record := range records {
				if sec != rest && sectionKey(record) != sec.key {
					rest.ids = append(rest.ids, record.ID)
					continue
				}
				listed = append(listed, checkedRecord{record: record})
			}
			failed := checks.warn(ctx, listed)
			lines := make([][]string, len(listed))
			for i, c := range listed {
				why := ""
				if sec == rest {
					why = cmp.Or(whyNot(c.record), "the record was changed while this schedule was made: make it again")
				}
				lines[i] = scheduleRow(c, why)
			}
			if !yield(lines, cmp.Or(err, failed)) {
				return
			}
		}
	}
}

func scheduleRow(c checkedRecord, why string) []string {
	p, codes := c.record, slices.Compact(office.Convert(c.warnings, func(w warning) office.Check { return w.Check })) // they are sorted
	name := strings.Join(strings.Fields(p.FirstName+" "+p.MiddleName+" "+p.LastName), " ")
	return []string{p.Bank.Name, p.Bank.SortCode, p.AcctNumber, p.ArmyNumber, p.Rank, name, office.Join(codes, " "), why}
}

// whyNot says why a person cannot be paid. It is empty if nothing is in the way.
func whyNot(p office.Personnel) string {
	if p.Status != office.StatusActive {
		return "the status is " + string(p.Status)
	}
	var faults []string
	for _, check := range p.FailedChecks() {
		if slices.Contains(classes, class{check, office.High, ""}) {
			faults = append(faults, ownMessage(check, p))
		}
	}
	return strings.Join(faults, problemSeparator)
}
