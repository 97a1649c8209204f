package personnel

import (
	"context"
	"strings"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// CheckStore is what the checks before a payment ask of the store.
type CheckStore interface {
	// Shared returns, in order of their bytes, the first values after one that
	// several live records of the scope have. An empty one is none.
	Shared(ctx context.Context, scope office.Scope, by Key, after string, limit int) ([]string, error)
	// Holders hands over the live records of the scope with one of the values,
	// which are in order: by value, army number and database.
	Holders(ctx context.Context, scope office.Scope, by Key, values []string, each func(office.Payee) error) error
	// Flagged returns a part of the records that one of the checks finds which
	// look at one record alone, in the order of Page, and how many there are.
	Flagged(ctx context.Context, query FlagQuery) ([]office.Personnel, int, error)
}

// Key is a field by which records are compared with each other.
type Key string

const (
	ByAccount    Key = "acct_number"
	ByArmyNumber Key = "army_number"
)

// of is what the record has in the field.
func (k Key) of(p office.Payee) string {
	if k == ByAccount {
		return p.AcctNumber
	}
	return p.ArmyNumber
}

// spoken is the field as a person calls it.
func (k Key) spoken() string {
	if k == ByAccount {
		return "account number"
	}
	return "army number"
}

// FlagQuery asks for the records that a check finds.
type FlagQuery struct {
	Scope  office.Scope
	Check  office.Check // BankChanged, NewPayee, or one of office.OwnChecks
	Since  time.Time    // of BankChanged and NewPayee
	Offset int
	Limit  int // 0 only counts
}

// class is what findings are counted and listed by.
type class struct {
	check    office.Check
	severity office.Severity
}

// classes are all classes of findings, in the order in which they are listed.
var classes = allClasses()

func allClasses() (all []class) {
	for _, severity := range []office.Severity{office.High, office.Low} {
		for _, check := range office.Checks {
			if isCompared(check) || check.Severity() == severity {
				all = append(all, class{check, severity})
			}
		}
	}
	return all
}

// isCompared tells whether a check compares records with each other.
func isCompared(check office.Check) bool {
	return check == office.AcctShared || check == office.PersonTwice || check == office.StatusConflict
}

// finding is what a check has found.
type finding struct {
	Check    office.Check    `json:"code"`
	Severity office.Severity `json:"severity"`
	Message  string          `json:"message"`
	Records  []office.Payee  `json:"records"`
}

// report is the data of the checks: a list, and how much there is to find.
type report struct {
	Data   []finding            `json:"data"`
	Meta   web.Meta             `json:"meta"`
	Counts map[office.Check]int `json:"counts"`
}

// inspection is a call of the checks on its way.
type inspection struct {
	store CheckStore
	scope office.Scope // what is compared
	only  *office.ID   // findings must have a record of this database
	check office.Check // list what this one finds; empty is all
	since time.Time

	shared map[Key][]string // all values that records share, where they are few
	enough int              // how many records with one number are compared; 0 is all
}

// checks is GET /personnels/checks.
func (s *service) checks(ctx context.Context, r *web.Request) (*web.Answer, error) {
	i, page, err := s.inspect(ctx, r)
	if err != nil {
		return nil, err
	}
	counts, err := i.count(ctx)
	if err != nil {
		return nil, err
	}
	total, byCheck := 0, map[office.Check]int{}
	for _, class := range classes {
		byCheck[class.check] += counts[class]
		if i.lists(class) {
			total += counts[class]
		}
	}
	findings, err := i.list(ctx, counts, page)
	if err != nil {
		return nil, err
	}
	list := web.NewList(findings, page, total)
	return web.OK("What to look at before the payment.", report{list.Data, list.Meta, byCheck})
}

// inspect reads what a call asks for.
func (s *service) inspect(ctx context.Context, r *web.Request) (i inspection, page web.Page, err error) {
	i = inspection{store: s.Store, scope: r.Caller.Scope(), shared: map[Key][]string{}}
	if i.only, err = s.readDB(ctx, r); err != nil {
		return i, page, err
	}
	if i.check, err = web.ReadChoice("code", r.Query.Get("code"), office.Checks); err != nil {
		return i, page, err
	}
	if i.since, err = readTime(r.Query, "since", startOfMonth(s.Now())); err != nil {
		return i, page, err
	}
	page, err = web.ReadPage(r.Query)
	return i, page, err
}

func startOfMonth(at time.Time) time.Time {
	year, month, _ := at.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// lists tells whether findings of a class are asked for.
func (i inspection) lists(c class) bool { return i.check == "" || i.check == c.check }

// ownScope is where the checks of one record look.
func (i inspection) ownScope() office.Scope {
	if i.only != nil {
		return office.ScopeOf(*i.only)
	}
	return i.scope
}

// count counts all findings.
func (i inspection) count(ctx context.Context) (map[class]int, error) {
	counts := map[class]int{}
	for _, by := range []Key{ByAccount, ByArmyNumber} {
		err := i.eachGroup(ctx, by, func(g group) error {
			for _, found := range g.classes() {
				counts[found]++
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, check := range office.Checks {
		if isCompared(check) {
			continue
		}
		_, n, err := i.store.Flagged(ctx, FlagQuery{Scope: i.ownScope(), Check: check, Since: i.since})
		if err != nil {
			return nil, err
		}
		counts[class{check, check.Severity()}] = n
	}
	return counts, nil
}

// list is a page of the findings, of which there are so many of each class.
func (i inspection) list(ctx context.Context, counts map[class]int, page web.Page) (findings []finding, err error) {
	skip := page.Offset()
	for _, class := range classes {
		left := page.Limit - len(findings)
		switch {
		case !i.lists(class):
			continue
		case left == 0:
			return findings, nil
		case skip >= counts[class]:
			skip -= counts[class]
			continue
		}
		var more []finding
		if isCompared(class.check) {
			more, err = i.compared(ctx, class, skip, left)
		} else {
			more, err = i.flagged(ctx, class, skip, left)
		}
		if err != nil {
			return nil, err
		}
		findings, skip = append(findings, more...), 0
	}
	return findings, nil
}

// flagged are findings in one record each.
func (i inspection) flagged(ctx context.Context, c class, offset, limit int) (findings []finding, err error) {
	records, _, err := i.store.Flagged(ctx, FlagQuery{Scope: i.ownScope(), Check: c.check, Since: i.since, Offset: offset, Limit: limit})
	for _, record := range records {
		findings = append(findings, finding{c.check, c.severity, sentence(ownMessage(c.check, record)), []office.Payee{record.Payee()}})
	}
	return findings, err
}

// ownMessage says what is wrong with one record.
func ownMessage(check office.Check, record office.Personnel) string {
	switch check {
	case office.BankChanged:
		return "the bank or the account number was changed on " + record.BankChangedAt.Format(time.DateOnly)
	case office.NewPayee:
		return "the record was created on " + record.CreatedAt.Format(time.DateOnly)
	case office.AcctFormat:
		return "the account number is not 10 digits"
	case office.SortCodeFormat:
		return "the sort code is not 9 digits"
	case office.SortCodeMissing:
		return "the bank has no sort code"
	case office.SortCodeBank:
		return "the sort code is that of another bank than " + record.Bank.Name
	}
	return "the account number does not fit " + record.Bank.Name
}

// sentence makes one of a message.
func sentence(message string) string {
	return strings.ToUpper(message[:1]) + strings.TrimSuffix(message[1:], ".") + "."
}
