package personnel

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"officepay.example/shared/office"
)

const (
	// groupsAtOnce is how many values are looked up at a time.
	groupsAtOnce = 1000
	// maxListed is how many records of a finding are shown, of those that its message counts.
	maxListed = 100
	// maxShared is how many shared values are kept in memory.
	maxShared = 20_000
)

// group sums up the live records that share a number, and takes little memory however many
// they are. They must be added in order of army number and database.
type group struct {
	by     Key
	value  string
	listed []office.Payee
	last   office.Payee
	n      int
	people int
	dbs    int // in a group by army number

	activeDBs  int               // those with an active record; by account, one may count twice
	lastActive office.ID         // the database of the last active record
	gone       bool              // somebody is dead or absent
	holders    map[string]string // by the code of a bank, the last army number there
	isSameBank bool              // several people have the number at one bank
	isInside   bool              // one of the records is in inspection.asked
}

func newGroup(by Key, value string) group {
	return group{by: by, value: value, holders: map[string]string{}}
}

func (g *group) add(p office.Payee, asked office.Scope) {
	if g.n == 0 || p.ArmyNumber != g.last.ArmyNumber {
		g.people++
	}
	if g.n == 0 || p.DBID != g.last.DBID {
		g.dbs++
	}
	g.last = p
	g.n++
	if p.Status == office.StatusActive && (g.activeDBs == 0 || p.DBID != g.lastActive) {
		g.activeDBs++
		g.lastActive = p.DBID
	}
	g.gone = g.gone || p.IsGone()
	g.isInside = g.isInside || asked.Allows(p.DBID)
	if code := p.Bank.Code(); code != "" {
		other, isKnown := g.holders[code]
		g.isSameBank = g.isSameBank || isKnown && other != p.ArmyNumber
		g.holders[code] = p.ArmyNumber
	}
	if len(g.listed) < maxListed {
		g.listed = append(g.listed, p)
	}
}

func (g group) findings() (found []finding) {
	add := func(check office.Check, severity office.Severity, message string) {
		found = append(found, finding{class{check, severity, g.by}, message, g.listed})
	}
	switch {
	case g.by == ByAccount && g.people > 1 && g.isSameBank:
		add(office.AcctShared, office.High, fmt.Sprintf("%d people have the account number %s.", g.people, g.value))
	case g.by == ByAccount && g.people > 1:
		add(office.AcctShared, office.Low, fmt.Sprintf("%d people have the account number %s, perhaps at different banks.", g.people, g.value))
	case g.by == ByArmyNumber && g.dbs > 1 && g.activeDBs > 1:
		add(office.PersonTwice, office.High, fmt.Sprintf("The army number %s is in %d databases.", g.value, g.dbs))
	case g.by == ByArmyNumber && g.dbs > 1:
		add(office.PersonTwice, office.Low, fmt.Sprintf("The army number %s is in %d databases.", g.value, g.dbs))
	}
	if len(found) > 0 && g.gone && g.activeDBs > 0 {
		what := g.value + " is on an active record, and on that of somebody who is dead or absent"
		add(office.StatusConflict, office.High, sentence(g.by.says(what)))
	}
	return found
}

// findShared finds all values that several records have, unless there are too many or the
// store fails. A check of every record then has only a few to compare.
func (i *inspection) findShared(ctx context.Context) {
	i.shared = map[Key][]string{}
	for _, by := range keys {
		if values, err := i.store.Shared(ctx, i.scope, by, "", maxShared); err == nil && len(values) < maxShared {
			i.shared[by] = values
		}
	}
}

// mayShare tells whether several records may have the value.
func (i inspection) mayShare(by Key, value string) bool {
	shared, isKnown := i.shared[by]
	_, isShared := slices.BinarySearch(shared, value)
	return isShared || !isKnown
}

// groupsOf passes on the group of each of the values, which must be sorted, but no group
// without a record in i.asked.
func (i inspection) groupsOf(ctx context.Context, by Key, values []string, do func(group)) error {
	g := newGroup(by, "") // of no record, and so not passed on
	finish := func() {
		if g.isInside {
			do(g)
		}
	}
	err := i.store.Holders(ctx, i.scope, by, values, func(p office.Payee) error {
		if value := by.of(p); value != g.value {
			finish()
			g = newGroup(by, value)
		}
		g.add(p, i.asked)
		if g.n == i.enough {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	finish()
	return nil
}

// errEnough ends the reading of a group that is large enough; see inspection.enough.
var errEnough = errors.New("enough records")
