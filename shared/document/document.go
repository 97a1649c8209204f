// Package document holds the documents of the MongoDB data model: what the stores on
// MongoDB keep, and what export and import move as Extended JSON.
//
// It is the model of the old backend with more fields, so each can read what the other wrote. What
// another program wrote is read as what it clearly means; Findings are what is reported about it.
package document

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// The names of the collections. They are the old backend's.
const (
	Users      = "users"
	DBs        = "dbs"
	Personnels = "personnels"
)

// Content is what a document describes. A record without its history is read and written
// without that field, since it may be long and lists do not need it.
type Content interface {
	office.User | office.DB | office.Personnel | office.RecordWithHistory
}

// Document is a document of one of the collections.
type Document[T Content] struct {
	value      T
	SearchText string // as it was read
	Findings
}

// The kinds of documents. Those of Personnel are read without their histories.
type (
	User              = Document[office.User]
	DB                = Document[office.DB]
	Personnel         = Document[office.Personnel]
	RecordWithHistory = Document[office.RecordWithHistory]
)

// Of is the document that describes a value.
func Of[T Content](value T) Document[T] { return Document[T]{value: value} }

// Value is what the document describes.
func (d Document[T]) Value() T { return d.value }

func (d Document[T]) MarshalBSON() ([]byte, error) {
	switch of := any(d.value).(type) {
	case office.User:
		return bson.Marshal(userFields(of))
	case office.DB:
		return bson.Marshal(dbFields(of))
	case office.Personnel:
		return bson.Marshal(recordFields(of))
	case office.RecordWithHistory:
		return bson.Marshal(append(recordFields(of.Personnel), bson.E{Key: "history", Value: office.Convert(of.History, EntryOf)}))
	}
	panic("unreachable")
}

// UnmarshalBSON implements bson.Unmarshaler. A record whose database or time of creation
// had to be converted has a problem: its place in the index of lists is another one than
// what was read says, so that lists might return it twice.
func (d *Document[T]) UnmarshalBSON(raw []byte) error {
	d.value, d.Findings = Read[T](raw, nil)
	d.SearchText, _ = bson.Raw(raw).Lookup("search_text").StringValueOK()
	switch any(&d.value).(type) {
	case *office.Personnel, *office.RecordWithHistory:
		for _, note := range d.Notes {
			if note.Field == "db_id" || note.Field == "created_at" {
				d.Problems = append(d.Problems, note)
			}
		}
	}
	return d.Err()
}

// Changes returns by path what to set in the document of a value to make it that of another. That
// always includes the text of searches, which may be missing until the document is repaired.
func Changes[T Content](was, is T) bson.M {
	before, _ := bson.Marshal(Of(was)) // which cannot fail
	after, _ := bson.Marshal(Of(is))
	set := Differences(before, after)
	set["search_text"] = bson.Raw(after).Lookup("search_text")
	for path := range Differences(after, before) {
		if _, isThere := set[path]; !isThere {
			set[path] = nil
		}
	}
	return set
}

// Differences returns by path the values that a document has and another lacks or has otherwise.
func Differences(other, doc bson.Raw) bson.M {
	different := bson.M{}
	elements, _ := doc.Elements()
	for _, element := range elements {
		field, value, otherwise := element.Key(), element.Value(), other.Lookup(element.Key())
		nested, isNested := value.DocumentOK()
		inOther, isNestedThere := otherwise.DocumentOK()
		switch {
		case value.Equal(otherwise):
		case isNested && isNestedThere:
			for path, value := range Differences(inOther, nested) {
				different[field+"."+path] = value
			}
		default:
			different[field] = value
		}
	}
	return different
}

func userFields(u office.User) bson.D {
	return fields(
		"_id", u.ID, "first_name", u.FirstName, "last_name", u.LastName,
		"army_number", u.ArmyNumber, "army_number_folded", office.Fold(u.ArmyNumber), "role", string(u.Role),
		"password_hash", u.PasswordHash, "allowed_dbs", HexIDs(u.AllowedDBs), "access_all_db", u.IsAdmin(),
		"read_only", u.ReadOnly, "is_generated", u.IsGenerated, "session", u.Session, "kept_token", u.KeptToken,
		"created_at", u.CreatedAt, "search_text", u.SearchText(),
	)
}

func dbFields(d office.DB) bson.D {
	return fields(
		"_id", d.ID, "name", d.Name, "short_code", d.ShortCode, "short_code_folded", office.Fold(d.ShortCode),
		"description", d.Description, "created_at", d.CreatedAt, "search_text", d.SearchText(),
	)
}

// SchemaVersion is the current version of records. A record that this backend has neither
// written nor repaired lacks it, and an index finds those among millions at once.
const SchemaVersion = 4

// recordFields are the fields of a record. Empty optional texts are null, as the old backend
// wrote them, and so is the time of deletion of a live record: the unique index needs a value.
// The checks are never null.
func recordFields(p office.Personnel) bson.D {
	return fields(
		"_id", p.ID, "first_name", p.FirstName, "last_name", p.LastName, "middle_name", or(p.MiddleName, nil),
		"army_number", p.ArmyNumber, "phone_number", p.PhoneNumber, "rank", p.Rank,
		"bank", fields("name", p.Bank.Name, "sort_code", or(p.Bank.SortCode, absent)), "acct_number", p.AcctNumber,
		"sub_sector", p.SubSector, "location", or(p.Location, nil), "remark", or(p.Remark, nil),
		"db_id", p.DBID.Hex(), "status", string(p.Status), "isDeleted", p.IsDeleted,
		"created_at", p.CreatedAt, "updated_at", or(p.UpdatedAt, absent), "revision", p.Revision,
		"bank_changed_at", or(p.BankChangedAt, absent), "deleted_at", or(p.DeletedAt, nil),
		"search_text", p.SearchText(), "schema_version", SchemaVersion, "checks", append([]office.Check{}, p.FailedChecks()...),
	)
}

// absent stands for the value of a field that is left out.
var absent any = new(byte)

// fields is a document of names and values by turns.
func fields(pairs ...any) bson.D {
	doc := make(bson.D, 0, len(pairs)/2)
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != absent {
			doc = append(doc, bson.E{Key: pair[0].(string), Value: pair[1]})
		}
	}
	return doc
}

// or returns instead, if the value is an empty text or the zero time.
func or[T comparable](value T, instead any) any {
	if value == *new(T) {
		return instead
	}
	return value
}

// HexIDs returns the ids as hex strings. The list is never nil.
func HexIDs(ids []office.ID) []string { return office.Convert(ids, office.ID.Hex) }

// IDOf is the id of a document as logs and reports name it; empty where it has none.
func IDOf(doc bson.Raw) string {
	id := doc.Lookup("_id")
	if objectID, ok := id.ObjectIDOK(); ok {
		return objectID.Hex()
	}
	return id.String()
}
