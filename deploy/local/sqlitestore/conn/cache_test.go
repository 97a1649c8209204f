package conn

import (
	"sync"
	"sync/atomic"
	"testing"

	"officepay.example/shared/office/officetest"
)

// cachedCount is how many names there are. It counts in asked how often SQLite was asked.
func cachedCount(t *testing.T, db *DB, asked *int) int {
	t.Helper()
	n, err := Cached(db, "count", func() (int, int, error) {
		*asked++
		n, err := Int(t.Context(), db.Reader, "SELECT count(*) FROM names")
		return n, 8, err
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// Whoever commits, each of two that have the file open sees it at once, and asks once.
func TestCachedUntilACommit(t *testing.T) {
	db := open(t)
	other := openAt(t, db.path)
	var asked, askedByOther int
	for n := 1; n <= 10; n++ {
		writer := []*DB{db, other}[n%2]
		write := writer.WriteTx
		if n%3 == 0 {
			write = writer.GroupWriteTx
		}
		officetest.Must(t, write(t.Context(), add(nth(n))))
		for range 3 {
			officetest.Equal(t, "names", cachedCount(t, db, &asked), n)
			officetest.Equal(t, "names to the other", cachedCount(t, other, &askedByOther), n)
		}
		officetest.Equal(t, "queries", []int{asked, askedByOther}, []int{n, n})
	}
}

// What a query found before a commit is not kept after it.
func TestCachedAcrossACommit(t *testing.T) {
	db := open(t)
	found, err := Cached(db, "count", func() (int, int, error) {
		return 0, 8, db.WriteTx(t.Context(), add("a"))
	})
	officetest.Must(t, err)
	asked := 0
	officetest.Equal(t, "names before and after", []int{found, cachedCount(t, db, &asked)}, []int{0, 1})
}

func TestFailureIsNotCached(t *testing.T) {
	db := open(t)
	_, err := Cached(db, "count", func() (int, int, error) { return 0, 8, errReadOnly })
	asked := 0
	officetest.Equal(t, "the failure, then names, and queries",
		[]any{err, cachedCount(t, db, &asked), asked}, []any{errReadOnly, 0, 1})
}

// While one writes, nobody is told less than what was acknowledged before he asked.
func TestCachedBesideWrites(t *testing.T) {
	const writes = 100
	db := open(t)
	readers := []*DB{db, openAt(t, db.path)}
	var acknowledged atomic.Int64
	var all sync.WaitGroup
	for _, reader := range readers {
		all.Go(func() {
			asked := 0
			for before := int64(0); before < writes; {
				before = acknowledged.Load()
				if n := cachedCount(t, reader, &asked); int64(n) < before {
					t.Errorf("%d names, and %d writes were acknowledged before", n, before)
				}
			}
		})
	}
	for n := range writes {
		officetest.Must(t, db.GroupWriteTx(t.Context(), add(nth(n))))
		acknowledged.Add(1)
	}
	all.Wait()
}

// What is cached stays comparable with the file when all connections have been replaced.
func TestCachedWithOtherConnections(t *testing.T) {
	db := open(t)
	db.Reader.SetMaxIdleConns(0)
	db.writer.SetMaxIdleConns(0)
	asked := 0
	for n := range 5 {
		officetest.Equal(t, "names", cachedCount(t, db, &asked), n)
		officetest.Must(t, db.WriteTx(t.Context(), add(nth(n))))
	}
}

// The cache never has more than maxCached, unless one thing alone has, and goes on when it is
// full.
func TestCacheIsBounded(t *testing.T) {
	for _, size := range []int{0, maxCached / 3, maxCached} {
		db := open(t)
		for n := range 2 + maxCached/(size+cachedEntry) {
			asked := 0
			for range 2 {
				_, err := Cached(db, n, func() (int, int, error) {
					asked++
					return n, size, nil
				})
				officetest.Must(t, err)
			}
			officetest.Equal(t, "queries", asked, 1)
			if kept := len(db.cache.kept); kept > max(1, maxCached/(size+cachedEntry)) {
				t.Fatalf("%d are kept, of %d bytes each", kept, size)
			}
		}
	}
}
