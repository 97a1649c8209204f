package mongostore

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// One admin who is not read-only must remain, even if several replicas demote or delete
// several at once. Here, admin means one who is not read-only. To remove an admin, a process
//
//  1. marks the admin as leaving,
//  2. then looks for another admin without a mark, and
//  3. demotes or deletes the marked one, if the mark is still there.
//
// Why one always remains: suppose that some admins were removed, and take the one of them
// who was marked last, A. Step 2 found another admin, B, who had no mark then. If B had been
// removed too, B would have been marked after A. So B was not removed.
//
// If the mark is gone in step 3, the process starts again. So anybody may remove the mark of
// a process that died or is slow. When all admins are marked, the one with the greatest id
// keeps the mark, and its process waits for the others to give up theirs.
const leavingField = "leaving"

var noMark = bson.M{leavingField: ""} // to unset

// markLifetime is when a mark counts as abandoned: requests have shorter deadlines.
const markLifetime = 30 * time.Second

// oldestMark is less than every mark that is not abandoned. A mark is a new id, which
// begins with the time.
func oldestMark() office.ID { return bson.NewObjectIDFromTimestamp(time.Now().Add(-markLifetime)) }

type adminDoc struct {
	ID      office.ID `bson:"_id"`
	Leaving office.ID `bson:"leaving"`
}

func (s Store) admins() mongodb.Collection[adminDoc] {
	return mongodb.CollectionOf[adminDoc](s.Client, document.Users, bson.E{Key: leavingField, Value: 1})
}

// mayChange matches the field read_only of those who may make changes; it may be missing.
var mayChange = bson.M{"$ne": true}

func administering(filter bson.M) bson.M {
	filter["role"], filter["read_only"] = office.RoleAdmin, mayChange
	return filter
}

// keepingAdmin changes a user by calling try with the user as read, and a filter that
// matches the user. If the change removes an admin, it matches only while the user still is
// one, or still is not, and another admin remains; see leavingField. It returns
// office.ErrNotFound, office.ErrLastAdmin, or the error of try.
func (s Store) keepingAdmin(ctx context.Context, id office.ID, removes bool, try func(was document.User, unchanged bson.M) (bool, error)) error {
	return mongodb.Repeat(ctx, func() (bool, error) {
		was, err := s.Client.Users().One(ctx, bson.M{"_id": id})
		switch {
		case err != nil:
			return false, err
		case !removes:
			return try(was, bson.M{"_id": id})
		case !was.Value().Administers():
			return try(was, bson.M{"_id": id, "$or": bson.A{bson.M{"role": bson.M{"$ne": office.RoleAdmin}}, bson.M{"read_only": true}}})
		}
		return s.remove(ctx, id, func(mark office.ID) (bool, error) {
			return try(was, administering(bson.M{"_id": id, leavingField: mark}))
		})
	})
}

// remove takes the three steps, and tells whether the last one was done. If not, the caller
// must start again. It returns office.ErrLastAdmin when there is no other admin.
func (s Store) remove(ctx context.Context, id office.ID, last func(mark office.ID) (bool, error)) (done bool, err error) {
	mark := office.NewID()
	free := bson.A{bson.M{leavingField: nil}, bson.M{leavingField: bson.M{"$lt": oldestMark()}}}
	marked, err := s.admins().Update(ctx, administering(bson.M{"_id": id, "$or": free}),
		bson.M{"$set": bson.M{leavingField: mark}})
	if err != nil || !marked { // another process is removing the same admin
		return false, err
	}
	stays, err := s.anotherStays(ctx, id)
	if stays {
		done, err = last(mark)
	}
	if !done {
		// Even if the request has run out of time. If this fails, the mark is abandoned.
		s.admins().Update(context.WithoutCancel(ctx), bson.M{"_id": id, leavingField: mark}, bson.M{"$unset": noMark})
	}
	return done, err
}

// anotherStays is step 2. It returns false when other marked admins have precedence.
func (s Store) anotherStays(ctx context.Context, id office.ID) (stays bool, err error) {
	err = mongodb.Repeat(ctx, func() (decided bool, err error) {
		others, err := s.admins().Find(ctx, administering(bson.M{"_id": bson.M{"$ne": id}}), mongodb.Part{})
		limit := oldestMark()
		anyone := func(is func(adminDoc) bool) bool { return slices.ContainsFunc(others, is) }
		switch {
		case err != nil:
			return false, err
		case len(others) == 0:
			return false, office.ErrLastAdmin
		case anyone(func(other adminDoc) bool { return other.Leaving.IsZero() }):
			stays = true
			return true, nil
		case anyone(func(other adminDoc) bool { return office.CompareIDs(other.Leaving, limit) < 0 }):
			return false, s.admins().UpdateAll(ctx, 0, administering(bson.M{leavingField: bson.M{"$lt": limit}}), bson.M{"$unset": noMark})
		}
		return anyone(func(other adminDoc) bool { return office.CompareIDs(other.ID, id) > 0 }), nil
	})
	return stays, err
}
