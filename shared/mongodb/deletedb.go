package mongodb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// A database is deleted in steps, and so that none of its records survives,
// also while other services add some:
//
//  1. The deletion marks the database. To CheckDB and DBsByID it is gone from
//     then on.
//  2. It removes the references, then the records, then the database.
//
// Who adds a record calls CheckDB after it as well as before, and takes the
// record back when that fails. If the second call succeeds, the mark came
// later, and so did the removal of the records, which finds this one too. If
// it fails, the record is taken back by who added it. (A command sees what was
// acknowledged before it began: all read and write the primary.)
//
// Whatever step a deletion stops after, the database is still there, marked,
// and the same call completes it; so does the next start of a service that
// calls CompleteDeletions. Several may delete one database at once: each step
// does what is left to do.
const deletingField = "deleting"

// CheckDB returns office.ErrDBNotFound when there is no such database, or when
// it is being deleted.
func (r Reader) CheckDB(ctx context.Context, id office.ID) error {
	type state struct {
		Deleting bool `bson:"deleting"`
	}
	doc, err := CollectionOf[state](r.Client, dbsName).One(ctx, bson.M{"_id": id})
	if doc.Deleting || errors.Is(err, office.ErrNotFound) {
		return office.ErrDBNotFound
	}
	return err
}

// DeleteDB deletes a database, with every reference in allowed_dbs and all its
// records, and returns how many records that were. It returns
// office.ErrDBNotFound when there is no such database. Of several calls at once
// each counts what itself has deleted.
func (c *Client) DeleteDB(ctx context.Context, id office.ID) (int, error) {
	marked, err := c.DBs().Update(ctx, bson.M{"_id": id}, bson.M{"$set": bson.M{deletingField: true}})
	if err != nil {
		return 0, err
	}
	if !marked {
		return 0, office.ErrDBNotFound
	}
	reference := bson.M{"allowed_dbs": id.Hex()}
	if err := c.Users().UpdateAll(ctx, 0, reference, bson.M{"$pull": reference}); err != nil {
		return 0, err
	}
	deleted, err := c.deleteRecords(ctx, id)
	if err != nil {
		return 0, err
	}
	_, err = c.DBs().Delete(ctx, bson.M{"_id": id})
	return deleted, err
}

// CompleteDeletions completes the deletions that have stopped, and logs which:
// until then their records are still seen by whoever may see all. A deletion
// that somebody has in hand looks the same, and is only sooner done.
func (c *Client) CompleteDeletions(ctx context.Context, logger *slog.Logger) error {
	marked, err := c.DBs().Find(ctx, bson.M{deletingField: true}, Part{Fields: []string{"_id"}})
	if err != nil {
		return err
	}
	for _, db := range marked {
		deleted, err := c.DeleteDB(ctx, db.ID)
		switch {
		case errors.Is(err, office.ErrDBNotFound): // completed by somebody else meanwhile
		case err != nil:
			return fmt.Errorf("completing the deletion of database %s: %w", db.ID.Hex(), err)
		default:
			logger.Info("a deletion that had stopped was completed", "database", db.ID.Hex(), "personnel", deleted)
		}
	}
	return nil
}

// deleteStep is how many records one command deletes, unless a test says
// otherwise: few enough that no command takes long, however large the database
// is.
const deleteStep = 5000

func (c *Client) deleteRecords(ctx context.Context, db office.ID) (deleted int, err error) {
	type key struct {
		ID office.ID `bson:"_id"`
	}
	for {
		keys, err := CollectionOf[key](c, personnelsName).Find(ctx, bson.M{"db_id": db.Hex()},
			Part{Limit: c.deleteStep, Fields: []string{"_id"}})
		if err != nil || len(keys) == 0 {
			return deleted, err
		}
		ids := Convert(keys, func(k key) office.ID { return k.ID })
		// Not what was moved to another database meanwhile.
		n, err := c.Records().DeleteAll(ctx, len(ids), bson.M{"_id": bson.M{"$in": ids}, "db_id": db.Hex()})
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
}
