package mongodb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb/legacy"
)

// index is an ascending index. By its default name it is the same as one that somebody else created.
type index struct {
	collection string
	unique     bool
	keys       []string
}

var listIndex = []string{"isDeleted", "db_id", "created_at", "_id", "search_text"}

// ListIndex is the index of the lists of records.
var ListIndex = Ascending(listIndex...)

// schemaIndex finds the records that must be repaired at a start.
var schemaIndex = index{document.Personnels, false, []string{"schema_version"}}

// The indexes that make lists, searches and figures cheap. The indexes of lists have the
// order of the list, so nothing is sorted, and a page reads only what is up to its end.
var plainIndexes = []index{
	{document.Users, false, []string{"created_at", "_id"}},
	{document.Users, false, []string{"role", "created_at", "_id"}},
	{document.Users, false, []string{"army_number_folded"}}, // a login
	{document.Users, false, []string{"allowed_dbs"}},        // the deletion of a database
	{document.DBs, false, []string{"created_at", "_id"}},
	// Lists. A search reads the text here, and only the records that it returns.
	{document.Personnels, false, listIndex},
	// Lists of one status, and the figures of live records.
	{document.Personnels, false, []string{"isDeleted", "db_id", "status", "created_at", "_id"}},
	// The figures of deleted records, and the trash.
	{document.Personnels, false, []string{"isDeleted", "db_id", "deleted_at", "_id"}},
	// Recent changes.
	{document.Personnels, false, []string{"db_id", "updated_at", "_id"}},
	// The checks before a payment: who else has an account or an army number, what was
	// found in single records, and whose bank has changed recently.
	{document.Personnels, false, []string{"isDeleted", "acct_number", "army_number", "db_id"}},
	{document.Personnels, false, []string{"isDeleted", "army_number", "db_id"}},
	{document.Personnels, false, []string{"isDeleted", "checks", "db_id", "created_at", "_id"}},
	{document.Personnels, false, []string{"isDeleted", "bank_changed_at", "db_id"}},
	{"attempts", false, []string{"forget_at"}},
}

// The unique indexes. The fields are never missing, and deleted_at is null in live records.
var uniqueIndexes = []index{
	{document.Users, true, []string{"army_number"}},
	{document.DBs, true, []string{"short_code_folded"}},
	{document.Personnels, true, []string{"db_id", "army_number", "deleted_at"}},
}

// isObsolete recognizes the old backend's unique index on the army numbers of records, which
// spans all databases and includes deleted records, and one that has been replaced.
func isObsolete(found mongo.IndexSpecification) bool {
	hasKey := func(field string) bool { return !found.KeysDocument.Lookup(field).IsZero() }
	isOld := found.Unique != nil && *found.Unique && hasKey("army_number") && !hasKey("deleted_at")
	return isOld || found.Name == "isDeleted_1_db_id_1_deleted_at_1"
}

// ensure creates the indexes, one at a time. Several services and replicas may do so at
// once: the server builds each index once, and answers all of them when it is built.
func (c *Client) ensure(ctx context.Context, logger *slog.Logger, wanted []index) error {
	create, err := c.indexOptions(ctx)
	if err != nil {
		return err
	}
	for _, want := range wanted {
		coll := c.db.Collection(want.collection)
		build := func() error {
			model := mongo.IndexModel{Keys: Ascending(want.keys...), Options: options.Index().SetName(want.name()).SetUnique(want.unique)}
			_, err := coll.Indexes().CreateOne(ctx, model, create)
			return translate(err)
		}
		err := build()
		if hasCode(err, indexOptionsConflict) || hasCode(err, indexKeySpecsConflict) {
			err = errors.Join(c.drop(ctx, want.collection, want.conflictsWith), build())
		}
		if errors.Is(err, ErrDuplicate) {
			err = errors.Join(legacy.Separate(ctx, coll, want.keys, logger), build())
		}
		if err != nil {
			return fmt.Errorf("index %s of %s: %w", want.name(), want.collection, err)
		}
	}
	return nil
}

// indexOptions let a replica set wait for a majority to build an index. By default it waits for all
// voting members, even one that is down. A standalone server refuses the option.
func (c *Client) indexOptions(ctx context.Context) (*options.CreateIndexesOptionsBuilder, error) {
	ctx, cancel := c.commandContext(ctx, 0)
	defer cancel()
	var hello struct {
		SetName string `bson:"setName"`
		Msg     string `bson:"msg"` // isdbgrid: a sharded cluster
	}
	if err := c.db.RunCommand(ctx, bson.M{"hello": 1}).Decode(&hello); err != nil {
		return nil, translate(err)
	}
	create := options.CreateIndexes()
	if hello.SetName != "" || hello.Msg == "isdbgrid" {
		create.SetCommitQuorumMajority()
	}
	return create, nil
}

func (c *Client) drop(ctx context.Context, collection string, inTheWay func(mongo.IndexSpecification) bool) error {
	ctx, cancel := c.commandContext(ctx, 0)
	defer cancel()
	indexes := c.db.Collection(collection).Indexes()
	existing, err := indexes.ListSpecifications(ctx)
	if err != nil {
		return translate(err)
	}
	for _, found := range existing {
		if !inTheWay(found) {
			continue
		}
		err := indexes.DropOne(ctx, found.Name)
		if err != nil && !hasCode(err, indexNotFound) {
			return fmt.Errorf("index %s is in the way: %w", found.Name, translate(err))
		}
	}
	return nil
}

// name is MongoDB's default name for the index.
func (i index) name() string { return strings.Join(i.keys, "_1_") + "_1" }

// conflictsWith tells whether an existing index has the same name or the same keys.
func (i index) conflictsWith(found mongo.IndexSpecification) bool {
	elements, _ := found.KeysDocument.Elements()
	hasItsKeys := slices.EqualFunc(elements, i.keys, func(key bson.RawElement, field string) bool {
		direction, _ := key.Value().AsInt64OK()
		return key.Key() == field && direction == 1
	})
	return found.Name == i.name() || hasItsKeys
}
