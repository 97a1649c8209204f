package office

import "strings"

// Two that the rules of today make one (in letter case, in a blank at the end) are
// both kept when they are taken over, told apart by an id, until an admin corrects one.

// NumberApart is an army number that no other user has: it ends with the user's id.
func NumberApart(number, id string) string {
	room := MaxName - len(" ") - len(id)
	if characters := []rune(number); len(characters) > room {
		number = string(characters[:room])
	}
	return strings.TrimSpace(strings.TrimSpace(number) + " " + id)
}

// FoldedApart is a folded short code that no other database has: no code has a line
// break in it.
func FoldedApart(folded, id string) string { return folded + "\n" + id }
