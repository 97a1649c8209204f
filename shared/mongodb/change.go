package mongodb

import (
	"context"
	"math/rand/v2"
	"regexp"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Containing narrows a filter to what has every word somewhere in its
// search_text. A word is text: no character in it has a meaning.
func Containing(filter bson.M, words []string) bson.M {
	if len(words) == 0 {
		return filter
	}
	all := bson.A{}
	for _, word := range words {
		all = append(all, bson.M{"search_text": bson.Regex{Pattern: regexp.QuoteMeta(word)}})
	}
	filter["$and"] = all
	return filter
}

// AnyOf matches one of the ids. One id is named as itself: MongoDB finds its
// document on a sharded cluster by no other form.
func AnyOf[T any](ids []T) any {
	if len(ids) == 1 {
		return ids[0]
	}
	return bson.M{"$in": ids}
}

// WithText narrows a filter to documents with that search_text. A change that
// makes a new text of old fields and new ones is made only on a document that
// still has the text which it has read: then the old fields are the same, in
// all that a text holds of them.
func WithText(filter bson.M, text string) bson.M {
	filter["search_text"] = text
	if text == "" {
		filter["search_text"] = nil // none yet, which happens only before a repair
	}
	return filter
}

// Set adds a field to those that a change sets, if there is a value for it.
func Set[T any](fields bson.M, name string, value *T) {
	if value != nil {
		fields[name] = *value
	}
}

// The longest pauses after the first attempts of Repeat, and after later ones.
const (
	shortPause = 2 * time.Millisecond
	longPause  = 64 * time.Millisecond
)

// Repeat makes attempts until one is done. An attempt is not done when what it
// had read was changed before it wrote. Whoever changed it is done then, so of
// many that repeat, one always gets on. The pauses between them grow: whatever
// keeps an attempt from being done, the server is not flooded with them.
func Repeat(ctx context.Context, attempt func() (done bool, err error)) error {
	for longest := shortPause; ; longest = min(2*longest, longPause) {
		if done, err := attempt(); done || err != nil {
			return err
		}
		if err := Pause(ctx, longest); err != nil {
			return err
		}
	}
}

// Pause lets others get on: for a time that differs among those who wait, of at
// most longest. It returns the error of a context that is done.
func Pause(ctx context.Context, longest time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(rand.N(longest) + 1):
	}
	return ctx.Err()
}
