// Package browser drives a real Chromium through ChromeDriver, by the WebDriver
// protocol (W3C), which needs nothing but HTTP.
package browser

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/stack"
)

// patience is how long the driver may take to start, and a page to show what is waited
// for. It is long for the sake of busy machines.
const patience = 90 * time.Second

// Screen is the screen that a page is shown on.
type Screen struct {
	Width, Height int // CSS pixels
	Phone         bool
}

// Browser is one window. It closes with the test.
type Browser struct {
	t       testing.TB
	session string // the address of the session
}

// Open opens a window. The test is skipped where there is no browser, unless
// REQUIRE_BROWSER is set.
func Open(t testing.TB, screen Screen) *Browser {
	t.Helper()
	driver, err := exec.LookPath("chromedriver")
	if err != nil {
		if os.Getenv("REQUIRE_BROWSER") != "" {
			t.Fatal(err)
		}
		t.Skip("there is no chromedriver; Debian has it in the packages chromium and chromium-driver")
	}
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(driver, "--port="+port)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	b := &Browser{t: t, session: "http://127.0.0.1:" + port}
	b.begin(screen)
	t.Cleanup(func() { b.call("DELETE", "", nil) })
	return b
}

// begin waits for the driver and opens the window.
func (b *Browser) begin(screen Screen) {
	b.t.Helper()
	b.await("chromedriver", func() bool {
		response, err := http.Get(b.session + "/status")
		if err == nil {
			response.Body.Close()
		}
		return err == nil
	})
	var made struct{ SessionID string }
	b.read("POST", "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": capabilities(b.t, screen)}}, &made)
	b.session += "/session/" + made.SessionID
}

func capabilities(t testing.TB, screen Screen) map[string]any {
	options := map[string]any{"args": []string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir=" + t.TempDir(), fmt.Sprintf("--window-size=%d,%d", screen.Width, screen.Height),
	}}
	if screen.Phone {
		options["mobileEmulation"] = map[string]any{
			"deviceMetrics": map[string]any{"width": screen.Width, "height": screen.Height, "pixelRatio": 2, "touch": true}}
	}
	return map[string]any{"goog:chromeOptions": options, "goog:loggingPrefs": map[string]string{"browser": "ALL"}}
}

// Visit opens an address.
func (b *Browser) Visit(url string) {
	b.t.Helper()
	b.read("POST", "/url", map[string]string{"url": url}, nil)
}

// Run runs the body of a JavaScript function in the page and reads what it
// returns.
func (b *Browser) Run(into any, script string, args ...any) {
	b.t.Helper()
	b.read("POST", "/execute/sync", map[string]any{"script": script, "args": append([]any{}, args...)}, into)
}

// Press clicks until something has a text, and returns it: a page that draws
// itself again loses a click now and then, and a person clicks again.
func (b *Browser) Press(selector, result string) (text string) {
	b.t.Helper()
	const pause = 5 * time.Second
	var pressed time.Time
	b.await(result, func() bool {
		if time.Since(pressed) > pause {
			b.Click(selector)
			pressed = time.Now()
		}
		text = b.textOf(result)
		return text != ""
	})
	return text
}

// textOf is the text of the first element that matches a CSS selector, or
// nothing where there is none.
func (b *Browser) textOf(selector string) (text string) {
	b.t.Helper()
	b.Run(&text, `return document.querySelector(arguments[0])?.innerText ?? ""`, selector)
	return strings.TrimSpace(text)
}

// Click clicks the first element that matches, as a person does: it must be
// visible, with nothing over it.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.element(selector, "/click", map[string]any{})
}

// Paste replaces what is in a field. A page that draws itself again for each key would
// take half a minute for what is typed.
func (b *Browser) Paste(selector, text string) {
	b.t.Helper()
	b.Click(selector)
	b.Run(nil, `document.activeElement.select(); document.execCommand("insertText", false, arguments[0])`, text)
}

func (b *Browser) element(selector, action string, body any) {
	b.t.Helper()
	b.AwaitThere(selector)
	b.Run(nil, `document.querySelector(arguments[0]).scrollIntoView({block: "center", behavior: "instant"})`, selector)
	var found map[string]string
	b.read("POST", "/element", map[string]string{"using": "css selector", "value": selector}, &found)
	for _, id := range found {
		b.read("POST", "/element/"+id+action, body, nil)
	}
}

// AwaitThere waits until an element matches.
func (b *Browser) AwaitThere(selector string) {
	b.t.Helper()
	b.await(selector, func() (there bool) {
		b.Run(&there, `return document.querySelector(arguments[0]) !== null`, selector)
		return there
	})
}

// Screenshot is the window as a PNG.
func (b *Browser) Screenshot() []byte {
	b.t.Helper()
	var encoded string
	b.read("GET", "/screenshot", nil, &encoded)
	picture, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}

// Complaints are what the console of the page shows: scripts that failed, and
// what the page's policy forbade.
func (b *Browser) Complaints() (messages []string) {
	b.t.Helper()
	var entries []struct{ Level, Message string }
	b.read("POST", "/se/log", map[string]string{"type": "browser"}, &entries)
	for _, entry := range entries {
		messages = append(messages, entry.Level+" "+entry.Message)
	}
	return messages
}

func (b *Browser) await(what string, isThere func() bool) {
	b.t.Helper()
	for begin := time.Now(); !isThere(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > patience {
			b.t.Fatalf("%s: not there within %v", what, patience)
		}
	}
}

// read is call that must succeed.
func (b *Browser) read(method, path string, body, into any) {
	b.t.Helper()
	value, err := b.call(method, path, body)
	if err == nil && into != nil {
		err = json.Unmarshal(value, into)
	}
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (b *Browser) call(method, path string, body any) (json.RawMessage, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, b.session+path, content)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %.300s", response.Status, answer.Value)
	}
	return answer.Value, nil
}
