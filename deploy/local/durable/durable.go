// Package durable makes files and directories that survive a loss of power. It
// knows nothing of what is in them.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// File makes a file that appears only when it is complete: fill writes it under
// another name, which is gone afterwards. When File returns nil, the content
// and the name are on the disk. Only the owner can read it.
//
// It replaces nothing: when the path is taken, the error is fs.ErrExist. The file is
// there despite an error only if its name alone could not be synced.
func File(path string, fill func(part string) error) error {
	return makeFile(path, fill, syncFile, syncDir)
}

func makeFile(path string, fill, syncFile, syncDir func(path string) error) error {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return writeFile(path, fill, link, syncFile, syncDir)
}

// Replace is File, which puts the file in the place of the one before. There is one
// or the other at every moment.
func Replace(path string, fill func(part string) error) error {
	return writeFile(path, fill, os.Rename, syncFile, syncDir)
}

func writeFile(path string, fill func(string) error, name func(part, path string) error, syncFile, syncDir func(string) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return err
	}
	part := file.Name()
	defer os.Remove(part)
	if err := file.Close(); err != nil {
		return err
	}
	if err := fill(part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := name(part, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// link gives the file its name. Of two who make the same file at once, one gets the
// name, provided that the file system has links.
func link(part, path string) error {
	if err := os.Link(part, path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(part, path)
}

// Dir makes a directory that only its owner may enter, and those above it, if they
// are missing. When Dir returns nil, the names of those that it made are on the
// disk.
func Dir(path string) error { return makeDir(filepath.Clean(path), syncDir) }

// makeDir makes those above first, so that each is in one that is on the disk.
func makeDir(path string, sync func(dir string) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path { // otherwise it is a root that is missing
		if err := makeDir(parent, sync); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return sync(parent)
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Sync()
}

// syncDir keeps the names in a directory. Without it, a file that is on the
// disk may have no name there after a loss of power.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // Windows has nothing of the kind
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // a file system that keeps names in its own way
	}
	return err
}
