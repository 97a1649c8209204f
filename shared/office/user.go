package office

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role says what a user may do.
type Role string

const (
	// RoleAdmin sees every database and may use the admin area.
	RoleAdmin Role = "admin"
	// RoleUser sees only the databases in AllowedDBs.
	RoleUser Role = "user"
)

// Roles are all roles, in the order in which messages list them.
var Roles = []Role{RoleUser, RoleAdmin}

// User is a person who can log in.
type User struct {
	ID           ID
	FirstName    string
	LastName     string
	ArmyNumber   string // unique among users, exact in letter case
	Role         Role
	PasswordHash string // bcrypt
	AllowedDBs   []ID   // may name databases that no longer exist
	// ReadOnly forbids every change except that of the user's own password.
	ReadOnly bool
	// IsGenerated is true while the password is one that an admin set.
	IsGenerated bool
	// Session is the generation of valid tokens: setting a password ends all earlier ones.
	Session int64
	// KeptToken is the id of the one older token that stays valid: it changed the password.
	KeptToken string
	CreatedAt time.Time
}

// WithArmyNumber picks the user whom an army number names, from those whose numbers
// differ from it at most in letter case: the one with exactly this number or, if there
// is none, the only one. It returns ErrNotFound when it cannot tell.
func WithArmyNumber(users []User, armyNumber string) (User, error) {
	isExact := func(u User) bool { return u.ArmyNumber == armyNumber }
	if i := slices.IndexFunc(users, isExact); i >= 0 {
		return users[i], nil
	}
	if len(users) == 1 {
		return users[0], nil
	}
	return User{}, ErrNotFound
}

// DistinctNumber appends the id of its user to an army number of old data that another user has
// too. The result stays until an admin corrects it.
func DistinctNumber(number, id string) string {
	room := MaxName - len(" ") - len(id)
	number = fmt.Sprintf("%.*s", room, number) // its first characters
	return strings.TrimSpace(strings.TrimSpace(number) + " " + id)
}

// IsAdmin tells whether the user may use the admin area.
func (u User) IsAdmin() bool { return u.Role == RoleAdmin }

// Administers tells whether the user may make changes in the admin area.
func (u User) Administers() bool { return u.IsAdmin() && !u.ReadOnly }

// Author returns the user as the author of a change.
func (u User) Author() Author {
	return Author{ID: u.ID, ArmyNumber: u.ArmyNumber, Name: u.FirstName + " " + u.LastName}
}

// Scope is the databases whose records the user may see.
func (u User) Scope() Scope { return Scope{All: u.IsAdmin(), DBs: u.AllowedDBs} }

// SearchText is the text in which a search for users looks.
func (u User) SearchText() string { return searchText(u.FirstName, u.LastName, u.ArmyNumber) }

// UserPatch is a change to a user. A nil field is left alone.
type UserPatch struct {
	FirstName  *string
	LastName   *string
	ArmyNumber *string
	Role       *Role
	AllowedDBs *[]ID
	ReadOnly   *bool
}

func (p UserPatch) Apply(u *User) {
	set(&u.FirstName, p.FirstName)
	set(&u.LastName, p.LastName)
	set(&u.ArmyNumber, p.ArmyNumber)
	set(&u.Role, p.Role)
	set(&u.AllowedDBs, p.AllowedDBs)
	set(&u.ReadOnly, p.ReadOnly)
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// PasswordChange replaces a user's password and ends the sessions that began with the old.
type PasswordChange struct {
	Hash        string
	IsGenerated bool   // an admin set it
	KeptToken   string // the id of the token that stays valid; empty for none
}

// Scope is a set of databases: those that a caller may see.
type Scope struct {
	All bool
	DBs []ID // meaningful only when All is false; empty means none
}

// ScopeOf is the scope of one database.
func ScopeOf(db ID) Scope { return Scope{DBs: []ID{db}} }

// Allows tells whether the database is in the scope.
func (s Scope) Allows(db ID) bool { return s.All || slices.Contains(s.DBs, db) }

// UserView is a user as the API shows it: no hash, no sessions, and the databases by name.
type UserView struct {
	ID          ID          `json:"id"`
	FirstName   string      `json:"first_name"`
	LastName    string      `json:"last_name"`
	ArmyNumber  string      `json:"army_number"`
	Role        Role        `json:"role"`
	AllowedDBs  []DBSummary `json:"allowed_dbs"`
	IsGenerated bool        `json:"is_generated"`
	AccessAllDB bool        `json:"access_all_db,omitempty"`
	ReadOnly    bool        `json:"read_only,omitempty"`
}

// View shows the user with those of AllowedDBs that are in dbs, in the order of AllowedDBs.
func (u User) View(dbs []DB) UserView {
	byID := make(map[ID]DB, len(dbs))
	for _, db := range dbs {
		byID[db.ID] = db
	}
	allowed := make([]DBSummary, 0, len(u.AllowedDBs))
	for _, id := range u.AllowedDBs {
		if db, exists := byID[id]; exists {
			allowed = append(allowed, DBSummary{db.ID, db.Name, db.ShortCode, db.Description})
		}
	}
	return UserView{
		ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, ArmyNumber: u.ArmyNumber, Role: u.Role, AllowedDBs: allowed,
		IsGenerated: u.IsGenerated, AccessAllDB: u.IsAdmin(), ReadOnly: u.ReadOnly,
	}
}
