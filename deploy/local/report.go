package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/document"
)

const maxListed = 1000 // lines

// importReport says what an import did, and what it could not do.
type importReport struct {
	out        io.Writer
	outcomes   map[outcome]int
	converted  map[[2]string]int // by file and what was converted
	duplicates []string          // lines about documents that were added although their number or code is taken
	listed     int               // problems of documents that cannot be imported
	refused    int               // documents that cannot be imported
	aside      *bufio.Writer     // where they are written unchanged, or nil
}

type outcome struct {
	file string
	sqlitestore.Outcome
}

// duplicateOf says that a document was added although its value is taken.
var duplicateOf = map[string]string{
	usersFile:      "has the army_number of an earlier user: its id was appended to the number",
	dbsFile:        "has the short_code of an earlier database",
	personnelsFile: "has the army_number of an earlier record",
}

// accept counts the outcome for a document and, if it was added, what was converted.
func (r *importReport) accept(file string, line int, raw bson.Raw, result sqlitestore.Outcome, notes []document.Finding) {
	r.outcomes[outcome{file, result}]++
	if result == sqlitestore.Duplicate {
		r.duplicates = append(r.duplicates, place(file, line, raw)+": "+duplicateOf[file])
	}
	if result == sqlitestore.Added || result == sqlitestore.Duplicate {
		for _, note := range notes {
			r.converted[[2]string{file, note.String()}]++
		}
	}
}

// refuse lists why a document cannot be imported, and sets it aside.
func (r *importReport) refuse(file string, line int, raw bson.Raw, content []byte, problems []document.Finding) error {
	r.refused++
	for _, problem := range problems {
		if r.listed++; r.listed <= maxListed {
			fmt.Fprintf(r.out, "%s: %s\n", place(file, line, raw), problem)
		}
	}
	if r.aside == nil {
		return nil
	}
	_, err := fmt.Fprintf(r.aside, "%s\n", content)
	return err
}

func (r *importReport) print() {
	fmt.Fprintln(r.out, "added")
	for _, file := range exportFiles {
		count := func(o sqlitestore.Outcome) int { return r.outcomes[outcome{file, o}] }
		differ := count(sqlitestore.Differs)
		fmt.Fprintf(r.out, "  %-16s %9d, already there %d", file, count(sqlitestore.Added)+count(sqlitestore.Duplicate), count(sqlitestore.Same)+differ)
		if differ > 0 {
			fmt.Fprintf(r.out, ", of which %d differ here and were left as they are", differ)
		}
		fmt.Fprintln(r.out)
	}
	r.section("added, but an admin should correct or delete one", r.duplicates)
	var lines []string
	for _, c := range slices.SortedFunc(maps.Keys(r.converted), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		lines = append(lines, fmt.Sprintf("  %-16s %9d of which %s", c[0], r.converted[c], c[1]))
	}
	r.section("converted", lines)
}

func (r *importReport) section(heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(r.out, heading)
	for _, line := range lines[:min(len(lines), maxListed)] {
		fmt.Fprintln(r.out, line)
	}
	r.more(len(lines))
}

func (r *importReport) more(lines int) {
	if more := lines - maxListed; more > 0 {
		fmt.Fprintf(r.out, "  and %d more lines\n", more)
	}
}

func place(file string, line int, raw bson.Raw) string {
	text := fmt.Sprintf("  %s, line %d", file, line)
	if id := document.IDOf(raw); id != "" {
		text += ", id " + id
	}
	return text
}

type progress struct {
	out     io.Writer
	name    string
	done    int
	shownAt time.Time
}

func (p *progress) begin(name string) { p.name, p.done, p.shownAt = name, 0, time.Now() }

func (p *progress) count() {
	p.done++
	if p.done%1000 == 0 && time.Since(p.shownAt) >= 2*time.Second {
		fmt.Fprintf(p.out, "  %-16s %9d …\n", p.name, p.done)
		p.shownAt = time.Now()
	}
}

func (p *progress) end() { fmt.Fprintf(p.out, "  %-16s %9d\n", p.name, p.done) }
