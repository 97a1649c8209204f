package office

import "time"

// DB is a logical database: a named group of records to which users are given access.
type DB struct {
	ID          ID        `json:"id"`
	Name        string    `json:"name"`
	ShortCode   string    `json:"short_code"` // unique in any letter case
	Description string    `json:"description"`
	CreatedAt   time.Time `json:"created_at"`
}

// DistinctCode is DistinctNumber for folded short codes, none of which contains a line break.
func DistinctCode(folded, id string) string { return folded + "\n" + id }

// SearchText is the text in which a search for databases looks.
func (d DB) SearchText() string { return searchText(d.Name, d.ShortCode) }

// DBSummary is a database as shown within a user.
type DBSummary struct {
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	ShortCode   string `json:"short_code"`
	Description string `json:"description"`
}

// DBPatch is a change to a database. A nil field is left alone.
type DBPatch struct {
	Name        *string
	ShortCode   *string
	Description *string
}

func (p DBPatch) Apply(d *DB) {
	set(&d.Name, p.Name)
	set(&d.ShortCode, p.ShortCode)
	set(&d.Description, p.Description)
}
