package web

import (
	"cmp"
	"strings"
)

// fieldNames are for fields whose own names are not what a clerk would say.
var fieldNames = map[string]string{
	"body":          "the upload",
	"bom":           "the byte order mark",
	"dry_run":       "the trial",
	"search":        "the search text",
	"by":            "the field to count by",
	"months":        "the number of months",
	"since":         "the start",
	"until":         "the end",
	"code":          "the code of the check",
	"user_id":       "the user",
	"allowed_dbs":   "the list of databases",
	"read_only":     "the mark as read-only",
	"acct_number":   "the account number",
	"sub_sector":    "the sub-sector",
	"db_id":         "the database",
	"personnels_id": "the list of records",
}

var inWords = strings.NewReplacer("_", " ", ".", "'s ")

// fieldName is a field in plain English, such as the bank's sort code, because the
// frontend shows messages to the clerk who filled in the form.
func fieldName(field string) string {
	return cmp.Or(fieldNames[field], "the "+inWords.Replace(field))
}
