package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/shared/office"
)

// Snapshot is everything as it is at one moment.
type Snapshot struct {
	ctx context.Context
	q   conn.Querier
}

// Snapshot lets do read everything as it is now, while others go on writing.
func (db *DB) Snapshot(ctx context.Context, do func(Snapshot) error) error {
	return db.ReadTx(ctx, func(ctx context.Context, q conn.Querier) error { return do(Snapshot{ctx, q}) })
}

// Users hands over every user, in order of creation.
func (s Snapshot) Users(each func(office.User) error) error {
	return conn.Each(s.ctx, s.q, scanUser, each, "SELECT "+userColumns+" FROM users ORDER BY created_at, id")
}

// DBs hands over every database, in order of creation.
func (s Snapshot) DBs(each func(office.DB) error) error {
	return conn.Each(s.ctx, s.q, scanDB, each, "SELECT "+dbColumns+" FROM dbs ORDER BY created_at, id")
}

// Personnel hands over every record, deleted ones included, in the order in
// which they were stored.
func (s Snapshot) Personnel(each func(office.Personnel) error) error {
	return conn.Each(s.ctx, s.q, scanPersonnel, each, "SELECT "+personnelColumns+" FROM personnels ORDER BY seq")
}

// Outcome is what became of something that was to be loaded.
type Outcome int

const (
	Added   Outcome = iota
	Same            // it was there already, alike
	Differs         // it was there already, different, and was left as it was
)

// Loader adds what comes from elsewhere, ids and all.
type Loader struct {
	ctx    context.Context
	tx     *sql.Tx
	index  *search.Indexer
	counts tally
}

// Load lets do add to the database. All that it adds is kept when it returns
// nil, and nothing otherwise.
func (db *DB) Load(ctx context.Context, do func(*Loader) error) error {
	return db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		loader := &Loader{ctx, tx, search.NewIndexer(tx), tally{}}
		if err := do(loader); err != nil {
			return err
		}
		if err := loader.index.Save(ctx); err != nil {
			return err
		}
		return loader.counts.save(ctx, tx)
	})
}

// AddUser adds a user. Its error says when somebody else has the army number.
func (l *Loader) AddUser(user office.User) (Outcome, error) {
	return outcome(insertUser(l.ctx, l.tx, user), user, func() (office.User, error) {
		return userByID(l.ctx, l.tx, user.ID)
	})
}

// AddDB adds a database. Its error says when another has the short code.
func (l *Loader) AddDB(db office.DB) (Outcome, error) {
	return outcome(insertDB(l.ctx, l.tx, db), db, func() (office.DB, error) {
		return dbByID(l.ctx, l.tx, db.ID)
	})
}

// AddPersonnel adds a record, deleted or not; one whose time of deletion is
// not known was deleted now. Its error says so when another live record of the
// database has the army number.
func (l *Loader) AddPersonnel(record office.Personnel, now time.Time) (Outcome, error) {
	guessed := record.IsDeleted && record.DeletedAt.IsZero()
	if guessed {
		record.DeletedAt = now
	}
	err := insertRecord(l.ctx, l.tx, l.index, record)
	if err == nil {
		l.counts.add(record, 1)
		return Added, nil
	}
	return outcome(orTaken(err, office.ErrArmyNumberTaken), record, func() (office.Personnel, error) {
		there, err := conn.Get(l.ctx, l.tx, office.ErrNotFound, scanPersonnel,
			"SELECT "+personnelColumns+" FROM personnels WHERE id = ?", record.ID[:])
		if guessed && there.IsDeleted {
			there.DeletedAt = now // a guessed time is no difference
		}
		return there, err
	})
}

// outcome tells what became of an insertion: when a value is taken, whether it is the
// very same thing that has it.
func outcome[T any](inserted error, wanted T, find func() (T, error)) (Outcome, error) {
	taken := errors.Is(inserted, office.ErrArmyNumberTaken) || errors.Is(inserted, office.ErrShortCodeTaken)
	if inserted == nil || !taken {
		return Added, inserted
	}
	there, err := find()
	switch {
	case errors.Is(err, office.ErrNotFound) || errors.Is(err, office.ErrDBNotFound):
		return Added, fmt.Errorf("%w by another one", inserted)
	case err != nil:
		return Added, err
	case reflect.DeepEqual(there, wanted):
		return Same, nil
	}
	return Differs, nil
}
