package office

import "strings"

// Check is the code of a check before a payment.
type Check string

const (
	AcctShared      Check = "acct_shared"
	PersonTwice     Check = "person_twice"
	StatusConflict  Check = "status_conflict"
	BankChanged     Check = "bank_changed"
	NewPayee        Check = "new_payee"
	AcctFormat      Check = "acct_format"
	SortCodeFormat  Check = "sort_code_format"
	SortCodeMissing Check = "sort_code_missing"
	SortCodeBank    Check = "sort_code_bank"
	AcctCheckDigit  Check = "acct_check_digit"
)

// Checks are all checks, in the order in which they are listed.
var Checks = []Check{
	AcctShared, PersonTwice, StatusConflict, BankChanged, NewPayee,
	AcctFormat, SortCodeFormat, SortCodeMissing, SortCodeBank, AcctCheckDigit,
}

// Severity is how bad a finding is.
type Severity string

const (
	High Severity = "high" // it would pay the wrong person, twice, or nobody
	Low  Severity = "low"  // somebody should look at it
)

// OwnChecks are the checks of a single record, with the fields that each looks at.
var OwnChecks = map[Check][]string{
	AcctFormat:      {"acct_number"},
	SortCodeFormat:  {"bank.sort_code"},
	SortCodeMissing: {"bank.sort_code"},
	SortCodeBank:    {"bank.sort_code", "bank.name"},
	AcctCheckDigit:  {"acct_number", "bank.name", "bank.sort_code", "phone_number"},
}

// FailedChecks are the OwnChecks that find something, in the order of Checks.
func (p Personnel) FailedChecks() (failed []Check) {
	isAccount := isDigits(p.AcctNumber, acctDigits)
	if !isAccount {
		failed = append(failed, AcctFormat)
	}
	switch {
	case p.Bank.SortCode == "":
		failed = append(failed, SortCodeMissing)
	case !isDigits(p.Bank.SortCode, sortCodeDigits):
		failed = append(failed, SortCodeFormat)
	case p.Bank.hasOtherBanksSortCode():
		failed = append(failed, SortCodeBank)
	}
	isWallet := p.AcctNumber == strings.TrimPrefix(p.PhoneNumber, "0")
	if isAccount && !isWallet && !p.Bank.mayHave(p.AcctNumber) {
		failed = append(failed, AcctCheckDigit)
	}
	return failed
}

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

func (p Personnel) Payee() Payee {
	return Payee{p.ID, p.DBID, p.ArmyNumber, p.FirstName, p.LastName, p.Status, p.AcctNumber, p.Bank}
}

// IsGone tells whether the person is dead or absent, and must not be paid.
func (p Payee) IsGone() bool { return p.Status == StatusDeath || p.Status == StatusAWOL }
