package personnel

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// walked counts how often it is asked for the holders of values.
type walked struct {
	Store
	records []office.Payee
	walks   map[Key]int
}

func (walked) Shared(context.Context, office.Scope, Key, string, int) ([]string, error) {
	return []string{"0000000001"}, nil
}

func (w walked) Holders(_ context.Context, _ office.Scope, by Key, values []string, each func(office.Payee) error) error {
	w.walks[by]++
	for _, record := range w.records {
		if slices.Contains(values, by.of(record)) {
			if err := each(record); err != nil {
				return err
			}
		}
	}
	return nil
}

func (walked) Flagged(context.Context, FlagQuery) ([]office.ID, int, error) { return nil, 0, nil }

// A client asks for a check by its code, which is in small letters.
func TestCodesOfChecks(t *testing.T) {
	s := &service{Deps{Store: walked{walks: map[Key]int{}}, Now: time.Now}}
	ask := func(code string) error {
		_, err := s.checks(t.Context(), &web.Request{Query: url.Values{"code": {code}}})
		return err
	}
	for _, check := range office.Checks {
		officetest.Must(t, ask(string(check)))
		webtest.Refused(t, ask(strings.ToUpper(string(check))), "code")
	}
}

// However many classes of findings are on a page, it takes one walk over the groups by a
// key.
func TestWalksOfChecks(t *testing.T) {
	store := walked{walks: map[Key]int{}}
	for n, status := range []office.Status{office.StatusActive, office.StatusActive, office.StatusDeath} {
		store.records = append(store.records, office.Payee{
			ArmyNumber: fmt.Sprint("N/", n), AcctNumber: "0000000001", Status: status, Bank: office.Bank{Name: "ZENITH BANK PLC"},
		})
	}
	i := inspection{store: store, asked: office.Scope{All: true}}
	page, err := web.ReadPage(nil)
	officetest.Must(t, err)
	parts, _, _, err := i.find(t.Context(), page)
	officetest.Must(t, err)
	for _, check := range []office.Check{office.AcctShared, office.StatusConflict} {
		n := slices.IndexFunc(parts, func(p part) bool { return p.class == class{check, office.High, ByAccount} })
		officetest.Equal(t, string(check), parts[n].values, []string{"0000000001"})
	}
	officetest.Equal(t, "the walks", store.walks, map[Key]int{ByAccount: 1, ByArmyNumber: 1})
}
