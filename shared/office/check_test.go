package office

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The examples of the Central Bank's rule, and what is no number at all.
func TestIsNUBAN(t *testing.T) {
	for _, fitting := range []string{"011 0000014579", "50547 0000214579", "058 1234567896", "057 1234567899", "232 1234567892"} {
		code, number, _ := strings.Cut(fitting, " ")
		for digit := range 10 {
			other := number[:9] + fmt.Sprint(digit)
			if got := isNUBAN(code, other); got != (other == number) {
				t.Errorf("%s at %s fits: %v", other, code, got)
			}
		}
	}
	for _, bad := range []string{"011 000001457", "011 00000145790", "011 000001457x", "11 0000014579", "0x1 0000014579", " 0000014579", "000011 0000014579"} {
		code, number, _ := strings.Cut(bad, " ")
		if isNUBAN(code, number) {
			t.Errorf("%q fits %q", number, code)
		}
	}
}

// codesThatFit are the codes of the table at which a number is one that may be.
func codesThatFit(number string) (codes []string) {
	for _, bank := range banks {
		for _, code := range bank.codes {
			if isNUBAN(code, number) && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	slices.Sort(codes)
	return codes
}

// One serial number is one of each bank, and only the last digit tells them apart:
// with all ten of them, it fits each code of the table once.
func TestCodesThatOneNumberFits(t *testing.T) {
	for digit, want := range []string{
		"050 214 302", "", "023 100 221 232", "082 103 301", "030 063", "011 033 044", "058 070 102", "215", "032 076", "035 057 068 101",
	} {
		number := fmt.Sprint("123456789", digit)
		if got := strings.Join(codesThatFit(number), " "); got != want {
			t.Errorf("%s fits %s, want %s", number, got, want)
		}
	}
}

func TestFailedChecks(t *testing.T) {
	const (
		zenith, access, diamond = "ZENITH BANK PLC 057150001", "ACCESS BANK NIGERIA PLC 044150149", "ACCESS BANK PLC (DIAMOND) 063150269"
		phone                   = "08031234567"
	)
	for name, test := range map[string]struct{ bank, acct, phone, want string }{
		"nothing":                       {zenith, "1234567899", phone, ""},
		"the number of another bank":    {zenith, "1234567892", phone, "acct_check_digit"},
		"a name in other letters":       {"Zenith Bank plc 057150001", "1234567892", phone, "acct_check_digit"},
		"another branch":                {"ZENITH BANK PLC 057080013", "1234567899", phone, ""},
		"of Access":                     {access, "1234567895", phone, ""},
		"of Diamond at Access":          {access, "1234567894", phone, "acct_check_digit"},
		"of Diamond at Diamond":         {diamond, "1234567894", phone, ""},
		"of Access at Diamond":          {diamond, "1234567895", phone, ""},
		"of neither at Diamond":         {diamond, "1234567893", phone, "acct_check_digit"},
		"Diamond by the code of Access": {"ACCESS BANK PLC (DIAMOND) 044150149", "1234567895", phone, ""},
		"Access by the code of Diamond": {"ACCESS BANK NIGERIA PLC 063150269", "1234567895", phone, "sort_code_bank"},
		"the sort code of another bank": {"ZENITH BANK PLC 058152052", "1234567899", phone, "sort_code_bank"},
		"a sort code of nobody":         {"ZENITH BANK PLC 999150001", "1234567899", phone, ""},
		"a bank without checks":         {"FBN MORTGAGE LIMITED 413150001", "1234567890", phone, ""},
		"an unknown bank":               {"Village Bank 999150001", "1234567890", phone, ""},
		"an unknown name":               {"Village Bank 057150001", "1234567892", phone, "acct_check_digit"},
		"no sort code":                  {"ZENITH BANK PLC ", "1234567899", phone, "sort_code_missing"},
		"no sort code, and another's":   {"ZENITH BANK PLC ", "1234567892", phone, "sort_code_missing acct_check_digit"},
		"a short sort code":             {"ZENITH BANK PLC 57150001", "1234567899", phone, "sort_code_format"},
		"letters in a sort code":        {"ZENITH BANK PLC O57150001", "1234567899", phone, "sort_code_format"},
		"nine digits":                   {zenith, "123456789", phone, "acct_format"},
		"eleven digits":                 {zenith, "12345678999", phone, "acct_format"},
		"a letter":                      {zenith, "123456789O", phone, "acct_format"},
		"digits of another script":      {zenith, "١٢٣٤٥٦٧٨٩٩", phone, "acct_format"},
		"both wrong":                    {"ZENITH BANK PLC 1", "", phone, "acct_format sort_code_format"},
		"a wallet":                      {zenith, "8031234567", phone, ""},
		"a wallet, the phone without 0": {zenith, "8031234567", "8031234567", ""},
		"the wallet of somebody else":   {zenith, "8031234568", phone, "acct_check_digit"},
		"a wallet at a wrong sort code": {"ZENITH BANK PLC 058152052", "8031234567", phone, "sort_code_bank"},
	} {
		t.Run(name, func(t *testing.T) {
			space := strings.LastIndex(test.bank, " ")
			bank := Bank{Name: test.bank[:space], SortCode: test.bank[space+1:]}
			record := Personnel{Bank: bank, AcctNumber: test.acct, PhoneNumber: test.phone}
			if got := Join(record.FailedChecks(), " "); got != test.want {
				t.Errorf("%+v fails %q, want %q", record, got, test.want)
			}
		})
	}
}

// The table is whole: every row has a name and a sort code of nine digits, no name
// or bank code is there twice, and the codes are of three digits.
func TestTableOfBanks(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(banksCSV), "\n")
	if len(banks) != len(lines)-1 || len(bankOfCode) != len(banks) {
		t.Errorf("%d lines hold %d banks with %d codes", len(lines), len(banks), len(bankOfCode))
	}
	for name, bank := range banks {
		if name == "" || !isDigits(bank.sortCode, sortCodeDigits) {
			t.Errorf("%q has the sort code %q", name, bank.sortCode)
		}
		for _, code := range bank.codes {
			if !isDigits(code, bankCodeDigits) {
				t.Errorf("%q has the code %q", name, code)
			}
		}
	}
}

func TestCodeOfBank(t *testing.T) {
	for bank, want := range map[Bank]string{
		{"Zenith Bank PLC", ""}: "057", {"ZENITH BANK PLC", "058152052"}: "057", {"Village Bank", "057080013"}: "057",
		{"Village Bank", "999150001"}: "999", {"Village Bank", "99915000"}: "", {"Village Bank", ""}: "", {"", ""}: "",
	} {
		if got := bank.Code(); got != want {
			t.Errorf("%+v has the code %q, want %q", bank, got, want)
		}
	}
}

func TestChecksAreAllThereAre(t *testing.T) {
	if got := len(Checks); got != 10 {
		t.Errorf("%d checks are listed", got)
	}
	for check := range OwnChecks {
		if !slices.Contains(Checks, check) {
			t.Errorf("%s is no check", check)
		}
	}
}

// FuzzNUBAN types numbers wrong. One digit that is wrong is always found where
// there is one code to fit. Where there are two, of the ten digits that a place may
// have, one passes for the second code. Two neighbours that are swapped are found
// as often as their weights allow.
func FuzzNUBAN(f *testing.F) {
	f.Add(uint64(123456789), uint8(0), uint8(1))
	f.Add(uint64(0), uint8(9), uint8(9))
	f.Add(uint64(616161616), uint8(3), uint8(5))
	f.Fuzz(func(t *testing.T, serial uint64, place, change uint8) {
		first, second := "063", "044"
		number := numbered(first, serial)
		changed := []byte(number)
		at, by := int(place%acctDigits), 1+change%9
		changed[at] = '0' + (changed[at]-'0'+by)%10
		if isNUBAN(first, string(changed)) {
			t.Errorf("%s passes for %s", changed, number)
		}
		checkTypos(t, number, []string{first}, 0)
		checkTypos(t, number, []string{first, second}, 10)
		checkSwap(t, first, number, at%(acctDigits-1))
	})
}

// numbered is the account number with that serial number at the bank with the code.
func numbered(code string, serial uint64) string {
	for digit := range 10 {
		if number := fmt.Sprintf("%09d%d", serial%1e9, digit); isNUBAN(code, number) {
			return number
		}
	}
	return ""
}

// checkTypos types each digit of the number as each other one: so many of these
// ninety numbers may pass at most.
func checkTypos(t *testing.T, number string, codes []string, most int) {
	t.Helper()
	passed := 0
	for at := range number {
		for digit := byte('0'); digit <= '9'; digit++ {
			typed := number[:at] + string(digit) + number[at+1:]
			if typed != number && slices.ContainsFunc(codes, func(code string) bool { return isNUBAN(code, typed) }) {
				passed++
			}
		}
	}
	if passed > most {
		t.Errorf("%d of 90 numbers that differ from %s in one digit pass at %v", passed, number, codes)
	}
}

// checkSwap swaps two neighbours. The last digit stands for the sum of the others,
// so its weight is one.
func checkSwap(t *testing.T, code, number string, at int) {
	t.Helper()
	weights := []int{3, 7, 3, 3, 7, 3, 3, 7, 3, 1}
	swapped := []byte(number)
	swapped[at], swapped[at+1] = swapped[at+1], swapped[at]
	difference := (weights[at] - weights[at+1]) * (int(number[at]) - int(number[at+1]))
	if passes := isNUBAN(code, string(swapped)); passes != (difference%10 == 0) {
		t.Errorf("%s with digits %d and %d swapped passes: %v", number, at, at+1, passes)
	}
}
