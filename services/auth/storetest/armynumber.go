package storetest

import (
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var armyNumberCases = cases{
	"UserByArmyNumber/missing":          armyNumberMissing,
	"UserByArmyNumber/every field":      armyNumberFields,
	"UserByArmyNumber/compared exactly": armyNumberExact,
}

func armyNumberMissing(t *testing.T, f Fixture) {
	wantNobody(t, f, officetest.User(1).ArmyNumber)
	f.AddUsers(t, officetest.User(1))
	wantNobody(t, f, officetest.User(2).ArmyNumber)
	wantNobody(t, f, "")
}

func armyNumberFields(t *testing.T, f Fixture) {
	dbs := officetest.Allowed(officetest.DB(2).ID, officetest.DB(1).ID)
	users := []office.User{
		officetest.User(1, dbs), officetest.User(2, officetest.Admin, officetest.InSession),
	}
	f.AddUsers(t, users...)
	for _, want := range users {
		wantFound(t, f, want)
	}
}

func armyNumberExact(t *testing.T, f Fixture) {
	upper, lower := numbered(1, "NÉ/7K"), numbered(2, "né/7k")
	f.AddUsers(t, upper, lower)
	wantFound(t, f, upper)
	wantFound(t, f, lower)
	for _, other := range []string{
		"Né/7K", "NE/7K", "NE\u0301/7K", "NÉ/7\u212a", " NÉ/7K", "NÉ/7K ", "NÉ/7", "É/7K",
		"NÉ%", "N_/7K", ".*", "NÉ/7K' OR '1'='1", `{"$gt":""}`,
	} {
		wantNobody(t, f, other)
	}
}

func numbered(n int, number string) office.User {
	return officetest.User(n, func(u *office.User) { u.ArmyNumber = number })
}

func wantFound(t *testing.T, f Fixture, want office.User) {
	t.Helper()
	got, err := f.Store.UserByArmyNumber(t.Context(), want.ArmyNumber)
	officetest.Must(t, err)
	officetest.Equal(t, "the user", got, want)
}

func wantNobody(t *testing.T, f Fixture, number string) {
	t.Helper()
	got, err := f.Store.UserByArmyNumber(t.Context(), number)
	officetest.WantError(t, err, office.ErrNotFound)
	if err == nil {
		t.Errorf("%q finds %q", number, got.ArmyNumber)
	}
}
