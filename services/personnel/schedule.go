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

// scheduleTitles are the columns of a payment schedule.
var scheduleTitles = []string{"Bank Name", "Bank Sort Code", "Account Number", "Army Number", "Rank", "Name", "Check", "Why not"}

// payees are the ids of a group of records, by which the records are read again: a
// whole database is never in memory.
type payees struct {
	key   string // of a bank
	title string // its name
	ids   []office.ID
}

// schedule is GET /personnels/db/{db_id}/schedule: who is to be paid, by bank, and at
// the end who is not payable, and why.
func (s *service) schedule(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if err := s.requireDB(ctx, r, r.ID); err != nil {
		return nil, err
	}
	return s.download(r, "schedule", s.scheduled(ctx, r))
}

// scheduled are the titles, and then the lines of each group and their number.
func (s *service) scheduled(ctx context.Context, r *web.Request) rows {
	return func(yield func([][]string, error) bool) {
		banks, rest, count := map[string]*payees{}, &payees{title: "Not payable"}, 0
		defer func() {
			r.Audit("payment schedule made", "target", r.ID.Hex(), "count", count, "not_payable", len(rest.ids))
		}()
		lines := [][]string{scheduleTitles}
		for records, err := range decoded(s.batches(ctx, office.ScopeOf(r.ID))) {
			for _, record := range records {
				group := rest
				if whyNot(record) == "" {
					group = groupOf(banks, record.Bank)
				}
				group.ids = append(group.ids, record.ID)
			}
			if !yield(lines, err) { // so that others can work in between
				return
			}
			lines = nil
		}
		checks := s.inspection(r)
		checks.findShared(ctx)
		if !yield(lines, nil) {
			return
		}
		for _, group := range append(byTitle(banks), rest) {
			before := count
			for lines, err := range s.linesOf(ctx, r, checks, group, rest) {
				count += len(lines)
				if !yield(lines, err) {
					return
				}
			}
			total := []string{group.title, "", "", "", "", fmt.Sprintf("Count: %d", count-before), "", ""}
			if !yield([][]string{total, make([]string, len(total))}, nil) {
				return
			}
		}
	}
}

func byTitle(banks map[string]*payees) []*payees {
	return slices.SortedFunc(maps.Values(banks), func(a, b *payees) int {
		return cmp.Compare(office.Fold(a.title), office.Fold(b.title))
	})
}

// bankKey is what the records of one bank have in common, however they spell its name.
func bankKey(bank office.Bank) string { return cmp.Or(bank.Code(), office.Fold(bank.Name)) }

// groupOf is the group of a bank, under whichever of its names came first.
func groupOf(banks map[string]*payees, bank office.Bank) *payees {
	key := bankKey(bank)
	if banks[key] == nil {
		banks[key] = &payees{key: key, title: bank.Name}
	}
	return banks[key]
}

// linesOf are the lines of a group, in the order of lists. A record that no longer exists
// is left out. One that has since changed its bank, or cannot be paid any more, is put into
// the rest, which comes last.
func (s *service) linesOf(ctx context.Context, r *web.Request, checks inspection, group, rest *payees) rows {
	return func(yield func([][]string, error) bool) {
		for records, err := range decoded(s.withIDs(ctx, office.ScopeOf(r.ID), slices.Chunk(group.ids, streamStep))) {
			var listed []changedRecord
			for _, record := range records {
				if group != rest && (whyNot(record) != "" || bankKey(record.Bank) != group.key) {
					rest.ids = append(rest.ids, record.ID)
					continue
				}
				listed = append(listed, changedRecord{record: record, fields: checkedFields})
			}
			found, failed := checks.warnings(ctx, listed)
			lines := make([][]string, len(listed))
			for i, warnings := range found {
				why := ""
				if group == rest {
					why = cmp.Or(whyNot(listed[i].record), "the record was changed while this was made: make it again")
				}
				lines[i] = scheduleRow(listed[i].record, warnings, why)
			}
			if !yield(lines, cmp.Or(err, failed)) {
				return
			}
		}
	}
}

func scheduleRow(p office.Personnel, warnings []warning, why string) []string {
	var checks []office.Check
	for _, found := range warnings {
		if !slices.Contains(checks, found.Check) {
			checks = append(checks, found.Check)
		}
	}
	name := strings.Join(strings.Fields(strings.Join([]string{p.FirstName, p.MiddleName, p.LastName}, " ")), " ")
	return []string{
		p.Bank.Name, p.Bank.SortCode, p.AcctNumber, p.ArmyNumber, p.Rank, name,
		office.Join(checks, " "), why,
	}
}

// whyNot says why a person cannot be paid. It is empty if nothing is in the way.
func whyNot(p office.Personnel) string {
	if p.Status != office.StatusActive {
		return "the status is " + string(p.Status)
	}
	var faults []string
	for _, check := range p.FailedChecks() {
		if check.Severity() == office.High {
			faults = append(faults, ownMessage(check, p))
		}
	}
	return strings.Join(faults, problemSeparator)
}
