package mongostore

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// An optional text that has no value is kept as null, as the old backend
// wrote it, whether the record never had it or it was cleared.
func TestOptionalTextsAreNull(t *testing.T) {
	client, db := mongotest.Open(t), officetest.DB(1)
	officetest.Must(t, mongotest.Seed{Client: client}.AddDB(t.Context(), db))
	store := New(client)
	full, bare := officetest.Personnel(1, db.ID), officetest.Personnel(2, db.ID, withoutOptionals)
	_, err := store.Create(t.Context(), []office.Personnel{full, bare}, office.Edit{})
	officetest.Must(t, err)
	for field, clearing := range map[string]office.PersonnelPatch{
		"middle_name": {MiddleName: new("")}, "location": {Location: new("")}, "remark": {Remark: new("")},
	} {
		if value := kept(t, store, full.ID, field); value == nil {
			t.Errorf("%s is null before it is cleared", field)
		}
		_, _, err := store.Update(t.Context(), office.ScopeOf(db.ID), full.ID, clearing, office.Edit{At: office.Now()})
		officetest.Must(t, err)
		for how, id := range map[string]office.ID{"cleared": full.ID, "never given": bare.ID} {
			if value := kept(t, store, id, field); value != nil {
				t.Errorf("%s, %s, is kept as %#v, want null", field, how, value)
			}
		}
	}
}

func withoutOptionals(p *office.Personnel) { p.MiddleName, p.Location, p.Remark = "", "", "" }

// kept is what a field is in the document itself, which must have it.
func kept(t *testing.T, store Store, id office.ID, field string) any {
	t.Helper()
	doc, err := mongodb.CollectionOf[bson.M](store.Client, "personnels").One(t.Context(), bson.M{"_id": id})
	officetest.Must(t, err)
	value, ok := doc[field]
	if !ok {
		t.Errorf("the document has no %s", field)
	}
	return value
}

// A record that was told apart from one with the same number, at a start, is
// changed like any other; with a number of its own it is unique like any other.
func TestChangeOfSeparatedRecord(t *testing.T) {
	store, db := New(mongotest.Open(t)), officetest.DB(1)
	seed := mongotest.Seed{Client: store.Client}
	officetest.Must(t, seed.AddDB(t.Context(), db))
	first, later := officetest.Personnel(1, db.ID), officetest.Personnel(2, db.ID)
	officetest.Must(t, seed.AddPersonnel(t.Context(), first, later))
	same := bson.M{"army_number": first.ArmyNumber, "deleted_at": officetest.At(1)}
	_, err := store.Client.Records().Update(t.Context(), bson.M{"_id": later.ID}, bson.M{"$set": same})
	officetest.Must(t, err)

	change := func(number string) error {
		_, _, err := store.Update(t.Context(), office.ScopeOf(db.ID), later.ID,
			office.PersonnelPatch{ArmyNumber: &number, Rank: new("Major")}, office.Edit{At: officetest.At(2)})
		return err
	}
	officetest.Must(t, change(first.ArmyNumber))
	officetest.Must(t, change("N/of its own"))
	officetest.WantError(t, change(first.ArmyNumber), office.ErrArmyNumberTaken)
	again := officetest.Personnel(3, db.ID, officetest.Numbered("N/of its own"))
	officetest.WantError(t, seed.AddPersonnel(t.Context(), again), office.ErrArmyNumberTaken)
}
