package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"officepay.example/deploy/e2e/client"
)

//go:embed personnel-1000.csv
var personnelCSV []byte

// columns are those of the file, each with the field that it becomes.
var columns = map[string]func(*client.Record) *string{
	"Army Number":    func(r *client.Record) *string { return &r.ArmyNumber },
	"Rank":           func(r *client.Record) *string { return &r.Rank },
	"First Name":     func(r *client.Record) *string { return &r.FirstName },
	"Middle Name":    func(r *client.Record) *string { return &r.MiddleName },
	"Last Name":      func(r *client.Record) *string { return &r.LastName },
	"Phone Number":   func(r *client.Record) *string { return &r.PhoneNumber },
	"Bank Name":      func(r *client.Record) *string { return &r.Bank.Name },
	"Account Number": func(r *client.Record) *string { return &r.AcctNumber },
	"Bank Sort Code": func(r *client.Record) *string { return &r.Bank.SortCode },
	"Sub Sector":     func(r *client.Record) *string { return &r.SubSector },
	"Location":       func(r *client.Record) *string { return &r.Location },
	"Remark":         func(r *client.Record) *string { return &r.Remark },
}

// people are records, in the order of the file.
type people []client.Record

func readPeople() (people, error) {
	rows, err := csv.NewReader(bytes.NewReader(personnelCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("personnel-1000.csv: %w", err)
	}
	var read people
	for _, row := range rows[1:] {
		record := client.Record{Status: client.Statuses[0]}
		for i, name := range rows[0] {
			field, ok := columns[name]
			if !ok {
				return nil, fmt.Errorf("personnel-1000.csv: the column %q is unknown", name)
			}
			*field(&record) = row[i]
		}
		read = append(read, record)
	}
	return read, nil
}

// where are those for whom the condition is true.
func (p people) where(is func(client.Record) bool) people {
	return slices.DeleteFunc(slices.Clone(p), func(r client.Record) bool { return !is(r) })
}

// count is for how many of them the condition is true.
func (p people) count(is func(client.Record) bool) int { return len(p.where(is)) }

func withStatus(status string) func(client.Record) bool {
	return func(r client.Record) bool { return r.Status == status }
}

func withRank(rank string) func(client.Record) bool {
	return func(r client.Record) bool { return r.Rank == rank }
}

func inSubSector(name string) func(client.Record) bool {
	return func(r client.Record) bool { return r.SubSector == name }
}

// matching is the search of the API, word by word and without letter case.
func matching(typed string) func(client.Record) bool {
	words := strings.Fields(strings.ToLower(typed))
	return func(r client.Record) bool {
		fields := strings.ToLower(strings.Join([]string{r.FirstName, r.MiddleName, r.LastName, r.ArmyNumber}, "\n"))
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(fields, word) })
	}
}
