package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	// isGreeting matches what the programs print for a person who starts them.
	isGreeting = regexp.MustCompile(`^(|  Office Payment Management.*|  The first admin was created\. .*|  (address|documentation|data|database|army number|password)  .*|mongodb://[0-9.:]+/)$`).MatchString
	// isMadeID matches the id that a service gives to a request that has none.
	isMadeID = regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString
)

// checkLines is promise 37 for the log as a whole: whatever is not a greeting, of which
// there is only one, is a JSON object on a line, so that nothing that a client sends
// begins a line of its own. Each answered request has one.
func checkLines(log string, answered map[string]bool) error {
	var faults []error
	greeted, lines := map[string]bool{}, map[string]int{}
	for line := range strings.Lines(log) {
		line = strings.TrimSuffix(line, "\n")
		var logged struct {
			Msg       string
			RequestID string `json:"request_id"`
		}
		switch {
		case isGreeting(line) && (line == "" || !greeted[line]):
			greeted[line] = true
		case json.Unmarshal([]byte(line), &logged) != nil || logged.Msg == "":
			faults = append(faults, fmt.Errorf("a line of the log is not JSON with a msg: %q", line))
		case logged.Msg == "request":
			lines[logged.RequestID]++
		}
	}
	for id := range answered {
		if lines[id] != 1 {
			faults = append(faults, fmt.Errorf("%d lines say what happened to request %s, want 1", lines[id], id))
		}
	}
	const most = 10
	return errors.Join(faults[:min(len(faults), most)]...)
}
