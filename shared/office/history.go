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
	ActionMoved    Action = "moved" // to another database, whatever else changed with that
	ActionDeleted  Action = "deleted"
	ActionRestored Action = "restored"
)

// Author is who made a change, by value, so that it outlives the user.
type Author struct {
	ID         ID     `json:"id,omitzero"`
	ArmyNumber string `json:"army_number,omitempty"`
	Name       string `json:"name,omitempty"`
}

// ByImport is the author of what an import has brought in.
var ByImport = Author{Name: "import"}

// Entry is the trace of one change of a record.
type Entry struct {
	Revision int       `json:"revision"` // of the record after the change
	At       time.Time `json:"at"`
	Action   Action    `json:"action"`
	By       Author    `json:"by"`
	Changes  []Change  `json:"changes"` // never nil; none where no field has another value
	DBID     ID        `json:"-"`       // where the record was after the change
}

// Change is what became of one field. A value that was not there is empty.
type Change struct {
	Field string `json:"field"` // as in the API: bank.sort_code
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// Edit is who changes records, and when, and which revisions he has seen.
type Edit struct {
	By      Author
	At      time.Time
	IfMatch []int // the change is for one of these revisions; nil is any
}

// Matches tells whether the change is for this revision.
func (e Edit) Matches(revision int) bool {
	return e.IfMatch == nil || slices.Contains(e.IfMatch, revision)
}

// Create is the entry of a new record.
func (e Edit) Create(record Personnel) Entry {
	return Entry{Revision: record.Revision, At: e.At, Action: ActionCreated, By: e.By, Changes: []Change{}, DBID: record.DBID}
}

// Patch is the record with a patch, and the entry of that. Where the patch changes
// nothing, the record is as it was, and the entry is the zero one.
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

// Delete is the record as a deleted one, and the entry of that.
func (e Edit) Delete(record Personnel) (Personnel, Entry) {
	record.IsDeleted, record.DeletedAt = true, e.At
	return e.change(record, ActionDeleted, []Change{})
}

// Restore is a deleted record as a live one, and the entry of that.
func (e Edit) Restore(record Personnel) (Personnel, Entry) {
	record.IsDeleted, record.DeletedAt = false, time.Time{}
	return e.change(record, ActionRestored, []Change{})
}

func (e Edit) change(is Personnel, action Action, changes []Change) (Personnel, Entry) {
	is.Revision++
	is.UpdatedAt = e.At
	return is, Entry{Revision: is.Revision, At: e.At, Action: action, By: e.By, Changes: changes, DBID: is.DBID}
}

// FieldBank stands for the fields that say where somebody's pay goes.
const FieldBank = "bank"

// IsOf tells whether the change is of a field, or of one that FieldBank stands for.
func (c Change) IsOf(field string) bool {
	return c.Field == field || field == FieldBank && slices.Contains([]string{"bank.name", "bank.sort_code", "acct_number"}, c.Field)
}

// Fields are what a record says of a person, by the names of the API, in its order.
func (p Personnel) Fields() []Change {
	return []Change{
		{Field: "first_name", To: p.FirstName}, {Field: "last_name", To: p.LastName}, {Field: "middle_name", To: p.MiddleName},
		{Field: "army_number", To: p.ArmyNumber}, {Field: "phone_number", To: p.PhoneNumber}, {Field: "rank", To: p.Rank},
		{Field: "bank.name", To: p.Bank.Name}, {Field: "bank.sort_code", To: p.Bank.SortCode}, {Field: "acct_number", To: p.AcctNumber},
		{Field: "sub_sector", To: p.SubSector}, {Field: "location", To: p.Location}, {Field: "remark", To: p.Remark},
		{Field: "db_id", To: p.DBID.Hex()}, {Field: "status", To: string(p.Status)},
	}
}

// differences are the changes from one state of a record to another.
func differences(was, is Personnel) (changes []Change) {
	before := was.Fields()
	for i, field := range is.Fields() {
		if field.From = before[i].To; field.From != field.To {
			changes = append(changes, field)
		}
	}
	return changes
}

// MaxEntries is how many entries of a record are kept: the first and the newest.
// With every field changed in each, they take 9 MB at most, and MongoDB's documents
// may have 16.
const MaxEntries = 500

// History is the entries of a record, oldest first.
type History []Entry

// Kept is what is kept of a history.
func (h History) Kept() History {
	if len(h) <= MaxEntries {
		return h
	}
	return append(h[:1:1], h[len(h)-MaxEntries+1:]...)
}

// IsTruncated tells whether entries after the first are gone.
func (h History) IsTruncated() bool { return len(h) > 1 && h[1].Revision > h[0].Revision+1 }

// VisibleTo is what somebody with that scope may see: nothing from before the last
// move out of a database that he may not see, and of that move, not from what.
func (h History) VisibleTo(scope Scope) History {
	visible := slices.Clone(h)
	for i := len(h) - 1; i >= 0; i-- {
		if !scope.Allows(h[i].DBID) {
			return visible[i+1:]
		}
		if from, isMove := h[i].movedFrom(); isMove && !scope.Allows(from) {
			visible[i].Changes = slices.Clone(h[i].Changes)
			for n := range visible[i].Changes {
				visible[i].Changes[n].From = ""
			}
			return visible[i:]
		}
	}
	return visible
}

// movedFrom is the database that the record left, if it did.
func (e Entry) movedFrom() (ID, bool) {
	for _, change := range e.Changes {
		if change.Field == "db_id" {
			from, _ := ParseID(change.From)
			return from, true
		}
	}
	return ID{}, false
}

// Recorded is a record with its history.
type Recorded struct {
	Personnel
	History History
}

// DeletedBy is who deleted a record that is deleted.
func (r Recorded) DeletedBy() Author {
	if n := len(r.History); r.IsDeleted && n > 0 && r.History[n-1].Action == ActionDeleted {
		return r.History[n-1].By
	}
	return Author{}
}
