// Package environ reads settings from the environment. It knows no setting by name.
package environ

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Env reads settings from the environment, and collects all faults for the operator.
type Env struct {
	getenv func(string) string
	faults []error
}

// New reads with getenv, which is os.Getenv except in tests.
func New(getenv func(string) string) *Env { return &Env{getenv: getenv} }

// Err returns all faults so far, or nil. It shows no values: they may be secrets.
func (e *Env) Err() error { return errors.Join(e.faults...) }

// Fault notes that a variable is wrong.
func (e *Env) Fault(name, format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...)))
}

// Text is the variable's value without blanks around it, or fallback if there is none.
func (e *Env) Text(name, fallback string) string {
	return cmp.Or(strings.TrimSpace(e.getenv(name)), fallback)
}

// Password is the variable's value as it is: blanks are part of a password. A line break
// is a fault, usually left over from a file with Windows line ends.
func (e *Env) Password(name string) string {
	value := e.getenv(name)
	if strings.ContainsAny(value, "\r\n") {
		e.Fault(name, "contains a line break: check the line endings of the file that it comes from")
	}
	return value
}

// Int is a whole number from low to high.
func (e *Env) Int(name string, fallback, low, high int) int {
	text := e.Text(name, "")
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		e.Fault(name, "must be a whole number from %d to %d", low, high)
		return fallback
	}
	return n
}

// OneOf is one of the choices, the first by default.
func (e *Env) OneOf(name string, choices ...string) string {
	text := strings.ToLower(e.Text(name, choices[0]))
	if !slices.Contains(choices, text) {
		e.Fault(name, "must be one of %s", strings.Join(choices, ", "))
	}
	return text
}

// Origins is a list of origins as browsers send them, such as https://pay.example: one
// with a path or a final slash would never match. "*", the default, means any.
func (e *Env) Origins(name string) (origins []string) {
	for item := range strings.SplitSeq(e.Text(name, "*"), ",") {
		if origin := strings.TrimSpace(item); isOrigin.MatchString(origin) {
			origins = append(origins, origin)
		} else if origin != "" {
			e.Fault(name, "must be * or origins such as https://pay.example:8443, separated by commas and without a path or a slash at the end")
			return nil
		}
	}
	return origins
}

// isOrigin matches what browsers send, which is in lower case, and "*".
var isOrigin = regexp.MustCompile(`^(\*|[^\p{Lu}/]+://[^\p{Lu}/?#@* ]+)$`)

// Proxies is a list of addresses and networks, such as 10.0.0.7, 172.16.0.0/12, separated
// by blanks (as in a Caddyfile) or commas. The word peer stands for whoever connects.
func (e *Env) Proxies(name string) (networks []netip.Prefix, peer bool) {
	for item := range strings.FieldsFuncSeq(e.Text(name, ""), func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		if prefix, err := parsePrefix(item); err == nil {
			networks = append(networks, prefix)
		} else if item == "peer" {
			peer = true
		} else {
			e.Fault(name, "must be addresses or networks such as 172.16.0.0/12, separated by blanks or commas; or peer, where only a proxy can connect")
			return nil, false
		}
	}
	return networks, peer
}

func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return addr.Unmap().Prefix(addr.Unmap().BitLen())
	}
	prefix, err := netip.ParsePrefix(s)
	if err == nil && prefix.Addr().Is4In6() {
		// Addresses are compared as IPv4, so this would match none.
		err = errors.New("an IPv4 network must be written as one")
	}
	return prefix, err
}
