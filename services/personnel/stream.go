package personnel

import (
	"bufio"
	"io"
	"net/http"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

const (
	// streamTimeout is how long everything may take to reach the client.
	streamTimeout = 10 * time.Minute
	// streamStep is how many records are in memory at a time.
	streamStep = 500
	// streamBuffer is how many bytes are written at a time.
	streamBuffer = 32 << 10
)

// stream writes all records of the scope as one array, a step at a time: in
// constant memory, and without holding the store while a slow client reads.
func (s *service) stream(w http.ResponseWriter, r *http.Request, scope office.Scope) error {
	records, err := s.Store.After(r.Context(), scope, office.Personnel{}, streamStep)
	if err != nil {
		return err // nothing is written yet, so this is still an honest status
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.Method == http.MethodHead {
		return nil // nobody would see the rest
	}
	out := bufio.NewWriterSize(w, streamBuffer)
	io.WriteString(out, `{"message":"The personnel.","statusCode":200,"data":[`)
	var line []byte
	for separator := ""; len(records) > 0; {
		for _, record := range records {
			line, err = record.AppendJSON(append(line[:0], separator...))
			if err != nil {
				return err
			}
			out.Write(line)
			separator = ",\n"
		}
		if err := web.Resume(r.Context()); err != nil {
			return err
		}
		records, err = s.Store.After(r.Context(), scope, records[len(records)-1], streamStep)
		if err != nil {
			return err
		}
	}
	io.WriteString(out, "]}\n")
	return out.Flush()
}
