package mongostore

import (
	"bytes"
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Somebody must stay an admin who is not read-only, also when several are demoted or
// deleted at once by several replicas. Admin means such a one here. Who removes an admin
//
//  1. marks him as leaving,
//  2. then looks for another admin who is not marked, and
//  3. demotes or deletes him, if the mark is still there.
//
// So one always stays: suppose that some admins were removed, and take the
// one of them who was marked last. The other one that was found for him in
// step 2 had no mark then; if he were removed too, he would have been marked
// later. So he was not removed.
//
// When a mark has been removed, step 3 fails, and the three steps are repeated; so
// the mark of a process that died, or was only slow, can be removed. When all admins
// are marked, the one with the greatest id keeps the mark, and waits for the others
// to give up theirs.
const leavingField = "leaving"

// markLifetime is the age at which a mark counts as abandoned: the deadlines of
// requests are shorter.
const markLifetime = 30 * time.Second

// recheckPause is how long the admin who keeps his mark waits before he looks
// again.
const recheckPause = 10 * time.Millisecond

// oldestMark is less than every mark that is not abandoned. A mark is an id made
// for it, and so begins with the time.
func oldestMark() office.ID { return bson.NewObjectIDFromTimestamp(time.Now().Add(-markLifetime)) }

// adminDoc is what is asked about an admin.
type adminDoc struct {
	ID      office.ID `bson:"_id"`
	Leaving office.ID `bson:"leaving"`
}

func (s Store) admins() mongodb.Collection[adminDoc] {
	return mongodb.CollectionOf[adminDoc](s.Client, document.Users)
}

// mayChange is what read_only is of whoever is not; documents may lack it.
var mayChange = bson.M{"$ne": true}

// administering narrows a filter to admins.
func administering(filter bson.M) bson.M {
	filter["role"], filter["read_only"] = office.RoleAdmin, mayChange
	return filter
}

// keepingAdmin makes a change of a user as long as he is an admin or none, as he
// was read. One that removes an admin is made only while another stays; see
// leavingField. It returns office.ErrNotFound, office.ErrLastAdmin, or what try
// returns.
func (s Store) keepingAdmin(ctx context.Context, id office.ID, removes bool, try func(was document.User, unchanged bson.M) (bool, error)) error {
	return mongodb.Repeat(ctx, func() (bool, error) {
		was, err := s.Client.Users().One(ctx, bson.M{"_id": id})
		if err != nil {
			return false, err
		}
		if !was.User().Administers() {
			return try(was, bson.M{"_id": id, "$or": bson.A{bson.M{"role": bson.M{"$ne": office.RoleAdmin}}, bson.M{"read_only": true}}})
		}
		unchanged := administering(bson.M{"_id": id})
		if !removes {
			return try(was, unchanged)
		}
		mark, err := s.markLeaving(ctx, id)
		if err != nil || mark.IsZero() {
			return false, err
		}
		unchanged[leavingField] = mark
		done, err := try(was, unchanged)
		if !done {
			s.unmark(ctx, id, mark)
		}
		return done, err
	})
}

// markLeaving does steps 1 and 2, and returns the mark. The zero mark means that all
// must start again. It returns office.ErrLastAdmin when there is nobody else.
func (s Store) markLeaving(ctx context.Context, id office.ID) (office.ID, error) {
	mark := office.NewID()
	free := bson.A{bson.M{leavingField: nil}, bson.M{leavingField: bson.M{"$lt": oldestMark()}}}
	marked, err := s.admins().Update(ctx, administering(bson.M{"_id": id, "$or": free}),
		bson.M{"$set": bson.M{leavingField: mark}})
	if err != nil || !marked { // somebody else removes him just now
		return office.ID{}, err
	}
	stays, err := s.anotherStays(ctx, id)
	if err != nil || !stays {
		s.unmark(ctx, id, mark)
		return office.ID{}, err
	}
	return mark, nil
}

// anotherStays is step 2. It is false when others that are marked have to go
// first.
func (s Store) anotherStays(ctx context.Context, id office.ID) (bool, error) {
	for {
		others, err := s.admins().Find(ctx, administering(bson.M{"_id": bson.M{"$ne": id}}),
			mongodb.Part{Fields: []string{leavingField}})
		if err != nil {
			return false, err
		}
		limit := oldestMark()
		anyone := func(is func(adminDoc) bool) bool { return slices.ContainsFunc(others, is) }
		switch {
		case len(others) == 0:
			return false, office.ErrLastAdmin
		case anyone(func(other adminDoc) bool { return other.Leaving.IsZero() }):
			return true, nil
		case anyone(func(other adminDoc) bool { return compare(other.Leaving, limit) < 0 }):
			err = s.admins().UpdateAll(ctx, 0, administering(bson.M{leavingField: bson.M{"$lt": limit}}),
				bson.M{"$unset": bson.M{leavingField: ""}})
		case anyone(func(other adminDoc) bool { return compare(other.ID, id) > 0 }):
			return false, nil
		default:
			err = mongodb.Pause(ctx, recheckPause)
		}
		if err != nil {
			return false, err
		}
	}
}

func compare(a, b office.ID) int { return bytes.Compare(a[:], b[:]) }

// unmark takes a mark away, also when the request has run out of time. Where it
// fails, the mark is abandoned.
func (s Store) unmark(ctx context.Context, id, mark office.ID) {
	s.admins().Update(context.WithoutCancel(ctx), bson.M{"_id": id, leavingField: mark},
		bson.M{"$unset": bson.M{leavingField: ""}})
}
