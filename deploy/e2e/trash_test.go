package e2e

import (
	"net/url"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// Promise 47: what was deleted is not lost.
func TestTrash(t *testing.T) {
	t.Parallel()
	type deleted struct {
		client.Record
		DeletedAt time.Time                 `json:"deleted_at"`
		DeletedBy struct{ ID, Name string } `json:"deleted_by"`
	}
	db, boss := newDB(t), admin(t)
	clerk := newCaller(t, db.ID)
	first, second, last := newRecord(t, db.ID), newRecord(t, db.ID), newRecord(t, db.ID)
	boss.want(200, "DELETE", "/personnels/"+first.ID, nil)
	clerk.want(200, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": []string{second.ID}})
	trash := "/personnels/db/" + db.ID + "/trash"
	list := get[client.List[deleted]](clerk, trash)
	if len(list.Data) != 2 || list.Data[0].ID != second.ID || list.Data[1].ID != first.ID {
		t.Fatalf("the trash is %+v", list)
	}
	if got := list.Data[0]; !got.IsDeleted || got.Revision != 2 || got.DeletedAt.Before(first.CreatedAt) || got.DeletedBy.ID != clerk.id {
		t.Errorf("the last deleted one is %+v", got)
	}
	if got := get[client.List[deleted]](clerk, trash+"?limit=1&page=2&search="+url.QueryEscape("ibra musa")); got.Meta.Total != 2 || got.Data[0].ID != first.ID {
		t.Errorf("the second page of a search is %+v", got)
	}
	restored := ask[client.Record](clerk, 200, "POST", "/personnels/restore/"+first.ID, nil)
	if restored.IsDeleted || restored.Revision != 3 {
		t.Errorf("the restored record is %+v", restored)
	}
	if again := ask[client.Record](clerk, 200, "POST", "/personnels/restore/"+first.ID, nil); again != restored {
		t.Errorf("a live record is restored as %+v", again)
	}
	// Meanwhile, somebody else takes the number of the other one.
	boss.want(200, "PATCH", "/personnels/"+last.ID, fields{"army_number": second.ArmyNumber})
	wantConflict(t, clerk, "POST", "/personnels/restore/"+second.ID, nil, last)
	wantConflict(t, clerk, "POST", "/personnels", with(fullFields(db.ID), fields{"army_number": second.ArmyNumber}), last)
	wantConflict(t, clerk, "PATCH", "/personnels/"+first.ID, fields{"army_number": second.ArmyNumber}, last)
	if list := get[client.List[deleted]](clerk, trash); len(list.Data) != 1 {
		t.Errorf("the trash is %+v", list)
	}
}

// wantConflict checks that a call is refused and names who has the number.
func wantConflict(t *testing.T, c caller, method, path string, body any, holder client.Record) {
	t.Helper()
	got := ask[struct {
		Conflict struct {
			ID         string
			ArmyNumber string `json:"army_number"`
			FirstName  string `json:"first_name"`
			LastName   string `json:"last_name"`
		}
	}](c, 409, method, path, body).Conflict
	if got.ID != holder.ID || got.FirstName != holder.FirstName || got.LastName != holder.LastName || got.ArmyNumber == "" {
		t.Errorf("%s %s: the conflict is with %+v, want %+v", method, path, got, holder)
	}
}
