// Package version holds the number of this release, for every binary, GET / and the tests
// of the documents.
package version

import (
	"runtime/debug"
	"slices"
)

// Number is the release (Semantic Versioning 2.0.0). deploy/openapi.yaml has the same
// number, and .github/CHANGELOG.md says what changed.
const Number = "1.0.0"

// String is the number and, if the build knows it, the commit, as in
// "1.0.0 (commit 1a2b3c4d5e6f, changed)".
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Number
	}
	return Number + commitOf(info.Settings)
}

// commitOf reads what go build notes about the working tree.
func commitOf(settings []debug.BuildSetting) string {
	values := map[string]string{}
	for _, setting := range settings {
		values[setting.Key] = setting.Value
	}
	commit := values["vcs.revision"]
	if commit == "" {
		return ""
	}
	const shown = 12 // digits, as Go's pseudo-versions have
	changed := ""
	if values["vcs.modified"] == "true" {
		changed = ", changed"
	}
	return " (commit " + commit[:min(len(commit), shown)] + changed + ")"
}

// Asked tells whether the arguments of a program ask only for its version.
func Asked(args []string) bool {
	return len(args) == 1 && slices.Contains([]string{"-version", "--version", "version"}, args[0])
}
