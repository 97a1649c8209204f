package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func runBackup(ctx context.Context, env environment, args []string) error {
	file := args[0]
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory: name a file in it for the backup", file)
	}
	// A missing directory is not created: it may be on a disk that is not mounted.
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return fmt.Errorf("there is no directory %s: create it first, or name another (%w)", filepath.Dir(file), err)
	}
	db, err := openExisting(ctx, env)
	if err != nil {
		return err
	}
	defer db.Close()
	size, err := db.Backup(ctx, file)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s: %.1f MB, checked.\n", file, float64(size)/1e6)
	return nil
}
