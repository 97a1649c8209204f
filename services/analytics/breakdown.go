package analytics

import (
	"context"
	"strings"

	"officepay.example/shared/web"
)

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
