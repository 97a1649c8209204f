package rig

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"unicode"
)

// unloggable is what no log may hold (promise 37): each text with what it
// shows.
var unloggable = map[string]string{
	"eyJ":           "a token", // every JWT begins so: base64 of {"
	"$2a$":          "a bcrypt hash",
	"$2b$":          "a bcrypt hash",
	"DATA RACE":     "a data race",
	`"status":500`:  "an internal error",
	`"msg":"panic"`: "a panic",
}

// CheckLog looks for what no log may hold, and for the secrets of the one who
// asks: each with what it is.
func CheckLog(log string, secrets map[string]string) error {
	forbidden := maps.Clone(secrets)
	maps.Copy(forbidden, unloggable)
	var faults []error
	for line := range strings.Lines(log) {
		line = strings.TrimRight(line, "\r\n")
		if strings.ContainsFunc(line, unicode.IsControl) {
			faults = append(faults, fmt.Errorf("the log holds a control character: %q", line))
		}
		for text, meaning := range forbidden {
			if strings.Contains(line, text) {
				faults = append(faults, fmt.Errorf("the log shows %s: %s", meaning, line))
			}
		}
	}
	const most = 10
	return errors.Join(faults[:min(len(faults), most)]...)
}
