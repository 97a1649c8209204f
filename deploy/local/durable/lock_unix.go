//go:build unix

package durable

import (
	"errors"
	"os"
	"syscall"
)

// Lock locks a file or a directory for this process, until it is closed or the process
// ends, however it does. It returns ErrLocked where somebody else has it, and another
// error where there are no such locks.
func Lock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
