package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"officepay.example/deploy/local/durable"
	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/token"
)

const (
	defaultDataDir = "./data"
	databaseFile   = "office.db"
	secretFile     = "jwt-secret"
)

// dataDir is the directory that holds everything.
type dataDir string

func dataDirOf(env environment) dataDir {
	if dir := strings.TrimSpace(env.getenv("DATA_DIR")); dir != "" {
		return dataDir(dir)
	}
	return defaultDataDir
}

func (d dataDir) file(name string) string { return filepath.Join(string(d), name) }

// make makes the directory, if there is none, for its owner alone.
func (d dataDir) make() error {
	if err := durable.Dir(string(d)); err != nil {
		return fmt.Errorf("cannot make the data directory (DATA_DIR): %w", err)
	}
	return nil
}

// open opens the database, and makes directory and database if there are none.
func (d dataDir) open(ctx context.Context) (*sqlitestore.DB, error) {
	if err := d.make(); err != nil {
		return nil, err
	}
	return sqlitestore.Open(ctx, d.file(databaseFile))
}

// openExisting opens the database for a command that makes sense only on one
// that is there.
func (d dataDir) openExisting(ctx context.Context) (*sqlitestore.DB, error) {
	if _, err := os.Stat(d.file(databaseFile)); err != nil {
		return nil, fmt.Errorf("there is no database in %s; set DATA_DIR to where it is (%w)", d, err)
	}
	return sqlitestore.Open(ctx, d.file(databaseFile))
}

// secret is the kept secret that signs tokens; the first call makes it.
func (d dataDir) secret() (string, error) {
	if err := d.make(); err != nil {
		return "", err
	}
	kept, err := os.ReadFile(d.file(secretFile))
	if err == nil {
		secret := strings.TrimSpace(string(kept))
		if len(secret) < token.MinSecret {
			return "", fmt.Errorf("%s is damaged: restore it, or remove it and everybody logs in anew", d.file(secretFile))
		}
		return secret, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot read the secret that signs tokens: %w", err)
	}
	made := rand.Text() + rand.Text() // 260 bits
	err = durable.File(d.file(secretFile), func(part string) error {
		return os.WriteFile(part, []byte(made+"\n"), 0o600)
	})
	if errors.Is(err, fs.ErrExist) {
		return d.secret() // another process was faster
	}
	if err != nil {
		return "", fmt.Errorf("cannot keep the secret that signs tokens in DATA_DIR: %w", err)
	}
	return made, nil
}
