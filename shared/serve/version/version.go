// Package version holds the number of this release, for the programs, GET / and tests.
package version

import "slices"

// Number is the release (Semantic Versioning 2.0.0). deploy/openapi.yaml has the same
// number, and .github/CHANGELOG.md says what changed.
const Number = "1.0.0"

// Asked tells whether the arguments of a program ask only for its version.
func Asked(args []string) bool {
	return len(args) == 1 && slices.Contains([]string{"-version", "--version", "version"}, args[0])
}
