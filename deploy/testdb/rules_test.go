package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// row is a rule as README.md has it.
func (r rule) row() string {
	source := fmt.Sprintf("[%s](https://www.mongodb.com/docs/manual/%[1]s/)", r.source)
	if strings.HasPrefix(r.source, "src/") {
		source = name(r.source)
	}
	code := "–"
	if r.code != 0 {
		code = fmt.Sprint(r.code)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |", name(r.in), name(r.part), r.keeps, code, source)
}

// name is a name in a command, or what stands for several.
func name(s string) string {
	if strings.ContainsAny(s, " (") {
		return s
	}
	return "`" + s + "`"
}

// TestREADMEHasTheRules compares the list in README.md with the rules, both ways.
func TestREADMEHasTheRules(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	for _, r := range rules {
		fmt.Fprintln(&want, r.row())
	}
	_, list, _ := strings.Cut(string(readme), "|---|---|---|---|---|\n")
	list, _, _ = strings.Cut(list, "\n\n")
	if list+"\n" != want.String() {
		t.Errorf("the list in README.md is not that of the rules, which is\n%s", want.String())
	}
}

// TestRulesRefuse breaks every rule.
func TestRulesRefuse(t *testing.T) {
	broken := map[string]bool{}
	for _, c := range refused {
		found := check(t, c.command)
		rules := byPart[[2]string{c.in, c.part}]
		i := slices.IndexFunc(rules, func(r rule) bool { return found != nil && found.code == r.code && found.says == "must be "+r.keeps })
		if i < 0 {
			t.Errorf("%s %s: %+v is refused with %+v, and should be with one of %v", c.in, c.part, c.command, found, rules)
			continue
		}
		broken[rules[i].row()] = true
	}
	for _, r := range rules {
		if r.code != 0 && !broken[r.row()] {
			t.Errorf("nothing breaks the rule %s", r.row())
		}
	}
}

func check(t *testing.T, command bson.D) *refusal {
	t.Helper()
	body, err := bson.Marshal(command)
	if err != nil {
		t.Fatal(err)
	}
	id := indexSpec{Key: bson.Raw("\x0e\x00\x00\x00\x10_id\x00\x01\x00\x00\x00\x00")}
	c := checker{func() []indexSpec { return []indexSpec{id} }, func(rule) {}}
	return c.check(command[0].Key, body)
}

// TestUncoveredIsRefused has something new at each place in a command.
func TestUncoveredIsRefused(t *testing.T) {
	for what, command := range map[string]bson.D{
		"mapReduce":           d("mapReduce", "things"),
		"collation":           find("collation", d("locale", "en")),
		"filter.$nor":         filtered(d("$nor", bson.A{d("n", 1)})),
		"filter.n.$size":      filtered(d("n", d("$size", 1))),
		"filter.n.m":          filtered(d("n", d("m", 1))),
		"filter.$or.0.n.$mod": filtered(d("$or", bson.A{d("n", d("$mod", 1))})),
		"pipeline.0.$skip":    aggregate(d("$skip", 1)),
		"updates.0.upsert":    updated("q", d(), "u", d("$set", d("n", 1)), "upsert", true),
		"updates.0.u.$rename": changed("$rename", d("n", "m")),
		"updates.0.u.n":       changed("n", 1),
		"indexes.0.sparse":    indexed("key", d("n", 1), "name", "n", "sparse", true),
		"writeConcern":        find("writeConcern", d("w", 1)),
	} {
		found := check(t, command)
		if found == nil || found.code != notImplemented || strings.Join(found.path, ".") != what {
			t.Errorf("%s: %+v", what, found)
		}
	}
}

// TestServerKeepsTheRules has the server that MONGO_URI names refuse what the
// front refuses for it.
func TestServerKeepsTheRules(t *testing.T) {
	uri := os.Getenv("MONGO_URI")
	if uri == "" {
		t.Skip("needs a server, which MONGO_URI names")
	}
	things, disconnect := connect(t, uri)
	defer disconnect()
	db := things.Database().Client().Database("test-" + bson.NewObjectID().Hex())
	defer func() { _ = db.Drop(t.Context()) }()
	insert(t, db.Collection("things"), d("_id", 1, "n", 1))
	for _, c := range refused {
		if c.hereOnly {
			continue
		}
		err := db.RunCommand(t.Context(), c.command).Err()
		var answer mongo.ServerError
		if !errors.As(err, &answer) {
			t.Errorf("%s %s: %.200v is taken: %v", c.in, c.part, c.command, err)
		}
	}
}

// TestRefusalIsAnswered has the reply reach a client that has an error to show.
func TestRefusalIsAnswered(t *testing.T) {
	things := serve(t)
	_, err := things.Aggregate(t.Context(), bson.A{d("$group", d("_id", d("figure", 1)))})
	var answer mongo.CommandError
	if !errors.As(err, &answer) || answer.Code != groupByInclusion || !strings.Contains(answer.Message, "pipeline.0.$group._id.figure") {
		t.Errorf("the error is %v", err)
	}
}

// TestServicesAloneAreHeldToShards requires a service to name a record as a sharded
// cluster asks for, and no other client.
func TestServicesAloneAreHeldToShards(t *testing.T) {
	uri, stop := start(t)
	defer stop()
	for name, isRefused := range map[string]bool{"office-payment-personnel": true, "mongosh": false} {
		things, disconnect := connect(t, strings.TrimSuffix(uri, "/")+"/?appName="+name)
		_, err := things.Database().Collection(sharded).DeleteOne(t.Context(), d("army_number", "N/1"))
		if (err != nil) != isRefused {
			t.Errorf("%s: the error is %v", name, err)
		}
		disconnect()
	}
}
