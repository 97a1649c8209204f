package personnel

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// twice is a store whose records are others when they are read a second time.
type twice struct {
	deletingStore
	first, then []office.Personnel
}

func (twice) CheckDB(context.Context, office.ID) error { return nil }

func (s twice) After(_ context.Context, _ office.Scope, last office.Personnel, _ int) (all []office.RecordJSON, _ office.Personnel, _ error) {
	if !last.ID.IsZero() {
		return nil, last, nil
	}
	for _, last = range s.first {
		all = append(all, last.JSON())
	}
	return all, last, nil
}

func (s twice) WithNumbers(_ context.Context, db office.ID, numbers []string) ([]office.Personnel, error) {
	return s.first, nil
}

func (s twice) WithIDs(_ context.Context, scope office.Scope, ids []office.ID) (found []office.RecordJSON, err error) {
	for _, record := range s.then {
		if scope.Allows(record.DBID) && slices.Contains(ids, record.ID) {
			found = append(found, record.JSON())
		}
	}
	return found, nil
}

func (s twice) UpdateAll(_ context.Context, db office.ID, changes []RecordPatch, edit office.Edit) (missing []int, err error) {
	for n, change := range changes {
		if change.Patch.DBID != nil || change.Patch.ArmyNumber != nil {
			return nil, errors.New("a change by a row names a database or an army number, and brings back what was changed since")
		}
		i := slices.IndexFunc(s.then, func(p office.Personnel) bool { return p.ID == change.ID && p.DBID == db })
		if i < 0 {
			missing = append(missing, n)
			continue
		}
		s.then[i], _ = edit.Patch(s.then[i], change.Patch)
	}
	return missing, nil
}

func (twice) Shared(context.Context, office.Scope, Key, string, int) ([]string, error) {
	return nil, nil
}

func (twice) Holders(context.Context, office.Scope, Key, []string, func(office.Payee) error) error {
	return nil
}

// shortOf is a client who is gone after so many bytes.
type shortOf struct {
	*httptest.ResponseRecorder
	left int
}

func (w *shortOf) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errors.New("the client is gone")
	}
	return w.ResponseRecorder.Write(b)
}

// askedByBoss is the answer to a call, whose client is gone after so many bytes, and
// what the log says was done.
func askedByBoss(t *testing.T, store Store, r *http.Request, bytesLeft int) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	var log bytes.Buffer
	keys := webtest.Keys()
	bearer, err := keys.Issue(boss)
	officetest.Must(t, err)
	r.Header.Set("Authorization", "Bearer "+bearer)
	server := web.NewServer(web.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))}, Routes(Deps{Store: store, Keys: keys, Now: office.Now}))
	w := &shortOf{httptest.NewRecorder(), bytesLeft}
	func() {
		defer func() { _ = recover() }() // an answer that is cut off
		server.ServeHTTP(w, r)
	}()
	return w.ResponseRecorder, eventIn(t, log.String())
}

// Whoever takes a part of a file and leaves is in the log as who takes it all.
func TestFileCutOffIsLogged(t *testing.T) {
	records := officetest.Roster(1, 20, dbA)
	for name, c := range map[string]struct {
		method, path, event string
		left                int
		count               float64
	}{
		"export":             {"GET", "export", "personnel exported", 1 << 20, 20},
		"export, cut off":    {"GET", "export", "personnel exported", 500, 20},
		"export, header":     {"HEAD", "export", "personnel exported", 1 << 20, 0},
		"schedule":           {"GET", "schedule", "payment schedule made", 1 << 20, 20},
		"schedule, cut off":  {"GET", "schedule", "payment schedule made", 500, 20},
		"schedule, at once":  {"GET", "schedule", "payment schedule made", 0, 0},
		"workbook, cut off":  {"GET", "export?format=xlsx", "personnel exported", 500, 20},
		"export of no match": {"GET", "export?search=nobody", "personnel exported", 1 << 20, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ask := httptest.NewRequest(c.method, "/personnels/db/"+dbA.Hex()+"/"+c.path, nil)
			_, line := askedByBoss(t, twice{first: records, then: records}, ask, c.left)
			officetest.Equal[any](t, "the event", line["event"], c.event)
			officetest.Equal[any](t, "the count", line["count"], c.count)
		})
	}
}

// Who is to be paid otherwise than when the groups were made is in none of them.
func TestScheduleOfWhoChanges(t *testing.T) {
	payable := func(p *office.Personnel) {
		p.Bank, p.AcctNumber, p.MiddleName = office.Bank{Name: "ECOBANK PLC", SortCode: "050150311"}, "0123456789", ""
	}
	first := officetest.Roster(1, 6, dbA, payable)
	then := slices.Clone(first)
	then[1].Bank = office.Bank{Name: "ZENITH BANK PLC", SortCode: "057150013"}
	then[2].Status = office.StatusDeath
	then[3].DBID = dbB
	then[4].AcctNumber, then[4].Bank.SortCode = "12345", ""
	then[5].Bank.Name = "Ecobank"
	ask := httptest.NewRequest("GET", "/personnels/db/"+dbA.Hex()+"/schedule", nil)
	res, line := askedByBoss(t, twice{first: first, then: then}, ask, 1<<20)
	lines, err := csv.NewReader(res.Body).ReadAll()
	officetest.Must(t, err)
	var got []string
	for _, cells := range lines[1:] {
		got = append(got, cmp.Or(cells[3], cells[5])+": "+cells[7])
	}
	officetest.Equal(t, "the schedule", got, []string{
		first[0].ArmyNumber + ": ", first[5].ArmyNumber + ": ", "Count: 2: ", ": ",
		first[1].ArmyNumber + ": the record was changed while this schedule was made: make it again",
		first[2].ArmyNumber + ": the status is death",
		first[4].ArmyNumber + ": the account number is not 10 digits; the bank has no sort code",
		"Count: 3: ", ": ",
	})
	officetest.Equal[any](t, "the count", line["count"], 5.)
}

// A row of a file does not bring back a record that was moved since it was read.
func TestUpsertOfWhatMoved(t *testing.T) {
	first := officetest.Roster(1, 3, dbA)
	then := slices.Clone(first)
	then[1].DBID = dbB
	want := slices.Clone(then)
	file := "Army Number,Rank\n" + first[0].ArmyNumber + ",Maj\n" + first[1].ArmyNumber + ",Maj\n" + first[2].ArmyNumber + ",\n"
	ask := httptest.NewRequest("POST", "/personnels/upload?mode=upsert&db_id="+dbA.Hex(), strings.NewReader(file))
	ask.Header.Set("Content-Type", csvType)
	res, line := askedByBoss(t, twice{first: first, then: then}, ask, 1<<20)
	officetest.Equal(t, "the status", res.Code, http.StatusMultiStatus)
	if !strings.Contains(res.Body.String(), "the row is for a record that was just deleted or moved") {
		t.Errorf("the answer is %s", res.Body)
	}
	officetest.Equal[any](t, "the changes that are logged", line["updated"], 1.)
	officetest.Equal(t, "the rank", then[0].Rank, "Maj")
	officetest.Equal(t, "what moved", then[1:], want[1:])
}

// halfway is a store that is gone when it is to change what is there.
type halfway struct{ twice }

func (halfway) Create(context.Context, []office.Personnel, office.Edit) ([]int, error) {
	return nil, nil
}

func (halfway) UpdateAll(context.Context, office.ID, []RecordPatch, office.Edit) ([]int, error) {
	return nil, office.ErrUnavailable
}

// What an upload has brought in is in the log, also when the rest of it fails.
func TestUpsertThatFailsIsLogged(t *testing.T) {
	there := officetest.Roster(1, 1, dbA)
	file := "Army Number,Rank,First Name,Last Name,Phone Number,Bank Name,Account Number,Bank Sort Code,Sub Sector\n" +
		"A1,Sgt,Ada,Obi,080,ECOBANK PLC,0123456789,050150311,HQ\n" + there[0].ArmyNumber + ",Maj,,,,,,,\n"
	ask := httptest.NewRequest("POST", "/personnels/upload?mode=upsert&db_id="+dbA.Hex(), strings.NewReader(file))
	ask.Header.Set("Content-Type", csvType)
	res, line := askedByBoss(t, halfway{twice{first: there}}, ask, 1<<20)
	officetest.Equal(t, "the status", res.Code, http.StatusServiceUnavailable)
	officetest.Equal[any](t, "what is logged as inserted", line["inserted"], 1.)
	officetest.Equal[any](t, "what is logged as changed", line["updated"], 0.)
}

// A bad row takes no number, in an upsert neither: the next one counts.
func TestUpsertBehindABadRow(t *testing.T) {
	there := officetest.Roster(1, 1, dbA)
	then, number := slices.Clone(there), there[0].ArmyNumber
	file := "Army Number,Rank,Account Number\n" + number + ",Maj,12345\n" + number + ",Col,\n" + number + ",Gen,\n"
	ask := httptest.NewRequest("POST", "/personnels/upload?mode=upsert&db_id="+dbA.Hex(), strings.NewReader(file))
	ask.Header.Set("Content-Type", csvType)
	res, line := askedByBoss(t, twice{first: there, then: then}, ask, 1<<20)
	officetest.Equal(t, "the rank", then[0].Rank, "Col")
	officetest.Equal[any](t, "how many rows failed", line["failed"], 2.)
	if !strings.Contains(res.Body.String(), `"row":2`) || !strings.Contains(res.Body.String(), `"row":4`) {
		t.Errorf("the answer is %s", res.Body)
	}
}

// alone is a store that answers for everything but comparisons.
type alone struct{ twice }

func (alone) Create(context.Context, []office.Personnel, office.Edit) ([]int, error) {
	return nil, nil
}

func (alone) Shared(context.Context, office.Scope, Key, string, int) ([]string, error) {
	return nil, office.ErrUnavailable
}

func (alone) Holders(ctx context.Context, _ office.Scope, _ Key, _ []string, _ func(office.Payee) error) error {
	select {
	case <-time.After(3 * time.Second):
	case <-ctx.Done():
	}
	return office.ErrUnavailable
}

// What is stored is answered soon, if need be without warnings. What is to show the
// findings of all records fails if it cannot.
func TestRecordsThatAreNotCompared(t *testing.T) {
	const row = "Army Number,Rank,First Name,Last Name,Phone Number,Bank Name,Account Number,Bank Sort Code,Sub Sector\n" +
		"A1,Sgt,Ada,Obi,080,ECOBANK PLC,0123456789,050150311,HQ\n"
	there := officetest.Roster(1, 3, dbA)
	for _, c := range []struct {
		method, path string
		status       int
		took         time.Duration
	}{
		{"POST", "upload?db_id=" + dbA.Hex(), http.StatusCreated, warningsTimeout + time.Millisecond},
		{"POST", "upload?dry_run=true&db_id=" + dbA.Hex(), http.StatusServiceUnavailable, 3 * time.Second},
		{"GET", "db/" + dbA.Hex() + "/schedule", http.StatusOK, 3 * time.Second}, // cut off
	} {
		synctest.Test(t, func(t *testing.T) {
			ask := httptest.NewRequest(c.method, "/personnels/"+c.path, strings.NewReader(row))
			ask.Header.Set("Content-Type", csvType)
			begin := time.Now()
			res, _ := askedByBoss(t, alone{twice{first: there, then: there}}, ask, 1<<20)
			officetest.Equal(t, c.path+": the status", res.Code, c.status)
			officetest.Equal(t, c.path+": how long it took", time.Since(begin), c.took)
			if strings.Contains(res.Body.String(), there[0].ArmyNumber) {
				t.Errorf("%s: there is a line of a record that was not compared: %s", c.path, res.Body)
			}
		})
	}
}
