package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"officepay.example/deploy/e2e/client"
)

const bulkDelete = "/personnels/bulk-delete"

// TestBulkDelete: what exists is deleted, and what does not is listed. A record in
// another user's database does not exist.
func TestBulkDelete(t *testing.T) {
	t.Parallel()
	mine, other := newDB(t), newDB(t)
	user, hidden := newCaller(t, mine.ID), newRecord(t, other.ID)
	one, two, kept, gone := newRecord(t, mine.ID), newRecord(t, mine.ID), newRecord(t, mine.ID), newRecord(t, mine.ID)
	user.want(200, "DELETE", "/personnels/"+gone.ID, nil)

	sent := []string{one.ID, unusedID, two.ID, hidden.ID, gone.ID, one.ID}
	done := ask[client.BulkDelete](user, 200, "DELETE", bulkDelete, fields{"personnels_id": sent})
	missing := []string{unusedID, hidden.ID, gone.ID}
	if slices.Sort(done.NotFound); done.Deleted != 2 || !slices.Equal(done.NotFound, slices.Sorted(slices.Values(missing))) {
		t.Errorf("got %+v, want 2 deleted and %v not found", done, missing)
	}
	if left := get[[]client.Record](user, "/personnels"); len(left) != 1 || left[0] != kept {
		t.Errorf("left: got %+v, want %+v", left, kept)
	}
	if now := get[client.Record](admin(t), "/personnels/"+hidden.ID); now != hidden {
		t.Errorf("a record out of reach was %+v and is %+v", hidden, now)
	}
	whole := ask[fields](user, 200, "DELETE", bulkDelete, fields{"personnels_id": []string{kept.ID}})
	if keys := slices.Sorted(maps.Keys(whole)); !slices.Equal(keys, []string{"deleted", "not_found"}) {
		t.Errorf("the keys are %v", keys)
	}
}

// TestBulkDeleteNothing: 404 when none exists, in the same words whether the records are
// another user's or nobody's.
func TestBulkDeleteNothing(t *testing.T) {
	t.Parallel()
	user, hidden := newCaller(t, newDB(t).ID), newRecord(t, newDB(t).ID)
	nobodys := user.want(404, "DELETE", bulkDelete, fields{"personnels_id": []string{unusedID}})
	anothers := user.want(404, "DELETE", bulkDelete, fields{"personnels_id": []string{hidden.ID}})
	if nobodys.Message != anothers.Message {
		t.Errorf("got %q and %q", nobodys.Message, anothers.Message)
	}
}

// TestBulkDeleteInvalid: every malformed id is listed, and nothing is deleted.
func TestBulkDeleteInvalid(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	record := newRecord(t, db.ID)
	sent := []any{record.ID, "x", 7, record.ID + "0", "", fields{"$ne": ""}}
	res := admin(t).want(400, "DELETE", bulkDelete, fields{"personnels_id": sent})
	got := dataOf[struct {
		Invalid []any `json:"invalid_ids"`
	}](t, res).Invalid
	want := []any{"x", 7, record.ID + "0", "", "an object"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("invalid_ids: got %v, want %v", got, want)
	}
	wantTotal(t, db.ID, 1)
}

// TestBulkDeleteBadBody: it must be an array with something in it.
func TestBulkDeleteBadBody(t *testing.T) {
	t.Parallel()
	record := newRecord(t, newDB(t).ID)
	for _, bad := range []any{absent, nil, []any{}, record.ID, 1, true, fields{"$in": []any{record.ID}}} {
		res := admin(t).send("DELETE", bulkDelete, with(fields{}, fields{"personnels_id": bad}))
		wantProblem(t, res, "personnels_id")
	}
	wantProblem(t, admin(t).send("DELETE", bulkDelete, fields{"Personnels_ID": []any{record.ID}}), "personnels_id")
	admin(t).want(200, "GET", "/personnels/"+record.ID, nil)
}
