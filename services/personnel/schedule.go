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

// payees are the army numbers of a group of records, by which the records are read
// again: a whole database is never in memory.
type payees struct {
	title   string // of the group: a bank's name
	numbers []string
}

// schedule is GET /personnels/db/{db_id}/schedule: who is to be paid, by bank, and at
// the end who is not payable, and why.
func (s *service) schedule(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if err := s.requireDB(ctx, r, r.ID); err != nil {
		return nil, err
	}
	return s.download(r, "schedule", s.scheduled(ctx, r))
}

func (s *service) scheduled(ctx context.Context, r *web.Request) rows {
	return func(yield func([][]string, error) bool) {
		banks, rest := map[string]*payees{}, payees{title: "Not payable"}
		for records, err := range s.batches(ctx, office.ScopeOf(r.ID)) {
			for _, record := range records {
				group := &rest
				if whyNot(record) == "" {
					group = groupOf(banks, record.Bank)
				}
				group.numbers = append(group.numbers, record.ArmyNumber)
			}
			if !yield(nil, err) { // others may work meanwhile
				return
			}
		}
		if !yield([][]string{scheduleTitles}, nil) {
			return
		}
		groups := slices.SortedFunc(maps.Values(banks), func(a, b *payees) int {
			return cmp.Compare(office.Fold(a.title), office.Fold(b.title))
		})
		for _, group := range append(groups, &rest) {
			if !s.writeGroup(ctx, r, *group, yield) {
				return
			}
		}
		r.Audit("payment schedule made", "target", r.ID.Hex(), "not_payable", len(rest.numbers))
	}
}

// groupOf is the group of a bank, under whichever of its names came first.
func groupOf(banks map[string]*payees, bank office.Bank) *payees {
	key := cmp.Or(bank.Code(), office.Fold(bank.Name))
	if banks[key] == nil {
		banks[key] = &payees{title: bank.Name}
	}
	return banks[key]
}

// writeGroup writes the rows of a group, in the order of lists, and how many they are.
// Who is no longer there is left out.
func (s *service) writeGroup(ctx context.Context, r *web.Request, group payees, yield func([][]string, error) bool) bool {
	count := 0
	for numbers := range slices.Chunk(group.numbers, streamStep) {
		records, err := s.Store.Numbered(ctx, r.ID, numbers)
		slices.SortFunc(records, func(a, b office.Personnel) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
		})
		all := make([]news, len(records))
		for i, record := range records {
			all[i] = news{record: record, fields: newFields}
		}
		var table [][]string
		for i, warnings := range s.warnings(ctx, r, all, false) {
			table = append(table, scheduleRow(records[i], warnings))
		}
		if count += len(records); !yield(table, err) {
			return false
		}
	}
	return yield([][]string{{group.title, "", "", "", "", fmt.Sprintf("Count: %d", count), "", ""}, make([]string, len(scheduleTitles))}, nil)
}

func scheduleRow(p office.Personnel, warnings []warning) []string {
	var checks []office.Check
	for _, found := range warnings {
		if !slices.Contains(checks, found.Check) {
			checks = append(checks, found.Check)
		}
	}
	name := strings.Join(strings.Fields(strings.Join([]string{p.FirstName, p.MiddleName, p.LastName}, " ")), " ")
	return []string{
		p.Bank.Name, p.Bank.SortCode, p.AcctNumber, p.ArmyNumber, p.Rank, name,
		office.Join(checks, " "), whyNot(p),
	}
}

// whyNot says why a person cannot be paid; it is empty where he can.
func whyNot(p office.Personnel) string {
	if p.Status != office.StatusActive {
		return "the status is " + string(p.Status)
	}
	for _, check := range p.FailedChecks() {
		if check.Severity() == office.High {
			return "the bank details are not complete"
		}
	}
	return ""
}
