package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	"officepay.example/shared/office"
)

// Snapshot is everything as it is at one moment.
type Snapshot struct {
	ctx context.Context
	tx  *sql.Tx
}

// Snapshot lets do read everything as it is now, while others go on writing.
func (db *DB) Snapshot(ctx context.Context, do func(Snapshot) error) error {
	tx, err := db.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return translate(err)
	}
	defer tx.Rollback()
	return do(Snapshot{ctx, tx})
}

// Users hands over every user, in order of creation.
func (s Snapshot) Users(each func(office.User) error) error {
	return visit(s, scanUser, "SELECT "+userColumns+" FROM users ORDER BY created_at, id", each)
}

// DBs hands over every database, in order of creation.
func (s Snapshot) DBs(each func(office.DB) error) error {
	return visit(s, scanDB, "SELECT "+dbColumns+" FROM dbs ORDER BY created_at, id", each)
}

// Personnel hands over every record, deleted ones included, in the order in
// which they were stored.
func (s Snapshot) Personnel(each func(office.Personnel) error) error {
	return visit(s, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels ORDER BY seq", each)
}

func visit[T any](s Snapshot, scan func(row) (T, error), query string, each func(T) error) error {
	rows, err := s.tx.QueryContext(s.ctx, query)
	if err != nil {
		return translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return translate(err)
		}
		if err := each(item); err != nil {
			return err
		}
	}
	return translate(rows.Err())
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
	tx     *transaction
	index  *indexer
	counts tally
}

// Load lets do add to the database. All that it adds is kept when it returns
// nil, and nothing otherwise.
func (db *DB) Load(ctx context.Context, do func(*Loader) error) error {
	return db.change(ctx, func(tx *transaction) error {
		loader := &Loader{ctx, tx, newIndexer(tx), tally{}}
		if err := do(loader); err != nil {
			return err
		}
		if err := loader.index.save(ctx); err != nil {
			return err
		}
		return loader.counts.save(ctx, tx)
	})
}

// AddUser adds a user. Its error says so when somebody else has the army
// number.
func (l *Loader) AddUser(user office.User) (Outcome, error) {
	return outcome(insertUser(l.ctx, l.tx, user), user, func() (office.User, error) {
		return selectUser(l.ctx, l.tx, "id = ?", user.ID[:])
	})
}

// AddDB adds a database. Its error says so when another has the short code.
func (l *Loader) AddDB(db office.DB) (Outcome, error) {
	return outcome(insertDB(l.ctx, l.tx, db), db, func() (office.DB, error) {
		return scanDB(l.tx.QueryRowContext(l.ctx, "SELECT "+dbColumns+" FROM dbs WHERE id = ?", db.ID[:]))
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
	if isUniqueViolation(err) {
		err = office.ErrArmyNumberTaken
	}
	return outcome(err, record, func() (office.Personnel, error) {
		there, err := scanPersonnel(l.tx.QueryRowContext(l.ctx, "SELECT "+personnelColumns+" FROM personnels WHERE id = ?", record.ID[:]))
		if guessed && there.IsDeleted {
			there.DeletedAt = now // a guess is no difference
		}
		return there, err
	})
}

// outcome tells what an insertion came to: whether a value that is taken is
// taken by the very same thing.
func outcome[T any](inserted error, wanted T, find func() (T, error)) (Outcome, error) {
	taken := errors.Is(inserted, office.ErrArmyNumberTaken) || errors.Is(inserted, office.ErrShortCodeTaken)
	if inserted == nil || !taken {
		return Added, inserted
	}
	there, err := find()
	switch {
	case errors.Is(err, office.ErrNotFound) || errors.Is(err, sql.ErrNoRows):
		return Added, fmt.Errorf("%w by another one", inserted)
	case err != nil:
		return Added, err
	case reflect.DeepEqual(there, wanted):
		return Same, nil
	}
	return Differs, nil
}
