package compose

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tool stands in for what writes a copy of the data: to the file that it is told,
// or to its output.
const tool = `#!/bin/sh
out=/dev/stdout
while [ $# -gt 0 ]; do
	case $1 in --archive=*) out=${1#*=} ;; --out) out=$2; mkdir -p "$(dirname "$2")" ;; esac
	shift
done
echo data >"$out"
`

var (
	copying = regexp.MustCompile(`(?m)^.*(?:mongodump|mongoexport) .*$`)
	quoted  = regexp.MustCompile("`(.*)`")
	copied  = regexp.MustCompile(`(?:> |--archive=|--out )([\w./$]+)`)
)

// Only its owner can read a copy of the data that is made as the handbook says; everybody
// can read whatever else the shell makes.
func TestCopiesAreForTheirOwner(t *testing.T) {
	lines := copying.FindAllString(read(t, "../../README.md"), -1)
	tried := 0
	for _, line := range lines {
		if match := quoted.FindStringSubmatch(line); match != nil {
			line = match[1]
		}
		file := copied.FindStringSubmatch(line)
		if file == nil {
			continue
		}
		folder := t.TempDir()
		for _, name := range []string{"docker", "mongodump", "mongoexport"} {
			write(t, filepath.Join(folder, "stub", name), tool)
		}
		if said, err := run(t, folder, []string{"c=users"}, "sh", "-c", "umask 022; "+line); err != nil {
			t.Fatalf("%s: %s", line, said)
		}
		if mode := modeOf(t, filepath.Join(folder, strings.ReplaceAll(file[1], "$c", "users"))); mode != 0o600 {
			t.Errorf("%s: the copy has mode %v", line, mode)
		}
		tried++
	}
	if tried < 3 {
		t.Errorf("tried %d of %q", tried, lines)
	}
}
