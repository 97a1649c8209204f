package faults

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"officepay.example/deploy/stack"
)

// usage is what processes take of the machine.
type usage struct {
	memory int // resident, MB
	files  int // open ones, connections among them
}

func (u usage) String() string { return fmt.Sprintf("%d MB and %d files", u.memory, u.files) }

// usageOf adds up what the processes use.
func usageOf(t *testing.T, processes ...*stack.Process) (sum usage) {
	t.Helper()
	if _, err := os.ReadDir("/proc/self/fd"); err != nil {
		t.Skipf("this system does not tell what a process uses: %v", err)
	}
	for _, process := range processes {
		proc := fmt.Sprintf("/proc/%d/", process.PID())
		files, err := os.ReadDir(proc + "fd")
		if err != nil {
			t.Fatal(err)
		}
		sum.memory += memoryOf(t, process, "VmRSS:")
		sum.files += len(files)
	}
	return sum
}

// memoryOf is what the system counts as the memory of a process, in MB: VmHWM is the most
// that it has had.
func memoryOf(t *testing.T, process *stack.Process, name string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.PID()))
	if err != nil {
		t.Skipf("this system does not tell what a process uses: %v", err)
	}
	_, after, _ := strings.Cut(string(status), name)
	kilobytes, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes >> 10
}

// checkLike checks that the usage is about what another was.
func (u usage) checkLike(other usage) error {
	const moreMemory, moreFiles = 32, 64
	if u.memory > other.memory+moreMemory || u.files > other.files+moreFiles {
		return fmt.Errorf("%v are in use where it was %v", u, other)
	}
	return nil
}
