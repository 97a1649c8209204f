package main

import (
	"slices"
	"strings"
)

// rule is what MongoDB asks of one part of the commands that are sent to it.
// README.md has the same list.
type rule struct {
	in     string // a command, a family of them, or a kind of document in one
	part   string // a field of it, or one of those below
	keeps  string // what it must be
	code   int32  // MongoDB's error for what is not; 0 where nothing is refused
	source string // where that is documented: a page of the manual, or a file of the server
	form   form
}

// The parts other than a single named field.
const (
	allOfIt  = "(all of it)"
	itsName  = "(its name)" // the first field of a command
	anyField = "(a field)"
)

// A command has its own rules, those of its family, and those of all commands.
const (
	everyCommand = "every command"
	everyWrite   = "every write"
	everyRead    = "every read"
	theDrivers   = "the driver's own" // not checked
)

// commands are those that are sent, and their families.
var commands = map[string]string{
	"hello": theDrivers, "ping": theDrivers, "endSessions": theDrivers, "killCursors": theDrivers,
	"find": everyRead, "aggregate": everyRead, "getMore": "", "listIndexes": "",
	"insert": everyWrite, "update": everyWrite, "delete": everyWrite,
	"createIndexes": everyWrite, "dropIndexes": everyWrite, "drop": everyWrite, "dropDatabase": everyWrite,
}

// Error codes of the server, by their names in its source,
// src/mongo/base/error_codes.yml, or by what their messages say.
const (
	badValue           = 2
	failedToParse      = 9
	typeMismatch       = 14
	invalidLength      = 16
	conflictingUpdates = 40
	invalidIDField     = 53
	emptyFieldName     = 56
	shardKeyNotFound   = 61
	cannotCreateIndex  = 67
	invalidOptions     = 72
	invalidNamespace   = 73
	notImplemented     = 238
	bsonObjectTooLarge = 10334
	groupIsNoDocument  = 15947
	groupHasNoID       = 15955
	limitNotPositive   = 15958
	matchIsNoFilter    = 15959
	sortIsNoOrder      = 15973
	wrongDirection     = 15975
	sortOfNothing      = 15976
	groupByInclusion   = 17390
	mixedProjection    = 31254
	noAccumulator      = 40234
	severalOperators   = 40238
	stageOfSeveral     = 40323
	missingField       = 40414
)

const (
	maxBatch    = 100_000          // statements or documents of one command
	maxDocument = 16 * 1024 * 1024 // bytes
	maxRegex    = 32764            // bytes
	maxKeys     = 32               // fields of an index
	maxIndexes  = 64               // of a collection
	unlimited   = maxMessageSize
)

// rules are all that is known of what is sent: what they do not cover is refused.
var rules []rule

// byPart are the rules by where they hold.
var byPart = map[[2]string][]rule{}

// init breaks a cycle: rules have forms, and forms look up rules.
func init() {
	rules = slices.Concat(rulesOfCommands(), rulesOfReads(), rulesOfWrites(), rulesOfIndexes())
	for _, r := range rules {
		at := [2]string{r.in, r.part}
		byPart[at] = append(byPart[at], r)
	}
}

// rulesFor are the rules of a part of a command, or of another kind of document.
func rulesFor(kind, part string) []rule {
	kinds, parts := []string{kind}, []string{part}
	family, isCommand := commands[kind]
	switch {
	case part == allOfIt:
	case isCommand && part == kind:
		kinds, parts = append(kinds, everyCommand), append(parts, itsName)
	case isCommand:
		kinds = append(kinds, family, everyCommand)
	case !strings.HasPrefix(part, "$"):
		parts = append(parts, anyField)
	}
	for _, kind := range kinds {
		for _, part := range parts {
			if found := byPart[[2]string{kind, part}]; found != nil {
				return found
			}
		}
	}
	return nil
}
