package e2e

import (
	"testing"

	"officepay.example/deploy/e2e/client"
)

// most is how many rows or ids one call may carry, and the largest page.
const most = 10000

// TestLargeUpload: as many rows as may be go in together, come out in one page
// and one array, and go again in one call. It does not run beside other tests:
// under the race detector it takes the store for so long that they would time
// out.
func TestLargeUpload(t *testing.T) {
	db := newDB(t)
	upload(t, rowsOf(db.ID, most))
	wantTotal(t, db.ID, most)
	list := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?limit=20000")
	if len(list.Data) != most || list.Meta.Limit != most || list.Meta.PageCount != 1 || list.Meta.HasNextPage {
		t.Errorf("the page has %d records and %+v", len(list.Data), list.Meta)
	}
	all := make([]string, most)
	for i, record := range list.Data {
		all[i] = record.ID
	}
	admin(t).want(400, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": append(all, unusedID)})
	done := ask[client.BulkDelete](admin(t), 200, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": all})
	if done.Deleted != most || len(done.NotFound) > 0 {
		t.Errorf("deleted %d, not found %d; want %d and none", done.Deleted, len(done.NotFound), most)
	}
	wantTotal(t, db.ID, 0)
}

// TestTooLargeUpload: one row too many lets none in.
func TestTooLargeUpload(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	admin(t).want(400, "POST", "/personnels/upload", rowsOf(db.ID, most+1))
	wantTotal(t, db.ID, 0)
}
