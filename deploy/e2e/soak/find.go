package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// test is a test function of the repository.
type test struct {
	dir      string // of its package, from the repository's root
	name     string
	promises []int // that its comment names
}

var (
	function = regexp.MustCompile(`(?m)((?:^//.*\n)*)^func ((?:Test|Fuzz)\w+)\(`)
	promised = regexp.MustCompile(`[Pp]romises? (\d+(?:(?:, | and |, and )\d+)*)`)
	number   = regexp.MustCompile(`\d+`)
)

// findTests reads every test file below root.
func findTests(root string) ([]test, error) {
	var tests []test
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		tests = append(tests, testsIn(filepath.Dir(path), string(source))...)
		return err
	})
	return tests, err
}

// testsIn finds the tests in a file.
func testsIn(dir, source string) []test {
	var tests []test
	for _, found := range function.FindAllStringSubmatch(source, -1) {
		tests = append(tests, test{dir: dir, name: found[2], promises: promisesIn(found[1])})
	}
	return tests
}

// promisesIn are the numbers that a comment names.
func promisesIn(comment string) []int {
	comment = strings.ReplaceAll(comment, "\n// ", " ")
	var promises []int
	for _, list := range promised.FindAllStringSubmatch(comment, -1) {
		for _, digits := range number.FindAllString(list[1], -1) {
			n, _ := strconv.Atoi(digits)
			promises = append(promises, n)
		}
	}
	slices.Sort(promises)
	return slices.Compact(promises)
}
