package office

// Payee is what checks compare of a record, and what they show of it.
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

// Payee is who is paid by the record.
func (p Personnel) Payee() Payee {
	return Payee{p.ID, p.DBID, p.ArmyNumber, p.FirstName, p.LastName, p.Status, p.AcctNumber, p.Bank}
}

// IsGone tells whether nobody is to be paid: the person is dead or absent.
func (p Payee) IsGone() bool { return p.Status == StatusDeath || p.Status == StatusAWOL }
