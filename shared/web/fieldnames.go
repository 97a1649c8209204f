package web

// fieldNames are all fields of bodies, paths and queries in plain English, because the
// frontend shows messages to the clerk who filled in the form.
var fieldNames = map[string]string{
	"body": "the upload",
	"row":  "the row",
	"file": "the file",

	"format":  "the format",
	"bom":     "the byte order mark",
	"mode":    "the mode",
	"dry_run": "the trial",

	"id":       "the id",
	"page":     "the page",
	"limit":    "the limit",
	"search":   "the search text",
	"filter":   "the filter",
	"by":       "the field to count by",
	"months":   "the number of months",
	"since":    "the start",
	"until":    "the end",
	"field":    "the field",
	"code":     "the code of the check",
	"role":     "the role",
	"password": "the password",

	"old_password": "the old password",
	"new_password": "the new password",
	"user_id":      "the user",
	"allowed_dbs":  "the list of databases",
	"read_only":    "the mark as read-only",

	"name":        "the name",
	"short_code":  "the short code",
	"description": "the description",

	"first_name":     "the first name",
	"last_name":      "the last name",
	"middle_name":    "the middle name",
	"army_number":    "the army number",
	"phone_number":   "the phone number",
	"rank":           "the rank",
	"bank":           "the bank",
	"bank.name":      "the bank's name",
	"bank.sort_code": "the bank's sort code",
	"acct_number":    "the account number",
	"sub_sector":     "the sub-sector",
	"location":       "the location",
	"remark":         "the remark",
	"db_id":          "the database",
	"status":         "the status",
	"personnels_id":  "the list of records",
}
