package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/rig"
)

// strace is how to run a program so that its system calls that concern the
// promise are written to a file, which the caller appends. Where there is no
// strace, or it may not trace, the test is skipped.
func strace(t *testing.T) []string {
	t.Helper()
	if err := exec.Command("strace", "-qq", "-e", "trace=fsync", "true").Run(); err != nil {
		skip(t, "that data is on the disk before it is acknowledged is not proved here: strace: %v", err)
	}
	return []string{"strace", "-f", "-q", "-y", "-s", "400",
		"-e", "trace=fsync,fdatasync,pwrite64,write,link,linkat,rename,renameat,renameat2", "-o"}
}

var unfinished = regexp.MustCompile(`^(\d+) +(.*) <unfinished \.\.\.>$`)

// callsIn are the calls in a trace, one on each line. A sync that others interrupt is
// where it ends, and any other call is where it begins.
func callsIn(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	begun := map[string]string{} // by thread
	for line := range strings.Lines(string(content)) {
		thread, call, _ := strings.Cut(strings.TrimSpace(line), " ")
		call = strings.TrimSpace(call)
		if match := unfinished.FindStringSubmatch(strings.TrimSpace(line)); match != nil {
			begun[thread], call = match[2], match[2]
			if isSync(call) {
				continue
			}
		}
		if strings.HasPrefix(call, "<... ") {
			if call = begun[thread]; !isSync(call) {
				continue
			}
		}
		calls = append(calls, call)
	}
	return calls
}

func isSync(call string) bool {
	return strings.HasPrefix(call, "fsync(") || strings.HasPrefix(call, "fdatasync(")
}

// TestAnswersFollowTheDisk is promise 21: when a write is answered, it is on the
// disk, and not only in the memory of the system.
func TestAnswersFollowTheDisk(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	r := rig.Under(t, append(strace(t), trace, "-D"), "JWT_SECRET=") // so that it makes one
	made := writeSome(t, r)
	stopTraced(t, r, trace)
	calls := callsIn(t, trace)
	answers := 0
	var written, synced bool
	for _, call := range calls {
		switch {
		case strings.HasPrefix(call, "pwrite64(") && strings.Contains(call, "office.db-wal>"):
			written, synced = true, false
		case isSync(call) && strings.Contains(call, "office.db-wal>"):
			synced = true
		case strings.Contains(call, `"HTTP/1.1 `):
			if isWrite := strings.Contains(call, "HTTP/1.1 201"); (isWrite || written) && !synced {
				t.Errorf("an answer before what it answers for is on the disk: %s", call)
			} else if isWrite {
				answers++
			}
			written, synced = false, false
		}
	}
	if answers != made {
		t.Errorf("%d answers of %d are in the trace", answers, made)
	}
	wantDurable(t, calls, filepath.Join(r.DataDir, "jwt-secret"))
	rig.Report(t, 21, "%d writes, each answered after an fsync of the WAL", answers)
}

// writeSome makes writes of each kind, one after the other, and returns how
// many are answered with 201.
func writeSome(t *testing.T, r *rig.Rig) (made int) {
	t.Helper()
	l := newLedger(t, r)
	made = 1 // its database
	for range 3 {
		l.record()
		l.upload()
		l.user()
		l.database()
		made += 5 // a record, an upload, a user, and a database with a record
	}
	return made
}

// stopTraced stops the program, and waits for the last line of its trace.
func stopTraced(t *testing.T, r *rig.Rig, trace string) {
	t.Helper()
	if err := r.Serving[0].Stop(); err != nil {
		t.Fatal(err)
	}
	last := regexp.MustCompile(fmt.Sprintf(`(?m)^%d +\+\+\+ exited with 0 \+\+\+$`, r.Serving[0].PID()))
	eventually(t, patience, func() error {
		if !last.MatchString(read(t, trace)) {
			return errors.New("strace has not written all")
		}
		return nil
	})
}

// wantDurable checks that a file was made so that it, and its name, survive a
// loss of power.
func wantDurable(t *testing.T, calls []string, path string) {
	t.Helper()
	at := func(pattern string) int {
		return slices.IndexFunc(calls, regexp.MustCompile(pattern).MatchString)
	}
	quoted := regexp.QuoteMeta(path)
	content := at(`^f(data)?sync\(\d+<` + quoted + `\.part-\d+>\)`)
	name := at(`^(link|rename).*"` + quoted + `\.part-\d+".*"` + quoted + `"`)
	if content < 0 || name < content {
		t.Errorf("%s has its name (call %d) before its content is on the disk (call %d)", path, name, content)
	}
	next := slices.IndexFunc(calls[name+1:], isSync)
	if next < 0 || !strings.Contains(calls[name+1+next], "<"+filepath.Dir(path)+">") {
		t.Errorf("the name of %s is not kept", path)
	}
}

// TestFilesAreOnTheDisk is promise 21 for what the commands make.
func TestFilesAreOnTheDisk(t *testing.T) {
	top := t.TempDir()
	tracer := strace(t)
	data, out, backup := filepath.Join(top, "data"), filepath.Join(top, "out"), filepath.Join(top, "backup.db")
	for i, c := range []struct {
		args  []string
		files []string
	}{
		{[]string{"create-admin", "N/1"}, []string{filepath.Join(data, "office.db")}},
		{[]string{"backup", backup}, []string{backup}},
		{[]string{"export", out}, []string{filepath.Join(out, "users.json"), filepath.Join(out, "dbs.json"), filepath.Join(out, "personnels.json")}},
	} {
		t.Run(c.args[0], func(t *testing.T) {
			trace := filepath.Join(top, fmt.Sprint("trace-", i))
			command := slices.Concat(tracer, []string{trace, rig.Program(t, "office-payment")}, c.args)
			run := exec.Command(command[0], command[1:]...)
			run.Env = append(run.Environ(), "DATA_DIR="+data, "BCRYPT_COST=4")
			if output, err := run.CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", c.args, err, output)
			}
			calls := callsIn(t, trace)
			for _, file := range c.files {
				wantDurable(t, calls, file)
			}
		})
	}
	first := callsIn(t, filepath.Join(top, "trace-0"))
	if !slices.ContainsFunc(first, func(call string) bool { return isSync(call) && strings.Contains(call, "<"+top+">") }) {
		t.Error("the name of the data directory is not kept")
	}
}
