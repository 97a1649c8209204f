package personnel

import (
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
	// Shared returns the first values, after the given one and in order of their bytes,
	// that several live records of the scope have. The empty value does not count.
	Shared(ctx context.Context, scope office.Scope, by Key, after string, limit int) ([]string, error)
	// Holders passes on the live records of the scope with one of the values, in order
	// of value, army number and database. The values are sorted.
	Holders(ctx context.Context, scope office.Scope, by Key, values []string, each func(office.Payee) error) error
	// Flagged is for the checks of a single record: it returns the ids of a part of the
	// records that the check finds, in the order of Page, and how many there are in all.
	Flagged(ctx context.Context, query FlagQuery) ([]office.ID, int, error)
}

// Key is a field by which records are compared with each other.
type Key string

const (
	ByAccount    Key = "acct_number"
	ByArmyNumber Key = "army_number"
)

// of is the value of the field in a record.
func (k Key) of(p office.Payee) string {
	if k == ByAccount {
		return p.AcctNumber
	}
	return p.ArmyNumber
}

// label is what people call the field.
func (k Key) label() string {
	if k == ByAccount {
		return "account number"
	}
	return "army number"
}

type FlagQuery struct {
	Scope  office.Scope
	Check  office.Check // BankChanged, NewPayee, or one of office.OwnChecks
	Since  time.Time    // of BankChanged and NewPayee
	Offset int
	Limit  int // 0 only counts
}

// class is a class of findings, by which they are counted and listed.
type class struct {
	check    office.Check
	severity office.Severity
	by       Key // by which records are compared; empty for a check of a single record
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
	Check    office.Check    `json:"code"`
	Severity office.Severity `json:"severity"`
	Message  string          `json:"message"`
	Records  []office.Payee  `json:"records"`
}

// inspection is one run of the checks.
type inspection struct {
	store CheckStore
	scope office.Scope // what is compared
	only  *office.ID   // findings must have a record of this database
	own   office.Scope // of the checks of a single record
	check office.Check // whose findings are listed; empty means all
	since time.Time

	shared map[Key][]string // all values that several records have, if they are few
	enough int              // how many records of a group are compared; 0 means all
}

// checks is GET /personnels/checks.
func (s *service) checks(ctx context.Context, r *web.Request) (*web.Answer, error) {
	i := s.newInspection(r)
	var err error
	if i.only, i.own, err = s.readDB(ctx, r); err != nil {
		return nil, err
	}
	if i.check, err = web.ReadChoice("code", r.Query.Get("code"), office.Checks); err != nil {
		return nil, err
	}
	if i.since, err = readTime(r.Query, "since", startOfMonth(s.Now())); err != nil {
		return nil, err
	}
	page, err := web.ReadPage(r.Query)
	if err != nil {
		return nil, err
	}
	counts, parts, err := i.find(ctx, page)
	if err != nil {
		return nil, err
	}
	total, byCheck := 0, map[office.Check]int{}
	for _, class := range classes {
		byCheck[class.check] += counts[class]
		if i.wants(class) {
			total += counts[class]
		}
	}
	end, _ := json.Marshal(byCheck) // there is no error
	return web.StreamPage("What to look at before the payment.", page, &total, s.findings(ctx, i, parts), `,"counts":`+string(end))
}

// newInspection compares everything that the caller may see.
func (s *service) newInspection(r *web.Request) inspection {
	return inspection{store: s.Store, scope: r.Caller.Scope(), shared: map[Key][]string{}}
}

func startOfMonth(at time.Time) time.Time {
	year, month, _ := at.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

func (i inspection) wants(c class) bool { return i.check == "" || i.check == c.check }

// part says which findings of a class are on a page, by the ids of the records or by the
// shared values.
type part struct {
	offset, limit int // among the findings of the class
	ids           []office.ID
	values        []string
}

// find counts all findings, and says which are on a page. They may be large, so they are
// read again when they are written.
func (i inspection) find(ctx context.Context, page web.Page) (counts map[class]int, parts map[class]*part, err error) {
	if counts, err = i.countShared(ctx); err != nil {
		return nil, nil, err
	}
	parts = map[class]*part{}
	skip, left := page.Offset(), page.Limit
	for _, class := range classes {
		p := &part{offset: skip}
		if i.wants(class) {
			p.limit = left
		}
		if class.by == "" {
			query := FlagQuery{Scope: i.own, Check: class.check, Since: i.since, Offset: p.offset, Limit: p.limit}
			if p.ids, counts[class], err = i.store.Flagged(ctx, query); err != nil {
				return nil, nil, err
			}
		}
		if !i.wants(class) {
			continue
		}
		if p.limit = min(counts[class]-skip, left); p.limit > 0 {
			parts[class], left = p, left-p.limit
		}
		skip = max(skip-counts[class], 0)
	}
	return counts, parts, i.findValues(ctx, parts)
}

func (i inspection) countShared(ctx context.Context) (map[class]int, error) {
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
	return counts, nil
}

// groupsListed is how many groups are in memory at a time, with maxListed records each.
const groupsListed = 4

// findings reads the findings on a page, a few at a time. What has been corrected in the
// meantime is left out.
func (s *service) findings(ctx context.Context, i inspection, parts map[class]*part) iter.Seq2[[]finding, error] {
	return func(yield func([]finding, error) bool) {
		for _, class := range classes {
			p := parts[class]
			if p == nil {
				continue
			}
			for values := range slices.Chunk(p.values, groupsListed) {
				var found []finding
				err := i.groupsOf(ctx, class.by, values, func(g group) error {
					if slices.Contains(g.classes(), class) {
						found = append(found, finding{class.check, class.severity, g.message(class), g.listed})
					}
					return nil
				})
				if !yield(found, err) {
					return
				}
			}
			for records, err := range decodeRecords(s.withIDs(ctx, i.own, slices.Chunk(p.ids, streamStep))) {
				var found []finding
				for _, record := range records {
					if _, isOwn := office.OwnChecks[class.check]; isOwn && !slices.Contains(record.FailedChecks(), class.check) {
						continue
					}
					found = append(found, finding{class.check, class.severity, sentence(ownMessage(class.check, record)), []office.Payee{record.Payee()}})
				}
				if !yield(found, err) {
					return
				}
			}
		}
	}
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
		return "the sort code belongs to a bank other than " + record.Bank.Name
	}
	return "the account number does not fit " + record.Bank.Name
}

func sentence(message string) string {
	return strings.ToUpper(message[:1]) + strings.TrimSuffix(message[1:], ".") + "."
}
