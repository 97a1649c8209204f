package e2e

import (
	"fmt"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// TestPatchRecord is promise 17: absent, null and empty are different.
func TestPatchRecord(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	cases := map[string]struct {
		change fields
		want   func(r *client.Record)
	}{
		"nothing":               {fields{}, func(*client.Record) {}},
		"unknown fields":        {fields{"salary": 1}, func(*client.Record) {}},
		"a required field":      {fields{"rank": "Sgt"}, func(r *client.Record) { r.Rank = "Sgt" }},
		"an optional field":     {fields{"remark": "On leave"}, func(r *client.Record) { r.Remark = "On leave" }},
		"middle_name is empty":  {fields{"middle_name": ""}, func(r *client.Record) { r.MiddleName = "" }},
		"middle_name is null":   {fields{"middle_name": nil}, func(r *client.Record) { r.MiddleName = "" }},
		"location is blank":     {fields{"location": "  "}, func(r *client.Record) { r.Location = "" }},
		"location is null":      {fields{"location": nil}, func(r *client.Record) { r.Location = "" }},
		"remark is empty":       {fields{"remark": ""}, func(r *client.Record) { r.Remark = "" }},
		"remark is null":        {fields{"remark": nil}, func(r *client.Record) { r.Remark = "" }},
		"status is empty":       {fields{"status": ""}, func(*client.Record) {}},
		"status is null":        {fields{"status": nil}, func(*client.Record) {}},
		"status":                {fields{"status": "cse"}, func(r *client.Record) { r.Status = "cse" }},
		"one field of the bank": {fields{"bank": fields{"name": "GTB"}}, func(r *client.Record) { r.Bank.Name = "GTB" }},
		"an empty bank":         {fields{"bank": fields{}}, func(*client.Record) {}},
		"its own db_id":         {fields{"db_id": db.ID}, func(*client.Record) {}},
		"several fields": {fields{"first_name": "Ada", "last_name": "Obi", "remark": nil},
			func(r *client.Record) { r.FirstName, r.LastName, r.Remark = "Ada", "Obi", "" }},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			want := newRecord(t, db.ID)
			path := "/personnels/" + want.ID
			answered := ask[client.Record](admin(t), 200, "PATCH", path, test.change)
			test.want(&want)
			wantRecord(t, answered, want)
			wantRecord(t, get[client.Record](admin(t), path), want)
		})
	}
}

// wantRecord compares all but the time of the last change and the revision, which
// only must not run backwards, and when bank or account number changed.
func wantRecord(t *testing.T, got, want client.Record) {
	t.Helper()
	if got.UpdatedAt.Before(want.UpdatedAt) {
		t.Errorf("updated_at went from %v to %v", want.UpdatedAt, got.UpdatedAt)
	}
	if got.Revision < want.Revision {
		t.Errorf("the revision went from %d to %d", want.Revision, got.Revision)
	}
	got.UpdatedAt, got.Revision, got.BankChangedAt = want.UpdatedAt, want.Revision, want.BankChangedAt
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestPatchRequired: a field that is required cannot be emptied.
func TestPatchRequired(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	old := newRecord(t, db.ID)
	for name := range recordFields(db.ID) {
		for _, empty := range []any{nil, "", "   "} {
			wantProblem(t, admin(t).send("PATCH", "/personnels/"+old.ID, fields{name: empty}), name)
		}
	}
	half := fields{"rank": "Sgt", "last_name": ""}
	wantProblem(t, admin(t).send("PATCH", "/personnels/"+old.ID, half), "last_name")
	if now := get[client.Record](admin(t), "/personnels/"+old.ID); now != old {
		t.Errorf("a refused change made %+v of %+v", now, old)
	}
}

// TestUpdatedAt: a change moves it, and never created_at.
func TestUpdatedAt(t *testing.T) {
	t.Parallel()
	old := newRecord(t, newDB(t).ID)
	if old.CreatedAt.IsZero() || time.Since(old.CreatedAt).Abs() > time.Minute {
		t.Errorf("created_at is %v", old.CreatedAt)
	}
	time.Sleep(5 * time.Millisecond) // longer than the precision of the times
	now := ask[client.Record](admin(t), 200, "PATCH", "/personnels/"+old.ID, fields{"rank": "Sgt"})
	if !now.UpdatedAt.After(old.UpdatedAt) || !now.CreatedAt.Equal(old.CreatedAt) {
		t.Errorf("the times were %v, %v and are %v, %v", old.CreatedAt, old.UpdatedAt, now.CreatedAt, now.UpdatedAt)
	}
}

// TestEmptyOnCreate: the frontend sends every field, empty where it was left
// so.
func TestEmptyOnCreate(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for _, empty := range []any{"", nil, " "} {
		sent := with(recordFields(db.ID), fields{"status": empty, "middle_name": empty, "location": empty, "remark": empty})
		made := ask[fields](admin(t), 201, "POST", "/personnels", sent)
		wantKeys(t, "warned record", made)
		for name, want := range map[string]any{"status": "active", "middle_name": "", "location": "", "remark": ""} {
			wantField(t, fmt.Sprintf("made with %q", empty), made, name, want)
		}
	}
}

// TestPatchDB: the same rules for a database.
func TestPatchDB(t *testing.T) {
	t.Parallel()
	c, db := admin(t), newDB(t)
	path := "/admin/dbs/" + db.ID
	code := unique("PATCHED")
	for _, step := range []struct {
		change fields
		want   func(*client.DB)
	}{
		{fields{}, func(*client.DB) {}},
		{fields{"name": "New"}, func(d *client.DB) { d.Name = "New" }},
		{fields{"short_code": code}, func(d *client.DB) { d.ShortCode = code }},
		{fields{"description": ""}, func(d *client.DB) { d.Description = "" }},
		{fields{"description": "Again"}, func(d *client.DB) { d.Description = "Again" }},
		{fields{"description": nil}, func(d *client.DB) { d.Description = "" }},
	} {
		step.want(&db)
		if got := ask[client.DB](c, 200, "PATCH", path, step.change); got != db {
			t.Errorf("%v: got %+v, want %+v", step.change, got, db)
		}
	}
	for _, name := range []string{"name", "short_code"} {
		for _, empty := range []any{nil, "", " "} {
			wantProblem(t, c.send("PATCH", path, fields{name: empty}), name)
		}
	}
}
