package personnel

import (
	"context"
	"iter"

	"officepay.example/shared/office"
)

// streamStep is how many records are in memory at a time: of the largest, which have
// 9 KB, some 600 KB.
const streamStep = 64

// batches are all records of the scope in the order of lists, so many at a time.
// After an error there are no more.
func (s *service) batches(ctx context.Context, scope office.Scope) iter.Seq2[[]office.Answered, error] {
	return func(yield func([]office.Answered, error) bool) {
		var last office.Personnel
		for {
			records, next, err := s.Store.After(ctx, scope, last, streamStep)
			if !yield(records, err) || err != nil || len(records) < streamStep {
				return
			}
			last = next
		}
	}
}

// withIDs are records of the scope, in this order, a part at a time. Who is no longer
// there is left out.
func (s *service) withIDs(ctx context.Context, scope office.Scope, parts iter.Seq[[]office.ID]) iter.Seq2[[]office.Answered, error] {
	return func(yield func([]office.Answered, error) bool) {
		for part := range parts {
			if records, err := s.Store.WithIDs(ctx, scope, part); !yield(records, err) || err != nil {
				return
			}
		}
	}
}

// fields are batches for who looks at fields.
func fields(batches iter.Seq2[[]office.Answered, error]) iter.Seq2[[]office.Personnel, error] {
	return func(yield func([]office.Personnel, error) bool) {
		for batch, err := range batches {
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
