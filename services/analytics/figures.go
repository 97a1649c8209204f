package analytics

import (
	"context"
	"math"

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
	counts, err := s.Store.Dashboard(ctx, MonthsOf(s.Now()))
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
	counts, err := s.Store.DBFigures(ctx, r.ID, MonthsOf(s.Now()))
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
