package serve

import (
	"bytes"
	"strings"
	"testing"

	"officepay.example/shared/serve/version"
)

func TestCommand(t *testing.T) {
	unset := func(string) string { return "" }
	var out bytes.Buffer
	if err := command("example", 1, []string{"-version"}, unset, &out); err != nil || out.String() != "example "+version.Number+"\n" {
		t.Errorf("-version prints %q, and returns %v", out.String(), err)
	}
	if err := command("example", 1, []string{"healthcheck"}, unset, &out); err == nil {
		t.Error("healthcheck succeeds where nothing runs")
	}
	if err := command("example", 1, []string{"halthcheck"}, unset, &out); err == nil || !strings.Contains(err.Error(), "halthcheck") {
		t.Errorf("an unknown command: %v", err)
	}
}
