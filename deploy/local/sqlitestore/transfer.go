package sqlitestore

import (
	"cmp"
	"context"
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
	tx  *conn.Tx
}

// Snapshot lets do read everything as of now, while others go on writing.
func (db *DB) Snapshot(ctx context.Context, do func(Snapshot) error) error {
	return db.ReadTx(ctx, func(ctx context.Context, tx *conn.Tx) error { return do(Snapshot{ctx, tx}) })
}

// Users passes on every user, in order of creation.
func (s Snapshot) Users(each func(office.User) error) error {
	return conn.Each(s.ctx, s.tx, scanUser, each, "SELECT "+userColumns+" FROM users ORDER BY created_at, id")
}

// DBs passes on every database, in order of creation.
func (s Snapshot) DBs(each func(office.DB) error) error {
	return conn.Each(s.ctx, s.tx, scanDB, each, "SELECT "+dbColumns+" FROM dbs ORDER BY created_at, id")
}

// Personnel passes on every record with its history, also deleted ones, as they were stored.
func (s Snapshot) Personnel(each func(office.RecordWithHistory) error) error {
	return conn.Each(s.ctx, s.tx, scanWithHistory, each, "SELECT "+columnsWithHistory+" FROM personnels ORDER BY seq")
}

// SetAside returns the documents of a collection that were set aside.
func (s Snapshot) SetAside(collection string) ([]bson.Raw, error) {
	return conn.Select(s.ctx, s.tx, conn.ScanOne[bson.Raw], "SELECT document FROM set_aside WHERE collection = ? ORDER BY seq", collection)
}

// Outcome is the outcome of loading something.
type Outcome int

const (
	Added     Outcome = iota
	Duplicate         // it was added although something else that was loaded has its number or code
	Same              // it was already there, and is equal
	Differs           // it was already there, differs, and was left unchanged
)

// ErrIDTaken: something else that was loaded has the same id.
var ErrIDTaken = errors.New("another one has the id")

// Loader adds users, databases and records that have ids already.
type Loader struct {
	*recordWriter
	before map[string]int // by table, the last row from before the load; if nil, all rows count as loaded
}

// Load lets do add to the database: everything if it returns nil, and otherwise nothing.
func (db *DB) Load(ctx context.Context, do func(*Loader) error) error {
	return db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) (err error) {
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
	return load(l, "users", user.ID, user, insertUser, userByID, func(u *office.User) error {
		u.ArmyNumber = office.DistinctNumber(u.ArmyNumber, u.ID.Hex())
		return nil
	}, "army_number = ?", user.ArmyNumber)
}

// AddDB adds a database, even if another loaded one has the short code. If a database from
// before has it, AddDB returns office.ErrShortCodeTaken.
func (l *Loader) AddDB(db office.DB) (Outcome, error) {
	folded := office.Fold(db.ShortCode)
	return load(l, "dbs", db.ID, db, insertDB, dbByID, func(*office.DB) error {
		return conn.Exec(l.ctx, l.tx, "UPDATE dbs SET short_code_folded = ? || lower(hex(id)) WHERE short_code_folded = ?",
			office.DistinctCode(folded, ""), folded)
	}, "short_code_folded = ?", folded)
}

// AddPersonnel adds a record, live or deleted, with its history. An unknown time of deletion
// becomes now. Another loaded record may have the army number of a live one; if a record
// from before has it, AddPersonnel returns office.ErrArmyNumberTaken.
func (l *Loader) AddPersonnel(record office.RecordWithHistory, now time.Time) (Outcome, error) {
	guessed := record.IsDeleted && record.DeletedAt.IsZero()
	if guessed {
		record.DeletedAt = now
	}
	insert := func(_ context.Context, _ *conn.Tx, p office.Personnel) error { return l.insert(p, record.History...) }
	find := func(ctx context.Context, q conn.Querier, id office.ID) (office.Personnel, error) {
		there, err := conn.Get(ctx, q, office.ErrNotFound, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels WHERE id = ?", id[:])
		if guessed && there.IsDeleted {
			there.DeletedAt = now // ignore a difference from a guessed time
		}
		return there, err
	}
	return load(l, "personnels", record.ID, record.Personnel, insert, find, func(*office.Personnel) error {
		return conn.Exec(l.ctx, l.tx, "UPDATE personnels SET is_unique = NULL WHERE db_id = ? AND army_number = ? AND deleted_at IS NULL",
			record.DBID[:], record.ArmyNumber)
	}, "deleted_at IS NULL AND is_unique = 1 AND db_id = ? AND army_number = ?", record.DBID[:], record.ArmyNumber)
}

// load inserts something into a table, unless it is there already. It may share a number or
// code with a loaded row, which matching finds: makeRoom prepares for that.
func load[T any](l *Loader, table string, id office.ID, thing T, insert func(context.Context, *conn.Tx, T) error,
	find func(context.Context, conn.Querier, office.ID) (T, error), makeRoom func(*T) error, matching string, args ...any) (Outcome, error) {
	taken := insert(l.ctx, l.tx, thing)
	if !errors.Is(taken, office.ErrArmyNumberTaken) && !errors.Is(taken, office.ErrShortCodeTaken) {
		return Added, taken
	}
	there, err := find(l.ctx, l.tx, id)
	switch {
	case err == nil && reflect.DeepEqual(there, thing):
		return Same, nil
	case err == nil:
		isLoaded, err := l.isLoaded(table, "id = ?", id[:])
		if isLoaded {
			err = ErrIDTaken
		}
		return Differs, err
	case !errors.Is(err, office.ErrNotFound) && !errors.Is(err, office.ErrDBNotFound):
		return Added, err
	}
	isLoaded, err := l.isLoaded(table, matching, args...)
	if err != nil || !isLoaded {
		return Duplicate, cmp.Or(err, taken)
	}
	if err := makeRoom(&thing); err != nil {
		return Duplicate, err
	}
	return Duplicate, insert(l.ctx, l.tx, thing)
}

// isLoaded tells whether one of the rows of a table that match was loaded.
func (l *Loader) isLoaded(table, matching string, args ...any) (bool, error) {
	loaded, err := conn.Int(l.ctx, l.tx, "SELECT count(*) FROM "+table+" WHERE "+matching+" AND seq > ?", append(args, l.before[table])...)
	return loaded > 0, err
}
