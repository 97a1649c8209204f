package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// step is one part of the soak: commands of go test that run side by side.
type step struct {
	name     string
	commands []command
}

// command is one run of go test.
type command struct {
	dir  string // from the repository's root
	args []string
	env  []string

	isFuzzing bool
}

// fuzzTime is how long each target is fuzzed.
const fuzzTime = "5m"

// steps are what there is to do. Fuzzing comes last, by itself: alongside a dozen fuzzers
// the API on the test server had not finished after 22 minutes.
func steps(tests []test) []step {
	bin, err := filepath.Abs("bin")
	if err != nil {
		bin = "bin"
	}
	caddyfile := filepath.Join(filepath.Dir(bin), "deploy", "Caddyfile")
	env := []string{"SOAK=1", "REQUIRE_MONGO=1", "STACK_BIN=" + bin, "STACK_CADDYFILE=" + caddyfile}
	long := func(dir, packages string, more ...string) command {
		return command{dir: dir, args: []string{"-count=1", "-timeout=30m", packages}, env: slices.Concat(env, more)}
	}
	stores := []command{
		long("deploy/local", "./..."), long("services/auth", "./mongostore"), long("services/admin", "./mongostore"),
		long("services/personnel", "./mongostore"), long("services/analytics", "./mongostore"),
	}
	faults := long("deploy/e2e", "./faults")
	faults.args = slices.Insert(faults.args, 0, "-parallel=8") // most of what runs at once only waits
	return []step{
		{"passwords", []command{long("shared", "./password")}},
		{"faults, on the all-in-one and on the stack", []command{faults}},
		{"the API on both, and the stores", slices.Concat([]command{
			long("deploy/e2e", ".", "E2E_LARGE=1000"), // beside everything else, and under the race detector, more takes too long
			long("deploy/e2e", ".", "E2E_PROGRAM="+filepath.Join(bin, "stack"), "E2E_LARGE=200"),
		}, stores)},
		{"fuzzing, " + fuzzTime + " each", fuzzing(tests)},
	}
}

// fuzzing gives every target its time, all side by side.
func fuzzing(tests []test) (commands []command) {
	for _, t := range tests {
		if strings.HasPrefix(t.name, "Fuzz") {
			args := []string{"-run=^$", "-fuzz=^" + t.name + "$", "-fuzztime=" + fuzzTime, "-fuzzminimizetime=10x", "-parallel=1", "."}
			commands = append(commands, command{dir: t.dir, args: args, isFuzzing: true})
		}
	}
	return commands
}

// run runs the commands of the step. Its error is that they could not run: what
// failed in them goes into the report.
func (s step) run(ctx context.Context, r *report) error {
	var group sync.WaitGroup
	for _, c := range s.commands {
		group.Go(func() {
			if err := c.run(ctx, r); err != nil {
				r.fail(fmt.Sprintf("%s: go test %s: %v", c.dir, strings.Join(c.args, " "), err))
			}
		})
	}
	group.Wait()
	return ctx.Err()
}

func (c command) run(ctx context.Context, r *report) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, c.args...)...)
	cmd.Dir = c.dir
	cmd.Env = append(append(os.Environ(), "GOWORK=off"), c.env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	output := c.follow(out, r)
	if err := cmd.Wait(); err != nil && !(c.isFuzzing && isEndOfFuzzing(output)) {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}

// isEndOfFuzzing recognizes a fault of the fuzzer: that its time is over is now
// and then reported as a failure (https://go.dev/issue/75804).
func isEndOfFuzzing(output []byte) bool {
	return bytes.Contains(output, []byte("context deadline exceeded")) && !bytes.Contains(output, []byte("Failing input written"))
}

// event is a line of go test -json.
type event struct{ Action, Test, Output string }

// follow hands the figures and the progress to the report, and returns what the compiler and the
// tests that failed have printed, or, where nothing says so, the end of it all.
func (c command) follow(out io.Reader, r *report) []byte {
	const most = 8000 // bytes of the end, which says what failed
	var all, failed bytes.Buffer
	printed := map[string]string{} // by test
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			e = event{Action: "output", Output: string(line)}
		}
		switch {
		case e.Action == "pass" && e.Test != "" && !strings.Contains(e.Test, "/"):
			r.passed(c.dir, e.Test)
		case e.Action == "fail" && e.Test != "":
			failed.WriteString(printed[e.Test])
		case e.Action == "build-output":
			failed.WriteString(e.Output)
		case e.Action == "output":
			all.WriteString(e.Output)
			printed[e.Test] += e.Output
			r.read(e.Test, e.Output)
		}
	}
	said := all.Bytes()
	if failed.Len() > 0 {
		said = failed.Bytes()
	}
	return said[max(0, len(said)-most):]
}
