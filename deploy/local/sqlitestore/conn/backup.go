package conn

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"officepay.example/deploy/local/durable"
)

// Backup writes a copy of the database as it is at one moment, while others
// read and write it, checks the copy, and returns its size in bytes. The file
// must not exist; it does not when Backup fails.
func (db *DB) Backup(ctx context.Context, path string) (size int64, err error) {
	err = durable.File(path, func(part string) error {
		if _, err := db.writer.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
			return translate(err)
		}
		if err := checkWhole(ctx, part); err != nil {
			return err
		}
		info, err := os.Stat(part)
		if err == nil {
			size = info.Size()
		}
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return 0, fmt.Errorf("%s already exists: a backup never replaces a file", path)
	}
	if err != nil {
		return 0, fmt.Errorf("the backup failed: %w", err)
	}
	return size, nil
}
