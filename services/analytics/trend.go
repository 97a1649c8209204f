package analytics

import (
	"context"
	"strconv"
	"time"

	"officepay.example/shared/web"
)

// Month is a calendar month (UTC), as in "2025-12".
type Month string

const monthForm = "2006-01"

// MonthAt is the month of a time.
func MonthAt(at time.Time) Month { return Month(at.UTC().Format(monthForm)) }

// Start is the first moment of the month.
func (m Month) Start() time.Time {
	start, _ := time.Parse(monthForm, string(m)) // MonthAt writes no other
	return start
}

// Flow is how many records of a database were created and deleted, and how many are
// live now. Records that have been deleted since still count as created.
type Flow struct {
	Live             int
	Created, Deleted map[Month]int // missing months count zero
	After            int           // created minus deleted, after these months
}

// trend has one figure for each month.
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
	months := lastMonths(s.Now(), count)
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

// lastMonths are the last count months, up to the month of a time.
func lastMonths(at time.Time, count int) []Month {
	months, this := make([]Month, count), MonthAt(at).Start()
	for i := range months {
		months[i] = MonthAt(this.AddDate(0, i+1-count, 0))
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
