// Package document holds the documents of the MongoDB data model: what the
// stores on MongoDB keep, and what moves between an office's installations as
// Extended JSON.
//
// It is the model of the backend that this one replaces, with fields added, so
// either can read what the other wrote. Reading copes with all that the old one
// left out.
package document

import (
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// User is a document of the collection users.
type User struct {
	ID           office.ID `bson:"_id"`
	FirstName    string    `bson:"first_name"`
	LastName     string    `bson:"last_name"`
	ArmyNumber   string    `bson:"army_number"`
	Role         string    `bson:"role"`
	PasswordHash string    `bson:"password_hash"`
	AllowedDBs   []string  `bson:"allowed_dbs"` // hex ids
	AccessAllDB  bool      `bson:"access_all_db"`
	IsGenerated  bool      `bson:"is_generated"`
	Session      int64     `bson:"session"`
	KeptToken    string    `bson:"kept_token"`
	CreatedAt    time.Time `bson:"created_at"`
	SearchText   string    `bson:"search_text"`
}

// UserOf is the document of a user.
func UserOf(u office.User) User {
	return User{
		ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, ArmyNumber: u.ArmyNumber,
		Role: string(u.Role), PasswordHash: u.PasswordHash, AllowedDBs: HexIDs(u.AllowedDBs),
		AccessAllDB: u.IsAdmin(), IsGenerated: u.IsGenerated, Session: u.Session, KeptToken: u.KeptToken,
		CreatedAt: u.CreatedAt, SearchText: u.SearchText(),
	}
}

// User is the user that the document describes. Any role but admin is
// a user's, and what is not an id in allowed_dbs gives no access.
func (d User) User() office.User {
	role := office.RoleUser
	if d.Role == string(office.RoleAdmin) {
		role = office.RoleAdmin
	}
	return office.User{
		ID: d.ID, FirstName: d.FirstName, LastName: d.LastName, ArmyNumber: d.ArmyNumber,
		Role: role, PasswordHash: d.PasswordHash, AllowedDBs: parseIDs(d.AllowedDBs),
		IsGenerated: d.IsGenerated, Session: d.Session, KeptToken: d.KeptToken,
		CreatedAt: created(d.ID, d.CreatedAt),
	}
}

// DB is a document of the collection dbs.
type DB struct {
	ID              office.ID `bson:"_id"`
	Name            string    `bson:"name"`
	ShortCode       string    `bson:"short_code"`
	ShortCodeFolded string    `bson:"short_code_folded"`
	Description     string    `bson:"description"`
	CreatedAt       time.Time `bson:"created_at"`
	SearchText      string    `bson:"search_text"`
}

// DBOf is the document of a database.
func DBOf(d office.DB) DB {
	return DB{
		ID: d.ID, Name: d.Name, ShortCode: d.ShortCode, ShortCodeFolded: office.Fold(d.ShortCode),
		Description: d.Description, CreatedAt: d.CreatedAt, SearchText: d.SearchText(),
	}
}

// DB is the database that the document describes.
func (d DB) DB() office.DB {
	return office.DB{
		ID: d.ID, Name: d.Name, ShortCode: d.ShortCode, Description: d.Description,
		CreatedAt: created(d.ID, d.CreatedAt),
	}
}

// Personnel is a document of the collection personnels. Its optional texts are
// null when they have no value, as the old backend wrote them.
type Personnel struct {
	ID          office.ID  `bson:"_id"`
	FirstName   string     `bson:"first_name"`
	LastName    string     `bson:"last_name"`
	MiddleName  *string    `bson:"middle_name"`
	ArmyNumber  string     `bson:"army_number"`
	PhoneNumber string     `bson:"phone_number"`
	Rank        string     `bson:"rank"`
	Bank        Bank       `bson:"bank"`
	AcctNumber  string     `bson:"acct_number"`
	SubSector   string     `bson:"sub_sector"`
	Location    *string    `bson:"location"`
	Remark      *string    `bson:"remark"`
	DBID        string     `bson:"db_id"` // hex
	Status      string     `bson:"status"`
	IsDeleted   bool       `bson:"isDeleted"`
	CreatedAt   time.Time  `bson:"created_at"`
	UpdatedAt   *time.Time `bson:"updated_at,omitempty"`
	// DeletedAt is explicitly null while the record is live: the unique index
	// needs a value.
	DeletedAt  *time.Time `bson:"deleted_at"`
	SearchText string     `bson:"search_text"`
}

// Bank is the field bank of a record.
type Bank struct {
	Name     string `bson:"name"`
	SortCode string `bson:"sort_code,omitempty"`
}

// UnmarshalBSONValue also takes the oldest form of the field, which was the
// bank's name alone.
func (b *Bank) UnmarshalBSONValue(kind byte, data []byte) error {
	value := bson.RawValue{Type: bson.Type(kind), Value: data}
	if name, ok := value.StringValueOK(); ok {
		*b = Bank{Name: name}
		return nil
	}
	type plain Bank // without this method
	return value.Unmarshal((*plain)(b))
}

// PersonnelOf is the document of a record.
func PersonnelOf(p office.Personnel) Personnel {
	return Personnel{
		ID: p.ID, FirstName: p.FirstName, LastName: p.LastName, MiddleName: orNull(p.MiddleName),
		ArmyNumber: p.ArmyNumber, PhoneNumber: p.PhoneNumber, Rank: p.Rank,
		Bank: Bank{Name: p.Bank.Name, SortCode: p.Bank.SortCode}, AcctNumber: p.AcctNumber, SubSector: p.SubSector,
		Location: orNull(p.Location), Remark: orNull(p.Remark), DBID: p.DBID.Hex(), Status: string(p.Status),
		IsDeleted: p.IsDeleted, CreatedAt: p.CreatedAt, UpdatedAt: TimeOrNull(p.UpdatedAt),
		DeletedAt: TimeOrNull(p.DeletedAt), SearchText: p.SearchText(),
	}
}

// Personnel is the record that the document describes. A status counts in any
// letter case and with blanks around it; one that is missing or unknown means
// active. A db_id that is not an id means no
// database, the zero id. A deleted record may lack the time of its deletion.
func (d Personnel) Personnel() office.Personnel {
	db, _ := office.ParseID(d.DBID)
	p := office.Personnel{
		ID: d.ID, FirstName: d.FirstName, LastName: d.LastName, MiddleName: deref(d.MiddleName),
		ArmyNumber: d.ArmyNumber, PhoneNumber: d.PhoneNumber, Rank: d.Rank,
		Bank: office.Bank{Name: d.Bank.Name, SortCode: d.Bank.SortCode}, AcctNumber: d.AcctNumber, SubSector: d.SubSector,
		Location: deref(d.Location), Remark: deref(d.Remark), DBID: db, Status: statusOf(d.Status),
		IsDeleted: d.IsDeleted, CreatedAt: created(d.ID, d.CreatedAt), UpdatedAt: TimeOrZero(d.UpdatedAt),
	}
	if d.IsDeleted {
		p.DeletedAt = TimeOrZero(d.DeletedAt)
	}
	return p
}

func statusOf(kept string) office.Status {
	status := office.Status(strings.ToLower(strings.TrimSpace(kept)))
	if !status.Valid() {
		return office.StatusActive
	}
	return status
}
