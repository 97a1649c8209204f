// Package document holds the documents of the MongoDB data model: what the stores on
// MongoDB keep, and what export and import move as Extended JSON.
//
// It is the model of the old backend with more fields, so each can read what the other wrote. What
// another program wrote is read as what it clearly means; Findings are what is reported about it.
package document

import (
	"time"

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
	switch of := any(&d.value).(type) {
	case *office.User:
		return bson.Marshal(userFields(*of))
	case *office.DB:
		return bson.Marshal(dbFields(*of))
	case *office.RecordWithHistory:
		return bson.Marshal(struct {
			Fields  personnelFields `bson:",inline"`
			History []any           `bson:"history"`
		}{fieldsOf(of.Personnel), Entries(of.History)})
	case *office.Personnel:
		return bson.Marshal(fieldsOf(*of))
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

func userFields(u office.User) any {
	return struct {
		ID               office.ID `bson:"_id"`
		FirstName        string    `bson:"first_name"`
		LastName         string    `bson:"last_name"`
		ArmyNumber       string    `bson:"army_number"`
		ArmyNumberFolded string    `bson:"army_number_folded"`
		Role             string    `bson:"role"`
		PasswordHash     string    `bson:"password_hash"`
		AllowedDBs       []string  `bson:"allowed_dbs"` // hex ids
		AccessAllDB      bool      `bson:"access_all_db"`
		ReadOnly         bool      `bson:"read_only"`
		IsGenerated      bool      `bson:"is_generated"`
		Session          int64     `bson:"session"`
		KeptToken        string    `bson:"kept_token"`
		CreatedAt        time.Time `bson:"created_at"`
		SearchText       string    `bson:"search_text"`
	}{
		u.ID, u.FirstName, u.LastName, u.ArmyNumber, office.Fold(u.ArmyNumber), string(u.Role), u.PasswordHash, HexIDs(u.AllowedDBs),
		u.IsAdmin(), u.ReadOnly, u.IsGenerated, u.Session, u.KeptToken, u.CreatedAt, u.SearchText(),
	}
}

func dbFields(d office.DB) any {
	return struct {
		ID              office.ID `bson:"_id"`
		Name            string    `bson:"name"`
		ShortCode       string    `bson:"short_code"`
		ShortCodeFolded string    `bson:"short_code_folded"`
		Description     string    `bson:"description"`
		CreatedAt       time.Time `bson:"created_at"`
		SearchText      string    `bson:"search_text"`
	}{d.ID, d.Name, d.ShortCode, office.Fold(d.ShortCode), d.Description, d.CreatedAt, d.SearchText()}
}

// SchemaVersion is the current version of records. A record that this backend has neither
// written nor repaired lacks it, and an index finds those among millions at once.
const SchemaVersion = 4

type bank struct {
	Name     string `bson:"name"`
	SortCode string `bson:"sort_code,omitempty"`
}

// personnelFields are the fields of a record. Empty optional texts are null, as the old backend
// wrote them, and so is the time of deletion of a live record: the unique index needs a value.
type personnelFields struct {
	ID            office.ID      `bson:"_id"`
	FirstName     string         `bson:"first_name"`
	LastName      string         `bson:"last_name"`
	MiddleName    *string        `bson:"middle_name"`
	ArmyNumber    string         `bson:"army_number"`
	PhoneNumber   string         `bson:"phone_number"`
	Rank          string         `bson:"rank"`
	Bank          bank           `bson:"bank"`
	AcctNumber    string         `bson:"acct_number"`
	SubSector     string         `bson:"sub_sector"`
	Location      *string        `bson:"location"`
	Remark        *string        `bson:"remark"`
	DBID          string         `bson:"db_id"` // hex
	Status        string         `bson:"status"`
	IsDeleted     bool           `bson:"isDeleted"`
	CreatedAt     time.Time      `bson:"created_at"`
	UpdatedAt     *time.Time     `bson:"updated_at,omitempty"`
	Revision      int            `bson:"revision"`
	BankChangedAt *time.Time     `bson:"bank_changed_at,omitempty"`
	DeletedAt     *time.Time     `bson:"deleted_at"`
	SearchText    string         `bson:"search_text"`
	SchemaVersion int            `bson:"schema_version"`
	Checks        []office.Check `bson:"checks"` // office.Personnel.FailedChecks, never null
}

func fieldsOf(p office.Personnel) personnelFields {
	return personnelFields{
		p.ID, p.FirstName, p.LastName, orNull(p.MiddleName), p.ArmyNumber, p.PhoneNumber, p.Rank, bank(p.Bank), p.AcctNumber,
		p.SubSector, orNull(p.Location), orNull(p.Remark), p.DBID.Hex(), string(p.Status), p.IsDeleted, p.CreatedAt,
		orNull(p.UpdatedAt), p.Revision, orNull(p.BankChangedAt), orNull(p.DeletedAt), p.SearchText(), SchemaVersion,
		append([]office.Check{}, p.FailedChecks()...),
	}
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

// orNull is null for an empty text and for the zero time.
func orNull[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}
