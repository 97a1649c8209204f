package personnel

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// uploadOf plans rows, as an upload does.
func uploadOf(t *testing.T, rows ...string) *upload {
	t.Helper()
	u := &upload{seen: map[string]bool{}, failed: []failure{}}
	index := 0
	r := &web.Request{Body: []byte("[" + strings.Join(rows, ",") + "]")}
	err := web.DecodeRows(r, maxRows, func(f *web.Form) {
		u.add(index, f, false, time.Time{})
		index++
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// indexesOf are where the rows that go in are.
func indexesOf(u *upload) []int {
	return office.Convert(u.created, func(c checkedRecord) int { return c.index })
}

// uploads are rows, where in the array those are that go in, and why the rest
// does not.
var uploads = map[string]struct {
	rows    []string
	indexes []int
	failed  []failure
}{
	"one":                       {[]string{row()}, []int{0}, nil},
	"two":                       {[]string{row(), second}, []int{0, 1}, nil},
	"the same number":           {[]string{row(), second, row("Musa", "Uche")}, []int{0, 1}, []failure{{2, "N/1", taken, 0}}},
	"the same, trimmed":         {[]string{row(), row("N/1", " N/1 ")}, []int{0}, []failure{{1, "N/1", taken, 0}}},
	"another letter case":       {[]string{row(), row("N/1", "n/1")}, []int{0, 1}, nil},
	"another database":          {[]string{row(), inB}, []int{0}, []failure{{1, "N/2", foreign, 0}}},
	"another, the same number":  {[]string{row(), row(dbA.Hex(), dbB.Hex())}, []int{0}, []failure{{1, "N/1", foreign, 0}}},
	"a bad row":                 {[]string{unnamed, second}, []int{1}, []failure{{0, "N/1", nameless, 0}}},
	"a bad row takes no number": {[]string{unnamed, row()}, []int{1}, []failure{{0, "N/1", nameless, 0}}},
	"two problems":              {[]string{row("Musa", " ", "Sgt", "")}, nil, []failure{{0, "N/1", nameless + "; the rank must not be blank", 0}}},
	"no army number":            {[]string{row(`"N/1"`, `7`)}, nil, []failure{{0, "", "the army number must be text, not a number", 0}}},
	"the first names no id":     {[]string{row(dbA.Hex(), "pay"), second}, []int{1}, []failure{{0, "N/1", noID, 0}}},
	"a bad row names the one":   {[]string{unnamed, inB}, nil, []failure{{0, "N/1", nameless, 0}, {1, "N/2", foreign, 0}}},
	"the zero id is one, too":   {[]string{row(dbA.Hex(), zeroID), second}, []int{0}, []failure{{1, "N/2", foreign, 0}}},
	"and so it is behind":       {[]string{second, row(dbA.Hex(), zeroID)}, []int{0}, []failure{{1, "N/1", foreign, 0}}},
}

const (
	taken    = "the army number is already in an earlier row"
	foreign  = "the database differs from that of the earlier rows"
	nameless = "the first name must not be blank"
	noID     = "the database must be an id of 24 hex digits"
	zeroID   = "000000000000000000000000"
)

var (
	second  = row("N/1", "N/2")
	inB     = row("N/1", "N/2", dbA.Hex(), dbB.Hex())
	unnamed = row("Musa", " ")
)

func TestRowsOfAnUpload(t *testing.T) {
	for name, test := range uploads {
		t.Run(name, func(t *testing.T) {
			got := uploadOf(t, test.rows...)
			if indexes := indexesOf(got); !slices.Equal(indexes, test.indexes) {
				t.Errorf("rows %v go in, want %v", indexes, test.indexes)
			}
			if !slices.Equal(got.failed, test.failed) {
				t.Errorf("failures %+v, want %+v", got.failed, test.failed)
			}
			for _, record := range office.Convert(got.created, recordOf) {
				if record.DBID != got.db || record.ID.IsZero() || record.Status != office.StatusActive {
					t.Errorf("record %+v of database %v", record, got.db)
				}
			}
		})
	}
}

func TestRowThatIsNoObject(t *testing.T) {
	got := uploadOf(t, `1`, row())
	if len(got.created) != 1 || len(got.failed) != 1 || got.failed[0].Error != "the row must be an object, not a number" {
		t.Errorf("got %+v", got)
	}
}

// The message stands alone: it is all that the frontend shows.
func TestAnswerToAnUpload(t *testing.T) {
	one, two := make([]checkedRecord, 1), make([]checkedRecord, 2)
	odd := failure{4, "N/5", "the rank is odd; so is the remark", 0}
	cases := map[string]struct {
		upload  upload
		status  int
		message string
	}{
		"all":         {upload{created: two, failed: []failure{}}, 201, "2 were added."},
		"one":         {upload{created: one, failed: []failure{}}, 201, "1 was added."},
		"some":        {upload{created: one, failed: []failure{odd, {6, "", "is odd too", 0}}}, 207, "1 was added, 2 failed. The first is N/5, in row 5: the rank is odd."},
		"all but one": {upload{created: two, failed: []failure{odd}}, 207, "2 were added, 1 failed. It is N/5, in row 5: the rank is odd."},
		"a long number": {
			upload{failed: []failure{{0, strings.Repeat("𐐀", 100), "is odd", 0}}}, 400,
			"0 were added, 1 failed. It is " + strings.Repeat("𐐀", 30) + "…, in row 1: is odd.",
		},
		"warned of": {
			upload{created: two, failed: []failure{}, warnings: []rowWarning{{1, "N/2", warning{Message: "it is odd"}}}, warningCount: 2}, 201,
			"2 were added. There are 2 warnings.",
		},
		"warned of once": {
			upload{created: two, failed: []failure{}, warnings: []rowWarning{{1, "N/2", warning{Message: "it is odd"}}}, warningCount: 1}, 201,
			"2 were added. There is 1 warning.",
		},
		"no number": {upload{failed: []failure{{0, "", "is odd", 0}}}, 400, "0 were added, 1 failed. It is row 1: is odd."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got := test.upload.answer()
			want := map[string]any{"inserted": len(test.upload.created), "failed": test.upload.failed}
			if test.upload.warnings != nil {
				want["warnings"] = test.upload.warnings
			}
			if got.Status != test.status || got.Message != test.message || !reflect.DeepEqual(got.Data, want) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
