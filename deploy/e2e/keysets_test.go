package e2e

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

var (
	nothing   = []string{}
	dashboard = []string{"databases", "deleted_personnel", "new_personnel", "personnel", "users"}
	figures   = []string{
		"total_active_personnel", "total_awol_personnel", "total_cse_personnel", "total_death_personnel",
		"total_deleted_personnel", "total_inactive_personnel", "total_personnel", "total_posted_personnel", "total_rtu_personnel",
	}
)

// keysOfRoutes are the fields of the data that each route answers an admin
// with; of a plain list, those of its first item.
var keysOfRoutes = map[string][]string{
	"POST /auth/login":           {"token", "user"},
	"POST /auth/change-password": nothing,
	"GET /auth/me":               keySets["admin"],

	"POST /admin/users":          {"id"},
	"GET /admin/users":           keySets["list"],
	"GET /admin/users/{id}":      keySets["user"],
	"PATCH /admin/users/{id}":    keySets["user"],
	"DELETE /admin/users/{id}":   nothing,
	"POST /admin/reset-password": nothing,

	"POST /admin/dbs":        keySets["db"],
	"GET /admin/dbs":         keySets["list"],
	"PATCH /admin/dbs/{id}":  keySets["db"],
	"DELETE /admin/dbs/{id}": {"deleted_personnel"},

	"POST /personnels":                     keySets["warned record"],
	"GET /personnels":                      keySets["record"],
	"GET /personnels?db_id={db_id}":        keySets["record"],
	"GET /personnels/checks":               keySets["checks"],
	"GET /personnels/checks?db_id={db_id}": keySets["checks"],
	"GET /personnels/{id}":                 keySets["record"],
	"PATCH /personnels/{id}":               slices.Sorted(slices.Values(append(keySets["warned record"], "bank_changed_at"))),
	"DELETE /personnels/{id}":              nothing,
	"GET /personnels/db/{db_id}":           keySets["list"],
	"GET /personnels/db/{db_id}/changes":   keySets["list"],
	"GET /personnels/db/{db_id}/trash":     keySets["list"],
	"GET /personnels/history/{id}":         {"data", "meta", "truncated"},
	"POST /personnels/restore/{id}":        keySets["record"],
	"POST /personnels/upload":              {"failed", "inserted", "warnings"},
	"DELETE /personnels/bulk-delete":       {"deleted", "not_found"},

	"GET /analytics/dashboard":                       dashboard,
	"GET /analytics/personnels/db/{db_id}":           figures,
	"GET /analytics/personnels/db/{db_id}/breakdown": {"active", "total", "value"},
	"GET /analytics/personnels/db/{db_id}/trend":     {"created", "deleted", "months", "total"},

	"GET /": {"documentation", "endpoints", "name", "openapi", "version"},
}

// TestKeySetsOfRoutes is promise 7: the fields of each answer are fixed.
func TestKeySetsOfRoutes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.record()
	for route, build := range requests {
		if _, path, _ := strings.Cut(route, " "); isPlain(path) {
			continue
		}
		t.Run(route, func(t *testing.T) {
			want, known := keysOfRoutes[route]
			if !known {
				t.Fatal("its fields are not fixed")
			}
			good := build(s)
			if route == "GET /personnels" { // of an admin it may begin with the record of another test
				good.by = newCaller(t, s.db1.ID)
			}
			data := good.by.in(t).send(good.method, good.path, good.body).Data
			if keys := keysOf(t, data); !slices.Equal(keys, want) {
				t.Errorf("the keys are %q, want %q", keys, want)
			}
		})
	}
}

func keysOf(t *testing.T, data json.RawMessage) []string {
	t.Helper()
	var object fields
	if data[0] == '[' {
		var list []fields
		if err := json.Unmarshal(data, &list); err != nil || len(list) == 0 {
			t.Fatalf("the list is empty: %v", err)
		}
		object = list[0]
	} else if err := json.Unmarshal(data, &object); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(object))
}
