package analytics

import (
	"context"
	"slices"
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
	by := Field(strings.TrimSpace(r.Query.Get("by")))
	if !slices.Contains(Fields, by) {
		return nil, web.Invalid(web.FieldError{Field: "by", Message: "must be one of " + fieldList()})
	}
	shares, err := s.Store.Breakdown(ctx, r.ID, by, maxShares)
	if err != nil {
		return nil, err
	}
	return web.OK("The personnel of the database by "+strings.ReplaceAll(string(by), "_", " ")+".", shares)
}

// fieldList names the fields for a message.
func fieldList() string {
	names := make([]string, len(Fields))
	for i, field := range Fields {
		names[i] = string(field)
	}
	return strings.Join(names, ", ")
}
