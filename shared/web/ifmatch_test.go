package web

import (
	"net/http"
	"reflect"
	"testing"
)

func TestIfMatch(t *testing.T) {
	bad := []int{-1}
	for _, c := range []struct {
		lines []string
		want  []int
	}{
		{nil, nil},
		{[]string{"*"}, nil},
		{[]string{` * `}, nil},
		{[]string{`"7"`}, []int{7}},
		{[]string{` "7" `}, []int{7}},
		{[]string{`"7-gzip"`}, []int{7}},
		{[]string{`"7-br"`}, []int{7}},
		{[]string{`W/"7"`}, []int{7}},
		{[]string{`W/"7-zstd"`}, []int{7}},
		{[]string{`"7", "8-gzip",W/"9"`}, []int{7, 8, 9}},
		{[]string{`"7"`, `"8"`}, []int{7, 8}},
		{[]string{`, "7" ,, `}, []int{7}},
		{[]string{`"0"`}, []int{0}},
		{[]string{ETag(123456)}, []int{123456}},
		{[]string{""}, bad},
		{[]string{","}, bad},
		{[]string{"7"}, bad},
		{[]string{`"7`}, bad},
		{[]string{`'7'`}, bad},
		{[]string{`w/"7"`}, bad},
		{[]string{`"seven"`}, bad},
		{[]string{`"-7"`}, bad},
		{[]string{`"7-"`}, bad},
		{[]string{`"7"x`}, bad},
		{[]string{`"7" "8"`}, bad},
		{[]string{`*, "7"`}, bad},
		{[]string{`"99999999999999999999"`}, bad},
	} {
		r := Request{Header: http.Header{"If-Match": c.lines}}
		if c.lines == nil {
			r.Header = http.Header{}
		}
		got, err := r.IfMatch()
		if isBad := reflect.DeepEqual(c.want, bad); isBad != (err != nil) || !isBad && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %v, %v", c.lines, got, err)
		}
	}
}
