package search

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

// Query asks for the live records of a database that hold all of the words.
type Query struct {
	DB     office.ID
	Words  []string      // folded, and at least one
	Status office.Status // empty means any
	Listed int           // how many live records of the status there are in the database
	Offset int
	Limit  int
}

// Find returns a column of a page of what matches, in order of creation, and how many match in all.
func Find[T ~string](ctx context.Context, q conn.Querier, query Query, column string) (part []T, total int, err error) {
	f, err := newFinder(ctx, q, query)
	if err != nil {
		return nil, 0, err
	}
	if f.named <= maxReadAll {
		part, err = conn.Texts[T](ctx, q, "SELECT group_concat("+column+", char(30) ORDER BY created_at, id)"+candidates+f.where, f.candidateArgs()...)
		return part[min(query.Offset, len(part)):min(query.Offset+query.Limit, len(part))], len(part), err
	}
	if total, err = f.total(ctx); err != nil || total <= query.Offset {
		return nil, total, err
	}
	statement, args := f.page(column, total)
	part, err = conn.Texts[T](ctx, q, statement, args...)
	return part, total, err
}

// maxReadAll is how many records the index may name for all of them to be read.
const maxReadAll = 64

// finder answers one query. There are two ways to do so: to look at the records that the
// index names, or to read the list in its order.
type finder struct {
	Query
	q     conn.Querier
	where string // what must be true of a record
	args  []any
	match string // the query of the index; see matchOf
	named int    // how many records the index names
}

// newFinder looks for the longest word first, since it is the rarest. instr takes words as
// they are: no character means anything but itself.
func newFinder(ctx context.Context, q conn.Querier, query Query) (*finder, error) {
	query.Words = slices.SortedFunc(slices.Values(query.Words), func(a, b string) int {
		return cmp.Compare(utf8.RuneCountInString(b), utf8.RuneCountInString(a))
	})
	f := &finder{
		Query: query, q: q,
		where: "deleted_at IS NULL AND personnels.db_id = ? AND instr(search_text, ?) > 0",
		args:  []any{query.DB[:], query.Words[0]},
	}
	if more := query.Words[1:]; len(more) > 0 {
		f.where += ` AND NOT EXISTS (WITH word (text) AS MATERIALIZED (SELECT value FROM json_each(?))
			SELECT 1 FROM word WHERE instr(search_text, text) = 0)`
		f.args = append(f.args, conn.List(more))
	}
	if query.Status != "" {
		f.where, f.args = f.where+" AND status = ?", append(f.args, query.Status)
	}
	number, err := numberOf(ctx, q, query.DB)
	if err != nil {
		return nil, err
	}
	f.match = matchOf(number, query.Words)
	f.named, err = conn.Int(ctx, q, "SELECT count(*) FROM search WHERE search MATCH ?", f.match)
	return f, err
}

// candidates are the records that the index names, and those that wait for it.
const candidates = ` FROM (
		SELECT rowid AS seq FROM search WHERE search MATCH ? UNION ALL SELECT seq FROM search_waiting WHERE db_id = ?
	) CROSS JOIN personnels USING (seq) WHERE `

func (f *finder) candidateArgs() []any { return append([]any{f.match, f.DB[:]}, f.args...) }

// isExact tells whether the index names only records that match.
func (f *finder) isExact() bool {
	return f.Status == "" && !slices.ContainsFunc(f.Words, func(word string) bool { return !isGram(word) })
}

// lookupCost is how many records of a list can be read in the time that it takes to look up
// one that the index names (0.3 and 1 to 2 µs, measured with deploy/bench).
const lookupCost = 4

func (f *finder) total(ctx context.Context) (int, error) {
	switch {
	case f.isExact():
		waiting, err := conn.Int(ctx, f.q, `SELECT count(*) FROM search_waiting CROSS JOIN personnels USING (seq)
			WHERE search_waiting.db_id = ? AND `+f.where, append([]any{f.DB[:]}, f.args...)...)
		return f.named + waiting, err
	case lookupCost*f.named < f.Listed:
		return conn.Int(ctx, f.q, "SELECT count(*)"+candidates+f.where, f.candidateArgs()...)
	}
	return conn.Int(ctx, f.q, "SELECT count(*) FROM personnels WHERE "+f.where, f.args...)
}

// page is the query for a part of what matches. The more match, the less of the list is read.
func (f *finder) page(column string, total int) (statement string, args []any) {
	if read := (f.Offset + f.Limit) * f.Listed / total; read <= lookupCost*f.named {
		return "SELECT group_concat(text, char(30)) FROM (SELECT " + column + " AS text FROM personnels WHERE " + f.where +
			" ORDER BY created_at, id LIMIT ? OFFSET ?)", append(f.args, f.Limit, f.Offset)
	}
	return "SELECT group_concat(" + column + ", char(30) ORDER BY created_at, id) FROM personnels WHERE seq IN (SELECT seq" +
		candidates + f.where + " ORDER BY created_at, id LIMIT ? OFFSET ?)", append(f.candidateArgs(), f.Limit, f.Offset)
}
