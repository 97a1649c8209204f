package storetest

import (
	"cmp"
	"context"
	"math/rand/v2"
	"testing"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var pageCases = cases{
	"Page/none":               pageNone,
	"Page/in order, in parts": pageInOrder,
	"Page/created together":   pageCreatedTogether,
	"Page/by scope":           pageByScope,
	"Page/by status":          pageByStatus,
	"Page/by words":           pageByWords,
	"Page/after a change":     pageAfterChange,
	"Page/random questions":   pageRandom,
}

func wantPage(t testing.TB, f Fixture, query personnel.Query, want ...office.Personnel) {
	t.Helper()
	officetest.Pages(t, lister(t, f, query), want)
}

func pageNone(t *testing.T, f Fixture) {
	wantPage(t, f, personnel.Query{Scope: everywhere})
	f.AddPersonnel(t, officetest.Personnel(1, one.ID))
	wantPage(t, f, personnel.Query{Scope: everywhere, Status: office.StatusAWOL})
	wantPage(t, f, personnel.Query{Scope: everywhere, Words: []string{"nobody"}})
	wantPage(t, f, personnel.Query{Scope: office.ScopeOf(two.ID)})
}

func pageInOrder(t *testing.T, f Fixture) {
	first := officetest.Roster(1, 14, one.ID) // crosses a whole second
	second := officetest.Roster(15, 18, two.ID)
	f.AddPersonnel(t, officetest.Shuffled(append(first, second...))...)
	wantPage(t, f, personnel.Query{Scope: office.ScopeOf(one.ID)}, first...)
	wantPage(t, f, personnel.Query{Scope: office.ScopeOf(two.ID)}, second...)
	wantPage(t, f, personnel.Query{Scope: everywhere}, inOrder(append(first, second...))...)
}

func pageCreatedTogether(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 12, one.ID, officetest.Created(officetest.At(0)))
	f.AddPersonnel(t, records...)
	wantPage(t, f, personnel.Query{Scope: everywhere}, inOrder(records)...)
}

func pageByScope(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 5, two.ID)
	f.AddPersonnel(t, append(records, officetest.Personnel(6, two.ID))...)
	f.DeletePersonnel(t, officetest.At(9), officetest.Personnel(6, two.ID).ID)
	for name, scope := range within {
		t.Run("within "+name, func(t *testing.T) { wantPage(t, f, personnel.Query{Scope: scope}, records...) })
	}
	for name, scope := range outside {
		t.Run("outside of "+name, func(t *testing.T) { wantPage(t, f, personnel.Query{Scope: scope}) })
	}
}

func pageByStatus(t *testing.T, f Fixture) {
	var all []office.Personnel
	byStatus := map[office.Status][]office.Personnel{}
	for n := range 3 * len(office.Statuses) {
		status := office.Statuses[n%len(office.Statuses)]
		record := officetest.Personnel(n, one.ID, func(p *office.Personnel) { p.Status = status })
		all, byStatus[status] = append(all, record), append(byStatus[status], record)
	}
	f.AddPersonnel(t, all...)
	active := byStatus[office.StatusActive]
	f.DeletePersonnel(t, officetest.At(50), active[0].ID)
	byStatus[office.StatusActive] = active[1:]
	for _, status := range office.Statuses {
		wantPage(t, f, personnel.Query{Scope: everywhere, Status: status}, byStatus[status]...)
		wantPage(t, f, personnel.Query{Scope: office.ScopeOf(two.ID), Status: status})
	}
}

func pageByWords(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID, officetest.Numbered("N/7K"), func(p *office.Personnel) {
		p.FirstName, p.MiddleName, p.LastName = "Ibrahim", "100%_é", "Mußa (a+)+$"
	})
	f.AddPersonnel(t, record, officetest.Personnel(2, one.ID))
	for typed, found := range map[string]bool{
		"mußa ibra": true, "IBRA n/7\u212a": true, "100% mu": true, "É": true, "%_": true, "(A+)+$": true,
		"mussa": false, "_e": false, "_%": false, "ibr_him": false, "ibrahim100": false, "him mu 8": false,
		"aaa": false, ".": false, "^ib": false, "bank": false, "active": false, "maiduguri": false, one.ID.Hex(): false,
	} {
		t.Run(typed, func(t *testing.T) {
			query := personnel.Query{Scope: everywhere, Words: office.SearchWords(typed)}
			wantPage(t, f, query, officetest.Only(found, record)...)
		})
	}
}

// pageAfterChange: lists and searches see a record as it is now.
func pageAfterChange(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record, officetest.Personnel(2, two.ID))
	patch := office.PersonnelPatch{
		FirstName: new("Zoë"), ArmyNumber: new("Z/1"), Status: new(office.StatusCSE), DBID: &three.ID,
	}
	mustUpdate(t, f, &record, patch)
	for _, words := range [][]string{{"zoë"}, {"z/1"}} {
		wantPage(t, f, personnel.Query{Scope: office.ScopeOf(three.ID), Words: words}, record)
	}
	wantPage(t, f, personnel.Query{Scope: office.ScopeOf(three.ID), Status: office.StatusCSE}, record)
	wantPage(t, f, personnel.Query{Scope: everywhere, Words: []string{"aisha1"}})
	wantPage(t, f, personnel.Query{Scope: office.ScopeOf(one.ID)})
}

// pageRandom: promises 4 and 18. No search, filter or page shows a record
// outside the scope, and a search finds what the rule says.
func pageRandom(t *testing.T, f Fixture) {
	dbs := []office.DB{one, two, three}
	live := addRandom(t, f, dbs, 60)
	officetest.Search[personnel.Query, office.Personnel]{
		All: inOrder(live), Text: office.Personnel.SearchText,
		Ask: func(rng *rand.Rand, offset, limit int) personnel.Query {
			return personnel.Query{
				Scope: officetest.RandomScope(rng, dbs), Words: officetest.RandomWords(rng),
				Status: officetest.Pick(rng, "", "", office.StatusActive, office.StatusPosted), Offset: offset, Limit: limit,
			}
		},
		Matches: func(query personnel.Query, p office.Personnel, text string) bool {
			return query.Scope.Allows(p.DBID) && cmp.Or(query.Status, p.Status) == p.Status &&
				office.MatchesAll(text, query.Words)
		},
		List: func(ctx context.Context, query personnel.Query) ([]office.Personnel, int, error) {
			return officetest.ReadPage(f.Store.Page(ctx, query))
		},
	}.Check(t, f.Questions())
}

// addRandom adds so many records, deletes some of them, and returns the rest.
func addRandom(t testing.TB, f Fixture, dbs []office.DB, count int) (live []office.Personnel) {
	rng := officetest.Rand()
	var all []office.Personnel
	var deleted []office.ID
	for n := range count {
		record := officetest.Personnel(n, officetest.Pick(rng, dbs...).ID, func(p *office.Personnel) {
			p.FirstName, p.MiddleName = officetest.RandomName(rng), officetest.Pick(rng, "", officetest.RandomName(rng))
			p.LastName, p.ArmyNumber = officetest.RandomName(rng), p.ArmyNumber+officetest.RandomName(rng)
			p.Status = officetest.Pick(rng, office.StatusActive, office.StatusPosted, office.StatusDeath)
			p.CreatedAt = officetest.At(rng.IntN(count / 2)) // so that some are the same
		})
		all = append(all, record)
		if rng.IntN(4) == 0 {
			deleted = append(deleted, record.ID)
		} else {
			live = append(live, record)
		}
	}
	f.AddPersonnel(t, officetest.Shuffled(all)...)
	f.DeletePersonnel(t, officetest.At(count), deleted...)
	return live
}
