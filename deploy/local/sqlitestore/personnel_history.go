package sqlitestore

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

// storedEntry is an entry as in the table.
type storedEntry struct {
	office.Entry
	DBID office.ID `json:"db_id"`
}

// addEntry adds an entry to a history, and removes the oldest after the first if there are too many.
func (w *recordWriter) addEntry(seq int64, entry office.Entry) error {
	text, err := json.Marshal(storedEntry{entry, entry.DBID})
	if err != nil {
		return err
	}
	err = conn.Exec(w.ctx, w.tx, "INSERT INTO history (seq, revision, entry) VALUES (?, ?, ?)", seq, entry.Revision, string(text))
	if err == nil && entry.Revision > office.MaxEntries {
		err = conn.Exec(w.ctx, w.tx, `DELETE FROM history
			WHERE seq = ?1 AND revision <= ?2 AND revision > (SELECT min(revision) FROM history WHERE seq = ?1)`,
			seq, entry.Revision-office.MaxEntries+1)
	}
	return err
}

// columnsWithHistory are those of a record, and the entries of its history, one per line.
const columnsWithHistory = personnelColumns + `,
	coalesce((SELECT group_concat(entry, char(10) ORDER BY revision) FROM history WHERE history.seq = personnels.seq), '')`

func scanWithHistory(row conn.Row) (r office.RecordWithHistory, err error) {
	var lines string
	if r.Personnel, err = scanRecord(row, &lines); err != nil {
		return r, err
	}
	for line := range strings.Lines(lines) {
		entry, err := entryOf(line)
		if err != nil {
			return r, err
		}
		r.History = append(r.History, entry)
	}
	return r, nil
}

func scanEntry(row conn.Row) (office.Entry, error) {
	var line string
	if err := row.Scan(&line); err != nil {
		return office.Entry{}, err
	}
	return entryOf(line)
}

func entryOf(line string) (office.Entry, error) {
	var stored storedEntry
	err := json.Unmarshal([]byte(line), &stored)
	stored.Entry.DBID = stored.DBID
	return stored.Entry, err
}

func (s Personnel) GetWithHistory(ctx context.Context, scope office.Scope, id office.ID) (office.RecordWithHistory, error) {
	found, err := storedRecord(ctx, s.db.Reader, scope, id)
	if err != nil {
		return office.RecordWithHistory{}, err
	}
	return withHistory(ctx, s.db.Reader, found)
}

// withHistory reads the history of a record up to its revision. It does so entry by entry:
// SQLite would put a long one together in memory that Go does not count.
func withHistory(ctx context.Context, q conn.Querier, found recordRow) (office.RecordWithHistory, error) {
	history, err := conn.Select(ctx, q, scanEntry, "SELECT entry FROM history WHERE seq = ? AND revision <= ? ORDER BY revision",
		found.seq, found.record.Revision)
	return office.RecordWithHistory{Personnel: found.record, History: history}, err
}

func (s Personnel) Changed(ctx context.Context, db office.ID, since time.Time, last office.Personnel, limit, bytes int) ([]office.RecordWithHistory, error) {
	// SQLite knows how long an entry is without reading it.
	found, err := conn.Select(ctx, s.db.Reader, scanRecordRow, `WITH changed AS MATERIALIZED (
			SELECT seq, updated_at, id FROM personnels
			WHERE db_id = ? AND updated_at >= ? AND (updated_at, id) < (?, ?) ORDER BY updated_at DESC, id DESC LIMIT ?
		), counted AS (
			SELECT seq, sum((SELECT total(octet_length(entry)) FROM history WHERE history.seq = changed.seq))
				OVER (ORDER BY updated_at DESC, id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM changed
		) SELECT `+personnelColumns+`, seq FROM counted JOIN personnels USING (seq)
		WHERE before IS NULL OR before < ? ORDER BY updated_at DESC, id DESC`,
		db[:], since.UnixMilli(), last.UpdatedAt.UnixMilli(), last.ID[:], limit, bytes)
	records := make([]office.RecordWithHistory, len(found))
	for i := 0; i < len(found) && err == nil; i++ {
		records[i], err = withHistory(ctx, s.db.Reader, found[i])
	}
	return records, err
}

func (s Personnel) Trash(ctx context.Context, query personnel.TrashQuery) ([]office.RecordWithHistory, int, error) {
	matching := " FROM personnels WHERE deleted_at IS NOT NULL AND db_id = ?2 AND " + hasWords
	args, total := []any{conn.List(query.Words), query.DB[:]}, 0
	if query.After.ID.IsZero() {
		var err error
		if total, err = conn.Int(ctx, s.db.Reader, "SELECT count(*)"+matching, args...); err != nil {
			return nil, 0, err
		}
	} else {
		matching += " AND (deleted_at, id) < (?3, ?4)"
		args = append(args, query.After.DeletedAt.UnixMilli(), query.After.ID[:])
	}
	records, err := conn.Select(ctx, s.db.Reader, scanWithHistory, "SELECT "+personnelColumns+`,
			coalesce((SELECT entry FROM history WHERE history.seq = personnels.seq ORDER BY revision DESC LIMIT 1), '')`+matching+
		" ORDER BY deleted_at DESC, id DESC LIMIT ? OFFSET ?", append(args, query.Limit, query.Offset)...)
	return records, total, err
}
