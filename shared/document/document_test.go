package document

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// kept is a document as the database has it.
func kept(t testing.TB, doc any) bson.Raw {
	t.Helper()
	content, err := bson.Marshal(doc)
	officetest.Must(t, err)
	return content
}

// with is a document with other values in some of its fields. A nil value takes
// the field out.
func with(t testing.TB, doc any, changes bson.M) bson.Raw {
	t.Helper()
	var changed bson.M
	officetest.Must(t, bson.Unmarshal(kept(t, doc), &changed))
	for field, value := range changes {
		if changed[field] = value; value == nil {
			delete(changed, field)
		}
	}
	return kept(t, changed)
}

// The data model says twice who sees everything, and the old backend may read
// what this one wrote: the two must agree.
func TestAccessOfUser(t *testing.T) {
	for user, want := range map[*office.User]bson.M{
		new(officetest.User(1)):                   {"role": "user", "access_all_db": false},
		new(officetest.User(2, officetest.Admin)): {"role": "admin", "access_all_db": true},
	} {
		var doc bson.M
		officetest.Must(t, bson.Unmarshal(kept(t, Of(*user)), &doc))
		for field, value := range want {
			officetest.Equal(t, field, doc[field], value)
		}
	}
}

// Who lacks the field is not read-only, which is nothing odd: the old backend knew none.
func TestReadOnlyUser(t *testing.T) {
	for value, want := range map[any]bool{nil: false, false: false, true: true, 1: true, "true": true, "0": false} {
		user, findings := Read[office.User](with(t, Of(officetest.User(1)), bson.M{"read_only": value}), nil)
		_, isFlag := value.(bool)
		if user.ReadOnly != want || findings.Err() != nil || findings.IsOdd() != (value != nil && !isFlag) {
			t.Errorf("%v: read-only is %v, with %v", value, user.ReadOnly, findings)
		}
	}
}

// Nobody becomes an admin by a role that is only much like an admin's.
func TestRoleOfUser(t *testing.T) {
	for role, want := range map[any]office.Role{
		"admin": office.RoleAdmin, "user": office.RoleUser, "": office.RoleUser, "clerk": office.RoleUser,
		"Admin": office.RoleUser, "ADMIN": office.RoleUser, " admin": office.RoleUser, "admin ": office.RoleUser,
		"administrator": office.RoleUser, nil: office.RoleUser, 1: office.RoleUser, true: office.RoleUser,
	} {
		user, findings := Read[office.User](with(t, Of(officetest.User(1)), bson.M{"role": role, "access_all_db": true}), nil)
		if user.Role != want || user.Scope().All != (want == office.RoleAdmin) || findings.Err() != nil {
			t.Errorf("role %q: a user of the role %q with %+v, %v, want the role %q", role, user.Role, user.Scope(), findings, want)
		}
	}
}

// one is a database, and gone one that is not there any more.
var one, gone = officetest.DB(1, officetest.Coded("ALPHA")), officetest.DB(9)

// record is one of the database with every field filled but for the status.
var record = officetest.Personnel(1, one.ID, func(p *office.Personnel) { p.Bank.SortCode = "044150149" })

func decimal(text string) bson.Decimal128 {
	d, err := bson.ParseDecimal128(text)
	if err != nil {
		panic(err)
	}
	return d
}

var (
	november = time.Date(2025, 11, 28, 9, 0, 0, 0, time.UTC)
	nan      = decimal("NaN")
)

// conversions say what a value of a record means, and how it is noted.
var conversions = []struct {
	field string
	value any
	note  string // empty for nothing
	want  func(*office.Personnel)
}{
	{"acct_number", 1234567890, "is a number: taken as text", func(p *office.Personnel) { p.AcctNumber = "1234567890" }},
	{"acct_number", int64(1234567890), "is a number: taken as text", func(p *office.Personnel) { p.AcctNumber = "1234567890" }},
	{"acct_number", 1234567890.0, "is a number: taken as text", func(p *office.Personnel) { p.AcctNumber = "1234567890" }},
	{"acct_number", decimal("1.23456789E+9"), "is a number: taken as text", func(p *office.Personnel) { p.AcctNumber = "1234567890" }},
	{"acct_number", 123456789, "is a number: taken as text; zeros at its beginning may be lost", func(p *office.Personnel) { p.AcctNumber = "123456789" }},
	{"phone_number", 8030000001, "is a number: taken as text; zeros at its beginning may be lost", func(p *office.Personnel) { p.PhoneNumber = "8030000001" }},
	{"army_number", 60001, "is a number: taken as text", func(p *office.Personnel) { p.ArmyNumber = "60001" }},
	{"acct_number", nan, "is missing: kept blank", func(p *office.Personnel) { p.AcctNumber = "" }},
	{"remark", nan, "", func(p *office.Personnel) { p.Remark = "" }},
	{"remark", bson.Null{}, "", func(p *office.Personnel) { p.Remark = "" }},
	{"remark", "", "", func(p *office.Personnel) { p.Remark = "" }},
	{"remark", "paid\r\nin cash\t", "has blanks around it", func(p *office.Personnel) { p.Remark = "paid in cash" }},
	{"first_name", nil, "is missing: kept blank", func(p *office.Personnel) { p.FirstName = "" }},
	{"first_name", "A\u030Ake \u200B", "has blanks around it", func(p *office.Personnel) { p.FirstName = "Åke" }},
	{"army_number", "\ufeffN/1\u200B ", "has blanks around it", func(p *office.Personnel) { p.ArmyNumber = "N/1" }},
	{"status", nil, "is missing: taken as active", func(*office.Personnel) {}},
	{"status", "retired", "is not a known status: taken as active", func(*office.Personnel) {}},
	{"status", " AWOL\n", "is written in another letter case", func(p *office.Personnel) { p.Status = office.StatusAWOL }},
	{"status", "Death", "is written in another letter case", func(p *office.Personnel) { p.Status = office.StatusDeath }},
	{"bank", "WEMA BANK PLC", "is the bank's name alone", func(p *office.Personnel) { p.Bank = office.Bank{Name: "WEMA BANK PLC"} }},
	{"bank", nil, "is missing: kept blank", func(p *office.Personnel) { p.Bank = office.Bank{} }},
	{"bank", bson.M{"name": "WEMA", "sort_code": 35150103}, "is a number: taken as text; zeros at its beginning", func(p *office.Personnel) { p.Bank = office.Bank{Name: "WEMA", SortCode: "35150103"} }},
	{"bank", bson.M{"name": "WEMA", "sort_code": bson.Null{}}, "", func(p *office.Personnel) { p.Bank = office.Bank{Name: "WEMA"} }},
	{"db_id", one.ID, "is an ObjectId", func(*office.Personnel) {}},
	{"db_id", strings.ToUpper(one.ID.Hex()) + " ", "is written with blanks or capitals", func(*office.Personnel) {}},
	{"db_id", "alpha ", "is a short code", func(*office.Personnel) {}},
	{"db_id", "BRAVO", "names no database", func(p *office.Personnel) { p.DBID = office.ID{} }},
	{"db_id", 7, "names no database", func(p *office.Personnel) { p.DBID = office.ID{} }},
	{"db_id", gone.ID.Hex(), "names a database that is gone", func(p *office.Personnel) { p.DBID = gone.ID }},
	{"isDeleted", nil, "is missing: taken as false", func(*office.Personnel) {}},
	{"isDeleted", 0.0, "is a number or a text", func(*office.Personnel) {}},
	{"isDeleted", "True", "is a number or a text", func(p *office.Personnel) { p.IsDeleted = true }},
	{"created_at", nil, "is missing: taken from the id", func(p *office.Personnel) { p.CreatedAt = record.ID.Timestamp().UTC() }},
	{"created_at", " ", "is missing: taken from the id", func(p *office.Personnel) { p.CreatedAt = record.ID.Timestamp().UTC() }},
	{"isDeleted", "", "is missing: taken as false", func(*office.Personnel) {}},
	{"created_at", "2025-11-28T09:00:00", "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"created_at", "2025-11-28 10:00:00.000999+01:00", "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"created_at", "2025-11-28T09:00:00.000Z", "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"created_at", "Fri, 28 Nov 2025 09:00:00 GMT", "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"created_at", november.Unix(), "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"created_at", november.UnixMilli(), "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"created_at", float64(november.UnixMicro()), "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"created_at", bson.Timestamp{T: uint32(november.Unix())}, "is a time kept", func(p *office.Personnel) { p.CreatedAt = november }},
	{"updated_at", nil, "", func(p *office.Personnel) { p.UpdatedAt = time.Time{} }},
	{"deleted_at", november, "", func(*office.Personnel) {}},
	{"_id", record.ID.Hex(), "is an ObjectId written as text", func(*office.Personnel) {}},
	{"id", "stray", "", func(*office.Personnel) {}},
}

func TestConversions(t *testing.T) {
	refs := ReferencesTo([]office.DB{one})
	for _, test := range conversions {
		want := record
		test.want(&want)
		got, findings := Read[office.Personnel](with(t, Of(record), bson.M{test.field: test.value}), refs)
		if findings.Err() != nil || got != want {
			t.Errorf("%s %v: %+v, %v, want %+v", test.field, test.value, got, findings.Err(), want)
		}
		isNoted := slices.ContainsFunc(findings.Notes, func(note Finding) bool {
			return strings.HasPrefix(note.Field, test.field) && strings.HasPrefix(note.What, test.note)
		})
		if isNoted != (test.note != "") || len(findings.Notes) > 0 && !isNoted {
			t.Errorf("%s %v: noted %v, want %q", test.field, test.value, findings.Notes, test.note)
		}
	}
}

// refusals are values of a record that cannot be taken.
var refusals = []struct {
	field string
	value any
	why   string
}{
	{"first_name", true, "is of the type boolean, not a text"},
	{"rank", bson.A{"Sgt"}, "is of the type array, not a text"},
	{"remark", bson.M{"de": bson.M{"ep": 1}}, "is of the type embedded document, not a text"},
	{"acct_number", 1.5, "is of the type double, not a text"},
	{"acct_number", 1e300, "is of the type double, not a text"},
	{"acct_number", -7, "is a negative number, not a text"},
	{"acct_number", november, "is of the type UTC datetime, not a text"},
	{"last_name", one.ID, "is of the type objectID, not a text"},
	{"last_name", "Bel\x00lo", "must not contain control characters such as line breaks or tabs"},
	{"last_name", "Bel\xe9", "must be valid UTF-8 text"},
	{"rank", strings.Repeat("x", 101), "must be at most 100 characters"},
	{"remark", strings.Repeat("é", 1001), "must be at most 1000 characters"},
	{"bank", bson.A{}, "is of the type array, not a text"},
	{"bank.name", bson.M{"name": bson.M{}}, "is of the type embedded document, not a text"},
	{"status", 1.5, "is of the type double, not a text"},
	{"isDeleted", "perhaps", "is neither true nor false"},
	{"isDeleted", 2, "is neither true nor false"},
	{"created_at", "yesterday", "is not a date or time"},
	{"created_at", 7, "is not a date or time"},
	{"created_at", bson.DateTime(1700000000000000), "is outside the years 1 to 9999"},
	{"updated_at", bson.DateTime(-62135596800001), "is outside the years 1 to 9999"},
	{"deleted_at", bson.M{}, "is not a date or time"},
}

func TestRefusals(t *testing.T) {
	for _, test := range refusals {
		field, _, _ := strings.Cut(test.field, ".")
		_, findings := Read[office.Personnel](with(t, Of(record), bson.M{field: test.value}), nil)
		if want := []Finding{{test.field, test.why}}; !reflect.DeepEqual(findings.Problems, want) {
			t.Errorf("%s %v: %v, want %v", test.field, test.value, findings.Problems, want)
		}
	}
	if _, findings := Read[office.Personnel](bson.Raw("\x07\x00\x00\x00\x10a\x00"), nil); findings.Err() == nil {
		t.Error("what is no document is taken")
	}
}

// What a user is allowed is a list of ids of databases that are there.
func TestAllowedOfUser(t *testing.T) {
	refs, two := ReferencesTo([]office.DB{one, officetest.DB(2, officetest.Coded("SAME")), officetest.DB(3, officetest.Coded("same"))}), officetest.DB(2).ID
	for _, test := range []struct {
		value any
		want  []office.ID
		notes int
	}{
		{bson.A{one.ID.Hex(), two.Hex()}, []office.ID{one.ID, two}, 0},
		{bson.A{one.ID, "Alpha", gone.ID.Hex(), "same", 7}, []office.ID{one.ID, one.ID}, 5},
		{two.Hex(), []office.ID{two}, 1},
		{bson.Null{}, []office.ID{}, 1},
		{bson.A{}, []office.ID{}, 0},
	} {
		user, findings := Read[office.User](with(t, Of(officetest.User(1)), bson.M{"allowed_dbs": test.value}), refs)
		if !reflect.DeepEqual(user.AllowedDBs, test.want) || len(findings.Notes) != test.notes || findings.Err() != nil {
			t.Errorf("%v: %v, %v, want %v", test.value, user.AllowedDBs, findings, test.want)
		}
	}
	if _, findings := Read[office.User](with(t, Of(officetest.User(1)), bson.M{"allowed_dbs": true}), refs); findings.Err() == nil {
		t.Error("a list that is none is taken")
	}
}

// The hash of a password may have been kept as bytes.
func TestHashOfUser(t *testing.T) {
	hash := officetest.Hash(1)
	user, findings := Read[office.User](with(t, Of(officetest.User(1)), bson.M{"password_hash": []byte(hash)}), nil)
	if user.PasswordHash != hash || len(findings.Notes) != 1 || findings.Err() != nil {
		t.Errorf("%q, %v", user.PasswordHash, findings)
	}
}

// Without an id, a document has one that is the same at every reading, and the
// time of its creation in it.
func TestMadeID(t *testing.T) {
	raw := with(t, Of(record), bson.M{"_id": nil})
	first, _ := Read[office.Personnel](raw, nil)
	again, findings := Read[office.Personnel](raw, nil)
	other, _ := Read[office.Personnel](with(t, Of(record), bson.M{"_id": nil, "rank": "Cpl"}), nil)
	if first.ID != again.ID || first.ID == other.ID || !first.ID.Timestamp().Equal(record.CreatedAt.Truncate(time.Second)) || len(findings.Notes) != 1 {
		t.Errorf("%v, then %v, and another %v; %v", first.ID, again.ID, other.ID, findings)
	}
}

// What is set in a document makes it that of the changed value: what it names no more is null,
// and what a document within it has besides stays.
func TestChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*office.Personnel)
		want   bson.M
	}{
		"nothing":     {func(*office.Personnel) {}, bson.M{}},
		"a name":      {func(p *office.Personnel) { p.Rank = "Maj" }, bson.M{"rank": "Maj"}},
		"a text gone": {func(p *office.Personnel) { p.Remark = "" }, bson.M{"remark": nil}},
		"a bank":      {func(p *office.Personnel) { p.Bank.Name = "GTB" }, bson.M{"bank.name": "GTB"}},
		"a code gone": {func(p *office.Personnel) { p.Bank.SortCode = "" }, bson.M{"bank.sort_code": nil, "checks": bson.A{"sort_code_missing"}}},
		"a time":      {func(p *office.Personnel) { p.DeletedAt = november }, bson.M{"deleted_at": bson.NewDateTimeFromTime(november)}},
	} {
		was := record
		was.DeletedAt = time.Time{}
		is := was
		c.change(&is)
		got, err := bson.Marshal(Changes(was, is))
		officetest.Must(t, err)
		var changes bson.M
		officetest.Must(t, bson.Unmarshal(got, &changes))
		c.want["search_text"] = is.SearchText()
		officetest.Equal(t, "what is set for "+name, changes, c.want)
	}
}
