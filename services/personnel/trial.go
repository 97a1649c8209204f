package personnel

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"officepay.example/shared/office"
)

// trial is a store as it would be after an upload.
type trial struct {
	CheckStore
	changed []changedRecord
}

func (t trial) Holders(ctx context.Context, scope office.Scope, by Key, values []string, each func(office.Payee) error) error {
	var added []office.Payee
	isNew := map[office.ID]bool{}
	for _, one := range t.changed {
		payee := one.record.Payee()
		isNew[payee.ID] = true
		if _, isAsked := slices.BinarySearch(values, by.of(payee)); isAsked {
			added = append(added, payee)
		}
	}
	compare := func(a, b office.Payee) int {
		return cmp.Or(strings.Compare(by.of(a), by.of(b)), strings.Compare(a.ArmyNumber, b.ArmyNumber), office.CompareIDs(a.DBID, b.DBID))
	}
	slices.SortFunc(added, compare)
	err := t.CheckStore.Holders(ctx, scope, by, values, func(p office.Payee) error {
		for ; len(added) > 0 && compare(added[0], p) < 0; added = added[1:] {
			if err := each(added[0]); err != nil {
				return err
			}
		}
		if isNew[p.ID] { // this is its old state
			return nil
		}
		return each(p)
	})
	for ; len(added) > 0 && err == nil; added = added[1:] {
		err = each(added[0])
	}
	return err
}
