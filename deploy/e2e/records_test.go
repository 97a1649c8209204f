package e2e

import (
	"net/url"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestRecordIsKept: what was sent comes back, from the call and from every
// list.
func TestRecordIsKept(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user := newCaller(t, db.ID)
	sent := with(fullFields(db.ID), fields{"first_name": "Ọláolúwa", "last_name": `O'Neil "B" <b> & \`, "remark": "🙂 50% _x"})
	made := ask[client.Record](user, 201, "POST", "/personnels/", sent)
	want := client.Record{
		ID: made.ID, FirstName: "Ọláolúwa", LastName: `O'Neil "B" <b> & \`, MiddleName: "Sani",
		ArmyNumber: sent["army_number"].(string), PhoneNumber: "08030000000", Rank: "Cpl",
		Bank: client.Bank{Name: "ECOBANK PLC", SortCode: "050150311"}, AcctNumber: sent["acct_number"].(string),
		SubSector: "HQ Sector 1", Location: "Kaduna", Remark: "🙂 50% _x", DBID: db.ID, Status: "posted",
		CreatedAt: made.CreatedAt, UpdatedAt: made.UpdatedAt, Revision: 1,
	}
	shown := []client.Record{
		made, get[client.Record](user, "/personnels/"+made.ID), get[client.Record](user, "/personnels/"+strings.ToUpper(made.ID)),
		page[client.Record](user, "/personnels/db/"+db.ID).Data[0], page[client.Record](user, "/personnels?page=1").Data[0],
		get[[]client.Record](user, "/personnels")[0],
	}
	for i, got := range shown {
		if got != want {
			t.Errorf("%d: got %+v, want %+v", i, got, want)
		}
	}
}

// TestArmyNumberOfRecords: unique within a database, among what is not
// deleted.
func TestArmyNumberOfRecords(t *testing.T) {
	t.Parallel()
	c, db, other := admin(t), newDB(t), newDB(t)
	one, two := newRecord(t, db.ID), newRecord(t, db.ID)
	same := fields{"army_number": one.ArmyNumber}
	c.want(409, "POST", "/personnels", with(recordFields(db.ID), same))
	c.want(409, "PATCH", "/personnels/"+two.ID, same)
	c.want(200, "PATCH", "/personnels/"+one.ID, same)
	newRecord(t, other.ID, same)

	c.want(200, "DELETE", "/personnels/"+one.ID, nil)
	again := newRecord(t, db.ID, same)
	c.want(200, "DELETE", "/personnels/"+again.ID, nil)
	c.want(200, "PATCH", "/personnels/"+two.ID, same)
	wantTotal(t, db.ID, 1)
}

// TestDeleteRecord: a deleted record is nowhere, and deleting it again is a 404.
func TestDeleteRecord(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user := newCaller(t, db.ID)
	record, kept := newRecord(t, db.ID), newRecord(t, db.ID)
	user.want(200, "DELETE", "/personnels/"+record.ID, nil)
	for _, c := range []caller{user, admin(t)} {
		c.want(404, "DELETE", "/personnels/"+record.ID, nil)
		c.want(404, "GET", "/personnels/"+record.ID, nil)
		c.want(404, "PATCH", "/personnels/"+record.ID, fields{"rank": "Sgt"})
		c.want(404, "PATCH", "/personnels/"+record.ID, fields{"isDeleted": false})
		c.want(404, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": []string{record.ID}})
	}
	wantTotal(t, db.ID, 1)
	if got := get[[]client.Record](user, "/personnels"); got[0] != kept {
		t.Errorf("got %+v, want %+v", got[0], kept)
	}
	if got := page[client.Record](user, "/personnels/db/"+db.ID+"?search="+record.ArmyNumber).Meta.Total; got != 0 {
		t.Errorf("the search still finds %d", got)
	}
}

// TestMoveRecord: a move needs access to both databases, and room in the other
// one.
func TestMoveRecord(t *testing.T) {
	t.Parallel()
	from, to, hidden := newDB(t), newDB(t), newDB(t)
	both, one := newCaller(t, from.ID, to.ID), newCaller(t, from.ID)
	record := newRecord(t, from.ID)
	path := "/personnels/" + record.ID

	one.want(403, "PATCH", path, fields{"db_id": to.ID})
	one.want(403, "PATCH", path, fields{"db_id": unusedID})
	both.want(403, "PATCH", path, fields{"db_id": hidden.ID, "rank": "Sgt"})
	if now := get[client.Record](one, path); now != record {
		t.Errorf("a refused move made %+v of %+v", now, record)
	}
	moved := ask[client.Record](both, 200, "PATCH", path, fields{"db_id": to.ID})
	if moved.DBID != to.ID || moved.ID != record.ID {
		t.Errorf("got %+v, want it in %s", moved, to.ID)
	}
	one.want(404, "GET", path, nil)
	wantTotal(t, from.ID, 0)
	wantTotal(t, to.ID, 1)

	twin := newRecord(t, from.ID, fields{"army_number": record.ArmyNumber})
	both.want(409, "PATCH", "/personnels/"+twin.ID, fields{"db_id": to.ID})
	both.want(200, "PATCH", "/personnels/"+twin.ID, fields{"db_id": to.ID, "army_number": unique("TWIN")})
	wantTotal(t, to.ID, 2)
}

// TestIDsInBodies is promise 3: an id in a body or a query is checked like one
// in a path.
func TestIDsInBodies(t *testing.T) {
	t.Parallel()
	mine, other := newDB(t), newDB(t)
	user, hidden := newCaller(t, mine.ID), newRecord(t, other.ID)
	for _, db := range []string{other.ID, unusedID} {
		user.want(403, "POST", "/personnels", recordFields(db))
		user.want(403, "POST", "/personnels/upload", rowsOf(db, 2))
		user.want(403, "GET", "/personnels?db_id="+db, nil)
		user.want(403, "GET", "/personnels?page=1&db_id="+db, nil)
		user.want(403, "GET", "/personnels/db/"+db+"?filter=bogus", nil)
		user.want(403, "GET", "/analytics/personnels/db/"+db, nil)
	}
	mixed := append(rowsOf(mine.ID, 1), rowsOf(other.ID, 2)...)
	done := ask[client.Upload](user, 207, "POST", "/personnels/upload", mixed)
	if done.Inserted != 1 || len(done.Failed) != 2 {
		t.Errorf("got %+v, want the first row in alone", done)
	}
	user.want(404, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": []string{hidden.ID, unusedID}})
	wantTotal(t, other.ID, 1)
	wantTotal(t, mine.ID, 1)

	own := newRecord(t, mine.ID)
	for _, bad := range []string{"x", mine.ID + "0", mine.ID[1:], "g" + mine.ID[1:], "٠" + mine.ID[2:]} {
		wantProblem(t, user.send("POST", "/personnels", recordFields(bad)), "db_id")
		wantProblem(t, user.send("PATCH", "/personnels/"+own.ID, fields{"db_id": bad}), "db_id")
		wantProblem(t, user.send("GET", "/personnels?db_id="+url.QueryEscape(bad), nil), "db_id")
		wantProblem(t, user.send("DELETE", bulkDelete, fields{"personnels_id": []string{own.ID, bad}}), "personnels_id")
		failed := ask[client.Upload](user, 400, "POST", "/personnels/upload", rowsOf(bad, 2)).Failed
		if len(failed) != 2 || !strings.HasPrefix(failed[0].Error, "the database ") {
			t.Errorf("rows of %s: got %+v", bad, failed)
		}
	}
	if now := get[client.Record](user, "/personnels/"+own.ID); now != own {
		t.Errorf("a refused call made %+v of %+v", now, own)
	}
}
