package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBuild(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "on the way")
	for range 2 { // the second time over an earlier build
		if err := build("../openapi.yaml", dir); err != nil {
			t.Fatal(err)
		}
	}
	read := func(path string) []byte {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	if !bytes.Equal(read(filepath.Join(dir, "openapi.yaml")), read("../openapi.yaml")) {
		t.Error("openapi.yaml was changed on the way")
	}
	for name, want := range map[string]string{
		"index.html": "/docs/swagger-ui-bundle.js", "init.js": "SwaggerUIBundle(", "style.css": ".swagger-ui",
		"swagger-ui-bundle.js": "SwaggerUIBundle", "swagger-ui.css": ".swagger-ui", "favicon-32x32.png": "PNG",
	} {
		if !bytes.Contains(read(filepath.Join(dir, name)), []byte(want)) {
			t.Errorf("%s is without %s", name, want)
		}
	}
	for _, name := range []string{"index.html", "init.js", "style.css"} {
		if strings.Contains(string(read(filepath.Join(dir, name))), "://") {
			t.Errorf("%s names another origin", name)
		}
	}
}

func TestBuildTellsWhatIsMissing(t *testing.T) {
	if err := build("nothing.yaml", t.TempDir()); err == nil || !strings.Contains(err.Error(), "nothing.yaml") {
		t.Errorf("got %v", err)
	}
}
