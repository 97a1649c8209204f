package office

import "strings"

// Old data may hold two army numbers or short codes that today's rules consider equal,
// for example in another letter case or with a blank at the end. Both are kept, told
// apart by an id, until an admin corrects one.

// DistinctNumber is an army number that no other user has: it ends with the user's id.
func DistinctNumber(number, id string) string {
	room := MaxName - len(" ") - len(id)
	if characters := []rune(number); len(characters) > room {
		number = string(characters[:room])
	}
	return strings.TrimSpace(strings.TrimSpace(number) + " " + id)
}

// DistinctCode is a folded short code of no other database: no code contains a line break.
func DistinctCode(folded, id string) string { return folded + "\n" + id }
