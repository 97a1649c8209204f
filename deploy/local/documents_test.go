package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"officepay.example/shared/office"
)

// repository is all of it, from its top.
var repository = os.DirFS("../..")

// texts are the files that somebody wrote, by path.
func texts(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "data", "out", "legacy"}, entry.Name()):
			return fs.SkipDir
		case entry.Type().IsRegular() && !strings.HasSuffix(name, ".csv") && !strings.HasSuffix(name, ".sum"):
			files[name] = readFile(t, "../../"+name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// numbered are lists that are cited by number: where each is, and what leads to
// it. A comment may go on in the next line.
var numbered = map[string]*regexp.Regexp{
	".github/SECURITY.md":     regexp.MustCompile(`[Pp]romises?[\s/]+(\d+(?:(?:, |,? and )\d+)*)`),
	".github/CONTRIBUTING.md": regexp.MustCompile(`[Rr]ules?[\s/]+(\d+(?:(?:, |,? and )\d+)*)`),
}

var (
	item   = regexp.MustCompile(`(?m)^(\d+)\. `)
	digits = regexp.MustCompile(`\d+`)
)

// Every promise and every rule that is cited is there.
func TestCitationsLeadSomewhere(t *testing.T) {
	files := texts(t)
	for document, citation := range numbered {
		items, list := map[string]bool{}, files[document]
		if _, after, found := strings.Cut(list, "\n## The rules\n"); found {
			list, _, _ = strings.Cut(after, "\n## ")
		}
		for _, match := range item.FindAllStringSubmatch(list, -1) {
			items[match[1]] = true
		}
		for path, text := range files {
			for _, cited := range citation.FindAllStringSubmatch(text, -1) {
				for _, n := range digits.FindAllString(cited[1], -1) {
					if !items[n] {
						t.Errorf("%s cites %q: %s has no %s", path, cited[0], document, n)
					}
				}
			}
		}
		if len(items) == 0 {
			t.Errorf("%s has no list", document)
		}
	}
}

// otherNames are names that things of the glossary must not have beside their own.
var otherNames = map[string]*regexp.Regexp{
	"old backend": regexp.MustCompile(`(?i)\b(former|previous|legacy)[\s/#]+backend\b`),
	"army number": regexp.MustCompile(`(?i)\b(service|force)[\s/#]+number\b`),
	"all-in-one":  regexp.MustCompile(`(?i)\b(monolith|single[\s/#]+binary|standalone[\s/#]+(mode|program))\b`),
}

// Rule 7: each thing has one name.
func TestThingsHaveOneName(t *testing.T) {
	for path, text := range texts(t) {
		if path == "deploy/local/documents_test.go" || strings.Contains(path, "/testdata/") {
			continue
		}
		for name, others := range otherNames {
			if found := others.FindString(text); found != "" {
				t.Errorf("%s calls %q what is the %s elsewhere", path, found, name)
			}
		}
	}
}

var (
	quotedPath = regexp.MustCompile("`((?:services|shared|deploy|\\.github)/[^`\\s]*|docker-compose\\.yml|go\\.work|Makefile)`")
	variable   = regexp.MustCompile(`<\w+>`)
)

// named are the paths in a document, with a star for what varies.
func named(document string) (patterns []string) {
	for _, match := range quotedPath.FindAllStringSubmatch(document, -1) {
		patterns = append(patterns, strings.TrimSuffix(variable.ReplaceAllString(match[1], "*"), "/"))
	}
	return patterns
}

// What a document names is there.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	for path, text := range texts(t) {
		if !strings.HasSuffix(path, ".md") {
			continue
		}
		for _, pattern := range named(text) {
			if found, err := fs.Glob(repository, pattern); err != nil || len(found) == 0 && !strings.HasPrefix(pattern, "deploy/frontend/") {
				t.Errorf("%s names %s: %v", path, pattern, err)
			}
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^):]*?)(?:#([^)]*))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noSlug  = regexp.MustCompile(`[^a-z0-9 -]`)
)

// Every link between documents leads to a file, and to a heading of it where it
// names one.
func TestLinksLeadSomewhere(t *testing.T) {
	files := texts(t)
	for from, text := range files {
		if !strings.HasSuffix(from, ".md") {
			continue
		}
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			to := from
			if match[1] != "" {
				to = path.Join(path.Dir(from), match[1])
			}
			if _, err := fs.Stat(repository, to); err != nil {
				t.Errorf("%s: %v", from, err)
			}
			if match[2] != "" && !slices.Contains(slugs(files[to]), match[2]) {
				t.Errorf("%s: %s has no heading %s", from, to, match[2])
			}
		}
	}
}

// slugs are the headings of a document as links name them.
func slugs(text string) (all []string) {
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	return all
}

// recipe is what CONTRIBUTING.md says of how to add a thing.
func recipe(t *testing.T, heading string) []string {
	t.Helper()
	_, after, found := strings.Cut(readFile(t, "../../.github/CONTRIBUTING.md"), "\n## "+heading+"\n")
	steps, _, _ := strings.Cut(after, "\n## ")
	if !found {
		t.Fatalf("CONTRIBUTING.md has no recipe %q", heading)
	}
	return named(steps)
}

// checkRecipe holds a recipe to the files that name all of the things that are
// there already: one more belongs there too.
func checkRecipe(t *testing.T, heading string, files map[string]string, things ...*regexp.Regexp) {
	t.Helper()
	patterns, met := recipe(t, heading), 0
	for path, text := range files {
		if slices.ContainsFunc(things, func(thing *regexp.Regexp) bool { return !thing.MatchString(text) }) {
			continue
		}
		met++
		if !slices.ContainsFunc(patterns, func(pattern string) bool { return isBelow(path, pattern) }) {
			t.Errorf("%s: %s has all of those before, and the recipe does not name it", heading, path)
		}
	}
	if met < 2 {
		t.Errorf("%s: only %d files name all of %v: do all that the recipe names have the newest?", heading, met, things)
	}
}

// isBelow tells whether the path is what the pattern names, or in a folder that
// it names.
func isBelow(path, pattern string) bool {
	expression := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `[^/]*`)
	return regexp.MustCompile("^" + expression + "(/|$)").MatchString(path)
}

// A file that lists all routes, all that change something, or all of a service,
// is in the recipe for one more; so are the files with every status, and with
// every method of a store.
func TestRecipesNameEveryFile(t *testing.T) {
	files := texts(t)
	var all, changing []*regexp.Regexp
	for service, routes := range tables() {
		var own []*regexp.Regexp
		for _, route := range routes {
			path, _, _ := strings.Cut(route.Path, "/{")
			own = append(own, regexp.MustCompile(regexp.QuoteMeta(path)+`\b`))
			if route.Method != "GET" {
				changing = append(changing, own[len(own)-1])
			}
		}
		all = append(all, own...)
		checkRecipe(t, "Add an endpoint", below(files, "services/"+service), own...)
	}
	checkRecipe(t, "Add an endpoint", files, all...)
	checkRecipe(t, "Add an endpoint", files, changing...)

	var statuses []*regexp.Regexp
	for _, status := range office.Statuses {
		statuses = append(statuses, regexp.MustCompile(fmt.Sprintf(`(?i)(\b|_)%s(\b|_)`, status)))
	}
	checkRecipe(t, "Add a status of personnel", files, statuses...)
}

// below are the files of a folder.
func below(files map[string]string, folder string) map[string]string {
	found := map[string]string{}
	for path, text := range files {
		if strings.HasPrefix(path, folder+"/") {
			found[path] = text
		}
	}
	return found
}

var method = regexp.MustCompile(`(?m)^\t([A-Z]\w+)\(ctx context\.Context`)

// shared are methods that several services ask of a store, and that some of them
// have from elsewhere.
var shared = []string{"UserByID", "DBsByID", "CheckDB"}

// A folder in which every method of a service's store stands is in the recipe for
// one more.
func TestRecipeOfAStoreMethod(t *testing.T) {
	files := texts(t)
	for service := range tables() {
		declared := files["services/"+service+"/"+service+".go"]
		var methods []*regexp.Regexp
		for _, match := range method.FindAllStringSubmatch(declared, -1) {
			if !slices.Contains(shared, match[1]) {
				methods = append(methods, regexp.MustCompile(`\b`+match[1]+`\(`))
			}
		}
		folders := map[string]string{}
		for path, text := range files {
			if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "deploy/bench") {
				folder := path[:strings.LastIndex(path, "/")]
				if folder == "services/"+service {
					folder = "services/" + service + "/" + service + ".go" // where they are declared, and used
				}
				folders[folder] += text
			}
		}
		checkRecipe(t, "Add a method to a store", folders, methods...)
	}
}
