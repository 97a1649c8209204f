package personnel

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
)

// listed is a store of records, which notes how many it was asked for at a time.
type listed struct {
	deletingStore
	records []office.Personnel
	asked   []int
}

func (*listed) CheckDB(context.Context, office.ID) error { return nil }

// after is a part of the records behind one, or of all.
func (s *listed) after(last office.Personnel, offset, limit int) []office.Personnel {
	rest := s.records[1+slices.IndexFunc(s.records, func(p office.Personnel) bool { return p.ID == last.ID }):]
	rest = rest[min(offset, len(rest)):]
	return rest[:min(limit, len(rest))]
}

func (s *listed) IDs(_ context.Context, query Query) ([]office.ID, int, error) {
	return officetest.IDs(s.after(office.Personnel{}, query.Offset, query.Limit)), len(s.records), nil
}

func (s *listed) WithIDs(_ context.Context, _ office.Scope, ids []office.ID) (found []office.RecordJSON, err error) {
	s.asked = append(s.asked, len(ids))
	for _, record := range s.records {
		if slices.Contains(ids, record.ID) && !record.IsDeleted {
			found = append(found, record.JSON())
		}
	}
	return found, nil
}

func (s *listed) WithNumbers(_ context.Context, _ office.ID, numbers []string) ([]office.Personnel, error) {
	s.asked = append(s.asked, len(numbers))
	return slices.DeleteFunc(slices.Clone(s.records), func(p office.Personnel) bool { return !slices.Contains(numbers, p.ArmyNumber) }), nil
}

func (s *listed) Trash(_ context.Context, query TrashQuery) (found []office.RecordWithHistory, total int, err error) {
	s.asked = append(s.asked, query.Limit)
	for _, record := range s.after(query.After, query.Offset, query.Limit) {
		found = append(found, office.RecordWithHistory{Personnel: record})
	}
	return found, len(s.records), nil
}

func (s *listed) Changed(_ context.Context, _ office.ID, _ time.Time, last office.Personnel, _, _ int) (found []office.RecordWithHistory, err error) {
	s.asked = append(s.asked, 1)
	for _, record := range s.after(last, 0, 1) {
		found = append(found, office.RecordWithHistory{Personnel: record, History: office.History{{Revision: 1, At: office.Now(), DBID: dbA}}})
	}
	return found, nil
}

// Promise 41: of a long page some records are in memory at a time. They are those of the
// moment when they were counted, without what was deleted since.
func TestLongPagesInSteps(t *testing.T) {
	const n = 5*streamStep/2 + 3
	for path, asked := range map[string][]int{
		"":         {streamStep, streamStep, n - 2*streamStep},
		"/trash":   {streamStep, streamStep, n - 2*streamStep},
		"/changes": slices.Repeat([]int{1}, n+1), // and none after the last
	} {
		t.Run(path, func(t *testing.T) {
			store := &listed{records: officetest.Roster(1, n, dbA)}
			want := officetest.IDs(store.records)
			if path == "" {
				store.records[streamStep].IsDeleted = true
				want = slices.Delete(want, streamStep, streamStep+1)
			}
			ask := httptest.NewRequest("GET", fmt.Sprintf("/personnels/db/%s%s?limit=%d", dbA.Hex(), path, n), nil)
			res, _ := askedByBoss(t, store, ask, 1<<30)
			var got struct {
				StatusCode int
				Data       struct {
					Data []struct{ ID office.ID }
					Meta web.Meta
				}
			}
			officetest.Must(t, json.Unmarshal(res.Body.Bytes(), &got))
			var ids []office.ID
			for _, record := range got.Data.Data {
				ids = append(ids, record.ID)
			}
			officetest.Equal(t, "the records", ids, want)
			officetest.Equal(t, "the rest", got.Data.Meta, web.NewList(ids, web.Page{Number: 1, Limit: n}, n).Meta)
			officetest.Equal(t, "what was asked for", store.asked, asked)
		})
	}
}

// Promise 41: and so are those that the rows of a file are compared with.
func TestUpsertInSteps(t *testing.T) {
	const n = 2*groupsAtOnce + 3
	store, file := &listed{records: officetest.Roster(1, n, dbA)}, "Army Number,Rank\n"
	for _, record := range store.records {
		file += record.ArmyNumber + "," + record.Rank + "\n"
	}
	ask := httptest.NewRequest("POST", "/personnels/upload?mode=upsert&db_id="+dbA.Hex(), strings.NewReader(file))
	ask.Header.Set("Content-Type", csvType)
	res, _ := askedByBoss(t, store, ask, 1<<20)
	if !strings.Contains(res.Body.String(), fmt.Sprintf("0 changed, %d unchanged", n)) {
		t.Errorf("the answer is %d %s", res.Code, res.Body)
	}
	officetest.Equal(t, "what was asked for", store.asked, []int{groupsAtOnce, groupsAtOnce, 3})
}
