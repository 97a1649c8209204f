package sqlitestore

import (
	"context"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

// Numbered implements personnel.Store.
func (s Personnel) Numbered(ctx context.Context, db office.ID, numbers []string) ([]office.Personnel, error) {
	return selectRecords(ctx, s.db.Reader, "SELECT "+joinedRecord+` FROM personnels
		WHERE deleted_at IS NULL AND db_id = ? AND army_number IN (SELECT value FROM json_each(?))`, db[:], conn.List(numbers))
}
