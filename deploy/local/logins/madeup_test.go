package logins

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/office/officetest"
)

// The names that a guesser makes up (promise 11): so many, and the bytes that
// they may cost, on disk and in memory. The short form measures the cost of one;
// what the service keeps once it runs, however many there are, is allowed for.
const (
	madeUpNames   = 50_000
	madeUpCost    = 20 << 20
	fewMadeUpOnes = 500
	runningCost   = 256 << 10
)

// Promise 11: names that nobody has evict nothing, and cost little.
func TestMadeUpNames(t *testing.T) {
	names := fewMadeUpOnes
	if os.Getenv("SOAK") == "1" {
		names = madeUpNames
	}
	file := filepath.Join(t.TempDir(), "office.db")
	disk, memory := sizeAfter(t, file, func(*replica) {}), heap()
	var used int64
	disk = sizeAfter(t, file, func(s *replica) {
		s.guess("VICTIM", 9)
		for n := range names {
			s.wants("a guess", s.login(address(n/50), fmt.Sprint("nobody ", n), "wrong"), no)
		}
		used = heap() - memory
		s.guess("VICTIM", 1)
		for _, n := range []int{0, names - 1} {
			number, from := fmt.Sprint("nobody ", n), address(n/50)
			for range 9 {
				s.wants(number, s.login(from, number, "wrong"), no)
			}
			s.wants(number, s.login(from, number, secret), paused(15))
		}
		s.wants("VICTIM", s.login(here, "VICTIM", secret), paused(15))
	}) - disk
	t.Logf("promise 11: %d made-up names cost %d bytes on disk and %d in memory", names, disk, used)
	most := int64(madeUpCost * names / madeUpNames)
	mostUsed := min(most+runningCost, madeUpCost)
	if disk > most || used > mostUsed {
		t.Errorf("%d names may cost %d bytes on disk and %d in memory", names, most, mostUsed)
	}
}

// address is the nth of many.
func address(n int) string { return fmt.Sprintf("198.51.%d.%d", n/250, n%250) }

// sizeAfter is how large the database is once somebody has used the service.
func sizeAfter(t *testing.T, file string, use func(*replica)) int64 {
	t.Helper()
	db, err := sqlitestore.Open(t.Context(), file)
	officetest.Must(t, err)
	use(newReplica(t, db.Auth()))
	officetest.Must(t, db.Close())
	var size int64
	files, _ := filepath.Glob(file + "*")
	for _, file := range files {
		info, err := os.Stat(file)
		officetest.Must(t, err)
		size += info.Size()
	}
	return size
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
