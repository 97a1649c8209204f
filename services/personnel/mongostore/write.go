package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Create implements personnel.Store. That the database exists is asked before
// the insertion and after it; see mongodb.Client.DeleteDB.
func (s Store) Create(ctx context.Context, records []office.Personnel) ([]int, error) {
	db := records[0].DBID
	if err := s.CheckDB(ctx, db); err != nil {
		return nil, err
	}
	firsts, taken := firstsOf(records)
	docs := make([]mongodb.Record, len(firsts))
	ids := make([]office.ID, len(firsts))
	for i, place := range firsts {
		docs[i], ids[i] = mongodb.RecordOf(records[place]), records[place].ID
	}
	refused, err := s.Client.Records().InsertAll(ctx, docs)
	if err != nil {
		return nil, s.afterFailure(ctx, err, db, ids)
	}
	for _, i := range refused {
		taken = append(taken, firsts[i])
	}
	return taken, s.keepOnlyIn(ctx, db, ids)
}

// firstsOf are the places of the first record with each army number, and
// those of the others, which cannot be kept in any case.
func firstsOf(records []office.Personnel) (firsts, others []int) {
	seen := make(map[string]bool, len(records))
	for place, record := range records {
		if seen[record.ArmyNumber] {
			others = append(others, place)
			continue
		}
		seen[record.ArmyNumber] = true
		firsts = append(firsts, place)
	}
	return firsts, others
}

// keepOnlyIn takes records back that were put into a database which does not
// exist or is being deleted, and returns office.ErrDBNotFound then. It does so
// also when the request has run out of time.
func (s Store) keepOnlyIn(ctx context.Context, db office.ID, ids []office.ID) error {
	return s.takeBack(context.WithoutCancel(ctx), db, ids)
}

// failurePatience is how long a failed write is looked after: little, so that
// an outage is answered as soon as is promised.
const failurePatience = 400 * time.Millisecond

// afterFailure is keepOnlyIn after a write that failed, which may have been
// made all the same, as a whole or in part. It returns the error of the write,
// or office.ErrDBNotFound where that is the reason to give.
func (s Store) afterFailure(ctx context.Context, failed error, db office.ID, ids []office.ID) error {
	patience := failurePatience + time.Duration(len(ids))*time.Millisecond
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if missing := s.takeBack(ctx, db, ids); errors.Is(missing, office.ErrDBNotFound) {
		return missing
	}
	return failed
}

func (s Store) takeBack(ctx context.Context, db office.ID, ids []office.ID) error {
	missing := s.CheckDB(ctx, db)
	if !errors.Is(missing, office.ErrDBNotFound) {
		return missing
	}
	_, err := s.Client.Records().DeleteAll(ctx, len(ids), bson.M{"_id": bson.M{"$in": ids}, "db_id": db.Hex()})
	if err != nil {
		return err
	}
	return missing
}

// Update implements personnel.Store. It sets the named fields alone, so two
// who change different fields do not undo each other.
func (s Store) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (office.Personnel, error) {
	if patch.DBID == nil {
		return s.change(ctx, scope, id, patch, now)
	}
	if err := s.CheckDB(ctx, *patch.DBID); err != nil {
		return office.Personnel{}, err
	}
	record, err := s.change(ctx, scope, id, patch, now)
	switch {
	case errors.Is(err, office.ErrNotFound), errors.Is(err, office.ErrArmyNumberTaken):
		return record, err
	case err != nil:
		return record, s.afterFailure(ctx, err, *patch.DBID, []office.ID{id})
	}
	// A database whose deletion began meanwhile takes the record with it, as
	// if it had begun afterwards.
	err = s.keepOnlyIn(ctx, *patch.DBID, []office.ID{id})
	if errors.Is(err, office.ErrDBNotFound) {
		return record, nil
	}
	return record, err
}

// change makes a change.
func (s Store) change(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (record office.Personnel, err error) {
	set := fieldsOf(patch)
	set["updated_at"] = now
	err = mongodb.Repeat(ctx, func() (bool, error) {
		filter, err := s.unchanged(ctx, one(scope, id), patch, set)
		if err != nil {
			return false, err
		}
		doc, found, err := s.Client.Records().Change(ctx, filter, bson.M{"$set": set})
		if err == nil && !found && set["search_text"] == nil {
			return false, office.ErrNotFound
		}
		record = doc.Personnel()
		return found, err
	})
	if err != nil {
		return office.Personnel{}, mongodb.Taken(err, office.ErrArmyNumberTaken)
	}
	return record, nil
}

// unchanged narrows the filter of a change of names to the record as it is
// now, and sets the text that the change makes of it. Other changes need not
// know the record.
func (s Store) unchanged(ctx context.Context, filter bson.M, patch office.PersonnelPatch, set bson.M) (bson.M, error) {
	if patch.FirstName == nil && patch.MiddleName == nil && patch.LastName == nil && patch.ArmyNumber == nil {
		return filter, nil
	}
	was, err := s.Client.Records().One(ctx, filter)
	if err != nil {
		return nil, err
	}
	is := was.Personnel()
	patch.Apply(&is)
	set["search_text"] = is.SearchText()
	return mongodb.WithText(filter, was.Document.SearchText), nil
}

// fieldsOf are the fields that a change sets. An optional text that has no
// value is null.
func fieldsOf(patch office.PersonnelPatch) bson.M {
	set := bson.M{}
	for name, value := range map[string]*string{
		"first_name": patch.FirstName, "last_name": patch.LastName, "army_number": patch.ArmyNumber,
		"phone_number": patch.PhoneNumber, "rank": patch.Rank, "bank.name": patch.BankName,
		"bank.sort_code": patch.BankSortCode, "acct_number": patch.AcctNumber, "sub_sector": patch.SubSector,
		"middle_name": patch.MiddleName, "location": patch.Location, "remark": patch.Remark,
	} {
		mongodb.Set(set, name, value)
	}
	for _, optional := range []string{"middle_name", "location", "remark"} {
		if set[optional] == "" {
			set[optional] = nil
		}
	}
	mongodb.Set(set, "status", patch.Status)
	if patch.DBID != nil {
		set["db_id"] = patch.DBID.Hex()
	}
	return set
}
