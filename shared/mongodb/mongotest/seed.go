package mongotest

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Seed fills a database for the conformance suites: officetest.Seed.
type Seed struct{ Client *mongodb.Client }

// AddUser implements officetest.Seed.
func (s Seed) AddUser(ctx context.Context, user office.User) error {
	return s.Client.Users().Insert(ctx, document.Of(user))
}

// AddDB implements officetest.Seed.
func (s Seed) AddDB(ctx context.Context, db office.DB) error {
	return s.Client.DBs().Insert(ctx, document.Of(db))
}

// DeleteDB implements officetest.Seed. It marks the database before it removes
// records, as admin does.
func (s Seed) DeleteDB(ctx context.Context, id office.ID) error {
	found, err := s.Client.DBs().Update(ctx, bson.M{"_id": id}, bson.M{"$set": bson.M{mongodb.Deleting: true}})
	if err != nil {
		return err
	}
	if !found {
		return office.ErrDBNotFound
	}
	reference := bson.M{"allowed_dbs": id.Hex()}
	err = s.Client.Users().UpdateAll(ctx, 0, reference, bson.M{"$pull": reference})
	if err == nil {
		_, err = s.Client.Records().DeleteAll(ctx, 0, bson.M{"db_id": id.Hex()})
	}
	if err == nil {
		_, err = s.Client.DBs().Delete(ctx, bson.M{"_id": id})
	}
	return err
}

// AddPersonnel implements officetest.Seed.
func (s Seed) AddPersonnel(ctx context.Context, records ...office.Personnel) error {
	taken, err := s.Client.Records().InsertAll(ctx, office.Convert(records, document.Of[office.Personnel]))
	if len(taken) > 0 {
		return office.ErrArmyNumberTaken
	}
	return err
}

// AddWithHistory keeps a record with its history.
func (s Seed) AddWithHistory(ctx context.Context, record office.RecordWithHistory) error {
	return s.Client.RecordsWithHistory().Insert(ctx, document.Of(record))
}

// DeletePersonnel implements officetest.Seed.
func (s Seed) DeletePersonnel(ctx context.Context, at time.Time, ids ...office.ID) error {
	for _, id := range ids {
		if err := s.delete(ctx, at, id); err != nil {
			return err
		}
	}
	return nil
}

// delete deletes a little later where the same number was deleted at the same
// time.
func (s Seed) delete(ctx context.Context, at time.Time, id office.ID) error {
	for {
		found, err := s.Client.Records().Update(ctx, bson.M{"_id": id, "isDeleted": false},
			bson.M{"$set": bson.M{"isDeleted": true, "deleted_at": at}})
		switch {
		case errors.Is(err, mongodb.ErrDuplicate):
			at = at.Add(time.Millisecond)
		case err == nil && !found:
			return office.ErrNotFound
		default:
			return err
		}
	}
}
