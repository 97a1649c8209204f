package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"officepay.example/deploy/local/durable"
)

// Backup writes a copy of the database as of one moment, while others read and write it,
// checks the copy, and returns its size in bytes. The file must not exist. If Backup
// fails, no unchecked file is left.
func (db *DB) Backup(ctx context.Context, path string) (size int64, err error) {
	err = durable.File(path, func(part string) error {
		if _, err := db.writer.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
			return translate(err)
		}
		if err := checkBackup(ctx, part, db.version); err != nil {
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

// Restore replaces the database with a copy of a backup, which it checks first, and returns
// the new name of the previous database; empty if there was none. It refuses while another
// process has the database open. If it is interrupted, the previous database is still
// there, or one that a start refuses; the same call then completes it.
func Restore(ctx context.Context, backup, path string, migrations []Migration) (before string, err error) {
	if path, err = resolve(path); err != nil {
		return "", err
	}
	if err := checkRestore(backup, path); err != nil {
		return "", err
	}
	err = durable.Replace(path, func(part string) error {
		if err := copyFile(backup, part); err != nil {
			return err
		}
		if err := checkBackup(ctx, part, len(migrations)); err != nil {
			return fmt.Errorf("the backup %s cannot be used: %w", backup, err)
		}
		if before, err = keepPrevious(path); err != nil {
			return err
		}
		return remove(path + journalSuffix) // SQLite would apply it to the restored file
	})
	if err != nil {
		return "", fmt.Errorf("nothing was restored: %w", err)
	}
	if err := errors.Join(remove(path+walSuffix), remove(path+shmSuffix)); err != nil {
		return before, fmt.Errorf("%s is restored, but changes of the previous database are still beside it: %w", path, err)
	}
	return before, nil
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// checkRestore checks the two files before anything is copied.
func checkRestore(backup, path string) error {
	from, err := os.Stat(backup)
	if err == nil && !from.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	if err != nil {
		return fmt.Errorf("cannot read the backup %s: %w", backup, err)
	}
	if to, err := os.Stat(path); err == nil && os.SameFile(from, to) {
		return fmt.Errorf("%s is the database itself: name the backup", backup)
	}
	if hasWAL(backup) && isInWALMode(backup) {
		return fmt.Errorf("%s is not a backup: its latest changes are in %s. Set DATA_DIR to where it is, and make one",
			backup, backup+walSuffix)
	}
	used, err := isInUse(path)
	if err != nil {
		return fmt.Errorf("cannot tell whether %s is in use: %w", path, err)
	}
	if used {
		return fmt.Errorf("%s is open in another process: stop the server first", path)
	}
	return nil
}

// checkBackup checks a whole backup and takes it out of WAL mode.
func checkBackup(ctx context.Context, path string, version int) error {
	pool, err := openPool(path, 1, "_pragma=journal_mode(DELETE)", nil)
	if err != nil {
		return err
	}
	defer pool.Close()
	found, err := schemaVersion(ctx, pool)
	if err == nil && found == 0 {
		err = errForeign
	}
	if err == nil {
		err = checkVersion(found, version, true)
	}
	if err == nil {
		err = CheckWhole(ctx, pool)
	}
	return err
}

// keepPrevious gives the database a second name, with the files that SQLite has beside it.
func keepPrevious(path string) (name string, err error) {
	second := path + time.Now().UTC().Format(".before-20060102T150405.000Z")
	for _, suffix := range []string{"", walSuffix, journalSuffix} {
		from, to := path+suffix, second+suffix
		if _, err := os.Lstat(from); err != nil {
			continue
		}
		err := os.Link(from, to)
		if err != nil { // a file system without links
			err = durable.File(to, func(part string) error { return copyFile(from, part) })
		}
		if err != nil {
			return "", err
		}
		name = second
	}
	return name, nil
}

// copyFile copies into a file that exists.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
