package analytics

import (
	"context"
	"strings"

	"officepay.example/shared/web"
)

// Field is one that records are counted by.
type Field string

const (
	ByBank      Field = "bank"
	ByRank      Field = "rank"
	BySubSector Field = "sub_sector"
	ByLocation  Field = "location"
)

// Fields are all there are, in the order in which people are told them.
var Fields = []Field{ByBank, ByRank, BySubSector, ByLocation}

// Share is how many live records have a value in a field, and how many of them
// are active.
type Share struct {
	Value  string `json:"value"`
	Total  int    `json:"total"`
	Active int    `json:"active"`
}

// maxShares is how many values a breakdown has at most.
const maxShares = 200

// breakdown is GET /analytics/personnels/db/{db_id}/breakdown.
func (s *service) breakdown(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if err := r.CheckAccess(r.ID); err != nil {
		return nil, err
	}
	by, err := web.ReadChoice("by", r.Query.Get("by"), Fields)
	if err == nil && by == "" {
		err = web.Invalid(web.FieldError{Field: "by", Message: "is required"})
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
