package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// example is one request of deploy/examples/office.http.
type example struct {
	status       int
	method, path string
	header       header
	body         string
	copyTo       string // the variable that takes a value of the answer
	copyFrom     string
}

var (
	httpTitle = regexp.MustCompile(`^(\d{3})`)
	httpLine  = regexp.MustCompile(`(?m)^(GET|POST|PATCH|DELETE) \{\{api\}\}(\S+)$`)
	httpField = regexp.MustCompile(`(?m)^(Authorization|Content-Type): (.+)$`)
	httpCopy  = regexp.MustCompile(`(?m)^# copy data\.(\w+) to (\w+)$`)
	callMade  = regexp.MustCompile(`(?m)^\d{3}  \w+ +/\S*$`)
	shellCall = regexp.MustCompile(`(?m)^call (\d{3}) (\w+) (\S+)`)
)

func readExample(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("../examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// readHTTP reads the requests of office.http.
func readHTTP(t *testing.T) (examples []example) {
	t.Helper()
	for _, block := range strings.Split(readExample(t, "office.http"), "\n### ")[1:] {
		head, body, _ := strings.Cut(block, "\n\n")
		line, title := httpLine.FindStringSubmatch(head), httpTitle.FindStringSubmatch(head)
		if line == nil || title == nil {
			t.Fatalf("no request: %s", block)
		}
		e := example{method: line[1], path: line[2], header: header{}, body: strings.TrimSpace(body)}
		e.status, _ = strconv.Atoi(title[1])
		for _, field := range httpField.FindAllStringSubmatch(head, -1) {
			e.header[field[1]] = field[2]
		}
		if copied := httpCopy.FindStringSubmatch(head); copied != nil {
			e.copyFrom, e.copyTo = copied[1], copied[2]
		}
		examples = append(examples, e)
	}
	return examples
}

// TestExamplesInHTTP sends the requests of office.http as an editor does, with
// the values that a person copies.
func TestExamplesInHTTP(t *testing.T) {
	t.Parallel()
	chief := newPerson(t, with(userFields(), fields{"role": "admin"}))
	values := map[string]string{"admin": chief.number, "password": chief.password, "mark": unique("HTTP")}
	filled := func(text string) string {
		for name, value := range values {
			text = strings.ReplaceAll(text, "{{"+name+"}}", value)
		}
		if strings.Contains(text, "{{") {
			t.Fatalf("a value is missing: %s", text)
		}
		return text
	}
	for _, e := range readHTTP(t) {
		for name, value := range e.header {
			e.header[name] = filled(value)
		}
		res := sendExample(t, e, filled(e.path), filled(e.body))
		if res.Status != e.status {
			t.Fatalf("%s %s: got %d %s, want %d", e.method, e.path, res.Status, res.Body, e.status)
		}
		if e.copyTo != "" {
			values[e.copyTo] = copied(t, res, e.copyFrom)
		}
	}
}

func sendExample(t *testing.T, e example, path, content string) client.Response {
	t.Helper()
	var body any
	if content != "" {
		body = client.Raw(content)
	}
	req, err := anyone(t).Request(context.Background(), e.method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Del("Content-Type") // the file must have it
	for name, value := range e.header {
		req.Header.Set(name, value)
	}
	if content != "" && req.Header.Get("Content-Type") == "" {
		t.Errorf("%s %s has a body and no Content-Type", e.method, e.path)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func copied(t *testing.T, res client.Response, name string) string {
	t.Helper()
	var answer struct{ Data map[string]json.RawMessage }
	var value string
	if err := json.Unmarshal(res.Body, &answer); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer.Data[name], &value); err != nil {
		t.Fatalf("data.%s of %s: %v", name, res.Body, err)
	}
	return value
}

// TestExamplesAreTheSame: both files make the same calls, and between them
// every operation.
func TestExamplesAreTheSame(t *testing.T) {
	t.Parallel()
	variable := regexp.MustCompile(`\{\{\w+\}\}|\$\w+`)
	plainCall := func(status, method, path string) string {
		return status + " " + method + " " + variable.ReplaceAllString(strings.Trim(path, `"`), "{}")
	}
	var inHTTP, inShell []string
	for _, e := range readHTTP(t) {
		inHTTP = append(inHTTP, plainCall(strconv.Itoa(e.status), e.method, e.path))
	}
	for _, call := range shellCall.FindAllStringSubmatch(readExample(t, "office.sh"), -1) {
		inShell = append(inShell, plainCall(call[1], call[2], call[3]))
	}
	if !slices.Equal(inHTTP, inShell) {
		t.Errorf("office.http calls\n%s\nand office.sh\n%s", strings.Join(inHTTP, "\n"), strings.Join(inShell, "\n"))
	}
	braces := regexp.MustCompile(`\{\w*\}`)
	for _, operation := range described.Operations() {
		method, path, _ := strings.Cut(braces.ReplaceAllString(operation, "{}"), " ")
		isCalled := slices.ContainsFunc(inHTTP, func(call string) bool {
			called, _, _ := strings.Cut(call[len("200 "):], "?")
			return called == method+" "+path
		})
		if !isCalled && !strings.HasPrefix(path, "/docs") && path != "/openapi.yaml" {
			t.Errorf("no example calls %s", operation)
		}
	}
}

// TestExamplesInShell runs office.sh.
func TestExamplesInShell(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	chief := newPerson(t, with(userFields(), fields{"role": "admin"}))
	cmd := exec.Command("sh", "../examples/office.sh")
	cmd.Env = append(os.Environ(), "BASE_URL="+target.url, "ADMIN_ARMY_NUMBER="+chief.number, "ADMIN_PASSWORD="+chief.password)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if made, want := len(callMade.FindAll(out, -1)), len(readHTTP(t)); made != want {
		t.Errorf("it made %d calls, want %d:\n%s", made, want, out)
	}
}

// TestSeveralProblems: the message names the first, and the data all of them.
func TestSeveralProblems(t *testing.T) {
	t.Parallel()
	res := anyone(t).want(400, "POST", "/auth/login", client.Raw(`{"army_number":"","password":1}`))
	if res.Message != "The army number must not be blank, and 1 more." {
		t.Errorf("the message is %q", res.Message)
	}
	wantProblem(t, res, "army_number")
	wantProblem(t, res, "password")
}
