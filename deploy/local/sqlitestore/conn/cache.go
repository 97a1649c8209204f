package conn

import (
	"context"
	"os"
	"sync"
)

// cache keeps what was read for as long as nobody commits anything, in this process or in
// another. So it never has what a query would no longer find.
type cache struct {
	index  *os.File // the WAL index
	anchor *Pool    // one idle connection: while it is open, the index remains the same file

	mu   sync.Mutex
	asOf commit // the commit as of which everything in kept was read
	kept map[any]any
	size int // of kept, in bytes
}

// commit is the header of the WAL index, which tells queries what the last commit is. Every
// commit changes it, once its changes are on the disk (https://sqlite.org/walformat.html, 2.1).
type commit [48]byte

const (
	maxCached   = 1 << 20 // bytes: some 40 pages of 50 records
	cachedEntry = 1 << 10 // bytes that each entry is assumed to need besides those that find reports
)

// openCache needs a file that is in WAL mode already.
func openCache(ctx context.Context, db *DB) (*cache, error) {
	anchor, err := openPool(db.path, 1, asReader, db.damage)
	if err != nil {
		return nil, err
	}
	c := &cache{anchor: anchor}
	if _, err = schemaVersion(ctx, anchor); err == nil { // which opens the index
		c.index, err = os.Open(db.path + shmSuffix)
	}
	return c, err
}

// Cached returns what find returned for this key before or, if that is not kept or somebody
// has committed since, calls find, which also reports how many bytes its texts and lists
// have. Nobody may change what is returned.
func Cached[T any](db *DB, key any, find func() (T, int, error)) (T, error) {
	asOf, isKnown := db.cache.lastCommit() // before find: if find sees a later one, its result is kept in vain
	if isKnown {
		if kept, ok := db.cache.get(asOf, key); ok {
			return kept.(T), nil
		}
	}
	found, size, err := find()
	if isKnown && err == nil {
		db.cache.put(asOf, key, found, size)
	}
	return found, err
}

// lastCommit returns false while somebody writes the header, whose two copies then differ.
func (c *cache) lastCommit() (commit, bool) {
	var header [2 * len(commit{})]byte
	_, err := c.index.ReadAt(header[:], 0)
	one, two := commit(header[:]), commit(header[len(commit{}):])
	return one, err == nil && one == two
}

func (c *cache) get(asOf commit, key any) (kept any, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asOf == asOf {
		kept, ok = c.kept[key]
	}
	return kept, ok
}

func (c *cache) put(asOf commit, key, found any, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	size += cachedEntry
	if c.asOf != asOf || c.size+size > maxCached {
		c.asOf, c.kept, c.size = asOf, map[any]any{}, 0
	}
	c.kept[key] = found
	c.size += size
}
