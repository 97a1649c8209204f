package document

import (
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// References are the databases to which documents may refer.
type References struct {
	exist map[office.ID]bool
	codes map[string]office.ID // by folded short code; the zero id if several have it
}

// ReferencesTo returns references to these databases.
func ReferencesTo(dbs []office.DB) *References {
	refs := &References{map[office.ID]bool{}, map[string]office.ID{}}
	for _, db := range dbs {
		code := office.Fold(db.ShortCode)
		_, isTaken := refs.codes[code]
		refs.exist[db.ID], refs.codes[code] = true, db.ID
		if isTaken || code == "" { // it names no single database
			refs.codes[code] = office.ID{}
		}
	}
	return refs
}

// Read reads a document. With nil references, all databases count as existing. A db_id that names
// none becomes the zero id, an unknown role user. A deleted record may lack its time of deletion.
func Read[T Content](raw bson.Raw, refs *References) (value T, findings Findings) {
	r := newReader(raw, refs)
	switch to := any(&value).(type) {
	case *office.User:
		*to = r.user()
	case *office.DB:
		*to = r.database()
	case *office.Personnel:
		*to = r.record()
	case *office.RecordWithHistory:
		to.Personnel = r.record()
		to.History = readHistory(raw, to.Personnel)
	}
	return value, r.Findings
}

func (r *reader) user() office.User {
	u := office.User{
		FirstName:    r.required("first_name", office.Name),
		LastName:     r.required("last_name", office.Name),
		ArmyNumber:   r.required("army_number", office.Code),
		Role:         r.role("role"),
		PasswordHash: r.hash("password_hash"),
		AllowedDBs:   r.references("allowed_dbs"),
		ReadOnly:     !isMissing(r.value("read_only")) && r.flag("read_only"),
		IsGenerated:  r.flag("is_generated"),
		Session:      r.whole("session"),
		KeptToken:    r.optional("kept_token", office.Note),
	}
	u.ID, u.CreatedAt = r.identity()
	return u
}

func (r *reader) database() office.DB {
	db := office.DB{
		Name:        r.required("name", office.Name),
		ShortCode:   r.required("short_code", office.Code),
		Description: r.optional("description", office.Note),
	}
	db.ID, db.CreatedAt = r.identity()
	return db
}

func (r *reader) record() office.Personnel {
	p := office.Personnel{
		FirstName:     r.required("first_name", office.Name),
		LastName:      r.required("last_name", office.Name),
		MiddleName:    r.optional("middle_name", office.Name),
		ArmyNumber:    r.required("army_number", office.Code),
		PhoneNumber:   r.required("phone_number", office.Code),
		Rank:          r.required("rank", office.Name),
		Bank:          r.bank("bank"),
		AcctNumber:    r.required("acct_number", office.Code),
		SubSector:     r.required("sub_sector", office.Name),
		Location:      r.optional("location", office.Name),
		Remark:        r.optional("remark", office.Note),
		DBID:          r.db("db_id"),
		Status:        r.status("status"),
		IsDeleted:     r.flag("isDeleted"),
		UpdatedAt:     r.time("updated_at"),
		Revision:      r.revision("revision"),
		BankChangedAt: r.time("bank_changed_at"),
	}
	if at := r.time("deleted_at"); p.IsDeleted {
		p.DeletedAt = at
	}
	p.ID, p.CreatedAt = r.identity()
	return p
}

// revision is 1 in a record from before there were revisions.
func (r *reader) revision(field string) int {
	v := r.value(field)
	if n, _ := wholeNumber(v); n > 0 {
		return int(n)
	}
	if !isMissing(v) {
		r.note(field, "is not a revision: taken as 1")
	}
	return 1
}

// role is admin only for exactly that text: nobody becomes one by a text that looks like it.
func (r *reader) role(field string) office.Role {
	text, _ := r.value(field).StringValueOK()
	role := office.Role(text)
	if !slices.Contains(office.Roles, role) {
		r.note(field, "is not a known role: taken as user")
		return office.RoleUser
	}
	return role
}

// status accepts any letter case, and blanks around it: somebody who is absent must not
// become active. A missing or unknown status is active.
func (r *reader) status(field string) office.Status {
	v := r.value(field)
	kept := r.text(field, v, office.Name)
	status := office.Status(strings.ToLower(kept))
	switch {
	case isMissing(v):
		r.note(field, "is missing: taken as active")
		return office.StatusActive
	case !status.Valid():
		r.note(field, "is not a known status: taken as active")
		return office.StatusActive
	case string(status) != kept:
		r.note(field, "is written in another letter case: taken all the same")
	}
	return status
}

// hash accepts a text, or its bytes.
func (r *reader) hash(field string) string {
	if _, bytes, ok := r.value(field).BinaryOK(); ok && !slices.ContainsFunc(bytes, func(b byte) bool { return b <= ' ' || b > '~' }) {
		r.note(field, "is kept as bytes: taken as text")
		return string(bytes)
	}
	return r.required(field, office.Note)
}

// bank also accepts a text: the oldest records have only the bank's name.
func (r *reader) bank(field string) office.Bank {
	v := r.value(field)
	if nested, ok := v.DocumentOK(); ok {
		b := newReader(nested, nil)
		b.prefix = field + "."
		read := office.Bank{Name: b.required("name", office.Name), SortCode: b.optional("sort_code", office.Code)}
		r.Notes, r.Problems = append(r.Notes, b.Notes...), append(r.Problems, b.Problems...)
		return read
	}
	if v.Type == bson.TypeString {
		r.note(field, "is the bank's name alone: kept without a sort code")
	}
	return office.Bank{Name: r.required(field, office.Name)}
}

func (r *reader) db(field string) office.ID {
	id, ok := r.reference(field, r.value(field))
	switch {
	case !ok:
		r.note(field, "names no database: kept, and shown to admins only")
	case r.refs != nil && !r.refs.exist[id]:
		r.note(field, "names a database that is gone: kept, and shown to admins only")
	}
	return id
}

// references reads a list of databases, never nil, without those that no longer exist.
func (r *reader) references(field string) []office.ID {
	v, ids := r.value(field), []office.ID{}
	list, ok := v.ArrayOK()
	values, err := list.Values()
	switch {
	case ok && err == nil:
	case isMissing(v):
		r.note(field, "is missing: taken as none")
	case v.Type == bson.TypeString || v.Type == bson.TypeObjectID:
		r.note(field, "is a single id: taken as a list")
		values = []bson.RawValue{v}
	default:
		r.problem(field, "is not a list of ids")
	}
	for _, value := range values {
		id, ok := r.reference(field, value)
		if !ok || r.refs != nil && !r.refs.exist[id] {
			r.note(field, "names a database that is gone: removed")
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

// reference reads the id of a database, or its short code. The zero id stands for no database.
func (r *reader) reference(field string, v bson.RawValue) (office.ID, bool) {
	if id, ok := v.ObjectIDOK(); ok {
		r.note(field, "is an ObjectId: taken as its hex digits")
		return id, true
	}
	text, _ := v.StringValueOK()
	id, err := parseID(text)
	switch {
	case err == nil && id.Hex() != text:
		r.note(field, "is written with blanks or capitals: taken without")
	case err != nil && r.refs != nil:
		code, _ := office.Code.Parse(text)
		if id = r.refs.codes[office.Fold(code)]; !id.IsZero() {
			r.note(field, "is a short code: taken as the id of its database")
			err = nil
		}
	}
	return id, err == nil
}

// identity reads the id of a document and the time of its creation. If that is missing,
// it is taken from the id, which has it in seconds. If the id is missing, one is made
// from the document, so that it is the same whenever the document is read.
func (r *reader) identity() (office.ID, time.Time) {
	id, created := r.id("_id"), r.time("created_at")
	if id.IsZero() {
		r.note("_id", "is missing or not an ObjectId: one is made")
		id = madeID(r.raw, created)
	}
	if created.IsZero() {
		r.note("created_at", "is missing: taken from the id")
		created = id.Timestamp().UTC()
	}
	return id, created
}
