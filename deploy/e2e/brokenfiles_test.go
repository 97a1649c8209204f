package e2e

import (
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// replaced is a file of one row in which a text stands for another.
func replaced(old, with string) string { return strings.Replace(fileOf(line("A1")), old, with, 1) }

// cell is a file of one row with a cell in the place of a name.
func cell(text string) string { return replaced("Ada", text) }

// account is a file of one row with that account number.
func account(text string) string {
	return fileOf("A1,Sgt,Ada,,Obi,08031234567,ECOBANK PLC," + text + ",050150311,HQ,Kano,")
}

// status is a file of one row with that status.
func status(text string) string { return titles + ",Status\n" + line("A1") + "," + text + "\n" }

const (
	noHeader = "with commas, semicolons or tabs between them, are Army Number, Rank"
	notText  = "is not text, or UTF-16 without its mark: save it as CSV UTF-8"
	quotes   = `a quote (") opens or closes a cell, and is written twice inside one`
	control  = "the first name must not contain control characters"
	retype   = "Format the column as text, and type the number again"
)

// brokenFiles add nothing, and the answer to each says what to do.
var brokenFiles = map[string]struct{ file, says string }{
	"nothing":                    {" ", noHeader},
	"blank lines":                {"\n \r\n,,\n", noHeader},
	"a mark alone":               {"\uFEFF", noHeader},
	"a UTF-16 mark alone":        {"\xFF\xFE", noHeader},
	"half a UTF-16 character":    {"\xFF\xFEA", "save it again as CSV UTF-8"},
	"UTF-16 without a mark":      {"A\x00r\x00m\x00y\x00", notText},
	"UTF-32":                     {"\xFF\xFE\x00\x00A\x00\x00\x00", notText},
	"UTF-8 that is none":         {"\uFEFF" + cell("Zo\xE9"), "save it again as CSV UTF-8"},
	"EBCDIC":                     {"\xC1\x99\x94\xA8\x40\xD5\xA4\x94\x82\x85\x99", noHeader},
	"a workbook":                 {"PK\x03\x04\x14\x00", "save it as CSV"},
	"an old workbook":            {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "save it as CSV"},
	"a workbook in XML":          {`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, noHeader},
	"a PDF":                      {"%PDF-1.7\n1 0 obj\n", noHeader},
	"a picture":                  {"\x89PNG\r\n\x1a\n\x00\x00\x00", notText},
	"an archive":                 {"\x1F\x8B\x08\x00\x00\x00", notText},
	"a web page":                 {"<html><table><tr><td>Army Number</td></tr></table>", noHeader},
	"JSON":                       {`[{"army_number":"A1","rank":"Sgt"}]`, noHeader},
	"no header":                  {line("A1") + "\n" + line("A2") + "\n", noHeader},
	"a header far down":          {strings.Repeat("x\n", 20) + fileOf(line("A1")), noHeader},
	"a header alone":             {fileOf(), "has no row below its header"},
	"a header and blank rows":    {fileOf("", ",,,", " "), "has no row below its header"},
	"half a header":              {titles[:30] + "\n" + line("A1"), "lacks columns: Last Name, Phone Number"},
	"another title":              {replaced("Rank", "Ranks"), "lacks columns: Rank"},
	"a column twice":             {titles + ",RANK\n" + line("A1"), "has the column Rank twice"},
	"bars between cells":         {strings.ReplaceAll(fileOf(line("A1")), ",", "|"), noHeader},
	"blanks between cells":       {strings.ReplaceAll(fileOf(line("A1")), ",", "  "), noHeader},
	"another delimiter in rows":  {titles + "\n" + strings.ReplaceAll(line("A1"), ",", ";"), "the first name is required"},
	"an open quote":              {fileOf(line("A1"), `A2,"Sgt`), "from line 3 on: " + quotes},
	"a quote within":             {cell(`A "B" C`), "from line 2 on: " + quotes},
	"something after a quote":    {cell(`"Ada"x`), quotes},
	"a backslash before a quote": {cell(`"Ada \"A\""`), quotes},
	"too many rows":              {fileOf(strings.Repeat(line("A")+"\n", 10001)), "at most 10000 rows: send the rest in another call"},
	"a row cut off":              {fileOf("A1,Sgt"), "A1, in row 2: the first name is required"},
	"a cell too many":            {fileOf(line("A1") + ",more"), "needs quotes around it"},
	"a comma in a name":          {replaced("ECOBANK PLC", "ECOBANK, PLC"), "the account number must be 10 digits"},
	"a cell far right":           {fileOf(strings.Repeat(",", 30) + "x"), "has more cells than the header"},
	"no army number":             {fileOf(line("")), "row 2: the army number is required"},
	"no sort code":               {replaced("050150311", " "), "the bank's sort code is required"},
	"a row that nobody sees":     {fileOf("\u200b"), "row 2: the first name is required"},
	"a shortened account":        {account("8.11864E+09"), "is in scientific notation: Excel shortened it. " + retype},
	"one of a German Excel":      {account(`"8,11864E+09"`), "is in scientific notation"},
	"an account as an amount":    {account("8118638423.00"), "has decimals: a program took it for an amount. " + retype},
	"an account without a zero":  {account("123456789"), "Excel may have dropped zeros at the front. " + retype},
	"a digit too many":           {account("01234567890"), "must be 10 digits. " + retype},
	"a letter in an account":     {account("O123456789"), "must be 10 digits"},
	"blanks in an account":       {account("0123 456 789"), "must be 10 digits"},
	"an account as a formula":    {account(`"=""0123456789"""`), "must be 10 digits"},
	"an account too wide":        {account("##########"), "must be 10 digits"},
	"a sort code without a zero": {replaced("050150311", "50150311"), "must be 9 digits: Excel may have dropped zeros"},
	"dashes in a sort code":      {replaced("050150311", "05-015-031"), "must be 9 digits"},
	"a shortened phone":          {replaced("08031234567", "8.03E+09"), "the phone number is in scientific notation"},
	"a phone as an amount":       {replaced("08031234567", "8031234567.0"), "the phone number has decimals"},
	"a shortened army number":    {fileOf(line("1E+05")), "the army number is in scientific notation"},
	"another status":             {status("retired"), "must be one of active, inactive"},
	"a status in capitals":       {status("ACTIVE"), "must be one of active, inactive"},
	"a bell":                     {cell("A\ada"), control},
	"a tab in a cell":            {cell("\"A\tda\""), control},
	"a line break in a cell":     {cell("\"A\nda\""), control},
	"no letter of Windows":       {cell("Zo\x81"), control},
	"a long name":                {cell(strings.Repeat("x", 101)), "at most 100 characters"},
	"a long remark":              {strings.TrimSuffix(fileOf(line("A1")), "\r\n") + strings.Repeat("x", 1001), "at most 1000 characters"},
	"a letter that is lost":      {cell("Jos\uFFFD"), "save the file as UTF-8"},
	"rows that are all bad":      {fileOf(line(""), "A2,Sgt"), "0 were added, 2 failed. The first is row 2"},
}

func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for name, c := range brokenFiles {
		t.Run(name, func(t *testing.T) {
			for _, query := range []string{"&dry_run=true", "", "&mode=upsert"} {
				res := sendFile(admin(t).in(t), db.ID, query, c.file, nil)
				refused := res.Status == 400
				if strings.Contains(query, "dry_run") && res.Status == 200 { // of a file that can be read
					done := dataOf[client.Upload](t, res)
					refused = done.Inserted+done.Updated == 0 && len(done.Failed) > 0
				}
				if saysIt := strings.Contains(res.Message, c.says); !refused || !saysIt && !strings.Contains(query, "upsert") { // which needs fewer columns
					t.Errorf("%q: %d %s, want %q", query, res.Status, res.Message, c.says)
				}
			}
		})
	}
	wantTotal(t, db.ID, 0)
}
