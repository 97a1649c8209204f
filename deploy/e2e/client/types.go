package client

import "time"

// User is somebody who can log in, as the API shows one.
type User struct {
	ID          string `json:"id"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	ArmyNumber  string `json:"army_number"`
	Role        string `json:"role"`
	AllowedDBs  []DB   `json:"allowed_dbs"`
	IsGenerated bool   `json:"is_generated"`
	AccessAllDB bool   `json:"access_all_db"`
	ReadOnly    bool   `json:"read_only"`
}

// DB is a logical database. Within a user it has no CreatedAt.
type DB struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	ShortCode   string    `json:"short_code"`
	Description string    `json:"description"`
	CreatedAt   time.Time `json:"created_at"`
}

// Bank is where a person's pay goes.
type Bank struct {
	Name     string `json:"name"`
	SortCode string `json:"sort_code"`
}

// Record is a personnel record. The fields that only the API sets are left out
// when a new one is sent.
type Record struct {
	ID          string    `json:"id,omitempty"`
	DBID        string    `json:"db_id"`
	ArmyNumber  string    `json:"army_number"`
	Rank        string    `json:"rank"`
	FirstName   string    `json:"first_name"`
	MiddleName  string    `json:"middle_name"`
	LastName    string    `json:"last_name"`
	PhoneNumber string    `json:"phone_number"`
	SubSector   string    `json:"sub_sector"`
	Location    string    `json:"location"`
	Bank        Bank      `json:"bank"`
	AcctNumber  string    `json:"acct_number"`
	Status      string    `json:"status,omitempty"`
	Remark      string    `json:"remark"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	Revision    int       `json:"revision,omitzero"`

	BankChangedAt time.Time `json:"bank_changed_at,omitzero"`
	IsDeleted     bool      `json:"isDeleted,omitempty"`
}

// Statuses are where a person may stand. The first is the default.
var Statuses = []string{"active", "inactive", "awol", "death", "rtu", "posted", "cse"}

// List is the data of a paginated answer.
type List[T any] struct {
	Data []T  `json:"data"`
	Meta Meta `json:"meta"`
}

// Meta says which part of how much a List is.
type Meta struct {
	Page        int  `json:"page"`
	Limit       int  `json:"limit"`
	HasPrevPage bool `json:"hasPrevPage"`
	HasNextPage bool `json:"hasNextPage"`
	Total       int  `json:"total"`
	PageCount   int  `json:"pageCount"`
}

// Session is the answer to a login.
type Session struct {
	Token string `json:"token"`
	User  User   `json:"user"`
}

// Upload says what became of the rows of an upload.
type Upload struct {
	Inserted int      `json:"inserted"`
	Failed   []Failed `json:"failed"`
	// For a file.
	Updated        int      `json:"updated"`
	Unchanged      int      `json:"unchanged"`
	IgnoredColumns []string `json:"ignored_columns"`
	DryRun         bool     `json:"dry_run"`
	Warnings       []any    `json:"warnings"`
}

// Failed is a row that did not go in, and why.
type Failed struct {
	Index      int    `json:"index"`
	ArmyNumber string `json:"army_number"`
	Error      string `json:"error"`
	Row        int    `json:"row"` // the line of a file
}

// BulkDelete says what became of a list of records to delete.
type BulkDelete struct {
	Deleted  int      `json:"deleted"`
	NotFound []string `json:"not_found"`
}

// Figure is one number of the analytics: a total, and by how many percent this
// month has more than the one before.
type Figure struct {
	Total              int     `json:"total"`
	PercentageIncrease float64 `json:"percentage_increase"`
}

// Figures are numbers by name, such as total_awol_personnel.
type Figures map[string]Figure

// Problems is the data of a validation error.
type Problems struct {
	Errors []Problem `json:"errors"`
}

// Problem is one thing that is wrong with a request.
type Problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}
