package personnel

import (
	"reflect"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

var dbA, dbB = office.ID{0x0A}, office.ID{0x0B}

func decode[T any](body string, mode web.Mode, read func(*web.Form) T) (T, error) {
	return web.Decode(&web.Request{Body: []byte(body)}, mode, read)
}

// row is a record as a client sends it, with each pair of texts replaced.
func row(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(`{"first_name":"Musa","last_name":"Ibrahim","army_number":"N/1",` +
		`"phone_number":"080","rank":"Sgt","bank":{"name":"First","sort_code":"011"},"acct_number":"12",` +
		`"sub_sector":"East","db_id":"` + dbA.Hex() + `"}`)
}

// least is the record of a row, and with adds to it.
func least() office.Personnel {
	return office.Personnel{
		FirstName: "Musa", LastName: "Ibrahim", ArmyNumber: "N/1", PhoneNumber: "080", Rank: "Sgt",
		Bank: office.Bank{Name: "First", SortCode: "011"}, AcctNumber: "12", SubSector: "East",
		DBID: dbA, Status: office.StatusActive,
	}
}

func with(add func(*office.Personnel)) office.Personnel {
	record := least()
	add(&record)
	return record
}

func TestReadWholeRecord(t *testing.T) {
	cases := map[string]struct {
		body string
		want office.Personnel
	}{
		"the least": {row(), least()},
		"all": {
			row(`{"first`, `{"middle_name":" Aliyu ","location":"Jos","remark":"on leave","status":"awol","first`),
			with(func(p *office.Personnel) {
				p.MiddleName, p.Location, p.Remark, p.Status = "Aliyu", "Jos", "on leave", office.StatusAWOL
			}),
		},
		"empty texts mean not given": {row(`{"first`, `{"middle_name":"","location":" ","remark":null,"status":"","first`), least()},
		"no status is the standard":  {row(`{"first`, `{"status":null,"first`), least()},
		"trimmed":                    {row(`"Musa"`, `" Musa\n"`, `"011"`, `"\t011"`), least()},
		"protected fields are nothing": {
			row(`{"first`, `{"id":"`+dbB.Hex()+`","_id":1,"isDeleted":true,"created_at":"2020-01-01T00:00:00Z","updated_at":{},"deleted_at":1,"first`),
			least(),
		},
		"names but for letter case are nothing": {row(`{"first`, `{"STATUS":"awol","iſDeleted":true,"Remark":"x","first`), least()},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			patch, err := decode(test.body, web.Whole, readRecord)
			if err != nil {
				t.Fatal(err)
			}
			got := office.Personnel{Status: office.StatusActive}
			patch.Apply(&got)
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// Every field that is required, in a whole record and in a change: missing,
// null, blank.
func TestRequiredFields(t *testing.T) {
	fields := map[string]string{
		"first_name": `"Musa"`, "last_name": `"Ibrahim"`, "army_number": `"N/1"`, "phone_number": `"080"`,
		"rank": `"Sgt"`, "acct_number": `"12"`, "sub_sector": `"East"`, "db_id": `"` + dbA.Hex() + `"`,
		"bank.name": `"First"`, "bank.sort_code": `"011"`, "bank": `{"name":"First","sort_code":"011"}`,
	}
	for path, value := range fields {
		name := path[strings.Index(path, ".")+1:]
		field := `"` + name + `":` + value
		checkProblem(t, row(field, `"x":1`), web.Whole, says(path, "is required"))
		checkProblem(t, row(field, `"x":1`), web.Partial, "")
		for _, mode := range []web.Mode{web.Whole, web.Partial} {
			checkProblem(t, row(field, `"`+name+`":7`), mode, says(path, "must be "+kind(path)+", not a number"))
			if mode == web.Partial && name == "sort_code" {
				continue // some records have none
			}
			checkProblem(t, row(field, `"`+name+`":null`), mode, says(path, "is required"))
			if path != "bank" {
				checkProblem(t, row(field, `"`+name+`":" "`), mode, says(path, "must not be blank"))
			}
		}
	}
}

func says(field, problem string) string {
	return web.Invalid(field, problem).Message
}

func kind(path string) string {
	if path == "bank" {
		return "an object"
	}
	return "text"
}

func checkProblem(t *testing.T, body string, mode web.Mode, want string) {
	t.Helper()
	read := map[web.Mode]func(*web.Form) office.PersonnelPatch{web.Whole: readRecord, web.Partial: readChange}[mode]
	_, err := decode(body, mode, read)
	if (err != nil) != (want != "") || err != nil && err.Error() != want {
		t.Errorf("mode %d: %v, want %q: %s", mode, err, want, body)
	}
}

func TestRulesOfARecord(t *testing.T) {
	const statuses = "The status must be one of active, inactive, awol, death, rtu, posted, cse."
	name, note := strings.Repeat("é", 100), strings.Repeat("é", 1000)
	cases := map[string]struct{ body, problem string }{
		"name at the limit":    {`{"first_name":"` + name + `"}`, ""},
		"name too long":        {`{"first_name":"` + name + `é"}`, "The first name must be at most 100 characters."},
		"location too long":    {`{"location":"` + name + `é"}`, "The location must be at most 100 characters."},
		"remark at the limit":  {`{"remark":"` + note + `"}`, ""},
		"remark too long":      {`{"remark":"` + note + `é"}`, "The remark must be at most 1000 characters."},
		"control in a code":    {`{"bank":{"sort_code":"01\u00001"}}`, "The bank's sort code must not contain control characters such as line breaks or tabs."},
		"status unknown":       {`{"status":"retired"}`, statuses},
		"status in capitals":   {`{"status":"AWOL"}`, statuses},
		"status all":           {`{"status":"all"}`, statuses},
		"status a number":      {`{"status":1}`, "The status must be text, not a number."},
		"database no id":       {`{"db_id":"pay"}`, "The database must be an id of 24 hex digits."},
		"database an operator": {`{"db_id":{"$ne":null}}`, "The database must be text, not an object."},
		"bank a text":          {`{"bank":"First"}`, "The bank must be an object, not text."},
		"bank empty":           {`{"bank":{}}`, ""},
		"remark a list":        {`{"remark":["x"]}`, "The remark must be text, not an array."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) { checkProblem(t, test.body, web.Partial, test.problem) })
	}
}

// Promise 17: in a change, absent is left alone, and empty or null clears what
// is optional. A status cannot be cleared.
func TestReadChange(t *testing.T) {
	text := func(s string) *string { return &s }
	awol := office.StatusAWOL
	cases := map[string]struct {
		body string
		want office.PersonnelPatch
	}{
		"nothing":                 {`{}`, office.PersonnelPatch{}},
		"unknown alone":           {`{"x":1,"isDeleted":true}`, office.PersonnelPatch{}},
		"name":                    {`{"last_name":"Musa"}`, office.PersonnelPatch{LastName: text("Musa")}},
		"cleared by empty":        {`{"location":"","remark":" "}`, office.PersonnelPatch{Location: text(""), Remark: text("")}},
		"cleared by null":         {`{"middle_name":null,"remark":null}`, office.PersonnelPatch{MiddleName: text(""), Remark: text("")}},
		"status":                  {`{"status":" awol "}`, office.PersonnelPatch{Status: &awol}},
		"status empty or null":    {`{"status":""}`, office.PersonnelPatch{}},
		"status null":             {`{"status":null}`, office.PersonnelPatch{}},
		"half of the bank":        {`{"bank":{"sort_code":"022"}}`, office.PersonnelPatch{BankSortCode: text("022")}},
		"no sort code":            {`{"bank":{"name":"First","sort_code":""}}`, office.PersonnelPatch{BankName: text("First"), BankSortCode: text("")}},
		"to another database":     {`{"db_id":"` + strings.ToUpper(dbB.Hex()) + `"}`, office.PersonnelPatch{DBID: &dbB}},
		"protected id, malformed": {`{"id":"` + dbB.Hex() + `"}`, office.PersonnelPatch{}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decode(test.body, web.Partial, readChange)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
