package mongostore

import (
	"context"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Numbered implements personnel.Store.
func (s Store) Numbered(ctx context.Context, db office.ID, numbers []string) ([]office.Personnel, error) {
	filter := live(office.ScopeOf(db))
	filter["army_number"] = mongodb.AnyOf(numbers)
	docs, err := s.Client.Records().Find(ctx, filter, mongodb.Part{})
	return mongodb.Convert(docs, document.Personnel.Personnel), err
}
