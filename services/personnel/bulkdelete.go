package personnel

import (
	"context"
	"net/http"
	"slices"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

const idsField = "personnels_id"

// deleteStep is how many records the store deletes at a time, so that others can write in
// between. One line of the log has their ids, and some collectors cut lines at 16 KB.
const deleteStep = 250

func readIDs(f *web.Form) web.IDList {
	list := f.IDs(idsField, maxRows, "records")
	if len(list.IDs)+len(list.Invalid) == 0 && len(f.Problems()) == 0 {
		f.Refuse(idsField, "must name at least one record")
	}
	return list
}

// bulkDelete is DELETE /personnels/bulk-delete. It deletes the records of a list that it
// finds, and names the others. A record outside the caller's databases is not found.
func (s *service) bulkDelete(ctx context.Context, r *web.Request) (*web.Answer, error) {
	list, err := web.Decode(r, web.Whole, readIDs)
	if err != nil {
		return nil, err
	}
	if len(list.Invalid) > 0 {
		refused := web.Invalid(idsField, "must hold ids of 24 hex digits only")
		refused.Data["invalid_ids"] = list.Invalid
		return nil, refused
	}
	edit, deleted, notFound := s.edit(r), 0, []office.ID{}
	for part := range slices.Chunk(list.IDs, deleteStep) {
		gone, err := s.remove(ctx, r, part, edit, "count", len(list.IDs))
		if err != nil {
			return nil, err
		}
		if len(gone) > 0 {
			r.Audit("personnel deleted", "count", len(gone), "targets", gone)
		}
		deleted, notFound = deleted+len(gone), append(notFound, without(part, gone)...)
	}
	data := map[string]any{"deleted": deleted, "not_found": notFound}
	if deleted == 0 {
		return nil, &web.Error{Status: http.StatusNotFound, Message: "None of these records exist.", Data: data}
	}
	return web.OK(countWere(deleted)+" deleted.", data)
}

// without is for as few ids as are deleted at a time.
func without(ids, others []office.ID) []office.ID {
	return slices.DeleteFunc(ids, func(id office.ID) bool { return slices.Contains(others, id) })
}
