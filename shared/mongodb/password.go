package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// SetPassword replaces the hash of the user whom the filter matches, and in the same step
// begins the user's next session. It returns office.ErrNotFound if the filter matches
// nobody.
func (c *Client) SetPassword(ctx context.Context, filter bson.M, change office.PasswordChange) error {
	found, err := c.Users().Update(ctx, filter, bson.M{
		"$set": bson.M{"password_hash": change.Hash, "is_generated": change.IsGenerated, "kept_token": change.KeptToken},
		"$inc": bson.M{"session": 1},
	})
	if err == nil && !found {
		return office.ErrNotFound
	}
	return err
}
