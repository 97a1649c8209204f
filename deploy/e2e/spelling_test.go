package e2e

import (
	"net/url"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// equivalents are spellings of one text that are canonically equivalent (UAX #15): an accent of
// its own, composed, and two accents in either order.
var equivalents = [][2]string{
	{"\u00C9", "E\u0301"}, {"\u1ECD\u0300", "o\u0300\u0323"}, {"\u00C5", "\u212B"}, {"\uAC00", "\u1100\u1161"},
}

// TestSpellings: one name in two equivalents is one name, and so is a number.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for _, spelling := range equivalents {
		db := newDB(t)
		for i, other := range []int{1, 0} {
			number := unique("SPELL")
			one, two := number+spelling[i], number+spelling[other]
			record := newRecord(t, db.ID, fields{"first_name": "Ad" + one, "army_number": one})
			for _, typed := range []string{one, two, "ad" + two} {
				found := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?search="+url.QueryEscape(typed))
				if found.Meta.Total != 1 || found.Data[0].ID != record.ID || found.Data[0].ArmyNumber != number+spelling[0] {
					t.Errorf("%+q finds %+v", typed, found)
				}
			}
			admin(t).want(409, "POST", "/personnels/", with(recordFields(db.ID), fields{"army_number": two}))
			checkSpellingOfUser(t, one, two)
			sent := with(dbFields(), fields{"short_code": one})
			made := ask[client.DB](admin(t), 201, "POST", "/admin/dbs", sent)
			t.Cleanup(func() { tidy("/admin/dbs/" + made.ID) })
			admin(t).want(409, "POST", "/admin/dbs", with(dbFields(), fields{"short_code": two}))
		}
	}
}

// checkSpellingOfUser: a user who types their number in another way can log in.
func checkSpellingOfUser(t *testing.T, one, two string) {
	t.Helper()
	person := newPerson(t, with(userFields(), fields{"army_number": one}))
	admin(t).want(409, "POST", "/admin/users", with(userFields(), fields{"army_number": two}))
	person.number = two
	person.login(t)
}

// unseen are characters that nobody sees: around a text, and within it.
var unseen = map[string]string{
	"zero-width space": "\u200b", "byte order mark": "\ufeff", "direction mark": "\u202a", "soft hyphen": "\u00ad", "joiner": "\u200d",
	"variation selector": "\ufe0f", "Hangul filler": "\u3164", "half-width filler": "\uffa0", "braille blank": "\u2800", "tag": "\U000e0041",
}

// TestUnseen: invisible characters make neither another number nor a name.
func TestUnseen(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for name, mark := range unseen {
		number := unique("UNSEEN")
		typed := mark + number[:5] + mark + number[5:] + mark
		account := noteAccount(newAccount(), db.ID)
		sent := with(recordFields(db.ID), fields{
			"army_number": typed, "phone_number": mark + "0803" + mark, "acct_number": mark + account[:9] + mark + account[9:],
			"bank": fields{"name": "ECOBANK PLC", "sort_code": "050" + mark + "150311"},
		})
		made := ask[client.Record](admin(t), 201, "POST", "/personnels/", sent)
		if made.ArmyNumber != number || made.PhoneNumber != "0803" || made.AcctNumber != account || made.Bank.SortCode != "050150311" {
			t.Errorf("%s: kept as %+q", name, made.ArmyNumber)
		}
		admin(t).want(409, "POST", "/personnels/", with(recordFields(db.ID), fields{"army_number": number}))
		for _, field := range []string{"first_name", "rank", "army_number"} {
			res := admin(t).want(400, "POST", "/personnels/", with(recordFields(db.ID), fields{field: mark + " " + mark}))
			wantProblem(t, res, field)
		}
		if cleared := newRecord(t, db.ID, fields{"remark": mark}); cleared.Remark != "" {
			t.Errorf("%s: a remark of nothing else is kept as %+q", name, cleared.Remark)
		}
		person := newPerson(t, with(userFields(), fields{"army_number": typed}))
		person.number = number
		person.login(t)
	}
}

// TestJoiners: what joins the letters of a name stays there, and is not needed
// to find it.
func TestJoiners(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	names := fields{"first_name": "\u0645\u06cc\u200c\u0631\u0648\u062f", "last_name": "\U0001f469\u200d\U0001f33e", "remark": "\u2764\ufe0f"}
	record := newRecord(t, db.ID, names)
	if record.FirstName != names["first_name"] || record.LastName != names["last_name"] || record.Remark != names["remark"] {
		t.Errorf("kept as %+v, want %v", record, names)
	}
	for _, typed := range []string{record.FirstName, "\u0645\u06cc\u0631\u0648\u062f", record.LastName} {
		if found := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?search="+url.QueryEscape(typed)); found.Meta.Total != 1 {
			t.Errorf("%+q finds %d", typed, found.Meta.Total)
		}
	}
}
