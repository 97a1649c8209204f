package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestPromisesIn(t *testing.T) {
	for comment, want := range map[string][]int{
		"":                                    nil,
		"// Promise 9: unknown and wrong":     {9},
		"// (promise 11), and promise 3":      {3, 11},
		"// Promises 10 and 30: so many":      {10, 30},
		"// Promises 1, 2 and\n// 37 of them": {1, 2, 37},
	} {
		if got := promisesIn(comment); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", comment, got, want)
		}
	}
}

// No promise of SECURITY.md is without a test that names it, and no test names
// another.
func TestEveryPromiseHasATest(t *testing.T) {
	list, err := os.ReadFile("../../../.github/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := findTests("../../..")
	if err != nil {
		t.Fatal(err)
	}
	held := byPromise(tests)
	var listed []int
	for _, item := range regexp.MustCompile(`(?m)^(\d+)\. `).FindAllSubmatch(list, -1) {
		n, _ := strconv.Atoi(string(item[1]))
		listed = append(listed, n)
	}
	slices.Sort(listed) // they are listed by topic
	if named := slices.Sorted(maps.Keys(held)); !slices.Equal(named, listed) {
		t.Errorf("tests name the promises %d, and SECURITY.md lists %d", named, listed)
	}
}

func TestFiguresAreRead(t *testing.T) {
	r := newReport(io.Discard)
	r.read("TestKill/all-in-one", "    kill_test.go:10: promise 21: 30 rounds\n")
	r.read("TestKill/all-in-one", "    kill_test.go:10: promise 21: 31 rounds\n")
	r.read("TestKill", "--- PASS: TestKill (0.1s)\n")
	want := map[int]map[string]string{21: {"TestKill/all-in-one": "31 rounds (all-in-one)"}}
	if !reflect.DeepEqual(r.figures, want) {
		t.Errorf("got %v", r.figures)
	}
}

// A test that fails for lack of time does not end the fuzzing.
func TestFailuresAreReported(t *testing.T) {
	const failing = `package soak
import "testing"
func TestLate(t *testing.T) { t.Error("context deadline exceeded") }
func FuzzLate(f *testing.F) {
	for i := 0; i < 1000; i++ {
		f.Log("fuzz: elapsed")
	}
	f.Error("context deadline exceeded")
}
`
	dir := moduleOf(t, failing)
	for name, isFuzzing := range map[string]bool{"TestLate": false, "FuzzLate": true} {
		err := command{dir: dir, args: []string{"-run=^" + name + "$", "."}, isFuzzing: isFuzzing}.run(t.Context(), newReport(io.Discard))
		if (err == nil) != isFuzzing {
			t.Errorf("fuzzing: %v, and the error is %v", isFuzzing, err)
		}
	}
}

// What does not compile says so.
func TestBuildFailuresAreReported(t *testing.T) {
	err := command{dir: moduleOf(t, "package soak\nvar number int = true\n"), args: []string{"."}}.run(t.Context(), newReport(io.Discard))
	if err == nil || !strings.Contains(err.Error(), "late_test.go:2") {
		t.Errorf("got %v", err)
	}
}

// moduleOf is the folder of a module with one file of tests.
func moduleOf(t *testing.T, tests string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range map[string]string{"go.mod": "module soak\n", "late_test.go": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
