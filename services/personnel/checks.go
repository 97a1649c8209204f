package personnel

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// CheckStore is what the checks before a payment need from the store.
type CheckStore interface {
	// Shared returns the first limit values after the given one, in order of their bytes,
	// that several live records of the scope have. The empty value does not count.
	Shared(ctx context.Context, scope office.Scope, by Key, after string, limit int) ([]string, error)
	// Holders passes on the live records of the scope with one of the values, which must be
	// sorted, in order of value, army number and database. It returns the first error of each.
	Holders(ctx context.Context, scope office.Scope, by Key, values []string, each func(office.Payee) error) error
	// Flagged is for the checks of a single record. It returns the ids of a part of the
	// records that the check finds, in the order of Page, and how many there are in all.
	Flagged(ctx context.Context, query FlagQuery) ([]office.ID, int, error)
}

// Key is a field by which records are compared with each other.
type Key string

const (
	ByAccount    Key = "acct_number"
	ByArmyNumber Key = "army_number"
)

var keys = []Key{ByAccount, ByArmyNumber}

func (k Key) of(p office.Payee) string {
	if k == ByAccount {
		return p.AcctNumber
	}
	return p.ArmyNumber
}

// says puts the field's name for people before what is said of it.
func (k Key) says(what string) string {
	return web.FieldError{Field: string(k), Message: what}.String()
}

// FlagQuery asks for a part of the records in which a check finds something.
type FlagQuery struct {
	Scope  office.Scope
	Check  office.Check // BankChanged, NewPayee, or one of office.OwnChecks
	Since  time.Time    // of BankChanged and NewPayee
	Offset int
	Limit  int // 0 means count only
}

// class is a class of findings, by which they are counted and listed.
type class struct {
	Check    office.Check    `json:"code"`
	Severity office.Severity `json:"severity"`
	by       Key             // by which records are compared; empty for a check of a single record
}

// classes are all classes of findings, in the order in which they are listed.
var classes = []class{
	{office.AcctShared, office.High, ByAccount},
	{office.PersonTwice, office.High, ByArmyNumber},
	{office.StatusConflict, office.High, ByAccount},
	{office.StatusConflict, office.High, ByArmyNumber},
	{office.AcctFormat, office.High, ""},
	{office.SortCodeFormat, office.High, ""},
	{office.SortCodeMissing, office.High, ""},
	{office.AcctShared, office.Low, ByAccount},
	{office.PersonTwice, office.Low, ByArmyNumber},
	{office.BankChanged, office.Low, ""},
	{office.NewPayee, office.Low, ""},
	{office.SortCodeBank, office.Low, ""},
	{office.AcctCheckDigit, office.Low, ""},
}

type finding struct {
	class
	Message string         `json:"message"`
	Records []office.Payee `json:"records"`
}

// inspection is one run of the checks.
type inspection struct {
	store CheckStore
	scope office.Scope // what is compared
	asked office.Scope // each finding has a record in it
	check office.Check // whose findings are listed; empty means all
	since time.Time

	shared map[Key][]string // all values that several records have, as far as they are known
	enough int              // how many records of the only group are compared; 0 means all
}

// checks is GET /personnels/checks.
func (s *service) checks(ctx context.Context, r *web.Request) (*web.Answer, error) {
	i := s.newInspection(r)
	var dbErr, codeErr, sinceErr error
	_, i.asked, dbErr = s.readDB(ctx, r)
	i.check, codeErr = web.ReadChoice("code", r.Query.Get("code"), office.Checks)
	i.since, sinceErr = readTime(r.Query, "since", startOfMonth(s.Now()))
	page, pageErr := web.ReadPage(r.Query)
	if err := cmp.Or(dbErr, codeErr, sinceErr, pageErr); err != nil {
		return nil, err
	}
	parts, total, counts, err := i.find(ctx, page)
	if err != nil {
		return nil, err
	}
	end, _ := json.Marshal(counts) // there is no error
	return web.StreamPage("What to look at before the payment.", page, &total, s.findings(ctx, i, parts), `,"counts":`+string(end))
}

// newInspection is an inspection of everything that the caller may see.
func (s *service) newInspection(r *web.Request) inspection {
	return inspection{store: s.Store, scope: r.Caller.Scope(), asked: r.Caller.Scope()}
}

func startOfMonth(at time.Time) time.Time {
	year, month, _ := at.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// part is the part of a class that is on a page: ids of records, or values that they share.
type part struct {
	class
	ids    []office.ID
	values []string
}

// find says which findings are on a page, how many there are in all, and how many of each
// check. The findings may be large, so they are read again when they are written.
func (i inspection) find(ctx context.Context, page web.Page) (parts []part, total int, counts map[office.Check]int, err error) {
	values, shared, err := i.sharedValues(ctx, page.Offset()+page.Limit)
	if err != nil {
		return nil, 0, nil, err
	}
	counts = map[office.Check]int{}
	for _, class := range classes {
		isListed := i.check == "" || i.check == class.Check
		from, to := max(page.Offset()-total, 0), max(page.Offset()+page.Limit-total, 0) // within this class
		if !isListed {
			to = from
		}
		p, count := part{class: class}, shared[class]
		if class.by == "" {
			p.ids, count, err = i.store.Flagged(ctx, FlagQuery{Scope: i.asked, Check: class.Check, Since: i.since, Offset: from, Limit: to - from})
			if err != nil {
				return nil, 0, nil, err
			}
		} else {
			p.values = slices.Clone(values[class][min(from, count):min(to, count)]) // the others are not kept
		}
		counts[class.Check] += count
		if isListed {
			parts, total = append(parts, p), total+count
		}
	}
	return parts, total, counts, nil
}

// sharedValues finds the values for which each class has a finding: the first ones in order,
// at most that many, and how many there are in all.
func (i inspection) sharedValues(ctx context.Context, most int) (first map[class][]string, counts map[class]int, err error) {
	first, counts = map[class][]string{}, map[class]int{}
	for _, by := range keys {
		values := []string{""} // which the next ones follow
		for isMore := true; isMore; isMore = len(values) == groupsAtOnce {
			if values, err = i.store.Shared(ctx, i.scope, by, values[len(values)-1], groupsAtOnce); err != nil {
				return nil, nil, err
			}
			err = i.groupsOf(ctx, by, values, func(g group) {
				for _, f := range g.findings() {
					if counts[f.class]++; counts[f.class] <= most {
						first[f.class] = append(first[f.class], g.value)
					}
				}
			})
			if err != nil {
				return nil, nil, err
			}
		}
	}
	return first, counts, nil
}

// groupsListed is how many groups are in memory at a time, with maxListed records each.
const groupsListed = 4

// findings reads the findings on a page, a few at a time, without those corrected meanwhile.
func (s *service) findings(ctx context.Context, i inspection, parts []part) iter.Seq2[[]finding, error] {
	return func(yield func([]finding, error) bool) {
		for _, p := range parts {
			for values := range slices.Chunk(p.values, groupsListed) {
				var found []finding
				err := i.groupsOf(ctx, p.by, values, func(g group) {
					for _, f := range g.findings() {
						if f.class == p.class {
							found = append(found, f)
						}
					}
				})
				if !yield(found, err) {
					return
				}
			}
			for records, err := range decodeRecords(s.withIDs(ctx, i.asked, p.ids)) {
				var found []finding
				for _, record := range records {
					if _, isOwn := office.OwnChecks[p.Check]; isOwn && !slices.Contains(record.FailedChecks(), p.Check) {
						continue
					}
					found = append(found, finding{p.class, sentence(ownMessage(p.Check, record)), []office.Payee{record.Payee()}})
				}
				if !yield(found, err) {
					return
				}
			}
		}
	}
}

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
		return "the sort code belongs to a bank other than " + record.Bank.Name
	}
	return "the account number does not fit " + record.Bank.Name
}

func sentence(message string) string {
	return strings.ToUpper(message[:1]) + strings.TrimSuffix(message[1:], ".") + "."
}
