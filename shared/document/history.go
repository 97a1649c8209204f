package document

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// entry is an element of the list history. If one command deleted several records, their
// entries lack the revision and the database.
type entry struct {
	Revision int           `bson:"revision,omitempty"`
	At       time.Time     `bson:"at"`
	Action   office.Action `bson:"action"`
	By       author        `bson:"by"`
	DBID     string        `bson:"db_id,omitempty"` // hex
	Changes  []change      `bson:"changes,omitempty"`
}

type author struct {
	ID         office.ID `bson:"id,omitempty"`
	ArmyNumber string    `bson:"army_number,omitempty"`
	Name       string    `bson:"name,omitempty"`
}

type change struct {
	Field string `bson:"field"`
	From  string `bson:"from,omitempty"`
	To    string `bson:"to,omitempty"`
}

// EntryOf returns an entry in the form of a document.
func EntryOf(e office.Entry) any {
	doc := entry{Revision: e.Revision, At: e.At, Action: e.Action, By: author(e.By)}
	doc.Changes = office.Convert(e.Changes, func(c office.Change) change { return change(c) })
	if !e.DBID.IsZero() {
		doc.DBID = e.DBID.Hex()
	}
	return doc
}

// readHistory reads a history, and skips what is not an entry. What an entry lacks follows from
// the next one: each change is one revision, and a deleted record stays in its database.
func readHistory(raw bson.Raw, record office.Personnel) office.History {
	list, _ := raw.Lookup("history").ArrayOK()
	values, _ := list.Values()
	var history office.History
	for _, value := range values {
		var doc entry
		if value.Unmarshal(&doc) == nil {
			history = append(history, doc.entry())
		}
	}
	revision, db := record.Revision, record.DBID
	for i := len(history) - 1; i >= 0; i-- {
		e := &history[i]
		if e.Revision == 0 {
			e.Revision = revision
		}
		if e.DBID.IsZero() {
			e.DBID = db
		}
		revision, db = e.Revision-1, e.DBID
	}
	return history.Kept() // a deletion of several records may leave one too many
}

func (d entry) entry() office.Entry {
	e := office.Entry{Revision: d.Revision, At: d.At.UTC(), Action: d.Action, By: office.Author(d.By)}
	e.Changes = office.Convert(d.Changes, func(c change) office.Change { return office.Change(c) })
	e.DBID, _ = office.ParseID(d.DBID)
	return e
}
