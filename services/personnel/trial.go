package personnel

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"officepay.example/shared/office"
)

// trial is a store as it would be with what an upload changes.
type trial struct {
	CheckStore
	changed []changedRecord
}

// Holders implements CheckStore.
func (t trial) Holders(ctx context.Context, scope office.Scope, by Key, values []string, each func(office.Payee) error) error {
	var holders []office.Payee
	isNew := map[office.ID]bool{}
	for _, one := range t.changed {
		payee := one.record.Payee()
		isNew[payee.ID] = true
		if _, isAsked := slices.BinarySearch(values, by.of(payee)); isAsked {
			holders = append(holders, payee)
		}
	}
	err := t.CheckStore.Holders(ctx, scope, by, values, func(p office.Payee) error {
		if !isNew[p.ID] {
			holders = append(holders, p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(holders, func(a, b office.Payee) int {
		return cmp.Or(strings.Compare(by.of(a), by.of(b)), strings.Compare(a.ArmyNumber, b.ArmyNumber), office.CompareIDs(a.DBID, b.DBID))
	})
	for _, holder := range holders {
		if err := each(holder); err != nil {
			return err
		}
	}
	return nil
}
