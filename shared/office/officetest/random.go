package officetest

import (
	"math/rand/v2"
	"strings"

	"officepay.example/shared/office"
)

// Rand gives random numbers that are the same on every run.
func Rand() *rand.Rand { return rand.New(rand.NewPCG(7, 11)) }

// Pick is one of the choices.
func Pick[T any](rng *rand.Rand, choices ...T) T { return choices[rng.IntN(len(choices))] }

// Shuffled are the items in another order.
func Shuffled[T any](items []T) []T {
	mixed := append([]T{}, items...)
	Rand().Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	return mixed
}

// syllables are what names and searches are made of. Some are patterns or
// quotes in the language of some store, some are equal to others under case
// folding, some only look equal.
var syllables = []string{
	"mu", "sa", "IBRA", "him", "ss", "12", "/", "-", // as names are
	"%", "_", `\`, "'", `"`, ".", "*", "?", "^", "$", "(", "[a-z]", "{", "|", // patterns and quotes
	"(a+)+$", ".*", "%%", `\%`, `\_`, "$ne", "{$gt:''}", "' OR 1=1 --", // and whole attacks
	"É", "é", "ọ\u0300", "E", "e", // the third has a combining accent
	"ſ", "S", "s", "ß", "ẞ",
	"İ", "I", "i", "ı",
	"Σ", "σ", "ς", "ǅ", "ǆ", "日本", "🎖",
}

// RandomName is a name that might break a search.
func RandomName(rng *rand.Rand) string {
	var name strings.Builder
	for range 1 + rng.IntN(3) {
		name.WriteString(Pick(rng, syllables...))
	}
	kept, _ := office.Name.Parse(name.String())
	return kept
}

// RandomWords are the words of a random search: mostly one, sometimes none or
// several, in any letter case.
func RandomWords(rng *rand.Rand) []string {
	typed := ""
	for range Pick(rng, 0, 1, 1, 1, 2, 3) {
		recase := Pick(rng, strings.ToUpper, strings.ToLower, strings.Clone)
		typed += Pick(rng, " ", " ", "") + recase(Pick(rng, syllables...))
	}
	return office.SearchWords(typed)
}

// RandomScope is everything, nothing, or some of the databases and perhaps one
// that does not exist.
func RandomScope(rng *rand.Rand, dbs []office.DB) office.Scope {
	scope := office.Scope{All: rng.IntN(4) == 0}
	for _, db := range dbs {
		if rng.IntN(2) == 0 {
			scope.DBs = append(scope.DBs, db.ID)
		}
	}
	if rng.IntN(4) == 0 {
		scope.DBs = append(scope.DBs, Missing)
	}
	return scope
}
