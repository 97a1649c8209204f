// Package document holds the documents of the MongoDB data model: what the stores on
// MongoDB keep, and what export and import move as Extended JSON.
//
// It is the model of the old backend with more fields, so each backend can read what the
// other wrote. A document that another program wrote is read as what it clearly means;
// see Findings for what is reported about it.
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

// content is what a document holds, of whatever collection.
type content[T any] struct {
	value      T
	SearchText string // as it was read
	Findings
}

// Value is what the document describes.
func (d content[T]) Value() T { return d.value }

func (d *content[T]) take(raw bson.Raw, value T, findings Findings) error {
	d.value, d.Findings = value, findings
	d.SearchText, _ = raw.Lookup("search_text").StringValueOK()
	return d.Err()
}

// User is a document of the collection users.
type User struct{ content[office.User] }

// UserOf is the document of a user.
func UserOf(u office.User) User { return User{content[office.User]{value: u}} }

func (d User) MarshalBSON() ([]byte, error) {
	u := d.value
	return bson.Marshal(struct {
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
	})
}

func (d *User) UnmarshalBSON(raw []byte) error {
	user, findings := ReadUser(raw, nil)
	return d.take(raw, user, findings)
}

// DB is a document of the collection dbs.
type DB struct{ content[office.DB] }

// DBOf is the document of a database.
func DBOf(d office.DB) DB { return DB{content[office.DB]{value: d}} }

func (d DB) MarshalBSON() ([]byte, error) {
	db := d.value
	return bson.Marshal(struct {
		ID              office.ID `bson:"_id"`
		Name            string    `bson:"name"`
		ShortCode       string    `bson:"short_code"`
		ShortCodeFolded string    `bson:"short_code_folded"`
		Description     string    `bson:"description"`
		CreatedAt       time.Time `bson:"created_at"`
		SearchText      string    `bson:"search_text"`
	}{db.ID, db.Name, db.ShortCode, office.Fold(db.ShortCode), db.Description, db.CreatedAt, db.SearchText()})
}

func (d *DB) UnmarshalBSON(raw []byte) error {
	db, findings := ReadDB(raw)
	return d.take(raw, db, findings)
}

// Personnel is a document of the collection personnels.
type Personnel struct{ content[office.Personnel] }

// SchemaVersion is the current version of records. A record that this backend has neither
// written nor repaired lacks it, and an index finds those among millions at once.
const SchemaVersion = 4

// PersonnelOf is the document of a record.
func PersonnelOf(p office.Personnel) Personnel { return Personnel{content[office.Personnel]{value: p}} }

type bank struct {
	Name     string `bson:"name"`
	SortCode string `bson:"sort_code,omitempty"`
}

// personnelFields are the fields of a record. Empty optional texts are null, as the old
// backend wrote them. The time of deletion is explicitly null while the record is live:
// the unique index needs a value.
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

func (d Personnel) fields() personnelFields {
	p := d.value
	return personnelFields{
		p.ID, p.FirstName, p.LastName, orNull(p.MiddleName), p.ArmyNumber, p.PhoneNumber, p.Rank, bank(p.Bank), p.AcctNumber,
		p.SubSector, orNull(p.Location), orNull(p.Remark), p.DBID.Hex(), string(p.Status), p.IsDeleted, p.CreatedAt,
		orNull(p.UpdatedAt), p.Revision, orNull(p.BankChangedAt), orNull(p.DeletedAt), p.SearchText(), SchemaVersion,
		append([]office.Check{}, p.FailedChecks()...),
	}
}

func (d Personnel) MarshalBSON() ([]byte, error) { return bson.Marshal(d.fields()) }

// UnmarshalBSON implements bson.Unmarshaler. A record whose database or time of creation
// had to be converted has a problem: its place in the index of lists is another one than
// what was read says, so that lists might return it twice.
func (d *Personnel) UnmarshalBSON(raw []byte) error {
	record, findings := ReadPersonnel(raw, nil)
	for _, note := range findings.Notes {
		if note.Field == "db_id" || note.Field == "created_at" {
			findings.Problems = append(findings.Problems, note)
		}
	}
	return d.take(raw, record, findings)
}
