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
func (s *service) batches(ctx context.Context, scope office.Scope) iter.Seq2[[]office.Answered, error] {
	return func(yield func([]office.Answered, error) bool) {
		var last office.Personnel
		for {
			records, next, err := s.Store.After(ctx, scope, last, streamStep)
			if len(records) == 0 && err == nil || !yield(records, err) || err != nil {
				return
			}
			last = next
		}
	}
}

// records are the batches for who looks at fields.
func (s *service) records(ctx context.Context, scope office.Scope) iter.Seq2[[]office.Personnel, error] {
	return func(yield func([]office.Personnel, error) bool) {
		for batch, err := range s.batches(ctx, scope) {
			records := make([]office.Personnel, len(batch))
			for i := 0; i < len(batch) && err == nil; i++ {
				records[i], err = batch[i].Personnel()
			}
			if !yield(records, err) || err != nil {
				return
			}
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
				chunk = append(append(chunk, separator...), record...)
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
