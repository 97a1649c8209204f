package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"path/filepath"
	"strings"
	"unicode"

	"officepay.example/deploy/bench/dataset"
	"officepay.example/shared/office"
)

// raw is a copy of the office's file and prepared statements: what keeping
// records costs where nothing is checked or counted.
type raw struct {
	pool   *sql.DB
	insert *sql.Stmt
	index  *sql.Stmt
}

const rawInsert = `INSERT INTO personnels (id, db_id, first_name, last_name, middle_name, army_number, phone_number, rank,
	bank_name, bank_sort_code, acct_number, sub_sector, location, remark, status, created_at, updated_at, search_text, answer)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// openRaw copies an office that nobody serves yet.
func openRaw(ctx context.Context, from, dir string) (*raw, error) {
	path := filepath.Join(dir, "raw.db")
	if err := copyFile(filepath.Join(from, dataset.File), path); err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	insert, err := pool.PrepareContext(ctx, rawInsert)
	if err != nil {
		return nil, err
	}
	index, err := pool.PrepareContext(ctx, "INSERT INTO search (rowid, grams) VALUES (?, ?)")
	return &raw{pool, insert, index}, err
}

// rawGrams are words, as many and as long as the search index has of a text.
func rawGrams(text string) string {
	var out []byte
	for from := range text {
		letters := strings.IndexFunc(text[from:], func(r rune) bool { return !unicode.IsLetter(r) })
		for to := from + 1; to <= min(from+max(3, min(letters, 8)), len(text)); to++ {
			out = hex.AppendEncode(append(out, " 1x"...), []byte(text[from:to]))
		}
	}
	return string(out)
}

func rawValues(p office.Personnel) []any {
	return []any{p.ID[:], p.DBID[:], p.FirstName, p.LastName, p.MiddleName, p.ArmyNumber, p.PhoneNumber, p.Rank,
		p.Bank.Name, p.Bank.SortCode, p.AcctNumber, p.SubSector, p.Location, p.Remark, p.Status,
		p.CreatedAt.UnixMilli(), p.UpdatedAt.UnixMilli(), p.SearchText(), string(p.JSON())}
}

func rawCreate(ctx context.Context, s *site) error {
	_, err := s.raw.insert.ExecContext(ctx, rawValues(s.newRecord())...)
	return err
}

// rawPlainUpload is rawUpload without the search index.
func rawPlainUpload(ctx context.Context, s *site) error { return s.rawUpload(ctx, false) }

// rawUpload keeps the rows of an upload, with all indexes that the store has.
func rawUpload(ctx context.Context, s *site) error { return s.rawUpload(ctx, true) }

func (s *site) rawUpload(ctx context.Context, isSearched bool) error {
	records := s.newRecords(uploadRows)
	tx, err := s.raw.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, index := tx.StmtContext(ctx, s.raw.insert), tx.StmtContext(ctx, s.raw.index)
	for _, record := range records {
		result, err := insert.ExecContext(ctx, rawValues(record)...)
		if err != nil {
			return err
		}
		if !isSearched {
			continue
		}
		seq, err := result.LastInsertId()
		if err != nil {
			return err
		}
		if _, err := index.ExecContext(ctx, seq, rawGrams(record.SearchText())); err != nil {
			return err
		}
	}
	return tx.Commit()
}
