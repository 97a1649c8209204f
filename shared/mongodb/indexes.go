package mongodb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// index is an ascending index. It has the name that MongoDB gives it, so that
// one that somebody else made alike is the same.
type index struct {
	collection string
	unique     bool
	keys       []string
}

// Those that make lists, searches and figures cheap. Where one is for lists,
// its order is the list's: nothing is sorted, and a page reads only itself and
// what is before it.
var plainIndexes = []index{
	{usersName, false, []string{"created_at", "_id"}},
	{usersName, false, []string{"role", "created_at", "_id"}},
	{usersName, false, []string{"allowed_dbs"}}, // the deletion of a database
	{dbsName, false, []string{"created_at", "_id"}},
	// Lists. A search and its total read the text here, and of the records only
	// those that they return.
	{personnelsName, false, []string{"isDeleted", "db_id", "created_at", "_id", "search_text"}},
	// Lists of one status, and the figures of live records.
	{personnelsName, false, []string{"isDeleted", "db_id", "status", "created_at", "_id"}},
	// The figures of deleted records.
	{personnelsName, false, []string{"isDeleted", "db_id", "deleted_at"}},
	{personnelsName, false, []string{"schema_version"}}, // see Record
	{attemptsName, false, []string{"forget_at"}},
}

// Those that keep what is promised. The fields are never missing, and
// deleted_at is null for every live record of a database.
var uniqueIndexes = []index{
	{usersName, true, []string{"army_number"}},
	{dbsName, true, []string{"short_code_folded"}},
	{personnelsName, true, []string{"db_id", "army_number", "deleted_at"}},
}

// buildTimeout is how long one index may take to build: long enough for many
// millions of records.
const buildTimeout = time.Hour

// ensure makes the indexes that are not there, one at a time. Several replicas
// may do so at once: the server makes each index once, and an index that
// another replica has removed or made meanwhile is no fault.
func (c *Client) ensure(ctx context.Context, wanted []index) error {
	for _, want := range wanted {
		existing, err := c.existing(ctx, want.collection)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(existing, want.isMetBy) {
			continue
		}
		if err := c.drop(ctx, want.collection, existing, want.conflictsWith); err != nil {
			return err
		}
		if err := c.build(ctx, want); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) existing(ctx context.Context, collection string) ([]mongo.IndexSpecification, error) {
	ctx, cancel := c.limit(ctx, 0)
	defer cancel()
	found, err := c.db.Collection(collection).Indexes().ListSpecifications(ctx)
	if hasCode(err, namespaceNotFound) {
		return nil, nil
	}
	return found, translate(err)
}

func (c *Client) build(ctx context.Context, i index) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	model := mongo.IndexModel{Keys: Ascending(i.keys...), Options: options.Index().SetName(i.name())}
	if i.unique {
		model.Options.SetUnique(true)
	}
	if _, err := c.db.Collection(i.collection).Indexes().CreateOne(ctx, model); err != nil {
		return fmt.Errorf("index %s of %s: %w", i.name(), i.collection, translate(err))
	}
	return nil
}

// drop removes the indexes that are in the way.
func (c *Client) drop(ctx context.Context, collection string, existing []mongo.IndexSpecification, inTheWay func(mongo.IndexSpecification) bool) error {
	ctx, cancel := c.limit(ctx, 0)
	defer cancel()
	for _, found := range existing {
		if !inTheWay(found) {
			continue
		}
		err := c.db.Collection(collection).Indexes().DropOne(ctx, found.Name)
		if err != nil && !hasCode(err, indexNotFound) {
			return fmt.Errorf("index %s of %s is in the way: %w", found.Name, collection, translate(err))
		}
	}
	return nil
}

// dropFormer removes the former backend's unique index on army numbers: it
// held over all databases, and over deleted records too.
func (c *Client) dropFormer(ctx context.Context) error {
	existing, err := c.existing(ctx, personnelsName)
	if err != nil {
		return err
	}
	return c.drop(ctx, personnelsName, existing, func(found mongo.IndexSpecification) bool {
		keys := keysOf(found)
		return isUnique(found) && slices.Contains(keys, "army_number 1") && !slices.Contains(keys, "deleted_at 1")
	})
}

// name is the one that MongoDB makes for an index without one.
func (i index) name() string { return strings.Join(i.keys, "_1_") + "_1" }

// isMetBy tells whether an index is this one.
func (i index) isMetBy(found mongo.IndexSpecification) bool {
	return i.hasKeysOf(found) && isUnique(found) == i.unique
}

// conflictsWith tells whether an index has what must differ between two.
func (i index) conflictsWith(found mongo.IndexSpecification) bool {
	return found.Name == i.name() || i.hasKeysOf(found)
}

func (i index) hasKeysOf(found mongo.IndexSpecification) bool {
	return slices.EqualFunc(keysOf(found), i.keys, func(has, want string) bool { return has == want+" 1" })
}

func isUnique(found mongo.IndexSpecification) bool { return found.Unique != nil && *found.Unique }

// keysOf are the fields of an index, each with its direction.
func keysOf(found mongo.IndexSpecification) []string {
	var keys []string
	elements, _ := found.KeysDocument.Elements()
	for _, element := range elements {
		keys = append(keys, element.Key()+" "+direction(element.Value()))
	}
	return keys
}

func direction(value bson.RawValue) string {
	if n, ok := value.AsInt64OK(); ok {
		return fmt.Sprint(n)
	}
	return value.String() // hashed, text and so on
}
