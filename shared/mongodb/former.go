package mongodb

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// Users and databases are few: those to repair are found by reading them all.
// The former backend never wrote search_text, and this one always does.
var withoutSearchText = bson.M{"search_text": nil}

// userRepair also takes databases that are gone out of allowed_dbs. Which
// exist is asked after the users were read, so one that was made and allowed
// meanwhile is not missed.
func (c *Client) userRepair() repair {
	var dbs map[string]bool
	begin := func(ctx context.Context) (err error) {
		dbs, err = c.collect(ctx, bson.M{}, "_id", func(doc document.DB) string { return doc.ID.Hex() })
		return err
	}
	return repair{usersName, withoutSearchText, begin, func(raw bson.Raw) (bson.M, []string, error) {
		var doc document.User
		if err := bson.Unmarshal(raw, &doc); err != nil {
			return nil, nil, err
		}
		user := doc.User()
		lacked := lackedBy(raw, "created_at", "is_generated", "search_text")
		allowed := slices.DeleteFunc(document.HexIDs(user.AllowedDBs), func(id string) bool { return !dbs[id] })
		if len(allowed) < len(doc.AllowedDBs) {
			lacked = append(lacked, "database_in_allowed_dbs")
		}
		return bson.M{
			"allowed_dbs": allowed, "is_generated": doc.IsGenerated, "session": doc.Session, "kept_token": doc.KeptToken,
			"created_at": user.CreatedAt, "search_text": user.SearchText(),
		}, lacked, nil
	}}
}

// roleRepair makes users of those who have no role that there is: they are
// taken for users anyway (document.User), and a list of users finds them then.
func roleRepair() repair {
	unknown := bson.M{"role": bson.M{"$nin": office.Roles}}
	return repair{usersName, unknown, nil, func(bson.Raw) (bson.M, []string, error) {
		return bson.M{"role": office.RoleUser}, []string{"role"}, nil
	}}
}

// dbRepair keeps short codes apart that the former backend told apart by
// letter case alone: the first keeps its code, and the others are found by
// none until somebody changes them.
func (c *Client) dbRepair() repair {
	var taken map[string]bool
	begin := func(ctx context.Context) (err error) {
		taken, err = c.collect(ctx, bson.M{"search_text": bson.M{"$ne": nil}}, "short_code_folded",
			func(doc document.DB) string { return doc.ShortCodeFolded })
		return err
	}
	return repair{dbsName, withoutSearchText, begin, func(raw bson.Raw) (bson.M, []string, error) {
		var doc document.DB
		if err := bson.Unmarshal(raw, &doc); err != nil {
			return nil, nil, err
		}
		lacked := lackedBy(raw, "created_at", "description", "search_text")
		fixed := document.DBOf(doc.DB())
		if taken[fixed.ShortCodeFolded] {
			fixed.ShortCodeFolded += "\n" + doc.ID.Hex() // no code has a line break
			lacked = append(lacked, "short_code_of_its_own")
		}
		taken[fixed.ShortCodeFolded] = true
		return bson.M{
			"short_code_folded": fixed.ShortCodeFolded, "description": fixed.Description,
			"created_at": fixed.CreatedAt, "search_text": fixed.SearchText,
		}, lacked, nil
	}}
}

// collect is the set of the values that a field has in the databases.
func (c *Client) collect(ctx context.Context, filter bson.M, field string, value func(document.DB) string) (map[string]bool, error) {
	var docs []document.DB
	cursor, err := c.db.Collection(dbsName).Find(ctx, filter, options.Find().SetProjection(bson.M{field: 1}))
	if err == nil {
		err = cursor.All(ctx, &docs)
	}
	set := make(map[string]bool, len(docs))
	for _, doc := range docs {
		set[value(doc)] = true
	}
	return set, translate(err)
}

// recordRepair also finds records that the former backend has deleted since
// this one wrote them: it keeps no time of deletion. They get the time of the
// repair, as in the all-in-one they get that of the import.
func recordRepair(now time.Time) repair {
	lacking := bson.M{"$or": bson.A{
		bson.M{"schema_version": nil}, bson.M{"isDeleted": true, "deleted_at": nil},
	}}
	deleted := 0
	return repair{personnelsName, lacking, nil, func(raw bson.Raw) (bson.M, []string, error) {
		var doc document.Personnel
		if err := bson.Unmarshal(raw, &doc); err != nil {
			return nil, nil, err
		}
		record := doc.Personnel()
		lacked := lackedBy(raw, "created_at", "isDeleted", "search_text", "status")
		if record.IsDeleted && record.DeletedAt.IsZero() {
			// One number may be among the deleted records several times, and
			// the times tell them apart in the unique index.
			record.DeletedAt = now.Add(-time.Duration(deleted%1000) * time.Millisecond)
			deleted++
			lacked = append(lacked, "time_of_deletion")
		}
		fixed := document.PersonnelOf(record)
		set := bson.M{
			"status": fixed.Status, "isDeleted": fixed.IsDeleted, "deleted_at": fixed.DeletedAt,
			"created_at": fixed.CreatedAt, "search_text": fixed.SearchText, "schema_version": schemaVersion,
		}
		if raw.Lookup("bank").Type != bson.TypeEmbeddedDocument {
			set["bank"] = fixed.Bank // the oldest records have the bank's name alone
			lacked = append(lacked, "sort_code")
		}
		return set, lacked, nil
	}}
}
