package main

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"officepay.example/deploy/e2e/client"
)

// analytics compares the figures of north with what must be there, and prints
// them.
func (d *demo) analytics() error {
	path := "/analytics/personnels/db/" + d.north.ID
	figures, err := send[client.Figures](d, d.clerk, "GET", path, nil)
	if err != nil {
		return err
	}
	want := map[string]int{
		"total_personnel":         len(d.people),
		"total_deleted_personnel": d.file.count(inSubSector(leaving)) - d.file.count(leftBefore),
	}
	for _, status := range client.Statuses {
		want["total_"+status+"_personnel"] = d.people.count(withStatus(status))
	}
	d.print(figures)
	for name, total := range want {
		if figures[name].Total != total {
			return fmt.Errorf("%s: expected %d, got %d", name, total, figures[name].Total)
		}
	}
	return nil
}

// leftBefore are those who were moved away before the deletion.
func leftBefore(r client.Record) bool { return r.Rank == moving && r.SubSector == leaving }

func (d *demo) print(figures client.Figures) {
	fmt.Fprintf(d.out, "\nAnalytics of %s\n", d.north.Name)
	table := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "figure\ttotal\tthis month\t")
	for _, name := range slices.Concat([]string{""}, client.Statuses, []string{"deleted"}) {
		key, shown := "total_"+name+"_personnel", name
		if name == "" {
			key, shown = "total_personnel", "all"
		}
		figure := figures[key]
		fmt.Fprintf(table, "%s\t%d\t%+.0f %%\t\n", shown, figure.Total, figure.PercentageIncrease)
	}
	table.Flush()
}
