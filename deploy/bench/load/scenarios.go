package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"officepay.example/deploy/bench/dataset"
	"officepay.example/services/analytics"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

// scenario is one thing that users do.
type scenario struct {
	name  string
	conns int // 0 is as many as the run has
	// request makes the next call of the API.
	request func(s *site, rng *rand.Rand) request
	// direct asks the store the same, without HTTP. Nil where the store has nothing like it.
	direct func(ctx context.Context, s *site, rng *rand.Rand) error
	// raw does the least that SQLite needs to keep the same; see raw.
	raw func(ctx context.Context, s *site) error
}

// pageSize is what the personnel screen shows.
const pageSize = 50

// scenarios are all, in the order of the table.
func scenarios() []scenario {
	return slices.Concat(
		[]scenario{{name: "get one", request: getOne, direct: directGet}},
		pages("", ""), pages(" active", office.StatusActive),
		[]scenario{{name: "some page", request: somePage}},
		searches(),
		[]scenario{
			{name: "dashboard", request: fixed("GET", "/analytics/dashboard"), direct: directDashboard},
			{name: "analytics of a database", request: analyticsOf, direct: directFigures},
			{name: "alone: checks of everything", conns: 1, request: fixed("GET", "/personnels/checks")},
			{name: "create", request: create, direct: directCreate, raw: rawCreate},
			{name: "patch", request: patch, direct: directPatch},
			{name: "upload 1000", conns: 1, request: upload, direct: directUpload, raw: rawUpload},
			{name: "upload 1000, raw plain", conns: 1, request: upload, direct: directUpload, raw: rawPlainUpload},
			{name: "login", conns: 1, request: func(*site, *rand.Rand) request { return login(dataset.Admin) }},
			{name: "login, 4 at once", conns: 4, request: func(*site, *rand.Rand) request { return login(dataset.Admin) }},
			{name: "mix", request: mix},
		})
}

func getOne(s *site, rng *rand.Rand) request {
	return request{method: "GET", path: "/personnels/" + s.someID(rng)}
}

func directGet(ctx context.Context, s *site, rng *rand.Rand) error {
	id, err := office.ParseID(s.someID(rng))
	if err == nil {
		_, err = s.store.Personnel().Get(ctx, office.Scope{All: true}, id)
	}
	return err
}

func fixed(method, path string) func(*site, *rand.Rand) request {
	return func(*site, *rand.Rand) request { return request{method: method, path: path} }
}

// pages are page 1, page 100 and the last page of the database, of one status
// or all.
func pages(suffix string, status office.Status) []scenario {
	last := func(s *site) int {
		if status != "" {
			return (s.active + pageSize - 1) / pageSize
		}
		return (s.total + pageSize - 1) / pageSize
	}
	// The smallest office has no page 100 of 50.
	const shorter = 30
	return []scenario{
		listing("page 1"+suffix, status, pageSize, func(*site) int { return 1 }, nil),
		listing("page 100"+suffix, status, shorter, func(*site) int { return 100 }, nil),
		listing("last page"+suffix, status, pageSize, last, nil),
	}
}

// somePage is one of more pages than the server keeps in memory.
func somePage(s *site, rng *rand.Rand) request {
	return s.list(fmt.Sprintf("page=%d&limit=%d", 1+rng.IntN(20), 30+rng.IntN(41)))
}

// searches are for words of one, two, three and eight characters with few,
// many and no matches. Two more show what many people have, and grow with the
// office.
func searches() []scenario {
	var all []scenario
	for _, words := range []struct{ few, many, none string }{
		{"q", "a", "~"}, {dataset.Few[:2], "an", "zz"},
		{dataset.Few[:3], dataset.Many[:3], dataset.None[:3]}, {dataset.Few, dataset.Many, dataset.None},
	} {
		for _, word := range []string{words.few, words.many, words.none} {
			all = append(all, search(word))
		}
	}
	all = append(all, search("mus"), search("ibrahim ab"))
	for _, word := range alone {
		sc := search(word)
		sc.name, sc.conns = "alone: "+sc.name, 1
		all = append(all, sc)
	}
	return all
}

// asManyMatch are the words that occur in as many records at every size. alone are those
// that are also searched for while nobody else uses the server.
var (
	asManyMatch = []string{dataset.Few[:3], dataset.Many[:3], dataset.None[:3], dataset.Few, dataset.Many, dataset.None}
	alone       = []string{dataset.Few[:3], dataset.Many[:3], dataset.Many, "mus", "ibrahim ab"}
)

func search(typed string) scenario {
	return listing("search "+typed, "", pageSize, func(*site) int { return 1 }, office.SearchWords(typed))
}

// listing asks for a page of the database.
func listing(name string, status office.Status, limit int, page func(*site) int, words []string) scenario {
	return scenario{
		name: name,
		request: func(s *site, _ *rand.Rand) request {
			typed := ""
			for _, word := range words {
				typed += word + "+"
			}
			return s.list(fmt.Sprintf("page=%d&limit=%d&filter=%s&search=%s", page(s), limit, status, typed))
		},
		direct: func(ctx context.Context, s *site, _ *rand.Rand) error {
			_, _, err := s.store.Personnel().Page(ctx, personnel.Query{
				Scope: office.ScopeOf(s.db), Words: words, Status: status, Offset: (page(s) - 1) * limit, Limit: limit,
			})
			return err
		},
	}
}

func analyticsOf(s *site, _ *rand.Rand) request {
	return request{method: "GET", path: "/analytics/personnels/db/" + s.db.Hex()}
}

func directDashboard(ctx context.Context, s *site, _ *rand.Rand) error {
	_, err := s.store.Analytics().Dashboard(ctx, analytics.MonthAt(time.Now()))
	return err
}

func directFigures(ctx context.Context, s *site, _ *rand.Rand) error {
	_, err := s.store.Analytics().DBFigures(ctx, s.db, analytics.MonthAt(time.Now()))
	return err
}
