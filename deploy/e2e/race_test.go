package e2e

import (
	"context"
	"errors"
	"maps"
	"os"
	"sync"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// try is send for a goroutine, which may not end the test. An answer that fails has
// status 0. If a busy machine has no time for a change, the client makes it again, as it
// is told.
func (c caller) try(method, path string, body any) client.Response {
	res, err := c.Call(context.Background(), method, path, body)
	for begin := time.Now(); err == nil && res.Status == 503 && method == "PATCH" && time.Since(begin) < time.Minute; {
		res, err = c.Call(context.Background(), method, path, body)
	}
	if err == nil {
		err = errors.Join(checkAnswer(res), checkSight(c.Token(), res))
	}
	if err != nil {
		c.t.Errorf("%s %s: %v", method, path, err)
		return client.Response{}
	}
	return res
}

// race makes calls at the same time and counts the statuses of the answers.
func race(t *testing.T, runners int, call func(i int) client.Response) map[int]int {
	t.Helper()
	var mu sync.Mutex
	var running sync.WaitGroup
	statuses, start := map[int]int{}, make(chan struct{})
	for i := range runners {
		running.Go(func() {
			<-start
			status := call(i).Status
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	close(start)
	running.Wait()
	return statuses
}

func wantStatuses(t *testing.T, got, want map[int]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("statuses: got %v, want %v", got, want)
	}
}

// TestRacingCreates is promise 22: of many calls with one army number, one
// makes the record.
func TestRacingCreates(t *testing.T) {
	t.Parallel()
	for _, runners := range []int{16, 50} {
		t.Run(text(runners), func(t *testing.T) {
			db := newDB(t)
			record := recordFields(db.ID)
			statuses := race(t, runners, func(int) client.Response {
				return admin(t).try("POST", "/personnels", record)
			})
			wantStatuses(t, statuses, map[int]int{201: 1, 409: runners - 1})
			wantTotal(t, db.ID, 1)
		})
	}
}

// wantTotal compares how many records a database has, by all that counts them.
func wantTotal(t testing.TB, db string, want int) {
	t.Helper()
	c := admin(t)
	paged := page[fields](c, "/personnels/db/"+db+"?limit=1").Meta.Total
	plain := len(get[[]fields](c, "/personnels?db_id="+db))
	figure := get[client.Figures](c, "/analytics/personnels/db/"+db)["total_personnel"].Total
	if paged != want || plain != want || figure != want {
		t.Errorf("the page counts %d, the plain list %d, the analytics %d, want %d", paged, plain, figure, want)
	}
}

// TestRacingUploads is promise 22 too: of parallel uploads of the same rows, each row goes in
// once.
func TestRacingUploads(t *testing.T) {
	t.Parallel()
	const runners, size = 8, 40
	db := newDB(t)
	rows := rowsOf(db.ID, size)
	var mu sync.Mutex
	inserted, failed := 0, 0
	statuses := race(t, runners, func(int) client.Response {
		res := admin(t).try("POST", "/personnels/upload", rows)
		var done client.Upload
		if err := res.Into(&done); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		inserted += done.Inserted
		failed += len(done.Failed)
		return res
	})
	if inserted != size || failed != size*(runners-1) || unexpected(statuses, 201, 207, 400) {
		t.Errorf("got %d in and %d failed, %v; want %d and %d", inserted, failed, statuses, size, size*(runners-1))
	}
	wantTotal(t, db.ID, size)
}

// TestRacingDBs: a short code is unique in any letter case under a race too.
func TestRacingDBs(t *testing.T) {
	t.Parallel()
	codes := []string{unique("racing"), ""}
	codes[1] = "e2e" + codes[0][3:]
	statuses := race(t, 16, func(i int) client.Response {
		return admin(t).try("POST", "/admin/dbs", with(dbFields(), fields{"short_code": codes[i%2]}))
	})
	wantStatuses(t, statuses, map[int]int{201: 1, 409: 15})
}

// TestRacingUsers: an army number of a user is too. The passwords are hashed a
// few at a time, so that no more call than can wait.
func TestRacingUsers(t *testing.T) {
	user := userFields()
	statuses := race(t, 6, func(int) client.Response { return admin(t).try("POST", "/admin/users", user) })
	wantStatuses(t, statuses, map[int]int{201: 1, 409: 5})
}

// TestRacingMoves: of two records with one army number, one gets into the
// third database.
func TestRacingMoves(t *testing.T) {
	t.Parallel()
	to, number := newDB(t), fields{"army_number": unique("MOVER")}
	records := []client.Record{newRecord(t, newDB(t).ID, number), newRecord(t, newDB(t).ID, number)}
	statuses := race(t, len(records), func(i int) client.Response {
		return admin(t).try("PATCH", "/personnels/"+records[i].ID, fields{"db_id": to.ID})
	})
	wantStatuses(t, statuses, map[int]int{200: 1, 409: 1})
	wantTotal(t, to.ID, 1)
}

// TestRacingDeletes: of many calls, one deletes.
func TestRacingDeletes(t *testing.T) {
	t.Parallel()
	record, runners := newRecord(t, newDB(t).ID), rounds(16, 6)
	statuses := race(t, runners, func(i int) client.Response {
		if i%2 == 0 {
			return admin(t).try("DELETE", "/personnels/bulk-delete", fields{"personnels_id": []string{record.ID}})
		}
		return admin(t).try("DELETE", "/personnels/"+record.ID, nil)
	})
	wantStatuses(t, statuses, map[int]int{200: 1, 404: runners - 1})
}

// rounds is how often something is done: a few times if the store under test is slow
// (E2E_LARGE) and SOAK does not ask for all.
func rounds(all, few int) int {
	if os.Getenv("E2E_LARGE") != "" && !rig.IsSoak() {
		return few
	}
	return all
}

// TestEditorsDoNotEraseEachOther is promise 25: changes of different fields at
// the same time all survive, in 200 rounds.
func TestEditorsDoNotEraseEachOther(t *testing.T) {
	t.Parallel()
	record := newRecord(t, newDB(t).ID)
	for round := range rounds(200, 15) {
		value := text(round)
		changes := []fields{
			{"rank": value}, {"remark": value}, {"first_name": value}, {"last_name": value}, {"bank": fields{"name": value}},
		}
		now := edited[client.Record](t, "/personnels/"+record.ID, changes)
		for _, got := range []string{now.Rank, now.Remark, now.FirstName, now.LastName, now.Bank.Name} {
			if got != value {
				t.Fatalf("round %d: one of the changes is lost: %+v", round, now)
			}
		}
	}
}

// edited makes the changes of one thing at the same time, and returns it as it
// is then.
func edited[T any](t *testing.T, path string, changes []fields) T {
	t.Helper()
	statuses := race(t, len(changes), func(i int) client.Response { return admin(t).try("PATCH", path, changes[i]) })
	wantStatuses(t, statuses, map[int]int{200: len(changes)})
	return ask[T](admin(t), 200, "PATCH", path, fields{})
}

// TestAdminsDoNotEraseEachOther is promise 25 for users and databases.
func TestAdminsDoNotEraseEachOther(t *testing.T) {
	t.Parallel()
	db, user := newDB(t), newPerson(t, userFields())
	for round := range rounds(50, 10) {
		value, code := text(round), unique("CODE")
		u := edited[client.User](t, "/admin/users/"+user.id, []fields{
			{"first_name": value}, {"last_name": value}, {"army_number": code}, {"allowed_dbs": []string{db.ID}[:round%2]},
		})
		if u.FirstName != value || u.LastName != value || u.ArmyNumber != code || len(u.AllowedDBs) != round%2 {
			t.Fatalf("round %d: one of the changes is lost: %+v", round, u)
		}
		d := edited[client.DB](t, "/admin/dbs/"+db.ID, []fields{{"name": value}, {"short_code": code}, {"description": value}})
		if d.Name != value || d.ShortCode != code || d.Description != value {
			t.Fatalf("round %d: one of the changes is lost: %+v", round, d)
		}
	}
}

// TestGivenWhileDeleted: a user who is given a database while it is deleted is left with
// nothing.
func TestGivenWhileDeleted(t *testing.T) {
	t.Parallel()
	user := newCaller(t)
	for range 10 {
		db := newDB(t)
		record := newRecord(t, db.ID)
		statuses := race(t, 4, func(i int) client.Response {
			if i == 0 {
				return admin(t).try("DELETE", "/admin/dbs/"+db.ID, nil)
			}
			return admin(t).try("PATCH", "/admin/users/"+user.id, fields{"allowed_dbs": []string{db.ID}})
		})
		if unexpected(statuses, 200, 400) {
			t.Errorf("statuses: %v", statuses)
		}
		user.want(404, "GET", "/personnels/"+record.ID, nil)
		shown, listed := get[client.User](user, "/auth/me").AllowedDBs, page[client.DB](user, "/admin/dbs").Meta.Total
		if records := get[[]client.Record](user, "/personnels"); len(shown) > 0 || listed > 0 || len(records) > 0 {
			t.Errorf("he is shown %v, %d databases and %d records", shown, listed, len(records))
		}
	}
}
