package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Backup writes a copy of the database as it is at one moment, while others
// read and write it, checks the copy, and returns its size in bytes. The file
// must not exist; it does not when Backup fails.
func (db *DB) Backup(ctx context.Context, path string) (int64, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s exists already: a backup never replaces a file", path)
	}
	size, err := db.backup(ctx, path+".part", path)
	if err != nil {
		os.Remove(path + ".part")
		return 0, fmt.Errorf("the backup failed: %w", err)
	}
	return size, nil
}

func (db *DB) backup(ctx context.Context, part, path string) (int64, error) {
	if err := create(part); err != nil {
		return 0, err
	}
	if _, err := db.writer.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return 0, translate(err)
	}
	if err := check(ctx, part); err != nil {
		return 0, err
	}
	size, err := syncFile(part)
	if err != nil {
		return 0, err
	}
	return size, os.Rename(part, path)
}

// check reads a whole database file and tells whether it is in order.
func check(ctx context.Context, path string) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	file := url.URL{Scheme: "file", Path: absolute, RawQuery: "mode=ro"} // any character may be in a path
	pool, err := sql.Open("sqlite", file.String())
	if err != nil {
		return err
	}
	defer pool.Close()
	var verdict string
	if err := pool.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the copy is damaged: %s", verdict)
	}
	return nil
}

// syncFile makes sure that the file is on the disk, and returns its size.
func syncFile(path string) (int64, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := file.Sync(); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
