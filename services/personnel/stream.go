package personnel

import (
	"context"
	"iter"

	"officepay.example/shared/office"
)

const (
	// streamStep is how many records are in memory at a time.
	streamStep = 500
	// streamChunk is how many bytes are written at a time.
	streamChunk = 32 << 10
)

// batches are all records of the scope in the order of lists, so many at a time.
// After an error there are no more.
func (s *service) batches(ctx context.Context, scope office.Scope) iter.Seq2[[]office.Personnel, error] {
	return func(yield func([]office.Personnel, error) bool) {
		var last office.Personnel
		for {
			records, err := s.Store.After(ctx, scope, last, streamStep)
			if len(records) == 0 && err == nil || !yield(records, err) || err != nil {
				return
			}
			last = records[len(records)-1]
		}
	}
}

// stream is all records of the scope as one array, in constant memory, and
// without holding the store while a slow client reads.
func (s *service) stream(ctx context.Context, scope office.Scope) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		chunk, separator := []byte(`{"message":"The personnel.","statusCode":200,"data":[`), ""
		for records, err := range s.batches(ctx, scope) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, record := range records {
				if chunk, err = record.AppendJSON(append(chunk, separator...)); err != nil {
					yield(nil, err)
					return
				}
				separator = ",\n"
				if len(chunk) >= streamChunk || i == len(records)-1 {
					if !yield(chunk, nil) {
						return
					}
					chunk = chunk[:0]
				}
			}
		}
		yield(append(chunk, "]}\n"...), nil)
	}
}
