package version

import (
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

func TestNumberIsASemanticVersion(t *testing.T) {
	if !regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`).MatchString(Number) {
		t.Errorf("%q is none", Number)
	}
	if !strings.HasPrefix(String(), Number) {
		t.Errorf("String is %q", String())
	}
}

func TestCommit(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	tests := map[string]struct {
		settings []debug.BuildSetting
		want     string
	}{
		"no version control": {nil, ""},
		"a commit":           {[]debug.BuildSetting{revision, {Key: "vcs.modified", Value: "false"}}, " (commit 0123456789ab)"},
		"a changed tree":     {[]debug.BuildSetting{revision, {Key: "vcs.modified", Value: "true"}}, " (commit 0123456789ab, changed)"},
		"a short revision":   {[]debug.BuildSetting{{Key: "vcs.revision", Value: "42"}}, " (commit 42)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := commitOf(test.settings); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAsked(t *testing.T) {
	for _, args := range [][]string{{"-version"}, {"--version"}, {"version"}} {
		if !Asked(args) {
			t.Errorf("%q is not taken as the question", args)
		}
	}
	for _, args := range [][]string{nil, {"serve"}, {"-version", "serve"}} {
		if Asked(args) {
			t.Errorf("%q is taken as the question", args)
		}
	}
}
