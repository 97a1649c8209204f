package analytics

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"officepay.example/shared/environ"
	"officepay.example/shared/office"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

func TestIncrease(t *testing.T) {
	cases := map[string]struct {
		this, previous int
		want           float64
	}{
		"nothing, ever":       {0, 0, 0},
		"from nothing":        {1, 0, 100},
		"much from nothing":   {5000, 0, 100},
		"to nothing":          {0, 4, -100},
		"as before":           {7, 7, 0},
		"twice as many":       {8, 4, 100},
		"half as many":        {2, 4, -50},
		"tenfold":             {50, 5, 900},
		"a third more":        {4, 3, 33.33},
		"two thirds more":     {5, 3, 66.67},
		"a third fewer":       {2, 3, -33.33},
		"a sixth fewer":       {5, 6, -16.67},
		"rounded up":          {10007, 10000, 0.07},
		"rounded to nothing":  {100001, 100000, 0},
		"and from below":      {99999, 100000, 0},
		"half of a hundredth": {20001, 20000, 0.01},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got := increase(test.this, test.previous)
			if got != test.want || got == 0 && math.Signbit(got) {
				t.Errorf("from %d to %d: %v, want %v", test.previous, test.this, got, test.want)
			}
		})
	}
}

func TestMonthAt(t *testing.T) {
	east := time.FixedZone("east", 3600)
	cases := map[string]struct {
		at   time.Time
		want [3]string // the first days
	}{
		"middle of the year": {time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC), [3]string{"2026-06-01", "2026-07-01", "2026-08-01"}},
		"January":            {time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC), [3]string{"2025-12-01", "2026-01-01", "2026-02-01"}},
		"December":           {time.Date(2026, 12, 31, 23, 59, 59, 999, time.UTC), [3]string{"2026-11-01", "2026-12-01", "2027-01-01"}},
		"31 March":           {time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), [3]string{"2026-02-01", "2026-03-01", "2026-04-01"}},
		"31 May":             {time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC), [3]string{"2026-04-01", "2026-05-01", "2026-06-01"}},
		"leap day":           {time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC), [3]string{"2028-01-01", "2028-02-01", "2028-03-01"}},
		"first moment":       {time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), [3]string{"2026-06-01", "2026-07-01", "2026-08-01"}},
		"last moment":        {time.Date(2026, 7, 1, 0, 0, 0, -1, time.UTC), [3]string{"2026-05-01", "2026-06-01", "2026-07-01"}},
		"another zone":       {time.Date(2026, 1, 1, 0, 30, 0, 0, east), [3]string{"2025-11-01", "2025-12-01", "2026-01-01"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			this := MonthAt(test.at)
			for i, month := range []time.Time{this.Add(-1).Start(), this.Start(), this.Add(1).Start()} {
				if want, _ := time.Parse(time.DateOnly, test.want[i]); !month.Equal(want) || month.Location() != time.UTC {
					t.Errorf("got %v, want %v", month, want)
				}
			}
		})
	}
}

// The statuses add up to the total, in number and in each month.
func TestFiguresOfADatabase(t *testing.T) {
	counts := DBFigures{
		ByStatus: map[office.Status]Count{
			office.StatusActive: {Total: 10, This: 3, Previous: 2},
			office.StatusAWOL:   {Total: 4, This: 0, Previous: 3},
			office.StatusCSE:    {Total: 1, This: 1, Previous: 0},
		},
		Deleted: Count{Total: 6, This: 1, Previous: 4},
	}
	want := map[string]figure{
		"total_personnel":          {15, -20}, // 4 this month, 5 before
		"total_active_personnel":   {10, 50},
		"total_inactive_personnel": {0, 0},
		"total_awol_personnel":     {4, -100},
		"total_death_personnel":    {0, 0},
		"total_rtu_personnel":      {0, 0},
		"total_posted_personnel":   {0, 0},
		"total_cse_personnel":      {1, 100},
		"total_deleted_personnel":  {6, -75},
	}
	got := dbFigures(counts)
	if len(got) != len(want) {
		t.Errorf("%d figures, want %d", len(got), len(want))
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: %+v, want %+v", name, got[name], want[name])
		}
	}
}

// fixed is a store whose figures are always the same.
type fixed struct {
	Store
	dashboard Dashboard
}

func (f fixed) Dashboard(context.Context, Month) (Dashboard, error) { return f.dashboard, nil }

// Of new personnel this month's are the total.
func TestFiguresOfTheDashboard(t *testing.T) {
	s := service{Deps{Now: time.Now, Store: fixed{dashboard: Dashboard{
		Users: Count{Total: 9, This: 1, Previous: 1}, Personnel: Count{Total: 10, This: 3, Previous: 2},
		DeletedPersonnel: Count{Total: 4, This: 1, Previous: 2}, Databases: Count{Total: 7, This: 1},
	}}}}
	got, err := s.dashboard(t.Context(), &web.Request{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]figure{"users": {9, 0}, "personnel": {10, 50}, "deleted_personnel": {4, -50}, "new_personnel": {3, 50}, "databases": {7, 100}}
	if !reflect.DeepEqual(got.Data, want) {
		t.Errorf("got %v, want %v", got.Data, want)
	}
}

func TestFiguresOnTheWire(t *testing.T) {
	body, err := json.Marshal(figureOf(Count{Total: 12, This: 4, Previous: 3}))
	if err != nil || string(body) != `{"total":12,"percentage_increase":33.33}` {
		t.Errorf("got %s, %v", body, err)
	}
}

func TestLoadConfig(t *testing.T) {
	settings := map[string]string{"JWT_SECRET": "q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6hN"}
	got, err := load(func(name string) string { return settings[name] })
	if err != nil || got.Port != 8004 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := load(func(string) string { return "" }); err == nil {
		t.Error("starts without a secret")
	}
}

func load(getenv func(string) string) (serve.Config, error) {
	env := environ.New(getenv)
	c := serve.LoadConfig(env, "", DefaultPort)
	return c, env.Err()
}
