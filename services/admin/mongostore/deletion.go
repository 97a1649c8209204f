package mongostore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// DeleteDB implements admin.Store. It takes steps, and none of the database's
// records survives them, also while other services add some (see
// mongodb.Deleting):
//
//  1. It marks the database, which nobody can use from then on.
//  2. It notes the deletion in the collection deletions.
//  3. It removes the references, then the records, then the database.
//
// Whatever step a deletion stops after, the database is still there, marked,
// and the same call completes it, and so does CompleteDeletions. Several may
// delete one database at once: each step does what is left to do, and each call
// counts what itself has deleted.
func (s Store) DeleteDB(ctx context.Context, id office.ID) (int, error) {
	marked, err := s.Client.DBs().Update(ctx, bson.M{"_id": id}, bson.M{"$set": bson.M{mongodb.Deleting: true}})
	if err != nil {
		return 0, err
	}
	if !marked {
		return 0, office.ErrDBNotFound
	}
	err = s.deletions().Insert(ctx, deletion{id, office.Now()})
	if err != nil && !errors.Is(err, mongodb.ErrDuplicate) {
		return 0, err
	}
	reference := bson.M{"allowed_dbs": id.Hex()}
	if err := s.Client.Users().UpdateAll(ctx, 0, reference, bson.M{"$pull": reference}); err != nil {
		return 0, err
	}
	deleted, err := s.deleteRecords(ctx, id)
	if err != nil {
		return 0, err
	}
	_, err = s.Client.DBs().Delete(ctx, bson.M{"_id": id})
	return deleted, err
}

// deletionStep is how many records one command deletes: few enough that no
// command takes long, however large the database is.
const deletionStep = 5000

// deleteRecords deletes step after step, each from where the last one ended: so
// no step walks over what is gone already. It begins again until nothing is
// left, since a record that gets another number meanwhile may be passed over.
func (s Store) deleteRecords(ctx context.Context, db office.ID) (deleted int, err error) {
	type key struct {
		ID         any `bson:"_id"`
		ArmyNumber any `bson:"army_number"`
	}
	filter := bson.M{"db_id": db.Hex()}
	for {
		keys, err := mongodb.CollectionOf[key](s.Client, document.Personnels).Find(ctx, filter, mongodb.Part{
			Sort: mongodb.Ascending("db_id", "army_number"), Limit: s.deletionStep, Fields: []string{"_id", "army_number"},
		})
		_, goesOn := filter["army_number"]
		switch {
		case err != nil || len(keys) == 0 && !goesOn:
			return deleted, err
		case len(keys) == 0:
			delete(filter, "army_number")
			continue
		}
		ids := mongodb.Convert(keys, func(k key) any { return k.ID })
		// Not what was moved to another database meanwhile.
		n, err := s.Client.Records().DeleteAll(ctx, len(ids), bson.M{"_id": mongodb.AnyOf(ids), "db_id": db.Hex()})
		deleted += n
		if err != nil {
			return deleted, err
		}
		filter["army_number"] = bson.M{"$gte": keys[len(keys)-1].ArmyNumber}
	}
}

// deletion is a document of the collection deletions: a database that was
// deleted lately.
type deletion struct {
	DB office.ID `bson:"_id"`
	At time.Time `bson:"at"`
}

func (s Store) deletions() mongodb.Collection[deletion] {
	return mongodb.CollectionOf[deletion](s.Client, "deletions")
}

// completionInterval is how long at most the remains of a process that died stay.
const completionInterval = time.Hour

// KeepCompletingDeletions calls CompleteDeletions once an hour, until ctx is done.
func (s Store) KeepCompletingDeletions(ctx context.Context, logger *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(completionInterval):
		}
		if err := s.CompleteDeletions(ctx, logger); err != nil {
			logger.Warn("deletions cannot be completed now; trying again in an hour", "error", err.Error())
		}
	}
}

// CompleteDeletions completes the deletions that have stopped, and logs which:
// until then, whoever may see everything still sees their records. A deletion that is
// being made at the moment looks the same, and is only done sooner. It also deletes
// what was put into a database that was gone by processes that died before they took
// it back.
func (s Store) CompleteDeletions(ctx context.Context, logger *slog.Logger) error {
	marked, err := s.Client.DBs().Find(ctx, bson.M{mongodb.Deleting: true}, mongodb.Part{})
	if err != nil {
		return err
	}
	for _, db := range marked {
		deleted, err := s.DeleteDB(ctx, db.Value.ID)
		switch {
		case errors.Is(err, office.ErrDBNotFound): // completed by somebody else meanwhile
		case err != nil:
			return fmt.Errorf("completing the deletion of database %s: %w", db.Value.ID.Hex(), err)
		default:
			logger.Info("a deletion that had stopped was completed", "database", db.Value.ID.Hex(), "personnel", deleted)
		}
	}
	noted, err := s.deletions().Find(ctx, bson.M{}, mongodb.Part{})
	if err != nil {
		return err
	}
	for _, d := range noted {
		if err := s.deleteLateRecords(ctx, d, logger); err != nil {
			return fmt.Errorf("deleting what database %s has left: %w", d.DB.Hex(), err)
		}
	}
	return nil
}

// How long before a deletion a record may have been written that it could not
// see, with clocks that differ, and how long after it somebody may write one.
const (
	lateBefore = time.Hour
	lateAfter  = 24 * time.Hour
)

// deleteLateRecords deletes what was written into a database about when it was
// deleted, and nothing else: the database may be there again, from a backup.
func (s Store) deleteLateRecords(ctx context.Context, d deletion, logger *slog.Logger) error {
	switch err := s.CheckDB(ctx, d.DB); {
	case err != nil && !errors.Is(err, office.ErrDBNotFound):
		return err
	case err != nil:
		written := bson.M{"$gte": d.At.Add(-lateBefore)}
		deleted, err := s.Client.Records().DeleteAll(ctx, 0, bson.M{
			"db_id": d.DB.Hex(), "$or": bson.A{bson.M{"created_at": written}, bson.M{"updated_at": written}},
		})
		if err != nil {
			return err
		}
		if deleted > 0 {
			logger.Info("records of a deleted database were deleted", "database", d.DB.Hex(), "personnel", deleted)
		}
	}
	if time.Since(d.At) < lateAfter {
		return nil
	}
	_, err := s.deletions().Delete(ctx, bson.M{"_id": d.DB})
	return err
}
