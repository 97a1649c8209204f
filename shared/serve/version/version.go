// Package version says which release this is: the one place that every binary,
// GET / and the tests of the documents take it from.
package version

import (
	"runtime/debug"
	"slices"
)

// Number is the release (Semantic Versioning 2.0.0). What changed in it is in
// .github/CHANGELOG.md; deploy/openapi.yaml carries the same number.
const Number = "1.0.0"

// String is the number and, where the build knows it, the commit, as in
// "1.0.0 (commit 1a2b3c4d5e6f, changed)".
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Number
	}
	return Number + commitOf(info.Settings)
}

// commitOf reads what go build notes of the working tree.
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

// Asked tells whether the arguments of a program ask for nothing but its
// version.
func Asked(args []string) bool {
	return len(args) == 1 && slices.Contains([]string{"-version", "--version", "version"}, args[0])
}
