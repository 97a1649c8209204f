package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"officepay.example/deploy/bench/dataset"
	"officepay.example/shared/office"
)

// uploadRows is the size of an upload.
const uploadRows = 1000

func login(number string) request {
	return request{"POST", "/auth/login", encode(map[string]string{"army_number": number, "password": dataset.Password})}
}

// newRecord is one that nobody has yet.
func (s *site) newRecord() office.Personnel {
	n := s.next.Add(1)
	now := office.Now()
	return office.Personnel{
		ID: office.NewID(), DBID: s.db, FirstName: "Danladi", LastName: "Okonkwo", MiddleName: "Sunday",
		ArmyNumber: fmt.Sprintf("B/%09d", n), PhoneNumber: "08031234567", Rank: "Cpl",
		Bank: office.Bank{Name: "FIRST BANK OF NIGERIA", SortCode: "011151003"}, AcctNumber: fmt.Sprintf("%010d", n),
		SubSector: "Sector 2A", Location: "Maiduguri", Status: office.StatusActive, CreatedAt: now, UpdatedAt: now,
	}
}

func (s *site) newRecords(count int) []office.Personnel {
	records := make([]office.Personnel, count)
	for i := range records {
		records[i] = s.newRecord()
	}
	return records
}

func create(s *site, _ *rand.Rand) request {
	return request{"POST", "/personnels", encode(s.newRecord())}
}

func directCreate(ctx context.Context, s *site, _ *rand.Rand) error {
	return s.put(ctx, 1)
}

func (s *site) put(ctx context.Context, count int) error {
	taken, err := s.store.Personnel().Create(ctx, s.newRecords(count), office.Edit{})
	if err == nil && len(taken) > 0 {
		err = fmt.Errorf("%d of %d records were refused", len(taken), count)
	}
	return err
}

func upload(s *site, _ *rand.Rand) request {
	return request{"POST", "/personnels/upload", encode(s.newRecords(uploadRows))}
}

func directUpload(ctx context.Context, s *site, _ *rand.Rand) error { return s.put(ctx, uploadRows) }

// patch changes what an office changes most.
func patch(s *site, rng *rand.Rand) request {
	changes := map[string]string{"rank": fmt.Sprintf("Sgt %d", rng.IntN(9)), "remark": "changed", "status": string(someStatus(rng))}
	return request{"PATCH", "/personnels/" + s.someID(rng), encode(changes)}
}

func directPatch(ctx context.Context, s *site, rng *rand.Rand) error {
	id, err := office.ParseID(s.someID(rng))
	if err != nil {
		return err
	}
	status := someStatus(rng)
	change := office.PersonnelPatch{Rank: new(fmt.Sprintf("Sgt %d", rng.IntN(9))), Remark: new("changed"), Status: &status}
	_, _, err = s.store.Personnel().Update(ctx, office.Scope{All: true}, id, change, office.Edit{At: office.Now()})
	return err
}

func someStatus(rng *rand.Rand) office.Status { return office.Statuses[rng.IntN(len(office.Statuses))] }

// mixed are the parts of the mix, each as often as it is listed: 80 % reads,
// 15 % writes, 5 % searches.
var mixed = []func(*site, *rand.Rand) request{
	getOne, getOne, getOne, getOne, getOne, getOne, getOne, getOne,
	pageOf(""), pageOf(""), pageOf(""), pageOf(office.StatusActive), pageOf(office.StatusPosted),
	fixed("GET", "/analytics/dashboard"), analyticsOf, fixed("GET", "/admin/dbs"),
	patch, patch, create,
	someSearch,
}

func mix(s *site, rng *rand.Rand) request { return mixed[rng.IntN(len(mixed))](s, rng) }

// pageOf is one of the first pages.
func pageOf(status office.Status) func(*site, *rand.Rand) request {
	return func(s *site, rng *rand.Rand) request {
		return s.list(fmt.Sprintf("page=%d&limit=%d&filter=%s", 1+rng.IntN(3), pageSize, status))
	}
}

// someSearch is a search as people type.
func someSearch(s *site, rng *rand.Rand) request {
	words := []string{"musa", "ibr", "okafor", "ngozi+ade", "/1002", "yus", "bello+al", dataset.Few[:4], "chukwu"}
	return s.list(fmt.Sprintf("limit=%d&search=%s", pageSize, words[rng.IntN(len(words))]))
}

// encode is the JSON of what can always be encoded.
func encode(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return data
}
