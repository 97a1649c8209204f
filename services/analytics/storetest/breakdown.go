package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"officepay.example/services/analytics"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var breakdownCases = cases{
	"Breakdown/missing":        breakdownMissing,
	"Breakdown/random records": breakdownRandom,
	"Breakdown/most frequent":  breakdownMostFrequent,
}

var flowCases = cases{
	"Flow/missing":        flowMissing,
	"Flow/random records": flowRandom,
}

func breakdownMissing(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	_, err := f.Store.Breakdown(t.Context(), two.ID, analytics.ByRank, 9)
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantBreakdown(t, f, one, analytics.ByRank, 9)
}

func flowMissing(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	_, err := f.Store.Flow(t.Context(), two.ID, []analytics.Month{"2024-02"})
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantFlow(t, f, one, []analytics.Month{"2024-02"}, nil)
}

func wantBreakdown(t testing.TB, f Fixture, db office.DB, by analytics.Field, limit int, want ...analytics.Share) {
	t.Helper()
	got, err := f.Store.Breakdown(t.Context(), db.ID, by, limit)
	officetest.Must(t, err)
	officetest.Equal(t, "by "+string(by), got, append([]analytics.Share{}, want...))
}

// addRandom adds records with few values in each field to two databases, deletes
// some, and returns those of the first. They are created and deleted in the months
// of a year and around it.
func addRandom(t testing.TB, f Fixture, rng *rand.Rand) (records []office.Personnel) {
	pick := func() string { return officetest.Pick(rng, "", "a", "A", "é", "$rank", "b.c") }
	moment := func() time.Time {
		return day(2024, time.Month(1+rng.IntN(14))).Add(time.Duration(officetest.Pick(rng, 0, 1, 1000, -1)) * time.Millisecond)
	}
	for n := range 60 {
		record := officetest.Personnel(n, officetest.Pick(rng, one, one, two).ID, officetest.Created(moment()), func(p *office.Personnel) {
			p.Bank.Name, p.Rank, p.SubSector, p.Location = pick()+"bank", pick()+"rank", pick()+"sector", pick()
			p.Status = officetest.Pick(rng, office.StatusActive, office.StatusPosted, office.StatusDeath)
		})
		f.AddPersonnel(t, record)
		if rng.IntN(3) == 0 {
			record.IsDeleted, record.DeletedAt = true, record.CreatedAt.Add(time.Duration(rng.IntN(4000))*time.Hour)
			f.DeletePersonnel(t, record.DeletedAt, record.ID)
		}
		if record.DBID == one.ID {
			records = append(records, record)
		}
	}
	return records
}

// breakdownRandom compares with a plain count.
func breakdownRandom(t *testing.T, f Fixture) {
	f.AddDBs(t, one, two)
	records := addRandom(t, f, officetest.Rand())
	for by, value := range map[analytics.Field]func(office.Personnel) string{
		analytics.ByBank:      func(p office.Personnel) string { return p.Bank.Name },
		analytics.ByRank:      func(p office.Personnel) string { return p.Rank },
		analytics.BySubSector: func(p office.Personnel) string { return p.SubSector },
		analytics.ByLocation:  func(p office.Personnel) string { return p.Location },
	} {
		shares := sharesOf(records, value)
		wantBreakdown(t, f, one, by, 200, shares...)
		wantBreakdown(t, f, one, by, 2, shares[:2]...)
	}
}

func sharesOf(records []office.Personnel, value func(office.Personnel) string) (shares []analytics.Share) {
	counts := map[string]analytics.Share{}
	for _, record := range records {
		share := counts[value(record)]
		share.Value = value(record)
		if record.IsDeleted {
			continue
		}
		share.Total++
		if record.Status == office.StatusActive {
			share.Active++
		}
		counts[share.Value] = share
	}
	for _, share := range counts {
		shares = append(shares, share)
	}
	slices.SortFunc(shares, func(a, b analytics.Share) int {
		return cmp.Or(b.Total-a.Total, cmp.Compare(a.Value, b.Value))
	})
	return shares
}

// breakdownMostFrequent: if there are more values than are asked for, the least frequent ones
// are left out, and are in no total.
func breakdownMostFrequent(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	for n := range 12 {
		place := fmt.Sprintf("place %d", n%6/2) // 0, 0, 1, 1, 2, 2
		f.AddPersonnel(t, officetest.Personnel(n, one.ID, func(p *office.Personnel) { p.Location = place }))
	}
	f.AddPersonnel(t, officetest.Personnel(20, one.ID, func(p *office.Personnel) { p.Location, p.Status = "place 2", office.StatusAWOL }))
	wantBreakdown(t, f, one, analytics.ByLocation, 2,
		analytics.Share{Value: "place 2", Total: 5, Active: 4}, analytics.Share{Value: "place 0", Total: 4, Active: 4})
}

// flowRandom compares with a plain count, in windows of months of which some
// records are before and some after.
func flowRandom(t *testing.T, f Fixture) {
	f.AddDBs(t, one, two)
	records := addRandom(t, f, officetest.Rand())
	for _, months := range [][]analytics.Month{
		{"2024-05"}, {"2024-01", "2024-02", "2024-03"}, {"2024-11", "2024-12", "2025-01"}, {"2019-03"}, {"2031-01", "2031-02"},
	} {
		wantFlow(t, f, one, months, records)
	}
	f.DeleteDB(t, one.ID)
	_, err := f.Store.Flow(t.Context(), one.ID, []analytics.Month{"2024-05"})
	officetest.WantError(t, err, office.ErrDBNotFound)
}

func wantFlow(t testing.TB, f Fixture, db office.DB, months []analytics.Month, records []office.Personnel) {
	t.Helper()
	want := analytics.Flow{Created: map[analytics.Month]int{}, Deleted: map[analytics.Month]int{}}
	count := func(counts map[analytics.Month]int, at time.Time, n int) {
		month := analytics.MonthAt(at)
		switch {
		case slices.Contains(months, month):
			counts[month]++
		case month > months[len(months)-1]:
			want.After += n
		}
	}
	for _, record := range records {
		count(want.Created, record.CreatedAt, 1)
		if record.IsDeleted {
			count(want.Deleted, record.DeletedAt, -1)
		} else {
			want.Live++
		}
	}
	got, err := f.Store.Flow(t.Context(), db.ID, months)
	officetest.Must(t, err)
	officetest.Equal(t, "the flow", got, want)
}
