// Package durable makes files and directories that survive a power failure.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// File makes a file that appears only when it is complete: fill writes it under a
// temporary name. When File returns nil, the content and the name are on the disk. Only
// the owner can read it.
//
// It replaces nothing: if the path exists, the error is fs.ErrExist. After another error
// the file exists only if everything but the sync of its name succeeded.
func File(path string, fill func(part string) error) error { return makeFile(path, fill, syncPath) }

func makeFile(path string, fill, sync func(path string) error) error {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return writeFile(path, fill, link, sync)
}

// Replace is File, but replaces the file at the path. At every moment there is either the
// old one or the new one.
func Replace(path string, fill func(part string) error) error {
	return writeFile(path, fill, os.Rename, syncPath)
}

func writeFile(path string, fill func(string) error, name func(part, path string) error, sync func(string) error) error {
	removeParts(path)
	part, done, err := newPart(path)
	if err != nil {
		return err
	}
	defer done()
	if err := fill(part); err != nil {
		return err
	}
	if err := sync(part); err != nil {
		return err
	}
	if err := name(part, path); err != nil {
		return err
	}
	return sync(filepath.Dir(path))
}

// Lock locks a file or a directory until it is closed or the process ends. It returns
// syscall.EWOULDBLOCK if another process has the lock, and another error if the file system
// has no such locks.
func Lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// partMark separates the name of a file from the random part of its temporary name.
const partMark = ".part-"

// newPart makes the temporary file, and locks it until done, so that removeParts of another
// process spares it.
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
		case !errors.Is(err, syscall.EWOULDBLOCK):
			file.Close() // file systems without locks may not rename an open file
			return part, done, nil
		}
		done() // another process removed it before it was locked
	}
}

// removeParts removes the temporary files that killed processes have left, and all files
// whose names begin with the name of one and a hyphen, as those of SQLite do. It ignores errors.
func removeParts(path string) {
	begin := filepath.Base(path) + partMark
	entries, _ := os.ReadDir(filepath.Dir(path))
	for _, entry := range entries { // sorted by name: a part comes before the files beside it
		random, isPart := strings.CutPrefix(entry.Name(), begin)
		if !isPart {
			continue
		}
		random, _, _ = strings.Cut(random, "-")
		file, err := os.Open(path + partMark + random)
		if errors.Is(err, fs.ErrNotExist) || err == nil && Lock(file) == nil {
			os.Remove(filepath.Join(filepath.Dir(path), entry.Name()))
		}
		file.Close()
	}
}

// link gives the file its name. If two processes make the same file at once, only one gets
// the name, at least on file systems with links.
func link(part, path string) error {
	if err := os.Link(part, path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(part, path)
}

// Dir makes a directory that only its owner may enter, and its parents, if they are
// missing. When Dir returns nil, the names of all of them are on the disk.
func Dir(path string) error { return makeDir(filepath.Clean(path), syncPath) }

// makeDir makes the parents first, so that each directory is in one that is on the disk.
func makeDir(path string, sync func(dir string) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path { // otherwise the root is missing
		if err := makeDir(parent, sync); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return sync(parent)
}

// syncPath syncs the content of a file or the names in a directory. Without the latter, a
// synced file may have lost its name after a power failure.
func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	err = file.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // the file system cannot sync a directory
	}
	return err
}
