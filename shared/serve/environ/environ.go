// Package environ reads settings from the environment. It knows no setting by
// name.
package environ

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// Env reads settings from the environment and collects what is wrong with
// them, so that an operator sees every fault at once.
type Env struct {
	getenv func(string) string
	faults []error
}

// New reads through getenv, which is os.Getenv but for tests.
func New(getenv func(string) string) *Env { return &Env{getenv: getenv} }

// Err is every fault so far in one error that names the variables, or nil. It
// holds no values: they may be secrets.
func (e *Env) Err() error { return errors.Join(e.faults...) }

// Fault notes that a variable is wrong.
func (e *Env) Fault(name, format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf("%s %s", name, fmt.Sprintf(format, args...)))
}

// Text is the variable's value without blanks around it, or fallback when it
// is unset or empty.
func (e *Env) Text(name, fallback string) string {
	if value := strings.TrimSpace(e.getenv(name)); value != "" {
		return value
	}
	return fallback
}

// Password is the variable's value as it is: blanks are part of a password. A
// line end is none: it is left over from a file with the line ends of Windows.
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

// OneOf is one of the choices; the first is the default.
func (e *Env) OneOf(name string, choices ...string) string {
	text := strings.ToLower(e.Text(name, choices[0]))
	for _, choice := range choices {
		if text == choice {
			return text
		}
	}
	e.Fault(name, "must be one of %s", strings.Join(choices, ", "))
	return choices[0]
}

// List is a list separated by commas.
func (e *Env) List(name, fallback string) []string {
	var items []string
	for item := range strings.SplitSeq(e.Text(name, fallback), ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// Origins is a list of origins as browsers send them, such as
// https://pay.example: a path or a slash at its end would never match. "*",
// which is also the default, is any.
func (e *Env) Origins(name string) []string {
	origins := e.List(name, "*")
	for _, origin := range origins {
		if origin != "*" && !isOrigin(origin) {
			e.Fault(name, "must be * or origins such as https://pay.example:8443, separated by commas and without a path or a slash at the end")
			break
		}
	}
	return origins
}

func isOrigin(text string) bool {
	scheme, host, _ := strings.Cut(text, "://")
	return scheme != "" && host != "" && text == strings.ToLower(text) && !strings.ContainsAny(host, "/?#@* ")
}

// Proxies is a list of addresses and networks, separated by blanks (as Caddy has
// it) or commas, such as 10.0.0.7, 172.16.0.0/12. The word peer among them stands
// for whoever connects.
func (e *Env) Proxies(name string) (networks []netip.Prefix, peer bool) {
	for item := range strings.FieldsFuncSeq(e.Text(name, ""), func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		if item == "peer" {
			peer = true
			continue
		}
		prefix, err := parsePrefix(item)
		if err != nil {
			e.Fault(name, "must be addresses or networks such as 172.16.0.0/12, separated by blanks or commas; or peer, where only a proxy can connect")
			return nil, false
		}
		networks = append(networks, prefix)
	}
	return networks, peer
}

func parsePrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		addr, err := netip.ParseAddr(s)
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), err
	}
	prefix, err := netip.ParsePrefix(s)
	if err == nil && prefix.Addr().Is4In6() {
		// Addresses are compared in their short form, so this would match none.
		err = errors.New("an IPv4 network must be written as one")
	}
	return prefix, err
}
