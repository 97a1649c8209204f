package personnel

import (
	"fmt"
	"regexp"
	"strings"

	"officepay.example/services/personnel/sheet"
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

func readRecord(f *web.Form) office.PersonnelPatch { return readPatch(f, (*web.Form).Required) }

// readChange reads a change. Its sort code may be empty, as it is in some records; see
// service.checkPatch.
func readChange(f *web.Form) office.PersonnelPatch { return readPatch(f, (*web.Form).Optional) }

func readPatch(f *web.Form, sortCode func(f *web.Form, name string, kind office.TextKind) *string) office.PersonnelPatch {
	patch := office.PersonnelPatch{
		FirstName:   f.Required("first_name", office.Name),
		LastName:    f.Required("last_name", office.Name),
		MiddleName:  f.Optional("middle_name", office.Name),
		ArmyNumber:  f.Required("army_number", office.Code),
		PhoneNumber: f.Required("phone_number", office.Code),
		Rank:        f.Required("rank", office.Name),
		AcctNumber:  f.Required("acct_number", office.Code),
		SubSector:   f.Required("sub_sector", office.Name),
		Location:    f.Optional("location", office.Name),
		Remark:      f.Optional("remark", office.Note),
		DBID:        f.ID("db_id"),
		Status:      web.Choice(f, "status", office.Statuses, "must be one of "+office.Join(office.Statuses, ", ")),
	}
	if bank := f.Nested("bank"); bank != nil {
		patch.BankName = bank.Required("name", office.Name)
		patch.BankSortCode = sortCode(bank, "sort_code", office.Code)
	}
	return patch
}

// digits is how many digits each number must have; 0 means that it may have other characters.
var digits = map[string]int{"army_number": 0, "phone_number": 0, "acct_number": 10, "bank.sort_code": 9}

var (
	scientific = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+$`)
	amount     = regexp.MustCompile(`^[0-9]+[.,]0+$`)
	notDigit   = regexp.MustCompile(`[^0-9]`)
)

// formOf is a row as the form of a record in JSON, without its blank cells. It refuses
// numbers that a spreadsheet program may have altered, and corrects nothing: only somebody
// who has the paper knows what the number was.
func formOf(row sheet.Row, db office.ID, mode web.Mode) *web.Form {
	object, bank := map[string]any{"db_id": db.Hex()}, map[string]any{}
	f := web.NewForm(object, mode)
	if row.Extra {
		f.Refuse("row", "has more cells than the header: a cell with a delimiter in it needs quotes around it")
	}
	for i, column := range sheet.Columns {
		cell := row.Values[i]
		visible, err := office.Code.Parse(cell)
		if visible == "" && err == nil {
			continue
		}
		if name, isOfBank := strings.CutPrefix(column.Field, "bank."); isOfBank {
			bank[name], object["bank"] = cell, bank
		} else {
			object[column.Field] = cell
		}
		if count, isNumber := digits[column.Field]; isNumber {
			if fault := faultOf(visible, count); fault != "" {
				f.Refuse(column.Field, fault+". Format the column as text, and type the number again")
			}
		}
	}
	return f
}

// faultOf is what is wrong with a number that should have so many digits; empty if nothing is.
func faultOf(number string, count int) string {
	isAllDigits := !notDigit.MatchString(number)
	switch {
	case scientific.MatchString(number):
		return "is in scientific notation: Excel shortened it"
	case amount.MatchString(number):
		return "has decimals: a program took it for an amount"
	case count == 0 || number == "" || isAllDigits && len(number) == count:
		return ""
	case isAllDigits && len(number) < count:
		return fmt.Sprintf("must be %d digits: Excel may have dropped zeros at the front", count)
	}
	return fmt.Sprintf("must be %d digits", count)
}
