package sqlitestore

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// maxWaiting is how many records wait to be indexed together.
const maxWaiting = 256

// roll is a random office and what must be found in it.
type roll struct {
	t    *testing.T
	db   *DB
	rng  *rand.Rand
	dbs  []office.DB
	live map[office.ID]office.Personnel
	ids  []office.ID // of all that were ever live
	gone []office.ID // into the trash
	made int
}

func newRoll(t *testing.T, db *DB) *roll {
	r := &roll{t: t, db: db, rng: officetest.Rand(), dbs: officetest.DBs(3), live: map[office.ID]office.Personnel{}}
	for _, d := range r.dbs {
		officetest.Must(t, db.Admin().CreateDB(t.Context(), d))
	}
	return r
}

// names have little variety, so that much is found, and none that is special.
var names = strings.Fields(`musa Musa Abdulrahmani abdulrahman MUSTAPHA Ibrahim ibra braim aab abab bababa é École ſ İ 12 1212 121 %_ (a+)+$ "x" \ x' 日本語 😀😀`)

func (r *roll) record() office.Personnel {
	r.made++
	return officetest.Personnel(r.made, r.someDB(), func(p *office.Personnel) {
		p.FirstName, p.LastName, p.MiddleName = officetest.Pick(r.rng, names...), officetest.Pick(r.rng, names...), officetest.Pick(r.rng, names...)
		p.Status = officetest.Pick(r.rng, office.StatusActive, office.StatusActive, office.StatusAWOL)
		p.CreatedAt = officetest.At(r.rng.IntN(1000))
	})
}

func (r *roll) someDB() office.ID { return officetest.Pick(r.rng, r.dbs...).ID }

func (r *roll) someID() office.ID {
	for {
		id := officetest.Pick(r.rng, r.ids...)
		if _, ok := r.live[id]; ok {
			return id
		}
	}
}

func (r *roll) keep(record office.Personnel) {
	r.live[record.ID] = record
	r.ids = append(r.ids, record.ID)
}

// add creates records of one database.
func (r *roll) add(count int) {
	db, records := r.someDB(), make([]office.Personnel, count)
	for i := range records {
		records[i] = r.record()
		records[i].DBID = db
		r.keep(records[i])
	}
	taken, err := r.db.Personnel().Create(r.t.Context(), records, office.Edit{})
	officetest.Must(r.t, err)
	officetest.Equal(r.t, "the records that were refused", len(taken), 0)
}

// edit renames a record, moves it, or both, or only gives it a status.
func (r *roll) edit() {
	id, other := r.someID(), r.record()
	patch := officetest.Pick(r.rng,
		office.PersonnelPatch{FirstName: &other.FirstName}, office.PersonnelPatch{DBID: &other.DBID},
		office.PersonnelPatch{LastName: &other.LastName, DBID: &other.DBID}, office.PersonnelPatch{Status: &other.Status})
	record, _, err := r.db.Personnel().Update(r.t.Context(), office.Scope{All: true}, id, patch, office.Edit{At: officetest.At(0)})
	officetest.Must(r.t, err)
	r.live[id] = record
}

func (r *roll) delete() {
	ids := []office.ID{r.someID(), r.someID()}
	_, err := r.db.Personnel().Delete(r.t.Context(), office.Scope{All: true}, ids, office.Edit{At: officetest.At(0)})
	officetest.Must(r.t, err)
	for _, id := range ids {
		delete(r.live, id)
		r.gone = append(r.gone, id)
	}
}

// restore takes one out of the trash, unless its database is gone.
func (r *roll) restore() {
	if len(r.gone) == 0 {
		return
	}
	id := r.gone[len(r.gone)-1]
	r.gone = r.gone[:len(r.gone)-1]
	record, _, err := r.db.Personnel().Restore(r.t.Context(), everything, id, office.Edit{At: officetest.At(1)})
	if err != office.ErrNotFound {
		officetest.Must(r.t, err)
		r.live[id] = record
	}
}

// load adds as an import does: deleted records too, of all databases.
func (r *roll) load(count int) {
	officetest.Must(r.t, r.db.Load(r.t.Context(), func(l *Loader) error {
		for range count {
			record := r.record()
			record.IsDeleted = r.rng.IntN(10) == 0
			if !record.IsDeleted {
				r.keep(record)
			}
			if _, err := l.AddPersonnel(office.RecordWithHistory{Personnel: record}, officetest.At(5)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// deleteDB deletes a database and makes it again.
func (r *roll) deleteDB() {
	db := officetest.Pick(r.rng, r.dbs...)
	_, err := r.db.Admin().DeleteDB(r.t.Context(), db.ID)
	officetest.Must(r.t, err)
	for id, record := range r.live {
		if record.DBID == db.ID {
			delete(r.live, id)
		}
	}
	officetest.Must(r.t, r.db.Admin().CreateDB(r.t.Context(), db))
}

// check asks random questions of one database each, or of all, and for some records.
func (r *roll) check(questions int) {
	r.t.Helper()
	all := make([]office.Personnel, 0, len(r.live))
	for _, record := range r.live {
		all = append(all, record)
	}
	slices.SortFunc(all, func(a, b office.Personnel) int {
		return cmp.Or(office.CompareIDs(a.DBID, b.DBID), a.CreatedAt.Compare(b.CreatedAt), office.CompareIDs(a.ID, b.ID))
	})
	officetest.Search[personnel.Query, office.Personnel]{
		All: all, Text: office.Personnel.SearchText,
		Ask: func(_ *rand.Rand, offset, limit int) personnel.Query {
			return personnel.Query{
				Scope: officetest.Pick(r.rng, everything, office.ScopeOf(r.someDB()), office.ScopeOf(r.someDB())), Words: r.words(), Offset: offset, Limit: limit,
				Status: officetest.Pick(r.rng, "", "", office.StatusActive, office.StatusAWOL, office.StatusRTU),
			}
		},
		Matches: func(query personnel.Query, p office.Personnel, text string) bool {
			return query.Scope.Allows(p.DBID) && cmp.Or(query.Status, p.Status) == p.Status &&
				office.MatchesAll(text, query.Words)
		},
		List: func(ctx context.Context, query personnel.Query) ([]office.Personnel, int, error) {
			return officetest.ReadPage(r.db.Personnel().Page(ctx, query))
		},
	}.Check(r.t, questions)
	got, err := officetest.ReadAfter(r.db.Personnel().After(r.t.Context(), everything, office.Personnel{}, len(all)+1))
	officetest.Must(r.t, err)
	officetest.Equal(r.t, "all records", got, all)
	for range questions {
		record := officetest.Pick(r.rng, all...)
		got, err := officetest.ReadOne(r.db.Personnel().Get(r.t.Context(), everything, record.ID))
		officetest.Must(r.t, err)
		officetest.Equal(r.t, "one record", got, record)
	}
}

// words are up to two parts of names, of any length.
func (r *roll) words() []string {
	typed := ""
	for range r.rng.IntN(3) {
		name := []rune(officetest.Pick(r.rng, append(names, "N/00", "qqq")...))
		from := r.rng.IntN(len(name))
		typed += " " + string(name[from:from+1+r.rng.IntN(len(name)-from)])
	}
	return office.SearchWords(typed)
}

// step changes the office somehow, mostly a little.
func (r *roll) step() {
	switch n := r.rng.IntN(200); {
	case n == 0:
		r.deleteDB()
	case n < 4:
		r.add(1 + r.rng.IntN(maxWaiting))
	case n < 6:
		r.load(1 + r.rng.IntN(maxWaiting))
	case n < 100 || len(r.live) < 10:
		r.add(1)
	case n < 160:
		r.edit()
	case n < 170:
		r.restore()
	default:
		r.delete()
	}
}

// Promises 4 and 18: whatever happened to the records, a search finds what the
// rule says, in order, with the true total, in that database alone; of what
// waits to be indexed, of what is, and of what was.
func TestSearchFindsWhatTheRuleSays(t *testing.T) {
	r := newRoll(t, open(t))
	r.add(2 * maxWaiting)
	for range 4 {
		for range 120 {
			r.step()
		}
		r.check(50)
		if t.Failed() {
			return
		}
	}
	checkIndex(t, r.db)
	checkTally(t, r.db)
	wantFaults(t, r.db)
}

// checkIndex checks that every live record is in the index or waits, and
// nothing else, and that the index is in order.
func checkIndex(t *testing.T, db *DB) {
	t.Helper()
	checkAlike(t, db, "SELECT * FROM (SELECT rowid FROM search UNION ALL SELECT seq FROM search_waiting)",
		"SELECT seq FROM personnels WHERE deleted_at IS NULL")
	execute(t, db, "INSERT INTO search (search) VALUES ('integrity-check')")
}

// execute changes the database behind the stores' backs.
func execute(t *testing.T, db *DB, statements string) {
	t.Helper()
	officetest.Must(t, db.WriteTx(t.Context(), conn.Script(statements)))
}

// However records come and change, only so many wait for their place in the
// index: a search looks at each of them.
func TestFewWaitForTheIndex(t *testing.T) {
	r := newRoll(t, open(t))
	most := 0
	for step := range 2 * maxWaiting {
		if r.add(1); step%2 == 0 {
			r.edit()
		}
		waiting, err := conn.Int(t.Context(), r.db.Reader, "SELECT count(*) FROM search_waiting")
		officetest.Must(t, err)
		most = max(most, waiting)
	}
	if most >= maxWaiting || most < maxWaiting/2 {
		t.Errorf("%d waited at most, want less than %d, and not few", most, maxWaiting)
	}
	checkIndex(t, r.db)
}

// A file of the version before gets its index when it is migrated.
func TestIndexOfAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "older.db")
	db, err := Open(t.Context(), path)
	officetest.Must(t, err)
	r := newRoll(t, db)
	r.load(3 * maxWaiting)
	r.delete()
	r.db = migrated(t, ofVersion(t, 1, path))
	r.check(50)
	checkIndex(t, r.db)
	checkTally(t, r.db)
}

// Texts that the API would refuse, and an import may bring, are read as they
// are.
func TestTextsThatTheAPIWouldRefuse(t *testing.T) {
	db := open(t)
	officetest.Must(t, db.Admin().CreateDB(t.Context(), officetest.DB(1)))
	want := []office.Personnel{officetest.Personnel(1, officetest.DB(1).ID)}
	for i, text := range []string{"\x1f", "\\", `a"b`, "\u2028", "\x00", "a\x00b", ""} {
		want = append(want, officetest.Personnel(2+i, officetest.DB(1).ID, func(p *office.Personnel) {
			p.Remark, p.MiddleName, p.FirstName = text, text, fmt.Sprint(text, i)
		}))
	}
	_, err := db.Personnel().Create(t.Context(), want, office.Edit{})
	officetest.Must(t, err)
	got, err := officetest.ReadAfter(db.Personnel().After(t.Context(), office.Scope{All: true}, office.Personnel{}, 100))
	officetest.Must(t, err)
	officetest.Equal(t, "the records", got, want)
}
