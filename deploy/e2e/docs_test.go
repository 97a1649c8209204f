package e2e

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/browser"
)

// screens are a desk and a phone.
var screens = map[string]browser.Screen{
	"desk":  {Width: 1280, Height: 900},
	"phone": {Width: 390, Height: 844, Phone: true},
}

// TestDocsPage looks at the reference page in a browser: it shows every operation, and
// after a login on it the others can be tried. With E2E_SCREENSHOTS it leaves pictures in
// that folder.
func TestDocsPage(t *testing.T) {
	for name, screen := range screens {
		t.Run(name, func(t *testing.T) {
			user := newCaller(t)
			b := browser.Open(t, screen)
			b.Visit(target.url + "/docs")
			b.AwaitThere(".opblock")
			checkOperationsShown(t, b)
			keepPicture(t, b, name+"-page")
			logInOnPage(t, b, user.person)
			checkTried(t, b, user.number)
			keepPicture(t, b, name+"-tried")
			checkPageIsAlone(t, b)
		})
	}
}

// checkOperationsShown compares the page with the file.
func checkOperationsShown(t *testing.T, b *browser.Browser) {
	var shown []string
	b.Run(&shown, `return [...document.querySelectorAll(".opblock-summary")].map(e =>
		e.querySelector(".opblock-summary-method").textContent + " " + e.querySelector(".opblock-summary-path").dataset.path)`)
	want := described.Operations()
	slices.Sort(shown)
	if !slices.Equal(shown, want) {
		t.Errorf("the page shows\n%q\nand the file has\n%q", shown, want)
	}
}

const (
	loginBlock = "#operations-Session-login"
	meBlock    = "#operations-Session-me"
)

func logInOnPage(t *testing.T, b *browser.Browser, user person) {
	b.Click(loginBlock + " .opblock-summary-control")
	b.Paste(loginBlock+" textarea", marshal(t, user.credentials()))
	if got := b.Press(loginBlock+" .execute", loginBlock+" .live-responses-table .response .response-col_status"); !strings.HasPrefix(got, "200") {
		t.Fatalf("the login on the page: got %q", got)
	}
}

// checkTried tries a call that needs the token of the login.
func checkTried(t *testing.T, b *browser.Browser, number string) {
	b.Click(meBlock + " .opblock-summary-control")
	if got := b.Press(meBlock+" .execute", meBlock+" .live-responses-table .response .response-col_description"); !strings.Contains(got, number) {
		t.Errorf("GET /auth/me on the page: got %q, want the user who logged in", got)
	}
}

// checkPageIsAlone: the page fits on the screen, and it neither loaded anything from
// elsewhere nor tried to.
func checkPageIsAlone(t *testing.T, b *browser.Browser) {
	var loaded []string
	b.Run(&loaded, `return performance.getEntriesByType("resource").map(e => e.name)`)
	if len(loaded) < 4 {
		t.Errorf("the page loaded only %q", loaded)
	}
	for _, url := range loaded {
		if !strings.HasPrefix(url, target.url+"/") && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page loaded %s", url)
		}
	}
	for _, message := range b.Complaints() {
		t.Errorf("the console of the page: %s", message)
	}
	var tooWide int
	b.Run(&tooWide, `return document.documentElement.scrollWidth - document.documentElement.clientWidth`)
	if tooWide > 0 {
		t.Errorf("the page is %d pixels wider than the screen", tooWide)
	}
}

// keepPicture takes a picture, which must not be of one colour alone.
func keepPicture(t *testing.T, b *browser.Browser, name string) {
	picture := b.Screenshot()
	image, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[[3]uint32]bool{}
	bounds := image.Bounds()
	for x := bounds.Min.X; x < bounds.Max.X; x += 3 {
		for y := bounds.Min.Y; y < bounds.Max.Y; y += 3 {
			r, g, b, _ := image.At(x, y).RGBA()
			colours[[3]uint32{r, g, b}] = true
		}
	}
	if len(colours) < 10 {
		t.Errorf("%s: the picture has %d colours: nothing is shown", name, len(colours))
	}
	if dir := os.Getenv("E2E_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
			t.Error(err)
		}
	}
}

// TestDocsAreServed: the file that is served is the one that answers are checked against,
// and nothing undocumented is beside the page.
func TestDocsAreServed(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{
		"/openapi.yaml": "application/yaml", "/openapi.yaml/": "application/yaml",
		"/docs": "text/html", "/docs/": "text/html", "/docs/init.js": "text/javascript",
	} {
		res := plain(t, path)
		if res.Status != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: got %d with %q", path, res.Status, res.Header.Get("Content-Type"))
		}
		policy := res.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		if strings.HasPrefix(path, "/openapi") && !bytes.Equal(res.Body, want) {
			t.Errorf("%s is not deploy/openapi.yaml", path)
		}
	}
	for _, path := range []string{"/docs/nothing.js", "/docs/openapi.yaml", "/docs/..%2F..%2Fgo.mod", "/docs/init.js/more"} {
		anyone(t).want(404, "GET", path, nil)
	}
	anyone(t).want(405, "POST", "/docs", nil)
}
