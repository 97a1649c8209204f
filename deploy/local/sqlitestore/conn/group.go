package conn

import (
	"context"
	"slices"
	"sync"

	"officepay.example/shared/office"
)

// group lets small writes that come at the same time share a commit, since waiting for the
// disk is most of the cost of a write. Each is answered when its commit is on the disk. If
// one fails, the others do not.
type group struct {
	runTx   func(context.Context, Do) error
	turn    chan struct{} // held by the goroutine that commits for all
	mu      sync.Mutex
	waiting []*member
}

type member struct {
	ctx  context.Context
	do   Do
	err  error
	done chan struct{}
}

// maxGroup is how many writes share a commit: as many as can run in the time that a commit
// takes.
const maxGroup = 32

func (g *group) writeTx(ctx context.Context, do Do) error {
	m := &member{ctx, do, office.ErrUnavailable, make(chan struct{})} // this error stays if a panic prevents the write
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

// withdraw removes a write that is still waiting, and tells whether it was.
func (g *group) withdraw(m *member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := len(g.waiting)
	g.waiting = slices.DeleteFunc(g.waiting, func(waiting *member) bool { return waiting == m })
	return len(g.waiting) < before
}

// lead makes the writes that have waited longest: together or, if that fails, each in its
// own transaction.
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
	if len(members) > 1 && g.writeTogether(members) == nil {
		return
	}
	for _, m := range members {
		m.err = g.runTx(m.ctx, func(ctx context.Context, tx *Tx) error { return m.do(context.WithoutCancel(ctx), tx) })
	}
}

// writeTogether makes the writes in one transaction, and sets their results. If it returns an
// error, none is made and none has a result.
func (g *group) writeTogether(members []*member) error {
	outcomes := make([]error, len(members))
	ctx := context.Background()
	for _, m := range members { // the earliest deadline is that of all; after it, each is tried by itself
		if deadline, ok := m.ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline)
			defer cancel()
		}
	}
	err := g.runTx(ctx, func(_ context.Context, tx *Tx) error {
		for i, m := range members {
			if err := m.attempt(tx, &outcomes[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		for i, m := range members {
			m.err = outcomes[i]
		}
	}
	return err
}

// attempt makes the write in the transaction of the group and sets its outcome. If it
// fails, only this write is rolled back. It returns an error if the whole transaction
// cannot go on.
func (m *member) attempt(tx *Tx, outcome *error) error {
	if *outcome = m.ctx.Err(); *outcome != nil {
		return nil
	}
	ctx := context.WithoutCancel(m.ctx)
	if err := Exec(ctx, tx, "SAVEPOINT member"); err != nil {
		return err
	}
	if *outcome = translate(m.do(ctx, tx)); *outcome != nil {
		// This fails if SQLite has rolled back the whole transaction, as it may when the
		// disk is full (https://sqlite.org/lang_transaction.html).
		if err := Exec(ctx, tx, "ROLLBACK TO member"); err != nil {
			return err
		}
	}
	return Exec(ctx, tx, "RELEASE member")
}
