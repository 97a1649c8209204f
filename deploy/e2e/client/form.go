package client

// EditForm is a record in the edit form of the frontend. Saving sends all of it.
type EditForm map[string]any

// Open fills in a record as the API answers it. A field that is absent keeps
// what stood there of the record that was open before.
func (f EditForm) Open(record map[string]any) {
	for name, value := range record {
		inner, nested := value.(map[string]any)
		before, filled := f[name].(map[string]any)
		if nested && filled {
			EditForm(before).Open(inner)
		} else {
			f[name] = value
		}
	}
}
