package office

import (
	"slices"
	"time"
)

// Status says where a person stands: active, posted, and so on.
type Status string

const (
	StatusActive   Status = "active" // the default
	StatusInactive Status = "inactive"
	StatusAWOL     Status = "awol"
	StatusDeath    Status = "death"
	StatusRTU      Status = "rtu"
	StatusPosted   Status = "posted"
	StatusCSE      Status = "cse"
)

// Statuses are all statuses, in the order in which messages list them.
var Statuses = []Status{
	StatusActive, StatusInactive, StatusAWOL, StatusDeath, StatusRTU, StatusPosted, StatusCSE,
}

// Valid tells whether s is one of Statuses, letter case included.
func (s Status) Valid() bool { return slices.Contains(Statuses, s) }

// Bank is where a person's pay goes.
type Bank struct {
	Name string `json:"name"`
	// SortCode is empty in records of the old backend that had only the bank's name.
	SortCode string `json:"sort_code"`
}

// Personnel is the record of one person in one database. Army numbers are unique among
// the live records of a database.
//
// In JSON, empty texts are written too. If a field were absent, the frontend's form would
// keep its value from the record that was open before, and save it into this one.
type Personnel struct {
	ID          ID        `json:"id"`
	FirstName   string    `json:"first_name"`
	LastName    string    `json:"last_name"`
	MiddleName  string    `json:"middle_name"`
	ArmyNumber  string    `json:"army_number"`
	PhoneNumber string    `json:"phone_number"`
	Rank        string    `json:"rank"`
	Bank        Bank      `json:"bank"`
	AcctNumber  string    `json:"acct_number"`
	SubSector   string    `json:"sub_sector"`
	Location    string    `json:"location"`
	Remark      string    `json:"remark"`
	DBID        ID        `json:"db_id"`
	Status      Status    `json:"status"`
	IsDeleted   bool      `json:"isDeleted"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	Revision    int       `json:"revision"` // 1 for a new record, and one more with each change
	// BankChangedAt is when bank or account number last changed; zero if never.
	BankChangedAt time.Time `json:"bank_changed_at,omitzero"`
	DeletedAt     time.Time `json:"-"` // zero while the record is live
}

// SearchText is the text in which a search for personnel looks.
func (p Personnel) SearchText() string {
	return searchText(p.FirstName, p.MiddleName, p.LastName, p.ArmyNumber)
}

// PersonnelPatch is a change to a record, or a whole new one. A nil field is left alone.
type PersonnelPatch struct {
	FirstName    *string
	LastName     *string
	MiddleName   *string
	ArmyNumber   *string
	PhoneNumber  *string
	Rank         *string
	BankName     *string
	BankSortCode *string
	AcctNumber   *string
	SubSector    *string
	Location     *string
	Remark       *string
	DBID         *ID
	Status       *Status
}

func (p PersonnelPatch) Apply(to *Personnel) {
	set(&to.FirstName, p.FirstName)
	set(&to.LastName, p.LastName)
	set(&to.MiddleName, p.MiddleName)
	set(&to.ArmyNumber, p.ArmyNumber)
	set(&to.PhoneNumber, p.PhoneNumber)
	set(&to.Rank, p.Rank)
	set(&to.Bank.Name, p.BankName)
	set(&to.Bank.SortCode, p.BankSortCode)
	set(&to.AcctNumber, p.AcctNumber)
	set(&to.SubSector, p.SubSector)
	set(&to.Location, p.Location)
	set(&to.Remark, p.Remark)
	set(&to.DBID, p.DBID)
	set(&to.Status, p.Status)
}
