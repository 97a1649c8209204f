package sqlitestore

import (
	"context"
	"slices"
	"sync"
	"time"

	"officepay.example/shared/office"
)

// group lets small changes that come at the same time share a commit: waiting
// for the disk is most of what one costs. Each is answered when its commit is
// on the disk, and fails alone.
type group struct {
	pool    *pool
	turn    chan struct{} // taken by who commits for all that wait
	mu      sync.Mutex
	waiting []*member
}

// member is one change of a group.
type member struct {
	ctx  context.Context
	do   func(context.Context, *transaction) error
	err  error
	done chan struct{}
}

// maxGroup is how many changes share a commit: as many as are made in the time
// that the disk takes.
const maxGroup = 32

func newGroup(pool *pool) *group { return &group{pool: pool, turn: make(chan struct{}, 1)} }

// in makes a change as pool.in does. The change gets a context that does not
// end, since others share the transaction, and must be small.
func (g *group) in(ctx context.Context, do func(context.Context, *transaction) error) error {
	m := &member{ctx, do, office.ErrUnavailable, make(chan struct{})} // unless it is made
	g.mu.Lock()
	g.waiting = append(g.waiting, m)
	g.mu.Unlock()
	for {
		select {
		case <-m.done:
			return m.err
		case <-ctx.Done():
			if g.withdraw(m) {
				return ctx.Err()
			}
			<-m.done
		case g.turn <- struct{}{}:
			g.lead()
		}
	}
}

// withdraw tells whether a change still waited, and will not be made.
func (g *group) withdraw(m *member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	place := slices.Index(g.waiting, m)
	if place < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, place, place+1)
	return true
}

// lead makes the changes that have waited longest.
func (g *group) lead() {
	defer func() { <-g.turn }()
	g.mu.Lock()
	count := min(len(g.waiting), maxGroup)
	members := slices.Clone(g.waiting[:count])
	g.waiting = slices.Delete(g.waiting, 0, count)
	g.mu.Unlock()
	defer func() {
		for _, m := range members {
			close(m.done)
		}
	}()
	if len(members) > 1 && g.together(members) == nil {
		return
	}
	for _, m := range members {
		m.err = g.pool.in(m.ctx, func(tx *transaction) error { return m.do(context.WithoutCancel(m.ctx), tx) })
	}
}

// together makes the changes in one transaction. When it returns an error,
// none is made.
func (g *group) together(members []*member) error {
	errs := make([]error, len(members))
	ctx, cancel := earliest(members)
	defer cancel()
	err := g.pool.in(ctx, func(tx *transaction) (fatal error) {
		for i, m := range members {
			if errs[i], fatal = m.within(tx); fatal != nil {
				return fatal
			}
		}
		return nil
	})
	if err == nil {
		for i, m := range members {
			m.err = errs[i]
		}
	}
	return err
}

// earliest is a context that ends at the first deadline of the members. What
// is left then goes on alone.
func earliest(members []*member) (context.Context, context.CancelFunc) {
	var first time.Time
	for _, m := range members {
		if end, ok := m.ctx.Deadline(); ok && (first.IsZero() || end.Before(first)) {
			first = end
		}
	}
	if first.IsZero() {
		return context.WithCancel(context.Background())
	}
	return context.WithDeadline(context.Background(), first)
}

// within makes the change, or undoes what it did alone. It also returns what
// is fatal to the whole transaction.
func (m *member) within(tx *transaction) (err, fatal error) {
	ctx := context.WithoutCancel(m.ctx)
	if m.ctx.Err() != nil {
		return m.ctx.Err(), nil
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT member"); err != nil {
		return nil, err
	}
	if err = m.do(ctx, tx); err != nil {
		// It fails where SQLite has undone the whole transaction of itself, as
		// it may without room (https://sqlite.org/lang_transaction.html).
		if _, fatal := tx.ExecContext(ctx, "ROLLBACK TO member"); fatal != nil {
			return err, fatal
		}
	}
	_, fatal = tx.ExecContext(ctx, "RELEASE member")
	return translate(err), fatal
}
