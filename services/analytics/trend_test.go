package analytics

import (
	"encoding/json"
	"testing"
	"time"
)

func TestLastMonths(t *testing.T) {
	for name, test := range map[string]struct {
		at    time.Time
		count int
		want  string
	}{
		"one":             {time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC), 1, `["2026-03"]`},
		"over New Year":   {time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), 4, `["2025-11","2025-12","2026-01","2026-02"]`},
		"from a long day": {time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC), 3, `["2026-03","2026-04","2026-05"]`},
		"another zone":    {time.Date(2026, 1, 1, 0, 30, 0, 0, time.FixedZone("east", 3600)), 2, `["2025-11","2025-12"]`},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := json.Marshal(lastMonths(MonthAt(test.at), test.count))
			if string(got) != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestReadMonths(t *testing.T) {
	for text, want := range map[string]int{"": 12, "1": 1, "60": 60, "0": 0, "61": 0, "-1": 0, "x": 0, "1.5": 0, "99999999999999999999": 0} {
		got, err := readMonths(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

// Each total is the one before, and what came, without what went. What is created or
// deleted after the last month is in none.
func TestTrendOf(t *testing.T) {
	got := trendOf([]Month{"2025-12", "2026-01", "2026-02"}, Flow{
		Live: 10, After: -1,
		Created: map[Month]int{"2025-12": 2, "2026-02": 5}, Deleted: map[Month]int{"2026-01": 4, "2026-02": 1},
	})
	body, _ := json.Marshal(got)
	const want = `{"months":["2025-12","2026-01","2026-02"],"created":[2,0,5],"deleted":[0,4,1],"total":[11,7,11]}`
	if string(body) != want {
		t.Errorf("\n got %s\nwant %s", body, want)
	}
}
