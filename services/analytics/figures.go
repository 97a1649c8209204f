package analytics

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

type figure struct {
	Total int `json:"total"`
	// PercentageIncrease compares this month with the month before.
	PercentageIncrease float64 `json:"percentage_increase"`
}

func figureOf(c Count) figure { return figure{c.Total, increase(c.This, c.Previous)} }

// increase is the growth from the previous month to this one in percent, rounded to two
// decimals. Growth from zero is 100.
func increase(this, previous int) float64 {
	switch {
	case previous != 0:
		percent := float64(this-previous) / float64(previous) * 100
		return math.Round(percent*100)/100 + 0 // + 0 makes 0 of -0
	case this != 0:
		return 100
	}
	return 0
}

// dashboard is GET /analytics/dashboard.
func (s *service) dashboard(ctx context.Context, r *web.Request) (*web.Answer, error) {
	counts, err := s.Store.Dashboard(ctx, MonthAt(s.Now()))
	if err != nil {
		return nil, err
	}
	newPersonnel := counts.Personnel
	newPersonnel.Total = newPersonnel.This
	return web.OK("The figures over everything.", map[string]figure{
		"users":             figureOf(counts.Users),
		"personnel":         figureOf(counts.Personnel),
		"deleted_personnel": figureOf(counts.DeletedPersonnel),
		"new_personnel":     figureOf(newPersonnel),
		"databases":         figureOf(counts.Databases),
	})
}

// database is GET /analytics/personnels/db/{db_id}.
func (s *service) database(ctx context.Context, r *web.Request) (*web.Answer, error) {
	counts, err := s.Store.DBFigures(ctx, r.ID, MonthAt(s.Now()))
	if err != nil {
		return nil, err
	}
	return web.OK("The figures of the database.", dbFigures(counts))
}

// dbFigures names the figures of a database. The total is the sum over the statuses, so
// that they always agree.
func dbFigures(counts DBFigures) map[string]figure {
	figures := map[string]figure{"total_deleted_personnel": figureOf(counts.Deleted)}
	var all Count
	for _, status := range office.Statuses {
		count := counts.ByStatus[status]
		all.Total += count.Total
		all.This += count.This
		all.Previous += count.Previous
		figures["total_"+string(status)+"_personnel"] = figureOf(count)
	}
	figures["total_personnel"] = figureOf(all)
	return figures
}

// Field is a field of records by whose values they are counted.
type Field string

const (
	ByBank      Field = "bank"
	ByRank      Field = "rank"
	BySubSector Field = "sub_sector"
	ByLocation  Field = "location"
)

// Fields are all fields, in the order in which messages list them.
var Fields = []Field{ByBank, ByRank, BySubSector, ByLocation}

// Share is how many live records have a value, and how many of them are active.
type Share struct {
	Value  string `json:"value"`
	Total  int    `json:"total"`
	Active int    `json:"active"`
}

const maxShares = 200

// breakdown is GET /analytics/personnels/db/{db_id}/breakdown.
func (s *service) breakdown(ctx context.Context, r *web.Request) (*web.Answer, error) {
	by, err := web.ReadChoice("by", r.Query.Get("by"), Fields)
	if err == nil && by == "" {
		err = web.Invalid("by", "is required")
	}
	if err != nil {
		return nil, err
	}
	shares, err := s.Store.Breakdown(ctx, r.ID, by, maxShares)
	if err != nil {
		return nil, err
	}
	return web.OK("The personnel of the database by "+strings.ReplaceAll(string(by), "_", " ")+".", shares)
}

// Month is a calendar month (UTC), as in "2025-12".
type Month string

const monthForm = "2006-01"

// MonthAt is the month of a time.
func MonthAt(at time.Time) Month { return Month(at.UTC().Format(monthForm)) }

// Start is the first moment of the month.
func (m Month) Start() time.Time {
	start, _ := time.Parse(monthForm, string(m)) // MonthAt writes no other form
	return start
}

// Add is the month that many months later.
func (m Month) Add(months int) Month { return MonthAt(m.Start().AddDate(0, months, 0)) }

// Flow is how many records of a database were created and deleted, and how many are
// live now. Records that have been deleted since still count as created.
type Flow struct {
	Live             int
	Created, Deleted map[Month]int // missing months count zero
	After            int           // created minus deleted, after the last of the months
}

type trend struct {
	Months  []Month `json:"months"`
	Created []int   `json:"created"`
	Deleted []int   `json:"deleted"`
	Total   []int   `json:"total"` // at the end of the month
}

const (
	defaultMonths = 12
	maxMonths     = 60
)

// trend is GET /analytics/personnels/db/{db_id}/trend.
func (s *service) trend(ctx context.Context, r *web.Request) (*web.Answer, error) {
	count, err := readMonths(r.Query.Get("months"))
	if err != nil {
		return nil, err
	}
	months := lastMonths(MonthAt(s.Now()), count)
	flow, err := s.Store.Flow(ctx, r.ID, months)
	if err != nil {
		return nil, err
	}
	return web.OK("The personnel of the database by month.", trendOf(months, flow))
}

func readMonths(text string) (int, error) {
	if text == "" {
		return defaultMonths, nil
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 || count > maxMonths {
		return 0, web.Invalid("months", "must be a whole number from 1 to "+strconv.Itoa(maxMonths))
	}
	return count, nil
}

// lastMonths are the last count months, up to this one.
func lastMonths(this Month, count int) []Month {
	months := make([]Month, count)
	for i := range months {
		months[i] = this.Add(i + 1 - count)
	}
	return months
}

// trendOf computes the totals backwards from the present.
func trendOf(months []Month, flow Flow) trend {
	n := len(months)
	t := trend{months, make([]int, n), make([]int, n), make([]int, n)}
	total := flow.Live - flow.After
	for i := n - 1; i >= 0; i-- {
		t.Created[i], t.Deleted[i], t.Total[i] = flow.Created[months[i]], flow.Deleted[months[i]], total
		total += t.Deleted[i] - t.Created[i]
	}
	return t
}
