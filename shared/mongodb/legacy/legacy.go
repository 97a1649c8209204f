// Package legacy makes an old database fit for this backend: that of the one
// that it replaces, or one in which something was written by another door. What
// the old backend wrote keeps its meaning, so it can still read it.
//
// Nothing here can keep a service from starting but a database that does not
// answer: what cannot be read is named in the log and left out, and what breaks a
// unique index is told apart.
package legacy

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// SchemaVersion is that of the records of today. It is missing in what this
// backend has neither written nor migrated: its index finds that among millions
// of records at once.
const SchemaVersion = 1

// Migrate gives the documents what they lack, and logs what that was. Several
// services and replicas may do so at once, and a migration that was interrupted
// goes on where it stopped: a document is changed only while it lacks something.
func Migrate(ctx context.Context, db *mongo.Database, logger *slog.Logger) error {
	for _, m := range []migration{users(db), roles(), dbs(db), records(office.Now())} {
		if err := m.run(ctx, db.Collection(m.collection), logger); err != nil {
			return err
		}
	}
	return nil
}

// IsObsolete recognizes the old unique index on the army numbers of records: it
// held over all databases, and over deleted records too.
func IsObsolete(index mongo.IndexSpecification) bool {
	_, noNumber := index.KeysDocument.LookupErr("army_number")
	_, noDeletion := index.KeysDocument.LookupErr("deleted_at")
	return index.Unique != nil && *index.Unique && noNumber == nil && noDeletion != nil
}

// Users and databases are few: those to migrate are found by reading them all.
// The old backend never wrote search_text, and this one always does.
var withoutSearchText = bson.M{"search_text": nil}

// users also takes databases that are gone out of allowed_dbs. Which exist is
// asked after the users were read, so one that was made and allowed meanwhile is
// not missed.
func users(db *mongo.Database) migration {
	var exist []any
	prepare := func(ctx context.Context) error {
		return db.Collection("dbs").Distinct(ctx, "_id", bson.M{}).Decode(&exist)
	}
	return migration{"users", withoutSearchText, prepare, func(raw bson.Raw) (bson.M, []string, error) {
		var doc document.User
		if err := bson.Unmarshal(raw, &doc); err != nil {
			return nil, nil, err
		}
		user, lacks := doc.User(), missing(raw, "created_at", "is_generated", "search_text")
		allowed := slices.DeleteFunc(user.AllowedDBs, func(id office.ID) bool { return !slices.Contains(exist, any(id)) })
		if len(allowed) < len(doc.AllowedDBs) {
			lacks = append(lacks, "database_in_allowed_dbs")
		}
		return bson.M{
			"allowed_dbs": document.HexIDs(allowed), "is_generated": doc.IsGenerated, "session": doc.Session, "kept_token": doc.KeptToken,
			"created_at": user.CreatedAt, "search_text": user.SearchText(),
		}, lacks, nil
	}}
}

// roles makes users of those who have no role that there is: they are taken for
// users anyway (document.User), and a list of users finds them then.
func roles() migration {
	unknown := bson.M{"role": bson.M{"$nin": office.Roles}}
	return migration{"users", unknown, nil, func(bson.Raw) (bson.M, []string, error) {
		return bson.M{"role": office.RoleUser}, []string{"role"}, nil
	}}
}

// dbs keeps short codes apart that the old backend told apart by letter case
// alone: the first keeps its code, and the others are found by none until
// somebody changes them.
func dbs(db *mongo.Database) migration {
	var taken []any
	prepare := func(ctx context.Context) error {
		return db.Collection("dbs").Distinct(ctx, "short_code_folded", bson.M{}).Decode(&taken)
	}
	return migration{"dbs", withoutSearchText, prepare, func(raw bson.Raw) (bson.M, []string, error) {
		var doc document.DB
		if err := bson.Unmarshal(raw, &doc); err != nil {
			return nil, nil, err
		}
		lacks := missing(raw, "created_at", "description", "search_text")
		today := document.DBOf(doc.DB())
		if slices.Contains(taken, any(today.ShortCodeFolded)) {
			today.ShortCodeFolded = distinctCode(today.ShortCodeFolded, raw)
			lacks = append(lacks, "short_code_of_its_own")
		}
		taken = append(taken, today.ShortCodeFolded)
		return bson.M{
			"short_code_folded": today.ShortCodeFolded, "description": today.Description,
			"created_at": today.CreatedAt, "search_text": today.SearchText,
		}, lacks, nil
	}}
}

// records also finds records that the old backend has deleted since this one
// wrote them: it keeps no time of deletion. They get the time of the migration,
// as in the all-in-one they get that of the import.
func records(now time.Time) migration {
	outdated := bson.M{"$or": bson.A{
		bson.M{"schema_version": nil}, bson.M{"isDeleted": true, "deleted_at": nil},
	}}
	deleted := 0
	return migration{"personnels", outdated, nil, func(raw bson.Raw) (bson.M, []string, error) {
		var doc document.Personnel
		if err := bson.Unmarshal(raw, &doc); err != nil {
			return nil, nil, err
		}
		record, lacks := doc.Personnel(), missing(raw, "created_at", "isDeleted", "search_text", "status")
		if record.IsDeleted && record.DeletedAt.IsZero() {
			// One number may be among the deleted records several times, and
			// the times tell them apart in the unique index.
			record.DeletedAt = now.Add(-time.Duration(deleted%1000) * time.Millisecond)
			deleted++
			lacks = append(lacks, "time_of_deletion")
		}
		today := document.PersonnelOf(record)
		set := bson.M{
			"status": today.Status, "isDeleted": today.IsDeleted, "deleted_at": today.DeletedAt,
			"created_at": today.CreatedAt, "search_text": today.SearchText, "schema_version": SchemaVersion,
		}
		if raw.Lookup("bank").Type != bson.TypeEmbeddedDocument {
			set["bank"] = today.Bank // the oldest records have the bank's name alone
			lacks = append(lacks, "sort_code")
		}
		return set, lacks, nil
	}}
}

// missing are those of the fields that a document does not have at all.
func missing(raw bson.Raw, fields ...string) []string {
	return slices.DeleteFunc(fields, func(field string) bool {
		_, err := raw.LookupErr(field)
		return err == nil
	})
}
