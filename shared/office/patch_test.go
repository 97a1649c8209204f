package office

import (
	"reflect"
	"testing"
)

var someID = ID{1, 2, 3}

// checkPatch sets each field of a patch alone, to "x" or to someID, and
// compares what that makes of a zero target. A field without a row is a fault.
func checkPatch[P, T any](t *testing.T, apply func(P, *T), want map[string]T) {
	t.Helper()
	for i := range reflect.TypeFor[P]().NumField() {
		name := reflect.TypeFor[P]().Field(i).Name
		t.Run(name, func(t *testing.T) {
			var patch P
			setField(reflect.ValueOf(&patch).Elem().Field(i))
			var got T
			apply(patch, &got)
			if !reflect.DeepEqual(got, want[name]) {
				t.Errorf("got %+v, want %+v", got, want[name])
			}
		})
	}
}

func setField(field reflect.Value) {
	value := reflect.New(field.Type().Elem())
	switch value.Elem().Kind() {
	case reflect.String:
		value.Elem().SetString("x")
	case reflect.Bool:
		value.Elem().SetBool(true)
	case reflect.Array:
		value.Elem().Set(reflect.ValueOf(someID))
	default:
		value.Elem().Set(reflect.ValueOf([]ID{someID}))
	}
	field.Set(value)
}

func TestPersonnelPatch(t *testing.T) {
	checkPatch(t, PersonnelPatch.Apply, map[string]Personnel{
		"FirstName":    {FirstName: "x"},
		"LastName":     {LastName: "x"},
		"MiddleName":   {MiddleName: "x"},
		"ArmyNumber":   {ArmyNumber: "x"},
		"PhoneNumber":  {PhoneNumber: "x"},
		"Rank":         {Rank: "x"},
		"BankName":     {Bank: Bank{Name: "x"}},
		"BankSortCode": {Bank: Bank{SortCode: "x"}},
		"AcctNumber":   {AcctNumber: "x"},
		"SubSector":    {SubSector: "x"},
		"Location":     {Location: "x"},
		"Remark":       {Remark: "x"},
		"DBID":         {DBID: someID},
		"Status":       {Status: "x"},
	})
}

func TestUserPatch(t *testing.T) {
	checkPatch(t, UserPatch.Apply, map[string]User{
		"FirstName":  {FirstName: "x"},
		"LastName":   {LastName: "x"},
		"ArmyNumber": {ArmyNumber: "x"},
		"Role":       {Role: "x"},
		"AllowedDBs": {AllowedDBs: []ID{someID}},
		"ReadOnly":   {ReadOnly: true},
	})
}

func TestDBPatch(t *testing.T) {
	checkPatch(t, DBPatch.Apply, map[string]DB{
		"Name":        {Name: "x"},
		"ShortCode":   {ShortCode: "x"},
		"Description": {Description: "x"},
	})
}

// Promise 17: a change without fields changes nothing, and an empty text is a
// change like any other.
func TestPatchesTellEmptyFromAbsent(t *testing.T) {
	full := Personnel{MiddleName: "Aliyu", Remark: "on leave", Status: StatusAWOL, Bank: Bank{"First", "011"}}
	got := full
	PersonnelPatch{}.Apply(&got)
	if got != full {
		t.Errorf("an empty patch made %+v of %+v", got, full)
	}
	PersonnelPatch{Remark: new(string)}.Apply(&got)
	if got.Remark != "" || got.MiddleName != "Aliyu" {
		t.Errorf("clearing the remark gave %+v", got)
	}
}
