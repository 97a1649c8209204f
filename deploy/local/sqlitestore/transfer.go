package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"reflect"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

// Snapshot is the whole database as of one moment.
type Snapshot struct {
	ctx context.Context
	q   conn.Querier
}

// Snapshot lets do read everything as of now, while others go on writing.
func (db *DB) Snapshot(ctx context.Context, do func(Snapshot) error) error {
	return db.ReadTx(ctx, func(ctx context.Context, q conn.Querier) error { return do(Snapshot{ctx, q}) })
}

// Users passes on every user, in order of creation.
func (s Snapshot) Users(each func(office.User) error) error {
	return conn.Each(s.ctx, s.q, scanUser, each, "SELECT "+userColumns+" FROM users ORDER BY created_at, id")
}

// DBs passes on every database, in order of creation.
func (s Snapshot) DBs(each func(office.DB) error) error {
	return conn.Each(s.ctx, s.q, scanDB, each, "SELECT "+dbColumns+" FROM dbs ORDER BY created_at, id")
}

// Personnel passes on every record with its history, deleted ones included, in the order in
// which they were stored.
func (s Snapshot) Personnel(each func(office.RecordWithHistory) error) error {
	return conn.Each(s.ctx, s.q, scanWithHistory, each, "SELECT "+columnsWithHistory+" FROM personnels ORDER BY seq")
}

// SetAside returns the documents of a collection that were set aside.
func (s Snapshot) SetAside(collection string) ([]bson.Raw, error) {
	return conn.Select(s.ctx, s.q, conn.ScanOne[bson.Raw], "SELECT document FROM set_aside WHERE collection = ? ORDER BY seq", collection)
}

// Outcome is the outcome of loading something.
type Outcome int

const (
	Added     Outcome = iota
	Duplicate         // it was added although something else that was loaded has its number or code
	Same              // it was already there, and is equal
	Differs           // it was already there, differs, and was left unchanged
)

// ErrTwice: something else that was loaded has the same id.
var ErrTwice = errors.New("another one has the id")

// Loader adds users, databases and records, new or from elsewhere, which have their ids.
type Loader struct {
	*recordWriter
	before map[string]int // by table, the last row from before the load; if nil, all rows count as loaded
}

// Load lets do add to the database. If do returns nil, everything that it added is kept,
// and otherwise nothing.
func (db *DB) Load(ctx context.Context, do func(*Loader) error) error {
	return db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		before := map[string]int{}
		for _, table := range []string{"users", "dbs", "personnels"} {
			if before[table], err = conn.Int(ctx, tx, "SELECT max(seq) FROM "+table); err != nil {
				return err
			}
		}
		return writeRecords(ctx, tx, func(w *recordWriter) error { return do(&Loader{w, before}) })
	})
}

// AddUser adds a user. If another loaded user has the army number, the id is appended to it;
// if a user from before has it, AddUser returns office.ErrArmyNumberTaken.
func (l *Loader) AddUser(user office.User) (Outcome, error) {
	became, err := outcome(l, "users", user.ID, insertUser(l.ctx, l.tx, user), user, func() (office.User, error) {
		return userByID(l.ctx, l.tx, user.ID)
	})
	return l.orDuplicate(became, err, func() error {
		user.ArmyNumber = office.DistinctNumber(user.ArmyNumber, user.ID.Hex())
		return insertUser(l.ctx, l.tx, user)
	}, "users", "army_number = ?", user.ArmyNumber)
}

// AddDB adds a database, even if another loaded one has the short code. If a database from
// before has it, AddDB returns office.ErrShortCodeTaken.
func (l *Loader) AddDB(db office.DB) (Outcome, error) {
	became, err := outcome(l, "dbs", db.ID, insertDB(l.ctx, l.tx, db), db, func() (office.DB, error) {
		return dbByID(l.ctx, l.tx, db.ID)
	})
	folded := office.Fold(db.ShortCode)
	return l.orDuplicate(became, err, func() error {
		err := conn.Exec(l.ctx, l.tx, "UPDATE dbs SET short_code_folded = ? || lower(hex(id)) WHERE short_code_folded = ?",
			office.DistinctCode(folded, ""), folded)
		if err == nil {
			err = insertDB(l.ctx, l.tx, db)
		}
		return err
	}, "dbs", "short_code_folded = ?", folded)
}

// orDuplicate returns an outcome or, if the number or code is taken by a loaded row, of a table
// and with a condition, calls add.
func (l *Loader) orDuplicate(became Outcome, err error, add func() error, table, where string, args ...any) (Outcome, error) {
	if !isTaken(err) {
		return became, err
	}
	isLoaded, failed := l.isLoaded(table, where, args...)
	if isLoaded {
		return Duplicate, add()
	}
	return Duplicate, cmp.Or(failed, err)
}

func isTaken(err error) bool {
	return errors.Is(err, office.ErrArmyNumberTaken) || errors.Is(err, office.ErrShortCodeTaken)
}

// isLoaded tells whether one of the rows of a table with a condition was loaded.
func (l *Loader) isLoaded(table, where string, args ...any) (bool, error) {
	loaded, err := conn.Int(l.ctx, l.tx, "SELECT count(*) FROM "+table+" WHERE "+where+" AND seq > ?", append(args, l.before[table])...)
	return loaded > 0, err
}

// AddPersonnel adds a record, live or deleted, with its history. An unknown time of deletion
// becomes now. Another loaded record may have the army number of a live one; if a record
// from before has it, AddPersonnel returns office.ErrArmyNumberTaken.
func (l *Loader) AddPersonnel(record office.RecordWithHistory, now time.Time) (Outcome, error) {
	guessed := record.IsDeleted && record.DeletedAt.IsZero()
	if guessed {
		record.DeletedAt = now
	}
	became, err := outcome(l, "personnels", record.ID, l.insert(record.Personnel, record.History...), record.Personnel, func() (office.Personnel, error) {
		there, err := conn.Get(l.ctx, l.tx, office.ErrNotFound, scanPersonnel,
			"SELECT "+personnelColumns+" FROM personnels WHERE id = ?", record.ID[:])
		if guessed && there.IsDeleted {
			there.DeletedAt = now // ignore a difference from a guessed time
		}
		return there, err
	})
	return l.orDuplicate(became, err, func() error {
		err := conn.Exec(l.ctx, l.tx, "UPDATE personnels SET is_unique = NULL WHERE db_id = ? AND army_number = ? AND deleted_at IS NULL",
			record.DBID[:], record.ArmyNumber)
		if err == nil {
			err = l.insert(record.Personnel, record.History...)
		}
		return err
	}, "personnels", "deleted_at IS NULL AND is_unique = 1 AND db_id = ? AND army_number = ?", record.DBID[:], record.ArmyNumber)
}

// outcome returns the outcome of an insertion. If a value was taken, it finds out whether
// the same thing has it.
func outcome[T any](l *Loader, table string, id office.ID, inserted error, wanted T, find func() (T, error)) (Outcome, error) {
	if !isTaken(inserted) {
		return Added, inserted
	}
	there, err := find()
	switch {
	case errors.Is(err, office.ErrNotFound) || errors.Is(err, office.ErrDBNotFound):
		return Added, inserted
	case err != nil:
		return Added, err
	case reflect.DeepEqual(there, wanted):
		return Same, nil
	}
	isLoaded, err := l.isLoaded(table, "id = ?", id[:])
	if isLoaded {
		err = ErrTwice
	}
	return Differs, err
}
