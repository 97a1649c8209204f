package mongodb

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/xoptions"

	"officepay.example/shared/office"
)

// Collection is a collection of documents of type D. Each method is one command, with the
// timeout of the client, and returns the errors that every store has. It waits until the
// database is prepared, and returns office.ErrUnavailable after the timeout.
type Collection[D any] struct {
	client *Client
	coll   *mongo.Collection
	fields any // the projection; nil means all
}

// CollectionOf returns the collection with that name and projection.
func CollectionOf[D any](c *Client, name string, fields ...bson.E) Collection[D] {
	coll := Collection[D]{client: c, coll: c.db.Collection(name)}
	if len(fields) > 0 {
		coll.fields = bson.D(fields)
	}
	return coll
}

// do runs a command that handles that many documents.
func (c Collection[D]) do(ctx context.Context, documents int, command func(context.Context) error) error {
	ctx, cancel := c.client.commandContext(ctx, documents)
	defer cancel()
	if err := c.client.awaitPrepared(ctx); err != nil {
		return translate(err)
	}
	return translate(command(ctx))
}

// One returns the document that the filter matches, or office.ErrNotFound if none can be read.
func (c Collection[D]) One(ctx context.Context, filter bson.M) (doc D, err error) {
	docs, err := c.Find(ctx, filter, Part{Limit: 1})
	if err != nil || len(docs) == 0 {
		return doc, cmp.Or(err, office.ErrNotFound)
	}
	return docs[0], nil
}

// read decodes a document, and tells whether it could. An odd one is also repaired or set aside.
func (c Collection[D]) read(raw bson.Raw, doc *D) bool {
	err := bson.Unmarshal(raw, doc)
	if findings, ok := any(doc).(interface{ IsOdd() bool }); err != nil || ok && findings.IsOdd() {
		c.client.repairLater(c.coll.Name(), raw.Lookup("_id"))
	}
	return err == nil
}

// Part says which of the matching documents Find returns, and how.
type Part struct {
	Sort   any // such as Ascending; nil means any order
	Offset int
	Limit  int  // 0 means all
	Bytes  int  // ends the list after the document that reaches so many; 0 means all
	Hint   any  // the index to use; nil leaves the choice to the server
	Fill   bool // replace documents that cannot be read by later ones
	// Documents is how many are expected if they are many, which need more time.
	Documents int
}

// Ascending is an ascending order by fields.
func Ascending(fields ...string) bson.D { return withValue(fields, 1) }

// Descending is a descending order by fields.
func Descending(fields ...string) bson.D { return withValue(fields, -1) }

// withValue is a document in which each of the fields has the value.
func withValue(fields []string, value int) bson.D {
	doc := make(bson.D, len(fields))
	for i, field := range fields {
		doc[i] = bson.E{Key: field, Value: value}
	}
	return doc
}

// maxBatch documents may be in the first answer, as in a page; the server itself ends it at 16 MB.
const maxBatch = 10000

// Find returns the documents that match and can be read. Its list is never nil.
func (c Collection[D]) Find(ctx context.Context, filter bson.M, part Part) ([]D, error) {
	docs, limit := []D{}, part.Limit
	for {
		found, err := c.Each(ctx, filter, part, appendTo(&docs))
		if err != nil || !part.Fill || found < part.Limit || len(docs) == limit {
			return docs, err
		}
		part.Offset, part.Limit = part.Offset+found, limit-len(docs)
	}
}

func appendTo[D any](docs *[]D) func(D) error {
	return func(doc D) error {
		*docs = append(*docs, doc)
		return nil
	}
}

// Each passes on the documents that Find would return, as they come, and returns how many
// there were, with those that cannot be read.
func (c Collection[D]) Each(ctx context.Context, filter bson.M, part Part, do func(D) error) (found int, err error) {
	err = c.do(ctx, part.Documents, func(ctx context.Context) error {
		find := options.Find().SetBatchSize(maxBatch).SetSort(part.Sort).SetHint(part.Hint).
			SetProjection(c.fields).SetSkip(int64(part.Offset)).SetLimit(int64(part.Limit))
		xoptions.SetInternalFindOptions(find, "addCommandFields", bson.D{{Key: maxTime, Value: millisLeft(ctx)}})
		cursor, err := c.coll.Find(ctx, filter, find)
		if err != nil {
			return err
		}
		defer cursor.Close(ctx)
		for size := 0; (part.Bytes == 0 || size < part.Bytes) && cursor.Next(ctx); found++ {
			var doc D
			if !c.read(cursor.Current, &doc) {
				continue
			}
			size += len(cursor.Current)
			if err := do(doc); err != nil {
				return err
			}
		}
		return cursor.Err()
	})
	return found, err
}

// maxTime limits how long the server works on a command. The driver does not send it with
// commands that return a cursor, so an abandoned query would go on.
const maxTime = "maxTimeMS"

func millisLeft(ctx context.Context) int64 {
	deadline, _ := ctx.Deadline()
	return max(1, time.Until(deadline).Milliseconds())
}

// Page is Find and Count, for which it needs no command of its own on the last page.
func (c Collection[D]) Page(ctx context.Context, filter bson.M, part Part) ([]D, int, error) {
	docs := []D{}
	found, err := c.Each(ctx, filter, part, appendTo(&docs))
	isEnd := found < part.Limit && (found > 0 || part.Offset == 0)
	if err != nil || isEnd {
		return docs, part.Offset + found, err
	}
	total, err := c.Count(ctx, filter)
	return docs, total, err
}

func (c Collection[D]) Count(ctx context.Context, filter bson.M) (int, error) {
	var total int64
	err := c.do(ctx, 0, func(ctx context.Context) (err error) {
		total, err = c.coll.CountDocuments(ctx, filter)
		return err
	})
	return int(total), err
}

// Write makes changes, or some if it fails, and returns how many documents they found.
func (c Collection[D]) Write(ctx context.Context, documents int, changes ...mongo.WriteModel) (found int, err error) {
	if len(changes) == 0 { // which the driver refuses
		return 0, nil
	}
	err = c.do(ctx, documents, func(ctx context.Context) error {
		result, err := c.coll.BulkWrite(ctx, changes, options.BulkWrite().SetOrdered(len(changes) == 1))
		if err == nil {
			found = int(result.MatchedCount + result.DeletedCount)
		}
		return err
	})
	return found, err
}

// InsertAll adds all documents but those whose unique values are taken, and returns their indexes.
func (c Collection[D]) InsertAll(ctx context.Context, docs []D) (taken []int, err error) {
	return insertAll(docs, func(docs []D) error {
		return c.do(ctx, len(docs), func(ctx context.Context) error {
			_, err := c.coll.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
			return err
		})
	})
}

// insertAll is InsertAll with a function that sends one command. A server that refuses a whole
// command because of one value does not say which, and has added nothing.
func insertAll[D any](docs []D, insert func([]D) error) (taken []int, err error) {
	err = insert(docs)
	if _, isWhole := errors.AsType[mongo.CommandError](err); !isWhole || !errors.Is(err, ErrDuplicate) {
		return takenOf(err)
	}
	for i := range docs {
		err := insert(docs[i : i+1])
		if errors.Is(err, ErrDuplicate) {
			taken = append(taken, i)
		} else if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// Insert adds a document. It returns ErrDuplicate if a unique value is taken.
func (c Collection[D]) Insert(ctx context.Context, doc D) error {
	_, err := c.Write(ctx, 0, mongo.NewInsertOneModel().SetDocument(doc))
	return err
}

// Update changes the document that the filter matches, and tells whether there is one. It
// returns ErrDuplicate if a unique value is taken.
func (c Collection[D]) Update(ctx context.Context, filter, update bson.M) (found bool, err error) {
	n, err := c.Write(ctx, 0, mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(update))
	return n > 0, err
}

// UpdateAll changes the documents that the filter matches: at most that many, or few if most is 0.
// Of one alone, the driver repeats the change if the primary steps down, and it is still made once.
func (c Collection[D]) UpdateAll(ctx context.Context, most int, filter, update bson.M) error {
	var change mongo.WriteModel = mongo.NewUpdateManyModel().SetFilter(filter).SetUpdate(update)
	if most == 1 {
		change = mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(update)
	}
	_, err := c.Write(ctx, most, change)
	return err
}

// Delete removes the document that the filter matches, and tells whether there was one.
func (c Collection[D]) Delete(ctx context.Context, filter bson.M) (found bool, err error) {
	n, err := c.DeleteAll(ctx, 1, filter)
	return n > 0, err
}

// DeleteAll removes what the filter matches, and returns how many. Most is as in UpdateAll.
func (c Collection[D]) DeleteAll(ctx context.Context, most int, filter bson.M) (deleted int, err error) {
	var deletion mongo.WriteModel = mongo.NewDeleteManyModel().SetFilter(filter)
	if most == 1 {
		deletion = mongo.NewDeleteOneModel().SetFilter(filter)
	}
	return c.Write(ctx, most, deletion)
}

// Aggregate returns the rows of a pipeline that reads about so many documents; with 0 only indexes.
func (c Collection[D]) Aggregate(ctx context.Context, documents int, pipeline bson.A) (rows []D, err error) {
	err = c.do(ctx, documents, func(ctx context.Context) error {
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
