//go:build !unix

package conn

// isInUse cannot tell here, where a file that is open cannot be replaced either.
func isInUse(string) (bool, error) { return false, nil }
