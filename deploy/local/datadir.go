package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"officepay.example/deploy/local/durable"
	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/token"
)

const (
	defaultDataDir = "./data"
	databaseFile   = "office.db"
	secretFile     = "jwt-secret"
	serverFile     = "server" // says which process serves the directory
)

// dataDir is the absolute path of the directory with all data.
type dataDir string

func dataDirOf(env environment) dataDir {
	dir := cmp.Or(strings.TrimSpace(env.getenv("DATA_DIR")), defaultDataDir)
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	return dataDir(dir)
}

func (d dataDir) file(name string) string { return filepath.Join(string(d), name) }

func (d dataDir) ensure() error {
	if err := durable.Dir(string(d)); err != nil {
		return fmt.Errorf("cannot create the data directory (DATA_DIR): %w", err)
	}
	return nil
}

// lock keeps other servers out, but not commands, until it is released. It keeps nobody out
// on a file system without locks. Its error says which process has the directory.
func (d dataDir) lock() (release func(), err error) {
	if err := d.ensure(); err != nil {
		return nil, err
	}
	dir, err := os.Open(string(d))
	if err != nil {
		return nil, fmt.Errorf("cannot open the data directory (DATA_DIR): %w", err)
	}
	if errors.Is(durable.Lock(dir), syscall.EWOULDBLOCK) {
		dir.Close()
		who, _ := os.ReadFile(d.file(serverFile))
		return nil, fmt.Errorf("another server uses %s: %s; stop it, or set DATA_DIR to another directory",
			d, cmp.Or(strings.TrimSpace(string(who)), "it has just started"))
	}
	return func() {
		os.Remove(d.file(serverFile))
		dir.Close()
	}, nil
}

// noteServer writes down which process serves the directory; lock reports it.
func (d dataDir) noteServer(address net.Addr) error {
	who := fmt.Sprintf("process %d, at http://%s since %s\n", os.Getpid(), address, time.Now().UTC().Format(time.RFC3339))
	if err := os.WriteFile(d.file(serverFile), []byte(who), 0o600); err != nil {
		return fmt.Errorf("cannot write to the data directory (DATA_DIR): %w", err)
	}
	return nil
}

func (d dataDir) database() string { return d.file(databaseFile) }

func (d dataDir) checkDatabase() error {
	if _, err := os.Lstat(d.database()); err != nil {
		return fmt.Errorf("there is no database in %s; set DATA_DIR to where it is (%w)", d, err)
	}
	return nil
}

// openOrMake opens the database for a command, or creates one and says so, in case DATA_DIR
// was mistyped. Writes wait while another process is writing.
func openOrMake(ctx context.Context, env environment) (*sqlitestore.DB, error) {
	dir := dataDirOf(env)
	if err := dir.ensure(); err != nil {
		return nil, err
	}
	missing := dir.checkDatabase()
	db, err := sqlitestore.Open(ctx, dir.database())
	if err != nil {
		return nil, err
	}
	db.WaitWhenBusy(sync.OnceFunc(func() {
		fmt.Fprintf(env.stderr, "Another process is writing to %s: waiting for it.\n", dir.database())
	}))
	if missing != nil {
		fmt.Fprintf(env.stdout, "There was no database in %s (DATA_DIR): %s was created.\n", dir, databaseFile)
	}
	return db, nil
}

func openExisting(ctx context.Context, env environment) (*sqlitestore.DB, error) {
	if err := dataDirOf(env).checkDatabase(); err != nil {
		return nil, err
	}
	return openOrMake(ctx, env)
}

// secret returns the secret that signs tokens. The first call makes it.
func (d dataDir) secret() (string, error) {
	if err := d.ensure(); err != nil {
		return "", err
	}
	err := durable.File(d.file(secretFile), func(part string) error {
		return os.WriteFile(part, []byte(rand.Text()+rand.Text()+"\n"), 0o600) // 260 bits
	})
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("cannot store the secret that signs tokens in DATA_DIR: %w", err)
	}
	kept, err := os.ReadFile(d.file(secretFile))
	if err != nil {
		return "", fmt.Errorf("cannot read the secret that signs tokens: %w", err)
	}
	secret := strings.TrimSpace(string(kept))
	if len(secret) < token.MinSecret {
		return "", fmt.Errorf("%s is damaged: restore it, or remove it; then everybody has to log in again", d.file(secretFile))
	}
	return secret, nil
}
