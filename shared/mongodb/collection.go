package mongodb

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/xoptions"

	"officepay.example/shared/office"
)

// Collection is a collection of documents of the form D. Each method is one
// command, with the limits of the client, and its errors are in the words that
// every store has. Until the database is prepared, every method waits for that
// as long as for an answer, and then returns office.ErrUnavailable.
type Collection[D any] struct {
	client *Client
	coll   *mongo.Collection
	fields bson.D // that are read where nothing else is said; empty is all
}

// CollectionOf is the collection with that name.
func CollectionOf[D any](c *Client, name string) Collection[D] {
	return Collection[D]{client: c, coll: c.db.Collection(name)}
}

// do runs a command that handles so many documents.
func (c Collection[D]) do(ctx context.Context, documents int, command func(context.Context) error) error {
	ctx, cancel := c.client.limit(ctx, documents)
	defer cancel()
	if err := c.client.awaitPrepared(ctx); err != nil {
		return translate(err)
	}
	return translate(command(ctx))
}

// One is the document that the filter matches. It returns office.ErrNotFound
// when there is none that can be read.
func (c Collection[D]) One(ctx context.Context, filter bson.M) (doc D, err error) {
	err = c.do(ctx, 0, func(ctx context.Context) error {
		raw, err := c.coll.FindOne(ctx, filter, options.FindOne().SetProjection(orNil(c.fields))).Raw()
		if err == nil && !c.read(raw, &doc) {
			return office.ErrNotFound
		}
		return err
	})
	return doc, err
}

// read tells whether a document can be taken. One that is odd is handed over to
// be repaired, or set aside.
func (c Collection[D]) read(raw bson.Raw, doc *D) bool {
	err := bson.Unmarshal(raw, doc)
	if found, ok := any(doc).(interface{ IsOdd() bool }); err != nil || ok && found.IsOdd() {
		c.client.suspect(c.coll.Name(), raw.Lookup("_id"))
	}
	return err == nil
}

// Part says which of the documents that a filter matches Find returns.
type Part struct {
	Sort   bson.D
	Offset int
	Limit  int      // 0 is all
	Fields []string // empty is all that the collection reads
	Hint   bson.D   // the index to use; empty leaves the choice to the server
	Fill   bool     // with others, in place of those that cannot be taken
}

// Ascending is an order by fields.
func Ascending(fields ...string) bson.D { return each(fields, 1) }

// Descending is an order by fields, from the last to the first.
func Descending(fields ...string) bson.D { return each(fields, -1) }

func each(fields []string, value int) bson.D {
	doc := make(bson.D, len(fields))
	for i, field := range fields {
		doc[i] = bson.E{Key: field, Value: value}
	}
	return doc
}

// maxBatch is the largest first answer that is asked for: a whole page of the
// API comes with one command. The server cuts it at 16 MB by itself.
const maxBatch = 10000

// Find returns documents that the filter matches, and not those that cannot be
// taken. Its list is never nil.
func (c Collection[D]) Find(ctx context.Context, filter bson.M, part Part) ([]D, error) {
	docs, _, err := c.find(ctx, filter, part)
	return docs, err
}

// find is Find that also returns how many documents there were.
func (c Collection[D]) find(ctx context.Context, filter bson.M, part Part) (docs []D, found int, err error) {
	docs = []D{}
	for more := part; ; {
		seen, err := c.add(ctx, filter, more, &docs)
		found += seen
		if err != nil || !part.Fill || seen < more.Limit || len(docs) == part.Limit {
			return docs, found, err
		}
		more.Offset, more.Limit = part.Offset+found, part.Limit-len(docs)
	}
}

// add appends documents, and returns how many there were.
func (c Collection[D]) add(ctx context.Context, filter bson.M, part Part, docs *[]D) (found int, err error) {
	return c.walk(ctx, 0, filter, part, func(doc D) error {
		*docs = append(*docs, doc)
		return nil
	})
}

// Each hands over the documents that Find would return, as they come: that many,
// more or less.
func (c Collection[D]) Each(ctx context.Context, most int, filter bson.M, part Part, do func(D) error) error {
	_, err := c.walk(ctx, most, filter, part, do)
	return err
}

// walk hands over documents, and returns how many there were.
func (c Collection[D]) walk(ctx context.Context, most int, filter bson.M, part Part, do func(D) error) (found int, err error) {
	fields := c.fields
	if len(part.Fields) > 0 {
		fields = each(part.Fields, 1)
	}
	err = c.do(ctx, most, func(ctx context.Context) error {
		find := options.Find().SetBatchSize(maxBatch).SetSort(orNil(part.Sort)).SetHint(orNil(part.Hint)).
			SetProjection(orNil(fields)).SetSkip(int64(part.Offset)).SetLimit(int64(part.Limit))
		if err := xoptions.SetInternalFindOptions(find, "addCommandFields", bson.D{{Key: maxTime, Value: millisLeft(ctx)}}); err != nil {
			return err
		}
		cursor, err := c.coll.Find(ctx, filter, find)
		if err != nil {
			return err
		}
		defer cursor.Close(ctx)
		for ; cursor.Next(ctx); found++ {
			var doc D
			if !c.read(cursor.Current, &doc) {
				continue
			}
			if err := do(doc); err != nil {
				return err
			}
		}
		return cursor.Err()
	})
	return found, err
}

// maxTime is how long the server works on a command at most. The driver does not
// send it with what returns a cursor, and an abandoned query would go on.
const maxTime = "maxTimeMS"

func millisLeft(ctx context.Context) int64 {
	deadline, _ := ctx.Deadline()
	return max(1, time.Until(deadline).Milliseconds())
}

// orNil is what the driver takes for nothing.
func orNil(d bson.D) any {
	if len(d) == 0 {
		return nil
	}
	return d
}

// Page returns a part of what the filter matches, and how much there is in all.
// The end of a list tells that by itself; else one more command counts.
func (c Collection[D]) Page(ctx context.Context, filter bson.M, part Part) ([]D, int, error) {
	docs, found, err := c.find(ctx, filter, part)
	isEnd := found < part.Limit && (found > 0 || part.Offset == 0)
	if err != nil || isEnd {
		return docs, part.Offset + found, err
	}
	total, err := c.Count(ctx, filter)
	return docs, total, err
}

// Count returns how many documents the filter matches.
func (c Collection[D]) Count(ctx context.Context, filter bson.M) (int, error) {
	var total int64
	err := c.do(ctx, 0, func(ctx context.Context) (err error) {
		total, err = c.coll.CountDocuments(ctx, filter)
		return err
	})
	return int(total), err
}

// Update changes the document that the filter matches, and tells whether there
// is one. It returns ErrDuplicate when a unique value is taken.
func (c Collection[D]) Update(ctx context.Context, filter, update bson.M) (found bool, err error) {
	err = c.do(ctx, 0, func(ctx context.Context) error {
		result, err := c.coll.UpdateOne(ctx, filter, update)
		found = err == nil && result.MatchedCount > 0
		return err
	})
	return found, err
}

// Change is Update that returns the document as it is then.
func (c Collection[D]) Change(ctx context.Context, filter, update bson.M) (doc D, found bool, err error) {
	err = c.do(ctx, 0, func(ctx context.Context) error {
		after := options.FindOneAndUpdate().SetReturnDocument(options.After)
		raw, err := c.coll.FindOneAndUpdate(ctx, filter, update, after).Raw()
		if err == nil {
			c.read(raw, &doc)
		}
		return err
	})
	if errors.Is(err, office.ErrNotFound) {
		return doc, false, nil
	}
	return doc, err == nil, err
}

// UpdateAll changes what the filter matches: that many documents at most, or few
// where most is 0. Only a change of one is sent again when the primary steps
// down, and then still made once: the driver does not do so for several.
func (c Collection[D]) UpdateAll(ctx context.Context, most int, filter, update bson.M) error {
	if most == 1 {
		_, err := c.Update(ctx, filter, update)
		return err
	}
	return c.do(ctx, most, func(ctx context.Context) error {
		_, err := c.coll.UpdateMany(ctx, filter, update)
		return err
	})
}

// Delete removes the document that the filter matches, and tells whether there
// was one.
func (c Collection[D]) Delete(ctx context.Context, filter bson.M) (found bool, err error) {
	err = c.do(ctx, 0, func(ctx context.Context) error {
		result, err := c.coll.DeleteOne(ctx, filter)
		found = err == nil && result.DeletedCount > 0
		return err
	})
	return found, err
}

// DeleteAll removes what the filter matches, and returns how many that were. It is
// to Delete what UpdateAll is to Update.
func (c Collection[D]) DeleteAll(ctx context.Context, most int, filter bson.M) (deleted int, err error) {
	if most == 1 {
		found, err := c.Delete(ctx, filter)
		if found {
			deleted = 1
		}
		return deleted, err
	}
	err = c.do(ctx, most, func(ctx context.Context) error {
		result, err := c.coll.DeleteMany(ctx, filter)
		if err == nil {
			deleted = int(result.DeletedCount)
		}
		return err
	})
	return deleted, err
}

// Aggregate returns what a pipeline makes of the collection: of that many documents,
// or of what its indexes say at once where most is 0.
func Aggregate[R, D any](ctx context.Context, c Collection[D], most int, pipeline bson.A) (rows []R, err error) {
	err = c.do(ctx, most, func(ctx context.Context) error {
		//lint:ignore SA1019 nothing else sends maxTimeMS beside a deadline, and the driver drops it
		o := options.Aggregate().SetBatchSize(maxBatch).SetCustom(bson.M{maxTime: millisLeft(ctx)})
		cursor, err := c.coll.Aggregate(ctx, pipeline, o)
		if err != nil {
			return err
		}
		return cursor.All(ctx, &rows)
	})
	return rows, err
}
