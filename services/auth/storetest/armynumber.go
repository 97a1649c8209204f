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
	"UserByArmyNumber/in another case":  armyNumberInAnotherCase,
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
		"Né/7K", "NE/7K", "NÉ/7\u212a", " NÉ/7K", "NÉ/7K ", "NÉ/7", "É/7K",
		"NÉ%", "N_/7K", ".*", "NÉ/7K' OR '1'='1", `{"$gt":""}`,
	} {
		wantNobody(t, f, other)
	}
}

// armyNumberInAnotherCase: in another letter case, a number finds a user only if
// there is exactly one whom it can mean. An exact match comes first.
func armyNumberInAnotherCase(t *testing.T, f Fixture) {
	user := numbered(1, "NÉ/7K")
	f.AddUsers(t, user, numbered(2, "NE/7K"), numbered(3, "NÉ/7"))
	for _, typed := range []string{"né/7k", "Né/7K", "nÉ/7\u212a"} {
		wantFoundBy(t, f, typed, user)
	}
	f.AddUsers(t, numbered(4, "né/7k"))
	wantNobody(t, f, "Né/7K")
	wantFound(t, f, user)
}

func numbered(n int, number string) office.User {
	return officetest.User(n, func(u *office.User) { u.ArmyNumber = number })
}

func wantFound(t *testing.T, f Fixture, want office.User) {
	t.Helper()
	wantFoundBy(t, f, want.ArmyNumber, want)
}

func wantFoundBy(t *testing.T, f Fixture, typed string, want office.User) {
	t.Helper()
	got, err := f.Store.UserByArmyNumber(t.Context(), typed)
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
