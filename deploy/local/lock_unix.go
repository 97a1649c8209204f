//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks a directory for this process, until the file is closed or the
// process ends, however it does. It returns false where another process has it. Where
// the file system has no such locks, nobody is kept out.
func tryLock(dir *os.File) bool {
	err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return !errors.Is(err, syscall.EWOULDBLOCK)
}
