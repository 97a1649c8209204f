// Package drivers compares SQLite drivers for database/sql on the table and
// the statements of the all-in-one. It links nothing of the backend itself.
//
//	GOWORK=off go test -run '^$' -bench . -count 3
package drivers

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	ncruces "github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	_ "modernc.org/sqlite"
)

const (
	rowCount = 10_000
	pageSize = 50
	readers  = 4

	pragmas = "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)"

	columns = "name, rank, army_number, unit, phone, email, bank, branch, account, address, grade, note"

	schema = `
CREATE TABLE personnels (
	seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK (length(id) = 12), db_id BLOB NOT NULL,
	name TEXT, rank TEXT, army_number TEXT, unit TEXT, phone TEXT, email TEXT,
	bank TEXT, branch TEXT, account TEXT, address TEXT, grade TEXT, note TEXT,
	created_at INTEGER NOT NULL, deleted_at INTEGER, search_text TEXT NOT NULL);
CREATE INDEX personnels_page ON personnels (db_id, created_at, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX personnels_number ON personnels (db_id, army_number) WHERE deleted_at IS NULL;
CREATE VIRTUAL TABLE search_full USING fts5(search_text, tokenize = 'trigram', detail = full, content = '');
CREATE VIRTUAL TABLE search_none USING fts5(search_text, tokenize = 'trigram', detail = none, content = '');`

	insertSQL = "INSERT INTO personnels (id, db_id, " + columns + ", created_at, search_text) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
	getSQL    = "SELECT " + columns + ", created_at FROM personnels WHERE id = ?"
	pageSQL   = "SELECT " + columns + ", created_at FROM personnels WHERE db_id = ? AND deleted_at IS NULL ORDER BY created_at, id LIMIT ? OFFSET ?"
	countSQL  = "SELECT count(*) FROM personnels WHERE db_id = ? AND deleted_at IS NULL"
	instrSQL  = "SELECT count(*) FROM personnels WHERE db_id = ? AND deleted_at IS NULL AND instr(search_text, ?) > 0"
	matchFull = "SELECT count(*) FROM search_full WHERE search_full MATCH ?"
	matchNone = "SELECT count(*) FROM search_none WHERE search_none MATCH ?"
)

var (
	dbID = []byte("database-id0")

	drivers = []struct {
		name string
		open func(dsn string) (*sql.DB, error)
	}{
		{"modernc", func(dsn string) (*sql.DB, error) { return sql.Open("sqlite", dsn) }},
		{"ncruces", func(dsn string) (*sql.DB, error) {
			return ncruces.Open(dsn, func(c *sqlite3.Conn) error { return fts5.Register(c) })
		}},
	}

	benchmarks = []struct {
		name string
		run  func(b *testing.B, s *store)
	}{
		{"get", func(b *testing.B, s *store) { benchRows(b, s, getSQL, 1, someID) }},
		{"page/offset=0", func(b *testing.B, s *store) { benchRows(b, s, pageSQL, pageSize, pageAt(0)) }},
		{"page/offset=5000", func(b *testing.B, s *store) { benchRows(b, s, pageSQL, pageSize, pageAt(5000)) }},
		{"count", func(b *testing.B, s *store) { benchCount(b, s, countSQL, rowCount, dbID) }},
		{"instr", func(b *testing.B, s *store) { benchCount(b, s, instrSQL, 1, dbID, "a0001234") }},
		{"fts/full/3", func(b *testing.B, s *store) { benchCount(b, s, matchFull, 1, `"123"`) }},
		{"fts/full/6", func(b *testing.B, s *store) { benchCount(b, s, matchFull, 1, `"000123"`) }},
		{"fts/none/3", func(b *testing.B, s *store) { benchCount(b, s, matchNone, 1, `"123"`) }}, // none has no longer terms
		{"insert/durable", func(b *testing.B, s *store) { benchInsert(b, s, 1) }},
		{"insert/1000", func(b *testing.B, s *store) { benchInsert(b, s, 1000) }},
		{"parallel/get", func(b *testing.B, s *store) { benchParallel(b, s, getSQL, 1, someID) }},
		{"parallel/page", func(b *testing.B, s *store) { benchParallel(b, s, pageSQL, pageSize, pageAt(0)) }},
	}
)

// store is one file database: a writer pool of one and a pool of readers.
type store struct {
	write, read *sql.DB
	next        uint64
}

func openStore(b testing.TB, open func(string) (*sql.DB, error)) *store {
	b.Helper()
	dsn := "file:" + filepath.Join(b.TempDir(), "bench.db") + pragmas
	pool := func(dsn string, size int) *sql.DB {
		db, err := open(dsn)
		if err != nil {
			b.Fatal(err)
		}
		db.SetMaxOpenConns(size)
		db.SetMaxIdleConns(size)
		b.Cleanup(func() { db.Close() })
		return db
	}
	s := &store{write: pool(dsn, 1)}
	if _, err := s.write.Exec(schema); err != nil {
		b.Fatal(err)
	}
	s.read = pool(dsn+"&_pragma=query_only(ON)", readers)
	return s
}

func (s *store) fill(b testing.TB) {
	s.insert(b, rowCount)
	for _, detail := range []string{"full", "none"} {
		_, err := s.write.Exec("INSERT INTO search_" + detail + " (rowid, search_text) SELECT seq, search_text FROM personnels")
		if err != nil {
			b.Fatal(err)
		}
	}
}

// rowID is the ObjectID-shaped id of row n.
func rowID(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte("row-"), n) }

func someID() []any { return []any{rowID(rand.Uint64N(rowCount))} }

func pageAt(offset int) func() []any {
	return func() []any { return []any{dbID, pageSize, offset} }
}

// insert adds n rows in one transaction.
func (s *store) insert(b testing.TB, n int) {
	tx, err := s.write.BeginTx(context.Background(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	stmt, err := tx.Prepare(insertSQL)
	if err != nil {
		b.Fatal(err)
	}
	defer stmt.Close()
	for range n {
		number := fmt.Sprintf("a%07d", s.next)
		text := strings.Join([]string{"Somchai Example", number, "headquarters battalion", "captain"}, "\x1f")
		_, err := stmt.Exec(rowID(s.next), dbID, "Somchai Example", "captain", number, "headquarters battalion",
			"0812345678", "someone@office.example", "bank", "branch", "123-4-56789-0", "1 Example Road", "P3/12", "note",
			s.next, text)
		if err != nil {
			b.Fatal(err)
		}
		s.next++
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// scan reads every row of a query on personnels and returns their number.
func scan(b testing.TB, stmt *sql.Stmt, args ...any) (n int) {
	rows, err := stmt.Query(args...)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer rows.Close()
	var text [12]string
	var createdAt int64
	dest := make([]any, 0, len(text)+1)
	for i := range text {
		dest = append(dest, &text[i])
	}
	dest = append(dest, &createdAt)
	for ; rows.Next(); n++ {
		if err := rows.Scan(dest...); err != nil {
			b.Error(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Error(err)
	}
	return n
}

func prepare(b *testing.B, db *sql.DB, query string) *sql.Stmt {
	stmt, err := db.Prepare(query)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stmt.Close() })
	return stmt
}

// benchRows runs a query on personnels that must return want rows.
func benchRows(b *testing.B, s *store, query string, want int, args func() []any) {
	stmt := prepare(b, s.read, query)
	for b.Loop() {
		if n := scan(b, stmt, args()...); n != want {
			b.Fatalf("%d rows, want %d", n, want)
		}
	}
}

// benchCount runs a query of one number, which must be at least atLeast.
func benchCount(b *testing.B, s *store, query string, atLeast int, args ...any) {
	stmt := prepare(b, s.read, query)
	for b.Loop() {
		var n int
		if err := stmt.QueryRow(args...).Scan(&n); err != nil || n < atLeast {
			b.Fatalf("counted %d, want at least %d; error %v", n, atLeast, err)
		}
	}
}

func benchInsert(b *testing.B, s *store, n int) {
	for b.Loop() {
		s.insert(b, n)
	}
}

// benchParallel is benchRows on at least as many goroutines as there are readers.
func benchParallel(b *testing.B, s *store, query string, want int, args func() []any) {
	stmt := prepare(b, s.read, query)
	b.SetParallelism((readers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if n := scan(b, stmt, args()...); n != want {
				b.Errorf("%d rows, want %d", n, want)
			}
		}
	})
}

// BenchmarkDrivers runs each statement on one driver, then on the other, each
// on a fresh database.
func BenchmarkDrivers(b *testing.B) {
	for _, bench := range benchmarks {
		for _, d := range drivers {
			b.Run(bench.name+"/"+d.name, func(b *testing.B) {
				s := openStore(b, d.open)
				s.fill(b)
				b.ReportAllocs()
				bench.run(b, s)
			})
		}
	}
}
