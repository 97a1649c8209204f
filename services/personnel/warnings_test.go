package personnel

import (
	"encoding/json"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func TestRefuseKeepsTheRest(t *testing.T) {
	var u upload
	for i, number := range []string{"a", "b", "c", "d"} {
		u.created = append(u.created, checkedRecord{index: []int{0, 2, 3, 7}[i], record: office.Personnel{ArmyNumber: number}})
	}
	if left := u.refuse(u.created, []int{2, 0}, errTaken); len(left) != 2 || left[0].record.ArmyNumber != "b" || left[1].record.ArmyNumber != "d" || left[0].index != 2 || left[1].index != 7 {
		t.Errorf("left are %+v", left)
	}
}

// A record warns of the fields that are new alone.
func TestOwnWarnings(t *testing.T) {
	record := office.Personnel{
		Bank: office.Bank{Name: "ZENITH BANK PLC", SortCode: "058152052"}, AcctNumber: "1234567892", PhoneNumber: "08030000000",
	}
	for fields, want := range map[string]string{
		"acct_number bank.name status": "bank.sort_code sort_code_bank, acct_number acct_check_digit",
		"acct_number":                  "acct_number acct_check_digit",
		"bank.name":                    "bank.sort_code sort_code_bank, acct_number acct_check_digit",
		"phone_number":                 "acct_number acct_check_digit",
		"status army_number rank":      "",
		"":                             "",
	} {
		var got []string
		for _, w := range (checkedRecord{record: record, fields: strings.Fields(fields)}).ownWarnings() {
			got = append(got, w.Field+" "+string(w.Check))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %q, want %q", fields, got, want)
		}
	}
	officetest.Equal(t, "the warnings of a new record", len(checkedRecord{record: record}.ownWarnings()), 2)
	const inContract = "the account number does not fit ZENITH BANK PLC"
	if got := ownMessage(office.AcctCheckDigit, record); got != inContract {
		t.Errorf("got %q, want %q", got, inContract)
	}
}

func TestRecordWithWarningsOnTheWire(t *testing.T) {
	w := recordWith{office.Personnel{FirstName: "Ada"}, map[string]any{"warnings": []warning{{"acct_number", office.AcctFormat, `is "odd"`}}}}
	body, err := w.AppendJSON(nil)
	var got struct {
		FirstName string `json:"first_name"`
		Warnings  []struct{ Field, Code, Message string }
	}
	if err != nil || json.Unmarshal(body, &got) != nil || got.FirstName != "Ada" || len(got.Warnings) != 1 || got.Warnings[0].Message != `is "odd"` {
		t.Errorf("%s, %v", body, err)
	}
}
