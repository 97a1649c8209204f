package sqlitestore

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/shared/office"
)

// deletionSchema adds a table of the databases whose records are being deleted. It also
// keeps SQLite from merging the search index when a tenth of it is deleted
// (https://sqlite.org/fts5.html#the_deletemerge_configuration_option): a merge is not limited
// in what it reads at a time, and with 100,000 deleted records it held up everybody for
// seconds. Deleted entries leave the index when it is merged because of new records.
const deletionSchema = `
	CREATE TABLE deletions (db_id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
	INSERT INTO search (search, rank) VALUES ('deletemerge', 0)`

// deletionStep is how many records one transaction deletes: few enough that other writes
// wait only some 30 ms, however large the database is.
const deletionStep = 250

// DeleteDB implements admin.Store. Its first step removes the database, so that nobody can
// add to it. The others delete its records, a few at a time, even if the caller is gone.
// If they are interrupted, the same call completes them, and so does CompleteDeletions.
func (s Admin) DeleteDB(ctx context.Context, id office.ID) (int, error) {
	err := s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error { return beginDeletion(ctx, tx, id) })
	if err != nil {
		return 0, err
	}
	return runDetached(ctx, func(ctx context.Context) (int, error) { return s.deleteRecords(ctx, id) })
}

// beginDeletion also succeeds if the database is gone, but its deletion is not complete.
func beginDeletion(ctx context.Context, tx *conn.Tx, id office.ID) error {
	if err := removeReferences(ctx, tx, id); err != nil {
		return err
	}
	err := conn.Exec(ctx, tx, `INSERT OR IGNORE INTO deletions (db_id) SELECT id FROM dbs WHERE id = ?1;
		DELETE FROM dbs WHERE id = ?1; `+regainCodes, id[:])
	if err == nil {
		_, err = conn.Get(ctx, tx, office.ErrDBNotFound, scanID, "SELECT db_id FROM deletions WHERE db_id = ?", id[:])
	}
	return err
}

func removeReferences(ctx context.Context, tx *conn.Tx, db office.ID) error {
	// instr may find the bytes across two ids; such a user is written back unchanged.
	users, err := conn.Select(ctx, tx, scanUser, "SELECT "+userColumns+" FROM users WHERE instr(allowed_dbs, ?) > 0", db[:])
	if err != nil {
		return err
	}
	for _, user := range users {
		left := slices.DeleteFunc(user.AllowedDBs, func(id office.ID) bool { return id == db })
		if err := conn.Exec(ctx, tx, "UPDATE users SET allowed_dbs = ? WHERE id = ?", conn.PackIDs(left), user.ID[:]); err != nil {
			return err
		}
	}
	return nil
}

// runDetached runs do to its end, even if the caller no longer waits for it. A panic of do
// becomes an error: in a goroutine of its own it would end the process.
func runDetached(ctx context.Context, do func(context.Context) (int, error)) (int, error) {
	var n int
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if fault := recover(); fault != nil {
				err = fmt.Errorf("panic: %v", fault)
				slog.ErrorContext(ctx, "panic", "error", fmt.Sprint(fault), "stack", string(debug.Stack()))
			}
		}()
		n, err = do(context.WithoutCancel(ctx))
	}()
	select {
	case <-ended:
		return n, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (s Admin) deleteRecords(ctx context.Context, db office.ID) (deleted int, err error) {
	for {
		step := 0
		err := s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) (err error) {
			if step, err = deleteStep(ctx, tx, db); step > 0 || err != nil {
				return err
			}
			return endDeletion(ctx, tx, db)
		})
		if step == 0 || err != nil {
			return deleted, err
		}
		deleted += step
	}
}

// deleteStep deletes the next records of a database, unless it exists again, from an import.
func deleteStep(ctx context.Context, tx *conn.Tx, db office.ID) (int, error) {
	removed, err := conn.Select(ctx, tx, scanDeleted, `DELETE FROM personnels WHERE seq IN (
			SELECT seq FROM personnels WHERE db_id = ?1 AND deleted_at IS NULL
			UNION ALL SELECT seq FROM personnels WHERE db_id = ?1 AND deleted_at IS NOT NULL LIMIT ?2)
		AND NOT EXISTS (SELECT 1 FROM dbs WHERE id = ?1)
		RETURNING seq, id, db_id, status, created_at, deleted_at, revision`, db[:], deletionStep)
	if err != nil || len(removed) == 0 {
		return 0, err
	}
	return len(removed), writeRecords(ctx, tx, func(w *recordWriter) error {
		seqs := make([]int64, len(removed))
		for i, r := range removed {
			w.remove(r)
			seqs[i] = r.seq
		}
		return conn.Exec(w.ctx, tx, "DELETE FROM history WHERE seq IN (SELECT value FROM json_each(?))", conn.List(seqs))
	})
}

// endDeletion ends the deletion of a database and, unless it exists again, removes its tally, which
// is 0 by now. The primary key of the tally begins with the month.
func endDeletion(ctx context.Context, tx *conn.Tx, db office.ID) error {
	if err := conn.Exec(ctx, tx, "DELETE FROM deletions WHERE db_id = ?", db[:]); err != nil {
		return err
	}
	if err := checkDB(ctx, tx, db); err != office.ErrDBNotFound {
		return err
	}
	if err := search.ForgetDB(ctx, tx, db); err != nil {
		return err
	}
	return conn.Exec(ctx, tx, "DELETE FROM tally WHERE month IN (SELECT DISTINCT month FROM tally_of_all) AND db_id = ?", db[:])
}

// CompleteDeletions completes the interrupted deletions, and logs them.
func (s Admin) CompleteDeletions(ctx context.Context) error {
	interrupted, err := conn.Select(ctx, s.db.Reader, scanID, "SELECT db_id FROM deletions")
	for _, db := range interrupted {
		deleted, err := s.deleteRecords(ctx, db)
		if err != nil {
			return fmt.Errorf("completing the deletion of database %s: %w", db.Hex(), err)
		}
		slog.InfoContext(ctx, "an interrupted deletion was completed", "database", db.Hex(), "personnel", deleted)
	}
	return err
}
