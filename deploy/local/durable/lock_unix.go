//go:build unix

package durable

import (
	"errors"
	"os"
	"syscall"
)

// Lock locks a file or a directory until it is closed or the process ends in any way. It
// returns ErrLocked if another process has it, and another error if the file system has no
// such locks.
func Lock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
