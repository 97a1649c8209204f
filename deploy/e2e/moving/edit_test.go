package moving

import (
	"slices"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// checkEditing edits a record that the old backend kept without a sort code,
// in the form in which another one was open before: it stays without. A record
// that has one cannot lose it.
func checkEditing(t *testing.T, origin string) {
	t.Helper()
	chief, _, err := client.New(origin).Login(t.Context(), admin.number, admin.password)
	must(t, err)
	c := check{t, origin + ": ", chief}
	records := get[[]client.Record](c, "/personnels")
	with := records[slices.IndexFunc(records, func(r client.Record) bool { return r.Bank.SortCode != "" && r.Location != "" })]
	without := records[slices.IndexFunc(records, func(r client.Record) bool { return r.Bank.SortCode == "" && r.Location == "" })]

	form := client.EditForm{}
	form.Open(get[map[string]any](c, "/personnels/"+with.ID))
	form.Open(get[map[string]any](c, "/personnels/"+without.ID))
	form["rank"] = "Col"
	c.patch(without.ID, form, 200)
	c.patch(without.ID, sortCode(nil), 200)
	c.patch(with.ID, sortCode(""), 400)
	c.patch(with.ID, sortCode(nil), 400)

	edited := get[client.Record](c, "/personnels/"+without.ID)
	without.Rank, without.UpdatedAt, without.Revision = "Col", edited.UpdatedAt, 2
	same(c, "the edited record", []client.Record{edited}, []client.Record{without})
	same(c, "the other record", []client.Record{get[client.Record](c, "/personnels/"+with.ID)}, []client.Record{with})
}

func sortCode(value any) map[string]any {
	return map[string]any{"bank": map[string]any{"sort_code": value}}
}

func (c check) patch(id string, change any, want int) {
	c.t.Helper()
	res, err := c.caller.Call(c.t.Context(), "PATCH", "/personnels/"+id, change)
	if err != nil || res.Status != want {
		c.t.Errorf("%sPATCH of %v: got %d %s, %v, want %d", c.where, change, res.Status, res.Message, err, want)
	}
}
