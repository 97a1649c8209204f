// Package version holds the number of this release, for the programs, GET / and tests.
package version

import (
	"fmt"
	"runtime/debug"
	"slices"
)

// Number is the release (Semantic Versioning 2.0.0). deploy/openapi.yaml has the same
// number, and .github/CHANGELOG.md says what changed.
const Number = "1.0.0"

// String is the number and, if the build knows it, the commit, as in
// "1.0.0 (commit 1a2b3c4d5e6f, changed)".
func String() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return Number + commitOf(info.Settings)
	}
	return Number
}

// commitOf reads what go build notes about the working tree.
func commitOf(settings []debug.BuildSetting) string {
	values := map[string]string{}
	for _, setting := range settings {
		values[setting.Key] = setting.Value
	}
	commit := fmt.Sprintf("%.12s", values["vcs.revision"]) // as long as in Go's pseudo-versions
	switch {
	case commit == "":
		return ""
	case values["vcs.modified"] == "true":
		commit += ", changed"
	}
	return " (commit " + commit + ")"
}

// Asked tells whether the arguments of a program ask only for its version.
func Asked(args []string) bool {
	return len(args) == 1 && slices.Contains([]string{"-version", "--version", "version"}, args[0])
}
