package web

import "net/http"

// MaxHeader is how many bytes a request may have before its body: its address
// and its headers together. What lets the requests in should allow some more,
// so that a client sees this answer and not that of net/http, which is plain
// text.
const MaxHeader = 16 << 10

// limitedHeaders refuses a request whose headers are too large.
func limitedHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if headerSize(r) > MaxHeader {
			WriteError(w, r, Fail(http.StatusRequestHeaderFieldsTooLarge,
				"The address and the headers of the request are too large: at most %d KB can be sent.", MaxHeader>>10))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// headerSize is how many bytes the request took on the wire before its body,
// but for blanks that mean nothing.
func headerSize(r *http.Request) int {
	const separators = len(": \r\n")
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + separators + len("Host") + len(r.Host) + separators + len("\r\n")
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value) + separators
		}
	}
	return size
}
