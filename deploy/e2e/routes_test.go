package e2e

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

//go:embed testdata/matrix.txt
var matrixText string

// row is one line of the matrix.
type row struct {
	method string
	path   string
	status map[string]int // by caller
}

func (r row) route() string { return r.method + " " + r.path }

// readMatrix returns the callers and the rows of the matrix.
func readMatrix() (callers []string, rows []row) {
	for line := range strings.Lines(matrixText) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "route":
			callers = words[1:]
		case len(words) != 2+len(callers):
			panic("the matrix has a row with too many or too few cells: " + line)
		default:
			rows = append(rows, row{words[0], words[1], cells(callers, words[2:])})
		}
	}
	return callers, rows
}

func cells(callers, words []string) map[string]int {
	statuses := map[string]int{}
	for i, caller := range callers {
		statuses[caller], _ = strconv.Atoi(words[i])
	}
	return statuses
}

// methodsByPath are the methods that each path of the contract has.
func methodsByPath() map[string][]string {
	_, rows := readMatrix()
	paths := map[string][]string{}
	for _, row := range rows {
		path, _, _ := strings.Cut(row.path, "?")
		if !slices.Contains(paths[path], row.method) {
			paths[path] = append(paths[path], row.method)
		}
	}
	return paths
}

// request is a call that is accepted from whoever may make it.
type request struct {
	method string
	path   string
	body   any
	by     caller // somebody who may
	resets person // whose password it sets for him, or nobody
}

// scene is what requests are about.
type scene struct {
	t   testing.TB
	db1 client.DB
}

func newScene(t testing.TB) scene { return scene{t, newDB(t)} }

// requests make a fresh good call of each route, on things that nothing else touches.
var requests = map[string]func(s scene) request{
	"POST /auth/login": func(s scene) request {
		return s.request("POST", "/auth/login", newPerson(s.t, userFields()).credentials())
	},
	"POST /auth/change-password": func(s scene) request {
		user := newCaller(s.t)
		body := fields{"old_password": user.password, "new_password": newPassword()}
		return request{method: "POST", path: "/auth/change-password", body: body, by: user}
	},
	"GET /auth/me": func(s scene) request { return s.request("GET", "/auth/me", nil) },

	"POST /admin/users": func(s scene) request { return s.request("POST", "/admin/users", userFields(s.db1.ID)) },
	"GET /admin/users":  func(s scene) request { return s.request("GET", "/admin/users", nil) },
	"GET /admin/users/{id}": func(s scene) request {
		return s.request("GET", "/admin/users/"+s.user(), nil)
	},
	"PATCH /admin/users/{id}": func(s scene) request {
		return s.request("PATCH", "/admin/users/"+s.user(), with(userFields(s.db1.ID), fields{"password": absent}))
	},
	"DELETE /admin/users/{id}": func(s scene) request {
		return s.request("DELETE", "/admin/users/"+s.user(), nil)
	},
	"POST /admin/reset-password": func(s scene) request {
		user := newPerson(s.t, userFields())
		good := s.request("POST", "/admin/reset-password", fields{"user_id": user.id, "new_password": newPassword()})
		good.resets = user
		return good
	},

	"POST /admin/dbs": func(s scene) request { return s.request("POST", "/admin/dbs", dbFields()) },
	"GET /admin/dbs":  func(s scene) request { return s.request("GET", "/admin/dbs", nil) },
	"PATCH /admin/dbs/{id}": func(s scene) request {
		return s.request("PATCH", "/admin/dbs/"+newDB(s.t).ID, dbFields())
	},
	"DELETE /admin/dbs/{id}": func(s scene) request {
		return s.request("DELETE", "/admin/dbs/"+newDB(s.t).ID, nil)
	},

	"POST /personnels": func(s scene) request { return s.request("POST", "/personnels", fullFields(s.db1.ID)) },
	"GET /personnels":  func(s scene) request { return s.request("GET", "/personnels", nil) },
	"GET /personnels?db_id={db_id}": func(s scene) request {
		return s.request("GET", "/personnels?db_id="+s.db1.ID, nil)
	},
	"GET /personnels/checks": func(s scene) request { return s.request("GET", "/personnels/checks", nil) },
	"GET /personnels/checks?db_id={db_id}": func(s scene) request {
		return s.request("GET", "/personnels/checks?db_id="+s.db1.ID, nil)
	},
	"GET /personnels/{id}": func(s scene) request {
		return s.request("GET", "/personnels/"+s.record(), nil)
	},
	"PATCH /personnels/{id}": func(s scene) request {
		return s.request("PATCH", "/personnels/"+s.record(), fullFields(s.db1.ID))
	},
	"DELETE /personnels/{id}": func(s scene) request {
		return s.request("DELETE", "/personnels/"+s.record(), nil)
	},
	"GET /personnels/db/{db_id}": func(s scene) request {
		return s.request("GET", "/personnels/db/"+s.db1.ID, nil)
	},
	"GET /personnels/db/{db_id}/export": func(s scene) request {
		return s.request("GET", "/personnels/db/"+s.db1.ID+"/export", nil)
	},
	"GET /personnels/db/{db_id}/schedule": func(s scene) request {
		return s.request("GET", "/personnels/db/"+s.db1.ID+"/schedule", nil)
	},
	"GET /personnels/db/{db_id}/changes": func(s scene) request {
		return s.request("GET", "/personnels/db/"+s.db1.ID+"/changes", nil)
	},
	"GET /personnels/db/{db_id}/trash": func(s scene) request {
		return s.request("GET", "/personnels/db/"+s.db1.ID+"/trash", nil)
	},
	"GET /personnels/history/{id}": func(s scene) request {
		return s.request("GET", "/personnels/history/"+s.record(), nil)
	},
	"POST /personnels/restore/{id}": func(s scene) request {
		return s.request("POST", "/personnels/restore/"+s.deleted(), nil)
	},
	"POST /personnels/upload": func(s scene) request {
		return s.request("POST", "/personnels/upload", []fields{fullFields(s.db1.ID)})
	},
	"DELETE /personnels/bulk-delete": func(s scene) request {
		return s.request("DELETE", "/personnels/bulk-delete", fields{"personnels_id": []string{s.record()}})
	},

	"GET /analytics/dashboard": func(s scene) request { return s.request("GET", "/analytics/dashboard", nil) },
	"GET /analytics/personnels/db/{db_id}": func(s scene) request {
		return s.request("GET", "/analytics/personnels/db/"+s.db1.ID, nil)
	},
	"GET /analytics/personnels/db/{db_id}/breakdown": func(s scene) request {
		return s.request("GET", "/analytics/personnels/db/"+s.db1.ID+"/breakdown?by=rank", nil)
	},
	"GET /analytics/personnels/db/{db_id}/trend": func(s scene) request {
		return s.request("GET", "/analytics/personnels/db/"+s.db1.ID+"/trend", nil)
	},

	"GET /":             func(s scene) request { return s.request("GET", "/", nil) },
	"GET /healthz":      func(s scene) request { return s.request("GET", "/healthz", nil) },
	"GET /readyz":       func(s scene) request { return s.request("GET", "/readyz", nil) },
	"GET /openapi.yaml": func(s scene) request { return s.request("GET", "/openapi.yaml", nil) },
	"GET /docs":         func(s scene) request { return s.request("GET", "/docs", nil) },
	"GET /docs/{file}":  func(s scene) request { return s.request("GET", "/docs/init.js", nil) },
}

// isPlain tells whether a success at the path needs no envelope: health, what
// describes the API, and files.
func isPlain(path string) bool {
	path = strings.TrimSuffix(path, "/")
	if strings.HasSuffix(path, "/export") || strings.HasSuffix(path, "/schedule") {
		return true
	}
	return slices.Contains([]string{"/healthz", "/readyz", "/openapi.yaml", "/docs"}, path) || strings.HasPrefix(path, "/docs/")
}

func (s scene) request(method, path string, body any) request {
	return request{method: method, path: path, body: body, by: admin(s.t)}
}

func (s scene) user() string { return newPerson(s.t, userFields()).id }

func (s scene) record() string { return newRecord(s.t, s.db1.ID).ID }

func (s scene) deleted() string {
	id := s.record()
	admin(s.t).want(200, "DELETE", "/personnels/"+id, nil)
	return id
}

// eachWrite runs a subtest for every route that takes a body.
func eachWrite(t *testing.T, test func(t *testing.T, good request)) {
	_, rows := readMatrix()
	for _, row := range rows {
		bodyless := row.method == "GET" || row.method == "DELETE" && !strings.HasSuffix(row.path, "/bulk-delete") || strings.Contains(row.path, "/restore/")
		if !bodyless {
			t.Run(row.route(), func(t *testing.T) {
				good := requests[row.route()](newScene(t))
				good.by = good.by.in(t)
				test(t, good)
			})
		}
	}
}
