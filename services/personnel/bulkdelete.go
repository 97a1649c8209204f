package personnel

import (
	"context"
	"net/http"
	"slices"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// idList is what a client sends as personnels_id.
type idList struct {
	ids     []office.ID // each once, in the order sent
	invalid []any       // what is not an id, to be shown to the client
}

const idsField = "personnels_id"

// deleteStep is how many records the store deletes at a time, so that others can write in
// between. One line of the log has their ids, and some collectors cut lines at 16 KB.
const deleteStep = 250

func readIDs(f *web.Form) idList {
	ids, invalid := f.IDs(idsField, maxRows, "records")
	if len(ids)+len(invalid) == 0 && len(f.Problems()) == 0 {
		f.Refuse(idsField, "must name at least one record")
	}
	return idList{ids, invalid}
}

// bulkDelete is DELETE /personnels/bulk-delete. It deletes the records of a list that it
// finds, and names the others. A record outside the caller's databases is not found.
func (s *service) bulkDelete(ctx context.Context, r *web.Request) (*web.Answer, error) {
	list, err := web.Decode(r, web.Whole, readIDs)
	if err != nil {
		return nil, err
	}
	if len(list.invalid) > 0 {
		refused := web.Invalid(web.FieldError{Field: idsField, Message: "must hold ids of 24 hex digits only"})
		refused.Data.(map[string]any)["invalid_ids"] = list.invalid
		return nil, refused
	}
	edit, deleted := s.edit(r), []office.ID{}
	for part := range slices.Chunk(list.ids, deleteStep) {
		gone, err := s.remove(ctx, r, part, edit, "count", len(list.ids))
		if err != nil {
			return nil, err
		}
		if len(gone) > 0 {
			r.Audit("personnel deleted", "count", len(gone), "targets", gone)
		}
		deleted = append(deleted, gone...)
	}
	data := map[string]any{"deleted": len(deleted), "not_found": without(list.ids, deleted)}
	if len(deleted) == 0 {
		return nil, &web.Error{Status: http.StatusNotFound, Message: "None of these records exist.", Data: data}
	}
	return web.OK(were(len(deleted))+" deleted.", data)
}

// without returns the ids that are not among the others.
func without(ids, others []office.ID) []office.ID {
	among := make(map[office.ID]bool, len(others))
	for _, id := range others {
		among[id] = true
	}
	return slices.DeleteFunc(ids, func(id office.ID) bool { return among[id] })
}
