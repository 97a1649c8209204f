package personnel

import (
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
