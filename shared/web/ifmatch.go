package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// ETag is the entity tag of a revision (RFC 9110, section 8.8.3).
func ETag(revision int) string { return fmt.Sprintf(`"%d"`, revision) }

// entityTag matches what ETag returns, also in the forms that a compressing proxy makes
// of it: weak, or with a suffix that names the coding.
var entityTag = regexp.MustCompile(`^(?:W/)?"(\d{1,9})(?:-\w+)?"$`)

// IfMatch returns the revisions that the request may change (RFC 9110, section 13.1.1).
// Nil means any: with *, or without the header.
func (r *Request) IfMatch() ([]int, error) {
	lines, isThere := r.Header["If-Match"]
	sent := strings.TrimSpace(strings.Join(lines, ","))
	if !isThere || sent == "*" {
		return nil, nil
	}
	revisions := []int{}
	for tag := range strings.SplitSeq(sent, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "" { // a list may have empty elements (section 5.6.1)
			continue
		}
		found := entityTag.FindStringSubmatch(tag)
		if found == nil {
			return nil, errIfMatch
		}
		revision, _ := strconv.Atoi(found[1]) // at most nine digits
		revisions = append(revisions, revision)
	}
	if len(revisions) == 0 {
		return nil, errIfMatch
	}
	return revisions, nil
}

var errIfMatch = Fail(http.StatusBadRequest, `If-Match must be the ETag of the record as it was read, such as "7".`)
