package office

import (
	"slices"
	"time"
)

// Action is what a change did to a record.
type Action string

const (
	ActionCreated  Action = "created"
	ActionUpdated  Action = "updated"
	ActionMoved    Action = "moved" // to another database, perhaps with other changes
	ActionDeleted  Action = "deleted"
	ActionRestored Action = "restored"
)

// Author is who made a change. It is a copy, so that it outlives the user.
type Author struct {
	ID         ID     `json:"id,omitzero"`
	ArmyNumber string `json:"army_number,omitempty"`
	Name       string `json:"name,omitempty"`
}

// ByImport is the author of the entries of imported records.
var ByImport = Author{Name: "import"}

// Entry is the trace of one change of a record.
type Entry struct {
	Revision int       `json:"revision"` // of the record after the change
	At       time.Time `json:"at"`
	Action   Action    `json:"action"`
	By       Author    `json:"by"`
	Changes  []Change  `json:"changes"` // never nil; empty when no field changed
	DBID     ID        `json:"-"`       // where the record was after the change
}

// Change is the change of one field. A missing value is empty.
type Change struct {
	Field string `json:"field"` // as in the API: bank.sort_code
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// Edit says who changes records, when, and which revisions.
type Edit struct {
	By      Author
	At      time.Time
	IfMatch []int // the revisions that may be changed; nil means any
}

// Matches tells whether the edit may change this revision.
func (e Edit) Matches(revision int) bool {
	return e.IfMatch == nil || slices.Contains(e.IfMatch, revision)
}

// Create returns the entry for a new record.
func (e Edit) Create(record Personnel) Entry {
	return Entry{Revision: record.Revision, At: e.At, Action: ActionCreated, By: e.By, Changes: []Change{}, DBID: record.DBID}
}

// Patch returns the patched record and the entry for that: the zero entry if nothing changes.
func (e Edit) Patch(was Personnel, patch PersonnelPatch) (Personnel, Entry) {
	is := was
	patch.Apply(&is)
	changes, action := differences(was, is), ActionUpdated
	if len(changes) == 0 {
		return was, Entry{}
	}
	if slices.ContainsFunc(changes, func(c Change) bool { return c.IsOf(FieldBank) }) {
		is.BankChangedAt = e.At
	}
	if is.DBID != was.DBID {
		action = ActionMoved
	}
	return e.change(is, action, changes)
}

// Delete returns the record as a deleted one, and the entry for that.
func (e Edit) Delete(record Personnel) (Personnel, Entry) {
	record.IsDeleted, record.DeletedAt = true, e.At
	return e.change(record, ActionDeleted, []Change{})
}

// Restore returns a deleted record as a live one, and the entry for that.
func (e Edit) Restore(record Personnel) (Personnel, Entry) {
	record.IsDeleted, record.DeletedAt = false, time.Time{}
	return e.change(record, ActionRestored, []Change{})
}

func (e Edit) change(is Personnel, action Action, changes []Change) (Personnel, Entry) {
	is.Revision++
	is.UpdatedAt = e.At
	return is, Entry{Revision: is.Revision, At: e.At, Action: action, By: e.By, Changes: changes, DBID: is.DBID}
}

// FieldBank stands for all fields that say where a person's pay goes.
const FieldBank = "bank"

// IsOf tells whether the change is of the field or, with FieldBank, of one that this stands for.
func (c Change) IsOf(field string) bool {
	return c.Field == field || field == FieldBank && slices.Contains([]string{"bank.name", "bank.sort_code", "acct_number"}, c.Field)
}

// Fields are the values of a record (as To) by the names and in the order of the API.
func (p Personnel) Fields() []Change {
	return []Change{
		{Field: "first_name", To: p.FirstName}, {Field: "last_name", To: p.LastName}, {Field: "middle_name", To: p.MiddleName},
		{Field: "army_number", To: p.ArmyNumber}, {Field: "phone_number", To: p.PhoneNumber}, {Field: "rank", To: p.Rank},
		{Field: "bank.name", To: p.Bank.Name}, {Field: "bank.sort_code", To: p.Bank.SortCode}, {Field: "acct_number", To: p.AcctNumber},
		{Field: "sub_sector", To: p.SubSector}, {Field: "location", To: p.Location}, {Field: "remark", To: p.Remark},
		{Field: "db_id", To: p.DBID.Hex()}, {Field: "status", To: string(p.Status)},
	}
}

func differences(was, is Personnel) (changes []Change) {
	before := was.Fields()
	for i, field := range is.Fields() {
		if field.From = before[i].To; field.From != field.To {
			changes = append(changes, field)
		}
	}
	return changes
}

// MaxEntries is how many entries of a record are kept: the first and the newest ones. Even if
// each changes every field, they take 9 MB at most, of MongoDB's 16 MB for a document.
const MaxEntries = 500

// History is the entries of a record, oldest first.
type History []Entry

// Kept returns the entries that are kept.
func (h History) Kept() History {
	if len(h) <= MaxEntries {
		return h
	}
	return append(h[:1:1], h[len(h)-MaxEntries+1:]...)
}

// IsTruncated tells whether entries after the first one have been dropped.
func (h History) IsTruncated() bool { return len(h) > 1 && h[1].Revision > h[0].Revision+1 }

// VisibleTo returns what a caller with that scope may see: nothing from before the last
// move out of a database outside the scope, and of that move only the new values.
func (h History) VisibleTo(scope Scope) History {
	visible := slices.Clone(h)
	for i := len(h) - 1; i >= 0; i-- {
		if !scope.Allows(h[i].DBID) {
			return visible[i+1:]
		}
		move := slices.IndexFunc(h[i].Changes, func(c Change) bool { return c.Field == "db_id" })
		if move < 0 {
			continue
		}
		if from, _ := ParseID(h[i].Changes[move].From); !scope.Allows(from) {
			visible[i].Changes = Convert(h[i].Changes, func(c Change) Change { return Change{Field: c.Field, To: c.To} })
			return visible[i:]
		}
	}
	return visible
}

// RecordWithHistory is a record with its history.
type RecordWithHistory struct {
	Personnel
	History History
}

// DeletedBy returns who deleted the record; nobody if it is live.
func (r RecordWithHistory) DeletedBy() Author {
	if n := len(r.History); r.IsDeleted && n > 0 && r.History[n-1].Action == ActionDeleted {
		return r.History[n-1].By
	}
	return Author{}
}
