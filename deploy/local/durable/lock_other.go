//go:build !unix

package durable

import (
	"errors"
	"os"
)

// Lock finds no such locks here.
func Lock(*os.File) error { return errors.ErrUnsupported }
