package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func write(text string) func(string) error {
	return func(part string) error { return os.WriteFile(part, []byte(text), 0o600) }
}

// wantOnly checks that a directory holds one file, with that text, for its
// owner alone.
func wantOnly(t *testing.T, path, text string) {
	t.Helper()
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Fatalf("the directory holds %v (%v)", names, err)
	}
	content, err := os.ReadFile(path)
	if err != nil || string(content) != text {
		t.Errorf("the file holds %q (%v), want %q", content, err, text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v (%v)", info.Mode(), err)
	}
}

func TestFileReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := File(path, write("first")); err != nil {
		t.Fatal(err)
	}
	if err := File(path, write("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the second file: %v", err)
	}
	wantOnly(t, path, "first")
}

func TestFileIsWholeOrAbsent(t *testing.T) {
	dir, failed := t.TempDir(), errors.New("no room")
	err := File(filepath.Join(dir, "file"), func(part string) error {
		return errors.Join(write("half")(part), failed)
	})
	if !errors.Is(err, failed) {
		t.Errorf("the error is %v", err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%v were left (%v)", names, err)
	}
}

// A file that the disk has not kept is not said to be made.
func TestFileThatIsNotKept(t *testing.T) {
	lost := errors.New("the disk is gone")
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	loses := func(isLost func(path string) bool) func(string) error {
		return func(path string) error {
			if isLost(path) {
				return lost
			}
			return syncPath(path)
		}
	}
	if err := makeFile(path, write("content"), loses(func(path string) bool { return path != dir })); err != lost {
		t.Errorf("where the content cannot be kept: %v", err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%v were left (%v)", names, err)
	}
	if err := makeFile(path, write("content"), loses(func(path string) bool { return path == dir })); err != lost {
		t.Errorf("where the name cannot be kept: %v", err)
	}
}

// The content is kept before it has its name, and the name last.
func TestOrderOfKeeping(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	var kept []string
	keep := func(synced string) error {
		what := "content"
		if synced == dir {
			what = "directory"
		}
		_, err := os.Stat(path)
		kept = append(kept, fmt.Sprintf("%s, named: %v", what, err == nil))
		return nil
	}
	if err := makeFile(path, write("text"), keep); err != nil {
		t.Fatal(err)
	}
	if want := []string{"content, named: false", "directory, named: true"}; !slices.Equal(kept, want) {
		t.Errorf("kept are %q, want %q", kept, want)
	}
}

func TestFilesAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	var made atomic.Int32
	var makers sync.WaitGroup
	for range 20 {
		makers.Go(func() {
			err := File(path, write("content"))
			if err == nil {
				made.Add(1)
			} else if !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		})
	}
	makers.Wait()
	if made.Load() != 1 {
		t.Errorf("%d were told that the file is theirs", made.Load())
	}
	wantOnly(t, path, "content")
}

func TestDir(t *testing.T) {
	top := t.TempDir()
	path := filepath.Join(top, "a", "b")
	for range 2 {
		if err := Dir(path); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v (%v)", info.Mode(), err)
	}
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if Dir(file) == nil || Dir(filepath.Join(file, "c")) == nil {
		t.Error("a file is taken for a directory")
	}
}

// A loss of power leaves no directory without a name, whichever of those above
// it were made with it.
func TestEveryNewDirIsKept(t *testing.T) {
	top := t.TempDir()
	path := filepath.Join(top, "a", "b", "c")
	for _, want := range [][]string{{top, filepath.Join(top, "a"), filepath.Join(top, "a", "b")}, nil} {
		var synced []string
		err := makeDir(path, func(dir string) error {
			synced = append(synced, dir)
			return nil
		})
		if err != nil || !slices.Equal(synced, want) {
			t.Errorf("the directories %q are kept (%v), want %q", synced, err, want)
		}
	}
	lost := errors.New("the disk is gone")
	if err := makeDir(filepath.Join(top, "d", "e"), func(string) error { return lost }); err != lost {
		t.Errorf("where a name cannot be kept: %v", err)
	}
}

func TestDirWhoseNameIsRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"a/b/", "./c", "d/../e", "."} {
		if err := Dir(path); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(filepath.Clean(path)); err != nil || !info.IsDir() {
			t.Errorf("%s is not there: %v", path, err)
		}
	}
}

// What a process that was killed has left of a file is removed by the next that makes
// it; what another is just making is not, nor is any other file.
func TestPartsThatWereLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "backup[1].db")
	others := []string{"backup[1].db.part", "backup1.db.part-1", "backup[1].db.before-2026"}
	for _, name := range append(others, "backup[1].db.part-1", "backup[1].db.part-1-wal", "backup[1].db.part-12") {
		if err := write("left")(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	err := File(path, func(part string) error {
		if err := write("")(part + "-wal"); err != nil {
			return err
		}
		if err := Replace(path, write("by another")); err != nil {
			return err
		}
		_, err := os.Stat(part)
		_, beside := os.Stat(part + "-wal")
		return errors.Join(err, beside, os.Remove(part+"-wal"))
	})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	var names []string
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	want := append(others, "backup[1].db")
	slices.Sort(want)
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("the directory holds %q, want %q", names, want)
	}
}
