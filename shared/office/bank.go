package office

import (
	_ "embed"
	"slices"
	"strings"
)

// knownBank is a row of banks.csv.
type knownBank struct {
	sortCode string
	// codes are the bank codes that its account numbers may be checked with, or
	// none; where it took over another bank, that one's too.
	codes []string
}

//go:embed banks.csv
var banksCSV string

// banks are the known ones by their folded names, and bankOfCode these names by
// the code that a bank's sort codes begin with.
var banks, bankOfCode = readBanks(banksCSV)

// readBanks reads the table: name, sort code and the codes of accounts. No name
// has a comma in it.
func readBanks(table string) (byName map[string]knownBank, nameOf map[string]string) {
	byName, nameOf = map[string]knownBank{}, map[string]string{}
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for _, line := range lines[1:] {
		cells := strings.Split(line, ",")
		name := Fold(cells[0])
		byName[name] = knownBank{cells[1], strings.Fields(cells[2])}
		nameOf[Bank{SortCode: cells[1]}.codeOfSort()] = name
	}
	return byName, nameOf
}

const (
	acctDigits     = 10
	sortCodeDigits = 9
	bankCodeDigits = 3
)

// known is the bank that the record names, or else that of its sort code.
func (b Bank) known() (bank knownBank, ok bool) {
	if bank, ok = banks[Fold(b.Name)]; !ok {
		bank, ok = banks[bankOfCode[b.codeOfSort()]]
	}
	return bank, ok
}

// Code is the code of the bank: the same wherever one bank is named or its sort
// code given. It is empty where neither says which bank it is.
func (b Bank) Code() string {
	if bank, ok := banks[Fold(b.Name)]; ok {
		return bank.sortCode[:bankCodeDigits]
	}
	return b.codeOfSort()
}

// codeOfSort is what a sort code says of its bank, before it goes on to the branch.
func (b Bank) codeOfSort() string {
	if !isDigits(b.SortCode, sortCodeDigits) {
		return ""
	}
	return b.SortCode[:bankCodeDigits]
}

// hasSortCodeOfAnother tells whether the sort code is that of another known bank
// than the one named.
func (b Bank) hasSortCodeOfAnother() bool {
	code := b.codeOfSort()
	named, isKnown := banks[Fold(b.Name)]
	owner, isOwned := bankOfCode[code]
	return isKnown && isOwned && owner != Fold(b.Name) && !slices.Contains(named.codes, code)
}

// fits tells whether an account number may be one of the bank's. What cannot be
// checked may be.
func (b Bank) fits(acctNumber string) bool {
	bank, _ := b.known()
	return len(bank.codes) == 0 || slices.ContainsFunc(bank.codes, func(code string) bool {
		return fitsNUBAN(code, acctNumber)
	})
}

// fitsNUBAN tells whether the last digit of an account number is the check digit
// that the Central Bank of Nigeria's uniform numbers (revised 2020) have at the bank
// with that code: of three digits, or of five at other institutions.
func fitsNUBAN(code, acctNumber string) bool {
	const (
		institutionDigits = 6
		weights           = "373"
	)
	if len(code) == bankCodeDigits {
		code = "000" + code
	} else {
		code = "9" + code
	}
	if !isDigits(code, institutionDigits) || !isDigits(acctNumber, acctDigits) {
		return false
	}
	sum := 0
	for i, digit := range []byte(code + acctNumber[:acctDigits-1]) {
		sum += int(digit-'0') * int(weights[i%len(weights)]-'0')
	}
	return (10-sum%10)%10 == int(acctNumber[acctDigits-1]-'0')
}

func isDigits(s string, count int) bool {
	return len(s) == count && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
