package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/auth"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// The names that a guesser makes up (promise 11): so many, and the bytes that
// they may cost, on disk and in memory. The short form measures the cost of one;
// what the service keeps once it runs, however many there are, is allowed for.
const (
	madeUpNames   = 50_000
	madeUpCost    = 20 << 20
	fewMadeUpOnes = 1_000
	runningCost   = 256 << 10
)

// Promise 11: names that nobody has evict nothing, and cost little.
func TestMadeUpNames(t *testing.T) {
	names := fewMadeUpOnes
	if os.Getenv("SOAK") == "1" {
		names = madeUpNames
	}
	dir := dataDir(t.TempDir())
	disk, memory := sizeAfter(t, dir, func(http.Handler) {}), heap()
	var used int64
	disk = sizeAfter(t, dir, func(server http.Handler) {
		guess(t, server, "VICTIM", 9, http.StatusUnauthorized)
		for n := range names {
			guess(t, server, fmt.Sprint("nobody ", n), 1, http.StatusUnauthorized)
		}
		used = heap() - memory
		guess(t, server, "VICTIM", 1, http.StatusUnauthorized)
		guess(t, server, "VICTIM", 1, http.StatusTooManyRequests)
		guess(t, server, "nobody 0", 9, http.StatusUnauthorized)
		guess(t, server, "nobody 0", 1, http.StatusTooManyRequests)
	}) - disk
	t.Logf("promise 11: %d made-up names cost %d bytes on disk and %d in memory", names, disk, used)
	most := int64(madeUpCost * names / madeUpNames)
	mostUsed := min(most+runningCost, madeUpCost)
	if disk > most || used > mostUsed {
		t.Errorf("%d names may cost %d bytes on disk and %d in memory", names, most, mostUsed)
	}
}

// sizeAfter is how large the database is once somebody has used the service.
// The clock of the service stands.
func sizeAfter(t *testing.T, dir dataDir, use func(http.Handler)) int64 {
	t.Helper()
	db, err := dir.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	use(authServer(t, db))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var size int64
	files, _ := filepath.Glob(dir.file(databaseFile) + "*")
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}

func authServer(t *testing.T, db *sqlitestore.DB) http.Handler {
	t.Helper()
	hasher, err := password.NewHasher(password.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	now := office.Now()
	clock := func() time.Time { return now }
	keys := token.NewKeys(strings.Repeat("0123456789abcdef", 2), "", time.Hour, clock)
	return auth.NewServer(auth.Deps{Store: db.Auth(), Keys: keys, Hasher: hasher, Now: clock},
		web.Options{Logger: slog.New(slog.DiscardHandler)})
}

// guess tries a wrong password that many times.
func guess(t *testing.T, server http.Handler, number string, times, want int) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"army_number": number, "password": "wrong"})
	if err != nil {
		t.Fatal(err)
	}
	for range times {
		r := httptest.NewRequest("POST", "/auth/login", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		if server.ServeHTTP(recorder, r); recorder.Code != want {
			t.Fatalf("%s: got %d, want %d: %s", number, recorder.Code, want, recorder.Body)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
