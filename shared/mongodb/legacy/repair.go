// Package legacy repairs a database of the old backend, or one in which another program wrote
// something. What the old backend wrote keeps its meaning, so that it can still read it.
//
// A start fails only if the database does not answer. A document that cannot be read is
// set aside and logged, and one that breaks a unique index is told apart.
package legacy

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// asideSuffix ends the names of the collections that keep the documents that cannot be
// read, unchanged. A document that is corrected there comes back at the next start.
const asideSuffix = "_set_aside"

// outdated matches records that are not in the current form, or that the old backend has deleted
// since, without a time. It matches all users and databases, since there are few.
var outdated = map[string]bson.M{
	document.DBs: {}, document.Users: {},
	document.Personnels: {"$or": bson.A{
		bson.M{"schema_version": bson.M{"$ne": document.SchemaVersion}}, bson.M{"isDeleted": true, "deleted_at": nil},
	}},
}

const batchSize = 200

// Repair brings documents that another program wrote into the current form: all of them
// or, if there are ids, only those, by collection. It logs what it converted, and how
// often. Several services and replicas may repair at once, and an interrupted repair may
// be repeated: a document is changed only if it is still as it was read.
func Repair(ctx context.Context, db *mongo.Database, logger *slog.Logger, ids map[string]bson.A) error {
	for _, collection := range []string{document.DBs, document.Users, document.Personnels} { // the last two refer to the first
		if ids != nil && len(ids[collection]) == 0 {
			continue
		}
		filter, aside := outdated[collection], bson.M{}
		if ids != nil {
			filter = bson.M{"_id": bson.M{"$in": ids[collection]}}
			aside = filter
		}
		r := repair{db: db, logger: logger, collection: collection, notes: map[document.Finding]int{}}
		err := r.each(ctx, collection, filter, r.repairInPlace)
		if err == nil {
			err = r.each(ctx, collection+asideSuffix, aside, r.putBack)
		}
		r.report()
		if err != nil {
			return fmt.Errorf("repair of %s: %w", collection, err)
		}
	}
	return nil
}

type repair struct {
	db         *mongo.Database
	logger     *slog.Logger
	collection string
	changed    int
	notes      map[document.Finding]int
	deleted    int // records that got a time of deletion
}

func (r *repair) each(ctx context.Context, collection string, filter bson.M, do func(context.Context, []bson.Raw, *document.References) error) error {
	cursor, err := r.db.Collection(collection).Find(ctx, filter, options.Find().SetBatchSize(batchSize))
	if err != nil {
		return err
	}
	defer cursor.Close(ctx)
	for docs := []bson.Raw(nil); cursor.Next(ctx); {
		if docs = append(docs, slices.Clone(cursor.Current)); cursor.RemainingBatchLength() > 0 {
			continue
		}
		// Only now, so that a database that is created and allowed at once does not count as missing.
		refs, err := r.references(ctx)
		if err == nil {
			err = do(ctx, docs, refs)
		}
		if err != nil {
			return err
		}
		docs = nil
	}
	return cursor.Err()
}

// references include databases that are set aside: users keep them for when they come back.
func (r *repair) references(ctx context.Context) (*document.References, error) {
	var all []office.DB
	for _, collection := range []string{document.DBs, document.DBs + asideSuffix} {
		cursor, err := r.db.Collection(collection).Find(ctx, bson.M{})
		if err != nil {
			return nil, err
		}
		var docs []bson.Raw
		if err := cursor.All(ctx, &docs); err != nil {
			return nil, err
		}
		for _, doc := range docs {
			db, _ := document.Read[office.DB](doc, nil)
			all = append(all, db)
		}
	}
	return document.ReferencesTo(all), nil
}

// read returns a document in the current form.
func (r *repair) read(raw bson.Raw, refs *document.References) (bson.Raw, document.Findings) {
	switch r.collection {
	case document.DBs:
		return currentForm(document.Read[office.DB](raw, nil))
	case document.Users:
		return currentForm(document.Read[office.User](raw, refs))
	}
	record, findings := document.Read[office.Personnel](raw, refs)
	if record.IsDeleted && record.DeletedAt.IsZero() {
		// Deleted records with one army number are told apart by these times.
		record.DeletedAt = office.Now().Add(-time.Duration(r.deleted%1000) * time.Millisecond)
		r.deleted++
		findings.Notes = append(findings.Notes, document.Finding{Field: "deleted_at", What: "is missing: set to the current time"})
	}
	return currentForm(record, findings)
}

func currentForm[T document.Content](value T, findings document.Findings) (bson.Raw, document.Findings) {
	kept, _ := bson.Marshal(document.Of(value)) // which cannot fail
	return kept, findings
}

// repairInPlace repairs documents. One that cannot be read, or has no valid id, is set aside.
func (r *repair) repairInPlace(ctx context.Context, docs []bson.Raw, refs *document.References) error {
	var changes []change
	for _, raw := range docs {
		kept, findings := r.read(raw, refs)
		set := differences(raw, kept)
		switch {
		case findings.Err() != nil || set["_id"] != nil:
			if err := r.skipRefused(raw, r.setAside(ctx, raw, kept)); err != nil {
				return err
			}
		case len(set) > 0:
			changes = append(changes, change{kept, unchanged(raw, set), set})
			r.count(findings.Notes)
		}
	}
	return r.apply(ctx, changes)
}

// change is a change of a document that is still as it was read.
type change struct {
	kept        bson.Raw
	filter, set bson.M
}

// differences returns what to set in a document. What tells it apart from another one stays,
// and so does a db_id that names no database, as former_db_id.
func differences(raw, kept bson.Raw) bson.M {
	set := document.Differences(raw, kept)
	if raw.Lookup("deleted_at").Type == bson.TypeDateTime && kept.Lookup("deleted_at").Type == bson.TypeNull {
		delete(set, "deleted_at")
	}
	code, _ := kept.Lookup("short_code_folded").StringValueOK()
	if was, _ := raw.Lookup("short_code_folded").StringValueOK(); was == office.DistinctCode(code, document.IDOf(raw)) {
		delete(set, "short_code_folded")
	}
	db, _ := kept.Lookup("db_id").StringValueOK()
	if was := raw.Lookup("db_id"); set["db_id"] != nil && db == (office.ID{}).Hex() && !was.IsZero() && was.Type != bson.TypeNull {
		set["former_db_id"] = was
	}
	return set
}

// merged is a document in the current form, with all other fields that it had.
func merged(raw, kept bson.Raw) bson.M {
	doc := bson.M{}
	for _, part := range []bson.Raw{raw, kept} {
		elements, _ := part.Elements()
		for _, element := range elements {
			doc[element.Key()] = element.Value()
		}
	}
	return doc
}

// unchanged matches a document while the fields that are named are as they were read.
func unchanged(raw bson.Raw, named bson.M) bson.M {
	filter := bson.M{}
	for field := range named {
		was, err := raw.LookupErr(strings.Split(field, ".")...)
		switch {
		case err != nil:
			filter[field] = bson.M{"$exists": false}
		case isNameable(was, deepest):
			filter[field] = bson.M{"$eq": was}
		default:
			filter[field] = bson.M{"$type": int32(was.Type)}
		}
	}
	filter["_id"] = raw.Lookup("_id")
	return filter
}

// deepest is how deeply nested a value in a filter may be. MongoDB allows 100 levels in
// all, and the filter adds some (https://www.mongodb.com/docs/manual/reference/limits/).
const deepest = 80

// isNameable tells whether a filter can contain the value. It cannot contain undefined.
func isNameable(v bson.RawValue, levels int) bool {
	var values []bson.RawValue
	if v.Type == bson.TypeArray || v.Type == bson.TypeEmbeddedDocument {
		values, _ = bson.Raw(v.Value).Values()
	}
	return levels > 0 && v.Type != bson.TypeUndefined && !slices.ContainsFunc(values, func(v bson.RawValue) bool {
		return !isNameable(v, levels-1)
	})
}
