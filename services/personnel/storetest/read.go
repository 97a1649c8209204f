package storetest

import (
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var readCases = cases{
	"CheckDB/missing":      checkDB,
	"Get/missing":          getMissing,
	"Get/every field":      getFields,
	"Get/optional fields":  getWithoutOptional,
	"Get/each status":      getStatuses,
	"Get/outside of scope": getOutside,
	"Get/deleted":          getDeleted,
	"WithNumbers":          withNumbers,
	"WithIDs":              withIDs,
}

// Scopes with and without the records of database two.
var (
	within = map[string]office.Scope{
		"all":                 everywhere,
		"all, and another":    {All: true, DBs: []office.ID{one.ID}},
		"its database":        office.ScopeOf(two.ID),
		"its among others":    {DBs: []office.ID{officetest.Missing, one.ID, two.ID}},
		"its database, twice": {DBs: []office.ID{two.ID, two.ID}},
	}
	outside = map[string]office.Scope{
		"nothing":          {},
		"an empty list":    {DBs: []office.ID{}},
		"another database": office.ScopeOf(one.ID),
		"others":           {DBs: []office.ID{three.ID, officetest.Missing, one.ID}},
		"no database":      office.ScopeOf(office.ID{}),
	}
)

func checkDB(t *testing.T, f Fixture) {
	officetest.Must(t, f.Store.CheckDB(t.Context(), one.ID))
	officetest.WantError(t, f.Store.CheckDB(t.Context(), officetest.Missing), office.ErrDBNotFound)
	officetest.WantError(t, f.Store.CheckDB(t.Context(), office.ID{}), office.ErrDBNotFound)
}

func getMissing(t *testing.T, f Fixture) {
	wantNoRecord(t, f, everywhere, officetest.Missing)
	f.AddPersonnel(t, officetest.Personnel(1, one.ID))
	wantNoRecord(t, f, everywhere, officetest.Missing)
	wantNoRecord(t, f, everywhere, office.ID{})
	wantNoRecord(t, f, everywhere, one.ID)
}

func getFields(t *testing.T, f Fixture) {
	records := []office.Personnel{
		officetest.Personnel(1, one.ID),
		officetest.Personnel(2, two.ID, func(p *office.Personnel) { p.UpdatedAt = officetest.At(7) }),
		officetest.Personnel(3, one.ID, func(p *office.Personnel) {
			p.FirstName, p.LastName, p.Bank.Name = "Zoë \"%_\\", "O'Brien 日本 🎖", "Bank & Söhne <b>"
		}),
		officetest.Personnel(4, one.ID, func(p *office.Personnel) {
			p.FirstName, p.Remark = strings.Repeat("É", office.MaxName), strings.Repeat("日", office.MaxNote)
		}),
		officetest.Personnel(5, one.ID, officetest.Created(time.Date(1969, 7, 20, 20, 17, 40, 1e6, time.UTC))),
	}
	f.AddPersonnel(t, records...)
	for _, record := range records {
		wantRecord(t, f, record)
	}
}

func getWithoutOptional(t *testing.T, f Fixture) {
	bare := officetest.Personnel(1, one.ID, func(p *office.Personnel) {
		p.MiddleName, p.Location, p.Remark, p.Bank.SortCode = "", "", "", ""
		p.UpdatedAt = time.Time{}
	})
	f.AddPersonnel(t, bare)
	wantRecord(t, f, bare)
	wantAll(t, f, bare)
}

func getStatuses(t *testing.T, f Fixture) {
	for n, status := range office.Statuses {
		record := officetest.Personnel(n, one.ID, func(p *office.Personnel) { p.Status = status })
		f.AddPersonnel(t, record)
		wantRecord(t, f, record)
	}
}

func getOutside(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, record, officetest.Personnel(2, one.ID))
	for name, scope := range within {
		t.Run("within "+name, func(t *testing.T) {
			got, err := officetest.ReadOne(f.Store.Get(t.Context(), scope, record.ID))
			officetest.Must(t, err)
			officetest.Equal(t, "the record", got, record)
		})
	}
	for name, scope := range outside {
		t.Run("outside of "+name, func(t *testing.T) { wantNoRecord(t, f, scope, record.ID) })
	}
}

func getDeleted(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 2, one.ID)
	f.AddPersonnel(t, records...)
	f.DeletePersonnel(t, officetest.At(9), records[0].ID)
	wantNoRecord(t, f, everywhere, records[0].ID)
	wantNoRecord(t, f, office.ScopeOf(one.ID), records[0].ID)
	wantRecord(t, f, records[1])
}

func withNumbers(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 4, one.ID)
	elsewhere := officetest.Personnel(5, two.ID, func(p *office.Personnel) { p.ArmyNumber = records[0].ArmyNumber })
	f.AddPersonnel(t, append(records, elsewhere)...)
	f.DeletePersonnel(t, officetest.At(9), records[1].ID)
	for name, c := range map[string]struct {
		numbers []string
		want    []office.Personnel
	}{
		"none":    {nil, nil},
		"one":     {[]string{records[0].ArmyNumber}, records[:1]},
		"some":    {[]string{records[3].ArmyNumber, "nobody's", "", records[2].ArmyNumber}, records[2:4]},
		"twice":   {[]string{records[2].ArmyNumber, records[2].ArmyNumber}, records[2:3]},
		"deleted": {[]string{records[1].ArmyNumber}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := f.Store.WithNumbers(t.Context(), one.ID, c.numbers)
			officetest.Must(t, err)
			officetest.Equal(t, "the records", inOrder(got), inOrder(c.want))
		})
	}
}

func withIDs(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 3, one.ID)
	elsewhere := officetest.Personnel(4, two.ID)
	f.AddPersonnel(t, append(records, elsewhere)...)
	f.DeletePersonnel(t, officetest.At(9), records[1].ID)
	within, some := office.ScopeOf(one.ID), []office.ID{records[2].ID, officetest.Missing, elsewhere.ID, records[0].ID}
	for name, c := range map[string]struct {
		scope office.Scope
		ids   []office.ID
		want  []office.Personnel
	}{
		"none":       {within, nil, nil},
		"some":       {within, some, []office.Personnel{records[2], records[0]}},
		"everywhere": {everywhere, some, []office.Personnel{records[2], elsewhere, records[0]}},
		"nowhere":    {office.Scope{}, some, nil},
		"deleted":    {within, []office.ID{records[1].ID}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := officetest.ReadAll(f.Store.WithIDs(t.Context(), c.scope, c.ids))
			officetest.Must(t, err)
			officetest.Equal(t, "the records", got, append([]office.Personnel{}, c.want...))
		})
	}
}
