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

// entityTag is one that ETag has made, also as a proxy passes it on that compresses:
// weak, or with a suffix that names the coding.
var entityTag = regexp.MustCompile(`^(?:W/)?"(\d{1,9})(?:-\w+)?"$`)

// IfMatch are the revisions for which the request is meant (RFC 9110, section
// 13.1.1): nil is any, as with * or without the header.
func (r *Request) IfMatch() ([]int, error) {
	lines, isThere := r.Header["If-Match"]
	sent := strings.TrimSpace(strings.Join(lines, ","))
	if !isThere || sent == "*" {
		return nil, nil
	}
	revisions := []int{}
	for tag := range strings.SplitSeq(sent, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "" { // which a list may have (section 5.6.1)
			continue
		}
		found := entityTag.FindStringSubmatch(tag)
		if found == nil {
			return nil, errIfMatch
		}
		revision, _ := strconv.Atoi(found[1]) // so many digits always fit
		revisions = append(revisions, revision)
	}
	if len(revisions) == 0 {
		return nil, errIfMatch
	}
	return revisions, nil
}

var errIfMatch = Fail(http.StatusBadRequest, `If-Match must be the ETag of the record as it was read, such as "7".`)
