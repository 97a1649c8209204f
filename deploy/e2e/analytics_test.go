package e2e

import (
	"maps"
	"slices"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// grown is a figure of things that all came this month.
func grown(total int) client.Figure {
	if total == 0 {
		return client.Figure{}
	}
	return client.Figure{Total: total, PercentageIncrease: 100}
}

// TestDBFigures: the figures are exact, and the seven statuses add up.
func TestDBFigures(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user, path := newCaller(t, db.ID), "/analytics/personnels/db/"+db.ID
	want := client.Figures{"total_deleted_personnel": {}, "total_personnel": {}}
	for _, status := range client.Statuses {
		want["total_"+status+"_personnel"] = client.Figure{}
	}
	wantFigures(t, get[client.Figures](user, path), want)
	all := 0
	for i, status := range client.Statuses {
		var rows []fields
		for range i * 2 { // none of the first, so that one status stays empty
			rows = append(rows, with(recordFields(db.ID), fields{"status": status}))
		}
		if len(rows) > 0 {
			upload(t, rows)
		}
		want["total_"+status+"_personnel"] = grown(len(rows))
		all += len(rows)
	}
	for _, status := range []string{"cse", "cse", "awol"} {
		record := page[client.Record](user, "/personnels/db/"+db.ID+"?limit=1&filter="+status).Data[0]
		user.want(200, "DELETE", "/personnels/"+record.ID, nil)
		name := "total_" + status + "_personnel"
		want[name] = grown(want[name].Total - 1)
	}
	want["total_personnel"], want["total_deleted_personnel"] = grown(all-3), grown(3)
	wantFigures(t, get[client.Figures](user, path), want)
}

func wantFigures(t *testing.T, got, want client.Figures) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	sum := 0
	for _, status := range client.Statuses {
		sum += got["total_"+status+"_personnel"].Total
	}
	if sum != got["total_personnel"].Total {
		t.Errorf("the statuses add up to %d, and total_personnel is %d", sum, got["total_personnel"].Total)
	}
}

// TestReadYourWrites: a figure asked for after a write was answered has it.
func TestReadYourWrites(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	figures := func() client.Figures { return get[client.Figures](admin(t), "/analytics/personnels/db/"+db.ID) }
	for i := range 20 {
		record := newRecord(t, db.ID, fields{"status": "active"})
		if got := figures()["total_active_personnel"].Total; got != 1 {
			t.Fatalf("round %d, created: got %d, want 1", i, got)
		}
		admin(t).want(200, "PATCH", "/personnels/"+record.ID, fields{"status": "rtu"})
		if got := figures(); got["total_active_personnel"].Total != 0 || got["total_rtu_personnel"].Total != 1 {
			t.Fatalf("round %d, changed: got %v", i, got)
		}
		admin(t).want(200, "DELETE", "/personnels/"+record.ID, nil)
		if got := figures(); got["total_personnel"].Total != 0 || got["total_deleted_personnel"].Total != i+1 {
			t.Fatalf("round %d, deleted: got %v", i, got)
		}
	}
}

// TestDashboard: the figures move by exactly what is done, and everybody sees
// the same. It does not run beside other tests, which would move them too.
func TestDashboard(t *testing.T) {
	before := get[client.Figures](admin(t), "/analytics/dashboard")
	names := []string{"databases", "deleted_personnel", "new_personnel", "personnel", "users"}
	if got := slices.Sorted(maps.Keys(before)); !slices.Equal(got, names) {
		t.Fatalf("got %v, want %v", got, names)
	}
	db := newDB(t)
	user := newCaller(t, newDB(t).ID)
	upload(t, rowsOf(db.ID, 7))
	record := newRecord(t, db.ID)
	moved := func(databases, deleted, live, users int) {
		t.Helper()
		now := get[client.Figures](admin(t), "/analytics/dashboard")
		want := map[string]int{
			"databases": databases, "deleted_personnel": deleted, "personnel": live, "new_personnel": live, "users": users,
		}
		for name, by := range want {
			if got := now[name].Total - before[name].Total; got != by {
				t.Errorf("%s moved by %d, want %d", name, got, by)
			}
		}
	}
	moved(2, 0, 8, 1)
	if seen := get[client.Figures](user, "/analytics/dashboard"); !maps.Equal(seen, get[client.Figures](admin(t), "/analytics/dashboard")) {
		t.Error("a user sees other figures than an admin")
	}
	admin(t).want(200, "DELETE", "/personnels/"+record.ID, nil)
	moved(2, 1, 7, 1)
	admin(t).want(200, "DELETE", "/admin/users/"+user.id, nil)
	moved(2, 1, 7, 0)
	admin(t).want(200, "DELETE", "/admin/dbs/"+db.ID, nil)
	moved(1, 0, 0, 0)
}
