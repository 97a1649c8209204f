// Package durable makes files and directories that survive a power failure.
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

// File makes a file that appears only when it is complete: fill writes it under a
// temporary name. When File returns nil, the content and the name are on the disk. Only
// the owner can read it.
//
// It replaces nothing: if the path exists, the error is fs.ErrExist. After another error
// the file exists only if everything but the sync of its name succeeded.
func File(path string, fill func(part string) error) error {
	return makeFile(path, fill, syncFile, syncDir)
}

func makeFile(path string, fill, syncFile, syncDir func(path string) error) error {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return writeFile(path, fill, link, syncFile, syncDir)
}

// Replace is File, but replaces the file at the path. At every moment there is either the
// old one or the new one.
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

// ErrLocked: another process has locked the file.
var ErrLocked = errors.New("it is locked")

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
		case !errors.Is(err, ErrLocked):
			file.Close() // file systems without locks may not rename an open file
			return part, done, nil
		}
		done() // it was removed before it was locked
	}
}

// removeParts removes the temporary files that killed processes have left, with all files
// whose names begin with theirs and a hyphen, as those of SQLite do. It ignores errors.
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
func Dir(path string) error { return makeDir(filepath.Clean(path), syncDir) }

// makeDir makes the parents first, so that each directory is in one that is on the disk.
func makeDir(path string, sync func(dir string) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path { // otherwise it is a missing root
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

// syncDir syncs the names in a directory. Without that, a synced file may have lost its
// name after a power failure.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // Windows cannot sync a directory
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // the file system cannot sync a directory
	}
	return err
}
