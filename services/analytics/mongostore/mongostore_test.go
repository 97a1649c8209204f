package mongostore

import (
	"context"
	"testing"

	"officepay.example/services/analytics"
	"officepay.example/services/analytics/storetest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, mongotest.Fixture(t, func(c *mongodb.Client) analytics.Store { return New(c) }))
}

func TestCommands(t *testing.T) {
	monitor := mongotest.Watch(t)
	store, db := New(monitor.Client), officetest.DB(1)
	officetest.Must(t, mongotest.Seed{Client: monitor.Client}.AddDB(t.Context(), db))
	this := analytics.MonthAt(office.Now())
	monitor.Check(t, "Dashboard", 1, func(ctx context.Context) error {
		_, err := store.Dashboard(ctx, this)
		return err
	})
	monitor.Check(t, "DBFigures", 2, func(ctx context.Context) error {
		_, err := store.DBFigures(ctx, db.ID, this)
		return err
	})
	monitor.Check(t, "Breakdown", 3, func(ctx context.Context) error {
		_, err := store.Breakdown(ctx, db.ID, analytics.ByBank, 9)
		return err
	})
	monitor.Check(t, "Flow", 2, func(ctx context.Context) error {
		_, err := store.Flow(ctx, db.ID, []analytics.Month{"2024-02"})
		return err
	})
}
