package mongodb

// SetDeleteStep makes the deletion of a database take many steps for few
// records.
func (c *Client) SetDeleteStep(records int) { c.deleteStep = records }
