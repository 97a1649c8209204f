package admin

import (
	"context"
	"encoding/json"
	"net/url"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/web"
)

// shown is a store of users who all may see one database, which counts how often it is
// asked for that.
type shown struct {
	Store
	users []office.User
	asked int
}

func (s *shown) Users(context.Context, UserQuery) ([]office.User, int, error) {
	return s.users, len(s.users), nil
}

func (s *shown) DBsByID(context.Context, []office.ID) ([]office.DB, error) {
	s.asked++
	return []office.DB{officetest.DB(1)}, nil
}

// Promise 41: of a long list of users, some are in memory with their databases.
func TestUsersInSteps(t *testing.T) {
	store := &shown{}
	for n := range 2*viewStep + 1 {
		store.users = append(store.users, officetest.User(n, officetest.Allowed(officetest.DB(1).ID)))
	}
	s := &service{Deps{Store: store}}
	answer, err := s.listUsers(t.Context(), &web.Request{Query: url.Values{"limit": {"100"}}})
	officetest.Must(t, err)
	var body []byte
	for chunk, err := range answer.Stream {
		officetest.Must(t, err)
		body = append(body, chunk...)
	}
	var got struct{ Data web.List[office.UserView] }
	officetest.Must(t, json.Unmarshal(body, &got))
	officetest.Equal(t, "the steps", store.asked, 3)
	officetest.Equal(t, "the users", len(got.Data.Data), len(store.users))
	officetest.Equal(t, "the databases of the last", len(got.Data.Data[2*viewStep].AllowedDBs), 1)
}
