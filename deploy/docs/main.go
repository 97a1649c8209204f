// Command docs builds the folder with the description of the API: openapi.yaml, and a
// page to read it and try it out. The page is Swagger UI, which comes in a Go module, so
// that nothing but Go is needed to build it; this module is separate, so that no service
// is built from it.
//
//	docs OPENAPI_FILE DIR
package main

import (
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/swaggest/swgui/v5/static"
)

// ours are the files of the page that are written here.
//
//go:embed page
var ours embed.FS

// theirs are the files of Swagger UI that the page needs.
var theirs = []string{"swagger-ui-bundle.js.gz", "swagger-ui.css.gz", "favicon-32x32.png"}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: docs OPENAPI_FILE DIR")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

// build writes the folder, over what an earlier build left.
func build(description, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	page, err := fs.Sub(ours, "page")
	if err != nil {
		return err
	}
	failed := []error{copyFile(os.DirFS(filepath.Dir(description)), filepath.Base(description), filepath.Join(dir, "openapi.yaml"))}
	for _, name := range []string{"index.html", "init.js", "style.css"} {
		failed = append(failed, copyFile(page, name, filepath.Join(dir, name)))
	}
	for _, name := range theirs {
		failed = append(failed, copyFile(static.FS, name, filepath.Join(dir, strings.TrimSuffix(name, ".gz"))))
	}
	return errors.Join(failed...)
}

// copyFile writes a file to a path, unpacked if it is packed.
func copyFile(from fs.FS, name, to string) error {
	file, err := from.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var content io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if content, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}
