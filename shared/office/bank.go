package office

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
)

type knownBank struct {
	sortCode string
	// codes are those that account numbers are checked with: two if the bank was taken over, or none.
	codes []string
}

//go:embed banks.csv
var banksCSV string

// The known banks by their folded names, and by the code that their sort codes begin with.
var banks, bankOfCode = readBanks(banksCSV)

// readBanks reads a table of name, sort code and codes. No name contains a comma.
func readBanks(table string) (byName, byCode map[string]*knownBank) {
	byName, byCode = map[string]*knownBank{}, map[string]*knownBank{}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n")[1:] {
		cells := strings.Split(line, ",")
		bank := &knownBank{cells[1], strings.Fields(cells[2])}
		byName[Fold(cells[0])], byCode[cells[1][:bankCodeDigits]] = bank, bank
	}
	return byName, byCode
}

const (
	acctDigits     = 10
	sortCodeDigits = 9
	bankCodeDigits = 3
)

// Code is the bank's code, found by its name or sort code, or empty if neither tells it.
func (b Bank) Code() string {
	if bank := banks[Fold(b.Name)]; bank != nil {
		return bank.sortCode[:bankCodeDigits]
	}
	return b.codeInSortCode()
}

// codeInSortCode is the part that names the bank, empty if malformed; the rest names the branch.
func (b Bank) codeInSortCode() string {
	if !isDigits(b.SortCode, sortCodeDigits) {
		return ""
	}
	return b.SortCode[:bankCodeDigits]
}

// hasOtherBanksSortCode tells whether the sort code is that of another known bank than the named one.
func (b Bank) hasOtherBanksSortCode() bool {
	code := b.codeInSortCode()
	named, owner := banks[Fold(b.Name)], bankOfCode[code]
	return named != nil && owner != nil && owner != named && !slices.Contains(named.codes, code)
}

// mayHave tells whether an account number may belong to the bank that is named or, if that
// is unknown, to the one of the sort code. One that cannot be checked may.
func (b Bank) mayHave(acctNumber string) bool {
	bank := cmp.Or(banks[Fold(b.Name)], bankOfCode[b.codeInSortCode()])
	return bank == nil || len(bank.codes) == 0 || slices.ContainsFunc(bank.codes, func(code string) bool {
		return isNUBAN(code, acctNumber)
	})
}

// isNUBAN tells whether the last digit of an account number is the check digit that
// the Central Bank of Nigeria prescribes (NUBAN, revised 2020) for the bank with that
// code, which has three digits, or five at other institutions.
func isNUBAN(code, acctNumber string) bool {
	const (
		institutionDigits = 6
		weights           = "373"
	)
	institution := "9" + code
	if len(code) == bankCodeDigits {
		institution = "000" + code
	}
	if !isDigits(institution, institutionDigits) || !isDigits(acctNumber, acctDigits) {
		return false
	}
	sum := 0
	for i, digit := range []byte(institution + acctNumber[:acctDigits-1]) {
		sum += int(digit-'0') * int(weights[i%len(weights)]-'0')
	}
	return (10-sum%10)%10 == int(acctNumber[acctDigits-1]-'0')
}

func isDigits(s string, count int) bool {
	return len(s) == count && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
