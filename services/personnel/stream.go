package personnel

import (
	"context"
	"iter"

	"officepay.example/shared/office"
)

// streamStep is how many records are in memory at a time: some 600 KB of the largest, which
// have 9 KB each.
const streamStep = 64

// batches are all records of the scope in the order of lists, streamStep at a time. An
// error is the last item.
func (s *service) batches(ctx context.Context, scope office.Scope) iter.Seq2[[]office.RecordJSON, error] {
	return func(yield func([]office.RecordJSON, error) bool) {
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

// withIDs are the records of the scope with these ids, in their order, a part at a time.
// Those that no longer exist are left out.
func (s *service) withIDs(ctx context.Context, scope office.Scope, parts iter.Seq[[]office.ID]) iter.Seq2[[]office.RecordJSON, error] {
	return func(yield func([]office.RecordJSON, error) bool) {
		for part := range parts {
			if records, err := s.Store.WithIDs(ctx, scope, part); !yield(records, err) || err != nil {
				return
			}
		}
	}
}

func decodeRecords(batches iter.Seq2[[]office.RecordJSON, error]) iter.Seq2[[]office.Personnel, error] {
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
