package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/password"
)

// File is the database file of the all-in-one within its data directory.
const File = "office.db"

// Make makes the office in a data directory, unless it is there. It writes to another
// name first, so that there is a whole file or none.
func Make(ctx context.Context, dir string, spec Spec, out io.Writer) error {
	path := filepath.Join(dir, File)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	part, err := os.MkdirTemp(dir, "part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part)
	begin := time.Now()
	if err := makeFile(ctx, filepath.Join(part, File), spec, out); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d records in %.1f s\n", path, spec.Size, time.Since(begin).Seconds())
	return os.Rename(filepath.Join(part, File), path)
}

func makeFile(ctx context.Context, path string, spec Spec, out io.Writer) error {
	hasher := password.NewHasher(password.DefaultCost)
	hash, err := hasher.Hash(ctx, password.Member(Admin), Password)
	if err != nil {
		return err
	}
	db, err := sqlitestore.Open(ctx, path)
	if err != nil {
		return err
	}
	err = Write(ctx, db, spec, hash, func(done int) {
		if done%100_000 == 0 {
			fmt.Fprintf(out, "  %9d records\n", done)
		}
	})
	return errors.Join(err, db.Close()) // the last to close leaves one file
}
