package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"officepay.example/deploy/e2e/client"
)

// Who goes: the rank that moves south, and the sub-sector that is deleted.
const (
	moving  = "Col"
	leaving = "Sub-Sector 1A"
)

// postings are the ranks that get another status.
var postings = []struct{ rank, status string }{{"Capt", "posted"}, {"WO", "cse"}, {"AWO", "awol"}}

// edit changes the status of everybody of some ranks, one by one as the edit
// form does.
func (d *demo) edit() error {
	for _, posting := range postings {
		edited := 0
		for i, person := range d.people {
			if person.Rank != posting.rank {
				continue
			}
			now, err := d.patch(person, map[string]string{"status": posting.status})
			if err != nil {
				return err
			}
			d.people[i] = now
			edited++
		}
		want := d.people.count(withRank(posting.rank))
		if err := d.expect(edited, want, "records of rank %s set to %s", posting.rank, posting.status); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) patch(person client.Record, change map[string]string) (client.Record, error) {
	return send[client.Record](d, d.clerk, "PATCH", "/personnels/"+person.ID, change)
}

// move sends the colonels south. Only the admin may see both databases.
func (d *demo) move() error {
	colonels, moved := d.people.where(withRank(moving)), 0
	for _, colonel := range colonels {
		body := map[string]string{"db_id": d.south.ID}
		now, err := send[client.Record](d, d.admin, "PATCH", "/personnels/"+colonel.ID, body)
		if err != nil {
			return err
		}
		if now.DBID == d.south.ID {
			moved++
		}
	}
	d.people = slices.DeleteFunc(d.people, withRank(moving))
	return d.expect(moved, len(colonels), "records of rank %s moved to %s", moving, southCode)
}

func (d *demo) filter() error {
	for _, status := range client.Statuses {
		found, err := d.list("filter=" + status)
		if err != nil {
			return err
		}
		if err := d.expect(found.Meta.Total, d.people.count(withStatus(status)), "records in the filter %s", status); err != nil {
			return err
		}
	}
	return nil
}

// typed are searches: parts of names, several words in any order, an army
// number, letters with dots below, and characters that must not act as patterns.
var typed = []string{"musa", "IBRA mu", "80na/72", "ọláolúwa", "an an", ".*"}

func (d *demo) search() error {
	for _, words := range typed {
		found, err := d.list("search=" + url.QueryEscape(words))
		if err != nil {
			return err
		}
		if err := d.expect(found.Meta.Total, d.people.count(matching(words)), "records found by %q", words); err != nil {
			return err
		}
	}
	return nil
}

// bulkDelete deletes a sub-sector in one call.
func (d *demo) bulkDelete() error {
	var ids []string
	for _, person := range d.people.where(inSubSector(leaving)) {
		ids = append(ids, person.ID)
	}
	body := map[string][]string{"personnels_id": ids}
	deleted, err := send[client.BulkDelete](d, d.clerk, "DELETE", "/personnels/bulk-delete", body)
	if err != nil {
		return err
	}
	d.people = slices.DeleteFunc(d.people, inSubSector(leaving))
	if err := d.expect(deleted.Deleted, len(ids), "records of %s deleted in one call", leaving); err != nil {
		return err
	}
	return d.compare()
}

// checkScope shows that the user sees north and no more.
func (d *demo) checkScope() error {
	seen, err := send[client.List[client.DB]](d, d.clerk, "GET", "/admin/dbs", nil)
	if err != nil {
		return err
	}
	if err := d.expect(seen.Meta.Total, 1, "database in the list of the user"); err != nil {
		return err
	}
	_, err = send[done](d, d.clerk, "GET", "/personnels/db/"+d.south.ID, nil)
	var refused *client.StatusError
	if !errors.As(err, &refused) {
		return fmt.Errorf("the user asked for %s: expected a refusal, got %v", southCode, err)
	}
	return d.expect(refused.Status, 403, "is the answer when the user asks for %s", southCode)
}
