package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

// Page implements personnel.Store. The total and the records are those of one
// moment.
func (s Personnel) Page(ctx context.Context, query personnel.Query) (records []office.Personnel, total int, err error) {
	err = s.db.view(ctx, func(tx *transaction) error {
		switch {
		case len(query.Words) == 0:
			records, total, err = listed(ctx, tx, query)
		case len(query.Scope.DBs) == 1 && !query.Scope.All:
			records, total, err = found(ctx, tx, query)
		default:
			records, total, err = readThrough(ctx, tx, query)
		}
		return err
	})
	return records, total, err
}

// matching are the conditions of a query.
func matching(query personnel.Query) where {
	w := live(query.Scope)
	if query.Status != "" {
		w.add("status = ?", query.Status)
	}
	w.words(query.Words)
	return w
}

// readThrough reads every record of the scope. The API searches in one database
// at a time only.
func readThrough(ctx context.Context, tx *transaction, query personnel.Query) ([]office.Personnel, int, error) {
	w := matching(query)
	total, err := selectInt(ctx, tx, "SELECT count(*) FROM personnels"+w.String(), w.args...)
	if err != nil {
		return nil, 0, err
	}
	records, err := selectLive(ctx, tx, w.String()+inOrder+" LIMIT ? OFFSET ?", append(w.args, query.Limit, query.Offset)...)
	return records, total, err
}

// The order of lists, and the same from the end.
const (
	inOrder  = " ORDER BY db_id, created_at, id"
	backward = " ORDER BY db_id DESC, created_at DESC, id DESC"
)

// listed returns a page of what is not searched for: of that the tally knows
// how much there is. What is nearer to the end is counted from there.
func listed(ctx context.Context, tx *transaction, query personnel.Query) ([]office.Personnel, int, error) {
	total, err := liveTotal(ctx, tx, query.Scope, query.Status)
	limit := min(query.Limit, total-query.Offset)
	if err != nil || limit <= 0 {
		return []office.Personnel{}, total, err
	}
	w, before, after := matching(query), query.Offset, total-query.Offset-limit
	part := func(order string, offset int) ([]office.Personnel, error) {
		return selectLive(ctx, tx, w.String()+order+" LIMIT ? OFFSET ?", append(w.args, limit, offset)...)
	}
	if before <= after {
		records, err := part(inOrder, before)
		return records, total, err
	}
	records, err := part(backward, after)
	slices.Reverse(records)
	return records, total, err
}

// search is what is searched for in one database. There are two ways to find
// it: to look at the records that the index names, or to read the list in its
// order.
type search struct {
	query  personnel.Query
	where  where // all that must be true of a record
	doubt  where // what the index leaves open
	match  string
	listed int // records in the list, whether they match or not
	named  int // records that the index names
}

// found returns a page of what is searched for.
func found(ctx context.Context, tx *transaction, query personnel.Query) ([]office.Personnel, int, error) {
	none := []office.Personnel{}
	s, err := newSearch(ctx, tx, query)
	if err != nil {
		return none, 0, err
	}
	total, err := s.total(ctx, tx)
	if err != nil || total <= query.Offset {
		return none, total, err
	}
	records, err := s.page(ctx, tx, total)
	return records, total, err
}

func newSearch(ctx context.Context, tx *transaction, query personnel.Query) (s search, err error) {
	s = search{query: query, where: matching(query)}
	if query.Status != "" {
		s.doubt.add("status = ?", query.Status)
	}
	for _, word := range query.Words {
		if isLong(word) { // short ones are in all that the index names
			s.doubt.words([]string{word})
		}
	}
	if s.listed, err = liveTotal(ctx, tx, query.Scope, query.Status); err != nil {
		return s, err
	}
	number, err := numberOf(ctx, tx, query.Scope.DBs[0])
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, err
	}
	s.match = match(number, query.Words) // of no database, nothing is indexed
	s.named, err = selectInt(ctx, tx, "SELECT count(*) FROM search WHERE search MATCH ?", s.match)
	return s, err
}

// fromWaiting is what waits for its place in the index. CROSS makes SQLite
// begin with it.
const fromWaiting = " FROM (SELECT seq FROM search_waiting WHERE db_id = ?) CROSS JOIN personnels USING (seq)"

// fromIndex are the records that the index names, and those that wait and
// match; of the former, doubt is still to be asked.
func (s search) fromIndex() (from string, args []any) {
	args = append([]any{s.match, s.query.Scope.DBs[0][:]}, s.where.args...)
	return " FROM (SELECT rowid AS seq FROM search WHERE search MATCH ? UNION ALL SELECT seq" + fromWaiting + s.where.String() +
		") CROSS JOIN personnels USING (seq)" + s.doubt.String(), append(args, s.doubt.args...)
}

// fromList are the records of the list that match.
func (s search) fromList() (from string, args []any) {
	return " FROM personnels" + s.where.String(), s.where.args
}

// lookup is how many records of a list are read in the time in which one
// record is found that the index names (0.3 and 1 to 2 µs, measured with
// deploy/bench).
const lookup = 4

// total counts what matches.
func (s search) total(ctx context.Context, tx *transaction) (int, error) {
	count := func(from string, args []any) (int, error) {
		return selectInt(ctx, tx, "SELECT count(*)"+from, args...)
	}
	switch {
	case len(s.doubt.conditions) == 0:
		waiting, err := count(fromWaiting+s.where.String(), append([]any{s.query.Scope.DBs[0][:]}, s.where.args...))
		return s.named + waiting, err
	case lookup*s.named < s.listed:
		return count(s.fromIndex())
	}
	return count(s.fromList())
}

// page reads a part of what matches. The more records match, the sooner the
// list has enough of them.
func (s search) page(ctx context.Context, tx *transaction, total int) ([]office.Personnel, error) {
	from, args := s.fromList()
	if read := (s.query.Offset + s.query.Limit) * s.listed / total; read > lookup*s.named {
		from, args = s.fromIndex()
	}
	return selectLive(ctx, tx, " WHERE seq IN (SELECT seq"+from+" ORDER BY created_at, id LIMIT ? OFFSET ?)"+inOrder,
		append(args, s.query.Limit, s.query.Offset)...)
}
