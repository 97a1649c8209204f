package e2e

import (
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestFormOfTwoRecords: the frontend's form is opened for a record that has everything,
// and then for one that has nothing optional. It must save nothing of the first into the
// second, whichever call they came from.
func TestFormOfTwoRecords(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	full := newRecord(t, db.ID)
	bare := ask[client.Record](admin(t), 201, "POST", "/personnels", recordFields(db.ID))
	path := "/personnels/" + bare.ID
	for from, records := range map[string][]fields{
		"each":       {get[fields](admin(t), "/personnels/"+full.ID), get[fields](admin(t), path)},
		"changes":    {ask[fields](admin(t), 200, "PATCH", "/personnels/"+full.ID, fields{}), ask[fields](admin(t), 200, "PATCH", path, fields{})},
		"a page":     page[fields](admin(t), "/personnels/db/"+db.ID).Data,
		"everything": get[[]fields](admin(t), "/personnels?db_id="+db.ID),
	} {
		t.Run(from, func(t *testing.T) {
			form := client.EditForm{}
			form.Open(records[0])
			form.Open(records[1])
			wantRecord(t, ask[client.Record](admin(t), 200, "PATCH", path, form), bare)
		})
	}
}
