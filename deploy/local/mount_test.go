package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/services/analytics"
	"officepay.example/services/auth"
	"officepay.example/services/personnel"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

// tables are the route tables of the services, as each would serve alone.
func tables() map[string][]web.Route {
	return map[string][]web.Route{
		"auth":      auth.Routes(auth.Deps{}),
		"admin":     admin.Routes(admin.Deps{}),
		"personnel": personnel.Routes(personnel.Deps{}),
		"analytics": analytics.Routes(analytics.Deps{}),
	}
}

var (
	matcher = regexp.MustCompile(`(?m)^\t@(\w+) path (.*)$`)
	forward = regexp.MustCompile(`(?m)^\thandle @(\w+) \{\n\t\timport service \{\$(\w+)_HOST:(\w+)\}`)
)

// proxied reads from the Caddyfile which paths go to which service.
func proxied(t *testing.T) map[string][]string {
	t.Helper()
	caddyfile, err := os.ReadFile("../Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string][]string{}
	for _, match := range matcher.FindAllStringSubmatch(string(caddyfile), -1) {
		paths[match[1]] = strings.Fields(match[2])
	}
	services := map[string][]string{}
	for _, match := range forward.FindAllStringSubmatch(string(caddyfile), -1) {
		if match[1] != match[3] || strings.ToUpper(match[1]) != match[2] {
			t.Errorf("the paths @%s go to %s and %s_HOST", match[1], match[3], match[2])
		}
		services[match[3]] = paths[match[1]]
	}
	return services
}

// Rule 6: Caddy sends each path of a service to that service,
// and to no other.
func TestCaddyfileMapsEveryRouteToItsService(t *testing.T) {
	services := proxied(t)
	if len(services) != len(tables()) {
		t.Fatalf("the Caddyfile names %d services: %v", len(services), services)
	}
	for owner, routes := range tables() {
		for _, route := range routes {
			for name, paths := range services {
				if matches := slices.ContainsFunc(paths, func(p string) bool { return matchesPath(p, route.Path) }); matches != (name == owner) {
					t.Errorf("%s belongs to %s; that Caddy sends it to %s is %v", route.Path, owner, name, matches)
				}
			}
		}
	}
}

// matchesPath is how Caddy's path matcher reads a pattern: exact, or with a
// trailing * as a prefix.
func matchesPath(pattern, path string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	if wild {
		return strings.HasPrefix(path, prefix)
	}
	return pattern == path
}

// Rule 6: the all-in-one mounts what the services serve, and
// nothing else.
func TestAllInOneMountsEveryRoute(t *testing.T) {
	var want, got []string
	for _, routes := range tables() {
		want = append(want, names(routes)...)
	}
	got = names(routesUnderTest(t))
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("mounted:\n%v\nserved:\n%v", got, want)
	}
}

func routesUnderTest(t *testing.T) []web.Route {
	t.Helper()
	o := newInstallation(t)
	o.must("", "create-admin", "N/1")
	return routes(o.database(), nil, nil)
}

func names(routes []web.Route) []string {
	list := make([]string, len(routes))
	for i, route := range routes {
		list[i] = fmt.Sprintf("%s %s (%d bytes, %v)", route.Method, route.Path, route.MaxBody, route.Timeout)
	}
	return list
}

// A reader finds every route in the table of its service's README.
func TestEveryRouteIsInTheREADMEOfItsService(t *testing.T) {
	for service, routes := range tables() {
		readme, err := os.ReadFile("../../services/" + service + "/README.md")
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range routes {
			// The contract has /personnels/ for the path that is a resource's own.
			row := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(route.Method+" "+route.Path) + "/?` \\|")
			if !row.Match(readme) {
				t.Errorf("services/%s/README.md has no row for %s %s", service, route.Method, route.Path)
			}
		}
	}
}

// Promise 2: a route without a row in the authorization matrix fails here.
func TestEveryRouteIsInTheAuthorizationMatrix(t *testing.T) {
	matrix, err := os.ReadFile("../e2e/testdata/matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(matrix)) {
		if words := strings.Fields(line); len(words) > 1 {
			rows[words[0]+" "+words[1]] = true
		}
	}
	for _, routes := range tables() {
		for _, route := range routes {
			if name := route.Method + " " + route.Path; !rows[name] {
				t.Errorf("%s has no row in the matrix", name)
			}
		}
	}
}

var (
	describedPath   = regexp.MustCompile(`^  (/\S*):$`)
	describedMethod = regexp.MustCompile(`^    (get|put|post|delete|options|head|patch|trace):$`)
)

// described reads the operations from deploy/openapi.yaml.
func described(t *testing.T) (operations []string) {
	t.Helper()
	path := ""
	for line := range strings.Lines(readFile(t, "../openapi.yaml")) {
		line = strings.TrimRight(line, "\n")
		if match := describedPath.FindStringSubmatch(line); match != nil {
			path = match[1]
		}
		if match := describedMethod.FindStringSubmatch(line); match != nil && path != "" {
			operations = append(operations, strings.ToUpper(match[1])+" "+path)
		}
		if line == "components:" {
			return operations
		}
	}
	t.Fatal("deploy/openapi.yaml has no components")
	return nil
}

// The description of the API has the routes that are served, and no others.
func TestEveryRouteIsDescribed(t *testing.T) {
	var served []string
	for _, routes := range tables() {
		for _, route := range routes {
			served = append(served, route.Method+" "+route.Path)
		}
	}
	for _, route := range serve.Routes(nil, "") {
		served = append(served, route.Method+" "+route.Path)
	}
	operations := described(t)
	slices.Sort(served)
	slices.Sort(operations)
	if !slices.Equal(served, operations) {
		t.Errorf("served:\n%s\ndescribed:\n%s", strings.Join(served, "\n"), strings.Join(operations, "\n"))
	}
}

// What a frontend must not take, it takes behind Caddy no more than here.
func TestCaddyfileKeepsWhatIsReserved(t *testing.T) {
	caddyfile := readFile(t, "../Caddyfile")
	for _, name := range []string{"page", "asset"} {
		_, matcher, _ := strings.Cut(caddyfile, "\t@"+name+" {\n")
		matcher, _, _ = strings.Cut(matcher, "\n\t}\n")
		_, excluded, _ := strings.Cut(matcher, "not path ")
		excluded, _, _ = strings.Cut(excluded, "\n")
		for _, path := range reserved {
			if !slices.Contains(strings.Fields(excluded), "/"+path) {
				t.Errorf("@%s may take /%s: it leaves out %q", name, path, excluded)
			}
		}
		if !slices.Contains(strings.Fields(excluded), "/docs/*") {
			t.Errorf("@%s may take the files of /docs", name)
		}
	}
}
