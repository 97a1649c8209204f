package version

import (
	"regexp"
	"testing"
)

func TestNumberIsASemanticVersion(t *testing.T) {
	if !regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`).MatchString(Number) {
		t.Errorf("%q is none", Number)
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
