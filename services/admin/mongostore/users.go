package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/admin"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Users implements admin.Store.
func (s Store) Users(ctx context.Context, query admin.UserQuery) ([]office.User, int, error) {
	filter := bson.M{}
	if query.Role != "" {
		filter["role"] = query.Role
	}
	docs, total, err := s.Client.Users().Page(ctx, mongodb.Containing(filter, query.Words),
		mongodb.Part{Sort: inOrder, Offset: query.Offset, Limit: query.Limit})
	return mongodb.Convert(docs, document.User.User), total, err
}

// CreateUser implements admin.Store.
func (s Store) CreateUser(ctx context.Context, user office.User) error {
	return mongodb.Taken(s.Client.Users().Insert(ctx, document.UserOf(user)), office.ErrArmyNumberTaken)
}

// UpdateUser implements admin.Store.
func (s Store) UpdateUser(ctx context.Context, id office.ID, patch office.UserPatch) error {
	demotes := patch.Role != nil && *patch.Role != office.RoleAdmin
	err := s.change(ctx, id, demotes, func(was document.User, unchanged bson.M) (bool, error) {
		update := bson.M{"$set": userFields(was.User(), patch)}
		if demotes {
			update["$unset"] = bson.M{leavingField: ""}
		}
		return s.Client.Users().Update(ctx, mongodb.WithText(unchanged, was.SearchText), update)
	})
	return mongodb.Taken(err, office.ErrArmyNumberTaken)
}

// userFields are the fields that a change of a user sets.
func userFields(user office.User, patch office.UserPatch) bson.M {
	patch.Apply(&user)
	fields := bson.M{"search_text": user.SearchText()}
	mongodb.Set(fields, "first_name", patch.FirstName)
	mongodb.Set(fields, "last_name", patch.LastName)
	mongodb.Set(fields, "army_number", patch.ArmyNumber)
	if patch.Role != nil {
		fields["role"], fields["access_all_db"] = *patch.Role, user.IsAdmin()
	}
	if patch.AllowedDBs != nil {
		fields["allowed_dbs"] = document.HexIDs(*patch.AllowedDBs)
	}
	return fields
}

// DeleteUser implements admin.Store.
func (s Store) DeleteUser(ctx context.Context, id office.ID) error {
	return s.change(ctx, id, true, func(_ document.User, unchanged bson.M) (bool, error) {
		return s.Client.Users().Delete(ctx, unchanged)
	})
}

// change makes a change of a user who is still an admin or still none, as he
// was read: whoever has no role is none. One that removes an admin is made only
// while another stays; see leavingField. It returns office.ErrNotFound,
// office.ErrLastAdmin, or what making it returns.
func (s Store) change(ctx context.Context, id office.ID, removes bool, try func(was document.User, unchanged bson.M) (bool, error)) error {
	return mongodb.Repeat(ctx, func() (bool, error) {
		was, err := s.Client.Users().One(ctx, bson.M{"_id": id})
		if err != nil {
			return false, err
		}
		if !was.User().IsAdmin() {
			return try(was, bson.M{"_id": id, "role": bson.M{"$ne": office.RoleAdmin}})
		}
		unchanged := bson.M{"_id": id, "role": office.RoleAdmin}
		if !removes {
			return try(was, unchanged)
		}
		mark, err := s.leave(ctx, id)
		if err != nil || mark.IsZero() {
			return false, err
		}
		unchanged[leavingField] = mark
		done, err := try(was, unchanged)
		if !done {
			s.stay(ctx, id, mark)
		}
		return done, err
	})
}

// ResetPassword implements admin.Store.
func (s Store) ResetPassword(ctx context.Context, id office.ID, change office.PasswordChange) error {
	return s.Client.SetPassword(ctx, bson.M{"_id": id}, change)
}
