package office

// Payee is the part of a record that checks compare and show.
type Payee struct {
	ID         ID     `json:"id"`
	DBID       ID     `json:"db_id"`
	ArmyNumber string `json:"army_number"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	Status     Status `json:"status"`
	AcctNumber string `json:"-"`
	Bank       Bank   `json:"-"`
}

// Payee returns the part of the record that checks compare.
func (p Personnel) Payee() Payee {
	return Payee{p.ID, p.DBID, p.ArmyNumber, p.FirstName, p.LastName, p.Status, p.AcctNumber, p.Bank}
}

// IsGone tells whether the person is dead or absent, and must not be paid.
func (p Payee) IsGone() bool { return p.Status == StatusDeath || p.Status == StatusAWOL }
