package sqlitestore_test

import (
	"context"
	"testing"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/admin"
	adminstoretest "officepay.example/services/admin/storetest"
	"officepay.example/services/analytics"
	analyticsstoretest "officepay.example/services/analytics/storetest"
	"officepay.example/services/auth"
	authstoretest "officepay.example/services/auth/storetest"
	"officepay.example/services/personnel"
	personnelstoretest "officepay.example/services/personnel/storetest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func TestAuthStore(t *testing.T) {
	authstoretest.Run(t, fixtureOf(func(db *sqlitestore.DB) auth.Store { return db.Auth() }))
}

func TestAdminStore(t *testing.T) {
	adminstoretest.Run(t, fixtureOf(func(db *sqlitestore.DB) admin.Store { return db.Admin() }))
}

func TestPersonnelStore(t *testing.T) {
	personnelstoretest.Run(t, fixtureOf(func(db *sqlitestore.DB) personnel.Store { return db.Personnel() }))
}

func TestAnalyticsStore(t *testing.T) {
	analyticsstoretest.Run(t, fixtureOf(func(db *sqlitestore.DB) analytics.Store { return db.Analytics() }))
}

// fixtureOf opens a store in a file of its own, which the other stores of the
// same file fill.
func fixtureOf[S officetest.Users](store func(*sqlitestore.DB) S) func(testing.TB) officetest.Fixture[S] {
	return func(t testing.TB) officetest.Fixture[S] {
		t.Helper()
		db, err := sqlitestore.Open(t.Context(), sqlitestore.EmptyFile(t))
		officetest.Must(t, err)
		t.Cleanup(func() { officetest.Must(t, db.Close()) })
		filled := adminstoretest.Seed(db.Admin(), personnelstoretest.Seed(db.Personnel(), nil))
		return officetest.Fixture[S]{Store: store(db), Seed: seed{filled, db}}
	}
}

type seed struct {
	officetest.Seed
	db *sqlitestore.DB
}

// AddWithHistory keeps a record with its history.
func (s seed) AddWithHistory(ctx context.Context, record office.RecordWithHistory) error {
	return s.db.Load(ctx, func(l *sqlitestore.Loader) error {
		_, err := l.AddPersonnel(record, record.UpdatedAt)
		return err
	})
}
