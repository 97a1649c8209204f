package conn

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// The bytes of a database file on which SQLite holds a shared lock while the file is open
// in WAL mode (SHARED_FIRST and SHARED_SIZE in os.h of its source).
const (
	sharedFirst = 0x40000000 + 2
	sharedSize  = 510
)

// isInUse tells whether another process has the database open.
func isInUse(path string) (bool, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: sharedFirst, Len: sharedSize}
	err = syscall.FcntlFlock(file.Fd(), syscall.F_GETLK, &lock)
	return lock.Type != syscall.F_UNLCK, err
}
