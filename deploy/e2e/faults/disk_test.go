package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// inNamespace is how to run a program that sees DATA_DIR after a mount that
// nobody else sees. Where that is not allowed, the test is skipped.
func inNamespace(t *testing.T, mount string) []string {
	t.Helper()
	command := []string{"unshare", "--map-root-user", "--mount", "sh", "-c", mount + ` && exec "$@"`, "sh"}
	try := exec.Command(command[0], append(command[1:], "true")...)
	try.Env = append(try.Environ(), "DATA_DIR="+t.TempDir())
	if output, err := try.CombinedOutput(); err != nil {
		skip(t, "a full or read-only disk is not proved here, only the store without room (sqlitestore): %v: %s", err, output)
	}
	return command
}

// skip says what is not tested for lack of a tool; REQUIRE_FAULTS=1 makes it a failure.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("REQUIRE_FAULTS") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

const smallDisk = `mount -t tmpfs -o size=8m tmpfs "$DATA_DIR"`

// fullDisk is an all-in-one on a small disk of its own.
type fullDisk struct {
	*rig.Rig
	t  *testing.T
	db string
}

// filler is what fills the disk. The disk is seen through the process.
func (d fullDisk) filler() string {
	return filepath.Join(fmt.Sprintf("/proc/%d/root", d.Serving[0].PID()), d.DataDir, "filler")
}

// fill writes until there is no room.
func (d fullDisk) fill() {
	d.t.Helper()
	file, err := os.OpenFile(d.filler(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	if _, err := io.Copy(file, endless{}); !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatalf("filling the disk: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return min(len(p), 4096), nil }

// makeRoom empties the disk of what filled it.
func (d fullDisk) makeRoom() {
	d.t.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.t.Fatal(err)
	}
}

// TestFullDisk is promise 35: reads go on, writes say so and change nothing,
// nothing is damaged, and writes work again once there is room.
func TestFullDisk(t *testing.T) {
	d := fullDisk{Rig: rig.Under(t, inNamespace(t, smallDisk)), t: t}
	d.db = d.NewDB()
	record, rows := d.add(), 1
	for round := range 3 {
		d.fill()
		// There may be room left in the files that SQLite has made.
		d.untilRefused("POST", "/personnels/upload", func() any { rows += 100; return rig.Records(d.db, 100) })
		rows -= 100
		d.untilRefused("POST", "/personnels", func() any { rows++; return rig.Record(d.db) })
		rows--
		changes := d.untilRefused("PATCH", "/personnels/"+record.ID, func() any { return rig.Fields{"remark": rig.Unique("remark")} })
		d.untilRefused("POST", "/admin/dbs", func() any { return rig.Fields{"name": "A", "short_code": rig.Unique("DB")} })
		if len(changes) > 0 {
			d.into(changes[len(changes)-1], &record)
		}
		d.wantThere(record, rows)
		d.wantLogins()
		d.wantNoBackup()
		d.makeRoom()
		d.add()
		rows++
		rig.Report(t, 35, "disk full, time %d: reads 200, writes 507, all of %d records there, and a write once there is room", round+1, rows)
	}
	if output, err := d.inside("backup", filepath.Join(d.DataDir, "backup.db")); err != nil {
		t.Errorf("a backup once there is room: %v\n%s", err, output)
	}
	if log := d.Log.String(); !strings.Contains(log, `"status":507`) || !strings.Contains(log, "database or disk is full") {
		t.Error("the log does not say why")
	}
}

// add makes a record.
func (d fullDisk) add() client.Record {
	d.t.Helper()
	record, err := client.Send[client.Record](d.t.Context(), d.Admin, "POST", "/personnels", rig.Record(d.db))
	if err != nil {
		d.t.Fatal(err)
	}
	return record
}

func (d fullDisk) into(res client.Response, v any) {
	d.t.Helper()
	if err := res.Into(v); err != nil {
		d.t.Fatal(err)
	}
}

// wantThere checks that reads show all that was acknowledged, and no more.
func (d fullDisk) wantThere(record client.Record, rows int) {
	d.t.Helper()
	if got := get[client.Record](d.t, d.Rig, "/personnels/"+record.ID); got != record {
		d.t.Errorf("the record is %+v, want %+v", got, record)
	}
	if list := get[[]client.Record](d.t, d.Rig, "/personnels?db_id="+d.db); len(list) != rows {
		d.t.Errorf("%d records are there, want the %d that were acknowledged", len(list), rows)
	}
	wantTotals(d.t, d.Rig, d.db, rows)
	get[client.User](d.t, d.Rig, "/auth/me")
}

// wantLogins checks that people can still log in and that guessing is still slowed.
func (d fullDisk) wantLogins() {
	d.t.Helper()
	d.Login(rig.AdminNumber, rig.AdminPassword)
	guess := rig.Fields{"army_number": rig.Unique("NOBODY"), "password": "a guess"}
	for i := range 11 {
		want := 401
		if i == 10 {
			want = 429
		}
		res, err := client.New(d.URL).Call(d.t.Context(), "POST", "/auth/login", guess)
		if err != nil || res.Status != want {
			d.t.Errorf("guess %d on a full disk: %d %q %v, want %d", i+1, res.Status, res.Message, err, want)
		}
	}
}

// untilRefused makes writes until one is refused for lack of room, and returns
// the answers of those before it.
func (d fullDisk) untilRefused(method, path string, body func() any) (acknowledged []client.Response) {
	d.t.Helper()
	for range 5000 {
		res, err := d.Admin.Call(d.t.Context(), method, path, body())
		switch {
		case err == nil && res.OK():
			acknowledged = append(acknowledged, res)
		case err != nil || res.Status != 507 || !strings.Contains(res.Message, "no room left"):
			d.t.Fatalf("%s %s on a full disk: %d %q %v", method, path, res.Status, res.Message, err)
		default:
			return acknowledged
		}
	}
	d.t.Fatalf("%s %s is never refused", method, path)
	return nil
}

// inside runs a command where the disk is seen.
func (d fullDisk) inside(args ...string) (string, error) {
	pid := fmt.Sprint(d.Serving[0].PID())
	command := slices.Concat([]string{"--target", pid, "--user", "--mount", "--preserve-credentials", rig.Program(d.t, "office-payment")}, args)
	run := exec.Command("nsenter", command...)
	run.Env = append(run.Environ(), "DATA_DIR="+d.DataDir)
	output, err := run.CombinedOutput()
	return string(output), err
}

// wantNoBackup: a backup for which there is no room says so and leaves
// nothing.
func (d fullDisk) wantNoBackup() {
	d.t.Helper()
	output, err := d.inside("backup", filepath.Join(d.DataDir, "backup.db"))
	if err == nil || !strings.Contains(output, "the backup failed: storage full") {
		d.t.Errorf("a backup on a full disk: %v %s", err, output)
	}
	names, err := os.ReadDir(filepath.Dir(d.filler()))
	if err != nil || slices.ContainsFunc(names, func(f os.DirEntry) bool { return strings.HasPrefix(f.Name(), "backup") }) {
		d.t.Errorf("the directory holds %v (%v)", names, err)
	}
}

// startFails runs a start that has to fail with these words.
func startFails(t *testing.T, dir string, wrapper []string, words string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := append(slices.Clone(wrapper), rig.Program(t, "office-payment"))
	start := exec.CommandContext(ctx, command[0], command[1:]...)
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	start.Env = append(start.Environ(), "DATA_DIR="+dir, "PORT="+port)
	output, err := start.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(output), words) {
		t.Errorf("the start ended with %v, want the exit code 1 and %q:\n%s", err, words, output)
	}
}

// TestReadOnlyData is promise 35: a data directory that cannot be written gives a clear
// message, and ends the start.
func TestReadOnlyData(t *testing.T) {
	readOnly := inNamespace(t, `mount --bind "$DATA_DIR" "$DATA_DIR" && mount -o remount,bind,ro "$DATA_DIR"`)
	startFails(t, t.TempDir(), readOnly, "cannot store the secret that signs tokens in DATA_DIR")
	r := rig.AllInOne(t, "JWT_SECRET=")
	r.NewDB()
	r.Serving[0].Kill() // so that its latest changes are in the WAL
	before := contents(t, r.DataDir)
	startFails(t, r.DataDir, readOnly, "office.db cannot be written: check its owner and permissions")
	if after := contents(t, r.DataDir); !slices.Equal(after, before) {
		t.Errorf("the start has made %v of %v", after, before)
	}
}

// TestStartWithoutRoom is promise 35: there is not even room to start.
func TestStartWithoutRoom(t *testing.T) {
	full := `cd "$DATA_DIR" && ` + smallDisk + ` && { cp ./* "$DATA_DIR"; dd if=/dev/zero of="$DATA_DIR/filler" bs=4k; true; } 2>/dev/null`
	r := rig.AllInOne(t, "JWT_SECRET=")
	wrapper := inNamespace(t, full)
	r.NewDB()
	if err := r.Serving[0].Stop(); err != nil {
		t.Fatal(err)
	}
	startFails(t, r.DataDir, wrapper, "there is no room left on the disk of")
}

// contents are the names and sizes of the files of a directory.
func contents(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(entry.Name(), " ", info.Size()))
	}
	return all
}
