// Package durable makes files and directories that survive a loss of power. It
// knows nothing of what is in them.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
	removeParts(path)
	part, done, err := newPart(path)
	if err != nil {
		return err
	}
	defer done()
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

// ErrLocked: somebody else has locked the file.
var ErrLocked = errors.New("it is locked")

// partMark is between the name of a file and what is random of the name of a part of
// it.
const partMark = ".part-"

// newPart makes the file that is to be filled, and locks it until done, so that nobody
// takes it for one that was left.
func newPart(path string) (part string, done func(), err error) {
	for {
		file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+partMark+"*")
		if err != nil {
			return "", nil, err
		}
		part := file.Name()
		done := func() {
			os.Remove(part)
			file.Close()
		}
		switch err := Lock(file); {
		case err == nil:
			if _, err := os.Lstat(part); err == nil {
				return part, done, nil
			}
		case !errors.Is(err, ErrLocked):
			file.Close() // where there are no locks, a file that is open may get no name
			return part, done, nil
		}
		done() // it was removed before it was locked
	}
}

// removeParts removes what processes that were killed have left of the file, with what
// is beside it under its name and a hyphen. Where it cannot tell or do that, it stays.
func removeParts(path string) {
	begin := filepath.Base(path) + partMark
	names, _ := os.ReadDir(filepath.Dir(path))
	for _, entry := range names {
		random, isPart := strings.CutPrefix(entry.Name(), begin)
		if !isPart || strings.Contains(random, "-") {
			continue
		}
		part := path + partMark + random
		file, err := os.Open(part)
		if err != nil {
			continue
		}
		if Lock(file) == nil {
			for _, beside := range names {
				if strings.HasPrefix(beside.Name(), entry.Name()+"-") {
					os.Remove(filepath.Join(filepath.Dir(path), beside.Name()))
				}
			}
			os.Remove(part)
		}
		file.Close()
	}
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
