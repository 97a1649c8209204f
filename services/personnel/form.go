package personnel

import (
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// readRecord takes a whole record.
func readRecord(f *web.Form) office.PersonnelPatch { return readPatch(f, (*web.Form).Required) }

// readChange takes a change. Its sort code may be empty, as that of some records
// is; see service.dropEmptySortCode.
func readChange(f *web.Form) office.PersonnelPatch { return readPatch(f, (*web.Form).Optional) }

func readPatch(f *web.Form, sortCode func(f *web.Form, name string, limit int) *string) office.PersonnelPatch {
	patch := office.PersonnelPatch{
		FirstName:   f.Required("first_name", office.MaxName),
		LastName:    f.Required("last_name", office.MaxName),
		MiddleName:  f.Optional("middle_name", office.MaxName),
		ArmyNumber:  f.Required("army_number", office.MaxName),
		PhoneNumber: f.Required("phone_number", office.MaxName),
		Rank:        f.Required("rank", office.MaxName),
		AcctNumber:  f.Required("acct_number", office.MaxName),
		SubSector:   f.Required("sub_sector", office.MaxName),
		Location:    f.Optional("location", office.MaxName),
		Remark:      f.Optional("remark", office.MaxNote),
		DBID:        f.ID("db_id"),
		Status:      readStatus(f),
	}
	if bank := f.Nested("bank"); bank != nil {
		patch.BankName = bank.Required("name", office.MaxName)
		patch.BankSortCode = sortCode(bank, "sort_code", office.MaxName)
	}
	return patch
}

// readStatus takes the status. Nil means that none was given: a person always
// has one, so there is none to clear.
func readStatus(f *web.Form) *office.Status {
	text := f.Optional("status", office.MaxName)
	if text == nil || *text == "" {
		return nil
	}
	status := office.Status(*text)
	if !status.Valid() {
		f.Refuse("status", "must be one of "+office.StatusList())
		return nil
	}
	return &status
}
