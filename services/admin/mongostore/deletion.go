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

// DeleteDB first marks the database, which nobody can use from then on: mongodb.Deleting
// says why no record of it survives. The marked database goes last, so after an interruption
// the same call completes the deletion, and so does CompleteDeletions. Of several calls at
// once, each does what is left to do, and counts only what it deleted itself.
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

// deletionStep is how many records one command deletes: so few that none takes long.
const deletionStep = 5000

// deleteRecords deletes the records in steps. Each starts where the last one ended, so as not
// to walk over index entries of deleted records. It starts again from the beginning until
// nothing is left, since it may miss a record whose army number changes in the meantime.
func (s Store) deleteRecords(ctx context.Context, db office.ID) (deleted int, err error) {
	type key struct {
		ID         any `bson:"_id"`
		ArmyNumber any `bson:"army_number"`
	}
	records := mongodb.CollectionOf[key](s.Client, document.Personnels, bson.E{Key: "_id", Value: 1}, bson.E{Key: "army_number", Value: 1})
	var from any // the army number where the next step starts; nil for the beginning
	for {
		filter := bson.M{"db_id": db.Hex()}
		if from != nil {
			filter["army_number"] = bson.M{"$gte": from}
		}
		keys, err := records.Find(ctx, filter, mongodb.Part{Sort: mongodb.Ascending("db_id", "army_number"), Limit: s.deletionStep})
		if err != nil || len(keys) == 0 && from == nil {
			return deleted, err
		}
		if len(keys) == 0 {
			from = nil
			continue
		}
		ids := office.Convert(keys, func(k key) any { return k.ID })
		// With db_id again, to spare those that have been moved to another database.
		n, err := records.DeleteAll(ctx, len(ids), bson.M{"_id": mongodb.AnyOf(ids), "db_id": db.Hex()})
		deleted += n
		if err != nil {
			return deleted, err
		}
		from = keys[len(keys)-1].ArmyNumber
	}
}

// deletion is a document of the collection deletions, of a recently deleted database.
type deletion struct {
	DB office.ID `bson:"_id"`
	At time.Time `bson:"at"`
}

func (s Store) deletions() mongodb.Collection[deletion] {
	return mongodb.CollectionOf[deletion](s.Client, "deletions")
}

// KeepCompletingDeletions calls CompleteDeletions once an hour, until ctx is done.
func (s Store) KeepCompletingDeletions(ctx context.Context, logger *slog.Logger) {
	for mongodb.Pause(ctx, time.Hour) == nil {
		if err := s.CompleteDeletions(ctx, logger); err != nil {
			logger.Warn("deletions cannot be completed now; trying again in an hour", "error", err.Error())
		}
	}
}

// CompleteDeletions completes the deletions that were interrupted, and logs them. One in
// progress looks the same, and merely ends sooner. It also deletes records that were added to
// a deleted database by a process that died before it took them back.
func (s Store) CompleteDeletions(ctx context.Context, logger *slog.Logger) error {
	marked, err := s.Client.DBs().Find(ctx, bson.M{mongodb.Deleting: true}, mongodb.Part{})
	if err != nil {
		return err
	}
	for _, db := range marked {
		deleted, err := s.DeleteDB(ctx, db.Value().ID)
		switch {
		case errors.Is(err, office.ErrDBNotFound): // completed by another process
		case err != nil:
			return fmt.Errorf("completing the deletion of database %s: %w", db.Value().ID.Hex(), err)
		default:
			logger.Info("an interrupted deletion was completed", "database", db.Value().ID.Hex(), "personnel", deleted)
		}
	}
	noted, err := s.deletions().Find(ctx, bson.M{}, mongodb.Part{})
	if err != nil {
		return err
	}
	for _, d := range noted {
		if err := s.deleteLateRecords(ctx, d, logger); err != nil {
			return fmt.Errorf("deleting late records of database %s: %w", d.DB.Hex(), err)
		}
	}
	return nil
}

// A record that a deletion missed was written at most lateBefore before it, by a clock
// that is slow, or at most lateAfter after it.
const (
	lateBefore = time.Hour
	lateAfter  = 24 * time.Hour
)

// deleteLateRecords deletes the records that were written into a database around the
// time of its deletion, and no others, unless the database exists again, from a backup.
func (s Store) deleteLateRecords(ctx context.Context, d deletion, logger *slog.Logger) error {
	err := s.CheckDB(ctx, d.DB)
	if errors.Is(err, office.ErrDBNotFound) {
		written := bson.M{"$gte": d.At.Add(-lateBefore)}
		var deleted int
		deleted, err = s.Client.Records().DeleteAll(ctx, 0, bson.M{
			"db_id": d.DB.Hex(), "$or": bson.A{bson.M{"created_at": written}, bson.M{"updated_at": written}},
		})
		if deleted > 0 {
			logger.Info("records of a deleted database were deleted", "database", d.DB.Hex(), "personnel", deleted)
		}
	}
	if err != nil || time.Since(d.At) < lateAfter {
		return err
	}
	_, err = s.deletions().Delete(ctx, bson.M{"_id": d.DB})
	return err
}
