package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"officepay.example/deploy/e2e/client"
)

// sight knows which account numbers the users of the suite may see. Whatever the suite
// asks, no answer may hold another one (promise 7).
var sight = struct {
	mu       sync.Mutex
	homes    map[string]string   // the database of an account number
	accesses map[string][]string // the databases that a user ever had; everything is all of them
}{homes: map[string]string{}, accesses: map[string][]string{}}

const everything = "*"

// noteAccount notes in which database an account number will be.
func noteAccount(account, db string) string {
	sight.mu.Lock()
	defer sight.mu.Unlock()
	sight.homes[account] = db
	return account
}

// noteAccess notes how a call changes the access of a user.
func noteAccess(userID string, sent any) {
	change, _ := sent.(fields)
	sight.mu.Lock()
	defer sight.mu.Unlock()
	if dbs, ok := change["allowed_dbs"].([]string); ok {
		sight.accesses[userID] = append(sight.accesses[userID], dbs...)
	}
	if change["role"] == "admin" {
		sight.accesses[userID] = append(sight.accesses[userID], everything)
	}
}

var accountNumber = regexp.MustCompile(accountMark + `\d{6}`)

// checkSight finds an account number that the bearer of the token may not see.
func checkSight(token string, res client.Response) error {
	accounts := accountNumber.FindAllString(string(res.Body), -1)
	if len(accounts) == 0 || token == target.admin.Token() {
		return nil
	}
	user := subjectOf(token)
	sight.mu.Lock()
	defer sight.mu.Unlock()
	for _, account := range accounts {
		if db, known := sight.homes[account]; known && !allowed(sight.accesses[user], db) {
			return fmt.Errorf("user %q is shown the account number %s of database %s", user, account, db)
		}
	}
	return nil
}

func allowed(accesses []string, db string) bool {
	for _, access := range accesses {
		if access == everything || strings.EqualFold(access, db) {
			return true
		}
	}
	return false
}

// subjectOf is whom a token was issued to, or empty.
func subjectOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Subject
}
