package office

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// keysOf are the keys of a value's JSON, sorted.
func keysOf(t *testing.T, value any) string {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "null") {
		t.Errorf("a value is null: %s", body)
	}
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		t.Fatal(err)
	}
	return strings.Join(slices.Sorted(maps.Keys(object)), " ")
}

// Promise 7: only listed fields leave. A text without a value is empty, any
// other field without one is absent, and none is null.
func TestShapesOnTheWire(t *testing.T) {
	full := Personnel{MiddleName: "x", Location: "x", Remark: "x", UpdatedAt: time.Now(), DeletedAt: time.Now(), BankChangedAt: time.Now()}
	secrets := User{PasswordHash: "x", Session: 2, KeptToken: "x", Role: RoleUser}
	admin := User{Role: RoleAdmin}
	cases := map[string]struct {
		value any
		want  string
	}{
		"record with all": {full, "acct_number army_number bank bank_changed_at created_at db_id first_name id isDeleted last_name " +
			"location middle_name phone_number rank remark revision status sub_sector updated_at"},
		"record with the least": {Personnel{}, "acct_number army_number bank created_at db_id first_name id isDeleted last_name " +
			"location middle_name phone_number rank remark revision status sub_sector"},
		"bank":                   {Bank{"First", "011"}, "name sort_code"},
		"bank of old":            {Bank{Name: "First"}, "name sort_code"},
		"user":                   {secrets.View(nil), "allowed_dbs army_number first_name id is_generated last_name role"},
		"admin":                  {admin.View(nil), "access_all_db allowed_dbs army_number first_name id is_generated last_name role"},
		"database":               {DB{}, "created_at description id name short_code"},
		"database within a user": {DBSummary{}, "description id name short_code"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := keysOf(t, test.value); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestViewSpellsOutTheDatabases(t *testing.T) {
	a, b, gone := NewID(), NewID(), NewID()
	dbs := []DB{{ID: a, Name: "A", ShortCode: "a", Description: "first"}, {ID: b, Name: "B"}, {ID: NewID(), Name: "not his"}}
	user := User{
		ID: NewID(), FirstName: "Musa", LastName: "Ibrahim", ArmyNumber: "N/1", Role: RoleUser,
		IsGenerated: true, AllowedDBs: []ID{b, gone, a},
	}
	got := user.View(dbs)
	want := []DBSummary{{ID: b, Name: "B"}, {ID: a, Name: "A", ShortCode: "a", Description: "first"}}
	if !slices.Equal(got.AllowedDBs, want) {
		t.Errorf("databases %+v, want %+v", got.AllowedDBs, want)
	}
	got.AllowedDBs = nil
	if got.ID != user.ID || got.FirstName != "Musa" || got.LastName != "Ibrahim" ||
		got.ArmyNumber != "N/1" || got.Role != RoleUser || !got.IsGenerated || got.AccessAllDB {
		t.Errorf("%+v does not show %+v", got, user)
	}
}

func TestScope(t *testing.T) {
	mine, other := NewID(), NewID()
	cases := map[string]struct {
		scope       Scope
		mine, other bool
	}{
		"admin":                    {User{Role: RoleAdmin}.Scope(), true, true},
		"admin with a list":        {User{Role: RoleAdmin, AllowedDBs: []ID{mine}}.Scope(), true, true},
		"user":                     {User{Role: RoleUser, AllowedDBs: []ID{mine}}.Scope(), true, false},
		"user without databases":   {User{Role: RoleUser}.Scope(), false, false},
		"a role that nobody knows": {User{Role: "ADMIN", AllowedDBs: []ID{mine}}.Scope(), true, false},
		"one database":             {ScopeOf(mine), true, false},
		"nothing":                  {Scope{}, false, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if test.scope.Allows(mine) != test.mine || test.scope.Allows(other) != test.other {
				t.Errorf("%+v allows mine %v, other %v", test.scope, test.scope.Allows(mine), test.scope.Allows(other))
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	if got := Join(Statuses, ", "); got != "active, inactive, awol, death, rtu, posted, cse" {
		t.Errorf("the statuses are %s", got)
	}
	for _, s := range Statuses {
		if !s.Valid() || Status(strings.ToUpper(string(s))).Valid() {
			t.Errorf("%s is not valid, or in capitals too", s)
		}
	}
	if Status("").Valid() || Status("all").Valid() {
		t.Error("no status, or all of them, is taken for one")
	}
}
