package main

import (
	"io"
	"slices"
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

// No promise is without a test that names it.
func TestEveryPromiseHasATest(t *testing.T) {
	tests, err := findTests("../../..")
	if err != nil {
		t.Fatal(err)
	}
	held := byPromise(tests)
	for promise := 1; promise <= promises; promise++ {
		if len(held[promise]) == 0 {
			t.Errorf("no test names promise %d", promise)
		}
	}
}

func TestFiguresAreRead(t *testing.T) {
	r := newReport(io.Discard)
	r.read("TestKill/one_machine", "    kill_test.go:10: promise 21: 30 rounds\n")
	r.read("TestKill", "--- PASS: TestKill (0.1s)\n")
	if got := r.figures[21]; !slices.Equal(got, []string{"30 rounds (one machine)"}) || len(r.figures) != 1 {
		t.Errorf("got %v", r.figures)
	}
}
