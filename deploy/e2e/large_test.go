package e2e

import (
	"os"
	"slices"
	"strconv"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// most is how many rows or ids one call may carry, and the largest page.
const most = 10000

// large is how many rows TestLargeUpload uploads: as many as may be, unless E2E_LARGE
// says that the store under test is slow.
func large(t *testing.T) int {
	t.Helper()
	text := os.Getenv("E2E_LARGE")
	if text == "" {
		return most
	}
	rows, err := strconv.Atoi(text)
	if err != nil || rows < 1 || rows > most {
		t.Fatalf("E2E_LARGE is %q, not a number of rows from 1 to %d", text, most)
	}
	return rows
}

// TestLargeUpload: as many rows as may be go in together, come out in one page
// and one array, and go again in one call. It does not run beside other tests:
// under the race detector it takes the store for so long that they would time
// out.
func TestLargeUpload(t *testing.T) {
	db, count := newDB(t), large(t)
	upload(t, rowsOf(db.ID, count))
	wantTotal(t, db.ID, count)
	list := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?limit=20000")
	if len(list.Data) != count || list.Meta.Limit != most || list.Meta.PageCount != 1 || list.Meta.HasNextPage {
		t.Errorf("the page has %d records and %+v", len(list.Data), list.Meta)
	}
	all := make([]string, len(list.Data))
	for i, record := range list.Data {
		all[i] = record.ID
	}
	tooMany := slices.Repeat([]string{unusedID}, most+1)
	admin(t).want(400, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": tooMany})
	done := ask[client.BulkDelete](admin(t), 200, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": all})
	if done.Deleted != count || len(done.NotFound) > 0 {
		t.Errorf("deleted %d, not found %d; want %d and none", done.Deleted, len(done.NotFound), count)
	}
	wantTotal(t, db.ID, 0)
}

// TestTooLargeUpload: with one row too many, none is added.
func TestTooLargeUpload(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	admin(t).want(400, "POST", "/personnels/upload", rowsOf(db.ID, most+1))
	wantTotal(t, db.ID, 0)
}
