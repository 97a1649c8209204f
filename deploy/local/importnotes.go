package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/document"
)

// notes count what an import did, and what it repaired on the way.
type notes struct {
	outcomes map[string]*[3]int // by file and sqlitestore.Outcome
	repaired map[string]int     // by what was wrong
	pending  map[string]int     // of the document at hand
}

func newNotes() *notes {
	return &notes{
		outcomes: map[string]*[3]int{usersFile: {}, dbsFile: {}, personnelsFile: {}},
		repaired: map[string]int{},
		pending:  map[string]int{},
	}
}

// settle counts what became of the document at hand. What was noted of it
// matters only if it was added.
func (n *notes) settle(file string, outcome sqlitestore.Outcome) {
	n.outcomes[file][outcome]++
	if outcome == sqlitestore.Added {
		for what, count := range n.pending {
			n.repaired[what] += count
		}
	}
	clear(n.pending)
}

func (n *notes) add(count int, what string) {
	if count > 0 {
		n.pending[what] += count
	}
}

// missing notes a field that a document does not have.
func (n *notes) missing(raw bson.Raw, field, what string) {
	if _, err := raw.LookupErr(field); err != nil {
		n.add(1, what)
	}
}

// stray notes a field that a document should not have.
func (n *notes) stray(raw bson.Raw, field, what string) {
	if _, err := raw.LookupErr(field); err == nil {
		n.add(1, what)
	}
}

func (n *notes) created(raw bson.Raw) {
	n.missing(raw, "created_at", "documents without created_at: taken from the id")
}

func (n *notes) personnel(raw bson.Raw, doc document.Personnel) {
	n.missing(raw, "status", "records without status: taken as active")
	n.missing(raw, "isDeleted", "records without isDeleted: taken as live")
	n.stray(raw, "id", "records with a stray field id: left out")
	n.created(raw)
	if raw.Lookup("bank").Type == bson.TypeString {
		n.add(1, "records with a bank's name alone: kept without sort code")
	}
	if kept := doc.Personnel().Status; doc.Status != "" && string(kept) != doc.Status {
		n.add(1, "records with an unknown status: taken as "+string(kept))
	}
}

func (n *notes) print(out io.Writer) {
	fmt.Fprintln(out, "added")
	for _, file := range []string{usersFile, dbsFile, personnelsFile} {
		count := n.outcomes[file]
		fmt.Fprintf(out, "  %-16s %9d, already there %d", file, count[sqlitestore.Added],
			count[sqlitestore.Same]+count[sqlitestore.Differs])
		if differ := count[sqlitestore.Differs]; differ > 0 {
			fmt.Fprintf(out, ", of which %d differ here and were left as they are", differ)
		}
		fmt.Fprintln(out)
	}
	if len(n.repaired) == 0 {
		return
	}
	fmt.Fprintln(out, "repaired")
	for _, what := range slices.Sorted(maps.Keys(n.repaired)) {
		fmt.Fprintf(out, "  %9d %s\n", n.repaired[what], what)
	}
}
